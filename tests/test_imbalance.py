"""Losses for rare classes: identities with other losses, other libraries, wrappers, gradients at kinks."""

import importlib.util
import os

import keras
import numpy as np
import pytest
import sklearn.metrics
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, masked, tensor, value_and_gradient
from tests.cases.common import binary

ENTRIES = {"reduction": None}
LOGITS = {"from_logits": True, **ENTRIES}
COUNTS = [100, 7, 20, 1, 3]


@pytest.fixture
def classes(rng):
    return rng.integers(0, 5, size=8), (2 * rng.normal(size=(8, 5))).astype("float32")


@pytest.fixture
def labels(rng):
    return rng.integers(0, 2, size=(8, 5)), (2 * rng.normal(size=(8, 5))).astype("float32")


# Focal weights -------------------------------------------------------------------------------------


def test_without_focal_weight_they_are_cross_entropies(classes, labels):
    ids, x = classes
    one_hot = np.eye(5, dtype="float32")[ids]
    expected = array(K.CategoricalCrossentropy(**LOGITS)(ids, x))
    for loss in (
        K.CategoricalFocalCrossentropy(alpha=1.0, gamma=0.0, **LOGITS),
        K.SparseCategoricalFocalCrossentropy(alpha=[1.0] * 5, gamma=0, **LOGITS),
        K.ClassBalancedCrossentropy(COUNTS, beta=0.0, **LOGITS),
        K.LogitAdjustedCrossentropy(COUNTS, tau=0.0, **LOGITS),
        K.BalancedSoftmaxCrossentropy([3] * 5, **LOGITS),
        K.LDAM(COUNTS, max_margin=0.0, scale=1.0, **ENTRIES),
        K.AsymmetricSingleLabel(gamma_neg=0, label_smoothing=0, **LOGITS),
    ):
        for y in (ids, one_hot):
            assert_close(array(loss(y, x)), expected, message=repr(loss))
    smooth = K.CategoricalCrossentropy(label_smoothing=0.1, **LOGITS)
    assert_close(array(K.AsymmetricSingleLabel(gamma_neg=0.0, **LOGITS)(ids, x)), array(smooth(ids, x)))
    y, x = labels
    expected = array(K.BinaryCrossentropy(**LOGITS)(y, x))
    assert_close(array(K.BinaryFocalCrossentropy(gamma=0.0, **LOGITS)(y, x)), expected)
    assert_close(array(K.Asymmetric(gamma_neg=0, gamma_pos=0, clip=0, **LOGITS)(y, x)), expected)


def test_relations_among_them(classes, labels):
    y, x = labels
    focal = array(K.BinaryFocalCrossentropy(**LOGITS)(y, x))
    assert_close(array(K.Asymmetric(gamma_neg=2, gamma_pos=2, clip=0, **LOGITS)(y, x)), focal)
    ids, x = classes
    assert_close(
        array(K.BalancedSoftmaxCrossentropy(COUNTS, **LOGITS)(ids, x)),
        array(K.LogitAdjustedCrossentropy(np.array(COUNTS) / sum(COUNTS), **LOGITS)(ids, x)),
    )
    one_hot = np.eye(5, dtype="float32")[ids]
    sigmoid = K.ClassBalancedCrossentropy(COUNTS, beta=0.0, base="sigmoid", gamma=2.0, **LOGITS)
    assert_close(array(sigmoid(ids, x)), 5 * array(K.BinaryFocalCrossentropy(**LOGITS)(one_hot, x)))
    # beta near 1: weights by the inverse of the number of samples; means divide by them
    inverse = 1 / np.array(COUNTS)
    balanced = K.ClassBalancedCrossentropy(
        COUNTS, 1 - 1e-9, from_logits=True, reduction="mean_with_sample_weight"
    )
    weighted = K.CategoricalCrossentropy(
        from_logits=True, class_weight=inverse, reduction="mean_with_sample_weight"
    )
    assert_close(array(balanced(ids, x)), array(weighted(ids, x)))


