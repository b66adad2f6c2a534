"""The softmax cross-entropy, on which several families build."""

import numbers
from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.labels import is_ids, smooth_labels
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    TINY,
    crossentropy_of_logit,
    custom_gradient,
    finite_log_softmax,
    mean,
    subtract_max,
    weighted_sum,
)
from kerasloss.core.probabilities import clipped_log


class SoftmaxCrossentropy(ClassLoss):
    """Cross-entropy with a softmax: ids or one-hot labels, smoothing, class weights, z-loss."""

    from_logits = False
    label_smoothing = 0.0
    z_loss = 0.0
    epsilon = None

    def __post_init__(self) -> None:
        if self.z_loss and (not self.from_logits):
            checks.fail(
                self, "`z_loss` needs `from_logits=True`", f"z_loss={self.z_loss!r}, from_logits=False"
            )

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if is_ids(y_true, y_pred):
            value = self.of_ids(y_true, y_pred)
        else:
            smooth = smooth_labels(y_true, self.label_smoothing, axis=self.axis)
            value = -self.dense_log_likelihood(self.weighted(smooth), y_pred)
        if self.z_loss:
            value = value + self.z_loss * ops.square(ops.logsumexp(y_pred, axis=self.axis))
        return value

    def of_ids(self, ids: Tensor, y_pred: Tensor) -> Tensor:
        """`w_y (1 - a) (-log p_y) + a / C * sum(w_c (-log p_c))` without a one-hot."""
        a = self.label_smoothing
        if a == 0:
            value = -self.log_probability(ids, y_pred)
        else:
            logs = self.log_probabilities(y_pred)
            value = -(1 - a) * self.pick(logs, ids)
        weight = self.own_weight(ids, y_pred)
        if weight is not None:
            value = weight * value
        if a > 0:
            value = value - a * mean(self.weighted(logs), axis=self.axis)
        return value

    @property
    def adds_epsilon(self) -> bool:
        """Whether probabilities are taken as given, with `epsilon` added in the logarithm."""
        return self.epsilon is not None and not self.from_logits

    def log_probabilities(self, y_pred: Tensor) -> Tensor:
        return ops.log(y_pred + self.epsilon) if self.adds_epsilon else super().log_probabilities(y_pred)

    def log_probability(self, ids: Tensor, y_pred: Tensor) -> Tensor:
        if self.adds_epsilon:
            return ops.log(self.pick(y_pred, ids) + self.epsilon)
        return super().log_probability(ids, y_pred)

    def dense_log_likelihood(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if self.adds_epsilon:
            y_pred = ops.where(ops.equal(y_true, 0), 1, y_pred)  # 0 log 0 = 0
        return super().dense_log_likelihood(y_true, y_pred)


def probability_and_crossentropy(
    y: Tensor, y_pred: Tensor, from_logits: bool
) -> tuple[Tensor, Tensor, float]:
    """The probability p of every entry, its binary cross-entropy, and the p below which that has no slope."""
    if from_logits:
        return ops.sigmoid(y_pred), crossentropy_of_logit(y, y_pred), TINY
    crossentropy = -(y * clipped_log(y_pred) + (1 - y) * clipped_log(1 - y_pred))
    return y_pred, crossentropy, keras.config.epsilon()


def focal_power(base: Tensor, exponent: Any, least: float = TINY) -> Tensor:
    """`base ** exponent` with `0 ** 0 = 1`; below `least` the base is 0, with gradient 0.

    A power below 1 has no finite slope there.
    """
    if isinstance(exponent, numbers.Real) and (exponent == 0 or exponent >= 1):
        return 1 if exponent == 0 else base**exponent
    zero = base < least
    power = ops.where(zero, 1, base) ** exponent
    return ops.where(zero, ops.cast(ops.equal(exponent, 0), base.dtype), power)


def focal_of_logits(weight: Tensor, x: Tensor, gamma: float, axis: int) -> Tensor:
    """`-sum(weight * (1 - p) ** gamma * log(p))` with `p = softmax(x)`; weight 0 times an x of -inf is 0."""

    def log_softmax(x):
        if keras.backend.backend() == "tensorflow":
            return ops.log_softmax(x, axis=axis)  # one kernel
        x = subtract_max(x, axis)
        return x - ops.log(ops.sum(ops.exp(x), axis=axis, keepdims=True))

    def value(weight, x):
        log_p = log_softmax(x)
        t = ops.tanh(0.5 * log_p)  # 1 - p = -2 t / (1 - t), in half of the time of expm1 there
        return -weighted_sum(weight, focal_power(-2 * t / (1 - t), gamma) * log_p, axis)

    if keras.backend.backend() == "torch":
        # Its own gradient is faster there.
        log_p = finite_log_softmax(x, axis)
        return -ops.sum(weight * focal_power(-ops.expm1(log_p), gamma) * log_p, axis=axis)

    @custom_gradient
    def recomputing(weight, x):
        # p is computed again for the gradient, where 1 - p is exact enough: a third of the memory, less time.
        def gradient(upstream):
            upstream = ops.expand_dims(upstream, axis)
            log_p = log_softmax(x)
            p = ops.exp(log_p)
            rest = 1 - p
            power = slope = focal_power(rest, gamma)
            if gamma:
                slope = focal_power(rest, gamma - 1) * (rest - gamma * p * log_p)
            slope = ops.where(ops.equal(weight, 0), 0, weight * slope)
            pull = p * ops.sum(slope, axis=axis, keepdims=True) - slope
            return -upstream * power * log_p, upstream * pull

        return value(weight, x), gradient

    return recomputing(weight, x)
