"""The values and the gradient of a loss as NumPy arrays, on every backend through Keras alone."""

import contextlib
from collections.abc import Callable, Iterator
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
    with unreduced(loss):
        return as_numpy(loss(y_true, y_pred))


def gradient(loss: Any, y_true: Any, y_pred: Any, mask: Any = None) -> np.ndarray:
    """The gradient of the sum of the values: what a gradient descent step of size 1 subtracts.

    A Keras mask works for losses of this library only.
    """

    def function(y_pred: Any) -> Any:
        if mask is not None and hasattr(loss, "compute"):
            return loss.compute(y_true, y_pred, mask=mask)
        return loss(y_true, y_pred)

    with unreduced(loss):
        return derivative(function, as_numpy(y_pred))


def derivative(function: Callable, x: np.ndarray, rows: int | None = None) -> np.ndarray:
    """The gradient of the sum of a function's values by its argument.

    Args:
        function: Takes a tensor of the shape of `x`, or of the `rows` first entries.
        x: Where the gradient is taken.
        rows: How many entries of the first axis the function takes at a time, a divisor of their number;
            None: all.

    Returns:
        An array of the shape of `x`.
    """
    rows = rows or (len(x) if x.ndim else None)
    layer = _Moved(function, x[:rows] if x.ndim else x)
    model = keras.Sequential([keras.Input((1,)), layer], name="gradient")
    eager = keras.backend.backend() != "jax"  # JAX would compile operation by operation
    model.compile(optimizer=keras.optimizers.SGD(1.0), run_eagerly=eager)
    found = []
    for part in np.split(x, len(x) // rows) if rows else [x]:
        layer.x.assign(part)
        layer.move.assign(np.zeros(part.shape))
        model.train_on_batch(np.zeros((1, 1)))
        found.append(0 - as_numpy(layer.move.value))
    return np.concatenate(found) if rows else found[0]


@contextlib.contextmanager
def unreduced(loss: Any) -> Iterator[None]:
    """A loss that returns its values, for as long as this lasts."""
    reduction, loss.reduction = loss.reduction, None
    try:
        yield
    finally:
        loss.reduction = reduction


class _Moved(keras.layers.Layer):
    """Adds a weight of zeros to the argument of a function; its gradient is that of the argument."""

    def __init__(self, function: Callable, x: np.ndarray) -> None:
        super().__init__(name="moved", dtype="float32")
        self.function = function
        self.x = self.add_weight(shape=x.shape, initializer="zeros", trainable=False, name="x")
        self.move = self.add_weight(shape=x.shape, initializer="zeros", name="move")
        self.x.assign(x)

    def call(self, inputs: Any) -> Any:
        total = ops.sum(self.function(self.x + self.move))
        # TensorFlow wants a gradient of every weight, even if the function has none.
        self.add_loss(ops.cast(total, "float32") + 0 * ops.sum(self.move))
        return inputs
