"""Positive parameters of distributions, from the raw output of a network, within safe bounds."""

import math
from typing import Literal, TypeAlias

from keras import ops

from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import clip, softplus

Link: TypeAlias = Literal["log", "softplus", "identity"]
"""What an output may hold: the logarithm of a parameter, `log(exp(parameter) - 1)`, or the parameter."""


ScaleLink: TypeAlias = Literal["log", "softplus", "identity", "variance", "log_variance"]
"""The scale of a normal distribution may also come as its square or the logarithm of that."""


LARGEST_LOG = 40.0
"""The logarithm of the largest parameter."""


def clip_straight_through(x: Tensor, least: float, most: float) -> Tensor:
    """`clip(x, least, most)` with gradient 1 everywhere, so that what was clipped can come back."""
    # x - x is 0 but for its gradient; the clipped value must not be rounded by a large x.
    return ops.stop_gradient(clip(x, least, most)) + (x - ops.stop_gradient(x))


def positive(raw: Tensor, link: str, epsilon: float) -> tuple[Tensor, Tensor]:
    """The parameter of the output `raw` and its logarithm, at least `epsilon` and at most `exp(40)`.

    Beyond a bound, value and gradient are those at the bound, and the gradient is passed on to `raw`. With
    the variance links, the bounds are those of the variance, and the parameter is its root.
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
