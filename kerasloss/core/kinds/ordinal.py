"""Ids of ordered classes against the K - 1 thresholds between them."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.labels import integers, not_ignored
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import nan_unless


class ThresholdLoss(Loss):
    """A loss of class ids `(...)` against one logit for each threshold, `(..., K - 1)`."""

    kind = "ordinal"
    activation = "linear"
    ignore_class = None

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        checks.axis(self, -1, y_pred)
        if checks.lengths_match(true_shape, pred_shape[:-1] + (1,)):
            y_true = ops.squeeze(y_true, -1)
        elif not checks.lengths_match(true_shape, pred_shape[:-1]):
            checks.fail(
                self,
                f"`y_true` must hold class ids of shape {pred_shape[:-1]} or {pred_shape[:-1] + (1,)}, for "
                "thresholds on the last axis of `y_pred`",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        return integers(y_true), y_pred

    def counts(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        return not_ignored(y_true, self.ignore_class)

    def with_thresholds(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """The class, `(..., 1)`, and the thresholds 0 ... K - 2 that it is compared with."""
        thresholds = ops.arange(y_pred.shape[-1], dtype=y_true.dtype)
        return ops.expand_dims(y_true, -1), thresholds

    def nan_outside(self, value: Tensor, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The value; NaN where a class is outside [0, K)."""
        inside = ops.logical_and(y_true >= 0, y_true <= y_pred.shape[-1])
        return nan_unless(inside, value)
