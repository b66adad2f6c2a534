"""Robust regression: losses whose influence is bounded, so that outliers don't decide the fit.

Each is the mean over the last axis of a function of the error `e = y_pred - y_true`. PseudoHuber, Cauchy,
GemanMcClure, Welsch and TukeyBiweight behave like `e ** 2 / 2` for small errors, as Huber does: one can be
swapped for another at the same learning rate.
"""

import math
from typing import Annotated

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Positive, within
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import TINY, absolute, mean, safe_divide
from kerasloss.core.registry import register


@register
class Charbonnier(ElementLoss):
    """Smooth absolute error, for image restoration and optical flow.

    Formula: `mean((e ** 2 + epsilon ** 2) ** alpha)` with `e = y_pred - y_true`.

    Args:
        epsilon: Width of the smooth part, > 0, in the unit of the error; at least 2 ** -63 is used, about
            1e-19, whose square float32 holds.
        alpha: Power > 0; 0.5: Charbonnier, 0.45: Sun et al.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `epsilon` or `alpha` is not a finite number > 0, or the shapes differ.

    Use it for images with sharp edges; not where a perfect prediction must cost 0: it costs
    `epsilon ** (2 alpha)` (`PseudoHuber`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Charbonnier()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.8337

    Equivalents: BasicSR `CharbonnierLoss(eps)`: `epsilon=eps ** 0.5`, 1e-6 by default. kornia
    `charbonnier_loss` is `PseudoHuber(delta=1)`.

    Reference: Charbonnier, Blanc-Féraud, Aubert & Barlaud, 1994, Two Deterministic Half-Quadratic
    Regularization Algorithms for Computed Imaging, ICIP; the power: Sun, Roth & Black, 2010, Secrets of
    Optical Flow Estimation, CVPR.
    """

    epsilon: Positive = 0.001
    alpha: Positive = 0.5

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean((ops.square(y_pred - y_true) + max(self.epsilon**2, TINY)) ** self.alpha, axis=-1)


@register
class PseudoHuber(ElementLoss):
    """Huber, but infinitely differentiable: quadratic for small errors, linear for large ones.

    Formula: `mean(delta ** 2 * (sqrt(1 + (e / delta) ** 2) - 1))` with `e = y_pred - y_true`.

    Args:
        delta: Where the loss turns from quadratic to linear, > 0, in the unit of the error.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `delta` is not a finite number > 0, or the shapes differ.

    Use it in place of Huber with second-order optimisers; not against gross outliers, whose influence
    stays `delta` (`Cauchy`, `GemanMcClure`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.PseudoHuber()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.4514

    Equivalents: scipy `pseudo_huber(delta, e)` and `least_squares(loss="soft_l1", f_scale=delta)`: the same;
    kornia `charbonnier_loss`: `delta=1`; `Barron(alpha=1, scale=delta)` times `delta ** 2`.

    Reference: Charbonnier, Blanc-Féraud, Aubert & Barlaud, 1997, Deterministic Edge-Preserving
    Regularization in Computed Imaging, IEEE Transactions on Image Processing.
    """

    delta: Positive = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        # sqrt(1 + z) - 1 = z / (1 + sqrt(1 + z)), which doesn't cancel.
        z = ops.square((y_pred - y_true) / self.delta)
        return self.delta**2 * mean(z / (1 + ops.sqrt(1 + z)), axis=-1)


