"""A small network learns from a large one: `y_true` holds the teacher's outputs, `y_pred` the student's.

No gradient reaches the teacher. If the true class is needed too, its id is appended to the teacher's logits,
`(batch, ..., C + 1)` (*packed logits*).
"""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Fraction, Positive
from kerasloss.core.kinds.teacher import TeacherLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import ABSENT, argmax, nan_unless
from kerasloss.core.registry import register
from kerasloss.core.special import relative_entropy


@register
class LogitsDistillation(TeacherLoss):
    """The student's softened class probabilities follow the teacher's.

    Formula: `(1 - w) * T ** 2 * sum(p * (log(p) - log(q))) + w * crossentropy(c, y_pred)` with
    `p = softmax(y_true / T)`, `q = softmax(y_pred / T)`, the class id c and w = hard_weight.

    Args:
        temperature: T > 0; a large one shows how the teacher ranks the wrong classes.
        hard_weight: Weight of the cross-entropy with the true class, in [0, 1].
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: the teacher's logits `(batch, ..., C)`, or `(batch, ..., C + 1)` with the class id last;
        `y_pred`: the student's logits `(batch, ..., C)`. Returns `(batch, ...)`.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, or `hard_weight` > 0 and there
            is no class id. An id outside [0, C) gives NaN, unless `hard_weight` is 0.

    Use it to compress a classifier; not for probabilities (pass their logarithms).

    Example:

    >>> import kerasloss, numpy as np
    >>> teacher, student = np.array([[2.0, 0.0, -1.0]]), np.array([[1.0, 1.0, 0.0]])
    >>> round(float(kerasloss.LogitsDistillation()(teacher, student)), 3)
    0.496

    Equivalents: torch `KLDivLoss("batchmean")` of the softened logits times T ** 2; mdistiller and
    RepDistiller KD: default. torchdistill `KDLoss(alpha)`: `hard_weight=alpha`; with `alpha=0` it has no
    factor T ** 2. Liger `LigerFusedLinearJSDLoss(weight_hard_loss, weight_soft_loss, beta=0)`, which has none
    either: `hard_weight` for weights w and `(1 - w) * T ** 2`.

    Reference: Hinton, Vinyals & Dean, 2015, Distilling the Knowledge in a Neural Network (arXiv 1503.02531).
    """

    temperature: Positive = 3.0
    hard_weight: Fraction = 0.0

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if self.hard_weight > 0 and y_true.shape[-1] == y_pred.shape[-1]:
            checks.fail(
                self,
                "`hard_weight` > 0 needs the class id as the last number of `y_true`",
                f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}",
            )
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        teacher, ids = self.unpack(y_true, y_pred)
        log_p = ops.log_softmax(teacher / self.temperature, axis=-1)
        log_q = ops.log_softmax(y_pred / self.temperature, axis=-1)
        value = self.temperature**2 * ops.sum(relative_entropy(log_p, log_q), axis=-1)
        if self.hard_weight == 0:
            return value
        target = _one_hot(ids, y_pred)
        log_likelihood = ops.sum(ops.where(target, ops.log_softmax(y_pred, axis=-1), 0), axis=-1)
        crossentropy = _of_classes(ids, y_pred, -log_likelihood)
        return (1 - self.hard_weight) * value + self.hard_weight * crossentropy


@register
class DecoupledDistillation(TeacherLoss):
    """Distillation in two parts: how confident the teacher is, and how it ranks the other classes.

    Formula: `T ** 2 * (alpha * KL((p[c], 1 - p[c]) || (q[c], 1 - q[c])) + beta * KL(p' || q'))` with
    `p = softmax(y_true / T)`, `q = softmax(y_pred / T)`, the target class c, and p', q' the distributions of
    the other classes among themselves.

    Args:
        alpha: Weight of the first part, a finite number.
        beta: Weight of the second part, a finite number.
        temperature: T > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: the teacher's logits `(batch, ..., C)`, whose largest is the target class, or
        `(batch, ..., C + 1)` with the class id last; `y_pred`: the student's logits `(batch, ..., C)`.
        Returns `(batch, ...)`.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, or there is only one class. An id
            outside [0, C) gives NaN.

    Use it where the teacher is so confident that plain distillation says nothing about the other classes;
    with two classes its second part is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> teacher, student = np.array([[2.0, 0.0, -1.0, 1.0]]), np.array([[1.0, 1.0, 0.0]])
    >>> round(float(kerasloss.DecoupledDistillation()(teacher, student)), 3)
    3.835

    Equivalents: mdistiller `dkd_loss`: default; its warm-up is a schedule of the weight.

    Reference: Zhao, Cui, Song, Qiu & Liang, 2022, Decoupled Knowledge Distillation, CVPR (arXiv 2203.08679).
    """

    alpha: float = 1.0
    beta: float = 8.0
    temperature: Positive = 4.0

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if y_pred.shape[-1] < 2:
            checks.fail(self, "`y_pred` must have 2 classes or more", f"y_pred.shape={tuple(y_pred.shape)}")
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        teacher, ids = self.unpack(y_true, y_pred)
        if ids is None:
            ids = argmax(teacher, -1)
        target = _one_hot(ids, y_pred)
        p_target, p_rest, p_others = self._split(teacher, target)
        q_target, q_rest, q_others = self._split(y_pred, target)
        sure = relative_entropy(p_target, q_target) + relative_entropy(p_rest, q_rest)
        ranks = ops.sum(ops.where(target, 0, relative_entropy(p_others, q_others)), axis=-1)
        value = self.temperature**2 * (self.alpha * sure + self.beta * ranks)
        return _of_classes(ids, y_pred, value)

    def _split(self, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Log-probabilities of the target, of all other classes together, and of each among the others."""
        log_p = ops.log_softmax(logits / self.temperature, axis=-1)
        others = ops.where(target, ABSENT, log_p)
        log_rest = ops.logsumexp(others, axis=-1)
        others = ops.where(target, 0, log_p - ops.expand_dims(log_rest, -1))
        return ops.sum(ops.where(target, log_p, 0), axis=-1), log_rest, others


def _one_hot(ids: Tensor, y_pred: Tensor) -> Tensor:
    """True at the class of each position; nowhere for an id out of range."""
    classes = ops.arange(y_pred.shape[-1], dtype=ids.dtype)
    return ops.equal(ops.expand_dims(ids, -1), classes)


def _of_classes(ids: Tensor, y_pred: Tensor, value: Tensor) -> Tensor:
    """The value; NaN where the id is not a class."""
    inside = ops.logical_and(ids >= 0, ids < y_pred.shape[-1])
    return nan_unless(inside, value)
