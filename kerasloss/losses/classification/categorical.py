"""Classification: cross-entropies and other losses of mutually exclusive classes.

Labels are class ids, `(batch, ...)` or `(batch, ..., 1)`, or one-hot / soft labels of the shape of `y_pred`;
every loss here takes both and returns the shape of `y_pred` without `axis`. Yes/no labels are in
`binary.py`, labels -1 and 1 in `margin.py`, the losses of sparse activations in `sparse.py`.
"""

from dataclasses import KW_ONLY
from typing import Annotated, Literal

from keras import ops

from kerasloss.core.configuration import ClassIds, ClassWeight, Fraction, NonNegative, Reduction, within
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.kinds.crossentropy import SoftmaxCrossentropy
from kerasloss.core.labels import smooth_labels
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import mean, weighted_sum
from kerasloss.core.registry import register


@register
class CategoricalCrossentropy(SoftmaxCrossentropy):
    """Softmax cross-entropy: the negative log-likelihood of mutually exclusive classes.

    Formula: `-sum(w[c] * y[c] * log(p[c])) + z_loss * logsumexp(x) ** 2` over the classes c, with smoothed
    labels y, class weights w and logits x.

    Args:
        from_logits: Whether `y_pred` holds logits (p is their softmax, never clipped) or probabilities,
            which are divided by their sum and clipped to [1e-7, 1 - 1e-7] as in Keras.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        axis: The class axis of `y_pred`, of length C.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels, as torch does.
        z_loss: Factor >= 0 of the squared log-partition, which keeps logits small; logits only.
        epsilon: None: as above. A float >= 0: `log(p + epsilon)` with `y_pred` as given, NaN outside [0, 1].

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, `z_loss` is used with probabilities, `class_weight` does
            not have C entries, the shapes don't match, or class ids come with a single output. An id outside
            [0, C) that is not ignored gives NaN.

    Use it for one class per sample; not for labels that are not mutually exclusive (`BinaryCrossentropy`).
    Prefer logits: their gradient does not vanish. A logit of -inf at a class with label 0 adds nothing.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.CategoricalCrossentropy(label_smoothing=0.15)
    >>> y_true = np.array([[1, 0, 0], [0, 0, 1]])
    >>> round(float(loss(y_true, np.array([[0.2, 0.3, 0.5], [0.1, 0.2, 0.7]]))), 4)
    1.03

    Equivalents: torch `CrossEntropyLoss` with soft targets, Flux `logitcrossentropy`, optax
    `softmax_cross_entropy`, Gluon `SoftmaxCrossEntropyLoss(sparse_label=False)`: `from_logits=True`. Flux
    `crossentropy(dims, eps)`: `axis`, `epsilon=1.1920929e-07`. Log-probabilities: `NegativeLogLikelihood`.

    Reference: Good, 1952, Rational Decisions, JRSS B; smoothing: Szegedy et al., 2016, CVPR (arXiv
    1512.00567); z-loss: Chowdhery et al., 2022, PaLM (arXiv 2204.02311).
    """

    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1
    _: KW_ONLY
    ignore_class: ClassIds | None = None
    class_weight: ClassWeight | None = None
    z_loss: NonNegative = 0.0
    epsilon: NonNegative | None = None


@register
class SparseCategoricalCrossentropy(SoftmaxCrossentropy):
    """Softmax cross-entropy for class ids: `CategoricalCrossentropy` with the arguments in Keras's order.

    Formula: `w[y] * (1 - a) * -log(p[y]) + a / C * sum(w[c] * -log(p[c])) + z_loss * logsumexp(x) ** 2`
    for the id y, with `a = label_smoothing`, class weights w and logits x.

    Args:
        from_logits: Whether `y_pred` holds logits (p is their softmax, never clipped) or probabilities,
            which are divided by their sum and clipped to [1e-7, 1 - 1e-7] as in Keras.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction: See `kerasloss.Loss`.
        axis: The class axis of `y_pred`, of length C >= 2.
        name, dtype: See `kerasloss.Loss`.
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels, as torch does.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        z_loss: Factor >= 0 of the squared log-partition, which keeps logits small; logits only.
        epsilon: None: as above. A float >= 0: `log(p + epsilon)` with `y_pred` as given, NaN outside [0, 1].

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, `z_loss` is used with probabilities, `class_weight` does
            not have C entries, the shapes don't match, or there is a single output. An id outside [0, C) that
            is not ignored gives NaN.

    Use it for one class per sample, given by its id, at any number of classes: no one-hot is built; not
    for labels that are not mutually exclusive (`BinaryCrossentropy`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.SparseCategoricalCrossentropy(
    ...     from_logits=True, class_weight=[1.0, 2.0, 3.0], reduction="mean_with_sample_weight")
    >>> logits = np.array([[2.0, 1.0, 0.1], [0.1, 3.0, 0.2], [0.5, 0.3, 2.5]])
    >>> round(float(loss(np.array([0, 1, 2]), logits)), 4)
    0.2161

    Equivalents: torch `CrossEntropyLoss(weight, ignore_index, label_smoothing)`: `from_logits=True,
    class_weight, ignore_class=-100, label_smoothing, reduction="mean_with_sample_weight"`. optax
    `..._with_integer_labels`, Gluon `SoftmaxCrossEntropyLoss`: `from_logits=True`. Liger
    `lse_square_scale`: `z_loss`.

    Reference: Good, 1952, Rational Decisions, JRSS B; smoothing: Szegedy et al., 2016, CVPR (arXiv
    1512.00567); z-loss: Chowdhery et al., 2022, PaLM (arXiv 2204.02311).
    """

    only_ids = True

    from_logits: bool = False
    ignore_class: ClassIds | None = None
    reduction: Reduction = "sum_over_batch_size"
    axis: int = -1
    _: KW_ONLY
    class_weight: ClassWeight | None = None
    label_smoothing: Fraction = 0.0
    z_loss: NonNegative = 0.0
    epsilon: NonNegative | None = None