@register
class Barron(ElementLoss):
    """One family from least squares to redescending losses, with one shape parameter.

    Formula: with `e = y_pred - y_true`, `z = (e / scale) ** 2` and `b = |alpha - 2|`, the mean of
    `b / alpha * ((z / b + 1) ** (alpha / 2) - 1)`, continued to its limits: `z / 2` at alpha = 2,
    `log1p(z / 2)` at 0, `1 - exp(-z / 2)` at minus infinity.

    Args:
        alpha: Shape, at most 2, `float("-inf")` allowed. 2: least squares, 1: pseudo-Huber, 0: Cauchy,
            -2: Geman-McClure, minus infinity: Welsch.
        scale: Width of the quadratic part, > 0, in the unit of the error.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `alpha` is NaN or above 2, `scale` is not a finite number > 0, or the shapes differ.

    Use it to tune the robustness as a hyperparameter; not to learn `alpha` by gradient descent, for which
    the paper's negative log-likelihood is needed.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Barron(alpha=-2.0)
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.3725

    Equivalents: robust_loss_pytorch `lossfun(x, alpha, scale)`: the same, for alpha up to 2.

    Reference: Barron, 2019, A General and Adaptive Robust Loss Function, CVPR (arXiv 1701.03077).
    """

    alpha: Annotated[float, within(most=2, finite=False)] = 1.0
    scale: Positive = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        z = ops.square((y_pred - y_true) / self.scale)
        if self.alpha == 2:
            rho = 0.5 * z
        elif self.alpha == 0:
            rho = ops.log1p(0.5 * z)
        elif self.alpha < -1e30:  # minus infinity, to float precision
            rho = -ops.expm1(-0.5 * z)
        else:
            b = abs(self.alpha - 2)
            rho = (b / self.alpha) * ops.expm1((self.alpha / 2) * ops.log1p(z / b))
        return mean(rho, axis=-1)


@register
class Cauchy(ElementLoss):
    """Heavy-tailed errors (Lorentzian): grows with the logarithm of the error.

    Formula: `mean(scale ** 2 / 2 * log(1 + (e / scale) ** 2))` with `e = y_pred - y_true`.

    Args:
        scale: Width of the quadratic part, > 0, in the unit of the error.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `scale` is not a finite number > 0, or the shapes differ.

    Use it where errors have heavy tails; not from a poor start, where far points have little influence (start
    with `Huber`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Cauchy()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.3054

    Equivalents: scipy `least_squares(loss="cauchy", f_scale=scale)`: the same; MATLAB robustfit "cauchy":
    2.385 for noise of variance 1; kornia `cauchy_loss`: `scale=2 ** 0.5`; `Barron(alpha=0, scale=c)` times
    `c ** 2`: `scale=c * 2 ** 0.5`.

    Reference: Holland & Welsch, 1977, Robust Regression Using Iteratively Reweighted Least-Squares,
    Communications in Statistics; Black & Anandan, 1996, The Robust Estimation of Multiple Motions, CVIU.
    """

    scale: Positive = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        z = ops.square((y_pred - y_true) / self.scale)
        return 0.5 * self.scale**2 * mean(ops.log1p(z), axis=-1)


@register
class GemanMcClure(ElementLoss):
    """Redescending: saturates at `scale ** 2 / 2`, so that far outliers lose their influence.

    Formula: `mean(e ** 2 / (2 * (1 + (e / scale) ** 2)))` with `e = y_pred - y_true`.

    Args:
        scale: Width of the quadratic part, > 0, in the unit of the error.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `scale` is not a finite number > 0, or the shapes differ.

    Use it for registration and pose with many wrong matches; not from a poor start, where the gradient of
    far points vanishes.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.GemanMcClure()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.1667

    Equivalents: kornia `geman_mcclure_loss`: `scale=2`; `Barron(alpha=-2, scale=c)` times `c ** 2`:
    `scale=2 * c`.

    Reference: Geman & McClure, 1987, Statistical Methods for Tomographic Image Reconstruction, Bulletin of
    the International Statistical Institute.
    """

    name = "geman_mcclure"

    scale: Positive = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        z = ops.square((y_pred - y_true) / self.scale)
        return 0.5 * self.scale**2 * mean(z / (1 + z), axis=-1)


