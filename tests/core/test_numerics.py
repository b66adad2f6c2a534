"""Stable primitives at the places where the naive form fails."""

import numpy as np
import pytest
from keras import ops

from kerasloss.core import numerics
from tests.backend import BACKEND, array, tensor, value_and_gradient


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_argmax_and_argmin_are_the_first_of_equal_ones_as_numpy_says(axis, rng):
    x = rng.integers(0, 4, (5, 6)).astype("float32")
    np.testing.assert_array_equal(array(numerics.argmax(tensor(x), axis)), x.argmax(axis))
    np.testing.assert_array_equal(array(numerics.argmin(tensor(x), axis)), x.argmin(axis))


def test_argmax_is_an_index_though_all_are_nan():
    assert array(numerics.argmax(tensor(np.full((2, 3), np.nan, "float32")), 1)).tolist() == [0, 0]


def test_logsumexp_of_nothing_but_minus_infinity_has_no_gradient():
    x = np.array([[-np.inf, -np.inf], [0.0, -np.inf]], "float32")
    assert array(numerics.logsumexp(tensor(x), 1)).tolist() == [-np.inf, 0.0]
    _, gradient = value_and_gradient(lambda x: ops.sum(numerics.logsumexp(x, 1)), x)
    assert gradient.tolist() == [[0.0, 0.0], [1.0, 0.0]]


@pytest.mark.parametrize("length", [7, 5000])
def test_an_entry_is_taken_alone(length, rng):
    """Few classes and many, in forms of their own: an infinite neighbour is not added."""
    x = rng.normal(size=(3, length)).astype("float32")
    ids = np.array([0, length - 1, 4])
    x[0, 1] = -np.inf
    value, gradient = value_and_gradient(lambda x: ops.sum(numerics.take_at(x, tensor(ids), -1) ** 2), x)
    rows = np.arange(3)
    np.testing.assert_allclose(value, np.sum(x[rows, ids] ** 2), rtol=1e-6)
    expected = np.zeros_like(x)
    expected[rows, ids] = 2 * x[rows, ids]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="elsewhere every length is known")
def test_an_entry_of_an_unknown_number():
    import tensorflow as tf

    diagonal = tf.function(
        lambda x: numerics.take_at(x, ops.arange(ops.shape(x)[0], dtype="int32"), -1),
        input_signature=[tf.TensorSpec((None, None))],
    )
    assert array(diagonal(tensor(np.diag([1.0, 2.0, 3.0]).astype("float32")))).tolist() == [1.0, 2.0, 3.0]