def test_documented_focal_values():
    y, x = np.array([[1, 0, 1, 0]]), np.array([[2.0, -1.0, 1.5, -2.0]])
    # Printed elsewhere as .0685998425, with (1 - p) in place of p for the labels 0: an error.
    assert_close(array(K.BinaryFocalCrossentropy(from_logits=True)(y, x)), 0.0082420083)
    p = np.exp([-7.0, -6.0, -5.0])
    p = np.stack([p / p.sum()] * 5)
    flux = array(K.CategoricalFocalCrossentropy(alpha=1.0)(np.array([0, 1, 2, 1, 0]), p))
    np.testing.assert_allclose(flux, 1.1277571935622628, atol=1e-6)  # printed from float32 arithmetic


@pytest.mark.parametrize("gamma", [0.01, 0.5, 0.99, 1.0, 1.5])
@pytest.mark.parametrize("from_logits", [False, True])
def test_gradients_are_finite_for_any_power(gamma, from_logits):
    arguments = {"from_logits": from_logits, "reduction": "sum"}
    y, p = binary.hard_logits() if from_logits else binary.hard_probabilities()
    p = p.T.copy()  # all the numbers in each row
    if from_logits:
        p[0] = np.linspace(-110, -80, p.shape[1])  # a sigmoid below the normal numbers
        p[1] = np.linspace(80, 110, p.shape[1])
    for loss in (
        K.BinaryFocalCrossentropy(gamma=gamma, **arguments),
        K.Asymmetric(gamma, gamma, clip=0.0, **arguments),
        K.Asymmetric(gamma, gamma, clip=1e-6, **arguments),
        K.CategoricalFocalCrossentropy(gamma=gamma, **arguments),
        K.AsymmetricSingleLabel(gamma, gamma, **arguments),
        K.ClassBalancedCrossentropy([1] * p.shape[1], base="sigmoid", gamma=gamma, **arguments),
    ):
        value, gradient = value_and_gradient(lambda q, f=loss: f(y, q), p)
        assert np.isfinite(value) and np.all(np.isfinite(gradient)), loss


def test_stop_gradient_of_the_asymmetric_weight(labels):
    y, x = labels
    values, gradients = zip(
        *(
            value_and_gradient(
                lambda q, s=stop: K.Asymmetric(2, 1, 0, s, from_logits=True, reduction="sum")(y, q), x
            )
            for stop in (False, True)
        ),
        strict=True,
    )
    assert_close(values[1], values[0])
    p = 1 / (1 + np.exp(-x.astype("float64")))
    weight = np.where(y == 1, 1 - p, p**2)
    assert_close(gradients[1], weight * (p - y) / 5, gradient=True)
    assert not np.allclose(gradients[0], gradients[1], rtol=0.1)


def test_wrong_lengths_are_named(classes, labels):
    ids, x = classes
    for name, loss in (
        ("alpha", K.CategoricalFocalCrossentropy(alpha=[0.5, 0.5])),
        ("alpha", K.SparseCategoricalFocalCrossentropy(alpha=[0.5, 0.5])),
        ("samples_per_class", K.ClassBalancedCrossentropy([1, 2])),
        ("samples_per_class", K.BalancedSoftmaxCrossentropy([1, 2])),
        ("class_prior", K.LogitAdjustedCrossentropy([1, 2])),
        ("samples_per_class", K.LDAM([1, 2])),
        ("class_weight", K.LDAM(COUNTS, class_weight=[1, 2])),
    ):
        with pytest.raises(ValueError, match=f"(?s){type(loss).__name__}.*`{name}`.*Received"):
            loss(ids, x)
    y, x = labels
    with pytest.raises(ValueError, match="(?s)BinaryFocalCrossentropy.*`alpha`"):
        K.BinaryFocalCrossentropy(True, alpha=[0.5, 0.5])(y, x)


