"""Scores of a critic, real or generated."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor, append_axes
from kerasloss.core.numerics import nan_unless


class CriticLoss(ElementLoss):
    """A loss of a critic's scores of any shape; one label per sample may apply to all of its scores.

    `y_pred` holds the critic's raw scores, and `y_true` is 1 where the network in training wants the score to
    say "real", else 0.
    """

    kind = "binary"
    activation = "linear"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        one_each = len(true_shape) > 0 and true_shape[1:] in ((), (1,))
        if one_each and len(pred_shape) > 1 and checks.lengths_match(true_shape[:1], pred_shape[:1]):
            labels = append_axes(ops.reshape(y_true, (-1,)), len(pred_shape))
            y_true = ops.broadcast_to(labels, ops.shape(y_pred))
        return super().prepare(y_true, y_pred)

    def is_real(self, y_true: Tensor) -> Tensor:
        """1 for a label above 1/2, else 0; NaN for one outside [0, 1]."""
        inside = ops.logical_and(y_true >= 0, y_true <= 1)
        return nan_unless(inside, ops.cast(y_true > 0.5, y_true.dtype))
