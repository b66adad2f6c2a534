"""Classification with sparse probabilities: the losses of the sparsemax and 1.5-entmax activations.

Both are Fenchel-Young losses: convex, with gradient `p - y`, and 0 exactly where the activation gives the
labels. Labels are class ids or one-hot / soft labels, as in `categorical.py`.
"""

from keras import ops

from kerasloss.core.configuration import ClassIds
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    clip_below,
    cumulative_sum,
    curvature,
    safe_sqrt,
    subtract_max,
    weighted_sum,
)
from kerasloss.core.registry import register


@register
class Sparsemax(ClassLoss):
    """The loss of the sparsemax activation, whose probabilities can be exactly 0.

    Formula: `sum((p[c] - y[c]) * z[c]) - sum(p[c] ** 2) / 2 + sum(y[c] ** 2) / 2`, where p is the point of
    the simplex closest to the scores z. The gradient is `p - y`; the value is >= 0, and 0 where p = y.

    Args:
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        scores `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If the shapes don't match. An id outside [0, C) that is not ignored gives NaN.

    Use it with a sparsemax output, for sparse attention or many classes of which few are possible; not
    where a log-likelihood is needed. A score of -inf is allowed where the label is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.Sparsemax()(np.array([0]), np.array([[1.0, 0.8, -0.5]]))), 4)
    0.16

    Equivalents: TensorFlow Addons `SparsemaxLoss`, entmax `sparsemax_loss`, optax
    `multiclass_sparsemax_loss`: the same; optax's binary `sparsemax_loss(x)`: scores `[0, x]`.

    Reference: Martins & Astudillo, 2016, From Softmax to Sparsemax, ICML (arXiv 1602.02068).
    """

    growth = "sort"

    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        # Neither p nor the loss depends on a shift of the scores, since p and y sum to 1.
        y, z = self.one_hot(y_true, y_pred), subtract_max(y_pred, self.axis)
        slope = _sparsemax(z, self.axis)
        p = ops.stop_gradient(slope)  # p minimises: its own gradient is 0
        linear = weighted_sum(p - y, z, self.axis)
        rest = 0.5 * (ops.square(y) - ops.square(p)) + curvature(slope, z)
        return linear + ops.sum(rest, axis=self.axis)


@register
class Entmax15(ClassLoss):
    """The loss of the 1.5-entmax activation, between softmax and sparsemax.

    Formula: `sum((p[c] - y[c]) * z[c]) + (sum(y[c] ** 1.5) - sum(p[c] ** 1.5)) / 0.75`, where
    `p[c] = max(z[c] / 2 - tau, 0) ** 2` and tau makes p sum to 1. The gradient is `p - y`.

    Args:
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        scores `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If the shapes don't match. An id outside [0, C) that is not ignored gives NaN.

    Use it with an entmax output, for sequence models that should give most words probability 0; not where
    a log-likelihood is needed. A score of -inf is allowed where the label is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.Entmax15()(np.array([0]), np.array([[1.0, 0.8, -0.5]]))), 4)
    0.2976

    Equivalents: entmax `entmax15_loss`, `entmax_bisect_loss(alpha=1.5)`: the same.

    Reference: Peters, Niculae & Martins, 2019, Sparse Sequence-to-Sequence Models, ACL (arXiv 1905.05702);
    Blondel, Martins & Niculae, 2020, Learning with Fenchel-Young Losses, JMLR.
    """

    growth = "sort"

    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        # Neither p nor the loss depends on a shift of the scores, since p and y sum to 1.
        y, z = self.one_hot(y_true, y_pred), subtract_max(y_pred, self.axis)
        slope = _entmax15_root(z, self.axis)
        root = ops.stop_gradient(slope)  # p minimises: its own gradient is 0
        p = ops.square(root)
        linear = weighted_sum(p - y, z, self.axis)
        rest = (y * safe_sqrt(y) - p * root) / 0.75 + curvature(ops.square(slope), z)
        return linear + ops.sum(rest, axis=self.axis)


def _sorted_descending(z: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Scores in descending order on the last axis, without gradient, and their ranks 1, 2, ..."""
    z = ops.moveaxis(ops.stop_gradient(z), axis, -1)
    return ops.flip(ops.sort(z, axis=-1), axis=-1), ops.arange(1, z.shape[-1] + 1, dtype=z.dtype)


def _sparsemax(z: Tensor, axis: int) -> Tensor:
    """The Euclidean projection of scores with maximum 0 on the simplex."""
    z = clip_below(z, -2.0)  # scores below -1 have p = 0
    descending, rank = _sorted_descending(z, axis)
    count = ops.sum(
        ops.cast(1 + rank * descending > cumulative_sum(descending), z.dtype), axis=-1, keepdims=True
    )
    least = ops.moveaxis(ops.take_along_axis(descending, ops.cast(count, "int32") - 1, axis=-1), -1, axis)
    support = ops.cast(z >= least, z.dtype)
    tau = (ops.sum(support * z, axis=axis, keepdims=True) - 1) / ops.moveaxis(count, -1, axis)
    return ops.relu(z - tau)


def _entmax15_root(z: Tensor, axis: int) -> Tensor:
    """The square root of the 1.5-entmax probabilities of scores with maximum 0."""
    z = clip_below(z / 2, -2.0)  # halves below -1 have p = 0
    descending, rank = _sorted_descending(z, axis)
    tau = _entmax15_tau(cumulative_sum(descending), cumulative_sum(ops.square(descending)), rank)
    count = ops.sum(ops.cast(tau <= descending, "int32"), axis=-1, keepdims=True)
    least = ops.moveaxis(ops.take_along_axis(descending, count - 1, axis=-1), -1, axis)
    support = ops.cast(z >= least, z.dtype)
    sums = [ops.sum(support * x, axis=axis, keepdims=True) for x in (z, ops.square(z), ops.ones_like(z))]
    return ops.relu(z - _entmax15_tau(*sums))


def _entmax15_tau(total: Tensor, squares: Tensor, count: Tensor) -> Tensor:
    """The tau at which `sum((x - tau) ** 2) = 1` for `count` numbers x with these sums."""
    average = total / count
    return average - safe_sqrt(ops.relu(1 / count - (squares / count - ops.square(average))))
