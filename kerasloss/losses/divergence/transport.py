"""Distances between two point clouds: `y_true` holds X, `y_pred` holds Y.

With shapes `(N, D)` and `(M, D)` the whole batch is one cloud, and the value is one number. With more leading
axes there is a value for each pair of clouds. Points have equal masses that sum to 1, unless sample weights
or a mask of the shape of the points set them, for both clouds at once. If all masses are 0, the value is 0.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Count, Positive, at_least, within
from kerasloss.core.kinds.point_set import PointSetLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    ABSENT,
    absolute,
    constant,
    cumulative_sum,
    largest_magnitude,
    logsumexp,
    maximum,
    mean,
    power,
    reciprocal,
    safe_divide,
)
from kerasloss.core.pairwise import distances, products, squared_distances
from kerasloss.core.projections import project
from kerasloss.core.registry import register

FAR = 3e38
"""A squared distance larger than any other."""


def _masses(x: Tensor, weight: Tensor | None) -> Tensor:
    """The masses of the points, which sum to 1."""
    weight = ops.ones_like(x[..., 0]) if weight is None else weight
    return weight / ops.sum(weight, axis=-1, keepdims=True)


def _weighted_mean(x: Tensor, masses: Tensor) -> Tensor:
    """The mean of the points, as a cloud of one point."""
    return ops.expand_dims(ops.einsum("...i,...id->...d", masses, x), -2)


def _centered(x: Tensor, y: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Both clouds shifted so that their common mean is 0: inner products are then most exact."""
    center = ops.stop_gradient(0.5 * (_weighted_mean(x, a) + _weighted_mean(y, b)))
    return x - center, y - center


