"""Parametric times: densities of integral 1, times out of range, curves; and limits of measurements."""

import mpmath
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient
from tests.cases.survival.parametric import EACH, P, Y, log_survival

DISTRIBUTIONS = pytest.mark.parametrize(
    "distribution", ["weibull", "lognormal", "loglogistic", "exponential"]
)


def outputs(distribution, location=0.3, log_scale=-0.4):
    return [location] if distribution == "exponential" else [location, log_scale]


def scale_of(distribution):
    return mpmath.mpf(1) if distribution == "exponential" else mpmath.exp(mpmath.mpf(-0.4))


@DISTRIBUTIONS
def test_densities_have_the_integral_of_the_survival_function(distribution):
    """By Gauss-Legendre points between two times, in the logarithm of the time."""
    points, weights = np.polynomial.legendre.leggauss(40)
    logs = 2 * points - 0.5
    times = np.exp(logs)
    y_true = np.stack([times, np.ones(40)], -1)
    y_pred = np.tile(outputs(distribution), (40, 1))
    density = np.exp(-array(K.ParametricAFT(distribution, **EACH)(y_true, y_pred)))
    ends = [
        mpmath.exp(log_survival(mpmath.exp(x), mpmath.mpf(0.3), scale_of(distribution), distribution))
        for x in (-2.5, 1.5)
    ]
    assert_close(np.sum(2 * weights * times * density), float(ends[0] - ends[1]), scale=3)


@DISTRIBUTIONS
def test_survival_is_the_probability_of_a_censored_subject(distribution):
    loss = K.ParametricAFT(distribution, **EACH)
    times = np.array([-1.0, 0.0, 1e-3, 0.5, 1, 2, 20], "float32")
    curves = array(loss.survival_function([outputs(distribution)] * 3, times))
    assert curves.shape == (3, 7)
    assert_close(curves[0, :2], [1, 1])
    y_true = np.stack([times[2:], np.zeros(5)], -1)
    assert_close(curves[0, 2:], np.exp(-array(loss(y_true, np.tile(outputs(distribution), (5, 1))))))
    with pytest.raises(ValueError, match=r"ParametricAFT: `times` must have shape \(T,\)"):
        loss.survival_function([outputs(distribution)], 1.0)


def test_lognormal_is_log_normal_nll():
    y, y_pred = np.array([[0.5], [3.0]]), np.array([[0.3, -0.4], [1.0, 0.2]])
    loss = K.ParametricAFT("lognormal", **EACH)
    assert_close(array(loss(np.column_stack([y, [1, 1]]), y_pred)), array(K.LogNormalNLL(**EACH)(y, y_pred)))


@DISTRIBUTIONS
@pytest.mark.parametrize("wrong", [[0, 1], [0, 0], [-1, 0], [np.nan, 1], [2, 2], [2, -1], [2, 0.5]])
def test_rows_out_of_range_are_nan(distribution, wrong):
    loss = K.ParametricAFT(distribution, **EACH)
    y_true, y_pred = np.array([Y[0], wrong]), np.array([outputs(distribution)] * 2, "float32")
    values = array(loss(y_true, y_pred))
    assert np.isfinite(values[0]) and np.isnan(values[1])
    _, gradient = value_and_gradient(lambda p: loss(y_true, p)[0], y_pred)
    assert np.all(np.isfinite(gradient)) and not np.any(gradient[1])


@pytest.mark.parametrize("distribution", ["weibull", "exponential"])
@pytest.mark.parametrize("event", [0, 1])
@pytest.mark.parametrize("log_scale", [np.log(0.1), -1e4])
def test_late_times_have_finite_values_and_gradients(distribution, event, log_scale):
    """`exp(z)` alone leaves float32 at z = 88: here z is 92 and 9e6, and 1e4 of the exponential."""
    location = -1e4 if distribution == "exponential" else 0.0
    y_true = np.array([[1e4, event], [1, 1]], "float32")
    y_pred = np.array([outputs(distribution, location, log_scale), outputs(distribution)], "float32")
    loss = K.ParametricAFT(distribution, reduction="sum")
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    alone = value_and_gradient(lambda p: loss(y_true[1:], p), y_pred[1:])[1]
    assert np.isfinite(value) and value > 1e20 and np.all(np.isfinite(gradient))
    assert_close(gradient[1:], alone, gradient=True)
    assert gradient[0, 0] < 0


def test_beyond_50_a_line_takes_the_place_of_the_exponential():
    loss, z = K.ParametricAFT(scale=1.0, reduction="sum"), np.array([-3.0, 0, 49, 50, 51, 90], "float32")
    y_true = np.tile([1.0, 0.0], (6, 1))
    expected = [mpmath.exp(x) if x < 50 else mpmath.exp(50) * (x - 49) for x in map(float, z)]
    slopes = [mpmath.exp(min(x, 50)) for x in map(float, z)]
    for i in range(6):
        value, gradient = value_and_gradient(lambda p, i=i: loss(y_true[i : i + 1], p), -z[i : i + 1])
        assert_close(value / float(expected[i]), 1.0)
        assert_close(gradient / float(slopes[i]), [-1.0], gradient=True)


def test_widths():
    for y_pred in (P[:, :1], P[:, 0], np.zeros((2, 3))):
        with pytest.raises(ValueError, match=r"ParametricAFT: `y_pred` must have shape \(N, 2\)"):
            K.ParametricAFT()(Y, y_pred)
    with pytest.raises(ValueError, match=r"ParametricAFT: `y_pred` must have shape \(N,\) or \(N, 1\)"):
        K.ParametricAFT(scale=1.0)(Y, P)
    with pytest.raises(
        ValueError, match=r"ParametricAFT: `y_true` must have shape \(N, 2\).*\[time, event\]"
    ):
        K.ParametricAFT()(Y[:, :1], P)


@pytest.mark.parametrize("x", [-40.0, -8.0, -5.0, -1.0, 0.0, 1.0, 6.0])
def test_tobit_at_a_limit_is_exact_in_both_tails(x):
    expected = -mpmath.log(mpmath.erfc(-mpmath.mpf(x) / mpmath.sqrt(2)) / 2)
    below = K.Tobit(lower=0.0)(np.zeros(1), np.array([[-x, 0.0]]))
    above = K.Tobit(upper=0.0)(np.zeros(1), np.array([[x, 0.0]]))
    assert_close(array(below) / float(expected), 1)
    assert_close(array(above), array(below))


def test_tobit_without_limits_is_a_normal_likelihood(rng):
    y_true, y_pred = rng.normal(size=(4, 3)), rng.normal(size=(4, 3, 2))
    assert_close(
        array(K.Tobit(**EACH)(y_true, y_pred)), array(K.GaussianNLL(full=True, **EACH)(y_true, y_pred))
    )


def test_tobit_finds_the_mean_that_was_cut_off():
    """Half of a normal sample is cut off at its mean 0: least squares say 0.4, this says 0."""
    points = (np.arange(400) + 0.5) / 400
    sample = np.array([float(mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)) for p in points], "float32")
    cut = np.maximum(sample, 0)[:, None]
    loss = K.Tobit(lower=0.0)
    _, gradient = value_and_gradient(
        lambda p: loss(cut, ops.broadcast_to(p, (400, 2))), np.zeros(2, "float32")
    )
    assert np.all(np.abs(gradient) < 2e-3)
    assert np.mean(cut) > 0.35
