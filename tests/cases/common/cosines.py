"""Draws, extremes and pieces of the references of cosines with the centers of classes."""

import mpmath
import numpy as np

from tests.cases.case import Exempt
from tests.cases.common.classes import C, crossentropy, ids

A = np.array([[0.8, 0.2, -0.4], [0.1, 0.5, 0.6]])
B = np.array([[[0.8, 0.1], [0.2, 0.3], [-0.4, 0]], [[0.1, -0.2], [0.5, 0.4], [0.6, 0.2]]])
Y = np.array([0, 1])
VALUES = {"reduction": None}

COMMON = [{"label_smoothing": 0.2}, {"ignore_class": 1}, {"class_weight": [0.5, 1.0, 2.0, 0.0]}]
IGNORED = COMMON[1:]
BAD_IGNORED = [{"ignore_class": "none"}, {"class_weight": [-1.0]}]
BAD_COMMON = [{"label_smoothing": 1.5}, *BAD_IGNORED]

OTHER_WIDTH = {
    "class_ids_equal_one_hot_at_any_axis": Exempt(
        "the last axis of y_pred is not that of the classes; the tests of the family compare both"
    )
}


def cosines(rng, n):
    return ids(rng, n), rng.uniform(-0.9, 0.9, size=(n, C)).astype("float32")


def several(rng, n):
    """Cosines with as many centers of each class as there are classes: the laws make labels of that width."""
    return ids(rng, n), rng.uniform(-0.9, 0.9, size=(n, C, C)).astype("float32")


def with_norm(rng, n):
    """Cosines, and the norm of the embedding behind them."""
    y, c = cosines(rng, n)
    return y, np.concatenate([c, rng.uniform(1, 4, size=(n, 1))], axis=1).astype("float32")


def hard_cosines():
    """Cosines of 1 and -1, of all classes the same, denormal, and what is no cosine."""
    rows = [
        [1, -1, 0, 0.5],
        [-1, 1, 0, 0.5],
        [1, 1, 1, 1],
        [-1, -1, -1, -1],
        [0, 0, 0, 0],
        [1e-40, 1 - 6e-8, -1, 0],
        [6e-8 - 1, 0, 0, 0],
        [100, -100, 0, 0],
        [-100, 100, 0, 0],
    ]
    return np.array([0, 0, 1, 2, 3, 1, 0, 0, 0]), np.array(rows, "float32")


def hard_several():
    y, c = hard_cosines()
    return y, np.stack([c, c, -c], axis=-1)


def hard_norms():
    """The same with norms of 0, denormal, and huge."""
    y, c = hard_cosines()
    norms = np.resize(np.float32([0, 1e-40, 1, 1e4]), (len(y), 1))
    return y, np.concatenate([c, norms], axis=1)


def target(y, i):
    """The class of a label: an id, or where a one-hot row is largest."""
    return int(y[i]) if y.ndim == 1 else int(np.argmax(y[i]))


def margin_softmax(y, c, psi, scale, **common):
    """The cross-entropy of `scale[i] * c`, with `psi(theta, i)` for the cosine of the true class."""
    z = np.empty_like(c)
    for i, k in np.ndindex(*c.shape):
        value = psi(mpmath.acos(c[i, k]), i) if k == target(y, i) else c[i, k]
        z[i, k] = mpmath.mpf(scale if np.isscalar(scale) else scale[i]) * value
    return crossentropy(y, z, from_logits=True, **common)
