"""Losses that keep embeddings apart: what they are least for, and what one statistic of the batch means."""

import keras
import mpmath
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, masked, value_and_gradient

BATCH = [K.BarlowTwins(), K.VICReg(), K.AlignmentUniformity(), K.KoLeo(), K.SIGReg(), K.LeJEPA()]


def whitened(rng, n=32, width=4):
    """Embeddings with mean 0 and covariance 1."""
    x = rng.normal(size=(n, width))
    x, _ = np.linalg.qr(x - x.mean(axis=0))
    return np.sqrt(n - 1) * (x - x.mean(axis=0))


def twice(x):
    return np.stack([x, x], axis=1)


def test_whitened_views_cost_nothing(rng):
    x = whitened(rng)
    assert_close(array(K.VICReg()(None, twice(x))), 0.0)
    assert_close(array(K.VICReg(variance_weight=0.0)(None, twice(0.3 * x))), 0.0)  # not correlated either
    assert_close(array(K.BarlowTwins(epsilon=0.0)(None, twice(x))), 0.0)
    assert array(K.VICReg()(None, twice(0.5 * x))) > 12
    mixed = x @ rng.normal(size=(4, 4))
    assert array(K.VICReg(variance_weight=0.0)(None, twice(mixed))) > 0.1
    assert array(K.BarlowTwins(redundancy_weight=1.0)(None, twice(mixed))) > 0.1


def test_barlow_twins_sees_no_shift_and_no_scale(rng):
    y_pred = rng.normal(size=(8, 2, 3)).astype("float32")
    changed = y_pred * rng.uniform(0.5, 2, size=(2, 3)) + rng.normal(size=(2, 3))
    loss = K.BarlowTwins(epsilon=0.0)
    np.testing.assert_allclose(array(loss(None, changed)), array(loss(None, y_pred)), rtol=1e-5)
    copied = array(K.BarlowTwins(epsilon=0.0, redundancy_weight=0.0)(None, twice(y_pred[:, 0])))
    assert_close(copied, 0.0)
    unbiased = K.BarlowTwins(epsilon=0.0, redundancy_weight=0.0, ddof=1)
    assert_close(array(unbiased(None, twice(y_pred[:, 0]))), 3 * (1 / 8) ** 2)  # C is 7/8 there


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3, 1e6])
def test_a_constant_column_has_no_correlation(factor, rng):
    """Also where its mean is rounded, so that the differences from it are not 0."""
    y_pred = rng.normal(size=(7, 2, 2)).astype("float32")
    y_pred[:, :, 1] = factor * 0.1
    loss = K.BarlowTwins(epsilon=0.0, redundancy_weight=1.0)
    expected = array(loss(None, y_pred[:, :, :1])) + 1
    value, gradient = value_and_gradient(lambda p: loss(None, p), y_pred)
    assert_close(value, expected)
    assert not np.any(gradient[:, :, 1])


def test_sigreg_is_least_for_normal_embeddings(rng):
    """A sample of quantiles has almost 0; a random one the expectation, in which N has no part."""
    u = (np.arange(200) + 0.5) / 200
    normal = np.array([float(mpmath.sqrt(2) * mpmath.erfinv(2 * v - 1)) for v in u])[:, None]
    loss = K.SIGReg(projections=1)
    assert array(loss(None, normal)) < 0.01
    for other in (0.5 * normal, 2 * normal, normal + 1, np.abs(normal), 2 * u[:, None] - 1, 0 * normal):
        assert array(loss(None, other)) > 1
    both = np.concatenate([normal + 1, normal + 1])
    assert_close(array(loss(None, both)), 2 * array(loss(None, normal + 1)))
    t = np.linspace(-3, 3, 33)
    expected = np.trapezoid(np.exp(-(t**2) / 2) * (1 - np.exp(-(t**2))), t)
    found = [array(K.SIGReg(projections=64)(None, rng.normal(size=(n, 8)))) for n in [16, 64, 256] * 4]
    assert abs(expected - 1.05) < 0.005, "the docstring says it"
    assert abs(np.mean(found) - expected) < 0.15


def test_more_directions_see_more(rng):
    """Two random directions of eight miss an entry that is not normal."""
    x = rng.normal(size=(64, 8))
    x[:, 0] = 0
    values = [float(array(K.SIGReg(projections=2, seed=seed)(None, x))) for seed in range(6)]
    assert np.std(values) > 2 * np.std(
        [float(array(K.SIGReg(projections=256, seed=seed)(None, x))) for seed in range(6)]
    )


def test_lejepa_is_a_mean_of_its_parts(rng):
    y_pred = rng.normal(size=(6, 3, 4)).astype("float32")
    few = {"projections": 8, "seed": 3, "knots": 5, "t_max": 2.0}
    sigreg = array(K.SIGReg(**few, reduction=None)(None, y_pred))
    apart = np.mean((y_pred - y_pred[:, :2].mean(axis=1, keepdims=True)) ** 2, axis=(1, 2))
    for weight in (0.0, 0.2, 1.0):
        values = array(K.LeJEPA(weight, **few, reduction=None)(None, y_pred))
        assert_close(values, (1 - weight) * apart + weight * sigreg)


