"""Positive parameters of distributions: what a network's raw output says about them, kept in safe bounds."""

import math
from typing import Literal, TypeAlias

from keras import ops

from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import clip, softplus

Link: TypeAlias = Literal["log", "softplus", "identity"]
"""What an output can hold of a positive parameter: its logarithm, `log(exp(it) - 1)`, or itself."""


ScaleLink: TypeAlias = Literal["log", "softplus", "identity", "variance", "log_variance"]
"""For the scale of a normal distribution also its square and the logarithm of that."""


LARGEST_LOG = 40.0
"""The logarithm of the largest parameter."""


def clip_straight_through(x: Tensor, least: float, most: float) -> Tensor:
    """`clip(x, least, most)` with gradient 1 everywhere, so that what was clipped can come back."""
    # x - x is 0 but for its gradient; the clipped value must not be rounded by a large x.
    return ops.stop_gradient(clip(x, least, most)) + (x - ops.stop_gradient(x))


def positive(raw: Tensor, link: str, epsilon: float) -> tuple[Tensor, Tensor]:
    """The parameter and its logarithm, of the output `raw`, at least `epsilon` and at most `exp(40)`.

    Beyond a bound value and gradient are those at the bound, and the gradient is handed on to `raw`. With the
    variance links the bounds are those of the variance, and the parameter is its root.
    """
    if link in ("log", "log_variance"):
        log_value = clip_straight_through(raw, math.log(epsilon), LARGEST_LOG)
        if link == "log_variance":
            log_value = 0.5 * log_value
        return ops.exp(log_value), log_value
    value = softplus(raw) if link == "softplus" else raw
    value = clip_straight_through(value, epsilon, math.exp(LARGEST_LOG))
    if link == "variance":
        value = ops.sqrt(value)
    return value, ops.log(value)
