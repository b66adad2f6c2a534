"""What the kinds of losses expect as targets: elements, scores, yes/no labels, classes, distributions.

| kind | y_true | y_pred | value |
|---|---|---|---|
| `ElementLoss` | the shape of y_pred | real numbers | mean over the last axis |
| `ScoreLoss` | labels -1/1 or 0/1, the shape of y_pred | real scores | mean over the last axis |
| `BinaryLoss` | labels in [0, 1], the shape of y_pred | probabilities or logits | mean over `axis` |
| `ClassLoss` | class ids, or one-hot / soft labels | probabilities or logits | y_pred without `axis` |
| `DistributionLoss` | numbers `(..., d)` | `(..., d, k)`: k parameters of each | mean over d |
"""

import numbers
from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import DType, Loss, Reduction, Tensor
from kerasloss.core.numerics import TINY, mean, safe_divide, weighted_log_softmax

ROUNDING = 1e-5
"""How far above 1 a probability may be."""


def label_smoothing(y_true: Any, alpha: float, axis: int | None = -1) -> Tensor:
    """Moves labels towards the uniform distribution: `y (1 - alpha) + alpha / C`.

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
    """`label_smoothing` of an `alpha` that has been checked."""
    y_true = ops.convert_to_tensor(y_true)
    if not keras.backend.is_float_dtype(y_true.dtype):
        y_true = ops.cast(y_true, keras.config.floatx())
    if alpha == 0:
        return y_true
    count = 2 if axis is None else y_true.shape[axis]
    return y_true * (1 - alpha) + alpha / count


class ElementLoss(Loss):
    """A loss between numbers of one shape: every entry of y_true stands against one of y_pred."""

    elementwise = True

    def __init__(self, reduction: Reduction, name: str | None, dtype: DType) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.compute_dtype)
        y_true = ops.convert_to_tensor(y_true, dtype=self.compute_dtype)
        if len(y_true.shape) == len(y_pred.shape) - 1 and y_pred.shape[-1] == 1:
            y_true = ops.expand_dims(y_true, -1)
        elif len(y_true.shape) == len(y_pred.shape) + 1 and y_true.shape[-1] == 1:
            if len(y_pred.shape) == 1:
                y_pred = ops.expand_dims(y_pred, -1)
            else:
                y_true = ops.squeeze(y_true, -1)
        checks.same_shape(self, y_true, y_pred)
        if len(y_pred.shape) == 0:
            checks.fail(self, "`y_pred` must have at least one axis", "y_pred.shape=()")
        return y_true, y_pred


class DistributionLoss(Loss):
    """A loss of numbers `(batch, ..., d)` against the parameters `(batch, ..., d, k)` of a distribution each.

    The value is a mean over d. Without an axis d, `(batch, ...)` or `(batch, ..., 1)` against
    `(batch, ..., k)`, there is one number per position. `call` always gets both with an axis d.
    """

    parameters: str = ""
    """What the last axis of `y_pred` holds, in order, for messages: `"mean, scale"`."""

    def __init__(self, reduction: Reduction, name: str | None, dtype: DType) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def parameter_count(self) -> int | None:
        """How many parameters the last axis of `y_pred` must hold; None: any number."""
        return self.parameters.count(",") + 1

    def lost_axes(self, y_pred: Tensor) -> list[int]:
        return [len(y_pred.shape) - 2, len(y_pred.shape) - 1]

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.compute_dtype)
        y_true = ops.convert_to_tensor(y_true, dtype=self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        one_each = checks.lengths_match(true_shape, pred_shape[:-1] + (1,))
        each = checks.lengths_match(true_shape, pred_shape[:-1])
        if len(pred_shape) < 2 or not (one_each or each):
            checks.fail(
                self,
                "`y_pred` must have the shape of `y_true` and one more axis, which holds the parameters "
                f"({self.parameters})",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        count = self.parameter_count()
        if count is not None and pred_shape[-1] != count:
            checks.fail(
                self,
                f"the last axis of `y_pred` must hold {count} parameters ({self.parameters})",
                f"y_pred.shape={pred_shape}",
            )
        if one_each:
            return y_true, ops.expand_dims(y_pred, -2)
        if len(true_shape) == 1:
            return ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -2)
        return y_true, y_pred


class ScoreLoss(ElementLoss):
    """A loss of the margin `label * score`, with labels -1 and 1."""

    def __init__(self, label_format: str, reduction: Reduction, name: str | None, dtype: DType) -> None:
        super().__init__(reduction, name, dtype)
        self.label_format = checks.choice(self, "label_format", label_format, ("auto", "signed", "binary"))

    def margins(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """`label * score`, with the labels turned into -1 and 1 as `label_format` says."""
        if self.label_format == "signed":
            return y_true * y_pred
        signed = 2 * y_true - 1
        if self.label_format == "binary":
            signed = ops.where(ops.logical_and(y_true >= 0, y_true <= 1), signed, float("nan"))
        else:
            zero_or_one = ops.equal(ops.square(y_true), y_true)
            asked = ops.isfinite(y_true)
            binary = ops.all(ops.logical_or(zero_or_one, ops.logical_not(asked)))
            signed = ops.where(binary, signed, y_true)
        return signed * y_pred


class BinaryLoss(ElementLoss):
    """A loss of independent yes/no labels in [0, 1], averaged over `axis`."""

    def __init__(
        self,
        axis: int,
        ignore_class: Any,
        reduction: Reduction,
        name: str | None,
        dtype: DType,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.axis = checks.integer(self, "axis", axis)
        self.ignore_class = checked_ignore_class(self, ignore_class)

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        checks.axis(self, self.axis, y_pred)
        return y_true, y_pred

    def valid(self, y_true: Tensor) -> Tensor | None:
        """True where a label is not in `ignore_class`; None: everywhere."""
        return not_ignored(y_true, self.ignore_class)

    def counts(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        valid = self.valid(y_true)
        return None if valid is None else ops.any(valid, axis=self.axis)

    def select(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """The inputs with ones where a label is ignored."""
        valid = self.valid(y_true)
        if valid is None:
            return y_true, y_pred
        return ops.where(valid, y_true, 1), ops.where(valid, y_pred, 1)

    def average(self, values: Tensor, y_true: Tensor, p: Tensor | None = None) -> Tensor:
        """The mean over `axis` of the values whose label counts; NaN for a label outside [0, 1].

        `p` are the probabilities that `y_pred` holds, if it does; they are checked too.
        """
        valid = self.valid(y_true)
        if valid is None:
            value = mean(values, axis=self.axis)
        else:
            y_true = ops.where(valid, y_true, 1)
            total = ops.sum(ops.where(valid, values, 0), axis=self.axis)
            value = safe_divide(total, ops.sum(ops.cast(valid, values.dtype), axis=self.axis))
        value = self.check(value, y_true)
        return value if p is None else self.check(value, ops.stop_gradient(p), most=1 + ROUNDING)

    def check(self, value: Tensor, y_true: Tensor, most: float = 1) -> Tensor:
        """The value of each sample; NaN where one of its labels is outside [0, 1]."""
        inside = ops.logical_and(
            ops.amin(y_true, axis=self.axis) >= 0, ops.amax(y_true, axis=self.axis) <= most
        )
        return ops.where(inside, value, float("nan"))


class ClassLoss(Loss):
    """A loss of classes that exclude each other: class ids, or one-hot / soft labels, along `axis`.

    Class ids reach `call` as integers of one axis less than `y_pred`, one-hot and soft labels as floats
    of the shape of `y_pred`. An id outside [0, C) that is not ignored gives NaN.
    """

    only_ids = False
    """Whether one output (C = 1) can only be a mistake, even with labels of y_pred's shape."""

    class_weight = None

    per_class: tuple[str, ...] = ("class_weight",)
    """The arguments that, if they are sequences, have one entry for each class."""

    def __init__(
        self,
        axis: int,
        ignore_class: Any,
        reduction: Reduction,
        name: str | None,
        dtype: DType,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.axis = checks.integer(self, "axis", axis)
        self.ignore_class = checked_ignore_class(self, ignore_class)

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.compute_dtype)
        y_true = ops.convert_to_tensor(y_true)
        axis = checks.axis(self, self.axis, y_pred)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        positions = pred_shape[:axis] + pred_shape[axis + 1 :]
        one_hot_like = checks.lengths_match(true_shape, pred_shape)
        one_output = pred_shape[axis] == 1

        if one_hot_like and not (one_output and (self.only_ids or not is_float(y_true))):
            y_true = ops.cast(y_true, self.compute_dtype)
        elif one_output:
            checks.fail(
                self,
                "class ids need at least 2 classes on `axis` of `y_pred`; for one sigmoid output use "
                "`BinaryCrossentropy`",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}, axis={self.axis}",
            )
        elif checks.lengths_match(true_shape, positions):
            y_true = integers(y_true)
        elif checks.lengths_match(true_shape, positions[:axis] + (1,) + positions[axis:]):
            y_true = ops.squeeze(integers(y_true), axis)
        elif checks.lengths_match(true_shape, positions + (1,)):
            y_true = ops.squeeze(integers(y_true), -1)
        else:
            checks.fail(
                self,
                f"`y_true` must hold class ids of shape {positions} or {positions + (1,)}, or one-hot "
                f"labels of shape {pred_shape}",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}, axis={self.axis}",
            )
        for name in self.per_class:
            value = getattr(self, name)
            if value is not None and not isinstance(value, numbers.Real):
                checks.classes(self, name, value, y_pred, axis)
        return y_true, y_pred

    def counts(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        if is_ids(y_true, y_pred):
            return not_ignored(y_true, self.ignore_class)
        counts = None
        for k in as_tuple(self.ignore_class):
            if 0 <= k < y_pred.shape[self.axis]:
                counted = ops.not_equal(ops.take(y_true, k, axis=self.axis), 1)
                counts = counted if counts is None else ops.logical_and(counts, counted)
        return counts

    def own_weight(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        if self.class_weight is None:
            return None
        if is_ids(y_true, y_pred):
            weights = ops.convert_to_tensor(self.class_weight, dtype=y_pred.dtype)
            return ops.take(weights, inside(y_true, len(self.class_weight))[0], axis=0)
        return ops.sum(self.weighted(y_true), axis=self.axis)

    def weighted(self, x: Tensor) -> Tensor:
        """`x` times the weight of each class."""
        return x if self.class_weight is None else x * along_axis(self.class_weight, x, self.axis)

    def one_hot(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Labels of the shape of `y_pred`; NaN for an id out of range."""
        if not is_ids(y_true, y_pred):
            return y_true
        count = y_pred.shape[self.axis]
        ids, is_class = inside(y_true, count)
        classes = along_axis(ops.arange(count, dtype=ids.dtype), y_pred, self.axis, dtype=ids.dtype)
        one_hot = ops.cast(ops.equal(ops.expand_dims(ids, self.axis), classes), y_pred.dtype)
        return ops.where(ops.expand_dims(is_class, self.axis), one_hot, float("nan"))

    def pick(self, x: Tensor, ids: Tensor) -> Tensor:
        """The entry of `x` at each id, without a one-hot; NaN for an id out of range."""
        ids, is_class = inside(ids, x.shape[self.axis])
        picked = ops.take_along_axis(x, ops.expand_dims(ids, self.axis), axis=self.axis)
        return ops.where(is_class, ops.squeeze(picked, self.axis), float("nan"))

    def probabilities(self, y_pred: Tensor) -> Tensor:
        """Softmax of logits, or probabilities divided by their sum (a row of zeros stays 0)."""
        if self.from_logits:
            return ops.softmax(y_pred, axis=self.axis)
        return normalize(y_pred, self.axis)

    def log_probabilities(self, y_pred: Tensor) -> Tensor:
        """Log-softmax of logits, or the logarithm of clipped probabilities, as in Keras."""
        if self.from_logits:
            return ops.log_softmax(y_pred, axis=self.axis)
        return clipped_log(normalize(y_pred, self.axis))

    def log_probability(self, ids: Tensor, y_pred: Tensor) -> Tensor:
        """The entry of `log_probabilities` at each id; keeps nothing of the size of `y_pred`."""
        if self.from_logits:
            return self.log_softmax_at(ids, y_pred)
        total = total_probability(y_pred, self.axis)  # first: then PyTorch adds its gradient in place
        return clipped_log(self.pick(y_pred, ids) / total)

    def log_softmax_at(self, ids: Tensor, x: Tensor) -> Tensor:
        """The entry of the log-softmax of `x` at each id; keeps nothing of the size of `x`."""
        if keras.backend.backend() == "torch":
            return self.pick(ops.log_softmax(x, axis=self.axis), ids)  # the faster one, if not fused
        shift = ops.stop_gradient(ops.amax(x, axis=self.axis, keepdims=True))
        log_total = ops.log(ops.sum(ops.exp(x - shift), axis=self.axis))
        return self.pick(x, ids) - ops.squeeze(shift, self.axis) - log_total

    def dense_log_likelihood(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """`sum(y * log(p))` of labels of the shape of `y_pred`, with `0 * -inf = 0`."""
        if self.from_logits:
            return weighted_log_softmax(y_true, y_pred, self.axis)
        return ops.sum(y_true * self.log_probabilities(y_pred), axis=self.axis)


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


def as_probabilities(p: Tensor) -> Tensor:
    """Probabilities that are used as given; NaN in place of one outside [0, 1]."""
    return ops.where(ops.logical_and(p >= 0, p <= 1 + ROUNDING), p, float("nan"))


def total_probability(p: Tensor, axis: int, keepdims: bool = False) -> Tensor:
    """The sum of probabilities over `axis`, to divide them by; 1 if all are 0, NaN if one is negative."""
    total = ops.sum(p, axis=axis, keepdims=keepdims)
    total = ops.where(total < TINY, 1, total)
    negative = ops.amin(ops.stop_gradient(p), axis=axis, keepdims=keepdims) < 0
    return ops.where(negative, float("nan"), total)


def normalize(p: Tensor, axis: int) -> Tensor:
    """Probabilities divided by their sum over `axis`; a row of zeros stays 0, a negative one gives NaN."""
    return p / total_probability(p, axis, keepdims=True)


def clipped_log(p: Tensor) -> Tensor:
    """`log(clip(p, epsilon, 1 - epsilon))` with Keras's epsilon, 1e-7."""
    epsilon = keras.config.epsilon()
    return ops.log(ops.clip(p, epsilon, 1 - epsilon))


def is_float(x: Tensor) -> bool:
    """Whether a tensor has a float type."""
    return keras.backend.is_float_dtype(x.dtype)


def integers(y_true: Tensor) -> Tensor:
    """Class ids as signed integers of at least 32 bits; a float that is no integer becomes the least one."""
    if is_float(y_true):
        if keras.backend.standardize_dtype(y_true.dtype) in ("float16", "bfloat16"):
            y_true = ops.cast(y_true, "float32")
        integral = ops.logical_and(ops.equal(y_true, ops.floor(y_true)), ops.abs(y_true) < 2.0**31)
        return ops.cast(ops.where(integral, y_true, -(2.0**31)), "int32")
    dtype = keras.backend.standardize_dtype(y_true.dtype)
    wide = dtype in ("int64", "uint32", "uint64")
    return ops.cast(y_true, "int64" if wide else "int32")


def inside(ids: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The ids with 0 in place of those outside [0, count), and whether each is inside."""
    is_class = ops.logical_and(ids >= 0, ids < count)
    return ops.where(is_class, ids, ops.zeros((), dtype=ids.dtype)), is_class


def as_tuple(ignore_class: Any) -> tuple:
    """No, one or several integers as a tuple."""
    if ignore_class is None:
        return ()
    return tuple(ignore_class) if isinstance(ignore_class, (list, tuple)) else (ignore_class,)


def not_ignored(y_true: Tensor, ignore_class: Any) -> Tensor | None:
    """True where a label is none of `ignore_class`; None: everywhere."""
    counts = None
    for k in as_tuple(ignore_class):
        counted = ops.not_equal(y_true, ops.cast(k, y_true.dtype))
        counts = counted if counts is None else ops.logical_and(counts, counted)
    return counts


def checked_ignore_class(loss: Loss, ignore_class: Any) -> Any:
    """None, an id, or several."""
    return None if ignore_class is None else checks.integers(loss, "ignore_class", ignore_class)
