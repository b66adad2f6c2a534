"""Losses of all pairs of a batch, those of one class pulled together and the others pushed apart."""

from dataclasses import KW_ONLY
from typing import Literal

from keras import ops

from kerasloss.core.configuration import NonNegative, Positive
from kerasloss.core.kinds.label_embedding import AnchorTermLoss, Average, Pairs, PairTermLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import logaddexp, softplus
from kerasloss.core.pairwise import (
    MatrixDistance,
    count,
    masked_logsumexp,
    masked_max,
    masked_min,
    masked_sum,
)
from kerasloss.core.registry import register


@register
class BatchAllContrastive(PairTermLoss):
    """All pairs of a batch: those of one class within a distance, the others beyond a margin.

    Formula: mean over the pairs of one class of `max(d - pos_margin, 0) ** k`, plus the mean over the other
    pairs of `max(margin - d, 0) ** k`, with the distance d and k = 2 if `squared`, else 1.

    Args:
        margin: The distance beyond which pairs of two classes cost nothing, >= 0.
        pos_margin: The distance within which pairs of one class cost nothing, >= 0.
        squared: Whether the terms are squared.
        distance: `"euclidean"`, `"squared_euclidean"`, `"cosine"` (1 - cos), or a registered function
            `(N, D), (M, D) -> (N, M)`.
        normalize: Whether the embeddings are divided by their norm.
        average: Both means: `"active"`, over the pairs above 0; `"valid"`, over all; `"anchor"`, over those
            of each anchor, and then over all anchors.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`. Returns `(N,)`, whose plain
        mean is the sum of the two means. A row of weight 0 is still there for the others, a masked one is
        not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it for class labels; pairs that are given take `Contrastive`. A batch without pairs of one class, or
    of two, has the other half alone.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> loss = kerasloss.BatchAllContrastive(average="valid")
    >>> round(float(loss(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.6588

    Equivalents: pytorch-metric-learning ContrastiveLoss of labels: `normalize=True`, `margin` is
    `neg_margin`; with its MeanReducer `average="valid"`; with its CosineSimilarity `distance="cosine"`, and
    margins that are 1 minus its own.

    Reference: Hadsell, Chopra & LeCun, 2006, Dimensionality Reduction by Learning an Invariant Mapping, CVPR;
    in batches: Musgrave, Belongie & Lim, 2020, A Metric Learning Reality Check, ECCV.
    """

    margin: NonNegative = 1.0
    pos_margin: NonNegative = 0.0
    squared: bool = False
    distance: MatrixDistance = "euclidean"
    normalize: bool = False
    average: Average = "active"

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        def terms(d: Tensor, pairs: Pairs) -> list[Tensor]:
            both = []
            sides = (
                (ops.relu(d - self.pos_margin), pairs.positive),
                (ops.relu(self.margin - d), pairs.negative),
            )
            for term, mask in sides:
                term = ops.square(term) if self.squared else term
                both += [masked_sum(term, mask, axis=1), count(self.counted(term, mask), d)]
            return both

        near, number, far, number_far = self.by_anchor(terms, y_true, y_pred, present)
        return self.averaged(near, number, present) + self.averaged(far, number_far, present), None


