"""Proper scores of prediction intervals, normal distributions and ensembles.

`y_true` is `(batch, ..., d)` and `y_pred` `(batch, ..., d, k)`, with the bounds, parameters or members of
each entry on the last axis; the value is the mean over d. `(N,)` or `(N, 1)` against `(N, k)` is one
entry each. `EnergyScore` takes the d entries together, as one vector.
"""

import fractions
import math
from typing import Annotated, Any, TypeAlias

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import OpenFraction, Positive, within
from kerasloss.core.kinds.distribution import DistributionLoss, LinkedLoss
from kerasloss.core.links import ScaleLink
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import mean, norm, pinball, power
from kerasloss.core.registry import register


@register
class IntervalScore(DistributionLoss):
    """Width of a prediction interval, and a penalty for targets outside: the Winkler score.

    Formula: the mean over d of `(u - l) + 2 / alpha * max(0, l - y) + 2 / alpha * max(0, y - u)`; the
    gradient of a penalty is 0 on its bound.

    Args:
        alpha: The probability outside of the interval, in (0, 1): 0.05 for a 95% interval.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers; `y_pred`: `(batch, ..., d, 2)`: lower bound l, upper bound
        u. Or `(batch,)` or `(batch, 1)` with `(batch, 2)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `alpha` is not in (0, 1), or the shapes don't match.

    Use it to train and compare central prediction intervals; not for more than one interval at a time
    (`Quantile` with a sequence). Bounds in the wrong order are scored as they are.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.IntervalScore(alpha=0.1)
    >>> float(loss(np.array([4.0]), np.array([[0.0, 3.0]])))
    23.0

    Equivalents: scoringrules `interval_score(obs, lower, upper, alpha)`: the same. `4 / alpha` times the mean
    of `Quantile` at `alpha / 2` and `1 - alpha / 2`.

    Reference: Winkler, 1972, A Decision-Theoretic Approach to Interval Estimation, Journal of the American
    Statistical Association; Gneiting & Raftery, 2007, Strictly Proper Scoring Rules, Prediction, and
    Estimation, same journal.
    """

    parameters = "lower bound, upper bound"

    alpha: OpenFraction = 0.05

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        lower, upper = y_pred[..., 0], y_pred[..., 1]
        outside = ops.relu(lower - y_true) + ops.relu(y_true - upper)
        return mean(upper - lower + 2 / self.alpha * outside, axis=-1)


@register
class GaussianCRPS(LinkedLoss):
    """Calibrated mean and spread, in the unit of the target: the continuous ranked probability score.

    Formula: the mean over d of `s * (z erf(z / sqrt(2)) + 2 phi(z) - 1 / sqrt(pi))` with `z = (y - m) / s`
    and phi the standard normal density: the integral of `(F(x) - 1{x >= y}) ** 2` for a normal F.

    Args:
        link: What `y_pred` holds of the scale s: `"log"`: log(s); `"softplus"`: r with s = log(1 + exp(r));
            `"identity"`: s; `"variance"`: s ** 2; `"log_variance"`: log(s ** 2).
        epsilon: Least s (variance links: least s ** 2), > 0; below, the gradient is that at the bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers; `y_pred`: `(batch, ..., d, 2)`: mean, scale. Or `(batch,)`
        or `(batch, 1)` with `(batch, 2)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: For another `link`, an `epsilon` that is not > 0, or shapes that don't match.

    Use it where outliers dominate a likelihood (`GaussianNLL`); not where likelihoods of models are compared.
    Far from the target it is the absolute error, less `s / sqrt(pi)`.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.GaussianCRPS()
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, np.log(2.0)]]))), 4)
    0.6628

    Equivalents: properscoring `crps_gaussian`, scoringrules `crps_normal`: the same, with `link="identity"`.

    Reference: Matheson & Winkler, 1976, Scoring Rules for Continuous Probability Distributions, Management
    Science; Gneiting, Raftery, Westveld & Goldman, 2005, Calibrated Probabilistic Forecasting Using Ensemble
    Model Output Statistics and Minimum CRPS Estimation, Monthly Weather Review.
    """

    parameters = "mean, scale"

    link: ScaleLink = "log"
    epsilon: Positive = 1e-06

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        location, raw = self.outputs(y_pred)
        scale, _ = self.positive(raw)
        error = y_true - location
        # Ratios beyond 40 would overflow; there erf is 1, and the density 0, to the last digit.
        inside = ops.abs(error) < 40 * scale
        z = ops.where(inside, error, 40 * ops.sign(error)) / ops.where(inside, scale, 1)
        density = math.sqrt(2 / math.pi) * ops.exp(-0.5 * z * z)
        value = error * ops.erf(math.sqrt(0.5) * z) + scale * (density - 1 / math.sqrt(math.pi))
        return mean(value, axis=-1)


def _checked_fair(loss: Any, name: str, value: Any) -> Any:
    """True, False, or a number in between."""
    return value if isinstance(value, bool) else checks.number(loss, name, value, least=0, most=1)


Fair: TypeAlias = Annotated[bool | float, _checked_fair]


class _EnsembleLoss(DistributionLoss):
    """A score of m members on the last axis of `y_pred`: their distance to the target, less their spread."""

    parameters = "members"

    def parameter_count(self) -> int | None:
        return None

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if self.fair and y_pred.shape[-1] == 1:
            checks.fail(
                self,
                "`fair` needs at least 2 members on the last axis of `y_pred`",
                f"fair={self.fair}, y_pred.shape={tuple(y_pred.shape)}",
            )
        return y_true, y_pred

    def weight_of_pairs(self, m: int) -> fractions.Fraction:
        """What the sum of the distances of all pairs of m members is multiplied by, exactly, but for 1/2."""
        fair = fractions.Fraction(self.fair)
        return (1 - fair) / m**2 + (fair / (m * (m - 1)) if fair else 0)


