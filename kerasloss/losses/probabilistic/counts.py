"""Negative log-likelihoods of counts: over-dispersed, and with excess zeros.

`y_true` is `(batch, ..., d)`, numbers >= 0, not necessarily integers (a negative one gives NaN), and `y_pred`
`(batch, ..., d, k)`, the parameters of the distribution of each entry on the last axis; the value is the mean
over d. `(N,)` or `(N, 1)` against `(N, k)` is one entry each. Logits are raw outputs. Positive parameters are
read through `link`, within the bounds `[epsilon, exp(40)]`: beyond a bound, the value is that at the bound
and the gradient is passed on as if nothing were clipped.

The textbook forms add terms of the size of `y log(y)` that nearly cancel. Here they are a deviance, which is
0 where the mean equals the target, and remainders of Stirling's formula, as in Loader, 2000, Fast and
Accurate Computation of Binomial Probabilities.
"""

from keras import ops

from kerasloss.core.configuration import Positive
from kerasloss.core.kinds.distribution import LinkedLoss
from kerasloss.core.links import Link
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import clip_below, mean, nan_unless, softplus
from kerasloss.core.registry import register
from kerasloss.core.special import log_factorial_remainder, stirling_remainder

LEAST_COUNT = 1e-15  # that close to 0 the likelihood of a positive count takes its limit


