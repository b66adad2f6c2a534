"""Numbers against numbers of the same shape."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Loss, Tensor


class ElementLoss(Loss):
    """A loss between numbers of one shape: every entry of y_true stands against one of y_pred."""

    kind = "element"
    activation = "linear"

    elementwise = True

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        if len(y_true.shape) == len(y_pred.shape) - 1 and y_pred.shape[-1] == 1:
            y_true = ops.expand_dims(y_true, -1)
        elif len(y_true.shape) == len(y_pred.shape) + 1 and y_true.shape[-1] == 1:
            if len(y_pred.shape) == 1:
                y_pred = ops.expand_dims(y_pred, -1)
            else:
                y_true = ops.squeeze(y_true, -1)
        checks.same_shape(self, y_true, y_pred)
        if len(y_pred.shape) == 0:
            checks.fail(self, "`y_pred` must have at least one axis", "y_pred.shape=()")
        return y_true, y_pred
