"""Lists of items: a score of each against its relevance."""

import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from keras import ops

from kerasloss.core import checks
from kerasloss.core.blocks import by_rows
from kerasloss.core.loss import Evaluation, Loss, Tensor
from kerasloss.core.numerics import safe_divide

LOG_2 = math.log(2)
LISTS = 32
"""How many lists a batch of unknown size is taken to have where blocks are made: Keras's own default."""

LambdaWeight: TypeAlias = (
    Literal["label_diff", "lambdarank", "ndcg_loss2", "ndcg_loss2++", "precision"] | None
)
"""What a pair of items weighs; None: 1."""
Normalization: TypeAlias = Literal["items", "pairs"] | None
"""What the sum over the pairs of a list is divided by: its items, the weights of its pairs, or nothing."""
Gain: TypeAlias = Literal["exp2", "identity"]
"""What an item of relevance y adds to the cumulative gain: `2 ** y - 1`, or y."""


class ListLoss(Loss):
    """A loss of lists of scores, `y_pred` `(batch, L)`, with a relevance for each item, `y_true`.

    A relevance below 0 (or NaN) is padding, wherever it stands; so is an item that a mask `(batch, L)` leaves
    out. `value` gets zeros there.
    """

    kind = "list"
    activation = "linear"
    temperature = 1.0

    def value(self, y: Tensor, s: Tensor, valid: Tensor) -> Tensor:
        """The value of each list, `(batch,)`, from `(batch, L)`: relevances, scores, and which are items."""
        raise NotImplementedError(f"{type(self).__name__} must implement `value`.")

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        hint = ", (batch, L): behind a layer of one unit for each item put a `Flatten`"
        checks.same_shape(self, y_true, y_pred, hint)
        if len(y_pred.shape) != 2:
            what = "`y_pred` must hold lists of scores, (batch, L); for one list (1, L)"
            checks.fail(self, what, f"y_pred.shape={tuple(y_pred.shape)}")
        return ops.stop_gradient(ops.cast(y_true, self.compute_dtype)), y_pred

    def evaluate(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
        mask: Tensor | None = None,
        **others: Any,
    ) -> Evaluation:
        if mask is not None and len(mask.shape) == 2:  # of items
            y_true, mask = ops.where(mask, y_true, -1), ops.any(mask, axis=1)
        return super().evaluate(y_true, y_pred, sample_weight, mask, **others)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        valid = y_true >= 0
        y, s = (ops.where(valid, x, 0) for x in (y_true, y_pred))
        return self.value(y, s / self.temperature, valid)


def by_item(function: Callable, *each: Tensor) -> list[Tensor]:
    """What `function(*pairs)` returns, tensors `(A, batch)`, for all items: `(batch, L)`.

    Each of the tensors `(batch, L)` comes as a pair that broadcasts to `(A, batch, L)`: its entries for a
    block of A items, and for all items of the list. See `by_rows`.
    """
    batch = each[0].shape[0]

    def block(_: Tensor, *tensors: Tensor) -> Any:
        rows, all_ = tensors[: len(each)], tensors[len(each) :]
        return function(*((ops.expand_dims(x, 2), y) for x, y in zip(rows, all_, strict=True)))

    results = by_rows(block, [ops.transpose(x) for x in each], each, of_each=batch or LISTS, least=1)
    return [ops.transpose(x) for x in results]


