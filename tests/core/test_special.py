"""The special functions against mpmath and scipy: values and gradients, from tiny to huge arguments."""

import keras
import mpmath
import numpy as np
import pytest
import scipy.special
from keras import ops

from kerasloss.core import special
from kerasloss.core.numerics import last_axis_product
from tests import precise  # noqa: F401, which sets 50 digits
from tests.backend import BACKEND, array, assert_close, tensor, value_and_gradient

POSITIVE = [1e-30, 1e-10, 1e-3, 0.1, 0.5, 1.0, 1.5, 2.0, 2.5, 4.9, 5.0, 7.0, 20.0, 123.4, 1e4, 1e8, 1e17]
REAL = [-1e4, -500.0, -38.0, -5.0, -1.0, -1e-3, -1e-20, 0.0, 1e-20, 1e-3, 0.7, 1.0, 3.0, 5.0, 9.0, 40.0, 1e4]


def log_factorial_remainder(y):
    return mpmath.loggamma(1 + y) - y * mpmath.log(y) + y


def log_gamma_half_step(v):
    return mpmath.loggamma(v + 0.5) - mpmath.loggamma(v) - mpmath.log(v) / 2


def log_ndtr(x):
    return mpmath.log(mpmath.erfc(-x / mpmath.sqrt(2)) / 2)


FUNCTIONS = {
    "log_gamma_1p": (lambda x: mpmath.loggamma(1 + x), [0.0, *POSITIVE]),
    "stirling_remainder": (
        lambda x: mpmath.loggamma(1 + x) - (x + 0.5) * mpmath.log1p(x) + x,
        [0.0, *POSITIVE],
    ),
    "log_factorial_remainder": (log_factorial_remainder, POSITIVE[1:]),
    "log_gamma_half_step": (log_gamma_half_step, POSITIVE),
    "log_i0e": (lambda x: mpmath.log(mpmath.besseli(0, x)) - x, [0.0, *POSITIVE[:-1]]),
    "log_ndtr": (log_ndtr, REAL),
    "exp_remainder": (lambda x: mpmath.expm1(x) - x, [x for x in REAL if x < 80]),
    "log1p_square": (lambda x: mpmath.log1p(x * x), [*REAL, 1e8, 1e9, 3e9, 1e30]),
}
# Written with more digits than the largest argument has.
DIGITS = 80


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients(name, dtype):
    if BACKEND == "jax" and dtype == "float64":
        pytest.skip("JAX has no float64 by default")
    exact, points = FUNCTIONS[name]
    function = getattr(special, name)
    x = np.array(points, dtype)
    with mpmath.workdps(DIGITS):
        step = mpmath.mpf(10) ** -35
        numbers = [mpmath.mpf(float(v)) for v in x]
        values = [float(exact(v)) for v in numbers]
        # One-sided at 0, where some functions end.
        slopes = [float((exact(v * (1 + step) + step**2) - exact(v)) / (v * step + step**2)) for v in numbers]
    value = function(tensor(x))
    assert keras.backend.standardize_dtype(value.dtype) == dtype
    assert_close(array(value), values, dtype)
    _, gradient = value_and_gradient(lambda x: ops.sum(function(x)), x)
    assert_close(gradient, slopes, dtype, gradient=True)


def test_scipy():
    x = np.linspace(0.01, 30, 200).astype("float32")
    wide = x.astype("float64")
    assert_close(array(special.log_gamma_1p(tensor(x))), scipy.special.gammaln(1 + wide))
    assert_close(array(special.log_i0e(tensor(x))), np.log(scipy.special.i0e(wide)))
    assert_close(array(special.log_ndtr(tensor(x - 20))), scipy.special.log_ndtr((x - 20).astype("float64")))
    _, digamma = value_and_gradient(lambda x: ops.sum(special.log_gamma_1p(x)), x)
    assert_close(digamma, scipy.special.digamma(1 + wide), gradient=True)


def test_right_tail_of_the_normal_is_right_in_relative_terms():
    x = np.array([2.0, 5.0, 9.0, 12.0], "float32")
    expected = scipy.special.log_ndtr(x.astype("float64"))
    np.testing.assert_allclose(array(special.log_ndtr(tensor(x))), expected, rtol=1e-5)


