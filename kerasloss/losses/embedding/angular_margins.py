"""Classification by the angle to the center of the class, with a margin: losses for recognition.

`layers.CosineDense` owns the centers and returns cosines, clipped to [-1, 1]; the losses take them as given.
Losses of centers without a margin of the angle are in `proxies.py`.
"""

import math
from dataclasses import KW_ONLY
from typing import Annotated, TypeAlias

from keras import ops

from kerasloss.core.configuration import (
    ClassIds,
    ClassWeight,
    Count,
    Fraction,
    NonNegative,
    OpenFraction,
    Positive,
    within,
)
from kerasloss.core.cosines import angle, replace_target, sine
from kerasloss.core.kinds.class_cosine import BatchClassLoss, CenterCosineLoss, CosineLoss, NormCosineLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import clip, clip_below, safe_divide
from kerasloss.core.registry import register

Angle: TypeAlias = Annotated[float, within(least=0, below=math.pi)]
"""An angle in [0, pi), in radians."""


def _turned(c: Tensor, margin: float) -> Tensor:
    """`cos(theta + margin)` for the cosine of theta."""
    return c * math.cos(margin) - sine(c) * math.sin(margin)


def _added(c: Tensor, margin: float) -> Tensor:
    """`cos(theta + margin)` for the cosine of theta while that angle is at most pi, then a line."""
    return ops.where(c >= -math.cos(margin), _turned(c, margin), c - margin * math.sin(margin))


def _folded(cos: Tensor, k: Tensor) -> Tensor:
    """`(-1) ** k * cos - 2 * k`: it goes on decreasing where a cosine would rise again, k half turns on."""
    is_odd = k - 2 * _floor(k / 2)
    return (1 - 2 * is_odd) * cos - 2 * k


def _floor(x: Tensor) -> Tensor:
    """The largest integer that is not above, in the dtype of `x`, without gradient."""
    return ops.cast(ops.floor(ops.stop_gradient(x)), x.dtype)


@register
class ArcFace(CosineLoss):
    """Softmax cross-entropy of cosines, with an additive angular margin for the true class.

    Formula: `-log_softmax(z)[y]` with `z[c] = scale * cos(theta[c])` for the other classes and
    `z[y] = scale * cos(theta[y] + margin)` for the true one, or `scale * (cos(theta[y]) - margin *
    sin(margin))` where `theta[y] + margin > pi`.

    Args:
        margin: The angle, in radians, in [0, pi).
        scale: Factor > 0 of the cosines.
        easy_margin: Whether only angles below a right one get the margin; the cosines of others stay.
        reduction, name, dtype: See `kerasloss.Loss`.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot `(batch, ..., C)`. `y_pred`:
        cosines `(batch, ..., C)` from `layers.CosineDense`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, or the shapes don't match. An id outside [0, C) that is
            not ignored gives NaN.

    Use it for the recognition of faces, speakers or products, where embeddings are compared afterwards; not
    for probabilities. The gradient grows without bound towards a cosine of 1 or -1; at 1 and -1 it is finite
    here. At `theta = pi - margin` the value jumps, by its definition.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[0.8, 0.2, -0.4], [0.1, 0.5, 0.6]])
    >>> round(float(kerasloss.ArcFace()(np.array([0, 1]), y_pred)), 4)
    18.4449

    Equivalents: pytorch-metric-learning ArcFaceLoss: its `margin` is in degrees. InsightFace ArcFace: `s` is
    `scale`. `CombinedMargin(1.0, margin, 0.0)`: the same.

    Reference: Deng, Guo, Xue & Zafeiriou, 2019, ArcFace: Additive Angular Margin Loss for Deep Face
    Recognition, CVPR (arXiv 1801.07698).
    """

    margin: Angle = 0.5
    scale: Positive = 64.0
    easy_margin: bool = False
    _: KW_ONLY
    label_smoothing: Fraction = 0.0
    ignore_class: ClassIds | None = None
    class_weight: ClassWeight | None = None

    def psi(self, c: Tensor) -> Tensor:
        if self.easy_margin:
            return ops.where(c > 0, _turned(c, self.margin), c)
        return _added(c, self.margin)


