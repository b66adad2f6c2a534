"""PSNR, GMSD, HaarPSI: other implementations, colours, odd sides, refused images, growth."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, value_and_gradient


@pytest.mark.skipif(BACKEND != "tensorflow", reason="compares with tf.image")
def test_it_is_that_of_tensorflow(rng):
    import tensorflow as tf

    y_true, y_pred = rng.uniform(size=(2, 3, 5, 4, 2)).astype("float32")
    expected = -array(tf.image.psnr(y_true, y_pred, 2.0))
    assert_close(array(K.PSNR(max_val=2.0, reduction=None)(y_true, y_pred)), expected)


@pytest.mark.parametrize("loss", [K.GMSD(), K.HaarPSI()])
def test_grey_images_of_three_channels(loss, rng):
    """They have the value of one channel: their components I and Q are 0, on which they agree wholly."""
    y_true, y_pred = rng.uniform(size=(2, 2, 18, 17, 1)).astype("float32")
    one, three = (float(loss(np.repeat(y_true, n, -1), np.repeat(y_pred, n, -1))) for n in (1, 3))
    if isinstance(loss, K.GMSD):
        assert_close(three, one)
    else:
        assert 0 < three < one


@pytest.mark.parametrize("loss", [K.GMSD(), K.HaarPSI()])
def test_refused_images(loss):
    name = type(loss).__name__
    with pytest.raises(ValueError, match=rf"{name}: images must have 1 or 3 channels.*\(16, 16, 2\)"):
        loss(np.zeros((1, 16, 16, 2)), np.zeros((1, 16, 16, 2)))


def test_the_least_side():
    losses = {K.HaarPSI(): 16, K.HaarPSI(scales=4, subsample=False): 16, K.HaarPSI(scales=2): 8}
    for loss, least in losses.items():
        small = np.zeros((1, 40, least - 1, 1))
        with pytest.raises(ValueError, match=f"at least {least} pixels a side"):
            loss(small, small)
        enough = np.zeros((1, least, least, 1))
        assert float(loss(enough, enough)) == 0


@pytest.mark.parametrize("loss", [K.GMSD(), K.HaarPSI()])
def test_equal_and_nearly_equal_images(loss, rng):
    y_true, noise = rng.uniform(size=(2, 2, 16, 16, 3)).astype("float32")
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_true)
    np.testing.assert_allclose(value, 0, atol=1e-10)  # XLA rounds the two images in different ways
    np.testing.assert_allclose(gradient, 0, atol=1e-6)
    values = [float(loss(y_true, y_true + np.float32(size) * noise)) for size in (1e-3, 1e-2, 1e-1)]
    assert 0 < values[0] < values[1] < values[2] < 1


@pytest.mark.skipif(BACKEND != "jax", reason="only JAX tells")
def test_time_and_memory():
    import jax

    from tests.laws.test_growth import program

    def of(*shape):
        x = jax.ShapeDtypeStruct(shape, "float32")
        return program(K.HaarPSI(), x, x)

    base = of(2, 64, 64, 3)
    for longer in (of(4, 64, 64, 3), of(2, 128, 64, 3), of(2, 64, 128, 3)):
        for a, b in zip(base[:2], longer[:2], strict=True):
            assert 1.7 < b / a < 2.3
