"""The structure of images: luminance, contrast and correlation in every window (SSIM)."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Count, Fraction, Positive, each_within
from kerasloss.core.kinds.image import ENTRIES, ImageLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import absolute, clip_below, mean
from kerasloss.core.registry import register
from kerasloss.core.windows import blur, bordered, gaussian, halve

SPACE = [1, 2]


class _Images(NamedTuple):
    """Two images and what their windows are computed from."""

    y_true: Tensor
    """The image without its mean."""
    error: Tensor
    """`y_pred - y_true`, without its mean."""
    mean: Tensor
    """The mean of `y_true`, of each channel."""
    bias: Tensor
    """The mean of the error."""


def _centred(y_true: Tensor, y_pred: Tensor) -> _Images:
    """Without their means, images keep the digits of the variances in a window."""
    error, parts = y_pred - y_true, []
    for x in (y_true, error):
        # Variances don't depend on it, and to means in a window it is added: there is no gradient.
        parts.append(ops.stop_gradient(ops.expand_dims(ops.expand_dims(mean(x, SPACE), 1), 1)))
    return _Images(y_true - parts[0], error - parts[1], *parts)


class _Moments(NamedTuple):
    """What is in every window of the images."""

    y_true: Tensor
    """The mean of what the image holds beside its mean."""
    error: Tensor
    """The same of the error."""
    variances: Tensor
    """The sum of the variances of both images."""
    variance: Tensor
    """The variance of the error."""


def _powers(images: _Images) -> tuple[Tensor, ...]:
    """What is summed in every window: both images, and their squares."""
    y, e = images.y_true, images.error
    return y, e, ops.square(y) + ops.square(y + e), ops.square(e)


def _moments(powers: Sequence[Tensor], weights: Sequence[float]) -> _Moments:
    y, e, squares, square = (blur(part, weights) for part in powers)
    variances = clip_below(squares - ops.square(y) - ops.square(y + e), 0)
    return _Moments(y, e, variances, clip_below(square - ops.square(e), 0))


class _Windows(ImageLoss):
    """A loss of what is left to perfect luminance and structure in every window, 0 for equal images."""

    def structure(self, moments: _Moments) -> Tensor:
        """`1 - cs`: the variance of the error divided by the sum of the variances and c2."""
        return moments.variance / (moments.variances + (self.k2 * self.max_val) ** 2)

    def luminance(self, moments: _Moments, images: _Images) -> Tensor:
        """`1 - l`, which is `(m_pred - m) ** 2 / (m ** 2 + m_pred ** 2 + c1)`."""
        y, e = moments.y_true + images.mean, moments.error + images.bias
        return ops.square(e) / (ops.square(y) + ops.square(y + e) + (self.k1 * self.max_val) ** 2)


def _without_border(images: Tensor, count: int) -> Tensor:
    """Images without so many pixels at each side."""
    return images[:, count:-count, count:-count] if count else images


def _either(a: Tensor, b: Tensor) -> Tensor:
    """`1 - (1 - a) * (1 - b)`."""
    return a + b - a * b


@register
class SSIM(_Windows):
    """The structural dissimilarity of images: 1 - SSIM.

    Formula: `1 - mean(l * cs)` over all windows inside the image and all channels, with
    `l = (2 * m_true * m_pred + c1) / (m_true ** 2 + m_pred ** 2 + c1)` and
    `cs = (2 * cov + c2) / (var_true + var_pred + c2)`: means, variances and covariance in a Gaussian window,
    `c1 = (k1 * max_val) ** 2` and `c2 = (k2 * max_val) ** 2`.

    Args:
        max_val: The range of the pixel values, a number > 0: 1.0 for [0, 1], 255.0 for [0, 255].
        filter_size: The pixels of a side of the window, an integer >= 1.
        filter_sigma: The standard deviation of the window in pixels, > 0.
        k1, k2: What keeps dark and flat windows stable, > 0.
        reduction, name, dtype: See `kerasloss.Loss`.
        data_format: `"channels_last"` or `"channels_first"`; None: that of
            `keras.config.image_data_format()`.

    Shapes:
        `y_true`, `y_pred`: images `(batch, height, width, channels)` of one shape. Returns `(batch,)`, from 0
        for equal images to 2.

    Raises:
        ValueError: If an argument is out of range, the shapes differ, a side is shorter than `filter_size`,
            or `y_true` holds integers and `max_val` is 1.

    Use it to restore or compress images, where edges and textures matter more than exact values; with a pixel
    loss (`MixedSSIML1`), since it hardly sees a constant shift of bright windows. Not for images of labels.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = np.array([[0.0, 0.5, 1.0], [0.25, 0.5, 0.75], [1.0, 0.5, 0.0]]).reshape(1, 3, 3, 1)
    >>> round(float(kerasloss.SSIM(filter_size=3)(y_true, y_true**2)), 4)
    0.1034

    Equivalents: 1 - `tf.image.ssim`: default. scikit-image `structural_similarity` with
    `gaussian_weights=True, sigma=1.5, use_sample_covariance=False`: 1 - its value, default. piq SSIMLoss:
    default, below 384 pixels a side; it shrinks larger ones first. kornia SSIMLoss with `padding="valid"`:
    half of it.

    Reference: Wang, Bovik, Sheikh & Simoncelli, 2004, Image Quality Assessment: From Error Visibility to
    Structural Similarity, IEEE Transactions on Image Processing.
    """

    max_val: Positive = 1.0
    filter_size: Count = 11
    filter_sigma: Positive = 1.5
    k1: Positive = 0.01
    k2: Positive = 0.03

    def least_side(self) -> int:
        return self.filter_size

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        images = _centred(y_true, y_pred)
        moments = _moments(_powers(images), gaussian(self.filter_size, self.filter_sigma))
        return mean(_either(self.luminance(moments, images), self.structure(moments)), ENTRIES)


@register
class MultiScaleSSIM(_Windows):
    """The structural dissimilarity of images at several resolutions: 1 - MS-SSIM.

    Formula: `1 - prod(relu(s[j]) ** w[j])` for each channel, and the mean of that over the channels; `s[j]`
    is the mean of cs over all windows at scale j, of `l * cs` at the last one, with l and cs of `SSIM`. From
    one scale to the next images are halved: means of 2 x 2 pixels, where the last row or column of an odd
    number of them is repeated.

    Args:
        max_val: The range of the pixel values, a number > 0: 1.0 for [0, 1], 255.0 for [0, 255].
        power_factors: The exponent of each scale, the finest first, numbers > 0. They are not normalised.
        filter_size: The pixels of a side of the window, an integer >= 1.
        filter_sigma: The standard deviation of the window in pixels, > 0.
        k1, k2: What keeps dark and flat windows stable, > 0.
        reduction, name, dtype: See `kerasloss.Loss`.
        data_format: `"channels_last"` or `"channels_first"`; None: that of
            `keras.config.image_data_format()`.

    Shapes:
        `y_true`, `y_pred`: images `(batch, height, width, channels)` of one shape. Returns `(batch,)`, from 0
        for equal images to 1.

    Raises:
        ValueError: If an argument is out of range, the shapes differ, the images of the last scale are
            smaller than the window (by default below 161 pixels), or `y_true` holds integers and `max_val`
            is 1.

    Use it for large images, where it agrees better with the eye than `SSIM`; with shorter `power_factors` for
    small ones. A channel that is not correlated with its target at one of the scales has the value 1 and no
    gradient: begin with a pixel loss, or add one.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = np.array([[0.0, 0.5, 1.0], [0.25, 0.5, 0.75], [1.0, 0.5, 0.0]])
    >>> y_true = np.tile(y_true, (2, 2)).reshape(1, 6, 6, 1)
    >>> loss = kerasloss.MultiScaleSSIM(power_factors=(0.5, 0.5), filter_size=3)
    >>> round(float(loss(y_true, y_true**2)), 4)
    0.1298

    Equivalents: 1 - `tf.image.ssim_multiscale`: default. piq MultiScaleSSIMLoss: default, for sides that are
    divided by 16; it normalises `scale_weights` first.

    Reference: Wang, Simoncelli & Bovik, 2003, Multiscale Structural Similarity for Image Quality Assessment,
    Asilomar Conference on Signals, Systems & Computers.
    """

    max_val: Positive = 1.0
    power_factors: Annotated[Sequence[float], each_within(above=0)] = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
    filter_size: Count = 11
    filter_sigma: Positive = 1.5
    k1: Positive = 0.01
    k2: Positive = 0.03

    def least_side(self) -> int:
        return (self.filter_size - 1) * 2 ** (len(self.power_factors) - 1) + 1

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        weights, total, correlated = gaussian(self.filter_size, self.filter_sigma), 0.0, True
        images, last = _centred(y_true, y_pred), len(self.power_factors) - 1
        for scale, factor in enumerate(self.power_factors):
            moments = _moments(_powers(images), weights)
            deficit = self.structure(moments)
            if scale == last:
                deficit = _either(deficit, self.luminance(moments, images))
            deficit = mean(deficit, SPACE)
            positive = deficit < 1
            correlated = positive & correlated
            total = total + factor * ops.log1p(-ops.where(positive, deficit, 0))
            if scale < last:
                images = images._replace(y_true=halve(images.y_true), error=halve(images.error))
        return mean(ops.where(correlated, -ops.expm1(ops.where(correlated, total, 0)), 1), -1)


@register
class MixedSSIML1(_Windows):
    """Multi-scale SSIM and the absolute error, weighed by the same window, for images that are restored.

    Formula: `mean(alpha * (1 - l * prod(cs[j])) + (1 - alpha) * G(|y_pred - y_true|) / max_val)` over pixels
    and channels; `cs[j]` is that of `SSIM` in the Gaussian window of `sigmas[j]`, l and G, the sum weighed by
    the window, are those of the last one. The image is surrounded by zeros.

    Args:
        alpha: The weight of the structure, in [0, 1].
        max_val: The range of the pixel values, a number > 0: 1.0 for [0, 1], 255.0 for [0, 255].
        sigmas: The standard deviations of the windows in pixels, increasing numbers > 0. All windows have
            `2 * floor(2 * sigma) + 1` pixels a side, with the last of them.
        k1, k2: What keeps dark and flat windows stable, > 0.
        reduction, name, dtype: See `kerasloss.Loss`.
        data_format: `"channels_last"` or `"channels_first"`; None: that of
            `keras.config.image_data_format()`.

    Shapes:
        `y_true`, `y_pred`: images `(batch, height, width, channels)` of one shape. Returns `(batch,)`.

    Raises:
        ValueError: If an argument is out of range, the shapes differ, or `y_true` holds integers and
            `max_val` is 1.

    Use it for denoising, super-resolution and demosaicking: SSIM keeps contrast, the absolute error colours
    and luminance. Not for thumbnails: the border of zeros reaches `2 * sigmas[-1]` pixels into the image.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = (np.add.outer(np.arange(4.0), np.arange(4.0)) / 6).reshape(1, 4, 4, 1)
    >>> round(float(kerasloss.MixedSSIML1(sigmas=(0.5, 1.0))(y_true, y_true**2)), 4)
    0.304

    Equivalents: kornia MS_SSIMLoss: 200 times `MixedSSIML1(alpha=0.025)`.

    Reference: Zhao, Gallo, Frosio & Kautz, 2017, Loss Functions for Image Restoration with Neural Networks,
    IEEE Transactions on Computational Imaging (arXiv 1511.08861).
    """

    alpha: Fraction = 0.84
    max_val: Positive = 1.0
    sigmas: Annotated[Sequence[float], each_within(above=0)] = (0.5, 1.0, 2.0, 4.0, 8.0)
    k1: Positive = 0.01
    k2: Positive = 0.03

    def __post_init__(self) -> None:
        if list(self.sigmas) != sorted(set(self.sigmas)):
            checks.fail(self, "`sigmas` must increase", f"sigmas={self.sigmas!r}")

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        reach = int(2 * self.sigmas[-1])
        y_true, y_pred = bordered(y_true, reach, reach), bordered(y_pred, reach, reach)
        images, deficit = _centred(y_true, y_pred), 0.0
        powers = _powers(images)
        for sigma in self.sigmas:
            weights = gaussian(2 * reach + 1, sigma)
            far = sum(weight < 1e-16 for weight in weights[:reach])  # what float64 rounds away
            moments = _moments([_without_border(x, far) for x in powers], weights[far : len(weights) - far])
            deficit = _either(deficit, self.structure(moments))
        deficit = _either(deficit, self.luminance(moments, images))
        error = blur(absolute(y_pred - y_true), weights) / self.max_val
        return mean(self.alpha * deficit + (1 - self.alpha) * error, ENTRIES)
