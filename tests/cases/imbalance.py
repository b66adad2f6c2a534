"""Cases of `kerasloss/losses/classification/focal.py` and `kerasloss/losses/classification/imbalance.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases import binary, classification
from tests.cases.case import Case, Exempt
from tests.cases.classification import (
    BAD_CLASS,
    C,
    dense,
    hard_logits,
    hard_probabilities,
    hard_scores,
    logits,
    normalized,
    one_hot,
    probabilities,
    sequences,
    soft,
)

COUNTS = [100, 7.5, 20, 1]
CLIP = m.exact(1e-7)
F1 = np.array([[1, 0], [0, 1], [1, 1]]), np.array([[0.8, 0.3], [0.4, 0.6], [0.5, 0.9]])
ROW = np.array([[0.5, -1.0, 1.0]])


def dense_labels(extremes):
    """The same with one-hot labels."""
    return lambda: (one_hot(extremes()[0]), extremes()[1])


def sigmoid(x):
    return 1 / (1 + m.exp(-x))


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


def hard_examples(y, p, loss, fraction=0.7, threshold=None):
    """The values of the wrapped loss in order, and the first of them."""
    values = classification.crossentropy(y, p, loss.from_logits, ignore_class=loss.ignore_class)
    valid = y != loss.ignore_class if y.ndim < p.ndim else np.ones(values.shape, bool)
    order = sorted(zip(*np.nonzero(valid), strict=True), key=lambda i: -values[i])
    kept = order[: max(1, int(fraction * len(order) + 1e-6))]
    kept += [i for i in order if threshold is not None and values[i] > threshold]
    result = 0 * values
    for i in kept:
        result[i] = values[i]
    return result


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


def class_probabilities(rng, n):
    """Class ids and one probability for each class, as of sigmoids."""
    return classification.ids(rng, n), rng.uniform(0.05, 0.95, size=(n, C)).astype("float32")


def hard_columns():
    y, s = binary.hard_label_logits()
    return y[:, :3], s[:, :3]


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
BAD_COUNTS = [
    {"samples_per_class": [1, 0]},
    {"samples_per_class": [-1.0, 2]},
    {"samples_per_class": 3},
    *BAD_CLASS,
]
WRAPPER = {
    "sample_weights": Exempt("positions of weight 0 are not kept: test_imbalance.py"),
    "shapes_that_only_broadcast_are_refused": Exempt(
        "by the wrapped loss, under its name: test_imbalance.py"
    ),
    "dtypes": Exempt("the arithmetic is that of the wrapped loss: test_imbalance.py"),
}
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
        kind="binary",
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
        kind="binary",
    ),
    Case(
        K.BinaryFocalCrossentropy,
        binary.soft,
        binary_focal,
        arguments={"from_logits": True, "gamma": 0.5},
        extremes=binary.hard_logits,
        kinks=[({}, np.array([[1.0, 0.0]]), np.array([[x, -x]]), np.zeros((1, 2))) for x in (95.0, 1e4)],
        kind="binary",
    ),
    Case(
        K.BinaryFocalCrossentropy,
        binary.probabilities,
        binary_focal,
        arguments={"gamma": 0.01},
        extremes=binary.hard_probabilities,
        kind="binary",
    ),
    Case(
        K.CategoricalFocalCrossentropy,
        probabilities,
        class_focal,
        variants=FOCAL_VARIANTS,
        bad=BAD_FOCAL,
        extremes=hard_probabilities,
        kind="class",
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
        kind="class",
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
        kind="class",
    ),
    Case(
        K.SparseCategoricalFocalCrossentropy,
        probabilities,
        class_focal,
        arguments={"gamma": 0.5},
        known=[({"gamma": 1.0}, np.array([1]), np.array([[0.2, 0.5, 0.3]]), 0.08664339757)],
        extremes=hard_probabilities,
        kinks=[({}, np.array([0]), np.array([[1.0, 0.0]]), np.zeros((1, 2)))],
        kind="class",
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
        kind="class",
    ),
    Case(
        K.ClassBalancedCrossentropy,
        class_probabilities,
        class_balanced,
        arguments={"samples_per_class": COUNTS, "base": "sigmoid", "beta": 0.99, "gamma": 0.5},
        variants=[{"base": "softmax"}],
        extremes=hard_probabilities,
        kind="class",
    ),
    Case(
        K.ClassBalancedCrossentropy,
        soft(logits),
        class_balanced,
        arguments={"samples_per_class": COUNTS, "from_logits": True},
        variants=[{"base": "sigmoid"}],
        extremes=dense_labels(hard_scores),
        kind="class",
    ),
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
        kind="class",
    ),
    Case(
        K.LogitAdjustedCrossentropy,
        soft(probabilities),
        adjusted,
        arguments={"class_prior": [0.6, 0.1, 0.25, 0.05]},
        extremes=hard_probabilities,
        kind="class",
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
        kind="class",
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
        kind="class",
    ),
    Case(
        K.LDAM,
        soft(logits),
        ldam,
        arguments={"samples_per_class": COUNTS},
        extremes=hard_logits,
        kind="class",
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
        kind="binary",
        exempt={
            "every_argument_matters": Exempt("stop_gradient changes the gradient alone: test_imbalance.py"),
        },
    ),
    Case(
        K.Asymmetric,
        binary.probabilities,
        asymmetric,
        arguments={"gamma_pos": 0.01, "gamma_neg": 0.5, "clip": 0.0},
        extremes=binary.hard_probabilities,
        kinks=[({}, *PERFECT, np.zeros((1, 2)))],
        kind="binary",
        exempt={
            "every_argument_matters": Exempt("stop_gradient changes the gradient alone: test_imbalance.py"),
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
        known=[({}, np.array([2]), ROW, 0.518479865438)],
        bad=[{"gamma_pos": -1}, {"gamma_neg": -1}, {"label_smoothing": 2}, {"from_logits": 1}, *BAD_CLASS],
        extremes=hard_logits,
        kinks=[({"gamma_pos": 0.5}, np.array([0]), np.array([[1e4, 0.0]]), np.zeros((1, 2)))],
        kind="class",
    ),
    Case(
        K.AsymmetricSingleLabel,
        soft(probabilities),
        asymmetric_single,
        arguments={"gamma_pos": 0.5, "gamma_neg": 0.01},
        extremes=dense_labels(hard_probabilities),
        kind="class",
    ),
    Case(
        K.OnlineHardExample,
        sequences,
        hard_examples,
        arguments={"loss": K.SparseCategoricalCrossentropy(from_logits=True), "fraction": 1.0},
        variants=[{"fraction": 0.01}, {"loss": K.SparseCategoricalCrossentropy(True, ignore_class=1)}],
        known=[
            (
                {"loss": K.SparseCategoricalCrossentropy(), "fraction": 0.5},
                np.array([0, 1, 0, 1]),
                np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]]),
                1.0601317681,
            ),
        ],
        bad=[
            {"loss": None},
            {"loss": "no_such_loss"},
            {"loss": K.Masked(K.MeanSquaredError())},
            {"loss": K.MeanSquaredError() + K.MeanAbsoluteError()},
            {"fraction": 0.0},
            {"fraction": 1.5},
            {"threshold": "high"},
        ],
        extremes=hard_logits,
        kind="class",
        scope="anchor",
        exempt=WRAPPER,
    ),
    Case(
        K.OnlineHardExample,
        sequences,
        hard_examples,
        arguments={"loss": K.SparseCategoricalCrossentropy(from_logits=True), "fraction": 0.3},
        variants=[
            {"threshold": 1.0},
            {"fraction": 0.55},
            {"loss": K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1)},
        ],
        extremes=hard_logits,
        kind="class",
        scope="anchor",
        exempt={
            **WRAPPER,
            "reductions": Exempt("means are over the positions that are kept: test_imbalance.py"),
            "wrong_labels_give_nan": Exempt("a NaN takes the place of another value: test_imbalance.py"),
        },
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
        kind="binary",
        scope="batch",
    ),
    Case(
        K.SoftF1,
        logits,
        soft_f,
        arguments={"from_logits": True},
        variants=[{"average": "micro"}],
        extremes=hard_logits,
        kind="class",
        scope="batch",
    ),
    Case(
        K.SoftF1,
        binary.probabilities,
        soft_f,
        arguments={"average": "samples", "from_logits": False},
        extremes=lambda: (np.zeros((4, 1), "float32"), np.float32([[0], [1e-30], [1e-20], [1]])),
        kind="binary",
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
        kind="binary",
        scope="batch",
    ),
]
