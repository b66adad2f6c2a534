"""Draws, extremes and the distance of embeddings."""

import numpy as np

from tests.cases.case import Exempt
from tests.precise import sqrt

IGNORES_Y_TRUE = {
    "shapes_that_only_broadcast_are_refused": Exempt("y_true is ignored, whatever its shape"),
}


def labels(rng, n):
    return np.where(rng.permutation(n) % 2 == 0, 1.0, 0.0).astype("float32")


def groups(rng, n):
    """Ids of classes with 1, 2, 3 and 4 members, and again: anchors with 0, 1, 2 and 3 positives."""
    sizes = np.resize([1, 2, 3, 4], n)
    return rng.permutation(np.repeat(np.arange(n), sizes)[:n])


def draw_pairs(rng, n, k=2):
    return labels(rng, n), rng.normal(size=(n, k, 3)).astype("float32")


def vector_extremes(k=2):
    """Equal, zero, tiny and huge vectors in every position, with both labels."""
    vectors = np.array([[0, 0, 0], [1, 2, 3], [1e-20, 0, 0], [1e4, -1e4, 1e4], [1e-40, 0, 1]], "float32")
    y_pred = np.stack([np.stack(x) for x in np.stack(np.meshgrid(*[range(5)] * k), -1).reshape(-1, k)])
    y_pred = vectors[y_pred]
    return (np.arange(len(y_pred)) % 2).astype("float32"), y_pred


def dot(a, b):
    return np.sum(a * b, axis=-1)


def distance(name, a, b):
    """From inner products, not from differences."""
    if name == "manhattan":
        return np.sum(np.maximum(a - b, b - a), axis=-1)
    if name == "cosine":
        lengths = dot(a, a) * dot(b, b)
        return 1 - dot(a, b) / sqrt(lengths)
    squares = dot(a, a) - 2 * dot(a, b) + dot(b, b)
    return squares if name == "squared_euclidean" else sqrt(squares)
