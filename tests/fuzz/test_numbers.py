"""What holds for every loss on whatever it is given of its domain."""

import functools
import json

import keras
import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from keras import ops

from kerasloss.core.kinds.distribution import DistributionLoss
from tests.backend import BACKEND, array, assert_close, tensor
from tests.fuzz.draws import DOMAINS, LABELS, draws
from tests.fuzz.settings import fuzz
from tests.laws.table import kind

LARGEST = {"float16": 65504.0, "bfloat16": 3.3e38}
CHANGE_WHAT_COUNTS = {"shift", "input_length", "average"}
"""Arguments by which some values don't count; the families test which."""

INFINITE = (("epsilon", 0), ("link", "cloglog"), ("distribution", "weibull"))
"""Arguments with which a value may be infinite, as the docstrings say."""


def slope(function, x):
    """The scalar `function(x)` and its gradient; on JAX operation by operation, compiled once a shape."""
    if BACKEND != "jax":
        from tests.backend import value_and_gradient

        return value_and_gradient(function, x)
    import jax

    value, gradient = jax.value_and_grad(function)(tensor(x))
    return array(value), array(gradient)


def total(drawn, y_true, p):
    """A sum of the values, divided before they are added: their sum may overflow."""
    loss = drawn.make(reduction=None)
    return ops.sum(drawn.call(loss, y_true, p) / max(drawn.y_pred.size, 1))


def counted(drawn, values):
    """How many values a mean is over, where the row says it; None where it does not."""
    counts = np.ones(values.shape, bool)
    if drawn.case.counts is not None:
        if drawn.variant or not drawn.included().all() and drawn.case.scope != "sample":
            return None  # what a row says holds for a whole batch
        counts = np.asarray(drawn.case.counts(drawn.y_true, drawn.y_pred, **drawn.arguments))
    if not CHANGE_WHAT_COUNTS.isdisjoint(drawn.variant):
        return None
    elif drawn.case.scope == "anchor":
        return None  # in a small draw some have no partner
    ignored = drawn.arguments.get("ignore_class")
    if ignored is not None:
        if kind(drawn.case) != "class" or drawn.y_true.shape != values.shape:
            return None  # soft labels, or a region of several positions
        counts &= ~np.isin(drawn.y_true, ignored)
    if drawn.mask is not None:
        counts &= drawn.mask.reshape(-1, *[1] * (values.ndim - 1))
    return int(counts.sum())


# The properties ---------------------------------------------------------------------------------------


def check_finite(drawn, value, gradient):
    if drawn.exempt("extremes_are_finite") or any(drawn.arguments.get(k) == v for k, v in INFINITE):
        return
    assert np.isfinite(value), "a value that is not finite"
    assert np.all(np.isfinite(gradient)), "a gradient that is not finite"


def check_shape(drawn, values):
    n = len(drawn.y_pred)
    if drawn.case.scope == "batch" and not drawn.variant:
        assert values.shape == ()
    elif values.ndim:
        axis = drawn.arguments.get("axis", -1)
        shapes = {
            "label-embedding": (n,),
            "tuple-embedding": (n,),
            "preference": (n,),
            "sequence": (n,),
            "image": (n,),
        }
        if drawn.y_pred.ndim > 2 and issubclass(drawn.case.loss, DistributionLoss):
            shapes["distribution"] = drawn.y_pred.shape[:-2]
        if axis == -1 and drawn.case.loss.elementwise:
            shapes |= dict.fromkeys(("element", "binary", "margin", "divergence"), drawn.y_pred.shape[:-1])
        of_sequences = drawn.arguments.get("average") in ("sequences", "sum")
        if axis == -1 and drawn.y_true.ndim < drawn.y_pred.ndim and not of_sequences:
            shapes["class"] = drawn.y_true.shape
        assert values.shape == shapes.get(kind(drawn.case), values.shape)


