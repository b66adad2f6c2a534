"""Survival in intervals of time: hazards or probabilities of each interval, without a parametric form.

Times are cut into K intervals before training, `np.searchsorted(cuts, time)` of K - 1 cut points, and
`y_true` holds the index of the interval and whether the event happened in it. A censored subject was last
seen in its interval, and survives it. Every loss turns the outputs of a trained model into probabilities
with its method `survival_function`.
"""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.blocks import by_rows
from kerasloss.core.configuration import Fraction, Positive
from kerasloss.core.kinds.label_embedding import AnchorLoss
from kerasloss.core.kinds.survival import DiscreteTimeLoss, Subjects, indices
from kerasloss.core.loss import Tensor, and_masks
from kerasloss.core.numerics import (
    bounded_exp,
    cumulative_sum,
    logsumexp,
    nan_unless,
    softplus,
    subtract_max,
    take_at,
)
from kerasloss.core.registry import register


class _HazardLoss(DiscreteTimeLoss):
    """A loss of `softplus(x)`, the hazard that is summed up over the intervals."""

    def survival(self, y_pred: Tensor) -> Tensor:
        return ops.exp(-cumulative_sum(softplus(y_pred)))


@register
class LogisticHazard(_HazardLoss):
    """Survival as a series of yes/no questions: does the event happen in this interval, if not before?

    Formula: `sum_k softplus(x[k]) + softplus(-x[t])` over the intervals `k < t` before that of the event, t;
    for a censored subject the sum of `softplus(x[k])` over all `k <= t`. The hazard is `sigmoid(x)`.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N, 2)`: [index of the interval, 1 for an event or 0 if censored]; `y_pred`: logits of the
        hazard `(N, K)`. Returns `(N,)`.

    Raises:
        ValueError: If the shapes are wrong. An index outside [0, K), or another event, gives NaN.

    Use it as the first loss for censored times: any batch, any network, and each output is a probability. It
    needs intervals; for times as they are take `CoxPH` or `ParametricAFT`.

    Example:

    >>> import kerasloss, numpy as np
    >>> x = np.array([[0.2, -0.3, 0.5], [-1.0, 0.4, 0.0]])
    >>> loss = kerasloss.LogisticHazard(reduction=None)
    >>> print(np.array(loss(np.array([[1, 1], [2, 0]]), x)).round(4))
    [1.6525 1.9194]
    >>> print(np.array(loss.survival_function(x)).round(4))
    [[0.4502 0.2586 0.0976]
     [0.7311 0.2934 0.1467]]

    Equivalents: pycox `NLLLogistiHazardLoss`: default. nnet-survival: the same, of hazards' complements.

    Reference: Gensheimer & Narasimhan, 2019, A Scalable Discrete-time Survival Model for Neural Networks,
    PeerJ; Kvamme & Borgan, 2021, Continuous and Discrete-time Survival Prediction with Neural Networks,
    Lifetime Data Analysis (arXiv 1910.06724).
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        interval, event, valid = self.subjects(y_true, y_pred)
        k = indices(y_pred.shape[-1], interval)
        happens = ops.logical_and(k == interval, event == 1)
        answers = softplus(ops.where(happens, -y_pred, y_pred))
        return nan_unless(valid, ops.sum(ops.where(k <= interval, answers, 0), axis=-1))


@register
class PMF(DiscreteTimeLoss):
    """Survival as a choice of one interval, in which the event happens, or of none.

    Formula: `logsumexp_k(x[k]) - x[t]` for an event in the interval t, over all intervals and a logit 0 for
    "in none of them"; for a censored subject `logsumexp_k(x[k]) - logsumexp_m(x[m])`, over `m > t`.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N, 2)`: [index of the interval, 1 for an event or 0 if censored]; `y_pred`: logits
        `(N, K)`; that of "none" stays 0. Returns `(N,)`.

    Raises:
        ValueError: If the shapes are wrong. An index outside [0, K), or another event, gives NaN.

    Use it where the distribution of times is what matters; `MTLR` makes it smooth in time, `DeepHit` adds a
    comparison of subjects.

    Example:

    >>> import kerasloss, numpy as np
    >>> x = np.array([[0.2, -0.3, 0.5], [-1.0, 0.4, 0.0]])
    >>> loss = kerasloss.PMF(reduction=None)
    >>> print(np.array(loss(np.array([[1, 1], [2, 0]]), x)).round(4))
    [1.8284 1.3506]
    >>> print(np.array(loss.survival_function(x)).round(4))
    [[0.7351 0.5744 0.2169]
     [0.9047 0.5182 0.2591]]

    Equivalents: pycox `NLLPMFLoss`: default; it adds 1e-7 to both sums of exponentials.

    Reference: Kvamme & Borgan, 2021, Continuous and Discrete-time Survival Prediction with Neural Networks,
    Lifetime Data Analysis (arXiv 1910.06724).
    """

    def logits(self, y_pred: Tensor) -> Tensor:
        """The logits of the intervals and of none of them, `(N, K + 1)`."""
        return with_none(y_pred)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        interval, event, valid = self.subjects(y_true, y_pred)
        x = subtract_max(self.logits(y_pred), -1)
        k = indices(x.shape[-1], interval)
        seen = ops.where(event == 1, k == interval, k > interval)
        return nan_unless(valid, log_share(x, seen))

    def survival(self, y_pred: Tensor) -> Tensor:
        return sum_after(ops.softmax(self.logits(y_pred), axis=-1))


@register
class MTLR(PMF):
    """Survival as logistic regressions for all times at once, of which neighbours share their coefficients.

    Formula: `logsumexp_k(s[k]) - s[t]` for an event in the interval t, over all intervals and `s[K] = 0`,
    with `s[k] = sum_m x[m]` over `m >= k`; for a censored subject `logsumexp_k(s[k]) - logsumexp_m(s[m])`,
    over `m > t`.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N, 2)`: [index of the interval, 1 for an event or 0 if censored]; `y_pred`: `(N, K)`: by
        how much each logit exceeds the next. Returns `(N,)`.

    Raises:
        ValueError: If the shapes are wrong. An index outside [0, K), or another event, gives NaN.

    Use it as `PMF`, with many intervals: outputs near 0 make neighbouring intervals equally likely, so that
    weight decay smooths the curve.

    Example:

    >>> import kerasloss, numpy as np
    >>> x = np.array([[0.2, -0.3, 0.5], [-1.0, 0.4, 0.0]])
    >>> loss = kerasloss.MTLR(reduction=None)
    >>> print(np.array(loss(np.array([[1, 1], [2, 0]]), x)).round(4))
    [1.4793 1.3964]
    >>> print(np.array(loss.survival_function(x)).round(4))
    [[0.7218 0.494  0.1865]
     [0.8642 0.495  0.2475]]

    Equivalents: pycox `NLLMTLRLoss`: default; it adds 1e-7 to both sums of exponentials.

    Reference: Yu, Greiner, Lin & Baracos, 2011, Learning Patient-Specific Cancer Survival Distributions as a
    Sequence of Dependent Regressors, NeurIPS; Fotso, 2018, Deep Neural Networks for Survival Analysis Based
    on a Multi-Task Framework (arXiv 1801.05512).
    """

    def logits(self, y_pred: Tensor) -> Tensor:
        return super().logits(ops.flip(cumulative_sum(ops.flip(y_pred, axis=-1)), axis=-1))


@register
class PCHazard(_HazardLoss):
    """Survival with a hazard that is constant in each interval, so that where in it the event happens counts.

    Formula: `fraction * rate[t] + sum_k rate[k] - event * log(rate[t])` with the hazard `rate = softplus(x)`,
    over the intervals `k < t` before the last one, t.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N, 3)`: [index of the interval, 1 for an event or 0 if censored, fraction of the interval
        that was lived through, in [0, 1]]; `y_pred`: `(N, K)`. Returns `(N,)`.

    Raises:
        ValueError: If the shapes are wrong. An index outside [0, K), another event, or a fraction outside
            [0, 1] gives NaN.

    Use it for times on a continuous scale with few intervals. A hazard is per interval; for one per unit of
    time add `event * log(width)` of the interval to the values. With intervals that are a good grid already
    use `LogisticHazard`.

    Example:

    >>> import kerasloss, numpy as np
    >>> x = np.array([[0.2, -0.3, 0.5], [-1.0, 0.4, 0.0]])
    >>> loss = kerasloss.PCHazard(reduction=None)
    >>> print(np.array(loss(np.array([[1, 1, 0.5], [2, 0, 0.25]]), x)).round(4))
    [1.6653 1.3996]
    >>> print(np.array(loss.survival_function(x)).round(4))
    [[0.4502 0.2586 0.0976]
     [0.7311 0.2934 0.1467]]

    Equivalents: pycox `NLLPCHazardLoss`: default; the rows that it drops, of index -1, are NaN here.

    Reference: Kvamme & Borgan, 2021, Continuous and Discrete-time Survival Prediction with Neural Networks,
    Lifetime Data Analysis (arXiv 1910.06724).
    """

    columns = "interval, event, fraction of the interval"

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        interval, event, valid = self.subjects(y_true, y_pred)
        fraction = ops.cast(y_true[:, 2:], y_pred.dtype)
        valid = and_masks(valid, ops.squeeze(ops.logical_and(fraction >= 0, fraction <= 1), 1))
        k = indices(y_pred.shape[-1], interval)
        lived = ops.where(k < interval, 1, ops.where(k == interval, fraction, 0))
        happens = ops.logical_and(k == interval, event == 1)
        value = lived * softplus(y_pred) - ops.where(happens, log_softplus(y_pred), 0)
        return nan_unless(valid, ops.sum(value, axis=-1))


@register
class DeepHit(DiscreteTimeLoss, AnchorLoss):
    """Survival as a choice of the interval, and of what happens, with a comparison of subjects.

    Formula: `alpha * L + (1 - alpha) * mean_j(A[i, j] * exp((F[j] - F[i]) / sigma))`. L is
    `-log(f[r, t])` for an event r in the interval t, `-log(1 - sum_r F[r, t])` for a censored subject, of
    `f = softmax(x)` over all intervals and events and a logit 0 for "none", and its cumulative sum F over the
    intervals. `F[i]` and `F[j]` are those of two subjects, at the event and the interval of subject i;
    `A[i, j]` is 1 if subject i has an event before j has one or is censored.

    Args:
        alpha: The share of the likelihood, in [0, 1]; the rest is that of the comparison.
        sigma: The scale of differences in the comparison, > 0. Beyond an exponent x of 50, a line takes the
            place of the exponential, `exp(50) * (x - 49)`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N, 2)`: [index of the interval, event]: 0: censored; 1: the event, or 1 ... R: which of R;
        `y_pred`: logits `(N, K)`, or `(N, R, K)` for R competing risks. Returns `(N,)`.

    Raises:
        ValueError: If an argument or a shape is wrong. An index outside [0, K), or another event, gives NaN.

    Use it for competing risks, or where the order of subjects matters as much as the probabilities. Each
    subject is compared with those of the batch, N of them, itself included with 0: take batches that are
    large, and note that a part of a batch has another value. A subject of weight 0 is still compared with; a
    masked one is absent.

    Example:

    >>> import kerasloss, numpy as np
    >>> x = np.array([[0.2, -0.3, 0.5], [-1.0, 0.4, 0.0]])
    >>> print(np.array(kerasloss.DeepHit(reduction=None)(np.array([[1, 1], [2, 0]]), x)).round(4))
    [1.0678 0.2701]
    >>> x = np.array([[[0.2, -0.3, 0.5], [0.0, 0.1, 0.2]]])
    >>> print(np.array(kerasloss.DeepHit().cumulative_incidence(x)).round(4))
    [[[0.1539 0.2472 0.4549]
      [0.126  0.2652 0.4191]]]

    Equivalents: pycox `DeepHitSingleLoss`, `DeepHitLoss`: default, with the same `alpha` and `sigma`; their
    likelihood adds 1e-7. The paper adds the comparison with a factor: `alpha=1 / (1 + factor)`.

    Reference: Lee, Zame, Yoon & van der Schaar, 2018, DeepHit: A Deep Learning Approach to Survival Analysis
    with Competing Risks, AAAI.
    """

    growth = "pair-blocks"

    alpha: Fraction = 0.2
    sigma: Positive = 0.1

    def outputs(self, y_pred: Tensor) -> Tensor:
        shape = tuple(y_pred.shape)
        if len(shape) not in (2, 3) or not all(shape[1:]):
            checks.fail(
                self,
                "`y_pred` must have shape (N, K) or (N, R, K), with known numbers R of risks, K of intervals",
                f"{shape=}",
            )
        return y_pred

    def events(self, y_pred: Tensor) -> int:
        return 1 if len(y_pred.shape) == 2 else y_pred.shape[1]

    def logits(self, y_pred: Tensor) -> Tensor:
        """The logits of every risk and interval, and of none of them, `(N, R K + 1)`."""
        return with_none(ops.reshape(y_pred, (-1, self.events(y_pred) * y_pred.shape[-1])))

    def incidence(self, y_pred: Tensor) -> Tensor:
        """The probability of each event until the end of each interval, in the shape of `y_pred`."""
        p = ops.softmax(self.logits(y_pred), axis=-1)[:, :-1]
        return cumulative_sum(ops.reshape(p, ops.shape(y_pred)))

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        subjects = self.subjects(y_true, y_pred)
        interval, event, valid = subjects
        count = y_pred.shape[-1]
        happens = ops.logical_and(event > 0, ops.expand_dims(valid, 1))
        column = ops.where(happens, (event - 1) * count + interval, 0)

        x = subtract_max(self.logits(y_pred), -1)
        k = indices(x.shape[-1], interval)
        later = ops.logical_or(k % count > interval, k == x.shape[-1] - 1)
        value = self.alpha * log_share(x, ops.where(happens, k == column, later))
        if self.alpha < 1:
            there = valid if present is None else ops.logical_and(valid, present)
            number = ops.sum(ops.ones_like(value) if present is None else ops.cast(present, x.dtype))
            incidence = ops.reshape(self.incidence(y_pred), (-1, x.shape[-1] - 1))
            total = self.compared(subjects, there, column[:, 0], incidence)
            value = value + (1 - self.alpha) * total / number
        return nan_unless(valid, value), None

    def compared(self, subjects: Subjects, there: Tensor, column: Tensor, incidence: Tensor) -> Tensor:
        """The sum over all that each subject is compared with, at its column of the incidence, `(N,)`."""
        interval, event = subjects.interval[:, 0], subjects.event[:, 0]

        def block(
            index: Tensor, column: Tensor, own: Tensor, end: Tensor, code: Tensor, *all_: Tensor
        ) -> Any:
            by_column, ends, codes, there = all_
            end, code, own = (ops.expand_dims(x, 1) for x in (end, code, own))
            outlives = ops.logical_or(end < ends, ops.logical_and(end == ends, codes == 0))
            comparable = ops.logical_and(code > 0, ops.logical_and(outlives, there))
            ahead = ops.where(comparable, ops.take(by_column, column, axis=0) - own, 0)
            return (ops.sum(ops.where(comparable, bounded_exp(ahead / self.sigma), 0), axis=1),)

        rows = (column, take_at(incidence, column, -1), interval, event)
        return by_rows(block, rows, (ops.transpose(incidence), interval, event, there))[0]

    def survival(self, y_pred: Tensor) -> Tensor:
        p = ops.softmax(self.logits(y_pred), axis=-1)
        of_risks = ops.reshape(p[:, :-1], (-1, self.events(y_pred), y_pred.shape[-1]))
        return sum_after(ops.concatenate([ops.sum(of_risks, axis=1), p[:, -1:]], axis=-1))

    def cumulative_incidence(self, y_pred: Tensor) -> Tensor:
        """The probability that each event has happened.

        Args:
            y_pred: Outputs of the model, as in the loss.

        Returns:
            The shape of `y_pred`: for each risk and interval k the probability that this event happens until
            the end of interval k.

        Raises:
            ValueError: For another shape.
        """
        return ops.cast(self.incidence(self.predictions(y_pred)), self.dtype)


def with_none(x: Tensor) -> Tensor:
    """Logits `(N, M)` and a logit 0 behind them, which stands for none of them."""
    return ops.concatenate([x, ops.zeros_like(x[:, :1])], axis=-1)


def log_share(x: Tensor, chosen: Tensor) -> Tensor:
    """`-log` of the share of some entries in the softmax over the last axis."""
    return logsumexp(x, -1) - logsumexp(x, -1, chosen)


def sum_after(x: Tensor) -> Tensor:
    """The sum of all later entries of the last axis, for each but the last."""
    return ops.flip(cumulative_sum(ops.flip(x, axis=-1)[..., :-1]), axis=-1)


def log_softplus(x: Tensor) -> Tensor:
    """`log(softplus(x))`, which is `x` far below 0."""
    far = x < -60
    return ops.where(far, x, ops.log(softplus(ops.where(far, 0, x))))
