"""Heads of dense detectors: how good a box is, and where its sides are."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Fraction, NonNegative
from kerasloss.core.focal import focal_power, probability_and_crossentropy
from kerasloss.core.kinds.binary import BinaryLoss
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import absolute, clip, nan_unless, weighted_log_softmax, weighted_sum
from kerasloss.core.probabilities import clipped_log, normalize
from kerasloss.core.registry import register


@register
class QualityFocal(BinaryLoss):
    """A score that says both which class an object has and how good its box is, with focal weights.

    Formula: the mean over the last axis of `|y - p| ** beta * bce`, with the binary cross-entropy
    `bce = -y * log(p) - (1 - y) * log(1 - p)`.

    Args:
        beta: How little scores that are nearly right weigh, >= 0; 0 is the binary cross-entropy.
        from_logits: Whether `y_pred` holds logits, not probabilities.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., C)`; `y_true` is the IoU of the predicted box, in [0, 1], for the
        class of the object, 0 elsewhere. Returns `(batch, ...)`.

    Raises:
        ValueError: If `beta` is out of range or the shapes don't match. A label outside [0, 1] gives NaN.

    Use it for detectors whose score orders boxes in non-maximum suppression; not for labels 0 and 1
    (`BinaryFocalCrossentropy`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.QualityFocal()
    >>> round(float(loss(np.array([[0.7, 0.0]]), np.array([[0.4, 0.2]]))), 4)
    0.0402

    Equivalents: pytorch-toolbelt `QualityFocalLoss`: `from_logits=True`; mmdetection QualityFocalLoss too,
    times C, since it is a sum over classes.

    Reference: Li, Wang, Wu, Chen, Hu, Li, Tang & Yang, 2020, Generalized Focal Loss: Learning Qualified and
    Distributed Bounding Boxes for Dense Object Detection, NeurIPS (arXiv 2006.04388).
    """

    beta: NonNegative = 2.0
    from_logits: bool = False

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        p, crossentropy, _ = probability_and_crossentropy(y_true, y_pred, self.from_logits)
        values = focal_power(absolute(y_true - p), self.beta) * crossentropy
        return self.average(values, y_true, None if self.from_logits else y_pred)


@register
class Varifocal(BinaryLoss):
    """A score that says both which class an object has and how good its box is, in which objects weigh more.

    Formula: the mean over the last axis of `y * bce` where `y > 0`, and of `-alpha * p ** gamma * log(1 - p)`
    where `y = 0`, with the binary cross-entropy `bce = -y * log(p) - (1 - y) * log(1 - p)`.

    Args:
        alpha: The weight of the negatives, in [0, 1].
        gamma: How strongly easy negatives are down-weighted, >= 0.
        from_logits: Whether `y_pred` holds logits, not probabilities.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., C)`; `y_true` is the IoU of the predicted box, in [0, 1], for the
        class of the object, 0 elsewhere. Returns `(batch, ...)`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A label outside [0, 1] gives
            NaN.

    Use it where objects are rare among many places; not where all scores count alike (`QualityFocal`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Varifocal()
    >>> round(float(loss(np.array([[0.7, 0.0]]), np.array([[0.4, 0.2]]))), 4)
    0.2815

    Equivalents: mmdetection VarifocalLoss(iou_weighted=True): `from_logits=True`.

    Reference: Zhang, Wang, Dayoub & Sunderhauf, 2021, VarifocalNet: An IoU-aware Dense Object Detector, CVPR
    (arXiv 2008.13367).
    """

    alpha: Fraction = 0.75
    gamma: NonNegative = 2.0
    from_logits: bool = False

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        p, crossentropy, least = probability_and_crossentropy(y_true, y_pred, self.from_logits)
        weight = ops.where(y_true > 0, y_true, self.alpha * focal_power(p, self.gamma, least))
        return self.average(weight * crossentropy, y_true, None if self.from_logits else y_pred)


@register
class DistributionFocal(Loss):
    """A distance, such as that of a side of a box, as the mean of a distribution over whole numbers.

    Formula: `-(l + 1 - y) * log(p[l]) - (y - l) * log(p[l + 1])`, where l and l + 1 are the bins beside y.

    Args:
        from_logits: Whether `y_pred` holds logits, not probabilities.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: distances in bins, `(batch, ...)` or `(batch, ..., 1)`, real numbers from 0 to n, values
        outside are clipped; `y_pred`: `(batch, ..., n + 1)`. Returns `(batch, ...)`.

    Raises:
        ValueError: If the shapes don't match, or there are fewer than 2 bins.

    Use it for the sides of boxes whose borders are not clear, four of them beside a loss of the boxes; not
    for distances without a largest one. The prediction is the sum of `p[k] * k`.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.DistributionFocal()
    >>> round(float(loss(np.array([1.3]), np.array([[0.1, 0.5, 0.3, 0.1]]))), 4)
    0.8464

    Equivalents: mmdetection DistributionFocalLoss: `from_logits=True`. YOLOv8's `DFLoss` too: it cuts y off
    at n - 0.01, and is the mean of the four sides.

    Reference: Li, Wang, Wu, Chen, Hu, Li, Tang & Yang, 2020, Generalized Focal Loss: Learning Qualified and
    Distributed Bounding Boxes for Dense Object Detection, NeurIPS (arXiv 2006.04388).
    """

    kind = "distribution"
    activation = "softmax"

    from_logits: bool = False

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        if len(y_true.shape) == len(y_pred.shape) > 0 and y_true.shape[-1] == 1:
            y_true = ops.squeeze(y_true, -1)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        if len(pred_shape) < 2 or pred_shape[-1] < 2 or not checks.lengths_match(true_shape, pred_shape[:-1]):
            what = "`y_true` must be distances (batch, ...), and `y_pred` (batch, ..., n + 1), with n >= 1"
            checks.fail(self, what, f"y_true.shape={true_shape}, y_pred.shape={pred_shape}")
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        last = y_pred.shape[-1] - 1
        y = ops.expand_dims(clip(y_true, 0, last), -1)
        weight = ops.relu(1 - ops.abs(y - ops.arange(last + 1, dtype=y.dtype)))
        if self.from_logits:
            log_likelihood = weighted_log_softmax(weight, y_pred, -1)
        else:
            log_likelihood = weighted_sum(weight, clipped_log(normalize(y_pred, -1)), -1)
        return nan_unless(ops.equal(y_true, y_true), -log_likelihood)
