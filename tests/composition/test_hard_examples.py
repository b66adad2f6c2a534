"""OnlineHardExample: what is kept, what never is, and what can be wrapped."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, masked, tensor, value_and_gradient

ENTRIES = {"reduction": None}
LOGITS = {"from_logits": True, **ENTRIES}


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
