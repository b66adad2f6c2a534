"""Cases of `kerasloss/losses/regression/agreement.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.element import P, Y, real, real_extremes


def cosine(y, p, axis=-1):
    axis = tuple(np.atleast_1d(axis))
    norms = m.sqrt(np.sum(y * y, axis=axis)) * m.sqrt(np.sum(p * p, axis=axis))
    return -np.sum(y * p, axis=axis) / norms


def covariance(y, p, axis):
    return m.mean(y * p, axis) - m.mean(y, axis) * m.mean(p, axis)


def concordance(y, p, axis=-1):
    shift = (m.mean(y, axis) - m.mean(p, axis)) ** 2
    return 1 - 2 * covariance(y, p, axis) / (covariance(y, y, axis) + covariance(p, p, axis) + shift)


def pearson(y, p, axis=-1):
    variances = covariance(y, y, axis) * covariance(p, p, axis)
    return 1 - covariance(y, p, axis) / m.sqrt(variances)


def small_and_large():
    """Zero vectors, constant rows, and vectors of very different length."""
    y_true, y_pred = real_extremes()
    rows = [[0.0] * 9, [0.1] * 9, [1e4] * 9, [1e-20 * i for i in range(9)], [1e15 * i for i in range(9)]]
    rows = np.array(rows, "float32")
    return np.concatenate([y_true, rows, rows]), np.concatenate([y_pred, rows, rows[::-1]])


CONSTANT = np.array([[0.1, 0.1, 0.1]])
RISING = np.array([[1.0, 2.0, 3.0]])
ZERO = np.zeros((1, 3))

CASES = [
    Case(
        K.CosineSimilarity,
        real,
        cosine,
        variants=[{"axis": 0}, {"axis": [0, 1]}],
        known=[({}, Y, P, -0.8939165274), ({}, ZERO, Y, 0.0), ({}, Y, ZERO, 0.0)],
        bad=[{"axis": None}, {"axis": 0.5}],
        extremes=small_and_large,
        kinks=[({}, Y, ZERO, ZERO), ({}, ZERO, Y, ZERO)],
    ),
    Case(
        K.ConcordanceCorrelation,
        real,
        concordance,
        variants=[{"axis": 0}],
        known=[({}, Y, P, 0.3128834356), ({}, CONSTANT, CONSTANT, 1.0), ({}, CONSTANT, RISING, 1.0)],
        bad=[{"axis": None}, {"axis": [0]}],
        extremes=lambda: tuple(x[:-5] for x in small_and_large()),
        kinks=[({}, CONSTANT, CONSTANT, ZERO)],
    ),
    Case(
        K.PearsonCorrelation,
        real,
        pearson,
        variants=[{"axis": 0}],
        known=[({}, Y, P, 0.2440710540), ({}, CONSTANT, RISING, 1.0), ({}, RISING, CONSTANT, 1.0)],
        bad=[{"axis": None}, {"axis": [0]}],
        extremes=small_and_large,
        kinks=[({}, CONSTANT, CONSTANT, ZERO), ({}, RISING, CONSTANT, ZERO), ({}, CONSTANT, RISING, ZERO)],
    ),
]
