"""Losses of triplets: given ones, or all embeddings of a batch compared by their labels."""

import math
from typing import Annotated, Literal

from keras import ops

from kerasloss.core.configuration import NonNegative, within
from kerasloss.core.kinds.label_embedding import Average, EmbeddingLoss, Pairs, PairTermLoss, counted_anchors
from kerasloss.core.kinds.tuple_embedding import TupleLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import argmax, argmin, minimum, softplus
from kerasloss.core.pairwise import (
    Distance,
    MatrixDistance,
    count,
    distance,
    masked_max,
    masked_min,
    masked_sum,
    products,
)
from kerasloss.core.registry import register


@register
class TripletMargin(TupleLoss):
    """The positive must be nearer to the anchor than the negative, by a margin.

    Formula: `max(d(a, p) - d(a, n) + margin, 0)`.

    Args:
        margin: The required difference of the distances, a finite number >= 0.
        distance: `"euclidean"`, `"squared_euclidean"`, `"cosine"` (1 - cos), `"manhattan"`, or a registered
            function `(N, D), (N, D) -> (N,)`.
        swap: Whether `min(d(a, n), d(p, n))`, the harder of the two, replaces `d(a, n)`.
        soft: Whether `softplus` replaces `max(., 0)`: triplets beyond the margin then keep a gradient.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: anchor, positive and negative `(N, 3, D)`. Returns `(N,)`.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it if you choose the triplets; with class labels, losses that choose them within the batch learn
    faster. A distance of 0 has gradient 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[0, 0], [3, 4], [6, 8]], [[0, 0], [1, 0], [0, 1]]], "float32")
    >>> print(np.array(kerasloss.TripletMargin(reduction=None)(np.zeros(2), y_pred)))
    [0. 1.]

    Equivalents: torch TripletMarginLoss: default (it adds 1e-6 to the difference), `p=1` is `"manhattan"`;
    optax `triplet_margin_loss`: default; Gluon TripletLoss: `distance="squared_euclidean"`.
    pytorch-metric-learning TripletMarginLoss of given triplets: `smooth_loss` is `soft`; it normalizes the
    embeddings and leaves triplets of value 0 out of its mean, unless told otherwise. sentence-transformers
    TripletLoss: `margin=5`.

    Reference: Weinberger & Saul, 2009, JMLR; Schroff, Kalenichenko & Philbin, 2015, FaceNet, CVPR; swap:
    Balntas et al., 2016, BMVC.
    """

    roles = "anchor, positive, negative"

    margin: NonNegative = 1.0
    distance: Distance = "euclidean"
    swap: bool = False
    soft: bool = False

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        anchor, positive, negative = y_pred[:, 0], y_pred[:, 1], y_pred[:, 2]
        apart = distance(self.distance, anchor, negative)
        if self.swap:
            apart = minimum(apart, distance(self.distance, positive, negative))
        violation = distance(self.distance, anchor, positive) - apart + self.margin
        return softplus(violation) if self.soft else ops.relu(violation)


@register
class Quadruplet(TupleLoss):
    """The positive must be nearer to the anchor than a negative, and than two negatives to each other.

    Formula: `max(d(a, p) - d(a, n1) + margin, 0) + max(d(a, p) - d(n1, n2) + margin2, 0)`.

    Args:
        margin: The required lead over the anchor and the first negative, a finite number >= 0.
        margin2: The required lead over the two negatives, a finite number >= 0; less than `margin` in the
            paper.
        distance: `"euclidean"`, `"squared_euclidean"`, `"cosine"` (1 - cos), `"manhattan"`, or a registered
            function `(N, D), (N, D) -> (N,)`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: anchor, positive and two negatives of two other classes `(N, 4, D)`.
        Returns `(N,)`.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it in place of `TripletMargin` where classes within reach of each other matter too, as in person
    re-identification; not if the two negatives may be of one class.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]])
    >>> float(kerasloss.Quadruplet()(np.zeros(1), y_pred))
    1.5

    Equivalents: none.

    Reference: Chen, Chen, Zhang & Huang, 2017, Beyond Triplet Loss: A Deep Quadruplet Network for Person
    Re-Identification, CVPR.
    """

    roles = "anchor, positive, negative, another negative"

    margin: NonNegative = 1.0
    margin2: NonNegative = 0.5
    distance: Distance = "squared_euclidean"

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        anchor, positive, negative, other = (y_pred[:, i] for i in range(4))
        near = distance(self.distance, anchor, positive)
        first = near - distance(self.distance, anchor, negative) + self.margin
        second = near - distance(self.distance, negative, other) + self.margin2
        return ops.relu(first) + ops.relu(second)


