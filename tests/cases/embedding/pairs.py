"""Cases of `kerasloss/losses/embedding/pairs.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.element import real_extremes
from tests.cases.common.embedding import IGNORES_Y_TRUE, distance, draw_pairs, labels, vector_extremes
from tests.precise import exp, mean

B = np.array([[[1, 0], [0.6, 0.8]], [[0, 2], [1, 1]]], "float32")


def draw_distances(rng, n):
    return labels(rng, n), rng.uniform(0.1, 2.0, (n, 1)).astype("float32")


def draw_signed(rng, n):
    y_true = np.sign(rng.normal(size=(n, 3)))
    return y_true.astype("float32"), rng.normal(size=(n, 3)).astype("float32")


def draw_scores(rng, n):
    return labels(rng, n), rng.normal(size=(n, 2)).astype("float32")


def distance_extremes():
    numbers = np.array([0.0, 1e-40, 1e-20, 1e-7, 1.0, 1e4], "float32")
    return np.tile([0.0, 1.0], 6).astype("float32"), np.repeat(numbers, 2)


def scores_extremes():
    y_true, y_pred = real_extremes()
    pairs = np.stack([y_true.ravel(), y_pred.ravel()], axis=-1)
    return (np.arange(len(pairs)) % 2).astype("float32"), pairs


def contrastive(y, p, margin=1.0, pos_margin=0.0, squared=True, similar_label=1, distance="euclidean"):
    d = distances(distance, p)
    t = y if similar_label == 1 else 1 - y
    far = np.array([max(x - pos_margin, 0) for x in d], object)
    near = np.array([max(margin - x, 0) for x in d], object)
    k = 2 if squared else 1
    return t * far**k + (1 - t) * near**k


def distances(name, p):
    return p.reshape(len(p)) if p.ndim < 3 else distance(name, p[:, 0], p[:, 1])


def cosine_embedding(y, p, margin=0.0):
    c = 1 - distance("cosine", p[:, 0], p[:, 1])
    return np.array([1 - x if t > 0 else max(x - margin, 0) for t, x in zip(y, c, strict=True)], object)


def hinge_embedding(y, p, margin=1.0):
    each = [x if t > 0 else max(margin - x, 0) for t, x in zip(y.ravel(), p.ravel(), strict=True)]
    return mean(np.array(each, object).reshape(p.shape))


def margin_ranking(y, p, margin=0.0):
    sign = [1 if t > 0 else -1 for t in y]
    return np.array([max(-s * (a - b) + margin, 0) for s, (a, b) in zip(sign, p, strict=True)], object)


def sdml(y, p, label_smoothing=0.3):
    n = len(p)
    values = []
    for i in range(n):
        kernel = exp(-np.array([distance("squared_euclidean", p[i, 0], p[j, 1]) for j in range(n)], object))
        q = kernel / sum(kernel)
        t = [label_smoothing / mpmath.mpf(max(n - 1, 1))] * n
        t[i] = mpmath.mpf(1 - label_smoothing if n > 1 else 1)
        values.append(sum(w * mpmath.log(w / x) for w, x in zip(t, q, strict=True) if w))
    return np.array(values, object)


CASES = [
    Case(
        K.Contrastive,
        draw_distances,
        contrastive,
        variants=[
            {"margin": 0.5},
            {"pos_margin": 0.4},
            {"squared": False},
            {"similar_label": 0},
        ],
        known=[
            ({"reduction": None}, np.array([1, 0, 0]), np.array([0.5, 0.25, 2.0]), [0.25, 0.5625, 0]),
            ({}, np.array([1, 0, 0]), np.array([0.5, 0.25, 2.0]), 0.270833333333),
            ({"similar_label": 0}, np.array([1, 2, 3]), np.array([0.5, 1.5, 2.5]), -4.83333333333),
            ({"similar_label": 0, "margin": 2.0}, np.array([1, 2, 3]), np.array([0.5, 1.5, 2.5]), -4.0),
        ],
        bad=[
            {"margin": -1.0},
            {"pos_margin": -0.1},
            {"squared": 1},
            {"similar_label": 2},
            {"distance": "chebyshev"},
        ],
        extremes=distance_extremes,
        kinks=[
            ({}, [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-2, 0, 0]),
            ({"squared": False}, [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1, 0, 0]),
            ({"pos_margin": 0.5}, [1.0], [0.5], [0]),
        ],
    ),
    Case(
        K.Contrastive,
        draw_pairs,
        contrastive,
        arguments={"margin": 2.0},
        variants=[{"distance": name} for name in ("squared_euclidean", "cosine", "manhattan")],
        extremes=vector_extremes,
        kinks=[({}, [0.0, 1.0], np.ones((2, 2, 3)), np.zeros((2, 2, 3)))],
    ),
    Case(
        K.CosineEmbedding,
        draw_pairs,
        cosine_embedding,
        variants=[{"margin": -0.5}, {"margin": 0.5}],
        known=[
            ({"reduction": None}, np.array([1, -1]), B, [0.4, 0.6071067812 + 0.1]),
            ({"reduction": None, "margin": 0.1}, np.array([1, -1]), B, [0.4, 0.6071067812]),
            ({}, [[1]], np.array([[[1, 0, 1, 0, 1, 0]] * 2], "float32"), 0.0),
            ({}, [[-1]], np.array([[[1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1]]], "float32"), 0.0),
        ],
        bad=[{"margin": 1.0}, {"margin": -1.1}],
        extremes=vector_extremes,
        kinks=[({}, [1.0, 0.0], [[[0, 0], [1, 0]], [[0, 0], [0, 0]]], np.zeros((2, 2, 2)))],
    ),
    Case(
        K.HingeEmbedding,
        draw_signed,
        hinge_embedding,
        variants=[{"margin": 0.3}],
        known=[({}, np.array([[1, -1, -1]]), np.array([[0.5, 0.2, 3.0]]), 0.433333333333)],
        bad=[{"margin": np.inf}],
        extremes=real_extremes,
        kinks=[({}, [[-1.0, -1.0]], [[1.0, 0.0]], [[0, -0.5]])],
        obeys="element",
    ),
    Case(
        K.MarginRanking,
        draw_scores,
        margin_ranking,
        variants=[{"margin": 0.8}],
        known=[({"margin": 0.1}, np.array([1, -1]), np.array([[0.2, 0.5], [0.2, 0.5]]), 0.2)],
        bad=[{"margin": np.nan}],
        extremes=scores_extremes,
        kinks=[({}, [1.0, -1.0], [[0.5, 0.5], [0.5, 0.5]], np.zeros((2, 2)))],
    ),
    Case(
        K.SDML,
        draw_pairs,
        sdml,
        variants=[{"label_smoothing": 0.0}, {"label_smoothing": 0.8}],
        known=[
            ({"reduction": None}, np.zeros(2), B, [0.04727456733, 0.1272745673]),
            ({}, np.zeros(2), B, 0.0872745673267),
            ({}, np.zeros(1), B[:1], 0.0),
        ],
        bad=[{"label_smoothing": 1.0}, {"label_smoothing": -0.1}],
        extremes=vector_extremes,
        kinks=[({}, [0.0], [[[1.0, 2.0], [3.0, 4.0]]], np.zeros((1, 2, 2)))],
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
]
