"""Cases of `kerasloss/losses/regression/fields.py`."""

import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.element import real_extremes

FIELD = np.array([[[1.0], [2.0], [2.0], [1.0]]]), np.array([[[1.0], [2.0], [4.0], [1.0]]])


def p_norm(x, p):
    return sum(abs(v) ** mpmath.mpf(p) for v in x.ravel()) ** (1 / mpmath.mpf(p))


def relative(y, x, p=2, axis=None, epsilon=1e-8):
    """Norm by norm, over the entries of each position that remains."""
    axes = tuple(range(1, x.ndim)) if axis is None else tuple(np.atleast_1d(axis) % x.ndim)
    kept = [range(length) if a not in axes else [slice(None)] for a, length in enumerate(x.shape)]
    values = [
        p_norm((x - y)[i], p) / (p_norm(y[i], p) + mpmath.mpf(epsilon)) for i in itertools.product(*kept)
    ]
    return np.array(values, object).reshape([n for a, n in enumerate(x.shape) if a not in axes])


def derivative(n, length, periodic):
    """The matrix of the slopes at n points: that of the parabola or cubic through the nearest points."""
    matrix = np.full((n, n), mpmath.mpf(0), object)
    h = mpmath.mpf(length) / n
    for i in range(n):
        nodes = (
            [i - 1, i, i + 1] if periodic or 0 < i < n - 1 else list(range(4) if i == 0 else range(n - 4, n))
        )
        for node in nodes:  # the derivative, at i, of the Lagrange polynomial that is 1 at this node
            others = [other for other in nodes if other != node]
            slope = sum(
                np.prod([mpmath.mpf(i - c) for c in others if c != b], initial=mpmath.mpf(1)) for b in others
            )
            matrix[i, node % n] += slope / np.prod([mpmath.mpf(node - c) for c in others]) / h
    return matrix


def sobolev(y, x, measure=1.0, periodic=True, epsilon=1e-8):
    space = x.shape[1:-1]
    sides, wrapped = np.broadcast_to(measure, len(space)), np.broadcast_to(periodic, len(space))

    def total(u):
        parts = [u] + [
            np.moveaxis(np.tensordot(derivative(n, float(sides[a]), wrapped[a]), u, (1, a + 1)), 0, a + 1)
            for a, n in enumerate(space)
        ]
        return m.sqrt(sum(np.sum(part * part, axis=tuple(range(1, u.ndim - 1))) for part in parts))

    return total(x - y) / (total(y) + mpmath.mpf(epsilon))


def draw_fields(*space):
    def draw(rng, n):
        y_true, y_pred = rng.normal(size=(2, n, *space, 2))
        return y_true.astype("float32"), y_pred.astype("float32")

    return draw


def field_extremes(numbers=(0.0, 1.0, -1.0, 1e4, -1e4, 1e-40, 1e-7, 0.5)):
    """Fields of hard numbers; the fourth is nearly flat."""
    y_true, y_pred = real_extremes(numbers)
    return y_true[..., None], y_pred[..., None]


CASES = [
    Case(
        K.RelativeLp,
        draw_fields(3),
        relative,
        variants=[
            {"p": 1},
            {"p": 2.5},
            {"axis": 1},
            {"axis": [-1]},
            {"axis": [1, 2], "p": 3},
            {"epsilon": 1.0},
        ],
        known=[({}, *FIELD, 0.63245553), ({"p": 1}, *FIELD, 0.3333333328)],
        bad=[{"p": 0.5}, {"p": "2"}, {"axis": 1.5}, {"axis": [1, 1]}, {"epsilon": 0.0}],
        extremes=real_extremes,
        kinks=[({"p": p}, np.ones((1, 3)), np.ones((1, 3)), np.zeros((1, 3))) for p in (1, 1.5, 2, 3)]
        + [({"epsilon": 1.0}, np.zeros((1, 2)), np.array([[3.0, 4.0]]), np.array([[0.6, 0.8]]))],
    ),
    Case(
        K.SobolevH1,
        draw_fields(4, 3),
        sobolev,
        variants=[
            {"measure": 2.0},
            {"measure": [1.0, 3.0]},
            {"periodic": [False, True]},
            {"epsilon": 1.0},
        ],
        known=[({}, *FIELD, 1.1766968085), ({"periodic": False}, *FIELD, 2.8674417527)],
        bad=[
            {"measure": 0.0},
            {"measure": [1.0, -1.0]},
            {"periodic": 1},
            {"periodic": [True, None]},
            {"epsilon": 0.0},
        ],
        extremes=field_extremes,
        kinks=[({}, np.ones((1, 4, 1)), np.ones((1, 4, 1)), np.zeros((1, 4, 1)))],
    ),
]
