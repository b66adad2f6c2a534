"""Deviances: other libraries' numbers, documented numbers, limits, support, fits."""

import importlib.util

import keras
import numpy as np
import pytest
import scipy.stats as stats
import sklearn.metrics
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient

LEVELS = [0.1, 0.5, 0.9]
ENTRIES = {"reduction": None}


def entries(loss, y_true, y_pred):
    """One value per entry."""
    y_true, y_pred = np.float32(y_true)[..., None], np.float32(y_pred)[..., None]
    return array(loss(y_true, y_pred))


@pytest.fixture
def pair(rng):
    return (3 * rng.normal(size=(2, 6, 5))).astype("float32")


@pytest.fixture
def positive(rng):
    return np.exp(rng.normal(size=(2, 30))).astype("float32")


# Other libraries -----------------------------------------------------------------------------------


def test_scikit_learn(pair, positive):
    y, p = pair
    for q in LEVELS:
        expected = sklearn.metrics.mean_pinball_loss(y, p, alpha=q, multioutput="raw_values")
        assert_close(array(K.Quantile(q)(y.T[..., None], p.T[..., None])), expected.mean())
    y, mean = positive.astype("float64")
    for power in (1, 1.2, 1.5, 1.999, 2, 3):
        expected = sklearn.metrics.mean_tweedie_deviance(y, mean, power=power)
        assert_close(array(K.Tweedie(power)(y, mean)), expected)
    expected = sklearn.metrics.mean_tweedie_deviance(-y, mean, power=0)
    assert_close(array(K.Tweedie(power=0)(-y, mean)), expected)
    assert_close(array(K.GammaDeviance()(y, mean)), sklearn.metrics.mean_gamma_deviance(y, mean))
    zeros = np.where(y < 1, 0.0, y)
    expected = sklearn.metrics.mean_tweedie_deviance(zeros, mean, power=1.5)
    assert_close(array(K.Tweedie()(zeros, mean)), expected)


def test_scipy(positive):
    y, rate = np.round(5 * positive[0]), positive[1].astype("float64")
    log_rate = np.log(rate).astype("float32")
    whole = {"full": True, **ENTRIES}
    assert_close(entries(K.Poisson(epsilon=0.0, **whole), y, rate), -stats.poisson.logpmf(y, rate))
    expected = -stats.poisson.logpmf(y, np.exp(log_rate.astype("float64")))
    assert_close(entries(K.Poisson(link="log", **whole), y, log_rate), expected)


def test_many_counts():
    """Of large counts the textbook form loses all digits in float32."""
    y, rate = np.array([100.0, 1e3, 1e4, 1e5, 1e6]), np.float32([90, 1010, 9900, 1.003e5, 1e6])
    expected = -stats.poisson.logpmf(y, rate.astype("float64"))
    whole = K.Poisson(full=True, epsilon=0.0, reduction=None)
    np.testing.assert_allclose(entries(whole, y, rate), expected, rtol=2e-6)
    log_rate = np.log(rate).astype("float32")
    expected = -stats.poisson.logpmf(y, np.exp(log_rate.astype("float64")))
    whole = K.Poisson(full=True, link="log", reduction=None)
    np.testing.assert_allclose(entries(whole, y, log_rate), expected, rtol=2e-5)


def test_deviances_near_the_target_are_right_in_relative_terms():
    y = np.array([1e-3, 0.5, 1.0, 7.0, 1e4], "float32")
    mean = (y * np.float32(1 + 1e-3)).astype("float32")
    wide, m = y.astype("float64"), mean.astype("float64")
    for power in (1, 1.5, 2, 2 - 1e-9, 3):
        expected = [
            float(sklearn.metrics.mean_tweedie_deviance([a], [b], power=power if power != 2 - 1e-9 else 2))
            for a, b in zip(wide, m, strict=True)
        ]
        np.testing.assert_allclose(entries(K.Tweedie(power, **ENTRIES), y, mean), expected, rtol=1e-3)


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
def test_torch(positive):
    import torch
    import torch.nn.functional as F

    y, rate = np.round(3 * positive[0]), positive[1]
    for link, log_input, p in (("log", True, np.log(rate)), ("identity", False, rate)):
        for full in (False, "stirling"):
            loss = K.Poisson(link=link, full=full, epsilon=1e-8)
            q = torch.tensor(p, requires_grad=True)
            expected = F.poisson_nll_loss(q, torch.tensor(y), log_input=log_input, full=bool(full))
            expected.backward()
            value, gradient = value_and_gradient(lambda p, f=loss: f(y, p), p)
            assert_close(value, expected.item())
            assert_close(gradient, q.grad, gradient=True)


def test_keras_poisson(positive):
    y, rate = np.round(3 * positive[0]), positive[1].copy()
    rate[:5] = 0
    for reduction in ("sum", "mean", None):
        ours, theirs = K.Poisson(reduction=reduction), keras.losses.Poisson(reduction=reduction)
        assert_close(array(ours(y, rate)), array(theirs(y, rate)))
        value, gradient = value_and_gradient(lambda p, f=ours: ops.sum(f(y, p)), rate)
        _, expected = value_and_gradient(lambda p, f=theirs: ops.sum(f(y, p)), rate)
        assert_close(gradient, expected, gradient=True)
    assert_close(array(K.Poisson()(-y, rate)), array(keras.losses.Poisson()(-y, rate)))
    assert np.isfinite(array(K.Poisson()(y, -rate)))


# The numbers that documents print ------------------------------------------------------------------


