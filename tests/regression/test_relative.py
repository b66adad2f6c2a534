"""Errors relative to a scale."""

import numpy as np
import pytest

import kerasloss
from tests.backend import array, assert_close, compiled, value_and_gradient


def test_a_forecast_without_a_history_is_refused():
    for y_true, y_pred in ((np.ones(()), np.ones(3)), (np.ones(3), np.ones(())), (np.ones(3), np.ones(3))):
        with pytest.raises(ValueError, match="MeanAbsoluteScaledError: `y_true` must hold the history"):
            kerasloss.MeanAbsoluteScaledError()(y_true, y_pred)


def test_a_map_without_a_valid_depth_does_not_count():
    """One of three maps has depths: the mean is its value, `sqrt(log(2) ** 2 / 2 - log(2) ** 2 / 8)`."""
    y_true = np.array([[0, 0], [1, 2], [0, np.nan]], "float32")
    y_pred = np.array([[1, 3], [2, 2], [np.nan, 1]], "float32")
    loss, expected = kerasloss.ScaleInvariantLogarithmic(), np.log(2) * np.sqrt(3 / 8)
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    alone, slope = value_and_gradient(lambda p: loss(y_true[1:2], p), y_pred[1:2])
    for one in (value, alone, compiled(loss, y_true, y_pred)[0]):
        assert_close(one, expected)
    assert_close(gradient, np.concatenate([0 * slope, slope, 0 * slope]), gradient=True)
    weighted = kerasloss.ScaleInvariantLogarithmic(reduction="mean_with_sample_weight")
    assert_close(array(weighted(y_true, y_pred, sample_weight=np.float32([5, 2, 3]))), expected)
    assert_close(array(kerasloss.ScaleInvariantLogarithmic(reduction=None)(y_true, y_pred)), [0, expected, 0])
    assert array(loss(y_true[:1], y_pred[:1])) == 0
