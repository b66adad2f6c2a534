"""Negative log-likelihoods of real targets: regression that predicts its own spread.

`y_true` is `(batch, ..., d)` and `y_pred` `(batch, ..., d, k)`, the parameters of the distribution of each
entry on the last axis; the value is the mean over d. `(N,)` or `(N, 1)` against `(N, k)` is one entry each.
Locations and logits are raw outputs. Positive parameters are read through `link`, within the bounds
`[epsilon, exp(40)]`: beyond a bound, the value is that at the bound and the gradient is passed on as if
nothing were clipped, so that a parameter can come back. Likelihoods of counts are in `counts.py`.
"""

import math

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Fraction, NonNegative, Positive
from kerasloss.core.kinds.distribution import LinkedLoss
from kerasloss.core.links import Link, ScaleLink
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import absolute, constant, mean, nan_unless, softplus
from kerasloss.core.registry import register
from kerasloss.core.special import HALF_LOG_2PI, log1p_square, log_gamma_half_step, log_i0e


@register
class GaussianNLL(LinkedLoss):
    """Regression with a predicted mean and spread, under normal noise.

    Formula: the mean over d of `log(s) + ((y - m) / s) ** 2 / 2`, plus `log(2 pi) / 2` if `full`.

    Args:
        link: What `y_pred` holds of the scale s: `"log"`: log(s); `"softplus"`: r with s = log(1 + exp(r));
            `"identity"`: s; `"variance"`: s ** 2; `"log_variance"`: log(s ** 2).
        full: Whether the constant of the density is added.
        epsilon: Least s (variance links: least s ** 2), > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers; `y_pred`: `(batch, ..., d, 2)`: mean, scale. Or `(batch,)`
        or `(batch, 1)` with `(batch, 2)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: For another `link`, an `epsilon` that is not > 0, or shapes that don't match.

    Use it where the noise differs between inputs; not with outliers (`StudentTNLL`, `LaplaceNLL`), nor
    where the mean is learned too slowly at badly fitted points (`BetaNLL`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.GaussianNLL()
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, np.log(2.0)]]))), 4)
    0.8181

    Equivalents: torch `GaussianNLLLoss(full=..., eps=...)`: `link="variance"` with the same `full` and
    `epsilon`, parameters stacked as `[mean, var]`. Heads that give log-variances: `link="log_variance"`.
    torchdistill `VIDLoss`: `link="variance"`. scoringrules `logs_normal`: this, with `full=True`; scipy
    `norm.logpdf`, torch `Normal`: minus that.

    Reference: Nix & Weigend, 1994, Estimating the Mean and Variance of the Target Probability Distribution,
    ICNN.
    """

    parameters = "mean, scale"

    link: ScaleLink = "log"
    full: bool = False
    epsilon: Positive = 1e-06

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        location, raw = self.outputs(y_pred)
        value = mean(_normal(y_true - location, *self.positive(raw)), axis=-1)
        return value + HALF_LOG_2PI if self.full else value


@register
class BetaNLL(LinkedLoss):
    """`GaussianNLL` that does not neglect the points it fits badly.

    Formula: the mean over d of `stop_gradient(s ** (2 beta)) * (log(s) + ((y - m) / s) ** 2 / 2)`.

    Args:
        beta: How strongly values are weighted by the variance, in [0, 1]; 0: `GaussianNLL`; 1: the gradient
            of the mean is that of half the squared error.
        link: What `y_pred` holds of the scale s: `"log"`: log(s); `"softplus"`: r with s = log(1 + exp(r));
            `"identity"`: s; `"variance"`: s ** 2; `"log_variance"`: log(s ** 2).
        epsilon: Least s (variance links: least s ** 2), > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers; `y_pred`: `(batch, ..., d, 2)`: mean, scale. Or `(batch,)`
        or `(batch, 1)` with `(batch, 2)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `beta` is outside [0, 1], for another `link`, an `epsilon` that is not > 0, or shapes
            that don't match.

    Use it where `GaussianNLL` explains hard points away as noise; not to compare models, since its value is
    not a likelihood.

    Second derivatives mean nothing: the weight is held fixed.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.BetaNLL()
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, np.log(2.0)]]))), 4)
    1.6363

    Equivalents: the authors multiply torch's `GaussianNLLLoss` by `var.detach() ** beta`: `link="variance"`.

    Reference: Seitzer, Tavakoli, Antic & Martius, 2022, On the Pitfalls of Heteroscedastic Uncertainty
    Estimation with Probabilistic Neural Networks, ICLR (arXiv 2203.09168).
    """

    parameters = "mean, scale"

    beta: Fraction = 0.5
    link: ScaleLink = "log"
    epsilon: Positive = 1e-06

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        location, raw = self.outputs(y_pred)
        scale, log_scale = self.positive(raw)
        weight = ops.stop_gradient(scale ** (2 * self.beta))
        return mean(weight * _normal(y_true - location, scale, log_scale), axis=-1)


