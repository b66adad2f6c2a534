"""The losses of MiDaS, image by image, as its paper has them."""

import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(54)
DEPTHS, PREDICTED = np.abs(normal(3, 5, 6)) + 0.5, normal(3, 5, 6)


def roughness(d, scales=4):
    total = 0
    for step in (2**k for k in range(scales)):
        part = d[::step, ::step]
        total += (np.abs(np.diff(part, axis=0)).sum() + np.abs(np.diff(part, axis=1)).sum()) / part.size
    return total


def least_squares(y, x):
    columns = np.stack([x.ravel(), np.ones(x.size)], axis=1)
    solution = np.linalg.lstsq(columns, y.ravel(), rcond=None)[0]
    d = (columns @ solution).reshape(x.shape) - y
    return np.sum(d**2) / (2 * d.size) + 0.5 * roughness(d)


def standardized(x):
    x = x - np.sort(x.ravel())[(x.size - 1) // 2]
    return x / np.mean(np.abs(x))


def trimmed(y, x):
    d = standardized(x) - standardized(y)
    return np.sort(np.abs(d).ravel())[: int(0.8 * d.size)].sum() / (2 * d.size) + 0.5 * roughness(d)


def each(function):
    return lambda y_true, y_pred: np.mean([function(y, x) for y, x in zip(y_true, y_pred, strict=True)])


NUMBERS = {
    "ScaleAndShiftInvariantLoss": [Number(each(least_squares), DEPTHS, PREDICTED)],
    "TrimmedProcrustesLoss": [Number(each(trimmed), DEPTHS, PREDICTED)],
}
