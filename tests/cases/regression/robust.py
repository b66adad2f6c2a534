"""Cases of `kerasloss/losses/regression/robust.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.element import P, Y, real, real_extremes, tied

INF = float("inf")


def squares(y, p, scale):
    return ((p - y) / m.exact(scale)) ** 2


def barron(y, p, alpha=1.0, scale=1.0):
    z = squares(y, p, scale)
    if alpha == 2:
        rho = z / 2
    elif alpha == 0:
        rho = m.log(z / 2 + 1)
    elif alpha == -INF:
        rho = 1 - m.exp(-z / 2)
    else:
        alpha = m.exact(alpha)
        b = abs(alpha - 2)
        rho = b / alpha * ((z / b + 1) ** (alpha / 2) - 1)
    return m.mean(rho)


def tukey(y, p, scale=4.685):
    z = squares(y, p, scale)
    return m.mean(np.where(z <= 1, 1 - (1 - z) ** 3, 1)) * m.exact(scale) ** 2 / 6


def wing(y, p, width=10.0, curvature=2.0):
    e, width, curvature = abs(p - y), m.exact(width), m.exact(curvature)
    constant = width - width * m.log(1 + width / curvature)
    return m.mean(np.where(e < width, width * m.log(1 + e / curvature), e - constant))


def adaptive_wing(y, p, omega=14.0, theta=0.5, epsilon=1.0, alpha=2.1):
    omega, theta, epsilon, alpha = (m.exact(x) for x in (omega, theta, epsilon, alpha))
    e, q, r = abs(p - y), alpha - np.clip(y, 0, 1), theta / epsilon
    slope = omega * (1 / (1 + r**q)) * q * r ** (q - 1) / epsilon
    constant = theta * slope - omega * m.log(1 + r**q)
    return m.mean(np.where(e < theta, omega * m.log(1 + (e / epsilon) ** q), slope * e - constant))


def reverse_huber(y, p, threshold=0.2, relative=True):
    e = abs(p - y)
    c = threshold * np.max(e) if relative else threshold
    return m.mean(np.where(e <= c, e, (e * e + c * c) / (2 * c)))


def heat_maps(rng, n):
    """Targets in [0, 1] and errors on both sides of the threshold."""
    y_true = rng.uniform(size=(n, 6))
    return y_true.astype("float32"), (y_true + rng.normal(size=(n, 6))).astype("float32")


def pixels(rng, n):
    """Errors of some ten pixels."""
    return real(rng, n, 6, scale=8.0)


CASES = [
    Case(
        K.Charbonnier,
        real,
        lambda y, p, epsilon=1e-3, alpha=0.5: m.mean(
            ((p - y) ** 2 + m.exact(epsilon) ** 2) ** m.exact(alpha)
        ),
        variants=[{"epsilon": 0.5}, {"alpha": 0.45}],
        known=[({}, Y, P, 0.8336670833)],
        bad=[{"epsilon": 0.0}, {"alpha": 0.0}, {"alpha": -1}],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]])],
    ),
    Case(
        K.PseudoHuber,
        real,
        lambda y, p, delta=1.0: m.exact(delta) ** 2 * m.mean(m.sqrt(squares(y, p, delta) + 1) - 1),
        variants=[{"delta": 0.5}],
        known=[({}, Y, P, 0.4513673221)],
        bad=[{"delta": 0.0}, {"delta": -1.0}],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]])],
    ),
    Case(
        K.Barron,
        real,
        barron,
        variants=[
            {"alpha": alpha, "scale": scale}
            for alpha, scale in [(2, 1.0), (2.0, 0.5), (0.5, 1.0), (0.0, 2.0), (-2.0, 1.0), (-INF, 1.0)]
        ]
        + [{"alpha": 1e-6}, {"alpha": -1e-6}, {"alpha": 2 - 1e-6}],
        known=[
            ({"alpha": alpha}, Y, P, value)
            for alpha, value in [
                (1.0, 0.4513673221),
                (2.0, 0.7083333333),
                (0.5, 0.4230724529),
                (0.0, 0.4054651081),
                (-2.0, 0.3725490196),
                (-INF, 0.3273892714),
            ]
        ]
        + [({"alpha": 2 - 1e-6}, np.array([[0.0]]), np.array([[3.0]]), 4.4999662)],
        bad=[{"alpha": 2.5}, {"alpha": float("nan")}, {"alpha": INF}, {"scale": 0.0}],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]]), tied([[0.0, 0.0]], alpha=-INF), tied([[0.0, 0.0]], alpha=0.5)],
    ),
    Case(
        K.Cauchy,
        real,
        lambda y, p, scale=1.0: m.exact(scale) ** 2 / 2 * m.mean(m.log(1 + squares(y, p, scale))),
        variants=[{"scale": 2.5}],
        known=[({}, Y, P, 0.3054302440)],
        bad=[{"scale": 0.0}],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]])],
    ),
    Case(
        K.GemanMcClure,
        real,
        lambda y, p, scale=1.0: m.mean((p - y) ** 2 / 2 / (1 + squares(y, p, scale))),
        variants=[{"scale": 2.5}],
        known=[({}, Y, P, 0.1666666667)],
        bad=[{"scale": 0.0}],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]])],
    ),
    Case(
        K.Welsch,
        real,
        lambda y, p, scale=1.0: m.exact(scale) ** 2 / 2 * m.mean(1 - m.exp(-squares(y, p, scale))),
        variants=[{"scale": 2.5}],
        known=[({}, Y, P, 0.2004805963)],
        bad=[{"scale": 0.0}],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]])],
    ),
    Case(
        K.TukeyBiweight,
        pixels,
        tukey,
        variants=[{"scale": 1.5}],
        known=[({}, Y, P, 0.5937482508)],
        bad=[{"scale": 0.0}],
        extremes=real_extremes,
        kinks=[
            tied([[0.0, 0.0]]),
            ({"scale": 2.0}, np.array([[0.0, 0.0]]), np.array([[2.0, 3.0]]), np.array([[0.0, 0.0]])),
        ],
    ),
    Case(
        K.Wing,
        pixels,
        wing,
        variants=[{"width": 5.0, "curvature": 0.5}, {"curvature": 1.0}],
        known=[({}, Y, P, 3.0543024396)],
        bad=[{"width": 0.0}, {"curvature": -2.0}],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]])],
    ),
    Case(
        K.AdaptiveWing,
        heat_maps,
        adaptive_wing,
        variants=[{"omega": 8.0}, {"theta": 0.3}, {"epsilon": 2.0}, {"alpha": 3.0}, {"alpha": 2}],
        known=[({}, np.array([[0.0, 0.5, 1.0]]), np.array([[0.25, 0.5, 0.0]]), 3.6670380478)],
        bad=[{"omega": 0.0}, {"theta": 0.0}, {"epsilon": 0.0}, {"alpha": 1.9}],
        extremes=real_extremes,
        kinks=[({"alpha": 2}, np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]]))],
    ),
    Case(
        K.ReverseHuber,
        real,
        reverse_huber,
        variants=[{"threshold": 0.5}, {"threshold": 1.0, "relative": False}, {"relative": False}],
        known=[({}, Y, P, 1.9041666667), ({"threshold": 1.0, "relative": False}, Y, P, 1.0)],
        bad=[{"threshold": 0.0}, {"threshold": 1.5}, {"relative": "yes"}],
        extremes=real_extremes,
        kinks=[tied([[0.0, 0.0]])],
        exempt={
            "gradient": Exempt(
                "no gradient flows through the largest error, by definition",
                lambda relative=True, **_: relative,
            )
        },
    ),
]
