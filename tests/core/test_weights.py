"""The base of all losses: weights, masks, positions that don't count."""

import numpy as np
import pytest
from keras import ops

import kerasloss
from kerasloss.core.loss import keras_mask
from tests.backend import array, assert_close, masked, tensor, value_and_gradient


class WeightedTotal(kerasloss.Loss):
    """A batch loss: it gets the weights instead of having them multiplied on."""

    def call(self, y_true, y_pred, sample_weight):
        values = ops.sum(ops.square(y_pred - y_true), axis=-1)
        return ops.max(values if sample_weight is None else values * sample_weight)


class Frames(kerasloss.Loss):
    """A loss over sequences: it gets the mask of y_pred."""

    def call(self, y_true, y_pred, mask):
        frames = ops.sum(ops.square(y_pred), axis=-1)
        return ops.sum(frames if mask is None else ops.where(mask, frames, 0), axis=-1)


class Censored(kerasloss.Loss):
    """A loss that does not count the rows whose label is negative."""

    def counts(self, y_true, y_pred):
        return y_true[:, 0] >= 0

    def call(self, y_true, y_pred):
        return ops.mean(ops.log(y_pred) - y_true, axis=-1)


def test_weights_are_per_sample_and_broadcast():
    y_true, y_pred = np.zeros((3, 3, 2)), np.ones((3, 3, 2))
    y_pred[1] = 2.0
    weight = np.array([1.0, 0.0, 2.0])
    for w in (weight, weight[:, None], weight[:, None, None]):
        values = array(kerasloss.MeanSquaredError(reduction=None)(y_true, y_pred, sample_weight=w))
        assert_close(values, [[1, 1, 1], [0, 0, 0], [2, 2, 2]])
    loss = kerasloss.MeanAbsoluteError(reduction="mean_with_sample_weight")
    ones = np.ones((2, 5, 1))
    assert_close(array(loss(0 * ones, ones, sample_weight=np.array([[2.0], [1.0]]))), 1.0)
    for wrong in (np.ones(2), np.ones((3, 2)), np.ones((3, 3, 3))):
        with pytest.raises(ValueError, match="MeanAbsoluteError.*sample_weight.*Received"):
            loss(y_true, y_pred, sample_weight=wrong)


def test_excluded_positions_are_selected_twice():
    """Once before the arithmetic and once after: here the value of the stand-in inputs is infinite."""

    class LogRest(kerasloss.Loss):
        def call(self, y_true, y_pred):
            return -ops.mean(ops.log(1 - y_pred), axis=-1)

    y_true, y_pred = np.zeros((2, 1)), np.array([[0.5], [3.0]])
    value, gradient = value_and_gradient(
        lambda p: LogRest(reduction="sum")(y_true, p, np.array([1, 0])), y_pred
    )
    assert_close(value, np.log(2.0))
    assert_close(gradient, [[2.0], [0.0]])


def test_weight_on_one_axis():
    """Entries of a single axis are samples as soon as they have weights of their own."""
    y_true, y_pred, weight = np.zeros(3), np.array([1.0, 2.0, np.nan]), np.array([1.0, 0.5, 0.0])
    assert_close(array(kerasloss.MeanSquaredError(reduction="sum")(y_true, y_pred, weight)), 3.0)
    assert_close(array(kerasloss.MeanSquaredError()(y_true[:2], y_pred[:2])), 2.5)
    assert_close(array(kerasloss.MeanSquaredError()(y_true[:2], y_pred[:2], 2.0)), 5.0)


def test_what_to_do_about_a_wrong_shape_is_said_where_it_helps():
    with pytest.raises(ValueError, match=r"ends with an axis of length 1. Received: shape \(2, 3\)"):
        kerasloss.MeanSquaredError()(np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"in place of an axis\). Received: shape \(2, 4, 4\) on \(2,\)"):
        kerasloss.PSNR()(np.ones((2, 4, 4, 1)), np.ones((2, 4, 4, 1)), np.ones((2, 4, 4)))


def test_all_weights_zero_and_everything_masked():
    y_true, y_pred = np.zeros((2, 3)), np.full((2, 3), np.nan)
    for reduction in ("sum", "mean", "mean_with_sample_weight"):
        loss = kerasloss.MeanSquaredError(reduction=reduction)
        value, gradient = value_and_gradient(lambda p, f=loss: f(y_true, p, np.zeros(2)), y_pred)
        assert value == 0 and not np.any(gradient)
        assert array(loss(y_true, masked(y_pred, [False, False]))) == 0


def test_mask_and_weight_together():
    y_true, y_pred = np.zeros((4, 1)), np.array([[1.0], [2.0], [np.nan], [4.0]])
    weight = np.array([1.0, 0.0, 5.0, 2.0])
    y_masked = masked(y_pred, [True, True, False, True])
    expected = {"mean": 9 / 3, "sum": 9, "mean_with_sample_weight": 9 / 3, None: [1, 0, 0, 8]}
    for reduction, value in expected.items():
        loss = kerasloss.MeanAbsoluteError(reduction=reduction)
        assert_close(array(loss(y_true, y_masked, sample_weight=weight)), value)


def test_no_mask_costs_nothing():
    assert keras_mask(tensor(np.ones((2, 3), "float32"))) is None
    assert keras_mask(tensor(np.ones((2, 3)), "float16")) is None
    assert keras_mask(np.ones((2, 3))) is None
    for mask in (np.array([True, False]), np.array([[True], [False]]), np.ones((2, 3), bool)):
        np.testing.assert_array_equal(array(keras_mask(masked(np.ones((2, 3, 4)), mask))), mask)
    one = keras_mask(masked(np.ones((1, 3)), [False]))
    assert not np.any(array(one))


def test_batch_loss_gets_the_weights():
    y_true, y_pred = np.zeros((3, 1)), np.array([[3.0], [1.0], [np.nan]])
    loss = WeightedTotal()
    assert_close(array(loss(y_true[:2], y_pred[:2])), 9.0)
    assert_close(array(loss(y_true, y_pred, sample_weight=np.array([0.1, 2.0, 0.0]))), 2.0)
    assert_close(array(loss(y_true, masked(y_pred, [False, True, False]))), 1.0)
    both = loss(y_true, masked(y_pred, [False, True, False]), sample_weight=np.array([9.0, 2.0, 9.0]))
    assert_close(array(both), 2.0)
    assert_close(array(loss(y_true[:0], y_pred[:0])), 0.0)


def test_sequence_loss_gets_the_mask():
    y_pred = np.ones((2, 3, 2))
    labels = np.array([[1], [2]])
    assert_close(array(Frames(reduction=None)(labels, y_pred)), [6, 6])
    lengths = [[True, True, False], [True, False, False]]
    assert_close(array(Frames(reduction=None)(labels, masked(y_pred, lengths))), [4, 2])
    weighted = Frames(reduction="sum")(labels, masked(y_pred, lengths), sample_weight=np.array([1.0, 10.0]))
    assert_close(array(weighted), 24)


def test_positions_that_do_not_count():
    y_true, y_pred = np.array([[0.0], [-1.0], [1.0]]), np.array([[1.0], [-5.0], [np.e]])
    value, gradient = value_and_gradient(lambda p: Censored()(y_true, p), y_pred)
    assert_close(value, 0.0)
    assert_close(gradient, [[0.5], [0.0], [0.5 / np.e]])
    weight = np.array([1.0, 7.0, 3.0])
    loss = Censored(reduction="mean_with_sample_weight")
    assert_close(array(loss(y_true * 0 + [[0], [-1], [0]], y_pred, sample_weight=weight)), 0.75)
