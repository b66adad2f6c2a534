"""The gradients of images: differences of neighbouring pixels, and of an image and a coarser one."""

from collections.abc import Callable
from typing import Annotated, Literal

from keras import ops

from kerasloss.core.configuration import Count, within
from kerasloss.core.kinds.image import ENTRIES, ImageLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import absolute, cut, mean, power, safe_sqrt
from kerasloss.core.registry import register
from kerasloss.core.windows import split


def _steps(x: Tensor, axis: int) -> Tensor:
    """The differences of neighbouring pixels along an axis."""
    return cut(x, axis, 1, None) - cut(x, axis, 0, -1)


@register
class TotalVariation(ImageLoss):
    """The total variation of an image, which is large if it is noisy: a regularizer that ignores `y_true`.

    Formula: `sum(|d_h| + |d_w|)` over pixels and channels, of the differences of neighbours along height and
    width; with `norm="squared"` `sum(d_h ** 2 + d_w ** 2)`, with `norm="isotropic"`
    `sum(sqrt(d_h ** 2 + d_w ** 2))`, where the differences that are missing at the far border are 0.

    Args:
        norm: `"l1"`, `"squared"` or `"isotropic"`.
        reduction, name, dtype: See `kerasloss.Loss`.
        data_format: `"channels_last"` or `"channels_first"`; None: that of
            `keras.config.image_data_format()`.

    Shapes:
        `y_pred`: images `(batch, height, width, channels)`. `y_true` is ignored, and may be None. Returns
        `(batch,)`, a sum: it grows with the number of pixels.

    Raises:
        ValueError: For another norm, or if `y_pred` holds no images.

    Use it with a small weight beside another loss, to remove noise and keep edges (`"isotropic"`: of any
    direction); not for textures, which it flattens.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[0.0, 1.0], [2.0, 4.0]]).reshape(1, 2, 2, 1)
    >>> float(kerasloss.TotalVariation()(None, y_pred))
    8.0

    Equivalents: `tf.image.total_variation`, torchmetrics, piq TVLoss("l1"): default; the sum over the
    channels of kornia's. piq TVLoss("l2_squared"): `norm="squared"`, of which TVLoss("l2") is the root.

    Reference: Rudin, Osher & Fatemi, 1992, Nonlinear Total Variation Based Noise Removal Algorithms,
    Physica D.
    """

    needs_y_true = False

    norm: Literal["l1", "squared", "isotropic"] = "l1"

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        steps = [_steps(y_pred, axis) for axis in (1, 2)]
        if self.norm == "isotropic":
            border = [[0, 0], [0, 0], [0, 0], [0, 0]]
            squares = 0.0
            for axis, step in zip((1, 2), steps, strict=True):
                behind = [*border[:axis], [0, 1], *border[axis + 1 :]]
                squares = squares + ops.pad(ops.square(step), behind)
            return ops.sum(safe_sqrt(squares), ENTRIES)
        size = absolute if self.norm == "l1" else ops.square
        return ops.sum(size(steps[0]), ENTRIES) + ops.sum(size(steps[1]), ENTRIES)


@register
class GradientDifference(ImageLoss):
    """Differences of the gradients of two images, which keeps edges sharp.

    Formula: `mean(|d_pred - d_true| ** alpha)` along the height plus the same along the width, each over all
    pixels and channels; d are the absolute values of the differences of neighbouring pixels.

    Args:
        alpha: The exponent, >= 1.
        reduction, name, dtype: See `kerasloss.Loss`.
        data_format: `"channels_last"` or `"channels_first"`; None: that of
            `keras.config.image_data_format()`.

    Shapes:
        `y_true`, `y_pred`: images `(batch, height, width, channels)` of one shape. Returns `(batch,)`. A side
        of one pixel adds nothing.

    Raises:
        ValueError: If `alpha` is out of range or the shapes differ.

    Use it beside a pixel loss that makes blurred images, as in the prediction of videos; not alone: it sees
    neither the brightness nor whether an edge goes up or down.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = (np.array(x).reshape(1, 2, 2, 1) for x in ([0.0, 1, 2, 4], [0.0, 2, 1, 1]))
    >>> float(kerasloss.GradientDifference()(y_true, y_pred))
    3.0

    Equivalents: the paper has sums in place of the means.

    Reference: Mathieu, Couprie & LeCun, 2016, Deep Multi-Scale Video Prediction beyond Mean Square Error,
    ICLR (arXiv 1511.05440).
    """

    alpha: Annotated[float, within(least=1)] = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        total = ops.zeros_like(ops.sum(y_pred, ENTRIES))
        for axis in (1, 2):
            if y_pred.shape[axis] != 1:
                difference = absolute(_steps(y_true, axis)) - absolute(_steps(y_pred, axis))
                difference = absolute(difference)
                difference = difference if self.alpha == 1 else power(difference, self.alpha)
                total = total + mean(difference, ENTRIES)
        return total


