"""Cases of `kerasloss/losses/classification/imbalance.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common import binary
from tests.cases.common.classes import (
    BAD_CLASS,
    BAD_COUNTS,
    CLIP,
    COUNTS,
    C,
    dense,
    hard_logits,
    hard_probabilities,
    hard_scores,
    logits,
    normalized,
    probabilities,
    sigmoid,
    soft,
)

F1 = np.array([[1, 0], [0, 1], [1, 1]]), np.array([[0.8, 0.3], [0.4, 0.6], [0.5, 0.9]])


def adjusted(y, p, class_prior, tau=1.0, from_logits=False, label_smoothing=0.0, ignore_class=None, axis=-1):
    """Cross-entropy of the posterior under the training prior: `p * prior ** tau`, normalised."""
    counted = y != ignore_class if y.ndim < p.ndim else True
    p = m.softmax(p) if from_logits else np.clip(normalized(p), CLIP, 1 - CLIP)
    posterior = normalized(p * m.exact(class_prior) ** m.exact(tau))
    a = m.exact(label_smoothing)
    y = m.exact(dense(y, p)) * (1 - a) + a / C
    return np.where(counted, -np.sum(y * m.log(posterior), axis=-1), 0)


def balanced_softmax(y, p, samples_per_class, **arguments):
    return adjusted(y, p, samples_per_class, **arguments)


def ldam(y, s, samples_per_class, max_margin=0.5, scale=30.0, class_weight=None, ignore_class=None, axis=-1):
    counted = y != ignore_class if y.ndim < s.ndim else True
    roots = m.exact(samples_per_class) ** m.exact(-0.25)
    y = m.exact(dense(y, s))
    z = m.exact(scale) * (s - y * roots / max(roots) * m.exact(max_margin))
    weight = 1 if class_weight is None else m.exact(class_weight)
    return np.where(counted, -np.sum(weight * y * m.log(m.softmax(z)), axis=-1), 0)


def soft_f(y, p, beta=1.0, average="macro", from_logits=False):
    """From precision and recall."""
    p = sigmoid(p) if from_logits else p
    y, beta = m.exact(dense(y, p)), m.exact(beta)
    y, p = (x.reshape(-1, x.shape[-1]) for x in (y, p))
    groups = {"macro": zip(y.T, p.T, strict=True), "micro": [(y, p)], "samples": zip(y, p, strict=True)}

    def score(y, p):
        if np.sum(y * p) == 0:
            return 0 if np.sum(y) + np.sum(p) else 1
        precision, recall = np.sum(y * p) / np.sum(p), np.sum(y * p) / np.sum(y)
        return (1 + beta**2) * precision * recall / (beta**2 * precision + recall)

    values = np.array([1 - score(*group) for group in groups[average]], object)
    return values if average == "samples" else m.mean(values)


def auc_margin(y, s, margin=1.0):
    """The paper's problem at its solution, with variances from pairs of scores."""
    values = []
    for labels, scores in zip(y.T, s.T, strict=True):
        groups = [[v for t, v in zip(labels, scores, strict=True) if t == k] for k in (1, 0)]
        value = sum(sum((a - b) ** 2 for a in g for b in g) / (2 * len(g) ** 2) for g in groups if g)
        if all(groups):
            positive, negative = (sum(g) / len(g) for g in groups)
            alpha = max(0, m.exact(margin) + negative - positive)
            value += 2 * alpha * (margin + negative - positive) - alpha**2
        values.append(value)
    return m.mean(np.array(values, object))


def columns(rng, n):
    """Labels of 3 columns, scores of size 1."""
    y = rng.integers(0, 2, size=(n, 3))
    y[:2] = [[0, 1, 0], [1, 0, 1]]
    return y, rng.normal(size=(n, 3)).astype("float32")


def hard_columns():
    y, s = binary.hard_label_logits()
    return y[:, :3], s[:, :3]


