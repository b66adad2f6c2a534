"""Quantiles and expectiles: losses that weigh errors above and below the prediction differently.

With one level, `y_true` and `y_pred` have the same shape `(batch, ..., d)`, and the value is the mean over
the last axis. With a sequence of Q levels, `y_pred` has one output per level on its last axis,
`(batch, ..., d, Q)`, and the value is the mean over d and Q; see `_LevelLoss`.
"""

import numbers
from collections.abc import Sequence
from typing import Annotated, Any, TypeAlias

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Positive, one_or_each_within
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import huber, mean, pinball
from kerasloss.core.registry import register

Levels: TypeAlias = Annotated[float | Sequence[float], one_or_each_within(above=0, below=1)]
"""One level in (0, 1), or several."""


class _LevelLoss(ElementLoss):
    """A loss of the error `y_true - y_pred` with a level in (0, 1), or with one for each output.

    The Q outputs of a sequence of levels share one target, `(batch, ..., d)` or `(batch, ..., 1)`, or have
    one target each, `(batch, ..., Q)`. `call` gets both with axes d and Q, or 1.
    """

    levels_argument = "quantile"
    """The argument that holds the level, or the levels."""

    def __post_init__(self) -> None:
        self.levels = getattr(self, self.levels_argument)
        self.elementwise = isinstance(self.levels, numbers.Real)

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        last = len(y_pred.shape) - 1
        return [last] if self.elementwise else [last - 1, last]

    def label_axes(self, y_pred: Tensor) -> list[int]:
        return [len(y_pred.shape) - 1]  # a target that all levels share is a position of its own

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if self.elementwise:
            return super().prepare(y_true, y_pred)
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        positions, count = pred_shape[:-1], len(self.levels)
        if len(pred_shape) < 2 or pred_shape[-1] not in (count, None):
            checks.fail(
                self,
                f"the last axis of `y_pred` must hold one output for each of the {count} levels",
                f"y_pred.shape={pred_shape}",
            )
        one_target = checks.lengths_match(true_shape, positions)
        shapes = (positions, positions + (1,), pred_shape)
        if not any(checks.lengths_match(true_shape, shape) for shape in shapes):
            checks.fail(
                self,
                f"`y_true` must have one of the shapes {', '.join(map(str, shapes))}",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        if one_target:
            y_true = ops.expand_dims(y_true, -1)
        if one_target and len(positions) > 1:
            return y_true, y_pred
        return ops.expand_dims(y_true, -2), ops.expand_dims(y_pred, -2)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        rest = 1 - self.levels if self.elementwise else [1 - level for level in self.levels]
        above, below = (ops.convert_to_tensor(x, dtype=y_pred.dtype) for x in (self.levels, rest))
        return mean(self.penalty(y_true - y_pred, above, below), axis=self.entry_axes(y_pred))

    def penalty(self, error: Tensor, above: Tensor, below: Tensor) -> Tensor:
        """The value of each error, given the weights for a target above and below the prediction."""
        raise NotImplementedError


@register
class Quantile(_LevelLoss):
    """Regression to a quantile, or to several at once: the pinball loss.

    Formula: `mean(max(q u, (q - 1) u))` with `u = y_true - y_pred`; gradient 0 at `u = 0`.

    Args:
        quantile: The probability q in (0, 1) with which the target must be below the prediction; or a
            sequence of Q of them, one for each output.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. With Q quantiles: `y_pred` `(batch, ..., d, Q)`
        against `y_true` `(batch, ..., d)`, so that a forecast of several steps with all levels each is
        `(batch, steps, Q)` against `(batch, steps)`; or `y_pred` `(batch, ..., Q)` against `y_true`
        `(batch,)` or `(batch, ..., 1)`. A `y_true` of the shape of `y_pred` is read as one target for each
        output, as with TensorFlow Addons' vector tau. Returns `(batch, ...)` before reduction: for weights or
        a mask of steps give `y_true` `(batch, steps, 1)`, which has a value for each step.

    Raises:
        ValueError: If a quantile is not in (0, 1), or the shapes don't match.

    Use it for prediction intervals and asymmetric costs; not for quantiles more extreme than the data can
    show. Crossing quantiles are not penalised.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Quantile(quantile=0.9)
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.6167
    >>> loss = kerasloss.Quantile(quantile=[0.1, 0.5, 0.9])
    >>> round(float(loss(np.array([[1.0]]), np.array([[0.0, 1.0, 3.0]]))), 4)
    0.1

    Equivalents: sklearn `mean_pinball_loss(alpha=...)`, TensorFlow Addons `PinballLoss(tau=...)`,
    scoringrules `quantile_score`, neuralforecast `QuantileLoss(q)`: `quantile`; a vector of taus: a sequence,
    with a target for each output. Q quantiles: half of scoringrules `crps_quantile` and, with the median and
    the bounds of intervals, of its `weighted_interval_score`; 1 / Q of neuralforecast `MQLoss`, half of
    pytorch-forecasting `QuantileLoss`. `quantile=0.5` is half the absolute error.

    Reference: Koenker & Bassett, 1978, Regression Quantiles, Econometrica.
    """

    quantile: Levels = 0.5

    def penalty(self, error: Tensor, above: Tensor, below: Tensor) -> Tensor:
        return pinball(error, above, below)


@register
class QuantileHuber(_LevelLoss):
    """Quantile regression without the kink, as in distributional reinforcement learning.

    Formula: `mean(w h(u) / delta)` with `u = y_true - y_pred`, `w = q` where `u >= 0` and `1 - q` elsewhere,
    and `h(u) = u ** 2 / 2` if `|u| <= delta`, else `delta * (|u| - delta / 2)`.

    Args:
        quantile: The level q in (0, 1), or a sequence of Q of them, one for each output.
        delta: Where the loss becomes linear, > 0, in the unit of the target (kappa in the papers).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. With Q quantiles: `y_pred` `(batch, ..., d, Q)`
        against `y_true` `(batch, ..., d)`, so that a forecast of several steps with all levels each is
        `(batch, steps, Q)` against `(batch, steps)`; or `y_pred` `(batch, ..., Q)` against `y_true`
        `(batch,)` or `(batch, ..., 1)`. A `y_true` of the shape of `y_pred` is read as one target for each
        output, as with TensorFlow Addons' vector tau. Returns `(batch, ...)` before reduction: for weights or
        a mask of steps give `y_true` `(batch, steps, 1)`, which has a value for each step.

    Raises:
        ValueError: If a quantile is not in (0, 1), `delta` is not a finite number > 0, or the shapes don't
            match.

    Use it for distributions of returns, and where the kink of `Quantile` slows the end of training; not where
    the quantile must be exact: errors below `delta` pull it towards the expectile.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.QuantileHuber(quantile=0.9)
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.4542

    Equivalents: implicit quantile networks: the same. QR-DQN, rlax and neuralforecast `HuberQLoss` don't
    divide by `delta`: multiply by it. QR-DQN's levels are the midpoints `[(i + 0.5) / Q for i in range(Q)]`.

    Reference: Dabney, Rowland, Bellemare & Munos, 2018, Distributional Reinforcement Learning with Quantile
    Regression, AAAI; Dabney, Ostrovski, Silver & Munos, 2018, Implicit Quantile Networks for Distributional
    Reinforcement Learning, ICML.
    """

    quantile: Levels = 0.5
    delta: Positive = 1.0

    def penalty(self, error: Tensor, above: Tensor, below: Tensor) -> Tensor:
        return ops.where(error < 0, below, above) * self.delta * huber(error / self.delta)


@register
class Expectile(_LevelLoss):
    """Asymmetric least squares: regression to an expectile.

    Formula: `mean(w u ** 2)` with `u = y_true - y_pred` and `w = t` where `u >= 0`, `1 - t` elsewhere.

    Args:
        expectile: The level t in (0, 1), or a sequence of Q of them, one for each output.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. With Q expectiles: `y_pred` `(batch, ..., d, Q)`
        against `y_true` `(batch, ..., d)`, so that a forecast of several steps with all levels each is
        `(batch, steps, Q)` against `(batch, steps)`; or `y_pred` `(batch, ..., Q)` against `y_true`
        `(batch,)` or `(batch, ..., 1)`. A `y_true` of the shape of `y_pred` is read as one target for each
        output, as with TensorFlow Addons' vector tau. Returns `(batch, ...)` before reduction: for weights or
        a mask of steps give `y_true` `(batch, steps, 1)`, which has a value for each step.

    Raises:
        ValueError: If an expectile is not in (0, 1), or the shapes don't match.

    Use it for a smooth stand-in for quantiles, and for near-maxima as in implicit Q-learning; not where a
    level must be read as a probability (`Quantile`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Expectile(expectile=0.9)
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    1.2083

    Equivalents: implicit Q-learning's value loss: the same. `expectile=0.5` is half the squared error.

    Reference: Newey & Powell, 1987, Asymmetric Least Squares Estimation and Testing, Econometrica.
    """

    levels_argument = "expectile"

    expectile: Levels = 0.5

    def penalty(self, error: Tensor, above: Tensor, below: Tensor) -> Tensor:
        return ops.where(error < 0, below, above) * error * error
