"""The quality of images, as measures of it judge them: peak signal-to-noise ratio, gradients, wavelets."""

import math
from typing import Annotated, Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Positive, at_least
from kerasloss.core.kinds.image import ENTRIES, ImageLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import DECIBELS, absolute, clip_below, cut, maximum, mean, safe_divide, safe_sqrt
from kerasloss.core.registry import register
from kerasloss.core.windows import bordered


@register
class PSNR(ImageLoss):
    """Minus the peak signal-to-noise ratio of images, in decibels.

    Formula: `10 * log10(max(mean((y_pred - y_true) ** 2) / max_val ** 2, epsilon))`, the mean over all pixels
    and channels.

    Args:
        max_val: The range of the pixel values, a number > 0: 1.0 for [0, 1], 255.0 for [0, 255].
        epsilon: What keeps the value of equal images finite, > 0: the least is `10 * log10(epsilon)`.
        reduction, name, dtype: See `kerasloss.Loss`.
        data_format: `"channels_last"` or `"channels_first"`; None: that of
            `keras.config.image_data_format()`.

    Shapes:
        `y_true`, `y_pred`: images `(batch, height, width, channels)` of one shape. Returns `(batch,)`, in dB:
        lower is better.

    Raises:
        ValueError: If an argument is out of range, the shapes differ, or `y_true` holds integers and
            `max_val` is 1.

    Use it to be judged by PSNR: the loss is logarithmic per image, so that good ones weigh as much as bad
    ones, unlike with the mean squared error. Not for images that can be equal: their gradient is 0, just
    beside them it is huge.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([0.0, 1.0]).reshape(1, 1, 2, 1), np.array([0.1, 0.8]).reshape(1, 1, 2, 1)
    >>> round(float(kerasloss.PSNR()(y_true, y_pred)), 4)
    -16.0206

    Equivalents: minus `tf.image.psnr`, scikit-image `peak_signal_noise_ratio`: default. piq `psnr` adds 1e-8
    to the mean. kornia PSNRLoss: of the whole batch.

    Reference: Huynh-Thu & Ghanbari, 2008, Scope of Validity of PSNR in Image/Video Quality Assessment,
    Electronics Letters.
    """

    max_val: Positive = 1.0
    epsilon: Positive = 1e-10

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        error = mean(ops.square((y_pred - y_true) / self.max_val), ENTRIES)
        return DECIBELS * ops.log(clip_below(error, self.epsilon))


class _ColourLoss(ImageLoss):
    """A loss of images of one channel, or of red, green and blue, whose sides are known."""

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        shape = tuple(y_pred.shape)
        if shape[3] not in (1, 3) or None in shape[1:3]:
            checks.fail(
                self,
                "images must have 1 or 3 channels and sides of known length",
                f"height, width, channels={shape[1:]}",
            )
        return y_true, y_pred


def _mixed(images: Tensor, red: float, green: float, blue: float) -> Tensor:
    """A sum of the three channels."""
    r, g, b = ops.split(images, 3, axis=-1)
    return red * r + green * g + blue * b


def _luminance(images: Tensor) -> Tensor:
    return images if images.shape[-1] == 1 else _mixed(images, 0.299, 0.587, 0.114)


def _halve(images: Tensor) -> Tensor:
    """Means of 2 x 2 pixels; if a side is odd, both first get a zero more, and what is left over drops."""
    if images.shape[1] % 2 or images.shape[2] % 2:
        images = bordered(images, 0, 1)
    for axis in (1, 2):
        end = images.shape[axis] // 2 * 2
        images = 0.5 * (cut(images, axis, 0, end, 2) + cut(images, axis, 1, end, 2))
    return images


def _unlike(a: Tensor, b: Tensor, constant: float) -> Tensor:
    """`1 - (2 a b + constant) / (a ** 2 + b ** 2 + constant)`: 0 for equal magnitudes, exactly."""
    return ops.square(a - b) / (ops.square(a) + ops.square(b) + constant)


