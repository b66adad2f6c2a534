"""Cases of `kerasloss/losses/embedding/angular_margins.py`."""

import math

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.cosines import (
    BAD_COMMON,
    COMMON,
    OTHER_WIDTH,
    VALUES,
    A,
    B,
    Y,
    cosines,
    hard_cosines,
    hard_norms,
    hard_several,
    margin_softmax,
    several,
    with_norm,
)
from tests.cases.common.views import fixed

LARGE = {"scale": 64.0}


def arcface(y, c, margin=0.5, scale=64.0, easy_margin=False, **common):
    m = mpmath.mpf(margin)

    def psi(theta, i):
        if easy_margin:
            return mpmath.cos(theta + m) if theta < mpmath.pi / 2 else mpmath.cos(theta)
        return mpmath.cos(theta + m) if theta + m <= mpmath.pi else mpmath.cos(theta) - m * mpmath.sin(m)

    return margin_softmax(y, c, psi, scale, **common)


def subcenter(y, c, **arguments):
    nearest = [[max(of_class) for of_class in sample] for sample in c]
    return arcface(y, np.array(nearest, object), **arguments)


def cosface(y, c, margin=0.35, scale=64.0, **common):
    return margin_softmax(y, c, lambda theta, i: mpmath.cos(theta) - mpmath.mpf(margin), scale, **common)


def sphereface(y, c, margin=4, scale=None, **common):
    if scale is None:
        c, scale = c[:, :-1], c[:, -1]
    return margin_softmax(y, c, lambda theta, i: monotone(margin * theta), scale, **common)


def monotone(phi):
    """A cosine up to pi, from where each half turn goes on as the first."""
    k = 0
    while phi > mpmath.pi:
        phi, k = phi - mpmath.pi, k + 1
    return mpmath.cos(phi) - 2 * k


def combined(y, c, m1=1.0, m2=0.3, m3=0.2, scale=64.0, **common):
    m1, m2, m3 = mpmath.mpf(m1), mpmath.mpf(m2), mpmath.mpf(m3)

    def psi(theta, i):
        if m1 == 1 and theta + m2 > mpmath.pi:
            return mpmath.cos(theta) - m2 * mpmath.sin(m2) - m3
        return monotone(m1 * theta + m2) - m3

    return margin_softmax(y, c, psi, scale, **common)


def adaface(y, p, margin=0.4, h=0.333, scale=64.0, epsilon=1e-3, ignore_class=None, **common):
    m, e, n = mpmath.mpf(margin), mpmath.mpf(epsilon), len(p)
    here = [i for i in range(n) if y[i] != ignore_class]
    norms = [min(max(v, e), 100) for v in fixed(p[:, -1])]
    average = sum(norms[i] for i in here) / len(here)
    pairs = [(norms[i] - norms[j]) ** 2 for i in here for j in here]
    deviation = mpmath.sqrt(sum(pairs) / (2 * len(here) * max(len(here) - 1, 1)))
    quality = [max(-1, min(1, mpmath.mpf(h) * (v - average) / (deviation + e))) for v in norms]

    def psi(theta, i):
        moved = max(e, min(mpmath.pi - e, theta - m * quality[i]))
        return mpmath.cos(moved) - m * (1 + quality[i])

    clipped = np.array([[max(e - 1, min(1 - e, v)) for v in row[:-1]] for row in p], object)
    return margin_softmax(y, clipped, psi, scale, ignore_class=ignore_class, **common)


def slopes(z_true, slope, other=1.0):
    """The gradient for a true class of logit `z_true` and derivative `slope`, and another of logit 0."""
    p = 1 / (1 + math.exp(z_true))
    return [-p * slope, p * other]


