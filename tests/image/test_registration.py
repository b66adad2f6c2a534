"""Registration and optical flow beyond what the case table says."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient
from tests.cases.image.registration import correlation


@pytest.mark.parametrize("space", [(7,), (4, 3), (4, 3, 5)])
def test_any_number_of_axes(space, rng):
    y, x = rng.normal(size=(2, 2, *space, 2))
    for size in (3, 7):
        values = array(K.LocalNormalizedCrossCorrelation(size, reduction=None)(y, x))
        assert_close(values, correlation(y, x, size).astype("float64"))


def test_contrast_does_not_matter_inside():
    """Only windows that reach beyond the border see how bright an image is."""
    rows, columns = np.indices((8, 8))
    y = np.sin(rows) * np.cos(2 * columns)
    x = np.pad(5 - 2 * y, 1)[None, ..., None]
    y = np.pad(y, 1)[None, ..., None]
    inside = K.LocalNormalizedCrossCorrelation(3).moments(*(np.float32(z[:, 1:-1, 1:-1]) for z in (y, x)))
    cross, of_y, of_x = (np.asarray(array(z))[0, 1:-1, 1:-1] for z in inside)
    assert_close(cross**2 / (of_y * of_x), np.ones_like(cross), scale=10)


def test_a_faint_texture_on_a_bright_slope(rng):
    """Sums of squares would lose it: 1e-2 beside 1e3."""
    slope = 1e3 + np.arange(12.0)
    texture = rng.normal(size=(2, 1, 12, 1))
    y, x = (np.float32(slope[:, None] + 1e-2 * t) for t in texture)
    value = array(K.LocalNormalizedCrossCorrelation(3, reduction=None)(y, x))
    assert_close(value, correlation(y.astype("float64"), x.astype("float64"), 3), scale=10)


def test_flat_images_do_not_agree_and_have_no_gradient():
    flat, ramp = np.zeros((1, 5, 5, 1), "float32"), np.indices((5, 5))[0][None, ..., None].astype("float32")
    for y, x in ((flat, flat), (ramp, flat), (flat, ramp)):
        value, gradient = value_and_gradient(lambda p, y=y: K.LocalNormalizedCrossCorrelation(3)(y, p), x)
        assert value == 0 and not np.any(gradient)


def test_axes_that_are_no_image_are_refused(rng):
    for shape in ((4, 5), (2, 3, 3, 3, 3, 1)):
        with pytest.raises(ValueError, match="LocalNormalizedCrossCorrelation: .*1 to 3 axes of space"):
            K.LocalNormalizedCrossCorrelation()(np.ones(shape), np.ones(shape))


def test_unknown_flow_has_weight_0(rng):
    y, x = rng.normal(size=(2, 2, 3, 3, 2)).astype("float32")
    y[0, 1, 1] = np.nan
    weight = np.isfinite(y[..., 0]).astype("float32")
    value = array(K.EndpointError(reduction="mean_with_sample_weight")(y, x, sample_weight=weight))
    assert_close(value, np.nanmean(np.linalg.norm(x - y, axis=-1)))
