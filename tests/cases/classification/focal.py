"""Cases of `kerasloss/losses/classification/focal.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common import binary, classes
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
    one_hot,
    probabilities,
    sigmoid,
    soft,
)

ROW = np.array([[0.5, -1.0, 1.0]])


def dense_labels(extremes):
    """The same with one-hot labels."""
    return lambda: (one_hot(extremes()[0]), extremes()[1])


def binary_focal(
    y,
    p,
    apply_class_balancing=False,
    alpha=0.25,
    gamma=2.0,
    from_logits=False,
    label_smoothing=0.0,
    axis=-1,
    ignore_class=None,
):
    counted = y != ignore_class
    a = m.exact(label_smoothing)
    y = m.exact(y) * (1 - a) + a / 2
    entries = focal_entries(y, p, gamma, from_logits)
    if apply_class_balancing:
        alpha = m.exact(alpha)
        entries = (y * alpha + (1 - y) * (1 - alpha)) * entries
    return np.sum(np.where(counted, entries, 0), axis=axis) / np.maximum(np.sum(counted, axis=axis), 1)


def focal_entries(y, p, gamma, from_logits):
    p = sigmoid(p) if from_logits else p
    right = y * p + (1 - y) * (1 - p)
    log_p, log_q = (m.log(x if from_logits else np.clip(x, CLIP, 1 - CLIP)) for x in (p, 1 - p))
    return -((1 - right) ** m.exact(gamma)) * (y * log_p + (1 - y) * log_q)


def class_focal(
    y, p, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0, ignore_class=None, axis=-1
):
    counted = y != ignore_class if y.ndim < p.ndim else True
    a = m.exact(label_smoothing)
    y = m.exact(dense(y, p)) * (1 - a) + a / C
    p = m.softmax(p) if from_logits else np.clip(normalized(p), CLIP, 1 - CLIP)
    value = -np.sum(m.exact(alpha) * (1 - p) ** m.exact(gamma) * y * m.log(p), axis=-1)
    return np.where(counted, value, 0)


def class_balanced(
    y,
    p,
    samples_per_class,
    beta=0.9999,
    base="softmax",
    gamma=0.0,
    from_logits=False,
    ignore_class=None,
    axis=-1,
):
    counted = y != ignore_class if y.ndim < p.ndim else True
    effective = [sum_of_powers(m.exact(beta), m.exact(n)) for n in samples_per_class]
    total = sum(1 / n for n in effective)
    weights = np.array([C / n / total for n in effective], object)
    y = m.exact(dense(y, p))
    if base == "softmax":
        value = class_focal(y, p, 1, gamma, from_logits)
    else:
        value = np.sum(focal_entries(y, p, gamma, from_logits), axis=-1)
    return np.where(counted, np.sum(weights * y, axis=-1) * value, 0)


def sum_of_powers(beta, n):
    """`1 + beta + ... + beta ** (n - 1)`, the effective number of samples."""
    return (1 - beta**n) / (1 - beta)


def asymmetric(
    y,
    p,
    gamma_neg=4.0,
    gamma_pos=1.0,
    clip=0.05,
    stop_gradient=False,
    from_logits=False,
    axis=-1,
    ignore_class=None,
):
    counted = y != ignore_class
    p = sigmoid(p) if from_logits else p
    y, q = m.exact(y), np.minimum(1 - p + m.exact(clip), 1)
    missed = 1 - y * p - (1 - y) * q
    power = m.exact(gamma_pos) * y + m.exact(gamma_neg) * (1 - y)
    p, q = (p, q) if from_logits else (np.maximum(p, CLIP), np.maximum(q, CLIP))
    entries = np.where(counted, -(missed**power) * (y * m.log(p) + (1 - y) * m.log(q)), 0)
    return np.sum(entries, axis=axis) / np.maximum(np.sum(counted, axis=axis), 1)


def asymmetric_single(
    y,
    p,
    gamma_pos=0.0,
    gamma_neg=4.0,
    label_smoothing=0.1,
    from_logits=False,
    ignore_class=None,
    axis=-1,
):
    counted = y != ignore_class if y.ndim < p.ndim else True
    p = m.softmax(p) if from_logits else normalized(p)
    y, a = m.exact(dense(y, p)), m.exact(label_smoothing)
    right = y * p + (1 - y) * (1 - p)
    power = m.exact(gamma_pos) * y + m.exact(gamma_neg) * (1 - y)
    log_p = m.log(p if from_logits else np.clip(p, CLIP, 1 - CLIP))
    value = -np.sum((y * (1 - a) + a / C) * (1 - right) ** power * log_p, axis=-1)
    return np.where(counted, value, 0)


def class_probabilities(rng, n):
    """Class ids and one probability for each class, as of sigmoids."""
    return classes.ids(rng, n), rng.uniform(0.05, 0.95, size=(n, C)).astype("float32")


FOCAL_VARIANTS = [
    {"alpha": [0.1, 0.2, 0.3, 0.4]},
    {"gamma": 0.5},
    {"gamma": 0},
    {"gamma": 1.0, "label_smoothing": 0.2},
    {"alpha": [0.1, 0.2, 0.3, 0.4], "label_smoothing": 0.2},
    {"ignore_class": 1},
]
BAD_FOCAL = [
    {"gamma": -1.0},
    {"alpha": -0.5},
    {"alpha": []},
    {"label_smoothing": 1.5},
    {"from_logits": None},
    *BAD_CLASS,
]
LABELS = [1.0, 0.9, 0.1, 0.0, 0.5]
PERFECT = np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]])

CASES = [
    Case(
        K.BinaryFocalCrossentropy,
        binary.probabilities,
        binary_focal,
        variants=[
            {"apply_class_balancing": True},
            {"apply_class_balancing": True, "alpha": LABELS},
            {"gamma": 0.5},
            {"gamma": 0},
            {"gamma": 3},
            {"label_smoothing": 0.2},
            {"axis": 0},
            {"ignore_class": 0},
        ],
        known=[
            (
                {},
                np.array([[0, 1, 0], [1, 0, 1]]),
                np.array([[0.268941, 0.5, 0.268941], [0.731059, 0.5, 0.731059]]),
                0.0728675615927,
            ),
            ({}, np.array([[1], [0]]), np.array([[0.0], [1.0]]), 16.1180956510),
            ({"gamma": 0.5}, *PERFECT, 0.0),
        ],
        bad=[
            {"apply_class_balancing": 1},
            {"alpha": 1.5},
            {"alpha": [0.5, -0.1]},
            {"gamma": -1.0},
            {"from_logits": 0},
            {"label_smoothing": 1.5},
            {"axis": None},
            {"ignore_class": 0.5},
        ],
        extremes=binary.hard_probabilities,
        kinks=[({"gamma": gamma}, *PERFECT, np.zeros((1, 2))) for gamma in (0.01, 0.5, 1, 1.5, 2)],
    ),
    Case(
        K.BinaryFocalCrossentropy,
        binary.logits,
        binary_focal,
        arguments={"from_logits": True},
        variants=[{"gamma": 0.5}, {"apply_class_balancing": True, "alpha": 0.9}],
        known=[({}, np.array([[0]]), np.array([[20.0]]), 20.0)],
        extremes=binary.hard_logits,
        kinks=[
            ({}, np.array([[0.0]]), np.array([[20.0]]), np.array([[1.0]])),
            ({}, np.array([[1.0, 0.0]]), np.array([[-1e4, 1e4]]), np.array([[-0.5, 0.5]])),
        ],
    ),
    Case(
        K.BinaryFocalCrossentropy,
        binary.soft,
        binary_focal,
        arguments={"from_logits": True, "gamma": 0.5},
        extremes=binary.hard_logits,
        kinks=[({}, np.array([[1.0, 0.0]]), np.array([[x, -x]]), np.zeros((1, 2))) for x in (95.0, 1e4)],
    ),
    Case(
        K.BinaryFocalCrossentropy,
        binary.probabilities,
        binary_focal,
        arguments={"gamma": 0.01},
        extremes=binary.hard_probabilities,
    ),
    Case(
        K.CategoricalFocalCrossentropy,
        probabilities,
        class_focal,
        variants=FOCAL_VARIANTS,
        bad=BAD_FOCAL,
        extremes=hard_probabilities,
    ),
    Case(
        K.CategoricalFocalCrossentropy,
        soft(logits),
        class_focal,
        arguments={"from_logits": True},
        variants=FOCAL_VARIANTS[:-1],
        known=[
            (
                {"alpha": 1.0},
                np.array([0, 1, 2, 1, 0]),
                np.array([[-2.0, -1.0, 0.0]] * 5),
                1.12775650337,
            ),
            ({}, np.array([[1.0, 0.0]]), np.array([[0.0, -np.inf]]), 0.0),
        ],
        extremes=dense_labels(hard_scores),
        kinks=[
            ({"gamma": 0.5}, np.array([[1.0, 0.0]]), np.array([[1e4, 0.0]]), np.zeros((1, 2))),
            ({"alpha": 1.0}, np.array([[1.0, 0.0]]), np.array([[-1e4, 0.0]]), np.array([[-1.0, 1.0]])),
        ],
    ),
    Case(
        K.SparseCategoricalFocalCrossentropy,
        logits,
        class_focal,
        arguments={"from_logits": True},
        variants=FOCAL_VARIANTS,
        bad=BAD_FOCAL,
        extremes=hard_logits,
        kinks=[({"gamma": 0.5}, np.array([0]), np.array([[1e4, 0.0]]), np.zeros((1, 2)))],
    ),
    Case(
        K.SparseCategoricalFocalCrossentropy,
        probabilities,
        class_focal,
        arguments={"gamma": 0.5},
        known=[({"gamma": 1.0}, np.array([1]), np.array([[0.2, 0.5, 0.3]]), 0.08664339757)],
        extremes=hard_probabilities,
        kinks=[({}, np.array([0]), np.array([[1.0, 0.0]]), np.zeros((1, 2)))],
    ),
    Case(
        K.ClassBalancedCrossentropy,
        logits,
        class_balanced,
        arguments={"samples_per_class": COUNTS, "from_logits": True},
        variants=[
            {"beta": 0.9},
            {"beta": 0},
            {"samples_per_class": (1, 2, 3, 4)},
            {"gamma": 1.5},
            {"base": "sigmoid"},
            {"base": "sigmoid", "gamma": 2},
            {"ignore_class": 1},
        ],
        known=[
            (
                {"samples_per_class": [10, 1000], "beta": 0.99},
                np.array([0]),
                np.array([[0.5, 1.5]]),
                2.39728961969,
            ),
        ],
        bad=[{"beta": 1.0}, {"beta": -0.1}, {"base": "relu"}, {"gamma": -1}, {"from_logits": 1}, *BAD_COUNTS],
        extremes=hard_logits,
    ),
    Case(
        K.ClassBalancedCrossentropy,
        class_probabilities,
        class_balanced,
        arguments={"samples_per_class": COUNTS, "base": "sigmoid", "beta": 0.99, "gamma": 0.5},
        variants=[{"base": "softmax"}],
        extremes=hard_probabilities,
    ),
    Case(
        K.ClassBalancedCrossentropy,
        soft(logits),
        class_balanced,
        arguments={"samples_per_class": COUNTS, "from_logits": True},
        variants=[{"base": "sigmoid"}],
        extremes=dense_labels(hard_scores),
    ),
    Case(
        K.Asymmetric,
        binary.logits,
        asymmetric,
        arguments={"from_logits": True},
        variants=[
            {"gamma_neg": 2.0},
            {"gamma_pos": 0.5},
            {"gamma_pos": 0, "gamma_neg": 0},
            {"clip": 0},
            {"clip": 0.5},
            {"axis": 0},
            {"ignore_class": 0},
        ],
        known=[({}, np.array([[1, 0, 0]]), np.array([[0.5, 1.0, -4.0]]), 0.141614522115)],
        bad=[
            {"gamma_neg": -1.0},
            {"gamma_pos": -1.0},
            {"clip": 1.0},
            {"clip": -0.05},
            {"stop_gradient": 1},
            {"from_logits": 1},
            {"axis": None},
        ],
        extremes=binary.hard_logits,
        kinks=[
            ({}, np.array([[0.0, 0.0]]), np.array([[-4.0, -1e4]]), np.zeros((1, 2))),
            ({"clip": 0}, np.array([[0.0, 1.0]]), np.array([[1e4, -1e4]]), np.array([[0.5, -0.5]])),
        ],
        exempt={
            "every_argument_matters": Exempt("stop_gradient changes the gradient alone: test_focal.py"),
        },
    ),
    Case(
        K.Asymmetric,
        binary.probabilities,
        asymmetric,
        arguments={"gamma_pos": 0.01, "gamma_neg": 0.5, "clip": 0.0},
        extremes=binary.hard_probabilities,
        kinks=[({}, *PERFECT, np.zeros((1, 2)))],
        exempt={
            "every_argument_matters": Exempt("stop_gradient changes the gradient alone: test_focal.py"),
        },
    ),
    Case(
        K.AsymmetricSingleLabel,
        logits,
        asymmetric_single,
        arguments={"from_logits": True},
        variants=[
            {"gamma_pos": 1.0},
            {"gamma_pos": 0.5},
            {"gamma_neg": 0.5},
            {"gamma_neg": 0},
            {"label_smoothing": 0},
            {"ignore_class": 1},
        ],
        known=[
            ({}, np.array([2]), ROW, 0.518479865438),
            ({}, np.array([0]), np.array([[0.0, -np.inf]]), 0.0),
        ],
        bad=[{"gamma_pos": -1}, {"gamma_neg": -1}, {"label_smoothing": 2}, {"from_logits": 1}, *BAD_CLASS],
        extremes=hard_logits,
        kinks=[({"gamma_pos": 0.5}, np.array([0]), np.array([[1e4, 0.0]]), np.zeros((1, 2)))],
    ),
    Case(
        K.AsymmetricSingleLabel,
        soft(probabilities),
        asymmetric_single,
        arguments={"gamma_pos": 0.5, "gamma_neg": 0.01},
        extremes=dense_labels(hard_probabilities),
    ),
]
