"""Special functions that `keras.ops` lacks, with right gradients.

Each is a formula with the right behaviour at both ends of its domain, and between them a polynomial in a
variable that runs from 0 to 1. The polynomials interpolate at Chebyshev points, computed with 40 digits;
their absolute error is about 1e-9. float64 uses the longer series of `chebyshev.py` instead.
"""

import math
from typing import Any

from keras import ops

from kerasloss.core import chebyshev
from kerasloss.core.numerics import is_float64

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)

# (log Gamma(z) - (z - 1/2) log(z) + z - log(2 pi) / 2) z in powers of 1 / z, for z >= 1.
_STIRLING = (
    0.08333333338325,
    -9.800824726362e-09,
    -0.002777485176968,
    -2.958742011707e-06,
    0.0008039753321502,
    1.799586494976e-05,
    -0.0008541048721204,
    0.0008631972693707,
    -0.0003967248649331,
    7.424847863207e-05,
)
# (log Gamma(v + 1/2) - log Gamma(v) - log(v) + log(1 + v) / 2) (1 + v) in powers of 1 / (1 + v), for v >= 0.
_HALF_STEP = (
    0.3750000002755,
    0.1249999333278,
    0.04687766689227,
    0.01558338326016,
    0.005020869697357,
    0.001043934054618,
    0.006854465784935,
    -0.007944390865831,
    0.007895219362699,
    -0.004104325412956,
    0.001138186110526,
)
# (log i0e(x) + log(2 pi x) / 2) x / 5 in powers of 5 / x, for x >= 5.
_BESSEL = (
    0.02500000000501,
    0.002499998518018,
    0.0005208570618571,
    0.0001642695608634,
    1.106982265574e-05,
    0.0007030389761378,
    -0.004212851202482,
    0.01585738038784,
    -0.03645918139568,
    0.05166298156355,
    -0.04330340028936,
    0.01957418269016,
    -0.003679080683119,
)
# The power series of I0(x) in (x / 2) ** 2, enough of it for x < 5; the first 14 for float32.
_BESSEL_SERIES = tuple(1 / math.factorial(k) ** 2 for k in range(20))
# (exp(x) - 1 - x) / x ** 2 in powers of x, for |x| < 1; the first 12 for float32.
_EXP_REMAINDER = tuple(1 / math.factorial(k + 2) for k in range(17))
# log(P(X > x)) + x ** 2 / 2 - log(t) of a standard normal X in powers of t = 1 / (1 + x / 3.25), for x >= 0.
_NORMAL_TAIL = (
    -2.097593529554,
    1.000000003026,
    0.4053253270976,
    0.1439818147167,
    -0.01144645893349,
    -0.09226142743197,
    -0.0614051245271,
    -0.2323465713124,
    0.8000364368755,
    -1.973016015555,
    3.754338956515,
    -4.324751684736,
    2.862465371391,
    -1.019265591285,
    0.1527913133865,
)


def _polynomial(coefficients: tuple, x: Any) -> Any:
    """`sum(coefficients[k] * x ** k)`, by Horner's scheme."""
    total = coefficients[-1]
    for c in coefficients[-2::-1]:
        total = total * x + c
    return total


def _between(polynomial: tuple, series: tuple, t: Any) -> Any:
    """The polynomial at t, or for float64 the Chebyshev series of the same function."""
    return chebyshev.evaluate(series, t) if is_float64(t) else _polynomial(polynomial, t)


def _power_series(coefficients: tuple, count: int, x: Any) -> Any:
    """The first `count` terms of a power series, or for float64 all that are given."""
    return _polynomial(coefficients if is_float64(x) else coefficients[:count], x)


def stirling_remainder(x: Any) -> Any:
    """`log Gamma(1 + x) - (x + 1/2) log(1 + x) + x` for x >= 0: the remainder of Stirling's formula.

    It falls from 0 at 0 to `log(2 pi) / 2 - 1`, so that differences of it don't cancel.
    """
    t = 1 / (1 + x)
    return HALF_LOG_2PI - 1 + t * _between(_STIRLING, chebyshev.STIRLING, t)


