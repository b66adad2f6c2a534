"""Losses of sequences: the probability of a label sequence given scores for each time frame."""

from dataclasses import KW_ONLY
from typing import Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.alignment import check_lengths, first_entries, log_probability_of_labels, to_front
from kerasloss.core.configuration import ClassIds, NonNegative
from kerasloss.core.kinds.sequence import LabelSequenceLoss
from kerasloss.core.lattice import log_probability_of_steps
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import ABSENT, clip_below, take_at
from kerasloss.core.registry import register

INFEASIBLE = 1e5
"""The value of a label sequence that no alignment can produce, on every backend."""


@register
class CTC(LabelSequenceLoss):
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
    and gradient 0. In float32 a gradient is right to about 2e-7 times the value, so not for logits of many
    thousands; take `dtype="float64"` for those.

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

    _: KW_ONLY
    zero_infinity: bool = False
    layout: Literal["NTC", "TNC"] = "NTC"
    label_layout: Literal["NT", "TN"] = "NT"

    def batch_first(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        if self.layout == "TNC":
            y_pred = ops.transpose(y_pred, (1, 0, 2))
        return ops.transpose(y_true) if self.label_layout == "TN" else y_true, y_pred

    def mask_of_frames(self, mask: Tensor) -> Tensor:
        time_first = self.layout == "TNC" and len(mask.shape) == 2
        return ops.transpose(mask) if time_first else super().mask_of_frames(mask)

    def call(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor:
        every_frame = ops.ones_like(y_pred[:, :, 0], dtype="int32")
        y_true, frames, wrong = self.split(y_true, every_frame)
        if mask is not None and self.input_length == "mask":
            mask = ops.logical_and(self.mask_of_frames(mask), every_frame > 0)
            y_pred = to_front(y_pred, ops.expand_dims(mask, -1))
            frames = ops.sum(ops.cast(mask, "int32"), axis=1)

        labels = self.labels(y_true, y_pred.shape[2], wrong)
        ids, count = labels.ids, labels.count
        repeats = ops.logical_and(ops.equal(ids[:, 1:], ids[:, :-1]), first_entries(ids[:, 1:], count - 1))
        feasible = frames >= count + ops.sum(ops.cast(repeats, "int32"), axis=1)

        # An impossible sequence is computed as an empty one, and left out of the gradient.
        length = ops.where(feasible, count, 0)
        frames = ops.maximum(frames, ops.ones_like(frames))
        blank = self.blank_index % y_pred.shape[2]
        values = -log_probability_of_labels(ids, y_pred, length, frames, blank)
        values = ops.where(feasible, values, 0.0 if self.zero_infinity else INFEASIBLE)
        return self.finish(values, labels)


@register
class Transducer(LabelSequenceLoss):
    """Label sequences without an alignment, from scores that know the labels before: RNN transducers.

    Formula: `-log(sum(prod(softmax(y_pred[t, u])[step])))` over all paths of steps from frame t = 0 and
    u = 0 labels: a blank goes to the next frame, label `y_true[u]` to u + 1; the last step is the blank of
    the last frame, behind the last label.

    Args:
        blank_index: The class that stands for the step to the next frame, in [-V, V).
        ignore_class: The padding of `y_true`; negative labels are always padding. None: the blank is padding
            too.
        input_length: Where the number of frames of each sequence comes from. `"mask"`: the Keras mask of
            `y_pred` (masked frames are skipped), or all frames if there is none; `"y_true"`: the first column
            of `y_true`.
        normalize_by_length: Divide each value by the number of its labels (at least 1).
        fastemit_lambda: Factor >= 0 of an additional gradient for the labels, which makes the model give
            them earlier. The value is multiplied by `1 + fastemit_lambda`, as elsewhere: it is then not the
            function of this gradient.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: class ids `(N, L)`, padded anywhere, or `(N, 1 + L)` with the number of frames first;
        `y_pred`: logits or log-probabilities of the joint network `(N, T, L + 1, V)`. Returns `(N,)`.
        Sequences without a frame don't count.

    Raises:
        ValueError: If an argument is not allowed, the shapes don't match, or L or T is not known. Ids that
            are neither classes nor padding, and numbers of frames outside [0, T], give NaN.

    Use it for speech that is recognised while it is spoken; not without a prediction network for the labels
    (`CTC`), which needs much less memory: beside `y_pred` and its gradient, this loss holds some tables
    `(N, T + L, L + 1)`.

    Example:

    >>> import kerasloss, numpy as np
    >>> logits = np.array([[[[0.0, 1], [0.5, 0]], [[1, 0], [2, 0]]]])
    >>> round(float(kerasloss.Transducer()(np.array([[1]]), logits)), 4)
    0.7668

    Equivalents: torchaudio `rnnt_loss` (`blank_index=-1` is its default), warp-transducer `RNNTLoss`, whose
    lengths are arguments: `input_length="y_true"`, or a mask, and labels padded with -1.

    Reference: Graves, 2012, Sequence Transduction with Recurrent Neural Networks (arXiv 1211.3711);
    `fastemit_lambda`: Yu et al., 2021, FastEmit, ICASSP (arXiv 2010.11148).
    """

    axes = "samples, time, labels, classes"

    blank_index: int = 0
    ignore_class: ClassIds | None = None
    input_length: Literal["mask", "y_true"] = "mask"
    normalize_by_length: bool = False
    fastemit_lambda: NonNegative = 0.0

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        check_lengths(self, y_true, y_pred, axes=2)
        labels = y_true.shape[1] - (self.input_length == "y_true")
        if y_pred.shape[2] != labels + 1:
            checks.fail(
                self,
                f"`y_pred` must have {labels + 1} entries on axis 2, one more than there are labels",
                f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}",
            )
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor:
        every_frame = ops.ones_like(y_pred[:, :, 0, 0], dtype="int32")
        y_true, frames, wrong = self.split(y_true, every_frame)
        valid = None
        if self.input_length == "y_true":
            valid = first_entries(every_frame, frames)
        elif mask is not None:
            valid = ops.logical_and(self.mask_of_frames(mask), every_frame > 0)
            frames = ops.sum(ops.cast(valid, "int32"), axis=1)
        if valid is not None:  # what is left out may hold anything
            y_pred = ops.where(ops.expand_dims(ops.expand_dims(valid, -1), -1), y_pred, 0)

        labels = self.labels(y_true, y_pred.shape[-1], wrong)
        blank, label = self.log_probabilities(labels.ids, y_pred)
        if valid is not None:
            blank, label = (to_front(x, ops.expand_dims(valid, -1)) for x in (blank, label))
        frames = ops.maximum(frames, ops.ones_like(frames))
        extra = self.fastemit_lambda
        if extra:
            label = label + extra * (label - ops.stop_gradient(label))
        values = -log_probability_of_steps(blank, label, frames, labels.count)
        if extra:
            values = values + extra * ops.stop_gradient(values)
        return self.finish(values, labels)

    def log_probabilities(self, ids: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """Those of the blank and of the next label at each step, `(N, T, L + 1)`."""
        log_total = ops.logsumexp(y_pred, axis=-1)
        following = ops.concatenate([ids, ids[:, :1]], axis=1)[:, : y_pred.shape[2]]  # none behind the last
        following = ops.expand_dims(following, 1) + ops.zeros_like(y_pred[..., 0], dtype=ids.dtype)
        blank = y_pred[..., self.blank_index % y_pred.shape[-1]] - log_total
        label = take_at(y_pred, following, -1) - log_total
        return clip_below(blank, ABSENT), clip_below(label, ABSENT)
