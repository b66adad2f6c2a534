"""Cases of `kerasloss/losses/image/structure.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.backend import BACKEND
from tests.cases.case import Case, Exempt
from tests.cases.common.images import (
    INTEGERS,
    RAMP,
    draw_images,
    each_image,
    gaussian,
    image_extremes,
    picture,
    windows,
)

FACE = picture([[0, 0.5, 1], [0.25, 0.5, 0.75], [1, 0.5, 0]])
FACES = np.tile(FACE, (1, 2, 2, 1))
FLAT = np.full((1, 4, 4, 1), 0.25)
WINDOWED = {
    **INTEGERS,
    "vmap": Exempt("Keras's depthwise convolution has none on PyTorch", lambda **_: BACKEND == "torch"),
}
LARGE_DEFAULTS = {
    "time_and_memory": Exempt("its windows need larger images: tests/image/test_structure.py"),
}


def similarities(y, p, window, max_val, k1, k2):
    """l and cs of every window of one channel, by central moments."""
    a, b = (windows(x, len(window)) for x in (y, p))
    mean_a, mean_b = ((x * window).sum(axis=(1, 2)) for x in (a, b))
    da, db = a - mean_a[:, None, None], b - mean_b[:, None, None]
    var_a, var_b, cov = ((x * window).sum(axis=(1, 2)) for x in (da * da, db * db, da * db))
    c1, c2 = ((mpmath.mpf(k) * mpmath.mpf(max_val)) ** 2 for k in (k1, k2))
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return luminance, (2 * cov + c2) / (var_a + var_b + c2)


def planes(y, p):
    """Each channel of two images."""
    return [(y[:, :, c], p[:, :, c]) for c in range(y.shape[-1])]


@each_image
def ssim(y, p, max_val=1.0, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03):
    window, values = gaussian(filter_size, filter_sigma), []
    for a, b in planes(y, p):
        luminance, structure = similarities(a, b, window, max_val, k1, k2)
        values += list(luminance * structure)
    return 1 - sum(values) / len(values)


def halved(x):
    """Means of blocks of 2 x 2 pixels, after a row or column was repeated."""
    x = np.pad(x, [(0, n % 2) for n in x.shape], mode="edge")
    return (x[::2, ::2] + x[1::2, ::2] + x[::2, 1::2] + x[1::2, 1::2]) / 4


@each_image
def multi_scale(y, p, max_val=1.0, power_factors=None, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03):
    value = mpmath.mpf(1)
    for a, b in planes(y, p):
        product = mpmath.mpf(1)
        for j, factor in enumerate(power_factors):
            if j:
                a, b = halved(a), halved(b)
            luminance, structure = similarities(a, b, gaussian(filter_size, filter_sigma), max_val, k1, k2)
            last = j == len(power_factors) - 1
            similarity = (luminance * structure if last else structure).sum() / len(structure)
            product *= max(similarity, 0) ** mpmath.mpf(factor)
        value -= product / y.shape[-1]
    return value


@each_image
def mixed(y, p, alpha=0.84, max_val=1.0, sigmas=(0.5, 1.0, 2.0, 4.0, 8.0), k1=0.01, k2=0.03):
    value, alpha, reach = 0, mpmath.mpf(alpha), int(2 * sigmas[-1])
    for a, b in planes(y, p):
        a, b = (np.pad(x, reach, constant_values=mpmath.mpf(0)) for x in (a, b))
        product = 1
        for sigma in sigmas:
            window = gaussian(2 * reach + 1, sigma)
            luminance, structure = similarities(a, b, window, max_val, k1, k2)
            product = product * structure
        error = (windows(abs(a - b), len(window)) * window).sum(axis=(1, 2)) / mpmath.mpf(max_val)
        value += (alpha * (1 - luminance * product) + (1 - alpha) * error).sum()
    return value / y.size


BAD = [
    {"max_val": 0.0},
    {"filter_size": 0},
    {"filter_size": 2.5},
    {"filter_sigma": 0.0},
    {"k1": -0.01},
    {"k2": 0.0},
    {"data_format": "first"},
]

CASES = [
    Case(
        K.SSIM,
        draw_images(3, 3, 2),
        ssim,
        arguments={"filter_size": 3},
        variants=[
            {"filter_size": 2, "filter_sigma": 0.7, "max_val": 2.0},
            {"k1": 0.1, "k2": 0.2},
            {"data_format": "channels_first", "filter_size": 2},
        ],
        known=[({}, FACE, FACE**2, 0.103421715298)],
        bad=BAD,
        extremes=image_extremes(3, 3, 2),
        kinks=[({}, FACE, FACE, 0 * FACE), ({}, FLAT, FLAT, 0 * FLAT)],
        exempt={**WINDOWED, **LARGE_DEFAULTS},
    ),
    Case(
        K.MultiScaleSSIM,
        draw_images(3, 3, 2),
        multi_scale,
        arguments={"power_factors": (0.5, 0.7), "filter_size": 2},
        variants=[
            {"power_factors": [0.8], "filter_size": 3, "filter_sigma": 0.7, "max_val": 2.0},
            {"k1": 0.1, "k2": 0.2},
            {"data_format": "channels_first", "power_factors": [1.0]},
        ],
        known=[({"power_factors": [0.5, 0.5], "filter_size": 3}, FACES, FACES**2, 0.129786565383)],
        bad=[*BAD, {"power_factors": []}, {"power_factors": [0.5, 0.0]}],
        extremes=image_extremes(3, 3, 2),
        kinks=[
            ({}, FACES, FACES, 0 * FACES),
            ({}, FACES, 1 - FACES, 0 * FACES),  # not correlated: a power of 0
            ({}, FLAT, FLAT, 0 * FLAT),
        ],
        exempt={**WINDOWED, **LARGE_DEFAULTS},
    ),
    Case(
        K.MixedSSIML1,
        draw_images(2, 2, 2),
        mixed,
        arguments={"sigmas": (0.5, 0.6)},
        variants=[
            {"alpha": 0.3, "max_val": 2.0},
            {"sigmas": [0.7]},
            {"k1": 0.1, "k2": 0.2},
            {"data_format": "channels_first"},
        ],
        known=[({"sigmas": (0.5, 1.0)}, RAMP, RAMP**2, 0.303990549497)],
        bad=[
            {"alpha": 1.5},
            {"max_val": 0.0},
            {"sigmas": []},
            {"sigmas": [1.0, 0.5]},
            {"sigmas": [0.0, 0.5]},
            {"k1": 0.0},
            {"k2": 0.0},
            {"data_format": 1},
        ],
        extremes=image_extremes(2, 2, 2),
        kinks=[({}, FACE, FACE, 0 * FACE), ({}, FLAT, FLAT, 0 * FLAT)],
        exempt={**WINDOWED, **LARGE_DEFAULTS},
    ),
]