def test_exp_remainder_is_right_in_relative_terms():
    x = np.array([-0.999, -1e-2, -1e-5, 1e-9, 3e-4, 0.1, 0.999, 1.0, 1.001], "float32")
    expected = [float(mpmath.expm1(v) - v) for v in map(mpmath.mpf, x.astype("float64"))]
    np.testing.assert_allclose(array(special.exp_remainder(tensor(x))), expected, rtol=1e-6)


def test_relative_entropy():
    log_p = np.array([-1e-3, -1.0, -5.0, -90.0, -np.inf, -0.5, -20.0], "float32")
    log_q = np.array([-1e-3 - 1e-6, -1.1, -0.1, -1.0, -2.0, -90.0, -20.0], "float32")
    p, q = (np.array([mpmath.exp(float(x)) for x in xs], object) for xs in (log_p, log_q))
    terms = [a * (mpmath.log(a / b) if a else 0) - a + b for a, b in zip(p, q, strict=True)]
    expected = [float(x) for x in terms]
    value, gradient = value_and_gradient(lambda x: ops.sum(special.relative_entropy(tensor(log_p), x)), log_q)
    np.testing.assert_allclose(value, sum(expected), rtol=1e-6)
    values = array(special.relative_entropy(tensor(log_p), tensor(log_q)))
    np.testing.assert_allclose(values, expected, rtol=1e-5)
    assert_close(gradient, [float(b - a) for a, b in zip(p, q, strict=True)])


def test_half_deviance():
    v = np.array(
        [-1e3, -30.0, -1.001, -1.0, -0.999, -1e-2, -1e-5, 0.0, 1e-9, 3e-4, 0.1, 0.999, 1.0, 1.001, 20]
    )
    v = v.astype("float32")
    exact = [mpmath.mpf(float(x)) for x in v]
    expected = [float(3 * (mpmath.expm1(x) - x)) for x in exact]
    m = ops.convert_to_tensor([float(3 * mpmath.exp(x)) for x in exact], dtype="float32")
    value, gradient = value_and_gradient(lambda v: ops.sum(special.half_deviance(3.0, m, v)), v)
    np.testing.assert_allclose(array(special.half_deviance(3.0, m, tensor(v))), expected, rtol=1e-6)
    assert_close(value, np.sum(expected))
    # Beyond 1 the part of m is the caller's.
    slopes = [float(3 * mpmath.expm1(x)) if abs(x) < 1 else -3 for x in exact]
    assert_close(gradient, slopes, gradient=True)


def test_log_factorial_rest_of_no_count():
    value, gradient = value_and_gradient(
        lambda y: ops.sum(special.log_factorial_remainder(y)), np.array([0.0, 1e-30])
    )
    assert_close(value, 0.0)
    assert np.all(np.isfinite(gradient))


def test_xlogy():
    x, y = np.array([0.0, 0.0, 2.0]), np.array([0.0, -1.0, 3.0])
    value, gradient = value_and_gradient(lambda y: ops.sum(special.xlogy(tensor(x), y)), y)
    assert_close(value, 2 * np.log(3), "float32")
    assert_close(gradient, [0, 0, 2 / 3], gradient=True)


@pytest.mark.parametrize("shape", [(300, 7), (1, 1, 50, 7), (7,)], ids=str)
def test_products_over_the_last_axis(shape, rng):
    """Of this size TensorFlow 2.16 and 2.17 can be wrong, outside a compiled function."""
    x, matrix = rng.normal(size=shape).astype("float32"), rng.normal(size=(7, 300)).astype("float32")
    upstream = rng.normal(size=(*shape[:-1], 300)).astype("float32")
    product = array(last_axis_product(tensor(x), tensor(matrix)))
    assert_close(product, x @ matrix, scale=10)
    _, gradient = value_and_gradient(
        lambda x: ops.sum(tensor(upstream) * last_axis_product(x, tensor(matrix))), x
    )
    assert_close(gradient, upstream @ matrix.T, gradient=True, scale=10)