@register
class SinkhornDivergence(PointSetLoss):
    """The work of moving one point cloud onto another, smoothed by entropy: optimal transport.

    Formula: `S = OT(X, Y) - OT(X, X) / 2 - OT(Y, Y) / 2` with `OT = min(sum(pi * C) + epsilon * KL(pi || a
    b))` over all plans pi with the masses a and b as marginals, and `C[i, j] = ||x[i] - y[j]|| ** p`. The
    gradient is that of the plan: it does not flow through the iterations.

    Args:
        epsilon: How much entropy smooths the plan, > 0, in the unit of C; not a guard.
        p: The power of the distances, 1 or 2.
        iterations: The number of Sinkhorn iterations, >= 1; epsilon starts large and decreases.
        debiased: Whether the terms of X and Y alone are subtracted; otherwise the value is OT(X, Y).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N, D)`, `y_pred`: `(M, D)`: one number for the batch, with sample weights as masses. Or
        `(..., N, D)`, `(..., M, D)`: returns `(...)`.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, or points have weights and N is
        not M.

    Use it to fit a generator or match unordered sets; not for very large clouds, since it holds all pairs
    (`SlicedWasserstein` sorts instead).

    Second derivatives mean nothing: the potentials are held fixed, as the envelope theorem allows for the
    first.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.SinkhornDivergence()
    >>> round(float(loss(np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[0.0, 1.0], [1.0, 1.0]]))), 4)
    1.0

    Equivalents: geomloss `SamplesLoss("sinkhorn", p=2, blur=b)`: half of this with `epsilon=2 * b**2`, and
    `p=1`: this with `epsilon=b` (near it: theirs stops early, later with `scaling` near 1); OTT-JAX
    `sinkhorn_divergence` with a squared Euclidean cost: the same epsilon; POT `solve_sample(X, Y,
    reg=epsilon).value`: `debiased=False`.

    Reference: Cuturi, 2013, Sinkhorn Distances, NIPS; Genevay, Peyre & Cuturi, 2018, Learning Generative
    Models with Sinkhorn Divergences, AISTATS; Feydy et al., 2019, Interpolating between Optimal Transport and
    MMD using Sinkhorn Divergences, AISTATS.
    """

    growth = "pairs"

    epsilon: Positive = 0.1
    p: Literal[1, 2] = 2
    iterations: Count = 100
    debiased: bool = True

    def distance(self, x: Tensor, y: Tensor, weight: Tensor | None) -> Tensor:
        a, b = _masses(x, weight), _masses(y, weight)
        x, y = _centered(x, y, a, b)
        value = self.transport(self.cost(x, y), a, b)
        if self.debiased:
            own = self.own_transport(self.cost(x, x), a) + self.own_transport(self.cost(y, y), b)
            value = value - 0.5 * own
        return value

    def cost(self, x: Tensor, y: Tensor) -> Tensor:
        """The cost of moving each point of `x` to each of `y`."""
        return distances(x, y) if self.p == 1 else squared_distances(x, y)

    def transport(self, cost: Tensor, a: Tensor, b: Tensor) -> Tensor:
        """OT of two clouds. At its optimum only the last half of an iteration has a derivative."""
        log_a, log_b, back = _log(a), _log(b), ops.swapaxes(cost, -1, -2)
        held, held_back = ops.stop_gradient(cost), ops.stop_gradient(back)
        smoothing = self.schedule(held, a, b)

        def step(k: Tensor, potentials: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            e = smoothing(k)
            f = _soft_minimum(held, potentials[1], log_b, e)
            return f, _soft_minimum(held_back, f, log_a, e)

        last = self.iterations - 1
        _, g = ops.fori_loop(0, last, step, (ops.zeros_like(log_a), ops.zeros_like(log_b)))
        e = smoothing(last)
        f = _soft_minimum(held, ops.stop_gradient(g), log_b, e)
        g = _soft_minimum(back, f, log_a, e)
        return ops.sum(a * f, axis=-1) + ops.sum(b * g, axis=-1)

    def own_transport(self, cost: Tensor, a: Tensor) -> Tensor:
        """OT of a cloud onto itself, where both potentials are the same."""
        log_a, held = _log(a), ops.stop_gradient(cost)
        smoothing = self.schedule(held, a, a)

        def step(k: Tensor, potentials: tuple[Tensor]) -> tuple[Tensor]:
            (f,) = potentials
            return (0.5 * (f + _soft_minimum(held, f, log_a, smoothing(k))),)

        last = self.iterations - 1
        (f,) = ops.fori_loop(0, last, step, (ops.zeros_like(log_a),))
        f = ops.stop_gradient(f)
        return ops.sum(a * (f + _soft_minimum(cost, f, log_a, smoothing(last))), axis=-1)

    def schedule(self, cost: Tensor, a: Tensor, b: Tensor) -> Any:
        """The smoothing of each iteration, from the largest cost down to `epsilon`."""
        there = ops.logical_and(ops.expand_dims(a > 0, -1), ops.expand_dims(b > 0, -2))
        largest = ops.amax(ops.where(there, cost, 0), axis=(-2, -1))
        least = constant(self.epsilon, cost)

        def smoothing(k: Any) -> Tensor:
            fall = ops.exp(float(np.log(0.9)) * ops.cast(k, cost.dtype))
            return maximum(largest * fall, least)

        return smoothing


def _log(masses: Tensor) -> Tensor:
    """The logarithm of masses; finite, without gradient."""
    there = masses > 0
    return ops.stop_gradient(ops.where(there, ops.log(ops.where(there, masses, 1)), ABSENT))


def _soft_minimum(cost: Tensor, potential: Tensor, log_masses: Tensor, e: Tensor) -> Tensor:
    """`-e log(sum(masses * exp((potential - cost) / e)))` over the last axis of the cost."""
    wide = ops.expand_dims(ops.expand_dims(e, -1), -1)
    terms = ops.expand_dims(log_masses, -2) + (ops.expand_dims(potential, -2) - cost) / wide
    return -ops.expand_dims(e, -1) * logsumexp(terms, -1)


@register
class SlicedWasserstein(PointSetLoss):
    """The mean distance of two point clouds over random directions; in each, sorting finds the best plan.

    Formula: `mean(W(X t, Y t) ** p) ** (1 / p)` over directions t, with the Wasserstein distance of order p
    on a line: `W ** p = mean(|sort(X t) - sort(Y t)| ** p)`. Gradient 0 where the clouds are equal.

    Args:
        projections: The number of directions, >= 1.
        p: The order, a finite number >= 1.
        seed: Seed of the directions, an integer; they are the same on every backend and at every call.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(N, D)`: one number for the batch, with sample weights as masses. Or `(..., N,
        D)`: returns `(...)`.

    Raises:
        ValueError: If an argument is out of range or the shapes differ.

    Use it for large clouds; not in many dimensions with few projections, which miss most of a difference.

    Example:

    >>> import kerasloss, numpy as np
    >>> x = np.array([[0.0], [1.0], [3.0]])
    >>> round(float(kerasloss.SlicedWasserstein()(x, x + 5)), 4)
    5.0

    Equivalents: POT `sliced_wasserstein_distance` with the same directions. Generative papers often use its
    square.

    Reference: Rabin, Peyre, Delon & Bernot, 2011, Wasserstein Barycenter and Its Application to Texture
    Mixing, SSVM; Bonneel et al., 2015, Sliced and Radon Wasserstein Barycenters of Measures, Journal of
    Mathematical Imaging and Vision.
    """

    growth = "sort"

    same_count = True

    projections: Count = 50
    p: Annotated[float, within(least=1)] = 2
    seed: Annotated[int, at_least(0)] = 0

    def distance(self, x: Tensor, y: Tensor, weight: Tensor | None) -> Tensor:
        x, y = (project(points, self.projections, self.seed) for points in (x, y))
        if weight is None:
            difference, share = ops.sort(x, axis=-1) - ops.sort(y, axis=-1), None
        else:
            difference, share = _matched(x, y, ops.expand_dims(_masses(x, weight), -2))
        largest = largest_magnitude(difference, axis=(-2, -1))
        powers = power(absolute(difference * reciprocal(largest)), self.p)
        on_lines = mean(powers, axis=-1) if share is None else ops.sum(share * powers, axis=-1)
        return ops.squeeze(largest, (-2, -1)) * power(mean(on_lines, axis=-1), 1 / self.p)


def _matched(x: Tensor, y: Tensor, masses: Tensor) -> tuple[Tensor, Tensor]:
    """Differences between the points that share a piece of mass on a line, and the sizes of the pieces."""
    (x, upto_x), (y, upto_y) = (_sorted(points, masses) for points in (x, y))
    cuts = ops.concatenate([upto_x, upto_y], axis=-1)
    order = ops.argsort(cuts, axis=-1)
    cuts = ops.take_along_axis(cuts, order, axis=-1)
    share = cuts - ops.concatenate([ops.zeros_like(cuts[..., :1]), cuts[..., :-1]], axis=-1)
    # A piece belongs to the point after all that ended before it.
    count = ops.shape(x)[-1]
    of_x = ops.cast(order < count, "int32")
    ended_x, ended_y = (ops.cumsum(ended, axis=-1) - ended for ended in (of_x, 1 - of_x))
    x, y = (
        ops.take_along_axis(points, ops.minimum(ended, count - 1), axis=-1)
        for points, ended in ((x, ended_x), (y, ended_y))
    )
    return x - y, share


def _sorted(x: Tensor, masses: Tensor) -> tuple[Tensor, Tensor]:
    """The points in order on each line, and the mass up to each."""
    order = ops.argsort(x, axis=-1)
    masses = ops.take_along_axis(masses + ops.zeros_like(x), order, axis=-1)
    return ops.take_along_axis(x, order, axis=-1), ops.stop_gradient(cumulative_sum(masses))


Kernel: TypeAlias = Literal["gaussian", "inverse_multiquadric", "polynomial"]


@register
class MaximumMeanDiscrepancy(PointSetLoss):
    """Squared distance between two samples under a kernel: 0 only for the same distribution.

    Formula: `mean(k(x_i, x_j)) + mean(k(y_i, y_j)) - 2 * mean(k(x_i, y_j))` over all pairs; with
    `unbiased=True` the first two means leave out the pairs of a point with itself. Kernels of the distance d:
    `"gaussian"`: `exp(-d ** 2 / (2 s ** 2))`; `"inverse_multiquadric"`: `s ** 2 / (s ** 2 + d ** 2)`;
    `"polynomial"`: `(x' y / D + 1) ** 3`, with the inner product x' y of two points.

    Args:
        kernel: One of those names.
        bandwidth: s > 0; a sequence: the kernels are averaged; `"median"`: the median distance between two
        points of both samples together, without gradient (1 if it is 0). The polynomial kernel has none.
        unbiased: Whether pairs of a point with itself are left out; values can then be negative. If a single
            point has mass, there is no other pair, and the value is 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N, D)`, `y_pred`: `(M, D)`: one number for the batch, with sample weights as masses. Or
        `(..., N, D)`, `(..., M, D)`: returns `(...)`.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, points have weights and N is
            not M, or `unbiased` is used with a single point.

    Use it to match samples of a generator, a latent code, or two domains; not with a bandwidth far from the
    distances in the data, where its gradient vanishes.

    Example:

    >>> import kerasloss, numpy as np
    >>> x, y = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]), np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 3.0]])
    >>> round(float(kerasloss.MaximumMeanDiscrepancy(bandwidth=1.0)(x, y)), 4)
    0.3441

    Equivalents: KID of torchmetrics and piq: `kernel="polynomial", unbiased=True`. sklearn
    `rbf_kernel(gamma)`: `bandwidth=(2 * gamma)**-0.5`. geomloss `SamplesLoss("gaussian", blur=s)`: half of
    this with `bandwidth=s`. PyTorch Adapt `MMDLoss(mmd_type="quadratic", bandwidth=b)`: `unbiased=True` and
    `(b / 2)**0.5`. DAN sums its kernels.

    Reference: Gretton et al., 2012, A Kernel Two-Sample Test, JMLR; Long et al., 2015, Learning Transferable
    Features with Deep Adaptation Networks, ICML; Tolstikhin et al., 2018, Wasserstein Auto-Encoders, ICLR;
    Binkowski et al., 2018, Demystifying MMD GANs, ICLR.
    """

    growth = "pairs"

    kernel: Kernel = "gaussian"
    bandwidth: float | Sequence[float] | str = "median"
    unbiased: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.bandwidth, str):
            checks.number_or_sequence(self, "bandwidth", self.bandwidth, above=0)
        elif self.bandwidth != "median":
            what = '`bandwidth` must be "median", a finite number > 0 or a non-empty sequence of such numbers'
            checks.fail(self, what, f"bandwidth={self.bandwidth!r}")

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if self.unbiased and 1 in (y_true.shape[-2], y_pred.shape[-2]):
            checks.fail(
                self,
                "`unbiased` needs at least 2 points in each cloud",
                f"unbiased=True, y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}",
            )
        return y_true, y_pred

    def distance(self, x: Tensor, y: Tensor, weight: Tensor | None) -> Tensor:
        a, b = _masses(x, weight), _masses(y, weight)
        if self.kernel == "polynomial":
            kernels = [(products(u, v) / x.shape[-1] + 1) ** 3 for u, v in ((x, x), (y, y), (x, y))]
        else:
            x, y = _centered(x, y, a, b)
            kernels = self.of_distances(x, y, a, b)
        within_x, within_y, between = kernels
        between = ops.einsum("...i,...j,...ij->...", a, b, between)
        value = self.within(within_x, a) + self.within(within_y, b) - 2 * between
        if not self.unbiased:
            return value
        pairs = [ops.sum(ops.square(masses), axis=-1) < 1 for masses in (a, b)]
        return ops.where(ops.logical_and(*pairs), value, 0)

    def within(self, kernel: Tensor, masses: Tensor) -> Tensor:
        """The mean of the kernel over the pairs of one cloud."""
        total = ops.einsum("...i,...j,...ij->...", masses, masses, kernel)
        if not self.unbiased:
            return total
        squares = ops.square(masses)
        alone = ops.sum(squares * ops.diagonal(kernel, axis1=-2, axis2=-1), axis=-1)
        return safe_divide(total - alone, 1 - ops.sum(squares, axis=-1))

    def of_distances(self, x: Tensor, y: Tensor, a: Tensor, b: Tensor) -> list[Tensor]:
        """The kernel within X, within Y and between them."""
        if isinstance(self.bandwidth, str):
            scales = [ops.expand_dims(ops.expand_dims(_median_distance(x, y, a, b), -1), -1)]
        elif isinstance(self.bandwidth, Iterable):
            scales = [float(scale) for scale in self.bandwidth]
        else:
            scales = [self.bandwidth]
        squared = [squared_distances(u, v) for u, v in ((x, x), (y, y), (x, y))]
        return [sum(self.value(d, s) for s in scales) / len(scales) for d in squared]

    def value(self, squared: Tensor, scale: Any) -> Tensor:
        """The kernel of squared distances."""
        ratio = squared / scale / scale
        return ops.exp(-0.5 * ratio) if self.kernel == "gaussian" else 1 / (1 + ratio)