@register
class LaplacianPyramid(ImageLoss):
    """Absolute errors of two images in bands of frequency: the levels of their Laplacian pyramids.

    Formula: `sum(mean(|L[j](y_pred) - L[j](y_true)|))` over the levels j, each mean over the pixels and
    channels of its level; `L[j] = x[j] - up(x[j + 1])` with `x[j + 1] = down(x[j])`, and the last level is x
    itself.

    `down` weighs 5 pixels along each axis by 1, 4, 6, 4, 1, divided by 16, and keeps every second; `up` is
    twice that of pixels with zeros between them. At borders the last pixel is repeated.

    Args:
        levels: How many, an integer >= 1; 1 is the mean absolute error.
        reduction, name, dtype: See `kerasloss.Loss`.
        data_format: `"channels_last"` or `"channels_first"`; None: that of
            `keras.config.image_data_format()`.

    Shapes:
        `y_true`, `y_pred`: images `(batch, height, width, channels)` of one shape. Returns `(batch,)`.

    Raises:
        ValueError: If `levels` is out of range, the shapes differ, or a side is shorter than
            `2 ** (levels - 1)`.

    Use it to generate and to restore images: it weighs fine structure more than a pixel loss does, and knows
    where it is, unlike `Frequency`. Not for tiny ones.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.zeros((2, 1, 4, 4, 1))
    >>> y_true[0, 0, 0, 0] = 1.0
    >>> round(float(kerasloss.LaplacianPyramid(levels=2)(y_true, y_pred)), 4)
    0.2448

    Equivalents: the paper has the sum of `4 ** j` times the sums over pixels: times the number of entries of
    an image whose sides are divided by `2 ** (levels - 1)`.

    Reference: Burt & Adelson, 1983, The Laplacian Pyramid as a Compact Image Code, IEEE Transactions on
    Communications; Bojanowski, Joulin, Lopez-Paz & Szlam, 2018, Optimizing the Latent Space of Generative
    Networks, ICML (arXiv 1707.05776).
    """

    levels: Count = 5

    def least_side(self) -> int:
        return 2 ** (self.levels - 1)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        x, total = y_pred - y_true, 0.0  # the pyramid of a difference is that of the pyramids
        for _ in range(self.levels - 1):
            coarse = _along_both(_down, x)
            fine = x - _along_both(_up, coarse)[:, : ops.shape(x)[1], : ops.shape(x)[2]]
            total, x = total + mean(absolute(fine), ENTRIES), coarse
        return total + mean(absolute(x), ENTRIES)


def _along_both(function: Callable, x: Tensor) -> Tensor:
    return function(function(x, 1), 2)


def _repeated(x: Tensor, axis: int, count: int) -> Tensor:
    """The first and the last pixel, `count` times more."""
    first, last = cut(x, axis, 0, 1), cut(x, axis, -1, None)
    return ops.concatenate([*[first] * count, x, *[last] * count], axis=axis)


def _down(x: Tensor, axis: int) -> Tensor:
    """Half as many pixels, rounded up."""
    length = (ops.shape(x)[axis] + 1) // 2
    x = cut(_repeated(x, axis, 3), axis, 1, 5 + 2 * length)
    # Pairs first: five slices of every second pixel would have as many gradients of the size of the image.
    pairs = split(x, axis, length + 2)
    even, odd = (ops.take(pairs, i, axis=axis + 1) for i in range(2))
    a, c, e = (cut(even, axis, i, i + length) for i in range(3))
    b, d = (cut(odd, axis, i, i + length) for i in range(2))
    return 0.375 * c + 0.25 * (b + d) + 0.0625 * (a + e)


def _up(x: Tensor, axis: int) -> Tensor:
    """Twice as many pixels."""
    bordered = _repeated(x, axis, 1)
    before, behind = cut(bordered, axis, 0, -2), cut(bordered, axis, 2, None)
    even, odd = 0.75 * x + 0.125 * (before + behind), 0.5 * (x + behind)
    shape = list(ops.shape(x))
    shape[axis] = 2 * shape[axis]
    return ops.reshape(ops.stack([even, odd], axis=axis + 1), (-1, *shape[1:]))
