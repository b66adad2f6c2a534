"""Positive parameters of distributions: what a network's raw output says about them, kept in safe bounds."""

import math
from collections.abc import Sequence

from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import DType, Reduction, Tensor
from kerasloss.core.targets import DistributionLoss

LINKS = ("log", "softplus", "identity")
"""What an output can hold of a positive parameter: its logarithm, `log(exp(it) - 1)`, or itself."""
SCALE_LINKS = (*LINKS, "variance", "log_variance")
"""For the scale of a normal distribution also its square and the logarithm of that."""
LARGEST_LOG = 40.0
"""The logarithm of the largest parameter."""


def clip_straight_through(x: Tensor, least: float, most: float) -> Tensor:
    """`clip(x, least, most)` with gradient 1 everywhere, so that what was clipped can come back."""
    # x - x is 0 but for its gradient; the clipped value must not be rounded by a large x.
    return ops.stop_gradient(ops.clip(x, least, most)) + (x - ops.stop_gradient(x))


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
    value = ops.softplus(raw) if link == "softplus" else raw
    value = clip_straight_through(value, epsilon, math.exp(LARGEST_LOG))
    if link == "variance":
        value = ops.sqrt(value)
    return value, ops.log(value)


class LinkedLoss(DistributionLoss):
    """A loss of distributions whose positive parameters `y_pred` holds through `link`."""

    links: Sequence[str] = LINKS
    """The links that the loss has."""

    def __init__(
        self, link: str, epsilon: float, reduction: Reduction, name: str | None, dtype: DType
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.link = checks.choice(self, "link", link, self.links)
        self.epsilon = checks.number(self, "epsilon", epsilon, above=0)

    def outputs(self, y_pred: Tensor) -> list[Tensor]:
        """The outputs of the last axis, one tensor each."""
        return [y_pred[..., i] for i in range(y_pred.shape[-1])]

    def positive(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """A positive parameter and its logarithm; see `positive`."""
        return positive(raw, self.link, self.epsilon)
