"""Yes/no labels that are not mutually exclusive, against probabilities or logits."""

import numbers
from collections.abc import Sequence
from typing import Any, ClassVar

from keras import ops

from kerasloss.core import checks
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.labels import not_ignored
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import all_between, nan_unless, weighted_mean
from kerasloss.core.probabilities import ROUNDING


class BinaryLoss(ElementLoss):
    """A loss of independent yes/no labels in [0, 1], averaged over `axis`."""

    kind = "binary"
    activation = "sigmoid"
    axis = -1
    ignore_class = None

    per_label: ClassVar[str | None] = None
    """The argument that may have one number for each label along `axis`."""

    _of_entries = False

    @property
    def elementwise(self) -> bool:
        """Whether all labels have the same weight."""
        return self.label_weight() is None

    @property
    def label_axis(self) -> int:
        """The axis of the labels: `axis`, or the one beside it where entries are positions."""
        if not self._of_entries:
            return self.axis
        return self.axis + 1 if self.axis >= 0 else self.axis - 1

    def label_weight(self) -> Sequence[float] | None:
        """One number for each label; None: all labels have the same."""
        value = getattr(self, self.per_label) if self.per_label else None
        return None if isinstance(value, numbers.Real) else value

    def of_entries(self) -> Loss | None:
        if self.label_weight() is None:
            return super().of_entries()
        return self.copied(_of_entries=True)

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        checks.axis(self, self.axis, y_pred)
        weight = self.label_weight()
        if weight is not None:
            checks.classes(self, self.per_label, weight, y_pred, self.label_axis)
        return y_true, y_pred

    def valid(self, y_true: Tensor) -> Tensor | None:
        """True where a label is not in `ignore_class`; None: everywhere."""
        return not_ignored(y_true, self.ignore_class)

    def counts(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        valid = self.valid(y_true)
        if valid is None or self.weighs_inside(y_pred):
            return None  # the mean over samples, which `average` takes, leaves them out
        return ops.any(valid, axis=self.axis)

    def fill_ignored(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """The inputs with ones where a label is ignored."""
        valid = self.valid(y_true)
        if valid is None:
            return y_true, y_pred
        return ops.where(valid, y_true, 1), ops.where(valid, y_pred, 1)

    def average(
        self, values: Tensor, y_true: Tensor, p: Tensor | None = None, sample_weight: Tensor | None = None
    ) -> Tensor:
        """The weighted mean over `axis` of the values whose label counts; NaN for a label outside [0, 1].

        `p`: the probabilities in `y_pred`, if it holds probabilities; they are checked too.
        """
        valid = self.valid(y_true)
        weight = None if sample_weight is None else self.broadcast_from_left(sample_weight, values)
        if valid is not None:
            y_true, values = ops.where(valid, y_true, 1), ops.where(valid, values, 0)
            counted = ops.cast(valid, values.dtype)
            weight = counted if weight is None else weight * counted
        return self.nan_outside(weighted_mean(values, weight, self.axis), y_true, p)

    def nan_outside(self, value: Tensor, y_true: Tensor, p: Tensor | None = None) -> Tensor:
        """The value of each sample; NaN where one of its labels or probabilities is outside [0, 1]."""
        inside = all_between(y_true, 0, 1, self.axis)
        if p is not None:
            inside = inside & all_between(p, 0, 1 + ROUNDING, self.axis)
        return nan_unless(inside, value)
