"""Depth up to scale and shift beyond what the case table says."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, value_and_gradient
from tests.cases.image import depth as case

BOTH = ("least_squares", "median")


def scale_shift_invariant(y, x, **arguments):
    """The reference of the cases, in float64."""
    return case.scale_shift_invariant(*(z.astype("float64") for z in (y, x)), **arguments).astype("float64")


def depths(rng, *shape):
    y, x = rng.uniform(1, 3, size=(2, *shape)).astype("float32")
    return y, x


@pytest.mark.parametrize("alignment", BOTH)
def test_scale_and_shift_of_the_prediction_do_not_matter(alignment, rng):
    y, x = depths(rng, 3, 6, 5)
    loss = K.ScaleShiftInvariant(alignment=alignment, reduction=None)
    expected = array(loss(y, x))
    for scale, shift in ((2.0, 0.0), (0.25, 8.0), (1024.0, 0.0), (2.0**-70, 0.0)):
        if alignment == "least_squares" or scale > 1e-6:
            assert_close(array(loss(y, scale * x + shift)), expected, scale=10)


@pytest.mark.parametrize("alignment", BOTH)
def test_what_is_not_known_gives_nothing(alignment, rng):
    y, x = depths(rng, 2, 5, 6)
    y[0, 1, 2], y[0, 3, 3], y[0, 0, 0], x[0, 1, 2] = np.nan, np.inf, 0.0, np.nan
    loss = K.ScaleShiftInvariant(alignment=alignment, min_depth=0.1, reduction=None)
    expected = scale_shift_invariant(y, np.nan_to_num(x), alignment=alignment, min_depth=0.1)
    assert_close(array(loss(y, x)), expected)
    _, gradient = value_and_gradient(lambda p: loss(y, p)[0], x)
    assert np.all(np.isfinite(gradient))
    for place in ((1, 2), (3, 3), (0, 0)):
        assert gradient[(0, *place)] == 0


@pytest.mark.parametrize("alignment", BOTH)
def test_an_image_without_a_depth_does_not_count(alignment, rng):
    y, x = depths(rng, 3, 4, 4)
    y[1] = np.nan
    loss = K.ScaleShiftInvariant(alignment=alignment)
    value, gradient = value_and_gradient(lambda p: loss(y, p), x)
    assert_close(value, array(loss(y[::2], x[::2])))
    assert np.all(np.isfinite(gradient)) and not np.any(gradient[1])


@pytest.mark.parametrize("alignment", BOTH)
def test_one_pixel_and_few(alignment):
    """One pixel fits whatever it is."""
    y = np.full((1, 3, 3), np.nan, "float32")
    y[0, 1, 1] = 2.0
    x = np.arange(9, dtype="float32").reshape(1, 3, 3)
    value, gradient = value_and_gradient(lambda p: K.ScaleShiftInvariant(alignment=alignment)(y, p), x)
    assert value == 0 and not np.any(gradient)


def test_medians_of_even_and_odd_numbers(rng):
    for missing in (0, 1, 2, 3):
        y, x = depths(rng, 1, 3, 4)
        y.reshape(-1)[:missing] = np.nan
        expected = scale_shift_invariant(y, x, alignment="median", trim=0.25)
        loss = K.ScaleShiftInvariant(alignment="median", trim=0.25, reduction=None)
        assert_close(array(loss(y, x)), expected)


def test_outliers_are_trimmed(rng):
    y, x = depths(rng, 1, 4, 5)
    x[0, 0, 0] = 100.0
    small, large = (
        array(K.ScaleShiftInvariant(alpha=0.0, alignment="median", trim=trim)(y, x)) for trim in (0.2, 0.0)
    )
    assert small < 0.8 * large


@pytest.mark.parametrize("level", [0.3, 1e4, 0.1])
def test_a_prediction_that_is_flat_is_fitted_by_the_mean(level, rng):
    y, _ = depths(rng, 1, 5, 7)
    flat = np.full_like(y, level)
    value, gradient = value_and_gradient(lambda p: K.ScaleShiftInvariant(alpha=0.0)(y, p), flat)
    assert_close(value, np.var(y) / 2)
    assert not np.any(gradient)


def test_a_last_axis_of_one_channel(rng):
    y, x = depths(rng, 2, 4, 5)
    expected = array(K.ScaleShiftInvariant()(y, x))
    for a, b in ((y[..., None], x[..., None]), (y, x[..., None]), (y[..., None], x)):
        assert_close(array(K.ScaleShiftInvariant()(a, b)), expected)
    for a, b in ((y, x[:, :3]), (y[0], x[0]), (np.stack([y] * 2, -1), np.stack([x] * 2, -1))):
        with pytest.raises(ValueError, match="ScaleShiftInvariant: .* must have one shape"):
            K.ScaleShiftInvariant()(a, b)


@pytest.mark.skipif(BACKEND == "jax", reason="JAX has no float64 by default")
def test_a_faint_slope_is_fitted_in_float64():
    """A prediction that varies by 1e-8 of its size is flat in float32, not in float64."""
    y = np.arange(16.0).reshape(1, 4, 4) ** 2
    x = 1 + 1e-8 * np.arange(16.0).reshape(1, 4, 4)
    slope, shift = np.polyfit(np.arange(16.0), y.ravel(), 1)
    expected = 0.5 * np.mean((slope * np.arange(16) + shift - y.ravel()) ** 2)
    value = K.ScaleShiftInvariant(alpha=0.0, dtype="float64")(y, x)
    np.testing.assert_allclose(array(value), expected, rtol=1e-6)  # what rounding leaves of 1e-8
