"""Heat maps of key points: where an object is, as a peak among pixels."""

from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Fraction, NonNegative
from kerasloss.core.focal import focal_power
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import TINY, all_between, clip, clip_below, mean, nan_unless, softplus
from kerasloss.core.probabilities import ROUNDING, clipped_log
from kerasloss.core.registry import register


@register
class PenaltyReducedFocal(ElementLoss):
    """Peaks of heat maps, around which a score costs less than elsewhere.

    Formula: the sum over a sample of `-positive_weight * (1 - p) ** alpha * log(p)` where
    `y > positive_threshold`, the peaks, and of `-negative_weight * (1 - y) ** beta * p ** alpha * log(1 - p)`
    elsewhere; divided by the number of peaks, if there are any.

    Args:
        alpha: How little scores that are nearly right weigh, >= 0.
        beta: How little pixels near a peak weigh, >= 0.
        positive_threshold: Above it a label is a peak, in [0, 1].
        positive_weight, negative_weight: What the peaks weigh, and all else, >= 0.
        from_logits: Whether `y_pred` holds logits, not probabilities.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., C)`, such as `(batch, height, width, classes)`; `y_true` is 1 at the
        key points and falls off around them like a Gaussian. Returns `(batch,)`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A label or a
            probability outside [0, 1] gives NaN.

    Use it to find objects as points, their centers or corners; not for masks (`BinaryFocalCrossentropy`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.PenaltyReducedFocal()
    >>> round(float(loss(np.array([[1.0, 0.5, 0.0]]), np.array([[0.8, 0.4, 0.1]]))), 4)
    0.0151

    Equivalents: CenterNet FocalLoss divides the sum over the batch by its n peaks: `reduction="sum"` with
    `max(peaks, 1) / n` of each sample as `sample_weight`. keras-cv
    BinaryPenaltyReducedFocalCrossEntropy: its sum is ours times the peaks.

    Reference: Law & Deng, 2018, CornerNet: Detecting Objects as Paired Keypoints, ECCV (arXiv 1808.01244);
    Zhou, Wang & Krahenbuhl, 2019, Objects as Points (arXiv 1904.07850).
    """

    kind = "binary"
    activation = "sigmoid"
    elementwise = False
    whole_samples = True

    alpha: NonNegative = 2.0
    beta: NonNegative = 4.0
    positive_threshold: Fraction = 0.99
    positive_weight: NonNegative = 1.0
    negative_weight: NonNegative = 1.0
    from_logits: bool = False

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y = clip(y_true, 0, 1)
        peak = y > self.positive_threshold
        # Of the label of each pixel, 1 at a peak and else 0: how wrong the score is, and its log-likelihood.
        if self.from_logits:
            wrong, least = ops.sigmoid(ops.where(peak, -y_pred, y_pred)), TINY
            log_p = -softplus(ops.where(peak, -y_pred, y_pred))
        else:
            right, least = ops.where(peak, y_pred, 1 - y_pred), keras.config.epsilon()
            wrong, log_p = 1 - right, clipped_log(right)
        weight = ops.where(peak, self.positive_weight, self.negative_weight * focal_power(1 - y, self.beta))
        values = -weight * focal_power(wrong, self.alpha, least) * log_p
        axes = self.entry_axes(y_pred)
        peaks = ops.sum(ops.cast(peak, values.dtype), axes)
        inside = all_between(y_true, 0, 1 + ROUNDING, axes)
        if not self.from_logits:
            inside = ops.logical_and(inside, all_between(y_pred, 0, 1 + ROUNDING, axes))
        return nan_unless(inside, ops.sum(values, axes) / clip_below(peaks, 1))


@register
class KeypointHeatmap(ElementLoss):
    """Heat maps of the joints of a body: squared errors, one value for each joint, which may be hidden.

    Formula: `mean((y_pred - y_true) ** 2)` over height and width.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, height, width, K)`. Returns `(batch, K)`, one value for each key point:
        the visibility, 0 or 1, is the `sample_weight` `(batch, K)`.

    Raises:
        ValueError: If the shapes don't match.

    Use it for poses; with `reduction="mean_with_sample_weight"` it is the mean over the joints that are
    visible. Not for a number of objects that is not known (`PenaltyReducedFocal`).

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = (np.array(x).reshape(1, 1, 2, 1) for x in ([1.0, 0.0], [0.6, 0.2]))
    >>> round(float(kerasloss.KeypointHeatmap()(y_true, y_pred)), 4)
    0.1

    Equivalents: JointsMSELoss(use_target_weight=True) of HRNet: half of it, for visibilities 0 and 1.

    Reference: Xiao, Wu & Wei, 2018, Simple Baselines for Human Pose Estimation and Tracking, ECCV (arXiv
    1804.06208).
    """

    elementwise = False

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return [1, 2]

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if len(y_pred.shape) != 4:
            what = "`y_pred` must be heat maps (batch, height, width, K)"
            checks.fail(self, what, f"y_pred.shape={tuple(y_pred.shape)}")
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean(ops.square(y_pred - y_true), (1, 2))
