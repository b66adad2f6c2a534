"""Cases of `kerasloss/losses/detection/sets.py`."""

import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.backend import BACKEND
from tests.cases.case import Case, Exempt
from tests.cases.detection.boxes import generalized

POINTS = np.array([[[0.0, 0.0], [1.0, 0.0]]]), np.array([[[0.0, 1.0], [3.0, 0.0], [1.0, 1.0]]])
OBJECTS = np.array([[[0, 0.25, 0.5, 0.5, 1], [1, 0.75, 0.5, 0.5, 1]]])
PREDICTIONS = np.array(
    [[[2, 0, 0, 0.75, 0.5, 0.5, 0.8], [0, 1, 0, 0.25, 0.5, 0.5, 1], [0, 0, 1, 0.5, 0.5, 0.2, 0.2]]]
)


def chamfer(y, p, squared=True):
    """Pair by pair."""
    values = []
    for one, other in zip(y, p, strict=True):
        d = np.array([[sum((a - b) ** 2) for b in other] for a in one])
        d = d if squared else m.sqrt(d)
        values.append(m.mean(np.min(d, axis=1)) + m.mean(np.min(d, axis=0)))
    return np.array(values, object)


def clouds(rng, n):
    return rng.normal(size=(n, 3, 2)).astype("float32"), rng.normal(size=(n, 4, 2)).astype("float32")


def cloud_extremes():
    numbers = [0.0, 1.0, -1.0, 1e4, -1e4, 1e-40, 1e-20]
    points = np.array([[a, b] for a in numbers for b in numbers], "float32")[None]
    return points, points[:, ::-1] * np.float32(0.5)


def set_prediction(
    y,
    p,
    bounding_box_format="center_xywh",
    class_cost=1.0,
    box_cost=5.0,
    giou_cost=2.0,
    box_weight=5.0,
    giou_weight=2.0,
    no_object_weight=0.1,
    ignore_class=-1,
    normalize="batch",
    assignment="optimal",
):
    """By all assignments there are: the one of least cost has the value."""

    def terms(objects, predictions):
        logits, boxes = predictions[:, :-4], predictions[:, -4:]
        probability = m.softmax(logits)
        rows = [i for i in range(len(objects)) if objects[i][0] != ignore_class]

        def of_pair(i, q):
            l1 = sum(abs(boxes[q] - objects[i, 1:]))
            giou = generalized(objects[None, i, 1:], boxes[None, q], bounding_box_format)[0]
            return probability[q, int(objects[i, 0])], l1, giou

        def cost(columns):
            pairs = [of_pair(i, q) for i, q in zip(rows, columns, strict=True)]
            weights = (-mpmath.mpf(class_cost), mpmath.mpf(box_cost), mpmath.mpf(giou_cost))
            return sum(sum(w * x for w, x in zip(weights, pair, strict=True)) for pair in pairs)

        if assignment == "given":
            columns = rows
        else:
            columns = min(itertools.permutations(range(len(boxes)), len(rows)), key=cost)
        of = dict(zip(columns, rows, strict=True))
        classes = [int(objects[of[q], 0]) if q in of else -1 for q in range(len(boxes))]
        weights = [1 if q in of else mpmath.mpf(no_object_weight) for q in range(len(boxes))]
        of_class = -sum(
            w * mpmath.log(probability[q, c]) for q, (w, c) in enumerate(zip(weights, classes, strict=True))
        )
        of_boxes = sum(
            box_weight * pair[1] + giou_weight * pair[2] for pair in (of_pair(i, q) for q, i in of.items())
        )
        return of_class, sum(weights), of_boxes, len(rows)

    parts = [terms(*pair) for pair in zip(y, p, strict=True)]
    if normalize == "batch":
        of_w, objects = sum(x[1] for x in parts), sum(x[3] for x in parts)
        values = [len(y) * (x[0] / of_w + x[2] / max(1, objects)) for x in parts]
    else:
        values = [x[0] / x[1] + x[2] / max(1, x[3]) for x in parts]
    return np.array(values, object)


def scenes(rng, n):
    """Two rows of objects for three predictions of three classes and none, some rows padding."""
    y = np.concatenate([rng.integers(0, 3, (n, 2, 1)), rng.uniform(0.3, 0.7, (n, 2, 4))], axis=-1)
    y[0, 1] = y[3:, :, 0] = -1
    p = np.concatenate([rng.normal(size=(n, 3, 4)), rng.uniform(0.2, 0.8, (n, 3, 4))], axis=-1)
    return y.astype("float32"), p.astype("float32")


def given_scenes(rng, n):
    y, p = scenes(rng, n)
    y = np.concatenate([y, y[:, :1]], axis=1)
    y[..., 0] = np.where(y[..., 0] < 0, 7, y[..., 0])
    return y, p


def hard_scenes():
    """No objects, boxes without area, far away, equal predictions, logits that leave all to one class."""
    boxes = [[0, 0, 0, 0], [1e4, 1e4, 1, 1], [0.5, 0.5, 1e-20, 1], [0.5, 0.5, -1, 1]]
    y = np.array([[[c, *box], [-1, *[0] * 4]] for box in boxes for c in (-1, 0, 1)], "float32")
    p = np.array(
        [[[1e4, 0, -1e4, *a], [0, 0, 0, *a], [-1e4, 1e4, 0, 0.5, 0.5, 1, 1]] for a in boxes for _ in "abc"]
    )
    return y, p.astype("float32")


def given_hard_scenes():
    y, p = hard_scenes()
    y[..., 0] = np.where(y[..., 0] < 0, 7, y[..., 0])
    return np.repeat(y[:, :1], 3, axis=1), p


WHOLE = "of the whole batch: tests/detection/test_sets.py"

CASES = [
    Case(
        K.Chamfer,
        clouds,
        chamfer,
        variants=[{"squared": False}],
        known=[({}, *POINTS, 3.0), ({"squared": False}, *POINTS, 2.33333333333)],
        bad=[{"squared": 1}],
        exempt={"time_and_memory": Exempt("XLA searches the nearest point without holding the distances")},
        extremes=cloud_extremes,
        any_width=True,
        kinks=[({"squared": False}, POINTS[0], POINTS[0], 0 * POINTS[0])],
    ),
    Case(
        K.SetPrediction,
        scenes,
        set_prediction,
        variants=[
            {"class_cost": 3.0, "box_weight": 2.0, "giou_weight": 3.0},
            {"box_cost": 0.5, "giou_cost": 4.0, "no_object_weight": 0.4},
            {"bounding_box_format": "xywh"},
            {"normalize": "sample"},
        ],
        known=[({}, OBJECTS, PREDICTIONS, 2.53149235788)],
        bad=[
            {"bounding_box_format": "center"},
            {"class_cost": -1.0},
            {"box_cost": -1.0},
            {"giou_cost": -1.0},
            {"box_weight": -1.0},
            {"giou_weight": -1.0},
            {"no_object_weight": -1.0},
            {"ignore_class": 0.5},
            {"normalize": "boxes"},
            {"assignment": "greedy"},
        ],
        extremes=hard_scenes,
        any_width=True,
        scope="anchor",
        exempt={
            "sample_weights": Exempt(WHOLE),
            "vmap": Exempt("the steps of the assignment depend on the data", lambda **_: BACKEND == "torch"),
        },
    ),
    Case(
        K.SetPrediction,
        given_scenes,
        set_prediction,
        arguments={"assignment": "given", "ignore_class": 7},
        scope="anchor",
        extremes=given_hard_scenes,
        any_width=True,
        exempt={"sample_weights": Exempt(WHOLE)},
    ),
]
