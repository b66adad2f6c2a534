"""Log-probabilities of pairs of texts, one of which is preferred."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Loss, Tensor


class PreferenceLoss(Loss):
    """A loss of two numbers for each pair, `[chosen, rejected]`; `y_true` is ignored."""

    kind = "preference"
    needs_y_true = False

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if len(y_pred.shape) != 2 or y_pred.shape[1] != 2:
            checks.fail(
                self,
                "`y_pred` must have shape (N, 2), with [chosen, rejected] on axis 1",
                f"y_pred.shape={tuple(y_pred.shape)}",
            )
        return ops.zeros_like(y_pred[:, 0]), y_pred