@register
class Welsch(ElementLoss):
    """Redescending: saturates exponentially at `scale ** 2 / 2` (Leclerc, correntropy).

    Formula: `mean(scale ** 2 / 2 * (1 - exp(-(e / scale) ** 2)))` with `e = y_pred - y_true`.

    Args:
        scale: Width of the quadratic part, > 0, in the unit of the error.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `scale` is not a finite number > 0, or the shapes differ.

    Use it where outliers must not count at all but the loss should stay smooth; not from a poor start,
    where the gradient of far points is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Welsch()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.2005

    Equivalents: kornia `welsch_loss`: `scale=2 ** 0.5`; MATLAB "welsch": 2.985 for noise of variance 1;
    `Barron(alpha=float("-inf"), scale=c)` times `c ** 2`: `scale=c * 2 ** 0.5`.

    Reference: Dennis & Welsch, 1978, Techniques for Nonlinear Least Squares and Robust Regression,
    Communications in Statistics.
    """

    scale: Positive = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        z = ops.square((y_pred - y_true) / self.scale)
        return -0.5 * self.scale**2 * mean(ops.expm1(-z), axis=-1)


@register
class TukeyBiweight(ElementLoss):
    """Redescending: errors beyond `scale` have no influence at all.

    Formula: the mean of `scale ** 2 / 6 * (1 - (1 - (e / scale) ** 2) ** 3)` if `|e| <= scale`, else
    `scale ** 2 / 6`; the error is `e = y_pred - y_true`.

    Args:
        scale: Where the influence ends, > 0, in the unit of the error. 4.685 gives 95 % efficiency for
            residuals of variance 1: standardise the targets.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `scale` is not a finite number > 0, or the shapes differ.

    Use it where gross outliers are certain; not from a poor start, where the gradient is 0 for every point
    beyond `scale`.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.TukeyBiweight()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.5937

    Equivalents: statsmodels `TukeyBiweight(c).rho`: the same.

    Reference: Beaton & Tukey, 1974, The Fitting of Power Series, Technometrics; Belagiannis et al., 2015,
    Robust Optimization for Deep Regression, ICCV (arXiv 1505.06606).
    """

    scale: Positive = 4.685

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        # 1 - (1 - z)^3 = z (3 - 3z + z^2); the slope at z = 1 is 0, so the error can be clipped there.
        z = ops.square(ops.clip((y_pred - y_true) / self.scale, -1, 1))
        return self.scale**2 / 6 * mean(z * (3 - 3 * z + ops.square(z)), axis=-1)


@register
class Wing(ElementLoss):
    """Landmark regression: more weight on small and medium errors than the absolute error gives.

    Formula: the mean of `width * log(1 + |e| / curvature)` if `|e| < width`, else `|e| - C`, where
    `C = width - width * log(1 + width / curvature)` joins the two and `e = y_pred - y_true`.

    Args:
        width: Where the loss becomes linear, > 0, in pixels (10 in the paper, faces of 224 to 256 pixels).
        curvature: How sharp it is near 0, > 0, in pixels (2 in the paper).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, coordinates. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `width` or `curvature` is not a finite number > 0, or the shapes differ.

    Use it for coordinates of landmarks in pixels; not for coordinates scaled to [0, 1] without scaling the
    two arguments. The slope is discontinuous at `|e| = width`, as in the paper; the gradient at 0 is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Wing()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    3.0543

    Equivalents: pytorch-toolbelt `WingLoss` and segmentation_models_pytorch `wing_loss`: `width=5,
    curvature=0.5`; mmpose `WingLoss(omega, epsilon)` sums over landmarks and coordinates.

    Reference: Feng, Kittler, Awais, Huber & Wu, 2018, Wing Loss for Robust Facial Landmark Localisation
    with Convolutional Neural Networks, CVPR (arXiv 1711.06753).
    """

    width: Positive = 10.0
    curvature: Positive = 2.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        error = absolute(y_pred - y_true)
        constant = self.width - self.width * math.log1p(self.width / self.curvature)
        curved = self.width * ops.log1p(error / self.curvature)
        return mean(ops.where(error < self.width, curved, error - constant), axis=-1)


