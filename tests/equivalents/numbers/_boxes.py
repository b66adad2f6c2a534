"""Boxes, and the formulas of torchvision and mmdetection, box by box."""

import math

import numpy as np

from tests.equivalents.number import draws

normal = draws(71)
TRUE = np.concatenate([corner := normal(5, 2), corner + np.abs(normal(5, 2)) + 0.5], axis=1)
PRED = np.concatenate(
    [corner := TRUE[:, :2] + 0.3 * normal(5, 2), corner + np.abs(normal(5, 2)) + 0.5], axis=1
)
PRED[4] += 20  # far away


def parts(a, b):
    """IoU, union, sides of the box around both, differences of the centers, sides of both."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    common = np.prod(np.maximum(sides, 0))
    union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - common
    around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2])
    return common / union, union, around, (a[:2] + a[2:] - b[:2] - b[2:]) / 2, a[2:] - a[:2], b[2:] - b[:2]


def iou(a, b):
    return 1 - parts(a, b)[0]


def giou(a, b):
    value, union, around, *_ = parts(a, b)
    return 1 - value + 1 - union / np.prod(around)


def diou(a, b):
    value, _, around, offset, *_ = parts(a, b)
    return 1 - value + np.sum(offset**2) / np.sum(around**2)


def ciou(a, b):
    *_, true, pred = parts(a, b)
    v = 4 / math.pi**2 * (math.atan(true[0] / true[1]) - math.atan(pred[0] / pred[1])) ** 2
    return diou(a, b) + v * v / (iou(a, b) + v)


def eiou(a, b):
    _, _, around, _, true, pred = parts(a, b)
    return diou(a, b) + np.sum((true - pred) ** 2 / around**2)


def each(function, order=(0, 1, 2, 3)):
    def theirs(y_true, y_pred):
        pairs = zip(y_true[:, order], y_pred[:, order], strict=True)
        return np.mean([function(*pair) for pair in pairs])

    return theirs