@register
class LaplaceNLL(LinkedLoss):
    """Absolute error with a predicted spread, under Laplace noise.

    Formula: the mean over d of `log(2 b) + |y - m| / b`; gradient 0 in m at `y = m`.

    Args:
        link: What `y_pred` holds of the scale b: `"log"`: log(b); `"softplus"`: r with b = log(1 + exp(r));
            `"identity"`: b.
        epsilon: Least b, > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers; `y_pred`: `(batch, ..., d, 2)`: location, scale. Or
        `(batch,)` or `(batch, 1)` with `(batch, 2)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: For another `link`, an `epsilon` that is not > 0, or shapes that don't match.

    Use it for noise with heavier tails than normal, and for medians; not with gross outliers (`StudentTNLL`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.LaplaceNLL()
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, np.log(2.0)]]))), 4)
    1.8863

    Equivalents: scipy `laplace.logpdf`, torch `Laplace`: minus this.

    Reference: Laplace, 1774, Mémoire sur la probabilité des causes par les évènements.
    """

    parameters = "location, scale"

    link: Link = "log"
    epsilon: Positive = 1e-06

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        location, raw = self.outputs(y_pred)
        scale, log_scale = self.positive(raw)
        return mean(log_scale + absolute(y_true - location) / scale, axis=-1) + math.log(2)


@register
class StudentTNLL(LinkedLoss):
    """Regression with a predicted spread, and tails as heavy as the data require.

    Formula: the mean over d of `log(s) + log(pi v) / 2 + lgamma(v / 2) - lgamma((v + 1) / 2)
    + (v + 1) / 2 * log(1 + t ** 2 / v)` with `t = (y - m) / s`.

    Args:
        df: The degrees of freedom v, a number > 0; None: predicted, as a third parameter.
        link: What `y_pred` holds of a positive parameter p, the scale s and v: `"log"`: log(p);
            `"softplus"`: r with p = log(1 + exp(r)); `"identity"`: p.
        epsilon: Least s and least predicted v, > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers; `y_pred`: `(batch, ..., d, 3)`: location, scale, degrees
        of freedom, or `(batch, ..., d, 2)` if `df` is given. Or `(batch,)` or `(batch, 1)` with
        `(batch, k)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `df` is not a finite number > 0, for another `link`, an `epsilon` that is not > 0, or
            shapes that don't match.

    Use it for noise with outliers; not with a predicted `df` on little data, which hardly determine it.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.StudentTNLL(df=3)
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, np.log(2.0)]]))), 4)
    1.8541

    Equivalents: scipy `t.logpdf`, torch `StudentT`: minus this.

    Reference: Lange, Little & Taylor, 1989, Robust Statistical Modeling Using the t Distribution, Journal of
    the American Statistical Association.
    """

    name = "student_t_nll"

    df: Positive | None = None
    link: Link = "log"
    epsilon: Positive = 1e-06

    def __post_init__(self) -> None:
        self.parameters = "location, scale" if self.df else "location, scale, degrees of freedom"

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        location, raw_scale, *raw_df = self.outputs(y_pred)
        scale, log_scale = self.positive(raw_scale)
        df = self.positive(raw_df[0])[0] if raw_df else constant(self.df, y_pred)
        root = (y_true - location) / scale / ops.sqrt(df)
        return mean(log_scale + _student_t(root, 0.5 * df), axis=-1)


