"""Survival times with a distribution of a given form, and real numbers that are censored at known limits.

Positive parameters are read through `link`, within the bounds `[epsilon, exp(40)]`: beyond a bound, the value
is that at the bound and the gradient is passed on as if nothing were clipped.
"""

import math
from typing import Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Positive
from kerasloss.core.kinds.distribution import LinkedLoss
from kerasloss.core.kinds.survival import SurvivalLoss
from kerasloss.core.labels import integers
from kerasloss.core.links import Link, positive
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import bounded_exp, mean, nan_unless, softplus
from kerasloss.core.registry import register
from kerasloss.core.special import HALF_LOG_2PI, log_ndtr


@register
class ParametricAFT(SurvivalLoss):
    """Accelerated failure time: the logarithm of the time is a location plus noise of a known form.

    Formula: `log(t) + log(s) - log(f(z))` for an event, `-log(S(z))` for a censored subject, with
    `z = (log(t) - m) / s`. The density f and the survival S of the noise are, for `"weibull"`,
    `f(z) = exp(z - exp(z))` and `S(z) = exp(-exp(z))`; for `"lognormal"` those of the standard normal
    distribution; for `"loglogistic"`, `f(z) = S(z) * (1 - S(z))` and `S(z) = 1 / (1 + exp(z))`.

    Args:
        distribution: The form of the times: `"weibull"`, `"lognormal"`, `"loglogistic"` or `"exponential"`,
            which is `"weibull"` with a scale of 1.
        scale: The scale s of all subjects, > 0; None: the second output.
        link: What that output holds: `"log"`: log(s); `"softplus"`: r with s = log(1 + exp(r));
            `"identity"`: s.
        epsilon: Least s, > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N, 2)`: [time > 0, 1 for an event or 0 if censored]; `y_pred`: `(N, 2)`: location m and
        scale; `(N,)` or `(N, 1)`, m alone, with a `scale` or `"exponential"`. Returns `(N,)`.

    Raises:
        ValueError: If an argument is out of range, `"exponential"` has a `scale` other than 1, or a shape is
            wrong. A time that is not > 0, or another event, gives NaN.

    Use it where times are needed and not only their order, also beyond the longest one seen; the form of the
    distribution must fit, else take `CoxPH` or `LogisticHazard`. Times of the order of 1 train best: with
    `"weibull"`, `exp(z)` is huge for a late time, and beyond `z = 50` the line `exp(50) * (z - 49)` takes its
    place. `survival_function` gives probabilities.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[2.0, 1], [3, 0]]), np.array([[0.5, -0.2], [1.0, 0.1]])
    >>> loss = kerasloss.ParametricAFT(reduction=None)
    >>> print(np.array(loss(y_true, y_pred)).round(4))
    [1.5233 1.0933]
    >>> print(np.array(loss.survival_function(y_pred, np.array([1.0, 2.0]))).round(4))
    [[0.581  0.2819]
     [0.6672 0.4688]]

    Equivalents: lifelines `WeibullFitter`, `LogNormalFitter`, `LogLogisticFitter`, `ExponentialFitter` and
    the AFT fitters: `reduction="sum"` is minus their `log_likelihood_`; m is `log(lambda_)`, `mu_` or
    `log(alpha_)`, s is `1 / rho_`, `sigma_` or `1 / beta_`. XGBoost `survival:aft`: `"lognormal"`,
    `"loglogistic"`, `"weibull"` for its `normal`, `logistic`, `extreme`, with `scale` for
    `aft_loss_distribution_scale`.

    Reference: Wei, 1992, The Accelerated Failure Time Model, Statistics in Medicine; Kalbfleisch & Prentice,
    2002, The Statistical Analysis of Failure Time Data.
    """

    distribution: Literal["weibull", "lognormal", "loglogistic", "exponential"] = "weibull"
    scale: Positive | None = None
    link: Link = "log"
    epsilon: Positive = 1e-06

    def __post_init__(self) -> None:
        if self.distribution == "exponential" and self.scale not in (None, 1):
            given = f"scale={self.scale!r}"
            checks.fail(self, '`scale` must be None or 1 with `distribution="exponential"`', given)

    @property
    def fixed_scale(self) -> float | None:
        """The scale, if it is no output."""
        return 1.0 if self.distribution == "exponential" else self.scale

    def outputs(self, y_pred: Tensor) -> Tensor:
        if self.fixed_scale is not None:
            return self.one_output(y_pred)
        shape = tuple(y_pred.shape)
        if len(shape) != 2 or shape[1] != 2:
            checks.fail(self, "`y_pred` must have shape (N, 2): [location, scale]", f"{shape=}")
        return y_pred

    def standardized(self, log_time: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor | float]:
        """`(log_time - m) / s`, `(N, T)` of `(N, 1)` or `(1, T)`, and log(s)."""
        distance = log_time - y_pred[:, :1]
        if self.fixed_scale is not None:
            return distance / self.fixed_scale, math.log(self.fixed_scale)
        scale, log_scale = positive(y_pred[:, 1:], self.link, self.epsilon)
        return distance / scale, log_scale

    def log_survival(self, z: Tensor) -> Tensor:
        """The logarithm of the survival function of the noise."""
        if self.distribution == "lognormal":
            return log_ndtr(-z)
        return -softplus(z) if self.distribution == "loglogistic" else -bounded_exp(z)

    def log_density(self, z: Tensor) -> Tensor:
        """The logarithm of the density of the noise."""
        if self.distribution == "lognormal":
            return -0.5 * ops.square(z) - HALF_LOG_2PI
        return z - (2 * softplus(z) if self.distribution == "loglogistic" else bounded_exp(z))

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        event = integers(y_true[:, 1:])
        time = ops.cast(y_true[:, :1], y_pred.dtype)
        valid = ops.logical_and(time > 0, ops.logical_or(event == 0, event == 1))
        log_time = ops.log(ops.where(valid, time, 1))
        z, log_scale = self.standardized(log_time, y_pred)
        happened = log_time + log_scale - self.log_density(z)
        value = ops.where(event == 1, happened, -self.log_survival(z))
        return ops.squeeze(nan_unless(valid, value), 1)

    def survival_function(self, y_pred: Any, times: Any) -> Tensor:
        """The probability to survive each of some times.

        Args:
            y_pred: Outputs of the model, as in the loss.
            times: The times, `(T,)`; until 0 everyone survives.

        Returns:
            `(N, T)`: the probability that no event happens until the time.

        Raises:
            ValueError: If the shapes are wrong.
        """
        y_pred = self.predictions(y_pred)
        times = self.times(times, self.compute_dtype)
        later = times > 0
        z, _ = self.standardized(ops.log(ops.where(later, times, 1)), y_pred)
        return ops.cast(ops.where(later, ops.exp(self.log_survival(z)), 1), self.dtype)


