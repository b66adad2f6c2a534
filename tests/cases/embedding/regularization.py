"""Cases of `kerasloss/losses/embedding/regularization.py`."""

import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.embedding import IGNORES_Y_TRUE, vector_extremes
from tests.cases.common.views import B, draw_rows, draw_views, everywhere, row_extremes

A = np.array([[1, 0], [0.8, 0.6], [0, 1], [-0.6, 0.8]], "float32")


def covariance(x, y, divisor):
    """Of two lists of numbers, from their sums."""
    n = len(x)
    return (sum(a * b for a, b in zip(x, y, strict=True)) - sum(x) * sum(y) / n) / divisor


def barlow(y, p, redundancy_weight=0.005, ddof=0, epsilon=1e-5):
    n, _, width = p.shape
    total = mpmath.mpf(0)
    for d in range(width):
        for e in range(width):
            a, b = p[:, 0, d], p[:, 1, e]
            lengths = [covariance(x, x, n - ddof) + mpmath.mpf(epsilon) for x in (a, b)]
            c = covariance(a, b, n) / mpmath.sqrt(lengths[0] * lengths[1])
            total += (1 - c) ** 2 if d == e else mpmath.mpf(redundancy_weight) * c**2
    return everywhere(total, p)


def vicreg(y, p, invariance_weight=25.0, variance_weight=25.0, covariance_weight=1.0, epsilon=1e-4, ddof=1):
    n, _, width = p.shape
    spread = correlated = mpmath.mpf(0)
    for view in (0, 1):
        for d in range(width):
            x = p[:, view, d]
            deviation = mpmath.sqrt(covariance(x, x, n - ddof) + mpmath.mpf(epsilon))
            spread += max(1 - deviation, 0) / (2 * width)
            for e in range(width):
                if e != d:
                    correlated += covariance(x, p[:, view, e], n - 1) ** 2 / width
    apart = np.array([sum((a - b) ** 2) / width for a, b in p], object)
    return invariance_weight * apart + variance_weight * spread + covariance_weight * correlated


def on_sphere(x):
    return x / mpmath.sqrt(sum(x * x))


def alignment_uniformity(y, p, alpha=2.0, t=2.0, uniformity_weight=1.0):
    n = len(p)
    a, b = ([on_sphere(x) for x in p[:, view]] for view in (0, 1))
    logs = []
    for x in (a, b):
        pairs = [mpmath.exp(-t * sum((x[i] - x[j]) ** 2)) for i in range(n) for j in range(i)]
        logs.append(mpmath.log(sum(pairs) / len(pairs)))
    near = [mpmath.sqrt(sum((u - v) ** 2)) ** alpha for u, v in zip(a, b, strict=True)]
    return np.array(near, object) + uniformity_weight * sum(logs) / 2


def koleo(y, p, epsilon=1e-8):
    if p.ndim == 3:
        return sum(koleo(y, p[:, v], epsilon) for v in range(p.shape[1])) / p.shape[1]
    x, values = [on_sphere(row) for row in p], []
    for i in range(len(x)):
        near = min(mpmath.sqrt(sum((x[i] - x[j]) ** 2)) for j in range(len(x)) if j != i)
        values.append(-mpmath.log(near + mpmath.mpf(epsilon)))
    return np.array(values, object)


def sigreg(y, p, knots=17, t_max=3.0, projections=1024, seed=0):
    """The integral over [-t_max, t_max] of the squared distance of complex characteristic functions."""
    samples = [p[:, v] for v in range(p.shape[1])] if p.ndim == 3 else [p]
    directions = np.random.default_rng(seed).standard_normal((projections, p.shape[-1]))
    step = mpmath.mpf(t_max) / (knots - 1)
    values = []
    for x, direction in itertools.product(samples, directions):
        direction = np.array([mpmath.mpf(v) for v in direction], object)
        u = [sum(row * direction) / mpmath.sqrt(sum(direction**2)) for row in x]
        integral = mpmath.mpf(0)
        for m in range(1 - knots, knots):
            t, share = m * step, step / 2 if abs(m) == knots - 1 else step
            normal = mpmath.exp(-(t**2) / 2)
            integral += share * normal * abs(sum(mpmath.expj(t * v) for v in u) / len(u) - normal) ** 2
        values.append(len(x) * integral)
    return everywhere(sum(values) / len(values), p)


def lejepa(y, p, sigreg_weight=0.05, global_views=2, **arguments):
    apart = []
    for views in p:
        center = sum(views[:global_views]) / global_views
        apart.append(sum(sum((z - center) ** 2) for z in views) / views.size)
    weight = mpmath.mpf(sigreg_weight)
    return (1 - weight) * np.array(apart, object) + weight * sigreg(y, p, **arguments)


SKETCH = {"knots": 4, "projections": 2}
SKETCHES = [{"knots": 3}, {"t_max": 2.0}, {"projections": 1}, {"seed": 1}]
BAD_SKETCHES = [{"knots": 1}, {"t_max": 0.0}, {"projections": 0}, {"seed": -1}]
ONE, ALIKE = np.ones((1, 2, 3), "float32"), np.ones((4, 2, 2), "float32")

