"""Quantiles: documented numbers, identities, shapes, weights, fits."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close

LEVELS = [0.1, 0.5, 0.9]
ENTRIES = {"reduction": None}


def entries(loss, y_true, y_pred):
    """One value per entry."""
    y_true, y_pred = np.float32(y_true)[..., None], np.float32(y_pred)[..., None]
    return array(loss(y_true, y_pred))


@pytest.fixture
def pair(rng):
    return (3 * rng.normal(size=(2, 6, 5))).astype("float32")


def test_compass_quantile():
    y, p = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[1.5], [2.0], [1.0], [7.0]])
    for q, expected in ((0.5, 2.75), (0.9, 2.15)):
        assert_close(array(K.Quantile(quantile=q, reduction="sum")(y, p)), expected)


# Identities ----------------------------------------------------------------------------------------


def test_half_of_the_symmetric_losses(pair):
    y, p = pair
    for ours, other in (
        (K.Quantile(**ENTRIES), K.MeanAbsoluteError(**ENTRIES)),
        (K.Expectile(**ENTRIES), K.MeanSquaredError(**ENTRIES)),
        (K.QuantileHuber(delta=2.0, **ENTRIES), 0.5 * K.SmoothL1(beta=2.0, **ENTRIES)),
    ):
        factor = 0.5 if not isinstance(ours, K.QuantileHuber) else 1.0
        assert_close(array(ours(y, p)), factor * array(other(y, p)))


def test_a_small_delta_is_the_pinball_loss(pair):
    y, p = pair
    assert_close(array(K.QuantileHuber(0.9, 1e-7)(y, p)), array(K.Quantile(0.9)(y, p)))
    assert_close(array(K.QuantileHuber(0.9, 1e-30)(y, y)), 0.0)


@pytest.mark.parametrize("loss", [K.Quantile(LEVELS), K.QuantileHuber(LEVELS), K.Expectile(LEVELS)])
def test_shapes_of_levels(loss, rng):
    loss = type(loss)(LEVELS, **ENTRIES)
    single = [type(loss)(q, **ENTRIES) for q in LEVELS]
    y, outputs = rng.normal(size=(4, 3)), rng.normal(size=(4, 3, 3))
    alone = np.stack([entries(one, y, outputs[..., i]) for i, one in enumerate(single)], axis=-1)
    assert_close(array(loss(y, outputs)), alone.mean(axis=(1, 2)))
    assert_close(array(loss(y[..., None], outputs)), alone.mean(axis=2))
    for target in (y[:, 0], y[:, :1]):
        assert_close(array(loss(target, outputs[:, 0])), alone[:, 0].mean(axis=1))
    each = [entries(one, y[:, i], outputs[:, 1, i]) for i, one in enumerate(single)]
    assert_close(array(loss(y, outputs[:, 1])), np.mean(each, axis=0))
    for y_true, y_pred in ((y, outputs[..., :2]), (y[:, :2], outputs), (y[:2], outputs), (y[:, :2], y)):
        with pytest.raises(ValueError, match=f"{type(loss).__name__}.*Received: .*shape"):
            loss(y_true, y_pred)


def test_weights_and_missing_targets_of_levels(rng):
    """One weight per sample, whichever form the targets have."""
    y, outputs = rng.normal(size=(4, 3)), rng.normal(size=(4, 3, 3))
    weight = np.array([1.0, 0.0, 2.0, 0.5])
    for y_true, y_pred in (
        (y, outputs),
        (y[..., None], outputs),
        (y[:, 0], outputs[:, 0]),
        (y, outputs[0:4, 0]),
    ):
        y_true, y_pred = y_true.copy(), y_pred.copy()
        values = array(K.Quantile(LEVELS, **ENTRIES)(y_true, y_pred))
        y_true[1], y_pred[1] = np.nan, np.inf
        weighted = array(K.Quantile(LEVELS, **ENTRIES)(y_true, y_pred, sample_weight=weight))
        assert_close(weighted, values * weight.reshape(-1, *[1] * (values.ndim - 1)))


# Fits ----------------------------------------------------------------------------------------------


def test_fit_recovers_quantiles():
    rng = np.random.default_rng(0)
    x = np.ones((1024, 1), "float32")
    y = rng.normal(size=1024).astype("float32")
    levels = (0.1, 0.5, 0.9)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(3, use_bias=False)])
    model.compile(keras.optimizers.Adam(0.05), loss=K.Quantile(levels))
    model.fit(x, y, batch_size=128, epochs=20, verbose=0)
    np.testing.assert_allclose(array(model(x[:1]))[0], np.quantile(y, levels), atol=0.15)
