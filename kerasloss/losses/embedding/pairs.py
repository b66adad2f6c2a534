"""Losses of pairs: of two scores, of two embeddings, or of all pairs between two sets."""

from typing import Annotated, Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.blocks import by_rows
from kerasloss.core.configuration import NonNegative, within
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.kinds.label_embedding import AnchorLoss
from kerasloss.core.kinds.tuple_embedding import TupleLoss
from kerasloss.core.labels import one_label_each
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import absolute, cosine, maximum, mean, nan_unless
from kerasloss.core.pairwise import Distance, distance, masked_logsumexp, masked_sum, products
from kerasloss.core.registry import register


def _by_label(y_true: Tensor, similar: Tensor, dissimilar: Tensor) -> Tensor:
    """One value where the label is above 0, the other elsewhere; NaN where the label is NaN."""
    return nan_unless(ops.equal(y_true, y_true), ops.where(y_true > 0, similar, dissimilar))


@register
class Contrastive(Loss):
    """Pulls similar pairs together and pushes dissimilar ones apart, up to a margin (siamese networks).

    Formula: `t * max(d - pos_margin, 0) ** k + (1 - t) * max(margin - d, 0) ** k`, with the distance d of the
    pair and k = 2 (1 if not `squared`); without `pos_margin` the first term is `t * |d| ** k`.

    Args:
        margin: The distance beyond which dissimilar pairs cost nothing, >= 0.
        pos_margin: The distance within which similar pairs cost nothing, >= 0.
        squared: Whether the terms are squared.
        similar_label: The label of similar pairs, 1 (t = y) or 0 (t = 1 - y).
        distance: Of embeddings: `"euclidean"`, `"squared_euclidean"`, `"cosine"` (1 - cos),
            `"manhattan"`, or a registered function `(N, D), (N, D) -> (N,)`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: labels 0/1, `(N,)` or `(N, 1)`; other numbers are used as they are. `y_pred`: distances
        `(N,)` or `(N, 1)`, or pairs of embeddings `(N, 2, D)`. Returns `(N,)`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it for labelled pairs; with class labels of single samples, losses over all pairs of the batch see
    more. Two equal embeddings have gradient 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Contrastive(reduction=None)
    >>> print(np.array(loss(np.array([1, 0, 0]), np.array([0.5, 0.25, 2.0]))))
    [0.25   0.5625 0.    ]

    Equivalents: TensorFlow Addons ContrastiveLoss: default. Flux `siamese_contrastive_loss`, where label 1
    is dissimilar: `similar_label=0`. pytorch-metric-learning ContrastiveLoss, of the pairs of its
    `indices_tuple`: `squared=False`, `margin` is `neg_margin`; it normalizes embeddings by default and adds
    the means of similar and of dissimilar pairs. Hadsell's has a factor 1/2, and so has
    sentence-transformers ContrastiveLoss: half of `margin=0.5, distance="cosine"`.

    Reference: Hadsell, Chopra & LeCun, 2006, Dimensionality Reduction by Learning an Invariant Mapping, CVPR.
    """

    kind = "tuple-embedding"
    whole_samples = True

    margin: NonNegative = 1.0
    pos_margin: NonNegative = 0.0
    squared: bool = True
    similar_label: Literal[0, 1] = 1
    distance: Distance = "euclidean"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        shape = tuple(y_pred.shape)
        if len(shape) == 2 and shape[1] == 1:
            y_pred = ops.squeeze(y_pred, -1)
        elif len(shape) != 1 and (len(shape) != 3 or shape[1] != 2):
            checks.fail(
                self,
                "`y_pred` must hold distances (N,) or (N, 1), or pairs of embeddings (N, 2, D)",
                f"y_pred.shape={shape}",
            )
        return one_label_each(self, ops.cast(y_true, self.compute_dtype), y_pred), y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        d = y_pred if len(y_pred.shape) == 1 else distance(self.distance, y_pred[:, 0], y_pred[:, 1])
        similar = y_true if self.similar_label else 1 - y_true
        apart = ops.relu(d - self.pos_margin) if self.pos_margin else absolute(d)
        near = ops.relu(self.margin - d)
        if self.squared:
            apart, near = ops.square(apart), ops.square(near)
        return similar * apart + (1 - similar) * near


@register
class CosineEmbedding(TupleLoss):
    """Turns similar pairs to the same direction and dissimilar ones apart, up to a margin.

    Formula: `1 - cos` for similar pairs, `max(cos - margin, 0)` for dissimilar ones.

    Args:
        margin: The cosine below which dissimilar pairs cost nothing, in [-1, 1).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N,)` or `(N, 1)`, similar where > 0 (labels 0/1 or -1/1); `y_pred`: pairs of embeddings
        `(N, 2, D)`. Returns `(N,)`.

    Raises:
        ValueError: If `margin` is out of range or the shapes don't match. A label NaN gives NaN.

    Use it for pairs of texts or images whose length carries no meaning; for distances use `Contrastive`.
    A zero vector has cosine 0 and gradient 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.CosineEmbedding(reduction=None)(np.array([1, -1]), y_pred)).round(4))
    [0.4    0.7071]

    Equivalents: torch CosineEmbeddingLoss, Gluon CosineEmbeddingLoss (labels -1/1 only): default.

    Reference: the loss of torch.nn; no single paper.
    """

    roles = "one, other"
    labelled = True

    margin: Annotated[float, within(least=-1, below=1)] = 0.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        similarity = cosine(y_pred[:, 0], y_pred[:, 1], -1)
        return _by_label(y_true, 1 - similarity, ops.relu(similarity - self.margin))


