"""Losses that keep the embeddings of a batch from becoming equal, by their variance, covariance or spread."""

import math
from typing import Annotated, Literal

import keras
import numpy as np
from keras import ops

from kerasloss.core.blocks import by_rows
from kerasloss.core.configuration import Count, Fraction, NonNegative, Positive, at_least
from kerasloss.core.kinds.views import BatchViewLoss, batch_mean
from kerasloss.core.loss import Tensor, append_axes
from kerasloss.core.numerics import (
    argmax,
    clip_below,
    mean,
    norm,
    power,
    reciprocal,
    safe_divide,
    safe_sqrt,
    scale_to_one,
    unit,
)
from kerasloss.core.pairwise import identity, itself, masked_logsumexp, products, squared_distances
from kerasloss.core.projections import project
from kerasloss.core.registry import register


def _centered(x: Tensor, there: Tensor) -> Tensor:
    """The difference from the mean of the batch; absent samples are zeros."""
    return append_axes(there, len(x.shape)) * (x - batch_mean(x, there))


def _variance(difference: Tensor, there: Tensor, ddof: int) -> Tensor:
    """The variance over the batch, `(N, ...)` to `(...)`, from differences from the mean."""
    return ops.sum(ops.square(difference), axis=0) / clip_below(ops.sum(there) - ddof, 1.0)


@register
class BarlowTwins(BatchViewLoss):
    """Each entry of an embedding must be that of the other view, and independent of the other entries.

    Formula: `sum((1 - C[d, d]) ** 2) + redundancy_weight * sum(C[d, e] ** 2)` over all entries d, and over
    all pairs of different ones d, e; with the cross-correlation of both views over the batch, `C[d, e] =
    mean(a[d] * b[e])`, of entries from which their mean is subtracted and which are divided by `sqrt(var +
    epsilon)`.

    Args:
        redundancy_weight: The weight of the correlations of different entries, a number >= 0.
        ddof: 0 or 1: the variance is a sum divided by N - `ddof`.
        epsilon: What is added to the variance, a number >= 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: two views `(N, 2, D)`. Returns `(N,)`, the same number for all samples.
        Sample weights weigh it; a masked sample is absent from the statistics.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it for self-supervised training with embeddings of many entries, a thousand or more; not with batches
    of a few samples. A constant entry has correlation 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> round(float(kerasloss.BarlowTwins()(None, y_pred)), 4)
    4.0094

    Equivalents: lightly BarlowTwinsLoss: default, `lambda_param` is `redundancy_weight`. MONAI
    BarlowTwinsLoss: `ddof=1, epsilon=0.0`; it adds 1e-6 to the standard deviation. TensorFlow Similarity
    Barlow: `epsilon=1e-12`.

    Reference: Zbontar, Jing, Misra, LeCun & Deny, 2021, Barlow Twins: Self-Supervised Learning via Redundancy
    Reduction, ICML (arXiv 2103.03230).
    """

    growth = "matrix"
    redundancy_weight: NonNegative = 0.005
    ddof: Literal[0, 1] = 0
    epsilon: NonNegative = 1e-5

    def values(self, y_pred: Tensor, there: Tensor) -> Tensor:
        x = _centered(y_pred, there)
        x = ops.where(_is_constant(x, y_pred), 0, x)
        if self.epsilon == 0:  # then the scale does not matter, and squares don't underflow
            x = scale_to_one(x, 0)
        x = x * reciprocal(safe_sqrt(_variance(x, there, self.ddof) + self.epsilon))
        c = safe_divide(ops.einsum("nd,ne->de", x[:, 0], x[:, 1]), ops.sum(there))
        return ops.sum(ops.where(identity(c), ops.square(1 - c), self.redundancy_weight * ops.square(c)))


def _is_constant(difference: Tensor, x: Tensor) -> Tensor:
    """Where entries differ from their mean by rounding alone, `(N, ...)` to `(1, ...)`."""
    rounding = 4 * float(np.finfo(keras.backend.standardize_dtype(x.dtype)).eps)
    largest, most = (ops.amax(ops.abs(z), axis=0, keepdims=True) for z in (x, difference))
    return most <= rounding * largest


