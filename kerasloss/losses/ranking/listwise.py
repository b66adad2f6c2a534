"""Losses of a whole list: likelihoods of orders, and metrics of the top of a list made smooth."""

import math
from typing import Annotated, Literal

from keras import ops

from kerasloss.core.configuration import Count, Positive, at_least
from kerasloss.core.kinds.ranked_list import (
    LOG_2,
    Gain,
    ListLoss,
    by_item,
    discount,
    places,
    relative_gains,
)
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    ABSENT,
    absolute,
    log1p_sum_exp,
    logaddexp,
    maximum,
    running,
    safe_divide,
    subtract_max,
)
from kerasloss.core.registry import register


def _softmax(x: Tensor, there: Tensor) -> Tensor:
    """The softmax over the last axis of what is there, else 0; Keras's own warns of lists of one item."""
    powers = ops.exp(subtract_max(ops.where(there, x, ABSENT), -1))
    powers = ops.where(there, powers, 0)
    return safe_divide(powers, ops.sum(powers, axis=-1, keepdims=True))


@register
class ListNet(ListLoss):
    """Cross-entropy of the distribution that the scores of a list give to its items.

    Formula: `-sum_i p[i] log(q[i])` over the items of a list, with `q = softmax(s / temperature)` and
    `p = softmax(y)`, or with `label_transform="normalize"` `p[i] = y[i] / sum(y)`, with None `p = y`.

    Args:
        temperature: What scores are divided by, > 0; relevances are not.
        label_transform: How relevances become weights: `"softmax"`; `"normalize"`: shares; None: as given.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: relevances >= 0, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`: scores
        `(batch, L)`. Returns `(batch,)`; a list of fewer than two items has value 0, and counts.

    Raises:
        ValueError: If an argument is not allowed or the shapes don't match.

    Use it as the first loss to rank with, for its linear time; with clicks or purchases (0 or 1) and
    `"normalize"` it is softmax cross-entropy. `"softmax"` lets items of relevance 0 weigh too, and all items
    of long lists.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[2, 0, 1, -1]]), np.array([[0.5, 1.0, -0.25, 9.0]])
    >>> round(float(kerasloss.ListNet()(y_true, y_pred)), 4)
    1.2767
    >>> round(float(kerasloss.ListNet(label_transform="normalize")(y_true, y_pred)), 4)
    1.3882

    Equivalents: allRank `listNet`: default. optax `ranking_softmax_loss`: `label_transform=None`; it leaves
    lists without relevant items out of the mean. TF-Ranking `softmax_loss`: `"normalize"` for
    `compute_per_list`, None for its default.

    Reference: Cao, Qin, Liu, Tsai & Li, 2007, Learning to Rank: From Pairwise Approach to Listwise Approach,
    ICML; `"normalize"`: Bruch, Wang, Bendersky & Najork, 2019, An Analysis of the Softmax Cross Entropy Loss
    for Learning-to-Rank with Binary Relevance, ICTIR.
    """

    temperature: Positive = 1.0
    label_transform: Literal["softmax", "normalize"] | None = "softmax"

    def value(self, y: Tensor, s: Tensor, valid: Tensor) -> Tensor:
        s = subtract_max(ops.where(valid, s, ABSENT), 1)
        total = ops.logsumexp(s, axis=1, keepdims=True)
        if self.label_transform == "softmax":
            y = _softmax(y, valid)
        elif self.label_transform == "normalize":
            y = safe_divide(y, ops.sum(y, axis=1, keepdims=True))
        return ops.sum(ops.where(valid, y * (total - s), 0), axis=1)


