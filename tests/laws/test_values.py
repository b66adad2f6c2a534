"""Values and gradients: those of the reference, of the literature, at kinks and at extremes."""

import numpy as np
import pytest
from keras import ops

from tests import precise
from tests.backend import BACKEND, array, assert_close, tensor, value_and_gradient
from tests.cases import CASES
from tests.laws.table import (
    SOME,
    N,
    draw,
    each,
    each_loss,
    kind,
    own_arguments,
    reference,
    rows,
    share,
    with_variants,
)


# The law of the gradient sees the values too.
@rows(with_variants, share(CASES, 6, 2))
def test_value(case, item, rng):
    y_true, y_pred = draw(case, rng)
    expected = precise.floats(reference(case, item, y_true, y_pred))
    assert_close(array(case.make(reduction=None, **item)(y_true, y_pred)), expected)


# On JAX each is compiled, 1 s, and differs in kinks and extremes, below, if in anything.
@rows(lambda case: [{}] if BACKEND == "jax" else [{}, *case.variants])
def test_gradient(case, item, rng):
    y_true, y_pred = draw(case, rng)
    loss = case.make(reduction=None, **item)
    exact = np.asarray(reference(case, item, y_true, y_pred))
    values = precise.floats(exact)
    weight = np.linspace(0.5, 1.5, values.size).reshape(values.shape)  # so that no value can hide
    weight = weight.astype("float32")
    total, gradient = value_and_gradient(lambda p: ops.sum(tensor(weight) * loss(y_true, p)), y_pred)
    scale = 1 + np.sum(np.abs(values))
    assert_close(total / scale, np.sum(weight * values) / scale)
    # Along a line the reference needs one value more, not one for each entry, and no entry can hide.
    direction = rng.normal(size=y_pred.shape)
    products = gradient * direction
    slopes = precise.slope(lambda p: reference(case, item, y_true, p), y_pred, direction, exact)
    scale = 1 + np.sum(np.abs(products))
    expected = np.sum(weight * precise.floats(slopes)) / scale
    assert_close(np.sum(products) / scale, expected, gradient=True)


@rows(lambda case: share(case.known, 3), share(CASES, 3))
def test_known_values(case, item):
    arguments, y_true, y_pred, expected = item
    assert_close(array(case.make(**arguments)(y_true, y_pred)), expected)


@rows(lambda case: case.kinks, share(CASES, 3))
def test_gradient_at_kinks(case, item):
    arguments, y_true, y_pred, expected = item
    loss = case.make(**{"reduction": "sum", **arguments})
    _, gradient = value_and_gradient(lambda p: loss(y_true, p), np.asarray(y_pred, "float32"))
    assert_close(gradient, expected, gradient=True)


@each(share(SOME, 3))
def test_extremes_are_finite(case):
    y_true, y_pred = case.extremes()
    loss = case.make(reduction=None)
    # Divided before they are added: their sum may overflow.
    total, gradient = value_and_gradient(lambda p: ops.sum(loss(y_true, p) / y_pred.size), y_pred)
    assert np.isfinite(total), array(loss(y_true, y_pred))
    assert np.all(np.isfinite(gradient)), gradient


@pytest.mark.skipif(BACKEND == "jax", reason="there the values of the variants show it")
@each_loss
def test_every_argument_matters(case, rng):
    changed = set()
    for other in (row for row in CASES if row.loss is case.loss):
        y_true, y_pred = other.draw(rng, 8 * N)  # enough that no argument is idle by chance

        def results(y_true=y_true, y_pred=y_pred, other=other, **variant):
            loss = other.make(reduction=None, **variant)
            return array(loss(y_true, y_pred)), lambda: value_and_gradient(
                lambda p: ops.sum(loss(y_true, p)), y_pred
            )[1]

        def mean(other, y_true=y_true, y_pred=y_pred, **variant):
            return array(other.make(**variant)(y_true, y_pred))

        base, base_gradient = results()
        for variant in other.variants:
            value, gradient = results(**variant)
            if value.shape != base.shape or not np.allclose(value, base, rtol=1e-4):
                changed |= set(variant)
            elif not np.allclose(gradient(), base_gradient(), rtol=1e-4, atol=1e-6):
                changed |= set(variant)
            elif not np.allclose(mean(other, **variant), mean(other), rtol=1e-4):
                changed |= set(variant)  # which anchors a mean is over
        if set(other.arguments) != set(case.arguments):
            changed |= set(other.arguments) | set(case.arguments)  # its own value law has seen them
    assert (
        own_arguments(case) - changed <= {"axis"}
        if kind(case) == "class"
        else not own_arguments(case) - changed
    )
