"""The probability of labels that are not aligned with their frames."""

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.lattice import UNKNOWN_LENGTH, from_before, log_sum, probability, turned
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import ABSENT, clip_below, custom_gradient, is_float64


def check_lengths(loss: Loss, y_true: Tensor, y_pred: Tensor, axes: int = 1) -> None:
    """Refuses sequences whose length, on axis 1, is not known: that of `y_pred` on as many axes."""
    lengths = (*y_true.shape[1:2], *y_pred.shape[1 : 1 + axes])
    if None in lengths:
        checks.fail(
            loss,
            UNKNOWN_LENGTH,
            f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}",
        )


def first_entries(x: Tensor, count: Tensor) -> Tensor:
    """True for the first `count` entries of each row of `x`."""
    position = ops.cumsum(ops.ones_like(x, dtype="int32"), axis=1)
    return position <= ops.expand_dims(count, -1)


def mask_of_frames(mask: Tensor) -> Tensor:
    """A mask of the frames `(batch, T)` as it is, or that of samples as `(batch, 1)`."""
    return ops.expand_dims(mask, -1) if len(mask.shape) == 1 else mask


def to_front(x: Tensor, keep: Tensor) -> Tensor:
    """The kept entries of axis 1 moved to the front, in their order, followed by zeros."""
    x = ops.where(keep, x, ops.zeros((), dtype=x.dtype))
    keep = ops.cast(keep, "int32")
    length = ops.sum(ops.ones_like(keep), axis=1, keepdims=True)
    position = ops.cumsum(ops.ones_like(keep), axis=1)
    order = ops.argsort(position + length * (1 - keep), axis=1)
    return ops.take_along_axis(x, order, axis=1)


def log_probability_of_labels(
    labels: Tensor, y_pred: Tensor, count: Tensor, frames: Tensor, blank: int
) -> Tensor:
    """The log-probability of the first `count` labels in the first `frames` frames of logits."""
    if y_pred.shape[1] is None:  # on TensorFlow, where Keras's scan then fails
        y_pred = ops.threshold(y_pred, ABSENT, ABSENT)
        return -ops.ctc_loss(ops.cast(labels, "int32"), y_pred, count, frames, mask_index=blank)
    if keras.backend.backend() == "torch" and not is_float64(y_pred):
        # A single kernel there, which Keras calls in float32. With the loop, value and gradient take 5 times
        # as long for 32 sequences of 300 frames, and 100 times for 8 sequences of 50 frames.
        y_pred = ops.threshold(y_pred, ABSENT, ABSENT)  # a logit of -inf would give NaN
        return -ops.ctc_loss(ops.cast(labels, "int32"), y_pred, count, frames, mask_index=blank)
    return _forward_backward(labels, y_pred, count, frames, blank)


def _forward_backward(labels: Tensor, y_pred: Tensor, count: Tensor, frames: Tensor, blank: int) -> Tensor:
    """The log-probability of the first `count` labels in the first `frames` frames, by the forward recursion.

    The states are the labels with a blank before, between and behind them. Its gradient is the probability of
    each state at each time, from the same recursion run backwards.
    """
    blanks = ops.full_like(labels, blank)
    states = ops.reshape(ops.stack([blanks, labels], axis=2), (-1, 2 * ops.shape(labels)[1]))
    states = ops.concatenate([states, blanks[:, :1]], axis=1)
    two_before = ops.concatenate([states[:, :2], states[:, :-2]], axis=1)
    may_skip = ops.logical_and(ops.not_equal(states, two_before), ops.not_equal(states, blank))

    log_p = ops.log_softmax(y_pred, axis=-1)
    emitted = ops.take_along_axis(log_p, ops.expand_dims(states, 1), axis=2)
    # Time first for the recursion; -inf would make NaNs of differences.
    emitted = ops.transpose(clip_below(emitted, ABSENT), (1, 0, 2))
    valid = ops.transpose(first_entries(y_pred[:, :, 0], frames))
    position = ops.cumsum(ops.ones_like(states, dtype="int32"), axis=1) - 1
    last = ops.equal(position, ops.expand_dims(2 * count, -1))
    first = ops.equal(position, 0)
    ends = ops.logical_or(last, ops.equal(position, ops.expand_dims(2 * count - 1, -1)))

    @custom_gradient
    def total(emitted, first, last, ends, may_skip, valid):
        forward = _recursion(emitted, first, may_skip, valid)
        value = ops.logsumexp(ops.where(ends, forward[-1], ABSENT), axis=1)

        def gradient(upstream):
            skip_from = ops.concatenate([may_skip[:, 2:], ops.zeros_like(may_skip[:, :2])], axis=1)
            backward = _recursion(
                turned(emitted), ops.flip(last, 1), ops.flip(skip_from, 1), ops.flip(valid, 0)
            )
            posterior = probability(forward + turned(backward) - emitted - ops.expand_dims(value, -1))
            posterior = ops.where(ops.expand_dims(valid, -1), posterior, 0)
            return ops.expand_dims(upstream, -1) * posterior, None, None, None, None, None

        return value, gradient

    return total(emitted, first, last, ends, may_skip, valid)


def _recursion(emitted: Tensor, start: Tensor, may_skip: Tensor, valid: Tensor) -> Tensor:
    """Log-probabilities of all paths into each state, `(T, N, S)`; a frame that isn't valid keeps them."""
    nothing = ops.full_like(emitted[0], ABSENT)

    def step(state, frame):
        emitted, valid = frame
        before = from_before(state)
        skipped = ops.where(may_skip, from_before(before), ABSENT)
        total = log_sum(state, before, skipped)
        state = ops.where(ops.expand_dims(valid, -1), total + emitted, state)
        return state, state

    return ops.scan(step, ops.where(start, ops.zeros_like(nothing), nothing), (emitted, valid))[1]
