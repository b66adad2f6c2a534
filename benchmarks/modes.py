"""How a backend computes a value with its gradient: the modes of each, and the memory it keeps for it."""

import keras

BACKEND = keras.backend.backend()
MODES = {"jax": ["jit", "eager"], "torch": ["eager", "compile"], "tensorflow": ["function", "xla", "eager"]}
"""The modes of each backend, the ones that matter first."""


def differentiated(function, mode):
    """`(y_true, y_pred) -> (value, gradient by y_pred)`, finished when it returns."""
    return {"jax": _jax, "torch": _torch, "tensorflow": _tensorflow}[BACKEND](function, mode)


def kept(function, y_true, y_pred, mode):
    """Temporaries in multiples of `y_pred`'s size, or None where the backend doesn't tell.

    JAX: the temporary buffers of the compiled program. PyTorch: the tensors saved for the backward pass
    other than the inputs.
    """
    if BACKEND == "jax" and mode == "jit":
        import jax

        gradient = jax.jit(jax.value_and_grad(function, argnums=1))
        memory = gradient.lower(y_true, y_pred).compile().memory_analysis()
        return memory.temp_size_in_bytes / y_pred.nbytes
    if BACKEND == "torch" and mode == "eager":
        import torch

        saved = []
        with torch.autograd.graph.saved_tensors_hooks(lambda x: saved.append(x) or x, lambda x: x):
            value = function(y_true, y_pred.detach().requires_grad_())
        storages = {x.untyped_storage().data_ptr(): x.untyped_storage().nbytes() for x in saved}
        del value
        for x in (y_true, y_pred):
            storages.pop(x.untyped_storage().data_ptr(), None)
        return sum(storages.values()) / y_pred.untyped_storage().nbytes()
    return None


def _jax(function, mode):
    import jax

    gradient = jax.value_and_grad(function, argnums=1)
    compiled = jax.jit(gradient) if mode == "jit" else gradient
    return lambda y_true, y_pred: jax.block_until_ready(compiled(y_true, y_pred))


def _torch(function, mode):
    import torch

    def compiled(y_true, y_pred):
        return function(y_true, y_pred)

    if mode == "compile":
        torch.compiler.reset()
        compiled = torch.compile(compiled)

    def run(y_true, y_pred):
        y_pred = y_pred.detach().requires_grad_()
        value = compiled(y_true, y_pred)
        return value.detach(), *torch.autograd.grad(value, y_pred)

    return run


def _tensorflow(function, mode):
    import tensorflow as tf

    def gradient(y_true, y_pred):
        with tf.GradientTape() as tape:
            tape.watch(y_pred)
            value = function(y_true, y_pred)
        return value, tape.gradient(value, y_pred)

    if mode != "eager":
        gradient = tf.function(gradient, jit_compile=mode == "xla")

    def run(y_true, y_pred):
        value, slope = gradient(y_true, y_pred)
        return value.numpy() if mode == "eager" else value, slope

    return run
