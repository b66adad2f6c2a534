"""Losses for rare classes: F1, the area under the curve, a model that trains with them."""

import os

import keras
import numpy as np
import pytest
import sklearn.metrics

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient


@pytest.fixture
def labels(rng):
    return rng.integers(0, 2, size=(8, 5)), (2 * rng.normal(size=(8, 5))).astype("float32")


# F1 and AUC ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("average", ["macro", "micro", "samples"])
def test_hard_decisions_give_the_score_of_scikit_learn(average, rng):
    y, p = rng.integers(0, 2, size=(2, 9, 4))
    y[:, 3] = p[:, 3] = 0  # neither labels nor predictions
    y[2], p[2] = 0, 0
    for beta in (0.5, 1, 2.0):
        score = sklearn.metrics.fbeta_score(y, p, beta=beta, average=average, zero_division=1)
        assert_close(array(K.SoftF1(beta, average)(y, p.astype("float32"))), 1 - score)


def test_one_label_and_classes(rng):
    y, p = rng.integers(0, 2, size=8), rng.uniform(size=8).astype("float32")
    expected = 1 - 2 * np.sum(y * p) / np.sum(y + p)
    for labels in (y, y[:, None], y.astype("float32"), y.astype(bool)):
        for scores in (p, p[:, None]):
            assert_close(array(K.SoftF1()(labels, scores)), expected)
    weight = np.array([1, 2, 0, 1, 1, 0.5, 1, 1], "float32")
    expected = 1 - 2 * np.sum(weight * y * p) / np.sum(weight * (y + p))
    assert_close(array(K.SoftF1()(y, p, sample_weight=weight)), expected)
    ids, x = rng.integers(0, 3, size=(4, 5)), rng.dirichlet(np.ones(3), size=(4, 5)).astype("float32")
    flat = array(K.SoftF1()(np.eye(3)[ids].reshape(20, 3), x.reshape(20, 3)))
    assert_close(array(K.SoftF1()(ids, x)), flat)
    weight = rng.uniform(size=(4, 5))
    by_position = array(K.SoftF1()(ids, x, sample_weight=weight))
    flat = array(K.SoftF1()(ids.reshape(20), x.reshape(20, 3), sample_weight=weight.reshape(20)))
    assert_close(by_position, flat)
    with pytest.raises(ValueError, match="SoftF1"):
        K.SoftF1()(y[:4], p[:, None])


def test_almost_nothing_predicted_has_a_finite_gradient():
    y, p = np.zeros((2, 3), "float32"), np.full((2, 3), 1e-40, "float32")
    for average in ("macro", "micro", "samples"):
        loss = K.SoftF1(average=average)
        assert np.all(np.isfinite(value_and_gradient(lambda q, f=loss: f(y, q), p)[1]))


def test_auc_margin_is_the_published_minimax_at_its_solution(rng):
    y, s = np.array([1, 0, 0, 1, 0, 0, 0, 1]), rng.uniform(size=8)
    q, a, b = y.mean(), s[y == 1].mean(), s[y == 0].mean()
    alpha = max(0, 0.8 + b - a)
    published = (
        (1 - q) * np.mean((s - a) ** 2 * y)
        + q * np.mean((s - b) ** 2 * (1 - y))
        + 2 * alpha * (q * (1 - q) * 0.8 + np.mean(q * s * (1 - y) - (1 - q) * s * y))
        - q * (1 - q) * alpha**2
    )
    for labels, scores in ((y, s), (y[:, None], s), (y, s[:, None]), (y[:, None], s[:, None])):
        assert_close(q * (1 - q) * array(K.AUCMargin(0.8)(labels, scores)), published)
    two = K.AUCMargin()(np.stack([y, 1 - y], -1), np.stack([s, s], -1))
    one = [array(K.AUCMargin()(labels, s)) for labels in (y, 1 - y)]
    assert_close(array(two), np.mean(one))
    value, gradient = value_and_gradient(lambda p: K.AUCMargin()(0 * y, p), s.astype("float32"))
    assert_close(value, np.var(s))
    assert_close(gradient, 2 * (s - s.mean()) / 8, gradient=True)


# Training ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss",
    [
        K.OnlineHardExample(K.SparseCategoricalFocalCrossentropy(from_logits=True), 0.5, threshold=1.0),
        K.SoftF1(from_logits=True),
    ],
    ids=lambda loss: loss.name,
)
def test_fit_save_and_load(loss, tmp_path):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(64, 4)).astype("float32")
    y = np.argmax(x @ rng.normal(size=(4, 3)), axis=-1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile(optimizer=keras.optimizers.SGD(0.5), loss=loss)
    history = model.fit(x, y, epochs=4, batch_size=24, verbose=0).history["loss"]
    assert history[-1] < history[0]
    path = os.path.join(tmp_path, "model.keras")
    model.save(path)
    loaded = keras.saving.load_model(path)
    assert loaded.loss.get_config() == loss.get_config()
    assert_close(loaded.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0))


def test_auc_margin_leaves_out_scores_of_the_other_class_whose_square_is_infinite():
    scores = np.array([1e20, 0.0, 0.5], "float32")
    value, gradient = value_and_gradient(lambda p: K.AUCMargin()(np.array([1, 0, 0]), p), scores)
    assert_close(value, 0.0625)
    assert_close(gradient, [0, -0.25, 0.25], gradient=True)
