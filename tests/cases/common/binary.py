"""Draws and extremes of 0/1 labels with probabilities or logits."""

import numpy as np

from tests.cases.common.element import real_extremes

SIGNS, SCORES = np.array([[1, -1]]), np.array([[0.5, 2.0]])


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
