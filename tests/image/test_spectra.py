"""Spectra: NumPy's transform, Parseval, shifts, sides that are not known."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, tensor


@pytest.fixture
def images(rng):
    return rng.uniform(size=(2, 3, 6, 7, 2)).astype("float32")


@pytest.mark.parametrize("width", [5, 6, 7])
def test_spectra_are_those_of_numpy(width, images):
    """All frequencies, of even and odd sides, where half of them are computed here."""
    y_true, y_pred = (x[:, :, :width] for x in images)
    a, b = (np.fft.fft2(x.astype("float64"), axes=(1, 2), norm="ortho") for x in (y_true, y_pred))
    axes = (1, 2, 3)
    for p in (1, 1.5, 2):
        expected = np.mean(np.abs(np.abs(a) - np.abs(b)) ** p, axis=axes)
        assert_close(array(K.Frequency(p, reduction=None)(y_true, y_pred)), expected, scale=5)
        parts = [np.mean(np.abs(part(a - b)) ** p, axis=axes) for part in (np.real, np.imag)]
        found = K.Frequency(p, phase=True, reduction=None)(y_true, y_pred)
        assert_close(array(found), np.mean(parts, axis=0), scale=5)
    size = np.abs(a - b)
    expected = np.mean(size**3 / size.max(axis=(1, 2), keepdims=True), axis=axes)
    assert_close(array(K.FocalFrequency(reduction=None)(y_true, y_pred)), expected, scale=5)


def test_parseval(images):
    y_true, y_pred = images
    squares = np.mean((y_true - y_pred) ** 2, axis=(1, 2, 3))
    assert_close(array(K.Frequency(2, phase=True, reduction=None)(y_true, y_pred)), squares / 2)
    assert_close(array(K.FocalFrequency(0.0, reduction=None)(y_true, y_pred)), squares)


def test_magnitudes_do_not_see_a_shift(images):
    y_true = images[0]
    moved = np.roll(y_true, (2, 3), axis=(1, 2))
    assert_close(array(K.Frequency()(y_true, moved)), 0.0)
    assert float(K.Frequency(phase=True)(y_true, moved)) > 0.1


@pytest.mark.parametrize("loss", [K.Frequency(), K.Frequency(phase=True), K.FocalFrequency()])
def test_any_size_is_finite(loss, images):
    for size in (1e-30, 1e-10, 1e10):
        for pair in ((size, 0), (size, size), (0, size)):
            y_true, y_pred = (np.float32(s) * x for s, x in zip(pair, images, strict=True))
            assert np.isfinite(float(loss(y_true, y_pred))), pair


@pytest.mark.skipif(BACKEND != "tensorflow", reason="sides are always known elsewhere")
@pytest.mark.parametrize("loss", [K.Frequency(), K.Frequency(phase=True), K.FocalFrequency()])
def test_sides_that_are_not_known(loss, images):
    import tensorflow as tf

    unknown = tf.TensorSpec([None, None, None, 2], "float32")
    step = tf.function(lambda y, p: loss(y, p), input_signature=[unknown, unknown])
    for width in (6, 7):
        y_true, y_pred = (tensor(x[:, :, :width]) for x in images)
        assert_close(array(step(y_true, y_pred)), array(loss(y_true, y_pred)))
