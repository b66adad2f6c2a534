"""Distances of all pairs at the edges of floats."""

import numpy as np

from kerasloss.core.pairwise import distances
from tests.backend import array, assert_close, tensor


def test_what_has_no_distance_is_not_at_distance_0():
    x = np.array([[1.0, 2.0], [np.nan, 0.0], [np.inf, 0.0], [1e30, 0.0], [1.0, 2.0]], "float32")
    found = array(distances(tensor(x), tensor(x)))
    assert found[0, 0] == found[0, 4] == 0
    assert np.all(np.isnan(found[1])) and np.all(np.isnan(found[:, 1])) and np.isnan(found[2, 2])
    assert not np.any(found[:, 2] == 0) and found[0, 3] == np.inf  # its square is too large


def test_distances_within_rounding_are_0():
    x = np.array([[1.0, 0.0], [1.0 + 1e-4, 0.0], [1.5, 0.0]], "float32")
    assert_close(array(distances(tensor(x), tensor(x)))[0], [0.0, 0.0, 0.5])