@register
class AdaptiveWing(ElementLoss):
    """Heat-map regression: sharp on the foreground (y near 1), like a squared error on the background.

    Formula: with `e = y_pred - y_true` and `q = alpha - clip(y_true, 0, 1)`, the mean of
    `omega * log(1 + (|e| / epsilon) ** q)` if `|e| < theta`, else `A |e| - C`, with A and C such
    that value and slope are continuous.

    Args:
        omega: Height of the curved part, > 0.
        theta: Where the loss becomes linear, > 0, in the unit of the heat map.
        epsilon: Width of the curved part, > 0, in the unit of the heat map.
        alpha: Power on the background, >= 2.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: heat maps in [0, 1] (outside, only the power is clipped); `y_pred`: the same shape
        `(batch, ..., d)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range or the shapes differ.

    Use it for heat maps of landmarks; not for coordinates (`Wing`). The paper's foreground map is the
    `sample_weight` of `y_true[..., None]` and `y_pred[..., None]`, where each pixel has a weight of its own.
    No gradient flows into `y_true`.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.AdaptiveWing()
    >>> round(float(loss(np.array([[0.0, 0.5, 1.0]]), np.array([[0.25, 0.5, 0.0]]))), 4)
    3.667

    Equivalents: mmpose `AdaptiveWingLoss`: the same.

    Reference: Wang, Bo & Fuxin, 2019, Adaptive Wing Loss for Robust Face Alignment via Heatmap Regression,
    ICCV (arXiv 1904.07399).
    """

    omega: Positive = 14.0
    theta: Positive = 0.5
    epsilon: Positive = 1.0
    alpha: Annotated[float, within(least=2)] = 2.1

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true = ops.stop_gradient(y_true)
        error = absolute(y_pred - y_true)
        q = self.alpha - ops.clip(y_true, 0, 1)
        log_ratio = math.log(self.theta / self.epsilon)
        at_theta = ops.exp(q * log_ratio)
        slope = self.omega * q * ops.exp((q - 1) * log_ratio) / ((1 + at_theta) * self.epsilon)
        constant = self.theta * slope - self.omega * ops.log1p(at_theta)

        curved = ops.logical_and(error > 0, error < self.theta)
        power = ops.exp(q * ops.log(ops.where(curved, error, self.theta) / self.epsilon))
        near = ops.where(error > 0, self.omega * ops.log1p(power), 0)
        return mean(ops.where(error < self.theta, near, slope * error - constant), axis=-1)


@register
class ReverseHuber(ElementLoss):
    """Linear for small errors, quadratic for large ones (berHu), for depth estimation.

    Formula: the mean of `|e|` if `|e| <= c`, else `(e ** 2 + c ** 2) / (2 c)`; `c = threshold * max(|e|)`
    over the whole batch, without gradient, or `c = threshold` with `relative=False`; the error is
    `e = y_pred - y_true`.

    Args:
        threshold: A share of the largest error, in (0, 1], or with `relative=False` a number > 0 in the
            unit of the error.
        relative: Whether `threshold` is a share of the largest error of the batch.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `threshold` is out of range or the shapes differ.

    Use it where both small and large errors must be pushed; not with outliers, to which it gives more weight.
    With `relative=True` the samples of a batch are coupled through c.

    With `relative=True` second derivatives mean nothing: c is held fixed.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ReverseHuber(threshold=1.0, relative=False)
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    1.0

    Equivalents: Laina et al.: the default; Owen: `relative=False`.

    Reference: Owen, 2007, A Robust Hybrid of Lasso and Ridge Regression, Contemporary Mathematics 443;
    Laina et al., 2016, Deeper Depth Prediction with Fully Convolutional Residual Networks, 3DV (arXiv
    1606.00373).
    """

    scope = "anchor"
    threshold: Positive = 0.2
    relative: bool = True

    def __post_init__(self) -> None:
        if self.relative:
            checks.number(self, "threshold", self.threshold, most=1)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        error = absolute(y_pred - y_true)
        c = self.threshold * (ops.stop_gradient(ops.amax(error)) if self.relative else ops.ones_like(error))
        quadratic = safe_divide(ops.square(error) + ops.square(c), 2 * c)
        return mean(ops.where(error <= c, error, quadratic), axis=-1)