@register
class Tobit(LinkedLoss):
    """Regression under normal noise of numbers that are cut off at known limits.

    Formula: the mean over d of `((y - m) / s) ** 2 / 2 + log(s) + log(2 pi) / 2` between the limits,
    `-log(Phi((lower - m) / s))` where `y <= lower`, `-log(Phi((m - upper) / s))` where `y >= upper`, with the
    standard normal distribution function Phi.

    Args:
        lower: The limit below which all numbers are written as this one; None: there is none.
        upper: The limit above which they are, > `lower`; None: there is none.
        link: What `y_pred` holds of the scale s: `"log"`: log(s); `"softplus"`: r with s = log(1 + exp(r));
            `"identity"`: s.
        epsilon: Least s, > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers; `y_pred`: `(batch, ..., d, 2)`: mean, scale, of the numbers
        before they are cut off. Or `(batch,)` or `(batch, 1)` with `(batch, 2)`. Returns `(batch, ...)`
        before reduction.

    Raises:
        ValueError: For another `link`, an `epsilon` that is not > 0, a `lower` that is not < `upper`, or
            shapes that don't match.

    Use it for measurements with a limit of detection, amounts that can't be negative, or demand above the
    stock; not for limits that differ between samples. Without limits it is `GaussianNLL(full=True)`.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[0.0], [1.5]]), np.array([[[0.5, 0.0]], [[1.0, -0.5]]])
    >>> print(np.array(kerasloss.Tobit(lower=0.0, reduction=None)(y_true, y_pred)).round(4))
    [1.1759 0.7587]

    Equivalents: the logarithm of the likelihood of R's `censReg` and of AER's `tobit`: minus this, with
    `reduction="sum"` and `lower=0` for their `left=0`.

    Reference: Tobin, 1958, Estimation of Relationships for Limited Dependent Variables, Econometrica.
    """

    parameters = "mean, scale"

    lower: float | None = None
    upper: float | None = None
    link: Link = "log"
    epsilon: Positive = 1e-06

    def __post_init__(self) -> None:
        if self.lower is not None and self.upper is not None and not self.lower < self.upper:
            checks.fail(self, "`lower` must be < `upper`", f"lower={self.lower}, upper={self.upper}")

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        location, raw = self.outputs(y_pred)
        scale, log_scale = self.positive(raw)
        value = 0.5 * ops.square((y_true - location) / scale) + log_scale + HALF_LOG_2PI
        if self.lower is not None:
            value = ops.where(y_true <= self.lower, -log_ndtr((self.lower - location) / scale), value)
        if self.upper is not None:
            value = ops.where(y_true >= self.upper, -log_ndtr((location - self.upper) / scale), value)
        return mean(value, axis=-1)
