"""Numerically stable primitives: right values and gradients at the places where the naive form fails."""

import math
import string
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

TINY = 2.0**-126  # the smallest normal float32, whose reciprocal is finite
ABSENT = -1e30
"""The score or log-probability of something absent: finite, so that differences of two are not NaN."""
DECIBELS = 10 / math.log(10)
"""What a natural logarithm of a ratio of powers is multiplied by to be in decibels."""


def mean(x: Any, axis: Any = None) -> Any:
    """The mean over `axis`, in the dtype of `x` (Keras's own computes float64 in float32)."""
    axes = range(len(x.shape)) if axis is None else axis
    lengths = [x.shape[a] for a in (axes if isinstance(axes, (list, tuple, range)) else [axes])]
    if None not in lengths:
        if keras.backend.backend() == "tensorflow":
            return ops.mean(x, axis=axis)  # right in float64 there, and eagerly 1.5 times as fast
        return ops.sum(x, axis=axis) / math.prod(lengths)
    total = ops.sum(x, axis=axis)
    return safe_divide(total, ops.cast(ops.size(x), x.dtype) / ops.cast(ops.size(total), x.dtype))


def all_between(x: Any, least: float, most: float | None, axis: Any, keepdims: bool = False) -> Any:
    """True where all of `x` along `axis` is in [least, most] (None: no end), without gradient."""
    if is_eager_tensorflow(x):
        # There `amin` checks in several steps that it is not empty: 4 times as long.
        inside = x >= least if most is None else (x >= least) & (x <= most)
        return ops.all(inside, axis=axis, keepdims=keepdims)
    x = ops.stop_gradient(x)
    inside = ops.amin(x, axis=axis, keepdims=keepdims) >= least
    return inside if most is None else inside & (ops.amax(x, axis=axis, keepdims=keepdims) <= most)


def last_first(axes: Iterable[int]) -> list[int]:
    """Axes for `ops.any` and `ops.all`: Keras 3.11 on PyTorch takes away one at a time, and counts anew."""
    return sorted(axes, reverse=True)


def repeat_rows(x: Any, count: int) -> Any:
    """Each row `count` times in a row: `ops.repeat`, which PyTorch does not compile in Keras 3.11."""
    return ops.reshape(ops.stack([x] * count, axis=1), (-1, *x.shape[1:]))


def custom_gradient(function: Callable) -> Callable:
    """Keras's own, for a function that returns its value and its gradient, a function of the upstream one.

    Keras hands the upstream gradient over as an argument on JAX and TensorFlow, by name on PyTorch.
    """

    def adapted(*inputs):
        value, slopes = function(*inputs)

        def gradient(*args, upstream=None):
            return slopes(args[0] if upstream is None else upstream)

        return value, gradient

    return ops.custom_gradient(adapted)


def is_eager_tensorflow(x: Any) -> bool:
    """Whether TensorFlow computes with `x` step by step, with nothing compiled."""
    return keras.backend.backend() == "tensorflow" and hasattr(x, "numpy")


def is_float(x: Any) -> bool:
    """Whether a tensor has a float type."""
    return keras.backend.is_float_dtype(x.dtype)


def is_float64(x: Any) -> bool:
    """Whether `x` is of the dtype for which some of Keras's own functions go through float32."""
    return keras.backend.standardize_dtype(x.dtype) == "float64"


def nan_unless(right: Any, x: Any) -> Any:
    """`x`, NaN where not `right`: the gradient there is 0, or, on eager TensorFlow, that of `x`."""
    if is_eager_tensorflow(x):
        # The gradient of a selection takes several steps there, a quarter of the time of a small loss.
        return x + ops.where(right, constant(0, x), float("nan"))
    return ops.where(right, x, float("nan"))


def take_at(x: Any, ids: Any, axis: int) -> Any:
    """The entry of `x` at each id in [0, C), which stand in the shape of `x` without `axis`."""
    # On TensorFlow `take_along_axis` takes 10 times as long as the first way here, and up to 1.6 times as
    # long as the second if both are compiled. Of many classes the second scatters its gradient into one more
    # array of that size: there the first takes half of the time.
    length = x.shape[axis]
    few = is_eager_tensorflow(x) and length <= 64
    many = keras.backend.backend() == "tensorflow" and (length or 0) >= 4096
    if few or many:
        is_id = ops.one_hot(ids, length, axis=axis, dtype="bool")
        return ops.sum(ops.where(is_id, x, constant(0, x)), axis=axis)
    if keras.backend.backend() == "tensorflow" and axis in (-1, len(x.shape) - 1):
        flat = ops.reshape(ops.cast(ids, "int64"), (-1,))
        flat = flat + ops.cast(ops.shape(x)[-1], "int64") * ops.arange(ops.size(flat), dtype="int64")
        return ops.reshape(ops.take(ops.reshape(x, (-1,)), flat), ops.shape(ids))
    return ops.squeeze(ops.take_along_axis(x, ops.expand_dims(ids, axis), axis=axis), axis)


