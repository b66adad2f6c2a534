"""Cases of `kerasloss/losses/segmentation/boundary.py`."""

import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.region import (
    WEIGHTS,
    C,
    activate,
    bad_of,
    dense,
    floor,
    hard_logits,
    hard_probabilities,
    hard_yes_no,
    logits,
    probabilities,
    region,
    valid,
)


def images(rng, n):
    """Yes/no masks of 3 x 3 positions."""
    y = rng.integers(0, 2, size=(n, 3, 3, 1))
    return y, rng.uniform(0.05, 0.95, size=(n, 3, 3, 1)).astype("float32")


def image_ids(rng, n):
    """Class ids of 2 x 3 positions."""
    return rng.integers(0, 2, size=(n, 2, 3)), rng.normal(size=(n, 2, 3, 2)).astype("float32")


def mistaken(draw):
    """The same labels with predictions that are wrong nearly everywhere, and few labels 1."""

    def of(rng, n):
        y, p = draw(rng, n)
        y = y * (rng.uniform(size=y.shape) < 0.4)
        wrong = rng.uniform(0.75, 1.0, size=p.shape)
        if draw is images:
            return y, abs(y - wrong).astype("float32")
        labels = y if y.shape == p.shape else np.stack([y == 0, y == 1], axis=-1)
        return y, (4 * wrong * (1 - 2 * labels)).astype("float32")

    return of


def channels_first(rng, n):
    """Yes/no logits of 2 x 3 positions, the channels before them."""
    return rng.integers(0, 2, size=(n, 2, 2, 3)), rng.normal(size=(n, 2, 2, 3)).astype("float32")


def distances(rng, n):
    """A map of distances and probabilities."""
    return rng.normal(size=logits(rng, n)[1].shape).astype("float32"), probabilities(rng, n)[1]


def image_extremes(draw, count):
    """Hard samples as images of 2 x 2 positions."""
    y, x = draw()
    y, x = (np.stack([a, a], axis=2) for a in (y, x))
    return y, x.reshape(*x.shape[:3], count)


def hard_images():
    """All and nothing, edges, and what is almost there."""
    p = np.zeros((5, 3, 4, 1), "float32")
    p[1], p[2, 1], p[3], p[4, :, :2] = 1, 1, 1e-40, 0.5
    return np.repeat(np.array([0, 1, 0, 1, 1]), 12).reshape(5, 3, 4, 1), p


def boundary(y, p, from_logits=False, multilabel=False, class_axis=-1, class_weight=None):
    p = np.moveaxis(activate(p, from_logits, multilabel, class_axis), class_axis, -1)
    y = np.moveaxis(y, class_axis, -1)
    weights = [1] * p.shape[-1] if class_weight is None else m.exact(class_weight)
    total, n = sum(weights), int(np.prod(p.shape[1:-1]))
    return np.array([np.sum(weights * a * b) / (n * total) for a, b in zip(y, p, strict=True)], object)


def windows(shape, diagonal):
    """Every position of a grid with its neighbourhood inside the grid."""
    for here in np.ndindex(*shape):
        steps = itertools.product(*[(-1, 0, 1)] * len(shape))
        steps = [d for d in steps if diagonal or np.sum(np.abs(d)) <= 1]
        around = [tuple(np.add(here, d)) for d in steps]
        yield here, [i for i in around if all(0 <= a < n for a, n in zip(i, shape, strict=True))]


def filtered(x, function, diagonal=False):
    result = np.empty_like(x)
    for here, around in windows(x.shape, diagonal):
        result[here] = function([x[i] for i in around])
    return result


def grids(x):
    """Every sample and channel as a grid, with its place."""
    for n in range(x.shape[0]):
        for c in range(x.shape[-1]):
            yield (n, ..., c), x[n, ..., c]