@register
class ListMLE(ListLoss):
    """Negative log-likelihood of the right order of a list, if its items are chosen one after the other.

    Formula: `sum_k a[k] (logsumexp_m(s[m]) - s[k])` over the places k of the order by relevance, the largest
    first, with m from k to the last; scores s are divided by `temperature`. `a[k] = 1`, with
    `position_weight="dcg"` `1 / log2(1 + k)`, with `"power"` `(2 ** (n - k) - 1) / (2 ** (n - 1) - 1)`.

    Args:
        temperature: What scores are divided by, > 0.
        position_weight: What a place weighs. None: all alike; `"dcg"`: as in the DCG; `"power"` (p-ListMLE):
            half as much from each place to the next, about.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: relevances >= 0, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`: scores
        `(batch, L)`. Returns `(batch,)`; a list of fewer than two items has value 0, and counts.

    Raises:
        ValueError: If an argument is not allowed or the shapes don't match.

    Use it where the labels are an order of the whole list, such as a ranking by hand; items of equal
    relevance are put in the order of the list, so shuffle lists with many of them, or use `ListNet`.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[2, 0, 1]]), np.array([[0.5, 1.0, -0.25]])
    >>> round(float(kerasloss.ListMLE()(y_true, y_pred)), 4)
    2.6401
    >>> round(float(kerasloss.ListMLE(position_weight="dcg")(y_true, y_pred)), 4)
    2.0858

    Equivalents: keras-rs ListMLELoss, allRank `listMLE` (which shuffles equal ones): default. TF-Ranking
    `list_mle_loss` with ListMLELambdaWeight of `2 ** (n - k) - 1`: `"power"`, times `2 ** (n - 1) - 1`.

    Reference: Xia, Liu, Wang, Zhang & Li, 2008, Listwise Approach to Learning to Rank: Theory and Algorithm,
    ICML; `"power"`: Lan, Zhu, Guo, Niu & Cheng, 2014, Position-Aware ListMLE, UAI.
    """

    growth = "sort"

    temperature: Positive = 1.0
    position_weight: Literal["dcg", "power"] | None = None

    def value(self, y: Tensor, s: Tensor, valid: Tensor) -> Tensor:
        order = ops.argsort(ops.where(valid, -y, -ABSENT), axis=1)  # stable, padding last
        s, place = ops.take_along_axis(s, order, axis=1), places(s)
        count = ops.sum(ops.cast(valid, s.dtype), axis=1, keepdims=True)
        there = place <= count
        costs = log_tails(ops.where(there, s, ABSENT))
        return ops.sum(ops.where(there, self.weights(place, count) * costs, 0), axis=1)

    def weights(self, place: Tensor, count: Tensor) -> Tensor | float:
        """What each of the places weighs, by `position_weight`."""
        if self.position_weight == "dcg":
            return discount(place)
        if self.position_weight == "power":
            # 2^(1 - k) (1 - 2^(k - n)) / (1 - 2^(1 - n)), which doesn't overflow
            rest = safe_divide(ops.expm1(LOG_2 * (place - count)), ops.expm1(LOG_2 * (1 - count)))
            return ops.exp(LOG_2 * (1 - place)) * rest
        return 1.0


def log_tails(s: Tensor) -> Tensor:
    """How much the `logsumexp` of each entry of a row and of those behind it is above the entry, exactly.

    Running along are the largest entry so far, without gradient, and the logarithm of the sum divided by its
    exponential: of scores around -200 the differences have all their digits.
    """

    def combine(x: Tensor, y: Tensor) -> Tensor:
        (one, of_one), (other, of_other) = ((z[..., 0], z[..., 1]) for z in (x, y))
        top = maximum(one, other)
        return ops.stack([top, logaddexp(of_one + (one - top), of_other + (other - top))], axis=-1)

    fixed = ops.stop_gradient(s)
    state = ops.flip(ops.stack([fixed, s - fixed], axis=-1), axis=1)
    state = ops.flip(running(combine, state, ABSENT), axis=1)
    return (state[..., 0] - fixed) + (state[..., 1] - (s - fixed))


class _ApproximateRanks(ListLoss):
    """Ranks that are smooth: one half, and the share by which each item is above another."""

    growth = "entry-pair-blocks"

    def ranks(self, s: Tensor, valid: Tensor) -> Tensor:
        """`1 + sum(sigmoid(s[j] - s[i]))` over the other items j, `(batch, L)`."""

        def block(s: tuple, valid: tuple) -> tuple[Tensor]:
            others = ops.where(valid[1], s[1], -math.inf)
            return (0.5 + ops.sum(ops.sigmoid(others - s[0]), axis=2),)  # an item is 1/2 above itself

        return by_item(block, s, valid)[0]


