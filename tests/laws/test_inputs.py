"""Inputs as they come: memory layouts, byte orders, lists, tables; and what backends do to functions."""

import numpy as np
import pytest

from tests.backend import ALL_CASES, BACKEND, array, assert_close, tensor, value_and_gradient
from tests.cases import CASES
from tests.laws.table import ONE_EACH, each, share

N = 4
# Inputs are prepared by the base of each kind: where tests take long, one of a kind shows it.
SOME = ONE_EACH if ALL_CASES else list({case.kind: case for case in reversed(ONE_EACH)}.values())[::-1]


class Table:
    """What is no array but can become one, as a column of a data frame."""

    def __init__(self, values):
        self.values = values
        self.shape, self.dtype = values.shape, values.dtype

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)

    def __len__(self):
        return len(self.values)


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def every_other(x):
    """A view with gaps, along every axis."""
    wide = np.zeros([2 * n for n in x.shape], x.dtype)
    view = wide[tuple(slice(None, None, 2) for _ in x.shape)]
    view[...] = x
    return view


def backwards(x):
    """A view with negative strides."""
    return x[::-1].copy()[::-1]


LAYOUTS = {
    "Fortran order": np.asfortranarray,
    "read-only": read_only,
    "with gaps": every_other,
    "negative strides": backwards,
    "big-endian": lambda x: x.astype(x.dtype.newbyteorder(">")),
    "table": Table,
}


@each(SOME)
def test_layouts(case, rng):
    y_true, y_pred = case.draw(rng, N)
    loss = case.make(reduction=None)
    expected = array(loss(y_true, y_pred))
    for name, layout in LAYOUTS.items():
        before = y_true.copy(), y_pred.copy()
        assert_close(array(loss(layout(y_true), layout(y_pred))), expected, message=name)
        np.testing.assert_array_equal(y_true, before[0])  # nothing is changed in place
        np.testing.assert_array_equal(y_pred, before[1])


@each(SOME)
def test_weights_as_they_come(case, rng):
    y_true, y_pred = case.draw(rng, N)
    weight = np.array([0.5, 1.0, 2.0, 1.0], "float32")
    loss = case.make()
    expected = array(loss(y_true, y_pred, sample_weight=weight))
    for layout in (every_other, Table, np.ndarray.tolist):
        assert_close(array(loss(y_true, y_pred, sample_weight=layout(weight))), expected)
    assert_close(array(loss(y_true, y_pred, sample_weight=weight.astype(">f8"))), expected)
    once = array(loss(y_true, y_pred, sample_weight=np.full(N, 2.0, "float32")))
    for weight in (2, np.float64(2), np.array(2.0)):
        assert_close(array(loss(y_true, y_pred, sample_weight=weight)), once, message=repr(weight))


@each(SOME)
def test_lists(case, rng):
    y_true, y_pred = case.draw(rng, N)
    loss = case.make(reduction=None)
    assert_close(array(loss(y_true.tolist(), y_pred.tolist())), array(loss(y_true, y_pred)))


def test_columns_of_pandas(rng):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed: `Table` stands for it")
    import kerasloss

    table = pandas.DataFrame({"true": rng.normal(size=N), "pred": rng.normal(size=N)})
    loss = kerasloss.MeanSquaredError()
    expected = array(loss(table["true"].to_numpy(), table["pred"].to_numpy()))
    assert_close(array(loss(table["true"], table["pred"])), expected)


@each(CASES if ALL_CASES else share(ONE_EACH, 12, 3))
def test_values_do_not_depend_on_the_batch(case, rng):
    if case.scope != "sample" or case.kind == "score" or getattr(case.make(), "relative", False):
        pytest.skip("a matter of the whole batch, by definition")
    y_true, y_pred = case.draw(rng, N)
    loss = case.make(reduction=None)
    together = array(loss(y_true, y_pred))
    for i in (0, 2):
        assert_close(array(loss(y_true[i : i + 1], y_pred[i : i + 1])), together[i : i + 1])


# Transformations -----------------------------------------------------------------------------------


@each(share(ONE_EACH, 12, 3))
def test_forward_mode(case, rng):
    """The slope along a line in forward mode is that of the gradient; JAX takes second derivatives by it."""
    y_true, y_pred = case.draw(rng, N)
    loss, direction = case.make(), rng.normal(size=y_pred.shape).astype("float32")
    if BACKEND == "jax":
        import jax

        slope = jax.jit(lambda p, v: jax.jvp(lambda p: loss(y_true, p), (p,), (v,))[1])
        slope = slope(tensor(y_pred), tensor(direction))
    elif BACKEND == "tensorflow":
        import tensorflow as tf

        with tf.autodiff.ForwardAccumulator(p := tensor(y_pred), tensor(direction)) as along:
            slope = along.jvp(loss(y_true, p), "zero")
    else:
        import torch

        _, slope = torch.func.jvp(lambda p: loss(y_true, p), (tensor(y_pred),), (tensor(direction),))
    _, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    scale = 1 + np.sum(np.abs(gradient * direction))
    assert_close(array(slope) / scale, np.sum(gradient * direction) / scale, gradient=True)


@pytest.mark.skipif(BACKEND == "tensorflow", reason="it has no transformation of functions")
@each(SOME)
def test_vmap(case, rng):
    """A batch of batches, and the gradients of each sample of it."""
    draws = [case.draw(rng, N) for _ in range(2)]
    y_true, y_pred = (np.stack(x) for x in zip(*draws, strict=True))
    loss = case.make(reduction="sum")
    expected = [value_and_gradient(lambda p, y=y: loss(y, p), p) for y, p in zip(y_true, y_pred, strict=True)]
    if BACKEND == "jax":
        import jax

        values, gradients = jax.jit(jax.vmap(jax.value_and_grad(loss.__call__, argnums=1)))(
            tensor(y_true), tensor(y_pred)
        )
    else:
        import torch

        gradients, values = torch.func.vmap(torch.func.grad_and_value(loss.__call__, argnums=1))(
            tensor(y_true), tensor(y_pred)
        )
    for got, slope, (value, gradient) in zip(values, gradients, expected, strict=True):
        assert_close(array(got), value)
        assert_close(array(slope), gradient, gradient=True)
