"""Labels: class ids and one-hot, smoothing, and classes that are ignored."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Loss, Tensor, and_masks
from kerasloss.core.numerics import is_float, nan_unless


def label_smoothing(y_true: Any, alpha: float, axis: int | None = -1) -> Tensor:
    """Mixes labels with the uniform distribution: `y (1 - alpha) + alpha / C`.

    Args:
        y_true: One-hot or soft labels; integers and booleans become floats.
        alpha: The share of the uniform distribution, in [0, 1].
        axis: The class axis, of length C. `None`: binary labels, `y (1 - alpha) + alpha / 2`.

    Returns:
        Labels of the same shape.

    Raises:
        ValueError: If `alpha` is outside [0, 1].

    Example:

    >>> import kerasloss, numpy as np
    >>> print(np.array(kerasloss.label_smoothing(np.array([[0, 1], [1, 0]]), 0.2)).round(4))
    [[0.1 0.9]
     [0.9 0.1]]

    Reference: Szegedy et al., 2016, Rethinking the Inception Architecture, CVPR (arXiv 1512.00567).
    """
    checks.number("label_smoothing", "alpha", alpha, least=0, most=1)
    return smooth_labels(y_true, alpha, axis)


def smooth_labels(y_true: Any, alpha: float, axis: int | None = -1) -> Tensor:
    """`label_smoothing` for an `alpha` that has already been checked."""
    y_true = ops.convert_to_tensor(y_true)
    if not keras.backend.is_float_dtype(y_true.dtype):
        y_true = ops.cast(y_true, keras.config.floatx())
    if alpha == 0:
        return y_true
    count = 2 if axis is None else y_true.shape[axis]
    return y_true * (1 - alpha) + alpha / count


def along_axis(vector: Any, x: Tensor, axis: int, dtype: str | None = None) -> Tensor:
    """A number, or a vector shaped so that it broadcasts along one axis of `x`."""
    vector = ops.convert_to_tensor(vector, dtype=dtype or x.dtype)
    if len(vector.shape) == 0:
        return vector
    shape = [1] * len(x.shape)
    shape[axis] = -1
    return ops.reshape(vector, shape)


def is_ids(y_true: Tensor, y_pred: Tensor) -> bool:
    """Whether prepared labels are class ids: they have no class axis."""
    return len(y_true.shape) < len(y_pred.shape)


def integers(y_true: Tensor) -> Tensor:
    """Class ids as signed integers of at least 32 bits; a fractional float becomes the lowest integer."""
    if is_float(y_true):
        if keras.backend.standardize_dtype(y_true.dtype) in ("float16", "bfloat16"):
            y_true = ops.cast(y_true, "float32")
        integral = ops.logical_and(ops.equal(y_true, ops.floor(y_true)), ops.abs(y_true) < 2.0**31)
        return ops.cast(ops.where(integral, y_true, -(2.0**31)), "int32")
    dtype = keras.backend.standardize_dtype(y_true.dtype)
    wide = dtype in ("int64", "uint32", "uint64")
    return ops.cast(y_true, "int64" if wide else "int32")


def safe_ids(ids: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The ids with 0 in place of those outside [0, count), and whether each is inside."""
    ids = ops.convert_to_tensor(ids)
    is_class = (ids >= 0) & (ids < count)
    return ids * ops.cast(is_class, ids.dtype), is_class


def class_ids(y_true: Tensor, pred_shape: tuple, axis: int) -> Tensor | None:
    """Integers of the shape of the predictions without the class axis; None if the labels are not ids.

    Ids may have an axis of length 1 in place of the class axis, or at the end.
    """
    shape, positions = tuple(y_true.shape), pred_shape[:axis] + pred_shape[axis + 1 :]
    if checks.lengths_match(shape, positions):
        return integers(y_true)
    if checks.lengths_match(shape, (*positions[:axis], 1, *positions[axis:])):
        return ops.squeeze(integers(y_true), axis)
    if checks.lengths_match(shape, (*positions, 1)):
        return ops.squeeze(integers(y_true), -1)
    return None


def one_hot(ids: Tensor, count: int, axis: int, dtype: str) -> Tensor:
    """One-hot labels with the classes on a new axis; NaN where an id is out of range."""
    rank = len(ids.shape) + 1
    shape = [1] * rank
    shape[axis] = count
    classes = ops.reshape(ops.arange(count, dtype=ids.dtype), shape)
    ids = ops.expand_dims(ids, axis)
    return nan_unless((ids >= 0) & (ids < count), ops.cast(ids == classes, dtype))


def counts_of_classes(y_true: Tensor, y_pred: Tensor, axis: int, ignore_class: Any) -> Tensor | None:
    """True where the class, an id or one-hot along `axis`, is not in `ignore_class`; None: everywhere."""
    if is_ids(y_true, y_pred):
        return not_ignored(y_true, ignore_class)
    counts = None
    for k in as_tuple(ignore_class):
        if 0 <= k < y_pred.shape[axis]:
            counts = and_masks(counts, ops.take(y_true, k, axis=axis) != 1)
    return counts


def as_tuple(value: Any) -> tuple:
    """None, one class or axis, or several of them, as a tuple."""
    if value is None:
        return ()
    return tuple(int(entry) for entry in (value if isinstance(value, Iterable) else [value]))


def not_ignored(y_true: Tensor, ignore_class: Any) -> Tensor | None:
    """True where a label is not in `ignore_class`; None: everywhere."""
    counts = None
    for k in as_tuple(ignore_class):
        if can_hold(y_true.dtype, k):
            counts = and_masks(counts, y_true != ops.cast(k, y_true.dtype))
    return counts


def no_labels(y_pred: Tensor, rank: int = 1) -> Tensor:
    """Zeros for the first `rank` axes of `y_pred`, in place of labels that a loss ignores."""
    axes = tuple(range(rank, len(y_pred.shape)))
    one = y_pred[(slice(None),) * rank + (slice(1),) * len(axes)]  # there may be none to take
    return ops.zeros_like(ops.sum(one, axis=axes))


def can_hold(dtype: Any, number: float) -> bool:
    """Whether a dtype can hold this number: uint8 cannot hold -100, and a cast would make it 156."""
    dtype = keras.backend.standardize_dtype(dtype)
    if dtype == "bool":
        return number in (0, 1)
    if keras.backend.is_float_dtype(dtype):
        return True
    limits = np.iinfo(dtype)
    return limits.min <= number <= limits.max and float(number).is_integer()


def one_label_each(loss: Loss, y_true: Tensor, y_pred: Tensor) -> Tensor:
    """A label `(N,)` for each sample of `y_pred`, from `(N,)` or `(N, 1)`."""
    true_shape, samples = tuple(y_true.shape), tuple(y_pred.shape)[:1]
    if checks.lengths_match(true_shape, (*samples, 1)):
        return ops.squeeze(y_true, -1)
    if not checks.lengths_match(true_shape, samples):
        checks.fail(
            loss,
            "`y_true` must have shape (N,) or (N, 1), one label for each sample of `y_pred`",
            f"y_true.shape={true_shape}, y_pred.shape={tuple(y_pred.shape)}",
        )
    return y_true
