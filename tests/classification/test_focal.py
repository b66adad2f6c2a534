"""Focal losses: identities with cross-entropies, documented numbers, gradients of any power."""

import importlib.util

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient
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
    unused = K.BinaryFocalCrossentropy(alpha=[0.5, 0.5], from_logits=True)
    assert_close(array(unused(y, x)), array(K.BinaryFocalCrossentropy(from_logits=True)(y, x)))


@pytest.mark.skipif(importlib.util.find_spec("optax") is None, reason="optax is not installed")
def test_optax(labels):
    import optax

    y, x = labels
    for alpha, ours in ((None, {}), (0.3, {"apply_class_balancing": True, "alpha": 0.3})):
        expected = optax.losses.sigmoid_focal_loss(x, y, alpha=alpha, gamma=1.5).mean(-1)
        assert_close(array(K.BinaryFocalCrossentropy(gamma=1.5, **ours, **LOGITS)(y, x)), expected)
