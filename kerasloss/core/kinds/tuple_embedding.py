"""Several embeddings of each sample, stacked."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.labels import no_labels, one_label_each
from kerasloss.core.loss import Loss, Tensor


class TupleLoss(Loss):
    """A loss of k embeddings of each sample, stacked on axis 1 of `y_pred`, `(N, k, D)`."""

    kind = "tuple-embedding"
    whole_samples = True

    roles = ""
    """What axis 1 of `y_pred` holds, in order, for messages: `"anchor, positive, negative"`."""

    further = ""
    """What any number of embeddings behind those are, for messages: `"negatives"`; empty: there are none."""

    other_form = ""
    """What else `y_pred` may hold, for messages."""

    labelled = False
    """Whether `y_true` holds a number for each sample; otherwise it is ignored."""

    @property
    def needs_y_true(self) -> bool:
        """Whether `y_true` is required."""
        return self.labelled

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        shape, count = tuple(y_pred.shape), self.roles.count(",") + 1
        number = shape[1] if len(shape) == 3 else None
        if number is None or number < count or (number > count and not self.further):
            length, what = (f"{count} + K", f" and K {self.further}") if self.further else (count, "")
            checks.fail(
                self,
                f"`y_pred` must have shape (N, {length}, D), with {self.roles}{what} stacked on axis 1"
                + (f", {self.other_form}" if self.other_form else ""),
                f"y_pred.shape={shape}",
            )
        if self.labelled:
            return one_label_each(self, ops.cast(y_true, self.compute_dtype), y_pred), y_pred
        return no_labels(y_pred), y_pred
