"""Weighted sums over masks, and the ratios that measure overlap."""

from collections.abc import Callable

import keras
from keras import ops

from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import TINY


def weighted_total(weight: Tensor | None, axes: list[int]) -> Callable[[Tensor], Tensor]:
    """The function `x -> sum(weight * x)` over the axes."""

    def total(x: Tensor) -> Tensor:
        x = x if weight is None else weight * x
        if len(axes) == len(x.shape):
            return ops.sum(x)  # faster than over all axes by name, in PyTorch
        return ops.sum(x, axis=axes) if axes else x  # PyTorch takes no axes for all axes

    return total


def zero_if_empty(value: Tensor, size: Tensor, smooth: float) -> Tensor:
    """The value; 0 where `smooth` is 0 and both the mask and the prediction are empty."""
    if smooth:
        return value
    # Below the smallest normal number some backends see 0 and some don't.
    return ops.where(ops.abs(size) < TINY, 0, value)


def one_minus_ratio(part: Tensor, whole: Tensor, size: Tensor, smooth: float) -> Tensor:
    """`1 - (part + smooth) / (whole + max(smooth, 1e-7))`; 0 if empty."""
    value = 1 - (part + smooth) / (whole + max(smooth, keras.config.epsilon()))
    return zero_if_empty(value, size, smooth)


def dice(
    y: Tensor, p: Tensor, total: Callable[[Tensor], Tensor], smooth: float, squared_pred: bool
) -> Tensor:
    """The Dice loss, `1 - (2 I + smooth) / (A + B + e)`."""
    overlap = total(y * p)
    size = total(ops.square(y)) + total(ops.square(p)) if squared_pred else total(y) + total(p)
    return one_minus_ratio(2 * overlap, size, size, smooth)


def tversky(
    y: Tensor, p: Tensor, total: Callable[[Tensor], Tensor], alpha: float, beta: float, smooth: float
) -> Tensor:
    """The Tversky loss, `1 - (I + smooth) / (I + alpha FP + beta FN + e)`, exact near 0 too."""
    common = y * p
    overlap, false_positives, misses = total(common), total(p - common), total(y - common)
    floor = max(smooth, keras.config.epsilon())
    errors = alpha * false_positives + beta * misses
    value = (errors + (floor - smooth)) / (overlap + errors + floor)
    return zero_if_empty(value, 2 * overlap + false_positives + misses, smooth)
