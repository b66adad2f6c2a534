"""Neighbors: prototypes of several samples, and anchors that are alone in their class."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close


def test_the_cosine_is_that_of_the_prototype():
    """The mean of (1, 0) and (0, 1) points to (1, 1); its length does not matter."""
    x = np.array([[1, 0], [0, 1], [1, 1], [-1, 0], [0, -1]], "float32")
    values = array(K.Prototypical(2, distance="cosine", reduction=None)(np.array([0, 0, 0, 1, 1]), x))
    assert_close(values, [0, 0, np.log1p(np.exp(-2)), 0, 0])


@pytest.mark.parametrize("remove_diagonal", [False, True])
def test_smooth_ap_counts_a_lone_sample_where_all_count(remove_diagonal, rng):
    y, x = np.array([0, 0, 1, 1, 2]), rng.normal(size=(5, 3)).astype("float32")
    arguments = {"temperature": 0.3, "remove_diagonal": remove_diagonal}
    values = array(K.SmoothAP(reduction=None, **arguments)(y, x))
    assert values[4] == 0
    assert_close(array(K.SmoothAP(**arguments)(y, x)), values[:4].mean())
    every = array(K.SmoothAP(average="anchor", reduction=None, **arguments)(y, x))
    assert_close(every[:4], values[:4])
    assert (every[4] > 0) != remove_diagonal  # itself, whose rank the others raise
    assert_close(array(K.SmoothAP(average="anchor", **arguments)(y, x)), every.mean())
