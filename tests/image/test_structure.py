"""SSIM and its kin: other implementations, digits, sizes, ranges, integers, channels first, growth."""

import keras
import numpy as np
import pytest

import kerasloss as K
from kerasloss.core import windows
from tests.backend import BACKEND, array, assert_close, tensor, value_and_gradient
from tests.cases.image.structure import ssim
from tests.precise import exact, floats

ALL = [K.SSIM(), K.MultiScaleSSIM(power_factors=(0.5, 0.5)), K.MixedSSIML1()]
each_loss = pytest.mark.parametrize("loss", ALL, ids=["SSIM", "MultiScaleSSIM", "MixedSSIML1"])


def images(rng, *shape):
    y_true, noise = rng.uniform(size=(2, *shape))
    return y_true.astype("float32"), (0.7 * y_true + 0.3 * noise).astype("float32")


@pytest.mark.skipif(BACKEND != "tensorflow", reason="compares with tf.image")
@pytest.mark.parametrize("size", [(180, 175), (161, 164)])
def test_they_are_those_of_tensorflow(size, rng):
    import tensorflow as tf

    y_true, y_pred = images(rng, 2, *size, 3)
    expected = 1 - array(tf.image.ssim(y_true, y_pred, 1.0))
    assert_close(array(K.SSIM(reduction=None)(y_true, y_pred)), expected, scale=10)
    expected = 1 - array(tf.image.ssim_multiscale(y_true, y_pred, 1.0))
    assert_close(array(K.MultiScaleSSIM(reduction=None)(y_true, y_pred)), expected, scale=10)


def test_windows_are_sums(rng, monkeypatch):
    """In one block and in several, along both axes, by a matrix and by a convolution."""
    monkeypatch.setattr(windows, "BLOCK", 8)
    x = rng.normal(size=(2, 19, 7, 2)).astype("float32")
    weights = [0.5, -1.0, 0.25]
    for axis in (1, 2):
        parts = np.lib.stride_tricks.sliding_window_view(x, 3, axis=axis)
        for correlate in (windows.correlate, windows._multiply, windows._convolve):
            assert_close(array(correlate(tensor(x), weights, axis)), parts @ weights, scale=5)


def test_a_window_may_be_narrow():
    assert windows.gaussian(3, 0.01) == [0, 1, 0]
    assert windows.gaussian(2, 0.01) == [0.5, 0.5]


def test_digits_beside_a_large_mean():
    """A faint texture on a bright image: the square of its mean has all digits of float32."""
    rng = np.random.default_rng(3)
    y_true = (0.9 + 0.002 * rng.uniform(size=(1, 6, 5, 1))).astype("float32")
    y_pred = (0.7 + 0.002 * rng.uniform(size=(1, 6, 5, 1))).astype("float32")
    arguments = {"filter_size": 3, "k2": 0.001}
    expected = floats(ssim(exact(y_true), exact(y_pred), **arguments))
    assert_close(array(K.SSIM(**arguments, reduction=None)(y_true, y_pred)), expected)


@each_loss
def test_the_range_scales_both_images(loss, rng):
    y_true, y_pred = images(rng, 2, 22, 24, 1)
    scaled = loss.from_config({**loss.get_config(), "max_val": 255.0})
    assert_close(array(scaled(255 * y_true, 255 * y_pred)), array(loss(y_true, y_pred)), scale=10)


@each_loss
def test_equal_and_nearly_equal_images(loss, rng):
    y_true, noise = images(rng, 2, 22, 24, 2)
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_true)
    np.testing.assert_allclose(value, 0, atol=1e-10)  # XLA rounds the two images in different ways
    np.testing.assert_allclose(gradient, 0, atol=1e-6)
    value = float(loss(y_true, y_true + 1e-4 * noise))
    assert 0 < value < 1e-4


