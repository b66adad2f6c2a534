"""Losses of sentence embeddings: retrieval in the batch, scored pairs, and teachers of either."""

from typing import Any, Literal, TypeAlias

from keras import ops

from kerasloss.core import checks
from kerasloss.core.blocks import by_rows
from kerasloss.core.configuration import Positive
from kerasloss.core.kinds.in_batch import InBatchLoss
from kerasloss.core.kinds.label_embedding import AnchorLoss
from kerasloss.core.kinds.tuple_embedding import TupleLoss
from kerasloss.core.labels import integers, one_label_each
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    absolute,
    cosine,
    is_float,
    log1p_sum_exp,
    mean,
    nan_unless,
    repeat_rows,
    unit,
)
from kerasloss.core.pairwise import itself, masked_logsumexp, masked_sum, products
from kerasloss.core.registry import register

Similarity: TypeAlias = Literal["cosine", "dot"]


def _similarity(name: str, x: Tensor, y: Tensor) -> Tensor:
    """The similarity of the vectors on the last axis."""
    return cosine(x, y, -1) if name == "cosine" else ops.sum(x * y, axis=-1)


@register
class MultipleNegativesRanking(InBatchLoss):
    """Finds the positive of each anchor among all positives and hard negatives of the batch.

    Formula: `logsumexp_c(z[i, c]) - z[i, i]` with `z[i, c] = scale * sim(a[i], c)`, over all candidates c,
    of which i is the positive of the anchor a[i]; with `symmetric` the mean of this and of
    `logsumexp_j(z[j, i]) - z[i, i]`, over all anchors j.

    Args:
        scale: What similarities are multiplied by, > 0.
        similarity: `"cosine"` or `"dot"`, the inner product.
        symmetric: Whether the anchor of each positive is looked for as well.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: anchor, positive and K >= 0 hard negatives `(N, 2 + K, D)`, or the
        logits z of anchors and positives `(N, N)`, which are used as they are. Returns `(N,)`. Sample weights
        weigh rows; a row of weight 0 is still a candidate for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it for pairs of texts (question and answer, title and abstract), with hard negatives if there are
    any, in large batches: above 2,000 rows the matrix of logits is never held as a whole. Not where a
    batch holds a text twice; `GISTEmbed` leaves such candidates out. N = 1 without negatives gives 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> loss = kerasloss.MultipleNegativesRanking(reduction=None)
    >>> print(np.array(loss(np.zeros(2), y_pred)).round(4))
    [2.2531 2.0028]

    Equivalents: sentence-transformers MultipleNegativesRankingLoss: default;
    CachedMultipleNegativesRankingLoss, which computes the same in parts: default.

    Reference: Henderson et al., 2017, Efficient Natural Language Response Suggestion for Smart Reply
    (arXiv 1705.00652).
    """

    roles = "anchor, positive"
    further = "negatives"

    scale: Positive = 20.0
    similarity: Similarity = "cosine"
    symmetric: bool = False

    def embed(self, x: Tensor) -> Tensor:
        return unit(x, -1) if self.similarity == "cosine" else x

    def logits(self, queries: Tensor, keys: Tensor) -> Tensor:
        return products(self.scale * queries, keys)

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        return self.crossentropy(y_pred, present, self.symmetric), None