@pytest.mark.parametrize("loss", [K.KoLeo(reduction=None), K.SIGReg(projections=8, reduction=None)], ids=repr)
def test_views_are_averaged(loss, rng):
    y_pred = rng.normal(size=(6, 3, 4)).astype("float32")
    each = [array(loss(None, y_pred[:, v])) for v in range(3)]
    assert_close(array(loss(None, y_pred)), np.mean(each, axis=0))


def test_the_nearest_neighbour_is_pushed_too():
    """Of the first two, near each other, and a third that has the second as its neighbour."""
    angles = np.deg2rad([0.0, 10.0, 100.0])
    y_pred = np.stack([np.cos(angles), np.sin(angles)], axis=-1).astype("float32")
    distances = 2 * np.sin(np.deg2rad([10.0, 10.0, 90.0]) / 2)
    assert_close(array(K.KoLeo(reduction=None)(None, y_pred)), -np.log(distances))
    weight = np.array([0.0, 0.0, 1.0])
    _, gradient = value_and_gradient(lambda p: K.KoLeo()(None, p, sample_weight=weight), y_pred)
    assert not np.any(gradient[0]) and np.all(np.any(gradient[1:], axis=1))


def test_a_masked_sample_is_no_neighbour():
    """Though it is nearer, by its cosine of 0, than the opposite one."""
    y_pred = np.array([[1, 0], [-1, 0], [0, 1]], "float32")
    value = array(K.KoLeo()(None, masked(y_pred, np.array([True, True, False]))))
    assert_close(value, -np.log(2))


def test_near_neighbours_keep_their_digits():
    angle = 1e-3
    y_pred = np.array([[1, 0], [np.cos(angle), np.sin(angle)], [-1, 0]], "float32")
    value = array(K.KoLeo(reduction=None)(None, y_pred))[0]
    np.testing.assert_allclose(value, -np.log(2 * np.sin(angle / 2)), rtol=1e-5)


def test_uniformity_is_least_for_opposite_embeddings():
    loss, a = K.AlignmentUniformity(), np.array([[1.0, 0.0], [-1.0, 0.0]])
    assert_close(array(loss(None, twice(a))), -8.0)  # log(exp(-2 * 2**2))
    assert_close(array(loss(None, twice(np.abs(a)))), 0.0)


@pytest.mark.parametrize("loss", BATCH, ids=repr)
def test_y_true_is_ignored_and_one_sample_is_finite(loss, rng):
    y_pred = rng.normal(size=(4, 2, 3)).astype("float32")
    expected = array(loss(np.zeros(4), y_pred))
    for y_true in (None, np.full((4, 1), np.nan), np.arange(12).reshape(4, 3)):
        assert_close(array(loss(y_true, y_pred)), expected)
    for count in (0, 1, 2):
        value, gradient = value_and_gradient(lambda p: loss(None, p), y_pred[:count])
        assert np.isfinite(value) and np.all(np.isfinite(gradient))


@pytest.mark.parametrize("loss", BATCH, ids=repr)
def test_wrong_shapes_are_refused(loss):
    alone = isinstance(loss, (K.KoLeo, K.SIGReg))
    shapes = [(3,), (3, 2, 2, 2)] + ([] if alone else [(3, 2), (3, 1, 2)])
    for shape in shapes:
        with pytest.raises(ValueError, match=rf"{type(loss).__name__}: .*views stacked on axis 1.*Received"):
            loss(None, np.zeros(shape))


@pytest.mark.parametrize("loss", [K.VICReg(), K.LeJEPA(projections=64)], ids=repr)
def test_embeddings_train_without_collapse(loss, rng):
    """Views share two of six entries, the rest is noise: the embeddings keep both and vary."""
    keras.utils.set_random_seed(0)
    shared = rng.normal(size=(256, 1, 2))
    x = np.concatenate([np.repeat(shared, 2, axis=1), 0.3 * rng.normal(size=(256, 2, 4))], axis=-1)
    model = keras.Sequential([keras.Input((2, 6)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(0.03), loss)
    history = model.fit(x, np.zeros(256), epochs=15, batch_size=64, verbose=0).history["loss"]
    assert history[-1] < 0.7 * history[0]
    assert np.all(np.std(model.predict(x, verbose=0), axis=(0, 1)) > 0.5)


def test_barlow_twins_of_tiny_embeddings_has_the_gradient_of_large_ones(rng):
    """The value does not depend on the scale: the gradient at `s * x` is that at `x`, divided by `s`."""
    x, scale = rng.normal(size=(8, 2, 3)).astype("float32"), np.float32(2.0**-66)

    def loss(p):
        return ops.mean(K.BarlowTwins(epsilon=0.0)(None, p))

    (value, gradient), (tiny, steep) = (value_and_gradient(loss, p) for p in (x, scale * x))
    assert_close(tiny, value)
    assert_close(steep.astype("float64") * scale, gradient, gradient=True)
