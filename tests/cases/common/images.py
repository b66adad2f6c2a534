"""Draws, extremes and windows of images."""

import functools

import mpmath
import numpy as np

from tests.cases.case import Exempt
from tests.cases.common.element import real_extremes

RAMP = np.add.outer(np.arange(4.0), np.arange(4.0))[None, :, :, None] / 6

INTEGERS = {"integer_labels": Exempt("integers need another max_val: tests/image/test_structure.py")}


def picture(rows):
    """One image of one channel."""
    return np.array(rows, float)[None, :, :, None]


def draw_images(*shape, scale=1.0):
    """Pixels in [0, scale]; the prediction is like the target."""

    def draw(rng, n):
        y_true, noise = rng.uniform(size=(2, n, *shape))
        y_pred = 0.6 * y_true + 0.4 * noise
        return (scale * y_true).astype("float32"), (scale * y_pred).astype("float32")

    return draw


def image_extremes(height, width, channels):
    """Every pair of hard numbers, in images of that size."""

    def extremes():
        return tuple(np.resize(x, (9, height, width, channels)) for x in real_extremes())

    return extremes


def each_image(reference):
    """The reference of a batch, of one of an image `(height, width, channels)`.

    A difference quotient changes one image: the others have the value that they had.
    """
    known = {}

    @functools.wraps(reference)
    def of_batch(y, p, data_format=None, **arguments):
        if data_format == "channels_first":
            y, p = (np.moveaxis(x, 1, -1) for x in (y, p))
        values = []
        for pair in zip(y, p, strict=True):
            key = (mpmath.mp.dps, repr(arguments), p.shape, *(x for image in pair for x in image.ravel()))
            if key not in known:
                if len(known) > 100:
                    known.clear()
                known[key] = reference(*pair, **arguments)
            values.append(known[key])
        return np.array(values, object)

    return of_batch


@functools.cache
def gaussian(size, sigma):
    """A Gaussian window as a matrix."""
    places = [mpmath.mpf(2 * i - size + 1) / 2 for i in range(size)]
    window = [[mpmath.exp(-(a * a + b * b) / (2 * mpmath.mpf(sigma) ** 2)) for a in places] for b in places]
    window = np.array(window, object)
    return window / window.sum()


def windows(x, size):
    """All windows inside an image `(height, width)`, as `(windows, size, size)`."""
    return np.lib.stride_tricks.sliding_window_view(x, (size, size)).reshape(-1, size, size)
