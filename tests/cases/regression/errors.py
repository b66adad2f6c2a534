"""Cases of `kerasloss/losses/regression/errors.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.element import P, Y, huber, real, real_extremes, tied


def epsilon_insensitive(y, p, epsilon=0.1, squared=False):
    r = np.maximum(0, abs(p - y) - epsilon)
    return m.mean(r * r if squared else r)


CASES = [
    Case(
        K.MeanSquaredError,
        real,
        lambda y, p, scale=1.0: scale * m.mean((y - p) * (y - p)),
        variants=[{"scale": 0.5}],
        known=[({}, Y, P, 1.4166666667), ({"scale": 0.5}, Y, P, 0.7083333333)],
        bad=[{"scale": 0.0}, {"scale": -1}, {"scale": "1"}, {"scale": float("nan")}],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]])],
    ),
    Case(
        K.RootMeanSquaredError,
        real,
        lambda y, p, axis=-1: m.sqrt(m.mean((y - p) * (y - p), axis)),
        variants=[{"axis": 0}, {"axis": None}, {"axis": [0, 1]}],
        known=[({}, Y, P, 1.1902380714)],
        bad=[{"axis": "last"}, {"axis": [0, 0]}, {"axis": 1.5}],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]])],
    ),
    Case(
        K.MeanAbsoluteError,
        real,
        lambda y, p: m.mean(np.maximum(y - p, p - y)),
        known=[({}, Y, P, 0.8333333333)],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]])],
    ),
    Case(
        K.Huber,
        real,
        huber,
        variants=[{"delta": 0.5}, {"delta": 3}],
        known=[({}, Y, P, 0.5416666667), ({"delta": 0.5}, Y, P, 0.3333333333)],
        bad=[{"delta": 0.0}, {"delta": -1.0}, {"delta": float("inf")}],
        extremes=real_extremes,
        kinks=[
            tied([[0.0, 0.0]]),
            ({}, np.array([[0.0, 0.0]]), np.array([[1.0, -1.0]]), np.array([[0.5, -0.5]])),
        ],
    ),
    Case(
        K.SmoothL1,
        real,
        lambda y, p, beta=1.0: huber(y, p, beta) / beta if beta else m.mean(abs(p - y)),
        variants=[{"beta": 0.5}, {"beta": 0}],
        known=[({}, Y, P, 0.5416666667), ({"beta": 0.5}, Y, P, 0.6666666667)],
        bad=[{"beta": -0.1}, {"beta": None}],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]]), tied([[0.0, 0.0]], beta=0)],
    ),
    Case(
        K.LogCosh,
        real,
        lambda y, p: m.mean(m.log(m.cosh(p - y))),
        known=[({}, Y, P, 0.4817057514), ({}, np.array([[0.0]]), np.array([[1e4]]), 9999.3068528)],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]])],
    ),
    Case(
        K.EpsilonInsensitive,
        real,
        epsilon_insensitive,
        variants=[{"epsilon": 0.0}, {"epsilon": 0.5, "squared": True}, {"squared": True}],
        known=[({}, Y, P, 0.7666666667), ({"squared": True}, Y, P, 1.2566666667)],
        bad=[{"epsilon": -0.1}, {"squared": 1}],
        extremes=real_extremes,
        kinks=[
            tied([[0.0, 0.0]], epsilon=0.0),
            ({"epsilon": 0.5}, np.array([[0.0, 0.0]]), np.array([[0.5, 0.25]]), np.array([[0.0, 0.0]])),
        ],
    ),
]
