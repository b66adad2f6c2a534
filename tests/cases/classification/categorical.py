"""Cases of `kerasloss/losses/classification/categorical.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.classes import (
    BAD_CLASS,
    C,
    crossentropy,
    dense,
    hard_logits,
    hard_probabilities,
    hard_scores,
    logits,
    normalized,
    probabilities,
    sequences,
    soft,
)

WEIGHTS = [0.5, 1.0, 2.0, 3.0]


def log_probabilities(rng, n):
    y, x = logits(rng, n)
    return y, (x - np.log(np.exp(x).sum(-1, keepdims=True))).astype("float32")


def likelihood(y, p, ignore_class=None, class_weight=None):
    weight = 1 if class_weight is None else m.exact(class_weight)
    counted = y != ignore_class if y.ndim < p.ndim else True
    return np.where(counted, -np.sum(weight * m.exact(dense(y, p)) * p, axis=-1), 0)


def hinge(y, s, margin=1.0, exclude_true=False):
    values = []
    for target, scores in zip(m.exact(dense(y, s)), s, strict=True):
        rivals = [(1 - t) * v for t, v in zip(target, scores, strict=True) if t != 1 or not exclude_true]
        values.append(max(0, max(rivals) - np.dot(target, scores) + margin))
    return np.array(values, object)


def multi_margin(y, s, p=1, margin=1.0, class_weight=None):
    values = []
    for c, scores in zip(y, s, strict=True):
        terms = [max(0, margin - scores[c] + v) ** p for j, v in enumerate(scores) if j != c]
        values.append((1 if class_weight is None else m.exact(class_weight)[c]) * sum(terms) / len(scores))
    return np.array(values, object)


def brier(y, p, from_logits=False, ignore_class=None):
    counted = y != ignore_class if y.ndim < p.ndim else True
    p = m.softmax(p) if from_logits else normalized(p)
    return np.where(counted, np.sum((p - m.exact(dense(y, p))) ** 2, axis=-1), 0)


def poly1(y, p, epsilon=1.0, from_logits=False, label_smoothing=0.0, ignore_class=None):
    value = crossentropy(y, p, from_logits, label_smoothing)
    y = m.exact(dense(y, p)) * (1 - m.exact(label_smoothing)) + m.exact(label_smoothing) / C
    p = m.softmax(p) if from_logits else normalized(p)
    counted = np.argmax(y, axis=-1) != ignore_class
    return np.where(counted, value + epsilon * np.sum(y * (1 - p), axis=-1), 0)


CROSSENTROPY_VARIANTS = [
    {"label_smoothing": 0.15},
    {"class_weight": WEIGHTS},
    {"class_weight": WEIGHTS, "label_smoothing": 0.15},
    {"ignore_class": 2},
    {"ignore_class": [0, 3]},
    {"ignore_class": -100},
]
PROBABILITY_VARIANTS = [{"epsilon": 0.0}, {"epsilon": 1e-3}]
BAD_CROSSENTROPY = [
    {"label_smoothing": 1.5},
    {"label_smoothing": -0.1},
    {"z_loss": -1.0},
    {"z_loss": 1e-4, "from_logits": False},
    {"epsilon": -1e-7},
    {"class_weight": [1.0, -1.0, 1.0, 1.0]},
    {"class_weight": 2.0},
    {"ignore_class": 0.5},
    {"ignore_class": [1, 1]},
    {"axis": None},
    {"from_logits": 1},
]

CASES = [
    Case(
        K.CategoricalCrossentropy,
        probabilities,
        crossentropy,
        variants=CROSSENTROPY_VARIANTS + PROBABILITY_VARIANTS,
        known=[
            (
                {"label_smoothing": 0.15},
                np.array([[1, 0, 0], [0, 0, 1]]),
                np.array([[0.2, 0.3, 0.5], [0.1, 0.2, 0.7]]),
                1.02997936013,
            ),
            ({}, np.array([0]), np.array([[0.0, 1.0]]), 16.1180956510),
            ({"from_logits": True}, np.array([[1.0]]), np.array([[3.0]]), 0.0),
        ],
        bad=BAD_CROSSENTROPY,
        extremes=hard_probabilities,
    ),
    Case(
        K.CategoricalCrossentropy,
        soft(logits),
        crossentropy,
        arguments={"from_logits": True},
        variants=[*CROSSENTROPY_VARIANTS, {"z_loss": 0.01}],
        extremes=hard_scores,
    ),
    Case(
        K.SparseCategoricalCrossentropy,
        logits,
        crossentropy,
        arguments={"from_logits": True},
        variants=[*CROSSENTROPY_VARIANTS, {"z_loss": 0.01}],
        known=[
            (
                {"class_weight": [1, 2, 3], "reduction": "mean_with_sample_weight"},
                np.array([0, 1, 2]),
                np.array([[2, 1, 0.1], [0.1, 3, 0.2], [0.5, 0.3, 2.5]]),
                0.21606358573,
            ),
        ],
        bad=BAD_CROSSENTROPY,
        extremes=hard_scores,
        kinks=[
            ({}, np.array([1]), np.array([[1e4, -1e4]]), np.array([[1.0, -1.0]])),
            ({}, np.array([0]), np.array([[5.0, 5.0]]), np.array([[-0.5, 0.5]])),
        ],
    ),
    Case(
        K.SparseCategoricalCrossentropy,
        sequences,
        crossentropy,
        arguments={"from_logits": True},
        extremes=hard_logits,
    ),
    Case(
        K.SparseCategoricalCrossentropy,
        probabilities,
        crossentropy,
        variants=CROSSENTROPY_VARIANTS + PROBABILITY_VARIANTS,
        extremes=hard_probabilities,
    ),
    Case(
        K.NegativeLogLikelihood,
        log_probabilities,
        likelihood,
        variants=[{"class_weight": WEIGHTS}, {"ignore_class": 1}],
        known=[
            ({}, np.array([1, 0]), np.array([[-2, -0.5, -1.5], [-0.25, -2, -3]]), 0.375),
            ({}, np.array([[1, 0]]), np.array([[-1.0, -np.inf]]), 1.0),
            ({}, np.array([[0, 1]]), np.array([[-1.0, -np.inf]]), np.inf),
        ],
        bad=[{"class_weight": []}, *BAD_CLASS],
        extremes=hard_scores,
    ),
    Case(
        K.NegativeLogLikelihood,
        soft(log_probabilities),
        likelihood,
        variants=[{"class_weight": WEIGHTS}],
        extremes=hard_scores,
    ),
    Case(
        K.CategoricalHinge,
        logits,
        hinge,
        variants=[{"margin": 2.0}, {"exclude_true": True}, {"margin": 0, "exclude_true": True}],
        known=[
            ({}, np.array([0, 2]), np.array([[-1, -2, -3], [0.5, 1.5, 1]]), 1.75),
            ({"exclude_true": True}, np.array([0, 2]), np.array([[-1, -2, -3], [0.5, 1.5, 1]]), 0.75),
            ({"exclude_true": True}, np.array([[1.0, 1.0]]), np.array([[1.0, 2.0]]), 0.0),
            ({}, np.array([0]), np.array([[0.5, 0.2, -np.inf]]), 0.7),
            ({"exclude_true": True}, np.array([0]), np.array([[0.5, 0.2, -np.inf]]), 0.7),
        ],
        bad=[{"margin": float("nan")}, {"exclude_true": None}],
        kinks=[
            ({"exclude_true": True}, np.array([0]), np.zeros((1, 3)), np.array([[-1.0, 0.5, 0.5]])),
            ({}, np.array([0]), np.array([[0.5, 2.0, 2.0]]), np.array([[-1.0, 0.5, 0.5]])),
        ],
        extremes=hard_logits,
    ),
    Case(
        K.MultiMargin,
        logits,
        multi_margin,
        variants=[{"p": 2}, {"margin": 0.5}, {"class_weight": WEIGHTS}],
        known=[
            ({"p": 2}, np.array([0]), np.array([[0.5, 0.2, -1.0]]), 0.163333333333),
            ({"p": 2}, np.array([0]), np.array([[0.5, 0.2, -np.inf]]), 0.163333333333),
        ],
        bad=[{"p": 3}, {"p": 1.5}, {"margin": None}, {"class_weight": [-1.0]}],
        extremes=hard_logits,
    ),
    Case(
        K.Brier,
        probabilities,
        brier,
        variants=[{"ignore_class": 1}],
        known=[({}, np.array([1]), np.array([[0.2, 0.5, 0.3]]), 0.38)],
        bad=[{"from_logits": 0}, *BAD_CLASS],
        extremes=hard_probabilities,
    ),
    Case(
        K.Brier,
        soft(logits),
        brier,
        arguments={"from_logits": True},
        extremes=hard_scores,
    ),
    Case(
        K.Poly1Crossentropy,
        logits,
        poly1,
        arguments={"from_logits": True},
        variants=[{"epsilon": -1.0}, {"label_smoothing": 0.15}, {"ignore_class": 1}],
        known=[({}, np.array([2]), np.array([[0.5, -1.0, 1.0]]), 0.980859926674)],
        bad=[{"epsilon": -1.5}, {"label_smoothing": 2.0}, {"from_logits": None}, *BAD_CLASS],
        extremes=hard_scores,
    ),
    Case(
        K.Poly1Crossentropy,
        soft(probabilities),
        poly1,
        variants=[{"epsilon": 2.0}],
        extremes=hard_probabilities,
    ),
]
