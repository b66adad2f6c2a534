"""Neurenix's documented formulas: it is no package."""

import numpy as np

from tests.equivalents.number import IGNORED, LABELS, LOGITS, SCORES, WEIGHT, Number, P, Y, sigmoid
from tests.equivalents.numbers.flux import log_softmax, logitbinarycrossentropy, mae, mse


def crossentropy(y, p, weight=(1, 1, 1, 1)):
    there = y != -100
    y, p = y[there], log_softmax(p[there])
    return np.mean(-np.asarray(weight)[y] * p[np.arange(len(y)), y])


def bce(y, p):
    return np.mean(-np.log(np.where(y > 0, p, 1 - p)))


def weighted(y, p):
    return crossentropy(y, p, WEIGHT)


NUMBERS = {
    "MSELoss": [Number(mse, Y, P)],
    "L1Loss": [Number(mae, Y, P)],
    "CrossEntropyLoss": [
        Number(crossentropy, IGNORED, LOGITS),
        Number(weighted, IGNORED, LOGITS, {"class_weight": WEIGHT}),
    ],
    "BCELoss": [Number(bce, LABELS, np.round(sigmoid(SCORES), 4))],
    "BCEWithLogitsLoss": [Number(logitbinarycrossentropy, LABELS, SCORES)],
}
