"""Deviances of positive means: counts, durations, amounts. `y_pred` holds the mean, through `link`.

`y_true` and `y_pred` have the same shape `(batch, ..., d)`, and the value is the mean over the last axis, of
shape `(batch, ...)`. Beyond a bound of the mean, the value is that at the bound and the gradient is passed on
as if nothing were clipped, so that the mean can come back. Likelihoods with more parameters are in
`counts.py`.
"""

import math
from dataclasses import KW_ONLY
from typing import Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import NonNegative, Positive
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.links import LARGEST_LOG, Link, positive
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import ABSENT, clip_below, constant, mean, minimum, nan_unless, softplus
from kerasloss.core.registry import register
from kerasloss.core.special import half_deviance, log_factorial_remainder


@register
class Poisson(ElementLoss):
    """Counts and rates: the negative log-likelihood of the Poisson distribution.

    Formula: `mean(m - y log(m + epsilon))` with the rate `m = max(y_pred, 0)`; with `link="log"`
    `mean(exp(y_pred) - y * y_pred)`. Plus `lgamma(y + 1)` if `full`.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.
        link: What `y_pred` holds: `"identity"`: the rate m; `"log"`: log(m), at most 40, -inf allowed;
            `"softplus"`: r with m = log(1 + exp(r)).
        full: Whether the part that does not depend on the rate is added. True: `lgamma(y + 1)`, so that the
            value is the full negative log-likelihood; `"stirling"`: the approximation
            `y log(y) - y + log(2 pi y) / 2`, where y > 1.
        epsilon: Added to the rate in the logarithm, >= 0. With 0, a rate of 0 where y > 0 has an infinite
            value.

    Shapes:
        `y_true`: `(batch, ..., d)`, counts >= 0, not necessarily integers (negative ones give NaN if `full`);
        `y_pred`: the same shape. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: For another `link` or `full`, a negative `epsilon`, or shapes that differ.

    Use it for counts, most robustly on raw outputs with `link="log"`; not for counts whose variance exceeds
    their mean (`NegativeBinomialNLL`). At a rate <= 0 value and gradient, `1 - y / epsilon`, are those at 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Poisson()
    >>> round(float(loss(np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 3.0, 3.0]]))), 4)
    0.5023

    Equivalents: Keras: the default (NaN for negative rates). Flux `poisson_loss`: `epsilon=0.0`. torch and
    Gluon `PoissonNLLLoss`: `link="log"`; with `log_input=False`, `from_logits=False`:
    `link="identity", epsilon=1e-8`; with `full=True`, `compute_full=True`: `full="stirling"`. scipy
    `poisson.logpmf`, torch `Poisson`: minus this, with `full=True, epsilon=0.0`.

    Reference: Nelder & Wedderburn, 1972, Generalized Linear Models, Journal of the Royal Statistical
    Society A.
    """

    activation = "positive"

    _: KW_ONLY
    link: Link = "identity"
    full: Literal[False, True, "stirling"] = False
    epsilon: NonNegative = 1e-07

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        shift = 0.0 if self.link == "log" else self.epsilon
        if self.link == "log":
            log_rate = _at_most(clip_below(y_pred, ABSENT), LARGEST_LOG)  # -inf would be NaN in a difference
            rate = shifted = ops.exp(log_rate)
        else:
            if self.link == "softplus":
                rate = softplus(y_pred)
            else:
                below = ops.relu(-ops.stop_gradient(y_pred))
                rate = y_pred + below  # 0 where y_pred is negative, with the slope of y_pred
            # Without epsilon a rate may be 0, and its logarithm must not reach a count of 0.
            shifted = rate + shift if shift else ops.where(ops.equal(y_true, 0), 1, rate)
            log_rate = ops.log(shifted)
        if not self.full:
            return mean(rate, axis=-1) - mean(y_true * log_rate, axis=-1)

        # The textbook form adds terms of the size of y log(y) that nearly cancel.
        y = ops.where(y_true > 0, y_true, 1)
        if self.full == "stirling":
            rest = ops.where(y > 1, 0.5 * ops.log(2 * math.pi * y), y - y * ops.log(y))
        else:
            rest = log_factorial_remainder(y)
        value = half_deviance(y, shifted, _log_ratio(shifted, log_rate, y)) - shift + rest
        value = ops.where(ops.equal(y_true, 0), rate, value)
        return mean(nan_unless(y_true >= 0, value), axis=-1)