@register
class HingeEmbedding(ElementLoss):
    """Distances or other dissimilarities: small for similar pairs, beyond a margin for the others.

    Formula: mean over the last axis of `x` for similar pairs, `max(margin - x, 0)` for dissimilar ones.

    Args:
        margin: The score beyond which dissimilar pairs cost nothing, a finite number.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: similar where > 0 (labels 0/1 or -1/1); `y_pred`: real scores of the same shape. Returns
        it without the last axis.

    Raises:
        ValueError: If the shapes differ. A label NaN gives NaN.

    Use it for distances that a model has computed; scores of similar pairs are unbounded below. For labelled
    pairs of embeddings use `Contrastive`.

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.HingeEmbedding()(np.array([[1, -1, -1]]), np.array([[0.5, 0.2, 3.0]]))), 4)
    0.4333

    Equivalents: torch HingeEmbeddingLoss: default.

    Reference: the loss of torch.nn; no single paper.
    """

    kind = "tuple-embedding"
    activation = "any"

    margin: float = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean(_by_label(y_true, y_pred, ops.relu(self.margin - y_pred)), axis=-1)


@register
class MarginRanking(Loss):
    """The better of two items must score higher, by a margin.

    Formula: `max(margin - y * (s0 - s1), 0)` with y = 1 if the first is better, else -1.

    Args:
        margin: By how much the better item must lead, a finite number.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N,)` or `(N, 1)`, > 0 where the first item is better (labels 0/1 or -1/1); `y_pred`: the
        scores of the two items `(N, 2)`. Returns `(N,)`.

    Raises:
        ValueError: If the shapes don't match. A label NaN gives NaN.

    Use it for preferences between two items that one model scores; not for lists.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.MarginRanking(margin=0.1, reduction=None)
    >>> print(np.array(loss(np.array([1, -1]), np.array([[0.2, 0.5], [0.2, 0.5]]))).round(4))
    [0.4 0. ]

    Equivalents: torch MarginRankingLoss: default, with both inputs stacked on axis 1.

    Reference: Herbrich, Graepel & Obermayer, 2000, Large Margin Rank Boundaries for Ordinal Regression.
    """

    kind = "tuple-embedding"

    margin: float = 0.0

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if len(y_pred.shape) != 2 or y_pred.shape[1] != 2:
            checks.fail(self, "`y_pred` must hold two scores, (N, 2)", f"y_pred.shape={tuple(y_pred.shape)}")
        return one_label_each(self, ops.cast(y_true, self.compute_dtype), y_pred), y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        lead = y_pred[:, 0] - y_pred[:, 1]
        return _by_label(y_true, ops.relu(self.margin - lead), ops.relu(self.margin + lead))


@register
class SDML(TupleLoss, AnchorLoss):
    """Finds the partner of each embedding among those of the batch, with smoothed labels.

    Formula: `KL(t[i] || p[i])` with `p[i, j] = softmax_j(-||a[i] - b[j]|| ** 2)`; t is
    `1 - label_smoothing` for the partner j = i and shares the rest among the N - 1 others.

    Args:
        label_smoothing: The share of the others, in [0, 1).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: pairs of embeddings `(N, 2, D)`. Returns `(N,)`. Sample weights weigh
        rows; a row of weight 0 is still a candidate for the others, a masked one is not.

    Raises:
        ValueError: If `label_smoothing` is out of range or the shape is wrong.

    Use it for pairs without labels (question and answer, text and image) in batches without other matching
    pairs; not if partners repeat within a batch. Above 2,000 rows the matrix of distances is never held
    as a whole. N = 1 gives 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.SDML(reduction=None)(np.zeros(2), y_pred)).round(4))
    [0.0473 0.1273]

    Equivalents: Gluon SDMLLoss: `smoothing_parameter` is `label_smoothing`; MXNet 2 (never released) divides
    by N.

    Reference: Bonadiman, Kumar & Mittal, 2019, Large Scale Question Paraphrase Retrieval with Smoothed Deep
    Metric Learning (arXiv 1905.12786).
    """

    growth = "pair-blocks"
    roles = "one, other"

    label_smoothing: Annotated[float, within(least=0, below=1)] = 0.3

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        there = ops.ones_like(y_true) if present is None else ops.cast(present, y_pred.dtype)
        count = ops.sum(there)
        # Distances of centred points keep more digits; ||a||**2 is the same for the whole row.
        y_pred = y_pred - ops.sum(y_pred, axis=(0, 1), keepdims=True) / (2 * count)
        a, b = y_pred[:, 0], y_pred[:, 1]
        squares = ops.sum(ops.square(b), axis=-1)

        def block(_: Tensor, a: Tensor, b: Tensor, squares: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
            scores = 2 * products(a, b) - squares
            there = ops.broadcast_to(there, ops.shape(scores))
            return masked_logsumexp(scores, there, axis=1), masked_sum(scores, there, axis=1)

        log_total, total = by_rows(block, [a], [b, squares, there > 0])
        partner = 2 * ops.sum(a * b, axis=-1) - squares
        log_p_partner = partner - log_total
        log_p_others = total - partner - (count - 1) * log_total

        share = self.label_smoothing * ops.cast(count > 1, y_pred.dtype)  # of all others
        own, rest = 1 - share, share / maximum(count - 1, ops.ones_like(count))
        entropy = own * ops.log(own)
        if self.label_smoothing:
            entropy = entropy + share * ops.log(ops.where(count > 1, rest, 1))
        return entropy - own * log_p_partner - rest * log_p_others, None
