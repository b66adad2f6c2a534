"""The divergence of a latent normal distribution."""

import numpy as np
import pytest

import kerasloss as K


def test_gaussian_shapes():
    loss = K.GaussianKLDivergence()
    for shape in ((4, 2), (2,), (3, 4, 3)):
        with pytest.raises(ValueError, match=r"GaussianKLDivergence.*\(batch, ..., d, 2\)"):
            loss(np.zeros(shape), np.zeros(shape))
    near = np.float32([[[1e-4, 1e-4]]])
    expected = 0.5 * (np.expm1(1e-4) - 1e-4 + 1e-8)
    np.testing.assert_allclose(float(loss(np.zeros((1, 1, 2)), near)), expected, rtol=1e-3)
