"""Numbers against the parameters of a distribution."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.links import positive
from kerasloss.core.loss import Loss, Tensor


class DistributionLoss(Loss):
    """A loss of numbers `(batch, ..., d)`, each against the k parameters of its distribution.

    `y_pred` is `(batch, ..., d, k)`, and the value is the mean over d. Without an axis d, `(batch, ...)` or
    `(batch, ..., 1)` against `(batch, ..., k)`, there is one number per position. `call` always gets both
    with an axis d.
    """

    kind = "distribution"
    activation = "linear"

    parameters = ""
    """What the last axis of `y_pred` holds, in order, for messages: `"mean, scale"`."""

    def parameter_count(self) -> int | None:
        """How many parameters the last axis of `y_pred` must hold; None: any number."""
        return self.parameters.count(",") + 1

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return [len(y_pred.shape) - 2, len(y_pred.shape) - 1]

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        one_each = checks.lengths_match(true_shape, pred_shape[:-1] + (1,))
        each = checks.lengths_match(true_shape, pred_shape[:-1])
        if len(pred_shape) < 2 or not (one_each or each):
            checks.fail(
                self,
                "`y_pred` must have the shape of `y_true` and one more axis, which holds the parameters "
                f"({self.parameters})",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        if pred_shape[-1] is None:
            what = f"the length of the last axis of `y_pred` ({self.parameters}) must be known"
            checks.fail(self, what, f"y_pred.shape={pred_shape}")
        count = self.parameter_count()
        if count is not None and pred_shape[-1] != count:
            checks.fail(
                self,
                f"the last axis of `y_pred` must hold {count} parameters ({self.parameters})",
                f"y_pred.shape={pred_shape}",
            )
        if one_each:
            return y_true, ops.expand_dims(y_pred, -2)
        if len(true_shape) == 1:
            return ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -2)
        return y_true, y_pred


class LinkedLoss(DistributionLoss):
    """A loss of distributions whose positive parameters are related to `y_pred` by `link`."""

    link = "log"
    epsilon = 1e-6

    def outputs(self, y_pred: Tensor) -> list[Tensor]:
        """The outputs of the last axis, one tensor each."""
        return [y_pred[..., i] for i in range(y_pred.shape[-1])]

    def positive(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """A positive parameter and its logarithm; see `positive`."""
        return positive(raw, self.link, self.epsilon)