@register
class GMSD(_ColourLoss):
    """The gradient magnitude similarity deviation: how unevenly the edges of an image are damaged.

    Formula: `std(s)` over all pixels, with
    `s = (2 * m_true * m_pred + constant) / (m_true ** 2 + m_pred ** 2 + constant)`; m is the length of the
    gradient, by Prewitt's filters with zeros outside, of the luminance divided by `max_val`, in means of
    2 x 2 pixels.

    Args:
        max_val: The range of the pixel values, a number > 0: 1.0 for [0, 1], 255.0 for [0, 255].
        constant: What keeps flat places stable, > 0; the default is `170 / 255 ** 2`.
        reduction, name, dtype: See `kerasloss.Loss`.
        data_format: `"channels_last"` or `"channels_first"`; None: that of
            `keras.config.image_data_format()`.

    Shapes:
        `y_true`, `y_pred`: images `(batch, height, width, channels)` of one shape, with 1 channel or red,
        green and blue, whose luminance is `0.299 R + 0.587 G + 0.114 B`. Returns `(batch,)`.

    Raises:
        ValueError: If an argument is out of range, the shapes differ, there are other channels, a side is not
            known, or `y_true` holds integers and `max_val` is 1.

    Use it with a pixel loss, for local damage; not alone: images that differ by a constant, or by the same
    loss of contrast everywhere, are as good as equal to it.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = (np.add.outer(np.arange(4.0), np.arange(4.0)) / 6).reshape(1, 4, 4, 1)
    >>> round(float(kerasloss.GMSD()(y_true, y_true**2)), 4)
    0.0768

    Equivalents: piq GMSDLoss: default, `t` is `constant`.

    Reference: Xue, Zhang, Mou & Bovik, 2014, Gradient Magnitude Similarity Deviation: A Highly Efficient
    Perceptual Image Quality Index, IEEE Transactions on Image Processing (arXiv 1308.3052).
    """

    max_val: Positive = 1.0
    constant: Positive = 170 / 255**2

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        unlike = _unlike(self.slopes(y_true), self.slopes(y_pred), self.constant)
        centre = mean(unlike, ENTRIES)
        deviations = unlike - ops.reshape(centre, (-1, 1, 1, 1))
        return safe_sqrt(mean(ops.square(deviations), ENTRIES))

    def slopes(self, images: Tensor) -> Tensor:
        """The length of the gradient of every pixel."""
        x = bordered(_halve(_luminance(images / self.max_val)), 1, 1)
        squares = 0.0
        for axis, other in ((1, 2), (2, 1)):
            step = cut(x, axis, 2, None) - cut(x, axis, 0, -2)
            step = cut(step, other, 0, -2) + cut(step, other, 1, -1) + cut(step, other, 2, None)
            squares = squares + ops.square(step / 3)
        return safe_sqrt(squares)


