"""Losses of ordered classes 0 ... K - 1: grades, stages, ratings.

Two forms of `y_pred`: a score for each class `(..., K)`, or a logit for each threshold `(..., K - 1)`, which
asks "is y > k?" for k = 0 ... K - 2.
"""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, Literal

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import ClassIds, Numbers, Positive, each_within, within
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.kinds.ordinal import ThresholdLoss
from kerasloss.core.labels import along_axis, is_ids
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    TINY,
    absolute,
    clip_below,
    crossentropy_of_logit,
    cumulative_sum,
    is_largest,
    last_axis_product,
    log1m_softmax,
    mean,
    nan_unless,
    power,
    safe_divide,
    softplus,
)
from kerasloss.core.probabilities import as_probabilities, normalize
from kerasloss.core.registry import register
from kerasloss.core.special import HALF_LOG_2PI, log_ndtr


@register
class Coral(ThresholdLoss):
    """Ordered classes as a series of yes/no questions, all of them answered for every sample.

    Formula: the sum over thresholds k of `w[k] * (l[k] * softplus(-z[k]) + (1 - l[k]) * softplus(z[k]))`
    with the levels `l[k] = clip(y - k, 0, 1)`: 1 where y > k.

    Args:
        importance_weights: K - 1 numbers >= 0, one for each threshold; None: all 1.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, that don't count.

    Shapes:
        `y_true`: class ids `(...)` or `(..., 1)`, which may lie between classes (3.5), or the levels
        themselves, `(..., K - 1)` in [0, 1]; `y_pred`: logits `(..., K - 1)`. Returns `(...)`.

    Raises:
        ValueError: If there are not K - 1 weights or the shapes don't match. A class outside [0, K - 1], or a
            level outside [0, 1], gives NaN.

    Use it with `layers.OrdinalThresholds(K, ordered=False)` as the last layer, one weight vector and K - 1
    biases, which makes the answers consistent; `Corn` is consistent with any layer.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> logits = np.array([[2.1, 1.8, -2.1, -1.8], [1.9, -1.0, -1.5, -1.3], [1.9, 1.8, 1.7, 1.6]])
    >>> round(float(kerasloss.Coral()(np.array([2, 1, 4]), logits)), 4)
    0.692
    >>> last = kerasloss.layers.OrdinalThresholds(5, ordered=False)
    >>> model = keras.Sequential([keras.Input((8,)), last])
    >>> model.compile("adam", loss=kerasloss.Coral())

    Equivalents: coral-pytorch `coral_loss`: default. TF-Ranking OrdinalLoss(use_fraction_label=True): classes
    between integers.

    Reference: Cao, Mirjalili & Raschka, 2020, Rank Consistent Ordinal Regression for Neural Networks,
    Pattern Recognition Letters (arXiv 1901.07884); Frank & Hall, 2001, ECML.
    """

    importance_weights: Annotated[Sequence[float], each_within(least=0)] | None = None
    _: KW_ONLY
    ignore_class: ClassIds | None = None

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        checks.axis(self, -1, y_pred)
        levels = checks.lengths_match(tuple(y_true.shape), tuple(y_pred.shape))
        if not levels or y_pred.shape[-1] == 1:  # the level of one threshold is the id
            _, y_pred = super().prepare(y_true, y_pred)
            if len(y_true.shape) == len(y_pred.shape):
                y_true = ops.squeeze(y_true, -1)
        weights, count = self.importance_weights, y_pred.shape[-1]
        if weights is not None and len(weights) != count:
            checks.fail(
                self,
                f"`importance_weights` must be {count} numbers, one for each threshold",
                f"importance_weights={weights!r}",
            )
        return ops.cast(y_true, self.compute_dtype), y_pred

    def counts(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        return super().counts(y_true, y_pred) if is_ids(y_true, y_pred) else None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        levels, most = y_true, 1
        if is_ids(y_true, y_pred):
            y, thresholds = self.with_thresholds(y_true, y_pred)
            levels, most = ops.clip(y - thresholds, 0, 1), y_pred.shape[-1]
            y_true = y
        each = crossentropy_of_logit(levels, y_pred)
        if self.importance_weights is not None:
            each = each * along_axis(self.importance_weights, each, -1)
        inside = ops.all(ops.logical_and(y_true >= 0, y_true <= most), axis=-1)
        return nan_unless(inside, ops.sum(each, axis=-1))


@register
class Corn(ThresholdLoss):
    """Ordered classes as a series of yes/no questions, each asked only after a yes to the one before.

    Formula: the sum over thresholds `k <= min(y, K - 2)` of `softplus(-z[k])` where y > k, `softplus(z[k])`
    where y = k; z[k] is the logit of P(y > k | y > k - 1).

    Args:
        reduction, name, dtype: See `kerasloss.Loss`. `"mean_with_sample_weight"` divides by the number of
            questions asked, `min(y, K - 2) + 1` for each sample.
        ignore_class: An id, or several, that don't count.

    Shapes:
        `y_true`: class ids `(...)` or `(..., 1)`; `y_pred`: logits `(..., K - 1)`. Returns `(...)`.

    Raises:
        ValueError: If the shapes don't match. A class outside [0, K) gives NaN.

    Use it with any last layer; predict P(y > k) as the product of the sigmoids up to k. Its highest
    thresholds are trained on few samples.

    Example:

    >>> import kerasloss, numpy as np
    >>> logits = np.array([[0.5, -0.2, 0.1], [1.0, 0.3, -0.7], [0.2, 0.4, 1.5]])
    >>> loss = kerasloss.Corn(reduction="mean_with_sample_weight")
    >>> round(float(loss(np.array([0, 2, 3]), logits)), 4)
    0.5082

    Equivalents: coral-pytorch `corn_loss`, dlordinal CORNLoss: `reduction="mean_with_sample_weight"`.

    Reference: Shi, Cao & Raschka, 2023, Deep Neural Networks for Rank-Consistent Ordinal Regression Based On
    Conditional Probabilities, Pattern Analysis and Applications (arXiv 2111.08851).
    """

    _: KW_ONLY
    ignore_class: ClassIds | None = None

    def own_weight(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y, thresholds = self.with_thresholds(y_true, y_pred)
        return ops.sum(ops.cast(y >= thresholds, y_pred.dtype), axis=-1)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y, thresholds = self.with_thresholds(y_true, y_pred)
        each = crossentropy_of_logit(ops.cast(y > thresholds, y_pred.dtype), y_pred)
        return self.nan_outside(ops.sum(ops.where(y >= thresholds, each, 0), axis=-1), y_true, y_pred)


@register
class CumulativeLink(ThresholdLoss):
    """Ordinal regression: classes are the intervals between cutpoints on a line.

    Formula: `-log(F(eta[y]) - F(eta[y - 1]))` with `eta[k] = cutpoint[k] - score`, F = 0 below the first
    and 1 above the last; F is the sigmoid, the normal distribution function or `1 - exp(-exp(eta))`.

    Args:
        link: `"logit"` (proportional odds), `"probit"` or `"cloglog"` (proportional hazards).
        cutpoints: K - 1 increasing numbers; None: `y_pred` holds eta itself.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, that don't count.

    Shapes:
        `y_true`: class ids `(...)` or `(..., 1)`; `y_pred`: eta `(..., K - 1)`, non-decreasing, or with
        `cutpoints` the score `(...)` or `(..., 1)`. Returns `(...)`.

    Raises:
        ValueError: If `cutpoints` don't increase, for another `link`, or if the shapes don't match. A class
            outside [0, K) gives NaN.

    Use it where one score orders everything, with `layers.OrdinalThresholds(K)` as the last layer; not on a
    plain `Dense`, whose eta may decrease: it is then read as increasing by 1e-7, and trains badly (with
    `Corn` every threshold has its own features). With `"cloglog"` the last class is infinite beyond eta = 88.
    To predict: `F(eta)` is the probability of the classes up to each threshold; its differences are those of
    the classes.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> loss = kerasloss.CumulativeLink(cutpoints=[-1.0, 0.5])
    >>> round(float(loss(np.array([1]), np.array([[0.3]]))), 4)
    1.0916
    >>> model = keras.Sequential([keras.Input((8,)), kerasloss.layers.OrdinalThresholds(3)])
    >>> model.compile("adam", loss=kerasloss.CumulativeLink())

    Equivalents: statsmodels OrderedModel: the sum of this; spacecutter `CumulativeLinkLoss`: default;
    dlordinal CLM(K, link) before a cross-entropy: `link`.

    Reference: McCullagh, 1980, Regression Models for Ordinal Data, JRSS B; Pedregosa, Bach & Gramfort, 2017,
    On the Consistency of Ordinal Regression Methods, JMLR.
    """

    link: Literal["logit", "probit", "cloglog"] = "logit"
    cutpoints: Numbers | None = None
    _: KW_ONLY
    ignore_class: ClassIds | None = None

    def __post_init__(self) -> None:
        if self.cutpoints is not None:
            if any(b <= a for a, b in zip(self.cutpoints[:-1], self.cutpoints[1:], strict=True)):
                checks.fail(self, "`cutpoints` must increase", f"cutpoints={self.cutpoints!r}")

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if self.cutpoints is None:
            return super().prepare(y_true, y_pred)
        checks.axis(self, -1, y_pred)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        if len(pred_shape) == 1 or pred_shape[-1] != 1:
            y_pred = ops.expand_dims(y_pred, -1)
        shapes = tuple(y_pred.shape)[:-1], tuple(y_pred.shape)
        if not any(checks.lengths_match(true_shape, shape) for shape in shapes):
            checks.fail(
                self,
                f"`y_true` must hold class ids of shape {shapes[0]} or {shapes[1]}, one for each score of "
                "`y_pred`",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        y_true, _ = super().prepare(y_true, y_pred)
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        eta = y_pred
        if self.cutpoints is not None:
            eta = along_axis(self.cutpoints, y_pred, -1) - y_pred
        count = eta.shape[-1]
        first, last = y_true <= 0, y_true >= count

        def edge(index: Tensor) -> Tensor:
            index = ops.expand_dims(ops.clip(index, 0, count - 1), -1)
            return ops.squeeze(ops.take_along_axis(eta, index, axis=-1), -1)

        upper, lower = edge(y_true), edge(y_true - 1)
        between = {"logit": _logistic, "probit": _normal, "cloglog": _gumbel}[self.link]
        value = between(lower, upper, first, last)
        return self.nan_outside(value, y_true, eta)


LEAST_WIDTH = 1e-7  # of a class on the line


def _width(a: Tensor, b: Tensor, inner: Tensor) -> Tensor:
    """`b - a` of an inner class, at least `LEAST_WIDTH`; 1 for the first and the last class."""
    return ops.where(inner, clip_below(b - a, LEAST_WIDTH), 1)


def _logistic(a: Tensor, b: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """Minus the log-probability of the interval from a to b, `F(b) (1 - F(a)) (1 - exp(a - b))`."""
    inner = ops.logical_not(ops.logical_or(first, last))
    value = ops.where(last, 0, softplus(-b)) + ops.where(first, 0, softplus(a))
    return value - ops.where(inner, ops.log(-ops.expm1(-_width(a, b, inner))), 0)


def _gumbel(a: Tensor, b: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """As `_logistic`, for `F(x) = 1 - exp(-exp(x))`: `exp(a) - log(F(log(exp(b) - exp(a))))`."""
    inner = ops.logical_not(ops.logical_or(first, last))
    x = b + ops.where(inner, ops.log(-ops.expm1(-_width(a, b, inner))), 0)
    tiny = x < -15  # F(x) is exp(x) there
    x = ops.where(last, 0, x)
    log_f = ops.where(tiny, x, ops.log(-ops.expm1(-ops.exp(ops.clip(x, -15, 5)))))
    survival = ops.exp(ops.where(first, 0, a))
    return ops.where(first, 0, survival) - ops.where(last, 0, log_f)


def _normal(a: Tensor, b: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """As `_logistic`, for the normal distribution."""
    inner = ops.logical_not(ops.logical_or(first, last))
    end = log_ndtr(ops.where(last, -a, b))
    width = _width(a, b, inner)
    middle = ops.where(inner, 0.5 * (a + b), 0)
    middle = ops.where(middle > 0, -middle, middle)  # the side where nothing is near 1
    # A narrow class: the density in the middle, and how it curves.
    narrow = width * (1 + ops.abs(middle)) < 0.5
    w, m = ops.square(ops.where(narrow, width, 0.1)), ops.square(ops.where(narrow, middle, 0))
    curve = ops.log1p(w * (m - 1) / 24 + w * w * (m * m - 6 * m + 3) / 1920)
    density = ops.log(ops.where(narrow, width, 1)) - 0.5 * m - HALF_LOG_2PI + curve
    # A wide one: the difference of two distribution functions.
    width, middle = ops.where(narrow, 1, width), ops.where(narrow, 0, middle)
    low, high = log_ndtr(middle - 0.5 * width), log_ndtr(middle + 0.5 * width)
    gap = ops.where(ops.isinf(low), low, low - high)  # both are -inf far out
    difference = high + ops.log(-ops.expm1(gap))
    return -ops.where(inner, ops.where(narrow, density, difference), end)


@register
class WeightedKappa(ClassLoss):
    """Cohen's weighted kappa: agreement of two raters beyond chance, with a price for distant misses.

    Formula: `log(k + epsilon)`, or k if not `log`, where `k = 1 - kappa` is the sum of `D[c, j]` over the
    samples (class c, predicted j with probability p[j]), divided by what it would be if classes and
    predictions were independent; `D = (c - j) ** 2`, or `|c - j|`.

    Args:
        weightage: `"quadratic"` or `"linear"`, the price of a miss.
        log: Whether the logarithm is taken, which keeps the slope steep near agreement.
        epsilon: Added in the logarithm, > 0: agreement costs `log(epsilon)`.
        from_logits: Whether `y_pred` holds logits; probabilities are used as given, not renormalised.
        reduction, name, dtype: See `kerasloss.Loss`; a number of the whole batch is left alone.

    Shapes:
        `y_true`: class ids or one-hot / soft labels; `y_pred`: `(..., K)`; every position is a sample.
        Returns `()`; sample weights weigh samples.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class outside [0, K), or a
            probability outside [0, 1], gives NaN.

    Use it with large batches, since the value is that of the batch. Where all labels are of one class it
    teaches nothing: k is 1, or 0 if all predictions are of that class too (chance has no disagreement).

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[0.1, 0.2, 0.6, 0.1], [0.1, 0.5, 0.3, 0.1], [0.8, 0.05, 0.05, 0.1]])
    >>> round(float(kerasloss.WeightedKappa(log=False)(np.array([2, 1, 0]), y_pred)), 4)
    0.5146

    Equivalents: TensorFlow Addons WeightedKappaLoss: default; dlordinal WKLoss(use_logits, use_logarithm,
    epsilon): `from_logits`, `log`, `epsilon`.

    Reference: de la Torre, Puig & Valls, 2018, Weighted Kappa Loss Function for Multi-Class Classification of
    Ordinal Data, Pattern Recognition Letters; Vargas, Gutierrez & Hervas-Martinez, 2020, Neurocomputing.
    """

    growth = "matrix"
    scope = "batch"
    kind = "ordinal"

    weightage: Literal["quadratic", "linear"] = "quadratic"
    log: bool = True
    epsilon: Positive = 1e-06
    from_logits: bool = False

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        y = self.one_hot(y_true, y_pred)
        p = ops.softmax(y_pred, axis=-1) if self.from_logits else as_probabilities(y_pred)
        if len(p.shape) == 1:  # a single sample
            y, p = ops.expand_dims(y, 0), ops.expand_dims(p, 0)
        positions = tuple(range(len(p.shape) - 1))
        if sample_weight is None:
            weight = ops.ones_like(p[..., 0])
        else:
            weight = self.broadcast_from_left(sample_weight, p[..., 0]) * ops.ones_like(p[..., 0])
        price = _distances(p, 2 if self.weightage == "quadratic" else 1)
        y = y * ops.expand_dims(weight, -1)
        observed = ops.sum(y * last_axis_product(p, ops.transpose(price)))
        true, pred = ops.sum(y, axis=positions), ops.sum(p * ops.expand_dims(weight, -1), axis=positions)
        by_chance = safe_divide(ops.einsum("c,cj,j->", true, price, pred), ops.sum(weight))
        by_chance = ops.where(by_chance < TINY, 0, by_chance)  # some backends see 0 there, and some don't
        value = safe_divide(observed, by_chance)
        if self.log:
            value = ops.log(value + self.epsilon)
        return ops.where(ops.sum(weight) > 0, value, 0)


@register
class EarthMoversDistance(ClassLoss):
    """How far probability has to move along the classes to become the label.

    Formula: the sum over k of `|cumsum(p)[k] - cumsum(y)[k]| ** order`; its mean over k if `normalize`, to
    the power `1 / order` if `root`.

    Args:
        order: The exponent, >= 1; 1 is the Wasserstein distance between class indices.
        root: Whether the root is taken at the end.
        normalize: Whether it is a mean over the classes.
        from_logits: Whether `y_pred` holds logits; probabilities are divided by their sum.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: A class, or several, that don't count.

    Shapes:
        `y_true`: class ids or one-hot / soft labels; `y_pred`: `(..., K)`. Returns `(...)`.

    Raises:
        ValueError: If `order` < 1 or the shapes don't match. A class outside [0, K) gives NaN.

    Use it for ratings given as distributions, and for classes at equal distances; it doesn't push
    probabilities to 0 as hard as a cross-entropy.

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.EarthMoversDistance()(np.array([0]), np.array([[0.5, 0.3, 0.2]]))), 4)
    0.29

    Equivalents: the ranked probability score, scoringrules `rps_score` (ids from 1): default. dlordinal
    EMDLoss: `from_logits=True`. NIMA: `normalize=True, root=True`.

    Reference: Hou, Yu & Samaras, 2016, Squared Earth Mover's Distance-based Loss for Training Deep Neural
    Networks (arXiv 1611.05916); Talebi & Milanfar, 2018, NIMA (arXiv 1709.05424).
    """

    kind = "ordinal"

    order: Annotated[float, within(least=1)] = 2.0
    root: bool = False
    normalize: bool = False
    from_logits: bool = False
    _: KW_ONLY
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        difference = self.probabilities(y_pred) - self.one_hot(y_true, y_pred)
        moved = cumulative_sum(difference)
        if self.order == 2:
            each = ops.square(moved)
        else:
            each = absolute(moved) if self.order == 1 else absolute(moved) ** self.order
        value = mean(each, axis=-1) if self.normalize else ops.sum(each, axis=-1)
        return power(value, 1 / self.order) if self.root else value


@register
class SoftOrdinal(ClassLoss):
    """Cross-entropy with labels that give neighbouring classes a share.

    Formula: `-sum(t * log(p))` with `t = softmax(-alpha * distance(y, k))` over the classes k.

    Args:
        alpha: How fast the share falls with the distance, > 0; for large alpha it is
            `CategoricalCrossentropy`.
        distance: `"absolute"`: `|y - k|`; `"squared"`: `(y - k) ** 2`.
        from_logits: Whether `y_pred` holds logits or probabilities (divided by their sum, clipped to
            [1e-7, 1 - 1e-7]).
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: A class, or several, that don't count.

    Shapes:
        `y_true`: class ids or one-hot / soft labels; `y_pred`: `(..., K)`. Returns `(...)`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class outside [0, K) gives
            NaN.

    Use it where neighbouring classes are often confused, even by people; its minimum is the entropy of the
    soft labels, not 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.SoftOrdinal()(np.array([0]), np.array([[0.5, 0.3, 0.2]]))), 4)
    0.9007

    Equivalents: dlordinal SORDLoss(alpha), and its ExponentialLoss(CrossEntropyLoss(), K, p, tau):
    `from_logits=True` with `alpha`, or `1 / tau`; `p=2` is `distance="squared"`.

    Reference: Diaz & Marathe, 2019, Soft Labels for Ordinal Regression, CVPR.
    """

    growth = "matrix"
    kind = "ordinal"

    alpha: Positive = 1.0
    distance: Literal["absolute", "squared"] = "absolute"
    from_logits: bool = False
    _: KW_ONLY
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        distances = _distances(y_pred, 1 if self.distance == "absolute" else 2)
        targets = ops.softmax(-self.alpha * distances, axis=-1)
        y = last_axis_product(self.one_hot(y_true, y_pred), targets)
        return -self.dense_log_likelihood(y, y_pred)


@register
class OrdinalLog(ClassLoss):
    """Cross-entropy of the wrong classes, weighted by their distance.

    Formula: `-sum(|y - k| ** alpha * log(1 - p[k]))` over the classes k.

    Args:
        alpha: How much distance counts, > 0.
        from_logits: Whether `y_pred` holds logits (exact at any size) or probabilities (divided by their
            sum, `1 - p` at least 1e-7).
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: A class, or several, that don't count.

    Shapes:
        `y_true`: class ids or one-hot / soft labels; `y_pred`: `(..., K)`, K >= 2. Returns `(...)`.

    Raises:
        ValueError: If `alpha` is not > 0 or the shapes don't match. A class outside [0, K) gives NaN.

    Use it where distant misses must be rare; the probability of the right class enters only through the
    others.

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.OrdinalLog()(np.array([0]), np.array([[0.5, 0.3, 0.2]]))), 4)
    0.9878

    Equivalents: dlordinal CDWCELoss(alpha): `alpha, from_logits=True` (0.5 unless given there); Polat's class
    distance weighted cross-entropy: `alpha=5`.

    Reference: Castagnos, Mihelich & Dognin, 2022, A Simple Log-based Loss Function for Ordinal Text
    Classification, COLING; Polat et al., 2022 (arXiv 2202.05167).
    """

    growth = "matrix"
    kind = "ordinal"

    alpha: Positive = 1.5
    from_logits: bool = False
    _: KW_ONLY
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        weights = _distances(y_pred, self.alpha)
        y = last_axis_product(self.one_hot(y_true, y_pred), weights)
        return -ops.sum(y * self._log_rest(y_pred), axis=-1)

    def _log_rest(self, y_pred: Tensor) -> Tensor:
        """`log(1 - p)`; for the likeliest class from the sum of all others, which is more exact."""
        if self.from_logits:
            return log1m_softmax(y_pred)
        top, p = is_largest(y_pred), normalize(y_pred, -1)
        others = ops.sum(ops.where(top, 0, p), axis=-1, keepdims=True)
        return ops.log(clip_below(ops.where(top, others, 1 - p), keras.config.epsilon()))


def _distances(y_pred: Tensor, exponent: float) -> Tensor:
    """`|c - k| ** exponent` of all pairs of classes."""
    index = ops.arange(y_pred.shape[-1], dtype=y_pred.dtype)
    return ops.abs(ops.expand_dims(index, -1) - index) ** exponent
