"""Cases of `kerasloss/losses/image/hyperspectral.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.element import real, real_extremes


def spectral_angle(y, x):
    """By the arc cosine, which 50 digits allow."""
    products = (np.sum(a * b, axis=-1) for a, b in ((y, x), (y, y), (x, x)))
    angle = np.frompyfunc(lambda c, s, t: mpmath.acos(c / mpmath.sqrt(s * t)), 3, 1)
    return angle(*products)


CASES = [
    Case(
        K.SpectralAngle,
        real,
        spectral_angle,
        known=[({}, np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]]), 0.785398163397)],
        bad=[{"reduction": "median"}],
        extremes=real_extremes,
        kinks=[
            ({}, np.array([y]), np.array([x]), np.zeros((1, 2)))
            for y, x in (
                ([1.0, 2.0], [2.0, 4.0]),
                ([1.0, 2.0], [-1.0, -2.0]),
                ([1.0, 2.0], [0.0, 0.0]),
                ([0.0, 0.0], [1.0, 2.0]),
                ([0.0, 0.0], [0.0, 0.0]),
            )
        ],
    ),
]
