"""Cases of `kerasloss/losses/classification/binary.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.binary import (
    SCORES,
    hard_label_logits,
    hard_logits,
    hard_probabilities,
    logits,
    probabilities,
    soft,
)


def binary_crossentropy(
    y, p, from_logits=False, label_smoothing=0.0, axis=-1, pos_weight=None, ignore_class=None, epsilon=None
):
    counted = y != ignore_class
    y = y * (1 - m.exact(label_smoothing)) + m.exact(label_smoothing) / 2
    if from_logits:
        p = 1 / (1 + m.exp(-p))
    clip = m.exact(1e-7)
    log_p, log_q = (
        m.log(np.clip(x, clip, 1 - clip) if epsilon is None and not from_logits else x + (epsilon or 0))
        for x in (p, 1 - p)
    )
    weight = 1 if pos_weight is None else m.exact(pos_weight)
    loss = np.where(counted, -(weight * y * log_p + (1 - y) * log_q), 0)
    return np.sum(loss, axis=axis) / np.maximum(np.sum(counted, axis=axis), 1)


def soft_margin_of_labels(y, x, axis=-1, class_weight=None):
    p = 1 / (1 + m.exp(-x))
    shape = [1] * x.ndim
    shape[axis] = -1
    weight = 1 if class_weight is None else m.exact(class_weight).reshape(shape)
    return -m.mean(weight * np.where(y == 1, m.log(p), m.log(1 - p)), axis)


def zero_bounded(y, s, axis=-1):
    terms = np.where(y == 1, m.exp(-s), m.exp(s))
    sums = (np.sum(np.where(y == k, terms, 0), axis=axis) for k in (0, 1))
    return sum(m.log(1 + total) for total in sums)


def label_margin(y, s):
    values = []
    for labels, scores in zip(y, s, strict=True):
        pairs = [(a, b) for i, a in enumerate(scores) for j, b in enumerate(scores) if labels[i] > labels[j]]
        values.append(sum(max(0, 1 - (a - b)) for a, b in pairs) / len(scores))
    return np.array(values, object)


CASES = [
    Case(
        K.BinaryCrossentropy,
        probabilities,
        binary_crossentropy,
        variants=[
            {"label_smoothing": 0.2},
            {"axis": 0},
            {"pos_weight": 3.0},
            {"pos_weight": [1.0, 2.0, 3.0, 4.0, 0.5]},
            {"epsilon": 0.0},
            {"epsilon": 1e-3},
            {"ignore_class": 0},
        ],
        known=[
            (
                {"from_logits": True, "pos_weight": 3.0},
                np.array([[1, 0, 1, 0]]),
                np.array([[2, -1, 1.5, -2]]),
                0.35630339141,
            ),
            ({}, np.array([[1], [0]]), np.array([[0.0], [1.0]]), 16.1180956510),
            ({"epsilon": 0.0}, np.array([[1.0]]), np.array([[0.0]]), np.inf),
        ],
        bad=[
            {"label_smoothing": 1.5},
            {"label_smoothing": -0.1},
            {"pos_weight": 0.0},
            {"pos_weight": [1.0, -1.0]},
            {"epsilon": -1e-7},
            {"from_logits": "yes"},
            {"axis": 1.5},
            {"ignore_class": 0.5},
        ],
        extremes=hard_probabilities,
    ),
    Case(
        K.BinaryCrossentropy,
        logits,
        binary_crossentropy,
        arguments={"from_logits": True},
        variants=[{"label_smoothing": 0.2}, {"pos_weight": [1.0, 2.0, 3.0, 4.0, 0.5]}, {"ignore_class": [1]}],
        extremes=hard_logits,
        kinks=[
            ({}, np.array([[0.0, 1.0]]), np.array([[0.0, 0.0]]), np.array([[0.25, -0.25]])),
            ({}, np.array([[0.0, 1.0]]), np.array([[1e4, -1e4]]), np.array([[0.5, -0.5]])),
        ],
    ),
    Case(
        K.BinaryCrossentropy,
        soft,
        binary_crossentropy,
        arguments={"from_logits": True},
        extremes=hard_logits,
    ),
    Case(
        K.MultiLabelSoftMargin,
        logits,
        soft_margin_of_labels,
        variants=[{"axis": 0}, {"class_weight": [1.0, 2.0, 3.0, 4.0, 0.0]}],
        known=[({"class_weight": [1, 2]}, np.array([[1, 0]]), SCORES, 2.36396650313)],
        bad=[{"class_weight": [-1.0]}, {"class_weight": []}, {"axis": None}],
        extremes=hard_label_logits,
    ),
    Case(
        K.ZeroBoundedLogSumExp,
        logits,
        zero_bounded,
        variants=[{"axis": 0}],
        known=[({}, np.array([[1, 0, 0, 1]]), np.array([[0.5, -1.0, 0.2, 2.0]]), 1.50633761383)],
        bad=[{"axis": None}],
        extremes=hard_label_logits,
        kinks=[({}, np.array([[0.0, 0.0]]), np.array([[1e4, -1e4]]), np.array([[1.0, 0.0]]))],
    ),
    Case(
        K.MultiLabelMargin,
        logits,
        label_margin,
        known=[
            ({}, np.array([[1, 0, 0, 1]]), np.array([[0.1, 0.2, 0.4, 0.8]]), 0.85),
            ({}, np.array([[1, 1]]), SCORES, 0.0),
            ({}, np.array([[0, 0]]), SCORES, 0.0),
        ],
        extremes=hard_label_logits,
    ),
]
