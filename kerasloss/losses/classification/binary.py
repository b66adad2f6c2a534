"""Binary classification: independent yes/no labels, averaged over `axis`.

Labels are in [0, 1]; a label outside gives NaN. Losses of labels -1 and 1 are in `margin.py`.
"""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Annotated

from keras import ops

from kerasloss.core.configuration import ClassIds, ClassWeight, Fraction, NonNegative, one_or_each_within
from kerasloss.core.kinds.binary import BinaryLoss
from kerasloss.core.labels import along_axis, smooth_labels
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import crossentropy_of_logit, log1p_sum_exp, mean, softplus
from kerasloss.core.probabilities import clipped_log
from kerasloss.core.registry import register


@register
class BinaryCrossentropy(BinaryLoss):
    """Cross-entropy of independent yes/no labels.

    Formula: `mean(-w * y * log(p) - (1 - y) * log(1 - p))` over `axis`, with smoothed labels y and
    `w = pos_weight`.

    Args:
        from_logits: Whether `y_pred` holds logits (p is their sigmoid, exact at any size) or
            probabilities: p and 1 - p are clipped to [1e-7, 1 - 1e-7].
        label_smoothing: Share of the label 1/2 in the labels, in [0, 1].
        axis: The axis of the mean.
        reduction, name, dtype: See `kerasloss.Loss`.
        pos_weight: Weight of the positive label, a float > 0 or one for each label along `axis`.
        ignore_class: A label, or several, that don't count (255, -100).
        epsilon: None: as above. A float >= 0: `log(p + epsilon)` and `log(1 - p + epsilon)` with `y_pred`
            as given; at 0 a wrong 0 or 1 is infinite, the true value.

    Shapes:
        `y_true`: labels in [0, 1], hard or soft; `y_pred`: the same shape. Returns it without `axis`.

    Raises:
        ValueError: If an argument is out of range, `pos_weight` has the wrong length, or the shapes differ.
            A label outside [0, 1] that is not ignored gives NaN.

    Use it for labels that are not mutually exclusive; not for mutually exclusive classes
    (`CategoricalCrossentropy`). Prefer logits: their gradient does not vanish.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.BinaryCrossentropy(from_logits=True, pos_weight=3.0)
    >>> y_true, logits = np.array([[1, 0, 1, 0]]), np.array([[2.0, -1.0, 1.5, -2.0]])
    >>> round(float(loss(y_true, logits)), 4)
    0.3563

    Equivalents: torch `BCEWithLogitsLoss`, optax `sigmoid_binary_cross_entropy`, Flux
    `logitbinarycrossentropy`, Gluon `SigmoidBCELoss`: `from_logits=True`. torch `BCELoss`: `epsilon=0.0`
    (torch cuts each logarithm at -100); Flux `binarycrossentropy`: `epsilon=1.1920929e-07`; Gluon
    `from_sigmoid=True`: `epsilon=1e-12`.

    Reference: Good, 1952, Rational Decisions, JRSS B; Cox, 1958, The Regression Analysis of Binary
    Sequences, JRSS B.
    """

    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1
    _: KW_ONLY
    pos_weight: Annotated[float | Sequence[float], one_or_each_within(above=0)] | None = None
    ignore_class: ClassIds | None = None
    epsilon: NonNegative | None = None

    per_label = "pos_weight"

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        labels, y_pred = self.fill_ignored(y_true, y_pred)
        y = smooth_labels(labels, self.label_smoothing, axis=None)
        if self.from_logits and self.pos_weight is None:
            value = crossentropy_of_logit(y, y_pred)
        else:
            weight = 1 if self.pos_weight is None else along_axis(self.pos_weight, y_pred, self.label_axis)
            log_p, log_not_p = self.logs(y, y_pred)
            value = -(weight * y * log_p + (1 - y) * log_not_p)
        return self.average(value, y_true, None if self.from_logits else y_pred, sample_weight)

    def logs(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """`log(p)` and `log(1 - p)`."""
        if self.from_logits:
            return -softplus(-y_pred), -softplus(y_pred)
        if self.epsilon is None:
            return clipped_log(y_pred), clipped_log(1 - y_pred)
        p = ops.where(ops.equal(y_true, 0), 1, y_pred)  # 0 log 0 = 0
        not_p = ops.where(ops.equal(y_true, 1), 1, 1 - y_pred)
        return ops.log(p + self.epsilon), ops.log(not_p + self.epsilon)


@register
class MultiLabelSoftMargin(BinaryLoss):
    """Binary cross-entropy of logits with a weight for each label.

    Formula: `mean(w[c] * (y[c] * softplus(-x[c]) + (1 - y[c]) * softplus(x[c])))` over `axis`.

    Args:
        axis: The axis of the labels, of length C.
        class_weight: C floats >= 0. They weigh the labels inside the mean, which still divides by C.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: labels in [0, 1], hard or soft; `y_pred`: logits of the same shape. Returns it without
        `axis`.

    Raises:
        ValueError: If `class_weight` does not have C entries or a negative one, or the shapes differ. A label
            outside [0, 1] gives NaN.

    Use it where some labels matter more than others; not to weigh the positives of a label against its
    negatives (`BinaryCrossentropy(pos_weight=...)`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.MultiLabelSoftMargin(class_weight=[1.0, 2.0])
    >>> round(float(loss(np.array([[1, 0]]), np.array([[0.5, 2.0]]))), 4)
    2.364

    Equivalents: torch `MultiLabelSoftMarginLoss(weight)` and `BCEWithLogitsLoss(weight)` of length C.

    Reference: Cox, 1958, The Regression Analysis of Binary Sequences, JRSS B.
    """

    axis: int = -1
    class_weight: ClassWeight | None = None

    per_label = "class_weight"

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        value = y_true * softplus(-y_pred) + (1 - y_true) * softplus(y_pred)
        if self.class_weight is not None:
            value = along_axis(self.class_weight, y_pred, self.label_axis) * value
        return self.average(value, y_true, sample_weight=sample_weight)


@register
class ZeroBoundedLogSumExp(BinaryLoss):
    """Many labels at once, without imbalance between few positives and many negatives (ZLPR).

    Formula: `log(1 + sum((1 - y[c]) * exp(s[c]))) + log(1 + sum(y[c] * exp(-s[c])))` over `axis`.

    Args:
        axis: The axis of the labels, of length C.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: labels 0 or 1, any number of them 1; `y_pred`: scores of the same shape. Returns it
        without `axis`.

    Raises:
        ValueError: If the shapes differ. A label outside [0, 1] gives NaN.

    Use it for multi-label classification with many labels; predict the labels with score > 0. Not for
    probabilities: the scores are not calibrated.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ZeroBoundedLogSumExp()
    >>> round(float(loss(np.array([[1, 0, 0, 1]]), np.array([[0.5, -1.0, 0.2, 2.0]]))), 4)
    1.5063

    Equivalents: bert4keras `multilabel_categorical_crossentropy`: the same.

    Reference: Su et al., 2022, ZLPR: A Novel Loss for Multi-label Classification (arXiv 2208.02955).
    """

    elementwise = False

    axis: int = -1

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        w = 1 if sample_weight is None else self.broadcast_from_left(sample_weight, y_pred)
        negatives = log1p_sum_exp(y_pred, w * (1 - y_true), axis=self.axis)
        positives = log1p_sum_exp(-y_pred, w * y_true, axis=self.axis)
        return self.nan_outside(negatives + positives, y_true)


@register
class MultiLabelMargin(BinaryLoss):
    """Every positive label must score higher than every negative one by a margin of 1.

    Formula: `sum(max(0, 1 - (s[i] - s[j]))) / C` over the pairs i with `y[i] = 1`, j with `y[j] = 0`, on the
    last axis.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: labels 0 or 1 `(batch, ..., C)`; `y_pred`: scores of the same shape. Returns
        `(batch, ...)`. Memory grows with `C ** 2`.

    Raises:
        ValueError: If the shapes differ. A label outside [0, 1] gives NaN.

    Use it to rank the labels of a sample; not for thousands of labels (`ZeroBoundedLogSumExp`). Without a
    positive or a negative label the value is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.MultiLabelMargin()
    >>> round(float(loss(np.array([[1, 0, 0, 1]]), np.array([[0.1, 0.2, 0.4, 0.8]]))), 4)
    0.85

    Equivalents: torch `MultiLabelMarginLoss` takes lists of ids that end with -1: give 0/1 labels instead.

    Reference: Weston & Watkins, 1999, Support Vector Machines for Multi-Class Pattern Recognition, ESANN.
    """

    growth = "entry-pairs"
    elementwise = False

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        lead = ops.expand_dims(y_pred, -1) - ops.expand_dims(y_pred, -2)
        pair = ops.expand_dims(y_true, -1) * ops.expand_dims(1 - y_true, -2)
        return self.nan_outside(ops.sum(mean(pair * ops.relu(1 - lead), axis=-1), axis=-1), y_true)