@register
class LiftedStructure(PairTermLoss):
    """Each pair of one class must be nearer than all the negatives of both, in a smooth maximum.

    Formula: `max(J, 0) ** 2 / 2` with
    `J = log(sum(exp(margin - d(i, n))) + sum(exp(margin - d(j, n)))) + d(i, j) - pos_margin`, sums over the
    negatives n; the mean over the pairs (i, j).

    Args:
        margin: The distance that negatives should have, a finite number >= 0.
        pos_margin: The distance that pairs of one class may have, a finite number >= 0.
        distance: `"euclidean"`, `"squared_euclidean"`, `"cosine"` (1 - cos), or a registered function
            `(N, D), (M, D) -> (N, M)`.
        normalize: Whether the embeddings are divided by their norm.
        average: The mean: `"valid"`, over the pairs whose class has a negative; `"active"`, over those
            above 0; `"anchor"`, over those of each anchor, and then over all anchors.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`. Returns `(N,)`, whose plain
        mean is the mean over pairs. A row of weight 0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it where every negative of a batch shall have a say; not in batches in which all classes differ, whose
    value is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.LiftedStructure()(np.array([0, 0, 1, 1]), y_pred)), 4)
    1.4328

    Equivalents: TensorFlow Addons LiftedStructLoss: default. pytorch-metric-learning LiftedStructureLoss:
    `normalize=True`, `margin` is `neg_margin`.

    Reference: Song, Xiang, Jegelka & Savarese, 2016, Deep Metric Learning via Lifted Structured Feature
    Embedding, CVPR.
    """

    margin: NonNegative = 1.0
    pos_margin: NonNegative = 0.0
    distance: MatrixDistance = "euclidean"
    normalize: bool = False
    average: Average = "valid"

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        def pushes(d: Tensor, pairs: Pairs) -> tuple[Tensor]:
            return (masked_logsumexp(self.margin - d, pairs.negative, axis=1),)

        def terms(d: Tensor, pairs: Pairs, push: Tensor, pushes: Tensor) -> tuple[Tensor, Tensor]:
            exists = ops.logical_and(pairs.positive, ops.any(pairs.negative, axis=1, keepdims=True))
            j = logaddexp(ops.expand_dims(push, 1), pushes) + d - self.pos_margin
            terms = ops.square(ops.relu(ops.where(exists, j, 0))) / 2
            return ops.sum(terms, axis=1), count(self.counted(terms, exists), d)

        (push,) = self.by_anchor(pushes, y_true, y_pred, present)
        total, number = self.by_anchor(terms, y_true, y_pred, present, push)
        return self.averaged(total, number, present), None


