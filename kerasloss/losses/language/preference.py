"""Preferences between completions of a language model or between scores, and thumbs up or down.

There is one log-probability per completion, which the model computes with
`kerasloss.layers.SequenceLogProbability`. Those of a reference model are data: they get no gradient. Losses
of a policy, with one log-probability for each token, are in `policy.py`.
"""

import math
from typing import Annotated, Any, Literal, TypeAlias

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import NonNegative, Positive, within
from kerasloss.core.kinds.preference import PreferenceLoss
from kerasloss.core.labels import one_label_each
from kerasloss.core.loss import Evaluation, Loss, Tensor, and_masks
from kerasloss.core.numerics import clip_below, nan_unless, safe_divide
from kerasloss.core.registry import register

SMOOTHED = ("sigmoid", "robust", "exo_pair")
"""The forms of `DPO` that take `label_smoothing`."""

LossType: TypeAlias = Literal[
    "sigmoid",
    "robust",
    "exo_pair",
    "hinge",
    "ipo",
    "nca_pair",
    "bco_pair",
    "sppo_hard",
    "apo_zero",
    "apo_down",
]
"""The forms of `DPO`."""

WrongLabels: TypeAlias = Annotated[float, within(least=0, below=0.5)]
"""The probability that a label is wrong; from 1/2 on, labels would mean the opposite."""


def _smoothed(x: Tensor, label_smoothing: float) -> Tensor:
    """`-(1 - e) * S(x) - e * S(-x)` with `e = label_smoothing` and S the log-sigmoid: S(-x) = S(x) - x."""
    return label_smoothing * x - ops.log_sigmoid(x)


@register
class DPO(Loss):
    """Direct preference optimisation: the policy must gain more on the chosen answer than on the rejected.

    Formula: with the gains over the reference `a = chosen - reference_chosen`, b likewise for the rejected,
    `x = beta * (a - b)`, S the log-sigmoid, s the sigmoid and `e = label_smoothing`:

    - `"sigmoid"`: `-(1 - e) * S(x) - e * S(-x)`.
    - `"hinge"`: `max(0, 1 - x)`.
    - `"ipo"`: `(a - b - 1 / (2 * beta)) ** 2`.
    - `"robust"`: `(-(1 - e) * S(x) + e * S(-x)) / (1 - 2 * e)`.
    - `"exo_pair"`: `s(x) * (S(x) - log(1 - e)) + s(-x) * (S(-x) - log(e))`.
    - `"nca_pair"`: `-S(beta * a) - S(-beta * a) / 2 - S(-beta * b) / 2`.
    - `"bco_pair"`: `-S(beta * a) - S(-beta * b)`.
    - `"sppo_hard"`: `(a - 1 / (2 * beta)) ** 2 + (b + 1 / (2 * beta)) ** 2`.
    - `"apo_zero"`: `s(-beta * a) + s(beta * b)`.
    - `"apo_down"`: `s(beta * a) + s(-x)`.

    Args:
        beta: How close the policy stays to the reference (large: close), > 0.
        loss_type: One of the names above.
        label_smoothing: The probability that a preference is the wrong way round, in [0, 1/2); only for
            `"sigmoid"` (conservative DPO), `"robust"` and `"exo_pair"`, which needs it > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: sums of log-probabilities under the policy `(N, 2)`, [chosen, rejected], with those
        under the reference model as `y_true` `(N, 2)`; or all four in `y_pred` `(N, 4)`, the reference in
        columns 2 and 3, which get no gradient (`y_true` is then ignored). Returns `(N,)`.

    Raises:
        ValueError: If an argument is out of range, `label_smoothing` is given to a type without it, or the
            shapes don't match.

    Use it to train on pairs of a chosen and a rejected answer; zeros in `y_true` mean no reference. Not for
    answers that are judged one by one (`KTO`).

    Example:

    >>> import kerasloss, numpy as np
    >>> reference, policy = np.array([[-11.0, -11.0]]), np.array([[-10.0, -12.0]])
    >>> round(float(kerasloss.DPO()(reference, policy)), 4)
    0.5981
    >>> round(float(kerasloss.DPO(loss_type="ipo")(reference, policy)), 4)
    9.0

    Equivalents: TRL DPOTrainer, Liger LigerFusedLinearDPOLoss: default. Their `"sigmoid"` ignores
    `label_smoothing`; TRL's `"ipo"` divides by the length: give averages in `y_pred` and `y_true`, as for its
    `"sigmoid_norm"`, which is `"sigmoid"` here.

    Reference: Rafailov et al., 2023, Direct Preference Optimization, NeurIPS. IPO: Azar et al., 2024,
    AISTATS; hinge: Zhao et al., 2023, SLiC-HF; robust: Ray Chowdhury et al., 2024, ICML; EXO: Ji et al.,
    2024, ICML; NCA: Chen et al., 2024, NeurIPS; BCO: Jung et al., 2024; SPPO: Wu et al., 2024; APO:
    D'Oosterlinck et al., 2024.
    """

    kind = "preference"
    needs_y_true = False

    beta: Positive = 0.1
    loss_type: LossType = "sigmoid"
    label_smoothing: WrongLabels = 0.0

    def __post_init__(self) -> None:
        smooths = self.loss_type in SMOOTHED
        lacks_it = self.loss_type == "exo_pair" and not self.label_smoothing
        if lacks_it or (self.label_smoothing and not smooths):
            checks.fail(
                self,
                f"`label_smoothing` must be {'above 0' if smooths else '0'} with this `loss_type`",
                f"label_smoothing={self.label_smoothing!r}, loss_type={self.loss_type!r}",
            )

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if len(y_pred.shape) != 2 or y_pred.shape[1] not in (2, 4):
            checks.fail(
                self,
                "`y_pred` must have shape (N, 2), with [chosen, rejected] on axis 1, or (N, 4), with those "
                "of the reference behind them",
                f"y_pred.shape={tuple(y_pred.shape)}",
            )
        if y_pred.shape[1] == 4:
            return ops.stop_gradient(y_pred[:, 2:]), y_pred[:, :2]
        if y_true is None:
            checks.fail(self, "`y_true` must hold the log-probabilities of the reference, (N, 2)", "None")
        y_true = ops.cast(y_true, self.compute_dtype)
        checks.same_shape(self, y_true, y_pred)
        return ops.stop_gradient(y_true), y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        beta, e, kind = self.beta, self.label_smoothing, self.loss_type
        gain = y_pred - y_true
        a, b = gain[:, 0], gain[:, 1]
        x = beta * (a - b)
        if kind == "sigmoid":
            return _smoothed(x, e)
        if kind == "hinge":
            return ops.relu(1 - x)
        if kind == "ipo":
            return ops.square(a - b - 1 / (2 * beta))
        if kind == "robust":
            return _smoothed(x, -e / (1 - 2 * e))
        if kind == "exo_pair":
            right = ops.sigmoid(x) * (ops.log_sigmoid(x) - math.log1p(-e))
            return right + ops.sigmoid(-x) * (ops.log_sigmoid(-x) - math.log(e))
        if kind == "sppo_hard":
            return ops.square(a - 1 / (2 * beta)) + ops.square(b + 1 / (2 * beta))
        a, b = beta * a, beta * b
        if kind == "nca_pair":
            return -ops.log_sigmoid(a) - ops.log_sigmoid(-a) / 2 - ops.log_sigmoid(-b) / 2
        if kind == "bco_pair":
            return -ops.log_sigmoid(a) - ops.log_sigmoid(-b)
        if kind == "apo_zero":
            return ops.sigmoid(-a) + ops.sigmoid(b)
        return ops.sigmoid(a) + ops.sigmoid(-x)


