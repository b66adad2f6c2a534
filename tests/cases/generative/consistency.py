"""Cases of `kerasloss/losses/generative/consistency.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.element import real_extremes

IMAGE = np.array([[0.0, 1.0]]), np.array([[0.5, 0.8]])
FEATURES = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 2.0], [2.0, 8.0]])


def draw(rng, n):
    y_true, y_pred = rng.normal(size=(2, n, 3, 2)).astype("float32")
    return y_true, y_pred


def distances(error, p):
    return abs(error) if p == 1 else error * error


def cycle_consistency(y, x, p=1):
    return m.mean(distances(x - y, p).reshape(len(x), -1))


def feature_matching(y, x, p=2, batch_mean=True):
    if not batch_mean:
        return cycle_consistency(y, x, p)
    real, generated = (np.sum(values, axis=0) / len(values) for values in (y, x))
    return m.mean(distances(generated - real, p).ravel())


CASES = [
    Case(
        K.CycleConsistency,
        draw,
        cycle_consistency,
        variants=[{"p": 2}],
        known=[({}, *IMAGE, 0.35), ({"p": 2}, *IMAGE, 0.145)],
        bad=[{"p": 3}],
        extremes=real_extremes,
        kinks=[({}, np.ones((1, 2)), np.ones((1, 2)), np.zeros((1, 2)))],
    ),
    Case(
        K.FeatureMatching,
        draw,
        feature_matching,
        variants=[{"p": 1}, {"batch_mean": False}],
        known=[
            ({}, *FEATURES, 2.5),
            ({"p": 1, "batch_mean": False, "reduction": None}, *FEATURES, [0.5, 2.5]),
        ],
        bad=[{"p": 3}, {"batch_mean": 1}],
        extremes=real_extremes,
        kinks=[({"p": 1}, np.ones((2, 2)), np.ones((2, 2)), np.zeros((2, 2)))],
        scope="batch",
    ),
]
