"""Regression by relative errors: percentages, scaled errors and errors of logarithms.

`e = y_pred - y_true`. Unless a loss says otherwise, `y_true` and `y_pred` have the same shape
`(batch, ..., d)`, and the value is the mean over the last axis, of shape `(batch, ...)`.
"""

from dataclasses import KW_ONLY
from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Count, Fraction, NonNegative, Positive
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import absolute, clip_below, last_first, mean, safe_divide, safe_sqrt
from kerasloss.core.registry import register


@register
class MeanAbsolutePercentageError(ElementLoss):
    """Relative error in percent of the target.

    Formula: `100 * mean(|e| / max(|y_true|, epsilon))` with `e = y_pred - y_true`.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.
        epsilon: Floor of the denominator, > 0, in the unit of the target.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `epsilon` is not a finite number > 0, or the shapes differ.

    Use it for targets far from 0 on different scales; not for targets near 0, where it is
    `100 |e| / epsilon`: finite and huge.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.MeanAbsolutePercentageError()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    50.0

    Equivalents: sklearn, torchmetrics and neuralforecast `MAPE` give the fraction, this / 100 (torchmetrics
    floors at 1.17e-6; neuralforecast gives 0 for a target of 0). LightGBM `mape`: the fraction, with
    `epsilon=1.0`.

    Reference: Makridakis, 1993, Accuracy Measures, International Journal of Forecasting.
    """

    _: KW_ONLY
    epsilon: Positive = 1e-07

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        unit = ops.stop_gradient(clip_below(absolute(y_true), self.epsilon))
        return 100 * mean(absolute((y_pred - y_true) / unit), axis=-1)


@register
class SymmetricMeanAbsolutePercentageError(ElementLoss):
    """Percentage error that is bounded by 200.

    Formula: `200 * mean(|e| / max(|y_true| + |y_pred|, epsilon))` with `e = y_pred - y_true`; in [0, 200].

    Args:
        epsilon: Floor of the denominator, > 0, in the unit of the target.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, real numbers. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `epsilon` is not a finite number > 0, or the shapes differ.

    Use it to report forecasts of series on different scales; not where a prediction may have the wrong
    sign, or a target may be 0: both cost 200 with gradient 0, however near or far the prediction is.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.SymmetricMeanAbsolutePercentageError()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    80.0

    Equivalents: torchmetrics (floor 1.17e-6) and neuralforecast `SMAPE`: this / 100. The variant from 0 to
    100 %: this / 2.

    Reference: Armstrong, 1985, Long-Range Forecasting; Makridakis, 1993, Accuracy Measures, International
    Journal of Forecasting.
    """

    epsilon: Positive = 1e-07

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        total = absolute(y_true) + absolute(y_pred)
        ratio = absolute(y_pred - y_true) / clip_below(total, self.epsilon)
        # Between different signs |e| is the total: the ratio is 1 without the rounding of its gradient.
        opposite = ops.logical_and(ops.sign(y_true) * ops.sign(y_pred) <= 0, total >= self.epsilon)
        return 200 * mean(ops.where(opposite, 1, ratio), axis=-1)


