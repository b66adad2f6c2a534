"""float64 is float64 all the way: on numbers that float32 can't hold, right to twelve digits."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from kerasloss.core import numerics
from tests import precise
from tests.backend import BACKEND, array, assert_close, tensor, value_and_gradient
from tests.laws.table import rows, with_variants

pytestmark = pytest.mark.skipif(
    BACKEND == "jax",
    reason="JAX has no float64 by default, and Keras's operations on it don't promote to it",
)
N = 4


def finer(x, rng):
    """`x` in float64 with digits that float32 drops.

    Whole numbers (labels, counts) stay whole, and what sums to 1 does so again, to more digits.
    """
    if x.dtype.kind != "f":
        return x
    x = x.astype("float64")
    x = np.where(x == np.round(x), x, x * (1 + 1e-8 * rng.uniform(-1, 1, size=x.shape)))
    total = np.sum(x, axis=-1, keepdims=True)
    return x / total if np.allclose(total, 1, rtol=1e-5) else x


def drawn(case, rng, **arguments):
    """The loss in float64, its inputs as tensors, and the 50-digit reference as a function of y_pred."""
    y_true, y_pred = (finer(x, rng) for x in case.draw(rng, N))
    arguments = {**case.arguments, **arguments}
    exact = precise.exact(y_true)
    labels = tensor(y_true, "float64") if y_true.dtype.kind == "f" else tensor(y_true)
    loss = case.loss(**arguments, dtype="float64", reduction=None)
    return loss, labels, y_pred, lambda p: np.asarray(case.reference(exact, p, **arguments))


@rows(with_variants)
def test_float64(case, item, rng):
    loss, labels, y_pred, reference = drawn(case, rng, **item)
    values = loss(labels, tensor(y_pred, "float64"))
    assert keras.backend.standardize_dtype(values.dtype) == "float64"
    assert_close(array(values), precise.floats(reference(precise.exact(y_pred))), "float64")


@pytest.mark.law("gradient", "float64")
@rows(with_variants)
def test_float64_gradient(case, item, rng):
    loss, labels, y_pred, reference = drawn(case, rng, **item)
    here = precise.exact(y_pred)
    values = reference(here)
    weight = np.linspace(0.5, 1.5, values.size).reshape(values.shape)
    _, gradient = value_and_gradient(
        lambda p: ops.sum(tensor(weight, "float64") * loss(labels, p)), tensor(y_pred, "float64")
    )
    # Along a line the reference needs one value more, not one for each entry, and no digit can hide.
    direction = rng.normal(size=y_pred.shape)
    slope = np.sum(precise.exact(weight) * precise.slope(reference, here, direction, values))
    assert_close(np.sum(gradient * direction), float(slope), "float64", gradient=True)


@pytest.mark.parametrize(
    "wrapper",
    [
        lambda inner, **dtype: K.WeightedSum([inner, inner], [0.25, 0.75], **dtype),
        lambda inner, **dtype: K.WeightedSum({"a": K.WeightedSum([inner], [1.0])}, **dtype),
        K.Masked,
        K.Symmetric,
        K.OnlineHardExample,
        K.DeepSupervision,
        lambda inner, **dtype: K.MultiScale(inner, scales=(0,), **dtype),
        lambda inner, **dtype: K.Matryoshka(inner, (2,), normalize=False, **dtype),
        lambda inner, **dtype: K.FeatureDistillation(inner, reduction="mean", **dtype),
    ],
)
@pytest.mark.parametrize("inner", ["float16", "float32", "float64"])
def test_inner_losses_are_as_wide_as_their_wrapper(wrapper, inner, rng):
    y_true, y_pred = 1 + rng.uniform(size=(2, 3, 4, 2))
    loss = wrapper(K.MeanSquaredError(dtype=inner), dtype="float64")
    value = loss(tensor(y_true, "float64"), tensor(y_pred, "float64"))
    expected = np.mean((y_true - y_pred) ** 2)
    if wrapper is K.OnlineHardExample:
        hardest = K.OnlineHardExample(K.MeanSquaredError(dtype="float64"), dtype="float64")
        expected = array(hardest(tensor(y_true, "float64"), tensor(y_pred, "float64")))
    assert_close(array(value), expected, "float64")


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (numerics.softplus, lambda x: np.logaddexp(0, x)),
        (lambda x: numerics.clip(x, -0.1, 20.3), lambda x: np.clip(x, -0.1, 20.3)),
        (lambda x: numerics.clip_below(x, 0.1), lambda x: np.maximum(x, 0.1)),
        (lambda x: numerics.maximum(x, 0.5 * x + 0.1), lambda x: np.maximum(x, 0.5 * x + 0.1)),
        (lambda x: numerics.minimum(x, 0.5 * x + 0.1), lambda x: np.minimum(x, 0.5 * x + 0.1)),
        (numerics.cumulative_sum, np.cumsum),
        (numerics.mean, np.mean),
    ],
)
def test_primitives(function, expected):
    """Also where no loss has drawn its inputs: PyTorch's softplus is `x` from 20 on."""
    x = np.linspace(-30, 30, 61) + 1e-9
    assert_close(array(function(tensor(x, "float64"))), expected(x), "float64")
