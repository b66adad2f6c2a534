"""Margin losses: labels -1 and 1 against real scores, judged by `m = label * score`."""

from dataclasses import KW_ONLY

from keras import ops

from kerasloss.core.kinds.margin import LabelFormat, MarginLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import mean, softplus
from kerasloss.core.registry import register


@register
class Hinge(MarginLoss):
    """Support-vector machine: the score must be on the right side, by a margin.

    Formula: `mean(max(0, margin - m))` with `m = label * score`; gradient 0 where the value is 0.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.
        margin: The required margin, a finite number, in the unit of the scores.
        label_format: `"signed"`: labels are used as given, -1 and 1. `"binary"`: labels 0 and 1 (or
            between) become `2 y - 1`. `"auto"`: binary if all labels of the batch are 0 or 1, as in Keras.

    Shapes:
        `y_true`: labels `(batch, ..., d)`; `y_pred`: scores of the same shape. Returns `(batch, ...)`.

    Raises:
        ValueError: If `margin` or `label_format` is not allowed, or the shapes differ. A label outside
            [0, 1] under `"binary"` gives NaN.

    Use it where only the decision counts; not where probabilities are wanted (`BinaryCrossentropy`). Set
    `label_format` if a batch may hold one label only: a batch of ones is read as 0/1 labels.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[1], [-1], [1], [1]]), np.array([[0.1], [0.3], [1.0], [1.5]])
    >>> round(float(kerasloss.Hinge()(y_true, y_pred)), 4)
    0.55

    Equivalents: Keras, Flux `hinge_loss`, optax: the default; Gluon `HingeLoss(margin)`: `margin`,
    `label_format="signed"`.

    Reference: Cortes & Vapnik, 1995, Support-Vector Networks, Machine Learning.
    """

    _: KW_ONLY
    margin: float = 1.0
    label_format: LabelFormat = "auto"

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean(ops.relu(self.margin - self.margins(y_true, y_pred)), axis=-1)


@register
class SquaredHinge(MarginLoss):
    """The square of the hinge, with a continuous gradient.

    Formula: `mean(max(0, margin - m) ** 2)` with `m = label * score`.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.
        margin: The required margin, a finite number, in the unit of the scores.
        label_format: `"signed"`: labels are used as given, -1 and 1. `"binary"`: labels 0 and 1 (or
            between) become `2 y - 1`. `"auto"`: binary if all labels of the batch are 0 or 1, as in Keras.

    Shapes:
        `y_true`: labels `(batch, ..., d)`; `y_pred`: scores of the same shape. Returns `(batch, ...)`.

    Raises:
        ValueError: If `margin` or `label_format` is not allowed, or the shapes differ. A label outside
            [0, 1] under `"binary"` gives NaN.

    Use it for a hinge with a smooth gradient; not with wrong labels, to which it gives more weight
    (`ModifiedHuber`).

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[1], [-1], [1], [1]]), np.array([[0.1], [0.3], [1.0], [1.5]])
    >>> round(float(kerasloss.SquaredHinge()(y_true, y_pred)), 4)
    0.625

    Equivalents: Keras, Flux `squared_hinge_loss`: the default; Gluon `SquaredHingeLoss(margin)`: `margin`,
    `label_format="signed"`.

    Reference: Lee & Mangasarian, 2001, SSVM: A Smooth Support Vector Machine for Classification,
    Computational Optimization and Applications.
    """

    _: KW_ONLY
    margin: float = 1.0
    label_format: LabelFormat = "auto"

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean(ops.square(ops.relu(self.margin - self.margins(y_true, y_pred))), axis=-1)


@register
class SoftMargin(MarginLoss):
    """Logistic loss of a margin: a smooth hinge.

    Formula: `mean(log(1 + exp(-m)))` with `m = label * score`.

    Args:
        label_format: `"signed"`: labels are used as given, -1 and 1. `"binary"`: labels 0 and 1 (or
            between) become `2 y - 1`. `"auto"`: binary if all labels of the batch are 0 or 1.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: labels `(batch, ..., d)`; `y_pred`: scores of the same shape. Returns `(batch, ...)`.

    Raises:
        ValueError: If `label_format` is not allowed or the shapes differ. A label outside [0, 1] under
            `"binary"` gives NaN.

    Use it with labels -1 and 1; not with soft labels (`BinaryCrossentropy(from_logits=True)`).

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.SoftMargin()(np.array([[1, -1]]), np.array([[0.5, 2.0]]))), 4)
    1.3005

    Equivalents: torch `SoftMarginLoss`: the default; Gluon `LogisticLoss(label_format)`: `label_format`.

    Reference: Cox, 1958, The Regression Analysis of Binary Sequences, JRSS B; Collins, Schapire & Singer,
    2002, Logistic Regression, AdaBoost and Bregman Distances, Machine Learning.
    """

    label_format: LabelFormat = "auto"

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean(softplus(-self.margins(y_true, y_pred)), axis=-1)