def weighted_mean(x: Any, weight: Any, axis: Any) -> Any:
    """`sum(weight * x) / sum(weight)` over `axis`, 0 if all weights are; None: all weigh the same."""
    if weight is None:
        return mean(x, axis=axis)
    weight = weight * ops.ones_like(x)
    return safe_divide(ops.sum(weight * x, axis=axis), ops.sum(weight, axis=axis))


def cumulative_sum(x: Any) -> Any:
    """The cumulative sum over the last axis, in the dtype of `x`, for the same reason as in `mean`."""
    if not is_float64(x):
        return ops.cumsum(x, axis=-1)
    triangle = ops.convert_to_tensor(np.triu(np.ones([x.shape[-1]] * 2)), dtype=x.dtype)
    return last_axis_product(x, triangle)


def last_axis_product(x: Any, matrix: Any) -> Any:
    """`x` times a matrix, or a tensor of more axes, over the last axis of `x` and the first of the other.

    `matmul` of Keras computes float64 in float32 on PyTorch. And the axes have letters: of an ellipsis
    TensorFlow 2.16 and 2.17 make, on some processors, a wrong product in every call that isn't compiled.
    """
    batch = string.ascii_uppercase[: len(x.shape) - 1]
    others = string.ascii_lowercase[: len(matrix.shape) - 1]
    return ops.einsum(f"{batch}z,z{others}->{batch}{others}", x, matrix)


# The functions from here to `softplus` stand in for Keras's own, which go through float32 for float64 on
# PyTorch: `maximum` and `minimum` always, the others for a Python number. PyTorch's softplus is `x` beyond
# 20.


def constant(value: float, x: Any) -> Any:
    """A Python number as a tensor of the dtype of `x`."""
    return ops.convert_to_tensor(value, dtype=x.dtype)


def clip_below(x: Any, least: float) -> Any:
    """`max(x, least)` with gradient 1 at `x = least` and NaN kept."""
    return ops.where(x < least, constant(least, x), x)


def clip_above(x: Any, most: float) -> Any:
    """`min(x, most)` with gradient 1 at `x = most`, 0 beyond, and NaN kept."""
    return ops.where(x > most, constant(most, x), x)


def clip(x: Any, least: float, most: float) -> Any:
    """`x` between two bounds, in the dtype of `x`."""
    return ops.clip(x, constant(least, x), constant(most, x)) if is_float64(x) else ops.clip(x, least, most)


def maximum(x: Any, y: Any) -> Any:
    """The larger of two tensors, in their dtype; ties share the gradient, on TensorFlow too."""
    if is_float64(x) or keras.backend.backend() == "tensorflow":
        return ops.where(ops.equal(x, y), 0.5 * (x + y), ops.where(x < y, y, x))
    return ops.maximum(x, y)


def minimum(x: Any, y: Any) -> Any:
    """The smaller of two tensors; see `maximum`."""
    if is_float64(x) or keras.backend.backend() == "tensorflow":
        return ops.where(ops.equal(x, y), 0.5 * (x + y), ops.where(x < y, x, y))
    return ops.minimum(x, y)


def largest_of_three(x: Any, axes: Sequence[int]) -> Any:
    """The maximum of every position and its neighbours, over a window of 3 along each of the axes.

    `x` is `(batch, *space, channels)`. The first of several equal ones in a window gets the gradient.
    """
    if keras.backend.backend() != "tensorflow":
        windows = tuple(3 if axis in axes else 1 for axis in range(1, len(x.shape) - 1))
        return ops.max_pool(x, windows, strides=1, padding="same", data_format="channels_last")
    for axis in reversed(axes):  # TensorFlow's own pooling in 3-D gives the gradient to several
        before = ops.concatenate([cut(x, axis, 0, 1), cut(x, axis, 0, -1)], axis=axis)
        behind = ops.concatenate([cut(x, axis, 1, None), cut(x, axis, -1, None)], axis=axis)
        x = ops.where(before < x, x, before)
        x = ops.where(x < behind, behind, x)
    return x