class _MeanLoss(ElementLoss):
    """A deviance of a positive mean that `y_pred` holds through `link`."""

    activation = "positive"

    def outputs(self, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """The mean and its logarithm; see `links.positive`."""
        return positive(y_pred, self.link, self.epsilon)


@register
class GammaDeviance(_MeanLoss):
    """Positive, skewed targets whose errors are relative: durations, sizes of claims.

    Formula: `mean(2 (log(m / y) + y / m - 1))`.

    Args:
        link: What `y_pred` holds of the mean m: `"identity"`: m; `"log"`: log(m); `"softplus"`: r with
            m = log(1 + exp(r)).
        epsilon: Least m, > 0; the largest is exp(40). Beyond, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`; targets > 0, else NaN. Returns `(batch, ...)` before
        reduction.

    Raises:
        ValueError: For another `link`, an `epsilon` that is not > 0, or shapes that differ.

    Use it where the standard deviation grows with the mean; not for targets that can be 0 (`Tweedie`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.GammaDeviance()
    >>> round(float(loss(np.array([[2.0]]), np.array([[1.0]]))), 4)
    0.6137

    Equivalents: sklearn `mean_gamma_deviance`: the same. A gamma negative log-likelihood with shape a is a /
    2 times this, plus a constant.

    Reference: McCullagh & Nelder, 1989, Generalized Linear Models, Chapman & Hall.
    """

    link: Link = "identity"
    epsilon: Positive = 1e-07

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        inside = y_true > 0
        y = ops.where(inside, y_true, 1)
        m, log_m = self.outputs(y_pred)
        value = 2 * half_deviance(1.0, y / m, -_log_ratio(m, log_m, y))
        return mean(nan_unless(inside, value), axis=-1)


@register
class Tweedie(_MeanLoss):
    """Targets with many zeros and a long tail: insurance claims, rainfall.

    Formula: the mean of `2 (y ** (2 - p) / ((1 - p) (2 - p)) - y m ** (1 - p) / (1 - p)
    + m ** (2 - p) / (2 - p))` with the limits at `p = 1`, the Poisson deviance, and at
    `p = 2`, the gamma deviance. The variance of the target is taken to grow as `m ** p`.

    Args:
        power: The power p, 0 or >= 1. 0: the squared error; 1: counts; between 1 and 2: zeros and positive
            amounts; 2: `GammaDeviance`; 3: inverse Gaussian.
        link: What `y_pred` holds of the mean m: `"identity"`: m; `"log"`: log(m); `"softplus"`: r with
            m = log(1 + exp(r)).
        epsilon: Least m, > 0; the largest is exp(40). Beyond, the gradient is that at the bound. With
            `power=0` and the identity m is any real number.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`. Targets that the power does not allow (< 0 for `power >= 1`, 0
        for `power >= 2`) give NaN. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `power` is not 0 or a finite number >= 1, for another `link`, an `epsilon` that is not
            > 0, or shapes that differ.

    Use it for totals that are 0 if nothing happened; not where it matters whether something happened (use a
    classifier and `GammaDeviance`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Tweedie(power=1.5)
    >>> round(float(loss(np.array([[2.0]]), np.array([[1.0]]))), 4)
    0.6863

    Equivalents: sklearn `mean_tweedie_deviance(power=...)`: the same (which also has negative powers).
    XGBoost and LightGBM `"tweedie"`: `link="log"`, half of this, without the part that depends on y alone.

    Reference: Tweedie, 1984, An Index which Distinguishes between Some Important Exponential Families;
    Jørgensen, 1987, Exponential Dispersion Models, Journal of the Royal Statistical Society B.
    """

    power: NonNegative = 1.5
    link: Link = "identity"
    epsilon: Positive = 1e-07

    def __post_init__(self) -> None:
        if 0 < self.power < 1:
            checks.fail(self, "`power` must be 0 or a finite number >= 1", f"power={self.power!r}")

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if self.power == 0:
            m = y_pred if self.link == "identity" else self.outputs(y_pred)[0]
            return mean(ops.square(y_true - m), axis=-1)
        inside = y_true > 0
        y = ops.where(inside, y_true, 1)
        m, log_m = self.outputs(y_pred)
        v = _log_ratio(m, log_m, y)

        # The formula as two half deviances, each 0 at m = y: that of y ** a and m ** a over a, less that of
        # y ** a and y m ** b over b. If a or b is 0 so is its part.
        a, b = 2 - self.power, 1 - self.power
        y_a = y**a
        value, at_zero = 0.0, float("nan")
        if a != 0:
            m_a = m**a
            value = value + half_deviance(y_a, m_a, a * v) / a
        if b != 0:
            value = value - half_deviance(y_a, y * m**b, b * v) / b
        if a > 0:
            at_zero = nan_unless(ops.equal(y_true, 0), m_a / a)
        return mean(2 * ops.where(inside, value, at_zero), axis=-1)


def _at_most(x: Tensor, most: float) -> Tensor:
    """`min(x, most)` with gradient 1 everywhere."""
    held = ops.stop_gradient(x)
    return minimum(held, constant(most, x)) + (x - held)


def _log_ratio(m: Tensor, log_m: Tensor, y: Tensor) -> Tensor:
    """`log(m / y)`, with a small absolute error near m = y; log(m) is given since m may underflow to 0."""
    v = log_m - ops.log(y)
    near = ops.abs(v) < 1
    return ops.where(near, ops.log(ops.where(near, m, y) / y), v)