def check_excluded(drawn, value, gradient):
    """What stands at an excluded sample changes nothing, and has no gradient."""
    absent = ~drawn.included()
    if not absent.any() or drawn.exempt("excluded_positions_may_hold_anything"):
        return
    y_true, y_pred = drawn.spoilt()
    other, its_gradient = slope(lambda p: total(drawn, y_true, p), y_pred)
    np.testing.assert_array_equal(other, value, "what is excluded reaches the value")
    np.testing.assert_array_equal(its_gradient, gradient, "what is excluded reaches the gradient")
    assert not np.any(gradient[absent]), "what is excluded has a gradient"
    values = array(drawn.call(drawn.make(reduction=None)))
    if values.ndim and values.shape[0] == len(absent):
        assert not np.any(values[absent]), "what is excluded has a value"


def check_mean(drawn, values):
    if drawn.exempt("sample_weights"):
        return
    scale = np.sum(np.abs(values), dtype="float64") + 1e-30
    if not scale < 1e37:
        return  # the sum overflows, or the value is infinite by its definition
    summed = array(drawn.call(drawn.make(reduction="sum")))
    assert_close(summed / scale, np.sum(values, dtype="float64") / scale, scale=10, message="sum")
    mean = array(drawn.call(drawn.make(reduction="mean")))
    if not values.ndim:
        np.testing.assert_allclose(mean, values, rtol=1e-6)
        return
    count = counted(drawn, values)
    if count is not None:
        assert_close(mean * count / scale, np.sum(values, dtype="float64") / scale, scale=10, message="mean")


def check_labels(drawn, values, dtype):
    """Labels are numbers, whatever type holds them."""
    y = drawn.y_true
    if drawn.exempt("integer_labels") or y.size == 0 or not np.all(np.isfinite(y)):
        return
    if kind(drawn.case) == "label-embedding" and dtype.startswith("float") != (y.dtype.kind == "f"):
        return  # float labels of embeddings are refused
    if kind(drawn.case) == "hidden":
        return
    with np.errstate(all="ignore"):
        cast = y.astype(dtype)
    if not np.array_equal(cast.astype("float64"), y.astype("float64")):
        return  # the type can't hold these
    if kind(drawn.case) == "class" and y.ndim == drawn.y_pred.ndim:
        return
    same = array(drawn.call(drawn.make(reduction=None), cast))
    np.testing.assert_array_equal(same, values, f"labels as {dtype}")


def check_configuration(drawn, values):
    text = json.dumps(keras.saving.serialize_keras_object(drawn.make(reduction=None)))
    copy = keras.saving.deserialize_keras_object(json.loads(text))
    np.testing.assert_array_equal(array(drawn.call(copy)), values, "after a round trip")


def check_half(drawn, values, dtype):
    """A loss of a half type computes in float32 and rounds once."""
    if np.any(np.abs(values) > LARGEST[dtype]):
        return
    half = array(drawn.call(drawn.make(reduction=None, dtype=dtype)))
    np.testing.assert_array_equal(half, array(tensor(values, dtype)), f"dtype={dtype}")


@pytest.mark.parametrize("domain", DOMAINS)
def test_numbers(domain):
    @fuzz
    @given(draws(domain), st.sampled_from(sorted(LABELS)), st.sampled_from(sorted(LARGEST)))
    def hold(drawn, labels, half):
        try:
            value, gradient = slope(functools.partial(total, drawn, drawn.y_true), drawn.y_pred)
        except ValueError as error:
            # An argument with an entry for each class doesn't fit extremes of another width; one sample has
            # no correlation. Where most draws end here, hypothesis fails the test.
            assert str(error).startswith(f"{drawn.case}: "), error
            reject()
        check_finite(drawn, value, gradient)
        values = array(drawn.call(drawn.make(reduction=None)))
        check_shape(drawn, values)
        check_excluded(drawn, value, gradient)
        check_mean(drawn, values)
        check_labels(drawn, values, labels)
        check_configuration(drawn, values)
        check_half(drawn, values, half)

    hold()
