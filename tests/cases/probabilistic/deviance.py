"""Cases of `kerasloss/losses/probabilistic/deviance.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.distribution import BAD, CLIPPED, PI, lgamma, log1p, positive

COUNTS = np.array([[1.0, 2.0, 3.0]])
LOGITS = np.array([[0.0, 1.0, 1.0]])
LINKED = [{"link": "variance"}, *BAD]


def poisson(y, p, link="identity", full=False, epsilon=1e-7):
    if link == "log":
        log_rate = np.minimum(p, 40)
        value = m.exp(log_rate) - y * log_rate
    else:
        rate = log1p(m.exp(p)) if link == "softplus" else np.maximum(p, 0)
        value = rate - np.where(y == 0, 0, y * m.log(rate + mpmath.mpf(epsilon)))
    if full == "stirling":
        value = value + np.where(y > 1, y * m.log(y) - y + m.log(2 * PI * y) / 2, 0)
    elif full:
        value = value + lgamma(y + 1)
    return m.mean(value)


def gamma_deviance(y, p, link="identity", epsilon=1e-7):
    """Twice the log-likelihood ratio of the exponential distribution."""
    mean = positive(p, link, epsilon)
    return m.mean(2 * (m.log(mean) + y / mean - (m.log(y) + 1)))


def tweedie(y, p, power=1.5, link="identity", epsilon=1e-7):
    if power == 0:
        mean = p if link == "identity" else positive(p, link, epsilon)
        return m.mean((y - mean) ** 2)
    mean, q = positive(p, link, epsilon), mpmath.mpf(power)
    if power == 1:
        return m.mean(2 * (np.where(y == 0, 0, y * m.log(y / mean)) - y + mean))
    if power == 2:
        return gamma_deviance(y, p, link, epsilon)
    y_only = np.where(y == 0, 0, np.where(y == 0, 1, y) ** (2 - q)) / ((1 - q) * (2 - q))
    return m.mean(2 * (y_only - y * mean ** (1 - q) / (1 - q) + mean ** (2 - q) / (2 - q)))


def counts(logarithm=False):
    def draw(rng, n, d=5):
        log_rate = rng.uniform(-1, 3, size=(n, d))
        y_true = rng.poisson(np.exp(rng.uniform(-1, 3, size=(n, d))))
        y_true[:, 0] *= rng.integers(0, 2, size=n)
        y_pred = log_rate if logarithm else np.exp(log_rate)
        return y_true.astype("float32"), y_pred.astype("float32")

    return draw


def amounts(logarithm=False, zeros=False):
    """Positive targets, some of them 0 if asked for."""

    def draw(rng, n, d=5):
        log_y, log_mean = rng.normal(size=(2, n, d))
        y_true = np.exp(log_y)
        if zeros:
            y_true[:, 0] *= rng.integers(0, 2, size=n)
        y_pred = log_mean if logarithm else np.exp(log_mean)
        return y_true.astype("float32"), y_pred.astype("float32")

    return draw


def extremes(*targets):
    def grid():
        y_true, y_pred = np.meshgrid(targets, (0.0, 1.0, -1.0, 1e4, -1e4, 1e-40, -1e-20, 1e-7, 0.5))
        return y_true.astype("float32").reshape(-1, 1), y_pred.astype("float32").reshape(-1, 1)

    return grid


def kink(y, p, gradient, **arguments):
    return (arguments, np.array([[y]], "float32"), np.array([[p]]), np.array([[gradient]]))


def number(y, mean):
    return np.array([[float(y)]]), np.array([[float(mean)]])


COUNT_EXTREMES = extremes(0.0, 1.0, 1e4, 1e-40, 1e-20, 0.5, 1e8)
AMOUNT_EXTREMES = extremes(1e-30, 1e-20, 1e-7, 0.5, 1.0, 1e4, 1e8)
TIES = [kink(2.0, 2.0, 0.0), kink(2.0, float(np.log(np.float32(2.0))), 0.0, link="log")]

CASES = [
    Case(
        K.Poisson,
        counts(),
        poisson,
        variants=[
            {"epsilon": 0.5},
            {"epsilon": 0.0},
            {"link": "softplus"},
            {"full": True},
            {"full": "stirling"},
            {"full": True, "link": "softplus", "epsilon": 0.25},
            {"full": True, "epsilon": 0.0},
        ],
        known=[
            ({}, COUNTS, np.array([[1.0, 3.0, 3.0]]), 0.5023127633),
            ({"epsilon": 0.0}, COUNTS, np.array([[1.0, 3.0, 3.0]]), 0.5023128522),
            ({"link": "log"}, COUNTS, LOGITS, 0.4788545523),
            ({"link": "log", "full": True}, COUNTS, LOGITS, 1.3071567689),
            ({"link": "log", "full": "stirling"}, COUNTS, LOGITS, 1.2841505617),
        ],
        bad=[
            {"link": "exp"},
            {"full": "yes"},
            {"full": 1},
            {"epsilon": -1e-7},
            {"epsilon": float("inf")},
        ],
        extremes=COUNT_EXTREMES,
        kinks=[
            kink(2.0, 0.0, 1 - 2 / np.float32(1e-7)),
            kink(2.0, -3.0, 1 - 2 / np.float32(1e-7)),
            kink(0.0, 0.0, 1.0, epsilon=0.0),
            kink(0.0, 0.0, 1.0, epsilon=0.0, full=True),
            kink(3.0, -1e4, -3.0, link="log"),
            kink(3.0, -1e4, -3.0, link="log", full=True),
            kink(0.0, 50.0, float(np.exp(40)), link="log"),
        ],
    ),
    Case(
        K.Poisson,
        counts(logarithm=True),
        poisson,
        arguments={"link": "log"},
        variants=[{"full": True}, {"full": "stirling"}],
        extremes=COUNT_EXTREMES,
    ),
    Case(
        K.GammaDeviance,
        amounts(),
        gamma_deviance,
        variants=[{"epsilon": 1.0}, {"link": "softplus"}],
        known=[({}, *number(2, 1), 0.6137056389), ({}, *number(0.3, 0.3), 0.0)],
        bad=LINKED,
        extremes=AMOUNT_EXTREMES,
        kinks=[*TIES, kink(1.0, -3.0, 2 * (1e7 - 1e14)), kink(1.0, -1e4, 2 - 2e7, link="log")],
        exempt=CLIPPED,
    ),
    Case(
        K.GammaDeviance,
        amounts(logarithm=True),
        gamma_deviance,
        arguments={"link": "log"},
        extremes=AMOUNT_EXTREMES,
    ),
    Case(
        K.Tweedie,
        amounts(zeros=True),
        tweedie,
        variants=[
            {"power": 0},
            {"power": 1},
            {"power": 1.01},
            {"power": 1.9},
            {"power": 0, "link": "softplus"},
            {"epsilon": 1.0},
            {"link": "softplus"},
        ],
        known=[
            ({}, *number(2, 1), 0.6862915010),
            ({}, *number(0, 1), 4.0),
            ({"power": 1}, *number(2, 1), 0.7725887222),
            ({"power": 2}, *number(2, 1), 0.6137056389),
            ({"power": 0}, *number(2, -1), 9.0),
        ],
        bad=[{"power": -1.0}, {"power": 0.5}, {"power": "1"}, {"power": float("inf")}, *LINKED],
        extremes=extremes(0.0, 1e-30, 1e-7, 0.5, 1.0, 1e4, 1e8),
        kinks=[
            *TIES,
            kink(2.0, 2.0, 0.0, power=1),
            kink(2.0, 2.0, 0.0, power=3),
            kink(0.0, 4.0, 1.0),
            kink(0.0, 0.0, 2 / np.sqrt(np.float32(1e-7))),
            kink(2.0, 2.0, 0.0, power=0),
        ],
        exempt=CLIPPED,
    ),
    Case(
        K.Tweedie,
        amounts(logarithm=True),
        tweedie,
        arguments={"link": "log", "power": 3},
        variants=[{"power": 2}, {"power": 2.001}, {"power": 1.5}],
        extremes=extremes(1e-7, 0.5, 1.0, 1e4, 1e8),
    ),
]
