"""`import kerasloss as losses` in place of `keras.losses`: same names, arguments, defaults, values."""

import inspect

import keras
import numpy as np
import pytest

import kerasloss
from tests.backend import array, assert_close, masked

SHARED = sorted(
    name
    for name in set(dir(keras.losses)) & set(kerasloss.__all__)
    if inspect.isclass(getattr(keras.losses, name)) and name != "Loss"
)

ARGUMENTS = {
    "CategoricalCrossentropy": [{}, {"from_logits": True}, {"label_smoothing": 0.1}],
    "SparseCategoricalCrossentropy": [{}, {"from_logits": True}, {"ignore_class": 1}],
    "BinaryCrossentropy": [{}, {"from_logits": True}, {"label_smoothing": 0.1}, {"axis": 0}],
    "Huber": [{}, {"delta": 0.3}],
    "CategoricalGeneralizedCrossEntropy": [{}, {"q": 0.2}],
    "CosineSimilarity": [{}, {"axis": 0}],
    "Dice": [{}, {"axis": (1, 2)}, {"axis": 1}],
    "Tversky": [{}, {"axis": (1, 2)}],  # other prices: Keras has them exchanged
}


def test_there_is_a_namesake_to_compare():
    assert {"MeanSquaredError", "Huber", "BinaryCrossentropy", "CategoricalHinge"} <= set(SHARED)


@pytest.mark.parametrize("name", SHARED)
def test_signature(name):
    theirs = inspect.signature(getattr(keras.losses, name).__init__).parameters
    ours = inspect.signature(getattr(kerasloss, name).__init__).parameters
    assert list(ours)[: len(theirs)] == list(theirs)
    for parameter in list(theirs)[1:]:
        assert ours[parameter].default == theirs[parameter].default, parameter
        assert ours[parameter].kind == theirs[parameter].kind, parameter
    assert all(ours[p].kind is ours[p].KEYWORD_ONLY for p in list(ours)[len(theirs) :])
    assert getattr(kerasloss, name)().name == getattr(keras.losses, name)().name


def data(name, rng):
    shape = (4, 3, 5)
    if "Categorical" in name:
        ids = rng.integers(0, 5, size=shape[:-1])
        p = rng.dirichlet(np.ones(5), size=shape[:-1]).astype("float32")
        takes_ids = name.startswith("Sparse") or name == "CategoricalGeneralizedCrossEntropy"
        return (ids if takes_ids else np.eye(5, dtype="float32")[ids]), p
    if name == "CTC":
        return rng.integers(0, 5, (4, 2)), rng.normal(size=(4, 7, 5)).astype("float32")
    if name == "Circle":
        x = rng.normal(size=(6, 3))
        x /= np.linalg.norm(x, axis=-1, keepdims=True)
        return np.array([0, 1, 0, 1, 2, 2]), x.astype("float32")
    if "Binary" in name or "Hinge" in name:
        return rng.integers(0, 2, size=shape), rng.uniform(0.05, 0.95, size=shape).astype("float32")
    return tuple(np.exp(x).astype("float32") for x in rng.normal(size=(2, *shape)))


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight", None])
@pytest.mark.parametrize(
    ("name", "arguments"), [(name, a) for name in SHARED for a in ARGUMENTS.get(name, [{}])]
)
def test_values(name, arguments, reduction, rng):
    y_true, y_pred = data(name, rng)
    theirs = getattr(keras.losses, name)(**arguments, reduction=reduction)
    ours = getattr(kerasloss, name)(**arguments, reduction=reduction)
    positions = array(
        getattr(keras.losses, name)(**arguments, reduction=None)(keras.ops.convert_to_tensor(y_true), y_pred)
    ).shape
    weights = [None]
    if positions:  # else Keras scales the one number of the batch, here weights are inside its sums
        # Keras's own mask of Circle can't be laid on one weight for all.
        weights += [] if name == "Circle" else [np.float32(2.5)]
        weights += [np.linspace(0.5, 2, np.prod(positions)).reshape(positions)]
    if len(positions) > 1 and name != "SparseCategoricalCrossentropy":
        weights.append(np.linspace(0.5, 2, positions[0])[:, None])
    for weight in weights:
        if "ignore_class" in arguments and weight is not None:
            continue  # Keras's mask and weights meet in an order of their own
        expected = array(theirs(keras.ops.convert_to_tensor(y_true), y_pred, sample_weight=weight))
        if reduction == "mean_with_sample_weight" and weight is not None and np.shape(weight) != positions:
            continue  # Keras takes the divisor before it broadcasts the weights
        assert_close(array(ours(y_true, y_pred, sample_weight=weight)), expected)


@pytest.mark.parametrize("name", ["MeanSquaredError", "SparseCategoricalCrossentropy"])
def test_masks(name, rng):
    y_true, y_pred = data(name, rng)
    mask = rng.integers(0, 2, size=y_pred.shape[:-1]).astype(bool)
    weight = rng.uniform(size=mask.shape).astype("float32")
    for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight", None):
        theirs = getattr(keras.losses, name)(reduction=reduction)
        ours = getattr(kerasloss, name)(reduction=reduction)
        y_masked = masked(y_pred, mask)
        assert_close(array(ours(y_true, y_masked)), array(theirs(y_true, y_masked)))
        if reduction != "mean_with_sample_weight":
            expected = array(theirs(y_true, y_masked, sample_weight=weight))
            assert_close(array(ours(y_true, y_masked, sample_weight=weight)), expected)
