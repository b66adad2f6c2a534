"""Losses of pairs and triplets: identities and other libraries."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, tensor, value_and_gradient


@keras.saving.register_keras_serializable(package="tests")
def chebyshev(x, y):
    return ops.max(ops.abs(x - y), axis=-1)


def test_a_registered_function_is_a_distance(rng):
    pairs, triplets = rng.normal(size=(4, 2, 3)), rng.normal(size=(4, 3, 3))
    y_true = np.array([1, 0, 1, 0])
    d = np.abs(pairs[:, 0] - pairs[:, 1]).max(-1)
    loss = K.Contrastive(distance=chebyshev, reduction=None)
    assert_close(array(loss(y_true, pairs)), array(K.Contrastive(reduction=None)(y_true, d)))
    far, near = (np.abs(triplets[:, 0] - triplets[:, i]).max(-1) for i in (2, 1))
    loss = K.TripletMargin(distance=chebyshev, reduction=None)
    assert_close(array(loss(None, triplets)), np.maximum(near - far + 1, 0))
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert_close(array(copy(None, triplets)), array(loss(None, triplets)))


@pytest.mark.parametrize("name", ["SDML", "TripletMargin"])
def test_losses_of_tuples_alone_ignore_y_true(name, rng):
    y_pred = rng.normal(size=(4, 3 if name == "TripletMargin" else 2, 3))
    loss = getattr(K, name)()
    expected = array(loss(np.zeros(4), y_pred))
    for y_true in (None, np.full((4, 1), np.nan), np.arange(12).reshape(4, 3)):
        assert_close(array(loss(y_true, y_pred)), expected)


def test_wrong_shapes_are_refused():
    for loss, y_true, y_pred, words in [
        (K.Contrastive(), np.zeros(3), np.zeros((3, 3, 2)), r"\(N, 2, D\)"),
        (K.Contrastive(), np.zeros(2), np.zeros(3), r"`y_true`"),
        (K.CosineEmbedding(), np.zeros(3), np.zeros((3, 3, 2)), r"\(N, 2, D\)"),
        (K.TripletMargin(), np.zeros(3), np.zeros((3, 2, 2)), "anchor, positive, negative"),
        (K.MarginRanking(), np.zeros(3), np.zeros((3, 3)), r"\(N, 2\)"),
        (K.Circle(), np.zeros(3, int), np.zeros((3, 2, 2)), r"\(N, D\)"),
        (K.Circle(), np.zeros((3, 2), int), np.zeros((3, 2)), r"`y_true`"),
    ]:
        with pytest.raises(ValueError, match=rf"{type(loss).__name__}: .*{words}.*Received"):
            loss(y_true, y_pred)


def test_nan_labels_are_no_plausible_number(rng):
    y_true = np.array([1.0, np.nan])
    for loss, y_pred in [
        (K.Contrastive(reduction=None), np.ones(2)),
        (K.CosineEmbedding(reduction=None), rng.normal(size=(2, 2, 3))),
        (K.HingeEmbedding(reduction=None), np.ones((2, 1))),
        (K.MarginRanking(reduction=None), np.ones((2, 2))),
    ]:
        values = array(loss(y_true[:, None] if loss.elementwise else y_true, y_pred))
        assert np.isnan(values[1]) and not np.isnan(values[0])


def test_sdml_is_softmax_crossentropy_without_smoothing(rng):
    y_pred = rng.normal(size=(5, 2, 3)).astype("float32")
    scores = -np.sum((y_pred[:, None, 0] - y_pred[None, :, 1]) ** 2, axis=-1)
    expected = array(K.SparseCategoricalCrossentropy(from_logits=True)(np.arange(5), scores))
    assert_close(array(K.SDML(label_smoothing=0.0)(None, y_pred)), expected)


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


@pytest.mark.skipif(BACKEND != "torch", reason="compares with torch.nn")
def test_torch(rng):
    import torch

    y_true = np.array([1.0, -1.0, 1.0, -1.0], "float32")
    pairs, triplets = (rng.normal(size=(4, k, 3)).astype("float32") for k in (2, 3))
    labels = torch.tensor(y_true)
    x, y = torch.tensor(pairs).unbind(1)
    assert_close(
        array(K.CosineEmbedding(0.2)(y_true, pairs)), torch.nn.CosineEmbeddingLoss(0.2)(x, y, labels)
    )
    distances = np.abs(pairs[:, 0])
    signs = np.repeat(y_true[:, None], 3, axis=1)
    expected = torch.nn.HingeEmbeddingLoss(0.5)(torch.tensor(distances), torch.tensor(signs))
    assert_close(array(K.HingeEmbedding(0.5)(signs, distances)), expected)
    scores = pairs[:, 0, :2]
    expected = torch.nn.MarginRankingLoss(0.3)(*torch.tensor(scores).unbind(1), labels)
    assert_close(array(K.MarginRanking(0.3)(y_true, scores)), expected)
    parts = torch.tensor(triplets).unbind(1)
    for arguments, theirs in [
        ({}, torch.nn.TripletMarginLoss(eps=1e-12)),
        ({"distance": "manhattan", "swap": True}, torch.nn.TripletMarginLoss(p=1, swap=True, eps=1e-12)),
    ]:
        assert_close(array(K.TripletMargin(**arguments)(None, triplets)), theirs(*parts))


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
