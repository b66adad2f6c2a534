"""Cases of `kerasloss/losses/classification/binary.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt, real_extremes

SIGNS, SCORES = np.array([[1, -1]]), np.array([[0.5, 2.0]])
FLUX = np.array([[1], [-1], [1], [1]]), np.array([[0.1], [0.3], [1.0], [1.5]])


def labels(rng, n, d=5):
    """Labels 0 and 1, both in every batch."""
    y = rng.integers(0, 2, size=(n, d))
    y[0, :2] = 0, 1
    return y


def probabilities(rng, n):
    return labels(rng, n), rng.uniform(0.05, 0.95, size=(n, 5)).astype("float32")


def logits(rng, n):
    return labels(rng, n), (2 * rng.normal(size=(n, 5))).astype("float32")


def soft(rng, n):
    """Soft labels, as label smoothing or mixup makes them."""
    return rng.uniform(size=(n, 5)).astype("float32"), logits(rng, n)[1]


def hard_logits():
    y, x = real_extremes((0.0, 1.0, 1e4, -1e4, 1e-40, 20.0, -20.0, 100.0, -100.0))
    return np.broadcast_to(np.array([[0], [1]] * 4 + [[0.5]], "float32"), x.shape).copy(), x


def hard_label_logits():
    return tuple(x[:-1] for x in hard_logits())


def hard_probabilities():
    y, p = real_extremes((0.0, 1.0, 1e-40, 1e-7, 1 - 2.0**-24, 0.5))
    return np.broadcast_to(np.array([[0], [1], [0.5]] * 2, "float32"), p.shape).copy(), p


def hard_scores():
    _, s = real_extremes((0.0, 1.0, -1.0, 1e4, -1e4, 1e-40))
    return np.broadcast_to(np.array([[-1], [1]] * 3, "float32"), s.shape).copy(), s


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
        kind="binary",
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
        kind="binary",
    ),
    Case(
        K.BinaryCrossentropy,
        soft,
        binary_crossentropy,
        arguments={"from_logits": True},
        extremes=hard_logits,
        kind="binary",
    ),
    Case(
        K.MultiLabelSoftMargin,
        logits,
        soft_margin_of_labels,
        variants=[{"axis": 0}, {"class_weight": [1.0, 2.0, 3.0, 4.0, 0.0]}],
        known=[({"class_weight": [1, 2]}, np.array([[1, 0]]), SCORES, 2.36396650313)],
        bad=[{"class_weight": [-1.0]}, {"class_weight": []}, {"axis": None}],
        extremes=hard_label_logits,
        kind="binary",
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
        kind="binary",
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
        kind="binary",
    ),
    Case(
        K.Hinge,
        logits,
        score(lambda t, margin=1.0: np.maximum(0, margin - t)),
        variants=[{"margin": 2.0}, *FORMATS],
        known=[({}, *FLUX, 0.55)],
        bad=[{"margin": float("inf")}, *BAD_FORMATS],
        extremes=hard_scores,
        kinks=[({}, SIGNS, np.array([[1.0, -1.0]]), np.zeros((1, 2)))],
        kind="score",
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
        kind="score",
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
        kind="score",
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
        kind="score",
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
        kind="score",
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
        kind="score",
    ),
]
