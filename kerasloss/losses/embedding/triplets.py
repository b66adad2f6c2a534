"""Losses of triplets: given ones, or all embeddings of a batch compared by their labels."""

from dataclasses import KW_ONLY

from keras import ops

from kerasloss.core.configuration import ClassIds, NonNegative, Positive
from kerasloss.core.kinds.label_embedding import AnchorTermLoss, Pairs
from kerasloss.core.kinds.tuple_embedding import TupleLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import minimum, softplus
from kerasloss.core.pairwise import Distance, distance, masked_logsumexp
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
    embeddings and leaves triplets of value 0 out of its mean, unless told otherwise.

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
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`. Returns `(N,)`. Anchors
        without a positive or a negative, or with value 0, don't count in means.

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
    ignore_class: ClassIds | None = None

    def value(self, similarity: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        d = ops.relu(1 - similarity)
        positive = pairs.positive if self.remove_diagonal else ops.logical_or(pairs.positive, pairs.itself)
        pull, push = ops.relu(self.margin + d), ops.relu(1 + self.margin - d)
        if self.stop_gradient:
            pull, push = ops.stop_gradient(pull), ops.stop_gradient(push)
        near = masked_logsumexp(-self.gamma * pull * (self.margin - d), positive, axis=1)
        far = masked_logsumexp(self.gamma * push * (1 - self.margin - d), pairs.negative, axis=1)
        exists = ops.logical_and(ops.any(positive, axis=1), ops.any(pairs.negative, axis=1))
        return softplus(ops.where(exists, near + far, 0)), exists
