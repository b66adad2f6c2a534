"""Flux's documented formulas, written out here: it needs Julia."""

import itertools

import numpy as np

from tests.equivalents.number import (
    AMOUNTS,
    BINARY,
    BINARY_LOGITS,
    COUNTS,
    DISTANCES,
    FRAMES,
    LABELS,
    LOGITS,
    ONE_HOT,
    POSITIVE,
    PROBABILITIES,
    SCORES,
    SIGNS,
    SOFT,
    Number,
    P,
    Y,
    sigmoid,
    softmax,
)

EPS = 1.1920929e-07
CHANCES = np.round(sigmoid(SCORES), 4)
ALMOST = np.array([[1.0, 0.0, 0.0], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])  # a zero shows the epsilon
IDS_OF_ALMOST = np.array([1, 1, 2])


def log_softmax(x):
    return np.log(softmax(x))


def mae(y, p):
    return np.mean(np.abs(p - y))


def mse(y, p):
    return np.mean((p - y) ** 2)


def msle(y, p):
    return np.mean((np.log(p + EPS) - np.log(y + EPS)) ** 2)


def huber(y, p, delta=1.0):
    e = np.abs(p - y)
    return np.mean(np.where(e < delta, e**2 / 2, delta * (e - delta / 2)))


def crossentropy(y, p):
    y = np.eye(p.shape[-1])[y] if y.ndim < p.ndim else y
    return np.mean(-np.sum(y * np.log(np.maximum(p, EPS)), axis=-1))


def logitcrossentropy(y, p):
    return np.mean(-np.sum(y * log_softmax(p), axis=-1))


def binarycrossentropy(y, p):
    return np.mean(-y * np.log(p + EPS) - (1 - y) * np.log(1 - p + EPS))


def logitbinarycrossentropy(y, p):
    return np.mean((1 - y) * p + np.log1p(np.exp(-p)))


def kldivergence(y, p):
    return np.mean(np.sum(np.where(y > 0, y * np.log(np.where(y > 0, y, 1) / p), 0), axis=-1))


def poisson(y, p):
    return np.mean(p - y * np.log(p))


def hinge(y, p):
    return np.mean(np.maximum(0, 1 - y * p))


def squared_hinge(y, p):
    return np.mean(np.maximum(0, 1 - y * p) ** 2)


def dice(y, p, smooth=1):
    return 1 - (2 * np.sum(y * p) + smooth) / (np.sum(y**2) + np.sum(p**2) + smooth)


def tversky(y, p, beta=0.7):
    """Its code: beta on false positives."""
    overlap = np.sum(y * p)
    return 1 - (overlap + 1) / (overlap + beta * np.sum((1 - y) * p) + (1 - beta) * np.sum(y * (1 - p)) + 1)


def documented_tversky(y, p, beta=0.7):
    """Its documentation: beta on false negatives."""
    overlap = np.sum(y * p)
    return 1 - (overlap + 1) / (overlap + beta * np.sum(y * (1 - p)) + (1 - beta) * np.sum((1 - y) * p) + 1)


def binary_focal(y, p, gamma=2):
    p = np.where(y > 0, p, 1 - p)
    return np.mean(-((1 - p) ** gamma) * np.log(p))


def focal(y, p, gamma=2):
    return np.mean(np.sum(-y * (1 - p) ** gamma * np.log(p), axis=-1))


def contrastive(y, p, margin=1):
    return np.mean((1 - y) * p**2 + y * np.maximum(0, margin - p) ** 2)


def ctc(y, p):
    """The sum over all paths, one by one; the blank is the last class."""
    blank, losses = p.shape[-1] - 1, []
    for labels, frames in zip(y, softmax(p), strict=True):
        wanted, total = [label for label in labels if label >= 0], 0.0
        for path in itertools.product(range(blank + 1), repeat=len(frames)):
            if [key for key, _ in itertools.groupby(path) if key != blank] == wanted:
                total += np.prod(frames[np.arange(len(frames)), list(path)])
        losses.append(-np.log(total))
    return np.mean(losses)


MASK = np.round(sigmoid(BINARY_LOGITS), 4)
TWO_OF_THREE = np.array([[1], [0], [1], [0], [0]])

NUMBERS = {
    "mae": [Number(mae, Y, P)],
    "mse": [Number(mse, Y, P)],
    "msle": [Number(msle, AMOUNTS, POSITIVE), Number(msle, AMOUNTS, 1e-7 * POSITIVE)],
    "huber_loss": [Number(huber, Y, P)],
    "crossentropy": [
        Number(crossentropy, SOFT, PROBABILITIES),
        Number(crossentropy, IDS_OF_ALMOST, ALMOST),
    ],
    "logitcrossentropy": [Number(logitcrossentropy, SOFT, LOGITS)],
    "binarycrossentropy": [
        Number(binarycrossentropy, LABELS, CHANCES),
        Number(binarycrossentropy, np.array([[1], [0], [1]]), np.array([[0.0], [0.2], [0.7]])),
    ],
    "logitbinarycrossentropy": [Number(logitbinarycrossentropy, LABELS, SCORES)],
    "kldivergence": [
        Number(kldivergence, SOFT, PROBABILITIES),
        Number(kldivergence, np.eye(3)[[1, 0, 2]], np.array([[1.0, 1e-9, 0], [0.5, 0.5, 0], [0, 0.8, 0.2]])),
    ],
    "poisson_loss": [
        Number(poisson, COUNTS, POSITIVE),
        Number(poisson, COUNTS, 1e-6 * POSITIVE),
    ],
    "hinge_loss": [Number(hinge, SIGNS, SCORES)],
    "squared_hinge_loss": [Number(squared_hinge, SIGNS, SCORES)],
    "dice_coeff_loss": [
        Number(dice, BINARY, MASK),
    ],
    "tversky_loss": [
        Number(tversky, BINARY, MASK),
        Number(documented_tversky, BINARY, MASK, {"alpha": 0.3, "beta": 0.7}),
    ],
    "binary_focal_loss": [Number(binary_focal, LABELS, CHANCES)],
    "focal_loss": [Number(focal, ONE_HOT, PROBABILITIES)],
    "siamese_contrastive_loss": [
        Number(contrastive, TWO_OF_THREE, DISTANCES),
        Number(contrastive, np.array([[1.0], [2], [3]]), np.array([[0.5], [1.5], [2.5]])),
    ],
    "ctc_loss": [Number(ctc, np.array([[1, 2, -1], [0, 0, 1], [2, -1, -1]]), FRAMES[:, :5])],
}