@register
class MeanAbsoluteScaledError(Loss):
    """Forecast error in units of the seasonal-naive error.

    Formula: `mean(|e|) / max(S, epsilon)`, where S is the mean of `|x[t] - x[t - seasonality]|` over the
    history x of the series and `e = y_pred - y_true`.

    Args:
        seasonality: Length of a season in steps, an integer >= 1 (12 for monthly data, 24 for hourly).
        epsilon: Floor of S, > 0, in the unit of the series. A flat history has S = 0: the value is
            finite and huge; mask such series or raise `epsilon`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., n + h)`, the n values of the history, then the h targets. `y_pred`:
        `(batch, ..., h)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If the history has no more than `seasonality` values, other axes differ, or an
            argument is out of range.

    Use it to compare forecasts of series on different scales; not for series without a history.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.MeanAbsoluteScaledError()
    >>> history_and_targets = np.array([[1.0, 3.0, 2.0, 4.0, 5.0, 6.0]])
    >>> round(float(loss(history_and_targets, np.array([[4.0, 8.0]]))), 4)
    0.9

    Equivalents: neuralforecast `MASE(seasonality)(y, y_hat, y_insample)`: concatenate `y_insample` and `y`
    (a flat history gives 0 there).

    Reference: Hyndman & Koehler, 2006, Another Look at Measures of Forecast Accuracy, International
    Journal of Forecasting.
    """

    kind = "element"
    activation = "linear"

    seasonality: Count = 1
    epsilon: Positive = 1e-07

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        same_start = true_shape and pred_shape and checks.lengths_match(true_shape[:-1], pred_shape[:-1])
        if same_start and None in (true_shape[-1], pred_shape[-1]):
            what = "the lengths of the last axes, n + h and h, must be known"
            checks.fail(self, what, f"y_true.shape={true_shape}, y_pred.shape={pred_shape}")
        if not same_start or true_shape[-1] - pred_shape[-1] <= self.seasonality:
            checks.fail(
                self,
                "`y_true` must hold the history before the targets: `y_pred` ends in h values, `y_true` in "
                f"n + h, with n > seasonality = {self.seasonality}",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        start = y_true.shape[-1] - y_pred.shape[-1]
        history, target = y_true[..., :start], y_true[..., start:]
        step = history[..., self.seasonality :] - history[..., : -self.seasonality]
        naive = mean(absolute(step), axis=-1)
        return mean(absolute(y_pred - target), axis=-1) / clip_below(naive, self.epsilon)


@register
class MeanSquaredLogarithmicError(ElementLoss):
    """Squared relative error of non-negative targets.

    Formula: `mean((log(max(y_pred, epsilon) + offset) - log(max(y_true, epsilon) + offset)) ** 2)`.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.
        offset: Added inside the logarithm, >= 0, in the unit of the target.
        epsilon: Floor of both inputs, >= 0; `offset + epsilon` must be > 0.

    Shapes:
        `y_true`, `y_pred`: `(batch, ..., d)`, numbers >= 0. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `offset` or `epsilon` is negative, both are 0, or the shapes differ.

    Use it for counts and prices over several orders of magnitude; not with a model that can predict
    negative numbers, which are clamped to `epsilon` with gradient 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.MeanSquaredLogarithmicError()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.4189

    Equivalents: Keras, torchmetrics: the default; sklearn: `epsilon=0.0`. Flux `msle(eps)`: `offset=eps,
    epsilon=0.0` (0.0090840291 for [1, 2, 3] and [1.1, 2.2, 3.3] with its Float32 eps 1.1920929e-7).

    Reference: Carroll & Ruppert, 1988, Transformation and Weighting in Regression (least squares after a
    logarithmic transformation).
    """

    activation = "positive"

    _: KW_ONLY
    offset: NonNegative = 1.0
    epsilon: NonNegative = 1e-07

    def __post_init__(self) -> None:
        checks.number(self, "offset + epsilon", self.offset + self.epsilon, above=0)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        log_true = ops.log(clip_below(y_true, self.epsilon) + self.offset)
        log_pred = ops.log(clip_below(y_pred, self.epsilon) + self.offset)
        return mean(ops.square(log_pred - log_true), axis=-1)


@register
class ScaleInvariantLogarithmic(ElementLoss):
    """Monocular depth: the error of log depths, partly insensitive to a common scale.

    Formula: with `d = log(y_true) - log(max(y_pred, epsilon))` on the n valid positions,
    `D = sum(d ** 2) / n - lambd * (sum(d) / n) ** 2`; the value is `sqrt(D)`, or D with `sqrt=False`.

    Args:
        lambd: How insensitive the loss is to a common factor, in [0, 1]; 1: scale invariant.
        min_depth: Positions with a smaller `y_true` are not valid; > 0, in the unit of depth.
        max_depth: Positions with a larger `y_true` are not valid; None: no limit.
        sqrt: Whether the root is taken.
        epsilon: Floor of the predicted depth, > 0; below it the gradient is the one at the floor, so that
            a negative depth still learns.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ...)`, depths; every axis but the first is reduced. Returns
        `(batch,)`.

    Raises:
        ValueError: If an argument is out of range or the shapes differ.

    Use it for depth maps from single images; not where the absolute scale matters (`lambd=0`). A map without
    a valid position does not count.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ScaleInvariantLogarithmic()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 1.0, 4.0]]))), 4)
    0.4586

    Equivalents: keras-hub `DepthAnythingLoss(lambd, min_depth, max_depth)`: the default; there a map without
    a valid position counts as 0. Eigen's own: `sqrt=False`. BTS and AdaBins: `lambd=0.85`, times 10.

    Reference: Eigen, Puhrsch & Fergus, 2014, Depth Map Prediction from a Single Image using a Multi-Scale
    Deep Network, NIPS (arXiv 1406.2283).
    """

    activation = "positive"
    whole_samples = True

    elementwise = False

    lambd: Fraction = 0.5
    min_depth: Positive = 1e-07
    max_depth: float | None = None
    sqrt: bool = True
    epsilon: Positive = 1e-07

    def __post_init__(self) -> None:
        if self.max_depth is not None:
            checks.number(self, "max_depth", self.max_depth, above=self.min_depth)

    def valid(self, y_true: Tensor) -> Tensor:
        """True where the depth is known."""
        deep = y_true >= self.min_depth
        return deep if self.max_depth is None else ops.logical_and(deep, y_true <= self.max_depth)

    def counts(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return ops.any(self.valid(y_true), axis=last_first(self.entry_axes(y_pred)))

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        valid = self.valid(y_true)
        y_true, y_pred = ops.where(valid, y_true, 1), ops.where(valid, y_pred, 1)
        floored = self.epsilon + (y_pred - ops.stop_gradient(y_pred))
        difference = ops.log(y_true) - ops.log(ops.where(y_pred < self.epsilon, floored, y_pred))

        axes = self.entry_axes(y_pred)
        weight = ops.cast(valid, y_pred.dtype)
        count = ops.sum(weight, axis=axes, keepdims=True)
        shift = safe_divide(ops.sum(weight * difference, axis=axes, keepdims=True), count)
        square = ops.sum(weight * ops.square(difference - shift), axis=axes, keepdims=True)
        value = safe_divide(square, count) + (1 - self.lambd) * ops.square(shift)
        value = ops.squeeze(value, axes)
        return safe_sqrt(value) if self.sqrt else value
