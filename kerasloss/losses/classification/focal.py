"""Classification of rare classes by focal weights: what is already right counts less.

`(1 - p_t) ** gamma`, with p_t the probability of the label, multiplies a cross-entropy. Losses of class
frequencies, F1 and AUC are in `imbalance.py`, those of the hardest examples in `composition`.
"""

import math
import numbers
from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, Literal

import keras
import numpy as np
from keras import ops

from kerasloss.core.configuration import (
    ClassIds,
    Fraction,
    NonNegative,
    PerClass,
    each_within,
    one_or_each_within,
    within,
)
from kerasloss.core.focal import focal_of_logits, focal_power, probability_and_crossentropy
from kerasloss.core.kinds.binary import BinaryLoss
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.labels import along_axis, is_ids, smooth_labels
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    TINY,
    clip,
    clip_below,
    softplus,
    weighted_sum,
)
from kerasloss.core.probabilities import as_probabilities, normalize
from kerasloss.core.registry import register


def _binary_focal(y: Tensor, y_pred: Tensor, gamma: float, from_logits: bool) -> Tensor:
    """`(1 - p_t) ** gamma` times the binary cross-entropy, for every entry."""
    p, crossentropy, least = probability_and_crossentropy(y, y_pred, from_logits)
    right = y * p
    missed = (y - right) + (p - right)  # 1 - p_t
    return focal_power(missed, gamma, least) * crossentropy


@register
class BinaryFocalCrossentropy(BinaryLoss):
    """Binary cross-entropy in which labels that are already right count less.

    Formula: `mean(a_t * (1 - p_t) ** gamma * bce)` over `axis`, with smoothed labels y,
    `p_t = y * p + (1 - y) * (1 - p)`, `a_t = y * alpha + (1 - y) * (1 - alpha)` (1 without class balancing)
    and the binary cross-entropy `bce = -y * log(p) - (1 - y) * log(1 - p)`.

    Args:
        apply_class_balancing: Whether `alpha` is used.
        alpha: Weight of the positive label, in [0, 1], a float or one for each label along `axis`; the
            negative one has `1 - alpha`.
        gamma: Power >= 0 of the focal weight; 0: `BinaryCrossentropy`.
        from_logits: Whether `y_pred` holds logits (exact at any size) or probabilities: in the logarithms p
            and 1 - p are clipped to [1e-7, 1 - 1e-7].
        label_smoothing: Share of the label 1/2 in the labels, in [0, 1].
        axis: The axis of the mean.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: A label, or several, that don't count (255, -100).

    Shapes:
        `y_true`: labels in [0, 1], hard or soft; `y_pred`: the same shape. Returns it without `axis`.

    Raises:
        ValueError: If an argument is out of range, `alpha` has the wrong length, or the shapes differ. A
            label outside [0, 1] that is not ignored gives NaN.

    Use it where there are many easy negatives, as in dense detection; not where the probabilities must be
    calibrated (`BinaryCrossentropy`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.BinaryFocalCrossentropy(from_logits=True)
    >>> y_true, logits = np.array([[1, 0, 1, 0]]), np.array([[2.0, -1.0, 1.5, -2.0]])
    >>> round(float(loss(y_true, logits)), 5)
    0.00824

    Equivalents: Flux `binary_focal_loss` and optax `sigmoid_focal_loss(alpha=None)`: the default. With
    `alpha`, `apply_class_balancing=True`: optax, torchvision; for hard labels and a single alpha, MONAI
    `FocalLoss`, kornia `BinaryFocalLossWithLogits` and segmentation_models.pytorch `FocalLoss`, whose
    "multiclass" takes the one-hot labels; times the length of the last axis, which they sum, TensorFlow
    Addons `SigmoidFocalCrossEntropy` and, of hard labels, keras-cv `FocalLoss`.

    Reference: Lin et al., 2017, Focal Loss for Dense Object Detection, ICCV (arXiv 1708.02002).
    """

    apply_class_balancing: bool = False
    alpha: Annotated[float | Sequence[float], one_or_each_within(least=0, most=1)] = 0.25
    gamma: NonNegative = 2.0
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1
    _: KW_ONLY
    ignore_class: ClassIds | None = None

    per_label = "alpha"

    def label_weight(self) -> Sequence[float] | None:
        return super().label_weight() if self.apply_class_balancing else None

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        labels, y_pred = self.fill_ignored(y_true, y_pred)
        y = smooth_labels(labels, self.label_smoothing, axis=None)
        value = _binary_focal(y, y_pred, self.gamma, self.from_logits)
        if self.apply_class_balancing:
            alpha = along_axis(self.alpha, y_pred, self.label_axis)
            value = (y * alpha + (1 - y) * (1 - alpha)) * value
        return self.average(value, y_true, None if self.from_logits else y_pred, sample_weight)