@register
class EnsembleCRPS(_EnsembleLoss):
    """Continuous ranked probability score of an ensemble, or of samples of a generator.

    Formula: the mean over d of `sum_i |x_i - y| / m - sum_ij |x_i - x_j| / (2 m ** 2)` for m members x; with
    `m (m - 1)` in place of `m ** 2` if `fair`. The gradient is 0 in a member that equals the target.

    Args:
        fair: Whether the value is on average that of an infinite ensemble, whatever m is. Or a number in
            [0, 1], the share of that in a mean of both: with 0.95, *almost fair*, a single member far from
            the target still costs.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers; `y_pred`: `(batch, ..., d, m)`, in any order. Or `(batch,)`
        or `(batch, 1)` with `(batch, m)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `fair` is neither a boolean nor in [0, 1], or above 0 with one member, or the shapes
            don't match.

    Use it to train ensembles and generators whose spread is calibrated; not with `fair=False` and few
    members, which end up too close together. One member: the absolute error.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.EnsembleCRPS()
    >>> round(float(loss(np.array([1.0]), np.array([[0.0, 2.0, 4.0]]))), 4)
    0.7778

    Equivalents: properscoring `crps_ensemble`, scoringrules `crps_ensemble(estimator="qd" or "nrg")`,
    torchmetrics `continuous_ranked_probability_score`: the default; `estimator="fair"` or `"pwm"`:
    `fair=True`. anemoi-training's almost fair CRPS of `alpha`: `fair=alpha`.

    Reference: Gneiting & Raftery, 2007, Strictly Proper Scoring Rules, Prediction, and Estimation, Journal of
    the American Statistical Association; Ferro, 2014, Fair Scores for Ensemble Forecasts, Quarterly Journal
    of the Royal Meteorological Society; Lang et al., 2024, AIFS-CRPS (arXiv 2412.15832).
    """

    growth = "sort"

    fair: Fair = False

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        error = ops.sort(y_pred - ops.expand_dims(y_true, -1), axis=-1)
        m = y_pred.shape[-1]
        own, pairs = fractions.Fraction(1, m), self.weight_of_pairs(m)
        # Sorted, the i-th member has i below it and m - 1 - i above: the sum over pairs is the sum of
        # 2 (2 i + 1 - m) x_i. With that and |x_i - y| in one slope for each side, nothing cancels.
        balance = range(1 - m, m, 2)
        above = ops.convert_to_tensor([float(own - pairs * b) for b in balance], dtype=y_pred.dtype)
        below = ops.convert_to_tensor([float(own + pairs * b) for b in balance], dtype=y_pred.dtype)
        return mean(ops.sum(pinball(error, above, below), axis=-1), axis=-1)


@register
class EnergyScore(_EnsembleLoss):
    """The continuous ranked probability score of vectors: the entries of a member belong together.

    Formula: `sum_i ||x_i - y|| ** beta / m - sum_ij ||x_i - x_j|| ** beta / (2 m ** 2)` for m members x, with
    Euclidean norms over d; with `m (m - 1)` in place of `m ** 2` if `fair`. Gradient 0 where a distance is 0.

    Args:
        beta: Exponent of the distances, in (0, 2).
        fair: Whether the value is on average that of an infinite ensemble, whatever m is. Or a number in
            [0, 1], the share of that in a mean of both: with 0.95, *almost fair*, a single member far from
            the target still costs.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, ..., d)`, real numbers; `y_pred`: `(batch, ..., d, m)`. Returns `(batch, ...)`
        before reduction.

    Raises:
        ValueError: If `beta` is not in (0, 2), `fair` is neither a boolean nor in [0, 1], or above 0 with
            one member, or the shapes don't match.

    Use it for joint forecasts of several numbers; not with very many members, since it holds m * m
    differences of d numbers per sample (`EnsembleCRPS` sorts instead, but treats each number separately).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.EnergyScore()
    >>> float(loss(np.array([[0.0, 0.0]]), np.array([[[3.0, 0.0], [4.0, 0.0]]])))
    1.25

    Equivalents: scoringrules `es_ensemble`, with members before variables: `estimator="nrg"`: the default,
    `estimator="fair"`: `fair=True`. With d = 1 and `beta=1`: `EnsembleCRPS`.

    Reference: Gneiting & Raftery, 2007, Strictly Proper Scoring Rules, Prediction, and Estimation, Journal of
    the American Statistical Association.
    """

    growth = "entry-pairs"

    beta: Annotated[float, within(above=0, below=2)] = 1.0
    fair: Fair = False

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        if len(true_shape) < 2 or len(pred_shape) != len(true_shape) + 1:
            checks.fail(
                self,
                "`y_true` must have at least two axes, `(batch, ..., d)`, and `y_pred` one more, the members",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        return super().prepare(y_true, y_pred)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        m = y_pred.shape[-1]
        to_target = self.distance(y_pred - ops.expand_dims(y_true, -1), axis=-2)
        between = self.distance(ops.expand_dims(y_pred, -1) - ops.expand_dims(y_pred, -2), axis=-3)
        return mean(to_target, axis=-1) - ops.sum(between, axis=(-2, -1)) * float(self.weight_of_pairs(m) / 2)

    def distance(self, x: Tensor, axis: int) -> Tensor:
        """Norms to the power `beta`, with gradient 0 at 0."""
        length = norm(x, axis)
        return length if self.beta == 1 else power(length, self.beta)
