"""Cases of `kerasloss/losses/language/policy.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.preference import gain, hard_pairs
from tests.cases.common.views import fixed


def draw_actions(rng, n):
    """Ratios on both sides of the clip, with advantages of both signs, and no padding."""
    old = -rng.uniform(0.5, 4, (n, 3))
    y_true = np.stack([old, rng.normal(size=(n, 3)), np.ones((n, 3))], axis=-1)
    return y_true.astype("float32"), (old + 0.6 * rng.normal(size=(n, 3))).astype("float32")


def draw_one_action(rng, n):
    y_true, y_pred = draw_actions(rng, n)
    return y_true[:, 0, :2], y_pred[:, 0]


def draw_tokens(rng, n):
    y_true, y_pred = draw_actions(rng, n)
    reference = y_pred + 0.8 * rng.normal(size=y_pred.shape).astype("float32")
    return np.concatenate([y_true, reference[..., None]], axis=-1), y_pred


def draw_tokens_without_reference(rng, n):
    y_true, y_pred = draw_tokens(rng, n)
    return y_true[..., :3], y_pred


def action_extremes():
    """Log-probabilities that are far from each other, with a good, a bad and no advantage."""
    old, new = np.repeat(hard_pairs(), 3, axis=0)[..., None].transpose(1, 0, 2) * np.ones(3, "float32")
    advantage = np.tile([1000.0, -1000.0, 0.0], len(old) // 3)[:, None] * np.ones(3)
    return np.stack([old, advantage, np.ones_like(old), new[::-1]], -1).astype("float32"), new


def ppo_clip(y, p, clip=0.2, clip_high=None, dual_clip=None):
    values = np.empty_like(p)
    for i in np.ndindex(*p.shape):
        old, advantage, *valid = y[i]
        value = gain(mpmath.exp(min(p[i] - old, 80)), advantage, clip, clip_high)
        if dual_clip is not None and advantage < 0:
            value = max(value, dual_clip * advantage)
        values[i] = -value if not valid or valid[0] else mpmath.mpf(0)
    return values


def token_gain(p, log_ratio, advantage, loss_type, clip, clip_high, temperature, negative_temperature):
    """What a token adds to the objective."""
    ratio = mpmath.exp(log_ratio)
    if loss_type == "clip":
        return gain(ratio, advantage, clip, clip_high)
    if loss_type == "cispo":
        return fixed(min(ratio, 1 + mpmath.mpf(clip_high))) * advantage * p
    t = mpmath.mpf(temperature if advantage > 0 else negative_temperature)
    return 2 * (1 + mpmath.tanh(t * (ratio - 1) / 2)) * advantage / t


def grpo(
    y,
    p,
    beta=0.04,
    clip=0.2,
    clip_high=None,
    level="token",
    average="sequences",
    loss_type="clip",
    temperature=1.0,
    negative_temperature=1.05,
):
    """Sequence by sequence and token by token, of the tokens that are not padding."""
    results = []
    for rows, scores in zip(y, p, strict=True):
        tokens = [t for t in range(len(scores)) if rows[t][2]]
        logs = {t: min(scores[t] - rows[t][0], 80) for t in tokens}
        values = [mpmath.mpf(0)] * len(scores)
        for t in tokens:
            log_ratio = logs[t] if level == "token" else sum(logs.values()) / len(tokens)
            arguments = (loss_type, clip, clip_high, temperature, negative_temperature)
            values[t] = -token_gain(scores[t], log_ratio, rows[t][1], *arguments)
            if beta:
                d = min(rows[t][3] - scores[t], 80)
                values[t] += mpmath.mpf(beta) * (mpmath.exp(d) - 1 - d)
        if average == "tokens":
            results.append(values)
        else:
            results.append(sum(values) / (len(scores) if average == "length" else max(len(tokens), 1)))
    return np.array(results, object)


ACTIONS = np.array([[[-1, 2, 1], [-1, 2, 1], [-1, 2, 0]]], "float32")
TOKENS = np.concatenate([ACTIONS, np.array([[[-1.1], [-0.9], [-1]]], "float32")], axis=-1)
TAKEN = np.array([[-0.5, -1.2, -3]], "float32")

CISPO, SAPO = {"loss_type": "cispo", "clip_high": 0.5}, {"loss_type": "sapo"}
EACH, NEAR = {"average": "tokens", "reduction": None}, {"average": "tokens", "beta": 0.0}

CASES = [
    Case(
        K.PPOClip,
        draw_actions,
        ppo_clip,
        variants=[{"clip": 0.5}, {"clip_high": 0.6}, {"dual_clip": 1.4}],
        known=[
            ({"reduction": None}, ACTIONS, TAKEN, [[-2.4, -1.637461506156, 0]]),
            ({}, ACTIONS, TAKEN, (-2.4 - 1.637461506156) / 2),
            ({}, ACTIONS[..., :2][:, :2], TAKEN[:, :2], (-2.4 - 1.637461506156) / 2),
        ],
        bad=[{"clip": 0.0}, {"clip": 1.0}, {"clip_high": 0.0}, {"dual_clip": 1.0}],
        extremes=lambda: (action_extremes()[0][..., :3], action_extremes()[1]),
        kinks=[
            ({}, [[[-1.0, 2.0], [-1.0, -2.0], [-1.0, 0.0]]], [[-1.0, -1.0, -1.0]], [[-2, 2, 0]]),
            ({}, [[[-1.0, 2.0], [-1.0, -2.0]]], [[0.0, -2.0]], [[0, 0]]),
            ({"dual_clip": 2.0}, [[[-2.0, -1.0], [-2.0, -1.0]]], [[0.0, -2.0]], [[0, 1]]),
        ],
    ),
    Case(
        K.PPOClip,
        draw_one_action,
        ppo_clip,
        arguments={"clip": 0.1},
        extremes=lambda: (action_extremes()[0][:, 0, :2], action_extremes()[1][:, 0]),
        exempt={"shapes_that_only_broadcast_are_refused": Exempt("there is no second axis to cut")},
    ),
    Case(
        K.GRPO,
        draw_tokens,
        grpo,
        variants=[
            {"beta": 0.5},
            {"clip": 0.5},
            {"clip_high": 0.6},
            {"level": "sequence"},
            {"average": "tokens"},
            {"average": "length"},
            {"average": "tokens", "level": "sequence", "beta": 0.0},
            {"loss_type": "cispo", "clip_high": 0.5},
            {"loss_type": "sapo"},
            {"loss_type": "sapo", "temperature": 2.0},
            {"loss_type": "sapo", "negative_temperature": 0.5, "average": "length"},
        ],
        known=[
            ({}, TOKENS, TAKEN, -2.014757344205),
            (
                {"average": "tokens", "reduction": None},
                TOKENS,
                TAKEN,
                [[-2.394047534556, -1.635467153853, 0]],
            ),
            ({"average": "tokens"}, TOKENS, TAKEN, -2.014757344205),
            ({"average": "length"}, TOKENS, TAKEN, -1.343171562803),
            ({"level": "sequence"}, TOKENS, TAKEN, -2.319695076583),
            (CISPO, TOKENS, TAKEN, 1.736450312567),
            (CISPO | EACH, TOKENS, TAKEN, [[1.505952465444, 1.966948159690, 0]]),
            (SAPO, TOKENS, TAKEN, -4.442141056713),
            (SAPO | EACH, TOKENS, TAKEN, [[-5.247825503525, -3.636456609902, 0]]),
            (SAPO, TOKENS * [1, -1, 1, 1], TAKEN, 4.257523524939),
        ],
        bad=[
            {"beta": -0.1},
            {"clip": 1.0},
            {"clip_high": -1.0},
            {"level": "word"},
            {"average": "mean"},
            {"loss_type": "ppo"},
            {"loss_type": "cispo"},
            {"clip_high": 0.0, "loss_type": "cispo"},
            {"loss_type": "cispo", "clip_high": 0.5, "level": "sequence"},
            {"loss_type": "sapo", "level": "sequence"},
            {"temperature": 0.0},
            {"negative_temperature": -1.0},
        ],
        extremes=action_extremes,
        kinks=[
            ({"beta": 1.0}, [[[-1.0, 2.0, 1, -1.0], [-1.0, -2.0, 1, -1.0]]], [[-1.0, -1.0]], [[-1, 1]]),
            ({"average": "length"}, [[[-1.0, 2.0, 1, 0], [0, 0, 0, 0]]], [[0.0, 1.0]], [[0, 0]]),
            # At ratio 1 those of "clip"; beyond the bound that of the bound; at e^80 none.
            (CISPO | NEAR, [[[-1.0, 2.0, 1, 0], [-1.0, -2.0, 1, 0]]], [[-1.0, -1.0]], [[-2, 2]]),
            (CISPO | NEAR, [[[-1.0, 2.0, 1, 0], [-1.0, -2.0, 1, 0]]], [[0.0, 200.0]], [[-3, 3]]),
            (SAPO | NEAR, [[[-1.0, 2.0, 1, 0], [-1.0, -2.0, 1, 0]]], [[-1.0, -1.0]], [[-2, 2]]),
            (SAPO | NEAR, [[[-1.0, 2.0, 1, 0], [-1.0, -2.0, 1, 0]]], [[78.0, 200.0]], [[0, 0]]),
        ],
    ),
    Case(
        K.GRPO,
        draw_tokens,
        grpo,
        arguments={"average": "tokens"},
        extremes=action_extremes,
    ),
    Case(K.GRPO, draw_tokens, grpo, arguments=CISPO, extremes=action_extremes),
    Case(
        K.GRPO,
        draw_tokens,
        grpo,
        arguments={"loss_type": "sapo", "temperature": 3.0, "average": "tokens"},
        extremes=action_extremes,
    ),
    Case(
        K.GRPO,
        draw_tokens_without_reference,
        grpo,
        arguments={"beta": 0, "average": "length", "level": "sequence"},
        extremes=lambda: (action_extremes()[0][..., :3], action_extremes()[1]),
    ),
]
