"""Survival by proportional hazards: the order of the events alone, without a form of the times.

The risk set of an event holds the subjects of the batch that are still observed at its time.
"""

from typing import Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.kinds.label_embedding import AnchorLoss
from kerasloss.core.kinds.survival import SurvivalLoss, wide
from kerasloss.core.labels import integers
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    ABSENT,
    is_float,
    is_float64,
    last_of_ties,
    logaddexp,
    logsumexp,
    nan_unless,
    running,
)
from kerasloss.core.registry import register


@register
class CoxPH(SurvivalLoss, AnchorLoss):
    """Cox's proportional hazards: at each event, the subject that has it should be the one of highest risk.

    Formula: `log(sum_j exp(h[j])) - h[i]` for an event of subject i, over the subjects j of the batch with
    `t[j] >= t[i]`; nothing for a censored one. With `ties="efron"` the first term is, for d events at one
    time, the mean over `k < d`, from 0, of `log(sum_j exp(h[j]) - k / d * sum_m exp(h[m]))`, over the
    events m at that time.

    Args:
        ties: How events at the same time are treated: `"breslow"`: each as if it were the first of them;
            `"efron"`: as if they followed each other in an unknown order.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N, 2)`: [time, 1 for an event or 0 if censored]; `y_pred`: logarithms of the relative
        hazard `(N,)` or `(N, 1)`, any real numbers. Returns `(N,)`, 0 for censored subjects, which don't
        count: the mean is over the events. `reduction="sum"` is minus the log partial likelihood.

    Raises:
        ValueError: For other `ties`, or wrong shapes. A time of NaN, or another event, gives NaN.

    Use it to rank subjects by risk, with batches as large as memory allows, at best of all subjects: the risk
    sets are within the batch, so that the value of a part of it is another one, and without an event it is 0.
    A subject of weight 0 is still at risk; a masked one is absent. The last layer needs no bias: adding a
    number to all of `y_pred` changes nothing. `survival_function` gives probabilities.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = np.array([[2.0, 1], [1, 0], [2, 1], [3, 0]])
    >>> h = np.array([0.5, 0.0, -0.5, 1.0])
    >>> print(np.array(kerasloss.CoxPH(reduction=None)(y_true, h)).round(4))
    [1.1041 0.     2.1041 0.    ]
    >>> loss = kerasloss.CoxPH(ties="efron", reduction="sum")
    >>> round(float(loss(y_true, h)), 4)
    2.9511
    >>> curves = loss.survival_function(np.array([0.0, 1.0]), np.array([1.0, 2.0]), y_true, h)
    >>> print(np.array(curves).round(4))
    [[1.     0.6689]
     [1.     0.3352]]

    Equivalents: lifelines `CoxPHFitter`, minus its `log_likelihood_`: `ties="efron", reduction="sum"`.
    statsmodels `PHReg`, minus its `loglike`: `reduction="sum"`, with the same `ties`. pycox `CoxPHLoss`:
    default, without ties, which it orders as they come. torchsurv `neg_partial_log_likelihood`:
    `ties="efron"`; its mean is over the distinct times of events. XGBoost `survival:cox`: default.

    Reference: Cox, 1972, Regression Models and Life-tables, JRSS B; Breslow, 1974, Covariance Analysis of
    Censored Survival Data, Biometrics; Efron, 1977, The Efficiency of Cox's Likelihood Function for Censored
    Data, JASA; in networks: Katzman et al., 2018, DeepSurv, BMC Medical Research Methodology.
    """

    growth = "sort"

    ties: Literal["breslow", "efron"] = "breslow"

    def outputs(self, y_pred: Tensor) -> Tensor:
        return self.one_output(y_pred)

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        time, code, h = y_true[:, 0], integers(y_true[:, 1]), y_pred[:, 0]
        event, valid = code == 1, ops.logical_and(time == time, ops.logical_or(code == 0, code == 1))
        there = valid if present is None else ops.logical_and(valid, present)
        h = h - ops.stop_gradient(ops.amax(ops.where(there, h, ABSENT)))  # differences are all that counts
        log_risk = log_at_risk(time, h, there, ops.logical_and(event, there), self.ties)
        counts = ops.logical_or(event, ops.logical_not(valid))
        return nan_unless(valid, log_risk - h), counts

    def survival_function(self, y_pred: Any, times: Any, fit_true: Any, fit_pred: Any) -> Tensor:
        """The probability to survive each of some times.

        The hazard of a subject is `exp(y_pred)` times the baseline, which the loss itself doesn't need: it
        comes from the subjects that the model was fitted to, by Breslow's estimate.

        Args:
            y_pred: Outputs of the model for N subjects, as in the loss.
            times: The times, `(T,)`; compared in the narrower type, if those of the fit have another.
            fit_true: Times and events of the subjects of the fit, as in the loss.
            fit_pred: Outputs of the model for these.

        Returns:
            `(N, T)`: the probability that no event happens until the time, that time included.

        Raises:
            ValueError: If the shapes are wrong.

        Reference: Breslow, 1972, Discussion of Professor Cox's Paper, JRSS B.
        """
        times = wide(self.times(times))
        fit_pred = checks.tensor(self, "fit_pred", fit_pred, self.compute_dtype)
        fit_true, fit_pred = self.prepare(checks.tensor(self, "fit_true", fit_true), fit_pred)
        time, event, h = fit_true[:, 0], integers(fit_true[:, 1]) == 1, fit_pred[:, 0]
        log_risk = log_at_risk(time, h, time == time, event, "breslow")
        if is_float(time) and is_float(times):  # 0.1 in float32 is later than 0.1 in float64
            narrower = "float64" if is_float64(time) and is_float64(times) else "float32"
            time, times = ops.cast(time, narrower), ops.cast(times, narrower)
        happened = ops.logical_and(event, ops.less_equal(time, ops.expand_dims(times, 1)))
        log_hazard = logsumexp(-log_risk, 1, happened)
        return ops.cast(ops.exp(-ops.exp(self.predictions(y_pred) + log_hazard)), self.dtype)