def _median_distance(x: Tensor, y: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """The median distance between two points of both clouds together, 1 if that is 0; without gradient."""
    points = ops.stop_gradient(ops.concatenate([x, y], axis=-2))
    there = ops.concatenate([a, b], axis=-1) > 0
    index = ops.arange(ops.shape(points)[-2])
    pairs = ops.logical_and(ops.expand_dims(there, -1), ops.expand_dims(there, -2))
    pairs = ops.logical_and(pairs, ops.not_equal(ops.expand_dims(index, 1), index))
    between = ops.where(pairs, distances(points, points), FAR)
    shape = ops.shape(between)
    between = ops.reshape(between, (*shape[:-2], shape[-1] * shape[-1]))
    if points.shape[-2] is None:  # there may be no point, and then nothing to take
        pads = [(0, 0)] * (len(points.shape) - 2) + [(0, 1)]
        between = ops.pad(between, pads, constant_values=FAR)
    between = ops.sort(between, axis=-1)
    # Every pair is there twice, so that the two in the middle are those of the pairs.
    count = ops.sum(ops.cast(pairs, "int32"), axis=(-2, -1))
    middle = ops.expand_dims(count // 2, -1)
    lower, upper = (
        ops.squeeze(ops.take_along_axis(between, k, axis=-1), -1) for k in (ops.relu(middle - 1), middle)
    )
    median = 0.5 * lower + 0.5 * upper
    return ops.stop_gradient(ops.where(ops.equal(median, 0), 1, median))


@register
class CorrelationAlignment(PointSetLoss):
    """The difference between the covariances of two samples, for features that two domains should share.

    Formula: `sum((Cov(X) - Cov(Y)) ** 2) / (4 D ** 2)` with `Cov = sum(a * (x - m) (x - m)') / (1 -
    sum(a ** 2))` and the mean m: the usual covariance, divided by N - 1, for equal masses a.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N, D)`, `y_pred`: `(M, D)`: one number for the batch, with sample weights as masses. Or
        `(..., N, D)`, `(..., M, D)`: returns `(...)`.

    Raises:
        ValueError: If the shapes don't match, or points have weights and N is not M.

    Use it beside a classifier to transfer it from one domain to another; not where the means differ, which it
    does not see (`MaximumMeanDiscrepancy`). The covariance of a single point is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> x, y = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]), np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 3.0]])
    >>> round(float(kerasloss.CorrelationAlignment()(x, y)), 4)
    0.2604

    Equivalents: PyTorch Adapt `CORALLoss`: default. numpy `cov(x, rowvar=False, aweights=weights)` is the
    covariance.

    Reference: Sun & Saenko, 2016, Deep CORAL: Correlation Alignment for Deep Domain Adaptation, ECCV
    workshops (arXiv 1607.01719).
    """

    growth = "matrix"

    def distance(self, x: Tensor, y: Tensor, weight: Tensor | None) -> Tensor:
        difference = _covariance(x, _masses(x, weight)) - _covariance(y, _masses(y, weight))
        return ops.sum(ops.square(difference / (2 * x.shape[-1])), axis=(-2, -1))


def _covariance(x: Tensor, masses: Tensor) -> Tensor:
    """The covariance of points with masses; 0 for a single point."""
    x = x - _weighted_mean(x, masses)
    moments = ops.einsum("...id,...ie->...de", ops.expand_dims(masses, -1) * x, x)
    rest = 1 - ops.sum(ops.square(masses), axis=-1)
    return safe_divide(moments, ops.expand_dims(ops.expand_dims(rest, -1), -1))
