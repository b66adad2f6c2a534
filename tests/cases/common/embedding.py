"""Draws, extremes and the distance of embeddings."""

import numpy as np

from tests.cases.case import Exempt
from tests.precise import sqrt

A = np.array([0, 0, 1, 1]), np.array([[1, 0], [0.8, 0.6], [0, 1], [-0.6, 0.8]], "float32")
"""Two classes of two unit vectors."""

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


def draw_embeddings(rng, n):
    """Unit vectors of several classes; an anchor has between no and three positives."""
    x = rng.normal(size=(n, 3)) + [2, 0, 0]  # within some 90 degrees of each other
    return groups(rng, n), (x / np.linalg.norm(x, axis=-1, keepdims=True)).astype("float32")


def draw_long_embeddings(rng, n):
    """Vectors of any length."""
    y_true, x = draw_embeddings(rng, n)
    return y_true, (x * rng.uniform(0.5, 2, size=(n, 1))).astype("float32")


def embedding_extremes():
    _, pairs = vector_extremes()
    return np.arange(10) % 3, pairs[:5].reshape(10, 3)


class Batch:
    """The samples of a batch: their distances, and the positives and negatives of each."""

    def __init__(self, y, p, name="euclidean", normalize=False, ignore_class=None):
        p = [x / sqrt(dot(x, x)) for x in p] if normalize else p
        self.n = len(y)
        self.here = [i for i in range(self.n) if y[i] != ignore_class]
        self.d = [[distance(name, a, b) for b in p] for a in p]
        self.positives = [[j for j in self.here if j != i and y[j] == y[i]] for i in range(self.n)]
        self.negatives = [[j for j in self.here if y[j] != y[i]] for i in range(self.n)]

    def values(self, terms, average):
        """The values of anchors of the terms that `terms(i)` lists, averaged by a word of `Average`."""
        of_each = [terms(i) if i in self.here else [] for i in range(self.n)]
        if average == "anchor":
            return np.array([sum(t) / len(t) if t else 0 for t in of_each], object)
        count = sum(1 for t in of_each for x in t if average == "valid" or x > 0)
        return np.array([sum(t) * len(self.here) / count if count else 0 for t in of_each], object)

    def each(self, value):
        """The value of each anchor that is there."""
        return np.array([value(i) if i in self.here else 0 for i in range(self.n)], object)


def has_positive(y, p, ignore_class=None, average="valid", **arguments):
    """Anchors with another sample of their class; with `average="anchor"` all."""
    if average == "anchor":
        return y != ignore_class
    return ((y[:, None] == y).sum(axis=1) > 1) & (y != ignore_class)


def has_both(y, p, ignore_class=None, average="valid", **arguments):
    """Anchors with a positive and a negative."""
    return has_positive(y, p, ignore_class, average) & (
        (average == "anchor") | ((y[:, None] != y) & (y != ignore_class)).any(axis=1)
    )
