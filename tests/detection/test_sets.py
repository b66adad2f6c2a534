"""Sets of objects: who is assigned to whom, what weights do, and what is refused."""

import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient
from tests.cases.detection.sets import OBJECTS, PREDICTIONS, scenes


@pytest.fixture
def batch(rng):
    return scenes(rng, 4)


def test_the_order_of_objects_and_predictions_does_not_matter(batch):
    y, p = batch
    value = array(K.SetPrediction(reduction=None)(y, p))
    for rows, columns in (([1, 0], [0, 1, 2]), ([0, 1], [2, 0, 1])):
        assert_close(array(K.SetPrediction(reduction=None)(y[:, rows], p[:, columns])), value)


def test_padding_may_stand_anywhere_and_hold_anything(batch):
    y, p = batch
    padding = np.full((4, 1, 5), np.nan, "float32")
    padding[..., 0] = -1
    value = float(K.SetPrediction()(y, p))
    assert_close(float(K.SetPrediction()(np.concatenate([padding, y], axis=1), p)), value)
    _, gradient = value_and_gradient(lambda p: K.SetPrediction()(np.concatenate([padding, y], axis=1), p), p)
    assert np.isfinite(gradient).all()


def test_samples_of_weight_0_are_absent(batch):
    y, p = batch
    weight = np.array([1.0, 0.0, 1.0, 0.0])
    y[1], p[1] = np.nan, np.nan
    value = float(K.SetPrediction(reduction="sum")(y, p, weight))
    some = float(K.SetPrediction(reduction="sum")(y[::2], p[::2]))
    assert_close(value, some)


def test_weights_weigh_values(batch):
    y, p = batch
    values = array(K.SetPrediction(reduction=None)(y, p))
    assert_close(array(K.SetPrediction(reduction=None)(y, p, np.arange(1.0, 5))), values * np.arange(1, 5))


def test_given_assignments_are_those_of_the_rows():
    """The optimal one crosses over: the first object is the second prediction."""
    given = K.SetPrediction(assignment="given")
    rows = np.concatenate([OBJECTS[:, [1, 0]], np.full((1, 1, 5), -1.0)], axis=1)
    assert_close(float(given(rows, PREDICTIONS)), 2.53149235788)
    assert float(given(rows[:, [1, 0, 2]], PREDICTIONS)) > 4


def test_a_wrong_class_gives_nan(batch):
    y, p = batch
    y[2, 0, 0] = 3
    values = array(K.SetPrediction(reduction=None)(y, p))
    assert np.isnan(values[2]) and np.isfinite(values[[0, 1, 3]]).all()


def test_more_objects_than_predictions_are_refused():
    with pytest.raises(ValueError, match=r"SetPrediction: .*as many predictions as objects.*Received"):
        K.SetPrediction()(np.zeros((1, 4, 5)), np.zeros((1, 3, 7)))
    with pytest.raises(ValueError, match=r"SetPrediction: .*as many predictions as objects"):
        K.SetPrediction(assignment="given")(np.zeros((1, 2, 5)), np.zeros((1, 3, 7)))


@pytest.mark.parametrize("normalize", ["batch", "sample"])
def test_a_batch_without_objects_is_one_of_padding(batch, normalize):
    p, loss = batch[1], K.SetPrediction(normalize=normalize, reduction=None)
    assert_close(array(loss(np.zeros((4, 0, 5)), p)), array(loss(np.full((4, 1, 5), -1.0), p)))


@pytest.mark.parametrize(("points", "others"), [(0, 3), (3, 0)])
def test_chamfer_refuses_an_empty_set(points, others):
    message = "Chamfer: `y_true` and `y_pred` must hold at least one number on each axis. Received"
    with pytest.raises(ValueError, match=message):
        K.Chamfer()(np.zeros((2, points, 2)), np.ones((2, others, 2)))


def test_chamfer_gives_ties_to_one_point():
    y, p = np.array([[[0.0], [0.0]]]), np.array([[[1.0], [-1.0]]], "float32")
    value, gradient = value_and_gradient(lambda p: ops.sum(K.Chamfer()(y, p)), p)
    assert value == 2 and gradient.ravel().tolist() in ([3.0, -1.0], [1.0, -3.0])


@pytest.mark.parametrize("normalize", ["batch", "sample"])
def test_no_object_and_no_weight_of_the_others_is_0(batch, normalize):
    y, p = np.full((4, 1, 5), -1.0), batch[1]
    loss = K.SetPrediction(no_object_weight=0.0, normalize=normalize, reduction="sum")
    value, gradient = value_and_gradient(lambda p: loss(y, p), p)
    assert value == 0 and not gradient.any()


@pytest.mark.parametrize("wrong", [0.5, 1.5, np.nan])
def test_a_class_that_is_no_integer_gives_nan(batch, wrong):
    y, p = batch
    y[2, 0, 0] = wrong
    values = array(K.SetPrediction(reduction=None)(y, p))
    assert np.isnan(values[2]) and np.isfinite(values[[0, 1, 3]]).all()


def test_the_weighted_mean_is_that_of_the_samples_that_are_there(batch):
    y, p = batch
    weight = np.array([1.0, 0.0, 1.0, 1.0])
    some = float(K.SetPrediction()(y[weight > 0], p[weight > 0]))
    assert_close(float(K.SetPrediction(reduction="mean_with_sample_weight")(y, p, weight)), some)
    assert_close(float(K.SetPrediction()(y, p, weight)), 3 / 4 * some)
