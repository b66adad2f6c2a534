"""Cases of `kerasloss/losses/classification/noise.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.classes import (
    BAD_CLASS,
    BAD_FROM_LOGITS,
    C,
    clipped_log,
    dense,
    distribution,
    hard_logits,
    hard_probabilities,
    hard_scores,
    logits,
    over,
    probabilities,
    soft,
)

Y = np.array([1])
P = np.array([[0.2, 0.5, 0.3]])
X = np.array([[0.5, -1.0, 1.0]])
LOG_OF_CLIP = float(np.log(1e-4))


def distributions(rng, n):
    """Probabilities whose sum is 1."""
    y, p = probabilities(rng, n)
    return y, p / p.sum(-1, keepdims=True, dtype="float64").astype("float32")


def views(rng, n):
    """Logits of two views."""
    y, x = logits(rng, n)
    return y, np.stack([x, x + rng.normal(size=x.shape)], axis=1).astype("float32")


def hard_views():
    y, x = hard_logits()
    return y, np.stack([x, x[::-1]], axis=1)


def xlog(x, y):
    """`x * log(y)` with `0 * log(0) = 0`, entry by entry."""
    return np.frompyfunc(lambda a, b: a * mpmath.log(b) if a != 0 else mpmath.mpf(0), 2, 1)(x, y)


def logarithm(x, from_logits):
    return m.log(m.softmax(x)) if from_logits else clipped_log(distribution(x, False))


def nonzero(weight, x):
    return np.where(weight == 0, 0, weight * np.where(weight == 0, 0, x))


def generalized(y, x, q=0.5, from_logits=False, ignore_class=None):
    p = m.softmax(x) if from_logits else x
    own = np.sum(m.exact(dense(y, x)) * p, axis=-1)
    return over((1 - own ** m.exact(q)) / m.exact(q), y, ignore_class)


def symmetric(y, x, alpha=0.1, beta=1.0, log_zero=-4.0, from_logits=False, ignore_class=None):
    labels, p = m.exact(dense(y, x)), distribution(x, from_logits)
    forward = -np.sum(nonzero(labels, logarithm(x, from_logits)), axis=-1)
    log_y = np.maximum(m.log(labels), m.exact(log_zero))
    return over(m.exact(alpha) * forward - m.exact(beta) * np.sum(p * log_y, axis=-1), y, ignore_class)


def bitempered(y, x, t1=0.8, t2=1.2, label_smoothing=0.0, ignore_class=None):
    """The Bregman divergence of the convex function F(u) = sum(u log_t(u) + (1 - u ** (2 - t)) / (2 - t))."""
    t1, t2, a = m.exact(t1), m.exact(t2), m.exact(label_smoothing)

    def log(u):
        return mpmath.log(u) if t1 == 1 else (u ** (1 - t1) - 1) / (1 - t1)

    def potential(u):
        return (u * log(u) if u else mpmath.mpf(0)) + (1 - u ** (2 - t1)) / (2 - t1)

    def power(z, tau):
        return [(1 + (t2 - 1) * (tau - v)) ** (-1 / (t2 - 1)) for v in z]

    values = []
    for target, z in zip(m.exact(dense(y, x)) * (1 - a) + a / C, x, strict=True):
        z = [v - max(z) for v in z]
        if t2 == 1:
            p = m.softmax(np.array(z))
        else:
            low, high = mpmath.mpf(0), (mpmath.mpf(C) ** (t2 - 1) - 1) / (t2 - 1)
            for _ in range(170):
                tau = (low + high) / 2
                low, high = (tau, high) if sum(power(z, tau)) > 1 else (low, tau)
            p = power(z, (low + high) / 2)
        values.append(
            sum(
                potential(t) - potential(v) - (log(v) * (t - v) if v else mpmath.mpf(0))
                for t, v in zip(target, p, strict=True)
            )
        )
    return over(np.array(values, object), y, ignore_class)


def bootstrap(y, x, beta=0.95, hard=False, from_logits=False, ignore_class=None):
    beta, p = m.exact(beta), distribution(x, from_logits)
    own = np.eye(x.shape[-1])[np.argmax(p, axis=-1)] if hard else p
    target = beta * m.exact(dense(y, x)) + (1 - beta) * own
    return over(-np.sum(nonzero(target, logarithm(x, from_logits)), axis=-1), y, ignore_class)


def active_passive(
    y, x, alpha=1.0, beta=1.0, passive="mae", gamma=0.0, log_zero=-4.0, from_logits=False, ignore_class=None
):
    labels, p, log_p = m.exact(dense(y, x)), distribution(x, from_logits), logarithm(x, from_logits)
    f = -((1 - p) ** m.exact(gamma)) * log_p
    value = m.exact(alpha) * np.sum(labels * f, axis=-1) / np.sum(f, axis=-1)
    scale = m.exact(-log_zero) if passive == "rce" else 1
    return over(value + m.exact(beta) * scale * (1 - np.sum(labels * p, axis=-1)), y, ignore_class)


def jensen_shannon(y, x, weights=(0.5, 0.5), from_logits=False, ignore_class=None):
    """From the entropies: H(m) - w0 H(y) - sum(w_i H(p_i)), in units of that for M equal predictions."""
    w = m.exact(np.asarray(weights))
    p = distribution(x, from_logits)
    p = [p] if len(weights) == 2 else [p[:, i] for i in range(len(weights) - 1)]
    parts = [m.exact(dense(y, p[0])), *p]

    def entropy(u):
        return -np.sum(xlog(u, u), axis=-1)

    mixture = sum(a * u for a, u in zip(w, parts, strict=True))
    value = entropy(mixture) - sum(a * entropy(u) for a, u in zip(w, parts, strict=True))
    return over(value / -((1 - w[0]) * mpmath.log(1 - w[0])), y, ignore_class)


def taylor(y, x, order=2, from_logits=False, ignore_class=None):
    missed = 1 - distribution(x, from_logits)
    series = sum(missed**k / m.exact(k) for k in map(float, range(1, order + 1)))
    return over(np.sum(m.exact(dense(y, x)) * series, axis=-1), y, ignore_class)


CASES = [
    Case(
        K.CategoricalGeneralizedCrossEntropy,
        distributions,
        generalized,
        variants=[{"q": 0.7}, {"q": 1.0}, {"q": 0.1}, {"ignore_class": 1}],
        known=[
            ({"q": 0.7}, Y, P, 0.549182561896),
            ({}, np.array([0]), np.array([[0.0, 1.0]]), 2.0),
            ({}, np.array([[1]]), np.array([[-0.1, 1.1]]), np.nan),
            ({"q": 1}, np.array([1]), np.array([[-1.5, 0.5, 2.0]]), np.nan),
        ],
        bad=[{"q": 0.0}, {"q": 1.5}, {"q": -0.5}, *BAD_FROM_LOGITS],
        extremes=hard_probabilities,
        kinks=[
            ({}, np.array([0]), np.array([[0.0, 1.0]]), np.array([[-(1e-7**-0.5), 0.0]])),
            ({"q": 1}, np.array([0]), np.array([[0.0, 1.0]]), np.array([[-1.0, 0.0]])),
        ],
    ),
    Case(
        K.CategoricalGeneralizedCrossEntropy,
        logits,
        generalized,
        arguments={"from_logits": True},
        variants=[{"q": 1.0}, {"q": 0.1}],
        extremes=hard_scores,
    ),
    Case(
        K.CategoricalGeneralizedCrossEntropy,
        soft(logits),
        generalized,
        arguments={"from_logits": True, "q": 0.3},
        extremes=hard_scores,
    ),
    Case(
        K.CategoricalGeneralizedCrossEntropy,
        soft(distributions),
        generalized,
        extremes=hard_probabilities,
    ),
    Case(
        K.SymmetricCrossentropy,
        probabilities,
        symmetric,
        variants=[{"alpha": 1.0}, {"beta": 0.0}, {"log_zero": LOG_OF_CLIP}, {"ignore_class": 1}],
        known=[({}, Y, P, 2.06931471806)],
        bad=[{"alpha": -1}, {"beta": -0.1}, {"log_zero": 0.0}, {"log_zero": float("-inf")}, *BAD_FROM_LOGITS],
        extremes=hard_probabilities,
    ),
    Case(
        K.SymmetricCrossentropy,
        logits,
        symmetric,
        arguments={"from_logits": True},
        extremes=hard_scores,
    ),
    Case(
        K.SymmetricCrossentropy,
        soft(logits),
        symmetric,
        arguments={"from_logits": True, "log_zero": -2.0},
        extremes=hard_scores,
    ),
    Case(
        K.BiTemperedLogistic,
        logits,
        bitempered,
        variants=[
            {"t1": 0.5, "t2": 2.0},
            {"t1": 0.0, "t2": 4.0},
            {"t1": 1.0, "t2": 1.0},
            {"t1": 1.0, "t2": 1.5},
            {"t1": 0.3, "t2": 1.0},
            {"t2": 1.0001},
            {"label_smoothing": 0.1},
            {"ignore_class": 1},
        ],
        known=[
            ({}, np.array([2]), X, 0.44937314169),
            ({"t1": 0.5, "t2": 2.0}, np.array([2]), X, 0.426867041312),
        ],
        bad=[
            {"t1": 1.1},
            {"t1": -0.1},
            {"t2": 0.9},
            {"t2": float("inf")},
            {"label_smoothing": 1.5},
            *BAD_CLASS,
        ],
        extremes=hard_logits,
        kinks=[({"t1": 1.0, "t2": 1.0}, np.array([1]), np.array([[1e4, -1e4]]), np.array([[1.0, -1.0]]))],
    ),
    Case(
        K.BiTemperedLogistic,
        soft(logits),
        bitempered,
        arguments={"t1": 0.7, "t2": 3.0},
        variants=[{"label_smoothing": 0.2}],
        extremes=hard_scores,
    ),
    Case(
        K.BootstrapCrossentropy,
        probabilities,
        bootstrap,
        variants=[{"beta": 0.5}, {"hard": True, "beta": 0.8}, {"beta": 0.0}, {"ignore_class": 1}],
        known=[
            ({"beta": 0.8}, Y, P, 0.760448347261),
            ({"beta": 0.8, "hard": True}, np.array([0]), P, 1.42617976606),
        ],
        bad=[{"beta": 1.1}, {"beta": -0.1}, {"hard": 1}, *BAD_FROM_LOGITS],
        extremes=hard_probabilities,
    ),
    Case(
        K.BootstrapCrossentropy,
        logits,
        bootstrap,
        arguments={"from_logits": True},
        variants=[{"hard": True, "beta": 0.8}],
        extremes=hard_scores,
        kinks=[
            (
                {"hard": True, "beta": 0},
                np.array([0]),
                np.zeros((1, 4)),
                np.array([[-0.75, 0.25, 0.25, 0.25]]),
            )
        ],
    ),
    Case(
        K.BootstrapCrossentropy,
        soft(logits),
        bootstrap,
        arguments={"from_logits": True, "beta": 0.6},
        extremes=hard_scores,
    ),
    Case(
        K.ActivePassive,
        probabilities,
        active_passive,
        variants=[
            {"alpha": 10.0},
            {"beta": 0.1},
            {"passive": "rce"},
            {"passive": "rce", "log_zero": LOG_OF_CLIP},
            {"gamma": 0.5},
            {"ignore_class": 1},
        ],
        known=[({}, Y, P, 0.697671677142)],
        bad=[
            {"alpha": -1},
            {"beta": -1},
            {"passive": "mse"},
            {"gamma": -0.5},
            {"log_zero": 1.0},
            *BAD_FROM_LOGITS,
        ],
        extremes=hard_probabilities,
    ),
    Case(
        K.ActivePassive,
        logits,
        active_passive,
        arguments={"from_logits": True},
        variants=[{"gamma": 0.5}, {"gamma": 2.0}],
        extremes=hard_logits,
    ),
    Case(
        K.ActivePassive,
        soft(logits),
        active_passive,
        arguments={"from_logits": True, "gamma": 0.5},
        extremes=hard_logits,
    ),
    Case(
        K.JensenShannonCrossentropy,
        probabilities,
        jensen_shannon,
        variants=[
            {"weights": (0.1, 0.9)},
            {"weights": (0.9, 0.1)},
            {"weights": [0.001, 0.999]},
            {"ignore_class": 1},
        ],
        known=[
            ({}, Y, P, 0.622556248918),
            (
                {"weights": [0.5, 0.25, 0.25]},
                Y,
                np.array([[[0.2, 0.5, 0.3], [0.1, 0.8, 0.1]]]),
                0.479159821668,
            ),
            ({}, Y, np.array([[0.0, 1.0, 0.0]]), 0.0),
        ],
        bad=[
            {"weights": 0.5},
            {"weights": [1.0]},
            {"weights": [0.5, 0.6]},
            {"weights": [1.0, 0.0]},
            {"weights": [1.5, -0.5]},
            {"axis": 1, "weights": [0.5, 0.25, 0.25]},
            *BAD_FROM_LOGITS,
        ],
        extremes=hard_probabilities,
        kinks=[({}, np.array([0]), np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))],
    ),
    Case(
        K.JensenShannonCrossentropy,
        soft(logits),
        jensen_shannon,
        arguments={"from_logits": True},
        extremes=hard_scores,
    ),
    Case(
        K.JensenShannonCrossentropy,
        views,
        jensen_shannon,
        arguments={"from_logits": True, "weights": (0.5, 0.3, 0.2)},
        variants=[{"weights": (0.1, 0.45, 0.45)}, {"ignore_class": 1}],
        extremes=hard_views,
        exempt={
            "class_ids_equal_one_hot_at_any_axis": Exempt("labels lack the axis of the views: test_noise.py")
        },
    ),
    Case(
        K.TaylorCrossentropy,
        probabilities,
        taylor,
        variants=[{"order": 1}, {"order": 7}, {"ignore_class": 1}],
        known=[({}, Y, P, 0.625)],
        bad=[{"order": 0}, {"order": 1.5}, *BAD_FROM_LOGITS],
        extremes=hard_probabilities,
        kinks=[({}, np.array([0]), np.array([[0.0, 1.0]]), np.array([[-2.0, 0.0]]))],
    ),
    Case(
        K.TaylorCrossentropy,
        logits,
        taylor,
        arguments={"from_logits": True},
        extremes=hard_scores,
    ),
    Case(
        K.TaylorCrossentropy,
        soft(logits),
        taylor,
        arguments={"from_logits": True},
        extremes=hard_scores,
    ),
]
