"""Regression as classification: the prediction is a histogram of the target."""

import math
from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Positive
from kerasloss.core.kinds.distribution import DistributionLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import clip, mean, nan_unless, weighted_log_softmax
from kerasloss.core.registry import register


@register
class HistogramGaussian(DistributionLoss):
    """Numbers of a known range, predicted as a histogram: the softmax of one logit for each of K bins.

    Formula: the mean over d of `-sum(p * log_softmax(y_pred))`; p is the share of each bin in a normal
    distribution around y of scale `sigma`, cut off at the ends of the range.

    Args:
        min_value: The least target, the lower edge of the first bin.
        max_value: The largest target, the upper edge of the last bin, > `min_value`.
        sigma: The scale by which a target is spread over the bins around it, in its unit, > 0; None: 3/4 of
            the width of a bin.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers, those outside the range as if at its end; `y_pred`:
        `(batch, ..., d, K)`, logits of K >= 2 bins of equal width. Or `(batch,)` or `(batch, 1)` with
        `(batch, K)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `max_value` is not above `min_value`, `sigma` is not > 0, there are fewer than 2 bins,
            or the shapes don't match.

    Use it for value functions and other regression of a known range with noisy or moving targets, which
    squared errors learn badly; not where the range is unknown. The prediction is the mean of the histogram,
    the sum of `softmax(y_pred)` times the centres of the bins. The least value is the entropy of p, not 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.HistogramGaussian(0.0, 3.0)
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, 1.0, 2.0]]))), 4)
    1.7628

    Equivalents: hl-gauss-pytorch `HLGaussLoss(min_value, max_value, num_bins, sigma)` with
    `clamp_to_range=True`: its `sigma` is 2 bins by default.

    Reference: Imani & White, 2018, Improving Regression Performance with Distributional Losses, ICML;
    Farebrother et al., 2024, Stop Regressing: Training Value Functions via Classification for Scalable Deep
    RL, ICML.
    """

    parameters = "logits of the bins"

    min_value: float
    max_value: float
    sigma: Positive | None = None

    def __post_init__(self) -> None:
        if self.min_value >= self.max_value:
            received = f"min_value={self.min_value}, max_value={self.max_value}"
            checks.fail(self, "`max_value` must be above `min_value`", received)

    def parameter_count(self) -> int | None:
        return None

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if y_pred.shape[-1] < 2:
            what = "the last axis of `y_pred` must hold the logits of at least 2 bins"
            checks.fail(self, what, f"y_pred.shape={tuple(y_pred.shape)}")
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        bins = y_pred.shape[-1]
        width = (self.max_value - self.min_value) / bins
        scale = math.sqrt(2) * (0.75 * width if self.sigma is None else self.sigma)
        y = ops.expand_dims(clip(y_true, self.min_value, self.max_value) - self.min_value, -1)
        below = ops.erf((width * ops.arange(bins + 1, dtype=y.dtype) - y) / scale)  # -1 .. 1: twice the mass
        mass = below[..., 1:] - below[..., :-1]
        p = mass / (below[..., -1:] - below[..., :1])
        return mean(nan_unless(ops.equal(y_true, y_true), -weighted_log_softmax(p, y_pred, -1)), axis=-1)
