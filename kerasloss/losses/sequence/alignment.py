"""Losses of sequences: the probability of a label sequence given scores for each time frame."""

from dataclasses import KW_ONLY
from typing import Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.alignment import first_entries, log_probability_of_labels, to_front
from kerasloss.core.configuration import ClassIds
from kerasloss.core.labels import integers, not_ignored
from kerasloss.core.loss import Loss, Tensor, and_masks
from kerasloss.core.registry import register

INFEASIBLE = 1e5
"""The value of a label sequence that no alignment can produce, on every backend."""


@register
class CTC(Loss):
    """Label sequences without an alignment to the frames, as in speech and handwriting.

    Formula: `-log(sum(prod(softmax(y_pred[t])[path[t]])))` over all paths, one label or blank for each
    frame, that become `y_true` when repeats are merged and then blanks removed.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.
        blank_index: The class that stands for no label, in [-C, C).
        ignore_class: The padding of `y_true`; negative labels are always padding. None: the blank is padding
            too.
        input_length: Where the number of frames of each sequence comes from. `"mask"`: the Keras mask of
            `y_pred` (masked frames are skipped), or all frames if there is none; `"y_true"`: the first column
            of `y_true`.
        normalize_by_length: Divide each value by the number of its labels (at least 1).
        zero_infinity: Whether a sequence that no path produces costs 0 instead of 1e5; it counts in means.
        layout: `"NTC"` or `"TNC"`, the axes of `y_pred`: samples, time, classes.
        label_layout: `"NT"` or `"TN"`, the axes of `y_true`.

    Shapes:
        `y_true`: class ids `(N, L)`, padded anywhere, or `(N, 1 + L)` with the number of frames first;
        `y_pred`: logits or log-probabilities `(N, T, C)`. Returns `(N,)`. Sequences without a frame don't
        count.

    Raises:
        ValueError: If an argument is not allowed or the shapes don't match. Ids that are neither classes nor
            padding, and numbers of frames outside [0, T], give NaN.

    Use it if there are fewer labels than frames, in the same order; not for probabilities (pass their
    logarithms). A sequence with fewer frames than labels (and blanks between equal neighbours) has value 1e5
    and gradient 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> logits = np.array([[[0.0, 1, 0], [0.5, 0, 1], [0, 0, 2]]])
    >>> round(float(kerasloss.CTC()(np.array([[1, 2]]), logits)), 4)
    0.6625

    Equivalents: Keras CTC: default. torch CTCLoss: `layout="TNC"`; its mean divides by the number of labels:
    `normalize_by_length=True`; what no path produces is infinite there. Gluon CTCLoss:
    `blank_index=-1, reduction=None`. `tf.nn.ctc_loss` and optax `ctc_loss`, which take lengths or paddings:
    `input_length="y_true"` or a mask.

    Reference: Graves, Fernandez, Gomez & Schmidhuber, 2006, Connectionist Temporal Classification, ICML.
    """

    growth = "alignment"
    kind = "sequence"
    activation = "linear"

    _: KW_ONLY
    blank_index: int = 0
    ignore_class: ClassIds | None = None
    input_length: Literal["mask", "y_true"] = "mask"
    normalize_by_length: bool = False
    zero_infinity: bool = False
    layout: Literal["NTC", "TNC"] = "NTC"
    label_layout: Literal["NT", "TN"] = "NT"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = integers(y_true)
        shapes = f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}"
        if len(y_true.shape) != 2 or len(y_pred.shape) != 3:
            checks.fail(self, "`y_true` must have 2 axes and `y_pred` 3 (samples, time, classes)", shapes)
        if self.layout == "TNC":
            y_pred = ops.transpose(y_pred, (1, 0, 2))
        if self.label_layout == "TN":
            y_true = ops.transpose(y_true)
        if not checks.lengths_match(tuple(y_true.shape)[:1], tuple(y_pred.shape)[:1]):
            checks.fail(self, "`y_true` and `y_pred` must hold as many sequences", shapes)
        if self.input_length == "y_true" and y_true.shape[1] == 0:
            checks.fail(self, "`y_true` must begin with the length of each sequence", shapes)
        if not -y_pred.shape[2] <= self.blank_index < y_pred.shape[2]:
            checks.fail(self, "`blank_index` must be a class", f"blank_index={self.blank_index}, {shapes}")
        return y_true, y_pred

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return [1, 2]

    def counts(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor | None:
        counts = None if mask is None else ops.any(self._frames(mask), axis=1)
        if self.input_length == "y_true":
            counts = and_masks(counts, y_true[:, 0] != 0)
        return counts

    def call(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor:
        classes, blank = y_pred.shape[2], self.blank_index % y_pred.shape[2]
        every_frame = ops.ones_like(y_pred[:, :, 0], dtype="int32")
        frames = ops.sum(every_frame, axis=1)
        wrong = ops.zeros_like(frames, dtype="bool")
        if self.input_length == "y_true":
            given, y_true = ops.cast(y_true[:, 0], "int32"), y_true[:, 1:]
            wrong = ops.logical_or(given < 0, given > frames)
            frames = ops.where(wrong, 0, given)
        elif mask is not None:
            mask = ops.logical_and(self._frames(mask), every_frame > 0)
            y_pred = to_front(y_pred, ops.expand_dims(mask, -1))
            frames = ops.sum(ops.cast(mask, "int32"), axis=1)

        if y_true.shape[1] == 0:  # no label: every frame is blank
            y_true = ops.pad(y_true, ((0, 0), (0, 1)), constant_values=-1)
        is_label = y_true >= 0
        padding = not_ignored(y_true, blank if self.ignore_class is None else self.ignore_class)
        is_label = and_masks(is_label, padding)
        bad = ops.logical_or(y_true >= classes, ops.equal(y_true, blank))
        wrong = ops.logical_or(wrong, ops.any(ops.logical_and(is_label, bad), axis=1))
        labels = to_front(ops.where(bad, 0, y_true), is_label)
        count = ops.sum(ops.cast(is_label, "int32"), axis=1)
        repeats = ops.logical_and(
            ops.equal(labels[:, 1:], labels[:, :-1]), first_entries(labels[:, 1:], count - 1)
        )
        feasible = frames >= count + ops.sum(ops.cast(repeats, "int32"), axis=1)

        # An impossible sequence is computed as an empty one, and left out of the gradient.
        length = ops.where(feasible, count, 0)
        frames = ops.maximum(frames, ops.ones_like(frames))
        values = -log_probability_of_labels(labels, y_pred, length, frames, blank)
        values = ops.where(feasible, values, 0.0 if self.zero_infinity else INFEASIBLE)
        if self.normalize_by_length:
            values = values / ops.cast(ops.maximum(count, ops.ones_like(count)), values.dtype)
        return ops.where(wrong, float("nan"), values)

    def _frames(self, mask: Tensor) -> Tensor:
        """The mask of the frames `(N, T)`, or of samples `(N, 1)`."""
        if len(mask.shape) == 1:
            return ops.expand_dims(mask, -1)
        return ops.transpose(mask) if self.layout == "TNC" else mask
