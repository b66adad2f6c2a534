"""Classification of rare classes: class frequencies, and surrogates of F1 and AUC.

Focal weights are in `focal.py`, the hardest examples in `composition/hard_examples.py`.
"""

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import ClassIds, ClassWeight, Fraction, NonNegative, Positive, each_within
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.labels import along_axis, is_ids, smooth_labels
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    TINY,
    mean,
    nan_unless,
    reciprocal,
    safe_divide,
    subtract_max,
    weighted_log_softmax,
    weighted_sum,
)
from kerasloss.core.probabilities import as_probabilities, clipped_log, normalize
from kerasloss.core.registry import register


class _LogitAdjusted(ClassLoss):
    """Cross-entropy of the logits plus `tau * log(prior)`: class frequencies are used in training only."""

    tau = 1.0
    per_class = ("samples_per_class",)
    """The argument that holds the frequencies, in any unit: the softmax does not depend on it."""

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        frequencies = getattr(self, self.per_class[0])
        total = sum(frequencies)
        adjustment = [self.tau * math.log(n / total) for n in frequencies]
        x = y_pred if self.from_logits else clipped_log(normalize(y_pred, self.axis))
        # A large logit would absorb its adjustment.
        x = subtract_max(x, self.axis) + along_axis(adjustment, y_pred, self.axis)
        if is_ids(y_true, y_pred) and self.label_smoothing == 0:
            return -self.log_softmax_at(y_true, x)
        y = smooth_labels(self.one_hot(y_true, y_pred), self.label_smoothing, axis=self.axis)
        return -weighted_log_softmax(y, x, self.axis)


@register
class LogitAdjustedCrossentropy(_LogitAdjusted):
    """Softmax cross-entropy on logits shifted by the class frequencies, for balanced decisions.

    Formula: `-sum(y[c] * log_softmax(x + tau * log(prior))[c])` over the classes c, with smoothed labels y;
    x are the logits, or `log(p)`.

    Args:
        class_prior: The frequencies of the classes in the training data, C floats > 0; counts will do.
        tau: Strength of the adjustment, >= 0; 0: `CategoricalCrossentropy`.
        from_logits: Whether `y_pred` holds logits, never clipped, or probabilities, which are divided by
            their sum and clipped to [1e-7, 1 - 1e-7] as in Keras.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, `class_prior` does not have C entries, or the shapes don't
            match. An id outside [0, C) that is not ignored gives NaN.

    Use it to train for the balanced error and predict with the plain logits; not for probabilities that
    should follow the frequencies of the training data (`CategoricalCrossentropy`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.LogitAdjustedCrossentropy([0.9, 0.1], tau=1.5, from_logits=True)
    >>> round(float(loss(np.array([1]), np.array([[0.5, 1.5]]))), 4)
    2.3918

    Equivalents: `BalancedSoftmaxCrossentropy`: `tau=1`.

    Reference: Menon et al., 2021, Long-Tail Learning via Logit Adjustment, ICLR (arXiv 2007.07314).
    """

    per_class = ("class_prior",)

    class_prior: Annotated[Sequence[float], each_within(above=0)]
    tau: NonNegative = 1.0
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1
    ignore_class: ClassIds | None = None


@register
class BalancedSoftmaxCrossentropy(_LogitAdjusted):
    """Softmax cross-entropy with every class weighted in the softmax by its number of samples.

    Formula: `-sum(y[c] * log(n[c] * exp(x[c]) / sum(n * exp(x))))` over the classes c, with smoothed labels
    y; x are the logits, or `log(p)`.

    Args:
        samples_per_class: The numbers n of training samples, C floats > 0.
        from_logits: Whether `y_pred` holds logits, never clipped, or probabilities, which are divided by
            their sum and clipped to [1e-7, 1 - 1e-7] as in Keras.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, `samples_per_class` does not have C entries, or the shapes
            don't match. An id outside [0, C) that is not ignored gives NaN.

    Use it to train on long-tailed classes for a balanced test set, and predict with the plain logits; not
    for probabilities that should follow the frequencies of the training data.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.BalancedSoftmaxCrossentropy([90, 10], from_logits=True)
    >>> round(float(loss(np.array([1]), np.array([[0.5, 1.5]]))), 4)
    1.4612

    Equivalents: BalancedMetaSoftmax `balanced_softmax_loss`: `from_logits=True`;
    `LogitAdjustedCrossentropy(class_prior=samples_per_class)`: the same.

    Reference: Ren et al., 2020, Balanced Meta-Softmax for Long-Tailed Visual Recognition, NeurIPS (arXiv
    2007.10740).
    """

    samples_per_class: Annotated[Sequence[float], each_within(above=0)]
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1
    ignore_class: ClassIds | None = None


