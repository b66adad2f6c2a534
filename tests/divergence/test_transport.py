"""Distances of clouds: bad input, weights of points, known distances, a fit."""

import keras
import numpy as np
import pytest
import scipy.spatial.distance
import scipy.special
import scipy.stats
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, value_and_gradient

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


@pytest.mark.parametrize("kernel", ["gaussian", "inverse_multiquadric", "polynomial"])
def test_unbiased_is_0_where_no_two_points_have_mass(kernel, clouds):
    x, y = clouds
    loss = K.MaximumMeanDiscrepancy(kernel, bandwidth=1.0, unbiased=True)
    one = np.float32([0, 0, 3, 0, 0, 0])
    value, gradient = value_and_gradient(lambda p: loss(x, p, sample_weight=one), y)
    assert value == 0 and not np.any(gradient)
    two = np.float32([0, 2, 3, 0, 0, 0])
    several = array(loss(np.stack([x] * 2), np.stack([y] * 2), sample_weight=np.stack([one, two])))
    assert_close(2 * several, array(loss(x, y, sample_weight=two)))


def test_bandwidths_of_any_sequence(clouds):
    x, y = clouds
    expected = np.mean([array(K.MaximumMeanDiscrepancy(bandwidth=s)(x, y)) for s in (1.0, 2.0, 3.0)])
    for bandwidth in (np.array([1.0, 2.0, 3.0]), np.float32([1, 2, 3]), range(1, 4), [1, 2, 3], (1, 2, 3)):
        assert_close(array(K.MaximumMeanDiscrepancy(bandwidth=bandwidth)(x, y)), expected)
    for bandwidth in ("mean", "1"):
        with pytest.raises(ValueError, match='MaximumMeanDiscrepancy.*`bandwidth`.*"median".*sequence.*Rec'):
            K.MaximumMeanDiscrepancy(bandwidth=bandwidth)
    for bandwidth in (np.array([1.0, 0.0]), [], None, 0):
        with pytest.raises(ValueError, match="MaximumMeanDiscrepancy.*`bandwidth"):
            K.MaximumMeanDiscrepancy(bandwidth=bandwidth)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="the others know the number of points")
@pytest.mark.parametrize("loss", CLOUDS)
@pytest.mark.parametrize("count", [0, 5])
def test_an_unknown_number_of_points_may_be_0(loss, count, clouds):
    import tensorflow as tf

    x, y = clouds[:, :count]
    loss = loss()
    spec = tf.TensorSpec([None, 3], "float32")
    traced = tf.function(loss.__call__, input_signature=[spec, spec])
    assert_close(array(traced(x, y)), array(loss(x, y)))
