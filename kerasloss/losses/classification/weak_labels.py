"""Labels that are wrong or missing in a known way: a matrix of label noise, positive and unlabelled data."""

from collections.abc import Sequence
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import ClassIds, Fraction, NonNegative, OpenFraction
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.labels import is_ids, safe_ids
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import last_axis_product, nan_unless, weighted_mean
from kerasloss.core.probabilities import clip_to_one
from kerasloss.core.registry import register


@register
class ForwardCorrection(ClassLoss):
    """Cross-entropy of the noisy labels that the predictions imply, for known label noise.

    Formula: `-sum(y[j] * log(clip(q[j], 1e-7, 1)))` with `q[j] = sum(p[i] * T[i][j])` over the true
    classes i.

    Args:
        transition_matrix: The C x C matrix T: `T[i][j]` is the probability that the true class i is labelled
            j. Numbers in [0, 1]; each row sums to 1.
        from_logits: Whether `y_pred` holds logits or probabilities, which are divided by their sum and not
            clipped.
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `transition_matrix` is not square, does not have C rows or has a row that is not a
            distribution, or the shapes don't match. An id outside [0, C) that is not ignored gives NaN.

    Use it where the label noise is known, or estimated on clean data; not with a guess that is noisier than
    the labels. Predict with p, which is free of the noise.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ForwardCorrection([[0.9, 0.1], [0.2, 0.8]])
    >>> round(float(loss(np.array([1]), np.array([[0.6, 0.4]]))), 4)
    0.9676

    Equivalents: the authors' `forward(P)`: the same for probabilities. The identity as matrix:
    `CategoricalCrossentropy`, but clipped for logits too.

    Reference: Patrini et al., 2017, Making Deep Neural Networks Robust to Label Noise: a Loss Correction
    Approach, CVPR (arXiv 1609.03683).
    """

    per_class = ("transition_matrix",)

    transition_matrix: Sequence[Sequence[float]]
    from_logits: bool = False
    axis: int = -1
    ignore_class: ClassIds | None = None

    def __post_init__(self) -> None:
        try:
            matrix = np.asarray(self.transition_matrix, "float64")
        except (TypeError, ValueError):
            matrix = np.empty(0)
        square = matrix.ndim == 2 and 0 < matrix.shape[0] == matrix.shape[1]
        if not (square and np.all(matrix >= 0) and np.all(np.abs(matrix.sum(axis=1) - 1) <= 0.0001)):
            checks.fail(
                self,
                "`transition_matrix` must be a square matrix of numbers >= 0 whose rows have the sum 1",
                f"transition_matrix={self.transition_matrix!r}",
            )
        self.rows = matrix.tolist()

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        matrix = ops.convert_to_tensor(self.rows, dtype=y_pred.dtype)
        p = ops.moveaxis(self.probabilities(y_pred), self.axis, -1)
        if not is_ids(y_true, y_pred):
            y = ops.moveaxis(y_true, self.axis, -1)
            noisy = last_axis_product(p, matrix)
            return -ops.sum(y * _clipped_log(noisy), axis=-1)
        # The column of each label instead of a product with the whole matrix.
        ids, is_class = safe_ids(y_true, matrix.shape[0])
        column = ops.take(ops.transpose(matrix), ids, axis=0)
        return nan_unless(is_class, -_clipped_log(ops.sum(p * column, axis=-1)))


def _clipped_log(q: Tensor) -> Tensor:
    return ops.log(clip_to_one(q, keras.config.epsilon()))


@register
class PositiveUnlabeled(ElementLoss):
    """Binary classification where some positives are labelled and everything else is unlabelled.

    Formula: `P + R` with `P = prior * mean(h(s))` and `R = mean_u(h(-s)) - prior * mean(h(-s))`, means over
    the labelled positives, and mean_u over the unlabelled samples; `h(s) = sigmoid(-s)` or `softplus(-s)`.
    With `non_negative=True` and `R < -beta`: `P - beta`, with the gradient of `-gamma * R`.

    Args:
        prior: The share of positives among all, in (0, 1).
        beta: How far R may fall below 0; >= 0.
        gamma: Factor in [0, 1] of the gradient that raises R again.
        surrogate: `"sigmoid"` or `"logistic"` (softplus), the h of the formula.
        non_negative: Whether R, which estimates something that can't be negative, is held at `-beta`.
        reduction: See `kerasloss.Loss`; the loss is already one number for the batch.
        name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(N,)` or `(N, 1)`, positive numbers for labelled positives, 0 or -1 for the unlabelled;
        `y_pred`: scores `(N,)` or `(N, 1)`. Returns a number.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A label that is NaN gives NaN.

    Use it where nobody marked the negatives and the share of positives is known; not where negatives are
    labelled (`BinaryCrossentropy`). A mean over no samples is 0.

    Second derivatives mean nothing where R is held: the gradient is then that of another function.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.PositiveUnlabeled(prior=0.4)
    >>> round(float(loss(np.array([1, 0, 0, 1]), np.array([0.5, -0.5, 1.0, 2.0]))), 4)
    0.353

    Equivalents: kiryor/nnPUlearning `PULoss(prior, gamma, beta, nnPU)`: the same, unlabelled -1.
    `non_negative=False`: the unbiased estimator of du Plessis et al.

    Reference: Kiryo et al., 2017, Positive-Unlabeled Learning with Non-Negative Risk Estimator, NeurIPS
    (arXiv 1703.00593); du Plessis, Niu & Sugiyama, 2015, ICML.
    """

    scope = "batch"
    kind = "binary"
    activation = "linear"

    elementwise = False
    adds_entry_axis = True

    prior: OpenFraction
    beta: NonNegative = 0.0
    gamma: Fraction = 1.0
    surrogate: Literal["sigmoid", "logistic"] = "sigmoid"
    non_negative: bool = True

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if len(y_pred.shape) > 2 or y_pred.shape[-1] != 1:
            checks.fail(
                self, "`y_pred` must have the shape (N,) or (N, 1)", f"y_pred.shape={tuple(y_pred.shape)}"
            )
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        w = 1 if sample_weight is None else self.broadcast_from_left(sample_weight, y_pred)
        labelled = nan_unless(ops.equal(y_true, y_true), ops.cast(y_true > 0, y_pred.dtype))
        positive, unlabelled = w * labelled, w * (1 - labelled)
        # Costs of calling a score negative and positive: h(s) and h(-s).
        h = ops.sigmoid if self.surrogate == "sigmoid" else ops.softplus
        miss, alarm = h(-y_pred), h(y_pred)
        known = self.prior * weighted_mean(miss, positive, None)
        rest = weighted_mean(alarm, unlabelled, None) - self.prior * weighted_mean(alarm, positive, None)
        if not self.non_negative:
            return known + rest
        lift = self.gamma * (rest - ops.stop_gradient(rest))
        return ops.where(rest < -self.beta, ops.stop_gradient(known) - self.beta - lift, known + rest)
