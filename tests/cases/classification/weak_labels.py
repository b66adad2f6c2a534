"""Cases of `kerasloss/losses/classification/weak_labels.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.classes import (
    BAD_FROM_LOGITS,
    C,
    forward,
    hard_probabilities,
    hard_scores,
    logits,
    probabilities,
    soft,
)

Y = np.array([1])
MATRIX = [[0.9, 0.1, 0.0, 0.0], [0.2, 0.7, 0.05, 0.05], [0.0, 0.3, 0.7, 0.0], [0.25, 0.25, 0.25, 0.25]]
EYE = np.eye(C).tolist()


def positive_unlabeled(y, s, prior, beta=0.0, gamma=1.0, surrogate="sigmoid", non_negative=True):
    """The value; where it is held, its gradient is that of another function."""

    def cost(x):
        return 1 / (1 + mpmath.exp(-x)) if surrogate == "sigmoid" else mpmath.log(1 + mpmath.exp(x))

    scores = list(zip(np.ravel(y), np.ravel(s), strict=True))
    pos = [v for t, v in scores if t > 0]
    unl = [v for t, v in scores if t <= 0]

    def average(numbers):
        numbers = list(numbers)
        return sum(numbers) / len(numbers) if numbers else mpmath.mpf(0)

    prior, beta = m.exact(prior), m.exact(beta)
    known = prior * average(cost(-v) for v in pos)
    rest = average(cost(v) for v in unl) - prior * average(cost(v) for v in pos)
    return np.array(known + rest if rest >= -beta or not non_negative else known - beta, object)


def scores(rng, n):
    return np.arange(n)[:, None] % 2, rng.normal(size=(n, 1)).astype("float32")


def overfit(rng, n):
    """Scores that tell labelled from unlabelled samples too well."""
    y, s = scores(rng, n)
    return y, (s + np.where(y, 3, -5)).astype("float32")


def is_held(beta=0.0, non_negative=True, **others):
    return non_negative and beta < 1


def hard_columns():
    return np.array([1, 0, 1, 0, 0, 1]), np.float32([1e4, -1e4, -1e4, 1e4, 0, 1e-40])


CASES = [
    Case(
        K.ForwardCorrection,
        probabilities,
        forward,
        arguments={"transition_matrix": MATRIX},
        variants=[{"transition_matrix": EYE}, {"ignore_class": 1}],
        known=[
            ({"transition_matrix": [[0.9, 0.1], [0.2, 0.8]]}, Y, np.array([[0.6, 0.4]]), 0.967584026262),
            ({"transition_matrix": np.eye(2).tolist()}, Y, np.array([[1.0, 0.0]]), 16.118095651),
        ],
        bad=[
            {"transition_matrix": [[0.5, 0.5]]},
            {"transition_matrix": [[0.5, 0.6], [0.5, 0.5]]},
            {"transition_matrix": [[1.5, -0.5], [0.5, 0.5]]},
            {"transition_matrix": [[1.0], [0.5, 0.5]]},
            {"transition_matrix": "identity"},
            {"transition_matrix": None},
            {"transition_matrix": [[float("nan"), 1.0], [0.5, 0.5]]},
            *BAD_FROM_LOGITS,
        ],
        extremes=hard_probabilities,
    ),
    Case(
        K.ForwardCorrection,
        logits,
        forward,
        arguments={"transition_matrix": MATRIX, "from_logits": True},
        extremes=hard_scores,
    ),
    Case(
        K.ForwardCorrection,
        soft(logits),
        forward,
        arguments={"transition_matrix": MATRIX, "from_logits": True},
        extremes=hard_scores,
    ),
    Case(
        K.PositiveUnlabeled,
        scores,
        positive_unlabeled,
        arguments={"prior": 0.4},
        variants=[{"prior": 0.2}, {"surrogate": "logistic"}, {"non_negative": False}],
        known=[
            ({}, np.array([1, 0, 0, 1]), np.array([0.5, -0.5, 1.0, 2.0]), 0.352997060042),
            ({}, np.array([[1], [-1], [-1], [1]]), np.array([0.5, -0.5, 1.0, 2.0]), 0.352997060042),
            ({}, np.array([0, -1]), np.array([0.0, 0.0]), 0.5),
            ({}, np.array([1.0, np.nan]), np.array([0.0, 0.0]), np.nan),
        ],
        bad=[
            {"prior": 0.0},
            {"prior": 1.0},
            {"beta": -1.0},
            {"gamma": 1.5},
            {"surrogate": "hinge"},
            {"non_negative": 1},
        ],
        extremes=hard_columns,
        obeys="element",
        scope="batch",
    ),
    Case(
        K.PositiveUnlabeled,
        overfit,
        positive_unlabeled,
        arguments={"prior": 0.6},
        variants=[{"beta": 0.1}, {"gamma": 0.5}, {"non_negative": False}, {"beta": 10.0}],
        extremes=hard_columns,
        obeys="element",
        scope="batch",
        exempt={"gradient": Exempt("held: the gradient of another function: test_weak_labels.py", is_held)},
    ),
]
