"""Logits by which a router sends tokens to experts."""

from typing import Any

from kerasloss.core import checks
from kerasloss.core.labels import no_labels
from kerasloss.core.loss import Loss, Tensor


class RouterLoss(Loss):
    """A loss of the logits of a router, `(batch, ..., E)` for E experts; `y_true` is ignored."""

    kind = "router"
    activation = "linear"
    needs_y_true = False

    least_rank = 2
    """The number of axes that `y_pred` must have at least."""

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        shape = tuple(y_pred.shape)
        if len(shape) < self.least_rank or shape[-1] is None:
            axes = "(batch, ..., E)" if self.least_rank == 2 else "(batch, ..., T, E)"
            checks.fail(
                self,
                f"`y_pred` must have shape {axes}, with a known number E of experts",
                f"y_pred.shape={shape}",
            )
        return no_labels(y_pred, len(shape) - 1), y_pred
