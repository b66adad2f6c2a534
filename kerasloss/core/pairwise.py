"""What losses of embeddings share: distances, masks of pairs, and the two kinds of such losses.

| kind | y_true | y_pred | value |
|---|---|---|---|
| `TupleLoss` | ignored, or 0/1 labels `(N,)` | k embeddings of each sample `(N, k, D)` | `(N,)` |
| `EmbeddingLoss` | class ids `(N,)` | one embedding of each sample `(N, D)` | `(N,)` |
"""

from collections.abc import Callable
from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import DType, Evaluation, Loss, Reduction, Tensor, both
from kerasloss.core.numerics import ABSENT, absolute, cosine, norm
from kerasloss.core.targets import checked_ignore_class, not_ignored

DISTANCES = ("euclidean", "squared_euclidean", "cosine", "manhattan")


def checked_distance(loss: Loss, value: str | Callable) -> str | Callable:
    """A name in `DISTANCES` or a function `(N, D), (N, D) -> (N,)`."""
    return value if callable(value) else checks.choice(loss, "distance", value, DISTANCES)


def distance(name: str | Callable, x: Tensor, y: Tensor) -> Tensor:
    """The distance of the vectors on the last axis; one of 0 has gradient 0."""
    if callable(name):
        return name(x, y)
    if name == "cosine":
        return 1 - cosine(x, y, -1)
    if name == "manhattan":
        return ops.sum(absolute(x - y), axis=-1)
    return ops.sum(ops.square(x - y), axis=-1) if name == "squared_euclidean" else norm(x - y, -1)


def products(x: Tensor, y: Tensor) -> Tensor:
    """The inner products of all rows of `x` with all rows of `y`."""
    return ops.einsum("id,jd->ij", x, y)  # Keras's matmul computes float64 in float32


def squared_distances(inner: Tensor) -> Tensor:
    """The squared Euclidean distances of all rows, from their inner products.

    Right to about 1e-7 of the squared lengths; what is near that is 0, with gradient 0. Rows whose mean is 0
    keep the most digits.
    """
    squares = ops.diagonal(inner)
    lengths = ops.expand_dims(squares, 1) + ops.expand_dims(squares, 0)
    squared = lengths - 2 * inner
    return ops.where(squared > 1e-6 * lengths, squared, 0)


def masked_logsumexp(x: Tensor, mask: Tensor, axis: int) -> Tensor:
    """`log(sum(exp(x)))` over the entries of `mask`; about `ABSENT` if there is none."""
    return ops.logsumexp(ops.where(mask, x, ABSENT), axis=axis)


class TupleLoss(Loss):
    """A loss of k embeddings of each sample, stacked on axis 1 of `y_pred`, `(N, k, D)`."""

    roles: str = ""
    """What axis 1 of `y_pred` holds, in order, for messages: `"anchor, positive, negative"`."""

    labelled = False
    """Whether `y_true` holds a number for each sample; else it is ignored."""

    def __init__(self, reduction: Reduction, name: str | None, dtype: DType) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def lost_axes(self, y_pred: Tensor) -> list[int]:
        return list(range(1, len(y_pred.shape)))

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.compute_dtype)
        count = self.roles.count(",") + 1
        if len(y_pred.shape) != 3 or y_pred.shape[1] != count:
            checks.fail(
                self,
                f"`y_pred` must have shape (N, {count}, D), with {self.roles} on axis 1",
                f"y_pred.shape={tuple(y_pred.shape)}",
            )
        if self.labelled:
            return one_label_each(self, y_true, y_pred), y_pred
        return ops.zeros_like(y_pred[:, 0, 0]), y_pred


def one_label_each(loss: Loss, y_true: Any, y_pred: Tensor) -> Tensor:
    """A float label `(N,)` for each sample of `y_pred`, from `(N,)` or `(N, 1)`."""
    y_true = ops.convert_to_tensor(y_true, dtype=loss.compute_dtype)
    return _one_each(loss, y_true, y_pred)


def _one_each(loss: Loss, y_true: Tensor, y_pred: Tensor) -> Tensor:
    true_shape, samples = tuple(y_true.shape), tuple(y_pred.shape)[:1]
    if checks.lengths_match(true_shape, (*samples, 1)):
        return ops.squeeze(y_true, -1)
    if not checks.lengths_match(true_shape, samples):
        checks.fail(
            loss,
            "`y_true` must have shape (N,) or (N, 1), one label for each sample of `y_pred`",
            f"y_true.shape={true_shape}, y_pred.shape={tuple(y_pred.shape)}",
        )
    return y_true


class AnchorLoss(Loss):
    """A loss with a value for each sample, its *anchor*, that depends on the other samples of the batch.

    Sample weights weigh anchors: a sample of weight 0 still serves the others. A masked sample is absent.
    """

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The value of each anchor, and whether it counts (None: all do); absent samples are zeros."""
        raise NotImplementedError(f"{type(self).__name__} must implement `anchors`.")

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.anchors(y_true, y_pred, None)[0]

    def present(self, y_true: Tensor) -> Tensor | None:
        """True for the samples that are not padding; None: all."""
        return None

    def lost_axes(self, y_pred: Tensor) -> list[int]:
        return list(range(1, len(y_pred.shape)))

    def evaluate(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Evaluation:
        if 0 in y_pred.shape:
            return super().evaluate(y_true, y_pred, sample_weight, mask)
        present = both(mask, self.present(y_true))
        if present is not None:
            present = ops.reshape(present, (-1,))
            y_true, y_pred = (
                ops.where(self._lay(present, x), x, ops.zeros((), dtype=x.dtype)) for x in (y_true, y_pred)
            )
        values, counts = self.anchors(y_true, y_pred, present)
        counts = both(present, counts)
        if counts is not None:
            values = ops.where(counts, values, 0)
        return Evaluation(values, counts, None, sample_weight)


class EmbeddingLoss(AnchorLoss):
    """A loss of one embedding for each sample, `(N, D)`, with class ids that say which belong together."""

    def __init__(self, ignore_class: Any, reduction: Reduction, name: str | None, dtype: DType) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.ignore_class = checked_ignore_class(self, ignore_class)

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.compute_dtype)
        if len(y_pred.shape) != 2:
            checks.fail(
                self, "`y_pred` must be embeddings of shape (N, D)", f"y_pred.shape={tuple(y_pred.shape)}"
            )
        return _one_each(self, ops.convert_to_tensor(y_true), y_pred), y_pred

    def present(self, y_true: Tensor) -> Tensor | None:
        return not_ignored(y_true, self.ignore_class)

    def pairs(self, y_true: Tensor, present: Tensor | None, diagonal: bool = False) -> tuple[Tensor, Tensor]:
        """Masks `(N, N)`: the anchor's class, without itself unless `diagonal`, and all other classes."""
        same = ops.equal(ops.expand_dims(y_true, 1), ops.expand_dims(y_true, 0))
        positive = same if diagonal else ops.logical_and(same, ops.logical_not(identity(y_true)))
        negative = ops.logical_not(same)
        if present is not None:
            there = ops.logical_and(ops.expand_dims(present, 1), ops.expand_dims(present, 0))
            positive, negative = ops.logical_and(positive, there), ops.logical_and(negative, there)
        return positive, negative


def identity(x: Tensor) -> Tensor:
    """True on the diagonal of the matrix of all pairs of the samples of `x`."""
    index = ops.arange(ops.shape(x)[0], dtype="int32")
    return ops.equal(ops.expand_dims(index, 1), ops.expand_dims(index, 0))
