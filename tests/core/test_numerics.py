"""Stable primitives at the places where the naive form fails."""

import numpy as np
import pytest
from keras import ops

from kerasloss.core import numerics
from tests.backend import array, tensor, value_and_gradient


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