@register
class SubCenterArcFace(ArcFace, CenterCosineLoss):
    """`ArcFace` with several centers for each class, of which the nearest counts: for noisy labels.

    Formula: `-log_softmax(z)[y]` with `c[j] = max_k(cos(theta[j, k]))` over the centers k of the class j,
    `z[j] = scale * c[j]` for the other classes and `z[y] = scale * cos(arccos(c[y]) + margin)` for the true
    one, or `scale * (c[y] - margin * sin(margin))` where that angle is above pi.

    Args:
        margin: The angle, in radians, in [0, pi).
        scale: Factor > 0 of the cosines.
        easy_margin: Whether only angles below a right one get the margin; the cosines of others stay.
        reduction, name, dtype: See `kerasloss.Loss`.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot `(batch, ..., C)`. `y_pred`:
        cosines `(batch, ..., C, K)` from `layers.CosineDense(C, centers_per_class=K)`. Returns `(batch, ...)`
        before reduction.

    Raises:
        ValueError: If an argument is out of range, or the shapes don't match. An id outside [0, C) that is
            not ignored gives NaN.

    Use it where some labels are wrong, with K = 3: their samples gather around centers of their own; not on
    clean labels, where `ArcFace` separates better. Equally near centers share the gradient.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[0.8, 0.1], [0.2, 0.3], [-0.4, 0]], [[0.1, -0.2], [0.5, 0.4], [0.6, 0.2]]])
    >>> round(float(kerasloss.SubCenterArcFace()(np.array([0, 1]), y_pred)), 4)
    18.4452

    Equivalents: pytorch-metric-learning SubCenterArcFaceLoss: its `margin` is in degrees.

    Reference: Deng, Guo, Liu, Gong & Zafeiriou, 2020, Sub-center ArcFace: Boosting Face Recognition by
    Large-Scale Noisy Web Faces, ECCV.
    """

    def logits(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return super().logits(y_true, ops.amax(y_pred, axis=-1))


@register
class CosFace(CosineLoss):
    """Softmax cross-entropy of cosines, with a margin subtracted from that of the true class.

    Formula: `-log_softmax(z)[y]` with `z[c] = scale * cos(theta[c])` for the other classes and
    `z[y] = scale * (cos(theta[y]) - margin)` for the true one.

    Args:
        margin: What is subtracted from the cosine, a number >= 0.
        scale: Factor > 0 of the cosines.
        reduction, name, dtype: See `kerasloss.Loss`.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot `(batch, ..., C)`. `y_pred`:
        cosines `(batch, ..., C)` from `layers.CosineDense`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, or the shapes don't match. An id outside [0, C) that is
            not ignored gives NaN.

    Use it like `ArcFace`, for easier training, since no gradient is unbounded; not for probabilities. It is
    also known as AM-Softmax, whose paper has `scale=30.0`.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[0.8, 0.2, -0.4], [0.1, 0.5, 0.6]])
    >>> round(float(kerasloss.CosFace()(np.array([0, 1]), y_pred)), 4)
    14.4

    Equivalents: pytorch-metric-learning CosFaceLoss: the default. InsightFace CosFace: `margin=0.4`.
    `CombinedMargin(1.0, 0.0, margin)`: the same.

    Reference: Wang, Wang, Zhou, Ji, Gong, Zhou, Li & Liu, 2018, CosFace: Large Margin Cosine Loss for Deep
    Face Recognition, CVPR (arXiv 1801.09414); Wang, Cheng, Liu & Liu, 2018, Additive Margin Softmax for Face
    Verification, IEEE Signal Processing Letters.
    """

    margin: NonNegative = 0.35
    scale: Positive = 64.0
    _: KW_ONLY
    label_smoothing: Fraction = 0.0
    ignore_class: ClassIds | None = None
    class_weight: ClassWeight | None = None

    def psi(self, c: Tensor) -> Tensor:
        return c - self.margin


@register
class SphereFace(NormCosineLoss):
    """Softmax cross-entropy of cosines, with a multiplicative angular margin for the true class.

    Formula: `-log_softmax(z)[y]` with `z[c] = scale * cos(theta[c])` for the other classes and
    `z[y] = scale * ((-1) ** k * cos(margin * theta[y]) - 2 * k)` for the true one, with
    `k = floor(margin * theta[y] / pi)`.

    Args:
        margin: The factor of the angle, an integer >= 1; 1: plain softmax.
        scale: Factor > 0 of the cosines; None: the norm of the embedding, as in the paper.
        reduction, name, dtype: See `kerasloss.Loss`.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot `(batch, ..., C)`. `y_pred`:
        cosines `(batch, ..., C)`; with `scale=None` `(batch, ..., C + 1)`, the norm behind them, from
        `layers.CosineDense(C, return_norm=True)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, or the shapes don't match; with ids a missing or surplus
            column of norms can't be seen. An id outside [0, C) that is not ignored gives NaN.

    Use it to compare with the paper; `ArcFace` and `CosFace` train more easily. Not with a large `margin`
    from the start.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[0.8, 0.2, -0.4], [0.1, 0.5, 0.6]])
    >>> round(float(kerasloss.SphereFace(scale=30.0)(np.array([0, 1]), y_pred)), 4)
    47.148

    Equivalents: pytorch-metric-learning SphereFaceLoss: the default. `CombinedMargin(margin, 0.0, 0.0)`: the
    same with a `scale`.

    Reference: Liu, Wen, Yu, Li, Raj & Song, 2017, SphereFace: Deep Hypersphere Embedding for Face
    Recognition, CVPR (arXiv 1704.08063).
    """

    margin: Count = 4
    scale: Positive | None = None
    _: KW_ONLY
    label_smoothing: Fraction = 0.0
    ignore_class: ClassIds | None = None
    class_weight: ClassWeight | None = None

    @property
    def has_norm(self) -> bool:
        """Whether the last column is the norm."""
        return self.scale is None

    def psi(self, c: Tensor) -> Tensor:
        before, multiple = 1, c  # cos((n - 1) theta), cos(n theta)
        for _ in range(self.margin - 1):
            before, multiple = multiple, 2 * c * multiple - before
        turns = [ops.cast(c < math.cos(j * math.pi / self.margin), c.dtype) for j in range(1, self.margin)]
        return _folded(multiple, sum(turns, ops.zeros_like(c)))

    def logits(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        scale = y_pred[..., -1:] if self.has_norm else self.scale
        return scale * replace_target(self.psi, y_true, self.per_class_part(y_pred))


@register
class CombinedMargin(CosineLoss):
    """The margins of SphereFace, ArcFace and CosFace in one.

    Formula: `-log_softmax(z)[y]` with `z[c] = scale * cos(theta[c])` for the other classes and
    `z[y] = scale * (cos(m1 * theta[y] + m2) - m3)` for the true one. Where `m1 * theta[y] + m2 > pi` it goes
    on as in `ArcFace` if m1 is 1, else as in `SphereFace`.

    Args:
        m1: The factor of the angle, a number > 0.
        m2: What is added to the angle, in radians, in [0, pi).
        m3: What is subtracted from the cosine, a number >= 0.
        scale: Factor > 0 of the cosines.
        reduction, name, dtype: See `kerasloss.Loss`.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot `(batch, ..., C)`. `y_pred`:
        cosines `(batch, ..., C)` from `layers.CosineDense`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, or the shapes don't match. An id outside [0, C) that is
            not ignored gives NaN.

    Use it to tune the three margins together; not for one alone, which has a loss of its own. The gradient
    grows without bound towards a cosine of 1 or -1; at 1 and -1 it is finite here.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[0.8, 0.2, -0.4], [0.1, 0.5, 0.6]])
    >>> round(float(kerasloss.CombinedMargin()(np.array([0, 1]), y_pred)), 4)
    18.5043

    Equivalents: InsightFace CombinedMarginLoss: `s` is `scale`. `ArcFace(margin=m2)`: `(1.0, m2, 0.0)`;
    `CosFace(margin=m3)`: `(1.0, 0.0, m3)`; `SphereFace(margin=m1)` with a `scale`: `(m1, 0.0, 0.0)`.

    Reference: Deng, Guo, Xue & Zafeiriou, 2019, ArcFace: Additive Angular Margin Loss for Deep Face
    Recognition, CVPR (arXiv 1801.07698), equation 4.
    """

    m1: Positive = 1.0
    m2: Angle = 0.3
    m3: NonNegative = 0.2
    scale: Positive = 64.0
    _: KW_ONLY
    label_smoothing: Fraction = 0.0
    ignore_class: ClassIds | None = None
    class_weight: ClassWeight | None = None

    def psi(self, c: Tensor) -> Tensor:
        if self.m1 == 1:
            return _added(c, self.m2) - self.m3
        phi = self.m1 * angle(c) + self.m2
        return _folded(ops.cos(phi), _floor(phi / math.pi)) - self.m3


@register
class AdaFace(BatchClassLoss, NormCosineLoss):
    """Angular margins that depend on the quality of an image, which the norm of its embedding shows.

    Formula: `-log_softmax(z)[y]` with `z[c] = scale * cos(theta[c])` for the other classes and
    `z[y] = scale * (cos(theta[y] - margin * q) - margin * (1 + q))` for the true one, with the quality
    `q = h * (n - mean(n)) / (std(n) + epsilon)`, clipped to [-1, 1], of the norms n of the batch.

    Args:
        margin: The margin, a number >= 0.
        h: How much the norm matters, a number >= 0: norms up to 1 / h standard deviations from the mean
            are told apart.
        scale: Factor > 0 of the cosines.
        epsilon: In (0, 1): cosines are clipped to 1 - `epsilon`, the true class's new angle to
            [`epsilon`, pi - `epsilon`], norms to [`epsilon`, 100].
        reduction, name, dtype: See `kerasloss.Loss`.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels.

    Shapes:
        `y_true`: ids `(N,)`, `(N, 1)`, or one-hot `(N, C)`. `y_pred`: cosines and the norm,
        `(N, C + 1)`, from `layers.CosineDense(C, return_norm=True)`. Returns `(N,)` before reduction. Sample
        weights weigh the values; a masked or ignored sample is absent from mean and standard deviation.

    Raises:
        ValueError: If an argument is out of range, or the shapes don't match; with ids a missing column of
            norms can't be seen. An id outside [0, C) that is not ignored gives NaN.

    Use it for faces of very different quality; not with a batch of a few samples, whose mean norm says
    little. The norm gets no gradient. The mean and deviation are those of the batch.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[0.8, 0.2, -0.4, 5.0], [0.1, 0.5, 0.6, 20.0]])
    >>> round(float(kerasloss.AdaFace()(np.array([0, 1]), y_pred)), 4)
    16.4785

    Equivalents: `CosFace(margin)` of cosines that are not clipped: `h=0.0`.

    Reference: Kim, Jain & Liu, 2022, AdaFace: Quality Adaptive Margin for Face Recognition, CVPR (arXiv
    2204.00964).
    """

    margin: NonNegative = 0.4
    h: NonNegative = 0.333
    scale: Positive = 64.0
    epsilon: OpenFraction = 1e-3
    _: KW_ONLY
    label_smoothing: Fraction = 0.0
    ignore_class: ClassIds | None = None
    class_weight: ClassWeight | None = None

    def quality(self, norm: Tensor, present: Tensor | None) -> Tensor:
        """Where each norm stands among those of the batch, in [-1, 1], without gradient."""
        n = clip(ops.stop_gradient(norm), self.epsilon, 100.0)
        there = ops.ones_like(n) if present is None else ops.cast(present, n.dtype)
        count = ops.sum(there)
        difference = n - safe_divide(ops.sum(there * n), count)
        variance = ops.sum(there * ops.square(difference)) / clip_below(count - 1, 1.0)
        return clip(self.h * difference / (ops.sqrt(variance) + self.epsilon), -1.0, 1.0)

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, None]:
        q = self.quality(y_pred[:, -1], present)

        def psi(c: Tensor) -> Tensor:
            moved = clip(angle(c) - self.margin * q, self.epsilon, math.pi - self.epsilon)
            return ops.cos(moved) - self.margin * (1 + q)

        c = clip(self.per_class_part(y_pred), self.epsilon - 1, 1 - self.epsilon)
        return self.crossentropy(y_true, self.scale * replace_target(psi, y_true, c)), None
