"""Classification by centers of the classes, also called proxies, so that embeddings of a class gather.

`layers.CosineDense` or `layers.CenterDistance` owns the centers and returns cosines or distances; the losses
take them as given. Margins of the angle to the center are in `angular_margins.py`.
"""

from dataclasses import KW_ONLY
from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import ClassIds, ClassWeight, Fraction, NonNegative, Positive
from kerasloss.core.kinds.class_cosine import BatchClassLoss, CenterCosineLoss, CosineLoss
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import log1m_softmax, log1p_sum_exp, mean, safe_divide, weighted_sum
from kerasloss.core.registry import register


@register
class NormalizedSoftmax(CosineLoss):
    """Softmax cross-entropy of cosines, divided by a temperature.

    Formula: `-log_softmax(cos(theta) / temperature)[y]`.

    Args:
        temperature: A number > 0, which the cosines are divided by: one over the scale of NormFace.
        reduction, name, dtype: See `kerasloss.Loss`.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        cosines `(batch, ..., C)` from `layers.CosineDense`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, or the shapes don't match. An id outside [0, C) that is
            not ignored gives NaN.

    Use it as the simplest loss of class centers, for retrieval as for recognition; not for calibrated
    probabilities.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[0.8, 0.2, -0.4], [0.1, 0.5, 0.6]])
    >>> round(float(kerasloss.NormalizedSoftmax()(np.array([0, 1]), y_pred)), 4)
    1.0635

    Equivalents: pytorch-metric-learning NormalizedSoftmaxLoss: the default.

    Reference: Zhai & Wu, 2019, Classification is a Strong Baseline for Deep Metric Learning, BMVC (arXiv
    1811.12649).
    """

    temperature: Positive = 0.05
    _: KW_ONLY
    label_smoothing: Fraction = 0.0
    ignore_class: ClassIds | None = None
    class_weight: ClassWeight | None = None

    def logits(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return y_pred / self.temperature


@register
class ProxyNCA(CosineLoss):
    """Embeddings must be nearer to the proxy of their class than to those of the others, by a softmax.

    Formula: `scale * d[y] + log(sum(exp(-scale * d)))` with the squared distances on the unit sphere
    `d[c] = 2 - 2 * cos(theta[c])`; the sum is over all classes c, or over all but y.

    Args:
        scale: Factor > 0 of the squared distances; 9 in ProxyNCA++.
        exclude_positive: Whether the sum leaves out the true class, as in the paper of 2017; the value may
            then be negative.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        cosines `(batch, ..., C)` from `layers.CosineDense`. Returns `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, or `exclude_positive=True` comes
            with one class. An id outside [0, C) that is not ignored gives NaN.

    Use it for retrieval with many classes and few samples of each, with a `scale` of about 9; not with the
    default of 1 where many classes must be told apart.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[0.8, 0.2, -0.4], [0.1, 0.5, 0.6]])
    >>> round(float(kerasloss.ProxyNCA()(np.array([0, 1]), y_pred)), 4)
    0.6565

    Equivalents: pytorch-metric-learning ProxyNCALoss: its `softmax_scale` is `scale`.
    `NormalizedSoftmax(temperature=1 / (2 * scale))`: the same as the default.

    Reference: Movshovitz-Attias, Toshev, Leung, Ioffe & Singh, 2017, No Fuss Distance Metric Learning using
    Proxies, ICCV (arXiv 1703.07464); Teh, DeVries & Taylor, 2020, ProxyNCA++, ECCV (arXiv 2004.01113).
    """

    scale: Positive = 1.0
    exclude_positive: bool = False
    _: KW_ONLY
    ignore_class: ClassIds | None = None
    class_weight: ClassWeight | None = None

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if self.exclude_positive and y_pred.shape[-1] == 1:
            what = "`exclude_positive=True` needs at least 2 classes"
            checks.fail(self, what, f"y_pred.shape={tuple(y_pred.shape)}")
        return y_true, y_pred

    def logits(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return 2 * self.scale * y_pred

    def log_odds(self, logits: Tensor) -> Tensor:
        """The logarithm of the probability of each class over that of all others together."""
        return ops.log_softmax(logits, axis=-1) - log1m_softmax(logits)

    def log_probability(self, ids: Tensor, y_pred: Tensor) -> Tensor:
        if self.exclude_positive:
            return self.pick(self.log_odds(y_pred), ids)
        return super().log_probability(ids, y_pred)

    def dense_log_likelihood(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if self.exclude_positive:
            return weighted_sum(y_true, self.log_odds(y_pred), -1)
        return super().dense_log_likelihood(y_true, y_pred)


@register
class ProxyAnchor(BatchClassLoss):
    """Each proxy pulls the embeddings of its class in the batch, hardest first, and pushes all others.

    Formula: `sum_k log(1 + P[k]) / m + sum_k log(1 + N[k]) / C` over the classes k, of which m are in the
    batch, with the sums `P[k] = sum_i exp(-alpha * (c[i, k] - margin))` over the samples i of class k, and
    `N[k] = sum_i exp(alpha * (c[i, k] + margin))` over those of other classes, of cosines c.

    Args:
        margin: The margin of the cosines, a number >= 0.
        alpha: Factor > 0 of the cosines: how much the hardest samples matter.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, whose samples are absent; any integer (-100, 255).

    Shapes:
        `y_true`: ids `(N,)`, `(N, 1)`, or one-hot `(N, C)`. `y_pred`: cosines `(N, C)` from
        `layers.CosineDense`. Returns `(N,)`, the same number for all samples. Sample weights weigh it; a
        masked or ignored sample is absent from the sums.

    Raises:
        ValueError: If an argument is out of range, or the shapes don't match. An id outside [0, C) that is
            not ignored makes the whole batch NaN.

    Use it for retrieval with batches of a hundred samples or more; not with a batch of a few, whose samples
    do not compete. Let the centers learn some 100 times as fast as the network, as in the paper.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[0.8, 0.2, -0.4], [0.1, 0.5, 0.6]])
    >>> round(float(kerasloss.ProxyAnchor()(np.array([0, 1]), y_pred)), 4)
    12.8006

    Equivalents: pytorch-metric-learning ProxyAnchorLoss: the default.

    Reference: Kim, Kim, Cho & Kwak, 2020, Proxy Anchor Loss for Deep Metric Learning, CVPR (arXiv
    2003.13911).
    """

    activation = "linear"

    margin: NonNegative = 0.1
    alpha: Positive = 32.0
    _: KW_ONLY
    ignore_class: ClassIds | None = None

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, None]:
        there = ops.ones_like(y_pred[:, :1])
        if present is not None:
            there = ops.where(ops.expand_dims(present, 1), there, 0)
        of_class = there * self.one_hot(y_true, y_pred)
        pull = log1p_sum_exp(-self.alpha * (y_pred - self.margin), of_class, axis=0)
        push = log1p_sum_exp(self.alpha * (y_pred + self.margin), there - of_class, axis=0)
        in_batch = ops.cast(ops.any(of_class > 0, axis=0), y_pred.dtype)
        value = safe_divide(ops.sum(pull), ops.sum(in_batch)) + mean(push, axis=-1)
        return value + 0 * there[:, 0], None


@register
class SoftTriple(CenterCosineLoss):
    """Softmax cross-entropy of cosines with several centers for each class, mixed by a softmax.

    Formula: `-log_softmax(z)[y]` with `z[c] = scale * S[c]` for the other classes and
    `z[y] = scale * (S[y] - margin)` for the true one, where `S[c] = sum_k softmax(c[k] / gamma)[k] * c[k]`
    over the cosines with the centers k of a class.

    Args:
        scale: Factor > 0 of the similarities.
        gamma: The temperature > 0 of the softmax over centers; near 0: the nearest center alone.
        margin: What is subtracted from the similarity of the true class, a number >= 0.
        reduction, name, dtype: See `kerasloss.Loss`.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot `(batch, ..., C)`. `y_pred`: cosines
        `(batch, ..., C, K)` from `layers.CosineDense(C, centers_per_class=K)`, or `(batch, C)`. Returns
        `(batch, ...)` before reduction.

    Raises:
        ValueError: If an argument is out of range, or the shapes don't match. An id outside [0, C) that is
            not ignored gives NaN.

    Use it for retrieval where a class has several forms, as a bird in flight and at rest; not with so many
    centers that most stay unused. The paper's regularizer of the centers is the `kernel_regularizer` of the
    layer.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[0.8, 0.1], [0.2, 0.3], [-0.4, 0]], [[0.1, -0.2], [0.5, 0.4], [0.6, 0.2]]])
    >>> round(float(kerasloss.SoftTriple()(np.array([0, 1]), y_pred)), 4)
    1.3331

    Equivalents: pytorch-metric-learning SoftTripleLoss: its `la` is `scale`.

    Reference: Qian, Shang, Sun, Hu, Li & Jin, 2019, SoftTriple Loss: Deep Metric Learning Without Triplet
    Sampling, ICCV (arXiv 1909.05235).
    """

    least_rank = 2

    scale: Positive = 20.0
    gamma: Positive = 0.1
    margin: NonNegative = 0.01
    _: KW_ONLY
    label_smoothing: Fraction = 0.0
    ignore_class: ClassIds | None = None
    class_weight: ClassWeight | None = None

    def psi(self, c: Tensor) -> Tensor:
        return c - self.margin

    def logits(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if len(y_pred.shape) > 2:
            one = y_pred.shape[-1] == 1  # of which Keras's softmax warns
            share = 1 if one else ops.softmax(y_pred / self.gamma, axis=-1)
            y_pred = ops.sum(share * y_pred, axis=-1)
        return super().logits(y_true, y_pred)


@register
class Center(ClassLoss):
    """The squared distance from the center of the class, beside a loss that separates the classes.

    Formula: `d[y] / 2` with the squared distances d from the centers.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, whose positions don't count; any integer (-100, 255).
        class_weight: C floats >= 0. `reduction="mean_with_sample_weight"` divides by their sum over the
            labels.

    Shapes:
        `y_true`: ids `(batch, ...)`, `(batch, ..., 1)`, or one-hot / soft `(batch, ..., C)`. `y_pred`:
        squared distances `(batch, ..., C)` from `layers.CenterDistance`. Returns `(batch, ...)` before
        reduction.

    Raises:
        ValueError: If `class_weight` does not have C entries or holds a negative number, or the shapes don't
            match. An id outside [0, C) that is not ignored gives NaN.

    Use it with a small weight beside a cross-entropy, as a second output; not alone, since all embeddings
    could gather at one point. The optimizer moves the centers by the gradient of the mean; the paper's update
    divides by the samples of each class in the batch instead, so give the layer its own learning rate.

    Example:

    >>> import kerasloss, numpy as np
    >>> float(kerasloss.Center()(np.array([1, 0]), np.array([[1.0, 4.0], [9.0, 1.0]])))
    3.25

    Reference: Wen, Zhang, Li & Qiao, 2016, A Discriminative Feature Learning Approach for Deep Face
    Recognition, ECCV.
    """

    activation = "any"

    _: KW_ONLY
    ignore_class: ClassIds | None = None
    class_weight: ClassWeight | None = None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return 0.5 * self.of_label(y_true, y_pred)
