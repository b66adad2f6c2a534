"""Segmentation by overlap and by position: Dice or Tversky plus a cross-entropy or focal term.

The class axis is always reduced. Where `axis` names it (or is None), the Dice term pools the classes into one
ratio; otherwise it is the mean of the Dice losses of the classes.
"""

import numbers
from typing import Annotated

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Axes, ClassIds, ClassWeight, Fraction, NonNegative, PerClass, within
from kerasloss.core.kinds.region import RegionLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    clip_below,
    constant,
    crossentropy_of_logit,
    log1m_softmax,
    mean,
    power,
    safe_divide,
    softplus,
)
from kerasloss.core.overlap import dice, tversky, weighted_total
from kerasloss.core.probabilities import clipped_log, normalize
from kerasloss.core.registry import register


class _Mixture(RegionLoss):
    """The sum of an overlap loss and a mean of terms of the positions."""

    mixes_classes = True
    squared_pred = False

    def dice_term(self, y: Tensor, p: Tensor, sample_weight: Tensor | None) -> Tensor:
        """Dice of all classes pooled, or the mean of the Dice losses of the classes."""
        value = dice(y, p, self.total(sample_weight, p), self.smooth, self.squared_pred)
        if len(p.shape) - 1 in self.axes(p):
            return value
        if self.class_weight is None:
            return mean(value, axis=-1)
        return safe_divide(ops.sum(self.weighted(value), axis=-1), constant(sum(self.class_weight), value))

    def position_mean(self, terms: Tensor, y: Tensor, sample_weight: Tensor | None) -> Tensor:
        """The weighted mean over `axis` of terms that already hold `class_weight`.

        There is one term for each channel, or for each position: its weight is then that of its label.
        """
        has_channels = len(terms.shape) == len(y.shape)
        axes = self.reduced_axes(y) if has_channels else self.position_axes(y)
        weight = self.position_weight(sample_weight, terms)
        if weight is None and self.class_weight is None:
            return mean(terms, axis=axes) if axes else terms
        share = ops.ones_like(terms)
        if self.class_weight is not None:
            share = self.weighted(share) if has_channels else ops.sum(self.weighted(y), axis=-1)
        total = weighted_total(weight, axes)
        return safe_divide(total(terms), total(share))

    def weighted(self, x: Tensor) -> Tensor:
        """`x` times the weight of each class."""
        if self.class_weight is None:
            return x
        return x * ops.convert_to_tensor(self.class_weight, dtype=x.dtype)

    def log_probabilities(self, y_pred: Tensor) -> Tensor:
        """`log(p)` of mutually exclusive classes; finite, so that 0 times it is 0."""
        if not self.from_logits:
            return clipped_log(normalize(y_pred, -1))
        return clip_below(ops.log_softmax(y_pred, axis=-1), -3e38)

    def log_pair(self, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """`log(p)` and `log(1 - p)` of every channel."""
        if not self.from_logits:
            return clipped_log(y_pred), clipped_log(1 - y_pred)
        if self.is_yes_no(y_pred.shape[-1]):
            return -softplus(-y_pred), -softplus(y_pred)
        return ops.log_softmax(y_pred, axis=-1), log1m_softmax(y_pred)


@register
class DiceCrossentropy(_Mixture):
    """Dice plus cross-entropy: the loss of nnU-Net, the usual first choice for segmentation.

    Formula: `dice_weight * D + crossentropy_weight * E`. D is the loss of `kerasloss.Dice`; E the mean over
    the positions in `axis` of `-sum(y[c] * log(p[c]))`, or for yes/no problems the mean over positions and
    channels of `-y * log(p) - (1 - y) * log(1 - p)`.

    Args:
        dice_weight: Factor >= 0 of the Dice term.
        crossentropy_weight: Factor >= 0 of the cross-entropy.
        squared_pred: Whether the sums in the denominator of Dice are of squares.
        axis, smooth, from_logits, multilabel, class_axis, ignore_class: See `kerasloss.Dice`. The class axis
            is always reduced; where `axis` does not name it, D is the mean of the Dice losses of the classes.
            The logarithms of probabilities are those of `CategoricalCrossentropy`, `BinaryCrossentropy`.
        class_weight: C floats >= 0. Factors inside the sums of D, or weights of the mean of the classes' D;
            E is a mean weighted with the weight of each label (channel).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis` and `class_axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or a
            yes/no label outside [0, 1], that is not ignored gives NaN.

    Use it as the default, with logits: Dice balances the classes, the cross-entropy keeps the gradient from
    vanishing; not where only one of the two terms is wanted.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.DiceCrossentropy(from_logits=True)
    >>> round(float(loss(np.array([[0, 1]]), np.array([[[2.0, 0.0], [0.5, 1.0]]]))), 4)
    0.5489

    Equivalents: MONAI `DiceCELoss`: `smooth=1e-5`, `axis` of space (and batch, if `batch=True`),
    `lambda_dice`, `lambda_ce`: the two weights; with `batch=True` a `weight` of mean 1 is `class_weight`.
    Of several channels it always takes the cross-entropy of the softmax, with all classes. nnU-Net, minus
    1: `smooth=1e-5`, batch and space. Where either leaves the background out of Dice alone: `Dice` with
    `class_weight=[0, 1, ...], reduction="mean_with_sample_weight"`, plus a cross-entropy.

    Reference: Isensee et al., 2018, nnU-Net (arXiv 1809.10486).
    """

    dice_weight: NonNegative = 1.0
    crossentropy_weight: NonNegative = 1.0
    squared_pred: bool = False
    axis: Axes | None = None
    smooth: NonNegative = 0.0
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> Tensor:
        y = self.labels(y_true, y_pred)
        if self.is_yes_no(y_pred.shape[-1]):
            p, terms = self.probabilities(y_pred), self.yes_no_crossentropies(y, y_pred)
        else:
            log_p = self.log_probabilities(y_pred)
            p = ops.exp(log_p) if self.from_logits else self.probabilities(y_pred)  # one softmax for both
            terms = -ops.sum(self.weighted(y) * log_p, axis=-1)
        crossentropy = self.position_mean(terms, y, sample_weight)
        return (
            self.dice_weight * self.dice_term(y, p, sample_weight) + self.crossentropy_weight * crossentropy
        )

    def yes_no_crossentropies(self, y: Tensor, y_pred: Tensor) -> Tensor:
        """The binary cross-entropy of every channel."""
        if self.from_logits:
            return self.weighted(crossentropy_of_logit(y, y_pred))
        log_p, log_not_p = self.log_pair(y_pred)
        return -self.weighted(y * log_p + (1 - y) * log_not_p)


@register
class DiceFocal(_Mixture):
    """Dice plus a focal loss: `DiceCrossentropy` with a focus on the hard positions.

    Formula: `dice_weight * D + focal_weight * F`. D is the loss of `kerasloss.Dice`; F the mean over the
    positions in `axis` of `-sum(a[c] * (1 - p[c]) ** gamma * y[c] * log(p[c]))`, or for yes/no problems of
    `-a * (1 - p) ** gamma * y * log(p) - (1 - a) * p ** gamma * (1 - y) * log(1 - p)`, channels included;
    a = alpha.

    Args:
        dice_weight: Factor >= 0 of the Dice term.
        focal_weight: Factor >= 0 of the focal term.
        gamma: Power >= 0 that reduces the weight of what is already right; 0 (with `alpha=None`):
            `DiceCrossentropy`.
        alpha: A float >= 0 or C of them, weights of the classes inside F only; at most 1 for yes/no problems.
            None: 1 (both factors, of yes/no problems).
        squared_pred: Whether the sums in the denominator of Dice are of squares.
        axis, smooth, from_logits, multilabel, class_axis, class_weight, ignore_class: See
            `kerasloss.DiceCrossentropy`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis` and `class_axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or a
            yes/no label outside [0, 1], that is not ignored gives NaN.

    Use it where the many easy background positions dominate a cross-entropy; not with noisy borders, which it
    takes for hard positions.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.DiceFocal(from_logits=True)
    >>> round(float(loss(np.array([[0, 1]]), np.array([[[2.0, 0.0], [0.5, 1.0]]]))), 4)
    0.2831

    Equivalents: MONAI `DiceFocalLoss` always has the focal term of sigmoids: one channel or
    `multilabel=True`, `smooth=1e-5` and `axis` of space; a `weight` of mean 1 is `class_weight`, a list of
    alphas weighs only the positives. kornia `BinaryFocalLossWithLogits`: `dice_weight=0`.

    Reference: Zhu et al., 2019, AnatomyNet, Medical Physics (arXiv 1808.05238); Lin et al., 2017, Focal
    Loss for Dense Object Detection, ICCV (arXiv 1708.02002).
    """

    dice_weight: NonNegative = 1.0
    focal_weight: NonNegative = 1.0
    gamma: NonNegative = 2.0
    alpha: PerClass | None = None
    squared_pred: bool = False
    axis: Axes | None = None
    smooth: NonNegative = 0.0
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None
    ignore_class: ClassIds | None = None

    def check_shape(self, y_pred: Tensor) -> None:
        if self.alpha is None:
            return
        alphas = [self.alpha] if isinstance(self.alpha, numbers.Real) else self.alpha
        if alphas is self.alpha:
            checks.classes(self, "alpha", alphas, y_pred, len(y_pred.shape) - 1)
        if self.is_yes_no(y_pred.shape[-1]) and max(alphas) > 1:
            checks.fail(self, "`alpha` must be <= 1 for yes/no problems", f"alpha={self.alpha!r}")

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> Tensor:
        y, p = self.masks(y_true, y_pred, sample_weight)
        focal = self.position_mean(self.focal_terms(y, y_pred), y, sample_weight)
        return self.dice_weight * self.dice_term(y, p, sample_weight) + self.focal_weight * focal

    def focal_terms(self, y: Tensor, y_pred: Tensor) -> Tensor:
        """The focal loss of every position, or of every channel of yes/no problems."""
        alpha = None if self.alpha is None else ops.convert_to_tensor(self.alpha, dtype=y_pred.dtype)
        if not self.is_yes_no(y_pred.shape[-1]):
            alpha = 1 if alpha is None else alpha
            return _focal(self.weighted(alpha * y), self.log_probabilities(y_pred), self.gamma)
        log_p, log_not_p = self.log_pair(y_pred)
        foreground = ops.exp(self.gamma * log_not_p) * y * log_p
        background = ops.exp(self.gamma * log_p) * (1 - y) * log_not_p
        if alpha is not None:
            foreground, background = alpha * foreground, (1 - alpha) * background
        return -self.weighted(foreground + background)


@register
class Combo(_Mixture):
    """Dice plus a cross-entropy with separate prices for misses and false positives.

    Formula: `alpha * mean(-beta * y * log(p) - (1 - beta) * (1 - y) * log(1 - p)) + (1 - alpha) * D`; D is
    the loss of `kerasloss.Dice`. In the first term every channel is a yes/no problem, softmax or not; its
    mean is over positions and channels.

    Args:
        alpha: The share of the cross-entropy, in [0, 1].
        beta: The price of misses, in [0, 1]; 1 - beta is that of false positives.
        axis, smooth, from_logits, multilabel, class_axis, ignore_class: See `kerasloss.DiceCrossentropy`.
            Probabilities are clipped as in `BinaryCrossentropy`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`. `y_true`: its shape, or ids without the class axis. Returns `y_pred`'s
        shape without `axis` and `class_axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or a
            yes/no label outside [0, 1], that is not ignored gives NaN.

    Use it where small organs are missed next to large ones; not with many classes, where the yes/no terms of
    absent classes dominate the mean (`DiceCrossentropy`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Combo(multilabel=True, beta=0.7)
    >>> y_true, y_pred = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])
    >>> round(float(loss(y_true, y_pred)), 4)
    0.2837

    Equivalents: the paper subtracts the Dice score: this, minus `1 - alpha`.

    Reference: Taghanaki et al., 2019, Combo Loss, Computerized Medical Imaging and Graphics (arXiv
    1805.02798).
    """

    alpha: Fraction = 0.5
    beta: Fraction = 0.5
    axis: Axes | None = None
    smooth: NonNegative = 0.0
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> Tensor:
        y, p = self.masks(y_true, y_pred, sample_weight)
        log_p, log_not_p = self.log_pair(y_pred)
        terms = -(self.beta * y * log_p + (1 - self.beta) * (1 - y) * log_not_p)
        crossentropy = self.position_mean(terms, y, sample_weight)
        return self.alpha * crossentropy + (1 - self.alpha) * self.dice_term(y, p, sample_weight)


@register
class UnifiedFocal(_Mixture):
    """Focal loss and focal Tversky with one set of parameters, for a background and rare foregrounds.

    Formula: `weight * F + (1 - weight) * T`. F is the mean over the positions in `axis` of
    `-delta * sum(f[c] * y[c] * log(p[c])) - (1 - delta) * (1 - p[0]) ** gamma * y[0] * log(p[0])`, the sum
    over the classes c >= 1, with `f[c] = 1`, or `(1 - p[c]) ** gamma` if not `asymmetric`. T is the mean
    over the classes of `V[c] ** (1 - gamma)`, but `V[0]` for the background if `asymmetric`, where V is the
    loss of `kerasloss.Tversky` with `alpha = 1 - delta, beta = delta`.

    Args:
        weight: The share of F, in [0, 1].
        delta: The price of misses, in [0, 1].
        gamma: Power in [0, 1); a larger one reduces the weight of the background, and raises that of nearly
            right foregrounds.
        asymmetric: Whether F reduces the weight of the background only, and T raises that of the foregrounds
            only.
        axis, from_logits, class_axis, ignore_class: See `kerasloss.DiceCrossentropy`. Classes are always
            treated separately.
        multilabel: True is allowed for a single channel only, where it changes nothing.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`, class 0 the background; C = 1 is the foreground only. `y_true`: its
        shape, or ids without the class axis. Returns `y_pred`'s shape without `axis` and `class_axis`.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, or `multilabel=True` is used with
            more than one channel. A class id outside [0, C), or a yes/no label outside [0, 1], that is not
            ignored gives NaN.

    Use it for strong imbalance between background and foregrounds; not where class 0 is a class like the
    others (`asymmetric=False` helps in part).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.UnifiedFocal()
    >>> round(float(loss(np.array([[[1], [0], [1]]]), np.array([[[0.8], [0.3], [0.4]]]))), 4)
    0.3755

    Equivalents: the authors' code: the default, with `axis` of space. MONAI `AsymmetricUnifiedFocalLoss(w)`,
    which averages F over two classes: `(1 - w / 2)` times this with `weight=(w / 2) / (1 - w / 2),
    delta=0.7`.

    Reference: Yeung et al., 2022, Unified Focal Loss, Computerized Medical Imaging and Graphics (arXiv
    2102.04525).
    """

    weight: Fraction = 0.5
    delta: Fraction = 0.6
    gamma: Annotated[float, within(least=0, below=1)] = 0.5
    asymmetric: bool = True
    axis: Axes | None = None
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    ignore_class: ClassIds | None = None

    def check_shape(self, y_pred: Tensor) -> None:
        if self.multilabel and y_pred.shape[-1] != 1:
            checks.fail(
                self,
                "`multilabel=True` needs one channel: here classes are mutually exclusive, the first is the "
                "background",
                f"y_pred.shape={tuple(y_pred.shape)}, classes last",
            )

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> Tensor:
        y = self.labels(y_true, y_pred)
        if y_pred.shape[-1] == 1:  # the sigmoid of x is the softmax of 0 and x
            background = ops.zeros_like(y_pred) if self.from_logits else 1 - y_pred
            y = ops.concatenate([1 - y, y], axis=-1)
            y_pred = ops.concatenate([background, y_pred], axis=-1)
        p = ops.softmax(y_pred, axis=-1) if self.from_logits else self.probabilities(y_pred)

        log_p = self.log_probabilities(y_pred)
        background = _focal(y[..., :1], log_p[..., :1], self.gamma)
        foreground = _focal(y[..., 1:], log_p[..., 1:], 0.0 if self.asymmetric else self.gamma)
        terms = self.delta * foreground + (1 - self.delta) * background
        focal = self.position_mean(terms, y, sample_weight)

        total = weighted_total(self.position_weight(sample_weight, p), self.position_axes(p))
        values = tversky(y, p, total, 1 - self.delta, self.delta, 0.0)
        raised = power(values, 1 - self.gamma)
        if self.asymmetric:
            raised = ops.concatenate([values[..., :1], raised[..., 1:]], axis=-1)
        return self.weight * focal + (1 - self.weight) * mean(raised, axis=-1)


def _focal(y: Tensor, log_p: Tensor, gamma: float) -> Tensor:
    """`-sum((1 - p) ** gamma * y * log(p))` over the classes."""
    if gamma:
        y = y * power(-ops.expm1(log_p), gamma)
    return -ops.sum(y * log_p, axis=-1)
