"""Cases of the losses of preferences and of policies."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.precise import exp, log

BETWEEN = np.array([[-0.5, -1.2]], "float32")
POLICY, REFERENCE = np.array([[-10, -12]], "float32"), np.array([[-11, -11]], "float32")
NUMBERS = np.array([0, 1, -1, 1e4, -1e4, 1e-40, -1e-20, -1e-7, 0.5], "float32")
IGNORES_Y_TRUE = {
    "shapes_that_only_broadcast_are_refused": Exempt("y_true is ignored, whatever its shape"),
}


def draw_pairs(rng, n):
    """Sums of log-probabilities, of the reference and of a policy that has moved away from it."""
    y_true = -rng.uniform(2, 12, (n, 2))
    return y_true.astype("float32"), (y_true + 3 * rng.normal(size=(n, 2))).astype("float32")


def draw_all_four(rng, n):
    y_true, y_pred = draw_pairs(rng, n)
    return np.zeros(n, "float32"), np.concatenate([y_pred, y_true], axis=1)


def draw_averages(rng, n):
    return np.zeros(n, "float32"), -rng.uniform(0.05, 3, (n, 2)).astype("float32")


def draw_labels(rng, n):
    labels = np.arange(n) % 2
    return labels.astype("float32"), rng.normal(size=(n, 2)).astype("float32")


def draw_soft_labels(rng, n):
    return rng.uniform(size=n).astype("float32"), rng.normal(size=(n, 2)).astype("float32")


def draw_judged(rng, n):
    """The mismatched completions gain on average, so that z is above 0."""
    reference, gain = -rng.uniform(2, 12, (n, 2)), rng.normal(size=(n, 2)) + [0, 2]
    y_true = np.concatenate([np.arange(n)[:, None] % 2, reference], axis=1)
    return y_true.astype("float32"), (reference + gain).astype("float32")


def draw_judged_alone(rng, n):
    y_true, y_pred = draw_judged(rng, n)
    return y_true[:, :2], y_pred[:, :1]


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


def hard_pairs():
    return np.stack(np.meshgrid(NUMBERS, NUMBERS), -1).reshape(-1, 2)


def pair_extremes():
    """Every pair of hard numbers against every other one of them."""
    pairs = hard_pairs()
    return pairs[::-1].copy(), pairs


def all_four_extremes():
    y_true, y_pred = pair_extremes()
    return np.zeros(len(y_pred), "float32"), np.concatenate([y_pred, y_true], axis=1)


def label_extremes():
    pairs = hard_pairs()
    return (np.arange(len(pairs)) % 3 / 2).astype("float32"), pairs


def judged_extremes():
    y_true, y_pred = pair_extremes()
    return np.concatenate([np.arange(len(y_pred))[:, None] % 2, y_true], 1).astype("float32"), y_pred


def judged_alone_extremes():
    y_true, y_pred = judged_extremes()
    return y_true[:, :2], y_pred[:, :1]


def action_extremes():
    """Log-probabilities that are far from each other, with a good, a bad and no advantage."""
    old, new = np.repeat(hard_pairs(), 3, axis=0)[..., None].transpose(1, 0, 2) * np.ones(3, "float32")
    advantage = np.tile([1000.0, -1000.0, 0.0], len(old) // 3)[:, None] * np.ones(3)
    return np.stack([old, advantage, np.ones_like(old), new[::-1]], -1).astype("float32"), new


def S(x):
    return -log(1 + exp(-x))


def s(x):
    return 1 / (1 + exp(-x))


def positive(x):
    return np.array([max(v, mpmath.mpf(0)) for v in x], object)


def dpo(y, p, beta=0.1, loss_type="sigmoid", label_smoothing=0.0):
    if p.shape[1] == 4:
        y, p = p[:, 2:], p[:, :2]
        y = np.array([[mpmath.mpf(float(v)) for v in row] for row in y], object)  # no gradient
    beta, e = mpmath.mpf(beta), mpmath.mpf(label_smoothing)
    a, b = p[:, 0] - y[:, 0], p[:, 1] - y[:, 1]
    x = beta * (a - b)
    values = {
        "sigmoid": lambda: -(1 - e) * S(x) - e * S(-x),
        "hinge": lambda: positive(1 - x),
        "ipo": lambda: (a - b - 1 / (2 * beta)) ** 2,
        "robust": lambda: (-(1 - e) * S(x) + e * S(-x)) / (1 - 2 * e),
        "exo_pair": lambda: s(x) * log(s(x) / (1 - e)) + s(-x) * log(s(-x) / e),
        "nca_pair": lambda: -log(s(beta * a)) - log(1 - s(beta * a)) / 2 - log(1 - s(beta * b)) / 2,
        "bco_pair": lambda: -log(s(beta * a)) - log(1 - s(beta * b)),
        "sppo_hard": lambda: (a - 1 / (2 * beta)) ** 2 + (b + 1 / (2 * beta)) ** 2,
        "apo_zero": lambda: 1 - s(beta * a) + s(beta * b),
        "apo_down": lambda: s(beta * a) + 1 - s(x),
    }
    return values[loss_type]()


def kto(y, p, beta=0.1, desirable_weight=1.0, undesirable_weight=1.0):
    z = mpmath.mpf(0)
    if p.shape[1] == 2:
        # The value of z without its gradient: floats forget the step of a difference quotient.
        z = max(z, sum(mpmath.mpf(float(a)) - b for a, b in zip(p[:, 1], y[:, 2], strict=True)) / len(p))
    values = []
    for label, reward in zip(y[:, 0], p[:, 0] - y[:, 1], strict=True):
        v = 1 / (1 + mpmath.exp(-mpmath.mpf(beta) * ((reward - z) if label else (z - reward))))
        values.append((desirable_weight if label else undesirable_weight) * (1 - v))
    return np.array(values, object)


def orpo(y, p, beta=0.1, alpha=1.0):
    clipped = np.array([[min(v, mpmath.mpf("-1e-7")) for v in row] for row in p], object)
    odds = exp(clipped) / (1 - exp(clipped))
    return -alpha * p[:, 0] + mpmath.mpf(beta) * log(1 + odds[:, 1] / odds[:, 0])


def cpo(y, p, beta=0.1, alpha=1.0, label_smoothing=0.0):
    return dpo(0 * p, p, beta, "sigmoid", label_smoothing) - alpha * p[:, 0]


def simpo(y, p, beta=2.0, gamma=0.5, label_smoothing=0.0):
    e, lead = mpmath.mpf(label_smoothing), exp(beta * (p[:, 1] - p[:, 0]) + gamma)
    return (1 - e) * log(1 + lead) + e * log(1 + 1 / lead)


def bradley_terry(y, p, margin=0.0, center=0.0):
    strength = exp(p)
    first = strength[:, 0] / (strength[:, 0] + mpmath.exp(margin) * strength[:, 1])
    second = strength[:, 1] / (strength[:, 1] + mpmath.exp(margin) * strength[:, 0])
    return -y * log(first) - (1 - y) * log(second) + mpmath.mpf(center) * np.sum(p, axis=1) ** 2


def gain(ratio, advantage, clip, clip_high):
    high = 1 + (clip if clip_high is None else clip_high)
    return min(ratio * advantage, sorted([mpmath.mpf(1) - clip, ratio, high])[1] * advantage)


def ppo_clip(y, p, clip=0.2, clip_high=None, dual_clip=None):
    values = np.empty_like(p)
    for i in np.ndindex(*p.shape):
        old, advantage, *valid = y[i]
        value = gain(mpmath.exp(min(p[i] - old, 80)), advantage, clip, clip_high)
        if dual_clip is not None and advantage < 0:
            value = max(value, dual_clip * advantage)
        values[i] = -value if not valid or valid[0] else mpmath.mpf(0)
    return values


def grpo(y, p, beta=0.04, clip=0.2, clip_high=None, level="token", average="sequences"):
    """Sequence by sequence and token by token, of the tokens that are not padding."""
    results = []
    for rows, scores in zip(y, p, strict=True):
        tokens = [t for t in range(len(scores)) if rows[t][2]]
        logs = {t: min(scores[t] - rows[t][0], 80) for t in tokens}
        values = [mpmath.mpf(0)] * len(scores)
        for t in tokens:
            log_ratio = logs[t] if level == "token" else sum(logs.values()) / len(tokens)
            values[t] = -gain(mpmath.exp(log_ratio), rows[t][1], clip, clip_high)
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
DPO_TYPES = [
    ("sigmoid", 0.0, 0.598138869382),
    ("hinge", 0.0, 0.8),
    ("ipo", 0.0, 9.0),
    ("robust", 0.1, 0.573138869382),
    ("exo_pair", 1e-3, 2.422014620662),
    ("nca_pair", 0.0, 1.338793320147),
    ("bco_pair", 0.0, 1.288793320147),
    ("sppo_hard", 0.0, 32.0),
    ("apo_zero", 0.0, 0.950041625042),
    ("apo_down", 0.0, 0.975145190166),
]

CASES = [
    Case(
        K.DPO,
        draw_pairs,
        dpo,
        variants=[
            {"beta": 0.5},
            {"label_smoothing": 0.2},
            *({"loss_type": t, "label_smoothing": e} for t, e, _ in DPO_TYPES[1:]),
        ],
        known=[({"loss_type": t, "label_smoothing": e}, REFERENCE, POLICY, v) for t, e, v in DPO_TYPES],
        bad=[
            {"beta": 0.0},
            {"loss_type": "kl"},
            {"label_smoothing": 0.5},
            {"label_smoothing": -0.1},
            {"label_smoothing": 0.1, "loss_type": "hinge"},
            {"label_smoothing": 0.0, "loss_type": "exo_pair"},
        ],
        extremes=pair_extremes,
        kinks=[
            ({"loss_type": "hinge", "beta": 1.0}, [[0.0, 0.0]], [[1.0, 0.0]], [[0, 0]]),
            ({"beta": 1.0}, [[0.0, 0.0]], [[0.0, 0.0]], [[-0.5, 0.5]]),
            ({"beta": 1.0}, [[0.0, 0.0]], [[-1e4, 1e4]], [[-1, 1]]),
            ({"loss_type": "apo_zero", "beta": 1.0}, [[0.0, 0.0]], [[1e4, -1e4]], [[0, 0]]),
        ],
        kind="pair",
    ),
    *(
        Case(
            K.DPO,
            draw_pairs,
            dpo,
            arguments={"loss_type": loss_type, "label_smoothing": share},
            variants=[{"beta": 1.0}],
            extremes=pair_extremes,
            kind="pair",
        )
        for loss_type, share, _ in DPO_TYPES[1:]
    ),
    Case(
        K.DPO,
        draw_all_four,
        dpo,
        arguments={"label_smoothing": 0.1},
        known=[({"label_smoothing": 0.0}, [0.0], np.concatenate([POLICY, REFERENCE], 1), 0.598138869382)],
        extremes=all_four_extremes,
        kinks=[({"beta": 1.0, "label_smoothing": 0.0}, [0.0], [[1.0, 2.0, 1.0, 2.0]], [[-0.5, 0.5, 0, 0]])],
        kind="pair",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.KTO,
        draw_judged,
        kto,
        variants=[{"beta": 0.5}, {"desirable_weight": 1.5}, {"undesirable_weight": 0.5}],
        known=[
            (
                {"reduction": None},
                [[1, -11, -9], [0, -11, -9]],
                np.array([[-10, -8.5], [-12, -9]]),
                [0.481258784121, 0.468790626626],
            ),
        ],
        bad=[{"beta": -1.0}, {"desirable_weight": -0.5}, {"undesirable_weight": np.inf}],
        extremes=judged_extremes,
        kinks=[
            ({"beta": 1.0}, [[1.0, 0, 0], [0.0, 0, 0]], [[0.0, 0], [0, 0]], [[-0.25, 0], [0.25, 0]]),
            ({"beta": 1.0}, [[1.0, 0, 0]], [[1.0, 1.0]], [[-0.25, 0]]),
        ],
        kind="pair",
        scope="anchor",
        exempt={
            "sample_weights": Exempt("a row of weight 0 has no part in z: see test_preference"),
        },
    ),
    Case(
        K.KTO,
        draw_judged_alone,
        kto,
        variants=[{"beta": 0.5}, {"desirable_weight": 1.5}, {"undesirable_weight": 0.5}],
        extremes=judged_alone_extremes,
        kind="pair",
    ),
    Case(
        K.ORPO,
        draw_averages,
        orpo,
        variants=[{"beta": 1.0}, {"alpha": 0.0}],
        known=[({}, [0.0], BETWEEN, 0.524655311348)],
        bad=[{"beta": -0.1}, {"alpha": -1.0}],
        extremes=label_extremes,
        kinks=[
            ({"alpha": 0.5}, [0.0], [[0.0, 0.0]], [[-0.5, 0]]),  # beyond the clip of the odds
            ({"alpha": 0.0, "beta": 1.0}, [0.0], [[-1e-3, -1e-3]], [[-500.25004167, 500.25004167]]),
        ],
        kind="pair",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.CPO,
        draw_averages,
        cpo,
        variants=[{"beta": 0.5}, {"alpha": 0.2}, {"label_smoothing": 0.2}],
        known=[({}, [0.0], POLICY, 10.598138869382)],
        bad=[{"beta": 0.0}, {"alpha": -1.0}, {"label_smoothing": 0.5}],
        extremes=label_extremes,
        kinks=[({"beta": 1.0, "alpha": 0.0}, [0.0], [[1e4, -1e4]], [[0, 0]])],
        kind="pair",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.SimPO,
        draw_averages,
        simpo,
        variants=[{"beta": 1.0}, {"gamma": 0.0}, {"label_smoothing": 0.2}],
        known=[({}, [0.0], BETWEEN, 0.341153874732)],
        bad=[{"beta": 0.0}, {"gamma": -0.5}, {"label_smoothing": 1.0}],
        extremes=label_extremes,
        kinks=[({"beta": 1.0, "gamma": 0.0}, [0.0], [[-1e4, 1e4]], [[-1, 1]])],
        kind="pair",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.BradleyTerry,
        draw_labels,
        bradley_terry,
        variants=[{"margin": 0.4}, {"center": 0.1}],
        known=[
            ({}, [1.0], np.array([[1.0, 0.5]]), 0.474076984180),
            ({}, [[0.0]], np.array([[1.0, 0.5]]), 0.974076984180),
            ({"margin": 0.2, "center": 0.01}, [1.0], np.array([[1.0, 0.5]]), 0.576855244469),
        ],
        bad=[{"margin": -0.1}, {"center": -0.1}],
        extremes=label_extremes,
        kinks=[({}, [0.5, 1.0], [[1.0, 1.0], [-1e4, 1e4]], [[0, 0], [-1, 1]])],
        kind="pair",
    ),
    Case(
        K.BradleyTerry,
        draw_soft_labels,
        bradley_terry,
        arguments={"margin": 0.3, "center": 0.01},
        extremes=label_extremes,
        kind="pair",
    ),
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
        kind="token",
    ),
    Case(
        K.PPOClip,
        draw_one_action,
        ppo_clip,
        arguments={"clip": 0.1},
        extremes=lambda: (action_extremes()[0][:, 0, :2], action_extremes()[1][:, 0]),
        kind="token",
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
        ],
        bad=[
            {"beta": -0.1},
            {"clip": 1.0},
            {"clip_high": -1.0},
            {"level": "word"},
            {"average": "mean"},
        ],
        extremes=action_extremes,
        kinks=[
            ({"beta": 1.0}, [[[-1.0, 2.0, 1, -1.0], [-1.0, -2.0, 1, -1.0]]], [[-1.0, -1.0]], [[-1, 1]]),
            ({"average": "length"}, [[[-1.0, 2.0, 1, 0], [0, 0, 0, 0]]], [[0.0, 1.0]], [[0, 0]]),
        ],
        kind="token",
    ),
    Case(
        K.GRPO,
        draw_tokens,
        grpo,
        arguments={"average": "tokens"},
        extremes=action_extremes,
        kind="token",
    ),
    Case(
        K.GRPO,
        draw_tokens_without_reference,
        grpo,
        arguments={"beta": 0, "average": "length", "level": "sequence"},
        extremes=lambda: (action_extremes()[0][..., :3], action_extremes()[1]),
        kind="token",
    ),
]
