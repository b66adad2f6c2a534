"""Models that certain losses need."""

from kerasloss.models.fused_head import FusedHead
from kerasloss.models.gradient_cache import GradientCache

__all__ = ["FusedHead", "GradientCache"]
