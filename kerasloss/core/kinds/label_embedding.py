"""One embedding of each sample, with labels that say which belong together."""

from collections.abc import Callable
from dataclasses import KW_ONLY
from typing import Any, Literal, NamedTuple, TypeAlias

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.blocks import by_rows
from kerasloss.core.configuration import ClassIds
from kerasloss.core.labels import not_ignored, one_label_each
from kerasloss.core.loss import Evaluation, Loss, Tensor, and_masks
from kerasloss.core.numerics import is_float, nan_unless, safe_divide, unit
from kerasloss.core.pairwise import distance_matrix, itself, points, products

Average: TypeAlias = Literal["valid", "active", "anchor"]
"""Over the terms that exist, over those above 0, or over each anchor's own and then over all anchors."""


class AnchorLoss(Loss):
    """A loss with a value for each sample, the *anchor*, that depends on the other samples of the batch.

    Sample weights weigh the anchors: a sample of weight 0 is still a positive or negative of the others. A
    masked sample is absent.
    """

    scope = "anchor"
    kind = "label-embedding"
    whole_samples = True

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The value of each anchor, and whether it counts (None: all do); absent samples hold zeros."""
        raise NotImplementedError(f"{type(self).__name__} must implement `anchors`.")

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.anchors(y_true, y_pred, None)[0]

    def present(self, y_true: Tensor) -> Tensor | None:
        """True for the samples that are not padding; None: all."""
        return None

    def sound(self, y_pred: Tensor) -> Tensor | None:
        """Whether the batch can have a value, one boolean: where not, all anchors are NaN; None: it can."""
        return None

    def evaluate(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Evaluation:
        if 0 in y_pred.shape:
            return super().evaluate(y_true, y_pred, sample_weight, mask)
        present = and_masks(mask, self.present(y_true))
        if present is not None:
            if len(present.shape) == 2 and len(y_pred.shape) == 3 and present.shape[1] == y_pred.shape[1]:
                present = ops.all(present, axis=1)  # a mask of the parts of each sample, as of pairs
            present = ops.reshape(present, (-1,))
            y_true, y_pred = (
                ops.where(self.broadcast_from_left(present, x), x, ops.zeros((), dtype=x.dtype))
                for x in (y_true, y_pred)
            )
        values, counts = self.anchors(y_true, y_pred, present)
        sound = self.sound(y_pred)
        if sound is not None:  # NaN would be sorted away, or found to be no active term
            values = nan_unless(sound, values)
            counts = None if counts is None else ops.logical_or(counts, ops.logical_not(sound))
        counts = and_masks(present, counts)
        if counts is not None:
            values = ops.where(counts, values, 0)
        return Evaluation(values, counts, self.own_weight(y_true, y_pred), sample_weight)


class Pairs(NamedTuple):
    """What an anchor (a row) and a sample (a column) are to each other: masks `(A, N)`."""

    positive: Tensor
    """Another sample of the same class."""
    negative: Tensor
    """A sample of another class."""
    itself: Tensor

    def have_both(self) -> Tensor:
        """True for anchors with a positive and a negative, `(A,)`."""
        return ops.logical_and(ops.any(self.positive, axis=1), ops.any(self.negative, axis=1))


class EmbeddingLoss(AnchorLoss):
    """A loss of one embedding per sample, `(N, D)`, with class ids that say which belong together.

    `anchors` calls `by_anchor`, which hands distances and masks of all pairs to a function, for a block of
    anchors at a time. The two bases below do so for most losses.
    """

    growth = "pair-blocks"
    normalize = False

    distance = "euclidean"
    """What the first argument of the function holds: a distance of `MatrixDistance`, or `"similarity"`, the
    inner products (the cosines if `normalize`)."""

    cubic = False
    """Whether the function compares all pairs for each anchor; the blocks are then smaller."""

    _: KW_ONLY
    ignore_class: ClassIds | None = None

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if len(y_pred.shape) != 2:
            checks.fail(
                self, "`y_pred` must be embeddings of shape (N, D)", f"y_pred.shape={tuple(y_pred.shape)}"
            )
        if is_float(y_true):
            dtype = keras.backend.standardize_dtype(y_true.dtype)
            what = '`y_true` must hold class ids of an integer type: cast them, `y_true.astype("int32")`'
            checks.fail(self, what, f"dtype {dtype}")
        return one_label_each(self, y_true, y_pred), y_pred

    def present(self, y_true: Tensor) -> Tensor | None:
        return not_ignored(y_true, self.ignore_class)

    def sound(self, y_pred: Tensor) -> Tensor | None:
        return ops.all(ops.isfinite(y_pred))

    def points(self, y_pred: Tensor, present: Tensor | None) -> Tensor:
        """The embeddings, ready for `matrix`."""
        x = unit(y_pred, -1) if self.normalize else y_pred
        return x if self.distance == "similarity" else points(self.distance, x, present)

    def matrix(self, x: Tensor, y: Tensor) -> Tensor:
        """Distances or similarities `(A, N)` of some points from all."""
        return products(x, y) if self.distance == "similarity" else distance_matrix(self.distance, x, y)

    def by_anchor(
        self, function: Callable, y_true: Tensor, y_pred: Tensor, present: Tensor | None, *each: Tensor
    ) -> list[Tensor]:
        """What `function(d, pairs, *each)` returns, tensors `(A,)`, for all anchors.

        `d`, `(A, N)`, is what `distance` says. Of further tensors `(N, ...)` the function gets the rows of
        its anchors and all rows, one after the other.
        """

        def with_distances(pairs: Pairs, x: Tensor, y: Tensor, *others: Tensor) -> Any:
            return function(self.matrix(x, y), pairs, *others)

        return self.by_pairs(with_distances, y_true, present, self.points(y_pred, present), *each)

    def by_pairs(
        self, function: Callable, y_true: Tensor, present: Tensor | None, *each: Tensor
    ) -> list[Tensor]:
        """The same of `function(pairs, *each)`, which needs no distances of the embeddings."""

        def block(index: Tensor, *tensors: Tensor) -> Any:
            (label, *rows), (labels, *all_) = tensors[: len(tensors) // 2], tensors[len(tensors) // 2 :]
            same = ops.equal(ops.expand_dims(label, 1), labels)
            negative = ops.logical_not(same)
            if present is not None:
                there = ops.logical_and(ops.expand_dims(rows.pop(0), 1), all_.pop(0))
                same, negative = ops.logical_and(same, there), ops.logical_and(negative, there)
            own = itself(index, labels)
            pairs = Pairs(ops.logical_and(same, ops.logical_not(own)), negative, own)
            return function(pairs, *(x for pair in zip(rows, all_, strict=True) for x in pair))

        tensors = (y_true, *(() if present is None else (present,)), *each)
        return by_rows(block, tensors, tensors, cubic=self.cubic)


def counted_anchors(average: str, values: Tensor, exists: Tensor) -> tuple[Tensor, Tensor | None]:
    """The values of anchors, and which of them a mean is over: `Average`."""
    if average == "anchor":
        return values, None
    return values, exists if average == "valid" else ops.logical_and(exists, values > 0)


class AnchorTermLoss(EmbeddingLoss):
    """A loss with one term for each anchor; means are over the anchors that `average` says."""

    average = "valid"

    def value(self, d: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """The value of each anchor, and whether it exists, booleans `(A,)`, from `(A, N)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement `value`.")

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        def value(d: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
            value, exists = self.value(d, pairs)
            return ops.where(exists, value, 0), ops.cast(exists, value.dtype)  # numbers: they have a gradient

        values, exists = self.by_anchor(value, y_true, y_pred, present)
        return counted_anchors(self.average, values, exists > 0)


class PairTermLoss(EmbeddingLoss):
    """A loss with several terms for each anchor, one for each positive, or for each pair of pairs."""

    average = "valid"

    def terms(self, d: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """The sum of each anchor's terms, and their number by `counted`, `(A,)`, from `(A, N)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement `terms`.")

    def counted(self, terms: Tensor, exist: Tensor) -> Tensor:
        """Which terms count: those that exist, or with `average="active"` those above 0."""
        return ops.logical_and(exist, terms > 0) if self.average == "active" else exist

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        total, count = self.by_anchor(self.terms, y_true, y_pred, present)
        return self.averaged(total, count, present), None

    def averaged(self, total: Tensor, count: Tensor, present: Tensor | None) -> Tensor:
        """Values whose mean is that of the terms, by `average`."""
        if self.average == "anchor":
            return safe_divide(total, count)
        anchors = ops.ones_like(total) if present is None else ops.cast(present, total.dtype)
        return total * safe_divide(ops.sum(anchors), ops.sum(count))