@register
class LogNormalNLL(LinkedLoss):
    """Positive targets with multiplicative noise.

    Formula: the mean over d of `log(y) + log(s) + log(2 pi) / 2 + ((log(y) - m) / s) ** 2 / 2`.

    Args:
        link: What `y_pred` holds of s, the scale of log(y): `"log"`: log(s); `"softplus"`: r with
            s = log(1 + exp(r)); `"identity"`: s; `"variance"`: s ** 2; `"log_variance"`: log(s ** 2).
        epsilon: Least s (variance links: least s ** 2), > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, numbers > 0, else NaN; `y_pred`: `(batch, ..., d, 2)`: mean and scale of
        log(y). Or `(batch,)` or `(batch, 1)` with `(batch, 2)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: For another `link`, an `epsilon` that is not > 0, or shapes that don't match.

    Use it for sizes, prices and durations with relative noise; not for targets that can be 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.LogNormalNLL()
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, np.log(2.0)]]))), 4)
    1.6121

    Equivalents: torch `LogNormal(m, s)`, scipy `lognorm(s=s, scale=exp(m)).logpdf`: minus this.

    Reference: Galton, 1879, The Geometric Mean in Vital and Social Statistics, Proceedings of the Royal
    Society; Aitchison & Brown, 1957, The Lognormal Distribution.
    """

    parameters = "mean of log(y), scale of log(y)"

    link: ScaleLink = "log"
    epsilon: Positive = 1e-06

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        location, raw = self.outputs(y_pred)
        inside = y_true > 0
        value = _log_normal(ops.where(inside, y_true, 1), location, *self.positive(raw))
        return mean(nan_unless(inside, value), axis=-1)


@register
class ZeroInflatedLogNormalNLL(LinkedLoss):
    """Amounts that are often exactly 0 and otherwise positive and skewed: customer value, rainfall.

    Formula: the mean over d of `-log(q)` where y = 0, and of
    `-log(1 - q) + log(y) + log(s) + log(2 pi) / 2 + ((log(y) - m) / s) ** 2 / 2` where y > 0, with
    `q = sigmoid(logit)`.

    Args:
        link: What `y_pred` holds of s, the scale of log(y): `"log"`: log(s); `"softplus"`: r with
            s = log(1 + exp(r)); `"identity"`: s; `"variance"`: s ** 2; `"log_variance"`: log(s ** 2).
        epsilon: Least s (variance links: least s ** 2), > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, numbers >= 0, else NaN; `y_pred`: `(batch, ..., d, 3)`: mean m and scale
        of log(y) where y > 0, logit of the probability q of a zero. Or `(batch,)` or `(batch, 1)` with
        `(batch, 3)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: For another `link`, an `epsilon` that is not > 0, or shapes that don't match.

    Use it where a zero has a cause of its own, a customer who buys nothing; the mean is
    `(1 - q) * exp(m + s ** 2 / 2)`. Not for counts (`ZeroInflatedPoissonNLL`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ZeroInflatedLogNormalNLL(reduction=None)
    >>> y_pred = np.array([[0.0, np.log(2.0), 0.5]] * 2)
    >>> print(np.array(loss(np.array([0.0, 3.0]), y_pred)).round(4))
    [0.4741 3.8356]

    Equivalents: google/lifetime_value `zero_inflated_lognormal_loss` of the logits (a, m, r):
    `link="softplus"` of (m, r, -a); negative labels are zeros there.

    Reference: Wang, Liu & Miao, 2019, A Deep Probabilistic Model for Customer Lifetime Value Prediction
    (arXiv 1912.07753).
    """

    parameters = "mean of log(y), scale of log(y), logit of a zero"

    link: ScaleLink = "log"
    epsilon: Positive = 1e-06

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        location, raw, logit = self.outputs(y_pred)
        positive = _log_normal(ops.where(y_true > 0, y_true, 1), location, *self.positive(raw))
        value = ops.where(ops.equal(y_true, 0), softplus(-logit), softplus(logit) + positive)
        return mean(nan_unless(y_true >= 0, value), axis=-1)


