"""Only the hard examples of a batch, for any loss."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import DType, Reduction
from kerasloss.core.kinds.wrapper import Wrapper
from kerasloss.core.loss import Evaluation, Loss, Tensor, and_masks
from kerasloss.core.registry import checked_loss, register


@register
class OnlineHardExample(Wrapper):
    """Only the hardest examples of the batch: the largest values of any loss.

    Formula: the wrapped loss's values where they are among the `max(1, floor(fraction * n))` largest of the
    n positions of the batch that count, or above `threshold`; the other positions don't count.

    Args:
        loss: A loss of this library or of `keras.losses`, or what `kerasloss.get` finds one by, with one
            value per position. Its own reduction is not used.
        fraction: Share of the positions to keep, in (0, 1]; 1: all.
        threshold: None, or a number: larger values are always kept.
        reduction: See `kerasloss.Loss`. Means are over the positions that are kept.
        name, dtype: See `kerasloss.Loss`; `dtype=None`: that of the wrapped loss, which computes.

    Shapes:
        Whatever the wrapped loss takes and returns, before reduction.

    Raises:
        ValueError: If `loss` names no loss or is itself made of losses (take the sum of hard examples, or
            `Masked` of them, instead), `fraction` or `threshold` is not allowed, or the values are one number
            for the whole batch.

    Use it where few positions are hard, as in segmentation; not with many wrong labels, which are the
    hardest. Masked and ignored positions and those of weight 0 are never kept; of equal values the first are
    kept; sample weights do not change the choice.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.OnlineHardExample("SparseCategoricalCrossentropy", fraction=0.5)
    >>> y_pred = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]])
    >>> round(float(loss(np.array([0, 1, 0, 1]), y_pred)), 4)
    1.0601

    Equivalents: nnU-Net `TopKLoss(k=10)`: `fraction=0.1`; BiSeNet `OhemCELoss(thresh=t)`:
    `fraction=1 / 16, threshold=-log(t)`.

    Reference: Shrivastava, Gupta & Girshick, 2016, Training Region-based Object Detectors with Online Hard
    Example Mining, CVPR (arXiv 1604.03540); Wu, Shen & van den Hengel, 2016, Bridging Category-level and
    Instance-level Semantic Image Segmentation (arXiv 1605.06885).
    """

    growth = "sort"
    scope = "anchor"

    def __init__(
        self,
        loss: Any,
        fraction: float = 0.7,
        threshold: float | None = None,
        reduction: Reduction = "sum_over_batch_size",
        name: str | None = None,
        dtype: DType = None,
    ) -> None:
        loss = checked_loss(self, "loss", loss)
        if getattr(type(loss), "compute", Loss.compute) is not Loss.compute:
            checks.fail(self, "`loss` must be one loss, not one made of losses", f"loss={loss!r}")
        super().__init__(name=name, reduction=reduction, dtype=dtype or loss.dtype)
        self.loss = loss
        self.fraction = checks.number(self, "fraction", fraction, above=0, most=1)
        if threshold is not None:
            checks.number(self, "threshold", threshold)
        self.threshold = threshold

    @property
    def elementwise(self) -> bool:
        """Whether the wrapped loss is a mean of a function of one entry."""
        return getattr(self.loss, "elementwise", False)

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if not isinstance(self.loss, Loss):
            return super().prepare(y_true, y_pred)
        y_true, y_pred = self.inner.prepare(y_true, y_pred)
        if self.elementwise and len(y_pred.shape) == 1:  # the entries are the positions
            y_true, y_pred = ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -1)
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.inner.call(y_true, y_pred)

    def evaluate(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Evaluation:
        evaluate = self.inner.evaluate if isinstance(self.loss, Loss) else super().evaluate
        evaluation = evaluate(y_true, y_pred, sample_weight, mask)
        values, valid = evaluation.values, evaluation.counts
        if len(values.shape) == 0:
            checks.fail(self, "`loss` must have one value per position", f"loss={self.loss!r}, a number")
        if evaluation.sample_weight is not None:
            weighs = ops.not_equal(self.broadcast_from_left(evaluation.sample_weight, values), 0)
            valid = and_masks(weighs, valid)
        if valid is None:
            valid = ops.ones_like(values, dtype="bool")
        kept = self.hardest(ops.stop_gradient(values), ops.broadcast_to(valid, ops.shape(values)))
        return evaluation._replace(values=ops.where(kept, values, 0), counts=kept)

    def hardest(self, values: Tensor, valid: Tensor) -> Tensor:
        """True for the values that are kept."""
        v, shape = ops.reshape(values, (-1,)), ops.shape(values)
        v = ops.where(ops.equal(v, v), v, float("inf"))  # NaN is kept, so that a wrong label is seen
        v = ops.where(ops.reshape(valid, (-1,)), v, float("-inf"))
        count = ops.sum(ops.cast(valid, "float32"))
        count = ops.cast(ops.floor(self.fraction * count + 1e-6), "int32")
        rank = ops.argsort(ops.argsort(-v))
        kept = ops.reshape(rank < ops.cast(ops.where(count < 1, 1, count), rank.dtype), shape)
        if self.threshold is not None:
            kept = ops.logical_or(kept, ops.logical_not(values <= self.threshold))
        return ops.logical_and(kept, valid)