def cut(x: Any, axis: int, start: int | None, stop: int | None, step: int | None = None) -> Any:
    """A part of `x` along an axis."""
    return x[(slice(None),) * axis + (slice(start, stop, step),)]


def softplus(x: Any) -> Any:
    """`log(1 + exp(x))`, in the dtype of `x`."""
    if is_float64(x):
        positive = ops.relu(x)
        return positive + ops.log1p(ops.exp(x - 2 * positive))  # exp(-|x|), with a slope at 0
    return ops.softplus(x)


def absolute(x: Any) -> Any:
    """`|x|` with gradient 0 at 0, unlike JAX's own."""
    if keras.backend.backend() == "jax":
        x = ops.where(ops.equal(x, 0), 0, x)
    return ops.abs(x)


def pinball(x: Any, above: Any, below: Any) -> Any:
    """`above * x` where `x > 0`, `-below * x` where `x < 0`, with gradient 0 at 0; both factors are >= 0."""
    if keras.backend.backend() == "jax":
        x = ops.where(ops.equal(x, 0), 0, x)
        return maximum(above * x, -below * x)  # fused; elsewhere these two are slow
    return ops.relu(above * x) + ops.relu(-below * x)


def curvature(gradient: Any, x: Any) -> Any:
    """0, with gradient 0, whose second derivative by `x` is the first of `gradient`, entry by entry.

    Added to a value whose gradient is given by a formula, or by an envelope theorem, without derivatives of
    its own, it makes the second derivative right.
    """
    x = clip_below(x, ABSENT)
    return 0.5 * (gradient - ops.stop_gradient(gradient)) * (x - ops.stop_gradient(x))


def safe_sqrt(x: Any) -> Any:
    """Square root with value 0 and gradient 0 at 0."""
    zero = ops.equal(x, 0)
    return ops.where(zero, 0, ops.sqrt(ops.where(zero, 1, x)))


def power(x: Any, exponent: float) -> Any:
    """`max(x, 0) ** exponent`, with gradient 0 where `x <= 0` even if the exponent is below 1."""
    positive = x > 0
    return ops.where(positive, ops.where(positive, x, 1) ** exponent, 0 * x)


def huber(x: Any) -> Any:
    """`x ** 2 / 2` for |x| < 1, `|x| - 1/2` beyond."""
    if keras.backend.backend() == "jax":
        magnitude = ops.abs(x)
        return ops.where(magnitude < 1, 0.5 * x * x, magnitude - 0.5)  # fused; four more passes elsewhere
    clipped = ops.hard_tanh(x)
    return clipped * (x - 0.5 * clipped)


def argmax(x: Any, axis: int) -> Any:
    """The index of the largest entry over `axis`, the first of equal ones, `int32`."""
    return _first_best(ops.argmax, ops.amax, x, axis)


def argmin(x: Any, axis: int) -> Any:
    """The index of the smallest entry over `axis`, the first of equal ones, `int32`."""
    return _first_best(ops.argmin, ops.amin, x, axis)


def _first_best(index_of_best: Callable, best: Callable, x: Any, axis: int) -> Any:
    if keras.backend.backend() == "torch":
        return ops.cast(index_of_best(x, axis=axis), "int32")
    # XLA compiles its own search to 10 to 30 times the time of these two vectorized passes.
    x = ops.stop_gradient(x)
    is_nan = ops.not_equal(x, x)
    found = ops.logical_or(ops.equal(x, best(x, axis=axis, keepdims=True)), is_nan)
    length = ops.shape(x)[axis]
    index = ops.arange(length, dtype="int32")
    shape = [1] * len(x.shape)
    shape[axis] = -1
    return ops.amin(ops.where(found, ops.reshape(index, shape), length - 1), axis=axis)


def is_largest(x: Any) -> Any:
    """True at the largest entry of the last axis, the first of equal ones."""
    index = ops.expand_dims(argmax(x, -1), -1)
    return index == ops.arange(x.shape[-1], dtype=index.dtype)


def log1m_softmax(x: Any) -> Any:
    """`log(1 - softmax(x))` over the last axis, exact where a probability is almost 1 too."""
    x = subtract_max(x, -1)
    top = is_largest(x)
    total = ops.logsumexp(x, axis=-1, keepdims=True)
    rest = ops.logsumexp(ops.where(top, ABSENT, x), axis=-1, keepdims=True)
    return ops.where(top, rest - total, ops.log1p(-ops.where(top, 0, ops.exp(x - total))))


