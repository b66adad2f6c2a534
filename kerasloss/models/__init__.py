"""Models that certain losses need."""

from kerasloss.models.cross_batch_memory import CrossBatchMemory
from kerasloss.models.fused_head import FusedHead
from kerasloss.models.gradient_cache import GradientCache

__all__ = ["CrossBatchMemory", "FusedHead", "GradientCache"]
