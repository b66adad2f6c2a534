"""Feature matching and round trips beyond what the case table says."""

import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, masked, tensor, value_and_gradient


def test_real_features_have_no_gradient(rng):
    real, generated = rng.normal(size=(2, 4, 3)).astype("float32")
    for batch_mean in (True, False):
        loss = K.FeatureMatching(batch_mean=batch_mean)
        _, gradient = value_and_gradient(lambda y, f=loss: f(y, tensor(generated)) + 0 * ops.sum(y), real)
        assert not np.any(gradient)


def test_single_samples_have_weights_as_elsewhere(rng):
    real, generated = rng.normal(size=(2, 3, 2)).astype("float32")
    weight = np.array([2.0, 0.0, 1.0], "float32")
    loss = K.FeatureMatching(1, batch_mean=False, reduction=None)
    values = np.mean(np.abs(generated - real), axis=1)
    assert_close(array(loss(real, generated, sample_weight=weight)), weight * values)


def test_a_place_that_no_sample_has_is_no_feature(rng):
    real, generated = rng.normal(size=(2, 2, 3, 2)).astype("float32")
    mask = np.array([[1, 1, 0], [1, 0, 0]], bool)
    generated[0, 2] = np.nan
    value = array(K.FeatureMatching()(real, masked(generated, mask)))
    errors = np.concatenate([(generated - real)[:, 0].mean(axis=0), (generated - real)[0, 1]])
    assert_close(value, np.mean(errors**2))


@pytest.mark.parametrize("p", [1, 2])
def test_a_round_trip_is_a_keras_loss(p, rng):
    y, x = rng.normal(size=(2, 3, 4, 4, 2)).astype("float32")
    same = K.MeanAbsoluteError() if p == 1 else K.MeanSquaredError()
    loss = K.CycleConsistency(p, reduction=None)
    assert array(loss(y, x)).shape == (3,)
    assert_close(array(K.CycleConsistency(p)(y, x)), array(same(y, x)))
    assert_close(
        array(K.CycleConsistency(p)(y[:, 0, 0, 0], x[:, 0, 0, 0])), array(same(y[:, 0, 0, 0], x[:, 0, 0, 0]))
    )
