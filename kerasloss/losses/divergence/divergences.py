"""Distances between two distributions: `y_true` is the target p, `y_pred` is q.

Both hold probabilities along `axis`; several axes are one joint distribution, such as a heat map.
Probabilities are never renormalised, and `0 * log(0)` is 0. Logarithms are natural: values are in nats.
"""

import itertools
import math
from dataclasses import KW_ONLY
from typing import Annotated

import numpy as np
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Axes, Fraction, Numbers, OpenFraction, Positive, within
from kerasloss.core.kinds.divergence import DivergenceLoss
from kerasloss.core.links import LARGEST_LOG, clip_straight_through
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    ABSENT,
    TINY,
    absolute,
    clip_below,
    cumulative_sum,
    logaddexp,
    logsumexp,
    maximum,
    norm,
    weighted_log_softmax,
)
from kerasloss.core.probabilities import clip_to_one
from kerasloss.core.registry import register
from kerasloss.core.special import half_deviance, xlogy


@register
class KLDivergence(DivergenceLoss):
    """How far the predicted distribution is from the target: the relative entropy KL(p || q).

    Formula: `sum(a * log(a / b))` over `axis` with `a = clip(p, epsilon, 1)`, `b = clip(q, epsilon, 1)`, as
    in Keras. With `epsilon=0`, `from_logits` or `log_target`: `sum(p * (log(p) - log(q)))`, exactly.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.
        from_logits: Whether `y_pred` holds logits, or log-probabilities; else probabilities.
        log_target: Whether `y_true` holds log-probabilities (used as they are, -inf allowed).
        axis: The axis of the probabilities, or several that are one joint distribution.
        epsilon: The smallest probability, in [0, 1); not used where logarithms or logits are given. With 0,
            p > 0 where q = 0 gives inf.

    Shapes:
        `y_true`, `y_pred`: the same shape. Returns it without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes differ. A negative probability gives NaN.

    Use it to follow a whole distribution (soft labels, a teacher); not without logits where predictions can
    be confidently wrong: below `epsilon` the gradient is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.KLDivergence()
    >>> round(float(loss(np.array([[0.25, 0.75]]), np.array([[0.5, 0.5]]))), 4)
    0.1308

    Equivalents: Keras, torchmetrics `kl_divergence(p, q)`: the default. optax `kl_divergence`, torch
    `KLDivLoss("batchmean")`, Gluon 1.9 `KLDivLoss`, on log-probabilities: `from_logits=True` (torch's "mean"
    and older Gluon's are C times smaller). kornia `kl_div_loss_2d`: `axis=(-2, -1)`. Flux
    `kldivergence(eps=0)`: `epsilon=0.0`. KL(q || p): `JensenShannonDivergence(beta=1.0)`.

    Reference: Kullback & Leibler, 1951, On Information and Sufficiency, Annals of Mathematical Statistics.
    """

    _: KW_ONLY
    from_logits: bool = False
    log_target: bool = False
    axis: Axes = -1
    epsilon: Annotated[float, within(least=0, below=1)] = 1e-07

    def divergence(self, y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
        q = clip_to_one(y_pred, self.epsilon) if self.epsilon > 0 and not self.from_logits else y_pred
        if self.log_target:
            p = ops.exp(y_true)
            p_log_p = p * ops.where(ops.equal(p, 0), 0, y_true)
        elif self.epsilon > 0 and not self.from_logits:
            p = clip_to_one(y_true, self.epsilon)
            return ops.sum(p * ops.log(p / q), axis=axis)
        else:
            p = y_true
            p_log_p = p * ops.log(maximum(p, ops.cast(TINY, p.dtype)))  # 0 where p is 0
        if self.from_logits:
            return ops.sum(p_log_p, axis=axis) - weighted_log_softmax(p, y_pred, axis)
        return ops.sum(p_log_p - xlogy(p, q), axis=axis)


@register
class GeneralizedKLDivergence(DivergenceLoss):
    """Relative entropy of non-negative arrays that need not sum to 1: spectra, counts, masses.

    Formula: `sum(p * log(p / max(q, epsilon)) - p + q)` over `axis`: 0 if and only if p = q.

    Args:
        axis: The axis that is summed over, or several.
        from_logits: Whether `y_pred` holds log(q), at most 40, -inf allowed, as in `Poisson`; no softmax.
        epsilon: The smallest q inside the logarithm, in [0, 1). With 0, p > 0 where q = 0 gives inf.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: the same shape. Returns it without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes differ. A negative number gives NaN.

    Use it for arrays whose sum carries meaning; not for probabilities (`KLDivergence`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.GeneralizedKLDivergence()
    >>> round(float(loss(np.array([[1.0, 2.0]]), np.array([[2.0, 0.5]]))), 4)
    1.5794

    Equivalents: optax `generalized_kl_divergence`: `from_logits=True`; scipy `kl_div`, summed: `epsilon=0.0`;
    the Kullback-Leibler cost of non-negative matrix factorisation.

    Reference: Csiszar, 1975, I-Divergence Geometry of Probability Distributions, Annals of Probability; Lee &
    Seung, 2001, Algorithms for Non-negative Matrix Factorization, NIPS.
    """

    activation = "positive"

    axis: Axes = -1
    from_logits: bool = False
    epsilon: Annotated[float, within(least=0, below=1)] = 1e-07

    def divergence(self, y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
        empty = y_true < 1e-25  # so small that p * log(p) vanishes, and q / p could overflow
        p = ops.where(empty, 1, y_true)
        if self.from_logits:
            # -inf would be NaN in a difference
            log_q = clip_straight_through(clip_below(y_pred, ABSENT), ABSENT, LARGEST_LOG)
            q = held = ops.exp(log_q)
            log_ratio = log_q - ops.log(p)
        else:
            q, held = y_pred, clip_below(y_pred, self.epsilon)
            log_ratio = ops.log(ops.where(empty, 1, held) / p)
        each = half_deviance(p, held, log_ratio) + (q - held)
        return ops.sum(ops.where(empty, q, each), axis=axis)


@register
class JensenShannonDivergence(DivergenceLoss):
    """The relative entropy of target and prediction to their mixture: symmetric and bounded by log(2).

    Formula: `sum(beta * p * log(p / m) + (1 - beta) * q * log(q / m))` over `axis` with
    `m = beta * p + (1 - beta) * q`; `beta=0` is KL(p || q) and `beta=1` is KL(q || p).

    Args:
        beta: The weight of the target in the mixture, in [0, 1].
        axis: The axis of the probabilities, or several that are one joint distribution.
        from_logits: Whether `y_pred` holds logits, or log-probabilities; else probabilities.
        log_target: Whether `y_true` holds log-probabilities (used as they are, -inf allowed).
        epsilon: The smallest probability inside a logarithm, in [0, 1); not used where logarithms or logits
            are given.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: the same shape. Returns it without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes differ. A negative probability gives NaN.

    Use it where each distribution may miss modes of the other; not as a metric, which is its square root.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.JensenShannonDivergence()
    >>> round(float(loss(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]]))), 4)
    0.2158

    Equivalents: Liger `LigerJSD(beta)`: `from_logits=True, log_target=True`; scipy `jensenshannon` squared;
    kornia `js_div_loss_2d`: `axis=(-2, -1)`. timm's JsdCrossEntropy, of three views, is another loss.

    Reference: Lin, 1991, Divergence Measures Based on the Shannon Entropy, IEEE Transactions on Information
    Theory; beta: Agarwal et al., 2024, On-Policy Distillation of Language Models, ICLR (arXiv 2306.13649).
    """

    beta: Fraction = 0.5
    axis: Axes = -1
    from_logits: bool = False
    log_target: bool = False
    epsilon: Annotated[float, within(least=0, below=1)] = 1e-07

    def divergence(self, y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
        beta = self.beta
        if self.log_target:
            log_p = clip_below(y_true, ABSENT)  # -inf would be NaN in a difference
            p = ops.exp(log_p)
        else:
            p, log_p = y_true, self.log(y_true)
        if self.from_logits:
            log_q = ops.log_softmax(clip_below(y_pred, ABSENT), axis=axis)
            q = ops.exp(log_q)
        else:
            q, log_q = y_pred, self.log(y_pred)
        if beta == 0:
            return ops.sum(p * (log_p - log_q), axis=axis)
        if beta == 1:
            return ops.sum(q * (log_q - log_p), axis=axis)
        if self.log_target or self.from_logits:
            exact_p = log_p if self.log_target else _exact_log(p)
            exact_q = log_q if self.from_logits else _exact_log(q)
            log_m = logaddexp(exact_p + math.log(beta), exact_q + math.log1p(-beta))
        else:
            log_m = self.log(beta * p + (1 - beta) * q)
        return ops.sum(beta * p * (log_p - log_m) + (1 - beta) * q * (log_q - log_m), axis=axis)

    def log(self, p: Tensor) -> Tensor:
        """The logarithm of a probability, of one of 0 too."""
        return ops.log(clip_below(p, self.epsilon)) if self.epsilon > 0 else _exact_log(p)


def _exact_log(p: Tensor) -> Tensor:
    """The logarithm of a probability; finite, without gradient, at 0."""
    there = p > 1e-37
    return ops.where(there, ops.log(ops.where(there, p, 1)), ABSENT)


@register
class TotalVariationDistance(DivergenceLoss):
    """The largest difference between the probabilities that two distributions give to the same event.

    Formula: `sum(|p - q|) / 2` over `axis`; in [0, 1]. Gradient 0 where p = q.

    Args:
        axis: The axis of the probabilities, or several that are one joint distribution.
        from_logits: Whether `y_pred` holds logits; else probabilities.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: the same shape. Returns it without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes differ. A negative probability gives NaN.

    Use it for noisy targets, since its gradient is bounded; not early in training, for the same reason.

    Example:

    >>> import kerasloss, numpy as np
    >>> float(kerasloss.TotalVariationDistance()(np.array([[0.25, 0.75]]), np.array([[0.5, 0.5]])))
    0.25

    Equivalents: Liger `LigerTVDLoss("batchmean")`; its "mean" is C times smaller.

    Reference: Wen, Li, Du & Mou, 2023, f-Divergence Minimization for Sequence-Level Knowledge Distillation,
    ACL (arXiv 2307.15190).
    """

    axis: Axes = -1
    from_logits: bool = False

    def divergence(self, y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
        return 0.5 * ops.sum(absolute(self.probabilities(y_pred, axis) - y_true), axis=axis)


@register
class RenyiDivergence(DivergenceLoss):
    """A family of divergences: the larger alpha, the more a missed mode costs.

    Formula: `log(max(sum(p ** alpha * r(q)), epsilon ** 2)) / (alpha - 1)` over the entries with p > 0, with
    `r(q) = q ** (1 - alpha)`; where q < epsilon, `r(q) = q / epsilon ** alpha` for alpha < 1, and r(epsilon)
    for alpha > 1. With `alpha=1`: the limit, `sum(p * log(p / max(q, epsilon)))`.

    Args:
        alpha: The order, a finite number > 0. 1/2 is symmetric.
        axis: The axis of the probabilities, or several that are one joint distribution.
        from_logits: Whether `y_pred` holds logits, or log-probabilities; else probabilities.
        epsilon: The smallest probability that is used as it is, in (0, 1); not used with logits. Below 1e-19,
            the least sum is 2 ** -126, about 1e-38, and not the square.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: the same shape. Returns it without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes differ. A negative probability gives NaN.

    Use it with alpha < 1 where the prediction may leave modes out, with alpha > 1 where it must not; not
    where the usual relative entropy will do (`KLDivergence`). Near alpha = 1 the sum of p must be exactly 1.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.RenyiDivergence(alpha=2.0)
    >>> round(float(loss(np.array([[0.25, 0.75]]), np.array([[0.5, 0.5]]))), 4)
    0.2231

    Equivalents: `alpha=0.5` is twice the Bhattacharyya distance. Tsallis' and the alpha-divergences are
    monotone functions of it.

    Reference: Renyi, 1961, On Measures of Entropy and Information, Berkeley Symposium; van Erven & Harremoes,
    2014, Renyi Divergence and Kullback-Leibler Divergence, IEEE Transactions on Information Theory.
    """

    alpha: Positive = 0.5
    axis: Axes = -1
    from_logits: bool = False
    epsilon: OpenFraction = 1e-07

    def divergence(self, y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
        p, order = y_true, self.alpha - 1
        if self.from_logits:
            log_q = ops.log_softmax(clip_below(y_pred, ABSENT), axis=axis)
        else:
            log_q = ops.log(clip_below(y_pred, self.epsilon))
        there = p > 0
        log_p = ops.log(ops.where(there, p, 1))
        log_ratio = ops.where(there, log_p - log_q, 0)
        if order == 0:
            return ops.sum(p * log_ratio, axis=axis)

        # sum(p * exp(u)) is close to 1 where alpha is close to 1, and only its difference from 1 counts.
        u = order * log_ratio
        near = ops.abs(u) < 1
        if not self.from_logits and order < 0:
            near = ops.logical_and(near, ops.logical_or(y_pred >= self.epsilon, ops.logical_not(there)))
        near = ops.all(near, axis=axis, keepdims=True)
        rest = ops.sum(p * ops.expm1(ops.where(near, u, 0)), axis=axis)
        near = ops.squeeze(near, axis)
        rest = ops.where(near, rest + (ops.sum(p, axis=axis) - 1), 0)
        log_near = ops.log1p(clip_below(rest, -0.999))
        return ops.where(near, log_near, self.log_sum(log_p + u, there, y_pred, axis)) / order

    def log_sum(self, z: Tensor, there: Tensor, q: Tensor, axis: int) -> Tensor:
        """The logarithm of the sum of exp(z), and for alpha < 1 of r(q) where q is small."""
        least = 2 * math.log(self.epsilon)
        if self.from_logits or self.alpha > 1:
            log_sum = logsumexp(z, axis, there)
            return log_sum if self.from_logits else clip_below(log_sum, least)
        # z holds q = epsilon where q is less: the rest is a factor.
        slope = ops.where(q < self.epsilon, q / self.epsilon, 1)
        total = ops.sum(ops.where(there, ops.exp(ops.where(there, z, 0)) * slope, 0), axis=axis)
        return ops.log(clip_below(total, max(self.epsilon**2, TINY)))


@register
class HellingerDistance(DivergenceLoss):
    """The Euclidean distance between the square roots of the probabilities: a bounded metric.

    Formula: `sqrt(sum((s(p) - s(q)) ** 2) / 2)` over `axis`, with `s(x) = sqrt(x)`, and `x / sqrt(epsilon)`
    where x < epsilon; in [0, 1]. Gradient 0 where p = q.

    Args:
        axis: The axis of the probabilities, or several that are one joint distribution.
        from_logits: Whether `y_pred` holds logits; else probabilities.
        epsilon: The smallest probability whose root is taken as it is, in (0, 1); not used with logits.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: the same shape. Returns it without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes differ. A negative probability gives NaN.

    Use it for bounded distances between distributions that may not overlap; not where rare events should
    weigh most (`KLDivergence`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.HellingerDistance()
    >>> round(float(loss(np.array([[0.25, 0.75]]), np.array([[0.5, 0.5]]))), 4)
    0.1846

    Equivalents: the squared distance is 1 minus the Bhattacharyya coefficient, `sum(sqrt(p * q))`.

    Reference: Hellinger, 1909, Neue Begruendung der Theorie quadratischer Formen von unendlichvielen
    Veraenderlichen, Journal fuer die reine und angewandte Mathematik; Le Cam, 1986, Asymptotic Methods in
    Statistical Decision Theory.
    """

    axis: Axes = -1
    from_logits: bool = False
    epsilon: OpenFraction = 1e-07

    def divergence(self, y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
        if self.from_logits:
            root_q = ops.exp(0.5 * ops.log_softmax(y_pred, axis=axis))
        else:
            root_q = self.root(y_pred)
        return math.sqrt(0.5) * norm(root_q - self.root(y_true), axis)

    def root(self, x: Tensor) -> Tensor:
        """The square root, with a finite slope at 0."""
        small = x < self.epsilon
        return ops.where(small, x / math.sqrt(self.epsilon), ops.sqrt(ops.where(small, 1, x)))


@register
class WassersteinDistance(DivergenceLoss):
    """The work of turning one histogram into another: the earth mover's distance of ordered bins.

    Formula: `sum(|F_p[k] - F_q[k]| * (x[k + 1] - x[k]))` over all bins except the last, with the cumulative
    sums F over `axis` and the positions x. Gradient 0 where they are equal.

    Args:
        positions: The positions of the C bins, strictly increasing; None: 0, 1, ..., C - 1.
        axis: The axis of the bins, an integer.
        from_logits: Whether `y_pred` holds logits; else probabilities.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: the same shape. Returns it without `axis`.

    Raises:
        ValueError: If an argument is out of range, `positions` does not have C entries, or the shapes differ.
            A negative probability gives NaN.

    Use it for ratings, ages and other bins with an order; not for classes without one. Of samples
    instead of bins: `SlicedWasserstein`. A difference in total mass is not counted.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.WassersteinDistance()
    >>> float(loss(np.array([[1.0, 0.0, 0.0]]), np.array([[0.0, 0.5, 0.5]])))
    1.5

    Equivalents: scipy `wasserstein_distance(x, x, p, q)`; POT `emd2(p, q, M)` with the distances of the
    positions as `M`. Squared: `EarthMoversDistance`.

    Reference: Vallender, 1974, Calculation of the Wasserstein Distance Between Probability Distributions on
    the Line, Theory of Probability and Its Applications.
    """

    positions: Numbers | None = None
    axis: int = -1
    from_logits: bool = False

    def __post_init__(self) -> None:
        if self.positions is not None:
            if np.any(np.diff(self.positions) <= 0):
                checks.fail(self, "`positions` must be strictly increasing", f"positions={self.positions!r}")

    def divergence(self, y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
        if self.positions is not None:
            checks.classes(self, "positions", self.positions, y_pred, axis)
        excess = ops.moveaxis(self.probabilities(y_pred, axis) - y_true, axis, -1)
        work = absolute(cumulative_sum(excess)[..., :-1])
        if self.positions is not None:
            gaps = [right - left for left, right in itertools.pairwise(self.positions)]
            work = work * ops.convert_to_tensor(gaps, dtype=work.dtype)
        return ops.sum(work, axis=-1)
