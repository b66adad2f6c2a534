"""Numbers against numbers of the same shape."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Evaluation, Loss, Tensor


class ElementLoss(Loss):
    """A loss of numbers of the same shape: every entry of `y_true` is compared with one of `y_pred`."""

    kind = "element"
    activation = "linear"

    elementwise = True

    adds_entry_axis = False
    """Whether inputs `(batch,)` reach `call` as `(batch, 1)`: with one entry for each sample."""

    def weighs_inside(self, y_pred: Tensor) -> bool:
        # A mean over an axis is a mean over samples only if that axis is the batch.
        return not hasattr(self, "axis") or 0 in self.entry_axes(y_pred)

    def uses_weight(self, weight: Tensor, y_pred: Tensor) -> bool:
        # Of samples; a number, or a weight for each value, scales the values as in Keras.
        if not hasattr(self, "axis"):
            return True
        shape, of_samples = tuple(weight.shape), tuple(y_pred.shape)[: len(weight.shape)]
        return len(shape) > 0 and checks.lengths_match(shape[:1], of_samples[:1])

    def label_axes(self, y_pred: Tensor) -> list[int]:
        # A mean over the batch takes a weight for each entry.
        return [] if self.mixes_samples(y_pred) else self.entry_axes(y_pred)

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
        if self.adds_entry_axis and len(y_pred.shape) == 1:
            return ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -1)
        return y_true, y_pred

    def evaluate(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Evaluation:
        weighed = sample_weight is not None or mask is not None
        if (
            weighed
            and "sample_weight" not in self.call_takes
            and hasattr(self, "axis")
            and self.weighs_inside(y_pred)
        ):
            checks.fail(
                self,
                "where `axis` is that of the batch there is no value per sample, and so there can be no "
                "`sample_weight` or mask",
                f"axis={self.axis}",
            )
        return super().evaluate(y_true, y_pred, sample_weight, mask)
