"""Cases of `kerasloss/losses/segmentation/lovasz.py`."""

import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.region import hard_yes_no, region, rows, yes_no


def scores(rng, n):
    y, s = yes_no(rng, n)
    return y, 2 * s


def jaccard_of_errors(mask, wrong):
    """The Jaccard loss of the set of wrong positions."""
    union = sum(1 for g, s in zip(mask, wrong, strict=True) if g or s)
    return 1 - mpmath.mpf(sum(1 for g, s in zip(mask, wrong, strict=True) if g and not s)) / max(union, 1)


def lovasz_extension(mask, errors):
    """The integral over t of the Jaccard loss of the positions whose error is above t."""
    if len(errors) == 0:
        return mpmath.mpf(0)
    levels = [mpmath.mpf(0), *sorted(set(errors))]
    return sum(
        (high - low) * jaccard_of_errors(mask, [e >= high for e in errors])
        for low, high in itertools.pairwise(levels)
        if high > low
    ) + mpmath.mpf(0)


def of_lovasz_hinge(y, s, w):
    kept = [(a, max(0, 1 - (1 if a == 1 else -1) * b)) for a, b, v in zip(y, s, w, strict=True) if v]
    return lovasz_extension([a == 1 for a, _ in kept], [mpmath.mpf(h) for _, h in kept])


def lovasz_hinge(y, s, axis=None, ignore_class=None):
    return region(of_lovasz_hinge)(y, s, axis, multilabel=True, ignore_class=ignore_class)


def of_lovasz_softmax(
    y, p, w, x, classes="present", class_weight=None, pooled=None, yes_no=None, from_logits=None
):
    values = []
    for c in range(p.shape[1]):
        kept = w[:, c] > 0
        if classes == "all" or np.any(y[kept, c]):
            values.append(lovasz_extension(y[kept, c], abs(y[kept, c] - p[kept, c])))
    return sum(values) / len(values) if values else mpmath.mpf(0)


CASES = [
    Case(
        K.LovaszHinge,
        scores,
        lovasz_hinge,
        variants=[{"axis": 1}, {"ignore_class": 1}, {"axis": (0, 1), "ignore_class": 0}],
        known=[
            ({}, np.array([[1, 0, 1, 0]]), np.array([[1.5, -0.5, -0.2, 0.3]]), 0.875),
            ({}, np.array([[1, -1, 1, -1]]), np.array([[1.5, -0.5, -0.2, 0.3]]), 0.875),
            ({}, np.array([[0, 0]]), np.array([[1.5, -0.5]]), 2.5),
            ({}, np.array([[0, 0]]), np.array([[-1.5, -1.25]]), 0.0),
        ],
        bad=[{"axis": 0.5}, {"ignore_class": 0.5}],
        extremes=hard_yes_no,
        scope="batch",
    ),
    Case(
        K.LovaszHinge,
        scores,
        lovasz_hinge,
        arguments={"axis": (1, 2)},
        variants=[{"ignore_class": 1}],
        extremes=hard_yes_no,
    ),
    *rows(
        K.LovaszSoftmax,
        region(of_lovasz_softmax, mixes=True),
        variants=[{"classes": "all", "axis": 1}],
        known=[
            (
                arguments,
                np.array([[0, 1, 1]]),
                np.array([[[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.5, 0.4, 0.1]]]),
                value,
            )
            for arguments, value in (({}, 0.45), ({"classes": "all"}, 0.333333333333))
        ],
        bad=[{"classes": "any"}],
    ),
]
