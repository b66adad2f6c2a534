"""The heads of mmdetection, place by place, and its boxes."""

import numpy as np

from tests.equivalents.number import Number, draws, sigmoid, softmax
from tests.equivalents.numbers._boxes import PRED, TRUE, diou, each, eiou, giou

normal = draws(72)
SCORES = normal(4, 3, scale=2)
QUALITY = np.where(np.eye(4, 3) > 0, np.abs(normal(4, 1)) % 1, 0)
PLACES, BINS = np.array([0.25, 1.5, 3.0, 2.75]), normal(4, 5)
MAP = np.array(
    [[[1.0, 0.6, 0.1], [0.6, 0.3, 0.0]], [[0.2, 0.7, 0.3], [0.4, 1.0, 0.6]], [[0, 0, 0.5], [0, 0.5, 1]]]
)
HEAT = np.round(sigmoid(normal(3, 2, 3)), 2)


def bce(y, x):
    return -y * np.log(sigmoid(x)) - (1 - y) * np.log(sigmoid(-x))


def quality(y, x):
    return np.mean(np.abs(y - sigmoid(x)) ** 2 * bce(y, x))


def varifocal(y, x):
    weight = np.where(y > 0, y, 0.75 * np.abs(sigmoid(x) - y) ** 2)
    return np.mean(weight * bce(y, x))


def distribution(y, x):
    low = np.minimum(np.floor(y), x.shape[-1] - 2).astype(int)
    rows, log_p = np.arange(len(y)), np.log(softmax(x))
    return np.mean(-(low + 1 - y) * log_p[rows, low] - (y - low) * log_p[rows, low + 1])


def gaussian_focal(y, p):
    values = np.where(y == 1, -((1 - p) ** 2) * np.log(p), -(p**2) * np.log(1 - p) * (1 - y) ** 4)
    return np.mean(np.sum(values, axis=(1, 2)))


NUMBERS = {
    "QualityFocalLoss": [Number(quality, QUALITY, SCORES)],
    "VarifocalLoss": [Number(varifocal, QUALITY, SCORES)],
    "DistributionFocalLoss": [Number(distribution, PLACES, BINS)],
    "GIoULoss": [Number(each(giou), TRUE, PRED)],
    "DIoULoss": [Number(each(diou), TRUE, PRED)],
    "EIoULoss": [Number(each(eiou), TRUE, PRED)],
    "GaussianFocalLoss": [Number(gaussian_focal, MAP, HEAT)],
}