@register
class NegativeLogLikelihood(ClassLoss):
    """Cross-entropy for models that already return log-probabilities.

    Formula: `-sum(w[c] * y[c] * y_pred[c])` over the classes c, with class weights w. Nothing is
    normalised or clipped.

    Args:
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels, as torch does.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        log-probabilities `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `class_weight` does not have C entries or holds a negative number, or the shapes don't
            match. An id outside [0, C) that is not ignored gives NaN.

    Use it after a log-softmax of your own; not on logits, whose scale it would push to infinity
    (`CategoricalCrossentropy(from_logits=True)`). -inf adds nothing at label 0, and is inf elsewhere.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.NegativeLogLikelihood()
    >>> float(loss(np.array([1, 0]), np.array([[-2.0, -0.5, -1.5], [-0.25, -2.0, -3.0]])))
    0.375

    Equivalents: torch `NLLLoss` (its mean with `weight`: `reduction="mean_with_sample_weight"`); Gluon
    `SoftmaxCrossEntropyLoss(from_logits=True)`.

    Reference: Fisher, 1922, On the Mathematical Foundations of Theoretical Statistics, Philosophical
    Transactions of the Royal Society A.
    """

    activation = "log_softmax"

    axis: int = -1
    ignore_class: ClassIds | None = None
    class_weight: ClassWeight | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return -self.of_label(y_true, y_pred)


@register
class CategoricalHinge(ClassLoss):
    """Multi-class support-vector machine: the true class must beat its strongest rival by a margin.

    Formula: `max(0, rival - s_y + margin)` with `s_y = sum(y[c] * s[c])` and
    `rival = max((1 - y[c]) * s[c])`, where the true class enters as 0, as in Keras; with `exclude_true=True`
    the maximum is only over the classes with `y[c] = 0`.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.
        margin: The required lead, a finite number, in the unit of the scores.
        exclude_true: Whether the true class is left out of the maximum (Crammer & Singer's definition).

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot `(batch, ..., C)`. `y_pred`: scores
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `margin` is not a finite number or the shapes don't match. An id outside [0, C) gives
            NaN.

    Use it where only the decision counts; not where probabilities are wanted
    (`CategoricalCrossentropy`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.CategoricalHinge()
    >>> float(loss(np.array([0, 2]), np.array([[-1.0, -2.0, -3.0], [0.5, 1.5, 1.0]])))
    1.75

    Equivalents: Keras: the default; optax `multiclass_hinge_loss`, sklearn `hinge_loss`:
    `exclude_true=True`; optax `multiclass_perceptron_loss`: `exclude_true=True, margin=0`.

    Reference: Crammer & Singer, 2001, On the Algorithmic Implementation of Multiclass Kernel-based Vector
    Machines, JMLR.
    """

    _: KW_ONLY
    margin: float = 1.0
    exclude_true: bool = False

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y = self.one_hot(y_true, y_pred)
        true_score = weighted_sum(y, y_pred, axis=-1)
        if not self.exclude_true:
            return ops.relu(ops.amax((1 - y) * y_pred, axis=-1) - true_score + self.margin)
        is_rival = ops.equal(y, 0)
        lowest = ops.stop_gradient(ops.amin(y_pred, axis=-1, keepdims=True))
        below = lowest - ops.abs(lowest) - 1  # than every rival, so that none shares its gradient
        rival = ops.amax(ops.where(is_rival, y_pred, below), axis=-1)
        return ops.where(
            ops.any(is_rival, axis=-1), ops.relu(rival - true_score + self.margin), 0 * true_score
        )