def safe_divide(x: Any, y: Any) -> Any:
    """`x / y` with value 0 and gradient 0 where `y` is 0."""
    zero = ops.equal(y, 0)
    return ops.where(zero, 0, x / ops.where(zero, 1, y))


def weighted_sum(weight: Any, x: Any, axis: int) -> Any:
    """`sum(weight * x)` over `axis`; an infinite `x` of weight 0 adds nothing."""
    return ops.sum(ops.where(ops.equal(weight, 0), 0, weight * x), axis=axis)


def subtract_max(x: Any, axis: int) -> Any:
    """`x` minus its maximum over `axis`, without gradient through the maximum."""
    return x - ops.stop_gradient(ops.amax(x, axis=axis, keepdims=True))


def finite_log_softmax(x: Any, axis: int) -> Any:
    """`log_softmax(x)`, about -3e38 where `x` is -inf, so that a weight of 0 makes it 0; NaN is kept."""
    return ops.log_softmax(ops.threshold(x, -3e38, -3e38), axis=axis)


def weighted_log_softmax(weight: Any, x: Any, axis: int) -> Any:
    """`sum(weight * log_softmax(x))` over `axis`; an `x` of -inf with weight 0 adds nothing."""
    if keras.backend.backend() == "torch":
        # Eager PyTorch wants few passes and has a fast log-softmax.
        return ops.sum(weight * finite_log_softmax(x, axis), axis=axis)
    x = subtract_max(x, axis)
    log_total = ops.log(ops.sum(ops.exp(x), axis=axis))
    return weighted_sum(weight, x, axis) - ops.sum(weight, axis=axis) * log_total


def crossentropy_of_logit(y: Any, x: Any) -> Any:
    """`-y log(p) - (1 - y) log(1 - p)` with `p = sigmoid(x)`, for every entry."""
    if keras.backend.backend() == "torch":
        return ops.binary_crossentropy(y, x, from_logits=True)  # one pass there
    positive = ops.relu(x)
    return positive - x * y + ops.log1p(ops.exp(x - 2 * positive))  # exp(-|x|), with a slope at 0


def log_cosh(x: Any) -> Any:
    """`log(cosh(x))`, with a small relative error near 0, and finite far away."""
    if keras.backend.backend() == "tensorflow":
        return _log_cosh_with_slope(x)  # backward a product, not the gradients of ten operations
    return _log_cosh(x)


def _log_cosh(x: Any) -> Any:
    magnitude = 2 * ops.relu(x) - x  # |x|, with a slope at 0 too: the second derivative needs it
    rest = ops.relu(magnitude - 20)  # log(cosh(x)) has slope 1 there
    power = ops.expm1(magnitude - rest)
    return ops.log1p(power * power / (2 + 2 * power)) + rest


@custom_gradient
def _log_cosh_with_slope(x: Any) -> tuple[Any, Callable]:
    return _log_cosh(x), lambda upstream: upstream * ops.tanh(x)


def largest_magnitude(x: Any, axis: Any) -> Any:
    """`max(|x|)` over `axis`, which is kept, without gradient; 0 below the smallest normal float32."""
    largest = ops.amax(ops.abs(ops.stop_gradient(x)), axis=axis, keepdims=True)
    return ops.where(largest < TINY, 0, largest)


def reciprocal(x: Any) -> Any:
    """`1 / x`, and 0 where `x` is 0."""
    return safe_divide(1, x)


def scale_to_one(x: Any, axis: Any) -> Any:
    """`x` divided by its largest magnitude over `axis` (0 stays 0): squares neither over- nor underflow.

    No gradient flows through the divisor: use it where the result does not depend on the scale.
    """
    return x * reciprocal(largest_magnitude(x, axis))


def falling_exp(x: Any) -> Any:
    """`exp(x)` beside a sum of at least 1, where less than `exp(-80)` changes nothing.

    On PyTorch an exponential that underflows takes 10 to 30 times as long as another one.
    """
    return ops.exp(ops.threshold(x, -80.0, -80.0))


def bounded_exp(x: Any) -> Any:
    """`exp(x)`, continued as a line beyond 50, which leaves factors up to 1e16 until float32 overflows."""
    near = clip_above(x, 50.0)
    return ops.exp(near) * (1 + (x - near))


def logaddexp(x: Any, y: Any) -> Any:
    """`log(exp(x) + exp(y))`; equal ones share the gradient on every backend."""
    shift = ops.stop_gradient(maximum(x, y))
    return shift + ops.log(falling_exp(x - shift) + falling_exp(y - shift))


