"""Cases of `kerasloss/losses/classification/margin.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.binary import SCORES, SIGNS, logits
from tests.cases.common.element import real_extremes

FLUX = np.array([[1], [-1], [1], [1]]), np.array([[0.1], [0.3], [1.0], [1.5]])


def hard_scores():
    _, s = real_extremes((0.0, 1.0, -1.0, 1e4, -1e4, 1e-40))
    return np.broadcast_to(np.array([[-1], [1]] * 3, "float32"), s.shape).copy(), s


def score(function):
    """A reference of the margin: labels as given unless they are all 0 or 1."""

    def reference(y, s, label_format="auto", **arguments):
        binary = label_format == "binary" or (label_format == "auto" and np.all((y == 0) | (y == 1)))
        sign = 2 * y - 1 if binary else y
        return m.mean(function(sign * s, **arguments))

    return reference


def squared_hinge(t, margin=1.0):
    return np.where(t < margin, (margin - t) ** 2, 0)


def modified_huber(t):
    return np.where(t >= -1, np.maximum(0, 1 - t) ** 2, -4 * t)


FORMATS = [{"label_format": "signed"}, {"label_format": "binary"}]
BAD_FORMATS = [{"label_format": "0/1"}, {"label_format": None}]

CASES = [
    Case(
        K.Hinge,
        logits,
        score(lambda t, margin=1.0: np.maximum(0, margin - t)),
        variants=[{"margin": 2.0}, *FORMATS],
        known=[({}, *FLUX, 0.55)],
        bad=[{"margin": float("inf")}, *BAD_FORMATS],
        extremes=hard_scores,
        kinks=[({}, SIGNS, np.array([[1.0, -1.0]]), np.zeros((1, 2)))],
    ),
    Case(
        K.SquaredHinge,
        logits,
        score(squared_hinge),
        variants=[{"margin": 2.0}, *FORMATS],
        known=[({}, *FLUX, 0.625)],
        bad=[{"margin": "wide"}, *BAD_FORMATS],
        extremes=hard_scores,
        kinks=[({}, SIGNS, np.array([[1.0, -1.0]]), np.zeros((1, 2)))],
    ),
    Case(
        K.SoftMargin,
        logits,
        score(lambda t: m.log(1 + m.exp(-t))),
        variants=FORMATS,
        known=[({}, SIGNS, SCORES, 1.30050249761)],
        bad=BAD_FORMATS,
        extremes=hard_scores,
        kinks=[({}, SIGNS, np.zeros((1, 2)), np.array([[-0.25, 0.25]]))],
    ),
    Case(
        K.Perceptron,
        logits,
        score(lambda t: np.maximum(0, -t)),
        variants=FORMATS,
        known=[({}, SIGNS, SCORES, 1.0)],
        bad=BAD_FORMATS,
        extremes=hard_scores,
        kinks=[({}, SIGNS, np.zeros((1, 2)), np.zeros((1, 2)))],
    ),
    Case(
        K.ModifiedHuber,
        logits,
        score(modified_huber),
        variants=FORMATS,
        known=[({}, np.array([[1, -1, 1]]), np.array([[0.5, 2.0, 3.0]]), 2.75)],
        bad=BAD_FORMATS,
        extremes=hard_scores,
        kinks=[({}, np.array([[1]]), np.array([[-1.0]]), np.array([[-4.0]]))],
    ),
    Case(
        K.Exponential,
        logits,
        score(lambda t: m.exp(-t)),
        variants=FORMATS,
        known=[({}, SIGNS, SCORES, 3.99779337932)],
        bad=BAD_FORMATS,
        extremes=hard_scores,
        exempt={"extremes_are_finite": Exempt("exp(1e4) is infinite, the true value")},
    ),
]