@register
class Perceptron(MarginLoss):
    """The perceptron criterion: wrong scores cost their size, right ones nothing.

    Formula: `mean(max(0, -m))` with `m = label * score`; gradient 0 at `m = 0`.

    Args:
        label_format: `"signed"`: labels are used as given, -1 and 1. `"binary"`: labels 0 and 1 (or
            between) become `2 y - 1`. `"auto"`: binary if all labels of the batch are 0 or 1.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: labels `(batch, ..., d)`; `y_pred`: scores of the same shape. Returns `(batch, ...)`.

    Raises:
        ValueError: If `label_format` is not allowed or the shapes differ. A label outside [0, 1] under
            `"binary"` gives NaN.

    Use it for online linear models; not from a start at 0, where every gradient is 0, and not for
    generalisation (`Hinge`).

    Example:

    >>> import kerasloss, numpy as np
    >>> float(kerasloss.Perceptron()(np.array([[1, -1]]), np.array([[0.5, 2.0]])))
    1.0

    Equivalents: optax `perceptron_loss`: the default; multi-class: `CategoricalHinge(margin=0,
    exclude_true=True)`.

    Reference: Rosenblatt, 1958, The Perceptron, Psychological Review.
    """

    label_format: LabelFormat = "auto"

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean(ops.relu(-self.margins(y_true, y_pred)), axis=-1)


@register
class ModifiedHuber(MarginLoss):
    """A squared hinge that becomes linear for badly wrong scores, so that wrong labels count less.

    Formula: the mean of `max(0, 1 - m) ** 2` if `m >= -1`, else `-4 m`, with `m = label * score`.

    Args:
        label_format: `"signed"`: labels are used as given, -1 and 1. `"binary"`: labels 0 and 1 (or
            between) become `2 y - 1`. `"auto"`: binary if all labels of the batch are 0 or 1.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: labels `(batch, ..., d)`; `y_pred`: scores of the same shape. Returns `(batch, ...)`.

    Raises:
        ValueError: If `label_format` is not allowed or the shapes differ. A label outside [0, 1] under
            `"binary"` gives NaN.

    Use it for a hinge with probabilities, `(clip(score, -1, 1) + 1) / 2`; not where those must be
    calibrated far from the boundary (`BinaryCrossentropy`).

    Example:

    >>> import kerasloss, numpy as np
    >>> float(kerasloss.ModifiedHuber()(np.array([[1, -1, 1]]), np.array([[0.5, 2.0, 3.0]])))
    2.75

    Equivalents: sklearn `SGDClassifier(loss="modified_huber")`: the same.

    Reference: Zhang, 2004, Solving Large Scale Linear Prediction Problems Using Stochastic Gradient Descent
    Algorithms, ICML.
    """

    label_format: LabelFormat = "auto"

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        m = self.margins(y_true, y_pred)
        return mean(ops.where(m < -1, -4 * m, ops.square(ops.relu(1 - m))), axis=-1)


@register
class Exponential(MarginLoss):
    """The loss that AdaBoost minimises.

    Formula: `mean(exp(-m))` with `m = label * score`.

    Args:
        label_format: `"signed"`: labels are used as given, -1 and 1. `"binary"`: labels 0 and 1 (or
            between) become `2 y - 1`. `"auto"`: binary if all labels of the batch are 0 or 1.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: labels `(batch, ..., d)`; `y_pred`: scores of the same shape. Returns `(batch, ...)`.

    Raises:
        ValueError: If `label_format` is not allowed or the shapes differ. A label outside [0, 1] under
            `"binary"` gives NaN.

    Use it to compare with boosting; not with wrong labels or scores below -88, where the true value is
    infinite in float32 (`SoftMargin`).

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.Exponential()(np.array([[1, -1]]), np.array([[0.5, 2.0]]))), 4)
    3.9978

    Equivalents: sklearn `GradientBoostingClassifier(loss="exponential")`: the same on labels -1 and 1.

    Reference: Freund & Schapire, 1997, A Decision-Theoretic Generalization of On-Line Learning and an
    Application to Boosting, Journal of Computer and System Sciences.
    """

    label_format: LabelFormat = "auto"

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean(ops.exp(-self.margins(y_true, y_pred)), axis=-1)
