"""Regression by agreement: cosine, concordance and correlation of two vectors or series over `axis`."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Axes
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import (
    cosine,
    largest_magnitude,
    maximum,
    reciprocal,
    safe_divide,
    safe_sqrt,
    weighted_mean,
)
from kerasloss.core.registry import register


@register
class CosineSimilarity(ElementLoss):
    """Negative cosine similarity: -1 for the same direction, 1 for the opposite one.

    Formula: `-sum(y_true * y_pred) / (norm(y_true) * norm(y_pred))` over `axis`.

    Args:
        axis: The axis (or axes) of the vectors.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: the same shape, real numbers. Returns it without `axis`.

    Raises:
        ValueError: If the shapes differ or `axis` names no axis.

    Use it for embeddings whose norm has no meaning; not where the norm matters. A zero vector has value 0 and
    gradient 0; so has one whose entries are all below the least normal float32, about 1e-38. A vector of any
    larger norm has the right value.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.CosineSimilarity()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    -0.8939

    Equivalents: Keras: the same, except for its floor on the norm; torch and optax `cosine_similarity`: the
    negative; optax `cosine_distance`: 1 + this.

    Reference: Salton & McGill, 1983, Introduction to Modern Information Retrieval.
    """

    elementwise = False

    axis: Axes = -1

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        axis = checks.axes(self, self.axis, y_pred)
        if sample_weight is not None:  # a factor of the products and of the squares
            root = safe_sqrt(self.broadcast_from_left(sample_weight, y_pred))
            y_true, y_pred = root * y_true, root * y_pred
        return -cosine(y_true, y_pred, axis)


class _CorrelationLoss(ElementLoss):
    """A loss of the population moments of y_true and y_pred over `axis`."""

    elementwise = False

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        axis = checks.axis(self, self.axis, y_pred)
        if axis != 0 and y_pred.shape[axis] == 1:  # a batch may be one row: the last of an epoch
            checks.fail(
                self,
                f"a correlation needs more than one value on `axis`={self.axis}; `axis=0` correlates over "
                "the batch",
                f"y_pred.shape={tuple(y_pred.shape)}",
            )
        return y_true, y_pred

    def centered(self, x: Tensor, weight: Tensor | None) -> Tensor:
        """`x` minus its weighted mean over `axis`; exactly 0 for a constant."""
        x = x - ops.amax(ops.stop_gradient(x), axis=self.axis, keepdims=True)
        return x - ops.expand_dims(weighted_mean(x, weight, self.axis), self.axis)

    def laid_on(self, y_pred: Tensor, sample_weight: Tensor | None) -> Tensor | None:
        """The weights with the axes of `y_pred`."""
        return None if sample_weight is None else self.broadcast_from_left(sample_weight, y_pred)


@register
class ConcordanceCorrelation(_CorrelationLoss):
    """Agreement of two series in scale and location as well as in shape: 1 minus Lin's coefficient.

    Formula: `1 - 2 cov / (var_true + var_pred + (mean_true - mean_pred) ** 2)`, moments over `axis`
    (divided by n); in [0, 2].

    Args:
        axis: The axis of the series.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: the same shape, real numbers. Returns it without `axis`.

    Raises:
        ValueError: If `axis` has length 1 and is not the batch (for targets `(batch, 1)` use `axis=0`), or
            the shapes differ.

    Use it where a prediction should agree with a reference method; not with short series. If one side is
    constant the value is 1; if both are constant and equal, or a single row of `axis=0`, the gradient is 0
    too.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.ConcordanceCorrelation()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.3129

    Equivalents: 1 - `keras.metrics.ConcordanceCorrelation`. 1 - torchmetrics `concordance_corrcoef`, whose
    variances divide by n - 1, where the means are equal.

    Reference: Lin, 1989, A Concordance Correlation Coefficient to Evaluate Reproducibility, Biometrics.
    """

    axis: int = -1

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        w, axis = self.laid_on(y_pred, sample_weight), self.axis
        unit = maximum(*(largest_magnitude(x, self.axis) for x in (y_true, y_pred)))
        y_true, y_pred = y_true * reciprocal(unit), y_pred * reciprocal(unit)
        true, pred = self.centered(y_true, w), self.centered(y_pred, w)
        covariance = weighted_mean(true * pred, w, axis)
        variances = weighted_mean(ops.square(true) + ops.square(pred), w, axis)
        shift = ops.square(weighted_mean(y_true - y_pred, w, axis))
        return 1 - 2 * safe_divide(covariance, variances + shift)


@register
class PearsonCorrelation(_CorrelationLoss):
    """Linear agreement of two series, whatever their scale and shift: 1 minus Pearson's coefficient.

    Formula: `1 - cov / (std_true * std_pred)`, moments over `axis`; in [0, 2].

    Args:
        axis: The axis of the series.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: the same shape, real numbers. Returns it without `axis`.

    Raises:
        ValueError: If `axis` has length 1 and is not the batch (for targets `(batch, 1)` use `axis=0`), or
            the shapes differ.

    Use it where only the shape of a series matters; not where its level does
    (`ConcordanceCorrelation`). If a side is constant, or a single row of `axis=0`, the value is 1 and the
    gradient 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.PearsonCorrelation()
    >>> round(float(loss(np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]]))), 4)
    0.2441

    Equivalents: 1 - `keras.metrics.PearsonCorrelation`, torchmetrics `pearson_corrcoef`, scipy `pearsonr`.

    Reference: Pearson, 1895, Notes on Regression and Inheritance in the Case of Two Parents, Proceedings
    of the Royal Society of London.
    """

    axis: int = -1

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        w = self.laid_on(y_pred, sample_weight)
        root = 1 if w is None else safe_sqrt(w)
        true, pred = root * self.centered(y_true, w), root * self.centered(y_pred, w)
        return 1 - cosine(true, pred, self.axis)
