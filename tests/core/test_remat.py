"""Rematerialized functions of integers and booleans."""

import keras
import numpy as np
import pytest

import kerasloss as K
from kerasloss.core.remat import remat
from tests.backend import array, assert_close, tensor, value_and_gradient


def test_integers_and_booleans_pass_through(rng):
    x, big = rng.normal(size=3).astype("float32"), np.array([2**30 + 1], "int32")
    there = np.array([True, False, True])

    def function(x, number, there):
        return [keras.ops.where(there, x**2, 0), number + 1, keras.ops.logical_not(there)]

    square, number, absent = remat(function)(tensor(x), tensor(big), tensor(there))
    assert_close(array(square), x**2 * there)
    assert array(number).tolist() == [2**30 + 2] and array(absent).tolist() == [False, True, False]
    assert keras.backend.standardize_dtype(number.dtype) == "int32"
    assert keras.backend.standardize_dtype(absent.dtype) == "bool"
    _, gradient = value_and_gradient(
        lambda x: keras.ops.sum(remat(function)(x, tensor(big), tensor(there))[0]), x
    )
    assert_close(gradient, 2 * x * there, gradient=True)


@pytest.mark.parametrize("loss", [K.SupervisedContrastive, K.MultiSimilarity, K.BatchHardTriplet])
def test_absent_samples_in_a_batch_of_unknown_size(loss, rng):
    """A last batch that is smaller makes the size unknown on TensorFlow."""
    x, y = rng.normal(size=(10, 4)).astype("float32"), rng.integers(-1, 2, 10).astype("int32")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("sgd", loss=loss(ignore_class=-1))
    assert np.isfinite(model.fit(x, y, batch_size=4, verbose=0).history["loss"][0])
