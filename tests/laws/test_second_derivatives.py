"""Second derivatives: the Hessian along a line, against a second difference of the 50-digit reference."""

import mpmath
import numpy as np
import pytest
from keras import ops

from tests import precise
from tests.backend import BACKEND, array, tensor
from tests.cases import CASES
from tests.laws.table import ONE_EACH, each, share

N = 4
STEP = mpmath.mpf(10) ** -18  # so small that a reference that drops a gradient, as a float, drops it


def curvatures(function, x, directions):
    """`v @ H @ v` of the Hessian H of a scalar function at x, for every direction v."""
    if BACKEND == "jax":
        import jax

        slope = jax.grad(function)
        along = jax.jit(lambda x, v: jax.numpy.vdot(v, jax.jvp(slope, (x,), (v,))[1]))
        return [float(along(tensor(x), tensor(v))) for v in directions]
    if BACKEND == "torch":
        import torch

        x = tensor(x).detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(function(x), x, create_graph=True)
        if not gradient.requires_grad:
            return [0.0] * len(directions)
        result = []
        for v in map(tensor, directions):
            (product,) = torch.autograd.grad(gradient, x, v, retain_graph=True, allow_unused=True)
            result.append(0.0 if product is None else float(torch.sum(v * product)))
        return result
    import tensorflow as tf

    x = tf.convert_to_tensor(x)
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            value = function(x)
        gradient = inner.gradient(value, x, unconnected_gradients="zero")
        slopes = [tf.reduce_sum(v * gradient) for v in directions]
    products = [outer.gradient(slope, x, unconnected_gradients="zero") for slope in slopes]
    return [float(array(tf.reduce_sum(v * product))) for v, product in zip(directions, products, strict=True)]


@pytest.mark.law("gradient")
@each(CASES if BACKEND == "torch" else share(ONE_EACH, 4))
def test_second_derivatives(case, rng):
    y_true, y_pred = case.draw(rng, N)
    loss, exact = case.make(reduction=None), precise.exact(y_true)
    here = precise.exact(y_pred)

    def values(p):
        return np.asarray(case.reference(exact, p, **case.arguments))

    start = values(here)
    weight = np.linspace(0.5, 1.5, start.size).reshape(start.shape).astype("float32")
    directions = rng.normal(size=(2, *y_pred.shape)).astype("float32")
    actual = curvatures(lambda p: ops.sum(tensor(weight) * loss(y_true, p)), y_pred, directions)
    with mpmath.workdps(80):
        start = values(here)
        for v, got in zip(directions, actual, strict=True):
            step = STEP * precise.exact(v)
            bend = values(here + step) + values(here - step) - 2 * start
            bends = precise.floats(precise.exact(weight) * bend / STEP**2)
            assert abs(got - np.sum(bends)) <= 1e-4 * (1 + np.sum(np.abs(bends))), (got, np.sum(bends))
