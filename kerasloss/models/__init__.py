"""Models that certain losses need."""

from kerasloss.models.fused_head import FusedHead

__all__ = ["FusedHead"]
