"""Probabilities as a model returns them: their sum, range and logarithm."""

import keras
from keras import ops

from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import TINY, all_between, clip, clip_above, clip_below, nan_unless

ROUNDING = 1e-5
"""How far above 1 a probability may be."""


def as_probabilities(p: Tensor) -> Tensor:
    """Probabilities as given; NaN in place of one outside [0, 1]."""
    return nan_unless(ops.logical_and(p >= 0, p <= 1 + ROUNDING), p)


def total_probability(p: Tensor, axis: int, keepdims: bool = False) -> Tensor:
    """The sum of probabilities over `axis`, to divide them by; 1 if all are 0, NaN if one is negative."""
    total = ops.sum(p, axis=axis, keepdims=keepdims)
    positive = all_between(p, 0, None, axis, keepdims)
    # Added, since a selection has a gradient of its own; 0 leaves a total what it is.
    return total + ops.where(positive, ops.cast(total < TINY, total.dtype), float("nan"))


def normalize(p: Tensor, axis: int) -> Tensor:
    """Probabilities divided by their sum over `axis`; a row of zeros stays 0, a negative one gives NaN."""
    return p / total_probability(p, axis, keepdims=True)


def clipped_log(p: Tensor) -> Tensor:
    """`log(clip(p, epsilon, 1 - epsilon))` with Keras's epsilon, 1e-7."""
    epsilon = keras.config.epsilon()
    return ops.log(clip(p, epsilon, 1 - epsilon))


def clip_to_one(p: Tensor, epsilon: float) -> Tensor:
    """`clip(p, epsilon, 1)` with gradient 1 at both ends."""
    if keras.backend.backend() == "torch":
        return clip(p, epsilon, 1.0)  # whose gradient is 1 there, in one pass
    return clip_above(clip_below(p, epsilon), 1.0)
