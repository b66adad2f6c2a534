"""Cases of `classification/categorical.py` and `classification/sparse.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case

C = 4
WEIGHTS = [0.5, 1.0, 2.0, 3.0]
SCORES = np.array([[1.0, 0.8, -0.5]])


def one_hot(ids, count=C):
    return (np.asarray(ids)[..., None] == np.arange(count)).astype("float32")


def ids(rng, n):
    y = rng.integers(0, C, size=n)
    y[:C] = rng.permutation(C)[:n]
    return y


def logits(rng, n):
    return ids(rng, n), (2 * rng.normal(size=(n, C))).astype("float32")


def probabilities(rng, n):
    """Positive numbers whose sum is not quite 1."""
    y, x = logits(rng, n)
    p = np.exp(x)
    return y, (1.1 * p / p.sum(-1, keepdims=True)).astype("float32")


def log_probabilities(rng, n):
    y, x = logits(rng, n)
    return y, (x - np.log(np.exp(x).sum(-1, keepdims=True))).astype("float32")


def soft(draw):
    """The same predictions with soft labels."""

    def of(rng, n):
        labels = np.array([rng.multinomial(64, p) for p in rng.dirichlet(np.ones(C), size=n)]) / 64
        labels[0] = one_hot(1)
        return labels.astype("float32"), draw(rng, n)[1]

    return of


def sequences(rng, n):
    """Class ids of 3 steps."""
    y, x = logits(rng, 3 * n)
    return y.reshape(n, 3), x.reshape(n, 3, C)


def hard_logits():
    rows = [
        [0, 0, 0, 0],
        [1e4, -1e4, 0, 0],
        [-1e4, 1e4, 1e4, 0],
        [1e4] * 4,
        [1e-40, 0, 0, 0],
        [50, -50, 20, 0],
    ]
    return np.array([0, 1, 2, 3, 0, 1]), np.array(rows, "float32")


def hard_scores():
    """Logits of -inf at classes that are not the true one."""
    y, x = hard_logits()
    x = np.concatenate([x, [[0, -np.inf, 1, -np.inf], [-np.inf, 3, -np.inf, -np.inf]]])
    return np.concatenate([y, [2, 1]]), x.astype("float32")


def hard_probabilities():
    rows = [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [1e-40, 0, 0, 1], [0.25] * 4, [0, 1e-7, 1 - 1e-7, 0]]
    return np.array([0, 1, 2, 0, 0, 1]), np.array(rows, "float32")


def dense(y, p, axis=-1):
    """One-hot labels of class ids, soft labels as they are."""
    return one_hot(y, p.shape[axis]) if y.ndim < p.ndim else y


def normalized(p):
    return p / np.sum(p, axis=-1, keepdims=True)


def clipped_log(p):
    clip = m.exact(1e-7)
    return m.log(np.clip(p, clip, 1 - clip))


def crossentropy(
    y,
    p,
    from_logits=False,
    label_smoothing=0.0,
    class_weight=None,
    z_loss=0.0,
    epsilon=None,
    ignore_class=None,
):
    y = m.exact(dense(y, p))
    ignored = [] if ignore_class is None else np.atleast_1d(ignore_class)
    counted = np.all([y[..., k] != 1 for k in ignored if 0 <= k < C] or [np.ones(y.shape[:-1], bool)], axis=0)
    y = y * (1 - m.exact(label_smoothing)) + m.exact(label_smoothing) / C
    if from_logits:
        log_p = m.log(m.softmax(p))
    else:
        log_p = clipped_log(normalized(p)) if epsilon is None else m.log(p + m.exact(epsilon))
    weight = 1 if class_weight is None else m.exact(class_weight)
    value = -np.sum(weight * y * log_p, axis=-1)
    if z_loss:
        value = value + m.exact(z_loss) * m.log(np.sum(m.exp(p), axis=-1)) ** 2
    return np.where(counted, value, 0)


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


def bisect(z, probabilities):
    """The tau at which the probabilities sum to 1."""
    low, high = min(min(z), 0) - 2, max(max(z), 0) + 1
    for _ in range(150):
        tau = (low + high) / 2
        low, high = (tau, high) if sum(probabilities(z, tau)) > 1 else (low, tau)
    return np.array(probabilities(z, tau), object)


def fenchel_young(probabilities, entropy):
    """`max over p of <p, z> + H(p)`, minus the same at y: a loss from its entropy alone."""

    def reference(y, s, ignore_class=None):
        values = []
        for target, z in zip(m.exact(dense(y, s)), s, strict=True):
            p = bisect(z, probabilities)
            values.append(np.dot(p, z) + entropy(p) - np.dot(target, z) - entropy(target))
        counted = y != ignore_class if y.ndim < s.ndim else True
        return np.where(counted, np.array(values, object), 0)

    return reference


sparsemax = fenchel_young(
    lambda z, tau: [max(v - tau, 0) for v in z], lambda p: sum(v * (1 - v) for v in p) / 2
)
entmax15 = fenchel_young(
    lambda z, tau: [max(v / 2 - tau, 0) ** 2 for v in z],
    lambda p: sum(v - v ** m.exact(1.5) for v in p) / m.exact(0.75),
)


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
BAD_CLASS = [{"ignore_class": "none"}, {"axis": 0.5}]

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
        kind="class",
    ),
    Case(
        K.CategoricalCrossentropy,
        soft(logits),
        crossentropy,
        arguments={"from_logits": True},
        variants=[*CROSSENTROPY_VARIANTS, {"z_loss": 0.01}],
        extremes=hard_scores,
        kind="class",
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
        kind="class",
    ),
    Case(
        K.SparseCategoricalCrossentropy,
        sequences,
        crossentropy,
        arguments={"from_logits": True},
        extremes=hard_logits,
        kind="class",
    ),
    Case(
        K.SparseCategoricalCrossentropy,
        probabilities,
        crossentropy,
        variants=CROSSENTROPY_VARIANTS + PROBABILITY_VARIANTS,
        extremes=hard_probabilities,
        kind="class",
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
        kind="class",
    ),
    Case(
        K.NegativeLogLikelihood,
        soft(log_probabilities),
        likelihood,
        variants=[{"class_weight": WEIGHTS}],
        extremes=hard_scores,
        kind="class",
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
        ],
        bad=[{"margin": float("nan")}, {"exclude_true": None}],
        kinks=[
            ({"exclude_true": True}, np.array([0]), np.zeros((1, 3)), np.array([[-1.0, 0.5, 0.5]])),
            ({}, np.array([0]), np.array([[0.5, 2.0, 2.0]]), np.array([[-1.0, 0.5, 0.5]])),
        ],
        extremes=hard_logits,
        kind="class",
    ),
    Case(
        K.MultiMargin,
        logits,
        multi_margin,
        variants=[{"p": 2}, {"margin": 0.5}, {"class_weight": WEIGHTS}],
        known=[({"p": 2}, np.array([0]), np.array([[0.5, 0.2, -1.0]]), 0.163333333333)],
        bad=[{"p": 3}, {"p": 1.5}, {"margin": None}, {"class_weight": [-1.0]}],
        extremes=hard_logits,
        kind="class",
    ),
    Case(
        K.Brier,
        probabilities,
        brier,
        variants=[{"ignore_class": 1}],
        known=[({}, np.array([1]), np.array([[0.2, 0.5, 0.3]]), 0.38)],
        bad=[{"from_logits": 0}, *BAD_CLASS],
        extremes=hard_probabilities,
        kind="class",
    ),
    Case(
        K.Brier,
        soft(logits),
        brier,
        arguments={"from_logits": True},
        extremes=hard_scores,
        kind="class",
    ),
    Case(
        K.Sparsemax,
        logits,
        sparsemax,
        variants=[{"ignore_class": 1}],
        known=[({}, np.array([0]), SCORES, 0.16)],
        bad=BAD_CLASS,
        extremes=hard_scores,
        kind="class",
    ),
    Case(K.Sparsemax, soft(logits), sparsemax, extremes=hard_scores, kind="class"),
    Case(
        K.Entmax15,
        logits,
        entmax15,
        variants=[{"ignore_class": 1}],
        known=[({}, np.array([0]), SCORES, 0.297586614395)],
        bad=BAD_CLASS,
        extremes=hard_scores,
        kind="class",
    ),
    Case(K.Entmax15, soft(logits), entmax15, extremes=hard_scores, kind="class"),
    Case(
        K.Poly1Crossentropy,
        logits,
        poly1,
        arguments={"from_logits": True},
        variants=[{"epsilon": -1.0}, {"label_smoothing": 0.15}, {"ignore_class": 1}],
        known=[({}, np.array([2]), np.array([[0.5, -1.0, 1.0]]), 0.980859926674)],
        bad=[{"epsilon": -1.5}, {"label_smoothing": 2.0}, {"from_logits": None}, *BAD_CLASS],
        extremes=hard_scores,
        kind="class",
    ),
    Case(
        K.Poly1Crossentropy,
        soft(probabilities),
        poly1,
        variants=[{"epsilon": 2.0}],
        extremes=hard_probabilities,
        kind="class",
    ),
]