@register
class VICReg(BatchViewLoss):
    """Two views must agree, while the entries of the embeddings vary and are not correlated.

    Formula: `invariance_weight * mean((a - b) ** 2) + variance_weight * (V(a) + V(b)) / 2 + covariance_weight
    * (K(a) + K(b))`, with `V(x) = mean(max(1 - sqrt(var[d] + epsilon), 0))` over the entries d, and `K(x) =
    sum(cov[d, e] ** 2) / D` over pairs of different ones, of variances and covariances over the batch.

    Args:
        invariance_weight, variance_weight, covariance_weight: The weights of the three terms, numbers >= 0.
        epsilon: What is added to the variance, a number > 0.
        reduction, name, dtype: See `kerasloss.Loss`.
        ddof: 0 or 1: the variance is a sum divided by N - `ddof`. The covariance is one by N - 1.

    Shapes:
        `y_true`: ignored; `y_pred`: two views `(N, 2, D)`. Returns `(N,)`: the first term is of each sample,
        the others of the batch. Sample weights weigh the values; a masked sample is absent from the
        statistics.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it for self-supervised training, also where the views have different networks or kinds of data; not
    on normalised embeddings, whose standard deviations can't be 1.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.VICReg(reduction=None)(None, y_pred)).round(4))
    [22.6768 37.6768]

    Equivalents: lightly VICRegLoss, pytorch-metric-learning VICRegLoss: default. TensorFlow Similarity
    VicReg: `ddof=0`.

    Reference: Bardes, Ponce & LeCun, 2022, VICReg: Variance-Invariance-Covariance Regularization for
    Self-Supervised Learning, ICLR (arXiv 2105.04906).
    """

    growth = "matrix"
    invariance_weight: NonNegative = 25.0
    variance_weight: NonNegative = 25.0
    covariance_weight: NonNegative = 1.0
    epsilon: Positive = 1e-4
    ddof: Literal[0, 1] = 1

    def values(self, y_pred: Tensor, there: Tensor) -> Tensor:
        x = _centered(y_pred, there)
        deviation = ops.sqrt(_variance(x, there, self.ddof) + self.epsilon)
        covariance = ops.einsum("nvd,nve->vde", x, x) / clip_below(ops.sum(there) - 1, 1.0)
        of_others = ops.where(identity(covariance[0]), 0, ops.square(covariance))
        return (
            self.invariance_weight * mean(ops.square(y_pred[:, 0] - y_pred[:, 1]), axis=-1)
            + self.variance_weight * mean(ops.relu(1 - deviation))
            + self.covariance_weight * ops.sum(of_others) / y_pred.shape[-1]
        )


def _others(index: Tensor, there: Tensor) -> Tensor:
    """True for the other samples of a block of rows, `(A, N)`."""
    return ops.logical_and(there > 0, ops.logical_not(itself(index, there)))


@register
class AlignmentUniformity(BatchViewLoss):
    """Two views must be near each other on the sphere, and the samples spread evenly over it.

    Formula: `||a - b|| ** alpha + uniformity_weight * (U(a) + U(b)) / 2`, of embeddings divided by their
    norm, with `U(x) = log(mean(exp(-t * ||x[i] - x[j]|| ** 2)))` over all pairs of samples.

    Args:
        alpha: The power of the distance, a number > 0.
        t: How fast the repulsion decreases with the distance, a number > 0.
        uniformity_weight: The weight of U, a number >= 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: two views `(N, 2, D)`. Returns `(N,)`, which may be negative: the first
        term is of each sample, U of the batch. Sample weights weigh the values; a masked sample is absent
        from U.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it with a batch of some hundred samples or more, of which it holds all pairs. Both terms alone are
    also measures of embeddings that are trained otherwise. A single sample has U = 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.AlignmentUniformity(reduction=None)(None, y_pred)).round(4))
    [-1.2201 -1.4343]

    Equivalents: the authors' code: default. lightly HypersphereLoss: `t=1.0`, `lam` is `uniformity_weight`.

    Reference: Wang & Isola, 2020, Understanding Contrastive Representation Learning through Alignment and
    Uniformity on the Hypersphere, ICML (arXiv 2005.10242).
    """

    growth = "pair-blocks"
    alpha: Positive = 2.0
    t: Positive = 2.0
    uniformity_weight: NonNegative = 1.0

    def values(self, y_pred: Tensor, there: Tensor) -> Tensor:
        x = unit(y_pred, -1)
        a, b = x[:, 0], x[:, 1]
        alignment = power(ops.sum(ops.square(a - b), axis=-1), self.alpha / 2)
        uniformity = 0.5 * (self.uniformity(a, there) + self.uniformity(b, there))
        return alignment + self.uniformity_weight * uniformity

    def uniformity(self, x: Tensor, there: Tensor) -> Tensor:
        """U of one view, of norm 1."""
        pairs = ops.sum(there) * (ops.sum(there) - 1)

        def block(index: Tensor, x: Tensor, y: Tensor, there: Tensor) -> tuple[Tensor]:
            others = _others(index, there)
            return (masked_logsumexp(-self.t * squared_distances(x, y), others, axis=1),)

        (totals,) = by_rows(block, [x], [x, there])
        total = masked_logsumexp(totals, there > 0, axis=0)
        return ops.where(pairs > 0, total - ops.log(ops.where(pairs > 0, pairs, 1)), 0)


