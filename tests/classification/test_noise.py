"""Losses for wrong labels: limits and identities, far corners of the solver, views."""

import keras
import numpy as np
import pytest
from scipy.spatial import distance

import kerasloss as K
from tests.backend import array, assert_close, masked, tensor, value_and_gradient

ENTRIES = {"reduction": None}
LOGITS = {"from_logits": True, **ENTRIES}


@pytest.fixture
def classes(rng):
    return rng.integers(0, 5, size=8), (2 * rng.normal(size=(8, 5))).astype("float32")


def softmax(x):
    return np.exp(x - x.max(-1, keepdims=True)) / np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True)


def both(ids, count=5):
    return ids, np.eye(count, dtype="float32")[ids]


def test_at_one_end_they_are_crossentropy(classes):
    ids, x = classes
    expected = array(K.CategoricalCrossentropy(**LOGITS)(ids, x))
    exact = [
        K.SymmetricCrossentropy(alpha=1.0, beta=0.0, **LOGITS),
        K.BiTemperedLogistic(t1=1.0, t2=1.0, **ENTRIES),
        K.BootstrapCrossentropy(beta=1.0, **LOGITS),
        K.BootstrapCrossentropy(beta=1, hard=True, **LOGITS),
        K.ForwardCorrection(np.eye(5), **LOGITS),
    ]
    near = [
        K.CategoricalGeneralizedCrossEntropy(q=1e-5, **LOGITS),
        K.BiTemperedLogistic(t1=1 - 1e-5, t2=1 + 1e-5, **ENTRIES),
        K.JensenShannonCrossentropy(weights=(1e-5, 1 - 1e-5), **LOGITS),
    ]
    for y in both(ids):
        for loss in exact:
            assert_close(array(loss(y, x)), expected, message=repr(loss))
        for loss in near:
            np.testing.assert_allclose(array(loss(y, x)), expected, rtol=2e-3, err_msg=repr(loss))
        confident = np.where(both(ids)[1] == 1, x + 4, x)  # where the series has come close
        series = array(K.TaylorCrossentropy(order=60, **LOGITS)(y, confident))
        assert_close(series, array(K.CategoricalCrossentropy(**LOGITS)(ids, confident)))


def test_at_the_other_end_they_are_absolute_errors(classes):
    ids, x = classes
    one_hot = both(ids)[1]
    expected = np.abs(softmax(x) - one_hot).sum(-1) / 2
    losses = [
        K.CategoricalGeneralizedCrossEntropy(q=1.0, **LOGITS),
        K.TaylorCrossentropy(order=1, **LOGITS),
        K.SymmetricCrossentropy(alpha=0.0, log_zero=-1.0, **LOGITS),
        K.ActivePassive(alpha=0.0, **LOGITS),
        K.ActivePassive(alpha=0.0, passive="rce", log_zero=-1, **LOGITS),
    ]
    for y in (ids, one_hot):
        for loss in losses:
            assert_close(array(loss(y, x)), expected, message=repr(loss))
    near = K.JensenShannonCrossentropy(weights=(0.9999, 0.0001), **LOGITS)
    np.testing.assert_allclose(array(near(ids, x)), expected, rtol=0.2, atol=1e-3)


def test_generalized_crossentropy_keeps_the_shape_of_the_labels():
    loss = K.CategoricalGeneralizedCrossEntropy(reduction=None)
    p = np.array([[0.7, 0.3], [0.2, 0.8], [0.6, 0.4]])
    expected = (1 - np.sqrt([0.7, 0.8, 0.6])) / 0.5
    for y in (np.array([0, 1, 0]), np.array([[0], [1], [0]]), np.array([[1, 0], [0, 1], [1, 0]])):
        assert_close(array(loss(y, p)), expected)


