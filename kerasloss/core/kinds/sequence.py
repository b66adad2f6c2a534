"""Label sequences that are not aligned with the frames of their scores."""

from dataclasses import KW_ONLY
from typing import Any, ClassVar, Literal, NamedTuple

from keras import ops

from kerasloss.core import checks
from kerasloss.core.alignment import mask_of_frames, to_front
from kerasloss.core.configuration import ClassIds
from kerasloss.core.labels import integers, not_ignored
from kerasloss.core.loss import Loss, Tensor, and_masks
from kerasloss.core.numerics import nan_unless


class Labels(NamedTuple):
    """The labels of a batch without their padding."""

    ids: Tensor
    """The labels of each sequence from the front `(batch, L)`; 0 in place of those that are no class."""
    count: Tensor
    """How many there are."""
    wrong: Tensor
    """Where one of them is no class, or the number of frames is impossible."""


class LabelSequenceLoss(Loss):
    """A loss of label sequences `(batch, L)`, padded anywhere, and scores of frames `(batch, T, ..., C)`.

    The frames of each sequence come from the Keras mask of `y_pred` or from the first column of `y_true`.
    """

    kind = "sequence"
    activation = "linear"
    whole_samples = True

    axes: ClassVar[str] = "samples, time, classes"
    """The axes of `y_pred`."""

    _: KW_ONLY
    blank_index: int = 0
    ignore_class: ClassIds | None = None
    input_length: Literal["mask", "y_true"] = "mask"
    normalize_by_length: bool = False

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, rank = integers(y_true), self.axes.count(",") + 1
        shapes = f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}"
        if len(y_true.shape) != 2 or len(y_pred.shape) != rank:
            checks.fail(self, f"`y_true` must have 2 axes and `y_pred` {rank} ({self.axes})", shapes)
        y_true, y_pred = self.batch_first(y_true, y_pred)
        if not checks.lengths_match(tuple(y_true.shape)[:1], tuple(y_pred.shape)[:1]):
            checks.fail(self, "`y_true` and `y_pred` must hold the same number of sequences", shapes)
        if self.input_length == "y_true" and y_true.shape[1] == 0:
            checks.fail(self, "`y_true` must begin with the length of each sequence", shapes)
        if not -y_pred.shape[-1] <= self.blank_index < y_pred.shape[-1]:
            checks.fail(self, "`blank_index` must be a class", f"blank_index={self.blank_index}, {shapes}")
        return y_true, y_pred

    def batch_first(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """Both with the axes in the usual order."""
        return y_true, y_pred

    def counts(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor | None:
        counts = None if mask is None else ops.any(self.mask_of_frames(mask), axis=1)
        if self.input_length == "y_true":
            counts = and_masks(counts, y_true[:, 0] != 0)
        return counts

    def mask_of_frames(self, mask: Tensor) -> Tensor:
        """The mask of the frames `(batch, T)`, or of samples `(batch, 1)`."""
        return mask_of_frames(mask)

    def split(self, y_true: Tensor, every_frame: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The labels, the number of frames of each sequence, and where that is impossible."""
        frames = ops.sum(every_frame, axis=1)
        if self.input_length != "y_true":
            return y_true, frames, ops.zeros_like(frames, dtype="bool")
        given = ops.cast(y_true[:, 0], "int32")
        wrong = ops.logical_or(given < 0, given > frames)
        return y_true[:, 1:], ops.where(wrong, 0, given), wrong

    def labels(self, y_true: Tensor, classes: int, wrong: Tensor) -> Labels:
        """The labels without padding; `wrong` says which sequences are wrong already."""
        if not y_true.shape[1]:  # no label, so every frame is blank; or that is not known yet
            y_true = ops.pad(y_true, ((0, 0), (0, 1)), constant_values=-1)
        blank = self.blank_index % classes
        padding = not_ignored(y_true, blank if self.ignore_class is None else self.ignore_class)
        is_label = and_masks(y_true >= 0, padding)
        bad = ops.logical_or(y_true >= classes, ops.equal(y_true, blank))
        wrong = ops.logical_or(wrong, ops.any(ops.logical_and(is_label, bad), axis=1))
        count = ops.sum(ops.cast(is_label, "int32"), axis=1)
        return Labels(to_front(ops.where(bad, 0, y_true), is_label), count, wrong)

    def finish(self, values: Tensor, labels: Labels) -> Tensor:
        """The values per label if they are wanted so, and NaN where a label is wrong."""
        if self.normalize_by_length:
            count = ops.maximum(labels.count, ops.ones_like(labels.count))
            values = values / ops.cast(count, values.dtype)
        return nan_unless(ops.logical_not(labels.wrong), values)
