"""Masks: sums over their positions."""

import warnings
from collections.abc import Callable
from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.labels import as_tuple, class_ids, counts_of_classes, is_ids, not_ignored, one_hot
from kerasloss.core.loss import Evaluation, Loss, Tensor, and_masks, append_axes
from kerasloss.core.numerics import all_between, is_float, last_first, nan_unless
from kerasloss.core.overlap import weighted_total
from kerasloss.core.probabilities import as_probabilities


class RegionLoss(Loss):
    """A loss of sums over the axes `axis` of masks `(batch, *space, C)`; it returns the other axes.

    With one channel, or `multilabel=True`, every channel is a separate yes/no problem. Otherwise the classes
    of a position are mutually exclusive. `call` always gets the classes on the last axis, whatever
    `class_axis` is. A weight per position is a factor inside the sums. So is a weight per sample if the sums
    run over the batch; otherwise it weighs the finished values.

    Most losses override `value(y, p, total)`; those that need more than y, p and sums of them override
    `call`.
    """

    scope = "batch"
    kind = "region"
    activation = "softmax or sigmoid"
    axis = None
    from_logits = False
    multilabel = False
    class_axis = -1
    ignore_class = None

    smooth = 0.0
    class_weight = None

    mixes_classes = False
    """Whether the values have no class axis even if `axis` does not name it."""

    labels_are_numbers = False
    """Whether yes/no labels of a float type may be any number, as in Keras's Dice."""

    # The formula -------------------------------------------------------------------------------

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> Tensor:
        y, p = self.masks(y_true, y_pred, sample_weight)
        value = self.value(y, p, self.total(sample_weight, y_pred))
        if self.labels_are_numbers and not self.from_logits:
            # Of the sums, not of each number: a selection would be kept for the backward pass.
            value = nan_unless(all_between(p, 0, None, tuple(self.reduced_axes(y_pred))), value)
        weight = self.own_weight(y_true, y_pred)
        value = self.place_classes(value, y_pred)
        return value if weight is None else weight * value

    def masks(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> tuple[Tensor, Tensor]:
        """The labels y and the probabilities p, both of the shape of `y_pred`."""
        return self.labels(y_true, y_pred), self.probabilities(y_pred)

    def value(self, y: Tensor, p: Tensor, total: Callable[[Tensor], Tensor]) -> Tensor:
        """The loss of masks y and probabilities p; `total` sums over `axis`, with all weights."""
        raise NotImplementedError

    def total(self, sample_weight: Tensor | None, y_pred: Tensor) -> Callable[[Tensor], Tensor]:
        """The weighted sum over `axis`, as a function."""
        axes = self.axes(y_pred)
        weight = self.position_weight(sample_weight, y_pred)
        if self.class_weight is not None and len(y_pred.shape) - 1 in axes:
            classes = ops.convert_to_tensor(self.class_weight, dtype=y_pred.dtype)
            weight = classes if weight is None else weight * classes
        return weighted_total(weight, axes)

    # Axes --------------------------------------------------------------------------------------

    def axes(self, y_pred: Tensor) -> list[int]:
        """The axes of the sums, once the classes are on the last axis."""
        rank = len(y_pred.shape)
        if self.axis is None:
            return list(range(rank))
        classes = self.class_axis % rank
        named = [a % rank for a in as_tuple(self.axis)]
        return sorted(rank - 1 if a == classes else a - (a > classes) for a in named)

    def position_axes(self, y_pred: Tensor) -> list[int]:
        """The axes of the sums except the class axis."""
        return [a for a in self.axes(y_pred) if a != len(y_pred.shape) - 1]

    def reduced_axes(self, y_pred: Tensor) -> list[int]:
        """The axes that the values don't have, classes last."""
        classes = [len(y_pred.shape) - 1] if self.mixes_classes else []
        return sorted({*self.axes(y_pred), *classes})

    def keeps_classes(self, y_pred: Tensor) -> bool:
        """Whether the values have a class axis."""
        return len(y_pred.shape) - 1 not in self.reduced_axes(y_pred)

    def place_classes(self, values: Tensor, y_pred: Tensor) -> Tensor:
        """Values with the class axis, if they have one, back at `class_axis`."""
        if not self.keeps_classes(y_pred):
            return values
        place = self.class_axis % len(y_pred.shape)
        return ops.moveaxis(values, -1, place - sum(a < place for a in self.axes(y_pred)))

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        # Masks and counts lie on the positions, whatever the axes of the values.
        return [self.class_axis % len(y_pred.shape)]

    # Inputs ------------------------------------------------------------------------------------

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        classes = self.checked_class_axis(pred_shape)
        positions = pred_shape[:classes] + pred_shape[classes + 1 :]
        is_dense = checks.lengths_match(true_shape, pred_shape)

        if self.is_yes_no(pred_shape[classes]):
            if not is_dense and pred_shape[classes] == 1 and checks.lengths_match(true_shape, positions):
                y_true, is_dense = ops.expand_dims(y_true, classes), True
            if is_dense:
                y_true = self.checked_labels(y_true)
        elif is_dense:
            y_true = ops.cast(y_true, self.compute_dtype)
        else:
            ids = class_ids(y_true, pred_shape, classes)
            if ids is not None:
                return ids, y_pred
        if not is_dense:
            checks.fail(
                self,
                f"`y_true` must have the shape of `y_pred`, {pred_shape}, or hold class ids of shape "
                f"{positions} (of several mutually exclusive classes)",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}, class_axis={self.class_axis}",
            )
        return y_true, y_pred

    def checked_class_axis(self, shape: tuple) -> int:
        """The class axis, counted from 0."""
        rank = len(shape)
        if not -rank <= self.class_axis < rank or (rank > 1 and self.class_axis % rank == 0):
            checks.fail(
                self,
                f"`class_axis` must name an axis of `y_pred` other than the batch, of {rank} in all",
                f"class_axis={self.class_axis}, y_pred.shape={shape}",
            )
        classes = self.class_axis % rank
        named = [a % rank if -rank <= a < rank else None for a in as_tuple(self.axis)]
        if None in named or len(set(named)) < len(named):
            checks.fail(
                self,
                f"`axis` must name different axes of `y_pred`, which has {rank}",
                f"axis={self.axis}, y_pred.shape={shape}",
            )
        if named == [1] and classes == rank - 1 > 2 and None not in shape[1:] and 1 < shape[1] < shape[-1]:
            warnings.warn(
                f"{type(self).__name__}: axis={self.axis} sums over axis 1 alone, of length {shape[1]}, but "
                f"the {shape[-1]} classes are on the last axis. For masks with channels first set "
                "`class_axis=1`.",
                stacklevel=2,
            )
        if self.class_weight is not None and len(self.class_weight) != shape[classes]:
            checks.fail(
                self,
                f"`class_weight` must have one entry for each of the {shape[classes]} classes",
                f"len(class_weight)={len(self.class_weight)}, y_pred.shape={shape}",
            )
        return classes

    def check_shape(self, y_pred: Tensor) -> None:
        """Fails if `y_pred`, classes last, is not what the loss needs."""
        return None  # a body of its own: TensorFlow's AutoGraph can't read an empty one

    def classes_last(self, x: Tensor) -> Tensor:
        """`x` with the class axis of `y_pred` moved to the end."""
        is_last = self.class_axis in (-1, len(x.shape) - 1)
        return x if is_last else ops.moveaxis(x, self.class_axis, -1)

    def is_yes_no(self, class_count: int) -> bool:
        """Whether every channel is a separate yes/no problem."""
        return self.multilabel or class_count == 1

    def checked_labels(self, y_true: Tensor) -> Tensor:
        """Yes/no labels as floats; NaN outside [0, 1] unless ignored."""
        y = ops.cast(y_true, self.compute_dtype)
        if self.labels_are_numbers and is_float(y_true):
            return y
        right = self.is_label(y)
        counts = not_ignored(y, self.ignore_class)
        if counts is not None:
            right = right | ~counts
        return nan_unless(right, y)

    def is_label(self, y: Tensor) -> Tensor:
        """True where a number is a yes/no label."""
        return ops.logical_and(y >= 0, y <= 1)

    def labels(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Labels of the shape of `y_pred`; NaN where an id is out of range."""
        if not is_ids(y_true, y_pred):
            return y_true
        return one_hot(y_true, y_pred.shape[-1], -1, y_pred.dtype)

    def probabilities(self, y_pred: Tensor) -> Tensor:
        """Sigmoid or softmax of logits; probabilities as they are, NaN in place of one outside [0, 1]."""
        if not self.from_logits:
            return y_pred if self.labels_are_numbers else as_probabilities(y_pred)
        return ops.sigmoid(y_pred) if self.is_yes_no(y_pred.shape[-1]) else ops.softmax(y_pred, axis=-1)

    # Weights -----------------------------------------------------------------------------------

    def counts(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        if y_pred.shape[-1] == 1:
            y_true = ops.squeeze(y_true, -1)
        if self.is_yes_no(y_pred.shape[-1]):
            return not_ignored(y_true, self.ignore_class)
        return counts_of_classes(y_true, y_pred, -1, self.ignore_class)

    def own_weight(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        if self.class_weight is None or not self.keeps_classes(y_pred):
            return None
        weight = ops.convert_to_tensor(self.class_weight, dtype=y_pred.dtype)
        kept = len(y_pred.shape) - len(self.axes(y_pred))
        return self.place_classes(ops.reshape(weight, [1] * (kept - 1) + [-1]), y_pred)

    def position_weight(self, sample_weight: Tensor | None, y_pred: Tensor) -> Tensor | None:
        """The weights that `call` gets, with the axes of `y_pred`, classes last; None: all 1."""
        return None if sample_weight is None else append_axes(sample_weight, len(y_pred.shape))

    def zero_excluded(self, x: Tensor, sample_weight: Tensor | None) -> Tensor:
        """`x` with 0 where the weight is 0, for losses that look at the neighbours of a position."""
        weight = self.position_weight(sample_weight, x)
        return x if weight is None else ops.where(ops.not_equal(weight, 0), x, 0)

    def uses_weight(self, weight: Tensor, y_pred: Tensor) -> bool:
        rank, shape = len(weight.shape), tuple(y_pred.shape)
        of_positions = rank in (len(shape) - 1, len(shape)) and rank > 1
        of_positions = of_positions and checks.lengths_match(tuple(weight.shape), shape[:rank])
        return of_positions or 0 in self.axes(y_pred)

    def evaluate(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Evaluation:
        if not is_ids(y_true, y_pred):
            y_true = self.classes_last(y_true)
        y_pred = self.classes_last(y_pred)
        self.check_shape(y_pred)
        sample_weight, mask = self._laid_out(sample_weight, y_pred), self._laid_out(mask, y_pred)
        value_weight = None
        if sample_weight is not None and not self.uses_weight(sample_weight, y_pred):
            if len(sample_weight.shape) > 1:  # one weight per finished value
                value_weight, sample_weight = sample_weight, None
        evaluation = super().evaluate(y_true, y_pred, sample_weight, mask)
        values, counts, own_weight, weight = evaluation
        if len(values.shape) == 0:
            return evaluation
        if value_weight is not None:
            weight = value_weight
            values = ops.where(self.broadcast_from_left(ops.not_equal(weight, 0), values), values, 0)
        # A value counts if one of its positions does.
        inside = mask if mask is not None and self.uses_weight(mask, y_pred) else None
        inside = and_masks(inside, self.counts(y_true, y_pred))
        if inside is not None:
            inside = append_axes(inside, len(y_pred.shape))
            inside = ops.any(inside, axis=last_first(self.reduced_axes(y_pred)))
            counts = and_masks(counts, self.place_classes(inside, y_pred))
            values = ops.where(counts, values, 0)
        return Evaluation(values, counts, own_weight, weight)

    def _laid_out(self, weight: Tensor | None, y_pred: Tensor) -> Tensor | None:
        """A weight or mask, per sample, per position or per entry of a yes/no problem, classes last."""
        if weight is None or len(weight.shape) < 2:
            return weight
        if all(length == 1 for length in weight.shape[1:]):
            return ops.reshape(weight, (-1,))
        if len(weight.shape) < len(y_pred.shape):
            return weight
        if len(weight.shape) == len(y_pred.shape):
            if weight.shape[self.class_axis] == 1:
                return ops.squeeze(weight, self.class_axis)
            if weight.shape[-1] == 1:
                return ops.squeeze(weight, -1)
        weight = self.classes_last(weight)
        if not self.is_yes_no(y_pred.shape[-1]) or not self.uses_weight(weight, y_pred):
            checks.fail(
                self,
                "`sample_weight` and masks must have the shape of the values, or of `y_pred` without its "
                "class axis (or with it, if `multilabel=True`), or of the first axes of these",
                f"shape {tuple(weight.shape)}, y_pred.shape={tuple(y_pred.shape)}, classes last",
            )
        return weight
