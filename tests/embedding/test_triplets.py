"""Losses of triplets: rows of weight 0, anchors without a loss, other libraries."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, tensor, value_and_gradient


@pytest.mark.parametrize("name", ["SDML", "TripletMargin"])
def test_losses_of_tuples_alone_ignore_y_true(name, rng):
    y_pred = rng.normal(size=(4, 3 if name == "TripletMargin" else 2, 3))
    loss = getattr(K, name)()
    expected = array(loss(np.zeros(4), y_pred))
    for y_true in (None, np.full((4, 1), np.nan), np.arange(12).reshape(4, 3)):
        assert_close(array(loss(y_true, y_pred)), expected)


@pytest.mark.parametrize("loss", [K.Circle(gamma=8.0), K.SDML()])
def test_rows_of_weight_zero_still_serve_the_others(loss, rng):
    y_true = np.array([0, 1, 0, 1])
    y_pred = rng.normal(size=(4, 3) if isinstance(loss, K.Circle) else (4, 2, 3)).astype("float32")
    each = loss.from_config({**loss.get_config(), "reduction": None})
    values, weight = array(each(y_true, y_pred)), np.array([0, 1, 1, 1])
    assert_close(array(each(y_true, y_pred, weight)), weight * values)
    _, gradient = value_and_gradient(lambda p: loss(y_true, p, weight), y_pred)
    assert np.any(gradient[0])


def test_circle_of_keras(rng):
    x = rng.normal(size=(8, 4)).astype("float32")
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    y_true = np.arange(8) % 3
    for arguments in ({}, {"gamma": 10.0, "margin": 0.2}, {"remove_diagonal": False}):
        expected = array(keras.losses.Circle(**arguments)(tensor(y_true), tensor(x)))
        assert_close(array(K.Circle(**arguments)(y_true, x)), expected)
    theirs = keras.losses.Circle(gamma=10.0)(tensor(np.array([0, 0, 0, 1])), tensor(x[:4]))
    ours = K.Circle(gamma=10.0)(np.array([0, 0, 0, 1]), x[:4])
    assert np.isnan(array(theirs)) or np.isclose(array(theirs), array(ours))  # an anchor without a positive
    _, gradient = value_and_gradient(lambda p: K.Circle()(np.array([0, 0, 0, 1]), p), x[:4])
    assert np.all(np.isfinite(gradient))


@pytest.mark.skipif(BACKEND != "jax", reason="compares with optax")
def test_optax(rng):
    optax = pytest.importorskip("optax")
    triplets = rng.normal(size=(4, 3, 3)).astype("float32")
    expected = optax.losses.triplet_margin_loss(*np.moveaxis(triplets, 1, 0), eps=0.0)
    assert_close(array(K.TripletMargin(reduction=None)(None, triplets)), expected)


def test_embeddings_train(rng):
    keras.utils.set_random_seed(0)
    x = np.concatenate([rng.normal(size=(32, 4)), rng.normal(size=(32, 4)) + 2]).astype("float32")
    y = np.repeat([0, 1], 32)
    model = keras.Sequential([keras.layers.Dense(8, "relu"), keras.layers.Dense(3)])
    model.compile(keras.optimizers.Adam(0.01), K.Circle(gamma=8.0, normalize=True))
    history = model.fit(x, y, epochs=8, batch_size=16, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_circle_averages_over_the_anchors_that_have_a_loss():
    apart, near = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
    y_pred, y_true = np.array([apart, apart, near, near, near, near], "float32"), np.array([0, 0, 1, 1, 2, 2])
    loss = K.Circle(gamma=1000.0)
    values = array(K.Circle(gamma=1000.0, reduction=None)(y_true, y_pred))
    assert not values[:2].any() and values[2:].all()
    assert_close(array(loss(y_true, y_pred)), values[2:].mean())
