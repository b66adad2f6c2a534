"""How a backend computes a value with its gradient: the modes of each, the time, and the memory it takes."""

import gc
import time

import keras
import numpy as np
from keras import tree

BACKEND = keras.backend.backend()
MODES = {"jax": ["jit", "eager"], "torch": ["eager", "compile"], "tensorflow": ["function", "xla", "eager"]}
"""The modes of each backend, the ones that matter first."""
FASTEST = {"jax": "jit", "torch": "eager", "tensorflow": "xla"}[BACKEND]
"""The mode in which loops and large arrays are measured: that of XLA where there is one."""
COUNTED = {"jax": "jit", "torch": "eager", "tensorflow": None}[BACKEND]
"""The mode of which `kept` and `passes` can tell."""


def keep_memory():
    """Makes the C library keep memory that is freed, else page faults are timed.

    A block of this size that is freed does it. In training layers hold more memory than the losses do.
    """
    np.ones(31 * 2**20, "uint8")


def differentiated(function, mode):
    """`(y_true, y_pred) -> (value, gradient by y_pred)`, finished when it returns.

    `y_pred` is a tensor or a tuple of them, and the gradient is like it.
    """
    return {"jax": _jax, "torch": _torch, "tensorflow": _tensorflow}[BACKEND](function, mode)


def called(function):
    """`(y_true, y_pred) -> None`: one call with nothing compiled, and its gradient.

    On JAX the value alone: a gradient that is not compiled is traced anew each time.
    """
    if BACKEND == "jax":
        return lambda y_true, y_pred: _finished(function(y_true, y_pred))
    return differentiated(function, "eager")


def copied(mode):
    """`(y_true, y_pred) -> -y_pred`, to read and to write it once; compilers leave a plain copy out."""
    negative = _compiled(lambda y_pred: -y_pred, mode)
    return lambda y_true, y_pred: _finished(negative(y_pred))


def rounds(runs, y_true, y_pred, seconds):
    """The times of each function, called in turn until the time is spent (at least 5 rounds).

    Each is called twice in a row, so that the shortest time of none depends on what another left in caches.
    """
    times = [[] for _ in runs]
    for run in runs:
        run(y_true, y_pred)
    gc.collect()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[0]) < 10:
        for run, spent in zip(runs, times, strict=True):
            for _ in range(2):
                start = time.perf_counter()
                run(y_true, y_pred)
                spent.append(time.perf_counter() - start)
    return times


def temporaries(function, y_true, y_pred):
    """Bytes of the temporary buffers of value and gradient compiled by JAX. Shapes will do as arguments."""
    return _program(function, y_true, y_pred).memory_analysis().temp_size_in_bytes


def _program(function, y_true, y_pred):
    """What JAX compiles of value and gradient."""
    import jax

    return jax.jit(jax.value_and_grad(function, argnums=1)).lower(y_true, y_pred).compile()


def kept(function, y_true, y_pred, mode):
    """Temporaries in multiples of `y_pred`'s size, or None where the backend doesn't tell.

    JAX: the temporary buffers of the compiled program. PyTorch: the tensors saved for the backward pass
    other than the inputs.
    """
    if mode != COUNTED:
        return None
    if BACKEND == "jax":
        return temporaries(function, y_true, y_pred) / y_pred.nbytes
    import torch

    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda x: saved.append(x) or x, lambda x: x):
        value = function(y_true, y_pred.detach().requires_grad_())
    storages = {x.untyped_storage().data_ptr(): x.untyped_storage().nbytes() for x in saved}
    del value
    for x in (y_true, y_pred):
        storages.pop(x.untyped_storage().data_ptr(), None)
    return sum(storages.values()) / y_pred.untyped_storage().nbytes()


def passes(function, y_true, y_pred, mode):
    """How often an array of the size of `y_pred` is read or written, or None where the backend doesn't tell.

    JAX: what XLA counts of its compiled program. PyTorch: the tensors that each operation takes and returns.
    """
    if mode != COUNTED:
        return None
    if BACKEND == "jax":
        return _program(function, y_true, y_pred).cost_analysis()["bytes accessed"] / y_pred.nbytes
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    moved = 0

    class Count(TorchDispatchMode):
        def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
            nonlocal moved
            results = operation(*args, **(kwargs or {}))
            alias = operation._schema.returns[0].alias_info if operation._schema.returns else None
            if alias is None or alias.is_write:  # else it is a view, for which nothing moves
                tensors = [x for x in tree.flatten((args, kwargs, results)) if torch.is_tensor(x)]
                moved += sum(min(x.nbytes, x.untyped_storage().nbytes()) for x in tensors)
            return results

    with Count():
        y_pred = y_pred.detach().requires_grad_()
        torch.autograd.grad(function(y_true, y_pred), y_pred)
    return moved / y_pred.untyped_storage().nbytes()


def _compiled(function, mode):
    if mode == "jit":
        import jax

        return jax.jit(function)
    if mode == "compile":
        import torch

        torch.compiler.reset()
        return torch.compile(lambda *args: function(*args))
    if mode in ("function", "xla"):
        import tensorflow as tf

        return tf.function(function, jit_compile=mode == "xla")
    return function


def _finished(results):
    if BACKEND == "jax":
        import jax

        jax.block_until_ready(results)
    return results


def _jax(function, mode):
    import jax

    gradient = _compiled(jax.value_and_grad(function, argnums=1), mode)
    return lambda y_true, y_pred: _finished(gradient(y_true, y_pred))


def _torch(function, mode):
    import torch

    compiled = _compiled(function, mode)

    def run(y_true, y_pred):
        y_pred = tree.map_structure(lambda x: x.detach().requires_grad_(), y_pred)
        value = compiled(y_true, y_pred)
        slopes = torch.autograd.grad(value, tree.flatten(y_pred))
        return value.detach(), tree.pack_sequence_as(y_pred, slopes)

    return run


def _tensorflow(function, mode):
    import tensorflow as tf

    def gradient(y_true, y_pred):
        with tf.GradientTape() as tape:
            tape.watch(y_pred)
            value = function(y_true, y_pred)
        return value, tape.gradient(value, y_pred)

    gradient = _compiled(gradient, mode)

    def run(y_true, y_pred):
        value, slope = gradient(y_true, y_pred)
        return value.numpy() if mode == "eager" else value, slope

    return run
