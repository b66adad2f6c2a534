"""Where each point of an image has gone: optical flow, and images moved onto each other."""

from typing import Annotated, Any, Literal, NamedTuple

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import NonNegative, Positive, at_least
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import absolute, clip_below, cut, mean, norm, power
from kerasloss.core.registry import register


@register
class EndpointError(ElementLoss):
    """How far a displacement ends from where it should: the error of optical flow.

    Formula: `(||y_pred - y_true|| + epsilon) ** q` with the p-norm over the last axis.

    Args:
        p: The norm, 1 or 2.
        q: The exponent, > 0; below 1 large errors count less.
        epsilon: What is added to the norm, >= 0; > 0 for q < 1, to keep slopes finite.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: displacements `(batch, height, width, 2)`, or any `(batch, ..., d)`. Returns
        `(batch, height, width)`.

    Raises:
        ValueError: If an argument is out of range, `epsilon` is 0 with q < 1, or the shapes differ.

    Use it for optical flow and deformations, with a weight of 0 where the flow is not known; not for
    unordered coordinates. The gradient of a perfect prediction is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])
    >>> print(float(kerasloss.EndpointError()(y_true, y_pred)))
    5.0

    Equivalents: PWC-Net's robust loss, in fine-tuning: `EndpointError(1, 0.4, 0.01)`. RAFT: `p=1`, halved,
    once for each step, times `0.8 ** (n - i)`.

    Reference: Otte & Nagel, 1994, Optical Flow Estimation: Advances and Comparisons, ECCV; Sun et al., 2018,
    PWC-Net, CVPR (arXiv 1709.02371); Teed & Deng, 2020, RAFT, ECCV (arXiv 2003.12039).
    """

    elementwise = False

    p: Literal[1, 2] = 2
    q: Positive = 1.0
    epsilon: NonNegative = 0.0

    def __post_init__(self) -> None:
        if self.q < 1 and self.epsilon == 0:
            checks.fail(self, "`epsilon` must be > 0 with `q` < 1", f"epsilon=0, q={self.q!r}")

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        error = y_pred - y_true
        length = norm(error, -1) if self.p == 2 else ops.sum(absolute(error), axis=-1)
        return length if self.q == 1 and self.epsilon == 0 else power(length + self.epsilon, self.q)


@register
class LocalNormalizedCrossCorrelation(Loss):
    """How well two images agree window by window, whatever the contrast: for images moved onto each other.

    Formula: `-mean(c ** 2 / (v * w))` over all windows and channels, with
    `c = sum((x - mean(x)) (y - mean(y)))` in the window, and v, w the same of each image with itself, at
    least epsilon.

    Args:
        kernel_size: The side of a window, an odd integer >= 3. Windows are centred on each pixel; beyond the
            border there are zeros.
        epsilon: The least v and w, > 0: what is flatter does not agree.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: images `(batch, *space, channels)` with 1 to 3 axes of space. Returns `(batch,)`,
        from -1 to 0.

    Raises:
        ValueError: If an argument is out of range, there are more axes of space, or the shapes differ.

    Use it to register images, such as scans of the same modality with other contrast; not where brightness
    counts. Time and memory grow with the logarithm of `kernel_size` and the number of axes.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = np.add.outer(np.arange(4.0), np.arange(4.0)).reshape(1, 4, 4, 1) / 6
    >>> loss = kerasloss.LocalNormalizedCrossCorrelation(kernel_size=3)
    >>> print(round(float(loss(y_true, y_true**2)), 4))
    -0.9294

    Equivalents: VoxelMorph NCC: default, of one channel, where windows correlate positively. MONAI, whose
    `smooth_dr` is `epsilon`: `kernel_size=3`.

    Reference: Avants et al., 2008, Symmetric Diffeomorphic Image Registration with Cross-Correlation, Medical
    Image Analysis; Balakrishnan et al., 2019, VoxelMorph, IEEE TMI (arXiv 1809.05231).
    """

    kind = "image"
    activation = "any"
    whole_samples = True

    kernel_size: Annotated[int, at_least(3)] = 9
    epsilon: Positive = 1e-05

    def __post_init__(self) -> None:
        if self.kernel_size % 2 == 0:
            checks.fail(self, "`kernel_size` must be odd", f"kernel_size={self.kernel_size!r}")

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        checks.same_shape(self, y_true, y_pred)
        if not 3 <= len(y_pred.shape) <= 5:
            what = "`y_pred` must have 1 to 3 axes of space, (batch, *space, channels)"
            checks.fail(self, what, f"y_pred.shape={tuple(y_pred.shape)}")
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        cross, of_true, of_pred = self.moments(y_true, y_pred)
        of_true, of_pred = (clip_below(x, self.epsilon) for x in (of_true, of_pred))
        return -mean((cross / of_true) * (cross / of_pred), axis=self.entry_axes(y_pred))

    def moments(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Sums over each window of `(x - mean) (y - mean)`, of x with itself, and of y with itself.

        Axis by axis, and along an axis from the windows of half as many places. Where two are joined nothing
        is lost by cancellation, as in sums of squares from which a square is subtracted.
        """
        windows, pixels = _Window(x, y), 1
        for axis in range(1, len(x.shape) - 1):
            windows = _of_places(windows.padded(axis, self.kernel_size // 2), self.kernel_size, axis, pixels)
            pixels *= self.kernel_size
        return windows.cross, windows.of_x, windows.of_y


class _Window(NamedTuple):
    """What is known of two images in the window at each position."""

    x: Tensor
    """The mean of the first image."""
    y: Tensor
    cross: Tensor | None = None
    """The sum of `(x - mean) (y - mean)`; None for a single pixel."""
    of_x: Tensor | None = None
    of_y: Tensor | None = None

    def padded(self, axis: int, count: int) -> "_Window":
        """With that many windows of zeros at both ends."""
        padding = [(0, 0)] * len(self.x.shape)
        padding[axis] = (count, count)
        return _Window(*(part if part is None else ops.pad(part, padding) for part in self))

    def cut(self, axis: int, start: int, stop: int | None) -> "_Window":
        """Some of the positions."""
        return _Window(*(part if part is None else cut(part, axis, start, stop) for part in self))


def _of_places(place: _Window, count: int, axis: int, pixels: int) -> _Window:
    """The windows of `count` places along an axis, from those of a single one with so many pixels."""
    if count == 1:
        return place
    half = _of_places(place, count // 2, axis, pixels)
    even = _joined(half, count // 2, half, count // 2, axis, pixels)
    return _joined(even, count - 1, place, 1, axis, pixels) if count % 2 else even


def _joined(a: _Window, length: int, b: _Window, other: int, axis: int, pixels: int) -> _Window:
    """Windows of `length` places along an axis, and of `other` places behind them, `pixels` in each place."""
    a, b = a.cut(axis, 0, -other), b.cut(axis, length, None)
    dx, dy = b.x - a.x, b.y - a.y
    share = other / (length + other)
    sums = [pixels * length * share * product for product in (dx * dy, ops.square(dx), ops.square(dy))]
    for part in (a, b):
        if part.cross is not None:
            sums = [total + own for total, own in zip(sums, part[2:], strict=True)]
    return _Window(a.x + share * dx, a.y + share * dy, *sums)