@register
class LDAM(ClassLoss):
    """Softmax cross-entropy with a margin for the true class that is larger for rarer classes.

    Formula: `-sum(w[c] * y[c] * log_softmax(scale * (s - d * y))[c])` over the classes c, with scores s,
    class weights w and the margins `d[c] = max_margin * (min(n) / n[c]) ** (1 / 4)`.

    Args:
        samples_per_class: The numbers n of training samples, C floats > 0.
        max_margin: The margin of the rarest class, >= 0.
        scale: Factor > 0 of the scores.
        class_weight: C floats >= 0, the deferred re-weighting of the paper.
            `reduction="mean_with_sample_weight"` divides by their sum over the labels.
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        scores `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, `samples_per_class` or `class_weight` does not have C
            entries, or the shapes don't match. An id outside [0, C) that is not ignored gives NaN.

    Use it on cosines, from a last layer with normalised weights and inputs, with `class_weight` set for the
    last epochs; not on unbounded logits, which outgrow the margins.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.LDAM(samples_per_class=[16, 1], scale=10.0)
    >>> round(float(loss(np.array([1]), np.array([[0.3, 0.6]]))), 4)
    2.1269

    Equivalents: kaidic `LDAMLoss(cls_num_list, max_m, s, weight)`: `samples_per_class, max_margin, scale,
    class_weight, reduction="mean_with_sample_weight"`.

    Reference: Cao et al., 2019, Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss,
    NeurIPS (arXiv 1906.07413).
    """

    per_class = ("class_weight", "samples_per_class")

    samples_per_class: Annotated[Sequence[float], each_within(above=0)]
    max_margin: NonNegative = 0.5
    scale: Positive = 30.0
    class_weight: ClassWeight | None = None
    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y, least = self.one_hot(y_true, y_pred), min(self.samples_per_class)
        margins = [self.max_margin * (least / n) ** 0.25 for n in self.samples_per_class]
        margins = along_axis(margins, y_pred, self.axis)
        scores = subtract_max(y_pred, self.axis) - margins * y  # a large score would absorb its margin
        return -weighted_log_softmax(self.weighted(y), self.scale * scores, self.axis)


@register
class SoftF1(ClassLoss):
    """1 minus the F-score, with probabilities in place of decisions.

    Formula: `1 - (1 + beta ** 2) * tp / ((1 + beta ** 2) * tp + beta ** 2 * fn + fp)`, with the sums
    `tp = sum(w * y * p)`, `fp = sum(w * (1 - y) * p)` and `fn = sum(w * y * (1 - p))`.

    Args:
        beta: How many times more recall counts than precision, > 0.
        average: `"macro"`: sums over the samples for each class, the mean over the classes. `"micro"`: sums
            over samples and classes. `"samples"`: sums over the classes, one value per sample.
        from_logits: Whether `y_pred` holds logits (p is their sigmoid) or probabilities.
        reduction: See `kerasloss.Loss`; with `"macro"` and `"micro"` the loss is already one number for the
            batch, and sample weights are the w of the formula.
        name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: labels in [0, 1] of the shape of `y_pred`, or class ids `(N, ...)`, `(N, ..., 1)`; `y_pred`:
        `(N, ..., C)`, or `(N,)` for one label. Returns a number; `(N, ...)` with `average="samples"`.

    Raises:
        ValueError: If `beta` or `average` is not allowed or the shapes don't match. A label outside [0, 1]
            and an id outside [0, C) give NaN.

    Use it to train for an F-score, with batches that contain every class; not where the probabilities must be
    calibrated. With neither labels nor predictions, value and gradient are 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[1, 0], [0, 1], [1, 1]]), np.array([[0.8, 0.3], [0.4, 0.6], [0.5, 0.9]])
    >>> round(float(kerasloss.SoftF1()(y_true, y_pred)), 4)
    0.2539

    Equivalents: 1 - sklearn `fbeta_score(average=...)` of decisions 0 and 1 (where a class has neither labels
    nor predictions, sklearn counts F = 0: `zero_division=1` here). pytorch-toolbelt `SoftF1Loss`: default,
    of the softmax; `BinarySoftF1Loss`: `average="micro", from_logits=True`.

    Reference: van Rijsbergen, 1979, Information Retrieval; with probabilities: Milletari, Navab & Ahmadi,
    2016, V-Net, 3DV (arXiv 1606.04797).
    """

    scope = "batch"
    kind = "binary"
    activation = "sigmoid"

    beta: Positive = 1.0
    average: Literal["macro", "micro", "samples"] = "macro"
    from_logits: bool = False

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if len(y_pred.shape) == 1:
            y_pred = ops.expand_dims(y_pred, -1)
        if len(y_pred.shape) == 0 or y_pred.shape[-1] != 1:
            return super().prepare(y_true, y_pred)
        y_true = ops.cast(y_true, self.compute_dtype)
        if len(y_true.shape) == len(y_pred.shape) - 1:
            y_true = ops.expand_dims(y_true, -1)
        checks.same_shape(self, y_true, y_pred)
        return y_true, y_pred

    def uses_weight(self, weight: Tensor, y_pred: Tensor) -> bool:
        return self.average != "samples"

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        y = _labels(self.one_hot(y_true, y_pred))
        p = ops.sigmoid(y_pred) if self.from_logits else as_probabilities(y_pred)
        w = 1 if sample_weight is None else self.broadcast_from_left(sample_weight, y_pred)
        axis = -1 if self.average == "samples" else None if self.average == "micro" else _samples(y_pred)
        squared = self.beta**2
        right = ops.sum(w * y * p, axis=axis)
        wrong = ops.sum(w * (squared * y * (1 - p) + (1 - y) * p), axis=axis)
        total = (1 + squared) * right + wrong
        # Both over the total as a constant: the gradient of a quotient divides by the square of the total.
        unit = reciprocal(ops.stop_gradient(ops.where(total < TINY, 0, total)))
        value = safe_divide(unit * wrong, unit * total)
        return mean(value) if self.average == "macro" else value