def test_generalized_crossentropy_of_logits_that_underflow():
    loss = K.CategoricalGeneralizedCrossEntropy(q=0.01, from_logits=True)
    x = np.array([[0.0, 200.0]], "float32")  # p = exp(-200), which float32 does not have
    for y in (np.array([0]), np.array([[1.0, 0.0]], "float32")):
        value, gradient = value_and_gradient(lambda p, y=y: loss(y, p), x)
        assert_close(value, 100 * (1 - np.exp(-2.0)))
        assert_close(gradient, np.exp(-2.0) * np.array([[-1.0, 1.0]]), gradient=True)
    nothing = array(K.CategoricalGeneralizedCrossEntropy(from_logits=True)(np.zeros((1, 2)), x))
    assert_close(nothing, 2.0)


def test_soft_labels_of_reverse_crossentropy():
    y, p = np.array([[0.5, 0.5, 0.0]]), np.array([[0.2, 0.5, 0.3]])
    loss = K.SymmetricCrossentropy(alpha=0.0)
    assert_close(array(loss(y, p)), 0.7 * np.log(2) + 0.3 * 4)
    assert_close(array(loss(np.array([[0.999, 0.001, 0.0]]), p)), -0.2 * np.log(0.999) + 0.8 * 4)


@pytest.mark.parametrize("t2", [1.05, 1.2, 2.0, 4.0])
@pytest.mark.parametrize("scale", [0.0, 0.1, 3.0, 100.0, 1e4])
def test_tempered_probabilities_sum_to_one(t2, scale, rng):
    x = scale * rng.normal(size=(3, 1000)).astype("float32")
    x[1] = -scale
    x[1, 7] = 0
    loss = K.BiTemperedLogistic(t2=t2)
    log_p = array(loss.log_tempered_softmax(tensor(x))).astype("float64")
    assert np.all(np.isfinite(log_p))
    np.testing.assert_allclose(np.exp(log_p).sum(-1), 1, rtol=3e-6)
    # p = exp_t2(x - lambda) with one lambda for all
    shift = (np.exp((1 - t2) * log_p) - 1) / (1 - t2) - x
    spread = np.ptp(shift, axis=-1) / (1 + np.abs(shift).max(-1) + np.abs(x).max(-1))
    assert np.all(spread < 1e-5), spread


def test_bitempered_logistic_is_bounded_and_forgets_outliers():
    loss = K.BiTemperedLogistic(t1=0.5, t2=2.0)
    x = np.array([[-1e4, 1e4, 0.0]], "float32")
    value, gradient = value_and_gradient(lambda p: loss(np.array([0]), p), x)
    assert 1.5 < value < 2
    assert np.abs(gradient).max() < 1e-3
    away = array(K.BiTemperedLogistic(t2=1.5)(np.array([1]), np.array([[0.0, 2.0, -np.inf]])))
    assert_close(away, array(K.BiTemperedLogistic(t2=1.5)(np.array([1]), np.array([[0.0, 2.0]]))))
    heavy = K.BiTemperedLogistic(t2=4.0)  # under which the probability of -1e30 is not 0 in float32
    excluded, far = (array(heavy(np.array([1]), np.array([[0.0, 2.0, x]]))) for x in (-np.inf, -1e30))
    assert_close(excluded, far)
    # google/bi-tempered-loss smooths over the other classes alone
    y, s = np.array([[0.0, 1.0, 0.0]], "float32"), 0.1
    theirs = y * (1 - s * 3 / 2) + s / 2
    smooth = K.BiTemperedLogistic(label_smoothing=s * 3 / 2)
    assert_close(array(smooth(y, x / 1e4)), array(K.BiTemperedLogistic()(theirs.astype("float32"), x / 1e4)))


def test_bootstrap_takes_the_first_of_equal_predictions():
    loss = K.BootstrapCrossentropy(beta=0.0, hard=True)
    p = np.array([[0.2, 0.4, 0.4]], "float32")
    _, gradient = value_and_gradient(lambda p: loss(np.array([0]), p), p)
    assert_close(gradient, [[1.0, 1 - 1 / 0.4, 1.0]], gradient=True)


