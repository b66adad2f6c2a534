"""Losses of hidden states and a linear head, whose logits are never built."""

from dataclasses import KW_ONLY
from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import ClassIds, ClassWeight, Count, Fraction, NonNegative, Positive
from kerasloss.core.kinds.hidden import HiddenLoss, Model
from kerasloss.core.labels import inside
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import nan_unless, take_at
from kerasloss.core.registry import register
from kerasloss.losses.language.modeling import CausalLMCrossentropy, check_dynamic, soft_cap


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

    expected = "(hidden, kernel) or (hidden, kernel, bias); for logits use `CausalLMCrossentropy`"

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
        "The same loss of logits."

    def _models(self, y_pred: Any) -> list[Model]:
        models = super()._models(y_pred)
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
            slope -= self.weighted(ops.full_like(slope[:1], self.label_smoothing / count))
        ids, is_class = inside(ids, count)
        hits = ops.stack([ops.arange(ops.shape(x)[0], dtype=ids.dtype), ids], axis=-1)
        slope = ops.scatter_update(slope, hits, nan_unless(is_class, take_at(slope, ids, -1) - hit))
        if self.logit_softcap is not None:
            slope = slope * (1 - ops.square(x / self.logit_softcap))
        return slope

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
