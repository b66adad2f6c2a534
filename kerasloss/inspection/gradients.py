"""The values and the gradient of a loss as NumPy arrays, on every backend through Keras alone."""

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops


def as_numpy(x: Any) -> np.ndarray:
    """A tensor, or anything NumPy can convert, as an array; bfloat16 becomes float32."""
    x = ops.convert_to_numpy(x) if ops.is_tensor(x) else np.asarray(x)
    return x if x.dtype.kind in "biuf" else x.astype("float32")


def values(loss: Any, y_true: Any, y_pred: Any) -> np.ndarray:
    """The values of a loss before its reduction."""
    with _unreduced(loss):
        return as_numpy(loss(y_true, y_pred))


def gradient(loss: Any, y_true: Any, y_pred: Any, mask: Any = None) -> np.ndarray:
    """The gradient of the sum of the values: what a gradient descent step of size 1 subtracts.

    A Keras mask works for losses of this library only.
    """
    with _unreduced(loss):
        masked = mask is not None and hasattr(loss, "compute")
        layer = _Moved(functools.partial(loss.compute, mask=mask) if masked else loss, y_true, y_pred)
        model = keras.Sequential([keras.Input((1,)), layer], name="gradient")
        eager = keras.backend.backend() != "jax"  # JAX would compile operation by operation
        model.compile(optimizer=keras.optimizers.SGD(1.0), run_eagerly=eager)
        model.train_on_batch(np.zeros((1, 1)))
    return 0 - as_numpy(layer.move.value)


@contextlib.contextmanager
def _unreduced(loss: Any) -> Iterator[None]:
    reduction, loss.reduction = loss.reduction, None
    try:
        yield
    finally:
        loss.reduction = reduction


class _Moved(keras.layers.Layer):
    """Adds a weight of zeros to the predictions; its gradient is theirs."""

    def __init__(self, loss: Any, y_true: Any, y_pred: Any) -> None:
        super().__init__(name="moved", dtype="float32")
        self.loss, self.y_true, self.y_pred = loss, y_true, ops.convert_to_tensor(y_pred, dtype="float32")
        self.move = self.add_weight(shape=tuple(self.y_pred.shape), initializer="zeros", name="move")

    def call(self, inputs: Any) -> Any:
        total = ops.sum(self.loss(self.y_true, self.y_pred + self.move))
        # TensorFlow wants a gradient of every weight, even if the loss has none.
        self.add_loss(ops.cast(total, "float32") + 0 * ops.sum(self.move))
        return inputs
