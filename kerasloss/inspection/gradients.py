"""The values and the gradient of a loss as NumPy arrays, on every backend through Keras alone."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import ops


def as_numpy(x: Any) -> np.ndarray:
    """A tensor, or anything NumPy can convert, as an array; bfloat16 becomes float32, text stays text."""
    x = ops.convert_to_numpy(x) if ops.is_tensor(x) else np.asarray(x)
    if x.dtype.kind in "biufUS":
        return x
    try:
        return x.astype("float32")
    except ValueError:  # objects that are no numbers
        return x


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
        layer = _Moved(function, as_numpy(y_pred))
        with _own_error(layer):
            _step(layer)()
    return 0 - as_numpy(layer.move.value)


def along(function: Callable, x: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The values of a function along an axis, and its derivatives there.

    Args:
        function: From a tensor of `rows` numbers to as many values, each of its own number.
        x: The numbers, a multiple of `rows`.
        rows: How many numbers the function takes at a time.

    Returns:
        Two arrays of the shape of `x`.
    """
    layer = _Moved(function, x[:rows], keep=True)
    values, derivatives = [], []
    with _own_error(layer):
        step = _step(layer)
        for part in np.split(x, len(x) // rows):
            layer.x.assign(part)
            layer.move.assign(np.zeros(rows))
            step()
            values.append(as_numpy(layer.kept.value))
            derivatives.append(0 - as_numpy(layer.move.value))
    return np.concatenate(values), np.concatenate(derivatives)


def _step(layer: "_Moved") -> Callable:
    """A function that makes a gradient step of size 1; compiled once on JAX."""
    model = keras.Sequential([keras.Input((1,)), layer], name="gradient")
    eager = keras.backend.backend() != "jax"  # JAX would compile operation by operation
    model.compile(optimizer=keras.optimizers.SGD(1.0), run_eagerly=eager)
    return lambda: model.train_on_batch(np.zeros((1, 1)))


@contextlib.contextmanager
def unreduced(loss: Any) -> Iterator[None]:
    """A loss that returns its values, for as long as this lasts."""
    reduction, loss.reduction = loss.reduction, None
    try:
        yield
    finally:
        loss.reduction = reduction


@contextlib.contextmanager
def _own_error(layer: "_Moved") -> Iterator[None]:
    """The error of the function, without what Keras adds to that of a layer."""
    try:
        yield
    except Exception:
        if layer.error is None:
            raise
        raise layer.error from None


class _Moved(keras.layers.Layer):
    """Adds a weight of zeros to the argument of a function; its gradient is that of the argument."""

    def __init__(self, function: Callable, x: np.ndarray, keep: bool = False) -> None:
        super().__init__(name="moved", dtype="float32")
        self.function = function
        self.x, self.move, self.kept = (
            self.add_weight(shape=x.shape, initializer="zeros", trainable=name == "move", name=name)
            for name in ("x", "move", "kept")
        )
        self.keep = keep
        self.error: Exception | None = None
        self.x.assign(x)

    def call(self, inputs: Any) -> Any:
        try:
            values = self.function(self.x + self.move)
        except Exception as error:
            self.error = error
            raise
        if self.keep:
            self.kept.assign(ops.stop_gradient(values))
        # TensorFlow wants a gradient of every weight, even if the function has none.
        self.add_loss(ops.cast(ops.sum(values), "float32") + 0 * ops.sum(self.move))
        return inputs
