"""Labels: numbers that stand for "ignore me", in types that can't hold them."""

import numpy as np
import pytest
from keras import ops

import kerasloss as K
from kerasloss.core.labels import can_hold
from tests.backend import array, assert_close

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]], "float32")


@pytest.mark.parametrize(
    ("dtype", "number", "holds"),
    [
        ("uint8", -100, False),
        ("uint8", 255, True),
        ("uint8", 256, False),
        ("int8", -100, True),
        ("bool", 255, False),
        ("bool", 1, True),
        ("int32", 0.5, False),
        ("int32", 2**31, False),
        ("float16", 0.5, True),
    ],
)
def test_what_a_type_can_hold(dtype, number, holds):
    assert can_hold(dtype, number) == holds


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64"])
def test_a_negative_sentinel_ignores_no_class(dtype):
    p = np.full((2, 200), 1 / 200, "float32")
    labels = np.array([156, 3], dtype)  # -100 modulo 256
    loss = K.SparseCategoricalCrossentropy(ignore_class=-100, reduction=None)
    assert_close(array(loss(labels, p)), np.full(2, np.log(200)))


def test_sentinels_of_embeddings():
    x = np.eye(4, dtype="float32")[[0, 0, 1, 1]]
    plain = array(K.Circle(gamma=1.0)(np.array([1, 1, 0, 0]), x))
    for labels, sentinel in (
        (np.array([156, 156, 0, 0], "uint8"), -100),
        (np.array([True, True, False, False]), 255),
    ):
        assert_close(array(K.Circle(gamma=1.0, ignore_class=sentinel)(labels, x)), plain)


@pytest.mark.parametrize(
    ("targets", "missing"), [(np.array([[255, 3]], "uint8"), -1), (np.array([[0, 3]]), 0.5)]
)
def test_a_target_is_missing_only_if_its_type_can_say_so(targets, missing):
    y_pred = np.array([[1.0, 1.0]], "float32")
    expected = np.mean((targets.astype("float64") - 1) ** 2)
    assert_close(array(K.Masked(K.MeanSquaredError(), missing_value=missing)(targets, y_pred)), expected)


@pytest.mark.parametrize(
    "loss",
    [
        K.Dice(),
        K.Tversky(),
        K.Jaccard(),
        K.FocalTversky(),
        K.GeneralizedDice(),
        K.LogCoshDice(),
        K.MatthewsCorrelation(),
        K.SensitivitySpecificity(),
        K.LovaszSoftmax(),
        K.SoftClDice(),
        K.HausdorffErosion(),
        K.DiceCrossentropy(),
        K.DiceFocal(),
        K.Combo(),
        K.UnifiedFocal(),
    ],
    ids=lambda loss: loss.name,
)
def test_logits_taken_as_probabilities_of_masks_give_nan(loss, rng):
    mask = rng.integers(0, 2, (2, 5, 5, 1)).astype("float32")
    right = rng.uniform(size=mask.shape).astype("float32")
    assert np.isfinite(array(loss(mask, right)))
    for wrong in (-0.25,) if loss.labels_are_numbers else (-0.25, 1.25):
        p = right.copy()
        p[0, 2, 2] = wrong
        assert np.isnan(array(loss(mask, p)))


def test_the_axis_of_the_classes_is_named():
    mask = np.zeros((1, 2, 4, 6), "float32")
    with pytest.warns(UserWarning, match="Dice: axis=1 sums over axis 1 alone.*class_axis=1"):
        K.Dice(axis=1)(mask, mask)
    array(K.Dice(axis=(2, 3), class_axis=1)(mask, mask))


def test_ordinal_sentinels_in_unsigned_labels():
    labels, thresholds = np.array([2, 1], "uint8"), np.zeros((2, 2), "float32")
    plain = array(K.Coral()(labels, thresholds))
    assert_close(array(K.Coral(ignore_class=-254)(labels, thresholds)), plain)
    assert ops.is_tensor(K.Coral()(labels, thresholds))


def test_a_class_that_no_type_holds_ignores_nothing():
    assert not can_hold("int64", 10**400)


@pytest.mark.parametrize("as_sequence", [np.array, tuple, lambda two: range(two[0], two[1] + 1)])
def test_classes_and_axes_may_be_any_sequence(as_sequence, rng):
    p = rng.dirichlet(np.ones(4), size=6).astype("float32")
    ids = np.array([0, 1, 2, 3, 1, 2])
    loss = K.SparseCategoricalCrossentropy(ignore_class=as_sequence([1, 2]))
    assert_close(array(loss(ids, p)), -np.mean(np.log([p[0, 0], p[3, 3]])))
    masks, p = rng.integers(0, 2, (2, 3, 4, 2)), rng.random((2, 3, 4, 2)).astype("float32")
    one = array(K.Dice(axis=[1, 2], reduction=None)(masks, p))
    assert_close(array(K.Dice(axis=as_sequence([1, 2]), reduction=None)(masks, p)), one)
