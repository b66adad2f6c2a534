"""Segmentation by the Lovász extension of the Jaccard loss: convex, and exactly the IoU of hard masks."""

import operator
from typing import Literal

from keras import ops

from kerasloss.core.configuration import Axes, ClassIds
from kerasloss.core.kinds.region import RegionLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import absolute, is_float64, mean, running, safe_divide
from kerasloss.core.overlap import weighted_total
from kerasloss.core.registry import register


@register
class LovaszHinge(RegionLoss):
    """The convex surrogate of the IoU of one foreground, for real scores.

    Formula: `sum(h[k] * (J[k] - J[k - 1]))` over the positions of `axis`, sorted in descending order of the
    hinge `h = max(0, 1 - t * s)`, t = -1 or 1; `J[k]` is the Jaccard loss of a mask that is wrong at the
    first k of them: `1 - (G - cumsum(g)[k]) / (G + cumsum(1 - g)[k])`, with g = 1 for foreground and
    `G = sum(g)`.

    Args:
        axis: The axes of the positions; None: all, one number for the whole batch. `(1, 2, 3)` of
            `(batch, height, width, 1)`: one value per sample.
        ignore_class: A label, or several, whose positions don't count; any integer (255, -100).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: labels 0/1 or -1/1; `y_pred`: real scores of the same shape (`y_true` may lack a last axis
        of length 1). Returns `y_pred`'s shape without `axis`. Weights: see `kerasloss.Dice`; a weight of 2
        counts a position twice.

    Raises:
        ValueError: If `axis` or the shapes don't match. Another label that is not ignored gives NaN.

    Use it to tune a model for IoU, after training with a cross-entropy; not for probabilities: pass scores.
    Without any foreground the value is the largest h.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.LovaszHinge()
    >>> round(float(loss(np.array([[1, 0, 1, 0]]), np.array([[1.5, -0.5, -0.2, 0.3]]))), 4)
    0.875

    Equivalents: segmentation_models.pytorch `LovaszLoss("binary")`: the default; `per_image=True` and kornia
    `LovaszHingeLoss`: `axis=(1, 2, 3)`.

    Reference: Yu & Blaschko, 2015, Learning Submodular Losses with the Lovász Hinge, ICML; Berman, Triki &
    Blaschko, 2018, CVPR (arXiv 1705.08790).
    """

    growth = "sort"

    multilabel = True

    activation = "linear"

    axis: Axes | None = None
    ignore_class: ClassIds | None = None

    def is_label(self, y: Tensor) -> Tensor:
        return ops.logical_or(ops.equal(y, -1), ops.equal(y, ops.square(y)))

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> Tensor:
        foreground = ops.relu(y_true)
        hinge = ops.relu(1 - (2 * foreground - 1) * y_pred)
        weight = self.position_weight(sample_weight, y_pred)
        return lovasz_extension(hinge, foreground, weight, self.axes(y_pred))


@register
class LovaszSoftmax(RegionLoss):
    """The surrogate of the mean IoU of several classes, for probabilities.

    Formula: for every class c, `sum(h[k] * (J[k] - J[k - 1]))` over the positions of `axis`, sorted in
    descending order of the error `h = |y[c] - p[c]|`, with the J of `kerasloss.LovaszHinge`; then the mean
    over the classes.

    Args:
        classes: `"present"`: the mean over the classes that occur in `y_true` within the sum, 0 if none does;
            `"all"`: over all classes; the value of an absent one is its largest p.
        axis, from_logits, multilabel, class_axis, ignore_class: See `kerasloss.Dice`. The class axis is
            always averaged over.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis` and `class_axis`. Weights: see `kerasloss.Dice`; a weight of 2 counts a position
        twice.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or a
            yes/no label outside [0, 1], that is not ignored gives NaN.

    Use it to tune a model for mean IoU, often beside a cross-entropy; not alone from the start: its gradient
    is dominated by the worst positions.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.LovaszSoftmax()
    >>> y_pred = np.array([[[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.5, 0.4, 0.1]]])
    >>> round(float(loss(np.array([[0, 1, 1]]), y_pred)), 4)
    0.45

    Equivalents: segmentation_models.pytorch `LovaszLoss("multiclass")`: `from_logits=True`, with `per_image`
    `axis=(1, 2, 3)`. kornia `LovaszSoftmaxLoss`: `classes="all", axis=(1, 2, 3), from_logits=True`.

    Reference: Berman, Triki & Blaschko, 2018, The Lovász-Softmax Loss, CVPR (arXiv 1705.08790).
    """

    growth = "sort"

    mixes_classes = True

    classes: Literal["present", "all"] = "present"
    axis: Axes | None = None
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> Tensor:
        y, p = self.masks(y_true, y_pred, sample_weight)
        axes, weight = self.position_axes(y_pred), self.position_weight(sample_weight, y_pred)
        values = lovasz_extension(absolute(y - p), y, weight, axes)
        if self.classes == "all":
            return mean(values, axis=-1)
        present = ops.not_equal(weighted_total(weight, axes)(y), 0)  # NaN is not 0
        total = ops.sum(ops.where(present, values, 0), axis=-1)
        return safe_divide(total, ops.sum(ops.cast(present, values.dtype), axis=-1))


def lovasz_extension(errors: Tensor, mask: Tensor, weight: Tensor | None, axes: list[int]) -> Tensor:
    """The sum over `axes` of errors >= 0, sorted downwards, times the steps of the Jaccard loss."""
    if weight is None:
        foreground, background = mask, 1 - mask
    else:
        weight = weight * ops.ones_like(errors)
        foreground, background = weight * mask, weight * (1 - mask)
        errors = ops.where(weight > 0, errors, -1)  # the last ones
    errors, lengths = _rows(errors, axes)
    foreground, background = _rows(foreground, axes)[0], _rows(background, axes)[0]
    order = ops.argsort(-ops.stop_gradient(errors), axis=-1)
    sorted_errors, hits, alarms = (
        ops.take_along_axis(x, order, axis=-1) for x in (errors, foreground, background)
    )
    size = ops.sum(foreground, axis=-1, keepdims=True)
    overlap, union = size - _running_sum(hits), size + _running_sum(alarms)
    # J[k] - J[k - 1] on one denominator: the difference itself would be lost in rounding.
    steps = safe_divide(hits * union + alarms * overlap, (union - alarms) * union)
    value = ops.sum(sorted_errors * steps, axis=-1)
    only = ops.relu(ops.amax(errors, axis=-1))
    return ops.reshape(ops.where(ops.equal(size[:, 0], 0), only, value), lengths)


def _running_sum(x: Tensor) -> Tensor:
    """The cumulative sum over the last axis; Keras's own computes float64 in float32 on PyTorch."""
    if is_float64(x):
        return running(operator.add, x, 0)
    return ops.cast(ops.cumsum(x, axis=-1), x.dtype)


def _rows(x: Tensor, axes: list[int]) -> tuple[Tensor, list]:
    """`x` as a matrix with `axes` in its rows, and the lengths of the other axes, one row for each entry."""
    kept = sorted(set(range(len(x.shape))) - set(axes))
    lengths = [ops.shape(x)[a] for a in kept]
    count = 1
    for length in lengths:
        count = count * length
    return ops.reshape(ops.transpose(x, kept + axes), (count, -1)), lengths
