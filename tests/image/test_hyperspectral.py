"""Angles of spectra beyond what the case table says."""

import numpy as np

import kerasloss as K
from tests.backend import array, assert_close


def test_small_and_large_angles_are_exact():
    for angle in (1e-6, 1e-3, 0.5, np.pi - 1e-3, np.pi - 1e-6, np.pi):
        x = np.array([[np.cos(angle), np.sin(angle)]])
        for scale in (1e-30, 1.0, 1e30):
            value = array(K.SpectralAngle()(np.array([[1.0, 0.0]]), scale * x))
            np.testing.assert_allclose(value, angle, rtol=2e-7, atol=2e-7)


def test_brightness_does_not_matter(rng):
    y, x = rng.uniform(size=(2, 2, 3, 3, 5)).astype("float32")
    values = array(K.SpectralAngle(reduction=None)(y, x))
    assert values.shape == (2, 3, 3)
    assert_close(array(K.SpectralAngle(reduction=None)(7 * y, 0.1 * x)), values)


def test_a_spectrum_of_zeros_is_at_a_right_angle():
    zero, one = np.zeros((1, 3)), np.ones((1, 3))
    values = [array(K.SpectralAngle()(y, x)) for y, x in ((zero, one), (one, zero), (zero, zero))]
    assert_close(values, [np.pi / 2, np.pi / 2, 0.0])
