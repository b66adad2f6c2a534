"""Boundaries: sizes of space, weights per sample, distance maps, centre lines."""

import numpy as np
import pytest
import scipy.ndimage

import kerasloss as K
from tests.backend import BACKEND, array, assert_close

PER_SAMPLE = [K.HausdorffErosion, K.ActiveContour]


def each_of(losses):
    """One test per loss; on JAX, which compiles each shape anew, of every third: their base is the same."""
    losses = losses[::3] if BACKEND == "jax" else losses
    return pytest.mark.parametrize("loss", losses, ids=lambda loss: loss.__name__)


def images(rng, n=3, classes=3):
    """Class ids of 4 x 5 positions and probabilities."""
    ids = rng.integers(0, classes, size=(n, 4, 5))
    return ids, rng.dirichlet(np.ones(classes), size=ids.shape).astype("float32")


def one_hot(ids, classes=3):
    return (ids[..., None] == np.arange(classes)).astype("float32")


def test_space_that_does_not_fit_is_refused(rng):
    y, p = np.ones((2, 4, 2)), np.ones((2, 4, 2), "float32")
    for loss in (K.SoftClDice(), K.HausdorffErosion()):
        with pytest.raises(ValueError, match="spatial"):
            loss(y, p)
    with pytest.raises(ValueError, match="ActiveContour.*at least 2 positions"):
        K.ActiveContour()(y[:, :1], p[:, :1])
    with pytest.raises(ValueError, match="Boundary.*distance map"):
        K.Boundary()(np.ones((2, 4), int), p)
    with pytest.raises(ValueError, match="UnifiedFocal.*`multilabel=True`"):
        K.UnifiedFocal(multilabel=True)(y, p)
    with pytest.raises(ValueError, match="DiceFocal.*alpha"):
        K.DiceFocal(alpha=1.5)(y[..., :1], p[..., :1])
    with pytest.raises(ValueError, match="DiceFocal.*alpha"):
        K.DiceFocal(alpha=[0.5] * 3)(y, p)


@each_of([K.Boundary, *PER_SAMPLE])
def test_one_value_per_sample_takes_weights_per_sample_alone(loss, rng):
    ids, p = images(rng)
    y = one_hot(ids) if loss is K.Boundary else ids
    w = np.array([2.0, 0.0, 0.5])
    values = array(loss(reduction=None)(y, p))
    assert values.shape == (3,)
    assert_close(array(loss(reduction=None)(y, p, sample_weight=w[:, None])), w * values)
    for wrong in (np.ones((3, 4, 5)), np.ones((3, 4)), np.ones(4)):
        with pytest.raises(ValueError, match=f"{loss.__name__}.*sample_weight.*Received"):
            loss()(y, p, sample_weight=wrong)


def test_boundary_with_maps_of_scipy(rng):
    """The map of a mask prefers the mask to what is smaller, larger or shifted."""
    mask = np.zeros((9, 9), bool)
    mask[3:6, 3:6] = True
    distance = scipy.ndimage.distance_transform_edt
    phi = (distance(~mask) - distance(mask))[None, :, :, None]
    loss = K.Boundary()
    best = float(array(loss(phi, mask[None, :, :, None].astype("float32"))))
    for other in (scipy.ndimage.binary_erosion(mask), scipy.ndimage.binary_dilation(mask), np.roll(mask, 2)):
        assert best < float(array(loss(phi, other[None, :, :, None].astype("float32"))))


def test_centre_lines_see_a_gap(rng):
    """A gap of one position costs a vessel little overlap and much connection."""
    y = np.zeros((1, 7, 11, 1), "float32")
    y[:, 2:5] = 1
    gap, thin = y.copy(), y.copy()
    gap[:, :, 5] = 0
    thin[:, 2] = 0
    for x in (gap, thin):
        assert float(array(K.SoftClDice()(y, x))) < 1
    assert float(array(K.SoftClDice()(y, gap))) > 0.04
    assert_close(array(K.SoftClDice()(y, y)), 0.0)