class _CountLoss(LinkedLoss):
    """A likelihood of counts: NaN where a target is negative."""

    def likelihood(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Minus the log-likelihood of every entry."""
        raise NotImplementedError

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        inside = y_true >= 0
        value = self.likelihood(ops.where(inside, y_true, 1), y_pred)
        return mean(nan_unless(inside, value), axis=-1)


@register
class NegativeBinomialNLL(_CountLoss):
    """Counts that vary more than a Poisson distribution does: a mean and a dispersion.

    Formula: the mean over d of `lgamma(t) + lgamma(y + 1) - lgamma(y + t) - t log(t / (t + m))
    - y log(m / (t + m))`, with the mean m and the variance `m + m ** 2 / t`.

    Args:
        link: What `y_pred` holds of a positive parameter p, m and t: `"log"`: log(p); `"softplus"`: r with
            p = log(1 + exp(r)); `"identity"`: p.
        epsilon: Least m and t, > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, counts >= 0, else NaN; `y_pred`: `(batch, ..., d, 2)`: mean, inverse
        dispersion t. Or `(batch,)` or `(batch, 1)` with `(batch, 2)`. Returns `(batch, ...)` before
        reduction.

    Raises:
        ValueError: For another `link`, an `epsilon` that is not > 0, or shapes that don't match.

    Use it for sales, visits or reads; not where zeros have a cause of their own
    (`ZeroInflatedNegativeBinomialNLL`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.NegativeBinomialNLL()
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, np.log(2.0)]]))), 4)
    1.2164

    Equivalents: torch `NegativeBinomial(total_count=t, logits=log(m) - log(t))`, scipy
    `nbinom(n=t, p=t / (t + m)).logpmf`, scvi-tools `log_nb_positive(m, t)` (adds 1e-8 inside its
    logarithms): minus this. statsmodels, GluonTS: `alpha = 1 / t`, with the log link the negated output.
    scoringrules `logs_negbinom(y, t, mu=m)`: the same for t >= 1, infinite below.

    Reference: Lawless, 1987, Negative Binomial and Mixed Poisson Regression, Canadian Journal of Statistics;
    Salinas, Flunkert, Gasthaus & Januschowski, 2020, DeepAR, International Journal of Forecasting.
    """

    parameters = "mean, inverse dispersion"

    link: Link = "log"
    epsilon: Positive = 1e-06

    def likelihood(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        raw_m, raw_t = self.outputs(y_pred)
        zero, positive = _negative_binomial(y_true, self.positive(raw_m)[0], self.positive(raw_t)[0])
        return ops.where(ops.equal(y_true, 0), zero, positive)


@register
class ZeroInflatedPoissonNLL(_CountLoss):
    """Poisson counts with excess zeros, which have a cause of their own.

    Formula: the mean over d of `-log(q + (1 - q) exp(-m))` where y = 0, and of
    `-log(1 - q) + m - y log(m) + lgamma(y + 1)` where y > 0, with `q = sigmoid(logit)`.

    Args:
        link: What `y_pred` holds of the rate m: `"log"`: log(m); `"softplus"`: r with m = log(1 + exp(r));
            `"identity"`: m.
        epsilon: Least m, > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, counts >= 0, else NaN; `y_pred`: `(batch, ..., d, 2)`: rate, logit of the
        probability q of an extra zero. Or `(batch,)` or `(batch, 1)` with `(batch, 2)`. Returns
        `(batch, ...)` before reduction.

    Raises:
        ValueError: For another `link`, an `epsilon` that is not > 0, or shapes that don't match.

    Use it where part of the population cannot have a count; not for counts that merely vary a lot
    (`NegativeBinomialNLL`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ZeroInflatedPoissonNLL()
    >>> round(float(loss(np.array([0.0]), np.array([[0.0, np.log(2.0)]]))), 4)
    0.2366

    Equivalents: pyro `ZeroInflatedPoisson(rate, gate_logits=logit)`: minus this; statsmodels
    `ZeroInflatedPoisson`, with its logit inflation: the same.

    Reference: Lambert, 1992, Zero-Inflated Poisson Regression, with an Application to Defects in
    Manufacturing, Technometrics.
    """

    parameters = "rate, logit of an extra zero"

    link: Link = "log"
    epsilon: Positive = 1e-06

    def likelihood(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        raw, logit = self.outputs(y_pred)
        rate = self.positive(raw)[0]
        y = clip_below(y_true, LEAST_COUNT)
        v = ops.log(rate / y)
        value = _surplus(y, rate, v) - y * v + log_factorial_remainder(y)
        return _inflated(y_true, logit, rate, value)


@register
class ZeroInflatedNegativeBinomialNLL(_CountLoss):
    """Over-dispersed counts with excess zeros, which have a cause of their own: single-cell counts.

    Formula: with n(y) the value of `NegativeBinomialNLL`, the mean over d of `-log(q + (1 - q) exp(-n(0)))`
    where y = 0, and of `-log(1 - q) + n(y)` where y > 0, with `q = sigmoid(logit)`.

    Args:
        link: What `y_pred` holds of a positive parameter p, the mean m and the inverse dispersion t: `"log"`:
            log(p); `"softplus"`: r with p = log(1 + exp(r)); `"identity"`: p.
        epsilon: Least m and t, > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, counts >= 0, else NaN; `y_pred`: `(batch, ..., d, 3)`: mean, inverse
        dispersion, logit of the probability q of an extra zero. Or `(batch,)` or `(batch, 1)` with
        `(batch, 3)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: For another `link`, an `epsilon` that is not > 0, or shapes that don't match.

    Use it for counts with dropouts, once `NegativeBinomialNLL` has predicted too few zeros; not before.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ZeroInflatedNegativeBinomialNLL()
    >>> round(float(loss(np.array([0.0]), np.array([[0.0, np.log(2.0), 0.0]]))), 4)
    0.3254

    Equivalents: pyro `ZeroInflatedNegativeBinomial`, scvi-tools `log_zinb_positive(m, t, logit)`: minus this;
    statsmodels `ZeroInflatedNegativeBinomialP(p=2)`: the same with `t = 1 / alpha`. DCA adds a penalty on q.

    Reference: Greene, 1994, Accounting for Excess Zeros and Sample Selection in Poisson and Negative Binomial
    Regression Models, NYU; Eraslan, Simon, Mircea, Mueller & Theis, 2019, Single-Cell RNA-Seq Denoising
    Using a Deep Count Autoencoder, Nature Communications.
    """

    parameters = "mean, inverse dispersion, logit of an extra zero"

    link: Link = "log"
    epsilon: Positive = 1e-06

    def likelihood(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        raw_m, raw_t, logit = self.outputs(y_pred)
        zero, positive = _negative_binomial(y_true, self.positive(raw_m)[0], self.positive(raw_t)[0])
        return _inflated(y_true, logit, zero, positive)


def _inflated(y_true: Tensor, logit: Tensor, zero: Tensor, positive: Tensor) -> Tensor:
    """The value with extra zeros, from the values without them at a count of 0 and at y > 0."""
    shifted = logit + zero
    # -log(q + (1 - q) exp(-zero)) in two forms, each exact where the common part of its terms is small.
    likely = softplus(-logit) - softplus(-shifted)
    unlikely = zero + softplus(logit) - softplus(shifted)
    at_zero = ops.where(shifted > 0, likely, unlikely)
    return ops.where(ops.equal(y_true, 0), at_zero, positive + softplus(logit))


def _surplus(y: Tensor, m: Tensor, v: Tensor) -> Tensor:
    """`m - y` in terms of `v = log(m / y)`, so that it cancels exactly with `y v` near m = y."""
    near = v < 1
    return ops.where(near, y * ops.expm1(ops.where(near, v, 0)), m - y)


def _bounded_remainder(x: Tensor) -> Tensor:
    """`log_factorial_remainder(x) - log(1 + x) / 2`."""
    return x * ops.log1p(1 / x) + stirling_remainder(x)


def _negative_binomial(y_true: Tensor, m: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """Minus the log-likelihood at a count of 0, and at `y_true` wherever that is positive."""
    zero = t * ops.log1p(m / t)

    y = clip_below(y_true, LEAST_COUNT)
    n, v = y + t, ops.log(m / y)
    # The deviance y log(y / m) - n log(n / (m + t)). The ratio (m + t) / n is 1 + (m - y) / n; for t < y,
    # where that may be near 0, it is taken as m / y times 1 + (y / m - 1) t / n.
    small = t < y
    x = ops.where(small, t * ops.expm1(ops.where(small, -v, 0)), _surplus(y, m, v)) / n
    deviance = n * ops.log1p(x) + ops.where(small, t, -y) * v
    # lgamma(y + 1) + lgamma(t) - lgamma(n), without y log(y) + t log(t) - n log(n), and without the
    # logarithms of t and n, which for large t would only cancel.
    rest = log_factorial_remainder(y) + _bounded_remainder(t) - _bounded_remainder(n)
    rest = rest + ops.log1p(y / t) - 0.5 * ops.log1p(y / (1 + t))
    return zero, deviance + rest