@pytest.mark.skipif(importlib.util.find_spec("optax") is None, reason="optax is not installed")
def test_optax(labels):
    import optax

    y, x = labels
    for alpha, ours in ((None, {}), (0.3, {"apply_class_balancing": True, "alpha": 0.3})):
        expected = optax.losses.sigmoid_focal_loss(x, y, alpha=alpha, gamma=1.5).mean(-1)
        assert_close(array(K.BinaryFocalCrossentropy(gamma=1.5, **ours, **LOGITS)(y, x)), expected)


# Hard examples -------------------------------------------------------------------------------------


def hard(fraction=0.5, **arguments):
    return K.OnlineHardExample(K.MeanSquaredError(), fraction, **arguments)


ERRORS = np.array([[1.0], [3.0], [2.0], [5.0], [4.0], [3.0]], "float32")  # squares 1, 9, 4, 25, 16, 9
ZEROS = np.zeros_like(ERRORS)


def test_the_hardest_are_kept_and_ties_go_to_the_first():
    values, gradient = value_and_gradient(lambda p: ops.sum(hard(0.7, **ENTRIES)(ZEROS, p)), ERRORS)
    assert values == 9 + 25 + 16 + 9
    assert_close(gradient[:, 0], [0, 6, 0, 10, 8, 6])
    assert_close(array(hard(0.5, **ENTRIES)(ZEROS, ERRORS)), [0, 9, 0, 25, 16, 0])
    assert_close(array(hard(0.5)(ZEROS, ERRORS)), (9 + 25 + 16) / 3)
    assert_close(array(hard(0.01)(ZEROS, ERRORS)), 25.0)
    assert_close(array(hard(0.01, threshold=9.0)(ZEROS, ERRORS)), (25 + 16) / 2)
    assert_close(array(hard(1.0)(ZEROS, ERRORS)), array(K.MeanSquaredError()(ZEROS, ERRORS)))
    equal = array(hard(0.2, **ENTRIES)(np.zeros((30, 1)), np.ones((30, 1))))
    assert_close(equal, [1.0] * 6 + [0.0] * 24)


def test_what_does_not_count_is_never_among_the_hardest():
    weight = np.array([1, 1, 2, 0, 0.5, 1], "float32")  # without the largest
    wrong = np.where(weight[:, None] == 0, np.float32(np.nan), ERRORS)
    assert_close(array(hard(0.4, **ENTRIES)(ZEROS, wrong, weight)), [0, 9, 0, 0, 8, 0])
    assert_close(array(hard(0.4)(ZEROS, wrong, weight)), (9 + 8) / 2)
    by_weight = hard(0.4, reduction="mean_with_sample_weight")
    assert_close(array(by_weight(ZEROS, wrong, weight)), (9 + 8) / 1.5)
    mask = weight > 0
    assert_close(array(hard(0.4)(ZEROS, masked(wrong, mask))), (9 + 16) / 2)
    x = (ERRORS * np.array([[-1.0, 1.0]])).astype("float32")
    loss = K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    ids = np.array([0, 0, 0, -1, -1, 0])
    kept = K.OnlineHardExample(loss, 0.5, reduction=None)
    expected = array(loss.__class__(from_logits=True, reduction=None)(np.zeros(6, int), x))
    assert_close(array(kept(ids, x)), np.where([0, 1, 0, 0, 0, 1], expected, 0))
    value, gradient = value_and_gradient(lambda p: ops.sum(kept(0 * ids - 1, p)), x)
    assert value == 0 and not np.any(gradient)


def test_excluded_positions_are_not_above_negative_values():
    y = np.array([[1.0, 0.0]] * 4, "float32")
    p = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [0.0, 1.0]], "float32")
    cosines = -1 / np.sqrt([1.0, 2.0, 5.0])
    weight = np.array([1.0, 1.0, 1.0, 0.0], "float32")
    loss = K.OnlineHardExample(K.CosineSimilarity(), 0.7)
    assert_close(array(loss(y, p, sample_weight=weight)), cosines[1:].mean())
    assert_close(array(loss(y, masked(p, weight))), cosines[1:].mean())
    loss = K.OnlineHardExample(K.CosineSimilarity(), 0.7, threshold=-5.0)
    assert_close(array(loss(y, p, sample_weight=weight)), cosines.mean())


