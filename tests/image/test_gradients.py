"""Differences of pixels: other implementations, thin images, a pyramid put together again, growth."""

import numpy as np
import pytest

import kerasloss as K
from kerasloss.losses.image import gradients
from tests.backend import BACKEND, array, assert_close, tensor


@pytest.mark.skipif(BACKEND != "tensorflow", reason="compares with tf.image")
def test_it_is_that_of_tensorflow(rng):
    import tensorflow as tf

    y_pred = rng.normal(size=(3, 5, 4, 2)).astype("float32")
    expected = array(tf.image.total_variation(tf.constant(y_pred)))
    assert_close(array(K.TotalVariation(reduction=None)(None, y_pred)), expected)


@pytest.mark.parametrize("norm", ["l1", "squared", "isotropic"])
def test_images_of_one_row_or_column(norm):
    row = np.array([0.0, 1.0, 3.0, 3.0])
    expected = 5.0 if norm == "squared" else 3.0
    for shape in ((1, 1, 4, 1), (1, 4, 1, 1)):
        x = row.reshape(shape)
        assert float(K.TotalVariation(norm)(None, x)) == expected
        assert float(K.GradientDifference()(x, 0 * x)) == 1.0
    assert float(K.GradientDifference()(np.ones((1, 1, 1, 1)), np.zeros((1, 1, 1, 1)))) == 0


def test_slopes_of_any_direction():
    """Isotropic, a pixel of a plane counts by its slope, here 1, whatever its direction."""
    i, j = np.mgrid[:6, :6]
    for a, b in ((1.0, 0.0), (0.6, 0.8), (-0.8, 0.6)):
        plane = (a * i + b * j).reshape(1, 6, 6, 1)
        border = 5 * (abs(a) + abs(b))
        assert_close(array(K.TotalVariation("isotropic")(None, plane)), 25 + border)
        assert_close(array(K.TotalVariation()(None, plane)), 6 * border)


@pytest.mark.parametrize("size", [(4, 5), (7, 8)])
def test_a_smooth_image_is_left_to_the_last_level(size):
    """What `up` makes of a flat image, and inside of a slope, is the image."""
    flat = np.ones((1, *size, 1), "float32")
    loss = K.LaplacianPyramid(levels=3)
    assert_close(array(loss(flat, 0 * flat)), 1.0)
    slope = np.arange(16, dtype="float32").reshape(1, 16, 1, 1) * np.ones((1, 1, 4, 1), "float32")
    coarse = gradients._along_both(gradients._down, tensor(slope))
    again = array(gradients._along_both(gradients._up, coarse))
    assert_close(again[:, 4:-5], slope[:, 4:-5])


def test_the_least_side():
    small = np.zeros((1, 15, 40, 1))
    with pytest.raises(ValueError, match="LaplacianPyramid: images must have at least 16 pixels a side"):
        K.LaplacianPyramid()(small, small)
    assert float(K.LaplacianPyramid()(np.ones((1, 16, 17, 1)), np.ones((1, 16, 17, 1)))) == 0


@pytest.mark.skipif(BACKEND != "tensorflow", reason="sides are always known elsewhere")
@pytest.mark.parametrize("loss", [K.TotalVariation(), K.GradientDifference(), K.LaplacianPyramid(3)])
def test_sides_that_are_not_known(loss, rng):
    import tensorflow as tf

    unknown = tf.TensorSpec([None, None, None, 2], "float32")
    step = tf.function(lambda y, p: loss(y, p), input_signature=[unknown, unknown])
    for size in ((8, 9), (7, 8)):
        y_true, y_pred = (tensor(x) for x in rng.uniform(size=(2, 2, *size, 2)).astype("float32"))
        assert_close(array(step(y_true, y_pred)), array(loss(y_true, y_pred)))


@pytest.mark.skipif(BACKEND != "jax", reason="only JAX tells")
def test_time_and_memory():
    import jax

    from tests.laws.test_growth import program

    def of(*shape):
        x = jax.ShapeDtypeStruct(shape, "float32")
        return program(K.LaplacianPyramid(), x, x)

    base = of(2, 64, 64, 3)
    for longer in (of(4, 64, 64, 3), of(2, 128, 64, 3), of(2, 64, 128, 3)):
        for a, b in zip(base[:2], longer[:2], strict=True):
            assert 1.7 < b / a < 2.3
