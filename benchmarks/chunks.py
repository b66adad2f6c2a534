"""The memory of a training step on a large batch, with and without `models.GradientCache`.

    KERAS_BACKEND=jax python -m benchmarks.chunks

JAX compiles the step, runs nothing, and tells the size of its temporary buffers: the same on every run.
"""

import sys

import keras

import kerasloss
from benchmarks import modes

BATCH, WIDTH, DEPTH = 4096, 1024, 8


def main():
    """Prints the megabytes of each."""
    if modes.BACKEND != "jax":
        sys.exit("Memory is measured on JAX: set KERAS_BACKEND=jax.")
    model = encoder()
    print(f"{'whole batch':<16} {megabytes(model):6.0f} MB")
    for size in (1024, 256, 64):
        cached = kerasloss.models.GradientCache(model, size)
        print(f"chunk_size={size:<5} {megabytes(cached):6.0f} MB", flush=True)


def encoder(width=WIDTH):
    """Dense layers."""
    layers = [keras.layers.Dense(width, activation="gelu") for _ in range(DEPTH)]
    return keras.Sequential([keras.Input((width,)), *layers, keras.layers.Dense(128)])


def megabytes(model, batch=BATCH):
    """The temporaries of the gradients of a step of training."""
    import jax

    model.compile("sgd", loss=kerasloss.SupervisedContrastive())
    model.optimizer.build(model.trainable_variables)
    state = [model.trainable_variables, model.non_trainable_variables, model.optimizer.variables, []]
    shapes = keras.tree.map_structure(lambda v: jax.ShapeDtypeStruct(v.shape, v.dtype), state)
    data = (
        jax.ShapeDtypeStruct((batch, model.weights[0].shape[0]), "float32"),
        jax.ShapeDtypeStruct((batch,), "int32"),
    )

    def gradients(state, data):
        function = jax.grad(model.compute_loss_and_updates, has_aux=True)
        return function(*state[:2], [], *data, None, training=True, optimizer_variables=state[2])[0]

    compiled = jax.jit(gradients).lower(shapes, data).compile()
    return compiled.memory_analysis().temp_size_in_bytes / 1e6


if __name__ == "__main__":
    main()
