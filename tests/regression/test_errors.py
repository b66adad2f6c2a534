"""Errors of numbers."""

import keras
import numpy as np
import pytest

import kerasloss
from tests.backend import array, assert_close, value_and_gradient


def test_small_errors_are_right_in_relative_terms():
    error = np.array([[1e-6], [1e-4], [1e-2]], "float32")
    values = array(kerasloss.LogCosh(reduction=None)(0 * error, error))
    np.testing.assert_allclose(values, np.log(np.cosh(error[:, 0].astype("longdouble"))), rtol=1e-5)


@pytest.mark.parametrize("delta", [1e-30, 1e-25, 1e-9, 1e-8, 1e8, 1e9, 1e20, 3e38])
def test_huber_of_a_delta_whose_square_float32_does_not_hold(delta):
    y_pred = np.float32([[0, 2, -1e-3, -30]])
    e = np.abs(y_pred[0].astype("longdouble"))
    d = np.longdouble(delta)
    expected = np.mean(np.where(e <= d, e**2 / 2, d * (e - d / 2)))
    slope = np.clip(y_pred.astype("float64"), -delta, delta) / 4
    loss = kerasloss.Huber(delta)
    value, gradient = value_and_gradient(lambda p: loss(0 * p, p), y_pred)
    unit = min(delta, 1.0)  # in which the errors are relative
    assert_close(value / unit, expected / unit, scale=3)
    assert_close(gradient / unit, slope / unit, gradient=True)
    if delta > 1:
        assert_close(array(keras.losses.Huber(delta)(0 * y_pred, y_pred)), value)


def test_charbonnier_of_an_epsilon_whose_square_float32_does_not_hold():
    for alpha in (0.45, 0.5, 1.0):
        loss = kerasloss.Charbonnier(1e-30, alpha)
        value, gradient = value_and_gradient(lambda p, loss=loss: loss(0 * p, p), np.float32([[0, 2]]))
        assert_close(value, 4**alpha / 2)
        assert_close(gradient, [[0, alpha * 2 ** (2 * alpha - 1)]], gradient=True)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e3])
def test_the_gradient_of_a_root_has_the_norm_that_its_docstring_names(size, rng):
    y_pred = (size * rng.normal(size=(1, 9))).astype("float32")
    _, gradient = value_and_gradient(lambda p: kerasloss.RootMeanSquaredError()(0 * p, p), y_pred)
    assert_close(np.linalg.norm(gradient), 1 / 3, gradient=True)
