"""Mutually exclusive classes, as ids or one-hot, against probabilities or logits."""

import numbers
from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.labels import along_axis, class_ids, counts_of_classes, is_ids, one_hot, safe_ids
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import (
    is_eager_tensorflow,
    is_float,
    nan_unless,
    take_at,
    weighted_log_softmax,
    weighted_sum,
)
from kerasloss.core.probabilities import clipped_log, normalize, total_probability


class ClassLoss(Loss):
    """A loss of mutually exclusive classes: class ids, or one-hot / soft labels, along `axis`.

    Class ids reach `call` as integers with one axis fewer than `y_pred`, one-hot and soft labels as floats
    of the shape of `y_pred`. An id outside [0, C) that is not ignored gives NaN. One-hot and soft labels are
    taken as they are: they may be unnormalized, or multiplied by an advantage.
    """

    kind = "class"
    activation = "softmax"
    axis = -1
    ignore_class = None

    only_ids = False
    """Whether a single output (C = 1), or one axis alone, is an error even if the labels have that shape."""

    class_weight = None

    per_class = ("class_weight",)
    """The arguments that have one entry for each class if they are sequences."""

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        axis = checks.axis(self, self.axis, y_pred)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        one_hot_like = checks.lengths_match(true_shape, pred_shape)
        one_output = pred_shape[axis] == 1 or (self.only_ids and one_hot_like and len(pred_shape) == 1)

        if one_hot_like and not (one_output and (self.only_ids or not is_float(y_true))):
            y_true = ops.cast(y_true, self.compute_dtype)
        elif one_output:
            checks.fail(
                self,
                "class ids need at least 2 classes on `axis` of `y_pred`; for one sigmoid output use "
                "`BinaryCrossentropy`",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}, axis={self.axis}",
            )
        else:
            y_true = class_ids(y_true, pred_shape, axis)
            if y_true is None:
                positions = pred_shape[:axis] + pred_shape[axis + 1 :]
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
        return counts_of_classes(y_true, y_pred, self.axis, self.ignore_class)

    def own_weight(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        if self.class_weight is None:
            return None
        if is_ids(y_true, y_pred):
            weights = ops.convert_to_tensor(self.class_weight, dtype=y_pred.dtype)
            return ops.take(weights, safe_ids(y_true, len(self.class_weight))[0], axis=0)
        return ops.sum(self.weighted(y_true), axis=self.axis)

    def weighted(self, x: Tensor) -> Tensor:
        """`x` times the weight of each class."""
        return x if self.class_weight is None else x * along_axis(self.class_weight, x, self.axis)

    def one_hot(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Labels of the shape of `y_pred`; NaN for an id out of range."""
        if not is_ids(y_true, y_pred):
            return y_true
        return one_hot(y_true, y_pred.shape[self.axis], self.axis, y_pred.dtype)

    def pick(self, x: Tensor, ids: Tensor) -> Tensor:
        """The entry of `x` at each id, without a one-hot; NaN for an id out of range."""
        ids, is_class = safe_ids(ids, x.shape[self.axis])
        return nan_unless(is_class, take_at(x, ids, self.axis))

    def of_label(self, y_true: Tensor, x: Tensor) -> Tensor:
        """The entry of `x` at each id, or `sum(y * x)`, times the class weights."""
        if not is_ids(y_true, x):
            return weighted_sum(self.weighted(y_true), x, self.axis)
        value, weight = self.pick(x, y_true), self.own_weight(y_true, x)
        return value if weight is None else weight * value

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
        """The entry of `log_probabilities` at each id; saves nothing of the size of `y_pred`."""
        if self.from_logits:
            return self.log_softmax_at(ids, y_pred)
        total = total_probability(y_pred, self.axis)  # first: then PyTorch adds its gradient in place
        return clipped_log(self.pick(y_pred, ids) / total)

    def log_softmax_at(self, ids: Tensor, x: Tensor) -> Tensor:
        """The entry of the log-softmax of `x` at each id; keeps nothing of the size of `x`."""
        if keras.backend.backend() == "torch":
            return self.pick(ops.log_softmax(x, axis=self.axis), ids)  # the faster one, if not fused
        if self.axis in (-1, len(x.shape) - 1) and is_eager_tensorflow(x):
            # One kernel, where nothing else is fused: a tenth of the time, on few classes.
            ids, is_class = safe_ids(ids, x.shape[self.axis])
            x = x + 0  # Keras warns of an output of its softmax, which it has marked
            value = -ops.sparse_categorical_crossentropy(ids, x, from_logits=True, axis=self.axis)
            return nan_unless(is_class, value)
        shift = ops.stop_gradient(ops.amax(x, axis=self.axis, keepdims=True))
        log_total = ops.log(ops.sum(ops.exp(x - shift), axis=self.axis))
        return self.pick(x, ids) - ops.squeeze(shift, self.axis) - log_total

    def dense_log_likelihood(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """`sum(y * log(p))` of labels of the shape of `y_pred`, with `0 * -inf = 0`."""
        if self.from_logits:
            return weighted_log_softmax(y_true, y_pred, self.axis)
        return ops.sum(y_true * self.log_probabilities(y_pred), axis=self.axis)