CASES = [
    Case(
        K.LogitAdjustedCrossentropy,
        logits,
        adjusted,
        arguments={"class_prior": [0.6, 0.1, 0.25, 0.05], "from_logits": True},
        variants=[
            {"class_prior": COUNTS},
            {"tau": 1.5},
            {"tau": 0},
            {"label_smoothing": 0.2},
            {"ignore_class": 1},
        ],
        known=[
            (
                {"class_prior": [0.9, 0.1], "tau": 1.5},
                np.array([1]),
                np.array([[0.5, 1.5]]),
                2.39176240622,
            ),
        ],
        bad=[
            {"class_prior": [0.5, 0.0]},
            {"class_prior": 0.5},
            {"tau": -1.0},
            {"from_logits": None},
            {"label_smoothing": 2},
            *BAD_CLASS,
        ],
        extremes=hard_scores,
    ),
    Case(
        K.LogitAdjustedCrossentropy,
        soft(probabilities),
        adjusted,
        arguments={"class_prior": [0.6, 0.1, 0.25, 0.05]},
        extremes=hard_probabilities,
    ),
    Case(
        K.BalancedSoftmaxCrossentropy,
        probabilities,
        balanced_softmax,
        arguments={"samples_per_class": COUNTS, "from_logits": True},
        variants=[
            {"samples_per_class": [1, 1, 2, 2]},
            {"from_logits": False},
            {"label_smoothing": 0.2},
            {"ignore_class": 1},
        ],
        known=[({"samples_per_class": [90, 10]}, np.array([1]), np.array([[0.5, 1.5]]), 1.46115017173)],
        bad=[{"from_logits": None}, {"label_smoothing": -1}, *BAD_COUNTS],
        extremes=hard_scores,
    ),
    Case(
        K.LDAM,
        logits,
        ldam,
        arguments={"samples_per_class": COUNTS, "scale": 2.0},
        variants=[
            {"samples_per_class": [4, 3, 2, 1]},
            {"max_margin": 2.0},
            {"scale": 0.5},
            {"class_weight": [0.5, 1.0, 2.0, 0.0]},
            {"ignore_class": 1},
        ],
        known=[
            (
                {"samples_per_class": [16, 1], "scale": 10.0},
                np.array([1]),
                np.array([[0.3, 0.6]]),
                2.12692801104,
            )
        ],
        bad=[{"max_margin": -0.5}, {"scale": 0}, {"class_weight": [-1.0]}, *BAD_COUNTS],
        extremes=hard_scores,
    ),
    Case(
        K.LDAM,
        soft(logits),
        ldam,
        arguments={"samples_per_class": COUNTS},
        extremes=hard_logits,
    ),
    Case(
        K.SoftF1,
        binary.probabilities,
        soft_f,
        variants=[{"beta": 2.0}, {"average": "micro"}, {"average": "samples", "beta": 0.5}],
        known=[
            ({}, *F1, 0.253911806543),
            ({}, np.zeros((2, 2)), np.zeros((2, 2)), 0.0),
            (
                {"average": "micro"},
                np.array([[1.0], [0], [1], [0]]),
                np.array([[0.8], [0.3], [0.4], [0.1]]),
                1 / 3,
            ),
        ],
        bad=[{"beta": 0}, {"average": "weighted"}, {"from_logits": 1}],
        extremes=binary.hard_probabilities,
        kinks=[({}, np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((2, 2)))],
        obeys="binary",
        scope="batch",
    ),
    Case(
        K.SoftF1,
        logits,
        soft_f,
        arguments={"from_logits": True},
        variants=[{"average": "micro"}],
        extremes=hard_logits,
        scope="batch",
    ),
    Case(
        K.SoftF1,
        binary.probabilities,
        soft_f,
        arguments={"average": "samples", "from_logits": False},
        obeys="binary",
        extremes=lambda: (np.zeros((4, 1), "float32"), np.float32([[0], [1e-30], [1e-20], [1]])),
    ),
    Case(
        K.AUCMargin,
        columns,
        auc_margin,
        variants=[{"margin": 0.5}, {"margin": -2.0}],
        known=[
            ({}, np.array([1, 0, 1, 0]), np.array([0.9, 0.2, 0.4, 0.6]), 0.665),
            ({}, np.array([1, 1]), np.array([0.9, 0.5]), 0.04),
            ({}, np.array([[0]]), np.array([[0.9]]), 0.0),
        ],
        bad=[{"margin": float("nan")}, {"margin": None}],
        extremes=hard_columns,
        kinks=[({}, np.array([0, 1]), np.array([0.0, 1.0]), np.zeros(2))],
        scope="batch",
    ),
]
