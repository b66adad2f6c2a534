"""Losses of what a search finds: the neighbors of each embedding, their ranks, the nearest prototypes."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.blocks import by_rows
from kerasloss.core.configuration import Count, Positive
from kerasloss.core.kinds.label_embedding import (
    AnchorLoss,
    AnchorTermLoss,
    Average,
    EmbeddingLoss,
    Pairs,
)
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    ABSENT,
    absolute,
    last_of_ties,
    logaddexp,
    mean,
    repeat_rows,
    running,
    safe_divide,
)
from kerasloss.core.pairwise import (
    MatrixDistance,
    count,
    distance_matrix,
    itself,
    masked_logsumexp,
    masked_sum,
    points,
)
from kerasloss.core.registry import register


class _Neighbors(AnchorTermLoss):
    """The share of the anchor's class among its neighbors, each of which is the softmax of its nearness."""

    temperature = 1.0

    def value(self, d: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        nearness = -d / self.temperature
        others = ops.logical_or(pairs.positive, pairs.negative)
        exists = ops.any(pairs.positive, axis=1)
        log_share = masked_logsumexp(nearness, pairs.positive, 1) - masked_logsumexp(nearness, others, 1)
        return -ops.where(exists, log_share, 0), exists


@register
class NCA(_Neighbors):
    """The probability that a random neighbor of an anchor is of its class (neighborhood components analysis).

    Formula: `-log(p)`, or `1 - p` without `log`; p is the sum over the positives of
    `softmax(-d / temperature)`, which is over all other samples, with their distances d.

    Args:
        temperature: What distances are divided by, > 0.
        log: Whether the value is the negative logarithm of p, or 1 - p, the expected error of a search.
        distance: `"squared_euclidean"`, `"euclidean"`, `"cosine"` (1 - cos), or a registered function
            `(N, D), (M, D) -> (N, M)`.
        normalize: Whether the embeddings are divided by their norm.
        average: The mean: `"valid"`, over the anchors with a positive; `"active"`, over those above 0;
            `"anchor"`, over all.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`. Returns `(N,)`. A row of weight
        0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it for classification by nearest neighbors: one near positive is enough, classes may have several
    clusters. Not in batches of one class, whose value is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.NCA()(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.4302

    Equivalents: pytorch-metric-learning NCALoss: `normalize=True`, `temperature=1/softmax_scale`.

    Reference: Goldberger, Roweis, Hinton & Salakhutdinov, 2004, Neighbourhood Components Analysis, NeurIPS.
    """

    temperature: Positive = 1.0
    log: bool = True
    distance: MatrixDistance = "squared_euclidean"
    normalize: bool = False
    average: Average = "valid"

    def value(self, d: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        value, exists = super().value(d, pairs)
        return value if self.log else -ops.expm1(-value), exists


@register
class SoftNearestNeighbor(_Neighbors):
    """How entangled the classes are: whether the near neighbors of a sample are of its class.

    Formula: `logsumexp_j(-d / temperature) - logsumexp_p(-d / temperature)`, over all other samples j, and
    over the positives p.

    Args:
        temperature: What distances are divided by, > 0.
        distance: `"squared_euclidean"`, `"euclidean"`, `"cosine"` (1 - cos), or a registered function
            `(N, D), (M, D) -> (N, M)`.
        normalize: Whether the embeddings are divided by their norm.
        average: The mean: `"valid"`, over the anchors with a positive; `"active"`, over those above 0;
            `"anchor"`, over all.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`. Returns `(N,)`. A row of weight
        0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it as a measure of hidden layers, or, maximized, to keep classes entangled there; it is `NCA` with
    other arguments, under the name of that use.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.SoftNearestNeighbor()(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.4302

    Equivalents: TensorFlow Similarity SoftNearestNeighborLoss: `average="anchor"`; it adds 1e-9 to the
    probability.

    Reference: Salakhutdinov & Hinton, 2007, Learning a Nonlinear Embedding by Preserving Class Neighbourhood
    Structure, AISTATS; Frosst, Papernot & Hinton, 2019, Analyzing and Improving Representations with the
    Soft Nearest Neighbor Loss, ICML.
    """

    temperature: Positive = 1.0
    distance: MatrixDistance = "squared_euclidean"
    normalize: bool = False
    average: Average = "valid"


@register
class FastAP(AnchorTermLoss):
    """Average precision of a search for each anchor, from histograms of distances.

    Formula: `1 - sum_l(h[l] * H[l] / A[l]) / P`, over bins l of squared distances; h counts the positives of
    a bin, H those up to it, A all samples up to it, P all positives. Samples count in the two nearest bins,
    by their share.

    Args:
        num_bins: The number of intervals in which squared distances, 0 to 4, are divided, an integer >= 1.
        average: The mean: `"valid"`, over the anchors with a positive; `"active"`, over those above 0;
            `"anchor"`, over all.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`, which are normalized. Returns
        `(N,)`. A row of weight 0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it for retrieval in large batches; `SmoothAP` is nearer to average precision, at the cost of N**3.
    Samples alone in a bin have no gradient from others.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.FastAP(num_bins=4)(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.175

    Equivalents: pytorch-metric-learning FastAPLoss: default.

    Reference: Cakir, He, Xia, Kulis & Sclaroff, 2019, Deep Metric Learning to Rank, CVPR.
    """

    distance = "similarity"
    normalize = True

    num_bins: Count = 10
    average: Average = "valid"

    def value(self, s: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        place = (2 - 2 * s) * (self.num_bins / 4)  # the squared distance, in widths of a bin
        precision = near = all_near = ops.zeros_like(s[:, 0])
        for center in range(self.num_bins + 1):
            share = ops.relu(1 - absolute(place - center))
            positives = masked_sum(share, pairs.positive, axis=1)
            near = near + positives
            all_near = all_near + positives + masked_sum(share, pairs.negative, axis=1)
            precision = precision + positives * safe_divide(near, all_near)
        exists = ops.any(pairs.positive, axis=1)
        return ops.where(exists, 1 - safe_divide(precision, count(pairs.positive, s)), 0), exists


@register
class SmoothAP(AnchorTermLoss):
    """Average precision of a search for each anchor, with ranks that are counted by sigmoids.

    Formula: `1 - mean_k(R(k, P) / R(k, G))` over the positives k, with the rank
    `R(k, S) = 1 + sum_l(sigmoid((s[l] - s[k]) / temperature))` of k among the samples l of S, itself
    excluded; G are all samples, P those of the anchor's class, and s their cosines with the anchor.

    Args:
        temperature: The width of the steps by which ranks are counted, in cosines, > 0.
        remove_diagonal: Whether the anchor is excluded from its own gallery, as in an evaluation; otherwise,
            as in the code of the paper, it is one of its own positives.
        average: The mean: `"valid"`, over the anchors with a positive, which are all of them unless
            `remove_diagonal`; `"active"`, over those above 0; `"anchor"`, over all.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`, which are normalized. Returns
        `(N,)`. A row of weight 0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it for retrieval, in batches of some hundreds: time grows with N**3. A temperature of 0.01 leaves five
    digits of a float32 cosine.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.SmoothAP(temperature=0.1)(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.019

    Equivalents: pytorch-metric-learning SmoothAPLoss: default, of batches sorted by class with as many
    samples of each class as there are classes; of others it mixes the classes.

    Reference: Brown, Xie, Kalogeiton & Zisserman, 2020, Smooth-AP: Smoothing the Path Towards Large-Scale
    Image Retrieval, ECCV.
    """

    growth = "triple-blocks"
    distance = "similarity"
    normalize = True
    cubic = True

    temperature: Positive = 0.01
    remove_diagonal: bool = False
    average: Average = "valid"

    def value(self, s: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        positive = pairs.positive
        gallery = ops.logical_or(positive, pairs.negative)
        if not self.remove_diagonal:
            positive, gallery = (ops.logical_or(mask, pairs.itself) for mask in (positive, gallery))
        above = ops.sigmoid((ops.expand_dims(s, 1) - ops.expand_dims(s, 2)) / self.temperature)  # (A, k, l)

        def rank(mask: Tensor) -> Tensor:
            # k itself, which adds 1/2 to the sum, counts 1.
            return 0.5 + masked_sum(above, ops.expand_dims(mask, 1), axis=2)

        precision = masked_sum(rank(positive) / rank(gallery), positive, axis=1)
        exists = ops.any(positive, axis=1)
        return ops.where(exists, 1 - safe_divide(precision, count(positive, s)), 0), exists


@register
class Prototypical(EmbeddingLoss):
    """Each query must be nearest to the mean of its class, that of a few samples (few-shot learning).

    Formula: `d[y] / temperature + logsumexp(-d / temperature)`, with the distances d of a query from the
    prototypes of all classes, means of the first `shots` samples of each class.

    Args:
        shots: How many samples of each class, the first in the batch, make its prototype; the others are
            queries. An integer >= 1.
        temperature: What distances are divided by, > 0.
        distance: `"squared_euclidean"`, `"euclidean"`, `"cosine"` (1 - cos), or a registered function
            `(N, D), (M, D) -> (N, M)`.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`. Returns `(N,)`, 0 for the
        samples of prototypes, which don't count in means. A row of weight 0 is still there for the others, a
        masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it with a batch for each episode, of some classes with more than `shots` samples each; a class with no
    more only serves as an alternative. The order of a batch matters: don't shuffle within an episode.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> print(np.array(kerasloss.Prototypical(reduction=None)(np.array([0, 0, 1, 1]), y_pred)).round(4))
    [0.    0.513 0.    0.059]

    Equivalents: none.

    Reference: Snell, Swersky & Zemel, 2017, Prototypical Networks for Few-shot Learning, NeurIPS.
    """

    shots: Count = 1
    temperature: Positive = 1.0
    distance: MatrixDistance = "squared_euclidean"

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        # A prototype stands at the place of the first sample of its class; the other places are masked.
        place = ops.cumsum(ops.ones_like(y_true, dtype="int32"))

        def support(pairs: Pairs, own: Tensor, places: Tensor) -> tuple[Tensor]:
            earlier = ops.logical_and(pairs.positive, places < ops.expand_dims(own, 1))
            return (count(earlier, y_pred),)

        def prototype(
            pairs: Pairs, own_support: Tensor, supports: Tensor, own_x: Tensor, x: Tensor
        ) -> tuple[Tensor]:
            weight = ops.cast(ops.logical_or(pairs.positive, pairs.itself), x.dtype) * supports
            # An absent sample has none, and needs none.
            return (safe_divide(ops.einsum("ij,jd->id", weight, x), ops.sum(weight, axis=1, keepdims=True)),)

        def value(
            pairs: Pairs,
            x: Tensor,
            all_x: Tensor,
            own_prototype: Tensor,
            prototypes: Tensor,
            own_first: Tensor,
            first: Tensor,
        ) -> tuple[Tensor]:
            d = self.matrix(x, prototypes) / self.temperature
            own = ops.logical_and(ops.logical_or(pairs.positive, pairs.itself), first > 0)
            log_total = masked_logsumexp(-d, ops.broadcast_to(first > 0, ops.shape(d)), axis=1)
            return (masked_sum(d, own, axis=1) + log_total,)

        x = self.points(y_pred, present)
        # A cosine is that of the mean of the embeddings, whatever their lengths and its own.
        cosine = self.distance == "cosine"
        (earlier,) = self.by_pairs(support, y_true, present, place)
        supports = ops.cast(earlier < self.shots, x.dtype)
        first = ops.cast(earlier == 0, x.dtype)
        if present is not None:
            supports, first = (weight * ops.cast(present, x.dtype) for weight in (supports, first))
        (prototypes,) = self.by_pairs(prototype, y_true, present, supports, y_pred if cosine else x)
        prototypes = self.points(prototypes, present) if cosine else prototypes
        (values,) = self.by_pairs(value, y_true, present, x, prototypes, first)
        return values, earlier >= self.shots


@register
class RankNContrast(AnchorLoss):
    """Embeddings whose order of similarity is that of their labels, which are numbers (regression).

    Formula: mean over the samples j other than i of
    `d[i, j] / temperature + logsumexp_k(-d[i, k] / temperature)`, over the samples k whose label is at least
    as far from that of i as the label of j is.

    Args:
        temperature: What distances are divided by, > 0.
        distance: `"euclidean"`, `"squared_euclidean"`, `"cosine"` (1 - cos), or a registered function
            `(N, D), (M, D) -> (N, M)`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: numbers `(N,)`, `(N, 1)` or `(N, T)`, whose distance is the sum of the differences;
        `y_pred`: embeddings `(N, D)`, or views `(N, V, D)`, all of which compete. Returns `(N,)`. Sample
        weights weigh rows; a row of weight 0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it before, or beside, a head for regression, in large batches; not for classes, whose ids have no
    order.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.RankNContrast()(np.array([0.0, 1.0, 2.5, 2.5]), y_pred)), 4)
    0.6216

    Equivalents: none.

    Reference: Zha, Cao, Son, Yang & Katabi, 2023, Rank-N-Contrast: Learning Continuous Representations for
    Regression, NeurIPS.
    """

    growth = "pair-blocks"
    temperature: Positive = 2.0
    distance: MatrixDistance = "euclidean"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        shape, labels = tuple(y_pred.shape), tuple(y_true.shape)
        if len(shape) not in (2, 3):
            checks.fail(
                self, "`y_pred` must be embeddings (N, D) or views (N, V, D)", f"y_pred.shape={shape}"
            )
        if len(labels) not in (1, 2) or not checks.lengths_match(labels[:1], shape[:1]):
            checks.fail(
                self,
                "`y_true` must hold a number, or several, for each row of `y_pred`: (N,) or (N, T)",
                f"y_true.shape={labels}, y_pred.shape={shape}",
            )
        checks.filled(self, y_true, y_pred)
        return y_true if len(labels) == 2 else ops.expand_dims(y_true, 1), y_pred

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        views = y_pred.shape[1] if len(y_pred.shape) == 3 else 1
        x = ops.reshape(y_pred, (-1, y_pred.shape[-1]))
        there = ops.ones_like(y_true[:, 0], dtype="bool") if present is None else present
        labels, there = (repeat_rows(z, views) if views > 1 else z for z in (y_true, there))
        rows = [points(self.distance, x, there), labels, there]
        (values,) = by_rows(self.block, rows, rows)
        return mean(ops.reshape(values, (-1, views)), axis=1), None

    def block(self, index: Tensor, x: Tensor, label: Tensor, _: Tensor, *all_: Tensor) -> tuple[Tensor]:
        """The values of a block of rows, from all rows."""
        y, labels, there = all_
        others = ops.logical_and(there, ops.logical_not(itself(index, y)))
        nearness = -distance_matrix(self.distance, x, y) / self.temperature
        apart = sum(absolute(ops.expand_dims(label[:, t], 1) - labels[:, t]) for t in range(label.shape[1]))
        apart = ops.where(others, apart, -1)  # behind all others
        order = ops.argsort(-apart, axis=1)
        apart, nearness = (ops.take_along_axis(z, order, axis=1) for z in (apart, nearness))
        nearness = ops.where(apart >= 0, nearness, ABSENT)

        # By falling distance of the labels, the candidates of each sample are all up to the last of its ties.
        total = running(logaddexp, nearness, ABSENT)
        terms = ops.take_along_axis(total, last_of_ties(apart), axis=1) - nearness
        return (safe_divide(masked_sum(terms, apart >= 0, axis=1), count(others, x)),)
