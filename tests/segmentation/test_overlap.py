"""Overlaps: masks without a class axis, empty masks, class weights, soft labels and peers."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close

WEIGHTS = [0.5, 1.0, 3.0]
POINTS = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])


def images(rng, n=3, classes=3):
    """Class ids of 4 x 5 positions and probabilities."""
    ids = rng.integers(0, classes, size=(n, 4, 5))
    return ids, rng.dirichlet(np.ones(classes), size=ids.shape).astype("float32")


def one_hot(ids, classes=3):
    return (ids[..., None] == np.arange(classes)).astype("float32")


def test_mask_without_a_class_axis(rng):
    y, p = rng.integers(0, 2, size=(3, 4, 5)), rng.uniform(size=(3, 4, 5)).astype("float32")
    logits = np.log(p / (1 - p))
    expected = array(K.Dice()(y[..., None], p[..., None]))
    assert_close(array(K.Dice()(y, p[..., None])), expected)
    assert_close(array(K.Dice()(y, p)), expected)
    assert_close(array(K.Dice(multilabel=True, from_logits=True)(y, logits)), expected)
    weight = rng.uniform(size=y.shape).astype("float32")
    expected = array(K.Dice()(y, p[..., None], sample_weight=weight))
    assert_close(array(K.Dice(multilabel=True)(y, p, sample_weight=weight)), expected)
    assert_close(array(K.Dice()(y[0, 0], p[0, 0])), array(K.Dice()(y[:1, :1], p[:1, :1])))


def test_empty_mask_with_a_prediction():
    y, p = np.zeros((1, 4), int), np.array([[0.8, 0.3, 0.0, 0.1]], "float32")
    for loss in (K.Dice, K.Tversky, K.Jaccard, K.FocalTversky, K.GeneralizedDice):
        assert_close(array(loss(multilabel=True)(y, p)), 1.0)


def test_class_weight_of_values(rng):
    ids, p = images(rng)
    values = array(K.Dice(axis=(1, 2), reduction=None)(ids, p))
    weighted = K.Dice(axis=(1, 2), class_weight=WEIGHTS, reduction="mean_with_sample_weight")
    assert_close(array(weighted(ids, p)), np.mean(values @ WEIGHTS / np.sum(WEIGHTS)))
    weight = np.array([1.0, 2.0, 0.0])
    expected = np.sum(weight[:, None] * values * WEIGHTS) / (3 * np.sum(WEIGHTS))
    assert_close(array(weighted(ids, p, sample_weight=weight)), expected)
    foreground = K.Dice(axis=(0, 1, 2), class_weight=[0, 1, 1], reduction="mean_with_sample_weight")
    classes = array(K.Dice(axis=(0, 1, 2), reduction=None)(ids, p))
    assert_close(array(foreground(ids, p)), np.mean(classes[1:]))


def test_in_a_sum_and_with_missing_labels(rng):
    ids, p = images(rng)
    both = 0.5 * K.Dice() + 2.0 * K.SparseCategoricalCrossentropy()
    expected = 0.5 * array(K.Dice()(ids, p)) + 2 * array(K.SparseCategoricalCrossentropy()(ids, p))
    assert_close(array(both(ids, p)), expected)
    missing = np.where(rng.uniform(size=ids.shape) < 0.3, -9, ids)
    for axis in (None, (1, 2, 3)):
        expected = array(K.Dice(axis=axis, ignore_class=-9)(missing, p))
        assert_close(array(K.Masked(K.Dice(axis=axis), missing_value=-9)(missing, p)), expected)
        first = K.Masked(K.Dice(class_axis=1, axis=axis), missing_value=-9)
        assert_close(array(first(missing, np.moveaxis(p, -1, 1))), expected)
        dense = np.where(missing[..., None] == -9, -9, one_hot(missing))
        assert_close(array(first(np.moveaxis(dense, -1, 1), np.moveaxis(p, -1, 1))), expected)


def test_soft_labels(rng):
    _, p = images(rng)
    y = rng.dirichlet(np.ones(3), size=p.shape[:-1]).astype("float32")
    x = np.log(p)
    for arguments in ({}, {"from_logits": True}):
        y_pred = x if arguments else p
        expected = array(K.CategoricalCrossentropy(**arguments)(y, y_pred))
        assert_close(array(K.DiceCrossentropy(0, 1, **arguments)(y, y_pred)), expected)
    exact = p.astype("float64")
    expected = 1 - 2 * np.sum(y * exact) / (np.sum(y) + np.sum(exact))
    assert_close(array(K.Dice()(y, p)), expected)
    assert_close(array(K.Dice(squared_pred=True)(p, p)), 0.0)
    misses, alarms = np.sum(y * (1 - exact)), np.sum((1 - y) * exact)
    expected = 1 - 1 / (1 + (0.2 * alarms + 0.7 * misses) / np.sum(y * exact))
    assert_close(array(K.Tversky(0.2, 0.7)(y, p)), expected)


# Peers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [None, (1, 2, 3), (1, 2), -1])
def test_keras(axis, rng):
    ids, p = images(rng)
    y = one_hot(ids)
    theirs = keras.losses.Dice(axis=axis, reduction=None)(y, p)
    assert_close(array(K.Dice(axis=axis, reduction=None)(y, p)), array(theirs))
    ours = K.Tversky(alpha=0.2, beta=0.9, axis=axis, reduction=None)
    theirs = [
        array(keras.losses.Tversky(alpha=a, beta=b, axis=axis, reduction=None)(y, p))
        for a, b in ((0.9, 0.2), (0.2, 0.9))  # exchanged up to 3.15.1, then as documented
    ]
    assert any(np.allclose(array(ours(y, p)), x, atol=1e-6) for x in theirs)


def test_numbers_of_other_documentations():
    y, p = np.array([[1.0, 2, 3]]), np.array([[1.1, 2.1, 3.1]])
    flux = K.Dice(squared_pred=True, smooth=1.0)
    assert_close(array(flux(y, p)), 0.000992391663909964)
    assert_close(1 - array(flux(y, p)), 0.99900760833609)
    y, p = np.array([[1, 0.5, 0.3, 2.4]]), np.array([[0, 1.4, 0.5, 1.2]])
    for beta, code, documented in (
        (0.7, -0.06772009029, 0.02874743326),
        (0.8, -0.09490740741, 0.05020080321),
    ):
        # Flux's code has the two prices of its own documentation exchanged.
        assert_close(array(K.Tversky(alpha=beta, beta=1 - beta, smooth=1.0)(y, p)), code)
        assert_close(array(K.Tversky(alpha=1 - beta, beta=beta, smooth=1.0)(y, p)), documented)
    assert_close(array(K.Dice()(*POINTS)), 0.333333352)


def test_alpha_is_the_price_of_false_positives():
    y, p = np.array([[1, 1, 0, 0]]), np.array([[1.0, 0.0, 0.0, 0.0]])  # one miss, no false positive
    assert_close(array(K.Tversky(alpha=9.0, beta=0.0)(y, p)), 1e-7)
    assert_close(array(K.Tversky(alpha=0.0, beta=3.0)(y, p)), 0.75)


def test_counts_of_large_volumes_do_not_overflow():
    y = np.arange(2**20).reshape(1, -1, 1) % 2
    p = np.where(y == 1, 0.9, 0.2).astype("float32")
    weight = np.full(1, 1e9, "float32")
    assert_close(
        array(K.MatthewsCorrelation()(y, p, sample_weight=weight)), 1 - 0.7 / np.sqrt(0.55 * 0.45 * 4)
    )