@register
class GaussianMixtureNLL(LinkedLoss):
    """Mixture density network: targets with several likely values.

    Formula: the mean over d of `-log(sum_i p_i N(y; m_i, s_i))`, with `p = softmax(w)`, the weight logits
    w and the normal density N.

    Args:
        link: What `y_pred` holds of a scale s: `"log"`: log(s); `"softplus"`: r with s = log(1 + exp(r));
            `"identity"`: s; `"variance"`: s ** 2; `"log_variance"`: log(s ** 2).
        epsilon: Least s (variance links: least s ** 2), > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers; `y_pred`: `(batch, ..., d, 3 K)`: K weight logits, then K
        means, then K scales of a mixture for each entry. Or `(batch,)` or `(batch, 1)` with `(batch, 3 K)`.
        Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If the last axis is not a multiple of 3, for another `link`, an `epsilon` that is not > 0,
            or shapes that don't match.

    Use it for inverse problems and other targets whose mean is not a likely value; not for one value with
    noise (`GaussianNLL`): components collapse easily.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.GaussianMixtureNLL()
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, 0.0, 0.0, 2.0, 0.0, np.log(2.0)]]))), 4)
    1.5654

    Equivalents: torch `MixtureSameFamily(Categorical(logits=w), Normal(m, s))`: minus this; scoringrules
    `logs_mixnorm`: the same.

    Reference: Bishop, 1994, Mixture Density Networks, Aston University.
    """

    parameters = "weight logits, means, scales"

    link: ScaleLink = "log"
    epsilon: Positive = 1e-06

    def parameter_count(self) -> int | None:
        return None

    def prepare(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if y_pred.shape[-1] == 0 or y_pred.shape[-1] % 3:
            checks.fail(
                self,
                f"the last axis of `y_pred` must hold 3 parameters per component ({self.parameters})",
                f"y_pred.shape={tuple(y_pred.shape)}",
            )
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        count = y_pred.shape[-1] // 3
        logits, means, raw = y_pred[..., :count], y_pred[..., count : 2 * count], y_pred[..., 2 * count :]
        normal = _normal(ops.expand_dims(y_true, -1) - means, *self.positive(raw))
        likelihood = ops.logsumexp(ops.log_softmax(logits, axis=-1) - normal, axis=-1)
        return HALF_LOG_2PI - mean(likelihood, axis=-1)


@register
class EvidentialRegression(LinkedLoss):
    """Aleatoric and epistemic uncertainty from a single pass of a single network.

    Formula: the mean over d of `log(pi / v) / 2 - a log(w) + (a + 1/2) log(v u ** 2 + w) + lgamma(a)
    - lgamma(a + 1/2) + coefficient * |u| * (2 v + a)`, with `u = y - m` and `w = 2 b (1 + v)`: a normal
    distribution whose mean and variance have a normal-inverse-gamma prior (m, v, a, b), integrated over
    it, plus a penalty on evidence for a wrong mean.

    Args:
        coefficient: Weight of the penalty, >= 0; 0.01 in the paper's benchmarks.
        link: What `y_pred` holds of a positive parameter p: `"softplus"`: r with p = log(1 + exp(r));
            `"log"`: log(p); `"identity"`: p. p is v, b, and `a - 1` with the first two, a with the last.
        epsilon: Least v, b and `a - 1`, > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers; `y_pred`: `(batch, ..., d, 4)`: m, v, a, b. Or `(batch,)`
        or `(batch, 1)` with `(batch, 4)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `coefficient` is not a finite number >= 0, for another `link`, an `epsilon` that is not
            > 0, or shapes that don't match.

    Use it for a cheap hint that inputs are unlike the training data; not where that must be calibrated, since
    the data alone don't determine v (use an ensemble).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.EvidentialRegression(link="identity")
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, 1.0, 2.0, 1.0]]))), 4)
    5.5387

    Equivalents: the authors' evidential-deep-learning `EvidentialRegression(y, output, coeff)`:
    `link="identity"` after their layer `DenseNormalGamma`, or its inputs with the default.

    Reference: Amini, Schwarting, Soleimany & Rus, 2020, Deep Evidential Regression, NeurIPS
    (arXiv 1910.02600).
    """

    parameters = "mean, v, a, b"

    coefficient: NonNegative = 1.0
    link: Link = "softplus"
    epsilon: Positive = 1e-06

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        location, raw_v, raw_a, raw_b = self.outputs(y_pred)
        error = y_true - location
        v, log_v = self.positive(raw_v)
        a = 1 + self.positive(raw_a - 1 if self.link == "identity" else raw_a)[0]
        b, log_b = self.positive(raw_b)
        # Student's distribution with 2 a degrees of freedom and the squared scale b (1 + 1 / v) / a.
        log_scale = 0.5 * (log_b + softplus(-log_v) - ops.log(a))
        root = error / ops.sqrt(2 * b) * ops.sqrt(v / (1 + v))
        penalty = absolute(error) * (2 * v + a)
        return mean(log_scale + _student_t(root, a) + self.coefficient * penalty, axis=-1)


@register
class VonMisesNLL(LinkedLoss):
    """Angles, without a jump where the circle closes.

    Formula: the mean over d of `log(2 pi I0(c)) - c cos(y - m)` with the modified Bessel function I0.

    Args:
        link: What `y_pred` holds of the concentration c: `"log"`: log(c); `"softplus"`: r with
            c = log(1 + exp(r)); `"identity"`: c.
        epsilon: Least c, > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, in radians, any real number; `y_pred`: `(batch, ..., d, 2)`: direction in
        radians, concentration. Or `(batch,)` or `(batch, 1)` with `(batch, 2)`. Returns `(batch, ...)`
        before reduction.

    Raises:
        ValueError: For another `link`, an `epsilon` that is not > 0, or shapes that don't match.

    Use it for headings, phases, times of day; not for axes without a direction, unless the angles are
    doubled. For large c it is a normal distribution with the scale `c ** -0.5`.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.VonMisesNLL()
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, np.log(2.0)]]))), 4)
    1.5813

    Equivalents: torch `VonMises(m, c)`, scipy `vonmises(c).logpdf(y - m)`: minus this.

    Reference: von Mises, 1918, Über die Ganzzahligkeit der Atomgewichte; Mardia & Jupp, 2000, Directional
    Statistics.
    """

    parameters = "direction, concentration"

    link: Link = "log"
    epsilon: Positive = 1e-06

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        location, raw = self.outputs(y_pred)
        concentration = self.positive(raw)[0]
        # c - c cos(x) = 2 c sin(x / 2) ** 2 doesn't cancel, and I0(c) exp(-c) doesn't overflow.
        distance = 2 * concentration * ops.square(ops.sin(0.5 * (y_true - location)))
        return mean(distance + log_i0e(concentration), axis=-1) + 2 * HALF_LOG_2PI


def _log_normal(y: Tensor, location: Tensor, scale: Tensor, log_scale: Tensor) -> Tensor:
    """Minus the logarithm of the density of y > 0 whose logarithm is normal."""
    log_y = ops.log(y)
    return log_y + HALF_LOG_2PI + _normal(log_y - location, scale, log_scale)


def _normal(error: Tensor, scale: Tensor, log_scale: Tensor) -> Tensor:
    """Minus the logarithm of a normal density, without its constant."""
    return log_scale + 0.5 * ops.square(error / scale)


def _student_t(root: Tensor, half_df: Tensor) -> Tensor:
    """Minus the logarithm of Student's t density of scale 1, given `t / sqrt(df)` and `df / 2`."""
    # log(pi df) / 2 + lgamma(df / 2) - lgamma(df / 2 + 1/2), whose terms cancel for large df.
    constant = HALF_LOG_2PI - log_gamma_half_step(half_df)
    return constant + (half_df + 0.5) * log1p_square(root)
