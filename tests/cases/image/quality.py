"""Cases of `kerasloss/losses/image/quality.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.images import (
    INTEGERS,
    RAMP,
    draw_images,
    each_image,
    image_extremes,
    picture,
    windows,
)

PIXELS = picture([[0.0, 1.0]])
LONG_RAMP = np.add.outer(np.arange(16.0), np.arange(16.0))[None, :, :, None] / 30
FLAT = np.full((1, 4, 4, 1), 0.5)
YIQ = [["0.299", "0.587", "0.114"], ["0.5959", "-0.2746", "-0.3213"], ["0.2115", "-0.5227", "0.3112"]]


@each_image
def psnr(y, p, max_val=1.0, epsilon=1e-10):
    error = np.sum((y - p) ** 2) / y.size
    return -10 * mpmath.log10(mpmath.mpf(max_val) ** 2 / max(error, mpmath.mpf(epsilon) * max_val**2))


def components(x):
    """The luminance, and the two components of colour if there are three channels."""
    if x.shape[-1] == 1:
        return [x[:, :, 0]]
    return [x @ np.array([mpmath.mpf(w) for w in weights]) for weights in YIQ]


def halved(x):
    """Means of blocks of 2 x 2 pixels."""
    odd = max(n % 2 for n in x.shape)
    x = np.pad(x, [(0, odd)] * 2, constant_values=mpmath.mpf(0))
    height, width = (n // 2 * 2 for n in x.shape)
    return x[:height, :width].reshape(height // 2, 2, width // 2, 2).sum(axis=(1, 3)) / 4


def correlated(x, kernel, before, behind):
    """The correlation with a kernel, with that many zeros around the image."""
    x = np.pad(x, [(before, behind)] * 2, constant_values=mpmath.mpf(0))
    shape = tuple(n - len(kernel) + 1 for n in x.shape)
    return (windows(x, len(kernel)) * kernel).sum(axis=(1, 2)).reshape(shape)


def similarity(a, b, constant):
    return (2 * a * b + constant) / (a * a + b * b + constant)


@each_image
def gmsd(y, p, max_val=1.0, constant=170 / 255**2):
    prewitt = np.array([[-1, 0, 1]] * 3)
    maps = []
    for x in (y, p):
        x = halved(components(x)[0] / mpmath.mpf(max_val))
        gradients = (correlated(x, kernel, 1, 1) / 3 for kernel in (prewitt, prewitt.T))
        maps.append(m.sqrt(sum(g * g for g in gradients)))
    s = similarity(*maps, mpmath.mpf(constant))
    return mpmath.sqrt(np.sum(s * s) / s.size - (np.sum(s) / s.size) ** 2)


def wavelet(scale):
    half = 2 ** (scale - 1)
    signs = np.repeat([1, -1], half)
    return np.outer(signs, np.ones(2 * half, int))


@each_image
def haar_psi(y, p, max_val=1.0, scales=3, subsample=True, constant=30.0, alpha=4.2):
    constant, alpha = mpmath.mpf(constant), mpmath.mpf(alpha)
    pair = []
    for x in (y, p):
        parts = [part * 255 / mpmath.mpf(max_val) for part in components(x)]
        pair.append([halved(part) for part in parts] if subsample else parts)
    similarities, weights = [], []
    for turn in (False, True):
        found = {}
        for scale in {1, 2, scales}:
            kernel, half = wavelet(scale), 2 ** (scale - 1)
            kernel = kernel.T if turn else kernel
            found[scale] = [abs(correlated(x[0], kernel, half - 1, half)) / 2**scale for x in pair]
        similarities.append(sum(similarity(*found[scale], constant) for scale in (1, 2)) / 2)
        weights.append(np.maximum(*found[scales]))
    if len(pair[0]) == 3:
        box = np.ones((2, 2), int)
        colours = [[abs(correlated(part, box, 0, 1)) / 4 for part in x[1:]] for x in pair]
        similarities.append(sum(similarity(a, b, constant) for a, b in zip(*colours, strict=True)) / 2)
        weights.append((weights[0] + weights[1]) / 2)
    weights = np.array(weights)
    score = np.sum(weights / (1 + m.exp(-alpha * np.array(similarities)))) / np.sum(weights)
    return 1 - (mpmath.log(score / (1 - score)) / alpha) ** 2


BAD = [{"max_val": 0.0}, {"constant": 0.0}, {"data_format": "first"}]
TOO_LARGE = dict.fromkeys(
    ("gradient", "float64_gradient"), Exempt("216 pixels in 50 digits: the smaller images show it")
)

CASES = [
    Case(
        K.PSNR,
        draw_images(3, 2, 2),
        psnr,
        variants=[{"max_val": 2.0}, {"epsilon": 10.0}, {"data_format": "channels_first"}],
        known=[({}, PIXELS, picture([[0.1, 0.8]]), -16.0205999133), ({}, PIXELS, PIXELS, -100.0)],
        bad=[{"max_val": 0.0}, {"epsilon": 0.0}, {"data_format": "first"}],
        extremes=image_extremes(3, 2, 2),
        kinks=[({}, PIXELS, PIXELS, 0 * PIXELS)],
        exempt={
            **INTEGERS,
            "every_argument_matters": Exempt("data_format: a mean over all axes is the same in any order"),
        },
    ),
    Case(
        K.GMSD,
        draw_images(3, 4, 3),
        gmsd,
        variants=[{"max_val": 2.0, "constant": 0.1}, {"data_format": "channels_first"}],
        known=[({}, RAMP, RAMP**2, 0.0767500178324)],
        bad=BAD,
        extremes=image_extremes(3, 4, 3),
        kinks=[({}, RAMP, RAMP, 0 * RAMP), ({}, FLAT, FLAT, 0 * FLAT), ({}, 0 * FLAT, 0 * FLAT, 0 * FLAT)],
        exempt=INTEGERS,
    ),
    Case(
        K.HaarPSI,
        draw_images(4, 4, 1),
        haar_psi,
        arguments={"scales": 2, "subsample": False},
        variants=[{"max_val": 2.0, "constant": 300.0}, {"alpha": 2.0}],
        known=[
            ({"scales": 3, "subsample": True}, LONG_RAMP, LONG_RAMP**2, 0.20326353611),
            ({}, 0 * FLAT, 0 * FLAT, 0),
        ],
        bad=[*BAD, {"scales": 1}, {"scales": 2.5}, {"subsample": 1}, {"alpha": 0.0}],
        extremes=image_extremes(4, 4, 1),
        kinks=[({}, RAMP, RAMP, 0 * RAMP), ({}, 0 * FLAT, 0 * FLAT, 0 * FLAT)],
        exempt={
            **INTEGERS,
            "time_and_memory": Exempt("its defaults need larger images: tests/image/test_quality.py"),
        },
    ),
    Case(
        K.HaarPSI,
        draw_images(3, 8, 9),
        haar_psi,
        arguments={"scales": 2, "data_format": "channels_first"},
        variants=[{"scales": 3, "subsample": False}],
        bad=BAD,
        extremes=image_extremes(3, 8, 9),
        exempt={**INTEGERS, **TOO_LARGE},
    ),
]
