"""Cases of `kerasloss/losses/sequence/warping.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case

STEPS, OTHER = np.array([[0.0, 1, 2]], "float32"), np.array([[0.0, 2, 2]], "float32")


def series(rng, n):
    """Three frames of two channels against four."""
    return rng.normal(size=(n, 3, 2)).astype("float32"), rng.normal(size=(n, 4, 2)).astype("float32")


def equally_long(rng, n):
    return tuple(rng.normal(size=(2, n, 3, 1)).astype("float32"))


def paths(rows, columns):
    """All monotone alignments, one by one, as lists of pairs of frames."""
    if rows == columns == 1:
        return [[(0, 0)]]
    before = [(rows - 1, columns), (rows, columns - 1), (rows - 1, columns - 1)]
    return [[*path, (rows - 1, columns - 1)] for i, j in before if i > 0 and j > 0 for path in paths(i, j)]


def weighed(x, y, gamma, window=None, further=0):
    """The alignments of two series that the window allows, each with `exp(-cost / gamma)`."""
    n, length = len(x), len(y)
    distance = np.array([[np.sum((a - b) ** 2) for b in y] for a in x], object)
    found = paths(n, length)
    if window is not None:
        late, early = window + max(further, length - n), window + max(further, n - length)
        found = [path for path in found if all(-early <= j - i <= late for i, j in path)]
    return [(path, mpmath.exp(-sum(distance[pair] for pair in path) / gamma)) for path in found]


def soft_minimum(x, y, gamma, window, further=0):
    return -gamma * mpmath.log(sum(power for _, power in weighed(x, y, gamma, window, further)))


def soft_dtw(y_true, y_pred, gamma=1.0, divergence=False, window=None):
    gamma, values = m.exact(gamma), []
    for x, y in zip(y_true, y_pred, strict=True):
        value = soft_minimum(x, y, gamma, window)
        if divergence:
            value -= sum(soft_minimum(z, z, gamma, window, abs(len(x) - len(y))) for z in (x, y)) / 2
        values.append(value)
    return np.array(values, object)


def dilate(y_true, y_pred, alpha=0.5, gamma=0.01):
    alpha, gamma, values = m.exact(alpha), m.exact(gamma), []
    for x, y in zip(y_true, y_pred, strict=True):
        ways = weighed(x, y, gamma)
        total = sum(power for _, power in ways)
        delay = sum(power * sum((i - j) ** 2 for i, j in path) for path, power in ways) / total
        values.append(-alpha * gamma * mpmath.log(total) + (1 - alpha) * delay / (len(x) * len(y)))
    return np.array(values, object)


def far_apart():
    """Series of large and tiny numbers, equal ones, and constant ones."""
    y_true = np.array([[1e4, -1e4, 0], [1e-40, 0, 1], [0, 1, 2], [5, 5, 5]])
    y_pred = np.array([[-1e4, 1e4, 1e4], [0, 1e-40, 0], [0, 1, 2], [5, 5, 5]])
    return y_true[..., None].astype("float32"), y_pred[..., None].astype("float32")


CASES = [
    Case(
        K.SoftDTW,
        series,
        soft_dtw,
        variants=[
            {"gamma": 0.5},
            {"window": 0},
            {"window": 1, "gamma": 2.0},
            {"divergence": True},
            {"divergence": True, "window": 0},
        ],
        known=[
            ({}, STEPS, OTHER, -0.463095568171),
            ({"gamma": 0.1}, STEPS, OTHER, 0.890134231175),
            ({"divergence": True}, STEPS, OTHER, 0.705374171941),
            ({"window": 1}, STEPS, OTHER, -0.458768143631),
            ({"divergence": True}, STEPS, STEPS, 0.0),
        ],
        bad=[{"gamma": 0.0}, {"window": -1}, {"window": 0.5}, {"divergence": None}],
        extremes=far_apart,
        kinks=[
            ({}, [[[1.0]]], [[[1.0]]], [[[0.0]]]),
            ({"divergence": True}, STEPS, STEPS, np.zeros((1, 3))),
        ],
    ),
    Case(
        K.SoftDTW,
        equally_long,
        soft_dtw,
        arguments={"divergence": True},
        variants=[{"window": 1}],
        extremes=far_apart,
    ),
    Case(
        K.DILATE,
        series,
        dilate,
        arguments={"gamma": 0.5},
        variants=[{"alpha": 1.0}, {"alpha": 0.0}, {"alpha": 0.2, "gamma": 2.0}],
        known=[
            ({"gamma": 0.1, "alpha": 1.0}, STEPS, OTHER, 0.890134231175),
            ({"gamma": 0.1, "alpha": 0.0}, STEPS, OTHER, 0.11111279259),
            ({"gamma": 0.1}, STEPS, OTHER, 0.500623511883),
            ({"alpha": 0.0}, [[[3.0]]], [[[1.0]]], 0.0),
        ],
        bad=[{"alpha": 1.5}, {"gamma": 0.0}],
        extremes=far_apart,
        kinks=[({"alpha": 0.0}, [[[3.0]]], [[[1.0]]], [[[0.0]]])],
    ),
]