@register
class KoLeo(BatchViewLoss):
    """Each embedding must be far from its nearest neighbour in the batch.

    Formula: `-log(min_j(||x[i] - x[j]||) + epsilon)` over the other samples j, of embeddings divided by their
    norm: an estimate of the entropy, by Kozachenko and Leonenko.

    Args:
        epsilon: What is added to the distance, a number > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: embeddings `(N, D)`, or views `(N, V, D)`, each of which is compared
        within itself; their values are averaged. Returns `(N,)`. Sample weights weigh the values; a masked
        sample is no neighbour.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it against collapse, beside another loss and with a small weight, as DINOv2 does: alone it spreads the
    embeddings whatever they mean. Equal embeddings have gradient 0, and a single sample has value 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.KoLeo()(None, y_pred)), 4)
    0.4581

    Equivalents: lightly KoLeoLoss, DINOv2: default; they add 1e-8 to the difference too.

    Reference: Sablayrolles, Douze, Schmid & Jégou, 2019, Spreading Vectors for Similarity Search, ICLR (arXiv
    1806.03198).
    """

    growth = "pair-blocks"
    views = None
    one_view = True

    epsilon: Positive = 1e-8

    def values(self, y_pred: Tensor, there: Tensor) -> Tensor:
        views = [y_pred[:, v] for v in range(y_pred.shape[1])] if len(y_pred.shape) == 3 else [y_pred]
        return sum(self.of_view(unit(x, -1), there) for x in views) / len(views)

    def of_view(self, x: Tensor, there: Tensor) -> Tensor:
        """The values of one view, of norm 1."""

        def block(index: Tensor, x: Tensor, y: Tensor, there: Tensor) -> tuple[Tensor]:
            return (argmax(ops.where(_others(index, there), products(x, y), -2), 1),)

        held = ops.stop_gradient(x)
        (nearest,) = by_rows(block, [held], [held, there])
        # Exact differences of the rows found, since distances from inner products lose their digits.
        value = -ops.log(norm(x - ops.take(x, nearest, axis=0), -1) + self.epsilon)
        return ops.where(ops.sum(there) > 1, value, 0)


def _gaussianity(
    y_pred: Tensor, there: Tensor, knots: int, t_max: float, projections: int, seed: int
) -> Tensor:
    """The formula of SIGReg, averaged over views, `(N, D)` or `(N, V, D)` to `()`."""
    if len(y_pred.shape) == 3:
        y_pred = ops.swapaxes(y_pred, 0, 1)
    x = project(y_pred, projections, seed)
    step, count, distance = t_max / (knots - 1), ops.sum(there), 0.0
    for k in range(1, knots):  # at t = 0 both sides are 1
        t = k * step
        target, width = math.exp(-t * t / 2), step if k == knots - 1 else 2 * step
        real, imaginary = (safe_divide(ops.sum(there * f(t * x), axis=-1), count) for f in (ops.cos, ops.sin))
        distance = distance + width * target * (ops.square(real - target) + ops.square(imaginary))
    return count * mean(distance)


