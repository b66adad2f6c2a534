"""Sums over windows of images, `(batch, height, width, channels)`: Gaussian weights, boxes, halves."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasloss.core.numerics import cut

BLOCK = 256
"""How many sums along an axis one product with a matrix gives, at most."""


def gaussian(size: int, sigma: float) -> list[float]:
    """The weights of a Gaussian window of that many pixels, whose sum is 1."""
    exponents = [-(((i - (size - 1) / 2) / sigma) ** 2) / 2 for i in range(size)]
    largest = max(exponents)  # of an even number of pixels none is in the middle
    weights = [math.exp(exponent - largest) for exponent in exponents]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def blur(x: Any, weights: Sequence[float]) -> Any:
    """Images with `weights` summed along both sides, where the window is inside the image."""
    return correlate(correlate(x, weights, 1), weights, 2)


def correlate(x: Any, weights: Sequence[float], axis: int) -> Any:
    """`sum(weights[j] * x[i + j])` along axis 1 or 2, for all i whose window is inside.

    As products with a matrix, except on PyTorch and for lengths that are not known: XLA takes 9 to 40 times
    as long for a convolution of single channels, value and gradient, with 11 weights and images of 256 and of
    64 pixels a side. On PyTorch the convolution takes a third to a half of the time of the products for the
    larger ones.
    """
    convolves = keras.backend.backend() == "torch" or x.shape[axis] is None
    return (_convolve if convolves else _multiply)(x, weights, axis)


def _multiply(x: Any, weights: Sequence[float], axis: int) -> Any:
    """The same as products with a banded matrix, in blocks, so that their number grows with the length."""
    count = x.shape[axis] - len(weights) + 1
    parts = -(-count // BLOCK)
    length = -(-count // parts)
    if parts == 1 or length < len(weights):
        return _product(x, _band(weights, count), axis)
    # Rows of a block and, apart, the first ones of the next block. Slices that overlap would have as many
    # gradients of the size of the image as there are blocks.
    band = _band(weights, length)
    x = _padded(x, axis, parts * length - count)
    own = split(cut(x, axis, 0, parts * length), axis, parts)
    following = _padded(cut(x, axis, length, None), axis, length - len(weights) + 1)
    following = cut(split(following, axis, parts), axis + 1, 0, len(weights) - 1)
    sums = _product(own, band[:length], axis + 1) + _product(following, band[length:], axis + 1)
    shape = list(ops.shape(x))
    shape[axis] = parts * length
    return cut(ops.reshape(sums, (-1, *shape[1:])), axis, 0, count)


def _product(x: Any, matrix: np.ndarray, axis: int) -> Any:
    """`x` times a matrix, over an axis."""
    letters = "abcde"[: len(x.shape)]
    result = letters.replace(letters[axis], "z")
    matrix = ops.convert_to_tensor(matrix, dtype=x.dtype)
    return ops.einsum(f"{letters},{letters[axis]}z->{result}", x, matrix)


def _padded(x: Any, axis: int, count: int) -> Any:
    """`x` with that many zeros behind it."""
    return ops.pad(x, [[0, count if i == axis else 0] for i in range(len(x.shape))])


def bordered(images: Any, before: int, behind: int) -> Any:
    """Images with that many zeros before and behind their rows and columns."""
    return ops.pad(images, [[0, 0], [before, behind], [before, behind], [0, 0]])


def split(x: Any, axis: int, parts: int) -> Any:
    """An axis as two, of blocks and of what they hold."""
    shape = list(ops.shape(x))
    shape[axis : axis + 1] = parts, shape[axis] // parts
    return ops.reshape(x, (-1, *shape[1:]))


def _band(weights: Sequence[float], length: int) -> np.ndarray:
    """The matrix whose column i holds the weights from row i on."""
    matrix = np.zeros((length + len(weights) - 1, length))
    for i in range(length):
        matrix[i : i + len(weights), i] = weights
    return matrix


def _convolve(x: Any, weights: Sequence[float], axis: int) -> Any:
    kernel = ops.convert_to_tensor(list(weights), dtype=x.dtype)
    kernel = ops.reshape(kernel, (-1, 1, 1, 1) if axis == 1 else (1, -1, 1, 1))
    kernel = ops.tile(kernel, (1, 1, x.shape[-1], 1))
    return ops.depthwise_conv(x, kernel, padding="valid", data_format="channels_last")


def halve(x: Any) -> Any:
    """Means of 2 x 2 pixels; the last row or column of an odd number of them is repeated first."""
    for axis in (1, 2):
        even, odd = cut(x, axis, 0, None, 2), cut(x, axis, 1, None, 2)
        if x.shape[axis] is None or x.shape[axis] % 2:
            odd = ops.concatenate([odd, cut(x, axis, -1, None)], axis=axis)
            odd = cut(odd, axis, 0, ops.shape(even)[axis])
        x = 0.5 * (even + odd)
    return x
