"""Policy gradients with a clipped ratio, for language models that learn from rewards.

`y_pred` holds one log-probability for each action or token, under the policy. The log-probabilities when the
policy acted, the advantages and those of a reference model are columns of `y_true`; they get no gradient.
"""

from dataclasses import KW_ONLY
from typing import Annotated, Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import NonNegative, OpenFraction, Positive, within
from kerasloss.core.kinds.policy import PolicyLoss, capped
from kerasloss.core.loss import Tensor, and_masks
from kerasloss.core.numerics import constant, mean, minimum, safe_divide
from kerasloss.core.registry import register


@register
class PPOClip(PolicyLoss):
    """Proximal policy optimisation: the gain of a policy, clipped where it departs from the one that acted.

    Formula: `-min(q * A, clip(q, 1 - clip, 1 + clip_high) * A)` with the ratio `q = exp(y_pred - old)` and
    the advantage A; with `dual_clip` and A < 0 at most `-dual_clip * A`.

    Args:
        clip: How far the ratio may fall, in (0, 1).
        clip_high: How far the ratio may rise, > 0; None: as far as it may fall.
        dual_clip: The bound > 1 of the ratio where the advantage is negative; None: no bound.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: log-probabilities `(N, T)` (or `(N,)`) of the actions or tokens that were taken, under
        the policy; `y_true`: `(N, T, 2)`: [log-probability when acting, advantage], or `(N, T, 3)` with a
        third column that is 0 at padding, which doesn't count. Returns the shape of `y_pred`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it for the policy, beside losses of your own for values and entropy; the clip makes several passes
    over the same samples safe. The logarithm of a ratio is capped at 80.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = np.array([[[-1.0, 2.0, 1.0], [-1.0, 2.0, 1.0], [-1.0, 2.0, 0.0]]])
    >>> print(np.array(kerasloss.PPOClip(reduction=None)(y_true, np.array([[-0.5, -1.2, -3.0]]))).round(4))
    [[-2.4    -1.6375  0.    ]]

    Equivalents: TRL's former PPOTrainer (`cliprange`), Stable-Baselines3 (`clip_range`), CleanRL
    (`clip_coef`): `clip`. DAPO's clip-higher: `clip_high`. TRL GRPOTrainer and Liger with `loss_type="bnpo"`
    and `beta=0`: `dual_clip` is `delta`.

    Reference: Schulman et al., 2017, Proximal Policy Optimization Algorithms (arXiv 1707.06347);
    `clip_high`: Yu et al., 2025, DAPO (arXiv 2503.14476); `dual_clip`: Ye et al., 2020, Mastering Complex
    Control in MOBA Games with Deep Reinforcement Learning, AAAI.
    """

    clip: OpenFraction = 0.2
    clip_high: Positive | None = None
    dual_clip: Annotated[float, within(above=1)] | None = None

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        return self.inputs(y_true, y_pred, columns=(2, 3))

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return []

    def counts(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        return ops.not_equal(y_true[..., 2], 0) if y_true.shape[-1] == 3 else None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        old, advantage = y_true[..., 0], y_true[..., 1]
        objective = self.objective(y_pred - old, advantage)
        if self.dual_clip is not None:
            bound = self.dual_clip * advantage
            bounded = ops.logical_and(advantage < 0, objective < bound)
            objective = ops.where(bounded, bound, objective)
        return -objective


@register
class GRPO(PolicyLoss):
    """Group relative policy optimisation: a clipped policy gradient that stays near a reference model.

    Formula: for each token `-min(q * A, clip(q, 1 - clip, 1 + clip_high) * A) + beta * (exp(d) - d - 1)`
    with the ratio `q = exp(y_pred - old)`, the advantage A and `d = reference - y_pred`; then averaged. With
    `loss_type="cispo"` the first term is `-min(q, 1 + clip_high) * A * y_pred`, with no gradient of q, with
    `"sapo"` it is `-4 / t * sigmoid(t * (q - 1)) * A`, where `t = temperature`, and `t =
    negative_temperature` where `A <= 0`.

    Args:
        beta: The factor of the divergence from the reference model, >= 0.
        clip: How far the ratio may fall, in (0, 1).
        clip_high: How far the ratio may rise, > 0; None: as far as it may fall.
        level: `"token"`: one ratio for each token; `"sequence"` (GSPO): their geometric mean for all
            tokens of a sequence.
        average: `"sequences"`: the mean over the tokens of each sequence; `"tokens"`: one value for each
            token (DAPO: long sequences weigh more); `"length"`: the sum over the tokens, divided by T
            (Dr. GRPO).
        reduction, name, dtype: See `kerasloss.Loss`.
        loss_type: `"clip"`: a token whose ratio left the bounds has no gradient; `"cispo"`: every token has
            one, with its ratio bounded above; `"sapo"`: the gradient fades on both sides of ratio 1.
        temperature, negative_temperature: How fast it fades with `"sapo"`, where the advantage is positive
            and where it is not, numbers > 0.

    Shapes:
        `y_pred`: log-probabilities of the tokens `(N, T)` under the policy; `y_true`: `(N, T, 4)`:
        [log-probability when sampled, advantage, 1 or 0 at padding, log-probability under the reference
        model]; with `beta=0` the last column may be missing. Returns `(N,)`, or `(N, T)` with
        `average="tokens"`. Padding has no part in a mean; nor do tokens that a mask of `y_pred` leaves out. A
        sequence of padding doesn't count; with `"length"` it does, unless a mask leaves it out.

    Raises:
        ValueError: If an argument is not allowed, `"cispo"` has no `clip_high`, `level="sequence"` another
            `loss_type` than `"clip"`, or the shapes don't match.

    Use it for answers that are rewarded as a whole; the advantage of each token is that of its answer
    within the group of answers to one prompt, which the sampler computes. With critics use `PPOClip`. The
    logarithm of a ratio, and d, are capped at 80. The value of `"cispo"` says nothing, only its gradient
    does; it doesn't read `clip`, `"sapo"` neither bound.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = np.array([[[-1.0, 2.0, 1.0, -1.1], [-1.0, 2.0, 1.0, -0.9], [-1.0, 2.0, 0.0, -1.0]]])
    >>> round(float(kerasloss.GRPO()(y_true, np.array([[-0.5, -1.2, -3.0]]))), 4)
    -2.0148

    Equivalents: TRL GRPOTrainer, Liger LigerFusedLinearGRPOLoss: default for `loss_type="grpo"` (theirs is
    `"dapo"`, TRL's `beta` is 0); `average="tokens"` for `"bnpo"` and `"dapo"` (in one process), `"length"`
    for `"dr_grpo"` with `max_completion_length` T. `level` is `importance_sampling_level`, `clip` and
    `clip_high` are `epsilon` (`epsilon_low`) and `epsilon_high`. Their `"cispo"`: `average="tokens"`, with an
    `epsilon_high` of `1 + clip_high`; `"sapo"`: default, with `sapo_temperature_pos` and
    `sapo_temperature_neg`.

    Reference: Shao et al., 2024, DeepSeekMath (arXiv 2402.03300); `"tokens"`: Yu et al., 2025, DAPO (arXiv
    2503.14476); `"length"`: Liu et al., 2025, Dr. GRPO (arXiv 2503.20783); `"sequence"`: Zheng et al., 2025,
    GSPO (arXiv 2507.18071); `"cispo"`: MiniMax, 2025, MiniMax-M1 (arXiv 2506.13585), without a lower bound:
    Khatri et al., 2025, The Art of Scaling Reinforcement Learning Compute for LLMs (arXiv 2510.13786);
    `"sapo"`: Gao et al., 2025, Soft Adaptive Policy Optimization (arXiv 2511.20347).
    """

    beta: NonNegative = 0.04
    clip: OpenFraction = 0.2
    clip_high: Positive | None = None
    level: Literal["token", "sequence"] = "token"
    average: Literal["sequences", "tokens", "length"] = "sequences"
    _: KW_ONLY
    loss_type: Literal["clip", "cispo", "sapo"] = "clip"
    temperature: Positive = 1.0
    negative_temperature: Positive = 1.05

    def __post_init__(self) -> None:
        given = f"loss_type={self.loss_type!r}"
        if self.loss_type != "clip" and self.level == "sequence":
            checks.fail(self, '`level="sequence"` needs `loss_type="clip"`', given)
        if self.loss_type == "cispo" and self.clip_high is None:
            checks.fail(self, '`loss_type="cispo"` needs a `clip_high`', f"{given}, clip_high=None")

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = self.inputs(y_true, y_pred, columns=(4,) if self.beta else (3, 4))
        if len(y_pred.shape) != 2:
            checks.fail(self, "`y_pred` must have shape (N, T)", f"y_pred.shape={tuple(y_pred.shape)}")
        # What is excluded arrives in `call` as ones: with 1 for padding it has no part in means there.
        padding = ops.cast(ops.equal(y_true[..., 2], 0), y_true.dtype)
        columns = [y_true[..., 0], y_true[..., 1], padding]
        return ops.stack([*columns, y_true[..., 3]] if self.beta else columns, axis=-1), y_pred

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return [] if self.average == "tokens" else [1]

    def valid(self, y_true: Tensor, mask: Tensor | None) -> Tensor:
        """True for the tokens that count, `(N, T)`."""
        return and_masks(ops.equal(y_true[..., 2], 0), mask)

    def counts(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor | None:
        if self.average == "tokens":
            return self.valid(y_true, mask)
        if self.average == "sequences":
            return ops.any(self.valid(y_true, mask), axis=1)
        if mask is None:
            return None
        return ops.any(and_masks(ops.ones_like(y_pred, dtype="bool"), mask), axis=1)

    def call(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor:
        valid = self.valid(y_true, mask)
        count = ops.sum(ops.cast(valid, y_pred.dtype), axis=1)
        y_true = ops.where(ops.expand_dims(valid, -1), y_true, 0)
        y_pred = ops.where(valid, y_pred, 0)

        log_ratio = y_pred - y_true[..., 0]
        if self.level == "sequence":
            log_ratio = ops.expand_dims(safe_divide(ops.sum(log_ratio, axis=1), count), -1)
        values = -self.gain(log_ratio, y_true[..., 1], y_pred)
        if self.beta:
            d = capped(y_true[..., 3] - y_pred)
            values = values + self.beta * (ops.expm1(d) - d)
        if self.average == "tokens":
            return values
        values = ops.where(valid, values, 0)
        if self.average == "length":
            return mean(values, axis=1)
        return safe_divide(ops.sum(values, axis=1), count)

    def gain(self, log_ratio: Tensor, advantage: Tensor, y_pred: Tensor) -> Tensor:
        """What each token adds to the objective, by `loss_type`."""
        if self.loss_type == "clip":
            return self.objective(log_ratio, advantage)
        ratio = ops.exp(capped(log_ratio))
        if self.loss_type == "cispo":
            highest = constant(1 + self.clip_high, ratio)
            return ops.stop_gradient(minimum(ratio, highest)) * advantage * y_pred
        good, bad = (constant(t, ratio) for t in (self.temperature, self.negative_temperature))
        temperature = ops.where(advantage > 0, good, bad)
        return 4 / temperature * ops.sigmoid(temperature * (ratio - 1)) * advantage
