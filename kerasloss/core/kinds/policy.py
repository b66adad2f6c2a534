"""Log-probabilities of actions, with their advantages."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import clip, clip_above

LARGEST = 80.0
"""The largest log-ratio that is used as it is: beyond it float32 would overflow."""


class PolicyLoss(Loss):
    """A loss of the probability ratio between a policy and the one that acted."""

    kind = "policy"
    clip = 0.2
    clip_high = None

    def inputs(self, y_true: Any, y_pred: Any, columns: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """Both inputs, with `y_true` of the shape of `y_pred` plus an axis with one of these lengths."""
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        if not any(checks.lengths_match(true_shape, (*pred_shape, count)) for count in columns):
            checks.fail(
                self,
                f"`y_true` must have the shape of `y_pred` and one more axis with {columns} columns",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        return ops.stop_gradient(y_true), y_pred

    def objective(self, log_ratio: Tensor, advantage: Tensor) -> Tensor:
        """`min(ratio * advantage, clip(ratio) * advantage)`, with the gradient of the first if equal."""
        ratio = ops.exp(capped(log_ratio))
        high = self.clip if self.clip_high is None else self.clip_high
        bounds = (ops.convert_to_tensor(bound, dtype=ratio.dtype) for bound in (1 - self.clip, 1 + high))
        free = ratio * advantage
        clipped = clip(ratio, *bounds) * advantage
        return ops.where(clipped < free, clipped, free)


def capped(x: Tensor) -> Tensor:
    """`min(x, LARGEST)`, with gradient 0 beyond."""
    return clip_above(x, LARGEST)