def _sorted_excess(d: Tensor, thresholds: Tensor, pairs: Pairs, strict: bool) -> tuple[Tensor, Tensor]:
    """The sum, for each anchor, of `threshold - d` over its positives' thresholds and the negatives below.

    And how many such pairs there are; those at the threshold too, unless `strict`. Not one triplet is made:
    in the sorted row of thresholds and negatives a threshold is added once for each negative before it, a
    negative is subtracted once for each threshold behind it. Sorting has no gradient; the sum has.
    """
    columns = [(thresholds, pairs.positive), (d, pairs.negative)]
    if not strict:
        columns.reverse()  # of equal numbers the first stays in front
    x = ops.concatenate([ops.where(mask, x, math.inf) for x, mask in columns], axis=1)
    order = ops.argsort(ops.stop_gradient(x), axis=1)
    x = ops.take_along_axis(x, order, axis=1)
    there = x < math.inf
    in_front = order < ops.shape(d)[1]
    threshold = ops.logical_and(there, in_front if strict else ops.logical_not(in_front))
    negative = ops.logical_and(there, ops.logical_not(threshold))
    threshold, negative = ops.cast(threshold, "int32"), ops.cast(negative, "int32")
    below = ops.cumsum(negative, axis=1) * threshold
    above = (ops.sum(threshold, axis=1, keepdims=True) - ops.cumsum(threshold, axis=1)) * negative
    below, above = ops.cast(below, d.dtype), ops.cast(above, d.dtype)
    # As many are added as subtracted: a common offset leaves the sum, and the digits stay.
    offset = ops.stop_gradient(ops.amin(x, axis=1, keepdims=True))
    return masked_sum((below - above) * (x - offset), there, axis=1), ops.sum(below, axis=1)