@each_loss
@pytest.mark.parametrize("max_val", [1.0, 0.5])
def test_integers_need_their_range(loss, max_val, rng):
    y_true = rng.integers(0, 256, size=(2, 22, 24, 1)).astype("uint8")
    y_pred = (0.9 * y_true).astype("float32")
    small = loss.from_config({**loss.get_config(), "max_val": max_val})
    with pytest.raises(ValueError, match=r"integers need their range: pass `max_val=255`.*uint8"):
        small(y_true, y_pred)
    whole = loss.from_config({**loss.get_config(), "max_val": 255.0})
    assert_close(array(whole(y_true, y_pred)), array(whole(y_true.astype("float32"), y_pred)))
    loss(y_true > 99, y_pred / 255)  # booleans are 0 and 1


def test_images_smaller_than_a_window():
    def flat(*size):
        return np.zeros((1, *size, 1))

    with pytest.raises(ValueError, match=r"SSIM: images must have at least 11 pixels a side.*11, 10, 1\)"):
        K.SSIM()(flat(11, 10), flat(11, 10))
    with pytest.raises(ValueError, match="MultiScaleSSIM: images must have at least 161 pixels a side"):
        K.MultiScaleSSIM()(flat(160, 200), flat(160, 200))
    assert float(K.SSIM()(flat(11, 11), flat(11, 11))) == 0
    assert float(K.MultiScaleSSIM()(flat(161, 161), flat(161, 161))) == 0
    assert float(K.MixedSSIML1()(flat(1, 1), flat(1, 1))) == 0
    with pytest.raises(ValueError, match=r"must be images \(batch, height, width, channels\)"):
        K.SSIM()(np.zeros((12, 12, 1)), np.zeros((12, 12, 1)))
    with pytest.raises(ValueError, match=r"must be images \(batch, channels, height, width\)"):
        K.SSIM(data_format="channels_first")(np.zeros((12, 12, 1)), np.zeros((12, 12, 1)))


@pytest.fixture
def channels_come_first():
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format("channels_last")


@each_loss
def test_channels_stand_where_keras_has_them(loss, rng, channels_come_first):
    y_true, y_pred = images(rng, 2, 22, 24, 3)
    first = [np.moveaxis(x, -1, 1) for x in (y_true, y_pred)]
    last = loss.from_config({**loss.get_config(), "data_format": "channels_last"})
    assert_close(array(loss(*first)), array(last(y_true, y_pred)))


@pytest.mark.skipif(BACKEND != "tensorflow", reason="sides are always known elsewhere")
@each_loss
def test_sides_that_are_not_known(loss, rng):
    import tensorflow as tf

    unknown = tf.TensorSpec([None, None, None, 2], "float32")
    step = tf.function(lambda y, p: loss(y, p), input_signature=[unknown, unknown])
    for size in ((22, 25), (23, 24)):
        y_true, y_pred = (tensor(x) for x in images(rng, 2, *size, 2))
        assert_close(array(step(y_true, y_pred)), array(loss(y_true, y_pred)))


@pytest.mark.skipif(BACKEND != "jax", reason="only JAX tells")
def test_time_and_memory(monkeypatch):
    import jax

    from tests.laws.test_growth import program

    def of(loss, *shape):
        x = jax.ShapeDtypeStruct(shape, "float32")
        return program(loss, x, x)

    monkeypatch.setattr(windows, "BLOCK", 32)
    shape = (1, 74, 74, 2)  # several blocks a side
    for loss in (K.SSIM(), K.MultiScaleSSIM(power_factors=(0.4, 0.6)), K.MixedSSIML1(sigmas=(0.5, 2.5))):
        base = of(loss, *shape)
        for axis in range(4):
            longer = [2 * n - 10 * (a in (1, 2)) if a == axis else n for a, n in enumerate(shape)]
            for a, b in zip(base[:2], of(loss, *longer)[:2], strict=True):
                assert 1.5 < b / a < 2.5, axis