CASES = [
    Case(
        K.BarlowTwins,
        draw_views(2),
        barlow,
        variants=[{"redundancy_weight": 0.5}, {"ddof": 1}, {"epsilon": 0.0}, {"epsilon": 0.5}],
        known=[
            ({"reduction": None}, np.zeros(2), B, [4.009413887, 4.009413887]),
            ({}, np.zeros(2), B, 4.00941388732),
            ({}, np.zeros(1), ONE, 3.0),
            ({"epsilon": 0.0}, np.zeros(4), 0.1 * ALIKE, 2.0),
        ],
        bad=[{"redundancy_weight": -1.0}, {"ddof": 2}, {"epsilon": -1e-5}],
        extremes=vector_extremes,
        kinks=[
            ({"epsilon": epsilon}, np.zeros(len(x)), 0.1 * x, np.zeros(x.shape))
            for epsilon in (0.0, 1e-5)
            for x in (ONE, ALIKE)
        ],
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.VICReg,
        draw_views(2),
        vicreg,
        variants=[
            {"invariance_weight": 1.0},
            {"variance_weight": 100.0},
            {"covariance_weight": 25.0},
            {"epsilon": 0.1},
            {"ddof": 0},
        ],
        known=[
            ({"reduction": None}, np.zeros(2), B, [22.67677881, 37.67677881]),
            ({}, np.zeros(2), B, 30.1767788058),
            ({}, np.zeros(1), ONE, 24.75),
        ],
        bad=[
            {"invariance_weight": -1.0},
            {"variance_weight": -1.0},
            {"covariance_weight": -1.0},
            {"epsilon": 0.0},
            {"ddof": -1},
        ],
        extremes=vector_extremes,
        kinks=[({}, np.zeros(len(x)), x, np.zeros(x.shape)) for x in (ONE, ALIKE)],
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.AlignmentUniformity,
        draw_views(2),
        alignment_uniformity,
        variants=[{"alpha": 1.0}, {"alpha": 3.0}, {"t": 0.5}, {"uniformity_weight": 0.3}],
        known=[
            ({"reduction": None}, np.zeros(2), B, [-1.220101013, -1.434314575]),
            ({}, np.zeros(2), B, -1.32720779386),
            ({}, np.zeros(1), ONE, 0.0),
            ({}, np.zeros(4), ALIKE, 0.0),
        ],
        bad=[{"alpha": 0.0}, {"t": 0.0}, {"uniformity_weight": -1.0}],
        extremes=vector_extremes,
        kinks=[
            ({"alpha": alpha}, np.zeros(len(x)), x, np.zeros(x.shape))
            for alpha in (0.5, 2.0)
            for x in (ONE, ALIKE, 0 * ALIKE)
        ],
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.KoLeo,
        draw_rows,
        koleo,
        variants=[{"epsilon": 0.1}],
        known=[
            ({"reduction": None}, np.zeros(4), A, [0.4581453501] * 4),
            ({}, np.zeros(4), A, 0.458145350126),
            ({}, np.zeros(2), ONE[0, :, :2], 18.4206807440),
            ({}, np.zeros(1), ONE[0, :1], 0.0),
        ],
        bad=[{"epsilon": 0.0}],
        extremes=row_extremes,
        kinks=[
            ({}, np.zeros(2), ONE[0], np.zeros((2, 3))),
            ({}, np.zeros(2), 0 * ONE[0], np.zeros((2, 3))),
            ({}, np.zeros(1), ONE[0, :1], np.zeros((1, 3))),
        ],
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.KoLeo,
        draw_views(3),
        koleo,
        extremes=lambda: vector_extremes(3),
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.SIGReg,
        draw_rows,
        sigreg,
        arguments=SKETCH,
        variants=SKETCHES,
        known=[
            ({"knots": 17, "projections": 1024}, np.zeros(2), np.array([[-1.0], [1.0]]), 0.205659231926),
        ],
        bad=BAD_SKETCHES,
        extremes=row_extremes,
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.SIGReg,
        draw_views(2),
        sigreg,
        arguments=SKETCH,
        known=[
            ({"knots": 17, "projections": 1024}, np.zeros(2), B, 1.39704765632),
            ({"knots": 17, "reduction": None}, np.zeros(2), B, [1.10091560204] * 2),
        ],
        extremes=vector_extremes,
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.LeJEPA,
        draw_views(3),
        lejepa,
        arguments={**SKETCH, "sigreg_weight": 0.3},
        variants=[{"sigreg_weight": 0.05}, {"global_views": 1}, {"global_views": 3}, *SKETCHES],
        known=[
            (
                {"knots": 17, "sigreg_weight": 0.05, "reduction": None},
                np.zeros(2),
                B,
                [0.150045780102, 0.292545780102],
            ),
            ({"knots": 17, "sigreg_weight": 0.05}, np.zeros(2), B, 0.221295780102),
        ],
        bad=[{"sigreg_weight": 1.1}, {"sigreg_weight": -0.1}, {"global_views": 0}, *BAD_SKETCHES],
        extremes=lambda: vector_extremes(3),
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
]