@register
class ApproxNDCG(_ApproximateRanks):
    """The normalized discounted cumulative gain of a list, made smooth, and negative.

    Formula: `-sum_i G[i] / log2(1 + r[i])` over the items of a list, with the smooth ranks `r[i] = 1 +
    sum_j sigmoid((s[j] - s[i]) / temperature)` over all other items j; `G[i] = (2 ** y[i] - 1) / Z`, with
    `gain="identity"` `y[i] / Z`, and Z is the DCG of the best order.

    Args:
        temperature: What scores are divided by, > 0; near 0 the ranks are exact, and the gradient vanishes.
        gain: `"exp2"` or `"identity"`, what an item adds to the DCG.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: relevances >= 0, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`: scores
        `(batch, L)`. Returns `(batch,)`, from -1 to 0; a list without a relevant item has value 0, and
        counts.

    Raises:
        ValueError: If an argument is not allowed or the shapes don't match.

    Use it where the NDCG is the metric, from scores that another loss has put in order or with a larger
    `temperature`; not from random scores that are far apart, where it has hardly a gradient
    (`PairwiseLogistic` with `"lambdarank"`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ApproxNDCG()
    >>> round(float(loss(np.array([[2, 0, 1]]), np.array([[0.5, 1.0, -0.25]]))), 4)
    -0.66

    Equivalents: TF-Ranking `approx_ndcg_loss`: default. allRank `approxNDCGLoss`: `temperature=1/alpha`, 1 by
    default.

    Reference: Qin, Liu & Li, 2010, A General Approximation Framework for Direct Optimization of Information
    Retrieval Measures, Information Retrieval.
    """

    temperature: Positive = 0.1
    gain: Gain = "exp2"

    def value(self, y: Tensor, s: Tensor, valid: Tensor) -> Tensor:
        return -ops.sum(relative_gains(y, gain=self.gain) * discount(self.ranks(s, valid)), axis=1)


@register
class ApproxMRR(_ApproximateRanks):
    """The mean reciprocal rank of the relevant items of a list, made smooth, and negative.

    Formula: `-sum(y / r) / sum(y)` over the items of a list, with the smooth ranks `r[i] = 1 +
    sum_j sigmoid((s[j] - s[i]) / temperature)` over all other items j.

    Args:
        temperature: What scores are divided by, > 0; near 0 the ranks are exact, and the gradient vanishes.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: relevances >= 0, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`: scores
        `(batch, L)`. Returns `(batch,)`, from -1 to 0; a list without a relevant item has value 0, and
        counts.

    Raises:
        ValueError: If `temperature` is not > 0 or the shapes don't match.

    Use it for lists with one right item, such as the answer to a question; not for graded relevances
    (`ApproxNDCG`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ApproxMRR(temperature=1.0)
    >>> round(float(loss(np.array([[2, 0, 1]]), np.array([[0.5, 1.0, -0.25]]))), 4)
    -0.4788

    Equivalents: TF-Ranking `approx_mrr_loss`: default.

    Reference: Qin, Liu & Li, 2010, A General Approximation Framework for Direct Optimization of Information
    Retrieval Measures, Information Retrieval.
    """

    temperature: Positive = 0.1

    def value(self, y: Tensor, s: Tensor, valid: Tensor) -> Tensor:
        return -safe_divide(ops.sum(y / self.ranks(s, valid), axis=1), ops.sum(y, axis=1))


