"""Two distributions, as probabilities or logits, against each other."""

import functools
import operator
from collections.abc import Sequence

from keras import ops

from kerasloss.core import checks
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import all_between, nan_unless


class DivergenceLoss(ElementLoss):
    """A distance between two distributions over `axis`; NaN if a probability is negative."""

    kind = "divergence"
    activation = "softmax"
    axis = -1
    from_logits = False

    elementwise = False
    log_target = False

    def divergence(self, y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
        """The formula, over one axis."""
        raise NotImplementedError(f"{type(self).__name__} must implement `divergence`.")

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        axis = checks.axes(self, self.axis, y_pred)
        if not isinstance(axis, int):
            y_true, y_pred, axis = _joined(y_true, axis), _joined(y_pred, axis), -1
        value = self.divergence(y_true, y_pred, axis)
        given_as_log = (self.log_target, y_true), (self.from_logits, y_pred)
        right = [all_between(p, 0, None, axis) for is_log, p in given_as_log if not is_log]
        return nan_unless(functools.reduce(operator.and_, right), value) if right else value

    def probabilities(self, y_pred: Tensor, axis: int) -> Tensor:
        """q: as given, or the softmax of logits."""
        return ops.softmax(y_pred, axis=axis) if self.from_logits else y_pred


def _joined(x: Tensor, axes: Sequence[int]) -> Tensor:
    """`x` with several axes merged into one, the last."""
    x = ops.moveaxis(x, axes, list(range(-len(axes), 0)))
    return ops.reshape(x, (*ops.shape(x)[: -len(axes)], -1))