def test_a_wrong_label_is_seen():
    loss = K.OnlineHardExample(K.SparseCategoricalCrossentropy(from_logits=True), 0.3, reduction=None)
    x = np.zeros((4, 3), "float32")
    assert_close(array(loss(np.array([0, 1, 7, 2]), x)), [0, 0, np.nan, 0])
    with_threshold = K.OnlineHardExample(loss.loss, 0.3, threshold=0.5, reduction=None)
    assert_close(array(with_threshold(np.array([0, 1, 7, 2]), x)), np.log([3, 3, np.nan, 3]))


def test_hard_pixels_of_a_batch(rng):
    y, x = rng.integers(0, 3, size=(2, 4, 5)), rng.normal(size=(2, 4, 5, 3)).astype("float32")
    values = array(K.SparseCategoricalCrossentropy(**LOGITS)(y, x))
    kept = array(K.OnlineHardExample(K.SparseCategoricalCrossentropy(**LOGITS), 0.25, **ENTRIES)(y, x))
    assert_close(kept, np.where(values >= np.sort(values, axis=None)[-10], values, 0))
    weight = rng.uniform(0.5, 1.0, size=(2, 4)).astype("float32")  # a weight per row of the image
    loss = K.OnlineHardExample(K.SparseCategoricalCrossentropy(from_logits=True), 0.25, reduction="sum")
    assert_close(array(loss(y, x, sample_weight=weight)), np.sum(kept * weight[..., None]))


def test_what_can_be_wrapped(rng):
    by_name = K.OnlineHardExample("mse", fraction=0.5)
    assert type(by_name.loss) is K.MeanSquaredError
    assert_close(array(by_name(ZEROS, ERRORS)), (9 + 25 + 16) / 3)
    assert_close(array(by_name(ZEROS[:, 0], ERRORS[:, 0])), (9 + 25 + 16) / 3)
    of_keras = K.OnlineHardExample(keras.losses.MeanSquaredError(), 0.5)
    assert_close(array(of_keras(ZEROS, ERRORS)), (9 + 25 + 16) / 3)
    assert_close(array(of_keras(ZEROS, ERRORS, np.array([1, 1, 1, 0, 1, 1]))), (9 + 16) / 2)
    nested = K.OnlineHardExample(K.OnlineHardExample("mse", 0.5), 0.7, **ENTRIES)
    assert_close(array(nested(ZEROS, ERRORS)), [0, 0, 0, 25, 16, 0])
    holes = K.Masked(K.OnlineHardExample("mse", 0.5))
    y = np.array([[0.0, 0.0, np.nan], [np.nan, 0.0, 0.0]])
    assert_close(array(holes(y, np.array([[1.0, 2.0, 9.0], [9.0, 3.0, 0.0]]))), (4 + 9) / 2)
    with pytest.raises(ValueError, match="(?s)OnlineHardExample.*`loss`.*one value per position"):
        K.OnlineHardExample(K.AUCMargin())(np.array([0, 1]), np.array([0.5, 0.2]))
    with pytest.raises(ValueError, match="MeanSquaredError.*same shape"):
        by_name(ZEROS, ERRORS[:2])
    if BACKEND != "jax":
        wide = K.OnlineHardExample(K.MeanSquaredError(dtype="float64"), 0.5, **ENTRIES)
        values = wide(tensor(ZEROS, "float64"), tensor(ERRORS / 3, "float64"))
        assert_close(array(values), np.array([0, 1, 0, 25 / 9, 16 / 9, 0]), "float32")
        assert keras.backend.standardize_dtype(values.dtype) == "float64"


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
