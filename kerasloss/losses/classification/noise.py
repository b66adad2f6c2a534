"""Classification with wrong labels: losses that are bounded, tempered, or partly trust the prediction.

Losses for labels that are wrong or missing in a known way are in `weak_labels.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, Literal

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import ClassIds, Count, Fraction, NonNegative, each_within, within
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.labels import is_ids, smooth_labels
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    ABSENT,
    TINY,
    all_between,
    argmax,
    clip_below,
    curvature,
    logsumexp,
    nan_unless,
    subtract_max,
    weighted_sum,
)
from kerasloss.core.probabilities import ROUNDING, total_probability
from kerasloss.core.registry import register


class _Robust(ClassLoss):
    """A loss of classes, on logits or probabilities."""

    def crossentropy(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """`-sum(y * log(p))`."""
        if is_ids(y_true, y_pred):
            return -self.log_probability(y_true, y_pred)
        return -self.dense_log_likelihood(y_true, y_pred)


@register
class CategoricalGeneralizedCrossEntropy(_Robust):
    """Between cross-entropy and absolute error: bounded, so that a wrong label has limited influence.

    Formula: `(1 - p_y ** q) / q` with `p_y = sum(y[c] * p[c])` over the classes c; in [0, 1 / q].

    Args:
        q: In (0, 1]. Near 0 it is cross-entropy; at 1 it is `1 - p_y`, the absolute error.
        reduction, name, dtype: See `kerasloss.Loss`.
        from_logits: Whether `y_pred` holds logits or probabilities, which are used as given: neither divided
            by their sum nor clipped, as in Keras.
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. An id outside [0, C) that is not
            ignored, and a probability outside [0, 1], give NaN.

    Use it where a share of the labels is wrong; not for many classes with a large `q`, which learns slowly.
    Where p_y is below 1e-7 the gradient is that at 1e-7, since it is unbounded at 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.CategoricalGeneralizedCrossEntropy(q=0.7)
    >>> round(float(loss(np.array([1]), np.array([[0.2, 0.5, 0.3]]))), 4)
    0.5492

    Equivalents: Keras: the same, but only for class ids, and it refuses `q=1`. Active-Passive-Losses
    `GeneralizedCrossEntropy`: `q=0.7, from_logits=True`.

    Reference: Zhang & Sabuncu, 2018, Generalized Cross Entropy Loss for Training Deep Neural Networks with
    Noisy Labels, NeurIPS (arXiv 1805.07836).
    """

    q: Annotated[float, within(above=0, most=1)] = 0.5
    _: KW_ONLY
    from_logits: bool = False
    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if self.from_logits:
            return -ops.expm1(self.q * self.log_mean(y_true, y_pred)) / self.q
        value = (1 - self.power(self.of_label(y_true, y_pred))) / self.q
        return nan_unless(all_between(y_pred, 0, 1 + ROUNDING, self.axis), value)

    def power(self, p: Tensor) -> Tensor:
        """`p ** q`, with the slope at 1e-7 for every p below."""
        least = keras.config.epsilon()
        constant = ops.stop_gradient(p)
        slope = self.q * least ** (self.q - 1)
        line = constant**self.q + slope * (p - constant)
        return ops.where(p < least, line, clip_below(p, least) ** self.q)

    def log_mean(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """`log(sum(y * softmax(x)))`: a probability that underflows still has a power."""
        if is_ids(y_true, y_pred):
            return self.log_softmax_at(y_true, y_pred)
        absent = ops.equal(y_true, 0)
        logs = ops.log(ops.where(absent, 1, y_true)) + ops.log_softmax(y_pred, axis=self.axis)
        return logsumexp(logs, self.axis, ops.logical_not(absent))


@register
class SymmetricCrossentropy(_Robust):
    """Cross-entropy plus reverse cross-entropy, in which labels and predictions change places.

    Formula: `alpha * -sum(y[c] * log(p[c])) + beta * -sum(p[c] * max(log(y[c]), log_zero))` over the classes
    c. For a hard label the second sum is `-log_zero * (1 - p_y)`.

    Args:
        alpha: Weight >= 0 of the cross-entropy.
        beta: Weight >= 0 of the reverse cross-entropy.
        log_zero: The value used for `log(0)`, < 0; the paper's A.
        from_logits: Whether `y_pred` holds logits (p is their softmax, never clipped) or probabilities,
            which are divided by their sum, and clipped to [1e-7, 1 - 1e-7] in the logarithm as in Keras.
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. An id outside [0, C) that is not
            ignored gives NaN.

    Use it where some labels are wrong and plain cross-entropy memorises them; not without tuning `alpha`,
    which decides how fast hard classes are learned.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.SymmetricCrossentropy()
    >>> round(float(loss(np.array([1]), np.array([[0.2, 0.5, 0.3]]))), 4)
    2.0693

    Equivalents: the authors' code and Active-Passive-Losses `SCELoss` clip the labels at 1e-4:
    `log_zero=-9.210340371976182, from_logits=True`.

    Reference: Wang et al., 2019, Symmetric Cross Entropy for Robust Learning with Noisy Labels, ICCV (arXiv
    1908.06112).
    """

    alpha: NonNegative = 0.1
    beta: NonNegative = 1.0
    log_zero: Annotated[float, within(below=0)] = -4.0
    from_logits: bool = False
    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        crossentropy = self.crossentropy(y_true, y_pred)
        return self.alpha * crossentropy + self.beta * self.reverse(y_true, y_pred)

    def reverse(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """`-sum(p * max(log(y), log_zero))`; at a hard label its logarithm is 0."""
        if not is_ids(y_true, y_pred):
            absent = ops.equal(y_true, 0)
            log_y = clip_below(ops.log(ops.where(absent, 1, y_true)), self.log_zero)
            log_y = ops.where(absent, self.log_zero, log_y)
            return -ops.sum(self.probabilities(y_pred) * log_y, axis=self.axis)
        if self.from_logits:
            return self.log_zero * ops.expm1(self.log_softmax_at(y_true, y_pred))
        total = total_probability(y_pred, self.axis)
        return self.log_zero * (self.pick(y_pred, y_true) / total - 1)


@register
class BiTemperedLogistic(ClassLoss):
    """Logistic loss with a bounded logarithm and a heavy-tailed softmax, robust to outliers and wrong labels.

    Formula: `sum(y * (log_t1(y) - log_t1(p)) - (y ** (2 - t1) - p ** (2 - t1)) / (2 - t1))` over the classes,
    with smoothed labels y, `p = exp_t2(x - lambda)` with sum 1, and
    `log_t(u) = (u ** (1 - t) - 1) / (1 - t)`, `exp_t(u) = max(0, 1 + (1 - t) * u) ** (1 / (1 - t))`.

    Args:
        t1: Temperature of the logarithm, in [0, 1]: below 1 the loss of a hard label is below `1 / (1 - t1)`.
        t2: Temperature of the softmax, >= 1: above 1 its tails are heavy.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`: logits
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. An id outside [0, C) that is not
            ignored gives NaN.

    Use it where labels are wrong at random (`t2 > 1`) or outliers lie far off (`t1 < 1`); not with a plain
    softmax for predictions, which is not its p unless `t2=1`. It has no second derivative.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.BiTemperedLogistic()
    >>> round(float(loss(np.array([2]), np.array([[0.5, -1.0, 1.0]]))), 4)
    0.4494

    Equivalents: google/bi-tempered-loss and pytorch-toolbelt `BiTemperedLogisticLoss`: their smoothing s is
    `s * C / (C - 1)` here, their binary loss this one on the logits `[0, x]`, in the second `[-x, x]`, and
    their 5 iterations stop up to 2e-4 earlier (t2 = 4). `t1 = t2 = 1`:
    `CategoricalCrossentropy(from_logits=True)`, less the entropy of the labels.

    Reference: Amid et al., 2019, Robust Bi-Tempered Logistic Loss Based on Bregman Divergences, NeurIPS
    (arXiv 1906.03361).
    """

    t1: Fraction = 0.8
    t2: Annotated[float, within(least=1)] = 1.2
    label_smoothing: Fraction = 0.0
    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        t1, t2 = self.t1, self.t2
        y = smooth_labels(self.one_hot(y_true, y_pred), self.label_smoothing, axis=self.axis)
        moving = self.log_tempered_softmax(y_pred)
        log_p = ops.stop_gradient(moving)
        absent = ops.equal(y, 0)
        log_y = ops.log(ops.where(absent, 1, y))
        gap = ops.where(absent, 0, y * (_tempered(log_y, 1 - t1) - _tempered(log_p, 1 - t1)))
        y_power = ops.where(absent, 0, ops.exp((2 - t1) * log_y))
        value = ops.sum(gap - (y_power - ops.exp((2 - t1) * log_p)) / (2 - t1), axis=self.axis)

        # The gradient in closed form: none has to flow back through the solver.
        pull = (ops.exp(moving) - y) * ops.exp((t2 - t1) * moving)
        share = ops.exp(t2 * moving)
        share = share / ops.sum(share, axis=self.axis, keepdims=True)
        gradient = pull - share * ops.sum(pull, axis=self.axis, keepdims=True)
        rest = ops.sum(curvature(gradient, y_pred), axis=self.axis)
        gradient = ops.stop_gradient(gradient)
        x = clip_below(y_pred, ABSENT)
        return value + rest + weighted_sum(gradient, x - ops.stop_gradient(x), self.axis)

    def log_tempered_softmax(self, x: Tensor) -> Tensor:
        """`log(p)` with `p = exp_t2(x - lambda)` and `sum(p) = 1`.

        With `k = t2 - 1`, the distance d of a logit from the largest, and v the p of the largest,
        `p = v / (1 + k * d * v ** k) ** (1 / k)`. The sum of these is a rising, concave function of v and at
        most 1 at `v = 1 / C`: from there Newton's steps rise to the solution, 6 for 100,000 classes. A last
        one, of which alone the gradient is taken, gives that of the solution.
        """
        k = self.t2 - 1
        x = clip_below(x, ABSENT)
        if k == 0:
            return ops.log_softmax(x, axis=self.axis)
        # Without gradient through the maximum: it moves v and the distances, and p does not depend on it.
        moving = k * -subtract_max(x, self.axis)
        v = ops.ones_like(ops.amax(x, axis=self.axis, keepdims=True)) / x.shape[self.axis]
        for last in [False] * 7 + [True]:
            distance = moving if last else ops.stop_gradient(moving)
            rest = ops.log1p(distance * v**k)
            total = v * ops.sum(ops.exp(-rest / k), axis=self.axis, keepdims=True)
            slope = ops.sum(ops.exp(-rest * (1 / k + 1)), axis=self.axis, keepdims=True)
            v = v + (1 - total) / ops.stop_gradient(slope)
        return ops.log(v) - ops.log1p(moving * v**k) / k


def _tempered(log_u: Tensor, power: float) -> Tensor:
    """`(u ** power - 1) / power`, which is `log(u)` for power 0."""
    return log_u if power == 0 else ops.expm1(power * log_u) / power


@register
class BootstrapCrossentropy(_Robust):
    """Cross-entropy with a mixture of the label and the model's own prediction.

    Formula: `-sum((beta * y[c] + (1 - beta) * t[c]) * log(p[c]))` over the classes c, with `t = p`, or with
    `hard=True` the one-hot of the largest p (the first of equal ones).

    Args:
        beta: Share of the label, in [0, 1]; the paper has 0.95 for `hard=False` and 0.8 for `hard=True`. 1:
            `CategoricalCrossentropy`.
        hard: Whether the prediction is made one-hot. If not, the gradient flows through it too.
        from_logits: Whether `y_pred` holds logits (p is their softmax, never clipped) or probabilities,
            which are divided by their sum, and clipped to [1e-7, 1 - 1e-7] in the logarithm as in Keras.
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. An id outside [0, C) that is not
            ignored gives NaN.

    Use it once the model has learned something, with some wrong labels; not from the start with a small
    `beta`, where it confirms its own mistakes.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.BootstrapCrossentropy(beta=0.8)
    >>> round(float(loss(np.array([1]), np.array([[0.2, 0.5, 0.3]]))), 4)
    0.7604

    Equivalents: the code of the generalized Jensen-Shannon divergence has `Bootstrapping(t)`: `beta = 1 - t`.
    Code that stops the gradient of t has the same value.

    Reference: Reed et al., 2015, Training Deep Neural Networks on Noisy Labels with Bootstrapping, ICLR
    workshop (arXiv 1412.6596).
    """

    beta: Fraction = 0.95
    hard: bool = False
    from_logits: bool = False
    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if self.hard:
            own = self.crossentropy(argmax(y_pred, self.axis), y_pred)
        else:
            log_p = clip_below(self.log_probabilities(y_pred), ABSENT)  # 0 * -inf = 0
            own = -ops.sum(self.probabilities(y_pred) * log_p, axis=self.axis)
        return self.beta * self.crossentropy(y_true, y_pred) + (1 - self.beta) * own


@register
class ActivePassive(_Robust):
    """A normalised cross-entropy, robust to wrong labels, plus an absolute error that helps it fit.

    Formula: `alpha * sum(y[c] * f[c]) / sum(f[c]) + beta * passive` over the classes c, with
    `f = -(1 - p) ** gamma * log(p)` and passive `1 - p_y` ("mae") or `-log_zero * (1 - p_y)` ("rce");
    `p_y = sum(y[c] * p[c])`.

    Args:
        alpha: Weight >= 0 of the active part, which lies in [0, 1].
        beta: Weight >= 0 of the passive part.
        passive: `"mae"`, the absolute error, or `"rce"`, the reverse cross-entropy.
        gamma: Power >= 0 of the focal weight; 0: normalised cross-entropy.
        log_zero: The value used for `log(0)` in the reverse cross-entropy, < 0.
        from_logits: Whether `y_pred` holds logits (p is their softmax, never clipped) or probabilities,
            which are divided by their sum, and clipped to [1e-7, 1 - 1e-7] in the logarithm as in Keras.
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, there are fewer than 2 classes, or the shapes don't match.
            An id outside [0, C) that is not ignored gives NaN.

    Use it where many labels are wrong, with `alpha` above 1 for many classes; not with clean labels, which
    cross-entropy fits faster.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ActivePassive()
    >>> round(float(loss(np.array([1]), np.array([[0.2, 0.5, 0.3]]))), 4)
    0.6977

    Equivalents: the authors' `NCEandMAE(alpha, beta)` (its MAE is half of the paper's) with
    `from_logits=True`; `NCEandRCE`: also `passive="rce", log_zero=-9.210340371976182`; `NFLandMAE`: also
    `gamma`, whose focal weight it treats as a constant (the same value).

    Reference: Ma et al., 2020, Normalized Loss Functions for Deep Learning with Noisy Labels, ICML (arXiv
    2006.13554).
    """

    only_ids = True  # a sum over one class says nothing

    alpha: NonNegative = 1.0
    beta: NonNegative = 1.0
    passive: Literal["mae", "rce"] = "mae"
    gamma: NonNegative = 0.0
    log_zero: Annotated[float, within(below=0)] = -4.0
    from_logits: bool = False
    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        p, f = self.probabilities(y_pred), -self.log_probabilities(y_pred)
        if self.gamma > 0:
            f = clip_below(1 - p, TINY) ** self.gamma * f
        active = self.of_label(y_true, f) / ops.sum(f, axis=self.axis)
        passive = 1 - self.of_label(y_true, p)
        if self.passive == "rce":
            passive = -self.log_zero * passive
        return self.alpha * active + self.beta * passive


@register
class JensenShannonCrossentropy(_Robust):
    """Jensen-Shannon divergence of label and predictions: between cross-entropy and absolute error.

    Formula: `Z * (w[0] * KL(y, m) + sum(w[i] * KL(p[i], m)))` over the M predictions i, with
    `m = w[0] * y + sum(w[i] * p[i])` and `Z = -1 / ((1 - w[0]) * log(1 - w[0]))`.

    Args:
        weights: `M + 1` numbers > 0 that sum to 1: the weight of the label, then one per prediction. With the
            label's weight near 0 the loss is cross-entropy, near 1 the absolute error.
        from_logits: Whether `y_pred` holds logits or probabilities, which are divided by their sum and not
            clipped.
        axis: The class axis of `y_pred`, of length C; -1 for several predictions.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction. Several predictions of a sample, of
        augmented views of it: `y_true` `(N,)`, `(N, 1)` or `(N, C)`, `y_pred` `(N, M, C)`; returns `(N,)`.

    Raises:
        ValueError: If `weights` are not positive numbers that sum to 1, `axis` is not -1 with several
            predictions, or the shapes don't match. An id outside [0, C) that is not ignored gives NaN.

    Use it where some labels are wrong, and with two views to make their predictions agree; not as a distance
    between two predictions without labels.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.JensenShannonCrossentropy()
    >>> round(float(loss(np.array([1]), np.array([[0.2, 0.5, 0.3]]))), 4)
    0.6226

    Equivalents: the authors' `JensenShannonDivergenceWeightedScaled` with `from_logits=True`. timm's
    `JsdCrossEntropy` is another loss: cross-entropy plus the divergence of the predictions alone.

    Reference: Englesson & Azizpour, 2021, Generalized Jensen-Shannon Divergence Loss for Learning with Noisy
    Labels, NeurIPS (arXiv 2105.04522).
    """

    weights: Annotated[Sequence[float], each_within(above=0)] = (0.5, 0.5)
    from_logits: bool = False
    axis: int = -1
    ignore_class: ClassIds | None = None

    def __post_init__(self) -> None:
        if len(self.weights) < 2 or abs(sum(self.weights) - 1) > ROUNDING:
            checks.fail(self, "`weights` must be at least 2 numbers of sum 1", f"weights={self.weights!r}")
        if self.has_views and self.axis != -1:
            checks.fail(self, "`axis` must be -1 for several predictions", f"axis={self.axis!r}")

    @property
    def has_views(self) -> bool:
        """Whether `y_pred` holds several predictions on axis 1."""
        return len(self.weights) > 2

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if not self.has_views:
            return super().prepare(y_true, y_pred)
        views, shape = len(self.weights) - 1, tuple(y_pred.shape)
        if len(shape) != 3 or shape[1] != views:
            checks.fail(
                self,
                f"`y_pred` must have the shape (N, {views}, C): a prediction for each of `weights` but the "
                "first",
                f"y_pred.shape={shape}, weights={self.weights!r}",
            )
        y_true, first = super().prepare(y_true, y_pred[:, 0])
        return (y_true if is_ids(y_true, first) else ops.expand_dims(y_true, 1)), y_pred

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return [1, 2] if self.has_views else super().entry_axes(y_pred)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        label, rest = self.weights[0], 1 - self.weights[0]
        # The shift keeps the slope of p * log(p) finite at 0, and the ratio of two probabilities right there.
        p = self.probabilities(y_pred) + 1e-15
        if self.has_views:
            predictions = [p[:, i] for i in range(len(self.weights) - 1)]
            if not is_ids(y_true, y_pred):
                y_true = ops.squeeze(y_true, 1)
        else:
            predictions = [p]
        y = self.one_hot(y_true, predictions[0])
        shares = [weight / rest for weight in self.weights[1:]]
        average = sum(share * p for share, p in zip(shares, predictions, strict=True))

        # log(m / p) from the distance of m and p, which a small weight of the label would round away.
        step = label * (y - average)
        log_y = ops.log(ops.where(ops.equal(y, 0), 1, y))
        total = label * weighted_sum(y, log_y - ops.log(average + step), self.axis)
        for share, p in zip(shares, predictions, strict=True):
            away = step if len(shares) == 1 else step + (average - p)
            total = total - rest * share * ops.sum(p * ops.log1p(away / p), axis=self.axis)
        return total / (-rest * math.log1p(-label))


@register
class TaylorCrossentropy(_Robust):
    """The first terms of cross-entropy's Taylor series: bounded, between it and the absolute error.

    Formula: `sum(y[c] * sum((1 - p[c]) ** k / k))` over the classes c and k = 1 .. order.

    Args:
        order: Number of terms, an integer >= 1; 1 is `1 - p_y`, many terms approach cross-entropy.
        from_logits: Whether `y_pred` holds logits or probabilities, which are divided by their sum and not
            clipped.
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `order` is not an integer >= 1 or the shapes don't match. An id outside [0, C) that is
            not ignored gives NaN.

    Use it where some labels are wrong, with a small `order` for many of them; not with clean labels.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.TaylorCrossentropy()
    >>> float(loss(np.array([1]), np.array([[0.2, 0.5, 0.3]])))
    0.625

    Equivalents: `order=1`: `CategoricalGeneralizedCrossEntropy(q=1)`, half the absolute error of the
    probabilities from the label.

    Reference: Feng et al., 2020, Can Cross Entropy Loss Be Robust to Label Noise?, IJCAI.
    """

    order: Count = 2
    from_logits: bool = False
    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if not is_ids(y_true, y_pred):
            return ops.sum(y_true * self.series(1 - self.probabilities(y_pred)), axis=self.axis)
        if self.from_logits:
            return self.series(-ops.expm1(self.log_softmax_at(y_true, y_pred)))
        total = total_probability(y_pred, self.axis)
        return self.series(1 - self.pick(y_pred, y_true) / total)

    def series(self, x: Tensor) -> Tensor:
        """`x + x ** 2 / 2 + ... + x ** order / order`, from the last term on."""
        value = x / self.order
        for k in range(self.order - 1, 0, -1):
            value = x * (1 / k + value)
        return value
