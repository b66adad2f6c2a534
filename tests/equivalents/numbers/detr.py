"""The criterion of DETR, with the matching of SciPy."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from tests.equivalents.number import Number, draws, softmax
from tests.equivalents.numbers._boxes import giou

normal = draws(73)
BOXES = np.round(0.5 + 0.1 * normal(3, 4, 4), 2)
CLASSES = np.array([[0, 2, 1, 1], [2, -1, 0, -1], [-1, -1, -1, -1]])
OBJECTS = np.concatenate([CLASSES[..., None], BOXES], axis=-1)
PREDICTIONS = np.concatenate([normal(3, 6, 4), np.round(0.5 + 0.1 * normal(3, 6, 4), 2)], axis=-1)


def corners(box):
    return np.concatenate([box[:2] - box[2:] / 2, box[:2] + box[2:] / 2])


def criterion(y_true, y_pred):
    of_class, weights, of_boxes, count = 0, 0, 0, 0
    for objects, predictions in zip(y_true, y_pred, strict=True):
        objects, p, boxes = objects[objects[:, 0] >= 0], softmax(predictions[:, :-4]), predictions[:, -4:]
        apart = np.array([[np.sum(np.abs(a[1:] - b)) for b in boxes] for a in objects]).reshape(
            -1, len(boxes)
        )
        overlap = np.array([[giou(corners(a[1:]), corners(b)) for b in boxes] for a in objects])
        overlap = overlap.reshape(-1, len(boxes))
        chosen = p.T[objects[:, 0].astype(int)]
        rows, columns = linear_sum_assignment(5 * apart - chosen + 2 * overlap)
        wanted, weight = np.full(len(boxes), p.shape[1] - 1), np.full(len(boxes), 0.1)
        wanted[columns], weight[columns] = objects[rows, 0], 1
        of_class -= np.sum(weight * np.log(p[np.arange(len(boxes)), wanted]))
        weights += weight.sum()
        of_boxes += np.sum((5 * apart + 2 * overlap)[rows, columns])
        count += len(objects)
    return of_class / weights + of_boxes / count


NUMBERS = {"SetCriterion": [Number(criterion, OBJECTS, PREDICTIONS)]}
