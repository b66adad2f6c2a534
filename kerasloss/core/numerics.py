"""Numerically stable primitives: right values and gradients at the places where the naive form fails."""

import math
from typing import Any

from keras import ops

LOG_2 = math.log(2.0)
TINY = 2.0**-126  # the smallest normal float32, whose reciprocal is finite


def mean(x: Any, axis: Any = None) -> Any:
    """The mean over `axis`, in the dtype of `x` (Keras's own computes float64 in float32)."""
    total, axes = ops.sum(x, axis=axis), range(len(x.shape)) if axis is None else axis
    lengths = [x.shape[a] for a in (axes if isinstance(axes, (list, tuple, range)) else [axes])]
    if None not in lengths:
        return total / math.prod(lengths)
    return total / ops.sum(ops.ones_like(x), axis=axis)


def floor(x: Any, least: float) -> Any:
    """`max(x, least)` with gradient 1 at `x = least` and NaN kept."""
    return ops.where(x < least, ops.cast(least, x.dtype), x)


def absolute(x: Any) -> Any:
    """`|x|` with gradient 0 at 0 (JAX's own has 1)."""
    return x * ops.sign(ops.stop_gradient(x))


def safe_sqrt(x: Any) -> Any:
    """Square root with value 0 and gradient 0 at 0."""
    zero = ops.equal(x, 0)
    return ops.where(zero, 0, ops.sqrt(ops.where(zero, 1, x)))


def safe_divide(x: Any, y: Any) -> Any:
    """`x / y` with value 0 and gradient 0 where `y` is 0."""
    zero = ops.equal(y, 0)
    return ops.where(zero, 0, x / ops.where(zero, 1, y))


def xlogy(x: Any, log_y: Any) -> Any:
    """`x * log_y` with `0 * -inf = 0`, in value and gradient."""
    zero = ops.equal(x, 0)
    return ops.where(zero, 0, x * ops.where(zero, 0, log_y))


def log_cosh(x: Any) -> Any:
    """`log(cosh(x))`, right in relative terms near 0 and finite far away."""
    near = ops.abs(x) < 1
    small = ops.sinh(0.5 * ops.where(near, x, 0))
    large = ops.where(near, 1, ops.abs(x))
    return ops.where(
        near,
        ops.log1p(2 * ops.square(small)),
        large + ops.log1p(ops.exp(-2 * large)) - LOG_2,
    )


def largest_magnitude(x: Any, axis: Any) -> Any:
    """`max(|x|)` over `axis`, kept, without gradient; 0 below the smallest normal float32.

    Dividing by it keeps squares from over- and underflowing, where the result does not depend on the scale.
    """
    largest = ops.max(ops.abs(ops.stop_gradient(x)), axis=axis, keepdims=True)
    return ops.where(largest < TINY, 0, largest)


def log1p_sum_exp(x: Any, weight: Any, axis: int) -> Any:
    """`log(1 + sum(weight * exp(x)))` over `axis`; an `x` of weight 0 adds nothing, whatever it is."""
    x = ops.where(ops.equal(weight, 0), 0, x)
    shift = ops.stop_gradient(ops.relu(ops.max(x, axis=axis, keepdims=True)))
    total = ops.sum(weight * ops.exp(x - shift), axis=axis)
    shift = ops.squeeze(shift, axis)
    return shift + ops.log1p(ops.expm1(-shift) + total)
