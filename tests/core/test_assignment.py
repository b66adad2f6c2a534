"""Assignments of least cost, against SciPy's."""

import numpy as np
import pytest
from keras import ops
from scipy.optimize import linear_sum_assignment

from kerasloss.core.assignment import assign
from tests.backend import BACKEND, array, tensor


def compiled(cost, there):
    """The columns, computed in a compiled step with an unknown number of samples."""
    if BACKEND == "jax":
        import jax

        return jax.jit(assign)(cost, there)
    if BACKEND == "tensorflow":
        import tensorflow as tf

        signature = [tf.TensorSpec([None, *x.shape[1:]], x.dtype) for x in (cost, there)]
        return tf.function(assign, jit_compile=True, input_signature=signature)(cost, there)
    return assign(cost, there)


def check(cost, there, columns):
    """Every row that is there has a column of its own, and no assignment costs less."""
    for c, rows, chosen in zip(cost, there, columns, strict=True):
        assert (chosen[~rows] == -1).all()
        c, chosen = c[rows].astype("float64"), chosen[rows]
        assert len(set(chosen)) == len(chosen) and ((chosen >= 0) & (chosen < cost.shape[2])).all()
        best = c[linear_sum_assignment(c)].sum()
        assert c[np.arange(len(c)), chosen].sum() <= best + 1e-5 * (1 + np.abs(c).sum())


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 5), (6, 6), (8, 20)])
@pytest.mark.parametrize("kind", ["real", "tied", "the same for all"])
def test_no_assignment_costs_less(rows, columns, kind, rng):
    cost = rng.normal(size=(5, rows, columns))
    if kind == "tied":
        cost = np.round(cost)
    if kind == "the same for all":
        cost = np.broadcast_to(cost[:, :1], cost.shape) + 1e-3 * cost
    cost, there = cost.astype("float32"), rng.random((5, rows)) < 0.7
    there[0] = True
    there[1] = False
    check(cost, there, array(compiled(tensor(cost), tensor(there))))


def test_costs_that_are_not_finite_are_the_last_to_be_chosen():
    cost = np.array([[[np.nan, 1.0, np.inf], [2.0, 1.5, np.nan]]], "float32")
    columns = array(assign(tensor(cost), ops.ones((1, 2), "bool")))
    assert columns.tolist() == [[1, 0]]
