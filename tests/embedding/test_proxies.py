"""Losses of class centers without a margin of the angle."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, masked, value_and_gradient

C = 4
IDS = np.array([0, 1, 3, 1, 0, 3])
ONE_HOT = np.eye(C, dtype="float32")[IDS]


def drawn(rng, *shape):
    return rng.uniform(-0.95, 0.95, size=(len(IDS), *shape)).astype("float32")


# ProxyNCA --------------------------------------------------------------------------------------------


def test_without_the_positive_it_is_the_logit_of_the_class(rng):
    c = drawn(rng, C)
    z = 6 * c.astype("float64")
    others = np.where(ONE_HOT == 1, -np.inf, z)
    expected = np.log(np.exp(others).sum(axis=1)) - z[np.arange(len(z)), IDS]
    loss = K.ProxyNCA(scale=3.0, exclude_positive=True, reduction=None)
    assert_close(array(loss(IDS, c)), expected)
    assert np.any(expected < 0)


def test_one_class_has_no_others():
    loss, c = K.ProxyNCA(exclude_positive=True), np.array([[0.3], [0.1]])
    with pytest.raises(ValueError, match=r"ProxyNCA: `exclude_positive=True` needs at least 2 classes"):
        loss(np.ones((2, 1), "float32"), c)
    assert_close(array(K.ProxyNCA()(np.ones((2, 1), "float32"), c)), 0.0)


def test_a_near_proxy_still_counts_without_the_positive():
    loss = K.ProxyNCA(scale=30.0, exclude_positive=True)
    value, gradient = value_and_gradient(lambda p: loss([0], p), np.array([[1.0, -1.0, -1.0]], "float32"))
    assert_close(value, np.log(2) - 120)
    assert_close(gradient, [[-60.0, 30.0, 30.0]], gradient=True)


# ProxyAnchor -----------------------------------------------------------------------------------------


def test_a_label_out_of_range_makes_the_batch_nan(rng):
    c, loss = drawn(rng, C), K.ProxyAnchor(reduction=None)
    for label in (-1, C, 255):
        labels = np.where(np.arange(len(IDS)) == 1, label, IDS)
        assert np.all(np.isnan(array(loss(labels, c))))


def test_one_class_still_pushes(rng):
    """The other centers have negatives; that of the class has none, so its term is 0."""
    c = drawn(rng, C).astype("float64")
    loss = K.ProxyAnchor(alpha=4.0, reduction=None)
    pull = np.log1p(np.exp(-4 * (c[:, 2] - 0.1)).sum())
    push = np.log1p(np.exp(4 * (np.delete(c, 2, axis=1) + 0.1)).sum(axis=0)).sum() / C
    labels = np.full(len(c), 2)
    assert_close(array(loss(labels, c.astype("float32"))), np.full(len(c), pull + push))


def test_absent_samples_leave_all_sums(rng):
    c, keep = drawn(rng, C), np.arange(len(IDS)) != 2
    expected = array(K.ProxyAnchor(reduction=None)(IDS[keep], c[keep]))
    c[2] = np.nan
    found = {
        "ignored": K.ProxyAnchor(reduction=None, ignore_class=-1)(np.where(keep, IDS, -1), c),
        "ignored one-hot": K.ProxyAnchor(reduction=None, ignore_class=2)(
            np.where(keep[:, None], ONE_HOT, np.eye(C)[2]).astype("float32"), c
        ),
        "masked": K.ProxyAnchor(reduction=None)(IDS, masked(c, keep)),
    }
    for name, values in found.items():
        assert array(values)[2] == 0, name
        assert_close(array(values)[keep], expected, message=name)
    mean = K.ProxyAnchor(ignore_class=-1)(np.where(keep, IDS, -1), c)
    assert_close(array(mean), expected[0])


def test_weights_weigh_its_value_and_not_its_sums(rng):
    c, weight = drawn(rng, C), np.float32([0, 1, 2, 0, 1, 1])
    value = array(K.ProxyAnchor()(IDS, c))
    found = array(K.ProxyAnchor(reduction=None)(IDS, c, sample_weight=weight))
    assert_close(found, weight * value)
    assert_close(array(K.ProxyAnchor(reduction="sum")(IDS, c)), len(c) * value)
    mean = K.ProxyAnchor(reduction="mean_with_sample_weight")(IDS, c, sample_weight=weight)
    assert_close(array(mean), value)


def test_only_one_axis_of_samples(rng):
    with pytest.raises(ValueError, match=r"ProxyAnchor: `y_pred` must have rank 2"):
        K.ProxyAnchor()(IDS, drawn(rng, 2, C))
    with pytest.raises(ValueError, match="ProxyAnchor"):
        K.ProxyAnchor()(ONE_HOT, drawn(rng, C + 1))


def test_all_absent_is_0(rng):
    loss = K.ProxyAnchor(ignore_class=-1)
    value, gradient = value_and_gradient(lambda p: loss(np.full(len(IDS), -1), p), drawn(rng, C))
    assert value == 0 and not np.any(gradient)


# SoftTriple and Center -------------------------------------------------------------------------------


def test_centers_that_are_all_the_same_are_one(rng):
    c = drawn(rng, C)
    expected = array(K.SoftTriple(reduction=None)(IDS, c))
    for k in (1, 3):
        assert_close(array(K.SoftTriple(reduction=None)(IDS, np.repeat(c[..., None], k, axis=-1))), expected)


def test_a_small_gamma_takes_the_nearest_center(rng):
    c = drawn(rng, C, 3)
    loss = K.SoftTriple(gamma=1e-3, margin=0.2, scale=8.0)
    assert_close(array(loss(IDS, c)), array(K.CosFace(0.2, scale=8.0)(IDS, c.max(axis=-1))), scale=1e4)


def test_center_is_half_the_distance_of_soft_labels_too(rng):
    d, labels = np.square(drawn(rng, C)), rng.dirichlet(np.ones(C), size=len(IDS)).astype("float32")
    assert_close(array(K.Center(reduction=None)(labels, d)), (labels * d).sum(axis=1) / 2)
    far = np.where(ONE_HOT == 1, d, np.inf).astype("float32")
    assert_close(array(K.Center()(ONE_HOT, far)), array(K.Center()(IDS, d)))


def test_center_beside_a_crossentropy(rng, tmp_path):
    """As in the paper: two outputs, a small weight; the centers move to the embeddings of their class."""
    keras.utils.set_random_seed(0)
    y = rng.integers(0, C, size=200)
    x = (np.eye(6)[y] + 0.1 * rng.normal(size=(200, 6))).astype("float32")
    inputs = keras.Input((6,))
    embedding = keras.layers.Dense(3, name="embedding")(inputs)
    outputs = {
        "logits": keras.layers.Dense(C, name="logits")(embedding),
        "distances": K.layers.CenterDistance(C, name="distances")(embedding),
    }
    model = keras.Model(inputs, outputs)
    losses = {"logits": K.SparseCategoricalCrossentropy(from_logits=True), "distances": K.Center()}
    model.compile(keras.optimizers.Adam(0.03), losses, loss_weights={"logits": 1.0, "distances": 0.5})
    model.fit(x, {"logits": y, "distances": y}, batch_size=50, epochs=25, verbose=0)
    found = model.predict(x, verbose=0)
    assert np.mean(found["logits"].argmax(axis=1) == y) > 0.95
    assert np.mean(found["distances"].argmin(axis=1) == y) > 0.95
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras").predict(x, verbose=0)
    for name in found:
        assert_close(loaded[name], found[name])
