"""Losses of hidden states and linear heads, whose logits are never built."""

import math
from dataclasses import KW_ONLY
from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import ClassIds, ClassWeight, Count, Fraction, NonNegative, Positive
from kerasloss.core.kinds.hidden import HiddenAndHead, HiddenLoss
from kerasloss.core.labels import safe_ids
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import ABSENT, clip_below, logaddexp, nan_unless, take_at
from kerasloss.core.registry import register
from kerasloss.losses.language.modeling import CausalLMCrossentropy, check_dynamic, soft_cap


def minus_at(x: Tensor, ids: Tensor, number: Tensor | float) -> Tensor:
    """`x` `(N, V)` less a number at each id; NaN there for an id outside [0, V)."""
    ids, is_class = safe_ids(ids, x.shape[-1])
    hits = ops.stack([ops.arange(ops.shape(x)[0], dtype=ids.dtype), ids], axis=-1)
    return ops.scatter_update(x, hits, nan_unless(is_class, take_at(x, ids, -1) - number))


def through_cap(slope: Tensor, x: Tensor, cap: float | None) -> Tensor:
    """The gradient by the logits of a gradient by the soft-capped logits x."""
    return slope if cap is None else slope * (1 - ops.square(x / cap))


@register
class LinearCrossentropy(HiddenLoss):
    """`CausalLMCrossentropy` of a linear head, without ever building its logits.

    Formula: that of `CausalLMCrossentropy` for the logits `hidden @ kernel + bias`. They are computed for one
    chunk of rows at a time. With a mean or a sum as reduction the gradients `p * (1 + 2 * z_loss * L) - y`,
    times `hidden` and `kernel`, are computed with the values; else the backward pass computes the logits
    again.

    Args:
        ignore_class: An id, or several, whose positions don't count; any integer.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        z_loss: Factor >= 0 of the squared log-partition, which keeps logits small.
        logit_softcap: Bound > 0 of the logits' magnitude.
        chunk_size: Rows of a chunk, an integer >= 1; None: as many as hold 4 million logits, but at least
            half as many as hidden units, from 128 to 512.
        class_weight: V floats >= 0, one for each token.
        dynamic: Whether a token weighs as much as it is probable; see there. Not with `label_smoothing`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: token ids `(batch, ...)`. `y_pred`: a tuple of the hidden states `(batch, ..., D)`, the
        kernel `(D, V)` and, optionally, the bias `(V,)`. Returns `(batch, ...)`. All three get gradients.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. An id outside [0, V) that is not
            ignored gives NaN.

    Use it for vocabularies whose logits don't fit into memory, in a model through
    `kerasloss.models.FusedHead`; not for small ones, whose logits fit. Half types are multiplied as such, as
    in a `Dense` layer, and summed in float32. Where no gradient is wanted, give `training=False` to the call,
    which then doesn't compute any (`FusedHead` does; PyTorch needs no telling).

    Example:

    >>> import kerasloss, numpy as np
    >>> hidden = np.array([[1.0, 2.0], [0.0, 1.0]])
    >>> kernel = np.array([[0.5, 0.0, -1.0], [1.0, 0.25, 0.0]])
    >>> loss = kerasloss.LinearCrossentropy(reduction=None)
    >>> print(np.array(loss(np.array([1, -100]), (hidden, kernel))).round(4))
    [2.1532 0.    ]

    Equivalents: Liger `LigerFusedLinearCrossEntropyLoss`, Apple's `linear_cross_entropy` (`softcap` is
    `logit_softcap`): the same values; their weight is the transpose of our kernel.

    Reference: Wijmans et al., 2025, Cut Your Losses in Large-Vocabulary Language Models, ICLR (arXiv
    2411.09009); Hsu et al., 2024, Liger Kernel (arXiv 2410.10989).
    """

    hint = "; for logits use `CausalLMCrossentropy`"

    ignore_class: ClassIds | None = -100
    label_smoothing: Fraction = 0.0
    z_loss: NonNegative = 0.0
    logit_softcap: Positive | None = None
    chunk_size: Count | None = None
    class_weight: ClassWeight | None = None
    _: KW_ONLY
    dynamic: bool = False

    def __post_init__(self) -> None:
        check_dynamic(self)
        self.of_logits = CausalLMCrossentropy(
            ignore_class=self.ignore_class,
            label_smoothing=self.label_smoothing,
            z_loss=self.z_loss,
            logit_softcap=self.logit_softcap,
            class_weight=self.class_weight,
            dynamic=self.dynamic,
            reduction=self.reduction,
            name=self.name,
            dtype=self.dtype,
        )
        """The same loss of logits."""

    def models_in(self, y_pred: Any) -> list[HiddenAndHead]:
        models = super().models_in(y_pred)
        if self.class_weight is not None:
            checks.classes(self, "class_weight", self.class_weight, models[0].head[0], 1)
        return models

    def value(self, x: Tensor, ids: Tensor) -> Tensor:
        return self.of_logits.call(ids, x)

    def slope(self, x: Tensor, ids: Tensor) -> Tensor:
        x, count = soft_cap(x, self.logit_softcap), x.shape[-1]
        slope = ops.softmax(x, axis=-1)
        of_p, hit = self._coefficients(x, ids, slope)
        if of_p is not None:
            slope = ops.expand_dims(of_p, -1) * slope
        if self.label_smoothing:
            slope = slope - self.weighted(ops.full_like(slope[:1], self.label_smoothing / count))
        return through_cap(minus_at(slope, ids, hit), x, self.logit_softcap)

    def _coefficients(self, x: Tensor, ids: Tensor, p: Tensor) -> tuple[Tensor | None, Tensor | float]:
        """The factors of p, None for 1, and of the one-hot label in the gradient of each value."""
        hit = ops.stop_gradient(self.pick(p, ids)) if self.dynamic else 1 - self.label_smoothing
        weight = self.own_weight(ids, x)
        if weight is not None:
            hit = hit * weight
            of_p = hit + self.label_smoothing * sum(self.class_weight) / x.shape[-1]
        elif self.dynamic or self.z_loss:
            of_p = hit if self.dynamic else 1
        else:
            return None, hit
        if self.z_loss:
            of_p = of_p + 2 * self.z_loss * ops.logsumexp(x, axis=-1)
        return of_p, hit