def test_normalized_crossentropies_sum_to_one_over_the_labels(classes):
    _, x = classes
    for gamma in (0.0, 0.5, 2.0):
        loss = K.ActivePassive(beta=0.0, gamma=gamma, **LOGITS)
        total = sum(array(loss(np.full(8, k), x)) for k in range(5))
        assert_close(total, np.ones(8))
    with pytest.raises(ValueError, match="ActivePassive.*2 classes"):
        K.ActivePassive()(np.ones((3, 1)), np.ones((3, 1)))


def test_jensen_shannon_is_that_of_scipy(classes):
    ids, x = classes
    p, y = softmax(x), both(ids)[1]
    expected = 2 * distance.jensenshannon(y, p, base=2, axis=-1) ** 2
    np.testing.assert_allclose(array(K.JensenShannonCrossentropy(**ENTRIES)(ids, p)), expected, atol=2e-6)


def test_views(classes, rng):
    ids, x = classes
    weights = (0.4, 0.35, 0.25)
    single = array(K.JensenShannonCrossentropy((0.4, 0.6), **LOGITS)(ids, x))
    loss = K.JensenShannonCrossentropy(weights, **LOGITS)
    assert_close(array(loss(ids, np.stack([x, x], axis=1))), single)

    x = np.stack([x, rng.normal(size=x.shape)], axis=1).astype("float32")
    expected = array(loss(ids, x))
    assert expected.shape == (8,)
    for y in (ids[:, None], both(ids)[1], both(ids)[1].astype("int32")):
        assert_close(array(loss(y, x)), expected)
    ignoring = K.JensenShannonCrossentropy(weights, from_logits=True, ignore_class=int(ids[0]))
    for y in both(ids):
        assert_close(array(ignoring(y, x)), expected[ids != ids[0]].mean())
        weight, mask = np.linspace(0, 2, 8), np.arange(8) % 3 > 0
        assert_close(array(loss(y, x, sample_weight=weight)), weight * expected)
        assert_close(array(loss(y, masked(x, mask))), mask * expected)
        mean = K.JensenShannonCrossentropy(weights, from_logits=True)
        value, gradient = value_and_gradient(lambda p, y=y, f=mean: f(y, p), x)
        assert_close(value, expected.mean())
        assert np.all(np.isfinite(gradient))
    with pytest.raises(ValueError, match=r"JensenShannon.*\(N, 2, C\)"):
        loss(ids, x[:, 0])
    with pytest.raises(ValueError, match=r"JensenShannon.*\(N, 2, C\)"):
        loss(ids, np.concatenate([x, x], axis=1))
    with pytest.raises(ValueError, match="JensenShannon.*y_true"):
        loss(both(ids)[1][:, None], x)


def test_probabilities_of_views_at_zero():
    p = np.array([[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.0, 1.0]]], "float32")
    loss = K.JensenShannonCrossentropy((0.5, 0.25, 0.25), reduction="sum")
    value, gradient = value_and_gradient(lambda x: loss(np.array([0, 0]), x), p)
    assert np.isfinite(value) and np.all(np.isfinite(gradient))


@pytest.mark.parametrize(
    "loss",
    [
        K.BiTemperedLogistic(t2=1.5),
        K.PositiveUnlabeled(0.5),
        K.JensenShannonCrossentropy((0.4, 0.3, 0.3), from_logits=True),
    ],
    ids=lambda loss: loss.name,
)
def test_fit(loss, rng):
    x = rng.normal(size=(32, 4)).astype("float32")
    y = (x @ rng.normal(size=4) > 0).astype("int32")
    views = isinstance(loss, K.JensenShannonCrossentropy)
    units = {"PositiveUnlabeled": 1, "JensenShannonCrossentropy": 6}.get(type(loss).__name__, 3)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])
    if views:
        model.add(keras.layers.Reshape((2, 3)))
    model.compile(optimizer=keras.optimizers.SGD(0.3), loss=loss)
    history = model.fit(x, y, epochs=4, batch_size=12, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert np.all(np.isfinite(history))