@register
class SIGReg(BatchViewLoss):
    """The embeddings of a batch must be a sample of the standard normal distribution.

    Formula: `N * mean(sum_k w[k] * phi[k] * ((mean(cos(t[k] * u)) - phi[k]) ** 2 + mean(sin(t[k] *
    u)) ** 2))`, the distance of characteristic functions by Epps and Pulley: `u` are the projections of the
    samples on a direction, the inner means are over samples and the outer one over directions, `phi[k] =
    exp(-t[k] ** 2 / 2)`, and w are the weights of the trapezoidal rule on [-t_max, t_max].

    Args:
        knots: The number of places t[k] from 0 to t_max, an integer >= 2.
        t_max: The largest of them, a number > 0.
        projections: The number of directions, >= 1; far more than D.
        seed: Seed of the directions, an integer; they are the same on every backend and at every call.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: embeddings `(N, D)`, or views `(N, V, D)`, each of which is a sample by
        itself; their values are averaged. Returns `(N,)`, the same number for all samples. Sample weights
        weigh it; a masked sample is absent.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it beside a loss of prediction, in place of a teacher, a predictor and stopped gradients; not on
    normalised embeddings. Random normal embeddings have about 1.05, others a value that grows with N. Its
    gradient holds `projections * knots` numbers for each embedding.

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.SIGReg()(None, np.array([[-1.0], [1.0]]))), 4)
    0.2057

    Equivalents: lightly SIGReg: with the same directions, which it draws anew at every step; `num_vectors`
    is `projections`.

    Reference: Balestriero & LeCun, 2025, LeJEPA: Provable and Scalable Self-Supervised Learning Without the
    Heuristics (arXiv 2511.08544).
    """

    views = None
    one_view = True

    knots: Annotated[int, at_least(2)] = 17
    t_max: Positive = 3.0
    projections: Count = 1024
    seed: Annotated[int, at_least(0)] = 0

    def values(self, y_pred: Tensor, there: Tensor) -> Tensor:
        return _gaussianity(y_pred, there, self.knots, self.t_max, self.projections, self.seed)


@register
class LeJEPA(BatchViewLoss):
    """All views must predict the mean of the large ones, while the embeddings stay normally distributed.

    Formula: `(1 - sigreg_weight) * mean((z[v] - c) ** 2) + sigreg_weight * SIGReg(z)`, with the mean c of the
    sample's global views; the gradient flows through it.

    Args:
        sigreg_weight: The weight of `SIGReg`, in [0, 1].
        global_views: How many views, the first ones, are global, an integer >= 1.
        knots, t_max, projections, seed: Those of `SIGReg`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: views `(N, V, D)`, the global ones first. Returns `(N,)`: the first term
        is of each sample, the other of the batch. Sample weights weigh the values; a masked sample is absent
        from `SIGReg`.

    Raises:
        ValueError: If an argument is out of range, the shape is wrong, or V < `global_views`.

    Use it for self-supervised training with one network and nothing but its weight to tune; not on normalised
    embeddings.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.LeJEPA(projections=2, reduction=None)(None, y_pred)).round(4))
    [0.15   0.2925]

    Equivalents: lightly LeJEPALoss: with the same directions; `lambda_param` is `sigreg_weight`.

    Reference: Balestriero & LeCun, 2025, LeJEPA: Provable and Scalable Self-Supervised Learning Without the
    Heuristics (arXiv 2511.08544).
    """

    views = None

    sigreg_weight: Fraction = 0.05
    global_views: Count = 2
    knots: Annotated[int, at_least(2)] = 17
    t_max: Positive = 3.0
    projections: Count = 1024
    seed: Annotated[int, at_least(0)] = 0

    @property
    def least_views(self) -> int:
        """Those that are global."""
        return self.global_views

    def values(self, y_pred: Tensor, there: Tensor) -> Tensor:
        center = ops.expand_dims(mean(y_pred[:, : self.global_views], axis=1), 1)
        apart = mean(ops.square(y_pred - center), axis=(1, 2))
        normal = _gaussianity(y_pred, there, self.knots, self.t_max, self.projections, self.seed)
        return (1 - self.sigreg_weight) * apart + self.sigreg_weight * normal
