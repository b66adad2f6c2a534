"""Regression: losses of the error `e = y_pred - y_true`.

`y_true` and `y_pred` have the same shape `(batch, ..., d)`, and the value is the mean over the last axis, of
shape `(batch, ...)`, as in Keras. For one value per entry, give both inputs a last axis of length 1 and use
`reduction=None`.
"""

from dataclasses import KW_ONLY

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Axes, NonNegative, Positive
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import absolute, clip, huber, log_cosh, mean, safe_sqrt, weighted_mean
from kerasloss.core.registry import register


@register
class MeanSquaredError(ElementLoss):
    """Least squares: the mean of the squared errors.

    Formula: `scale * mean(e ** 2)` with `e = y_pred - y_true`.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.
        scale: Constant factor > 0; 0.5 in half of the literature.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `scale` is not a finite number > 0, or the shapes differ.

    Use it for errors that are roughly normal; not with outliers, which dominate it (`Huber`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.MeanSquaredError()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    1.4167

    Equivalents: torch `MSELoss`, Flux `mse`, optax `squared_error`: the default. Gluon `L2Loss`, optax
    `l2_loss`: `scale=0.5`.

    Reference: Legendre, 1805, Nouvelles méthodes pour la détermination des orbites des comètes; Gauss,
    1809, Theoria motus.
    """

    _: KW_ONLY
    scale: Positive = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        error = y_pred - y_true
        value = mean(error * error, axis=-1)
        return value if self.scale == 1 else self.scale * value


@register
class RootMeanSquaredError(ElementLoss):
    """Root mean squared error, in the unit of the target.

    Formula: `sqrt(mean(e ** 2))` over `axis`, with `e = y_pred - y_true`.

    Args:
        axis: The axes of the mean: an int, a sequence of ints, or None for all of them. With `d = 1` the
            default is the absolute error: use `axis=None` for the root over the batch.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns the axes that remain; for
        `axis=None` a scalar, whose mean has the sample weights inside.

    Raises:
        ValueError: If the shapes differ or `axis` names no axis.

    Use it where people read the number; not where samples should weigh by their error: the gradient of a root
    over d entries has norm `1 / sqrt(d)`, however small the error. If all errors are 0, value and gradient
    are 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.RootMeanSquaredError()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    1.1902

    Equivalents: `keras.metrics.RootMeanSquaredError` and the root of torch `MSELoss()` on a batch:
    `axis=None`; sklearn `root_mean_squared_error` per column: `axis=0`.

    Reference: Hyndman & Koehler, 2006, Another Look at Measures of Forecast Accuracy, International
    Journal of Forecasting (a survey; the measure has no single origin).
    """

    elementwise = False

    axis: Axes | None = -1

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        w = None if sample_weight is None else self.broadcast_from_left(sample_weight, y_pred)
        squares = ops.square(y_pred - y_true)
        return safe_sqrt(weighted_mean(squares, w, axis=checks.axes(self, self.axis, y_pred)))


