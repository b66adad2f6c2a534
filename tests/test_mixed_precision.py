"""A few hundred steps in float16, the gradients scaled by Keras's `LossScaleOptimizer`."""

import keras
import numpy as np
import pytest

import kerasloss as K

STEPS, BATCH = 240, 32
CLASSES = 5


def numbers(rng, x):
    return (x @ rng.normal(size=(8, 3)) / 3).astype("float32")


def classes(rng, x):
    return np.argmax(x @ rng.normal(size=(8, CLASSES)), axis=-1)


def several(rng, x):
    return (x @ rng.normal(size=(8, 3)) > 0).astype("int32")


def counts(rng, x):
    return rng.poisson(np.exp(x @ rng.normal(size=(8, 1)) / 3)).astype("float32")


LOSSES = [
    # loss, outputs, targets
    (K.Huber(delta=0.5), 3, numbers),
    (K.SparseCategoricalCrossentropy(from_logits=True, label_smoothing=0.1, z_loss=1e-3), CLASSES, classes),
    (K.BinaryFocalCrossentropy(from_logits=True), 3, several),
    (K.Dice(axis=1, from_logits=True, multilabel=True), 3, several),
    (K.Poisson(link="log"), 1, counts),
    (K.SupervisedContrastive(temperature=0.2), 4, classes),
]


class Scales(keras.callbacks.Callback):
    """The scale of the gradients after each epoch."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(float(keras.ops.convert_to_numpy(self.model.optimizer.dynamic_scale)))


@pytest.mark.parametrize(("loss", "outputs", "targets"), LOSSES, ids=lambda x: getattr(x, "name", None))
def test_training_in_float16(loss, outputs, targets, rng):
    keras.config.set_dtype_policy("mixed_float16")
    x = rng.normal(size=(8 * BATCH, 8)).astype("float32")
    y = targets(rng, x)
    model = keras.Sequential(
        [keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(outputs)]
    )
    # With a growth every 30 steps the scale passes float16's largest number several times.
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(0.01), initial_scale=2.0**13, dynamic_growth_steps=30
    )
    model.compile(optimizer, loss=loss)
    assert model.compute_dtype == "float16"
    scales = Scales()
    history = model.fit(x, y, batch_size=BATCH, epochs=STEPS // 8, verbose=0, callbacks=[scales])
    losses = np.array(history.history["loss"])
    assert np.all(np.isfinite(losses))
    assert np.mean(losses[-3:]) < 0.9 * losses[0]
    assert all(np.all(np.isfinite(keras.ops.convert_to_numpy(w))) for w in model.weights)
    assert min(scales.seen) >= 2.0**10, scales.seen
    assert max(scales.seen) > 2.0**13, "no step was taken at a larger scale"