class _Order(TupleLoss):
    """One number for the batch: pairs of texts shall be as similar as the order of their labels says."""

    growth = "pair-blocks"
    scope = "batch"
    needs_y_true = True

    scale = 20.0

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        _, y_pred = super().prepare(None, y_pred)
        return self.labels(y_true, y_pred), y_pred

    def labels(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Labels `(N,)` in their own dtype, in which they are compared."""
        return one_label_each(self, y_true if is_float(y_true) else integers(y_true), y_pred)

    def weights(self, sample_weight: Tensor | None, values: Tensor) -> Tensor:
        """A weight for each of the values `(N,)`."""
        ones = ops.ones_like(values)
        return ones if sample_weight is None else ones * self.broadcast_from_left(sample_weight, values)

    def order(self, y_true: Tensor, s: Tensor, weight: Tensor) -> Tensor:
        """`log(1 + sum(w[i] * w[j] * exp(scale * (s[j] - s[i]))))` over the pairs with `y[i] > y[j]`."""
        zero = ops.equal(weight, 0)
        log_weight = ops.log(ops.where(zero, 1, weight))

        def block(index: Tensor, y: Tensor, s: Tensor, *shared: Tensor) -> tuple[Tensor]:
            all_y, all_s, log_weight, zero = shared
            costs = self.scale * (all_s - ops.expand_dims(s, 1)) + log_weight
            mask = ops.logical_and(ops.expand_dims(y, 1) > all_y, ops.logical_not(zero))
            return (masked_logsumexp(costs, mask, axis=1),)

        (costs,) = by_rows(block, (y_true, s), (y_true, s, log_weight, zero))
        return nan_unless(ops.all(ops.equal(y_true, y_true)), log1p_sum_exp(costs, weight, 0))


@register
class CoSENT(_Order):
    """Cosines of pairs of texts in the order of their labels: the more similar pair has the larger one.

    Formula: `log(1 + sum(exp(scale * (s[j] - s[i]))))` over all i and j with `y[i] > y[j]`; s is the
    similarity of a pair.

    Args:
        scale: What differences of similarities are multiplied by, > 0.
        similarity: Of embeddings: `"cosine"` or `"dot"`, the inner product.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: how similar the two are, `(N,)` or `(N, 1)`, any numbers (only their order matters);
        `y_pred`: pairs of embeddings `(N, 2, D)`, or their similarities s, `(N,)` or `(N, 1)`. Returns one
        number, `()`: a row of weight w stands w times in the batch.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it for pairs with scores or grades (semantic textual similarity), in place of a squared error of
    cosines; with two or more labels in each batch, since equal ones are not compared. The value is no mean:
    it grows with the logarithm of the number of pairs. Equal labels, and N = 1, give 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> round(float(kerasloss.CoSENT(scale=1.0)(np.array([1.0, 0.2]), y_pred)), 4)
    0.7481

    Equivalents: sentence-transformers CoSENTLoss: default.

    Reference: Huang, Peng, Zou, Liu, Liu, Li & Wang, 2024, CoSENT: Consistent Sentence Embedding via
    Similarity Ranking, IEEE/ACM Transactions on Audio, Speech, and Language Processing.
    """

    roles = "text, text"
    other_form = "or hold their similarities, (N,) or (N, 1)"

    scale: Positive = 20.0
    similarity: Similarity = "cosine"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        shape = tuple(y_pred.shape)
        if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
            y_pred = ops.reshape(y_pred, (-1,))
            return self.labels(y_true, y_pred), y_pred
        return super().prepare(y_true, y_pred)

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        s = y_pred
        if len(y_pred.shape) == 3:
            s = _similarity(self.similarity, y_pred[:, 0], y_pred[:, 1])
        return self.order(y_true, s, self.weights(sample_weight, s))


@register
class AnglE(_Order):
    """`CoSENT` on the angles of complex vectors, which don't saturate where a cosine is near 1 or -1.

    Formula: `log(1 + sum(exp(scale * (s[j] - s[i]))))` over all i and j with `y[i] > y[j]`; s is
    `abs(sum_c(a[c] * b[c]) + sum_c(a[c + h] * b[c] - a[c] * b[c + h]))` of unit vectors a and b, whose first
    half, of length h, holds real parts and the second one imaginary parts.

    Args:
        scale: What differences of similarities are multiplied by, > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: how similar anchor and positive are, `(N,)` or `(N, 1)`, any numbers (only their order
        matters); `y_pred`: two texts, or anchor, positive and K negatives, `(N, 2 + K, D)`, in which the
        pair of an anchor and a negative has the label 1 - y. An odd D gets a last 0. Returns one number,
        `()`: a row of weight w stands w times in the batch.

    Raises:
        ValueError: If `scale` is not > 0 or the shapes don't match.

    Use it as `CoSENT`, and in a sum with it or with `MultipleNegativesRanking`, as its authors do; for
    triplets with labels of 1. It is not symmetric in the two texts. Equal labels give 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> round(float(kerasloss.AnglE(scale=1.0)(np.array([1.0, 0.2]), y_pred)), 4)
    1.4742

    Equivalents: sentence-transformers AnglELoss: default.

    Reference: Li & Li, 2024, AoE: Angle-optimized Embeddings for Semantic Textual Similarity, ACL.
    """

    roles = "text, text"
    further = "negatives"

    scale: Positive = 20.0

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        x = unit(y_pred, -1)
        if x.shape[-1] % 2:
            x = ops.pad(x, ((0, 0), (0, 0), (0, 1)))
        half, others = x.shape[-1] // 2, x[:, 1:]
        turned = ops.concatenate([-others[..., half:], others[..., :half]], axis=-1)
        s = absolute(ops.sum(x[:, :1] * (others + turned), axis=-1))

        weight = self.weights(sample_weight, y_pred[:, 0, 0])
        if s.shape[1] > 1:
            negatives = ops.repeat(ops.expand_dims(1 - y_true, 1), s.shape[1] - 1, axis=1)
            y_true = ops.concatenate([ops.expand_dims(y_true, 1), negatives], axis=1)
            weight = repeat_rows(weight, s.shape[1])
        return self.order(ops.reshape(y_true, (-1,)), ops.reshape(s, (-1,)), weight)


@register
class MarginMSE(TupleLoss):
    """By how much a positive is better than a negative, as a cross-encoder says it (distillation).

    Formula: `mean_k((s[0] - s[k] - t[k]) ** 2)` with `s[k] = sim(q, x[k])`; x[0] is the positive, and t are
    the margins of the teacher.

    Args:
        similarity: Of embeddings: `"dot"`, the inner product, or `"cosine"`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: from the teacher, its margins `(N, K)` (`(N,)` for one negative) or its scores of the
        positive and of the negatives `(N, 1 + K)`, of which the margins are made. `y_pred`: query, positive
        and K >= 1 negatives `(N, 2 + K, D)`, or scores s, the positive's first, `(N, 1 + K)`. Returns `(N,)`.

    Raises:
        ValueError: If `similarity` is unknown or the shapes don't match.

    Use it to train an embedding on the scores of a slower, better model; the negatives may be wrong ones,
    since the teacher says so. Its margins must have the scale of the similarities: cosines need margins
    within 2. No gradient reaches the teacher.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8], [1.0, -1.0]], [[0.0, 2.0], [1.0, 1.0], [2.0, 0.0]]])
    >>> loss = kerasloss.MarginMSE(reduction=None)
    >>> print(np.array(loss(np.array([0.5, -1.0]), y_pred)).round(4))
    [0.81 9.  ]

    Equivalents: sentence-transformers MarginMSELoss: default.

    Reference: Hofstätter, Althammer, Schröder, Sertkan & Hanbury, 2020, Improving Efficient Neural Ranking
    Models with Cross-Architecture Knowledge Distillation (arXiv 2010.02666).
    """

    roles = "query, positive, negative"
    further = "further negatives"
    other_form = "or hold the scores of the positive and of K >= 1 negatives, (N, 1 + K)"
    needs_y_true = True

    similarity: Similarity = "dot"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        shape, count = tuple(y_pred.shape), tuple(y_true.shape)
        if len(shape) != 2 or shape[1] is None or shape[1] < 2:
            _, y_pred = super().prepare(None, y_pred)
        negatives = y_pred.shape[1] - (1 if len(shape) == 2 else 2)
        margins = (*shape[:1], negatives)
        y_true = ops.stop_gradient(ops.cast(y_true, self.compute_dtype))
        if negatives == 1 and len(count) == 1:
            y_true = ops.expand_dims(y_true, 1)
        if checks.lengths_match(tuple(y_true.shape), (*shape[:1], 1 + negatives)):
            y_true = y_true[:, :1] - y_true[:, 1:]
        if not checks.lengths_match(tuple(y_true.shape), margins):
            checks.fail(
                self,
                "`y_true` must hold the margins of the teacher, (N, K), or its scores, (N, 1 + K), for K "
                "negatives",
                f"y_true.shape={count}, y_pred.shape={shape}",
            )
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        s = y_pred
        if len(y_pred.shape) == 3:
            s = _similarity(self.similarity, y_pred[:, :1], y_pred[:, 1:])
        return mean(ops.square(s[:, :1] - s[:, 1:] - y_true), axis=1)


@register
class GISTEmbed(TupleLoss, AnchorLoss):
    """Finds the positive of each anchor in the batch, without what a guide takes for a positive as well.

    Formula: `logsumexp_c(z[i, c]) - z[i, i]`, with `z = cos / temperature`, over the pair of the anchor i
    and its positive and all others c that are left: i with the other positives and with all negatives,
    with the other anchors, and the positive of i with the other positives. A pair is left out if its cosine
    g by the guide is above `g[i, i] - margin`.

    Args:
        temperature: What cosines are divided by, > 0.
        margin: How far below that of anchor and positive the guide's cosine of another pair must stay.
        margin_strategy: `"absolute"`: `g[i, i] - margin`; `"relative"`: `g[i, i] - abs(g[i, i]) * margin`.
        contrast_anchors: Whether anchors are compared with anchors.
        contrast_positives: Whether positives are compared with positives.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: the guide's embeddings of the same texts `(N, 2 + K, G)`, of any length G; `y_pred`:
        anchor, positive and K >= 0 negatives `(N, 2 + K, D)`. Returns `(N,)`. Sample weights weigh rows; a
        row of weight 0 is still a candidate for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it in place of `MultipleNegativesRanking` where batches hold texts that answer each other's
    questions, with the embeddings of a finished model as targets, computed once: `fit(x, guide)`. No gradient
    reaches the guide. If nothing else is left, and for N = 1 without negatives, the value is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> guide = np.array([[[1.0, 0.0], [1.0, 1.0]], [[0.0, 1.0], [1.0, 3.0]]])
    >>> loss = kerasloss.GISTEmbed(temperature=1.0, reduction=None)
    >>> print(np.array(loss(guide, y_pred)).round(4))
    [0.979  1.3654]

    Equivalents: sentence-transformers GISTEmbedLoss and CachedGISTEmbedLoss: default.

    Reference: Solatorio, 2024, GISTEmbed: Guided In-sample Selection of Training Negatives for Text Embedding
    Fine-tuning (arXiv 2402.16829).
    """

    growth = "pair-blocks"
    roles = "anchor, positive"
    further = "negatives"
    needs_y_true = True

    temperature: Positive = 0.01
    margin: float = 0.0
    margin_strategy: Literal["absolute", "relative"] = "absolute"
    contrast_anchors: bool = True
    contrast_positives: bool = True

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        _, y_pred = super().prepare(None, y_pred)
        shape = tuple(y_true.shape)
        if len(shape) != 3 or not checks.lengths_match(shape[:2], tuple(y_pred.shape)[:2]):
            checks.fail(
                self,
                "`y_true` must hold the guide's embeddings of the texts of `y_pred`, (N, 2 + K, G)",
                f"y_true.shape={shape}, y_pred.shape={tuple(y_pred.shape)}",
            )
        checks.filled(self, y_true, y_pred)
        return ops.stop_gradient(ops.cast(y_true, self.compute_dtype)), y_pred

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        present = ops.ones_like(y_pred[:, 0, 0], dtype="bool") if present is None else present
        same_side = [(0, 0)] * self.contrast_anchors + [(1, 1)] * self.contrast_positives
        sides = [(0, column) for column in range(1, y_pred.shape[1])] + same_side

        def block(index: Tensor, *tensors: Tensor) -> tuple[Tensor]:
            x, guide, there, all_x, all_guide, all_there = tensors
            own = itself(index, all_x)
            there = ops.logical_and(ops.expand_dims(ops.logical_and(there, index >= 0), 1), all_there)
            similar = [products(x[:, i] / self.temperature, all_x[:, j]) for i, j in sides]
            seen = [products(guide[:, i], all_guide[:, j]) for i, j in sides]
            least = self.least(ops.expand_dims(masked_sum(seen[0], own, axis=1), 1))
            left = [ops.logical_and(there, ops.logical_not(g > least)) for g in seen]
            left[0] = ops.logical_or(left[0], own)
            for k, (i, j) in enumerate(sides):
                if i == j:
                    left[k] = ops.logical_and(left[k], ops.logical_not(own))
            total = masked_logsumexp(ops.concatenate(similar, axis=1), ops.concatenate(left, axis=1), axis=1)
            return (total - masked_sum(similar[0], own, axis=1),)

        tensors = (unit(y_pred, -1), unit(y_true, -1), present)
        return by_rows(block, tensors, tensors, of_each=len(sides))[0], None

    def least(self, own: Tensor) -> Tensor:
        """The cosine above which the guide takes a pair for a positive, from that of anchor and positive."""
        scale = 1.0 if self.margin_strategy == "absolute" else ops.abs(own)
        return own - scale * self.margin
