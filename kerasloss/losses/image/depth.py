"""Depth of each pixel, known up to scale and shift."""

from typing import Annotated, Any, Literal

import keras
import numpy as np
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Count, NonNegative, within
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import (
    absolute,
    clip_below,
    largest_magnitude,
    last_first,
    safe_divide,
    scale_to_one,
)
from kerasloss.core.registry import register

SPACE = (1, 2)
"""The axes of height and width."""


@register
class ScaleShiftInvariant(Loss):
    """Depth or disparity of one image, of which neither the unit nor the zero is known.

    Formula: `sum(d ** 2) / (2 M)` over the M valid pixels, with `d = s * y_pred + t - y_true` for the s and t
    that make it least; plus `alpha` times the sum of the differences `|d[i] - d[j]|` of valid neighbours,
    divided by the number of valid pixels, on every pixel, every second, fourth, ... row and column.

    With `alignment="median"` d is the difference of both images, each minus its median (of two the lower)
    and divided by the mean magnitude of what is left, and the first part is `sum(|d|) / (2 M)`.

    Args:
        alpha: The weight of the neighbours' part, >= 0.
        scales: On how many grids they are compared, an integer >= 1.
        alignment: `"least_squares"` or `"median"`, which outliers move less.
        trim: The share of the largest `|d|` that is left out of the first part, in [0, 1), for `"median"`.
        min_depth, max_depth: A pixel is valid if its label is finite and between these; None: no limit.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: images of depth or disparity `(batch, height, width)` or `(..., 1)`.
        Returns `(batch,)`.

    Raises:
        ValueError: If an argument is out of range or `trim` is given to `"least_squares"`, or the shapes
            differ.

    Use it to mix data sets whose depths have different units, with `"median"` and `trim=0.2` if labels are
    noisy; not where the unit is known (`ScaleInvariantLogarithmic`, `ReverseHuber`). An image without a valid
    pixel does not count. The gradient flows through scale and shift; a prediction that is the same everywhere
    has no gradient in the first part with `"least_squares"`.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[[1.0, 2.0], [3.0, 5.0]]]), np.array([[[0.0, 1.0], [1.0, 3.0]]])
    >>> print(round(float(kerasloss.ScaleShiftInvariant(scales=1)(y_true, y_pred)), 4))
    0.3158

    Equivalents: the code of MiDaS: default, or with `reduction="batch-based"` and `scales=1` the number of
    valid pixels as the sample weight: MiDaS divides each scale by its own number.

    Reference: Ranftl et al., 2022, Towards Robust Monocular Depth Estimation: Mixing Datasets for Zero-shot
    Cross-dataset Transfer, IEEE TPAMI (arXiv 1907.01341).
    """

    kind = "image"
    activation = "linear"

    alpha: NonNegative = 0.5
    scales: Count = 4
    alignment: Literal["least_squares", "median"] = "least_squares"
    trim: Annotated[float, within(least=0, below=1)] = 0.0
    min_depth: float | None = None
    max_depth: float | None = None

    def __post_init__(self) -> None:
        if self.trim and self.alignment != "median":
            checks.fail(self, '`trim` needs `alignment="median"`', f"trim={self.trim!r}")
        if None not in (self.min_depth, self.max_depth) and self.min_depth > self.max_depth:
            received = f"min_depth={self.min_depth!r}, max_depth={self.max_depth!r}"
            checks.fail(self, "`min_depth` must not be above `max_depth`", received)

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return list(SPACE)

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        received = f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}"
        y_true, y_pred = (
            ops.squeeze(x, -1) if len(x.shape) == 4 and x.shape[-1] == 1 else x for x in (y_true, y_pred)
        )
        if len(y_pred.shape) != 3 or not checks.lengths_match(tuple(y_true.shape), tuple(y_pred.shape)):
            what = "`y_true` and `y_pred` must have one shape, (batch, height, width) or (..., 1)"
            checks.fail(self, what, received)
        return y_true, y_pred

    def valid(self, y_true: Tensor) -> Tensor:
        """True where the depth is known."""
        valid = ops.isfinite(y_true)
        if self.min_depth is not None:
            valid = ops.logical_and(valid, y_true >= self.min_depth)
        if self.max_depth is not None:
            valid = ops.logical_and(valid, y_true <= self.max_depth)
        return valid

    def counts(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return ops.any(self.valid(y_true), axis=last_first(SPACE))

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        valid = self.valid(y_true)
        y_true, y_pred = (ops.where(valid, x, 0) for x in (y_true, y_pred))
        there = ops.cast(valid, y_pred.dtype)
        if self.alignment == "least_squares":
            d = _residual(y_true, y_pred, there)
            value = 0.5 * _mean(ops.square(d), there)
        else:
            d = _standardized(y_pred, valid) - _standardized(y_true, valid)
            value = self.trimmed(absolute(d), valid)
        return value + self.alpha * sum(_roughness(d, there, 2**k) for k in range(self.scales))

    def trimmed(self, d: Tensor, valid: Tensor) -> Tensor:
        """Half the sum of the smallest of the valid ones, divided by the number of all of them."""
        d, valid = _flat(d), _flat(valid)
        count = ops.sum(ops.cast(valid, d.dtype), axis=1)
        if self.trim:
            order = ops.argsort(ops.stop_gradient(ops.where(valid, d, float("inf"))), axis=1)
            kept = ops.expand_dims(ops.floor(count * (1 - self.trim)), -1)
            rank = ops.cast(ops.expand_dims(ops.arange(ops.shape(d)[1], dtype="int32"), 0), d.dtype)
            d = ops.where(rank < kept, ops.take_along_axis(d, order, axis=1), 0)
        return 0.5 * safe_divide(ops.sum(d, axis=1), count)


def _mean(x: Tensor, there: Tensor) -> Tensor:
    """The mean over the valid pixels, of an x that is 0 elsewhere."""
    return safe_divide(ops.sum(x, axis=SPACE), ops.sum(there, axis=SPACE))


def _centered(x: Tensor, there: Tensor) -> Tensor:
    """`x` minus its mean over the valid pixels, 0 elsewhere."""
    return there * (x - ops.reshape(_mean(x, there), (-1, 1, 1)))


def _residual(y_true: Tensor, y_pred: Tensor, there: Tensor) -> Tensor:
    """What is left of the least-squares fit to the target."""
    y, x = _centered(y_true, there), _centered(y_pred, there)
    rounding = 4 * float(np.finfo(keras.backend.standardize_dtype(x.dtype)).eps)
    is_flat = largest_magnitude(x, SPACE) <= rounding * largest_magnitude(y_pred, SPACE)
    x = scale_to_one(ops.where(is_flat, 0, x), SPACE)
    slope = safe_divide(ops.sum(x * y, axis=SPACE), ops.sum(ops.square(x), axis=SPACE))
    return ops.reshape(slope, (-1, 1, 1)) * x - y


def _standardized(x: Tensor, valid: Tensor) -> Tensor:
    """`x` minus its median, divided by the mean magnitude of that, over the valid pixels; 0 elsewhere."""
    x = ops.where(valid, x - ops.reshape(_median(_flat(x), _flat(valid)), (-1, 1, 1)), 0)
    size = clip_below(_mean(absolute(x), ops.cast(valid, x.dtype)), 1e-6)
    return x / ops.reshape(size, (-1, 1, 1))


def _median(x: Tensor, valid: Tensor) -> Tensor:
    """The median of the valid entries of each row, the lower one of an even number; `(batch, 1)`."""
    order = ops.argsort(ops.stop_gradient(ops.where(valid, x, float("inf"))), axis=1)
    count = ops.sum(ops.cast(valid, "int32"), axis=1, keepdims=True)
    place = ops.take_along_axis(order, ops.maximum(count - 1, 0) // 2, axis=1)
    return ops.take_along_axis(x, place, axis=1)


def _roughness(d: Tensor, there: Tensor, step: int) -> Tensor:
    """The sum of the differences of valid neighbours on a grid, divided by the number of its pixels."""
    d, there = d[:, ::step, ::step], there[:, ::step, ::step]
    along_width = absolute(d[:, :, 1:] - d[:, :, :-1]) * (there[:, :, 1:] * there[:, :, :-1])
    along_height = absolute(d[:, 1:] - d[:, :-1]) * (there[:, 1:] * there[:, :-1])
    total = ops.sum(along_width, axis=SPACE) + ops.sum(along_height, axis=SPACE)
    return safe_divide(total, ops.sum(there, axis=SPACE))


def _flat(x: Tensor) -> Tensor:
    """The pixels of each image in one row."""
    return ops.reshape(x, (ops.shape(x)[0], x.shape[1] * x.shape[2]))