def test_flux_poisson_loss():
    y = np.array([1.0, 2.0, 3.0])
    # The document divides by the number of samples in its formula, and prints the plain mean.
    assert_close(array(K.Poisson(epsilon=0.0)(y, np.array([1.0, 3.0, 3.0]))), 0.5023128522198171)
    y, p = np.array([0.1, 0.2, 0.3]), np.array([0.4, 0.5, 0.6])
    assert_close(array(K.Poisson(epsilon=0.0)(y, p)), 0.62783539881)
    assert_close(array(K.Poisson(epsilon=0.0)(y, y)), 0.50444597769)


def test_gluon_poisson_nll_loss():
    y, p = np.array([1.0, 4.0, 0.0]), np.array([2.0, 3.0, 1.0])
    # The document shows log(target!); the code adds it only if asked, by Stirling's formula, above 1.
    assert_close(entries(K.Poisson(full=True, epsilon=0.0, **ENTRIES), y, p), [1.3068528, 1.7836047, 1.0])
    assert_close(entries(K.Poisson(epsilon=0.0, **ENTRIES), y, p), [1.3068528, -1.3944492, 1.0])
    expected = np.array([5.3890561, 8.0855369, 2.7182818])
    assert_close(entries(K.Poisson(link="log", **ENTRIES), y, p), expected)
    by_stirling = K.Poisson(link="log", full="stirling", **ENTRIES)
    assert_close(entries(by_stirling, y, p), expected + [0, 3.1572632, 0])


def test_tweedie_is_continuous_in_its_power(positive):
    y, mean = positive
    for power, loss in ((1, K.Tweedie(1)), (2, K.GammaDeviance())):
        limit = array(loss(y, mean))
        for distance in (1e-3, 1e-6, 1e-9, 1e-13):
            near = array(K.Tweedie(power + distance)(y, mean))
            np.testing.assert_allclose(near, limit, rtol=1e-6 + 3 * distance)


def test_tweedie_below_two_is_continuous():
    y, mean = np.array([0.5, 2.0]), np.array([1.0, 0.7])
    expected = array(K.GammaDeviance()(y, mean))
    for distance in (1e-6, 1e-9, 1e-13):
        np.testing.assert_allclose(array(K.Tweedie(2 - distance)(y, mean)), expected, rtol=1e-5)


# Targets, bounds and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "wrong"),
    [
        (K.GammaDeviance, [0.0, -1.0]),
        (K.Tweedie, [-1.0]),
        (lambda **a: K.Tweedie(1, **a), [-1.0]),
        (lambda **a: K.Tweedie(2, **a), [0.0, -1.0]),
        (lambda **a: K.Tweedie(3, **a), [0.0, -1.0]),
        (lambda **a: K.Poisson(full=True, **a), [-1.0]),
        (lambda **a: K.Poisson(full="stirling", **a), [-1.0]),
    ],
)
def test_targets_outside_the_support(loss, wrong):
    for label in [*wrong, np.nan]:
        y, mean = np.array([1.0, label, 2.0]), np.array([0.5, 0.5, 0.5], "float32")
        value = entries(loss(**ENTRIES), y, mean)
        np.testing.assert_array_equal(np.isnan(value), [False, True, False])
        total = loss(reduction="sum")
        _, gradient = value_and_gradient(lambda p, f=total, y=y: f(y[:, None], p), mean[:, None])
        assert np.all(np.isfinite(gradient[[0, 2]]))


def test_a_mean_below_the_floor_comes_back():
    y, mean = np.array([[1.0]]), np.array([[-5.0]], "float32")
    for loss in (K.Poisson(), K.GammaDeviance(), K.Tweedie(), K.Tweedie(3)):
        value, gradient = value_and_gradient(lambda p, f=loss: f(y, p), mean)
        assert np.isfinite(value) and gradient[0, 0] < 0


def test_an_impossible_count():
    assert array(K.Poisson(epsilon=0.0)(np.array([[1.0]]), np.array([[0.0]]))) == np.inf
    assert array(K.Poisson(epsilon=0.0)(np.array([[0.0]]), np.array([[0.0]]))) == 0


def test_fit_recovers_rates_and_spread():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, size=(1024, 1)).astype("float32")
    mean = np.exp(1 + x)
    for loss, y in (
        (K.Poisson(link="log"), rng.poisson(mean)),
        (K.GammaDeviance(link="log"), mean * rng.gamma(4.0, 0.25, size=mean.shape)),
        (K.Tweedie(link="log"), mean * rng.gamma(4.0, 0.25, size=mean.shape)),
    ):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.05), loss=loss)
        model.fit(x, y.astype("float32"), batch_size=128, epochs=15, verbose=0)
        np.testing.assert_allclose([w.item() for w in model.get_weights()], [1.0, 1.0], atol=0.15)
    y = 2 * x[:, 0] + 0.5 * rng.normal(size=1024)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(0.05), loss=K.GaussianCRPS())
    model.fit(x, y.astype("float32"), batch_size=128, epochs=15, verbose=0)
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(kernel, [[2.0, 0.0]], atol=0.2)
    np.testing.assert_allclose(bias, [0.0, np.log(0.5)], atol=0.15)


@pytest.mark.parametrize("full", [False, True, "stirling"])
def test_a_rate_of_0_for_a_count_of_0_costs_nothing(full):
    """Its logarithm is -inf; of a count of 1, `lgamma(y + 1)` is 0."""
    loss = K.Poisson(link="log", full=full, reduction="sum")
    y_true, y_pred = np.float32([[0, 1]]), np.float32([[-np.inf, 0.5]])
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    assert_close(value, -stats.poisson.logpmf(1, np.exp(0.5)) / 2)
    assert_close(gradient, [[0, (np.exp(0.5) - 1) / 2]], gradient=True)
