"""Cross-entropies of probabilities that are taken as given."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close

LOSSES = [K.CategoricalCrossentropy, K.SparseCategoricalCrossentropy]
IDS = np.array([0, 2, 1])


@pytest.mark.parametrize("loss", LOSSES)
def test_probabilities_as_given_are_nan_outside_their_range(loss, rng):
    p = rng.dirichlet(np.ones(3), size=3).astype("float32")
    loss = loss(epsilon=1e-7, reduction=None)
    for labels in (IDS, np.eye(3)[IDS]):
        assert_close(array(loss(labels, p / 2)), -np.log(p[range(3), IDS] / 2 + 1e-7))
        for wrong in (-0.1, 1.5, np.nan):
            for k in range(3):  # of the true class or another
                x = p.copy()
                x[1, k] = wrong
                assert np.isnan(array(loss(labels, x))).tolist() == [False, True, False]


@pytest.mark.parametrize("loss", LOSSES)
def test_ignored_positions_may_hold_anything(loss):
    p = np.array([[0.2, 0.8], [np.nan, 5.0]])
    assert_close(array(loss(epsilon=0.0, ignore_class=-1)(np.array([1, -1]), p)), -np.log(0.8))