def hausdorff(
    y,
    p,
    alpha=2.0,
    erosions=10,
    from_logits=False,
    multilabel=False,
    class_axis=-1,
    ignore_class=None,
):
    w = np.moveaxis(valid(y, p, multilabel, class_axis, ignore_class), class_axis, -1)
    y = np.moveaxis(dense(y, p, class_axis), class_axis, -1)
    p = np.moveaxis(activate(p, from_logits, multilabel, class_axis), class_axis, -1)
    errors, cost = w * (y - p) ** 2 + mpmath.mpf(0), np.zeros(p.shape, object)
    for place, x in grids(errors):
        for k in range(1, erosions + 1):
            x = filtered(x, lambda v, d=x.ndim: max(sum(v) / mpmath.mpf(2 * d + 1) - mpmath.mpf(0.5), 0))
            if np.max(x) != np.min(x):
                x = (x - np.min(x)) / (np.max(x) - np.min(x))
            cost[place] += x * mpmath.mpf(k) ** m.exact(alpha)
    return np.array([np.sum(a * b) / max(np.sum(b), 1) for a, b in zip(cost, w, strict=True)], object)


def skeleton(x, iterations):
    opened = filtered(filtered(x, min), max, diagonal=True)
    result = np.maximum(x - opened, 0)
    for _ in range(iterations):
        x = filtered(x, min)
        more = np.maximum(x - filtered(filtered(x, min), max, diagonal=True), 0)
        result = result + np.maximum(more * (1 - result), 0)
    return result


def cl_dice(y, p, iterations=3, smooth=1.0, **arguments):
    """The two ratios of one value, with the skeletons as further masks."""
    shape = {k: arguments.get(k, v) for k, v in (("multilabel", False), ("class_axis", -1))}
    w = valid(y, p, ignore_class=arguments.get("ignore_class"), **shape)
    labels = dense(y, p, shape["class_axis"])
    chance = activate(p, arguments.get("from_logits", False), **shape)
    lines = []
    for x in (labels * w, chance * w):
        line = np.moveaxis(np.empty(x.shape, object), shape["class_axis"], -1)
        for place, grid in grids(np.moveaxis(x, shape["class_axis"], -1) + mpmath.mpf(0)):
            line[place] = skeleton(grid, iterations)
        lines.append(np.moveaxis(line, -1, shape["class_axis"]))
    packed = np.empty(p.shape, object)
    for i in np.ndindex(*p.shape):
        packed[i] = (labels[i], chance[i], lines[0][i], lines[1][i])

    def measure(_, entries, w):
        total = [sum(v * e[i] * e[j] for e, v in zip(entries, w, strict=True)) for i, j in ((0, 3), (1, 2))]
        sizes = [sum(v * e[i] for e, v in zip(entries, w, strict=True)) for i in (3, 2)]
        precision, sensitivity = (
            (a + m.exact(smooth)) / (b + floor(smooth)) for a, b in zip(total, sizes, strict=True)
        )
        both = precision + sensitivity
        return 1 - 2 * precision * sensitivity / both if both else mpmath.mpf(1)

    arguments["from_logits"] = False
    return region(measure)(y, packed, **arguments)


def active_contour(
    y,
    p,
    length_weight=1.0,
    region_weight=1.0,
    epsilon=1e-8,
    from_logits=False,
    multilabel=False,
    class_axis=-1,
):
    y = np.moveaxis(dense(y, p, class_axis), class_axis, -1)
    p = np.moveaxis(activate(p, from_logits, multilabel, class_axis), class_axis, -1)
    values = []
    for labels, x in zip(y, p, strict=True):
        inner, lengths = [n - 1 for n in x.shape[:-1]], []
        for i in np.ndindex(*inner, x.shape[-1]):
            steps = [x[(*i[:a], i[a] + 1, *i[a + 1 :])] - x[i] for a in range(len(inner))]
            lengths.append(mpmath.sqrt(sum(d * d for d in steps) + m.exact(epsilon)))
        wrong = np.sum(np.where(labels == 1, (1 - x), x)) / x.size
        values.append(m.exact(length_weight) * sum(lengths) / len(lengths) + m.exact(region_weight) * wrong)
    return np.array(values, object)


SQUARE = np.pad(np.ones((1, 3, 3, 1)), [(0, 0), (1, 1), (1, 1), (0, 0)])
LINES = np.zeros((2, 1, 3, 5, 1))
LINES[0, :, 1], LINES[1, :, 1, :3] = 1, 0.8