@register
class KTO(Loss):
    """Kahneman-Tversky optimisation: answers judged good or bad one by one, without pairs.

    Formula: `desirable_weight * s(-beta * (r - z))` for a desirable completion and
    `undesirable_weight * s(beta * (r - z))` for an undesirable one, with the sigmoid s, the gain
    `r = log_p - reference_log_p` of the completion, and z the mean over the batch of the gain of mismatched
    completions (of other prompts), at least 0 and without gradient.

    Args:
        beta: How close the policy stays to the reference (large: close), > 0.
        desirable_weight: The factor of desirable completions, >= 0.
        undesirable_weight: The factor of undesirable completions, >= 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N, 3)`: [1 desirable or 0 undesirable, log-probability of the completion under the
        reference model, that of the mismatched one]; `y_pred`: `(N, 2)`: log-probabilities under the
        policy of the completion and of the mismatched one, which gets no gradient. Or without mismatched
        ones (z = 0): `y_true` `(N, 2)`, `y_pred` `(N,)` or `(N, 1)`. Returns `(N,)`. Sample weights weigh
        rows; a row of weight 0, or masked, has no part in z.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A label that is neither 0 nor 1
            gives NaN.

    Use it for thumbs up and down; for pairs of answers to the same prompt use `DPO`. Choose the weights so
    that weight times number is about the same for both kinds.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = np.array([[1, -11.0, -9.0], [0, -11.0, -9.0]])
    >>> y_pred = np.array([[-10.0, -8.5], [-12.0, -9.0]])
    >>> print(np.array(kerasloss.KTO(reduction=None)(y_true, y_pred)).round(4))
    [0.4813 0.4688]

    Equivalents: TRL KTOTrainer, Liger LigerFusedLinearKTOLoss, whose `kl` is z: default; TRL's
    `"apo_zero_unpaired"` and Liger without `kl`: no mismatched completions.

    Reference: Ethayarajh et al., 2024, KTO: Model Alignment as Prospect Theoretic Optimization, ICML.
    """

    scope = "anchor"
    kind = "preference"

    beta: Positive = 0.1
    desirable_weight: NonNegative = 1.0
    undesirable_weight: NonNegative = 1.0

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        shapes = f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}"
        if len(y_pred.shape) == 1:
            y_pred = ops.expand_dims(y_pred, -1)
        samples, columns = tuple(y_pred.shape)[:1], tuple(y_pred.shape)[1:]
        if columns not in ((1,), (2,)) or not checks.lengths_match(
            tuple(y_true.shape), (*samples, columns[0] + 1)
        ):
            checks.fail(
                self,
                "`y_true` and `y_pred` must have shapes (N, 3) and (N, 2), or (N, 2) and (N,) or (N, 1) "
                "without mismatched completions",
                shapes,
            )
        return ops.stop_gradient(y_true), y_pred

    def evaluate(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Evaluation:
        if 0 not in y_pred.shape:
            included = and_masks(mask, None if sample_weight is None else ops.not_equal(sample_weight, 0))
            z = self.baseline(y_true, y_pred, included)
            y_true = ops.stack([y_true[:, 0], y_true[:, 1], z], axis=-1)
            y_pred = y_pred[:, :1]
        return super().evaluate(y_true, y_pred, sample_weight, mask)

    def baseline(self, y_true: Tensor, y_pred: Tensor, included: Tensor | None) -> Tensor:
        """The mean gain z of the mismatched completions that are included, at least 0, for every row."""
        if y_pred.shape[1] == 1:
            return ops.zeros_like(y_true[:, 0])
        gain = ops.stop_gradient(y_pred[:, 1]) - y_true[:, 2]
        there = ops.ones_like(gain)
        if included is not None:
            included = self.broadcast_from_left(included, gain)
            gain = ops.where(included, gain, 0)
            there = there * ops.cast(included, gain.dtype)
        z = ops.relu(safe_divide(ops.sum(gain), ops.sum(there)))
        return z * ops.ones_like(gain)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        label, reference, z = y_true[:, 0], y_true[:, 1], y_true[:, 2]
        x = self.beta * (y_pred[:, 0] - reference - z)
        undesirable = nan_unless(ops.equal(label, 0), self.undesirable_weight * ops.sigmoid(x))
        return ops.where(ops.equal(label, 1), self.desirable_weight * ops.sigmoid(-x), undesirable)


@register
class ORPO(PreferenceLoss):
    """Odds-ratio preference optimisation: likelihood and preference in one step, without a reference model.

    Formula: `-alpha * chosen - beta * S(o(chosen) - o(rejected))` with the log-odds `o(l) = l - log(1 -
    exp(l))` of an average log-probability l and S the log-sigmoid.

    Args:
        beta: The factor of the odds ratio, >= 0.
        alpha: The factor of the likelihood of the chosen answer, >= 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: **average** log-probabilities of the tokens under the policy
        `(N, 2)`, [chosen, rejected]. Returns `(N,)`.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it to tune a model on instructions and preferences at once; not on sums of log-probabilities, whose
    odds are those of whole texts. In the odds a log-probability is capped at -1e-7.

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.ORPO()(np.zeros(1), np.array([[-0.5, -1.2]]))), 4)
    0.5247

    Equivalents: TRL ORPOTrainer, Liger LigerFusedLinearORPOLoss: default; their likelihood is a mean over
    all tokens of the batch. The odds ratio alone: `alpha=0`.

    Reference: Hong, Lee & Thorne, 2024, ORPO: Monolithic Preference Optimization without Reference Model,
    EMNLP (arXiv 2403.07691).
    """

    beta: NonNegative = 0.1
    alpha: NonNegative = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        log_p = -clip_below(-y_pred, 1e-7)  # a certain answer has infinite odds
        log_odds = log_p - ops.log(-ops.expm1(log_p))
        preference = ops.log_sigmoid(log_odds[:, 0] - log_odds[:, 1])
        return -self.alpha * y_pred[:, 0] - self.beta * preference


@register
class CPO(PreferenceLoss):
    """Contrastive preference optimisation: preference and likelihood of sums, without a reference model.

    Formula: `-(1 - e) * S(x) - e * S(-x) - alpha * chosen` with `x = beta * (chosen - rejected)`, S the
    log-sigmoid and `e = label_smoothing`.

    Args:
        beta: The factor of the difference, > 0.
        alpha: The factor of the likelihood of the chosen answer, >= 0.
        label_smoothing: The probability that a preference is the wrong way round, in [0, 1/2).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: sums of log-probabilities under the policy `(N, 2)`, [chosen,
        rejected]. Returns `(N,)`.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it where a reference model does not fit into memory; not for answers of very different lengths
    (`SimPO`).

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.CPO()(np.zeros(1), np.array([[-10.0, -12.0]]))), 4)
    10.5981

    Equivalents: TRL CPOTrainer, Liger LigerFusedLinearCPOLoss, whose likelihood is a mean over tokens:
    `alpha` divided by the number of tokens. Its hinge and ipo: `DPO` with zeros in `y_true`.

    Reference: Xu et al., 2024, Contrastive Preference Optimization, ICML (arXiv 2401.08417).
    """

    beta: Positive = 0.1
    alpha: NonNegative = 1.0
    label_smoothing: WrongLabels = 0.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        x = self.beta * (y_pred[:, 0] - y_pred[:, 1])
        return _smoothed(x, self.label_smoothing) - self.alpha * y_pred[:, 0]


@register
class SimPO(PreferenceLoss):
    """Simple preference optimisation: averages per token and a margin, without a reference model.

    Formula: `-(1 - e) * S(x) - e * S(-x)` with `x = beta * (chosen - rejected) - gamma`, S the log-sigmoid
    and `e = label_smoothing`.

    Args:
        beta: The factor of the difference, > 0.
        gamma: The required lead of `beta` times the difference, >= 0.
        label_smoothing: The probability that a preference is the wrong way round, in [0, 1/2).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: **average** log-probabilities of the tokens under the policy
        `(N, 2)`, [chosen, rejected]. Returns `(N,)`.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it for answers of different lengths; not without watching what the model forgets, since nothing keeps
    it near its start (`DPO`).

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.SimPO()(np.zeros(1), np.array([[-0.5, -1.2]]))), 4)
    0.3412

    Equivalents: TRL CPOTrainer with `loss_type="simpo"`: `gamma` is `simpo_gamma`. Liger
    LigerFusedLinearSimPOLoss: `beta=0.1`; it adds the likelihood of the chosen answer unless
    `compute_nll_loss=False`. A ratio of margin and beta: `gamma = beta * ratio`.

    Reference: Meng, Xia & Chen, 2024, SimPO: Simple Preference Optimization with a Reference-Free Reward,
    NeurIPS (arXiv 2405.14734).
    """

    name = "simpo"

    beta: Positive = 2.0
    gamma: NonNegative = 0.5
    label_smoothing: WrongLabels = 0.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        x = self.beta * (y_pred[:, 0] - y_pred[:, 1]) - self.gamma
        return _smoothed(x, self.label_smoothing)


@register
class BradleyTerry(PreferenceLoss):
    """Paired comparisons of two scores, for reward models: the better one wins with `sigmoid(difference)`.

    Formula: `-y * S(d - margin) - (1 - y) * S(-d - margin) + center * (s0 + s1) ** 2` with the scores s0 and
    s1, `d = s0 - s1` and S the log-sigmoid.

    Args:
        margin: By how much the better score must lead, >= 0.
        center: The factor >= 0 of the square that keeps the scores of a pair around 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N,)` or `(N, 1)`, the probability that the first is preferred (1, 0, or between; 1/2
        for a tie); `y_pred`: two scores `(N, 2)`. Returns `(N,)`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A label outside [0, 1] gives
            NaN.

    Use it for reward models (with [chosen, rejected] all labels are 1) and for ratings from matches; not for
    lists of more than two.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.BradleyTerry(reduction=None)
    >>> print(np.array(loss(np.array([1, 0]), np.array([[1.0, 0.5], [1.0, 0.5]]))).round(4))
    [0.4741 0.9741]

    Equivalents: TRL RewardTrainer: all labels are 1, `center` is `center_rewards_coefficient`; its margins
    differ by pair. RankNet on one pair: default.

    Reference: Bradley & Terry, 1952, Rank Analysis of Incomplete Block Designs I, Biometrika; rewards:
    Ouyang et al., 2022, NeurIPS; margin: Touvron et al., 2023, Llama 2 (arXiv 2307.09288).
    """

    needs_y_true = True

    margin: NonNegative = 0.0
    center: NonNegative = 0.0

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        _, y_pred = super().prepare(None, y_pred)
        return one_label_each(self, ops.cast(y_true, self.compute_dtype), y_pred), y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        d = y_pred[:, 0] - y_pred[:, 1]
        value = -y_true * ops.log_sigmoid(d - self.margin) - (1 - y_true) * ops.log_sigmoid(-d - self.margin)
        if self.center:
            value = value + self.center * ops.square(y_pred[:, 0] + y_pred[:, 1])
        inside = ops.logical_and(y_true >= 0, y_true <= 1)
        return nan_unless(inside, value)
