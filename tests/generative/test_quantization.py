"""The loss of a codebook beyond what the case table says."""

import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient


def test_each_half_has_its_own_gradient():
    pairs = np.array([[[1.0, 2.0], [0.0, 4.0]]], "float32")
    loss = K.VectorQuantization(commitment=0.5, codebook=3.0)
    _, gradient = value_and_gradient(lambda p: ops.sum(loss(None, p)), pairs)
    assert_close(gradient, [[[0.5, -1.0], [-3.0, 6.0]]], gradient=True)


def test_positions_have_values_of_their_own(rng):
    pairs = rng.normal(size=(2, 3, 4, 2, 5)).astype("float32")
    values = array(K.VectorQuantization(reduction=None)(None, pairs))
    assert_close(values, 1.25 * np.mean((pairs[..., 0, :] - pairs[..., 1, :]) ** 2, axis=-1))


def test_another_number_of_vectors_is_refused(rng):
    for shape in ((4, 3, 5), (2, 5), (4, 2, 1, 5)):
        with pytest.raises(ValueError, match="VectorQuantization: `y_pred` must be outputs and codes"):
            K.VectorQuantization()(None, rng.normal(size=shape))
