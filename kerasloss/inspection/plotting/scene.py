"""A scene: the numbers on an axis, and for each line a label and a path of predictions.

The path is a function of `keras.ops`, so that the value of a loss and its derivative along the axis are
computed in the same way for every kind of loss.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from kerasloss.core.registry import LOSSES
from kerasloss.inspection import catalogue
from kerasloss.inspection.gradients import along, unreduced

POINTS = 101
"""How many predictions a line has."""
PROBABILITIES = np.linspace(0, 1, POINTS)[1:-1]
"""Between 0 and 1, where many losses stop or explode."""
BATCHES = 41
"""How many, if each of them is a batch of its own."""


class Line(NamedTuple):
    """One line of a picture."""

    name: str
    """What is different from the other lines; empty if there is one."""
    y_true: Any
    """The label of one sample, without a batch axis, or the labels of a whole batch."""
    path: Callable[[Any], Any]
    """From a tensor x `(n,)` to the predictions for n samples, or for n batches."""


class Scene(NamedTuple):
    """What is on the axis of a picture, and its lines."""

    x: np.ndarray
    """The numbers on the axis."""
    label: str
    """What they are."""
    lines: list[Line]
    """The lines."""
    whole: bool = False
    """Whether each number stands for a whole batch."""


def trace(loss: Any, scene: Scene, line: Line) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The numbers on the axis, the values of a loss, and their derivatives by these numbers.

    A loss that mixes samples gets a batch for each number; there are then fewer of them.
    """
    x, mixes = scene.x.astype("float32"), [scene.whole]

    def of_samples(x: Any) -> Any:
        count = x.shape[0]
        values = loss(np.repeat(np.asarray(line.y_true)[None], count, axis=0), line.path(x))
        if count > 1 and tuple(values.shape)[:1] != (count,):
            mixes.append(True)
            return ops.zeros_like(x)
        return ops.mean(ops.reshape(values, (count, -1)), axis=1)

    def of_batch(x: Any) -> Any:
        return ops.reshape(ops.mean(loss(line.y_true, line.path(x)[0])), (1,))

    with unreduced(loss):
        if not scene.whole:
            values = along(of_samples, x, len(x))
        if any(mixes):
            x = x[:: max(1, (len(x) - 1) // (BATCHES - 1))]
            values = along(of_batch if scene.whole else of_samples, x, 1)
    return x, *values


def known(loss: Any) -> type:
    """The class that says what a loss expects: for a loss of Keras that of the same name here."""
    cls = type(loss)
    return cls if getattr(cls, "kind", None) else LOSSES.get(cls.__name__, cls)


def activation_of(loss: Any) -> str:
    """The last activation that a loss expects with its arguments."""
    return catalogue.expectation(known(loss), catalogue.options_of(loss))[1]


# Paths ---------------------------------------------------------------------------------------------


def constant(x: Any) -> Any:
    """Numbers as a tensor; made in the path, since JAX can't mix what it compiles with what it does not."""
    return ops.convert_to_tensor(np.asarray(x, "float32"))


def each(x: Any) -> Any:
    """Each number as the one entry of a sample."""
    return ops.expand_dims(x, -1)


def affine(base: Any, slope: Any) -> Callable:
    """The path `base + x * slope`, of arrays of one shape."""
    base, slope = np.broadcast_arrays(np.asarray(base, "float32"), np.asarray(slope, "float32"))

    def path(x: Any) -> Any:
        return constant(base) + ops.reshape(x, (-1,) + (1,) * slope.ndim) * constant(slope)

    return path


def turned(degrees: Any) -> Any:
    """Unit vectors `(..., 2)` in these directions."""
    radians = degrees * (np.pi / 180)
    return ops.stack([ops.cos(radians), ops.sin(radians)], axis=-1)


def listed(numbers: Any) -> str:
    """Numbers as text."""
    return ", ".join(f"{number:g}" for number in numbers)