@register
class HaarPSI(_ColourLoss):
    """The Haar wavelet perceptual dissimilarity of images: 1 - HaarPSI.

    Formula: `1 - (logit(score) / alpha) ** 2`, with `score = sum(sigmoid(alpha * S) * W) / sum(W)` over
    pixels and directions; S is the mean of `(2 * a * b + constant) / (a ** 2 + b ** 2 + constant)` over the
    two finest scales, of the magnitudes a and b of the Haar wavelet coefficients of both images, and
    `W = max(a, b)` of scale `scales`.

    A filter of scale s has `2 ** s` pixels a side, half of them `2 ** -s` and half `-2 ** -s`, and zeros are
    outside. Of colours, the components I and Q of the YIQ space (means of 2 x 2 pixels) are a third
    direction, whose W is the mean of those of the luminance.

    Args:
        max_val: The range of the pixel values, a number > 0: 1.0 for [0, 1], 255.0 for [0, 255].
        scales: The scale of the weights, an integer >= 2.
        subsample: Whether images are halved first, to means of 2 x 2 pixels.
        constant: What keeps flat places stable, for pixels up to 255, > 0.
        alpha: The slope of the sigmoid, > 0.
        reduction, name, dtype: See `kerasloss.Loss`.
        data_format: `"channels_last"` or `"channels_first"`; None: that of
            `keras.config.image_data_format()`.

    Shapes:
        `y_true`, `y_pred`: images `(batch, height, width, channels)` of one shape, with 1 channel or red,
        green and blue. Returns `(batch,)`, from 0 for equal images to 1.

    Raises:
        ValueError: If an argument is out of range, the shapes differ, there are other channels, a side is not
            known or shorter than `2 ** scales` (twice that with `subsample`), or `y_true` holds integers and
            `max_val` is 1.

    Use it where images should look the same, at a small part of the cost of `Perceptual`; beside a pixel
    loss, since it does not see a shift of brightness. Not for images of other channels.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = (np.add.outer(np.arange(16.0), np.arange(16.0)) / 30).reshape(1, 16, 16, 1)
    >>> round(float(kerasloss.HaarPSI()(y_true, y_true**2)), 4)
    0.2033

    Equivalents: piq HaarPSILoss: default, `c` is `constant`; it adds 2**-23 to both sums.

    Reference: Reisenhofer, Bosse, Kutyniok & Wiegand, 2018, A Haar Wavelet-Based Perceptual Similarity Index
    for Image Quality Assessment, Signal Processing: Image Communication (arXiv 1607.06140).
    """

    max_val: Positive = 1.0
    scales: Annotated[int, at_least(2)] = 3
    subsample: bool = True
    constant: Positive = 30.0
    alpha: Positive = 4.2

    def least_side(self) -> int:
        return 2 ** (self.scales + self.subsample)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        pair = [self.scaled(x) for x in (y_true, y_pred)]
        light = [_luminance(x) for x in pair]
        directions = [self.direction(*light, axis) for axis in (1, 2)]
        if y_pred.shape[-1] == 3:
            unlike = 0.0
            for weights in ((0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112)):
                a, b = (absolute(_smoothed(_mixed(x, *weights))) for x in pair)
                unlike = unlike + 0.5 * _unlike(a, b, self.constant)
            directions.append((unlike, 0.5 * (directions[0][1] + directions[1][1])))
        # How much the score is below that of equal images, sigmoid(alpha), and its logit.
        best, worst = _sigmoid(self.alpha), _sigmoid(-self.alpha)
        lost, total = 0.0, 0.0
        for unlike, weight in directions:
            loss = -ops.expm1(-self.alpha * unlike) * ops.sigmoid(self.alpha * (unlike - 1))
            lost, total = lost + ops.sum(loss * weight, ENTRIES), total + ops.sum(weight, ENTRIES)
        lost = safe_divide(lost, total)
        change = (ops.log1p(-lost) - ops.log1p(lost * (best / worst))) / self.alpha
        return -change * (2 + change)

    def scaled(self, images: Tensor) -> Tensor:
        """Images of the pixels that the constant is meant for."""
        images = images * (255 / self.max_val)
        return _halve(images) if self.subsample else images

    def direction(self, a: Tensor, b: Tensor, axis: int) -> tuple[Tensor, Tensor]:
        """How unlike the coefficients along an axis are, and their weights."""
        fine = [_unlike(*(_haar(x, scale, axis) for x in (a, b)), self.constant) for scale in (1, 2)]
        return 0.5 * (fine[0] + fine[1]), maximum(*(_haar(x, self.scales, axis) for x in (a, b)))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _smoothed(images: Tensor) -> Tensor:
    """The mean of every pixel and its neighbours below and to the right, with zeros outside."""
    return 0.25 * _runs(_runs(bordered(images, 0, 1), 1, 2), 2, 2)


def _haar(images: Tensor, scale: int, axis: int) -> Tensor:
    """The magnitudes of the wavelet coefficients of a scale, of every pixel."""
    half = 2 ** (scale - 1)
    x = _runs(_runs(bordered(images, half - 1, half), 3 - axis, 2 * half), axis, half)
    return absolute(cut(x, axis, 0, -half) - cut(x, axis, half, None)) / (2 * half)


def _runs(x: Tensor, axis: int, length: int) -> Tensor:
    """The sum of that many pixels, a power of 2, from every one on."""
    step = 1
    while step < length:
        x = cut(x, axis, 0, -step) + cut(x, axis, step, None)
        step *= 2
    return x
