"""Segmentation by overlap: ratios of the sums of a mask and a prediction.

Written with `I = sum(y * p)`, `A = sum(y)`, `B = sum(p)`, false positives `FP = sum((1 - y) * p)`, misses
`FN = sum(y * (1 - p))`, `TN = sum((1 - y) * (1 - p))`, all over `axis`, and `e = max(smooth, 1e-7)`. Where
the mask and the prediction are both empty, value and gradient are 0.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY
from typing import Literal

from keras import ops

from kerasloss.core.configuration import (
    Axes,
    ClassIds,
    ClassWeight,
    Fraction,
    NonNegative,
    Positive,
    Reduction,
)
from kerasloss.core.kinds.region import RegionLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import TINY, log_cosh, power, safe_divide, scale_to_one
from kerasloss.core.overlap import dice, one_minus_ratio, tversky, weighted_total, zero_if_empty
from kerasloss.core.registry import register


@register
class Dice(RegionLoss):
    """Overlap of mask and prediction: one minus the Dice coefficient, the F1 score of the positions.

    Formula: `1 - (2 * I + smooth) / (A + B + e)`, with `I = sum(y * p)`, `A = sum(y)`, `B = sum(p)` over
    `axis` and `e = max(smooth, 1e-7)`; with `squared_pred`, `A = sum(y ** 2)` and `B = sum(p ** 2)`.

    Args:
        reduction, name: See `kerasloss.Loss`.
        axis: The axes that the sums run over; None: all, one number for the whole batch. Of
            `(batch, height, width, C)`, `(1, 2, 3)` gives one value per sample, `(0, 1, 2)` per class,
            `(1, 2)` per sample and class.
        dtype: See `kerasloss.Loss`.
        squared_pred: Whether A and B are sums of squares; soft masks then reach 0 at p = y.
        smooth: Added above and below, >= 0; a large one softens the loss of small masks.
        from_logits: Whether `y_pred` holds logits: p is their softmax over `class_axis`, or their sigmoid for
            yes/no problems. Otherwise `y_pred` is p itself.
        multilabel: Whether every channel is a separate yes/no problem, as a single channel always is.
            Otherwise the classes of a position are mutually exclusive.
        class_axis: Where the C classes are; 1 for channels first.
        class_weight: C floats >= 0, factors inside the sums over classes. Where `axis` keeps the classes,
            factors of the values; `reduction="mean_with_sample_weight"` then divides by their sum.
        ignore_class: A class id (or, in a yes/no problem, a label), or several, whose positions don't count;
            any integer (255, -100).

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis`. Weights and masks may be per sample or per position. Weights per position are
        factors inside the sums; so are weights per sample if the sums run over the batch.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or an
            integer yes/no label other than 0 and 1, that is not ignored gives NaN.

    Use it for masks with a small foreground, often beside a cross-entropy (`DiceCrossentropy`); not for
    calibrated probabilities. One value per batch hides rare classes and small samples: set `axis`.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Dice()
    >>> y_true, y_pred = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])
    >>> round(float(loss(y_true, y_pred)), 4)
    0.3333

    Equivalents: Keras: the default (1, not 0, if all is empty). Flux `dice_coeff_loss`: `squared_pred=True`.
    MONAI `DiceLoss(smooth_nr=s, smooth_dr=s)`: `smooth=s` and `axis` of space (and batch, if
    `batch=True`); `weight`: `class_weight`; `include_background=False`: a class weight of 0 and
    `reduction="mean_with_sample_weight"`. segmentation_models.pytorch: `smooth=2 * s`, batch and space; a
    class without labels counts 0 there. optax `dice_loss`: `smooth=2 * s`, space. kornia
    `DiceLoss("micro")`: `axis=(1, 2, 3)`; `"macro"`: space, but for classes without labels, which it leaves
    out.

    Reference: Dice, 1945, Measures of the Amount of Ecologic Association Between Species, Ecology;
    Milletari, Navab & Ahmadi, 2016, V-Net, 3DV (arXiv 1606.04797).
    """

    labels_are_numbers = True

    reduction: Reduction = "sum_over_batch_size"
    name: str | None = "dice"
    axis: Axes | None = None
    _: KW_ONLY
    squared_pred: bool = False
    smooth: NonNegative = 0.0
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None
    ignore_class: ClassIds | None = None

    def value(self, y: Tensor, p: Tensor, total: Callable[[Tensor], Tensor]) -> Tensor:
        return dice(y, p, total, self.smooth, self.squared_pred)


@register
class Tversky(RegionLoss):
    """Dice with a price for each kind of error: `alpha` for false positives, `beta` for misses.

    Formula: `1 - (I + smooth) / (I + alpha * FP + beta * FN + e)`, with `I = sum(y * p)`,
    `FP = sum((1 - y) * p)`, `FN = sum(y * (1 - p))` over `axis` and `e = max(smooth, 1e-7)`.

    Args:
        alpha: Price >= 0 of the false positives.
        beta: Price >= 0 of the misses; above alpha it favours recall.
        reduction, name: See `kerasloss.Loss`.
        axis: See `kerasloss.Dice`.
        dtype: See `kerasloss.Loss`.
        smooth, from_logits, multilabel, class_axis, class_weight, ignore_class: See `kerasloss.Dice`.

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or an
            integer yes/no label other than 0 and 1, that is not ignored gives NaN.

    Use it where misses cost more, or less, than false alarms; not where they cost the same: 1/2 each is
    `Dice`, 1 each is `Jaccard`.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Tversky(alpha=0.3, beta=0.7)
    >>> y_true, y_pred = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])
    >>> round(float(loss(y_true, y_pred)), 4)
    0.3617

    Equivalents: MONAI, segmentation_models.pytorch, kornia, optax: the same alpha, beta and smooth, axes and
    classes without labels as in their Dice (kornia: "macro"). Keras documents the same alpha and beta, but
    its code up to 3.15 has them exchanged. Flux `tversky_loss(beta=b)`: its code is `alpha=b, beta=1 - b,
    smooth=1`, its documented formula `alpha=1 - b, beta=b, smooth=1`.

    Reference: Tversky, 1977, Features of Similarity, Psychological Review; Salehi, Erdogmus & Gholipour,
    2017, MLMI (arXiv 1706.05721).
    """

    labels_are_numbers = True

    alpha: NonNegative = 0.5
    beta: NonNegative = 0.5
    reduction: Reduction = "sum_over_batch_size"
    name: str | None = "tversky"
    axis: Axes | None = None
    _: KW_ONLY
    smooth: NonNegative = 0.0
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None
    ignore_class: ClassIds | None = None

    def value(self, y: Tensor, p: Tensor, total: Callable[[Tensor], Tensor]) -> Tensor:
        return tversky(y, p, total, self.alpha, self.beta, self.smooth)


@register
class Jaccard(RegionLoss):
    """Soft intersection over union: one minus the Jaccard index.

    Formula: `1 - (I + smooth) / (A + B - I + e)`, with `I = sum(y * p)`, `A = sum(y)`, `B = sum(p)` over
    `axis` and `e = max(smooth, 1e-7)`; with `squared_pred`, `A = sum(y ** 2)` and `B = sum(p ** 2)`.

    Args:
        axis, smooth, from_logits, multilabel, class_axis, class_weight, ignore_class: See `kerasloss.Dice`.
        squared_pred: Whether A and B are sums of squares; soft masks then reach 0 at p = y.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or an
            integer yes/no label other than 0 and 1, that is not ignored gives NaN.

    Use it if IoU is the metric that counts; don't expect much difference from `Dice`, of which it is a
    monotone function. `LovaszSoftmax` follows the IoU of hard masks more closely.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Jaccard()
    >>> y_true, y_pred = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])
    >>> round(float(loss(y_true, y_pred)), 4)
    0.5

    Equivalents: MONAI `DiceLoss(jaccard=True)` with smooth s: `smooth=s / 2` and `axis` of space;
    segmentation_models.pytorch `JaccardLoss(smooth=s)`: `smooth=s`, batch and space, a class without labels
    counts 0.

    Reference: Jaccard, 1912, The Distribution of the Flora in the Alpine Zone, New Phytologist; Rahman &
    Wang, 2016, Optimizing Intersection-Over-Union in Deep Neural Networks, ISVC.
    """

    labels_are_numbers = True

    axis: Axes | None = None
    smooth: NonNegative = 0.0
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None
    ignore_class: ClassIds | None = None
    squared_pred: bool = False

    def value(self, y: Tensor, p: Tensor, total: Callable[[Tensor], Tensor]) -> Tensor:
        overlap = total(y * p)
        if self.squared_pred:
            y, p = ops.square(y), ops.square(p)
        size = total(y) + total(p)
        return one_minus_ratio(overlap, size - overlap, size, self.smooth)


@register
class FocalTversky(RegionLoss):
    """A power of the Tversky loss, which sets how much nearly right masks still matter.

    Formula: `max(T, 0) ** gamma` with `T = 1 - (I + smooth) / (I + alpha * FP + beta * FN + e)`, the loss
    of `kerasloss.Tversky`.

    Args:
        alpha: Price >= 0 of the false positives.
        beta: Price >= 0 of the misses.
        gamma: Power > 0. Below 1 the slope stays large for nearly right masks, above 1 they matter less.
        axis, smooth, from_logits, multilabel, class_axis, class_weight, ignore_class: See `kerasloss.Dice`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or an
            integer yes/no label other than 0 and 1, that is not ignored gives NaN.

    Use it for small, hard structures, with one value per sample or class; not with one value per batch,
    where the power only scales the gradient. At T = 0 the gradient is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.FocalTversky()
    >>> y_true, y_pred = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])
    >>> round(float(loss(y_true, y_pred)), 4)
    0.4664

    Equivalents: segmentation_models.pytorch `TverskyLoss(gamma)`: the same for one class (it averages classes
    before the power). Abraham & Khan's alpha is our beta and their gamma, 4/3, is 1 / gamma; so are those of
    keras-unet-collection `focal_tversky`. MONAI `AsymmetricFocalTverskyLoss(delta, gamma)`, foreground:
    `alpha=1 - delta, beta=delta, gamma=1 - gamma`.

    Reference: Abraham & Khan, 2019, A Novel Focal Tversky Loss Function, ISBI (arXiv 1810.07842).
    """

    labels_are_numbers = True

    alpha: NonNegative = 0.3
    beta: NonNegative = 0.7
    gamma: Positive = 0.75
    axis: Axes | None = None
    smooth: NonNegative = 0.0
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None
    ignore_class: ClassIds | None = None

    def value(self, y: Tensor, p: Tensor, total: Callable[[Tensor], Tensor]) -> Tensor:
        return power(tversky(y, p, total, self.alpha, self.beta, self.smooth), self.gamma)


@register
class LogCoshDice(RegionLoss):
    """Dice, smoothed: quadratic where the masks nearly agree.

    Formula: `log(cosh(D))` with `D = 1 - (2 * I + smooth) / (A + B + e)`, the loss of `kerasloss.Dice`.

    Args:
        squared_pred: Whether A and B are sums of squares; soft masks then reach 0 at p = y.
        axis, smooth, from_logits, multilabel, class_axis, class_weight, ignore_class: See `kerasloss.Dice`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or an
            integer yes/no label other than 0 and 1, that is not ignored gives NaN.

    Use it if `Dice` oscillates near its minimum; not where the last percent of overlap counts: the gradient
    vanishes there.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.LogCoshDice()
    >>> y_true, y_pred = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])
    >>> round(float(loss(y_true, y_pred)), 4)
    0.0546

    Reference: Jadon, 2020, A Survey of Loss Functions for Semantic Segmentation, CIBCB (arXiv 2006.14822).
    """

    labels_are_numbers = True

    squared_pred: bool = False
    axis: Axes | None = None
    smooth: NonNegative = 0.0
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None
    ignore_class: ClassIds | None = None

    def value(self, y: Tensor, p: Tensor, total: Callable[[Tensor], Tensor]) -> Tensor:
        return log_cosh(dice(y, p, total, self.smooth, self.squared_pred))


@register
class GeneralizedDice(RegionLoss):
    """Dice over all classes at once, with larger weights for classes of small volume.

    Formula: `1 - (2 * sum(w[c] * I[c]) + smooth) / (sum(w[c] * (A[c] + B[c])) + smooth)` over the classes
    c, whose I, A and B are sums over `axis` without the class axis; `w[c]` is `1 / A[c] ** 2`, `1 / A[c]`
    or 1, times `class_weight`. There is no other epsilon: 0 / 0 is 0.

    Args:
        weighting: `"square"`, `"simple"` or `"uniform"`: the power 2, 1 or 0 of the volume. An absent class
            takes the largest w of the present ones, or 1. No gradient flows through w.
        axis, smooth, from_logits, multilabel, class_axis, class_weight, ignore_class: See `kerasloss.Dice`.
            The class axis is always summed over.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis` and `class_axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or a
            yes/no label outside [0, 1], that is not ignored gives NaN.

    Use it if the volumes of the classes differ by orders of magnitude; not for samples in which a class has a
    handful of positions, whose weight then dominates the value.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.GeneralizedDice()
    >>> y_pred = np.array([[[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.3, 0.7]]])
    >>> round(float(loss(np.array([[0, 0, 0, 1]]), y_pred)), 4)
    0.3676

    Equivalents: MONAI `GeneralizedDiceLoss(w_type)` with smooth s: `smooth=s`, `axis=(1, 2, 3)`, or None for
    `batch=True`; `GeneralizedDiceFocalLoss`: that plus `DiceFocal(dice_weight=0, multilabel=True)`. optax
    `multiclass_generalized_dice_loss` averages weighted Dice losses: another quantity.

    Reference: Crum, Camara & Hill, 2006, Generalized Overlap Measures, IEEE Transactions on Medical
    Imaging; Sudre et al., 2017, DLMIA (arXiv 1707.03237).
    """

    mixes_classes = True

    weighting: Literal["square", "simple", "uniform"] = "square"
    axis: Axes | None = None
    smooth: NonNegative = 0.0
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> Tensor:
        y, p = self.masks(y_true, y_pred, sample_weight)
        total = weighted_total(self.position_weight(sample_weight, y_pred), self.position_axes(y_pred))
        overlap, mask, prediction = total(y * p), total(y), total(p)
        weight, unit = self.weights(mask)
        if self.class_weight is not None:
            weight = weight * ops.convert_to_tensor(self.class_weight, dtype=y_pred.dtype)
        overlap, size = (ops.sum(weight * x, axis=-1) for x in (overlap, mask + prediction))
        smooth = self.smooth * unit
        value = 1 - safe_divide(2 * overlap + smooth, size + smooth)
        return zero_if_empty(value, size, self.smooth)

    def weights(self, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Weights of the classes, scaled to a largest of 1, and the divisor that undoes the scaling."""
        present = mask > 0
        least = ops.amin(ops.where(present, mask, float("inf")), axis=-1)
        least = ops.where(ops.any(present, axis=-1), least, 1)
        relative = ops.where(present, ops.expand_dims(least, -1) / ops.where(present, mask, 1), 1)
        exponent = {"square": 2, "simple": 1, "uniform": 0}[self.weighting]
        return relative**exponent, least**exponent


@register
class MatthewsCorrelation(RegionLoss):
    """One minus Matthews' correlation, which uses all four counts, so that a large background does not help.

    Formula: `1 - (TP * TN - FP * FN) / sqrt((TP + FP) * (TP + FN) * (TN + FP) * (TN + FN))`, each count a
    sum over `axis` (`TP = sum(y * p)`, `TN = sum((1 - y) * (1 - p))`, ...) plus `smooth`; in [0, 2].

    Args:
        axis, smooth, from_logits, multilabel, class_axis, class_weight, ignore_class: See `kerasloss.Dice`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or a
            yes/no label outside [0, 1], that is not ignored gives NaN.

    Use it for a tiny foreground, where false positives must count too; not on patches that contain a single
    class: a factor under the root is 0 there, the value is 0 if nothing is wrong and 1 otherwise, and the
    gradient is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.MatthewsCorrelation()
    >>> y_true, y_pred = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])
    >>> round(float(loss(y_true, y_pred)), 4)
    0.5918

    Equivalents: segmentation_models.pytorch `MCCLoss(eps)`: `smooth=eps`. MONAI `MCCLoss` adds 1e-5 under the
    root; `axis` of space. Of hard masks: 1 - sklearn `matthews_corrcoef`.

    Reference: Matthews, 1975, Biochimica et Biophysica Acta; Abhishek & Hamarneh, 2021, ISBI (arXiv
    2010.13454).
    """

    axis: Axes | None = None
    smooth: NonNegative = 0.0
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None
    ignore_class: ClassIds | None = None

    def value(self, y: Tensor, p: Tensor, total: Callable[[Tensor], Tensor]) -> Tensor:
        positive, negative = (y * p, y * (1 - p)), ((1 - y) * p, (1 - y) * (1 - p))
        counts = ops.stack([total(x) for x in (*positive, *negative)])
        is_empty = ops.sum(counts, axis=0) < TINY
        # The unit of the counts does not matter, and with tiny weights their products would underflow.
        tp, fn, fp, tn = ops.unstack(scale_to_one(counts + self.smooth, 0), num=4, axis=0)
        factors = ops.stack([tp + fp, tp + fn, tn + fp, tn + fn])
        degenerate = ops.any(factors < TINY, axis=0)
        roots = ops.sqrt(ops.where(degenerate, 1, factors))
        value = 1 - (tp * tn - fp * fn) / (roots[0] * roots[1] * roots[2] * roots[3])
        value = ops.where(degenerate, ops.cast(fp + fn >= TINY, value.dtype), value)
        return ops.where(is_empty, 0, value)


@register
class SensitivitySpecificity(RegionLoss):
    """Squared errors of the foreground and of the background, each averaged over its own positions.

    Formula: `r * sum((y - p) ** 2 * y) / sum(y) + (1 - r) * sum((y - p) ** 2 * (1 - y)) / sum(1 - y)` over
    `axis`, with `r = sensitivity_weight`. A term with an empty denominator is 0.

    Args:
        sensitivity_weight: The share r of the foreground, in [0, 1].
        axis, from_logits, multilabel, class_axis, class_weight, ignore_class: See `kerasloss.Dice`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or a
            yes/no label outside [0, 1], that is not ignored gives NaN.

    Use it to trade misses against false alarms with one number; not from logits far off the mark, where the
    squared error of a probability has a small slope.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.SensitivitySpecificity()
    >>> y_true, y_pred = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])
    >>> round(float(loss(y_true, y_pred)), 4)
    0.0575

    Equivalents: NiftyNet `sensitivity_specificity_loss(r)`: `axis` of space (and batch), summed over the
    classes; it adds 1e-5 to each count.

    Reference: Brosch et al., 2015, Deep Convolutional Encoder Networks for Multiple Sclerosis Lesion
    Segmentation, MICCAI.
    """

    sensitivity_weight: Fraction = 0.05
    axis: Axes | None = None
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None
    ignore_class: ClassIds | None = None

    def value(self, y: Tensor, p: Tensor, total: Callable[[Tensor], Tensor]) -> Tensor:
        r, error = self.sensitivity_weight, ops.square(y - p)
        foreground = safe_divide(total(error * y), total(y))
        background = safe_divide(total(error * (1 - y)), total(1 - y))
        return r * foreground + (1 - r) * background
