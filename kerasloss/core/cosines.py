"""Cosines of classes: that of the true class replaced, and the angles that belong to them."""

import math
from collections.abc import Callable

from keras import ops

from kerasloss.core.labels import is_ids, safe_ids
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import argmax, constant, safe_sqrt, take_at


def replace_target(psi: Callable, y_true: Tensor, c: Tensor) -> Tensor:
    """`c` with `psi(c)` for the class of the label: the id, or the largest one-hot entry."""
    ids = y_true if is_ids(y_true, c) else argmax(y_true, -1)
    is_target = ops.equal(ops.expand_dims(ids, -1), ops.arange(c.shape[-1], dtype=ids.dtype))
    target = take_at(c, safe_ids(ids, c.shape[-1])[0], -1)
    return ops.where(is_target, ops.expand_dims(psi(target), -1), c)


def sine(c: Tensor) -> Tensor:
    """The sine of the angle of a cosine; 0, with gradient 0, where that is not inside (-1, 1)."""
    return safe_sqrt(ops.relu((1 - c) * (1 + c)))


def angle(c: Tensor) -> Tensor:
    """The angle of a cosine, in [0, pi]; without gradient where that is not inside (-1, 1)."""
    sin = sine(c)
    flat = ops.equal(sin, 0)
    # Keras's arctan2 computes float64 in float32 on PyTorch; the slope of an arccos is infinite at the ends.
    theta = math.pi / 2 - ops.arctan(c / ops.where(flat, 1, sin))
    return ops.where(flat, ops.where(c < 0, constant(math.pi, c), constant(0.0, c)), theta)