CASES = [
    Case(
        K.Boundary,
        distances,
        boundary,
        variants=[
            {"from_logits": True},
            {"from_logits": True, "class_axis": 1},
            {"from_logits": True, "multilabel": True, "class_weight": WEIGHTS},
        ],
        known=[
            (
                {},
                np.array([[[-1], [0], [1], [2]]]),
                np.array([[[0.9], [0.5], [0.4], [0.1]]]),
                -0.075,
            )
        ],
        bad=bad_of(K.Boundary),
        extremes=lambda: (hard_logits()[1], hard_probabilities()[1]),
    ),
    Case(
        K.HausdorffErosion,
        mistaken(images),
        hausdorff,
        arguments={"erosions": 2},
        variants=[{"alpha": 1.5}, {"erosions": 1}],
        known=[
            ({"erosions": 2}, SQUARE, 0 * SQUARE, 0.328),
            ({"erosions": 1}, SQUARE, 0 * SQUARE, 0.168),
            ({}, SQUARE, SQUARE, 0.0),
        ],
        bad=[{"alpha": "2"}, {"erosions": 0}, {"erosions": 1.5}, *bad_of(K.HausdorffErosion)],
        extremes=hard_images,
        kinks=[({}, SQUARE, SQUARE, 0 * SQUARE)],
    ),
    Case(
        K.HausdorffErosion,
        mistaken(image_ids),
        hausdorff,
        arguments={"from_logits": True, "erosions": 2},
        variants=[{"ignore_class": 1}],
        extremes=lambda: image_extremes(hard_logits, C),
    ),
    Case(
        K.HausdorffErosion,
        mistaken(channels_first),
        hausdorff,
        arguments={"from_logits": True, "multilabel": True, "class_axis": 1, "erosions": 2},
        variants=[{"multilabel": False}],
        extremes=lambda: tuple(np.moveaxis(x, -1, 1) for x in image_extremes(hard_yes_no, 2)),
    ),
    *(
        Case(
            K.SoftClDice,
            draw,
            cl_dice,
            arguments=arguments,
            variants=variants,
            known=[({}, *LINES, 0.276595744681)] if draw is images else (),
            bad=[{"iterations": -1}, {"iterations": 1.5}, *bad_of(K.SoftClDice)],
            extremes=hard_images if draw is images else lambda: image_extremes(hard_logits, C),
            scope="sample" if "axis" in arguments else "batch",
        )
        for draw, arguments, variants in (
            (
                images,
                {"iterations": 1},
                [{"iterations": 2}, {"smooth": 0.0, "iterations": 0}, {"ignore_class": 0}],
            ),
            (
                image_ids,
                {"axis": (1, 2), "from_logits": True, "iterations": 1},
                [{"class_weight": [0.5, 2.0]}, {"ignore_class": 1}],
            ),
        )
    ),
    Case(
        K.SoftClDice,
        channels_first,
        cl_dice,
        arguments={"axis": (2, 3), "from_logits": True, "multilabel": True, "class_axis": 1, "iterations": 1},
        variants=[{"class_weight": [0.5, 2.0]}],
        extremes=lambda: tuple(np.moveaxis(x, -1, 1) for x in image_extremes(hard_yes_no, 2)),
    ),
    Case(
        K.ActiveContour,
        images,
        active_contour,
        variants=[{"length_weight": 0.3}, {"region_weight": 0.3}, {"epsilon": 0.1}],
        known=[
            (
                {},
                np.array([[1, 1], [0, 0]]).reshape(1, 2, 2, 1),
                np.array([[0.9, 0.6], [0.2, 0.1]]).reshape(1, 2, 2, 1),
                0.961577317152,
            )
        ],
        bad=[
            {"length_weight": -1.0},
            {"region_weight": -1.0},
            {"epsilon": -1.0},
            *bad_of(K.ActiveContour),
        ],
        extremes=hard_images,
        kinks=[({"region_weight": 0.0}, SQUARE, 0 * SQUARE + 0.3, 0 * SQUARE)],
    ),
    Case(
        K.ActiveContour,
        channels_first,
        active_contour,
        arguments={"from_logits": True, "multilabel": True, "class_axis": 1},
        variants=[{"multilabel": False}],
        extremes=lambda: tuple(np.moveaxis(x, -1, 1) for x in image_extremes(hard_yes_no, 2)),
    ),
]
