"""Images of many bands: the spectrum of each pixel."""

import math

from keras import ops

from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import norm, safe_divide, unit
from kerasloss.core.registry import register


@register
class SpectralAngle(ElementLoss):
    """Spectra of pixels, compared by their direction: brightness does not matter.

    Formula: `2 atan(||u - v|| / ||u + v||)` with the spectra divided by their norms, u and v.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: spectra `(batch, ..., bands)`, real numbers. Returns `(batch, ...)`, angles in
        radians, from 0 to pi.

    Raises:
        ValueError: If the shapes differ.

    Use it for hyperspectral images, beside a loss of the brightness (`MeanSquaredError`); not alone where the
    brightness counts. The angle of a spectrum of zeros with another is a right angle, with gradient 0; so is
    the gradient of a perfect prediction.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])
    >>> print(round(float(kerasloss.SpectralAngle()(y_true, y_pred)), 4))
    0.7854

    Equivalents: torchmetrics `spectral_angle_mapper`: default, channels first; its arc cosine is accurate
    to only 1e-4 near 0.

    Reference: Kruse et al., 1993, The Spectral Image Processing System (SIPS), Remote Sensing of Environment.
    """

    elementwise = False

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        u, v = unit(y_true, -1), unit(y_pred, -1)
        apart, together = norm(u - v, -1), norm(u + v, -1)
        acute = apart <= together
        ratio = safe_divide(ops.where(acute, apart, together), ops.where(acute, together, apart))
        angle = 2 * ops.arctan(ratio)  # `arctan2` of Keras computes float64 in float32 on PyTorch
        return ops.where(acute, angle, math.pi - angle)