CASES = [
    Case(
        K.ArcFace,
        cosines,
        arcface,
        arguments={"scale": 4.0},
        variants=[
            {"margin": 1.5},
            {"margin": 0.0},
            {"scale": 2.0},
            {"easy_margin": True, "margin": 1.0},
            *COMMON,
        ],
        known=[
            ({**LARGE, **VALUES}, Y, A, [1.09770707e-06, 36.88981854]),
            (LARGE, Y, A, 18.4449098195),
        ],
        bad=[{"margin": -0.1}, {"margin": 3.15}, {"scale": 0.0}, {"easy_margin": 1}, *BAD_COMMON],
        extremes=hard_cosines,
        kinks=[
            ({"scale": 1.0}, [0], [[1.0, 0.0]], [slopes(math.cos(0.5), math.cos(0.5))]),
            ({"scale": 1.0}, [0], [[-1.0, 0.0]], [slopes(-1 - 0.5 * math.sin(0.5), 1.0)]),
        ],
    ),
    Case(
        K.SubCenterArcFace,
        several,
        subcenter,
        arguments={"scale": 4.0},
        variants=[{"margin": 1.5}, {"scale": 2.0}, {"easy_margin": True, "margin": 1.0}, *COMMON],
        known=[
            ({**LARGE, **VALUES}, Y, B, [0.0006604317859, 36.88981854]),
            (LARGE, Y, B, 18.4452394866),
        ],
        bad=[{"margin": -0.1}, {"margin": 3.15}, {"scale": 0.0}, {"easy_margin": 1}, *BAD_COMMON],
        extremes=hard_several,
        kinks=[
            (
                {"scale": 1.0, "margin": 0.0},
                [0],
                [[[0.5, 0.5], [0.0, -1.0]]],
                [[[g / 2, g / 2], [-g, 0.0]] for g in slopes(0.5, 1.0)[:1]],
            )
        ],
    ),
    Case(
        K.CosFace,
        cosines,
        cosface,
        arguments={"scale": 4.0},
        variants=[{"margin": 1.0}, {"scale": 2.0}, *COMMON],
        known=[
            ({**LARGE, **VALUES}, Y, A, [1.125351687e-07, 28.8]),
            (LARGE, Y, A, 14.4000000563),
        ],
        bad=[{"margin": -0.1}, {"scale": 0.0}, *BAD_COMMON],
        extremes=hard_cosines,
    ),
    Case(
        K.SphereFace,
        cosines,
        sphereface,
        arguments={"scale": 2.0},
        variants=[{"margin": 1}, {"margin": 3}, {"scale": 1.0}, *COMMON],
        known=[
            ({"scale": 30.0, **VALUES}, Y, A, [31.29600002, 63.00000031]),
            ({"scale": 30.0}, Y, A, 47.1480001606),
        ],
        bad=[{"margin": 0}, {"margin": 2.5}, {"scale": 0.0}, *BAD_COMMON],
        extremes=hard_cosines,
        kinks=[
            ({"scale": 1.0, "margin": 2}, [0], [[1.0, 0.0]], [slopes(1.0, 4.0)]),
            ({"scale": 1.0, "margin": 2}, [0], [[-1.0, 0.0]], [slopes(-3.0, 4.0)]),
        ],
    ),
    Case(
        K.SphereFace,
        with_norm,
        sphereface,
        arguments={"margin": 2},
        variants=COMMON,
        known=[
            (
                {"margin": 4, **VALUES},
                Y,
                np.concatenate([A, [[30.0], [30.0]]], axis=1),
                [31.29600002, 63.00000031],
            ),
        ],
        extremes=hard_norms,
        exempt=OTHER_WIDTH,
    ),
    Case(
        K.CombinedMargin,
        cosines,
        combined,
        arguments={"scale": 4.0},
        variants=[
            {"m1": 0.9},
            {"m1": 3.0, "m2": 0.5},
            {"m2": 1.5},
            {"m3": 0.0},
            {"scale": 2.0},
            *COMMON,
        ],
        known=[
            ({**LARGE, **VALUES}, Y, A, [6.361441926e-06, 37.00862475]),
            (LARGE, Y, A, 18.5043155563),
        ],
        bad=[{"m1": 0.0}, {"m2": -0.1}, {"m2": 3.15}, {"m3": -0.1}, {"scale": 0.0}, *BAD_COMMON],
        extremes=hard_cosines,
        kinks=[
            ({"scale": 1.0, "m1": 2.0, "m2": 0.0}, [0], [[1.0, 0.0]], [slopes(0.8, 0.0)]),
            ({"scale": 1.0, "m1": 2.0, "m2": 0.0}, [0], [[-1.0, 0.0]], [slopes(-3.2, 0.0)]),
        ],
    ),
    Case(
        K.AdaFace,
        with_norm,
        adaface,
        arguments={"scale": 4.0},
        variants=[{"margin": 1.5}, {"h": 1.5}, {"scale": 2.0}, {"epsilon": 0.3}, *COMMON],
        known=[
            (
                {**LARGE, **VALUES},
                Y,
                np.concatenate([A, [[5.0], [20.0]]], axis=1),
                [3.091609244e-07, 32.95703431],
            ),
            (LARGE, Y, np.concatenate([A, [[5.0], [20.0]]], axis=1), 16.4785173087),
        ],
        bad=[
            *({"margin": -0.1}, {"h": -0.1}, {"scale": 0.0}, {"epsilon": 0.0}, {"epsilon": 1.0}),
            *BAD_COMMON,
        ],
        extremes=hard_norms,
        kinks=[
            ({"scale": 1.0, "margin": 0.0}, [0], [[1.0, 0.0, 2.0]], [[*slopes(0.999, 0.0), 0.0]]),
            ({"scale": 1.0, "margin": 0.0}, [0], [[-1.0, 0.0, 0.0]], [[*slopes(-0.999, 0.0), 0.0]]),
        ],
        scope="anchor",
        exempt=OTHER_WIDTH,
    ),
]
