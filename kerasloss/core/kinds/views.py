"""Several views of each sample, stacked."""

from typing import Any, ClassVar

from keras import ops

from kerasloss.core import checks
from kerasloss.core.kinds.label_embedding import AnchorLoss
from kerasloss.core.labels import no_labels
from kerasloss.core.loss import Loss, Tensor, append_axes
from kerasloss.core.numerics import safe_divide


class ViewLoss(Loss):
    """A loss of V views of each sample, stacked on axis 1 of `y_pred`, `(N, V, D)`; `y_true` is ignored."""

    kind = "tuple-embedding"
    needs_y_true = False
    whole_samples = True

    views: ClassVar[tuple[int, ...] | None] = (2,)
    """The numbers V that it takes; None: any from `least_views` on."""

    least_views = 1
    """The smallest V, if any larger one will do."""

    one_view = False
    """Whether `y_pred` may be `(N, D)` too."""

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        shape = tuple(y_pred.shape)
        if len(shape) == 3 and shape[1] is not None:
            fits = shape[1] >= self.least_views if self.views is None else shape[1] in self.views
        else:
            fits = self.one_view and len(shape) == 2
        if not fits:
            count = " or ".join(map(str, self.views)) if self.views else f"at least {self.least_views}"
            checks.fail(
                self,
                f"`y_pred` must have shape (N, V, D), with {count} views stacked on axis 1"
                + (", or (N, D)" if self.one_view else ""),
                f"y_pred.shape={shape}",
            )
        return no_labels(y_pred), y_pred


class BatchViewLoss(ViewLoss, AnchorLoss):
    """The same where values depend on statistics of the batch.

    A masked sample is absent from the statistics. Sample weights weigh the values alone.
    """

    def values(self, y_pred: Tensor, there: Tensor) -> Tensor:
        """One value for each sample, `(N,)`, or one for the batch, which each sample gets, `()`.

        `there` is 1 for the samples that are present and 0 for the absent ones, which hold zeros: `(N,)`.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement `values`.")

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        there = ops.ones_like(y_true) if present is None else ops.cast(present, y_pred.dtype)
        return self.values(y_pred, there) + ops.zeros_like(there), None


def batch_mean(x: Tensor, there: Tensor) -> Tensor:
    """The mean over the samples that are there, `(N, ...)` to `(...)`; 0 if none is."""
    return safe_divide(ops.sum(append_axes(there, len(x.shape)) * x, axis=0), ops.sum(there))
