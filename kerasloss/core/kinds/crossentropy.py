"""The softmax cross-entropy, on which several families build."""

from keras import ops

from kerasloss.core import checks
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.labels import is_ids, smooth_labels
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import all_between, mean, nan_unless
from kerasloss.core.probabilities import ROUNDING


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
        if self.adds_epsilon:
            value = nan_unless(all_between(y_pred, 0, 1 + ROUNDING, self.axis), value)
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