@register
class BatchAllTriplet(PairTermLoss):
    """All triplets of a batch: every positive must be nearer to its anchor than every negative.

    Formula: mean over the triplets (a, p, n) of `max(d(a, p) - d(a, n) + margin, 0)`.

    Args:
        margin: The required difference of the distances, a finite number >= 0.
        mining: Which triplets: `"all"`; `"hard"`, whose negative is at most as far as the positive; or
            `"semihard"`, whose negative is farther by at most `margin`.
        distance: `"euclidean"`, `"squared_euclidean"`, `"cosine"` (1 - cos), or a registered function
            `(N, D), (M, D) -> (N, M)`.
        normalize: Whether the embeddings are divided by their norm.
        average: The mean: `"active"`, over the triplets above 0; `"valid"`, over all that `mining` lets
            through; `"anchor"`, over those of each anchor, and then over all anchors.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`. Returns `(N,)`, whose plain
        mean is the mean over triplets. A row of weight 0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it with several samples of each class in a batch; time grows with N**2 log N, not with the number of
    triplets. Not in batches in which all classes differ, whose value is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.BatchAllTriplet()(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.3915

    Equivalents: pytorch-metric-learning TripletMarginLoss of labels: `margin=0.05, normalize=True`, with its
    MeanReducer `average="valid"`; after TripletMarginMiner, with the margin of both:
    `mining=type_of_triplets`. sentence-transformers BatchAllTripletLoss: `margin=5`.

    Reference: Hermans, Beyer & Leibe, 2017, In Defense of the Triplet Loss for Person Re-Identification
    (arXiv 1703.07737).
    """

    margin: NonNegative = 1.0
    mining: Literal["all", "hard", "semihard"] = "all"
    distance: MatrixDistance = "euclidean"
    normalize: bool = False
    average: Average = "active"

    def terms(self, d: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        active = self.average == "active"
        if self.mining == "all":
            total, number = _sorted_excess(d, d + self.margin, pairs, strict=True)
            return total, number if active else count(pairs.positive, d) * count(pairs.negative, d)
        # Without a margin, a triplet whose two distances are equal has value 0: it is hard, but not active.
        excess, hard = _sorted_excess(d, d, pairs, strict=active and self.margin == 0)
        total = excess + self.margin * hard
        if self.mining == "hard":
            return total, hard
        up_to_margin, number = _sorted_excess(d, d + self.margin, pairs, strict=active)
        return up_to_margin - total, number - hard


@register
class BatchHardTriplet(EmbeddingLoss):
    """The farthest positive of each anchor must be nearer than its nearest negative, by a margin.

    Formula: `max(d(a, p) - d(a, n) + margin, 0)`, with the positive p that is farthest from a, and the
    negative n that is nearest to it.

    Args:
        margin: The required difference of the distances, a finite number >= 0.
        soft: Whether `softplus` replaces `max(., 0)`: anchors beyond the margin then keep a gradient.
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

    Use it with batches of P classes and K samples of each; not with wrong labels, each of which becomes the
    hardest example, nor at the start of a training that collapses: take `SemiHardTriplet` or
    `BatchAllTriplet` there.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.BatchHardTriplet()(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.4781

    Equivalents: TensorFlow Addons TripletHardLoss: default; with `soft`, where it has no margin:
    `margin=0, soft=True`. sentence-transformers BatchHardTripletLoss: `margin=5`. Both also count anchors
    that lack a positive or a negative. pytorch-metric-learning BatchHardMiner, then TripletMarginLoss:
    `margin=0.05, normalize=True, average="active"`. TensorFlow Similarity `TripletLoss` with hard negatives:
    `distance="cosine", margin=0, soft=True`.

    Reference: Hermans, Beyer & Leibe, 2017, In Defense of the Triplet Loss for Person Re-Identification
    (arXiv 1703.07737).
    """

    margin: NonNegative = 1.0
    soft: bool = False
    distance: MatrixDistance = "euclidean"
    normalize: bool = False
    average: Average = "valid"

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        if callable(self.distance):
            near, far, exists = self.by_anchor(self.hardest, y_true, y_pred, present)
        else:
            # The matrix finds the two; their exact distances have the gradient.
            x = self.points(y_pred, present)
            fixed = ops.stop_gradient(y_pred)
            *indices, exists = self.by_anchor(self.hardest_indices, y_true, fixed, present)
            near, far = (distance(self.distance, x, ops.take(x, index, axis=0)) for index in indices)
        exists = exists > 0
        violation = ops.where(exists, near - far + self.margin, 0)
        values = ops.where(exists, softplus(violation) if self.soft else ops.relu(violation), 0)
        return counted_anchors(self.average, values, exists)

    def hardest(self, d: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor, Tensor]:
        """The two distances of each anchor, and 1 where it has both."""
        near, far = masked_max(d, pairs.positive, axis=1), masked_min(d, pairs.negative, axis=1)
        return near, far, ops.cast(pairs.have_both(), d.dtype)

    def hardest_indices(self, d: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor, Tensor]:
        """The same with the indices of the positive and the negative."""
        near = argmax(ops.where(pairs.positive, d, -math.inf), 1)
        far = argmin(ops.where(pairs.negative, d, math.inf), 1)
        return near, far, ops.cast(pairs.have_both(), d.dtype)


@register
class SemiHardTriplet(PairTermLoss):
    """For each anchor and positive, the nearest negative that is farther than the positive (FaceNet).

    Formula: mean over the pairs (a, p) of `max(d(a, p) - d(a, n) + margin, 0)`, with the nearest negative n
    for which `d(a, n) > d(a, p)`; if there is none, the farthest of all.

    Args:
        margin: The required difference of the distances, a finite number >= 0.
        distance: `"euclidean"`, `"squared_euclidean"`, `"cosine"` (1 - cos), or a registered function
            `(N, D), (M, D) -> (N, M)`.
        normalize: Whether the embeddings are divided by their norm.
        average: The mean: `"valid"`, over the pairs whose anchor has a negative; `"active"`, over those
            above 0; `"anchor"`, over those of each anchor, and then over all anchors.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`. Returns `(N,)`, whose plain
        mean is the mean over pairs. A row of weight 0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it as a first choice of a triplet loss, in large batches; not in batches in which all classes differ,
    whose value is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.SemiHardTriplet()(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.4781

    Equivalents: TensorFlow Addons TripletSemiHardLoss: default; of one class alone it is not 0.
    sentence-transformers BatchSemiHardTripletLoss: `margin=5`.

    Reference: Schroff, Kalenichenko & Philbin, 2015, FaceNet: A Unified Embedding for Face Recognition and
    Clustering, CVPR.
    """

    margin: NonNegative = 1.0
    distance: MatrixDistance = "euclidean"
    normalize: bool = False
    average: Average = "valid"

    def terms(self, d: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        # In the sorted row of negatives and positives, the negatives up to a positive are counted; the next
        # one of the sorted negatives is the wanted.
        x = ops.concatenate(
            [ops.where(mask, d, math.inf) for mask in (pairs.negative, pairs.positive)], axis=1
        )
        order = ops.argsort(ops.stop_gradient(x), axis=1)
        x = ops.take_along_axis(x, order, axis=1)
        is_negative = order < ops.shape(d)[1]
        there = x < math.inf
        negative = ops.logical_and(there, is_negative)
        positive = ops.logical_and(there, ops.logical_not(is_negative))
        place = ops.cumsum(ops.cast(negative, "int32"), axis=1)
        last = ops.sum(ops.cast(pairs.negative, "int32"), axis=1, keepdims=True) - 1
        place = ops.maximum(ops.minimum(place, last), 0)
        of_negatives = ops.argsort(
            ops.where(ops.stop_gradient(pairs.negative), ops.stop_gradient(d), math.inf), axis=1
        )
        chosen = ops.take_along_axis(d, ops.take_along_axis(of_negatives, place, axis=1), axis=1)
        exists = ops.logical_and(positive, last >= 0)
        terms = ops.relu(ops.where(exists, x - chosen + self.margin, 0))
        return ops.sum(terms, axis=1), count(self.counted(terms, exists), d)


@register
class Angular(PairTermLoss):
    """The angle at the negative, of the triangle with anchor and positive, must be small.

    Formula: `log(1 + sum(exp(4 * t * (s(a, n) + s(p, n)) - 2 * (1 + t) * s(a, p))))` over the negatives n,
    with cosines s and `t = tan(alpha) ** 2`; the mean over the pairs (a, p).

    Args:
        alpha: The bound of the angle in degrees, in (0, 60]; the paper takes 36 to 55.
        average: The mean: `"valid"`, over the pairs whose anchor has a negative; `"active"`, over those
            above 0; `"anchor"`, over those of each anchor, and then over all anchors.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`, which are normalized. Returns
        `(N,)`, whose plain mean is the mean over pairs. A row of weight 0 is still there for the others, a
        masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it where distances within classes differ much, since angles do not depend on scale; often together
    with `NPairs`. Not in batches in which all classes differ, whose value is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.Angular()(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.3124

    Equivalents: pytorch-metric-learning AngularLoss: default, of unit vectors; of others it does not
    normalize the negatives.

    Reference: Wang, Zhou, Wen, Liu & Lin, 2017, Deep Metric Learning with Angular Loss, ICCV.
    """

    growth = "triple-blocks"
    distance = "similarity"
    normalize = True

    alpha: Annotated[float, within(above=0, most=60)] = 40.0
    average: Average = "valid"

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        t = math.tan(math.radians(self.alpha)) ** 2

        # The exponential of the sum is a product: the sum over all n of all pairs is a product of matrices.
        def powers(s: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
            shift = 4 * t * ops.stop_gradient(masked_max(s, pairs.negative, axis=1))
            exponent = 4 * t * s - ops.expand_dims(shift, 1)
            return ops.where(pairs.negative, ops.exp(ops.where(pairs.negative, exponent, 0)), 0), shift

        def terms(
            s: Tensor, pairs: Pairs, power: Tensor, powers: Tensor, shift: Tensor, shifts: Tensor
        ) -> tuple:
            exists = ops.logical_and(pairs.positive, ops.any(pairs.negative, axis=1, keepdims=True))
            total = ops.where(exists, products(power, powers), 1)
            offset = ops.where(exists, ops.expand_dims(shift, 1) + shifts, 0)
            terms = ops.where(exists, softplus(ops.log(total) + offset - 2 * (1 + t) * s), 0)
            return ops.sum(terms, axis=1), count(self.counted(terms, exists), s)

        power, shift = self.by_anchor(powers, y_true, y_pred, present)
        total, number = self.by_anchor(terms, y_true, y_pred, present, power, shift)
        return self.averaged(total, number, present), None


@register
class MarginBased(PairTermLoss):
    """Positives within, negatives beyond a boundary, by a margin; pairs count as often as in triplets.

    Formula: mean over the triplets (a, p, n), in two halves, of `max(d(a, p) - beta + margin, 0)` and
    `max(beta - d(a, n) + margin, 0)`.

    Args:
        margin: How far from the boundary a distance must be, a finite number >= 0.
        beta: The boundary, a finite number.
        distance: `"euclidean"`, `"squared_euclidean"`, `"cosine"` (1 - cos), or a registered function
            `(N, D), (M, D) -> (N, M)`.
        normalize: Whether the embeddings are divided by their norm.
        average: The mean: `"active"`, over the halves above 0; `"valid"`, over the triplets; `"anchor"`, over
            those of each anchor, and then over all anchors.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`. Returns `(N,)`, whose plain
        mean is the mean over triplets. A row of weight 0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it where one distance shall tell same from different, for all classes; not in batches in which all
    classes differ, whose value is 0. The paper's random choice of negatives by distance is not part of it.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.MarginBased()(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.5056

    Equivalents: pytorch-metric-learning MarginLoss: default, without `learn_beta`.

    Reference: Wu, Manmatha, Smola & Krähenbühl, 2017, Sampling Matters in Deep Embedding Learning, ICCV.
    """

    margin: NonNegative = 0.2
    beta: float = 1.2
    distance: MatrixDistance = "euclidean"
    normalize: bool = True
    average: Average = "active"

    def terms(self, d: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        near, far = ops.relu(d - self.beta + self.margin), ops.relu(self.beta - d + self.margin)
        positives, negatives = count(pairs.positive, d), count(pairs.negative, d)
        total = negatives * masked_sum(near, pairs.positive, axis=1)
        total = total + positives * masked_sum(far, pairs.negative, axis=1)
        if self.average != "active":
            return total, positives * negatives
        near = count(self.counted(near, pairs.positive), d)
        return total, negatives * near + positives * count(self.counted(far, pairs.negative), d)