def log_gamma_1p(x: Any) -> Any:
    """`log Gamma(1 + x)` for x >= 0: the logarithm of the factorial."""
    return (x + 0.5) * ops.log1p(x) - x + stirling_remainder(x)


def log_factorial_remainder(y: Any) -> Any:
    """`log Gamma(1 + y) - y log(y) + y` for y >= 0: 0 at 0, about `log(2 pi y) / 2` for large y.

    The likelihood of a count is a deviance, which holds `y log(y) - y`, plus this.
    Gradients are right for y > 1e-15.
    """
    inverse = 1 / ops.where(y < 1e-15, 1, y)
    return y * ops.log1p(inverse) + 0.5 * ops.log1p(y) + stirling_remainder(y)


def log_gamma_half_step(v: Any) -> Any:
    """`log Gamma(v + 1/2) - log Gamma(v) - log(v) / 2` for v > 0; goes to 0 for large v."""
    t = 1 / (1 + v)
    return 0.5 * ops.log(v * t) + t * _between(_HALF_STEP, chebyshev.HALF_STEP, t)


def log_i0e(x: Any) -> Any:
    """`log(exp(-x) I0(x))` for x >= 0, with the modified Bessel function I0."""
    small = x < 5
    x_small, x_large = ops.where(small, x, 0), ops.where(small, 5, x)
    near = ops.log(_power_series(_BESSEL_SERIES, 14, 0.25 * x_small * x_small)) - x_small
    t = 5 / x_large
    far = t * _between(_BESSEL, chebyshev.BESSEL, t) - 0.5 * (ops.log(x_large) + math.log(2 * math.pi))
    return ops.where(small, near, far)


def log_ndtr(x: Any) -> Any:
    """The logarithm of the standard normal distribution function, right in both tails."""
    negative = x < 0
    size = ops.where(negative, -x, x)  # |x|, with a slope at 0
    t = 1 / (1 + size / 3.25)
    tail = ops.log(t) + _between(_NORMAL_TAIL, chebyshev.NORMAL_TAIL, t) - 0.5 * size * size
    return ops.where(negative, tail, ops.log1p(-ops.exp(tail)))


def log1p_square(x: Any) -> Any:
    """`log(1 + x ** 2)`, also where the square overflows."""
    far = ops.abs(x) > 1e9
    near = ops.log1p(ops.square(ops.where(far, 0, x)))
    return ops.where(far, 2 * ops.log(ops.abs(ops.where(far, x, 1))), near)


def exp_remainder(x: Any) -> Any:
    """`exp(x) - 1 - x`, with a small relative error near 0."""
    near = ops.abs(x) < 1
    small, large = ops.where(near, x, 0), ops.where(near, 1, x)
    return ops.where(near, small * small * _power_series(_EXP_REMAINDER, 12, small), ops.expm1(large) - large)


def half_deviance(y: Any, m: Any, v: Any) -> Any:
    """`m - y - y v` with `v = log(m / y)`, accurate near m = y: half the Poisson deviance."""
    near = ops.abs(v) < 1
    small = ops.where(near, v, 0)
    return ops.where(near, y * small * small * _power_series(_EXP_REMAINDER, 12, small), m - y - y * v)


def xlogy(x: Any, y: Any) -> Any:
    """`x log(y)`, and 0 where `x` is 0, whatever `y` is."""
    zero = ops.equal(x, 0)
    return ops.where(zero, 0, x * ops.log(ops.where(zero, 1, y)))


def relative_entropy(log_p: Any, log_q: Any) -> Any:
    """`p log(p / q) - p + q` of every entry: never negative, and with a small relative error near p = q.

    Its sum over two distributions is their Kullback-Leibler divergence.
    """
    p, ratio = ops.exp(log_p), log_q - log_p
    near = ratio < 1
    close = p * exp_remainder(ops.where(near, ratio, 0))
    return ops.where(near, close, ops.exp(log_q) - p - p * ops.where(ops.equal(p, 0), 0, ratio))
