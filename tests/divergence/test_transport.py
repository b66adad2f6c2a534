"""Distances of clouds: bad input, weights of points, known distances, a fit."""

import keras
import numpy as np
import pytest
import scipy.spatial.distance
import scipy.special
import scipy.stats
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close

ENTRIES = {"reduction": None}
CLOUDS = (K.SinkhornDivergence, K.SlicedWasserstein, K.MaximumMeanDiscrepancy, K.CorrelationAlignment)


@pytest.fixture
def clouds(rng):
    return rng.normal(size=(2, 6, 3)).astype("float32")


@pytest.mark.parametrize("loss", CLOUDS)
def test_bad_clouds_are_refused(loss, clouds):
    x, y = clouds
    for bad in (y[:, :2], y[None], y[0]):
        with pytest.raises(ValueError, match=f"{loss.__name__}.*Received"):
            loss()(x, bad)
    if loss is K.SlicedWasserstein:
        with pytest.raises(ValueError, match="N = M"):
            loss()(x, y[:4])
    else:
        assert np.isfinite(float(loss()(x, y[:4])))
        with pytest.raises(ValueError, match=loss.__name__):
            loss()(x, y[:4], sample_weight=np.ones(4))


@pytest.mark.parametrize("loss", CLOUDS)
def test_weights_of_points(loss, clouds):
    """Of clouds of their own, weights of points are masses, and weights of clouds act on the values."""
    x, y = np.stack([clouds[0]] * 2), np.stack([clouds[1]] * 2)
    loss = loss(**ENTRIES)
    weight = np.array([[1, 1, 0, 2, 1, 3], [0] * 6], "float32")
    y[0, 2] = np.nan
    one = array(loss(x[0], y[0], sample_weight=weight[0]))
    assert_close(array(loss(x, y, sample_weight=weight)), [one, 0.0])
    whole = array(loss(x[1], y[1]))
    assert_close(array(loss(x[1:], y[1:], sample_weight=np.array([3.0]))), [3 * whole])


def test_sinkhorn_of_moved_points(clouds):
    x = 0.3 * clouds[0]
    moved = x + np.float32([0.3, -0.2, 0.1])
    for epsilon in (0.5, 2.0):
        assert_close(array(K.SinkhornDivergence(epsilon)(x, moved)), 0.14)


def test_sliced_wasserstein_on_a_line(rng):
    x, y = rng.normal(size=(2, 7, 1)).astype("float32")
    w = np.array([1, 2, 0, 3, 1, 1, 0.5])
    expected = scipy.stats.wasserstein_distance(x[:, 0], y[:, 0], w, w)
    for seed in (0, 5):
        assert_close(array(K.SlicedWasserstein(3, p=1, seed=seed)(x, y, sample_weight=w)), expected)


def test_weighted_covariance(clouds):
    x, y = clouds
    w = np.array([1, 2, 0, 3, 1, 0.5])
    difference = np.cov(x, rowvar=False, aweights=w) - np.cov(y, rowvar=False, aweights=w)
    assert_close(array(K.CorrelationAlignment()(x, y, sample_weight=w)), np.sum(difference**2) / 36)
    far = array(K.CorrelationAlignment()(x + np.float32(1000), y))
    assert abs(far - float(K.CorrelationAlignment()(x, y))) < 1e-3


def test_median_of_present_points(clouds):
    x, y = clouds
    weight, loss = np.array([1.0, 1, 0, 1, 0, 1]), K.MaximumMeanDiscrepancy()
    keep = weight > 0
    assert_close(array(loss(x, y, sample_weight=weight)), array(loss(x[keep], y[keep])))


def test_unbiased_needs_two_points(clouds):
    with pytest.raises(ValueError, match="MaximumMeanDiscrepancy.*unbiased"):
        K.MaximumMeanDiscrepancy(unbiased=True)(clouds[0], clouds[1][:1])


def test_fit_moves_a_cloud():
    """A generator of points finds the target cloud."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(32, 2)).astype("float32")
    target = (0.5 * noise[::-1] + np.array([1.0, -1.0])).astype("float32")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss=K.SlicedWasserstein(20))
    history = model.fit(noise, target, batch_size=32, epochs=60, verbose=0).history["loss"]
    assert history[-1] < 0.2 * history[0]
    assert np.all(np.isfinite(ops.convert_to_numpy(model(noise))))
