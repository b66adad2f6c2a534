"""Cases of `kerasloss/losses/detection/boxes.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt

PAIR = np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([[1.0, 1.0, 3.0, 4.0]])
APART = np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([[3.0, 3.0, 4.0, 4.0]])
NONE = np.zeros((1, 4))
TO_CORNERS = {
    "xyxy": lambda a, b, c, d: (a, b, c, d),
    "yxyx": lambda a, b, c, d: (b, a, d, c),
    "xywh": lambda a, b, c, d: (a, b, a + c, b + d),
    "center_xywh": lambda a, b, c, d: (a - c / 2, b - d / 2, a + c / 2, b + d / 2),
    "center_yxhw": lambda a, b, c, d: (b - d / 2, a - c / 2, b + d / 2, a + c / 2),
}


def each_box(formula):
    """A formula of the corners of one true and one predicted box, for arrays of boxes."""

    def reference(y, p, bounding_box_format="xyxy", **arguments):
        corners = TO_CORNERS[bounding_box_format.lower().removeprefix("rel_")]
        rows = zip(y.reshape(-1, 4), p.reshape(-1, 4), strict=True)
        values = [formula(corners(*a), corners(*b), **arguments) for a, b in rows]
        return np.array(values, dtype=object).reshape(y.shape[:-1])

    return reference


def iou(true, pred):
    """By the corners of the intersection."""
    inner = [max(a, b) for a, b in zip(true[:2], pred[:2], strict=True)]
    outer = [min(a, b) for a, b in zip(true[2:], pred[2:], strict=True)]
    common = area((*inner, *outer))
    return common / (area(true) + area(pred) - common)


def area(box):
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def hull(true, pred):
    """The sides of the smallest box around both."""
    return [max(true[i + 2], pred[i + 2]) - min(true[i], pred[i]) for i in (0, 1)]


def offsets(true, pred):
    return [(pred[i] + pred[i + 2] - true[i] - true[i + 2]) / 2 for i in (0, 1)]


def sides(box):
    return box[2] - box[0], box[3] - box[1]


@each_box
def plain(true, pred, mode="linear"):
    value = iou(true, pred)
    return {"linear": 1 - value, "quadratic": 1 - value**2, "log": -mpmath.log(max(value, mpmath.mpf(1e-7)))}[
        mode
    ]


@each_box
def generalized(true, pred):
    around = mpmath.fprod(hull(true, pred))
    common = iou(true, pred) * (area(true) + area(pred)) / (1 + iou(true, pred))
    return 2 - iou(true, pred) - (area(true) + area(pred) - common) / around


def distant(true, pred):
    diagonal = sum(side**2 for side in hull(true, pred))
    return 1 - iou(true, pred) + sum(offset**2 for offset in offsets(true, pred)) / diagonal


@each_box
def complete(true, pred):
    turned = [mpmath.arg(mpmath.mpc(*sides(box)[::-1])) for box in (true, pred)]
    v = 4 / mpmath.pi**2 * (turned[0] - turned[1]) ** 2
    return distant(true, pred) + v**2 / (1 - iou(true, pred) + v)


@each_box
def efficient(true, pred, gamma=0.0):
    errors = [(b - a) ** 2 / c**2 for a, b, c in zip(sides(true), sides(pred), hull(true, pred), strict=True)]
    return iou(true, pred) ** mpmath.mpf(gamma) * (distant(true, pred) + sum(errors))


@each_box
def angular(true, pred, theta=4.0):
    """With the angle itself, as the paper has it: `A = sin(2 * angle)`."""
    dx, dy = offsets(true, pred)
    bend = 2 - abs(mpmath.sin(2 * mpmath.atan2(dy, dx)))
    way = sum(1 - mpmath.exp(-bend * (d / c) ** 2) for d, c in zip((dx, dy), hull(true, pred), strict=True))
    errors = [abs(a - b) / max(a, b) for a, b in zip(sides(true), sides(pred), strict=True)]
    shape = sum((1 - mpmath.exp(-error)) ** mpmath.mpf(theta) for error in errors)
    return 1 - iou(true, pred) + (way + shape) / 2


def draw(rng, n):
    """Boxes that overlap, by their corners and by their center and sides."""
    true = np.array([0.5, 0.5, 2.5, 2.5]) + rng.uniform(-0.3, 0.3, (n, 3, 4))
    return true.astype("float32"), (true + rng.uniform(-0.4, 0.4, (n, 3, 4))).astype("float32")


def extremes():
    """Every pair of hard boxes: far away, huge, tiny, without area, with corners in the wrong order."""
    boxes = [
        [0, 0, 1, 1],
        [0, 0, 1e4, 1e4],
        [-1e4, -1e4, 1e4, 1],
        [1e4, 1e4, 1e4 + 1, 1e4 + 2],
        [0, 0, 1e-20, 1e-20],
        [0, 0, 1e-40, 1e-40],
        [0, 0, 1e30, 1e30],
        [2, 2, 1, 1],
        [0, 0, 0, 0],
        [0, 0, 3, 0],
        [5, 5, 5, 7],
    ]
    pairs = [(a, b) for a in boxes for b in boxes]
    return tuple(np.array(side, "float32")[:, None] for side in zip(*pairs, strict=True))


def case(loss, reference, *others, **fields):
    """What all losses of boxes share."""
    fields.setdefault("variants", [])
    formats = [{"bounding_box_format": "Center_XYWH"}, *fields.pop("variants")]
    known = [({}, *PAIR, others[0]), *fields.pop("known", [])]
    kinks = [({}, PAIR[0], PAIR[0], NONE), ({}, NONE, NONE, NONE), *fields.pop("kinks", [])]
    bad = [{"bounding_box_format": "xyhw"}, {"bounding_box_format": 1}, *fields.pop("bad", [])]
    return Case(
        loss,
        draw,
        reference,
        variants=formats,
        known=known,
        kinks=kinks,
        bad=bad,
        extremes=extremes,
        **fields,
    )


FIXED = "a factor without gradient: tests/detection/test_boxes.py"
CASES = [
    case(
        K.IoU,
        plain,
        0.888888888889,
        variants=[{"mode": "quadratic"}, {"mode": "log", "bounding_box_format": "rel_xywh"}],
        known=[({"mode": "log"}, *PAIR, 2.19722457734), ({"mode": "quadratic"}, *PAIR, 0.987654320988)],
        kinks=[({"mode": "log"}, *APART, NONE)],
        bad=[{"mode": "cubic"}],
    ),
    case(K.GIoU, generalized, 1.13888888889, known=[({}, *APART, 1.6875)]),
    case(K.DIoU, each_box(distant), 1.01888888889),
    case(
        K.CIoU,
        complete,
        1.01916454945,
        exempt={"gradient": Exempt(FIXED)},
    ),
    case(
        K.EIoU,
        efficient,
        1.08138888889,
        variants=[{"gamma": 0.5}],
        known=[({"gamma": 0.5}, *PAIR, 0.360462962963)],
        bad=[{"gamma": -0.5}],
        exempt={"gradient": Exempt(FIXED, lambda gamma=0.0, **_: gamma)},
    ),
    case(
        K.SIoU,
        angular,
        1.01877172419,
        variants=[{"theta": 2.5}],
        bad=[{"theta": 0.0}],
    ),
]
