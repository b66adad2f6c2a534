"""What the tests need of a backend and Keras doesn't offer: gradients, compilation, masks."""

import functools
import os

import keras
import numpy as np

BACKEND = keras.backend.backend()
EVERY_CASE = "EVERY_CASE" in os.environ
ALL_CASES = BACKEND == "torch" or EVERY_CASE
"""Whether every case is evaluated. JAX compiles each operation, and TensorFlow's take long."""

TOLERANCE = {
    # dtype: (value, gradient), relative or absolute, whichever is larger
    "float64": (1e-12, 1e-10),
    "float32": (1e-6, 1e-5),
    "float16": (2e-3, 2e-3),
    "bfloat16": (1e-2, 1e-2),
}


def assert_close(actual, expected, dtype="float32", gradient=False, message="", scale=1):
    """Equal to `scale` times the tolerance of the dtype, NaN and inf in the same places."""
    tolerance = scale * TOLERANCE[dtype][gradient]
    actual, expected = np.asarray(actual, "float64"), np.asarray(expected, "float64")
    assert actual.shape == expected.shape, f"{message} shape {actual.shape}, expected {expected.shape}"
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance, err_msg=message)


def array(x):
    """A NumPy array of a tensor of any dtype; half types become float32."""
    if keras.backend.standardize_dtype(x.dtype) in ("float16", "bfloat16"):
        x = keras.ops.cast(x, "float32")
    return keras.ops.convert_to_numpy(x)


def tensor(x, dtype=None):
    return keras.ops.convert_to_tensor(x, dtype=dtype)


def masked(x, mask):
    """A tensor with a Keras mask, as a masking layer leaves it."""
    x = keras.ops.copy(tensor(x))
    x._keras_mask = tensor(np.asarray(mask, bool))
    return x


def value_and_gradient(function, x):
    """The scalar `function(x)` and its gradient, as NumPy arrays."""
    if BACKEND == "jax":
        import jax

        # As one graph: operation by operation JAX compiles dozens, and keeps them all.
        value, gradient = jax.jit(jax.value_and_grad(function))(tensor(x))
    elif BACKEND == "torch":
        import torch

        x = tensor(x).detach().clone().requires_grad_()
        value = function(x)
        gradient = torch.zeros_like(x)
        if value.requires_grad:
            value.backward()
            gradient = x.grad
    else:
        import tensorflow as tf

        x = tf.convert_to_tensor(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(x)
        gradient = tape.gradient(value, x, unconnected_gradients="zero")
    return array(value), array(gradient)


def compiled(function, y_true, y_pred, whole=True):
    """`function(y_true, y_pred) -> scalar` compiled; returns its value and gradient, batch size unknown.

    On PyTorch it must be one graph, or what was compiled is many pieces; not if `whole` is False.
    """
    if BACKEND == "jax":
        import jax

        value, gradient = jax.jit(jax.value_and_grad(function, argnums=1))(tensor(y_true), tensor(y_pred))
    elif BACKEND == "torch":
        import torch

        torch._dynamo.reset()
        y_true, y_pred = tensor(y_true), tensor(y_pred).detach().clone().requires_grad_()
        for x in (y_true, y_pred):
            torch._dynamo.maybe_mark_dynamic(x, 0)
        value = torch.compile(function, backend="aot_eager", fullgraph=whole)(y_true, y_pred)
        value.backward()
        gradient = y_pred.grad
    else:
        import tensorflow as tf

        y_true, y_pred = tf.convert_to_tensor(y_true), tf.convert_to_tensor(y_pred)
        signature = [tf.TensorSpec([None, *x.shape[1:]], x.dtype) for x in (y_true, y_pred)]

        @tf.function(jit_compile=True, input_signature=signature)
        def step(y_true, y_pred):
            with tf.GradientTape() as tape:
                tape.watch(y_pred)
                value = function(y_true, y_pred)
            return value, tape.gradient(value, y_pred)

        value, gradient = step(y_true, y_pred)
    return array(value), array(gradient)


def assert_compiles(loss, y_true, y_pred, whole=True):
    """Compiled, the loss has the value and the gradient that it has without."""
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    same, slope = compiled(lambda y, p: loss(y, p), y_true, y_pred, whole)
    assert_close(same, value)
    assert_close(slope, gradient, gradient=True)


@functools.cache
def replicas(count):
    """A strategy of TensorFlow over some of the logical devices that conftest.py makes.

    Made once: the collective operations of two strategies of one process get in each other's way.
    """
    import tensorflow as tf

    devices = tf.config.list_logical_devices("CPU")
    assert count <= len(devices)
    return tf.distribute.MirroredStrategy([device.name for device in devices[:count]])


def two_replicas():
    """The smallest strategy that splits a batch."""
    return replicas(2)