@register
class MultiMargin(ClassLoss):
    """Multi-class hinge over all rivals: every other class must stay a margin below the true one.

    Formula: `sum((1 - y[c]) * w[y] * max(0, margin - s_y + s[c]) ** p) / C`, with `s_y = sum(y[c] * s[c])`.

    Args:
        p: Power of the hinge, 1 or 2.
        margin: The required lead, a finite number, in the unit of the scores.
        class_weight: C floats >= 0, the weight w of the true class.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot `(batch, ..., C)`. `y_pred`: scores
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If `p` is not 1 or 2, `margin` is not finite, `class_weight` does not have C entries, or
            the shapes don't match. An id outside [0, C) gives NaN.

    Use it where all rivals should be pushed down, not only the strongest (`CategoricalHinge`); not where
    probabilities are wanted.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.MultiMargin(p=2)
    >>> round(float(loss(np.array([0]), np.array([[0.5, 0.2, -1.0]]))), 4)
    0.1633

    Equivalents: torch `MultiMarginLoss` (its mean divides by the batch size even with `weight`: the default
    reduction).

    Reference: Weston & Watkins, 1999, Support Vector Machines for Multi-Class Pattern Recognition, ESANN.
    """

    p: Literal[1, 2] = 1
    margin: float = 1.0
    class_weight: ClassWeight | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y = self.one_hot(y_true, y_pred)
        true_score = ops.expand_dims(weighted_sum(y, y_pred, axis=-1), -1)
        excess = ops.relu(self.margin - true_score + y_pred)
        value = mean((1 - y) * (excess if self.p == 1 else ops.square(excess)), axis=-1)
        weight = self.own_weight(y_true, y_pred)
        return value if weight is None else weight * value


@register
class Brier(ClassLoss):
    """Squared error of the probabilities: a proper score that is bounded.

    Formula: `sum((p[c] - y[c]) ** 2)` over the classes c; in [0, 2].

    Args:
        from_logits: Whether `y_pred` holds logits or probabilities, which are divided by their sum and not
            clipped.
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If the shapes don't match. An id outside [0, C) that is not ignored gives NaN.

    Use it for calibrated probabilities with some wrong labels; not early in training, since its gradient is
    weak for confident mistakes.

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.Brier()(np.array([1]), np.array([[0.2, 0.5, 0.3]]))), 4)
    0.38

    Equivalents: sklearn `brier_score_loss(scale_by_half=False)`, dlordinal MCELoss(K, reduction="sum"); the
    binary form is `MeanSquaredError` of the positive probability.

    Reference: Brier, 1950, Verification of Forecasts Expressed in Terms of Probability, Monthly Weather
    Review.
    """

    from_logits: bool = False
    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y, p = self.one_hot(y_true, y_pred), self.probabilities(y_pred)
        return ops.sum(ops.square(p - y), axis=self.axis)


@register
class Poly1Crossentropy(ClassLoss):
    """Cross-entropy with the first term of its polynomial expansion reweighted.

    Formula: `-sum(y[c] * log(p[c])) + epsilon * sum(y[c] * (1 - p[c]))` with smoothed labels y.

    Args:
        epsilon: The coefficient of the paper, >= -1; not a guard. 0: `CategoricalCrossentropy`.
        from_logits: Whether `y_pred` holds logits or probabilities, which are divided by their sum and
            clipped in the logarithm as in Keras.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        axis: The class axis of `y_pred`, of length C.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        `(batch, ..., C)`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. An id outside [0, C) that is not
            ignored gives NaN.

    Use it to tune a cross-entropy with one more number; not without tuning `epsilon`.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Poly1Crossentropy(from_logits=True)
    >>> round(float(loss(np.array([2]), np.array([[0.5, -1.0, 1.0]]))), 4)
    0.9809

    Equivalents: optax `poly_loss_cross_entropy` has `epsilon=2`; TF-Ranking 1.

    Reference: Leng et al., 2022, PolyLoss, ICLR (arXiv 2204.12511).
    """

    epsilon: Annotated[float, within(least=-1)] = 1.0
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1
    ignore_class: ClassIds | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y = smooth_labels(self.one_hot(y_true, y_pred), self.label_smoothing, axis=self.axis)
        crossentropy = -self.dense_log_likelihood(y, y_pred)
        return crossentropy + self.epsilon * ops.sum(y * (1 - self.probabilities(y_pred)), axis=self.axis)