@register
class NeuralNDCG(ListLoss):
    """The normalized discounted cumulative gain of a list that is sorted smoothly, and negative.

    Formula: `-sum_i sum_k P[i, k] G[k] / log2(1 + i)` over the ranks i up to `topn` and the items k of a
    list; `G[k] = (2 ** y[k] - 1) / Z`, with `gain="identity"` `y[k] / Z`, and Z is the DCG of the best order.
    Row i of P is `softmax(((n + 1 - 2 i) s - A) / temperature)` with `A[k] = sum_j |s[k] - s[j]|`; then
    columns and rows are divided by their sums, `sinkhorn_iterations` times.

    Args:
        temperature: How smooth the order is, > 0; near 0 it is exact, and the gradient vanishes.
        topn: The ranks that count, an integer >= 1; None: all.
        gain: `"exp2"` or `"identity"`, what an item adds to the DCG.
        sinkhorn_iterations: How often columns and rows are divided by their sums, >= 0; 0 (PiRank): never.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: relevances >= 0, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`: scores
        `(batch, L)`. Returns `(batch,)`, from -1 to 0, and below -1 where columns do not sum to 1 (with few
        iterations); a list without a relevant item has value 0, and counts.

    Raises:
        ValueError: If an argument is not allowed or the shapes don't match.

    Use it where the NDCG is the metric and lists are short: it holds a matrix of all pairs of items. Not for
    long lists (`ApproxNDCG`). A column of less than 1e-10 is not divided.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.NeuralNDCG()
    >>> round(float(loss(np.array([[2, 0, 1]]), np.array([[0.5, 1.0, -0.25]]))), 4)
    -0.7472

    Equivalents: allRank `neuralNDCG`: default; its `k` is `topn`, its `powered_relevancies` `gain`; its mean
    leaves out lists without a relevant item. TF-Ranking NeuralSortNDCGLoss: `sinkhorn_iterations=0`.

    Reference: Pobrotyn & Bialobrzeski, 2021, NeuralNDCG: Direct Optimisation of a Ranking Metric via
    Differentiable Relaxation of Sorting (arXiv 2102.07831); Grover, Wang, Zweig & Ermon, 2019, Stochastic
    Optimization of Sorting Networks via Continuous Relaxations, ICLR; 0 iterations: Swezey et al., 2021,
    PiRank: Scalable Learning To Rank via Differentiable Sorting, NeurIPS.
    """

    growth = "entry-pairs"

    temperature: Positive = 1.0
    topn: Count | None = None
    gain: Gain = "exp2"
    sinkhorn_iterations: Annotated[int, at_least(0)] = 50

    def value(self, y: Tensor, s: Tensor, valid: Tensor) -> Tensor:
        gains, place = relative_gains(y, self.topn, self.gain), places(s)
        count = ops.sum(ops.cast(valid, s.dtype), axis=1, keepdims=True)
        is_rank = place <= count
        p = self.sorting(s, valid, is_rank, count)
        rows = columns = ops.ones_like(s)
        # Only the factors of rows and columns change: no matrix is kept for each iteration.
        live = ops.sum(p, axis=1) >= SMALLEST_COLUMN
        for _ in range(self.sinkhorn_iterations):
            columns = ops.where(live, _reciprocal_product(live, "bik,bi->bk", p, rows), columns)
            rows = _reciprocal_product(is_rank, "bik,bk->bi", p, columns)
        sorted_gains = rows * ops.einsum("bik,bk->bi", p, columns * gains)
        counted = is_rank if self.topn is None else ops.logical_and(is_rank, place <= self.topn)
        return -ops.sum(ops.where(counted, sorted_gains * discount(place), 0), axis=1)

    def sorting(self, s: Tensor, valid: Tensor, is_rank: Tensor, count: Tensor) -> Tensor:
        """A row for each rank, a distribution over the items, `(batch, L, L)`; 0 for padding."""
        middle = safe_divide(ops.sum(s, axis=1, keepdims=True), count)
        s = ops.where(valid, s - ops.stop_gradient(middle), 0)  # which changes no row, and keeps digits
        apart = absolute(ops.expand_dims(s, 2) - ops.expand_dims(s, 1))
        apart = ops.sum(ops.where(ops.expand_dims(valid, 1), apart, 0), axis=2)
        factor = ops.expand_dims(count + 1 - 2 * places(s), 2)
        logits = factor * ops.expand_dims(s, 1) - ops.expand_dims(apart, 1)
        return _softmax(logits, ops.logical_and(ops.expand_dims(is_rank, 2), ops.expand_dims(valid, 1)))


SMALLEST_COLUMN = 1e-10
"""The sum below which a column of a smooth order is left as it is: its reciprocal would be too large."""


def _reciprocal_product(there: Tensor, axes: str, p: Tensor, x: Tensor) -> Tensor:
    """`1 / (P x)`, and 1 where there is nothing."""
    return 1 / ops.where(there, ops.einsum(axes, p, x), 1)


@register
class UniqueSoftmax(ListLoss):
    """Picks each relevant item of a list from itself and all less relevant ones.

    Formula: `sum_i (2 ** y[i] - 1) log(1 + sum_j exp(s[j] - s[i]))` over the items of a list, with j over
    those of `y[j] < y[i]`; scores s are divided by `temperature`.

    Args:
        temperature: What scores are divided by, > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: relevances >= 0, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`: scores
        `(batch, L)`. Returns `(batch,)`; a list without two items of different relevance has value 0, and
        counts.

    Raises:
        ValueError: If `temperature` is not > 0 or the shapes don't match.

    Use it for grades where several items are relevant: equal ones don't compete, as they do in `ListNet`.
    A relevance above 127 makes the value infinite: `2 ** y` is not normalized.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.UniqueSoftmax()
    >>> round(float(loss(np.array([[2, 0, 1]]), np.array([[0.5, 1.0, -0.25]]))), 4)
    4.9165

    Equivalents: TF-Ranking UniqueSoftmaxLoss: default.

    Reference: Zhu & Klabjan, 2020, Listwise Learning to Rank by Exploring Unique Ratings, WSDM.
    """

    growth = "entry-pair-blocks"

    temperature: Positive = 1.0

    def value(self, y: Tensor, s: Tensor, valid: Tensor) -> Tensor:
        def block(y: tuple, s: tuple, valid: tuple) -> tuple[Tensor]:
            less = ops.cast(ops.logical_and(valid[1], y[1] < y[0]), s[0].dtype)
            return (log1p_sum_exp(s[1] - s[0], less, 2),)

        (costs,) = by_item(block, y, s, valid)
        gains = ops.where(costs > 0, ops.expm1(LOG_2 * y), 0)  # which may be infinite
        return ops.sum(ops.where(valid, gains * costs, 0), axis=1)