@register
class LinearDistillation(HiddenLoss):
    """The token probabilities of a linear head follow a teacher's, without the logits of either.

    Formula: `(1 - w) * sum(beta * p * log(p / m) + (1 - beta) * q * log(q / m)) + w * (-log(softmax(x)[y]))`
    with the token y, the student's logits x and the teacher's t, `p = softmax(t / T)`, `q = softmax(x / T)`,
    `m = beta * p + (1 - beta) * q`, `T = temperature` and `w = hard_weight`; `beta=0` is KL(p || q) and
    `beta=1` is KL(q || p). The logits of both are `hidden @ kernel + bias`, or `cap * tanh` of that divided
    by `cap = logit_softcap`, computed for one chunk of rows at a time.

    Args:
        beta: Weight of the teacher in the mixture, in [0, 1].
        temperature: T > 0; a large one shows how the teacher ranks the tokens that are improbable.
        hard_weight: Weight of the cross-entropy with the true token, in [0, 1].
        ignore_class: An id, or several, whose positions don't count; any integer.
        logit_softcap: Bound > 0 of the magnitude of both models' logits.
        chunk_size: Rows of a chunk, an integer >= 1; None: half as many as `LinearCrossentropy` takes.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: token ids `(batch, ...)`. `y_pred`: a tuple of the student's hidden states `(batch, ..., D)`
        and kernel `(D, V)`, and the teacher's hidden states `(batch, ..., E)` and kernel `(E, V)`, each
        kernel followed by its bias `(V,)` if there is one. Returns `(batch, ...)`. The teacher's get no
        gradient.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match (slice the kernel of a larger
            vocabulary). An id outside [0, V) that is not ignored gives NaN, unless `hard_weight` is 0.

    Use it to train a language model on a teacher whose logits don't fit into memory beside its own; not for
    logits that are there: `JensenShannonDivergence` and `LogitsDistillation` take them. `LogitsDistillation`
    has a factor `T ** 2`, which this one, like Liger and TRL, lacks.

    Example:

    >>> import kerasloss, numpy as np
    >>> hidden, kernel = np.array([[1.0, 2.0]]), np.array([[0.5, 0.0, -1.0], [1.0, 0.25, 0.0]])
    >>> teacher = np.array([[1.0]]), np.array([[1.0, 0.0, 0.5]])
    >>> loss = kerasloss.LinearDistillation(beta=0.5)
    >>> round(float(loss(np.array([1]), (hidden, kernel, *teacher))), 4)
    0.0969

    Equivalents: Liger `LigerFusedLinearJSDLoss(weight_hard_loss, weight_soft_loss, beta, temperature)`:
    `hard_weight` for weights w and `1 - w`. TRL GKD: `beta, temperature`.

    Reference: Agarwal et al., 2024, On-Policy Distillation of Language Models, ICLR (arXiv 2306.13649); Hsu
    et al., 2024, Liger Kernel (arXiv 2410.10989).
    """

    expected = "(hidden, kernel, teacher's hidden, teacher's kernel), each kernel with or without a bias"
    model_count = 2

    beta: Fraction = 0.0
    temperature: Positive = 1.0
    hard_weight: Fraction = 0.0
    ignore_class: ClassIds | None = -100
    logit_softcap: Positive | None = None
    chunk_size: Count | None = None

    def value(self, x: Tensor, ids: Tensor, teacher: Tensor) -> Tensor:
        log_p, log_q, log_m = self._logarithms(x, teacher)
        if self.beta == 0:
            value = ops.sum(ops.exp(log_p) * (log_p - log_q), axis=-1)
        elif self.beta == 1:
            value = ops.sum(ops.exp(log_q) * (log_q - log_p), axis=-1)
        else:
            of_teacher = ops.sum(ops.exp(log_p) * (log_p - log_m), axis=-1)
            of_student = ops.sum(ops.exp(log_q) * (log_q - log_m), axis=-1)
            value = self.beta * of_teacher + (1 - self.beta) * of_student
        if self.hard_weight == 0:
            return value
        hard = -self.log_softmax_at(ids, soft_cap(x, self.logit_softcap))
        return (1 - self.hard_weight) * value + self.hard_weight * hard

    def slope(self, x: Tensor, ids: Tensor, teacher: Tensor) -> Tensor:
        log_p, log_q, log_m = self._logarithms(x, teacher)
        q = ops.exp(log_q)
        if self.beta == 0:
            slope = q - ops.exp(log_p)
        else:
            log_ratio = log_q - log_m
            slope = q * (log_ratio - ops.sum(q * log_ratio, axis=-1, keepdims=True))
            if self.beta < 1:
                slope = (1 - self.beta) * slope
        slope = (1 - self.hard_weight) / self.temperature * slope
        x = soft_cap(x, self.logit_softcap)
        if self.hard_weight:
            # Not by a softmax, nor by a scatter: XLA keeps another chunk for each.
            label = self.one_hot(ids, x)
            slope = slope + self.hard_weight * (ops.exp(ops.log_softmax(x, axis=-1)) - label)
        return through_cap(slope, x, self.logit_softcap)

    def _logarithms(self, x: Tensor, teacher: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The logarithms of the teacher's probabilities, of the student's and of the mixture."""
        log_p, log_q = (
            ops.log_softmax(clip_below(soft_cap(one, self.logit_softcap), ABSENT) / self.temperature, axis=-1)
            for one in (teacher, x)
        )
        if self.beta in (0, 1):
            return log_p, log_q, (log_q if self.beta == 0 else log_p)
        return log_p, log_q, logaddexp(log_p + math.log(self.beta), log_q + math.log1p(-self.beta))
