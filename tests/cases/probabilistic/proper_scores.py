"""Cases of `kerasloss/losses/probabilistic/proper_scores.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.distribution import LOG_2, PI, at, hard, normal, one, positive, rows

erfc = np.frompyfunc(mpmath.erfc, 1, 1)
FAIR = [{"fair": 1.1}, {"fair": -0.1}, {"fair": None}]


def interval(y, p, alpha=0.05):
    lower, upper = p[..., 0], p[..., 1]
    value = upper - lower
    value = value + np.where(y < lower, 2 / mpmath.mpf(alpha) * (lower - y), 0)
    return m.mean(value + np.where(y > upper, 2 / mpmath.mpf(alpha) * (y - upper), 0))


def gaussian_crps(y, p, link="log", epsilon=1e-6):
    """Of two independent normal x and x': E|x - y| - E|x - x'| / 2."""
    u, s = p[..., 0] - y, positive(p[..., 1], link, epsilon)
    below = erfc(u / (s * m.sqrt(2))) / 2  # P(x < y)
    to_target = 2 * s * s * normal(u, 0, s) + u * (1 - 2 * below)
    return m.mean(to_target - s / m.sqrt(PI))


def pairwise(x, y, fair, length):
    """The score of members in the last axis of x, by sums over members and pairs."""
    count = x.shape[-1]
    to_target = sum(length(x[..., i] - y) for i in range(count)) / mpmath.mpf(count)
    between = sum(length(x[..., i] - x[..., j]) for i in range(count) for j in range(count))
    biased = between / mpmath.mpf(2 * count**2)
    unbiased = between / mpmath.mpf(2 * count * (count - 1)) if fair else 0
    return to_target - mpmath.mpf(fair) * unbiased - (1 - mpmath.mpf(fair)) * biased


def ensemble_crps(y, p, fair=False):
    return m.mean(pairwise(p, y, fair, abs))


def energy(y, p, beta=1.0, fair=False):
    def length(x):
        return np.sum(x * x, axis=-1) ** (mpmath.mpf(beta) / 2)

    return pairwise(p, y, fair, length)


def draw_bounds(rng, n, d=3):
    """Targets inside, below and above, and a few bounds in the wrong order."""
    y_true = 2 * rng.normal(size=(n, d))
    bounds = rng.normal(size=(n, d, 1)) + np.array([-1.0, 1.0]) * rng.normal(1, 1, size=(n, d, 1))
    return y_true.astype("float32"), bounds.astype("float32")


def draw_members(rng, n, d=3, count=4):
    y_true, y_pred = 2 * rng.normal(size=(n, d)), 2 * rng.normal(size=(n, d, count))
    return y_true.astype("float32"), y_pred.astype("float32")


PLANE = np.array([[0.0, 0.0]]), np.array([[[3.0, 0.0], [4.0, 0.0]]])

CASES = [
    Case(
        K.IntervalScore,
        draw_bounds,
        interval,
        variants=[{"alpha": 0.5}],
        known=[
            ({"alpha": 0.1}, *one(0, 3), 3.0),
            ({"alpha": 0.1}, np.array([4.0]), np.array([[0.0, 3.0]]), 23.0),
        ],
        bad=[{"alpha": 0.0}, {"alpha": 1.0}, {"alpha": -0.1}, {"alpha": "0.1"}],
        extremes=hard(2),
        kinks=[
            at(1.0, [1.0, 2.0], [-1.0, 1.0]),
            at(2.0, [1.0, 2.0], [-1.0, 1.0]),
            at(0.0, [1.0, -1.0], [39.0, -39.0]),  # in the wrong order both penalties hold
        ],
    ),
    *rows(
        K.GaussianCRPS,
        gaussian_crps,
        1,
        known=[({}, *one(0, LOG_2), 0.6628070625), ({"link": "variance"}, *one(0, 4), 0.6628070625)],
        kinks=[
            at(0.0, [0.0, 0.0], [0.0, np.sqrt(2 / np.pi) - 1 / np.sqrt(np.pi)]),
            at(1.0, [0.0, -1e4], [-1.0, -1e-6 / np.sqrt(np.pi)]),
            at(1e30, [0.0, -5.0], [-1.0, -1 / np.sqrt(np.pi)], link="identity"),
        ],
    ),
    Case(
        K.EnsembleCRPS,
        draw_members,
        ensemble_crps,
        variants=[{"fair": True}, {"fair": 0.95}],
        known=[
            ({}, *one(0, 2, 4), 0.7777777778),
            ({"fair": True}, *one(0, 2, 4), 0.3333333333),
            ({"fair": 0.95}, *one(0, 2, 4), 0.3555555556),
        ],
        bad=FAIR,
        extremes=hard(3),
        kinks=[
            at(1.0, [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]),
            at(1.0, [3.0], [1.0]),
            at(1.0, [1.0], [0.0]),
            at(0.0, [1.0, -1.0], [0.0, 0.0], fair=True),
        ],
    ),
    Case(
        K.EnergyScore,
        draw_members,
        energy,
        variants=[{"beta": 0.5}, {"beta": 1.5}, {"fair": True}, {"fair": 0.25}],
        known=[({}, *PLANE, 1.25), ({"fair": True}, *PLANE, 0.0)],
        bad=[{"beta": 0.0}, {"beta": 2.0}, {"beta": -1}, {"beta": "1"}, *FAIR],
        extremes=hard(3),
        kinks=[
            # Equal members on and off the target: the pairs pull at nothing.
            ({"beta": beta}, np.zeros((1, 2)), np.zeros((1, 2, 3)), np.zeros((1, 2, 3)))
            for beta in (0.5, 1.0, 1.5)
        ]
        + [({}, np.zeros((1, 2)), np.array([[[3.0] * 2, [4.0] * 2]]), [[[0.3] * 2, [0.4] * 2]])],
    ),
]