@register
class GeneralizedLiftedStructure(AnchorTermLoss):
    """All positives of an anchor together must be nearer than all its negatives, in smooth maxima.

    Formula: `max(logsumexp(d(a, p) - pos_margin) + logsumexp(margin - d(a, n)), 0)`, over the positives p and
    the negatives n of an anchor.

    Args:
        margin: The distance that negatives should have, a finite number >= 0.
        pos_margin: The distance that positives may have, a finite number >= 0.
        distance: `"euclidean"`, `"squared_euclidean"`, `"cosine"` (1 - cos), or a registered function
            `(N, D), (M, D) -> (N, M)`.
        normalize: Whether the embeddings are divided by their norm.
        average: The mean: `"valid"`, over the anchors with a positive and a negative; `"active"`, over those
            above 0; `"anchor"`, over all.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`. Returns `(N,)`. A row of weight
        0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it in place of `LiftedStructure` where classes have many samples in a batch; not in batches in which
    all classes differ, whose value is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.GeneralizedLiftedStructure()(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.9731

    Equivalents: pytorch-metric-learning GeneralizedLiftedStructureLoss: `normalize=True`, `margin` is
    `neg_margin`; anchors that lack a positive or a negative have the other half there, and count.

    Reference: Hermans, Beyer & Leibe, 2017, In Defense of the Triplet Loss for Person Re-Identification
    (arXiv 1703.07737).
    """

    margin: NonNegative = 1.0
    pos_margin: NonNegative = 0.0
    distance: MatrixDistance = "euclidean"
    normalize: bool = False
    average: Average = "valid"

    def value(self, d: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        near = masked_logsumexp(d - self.pos_margin, pairs.positive, axis=1)
        far = masked_logsumexp(self.margin - d, pairs.negative, axis=1)
        exists = pairs.have_both()
        return ops.relu(ops.where(exists, near + far, 0)), exists


@register
class MultiSimilarity(AnchorTermLoss):
    """Pairs weigh by their own similarity, and by that of the other pairs of the anchor.

    Formula: `log(1 + sum(exp(-alpha * (s(a, p) - base)))) / alpha`, over the positives p, plus
    `log(1 + sum(exp(beta * (s(a, n) - base)))) / beta`, over the negatives n, of those that `mining` lets
    through; with cosines s.

    Args:
        alpha: The scale of positives, > 0.
        beta: The scale of negatives, > 0.
        base: The cosine that tells similar from dissimilar, a finite number.
        mining: `"multi_similarity"`: the positives that are less similar than the most similar negative plus
            `mining_margin`, and the negatives that are more similar than the least similar positive less
            `mining_margin`. `"all"`: all.
        mining_margin: See `mining`; a finite number.
        average: The mean: `"anchor"`, over all anchors; `"valid"`, over those with any other sample;
            `"active"`, over those above 0.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`, which are normalized. Returns
        `(N,)`. A row of weight 0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it for retrieval with several samples of each class in a batch, a strong default among the losses of
    pairs. With `mining="all"` a batch of one class keeps its positive half, one of all different classes its
    negative half.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> loss = kerasloss.MultiSimilarity(mining="all")
    >>> round(float(loss(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.2688

    Equivalents: pytorch-metric-learning MultiSimilarityLoss: `mining="all"`; after its MultiSimilarityMiner:
    default, `mining_margin` is `epsilon`. TensorFlow Similarity MultiSimilarityLoss, of unit vectors:
    `beta=40`, `mining_margin` is `epsilon`, `base` is `lmda`.

    Reference: Wang, Han, Huang, Dong & Scott, 2019, Multi-Similarity Loss with General Pair Weighting for
    Deep Metric Learning, CVPR.
    """

    distance = "similarity"
    normalize = True

    alpha: Positive = 2.0
    beta: Positive = 50.0
    base: float = 0.5
    mining: Literal["multi_similarity", "all"] = "multi_similarity"
    mining_margin: float = 0.1
    average: Average = "anchor"

    def value(self, s: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        positive, negative, _ = pairs
        exists = ops.any(ops.logical_or(positive, negative), axis=1)
        if self.mining != "all":
            nearest = ops.expand_dims(masked_max(s, pairs.negative, axis=1), 1)
            farthest = ops.expand_dims(masked_min(s, pairs.positive, axis=1), 1)
            positive = ops.logical_and(positive, s - self.mining_margin < nearest)
            negative = ops.logical_and(negative, s + self.mining_margin > farthest)
        pull = masked_logsumexp(-self.alpha * s, positive, axis=1) + self.alpha * self.base
        push = masked_logsumexp(self.beta * s, negative, axis=1) - self.beta * self.base
        return softplus(pull) / self.alpha + softplus(push) / self.beta, exists


@register
class Circle(AnchorTermLoss):
    """All pairs of a batch, each weighted by how far it is from where it should be.

    Formula: `softplus(P + N)`, where P is `logsumexp(-gamma * max(margin + d, 0) * (margin - d))` over the
    positives, N is `logsumexp(gamma * max(1 + margin - d, 0) * (1 - margin - d))` over the negatives, and
    d is 1 - cosine.

    Args:
        gamma: Scale of the exponents, a number > 0.
        margin: Positives must be nearer than this, negatives farther than 1 minus this; a finite number.
        remove_diagonal: Whether an embedding is excluded from its own positives.
        reduction, name, dtype: See `kerasloss.Loss`.
        stop_gradient: Whether the factors `max(., 0)` are weights without gradient, as in the paper; the
            value is the same.
        normalize: Whether the embeddings are divided by their norm; otherwise they must have norm 1.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`. Returns `(N,)`. Anchors without
        a positive or a negative, or with value 0, don't count in means. A row of weight 0 is still there for
        the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it for retrieval and recognition with several samples of each class in a batch; not for batches in
    which all classes differ, whose value is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.Circle(gamma=8.0)(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.749

    Equivalents: Keras Circle: default. pytorch-metric-learning CircleLoss: `normalize=True,
    stop_gradient=True`, `margin` is `m`.

    Reference: Sun et al., 2020, Circle Loss: A Unified Perspective of Pair Similarity Optimization, CVPR.
    """

    distance = "similarity"
    average = "active"

    gamma: Positive = 80.0
    margin: float = 0.4
    remove_diagonal: bool = True
    _: KW_ONLY
    stop_gradient: bool = False
    normalize: bool = False

    def value(self, similarity: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        d = ops.relu(1 - similarity)
        if not self.remove_diagonal:
            pairs = pairs._replace(positive=ops.logical_or(pairs.positive, pairs.itself))
        pull, push = ops.relu(self.margin + d), ops.relu(1 + self.margin - d)
        if self.stop_gradient:
            pull, push = ops.stop_gradient(pull), ops.stop_gradient(push)
        near = masked_logsumexp(-self.gamma * pull * (self.margin - d), pairs.positive, axis=1)
        far = masked_logsumexp(self.gamma * push * (1 - self.margin - d), pairs.negative, axis=1)
        exists = pairs.have_both()
        return softplus(ops.where(exists, near + far, 0)), exists