class _FocalClassLoss(ClassLoss):
    """A softmax cross-entropy with focal weights."""

    alpha = 1.0
    label_smoothing = 0.0

    def focal_crossentropy(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """`-sum(alpha[c] * (1 - p[c]) ** gamma * y[c] * log(p[c]))` with smoothed labels y."""
        if is_ids(y_true, y_pred) and self.label_smoothing == 0:
            log_p = self.log_probability(y_true, y_pred)
            return -self.alpha_of(y_true, y_pred) * focal_power(-ops.expm1(log_p), self.gamma) * log_p
        y = smooth_labels(self.one_hot(y_true, y_pred), self.label_smoothing, axis=self.axis)
        weight = y * along_axis(self.alpha, y_pred, self.axis)
        if self.from_logits:
            return focal_of_logits(weight, y_pred, self.gamma, self.axis)
        epsilon = keras.config.epsilon()
        p = clip(normalize(y_pred, self.axis), epsilon, 1 - epsilon)
        return -ops.sum(weight * focal_power(1 - p, self.gamma) * ops.log(p), axis=self.axis)

    def alpha_of(self, ids: Tensor, y_pred: Tensor) -> Any:
        """The `alpha` of each id (of any class for an id out of range)."""
        if isinstance(self.alpha, numbers.Real):
            return self.alpha
        alpha = ops.convert_to_tensor(self.alpha, dtype=y_pred.dtype)
        return ops.take(alpha, ops.clip(ids, 0, len(self.alpha) - 1), axis=0)


class _AlphaFocalClassLoss(_FocalClassLoss):
    """The focal cross-entropy with `alpha`; the two public classes differ in the order of their arguments."""

    per_class = ("alpha",)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.focal_crossentropy(y_true, y_pred)


@register
class CategoricalFocalCrossentropy(_AlphaFocalClassLoss):
    """Softmax cross-entropy in which samples that are already right count less.

    Formula: `-sum(alpha[c] * (1 - p[c]) ** gamma * y[c] * log(p[c]))` over the classes c, with smoothed
    labels y.

    Args:
        alpha: A factor >= 0, or C of them, one per class.
        gamma: Power >= 0 of the focal weight; 0: `alpha` times `CategoricalCrossentropy`.
        from_logits: Whether `y_pred` holds logits (p is their softmax, never clipped) or probabilities,
            which are divided by their sum and clipped to [1e-7, 1 - 1e-7] as in Keras.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        axis: The class axis of `y_pred`, of length C.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, `alpha` does not have C entries, the shapes don't match,
            or class ids come with a single output. An id outside [0, C) that is not ignored gives NaN.

    Use it where most samples are easy; not where the probabilities must be calibrated
    (`CategoricalCrossentropy`). A factor `alpha` that is not per class only scales the loss.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.CategoricalFocalCrossentropy(alpha=1.0)
    >>> round(float(loss(np.array([[0, 1, 0]]), np.array([[0.2, 0.5, 0.3]]))), 4)
    0.1733

    Equivalents: Keras: the default. Flux `focal_loss(dims, gamma)`, segmentation_models.pytorch
    `softmax_focal_loss_with_logits`: `alpha=1.0`. MONAI `FocalLoss(use_softmax=True)` and kornia `FocalLoss`
    with `alpha=a`: `alpha=[1 - a, a, ..., a]`, but their means are over the C classes too: 1 / C of this
    (kornia's over ignored positions as well).

    Reference: Lin et al., 2017, Focal Loss for Dense Object Detection, ICCV (arXiv 1708.02002).
    """

    alpha: PerClass = 0.25
    gamma: NonNegative = 2.0
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1
    _: KW_ONLY
    ignore_class: ClassIds | None = None


@register
class SparseCategoricalFocalCrossentropy(_AlphaFocalClassLoss):
    """Focal cross-entropy for class ids: `CategoricalFocalCrossentropy` under the name for ids.

    Formula: `-alpha[y] * (1 - p[y]) ** gamma * log(p[y])` for the id y; with label smoothing the sum over
    the classes of `CategoricalFocalCrossentropy`.

    Args:
        alpha: A factor >= 0, or C of them, one per class.
        gamma: Power >= 0 of the focal weight; 0: `alpha` times `SparseCategoricalCrossentropy`.
        from_logits: Whether `y_pred` holds logits (p is their softmax, never clipped) or probabilities,
            which are divided by their sum and clipped to [1e-7, 1 - 1e-7] as in Keras.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        axis: The class axis of `y_pred`, of length C >= 2.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, `alpha` does not have C entries, the shapes don't match,
            or there is a single output. An id outside [0, C) that is not ignored gives NaN.

    Use it where most samples, pixels or tokens are easy; not where the probabilities must be calibrated
    (`SparseCategoricalCrossentropy`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.SparseCategoricalFocalCrossentropy(gamma=1.0)
    >>> round(float(loss(np.array([1]), np.array([[0.2, 0.5, 0.3]]))), 4)
    0.0866

    Equivalents: Keras `CategoricalFocalCrossentropy` on one-hot labels: the default; focal losses of torch
    code, which have no factor: `alpha=1.0, from_logits=True`.

    Reference: Lin et al., 2017, Focal Loss for Dense Object Detection, ICCV (arXiv 1708.02002).
    """

    only_ids = True

    alpha: PerClass = 0.25
    gamma: NonNegative = 2.0
    from_logits: bool = False
    ignore_class: ClassIds | None = None
    label_smoothing: Fraction = 0.0
    axis: int = -1


@register
class ClassBalancedCrossentropy(_FocalClassLoss):
    """Cross-entropy weighted by the inverse of the effective number of samples of each class.

    Formula: `w_y * base` with `w_y = sum(w[c] * y[c])`; the `w[c]` sum to C and are proportional to
    `(1 - beta) / (1 - beta ** n[c])`. Base "softmax": `-sum((1 - p[c]) ** gamma * y[c] * log(p[c]))`; base
    "sigmoid": `sum((1 - q[c]) ** gamma * b[c])`, with the binary cross-entropy b of each class and its
    probability q of the label.

    Args:
        samples_per_class: The numbers n of training samples, C floats > 0.
        beta: In [0, 1): 0 weighs all classes equally; near 1, by the inverse of their number of samples.
        base: `"softmax"` or `"sigmoid"`.
        gamma: Power >= 0 of the focal weight; 0: none.
        from_logits: Whether `y_pred` holds logits, never clipped, or probabilities: those of the softmax are
            divided by their sum, all are clipped to [1e-7, 1 - 1e-7].
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`. `reduction="mean_with_sample_weight"` divides by the
            sum of the `w_y`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, `samples_per_class` does not have C entries, or the shapes
            don't match. An id outside [0, C) that is not ignored gives NaN.

    Use it for long-tailed classes that should all be found; not where the test data are as imbalanced as
    the training data and only accuracy counts (`CategoricalCrossentropy`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ClassBalancedCrossentropy([10, 1000], beta=0.99, from_logits=True)
    >>> round(float(loss(np.array([0]), np.array([[0.5, 1.5]]))), 4)
    2.3973

    Equivalents: the authors', vandit15's `CB_loss("focal")` and balanced-loss `Loss("focal_loss")`:
    `base="sigmoid"` with `gamma`; its "cross_entropy": the default, its "binary_cross_entropy": 1 / C of
    `base="sigmoid"`; all with its `beta=0.999`.

    Reference: Cui et al., 2019, Class-Balanced Loss Based on Effective Number of Samples, CVPR (arXiv
    1901.05555).
    """

    per_class = ("samples_per_class",)

    samples_per_class: Annotated[Sequence[float], each_within(above=0)]
    beta: Annotated[float, within(least=0, below=1)] = 0.9999
    base: Literal["softmax", "sigmoid"] = "softmax"
    gamma: NonNegative = 0.0
    from_logits: bool = False
    axis: int = -1
    ignore_class: ClassIds | None = None

    def __post_init__(self) -> None:
        log_beta = math.log(self.beta) if self.beta > 0 else -math.inf
        weights = -1 / np.expm1(log_beta * np.asarray(self.samples_per_class, "float64"))
        self.class_weight = (weights * len(weights) / np.sum(weights)).tolist()

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if self.base == "softmax":
            value = self.focal_crossentropy(y_true, y_pred)
        else:
            y = self.one_hot(y_true, y_pred)
            y_pred = y_pred if self.from_logits else as_probabilities(y_pred)
            value = ops.sum(_binary_focal(y, y_pred, self.gamma, self.from_logits), axis=self.axis)
        return self.own_weight(y_true, y_pred) * value


@register
class Asymmetric(BinaryLoss):
    """Multi-label cross-entropy that focuses positives and negatives differently and drops easy negatives.

    Formula: `mean(-(1 - p_t) ** g_t * (y * log(p) + (1 - y) * log(q)))` over `axis`, with
    `q = min(1 - p + clip, 1)`, `p_t = y * p + (1 - y) * q` and `g_t = gamma_pos * y + gamma_neg * (1 - y)`.

    Args:
        gamma_neg: Power >= 0 of the focal weight of negatives.
        gamma_pos: Power >= 0 of the focal weight of positives.
        clip: In [0, 1): negatives with p <= clip cost nothing.
        stop_gradient: Whether no gradient flows through the focal weight.
        from_logits: Whether `y_pred` holds logits (p is their sigmoid) or probabilities: p and q are at
            least 1e-7 in the logarithms.
        axis: The axis of the mean.
        ignore_class: A label, or several, that don't count (255, -100).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: labels in [0, 1], hard or soft; `y_pred`: the same shape. Returns it without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes differ. A label outside [0, 1] that is not
            ignored gives NaN.

    Use it for many labels of which few are positive, and some positives unmarked; not for mutually exclusive
    labels (`AsymmetricSingleLabel`). Value and gradient of a negative with p <= clip are exactly 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Asymmetric(from_logits=True)
    >>> round(float(loss(np.array([[1, 0, 0]]), np.array([[0.5, 1.0, -4.0]]))), 4)
    0.1416

    Equivalents: ASL `AsymmetricLoss` and `AsymmetricLossOptimized`, timm `AsymmetricLossMultiLabel`: the sum
    of everything, so `reduction="sum"` times the length of `axis` (newer timm: divided by the batch); they
    cut probabilities at 1e-8, and `AsymmetricLoss` has `stop_gradient=True`.

    Reference: Ridnik et al., 2021, Asymmetric Loss for Multi-Label Classification, ICCV (arXiv 2009.14119).
    """

    gamma_neg: NonNegative = 4.0
    gamma_pos: NonNegative = 1.0
    clip: Annotated[float, within(least=0, below=1)] = 0.05
    stop_gradient: bool = False
    from_logits: bool = False
    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        y, y_pred = self.fill_ignored(y_true, y_pred)
        not_p = ops.sigmoid(-y_pred) if self.from_logits else 1 - y_pred
        p = 1 - not_p if self.from_logits else y_pred
        q = ops.where(p > self.clip, not_p + self.clip, 1)
        log_p, log_q = self.logs(y_pred, p, q)
        missed = y * not_p + (1 - y) * ops.relu(p - self.clip)  # 1 - p_t
        gamma = self.gamma_pos * y + self.gamma_neg * (1 - y)
        weight = focal_power(missed, gamma, TINY if self.from_logits else keras.config.epsilon())
        if self.stop_gradient:
            weight = ops.stop_gradient(weight)
        value = -weight * (y * log_p + (1 - y) * log_q)
        return self.average(value, y_true, None if self.from_logits else y_pred, sample_weight)

    def logs(self, y_pred: Tensor, p: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
        """`log(p)` and `log(q)`."""
        if not self.from_logits:
            epsilon = keras.config.epsilon()
            return ops.log(clip_below(p, epsilon)), ops.log(clip_below(q, epsilon))
        log_q = ops.log(q) if self.clip > 0 else -softplus(y_pred)
        return -softplus(-y_pred), log_q


@register
class AsymmetricSingleLabel(ClassLoss):
    """Softmax cross-entropy with smoothing that focuses the true class and the others differently.

    Formula: `-sum((1 - u[c]) ** g[c] * s[c] * log(p[c]))` over the classes c, with
    `u[c] = y[c] * p[c] + (1 - y[c]) * (1 - p[c])`, `g[c] = gamma_pos * y[c] + gamma_neg * (1 - y[c])` and
    the smoothed labels s.

    Args:
        gamma_pos: Power >= 0 of the focal weight of the true class.
        gamma_neg: Power >= 0 of the focal weight of the others, which enter only through smoothing.
        label_smoothing: Share of the uniform distribution in the labels s, in [0, 1].
        from_logits: Whether `y_pred` holds logits (p is their softmax, never clipped) or probabilities,
            which are divided by their sum and clipped in the logarithm as in Keras.
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. An id outside [0, C) that is not
            ignored gives NaN.

    Use it with a backbone and settings tuned for it; not for labels that are not mutually exclusive
    (`Asymmetric`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.AsymmetricSingleLabel(from_logits=True)
    >>> round(float(loss(np.array([2]), np.array([[0.5, -1.0, 1.0]]))), 4)
    0.5185

    Equivalents: ASL `ASLSingleLabel(eps)`: `from_logits=True, label_smoothing=eps`; timm
    `AsymmetricLossSingleLabel`: that with `gamma_pos=1`.

    Reference: Ridnik et al., 2021, Asymmetric Loss for Multi-Label Classification, ICCV (arXiv 2009.14119).
    """

    gamma_pos: NonNegative = 0.0
    gamma_neg: NonNegative = 4.0
    label_smoothing: Fraction = 0.1
    from_logits: bool = False
    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y, p = self.one_hot(y_true, y_pred), self.probabilities(y_pred)
        right = y * p
        missed = (y - right) + (p - right)  # 1 - u
        gamma = self.gamma_pos * y + self.gamma_neg * (1 - y)
        smooth = smooth_labels(y, self.label_smoothing, axis=self.axis)
        log_p = ops.where(ops.equal(smooth, 0), 0, self.log_probabilities(y_pred))  # 0 * -inf = 0
        return -weighted_sum(focal_power(missed, gamma) * smooth, log_p, self.axis)