def logsumexp(x: Any, axis: int, mask: Any = None) -> Any:
    """`log(sum(exp(x)))` over `axis`, or over the entries of `mask`; about `ABSENT` if it is empty.

    If all entries are -inf, so is the value, with gradient 0.
    """
    fixed = ops.stop_gradient(x)
    if mask is not None:
        fixed = ops.where(mask, fixed, ABSENT)
    largest = ops.amax(fixed, axis=axis, keepdims=True)
    shift = ops.where(ops.isfinite(largest), largest, 0)
    if keras.backend.backend() == "torch":
        # Eagerly up to three times as fast as Keras's own: no exponential underflows (see `falling_exp`), and
        # they are kept for the backward pass, where that computes them again.
        if mask is None:
            terms = falling_exp(x - shift)
        else:  # one selection for the mask and for what would underflow
            terms = ops.exp(ops.where(fixed > shift - 80, x - shift, -80))
        return ops.log(ops.sum(terms, axis=axis)) + ops.squeeze(largest, axis)
    if mask is not None:
        x = ops.where(mask, x, ABSENT)
    total = ops.sum(ops.exp(x - shift), axis=axis)
    total = ops.where(ops.equal(total, 0), 1, total)
    return ops.log(total) + ops.squeeze(largest, axis)


def running(combine: Callable, x: Any, fill: float, groups: Any = None) -> Any:
    """`combine` of all entries up to each, along axis 1, in log2(N) passes; `fill` changes nothing.

    With `groups`, integers >= 0 of the shape of `x`, of the entries of the same group alone; the entries of a
    group stand side by side. Keras's associative scan never ends on TensorFlow where the length is unknown.
    """
    length = x.shape[1]
    for i in range(20 if length is None else (length - 1).bit_length()):
        before = _moved(x, 2**i, fill)
        if groups is not None:
            before = ops.where(_moved(groups, 2**i, -1) == groups, before, constant(fill, x))
        x = combine(before, x)
    return x


def _moved(x: Any, count: int, fill: float) -> Any:
    """The entries that stand `count` places before, along axis 1; `fill` where there are none."""
    before = ops.full((ops.shape(x)[0], count, *x.shape[2:]), fill, dtype=x.dtype)
    return ops.concatenate([before, x], axis=1)[:, : ops.shape(x)[1]]


def last_of_ties(x: Any) -> Any:
    """The index of the last of the entries that are equal to each, along axis 1 of a sorted matrix."""
    count = ops.shape(x)[1]
    place = ops.broadcast_to(ops.arange(count, dtype="int32"), ops.shape(x))
    ends = ops.concatenate([x[:, 1:] != x[:, :-1], ops.ones_like(x[:, :1], dtype="bool")], axis=1)
    place = ops.where(ends, place, count - 1)
    return ops.flip(running(ops.minimum, ops.flip(place, axis=1), 2**30), axis=1)


def log1p_sum_exp(x: Any, weight: Any, axis: int) -> Any:
    """`log(1 + sum(weight * exp(x)))` over `axis`; an `x` of weight 0 adds nothing, whatever it is."""
    x = ops.where(ops.equal(weight, 0), 0, x)
    shift = ops.stop_gradient(ops.relu(ops.amax(x, axis=axis, keepdims=True)))
    total = ops.sum(weight * ops.exp(x - shift), axis=axis)
    shift = ops.squeeze(shift, axis)
    return shift + ops.log1p(ops.expm1(-shift) + total)


def norm(x: Any, axis: Any) -> Any:
    """The Euclidean norm over `axis`, with value 0 and gradient 0 at 0; never over- or underflows."""
    largest = largest_magnitude(x, axis)
    squares = ops.sum(ops.square(x * reciprocal(largest)), axis=axis)
    return ops.squeeze(largest, axis) * safe_sqrt(squares)


def unit(x: Any, axis: Any) -> Any:
    """`x` divided by its Euclidean norm over `axis`; a zero vector stays 0, with gradient 0."""
    x = scale_to_one(x, axis)
    return x * reciprocal(safe_sqrt(ops.sum(ops.square(x), axis=axis, keepdims=True)))


def cosine(x: Any, y: Any, axis: Any) -> Any:
    """The cosine of two vectors over `axis`; 0, with gradient 0, if one of them is 0."""
    x, y = scale_to_one(x, axis), scale_to_one(y, axis)
    squares = ops.sum(ops.square(x), axis=axis) * ops.sum(ops.square(y), axis=axis)
    return safe_divide(ops.sum(x * y, axis=axis), safe_sqrt(squares))
