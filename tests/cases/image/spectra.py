"""Cases of `kerasloss/losses/image/spectra.py`."""

import functools

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.images import draw_images, each_image, image_extremes, picture

SQUARE = picture([[1, 2], [3, 4]])


@functools.cache
def waves(n):
    """The transform of a side, as a matrix."""
    root = mpmath.sqrt(n)
    return np.array([[mpmath.expjpi(mpmath.mpf(-2 * j * k) / n) / root for j in range(n)] for k in range(n)])


def spectrum(x):
    """All frequencies of all channels."""
    return np.einsum("ih,hwc,jw->ijc", waves(len(x)), x, waves(x.shape[1]))


@each_image
def frequency(y, p, phase=False, power=1):
    power = mpmath.mpf(power)
    a, b = spectrum(y), spectrum(p)
    if phase:
        parts = [part(z) for z in (b - a).ravel() for part in (mpmath.re, mpmath.im)]
    else:
        parts = list((abs(a) - abs(b)).ravel())
    return sum(abs(x) ** power for x in parts) / len(parts)


@each_image
def focal_frequency(y, p, alpha=1.0):
    difference = abs(spectrum(p) - spectrum(y))
    total = 0
    for c in range(y.shape[-1]):
        sizes = difference[:, :, c]
        weight = (sizes / sizes.max()) ** mpmath.mpf(alpha)
        weight = np.round(weight.astype(float), 14)  # no gradient, and conjugate frequencies weigh the same
        total += np.sum(weight * sizes**2)
    return total / y.size


BAD = {"data_format": "first"}

CASES = [
    Case(
        K.Frequency,
        draw_images(3, 4, 2),
        lambda *pair, p=1, **arguments: frequency(*pair, **arguments, power=p),
        variants=[{"p": 2, "phase": True}, {"p": 1.5}, {"data_format": "channels_first"}],
        known=[({}, SQUARE, 0 * SQUARE, 2), ({"phase": True}, SQUARE, 0 * SQUARE, 1)],
        bad=[{"p": 0.5}, {"phase": 1}, BAD],
        extremes=image_extremes(3, 4, 2),
        kinks=[({}, SQUARE, SQUARE, 0 * SQUARE), ({}, SQUARE, 0 * SQUARE, 0 * SQUARE)],
    ),
    Case(
        K.FocalFrequency,
        draw_images(3, 4, 2),
        focal_frequency,
        variants=[{"alpha": 0.5}, {"data_format": "channels_first"}],
        known=[({}, SQUARE, 0 * SQUARE, 6.7), ({"alpha": 0.0}, SQUARE, 0 * SQUARE, 7.5)],
        bad=[{"alpha": -1.0}, BAD],
        extremes=image_extremes(3, 4, 2),
        kinks=[({}, SQUARE, SQUARE, 0 * SQUARE)],
    ),
]
