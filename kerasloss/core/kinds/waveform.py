"""Waveforms against waveforms."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import constant, largest_magnitude, maximum, reciprocal


class WaveformLoss(Loss):
    """A loss of signals over time, which runs along `axis`; the values have the other axes."""

    kind = "waveform"
    activation = "linear"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        checks.same_shape(self, y_true, y_pred)
        if self.entry_axes(y_pred) == [0]:
            checks.fail(
                self,
                "`axis`, that of the time, must not be the first axis, that of the samples",
                f"axis={self.axis}, y_pred.shape={tuple(y_pred.shape)}",
            )
        return y_true, y_pred


def shrunk(y_true: Tensor, y_pred: Tensor, axis: int) -> tuple[Tensor, Tensor, Tensor]:
    """Two signals whose squares don't overflow, and the factor that made them so, which keeps `axis`.

    It is 1, which rounds nothing, unless a magnitude is beyond 2 ** 40; it has no gradient.
    """
    largest = maximum(largest_magnitude(y_true, axis), largest_magnitude(y_pred, axis))
    large = largest > 2.0**40
    factor = ops.where(large, reciprocal(largest), constant(1, largest))
    # Selected: XLA takes a factor out of a sum of products, and so makes the squares that overflow.
    y_true, y_pred = (ops.where(large, x * factor, x) for x in (y_true, y_pred))
    return y_true, y_pred, factor
