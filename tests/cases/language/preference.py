"""Cases of `kerasloss/losses/language/preference.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.preference import hard_pairs
from tests.precise import exp, log

BETWEEN = np.array([[-0.5, -1.2]], "float32")
POLICY, REFERENCE = np.array([[-10, -12]], "float32"), np.array([[-11, -11]], "float32")
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
    ),
    *(
        Case(
            K.DPO,
            draw_pairs,
            dpo,
            arguments={"loss_type": loss_type, "label_smoothing": share},
            variants=[{"beta": 1.0}],
            extremes=pair_extremes,
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
    ),
    Case(
        K.BradleyTerry,
        draw_soft_labels,
        bradley_terry,
        arguments={"margin": 0.3, "center": 0.01},
        extremes=label_extremes,
    ),
]
