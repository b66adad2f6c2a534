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
def test_smooth_ap_of_a_lone_sample(remove_diagonal, rng):
    """As in the code of the paper it is one of its own positives, unless it is no part of its gallery."""
    y, x = np.array([0, 0, 1, 1, 2]), rng.normal(size=(5, 3)).astype("float32")
    arguments = {"temperature": 0.3, "remove_diagonal": remove_diagonal}
    values = array(K.SmoothAP(reduction=None, **arguments)(y, x))
    s = x @ x.T / np.outer(*[np.linalg.norm(x, axis=1)] * 2)
    rank = 1 + np.sum(1 / (1 + np.exp((s[4, 4] - s[4, :4]) / 0.3)))
    assert_close(values[4], 0 if remove_diagonal else 1 - 1 / rank)
    assert_close(array(K.SmoothAP(**arguments)(y, x)), (values[:4] if remove_diagonal else values).mean())
