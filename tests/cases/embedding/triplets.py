"""Cases of `kerasloss/losses/embedding/triplets.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.embedding import IGNORES_Y_TRUE, distance, draw_pairs, groups, vector_extremes
from tests.precise import exp, log

A = np.array([0, 0, 1, 1]), np.array([[1, 0], [0.8, 0.6], [0, 1], [-0.6, 0.8]], "float32")


def draw_triplets(rng, n):
    return draw_pairs(rng, n, k=3)


def draw_embeddings(rng, n):
    """Unit vectors of several classes; an anchor has between no and three positives."""
    x = rng.normal(size=(n, 3)) + [2, 0, 0]  # within some 90 degrees of each other
    return groups(rng, n), (x / np.linalg.norm(x, axis=-1, keepdims=True)).astype("float32")


def triplet_margin(y, p, margin=1.0, distance="euclidean", swap=False, soft=False):
    anchor, positive, negative = np.moveaxis(p, 1, 0)
    near, far = between(distance, anchor, positive), between(distance, anchor, negative)
    if swap:
        far = np.minimum(far, between(distance, positive, negative))
    x = near - far + margin
    return log(1 + exp(x)) if soft else np.maximum(x, 0)


between = distance


def circle(y, p, gamma=80.0, margin=0.4, remove_diagonal=True, stop_gradient=False, normalize=False,
           ignore_class=None):  # fmt: skip
    n = len(p)
    there = [label != ignore_class for label in y]
    if normalize:
        p = np.array([x / mpmath.sqrt(sum(x * x)) for x in p], object)
    values = []
    for i in range(n):
        near = far = mpmath.mpf(0)
        for j in range(n):
            d = max(1 - sum(p[i] * p[j]), 0)
            if not (there[i] and there[j]):
                continue
            if y[i] == y[j] and not (remove_diagonal and i == j):
                near += mpmath.exp(-gamma * max(margin + d, 0) * (margin - d))
            elif y[i] != y[j]:
                far += mpmath.exp(gamma * max(1 + margin - d, 0) * (1 - margin - d))
        values.append(mpmath.log(1 + near * far))
    return np.array(values, object)


def has_both(y, p, **arguments):
    """Anchors with a positive and a negative."""
    same = y[:, None] == y
    return (same.sum(axis=1) > 1) & (~same).any(axis=1)


def embedding_extremes():
    _, pairs = vector_extremes()
    return np.arange(10) % 3, pairs[:5].reshape(10, 3)


CASES = [
    Case(
        K.TripletMargin,
        draw_triplets,
        triplet_margin,
        variants=[
            {"margin": 2.0},
            *({"distance": name} for name in ("squared_euclidean", "cosine", "manhattan")),
            {"swap": True},
            {"soft": True},
        ],
        known=[
            (
                {"reduction": None},
                np.zeros(2),
                np.array([[[0, 0], [3, 4], [6, 8]], [[0, 0], [1, 0], [0, 1]]], "float32"),
                [0, 1],
            ),
            (
                {"distance": "squared_euclidean", "reduction": None},
                np.zeros(2),
                np.array([[[0, 0], [3, 4], [1, 0]], [[0, 0], [3, 4], [6, 8]]], "float32"),
                [25, 0],
            ),
        ],
        bad=[{"margin": -1.0}, {"distance": "chebyshev"}, {"swap": 1}, {"soft": "yes"}],
        extremes=lambda: vector_extremes(3),
        kinks=[({}, [0.0], np.ones((1, 3, 2)), np.zeros((1, 3, 2)))],
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.Circle,
        draw_embeddings,
        circle,
        arguments={"gamma": 8.0},
        variants=[
            {"gamma": 2.0},
            {"margin": 0.2},
            {"remove_diagonal": False},
            {"normalize": True},
            {"stop_gradient": True},
            {"ignore_class": 2},
        ],
        known=[
            ({"reduction": None}, *A, [0.3983407167, 1.099591604, 1.099591604, 0.3983407167]),
            ({}, *A, 0.74896616012),
            ({}, np.zeros(4, int), A[1], 0.0),
            ({}, np.arange(4), A[1], 0.0),
        ],
        bad=[
            {"gamma": 0.0},
            {"margin": np.inf},
            {"remove_diagonal": 1},
            {"stop_gradient": None},
            {"normalize": 0},
            {"ignore_class": 0.5},
        ],
        extremes=embedding_extremes,
        kinks=[({}, [0, 0, 1], np.zeros((3, 2)), np.zeros((3, 2)))],
        scope="anchor",
        counts=has_both,
        exempt={
            "gradient": Exempt("the factors have no gradient", lambda stop_gradient=False, **_: stop_gradient)
        },
    ),
]