class PairLoss(ListLoss):
    """A loss of all pairs of a list in which the first item is more relevant than the second."""

    growth = "entry-pair-blocks"

    lambda_weight = None
    topn = None
    normalization = "items"

    equal_pairs = False
    """Whether all ordered pairs of two items count, those of equal relevance too."""

    def __post_init__(self) -> None:
        given = f"lambda_weight={self.lambda_weight!r}, topn={self.topn!r}"
        if self.topn is None and self.lambda_weight == "precision":
            checks.fail(self, '`lambda_weight="precision"` needs a `topn`', given)
        if self.topn is not None and self.lambda_weight in (None, "label_diff"):
            checks.fail(self, "`topn` needs a `lambda_weight` that depends on ranks", given)

    def cost(self, lead: Tensor, y: tuple[Tensor, Tensor]) -> Tensor:
        """The cost of each pair, from the first item's lead in score, and the relevances of both."""
        raise NotImplementedError(f"{type(self).__name__} must implement `cost`.")

    def value(self, y: Tensor, s: Tensor, valid: Tensor) -> Tensor:
        ranked = []
        if self.lambda_weight not in (None, "label_diff"):
            ranked = [ranks(s, valid), relative_gains(y, self.topn)]

        def block(y: tuple, s: tuple, valid: tuple, place: tuple, *ranked: tuple) -> tuple[Tensor, ...]:
            if self.equal_pairs:
                counts = ops.logical_and(ops.logical_and(*valid), ops.not_equal(*place))
            else:
                counts = y[0] > ops.where(valid[1], y[1], math.inf)
            costs = self.cost(s[0] - s[1], y)
            if self.lambda_weight is None:
                weight = ops.cast(counts, costs.dtype)
            else:
                weight = self.weight(y, *ranked)
                costs = weight * costs
            sums = [costs, weight] if self.normalization == "pairs" else [costs]
            return tuple(ops.sum(ops.where(counts, x, 0), axis=2) for x in sums)

        place = places(y) + ops.zeros_like(y)
        total, *weight = (ops.sum(x, axis=1) for x in by_item(block, y, s, valid, place, *ranked))
        if self.normalization == "items":
            weight = [ops.sum(ops.cast(valid, s.dtype), axis=1)]
        return safe_divide(total, *weight) if weight else total

    def weight(self, y: tuple, rank: tuple | None = None, gain: tuple | None = None) -> Tensor:
        """What each pair weighs, by `lambda_weight`; what comes as pairs is of the first and second items."""
        if self.lambda_weight == "label_diff":
            return ops.abs(y[0] - y[1])
        top = [ops.ones_like(r, dtype="bool") if self.topn is None else r <= self.topn for r in rank]
        if self.lambda_weight == "precision":
            differ = ops.logical_and(ops.logical_xor(y[0] >= 1, y[1] >= 1), ops.logical_xor(*top))
            return ops.cast(differ, y[0].dtype)
        swapped = 0
        if self.lambda_weight != "ndcg_loss2":
            first, second = (ops.where(t, discount(r), 0) for t, r in zip(top, rank, strict=True))
            swapped = ops.abs(first - second)
        if self.lambda_weight != "lambdarank":
            apart = ops.abs(rank[0] - rank[1])
            apart = ops.where(apart < 1, 1, apart)  # an item and itself
            nearer = ops.where(ops.logical_or(*top), discount(apart) - discount(apart + 1), 0)
            swapped = nearer if self.lambda_weight == "ndcg_loss2" else swapped + 10 * nearer
        return ops.abs(gain[0] - gain[1]) * swapped


def ranks(s: Tensor, valid: Tensor) -> Tensor:
    """The rank of each item, 1 for the largest score, the first of equal ones before the others."""
    order = ops.argsort(ops.where(valid, -ops.stop_gradient(s), math.inf), axis=1)
    return ops.cast(ops.argsort(order, axis=1) + 1, s.dtype)


def places(x: Tensor) -> Tensor:
    """The numbers 1, 2, ..., L of the items of lists `(batch, L)`."""
    return ops.arange(1, ops.shape(x)[1] + 1, dtype=x.dtype)


def discount(rank: Tensor) -> Tensor:
    """`1 / log2(1 + rank)`."""
    return LOG_2 / ops.log1p(rank)


def relative_gains(y: Tensor, topn: int | None = None, gain: str = "exp2") -> Tensor:
    """The gain of each item, divided by the largest discounted cumulative gain of the list; 0 if that is 0.

    Padding has relevance 0.
    """
    scale = ops.amax(y, axis=1, keepdims=True)

    def gains(y: Tensor) -> Tensor:
        # 2^y - 1 without overflow, divided by 2^scale.
        return y if gain == "identity" else -ops.exp(LOG_2 * (y - scale)) * ops.expm1(-LOG_2 * y)

    best = gains(ops.flip(ops.sort(y, axis=1), axis=1))
    place = places(y)
    if topn is not None:
        best = ops.where(place <= topn, best, 0)
    return safe_divide(gains(y), ops.sum(best * discount(place), axis=1, keepdims=True))
