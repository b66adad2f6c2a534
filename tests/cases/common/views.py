"""Draws, extremes and pieces of the references of losses of several views."""

import mpmath
import numpy as np

from tests.cases.common.embedding import draw_pairs, vector_extremes

B = np.array([[[1, 0], [0.6, 0.8]], [[0, 2], [1, 1]]], "float32")


def draw_views(count):
    """A draw of that many views."""
    return lambda rng, n: draw_pairs(rng, n, count)


def draw_rows(rng, n):
    """One embedding of each sample."""
    y_true, views = draw_pairs(rng, n, 1)
    return y_true, views[:, 0]


def row_extremes():
    y_true, pairs = vector_extremes()
    return y_true, pairs[:, 0]


def fixed(x):
    """The same numbers without a gradient."""
    return np.frompyfunc(lambda v: mpmath.mpf(float(v)), 1, 1)(x)


def cosine(a, b):
    return sum(a * b) / mpmath.sqrt(sum(a * a) * sum(b * b))


def softmax(x):
    powers = [mpmath.exp(v) for v in x]
    return [v / sum(powers) for v in powers]


def cross_entropy(q, logits):
    return -sum(a * mpmath.log(b) for a, b in zip(q, softmax(logits), strict=True))


def everywhere(value, p):
    """One number of the batch as the value of each sample."""
    return np.array([value] * len(p), object)
