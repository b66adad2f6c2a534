"""Cases of `kerasloss/losses/image/gradients.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.images import draw_images, each_image, image_extremes, picture

SQUARE = picture([[0, 1], [2, 4]])
OTHER = picture([[0, 2], [1, 1]])
DOT = picture(np.eye(4) * [1, 0, 0, 0])
FLAT = np.full((1, 2, 2, 1), 0.5)


@each_image
def total_variation(_, p, norm="l1"):
    """Pixel by pixel, with the neighbours below and to the right."""
    total = mpmath.mpf(0)
    for i, j, c in np.ndindex(p.shape):
        below = p[min(i + 1, len(p) - 1), j, c] - p[i, j, c]
        right = p[i, min(j + 1, p.shape[1] - 1), c] - p[i, j, c]
        if norm == "isotropic":
            total += mpmath.hypot(below, right)
        else:
            total += below**2 + right**2 if norm == "squared" else abs(below) + abs(right)
    return total


@each_image
def gradient_difference(y, p, alpha=1.0):
    value = mpmath.mpf(0)
    for axis in (0, 1):
        steps = [abs(np.diff(x, axis=axis)) for x in (y, p)]
        value += np.sum(abs(steps[0] - steps[1]) ** mpmath.mpf(alpha)) / steps[0].size
    return value


def shrinking(n):
    """The matrix that takes a side of n pixels to half of it."""
    matrix = np.full(((n + 1) // 2, n), mpmath.mpf(0))
    for i in range(len(matrix)):
        for j, weight in enumerate((1, 4, 6, 4, 1)):
            matrix[i, np.clip(2 * i + j - 2, 0, n - 1)] += mpmath.mpf(weight) / 16
    return matrix


def growing(n):
    """The matrix that takes half a side back to n pixels."""
    matrix, last = np.full((n, (n + 1) // 2), mpmath.mpf(0)), (n + 1) // 2 - 1
    for i in range(n):
        for k, weight in zip((-1, 0, 1), (0, 4, 4) if i % 2 else (1, 6, 1), strict=True):
            matrix[i, np.clip(i // 2 + k, 0, last)] += mpmath.mpf(weight) / 8
    return matrix


@each_image
def laplacian_pyramid(y, p, levels=5):
    """By matrices, of each image."""
    value, pyramids = mpmath.mpf(0), []
    for x in (y, p):
        bands = []
        for _ in range(levels - 1):
            rows, columns = x.shape[:2]
            coarse = np.einsum("ih,hwc,jw->ijc", shrinking(rows), x, shrinking(columns))
            bands.append(x - np.einsum("hi,ijc,wj->hwc", growing(rows), coarse, growing(columns)))
            x = coarse
        pyramids.append([*bands, x])
    for a, b in zip(*pyramids, strict=True):
        value += np.sum(abs(a - b)) / a.size
    return value


CASES = [
    Case(
        K.TotalVariation,
        draw_images(3, 2, 2),
        total_variation,
        variants=[{"norm": "squared"}, {"norm": "isotropic"}, {"data_format": "channels_first"}],
        known=[
            ({}, None, SQUARE, 8),
            ({"norm": "squared"}, None, SQUARE, 18),
            ({"norm": "isotropic"}, None, SQUARE, 7.2360679775),
        ],
        bad=[{"norm": "l2"}, {"data_format": "first"}],
        extremes=image_extremes(3, 2, 2),
        kinks=[
            ({}, None, FLAT, 0 * FLAT),
            ({"norm": "isotropic"}, None, FLAT, 0 * FLAT),
        ],
        exempt={"shapes_that_only_broadcast_are_refused": Exempt("y_true is ignored")},
    ),
    Case(
        K.GradientDifference,
        draw_images(3, 2, 2),
        gradient_difference,
        variants=[{"alpha": 2.5}, {"data_format": "channels_first"}],
        known=[({}, SQUARE, OTHER, 3)],
        bad=[{"alpha": 0.5}, {"data_format": "first"}],
        extremes=image_extremes(3, 2, 2),
        kinks=[({}, SQUARE, SQUARE, 0 * SQUARE), ({}, SQUARE, FLAT, 0 * FLAT)],
    ),
    Case(
        K.LaplacianPyramid,
        draw_images(3, 5, 2),
        laplacian_pyramid,
        arguments={"levels": 2},
        variants=[{"levels": 1}, {"data_format": "channels_first"}],
        known=[({"levels": 2}, DOT, 0 * DOT, 0.244842529297)],
        bad=[{"levels": 0}, {"levels": 1.5}, {"data_format": "first"}],
        extremes=image_extremes(3, 5, 2),
        kinks=[({}, SQUARE, SQUARE, 0 * SQUARE)],
        exempt={"time_and_memory": Exempt("its defaults need larger images: tests/image/test_gradients.py")},
    ),
]
