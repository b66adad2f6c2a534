"""Draws, extremes and the orders of lists of items."""

import mpmath
import numpy as np

LIST = np.array([[2, 0, 1]]), np.array([[0.5, 1.0, -0.25]], "float32")


def draw_lists(rng, n, length=5):
    """Whole lists, lists with padding at the front, inside and at the end, with ties of relevances."""
    y_true = rng.integers(0, 4, size=(n, length))
    y_true[:, 1] = (y_true[:, 0] + 1) % 4  # two that differ
    for i in range(n):
        y_true[i, [(), (2,), (4,), (3, 4)][i % 4]] = -1 - i
    return y_true, rng.normal(size=(n, length)).astype("float32")


def draw_graded(rng, n):
    """The same with relevances between the whole numbers."""
    y_true, y_pred = draw_lists(rng, n)
    return np.where(y_true > 0, y_true - 0.25, y_true).astype("float32"), y_pred


def draw_chosen(rng, n):
    """Lists with one or two items of interest."""
    y_true, y_pred = draw_lists(rng, n)
    return np.where(y_true > 0, (y_true > 1) | (np.arange(5) == 1), y_true).astype("int64"), y_pred


def list_extremes():
    """Scores far apart, tied and tiny, beside lists of padding, of one item, and of nothing relevant."""
    scores = [[1e4, -1e4, 0, 1e4], [-1e4, 1e4, 0, 0], [0, 0, 0, 0], [1e-40, 0, -1e-40, 1], [3, 3, 3, -3]]
    labels = [[3, 0, 1, 2], [0, 0, 0, 0], [-1, -1, -1, -1], [-1, 2, -1, -1], [2, 2, 2, 2], [120, 0, 1, 119]]
    y_true, y_pred = np.repeat(labels, len(scores), axis=0), np.tile(scores, (len(labels), 1))
    return y_true.astype("float32"), y_pred.astype("float32")


def items(y):
    """The positions of a list that hold an item."""
    return [i for i in range(len(y)) if y[i] >= 0]


def in_order(s, those):
    """Positions by score, the largest first, the first of equal ones before the others."""
    return sorted(those, key=lambda i: (-s[i], i))


def gain_of(y, gain="exp2"):
    return 2 ** mpmath.mpf(float(y)) - 1 if gain == "exp2" else mpmath.mpf(float(y))


def dcg(labels, topn=None, gain="exp2"):
    """The discounted cumulative gain of relevances in the order in which they are shown."""
    shown = labels if topn is None else labels[:topn]
    return sum((gain_of(y, gain) / mpmath.log(k + 2, 2) for k, y in enumerate(shown)), mpmath.mpf(0))


def best_dcg(y, topn=None, gain="exp2"):
    return dcg(sorted((y[i] for i in items(y)), reverse=True), topn, gain)


def each_list(value):
    """The reference of a batch from that of a list: `value(y, s, those, **arguments)`."""

    def reference(y, p, **arguments):
        return np.array(
            [value(a, b, items(a), **arguments) * mpmath.mpf(1) for a, b in zip(y, p, strict=True)], object
        )

    return reference
