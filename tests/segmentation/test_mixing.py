"""Mixtures of overlap and cross-entropy."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close


def test_binary_unified_focal_has_a_background(rng):
    y, x = rng.integers(0, 2, size=(2, 6, 1)), rng.normal(size=(2, 6, 1)).astype("float32")
    two = np.concatenate([0 * x, x], axis=-1)
    for asymmetric in (True, False):
        loss = K.UnifiedFocal(asymmetric=asymmetric, from_logits=True, axis=1, reduction=None)
        expected = array(loss(y[..., 0], two))
        assert_close(array(loss(y, x)), expected)
        p = 1 / (1 + np.exp(-x))
        assert_close(array(K.UnifiedFocal(asymmetric=asymmetric, axis=1, reduction=None)(y, p)), expected)


@pytest.mark.parametrize("loss", [K.DiceCrossentropy, K.DiceFocal, K.Combo, K.UnifiedFocal])
def test_probabilities_above_1_give_nan(loss, rng):
    y, p = np.array([[0, 1, 2, 1]]), rng.dirichlet(np.ones(3), size=(1, 4)).astype("float32")
    assert np.isfinite(array(loss()(y, p)))
    assert np.isnan(array(loss()(y, 5 * p)))
