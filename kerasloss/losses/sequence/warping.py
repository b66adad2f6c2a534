"""Losses of series that may be shifted and stretched in time: dynamic time warping with a soft minimum."""

from typing import Annotated

from keras import ops

from kerasloss.core.configuration import Fraction, Positive, at_least
from kerasloss.core.kinds.series import SeriesLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import ABSENT
from kerasloss.core.registry import register
from kerasloss.core.warping import log_total, log_total_and_mean


def squared_differences(x: Tensor, y: Tensor) -> Tensor:
    """The squared Euclidean distances of all frames, `(batch, n, m)`."""
    return ops.sum(ops.square(ops.expand_dims(x, 2) - ops.expand_dims(y, 1)), axis=-1)


def delays(distances: Tensor) -> Tensor:
    """`j - i` for every entry of `(batch, n, m)`."""
    ones = ops.ones_like(distances)
    return ops.cumsum(ones, axis=2) - ops.cumsum(ones, axis=1)


@register
class SoftDTW(SeriesLoss):
    """Series of the same shape that may be early, late or stretched in time.

    Formula: `-gamma * log(sum(exp(-cost(path) / gamma)))` over all monotone alignments of the frames, with
    `cost(path) = sum((y_true[i] - y_pred[j]) ** 2)` over the pairs of frames (i, j) on a path and over
    channels. With `divergence=True`, of which that is `s(y_true, y_pred)`:
    `s(y_true, y_pred) - (s(y_true, y_true) + s(y_pred, y_pred)) / 2`.

    Args:
        gamma: The softness of the minimum over all alignments, > 0, in the unit of squared differences; near
            0 it is plain dynamic time warping.
        divergence: Whether the values of each series with itself are subtracted: then the least value is 0,
            at `y_pred = y_true`. Takes three times as long.
        window: None, or the largest shift of a frame, an integer >= 0 (Sakoe & Chiba): all alignments with
            `j - i <= window + max(0, m - n)` and `i - j <= window + max(0, n - m)`. With `divergence=True`
            the shifts of each series against itself are at most `window + abs(m - n)`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, n, d)`; the last frames that are NaN in all channels are padding. `y_pred`:
        `(batch, m, d)`, masked frames are padding. `(batch, n)` has one channel. Returns `(batch,)`, not
        divided by n or m. A sample without a frame doesn't count.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, or n or m is not known.

    Use it where the shape of a series matters more than its timing; not where a delay is an error
    (`MeanSquaredError`; `DILATE`, which weighs both). Values can be negative, and are not least at `y_pred =
    y_true`, unless `divergence=True`.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[0.0, 1, 2]]), np.array([[0.0, 2, 2]])
    >>> round(float(kerasloss.SoftDTW(gamma=0.1)(y_true, y_pred)), 4)
    0.8901

    Equivalents: tslearn `SoftDTWLossPyTorch(gamma, normalize)`: `divergence=normalize`; its Sakoe-Chiba
    radius: `window`.

    Reference: Cuturi & Blondel, 2017, Soft-DTW, ICML (arXiv 1703.01541); the divergence: Blondel, Mensch &
    Vert, 2021, AISTATS (arXiv 2010.08354).
    """

    gamma: Positive = 1.0
    divergence: bool = False
    window: Annotated[int, at_least(0)] | None = None

    def value(self, y_true: Tensor, y_pred: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        pairs = [(y_true, y_pred, rows, columns, ops.zeros_like(rows))]
        if not self.divergence:
            return self._soft_minimum(*pairs[0])
        other = ops.abs(rows - columns)
        pairs += [(y_true, y_true, rows, rows, other), (y_pred, y_pred, columns, columns, other)]
        if y_true.shape[1] == y_pred.shape[1]:  # of one size: together
            total = self._soft_minimum(*(ops.concatenate(x) for x in zip(*pairs, strict=True)))
            total = ops.reshape(total, (3, -1))
        else:
            total = [self._soft_minimum(*pair) for pair in pairs]
        return total[0] - 0.5 * (total[1] + total[2])

    def _soft_minimum(self, x: Tensor, y: Tensor, rows: Tensor, columns: Tensor, further: Tensor) -> Tensor:
        scores = -squared_differences(x, y) / self.gamma
        if self.window is not None:
            delay = delays(scores)
            longer, further = (
                ops.cast(ops.reshape(length, (-1, 1, 1)), delay.dtype) for length in (columns - rows, further)
            )
            late = delay <= self.window + further + ops.relu(longer)
            early = -delay <= self.window + further + ops.relu(-longer)
            scores = ops.where(ops.logical_and(late, early), scores, ABSENT)
        return -self.gamma * log_total(scores, rows, columns)


@register
class DILATE(SeriesLoss):
    """Forecasts of series with sudden changes: their shape, and when it comes.

    Formula: `alpha * shape + (1 - alpha) * delay` with
    `shape = -gamma * log(sum(exp(-cost(path) / gamma)))`, the `SoftDTW`, and
    `delay = sum(P(path) * sum((i - j) ** 2)) / (n * m)` over the pairs of frames (i, j) on each path, whose
    probability P is proportional to `exp(-cost(path) / gamma)`.

    Args:
        alpha: The weight of the shape, in [0, 1].
        gamma: The softness of the minimum over all alignments, > 0, in the unit of squared differences.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, n, d)`; the last frames that are NaN in all channels are padding. `y_pred`:
        `(batch, m, d)`, masked frames are padding. `(batch, n)` has one channel. Returns `(batch,)`. A sample
        without a frame doesn't count.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, or n or m is not known.

    Use it for forecasts of several steps with peaks and jumps, which `MeanSquaredError` smears; not for
    series of one step, or where only the shape matters (`SoftDTW`).

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[0.0, 1, 2]]), np.array([[0.0, 2, 2]])
    >>> round(float(kerasloss.DILATE(gamma=0.1)(y_true, y_pred)), 4)
    0.5006

    Equivalents: `dilate_loss(outputs, targets, alpha, gamma)` of the authors: the default; the gradient of
    its shape is not divided by the size of the batch.

    Reference: Le Guen & Thome, 2019, Shape and Time Distortion Loss for Training Deep Time Series Forecasting
    Models, NeurIPS (arXiv 1909.09020).
    """

    alpha: Fraction = 0.5
    gamma: Positive = 0.01

    def value(self, y_true: Tensor, y_pred: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        scores = -squared_differences(y_true, y_pred) / self.gamma
        size = ops.cast(ops.reshape(rows * columns, (-1, 1, 1)), scores.dtype)
        both = log_total_and_mean(scores, ops.square(delays(scores)) / size, rows, columns)
        return -self.alpha * self.gamma * both[0] + (1 - self.alpha) * both[1]