@register
class AUCMargin(ElementLoss):
    """A surrogate of the area under the ROC curve: positives score above negatives by a margin.

    Formula: `var_pos + var_neg + max(0, margin + mean_neg - mean_pos) ** 2`, with the weighted means and
    (biased) variances of the scores of positives and negatives.

    Args:
        margin: The required distance of the two means, a finite number.
        reduction, name, dtype: See `kerasloss.Loss`; the loss is one number for the batch already.

    Shapes:
        `y_true`: labels 0 or 1 `(N,)`, `(N, 1)` or `(N, C)`; `y_pred`: scores of the same shape, as given.
        Returns a number, the mean over the columns.

    Raises:
        ValueError: If `margin` is not a finite number or the shapes differ. A label outside [0, 1] gives
            NaN.

    Use it to rank rare positives, with batches that contain some, after a sigmoid as in the paper; not for
    probabilities. If only one class is present, the value is its variance.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.AUCMargin()
    >>> round(float(loss(np.array([1, 0, 1, 0]), np.array([0.9, 0.2, 0.4, 0.6]))), 4)
    0.665

    Equivalents: LibAUC `AUCMLoss` (version 1), whose a, b and alpha are trained towards the means used here:
    `q * (1 - q)` times this at its optimum, with the share q of positives; MONAI `AUCMLoss`: the same, and
    its version 2 is this itself.

    Reference: Yuan et al., 2021, Large-scale Robust Deep AUC Maximization, ICCV (arXiv 2012.03173); Ying,
    Wen & Lyu, 2016, Stochastic Online AUC Maximization, NeurIPS.
    """

    scope = "batch"
    kind = "binary"
    activation = "any"

    elementwise = False
    adds_entry_axis = True

    margin: float = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        y = _labels(y_true)
        w = 1 if sample_weight is None else self.broadcast_from_left(sample_weight, y_pred)
        size_pos, mean_pos, var_pos = self.moments(y_pred, w * y)
        size_neg, mean_neg, var_neg = self.moments(y_pred, w * (1 - y))
        hinge = ops.square(ops.relu(self.margin + mean_neg - mean_pos))
        one_class = ops.logical_or(ops.equal(size_pos, 0), ops.equal(size_neg, 0))
        return mean(var_pos + var_neg + ops.where(one_class, 0, hinge))

    def moments(self, scores: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The sum of the weights, and the weighted mean and variance, of each column."""
        axis = _samples(scores)
        size = ops.sum(weight, axis=axis)
        average = safe_divide(ops.sum(weight * scores, axis=axis), size)
        squares = weighted_sum(weight, ops.square(scores - average), axis)
        return size, average, safe_divide(squares, size)


def _samples(x: Tensor) -> list[int]:
    """All axes but the last."""
    return list(range(len(x.shape) - 1))


def _labels(y: Tensor) -> Tensor:
    """Labels with NaN in place of those outside [0, 1]."""
    return nan_unless(ops.logical_and(y >= 0, y <= 1), y)
