"""Losses of pairs: identities and other libraries."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, assert_close


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