@register
class MeanAbsoluteError(ElementLoss):
    """Median regression: the mean of the absolute errors.

    Formula: `mean(|e|)` with `e = y_pred - y_true`; gradient 0 at `e = 0`.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If the shapes differ.

    Use it where outliers must not dominate and the median is wanted; not where the last decimals matter,
    since its gradient doesn't shrink with the error (`Huber`, `LogCosh`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.MeanAbsoluteError()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.8333

    Equivalents: torch and Gluon `L1Loss`, Flux `mae`: the same.

    Reference: Boscovich, 1757; Laplace, 1774, Mémoire sur la probabilité des causes par les évènements.
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean(absolute(y_pred - y_true), axis=-1)


@register
class Huber(ElementLoss):
    """Quadratic for small errors, linear for large ones.

    Formula: the mean of `e ** 2 / 2` if `|e| <= delta`, else `delta * (|e| - delta / 2)`; the error is
    `e = y_pred - y_true`.

    Args:
        delta: Where the loss becomes linear, > 0, in the unit of the target.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `delta` is not a finite number > 0, or the shapes differ.

    Use it for regression with a few outliers, with `delta` about the size of a normal error; not with its
    default on targets far from unit scale.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Huber()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.5417

    Equivalents: Keras, torch `HuberLoss`, optax `huber_loss`, Flux `huber_loss`, statsmodels `HuberT(t).rho`:
    the same. Gluon's `HuberLoss` is `SmoothL1`.

    Reference: Huber, 1964, Robust Estimation of a Location Parameter, Annals of Mathematical Statistics.
    """

    name = "huber_loss"

    delta: Positive = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        error = y_pred - y_true
        if 1e-9 < self.delta < 1e9:
            return self.delta**2 * _huber(error, self.delta)
        clipped = clip(error, -self.delta, self.delta)  # whose square float32 holds, unlike that of delta
        return mean(clipped * (error - 0.5 * clipped), axis=-1)


@register
class SmoothL1(ElementLoss):
    """Huber divided by its threshold: slope 1 for large errors, the absolute error as beta goes to 0.

    Formula: the mean of `e ** 2 / (2 beta)` if `|e| < beta`, else `|e| - beta / 2`; the error is
    `e = y_pred - y_true`.

    Args:
        beta: Where the loss becomes linear, >= 0, in the unit of the target; 0: `|e|` exactly.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `beta` is not a finite number >= 0, or the shapes differ.

    Use it for box coordinates and other errors whose slope should not depend on the threshold; not where
    the curvature should stay 1 as the threshold changes (`Huber`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.SmoothL1(beta=0.5)
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.6667

    Equivalents: torch `SmoothL1Loss(beta)`: the same; Gluon `HuberLoss(rho)`: `beta=rho`.

    Reference: Girshick, 2015, Fast R-CNN, ICCV (arXiv 1504.08083).
    """

    beta: NonNegative = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        error = y_pred - y_true
        if self.beta == 0:
            return mean(absolute(error), axis=-1)
        return self.beta * _huber(error, self.beta)


def _huber(error: Tensor, delta: float) -> Tensor:
    """The mean Huber loss in units of `delta`."""
    x = error if delta == 1 else error / delta
    return mean(huber(x), axis=-1)


@register
class LogCosh(ElementLoss):
    """Smooth everywhere: like half the square for small errors, like the absolute value for large ones.

    Formula: `mean(log(cosh(e)))` with `e = y_pred - y_true`; gradient `tanh(e)`.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If the shapes differ.

    Use it where second derivatives must be continuous; not for targets whose unit is far from 1, since it
    has no scale of its own (`PseudoHuber`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.LogCosh()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.4817

    Equivalents: Keras, optax, torchmetrics: the same (theirs round to 0 below errors of about 1e-3).

    Reference: Green, 1990, Bayesian Reconstructions from Emission Tomography Data Using a Modified EM
    Algorithm, IEEE Transactions on Medical Imaging.
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean(log_cosh(y_pred - y_true), axis=-1)


@register
class EpsilonInsensitive(ElementLoss):
    """Support-vector regression: errors within a tube cost nothing.

    Formula: `mean(r)` with `r = max(0, |e| - epsilon)` and `e = y_pred - y_true`, or `mean(r ** 2)` with
    `squared=True`.

    Args:
        epsilon: Half the width of the tube, >= 0, in the unit of the target.
        squared: Whether the excess is squared.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `epsilon` is not a finite number >= 0, or the shapes differ.

    Use it where errors below a known precision don't matter; not where every error does
    (`MeanAbsoluteError`). The gradient is 0 inside and on the tube.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.EpsilonInsensitive(epsilon=0.1)
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.7667

    Equivalents: sklearn `SGDRegressor(loss="epsilon_insensitive" or "squared_epsilon_insensitive")`,
    liblinear: the same.

    Reference: Vapnik, 1995, The Nature of Statistical Learning Theory.
    """

    epsilon: NonNegative = 0.1
    squared: bool = False

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        excess = ops.relu(absolute(y_pred - y_true) - self.epsilon)
        return mean(ops.square(excess) if self.squared else excess, axis=-1)