def log_at_risk(time: Tensor, h: Tensor, there: Tensor, event: Tensor, ties: str) -> Tensor:
    """The logarithm of the sum of `exp(h)` over the risk set of each subject, `(N,)`.

    Args:
        time: The times, `(N,)`.
        h: Logarithms of the relative hazard.
        there: Which subjects may be at risk.
        event: Which of them have an event.
        ties: That of the loss; with `"efron"` it is the mean over the events of one time.
    """
    order = ops.argsort(-time)  # all up to the last of its ties are at risk
    time, h, there, event = (ops.take(x, order, axis=0) for x in (time, h, there, event))
    last = last_of_ties(ops.expand_dims(time, 0))
    h = ops.expand_dims(ops.where(there, h, ABSENT), 0)
    event = ops.expand_dims(event, 0)
    log_risk = ops.take_along_axis(running(logaddexp, h, ABSENT), last, axis=1)
    if ties == "efron":
        log_risk = log_risk + log_left(h, log_risk, event, last)
    return ops.take(log_risk[0], ops.argsort(order), axis=0)


def log_left(h: Tensor, log_risk: Tensor, event: Tensor, last: Tensor) -> Tensor:
    """By how much the risk of an event falls, in the mean, as those of its time leave the risk set."""

    def of_ties(combine: Any, x: Tensor, fill: float) -> tuple[Tensor, Tensor]:
        upto = running(combine, x, fill, groups=last)
        return upto, ops.take_along_axis(upto, last, axis=1)

    _, log_tied = of_ties(logaddexp, ops.where(event, h, ABSENT), ABSENT)
    position, count = of_ties(ops.add, ops.cast(event, h.dtype), 0.0)
    share = ops.exp(ops.where(event, log_tied - log_risk, 0))
    gone = ops.where(event, (position - 1) / count, 0) * share
    _, total = of_ties(ops.add, ops.log1p(-gone), 0.0)
    return total / ops.where(count == 0, 1, count)
