"""Losses of hidden states and a linear head, whose logits are never built."""

from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import ClassIds, ClassWeight, Count, Fraction, NonNegative, Positive
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.labels import inside, integers
from kerasloss.core.loss import Tensor, keras_mask
from kerasloss.core.registry import register
from kerasloss.core.rows import scan_rows
from kerasloss.losses.language.modeling import CausalLMCrossentropy, soft_cap

CHUNK = 2**22
"""How many logits a chunk of `LinearCrossentropy` holds, about: 16 MB ..."""
ROWS = 128
"""... but never fewer rows: each chunk reads the kernel and writes its gradient once."""


@register
class LinearCrossentropy(ClassLoss):
    """`CausalLMCrossentropy` of a linear head, without ever building its logits.

    Formula: that of `CausalLMCrossentropy` for the logits `hidden @ kernel + bias`. They are computed for one
    chunk of rows at a time, and again in the backward pass, which needs no memory other than the gradients:
    `p * (1 + 2 * z_loss * L) - y`, times `hidden` and `kernel`.

    Args:
        ignore_class: An id, or several, whose positions don't count; any integer.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        z_loss: Factor >= 0 of the squared log-partition, which keeps logits small.
        logit_softcap: Bound > 0 of the logits' magnitude.
        chunk_size: Rows of a chunk, an integer >= 1; None: 128, or as many as hold 4 million logits.
        class_weight: V floats >= 0, one for each token.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: token ids `(batch, ...)`. `y_pred`: a tuple of the hidden states `(batch, ..., D)`, the
        kernel `(D, V)` and, optionally, the bias `(V,)`. Returns `(batch, ...)`. All three get gradients.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. An id outside [0, V) that is not
            ignored gives NaN.

    Use it for vocabularies whose logits don't fit into memory, in a model through
    `kerasloss.models.FusedHead`; not for small ones, where it only costs another matrix product. Half types
    are multiplied in float32.

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

    growth = "head"
    kind = "hidden"
    activation = "any"

    ignore_class: ClassIds | None = -100
    label_smoothing: Fraction = 0.0
    z_loss: NonNegative = 0.0
    logit_softcap: Positive | None = None
    chunk_size: Count | None = None
    class_weight: ClassWeight | None = None

    def __post_init__(self) -> None:
        self.of_logits = CausalLMCrossentropy(
            ignore_class=self.ignore_class,
            label_smoothing=self.label_smoothing,
            z_loss=self.z_loss,
            logit_softcap=self.logit_softcap,
            class_weight=self.class_weight,
            reduction=self.reduction,
            name=self.name,
            dtype=self.dtype,
        )
        "The same loss of logits."

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        mask = keras_mask(y_pred[0]) if isinstance(y_pred, (list, tuple)) and len(y_pred) else None
        with keras.name_scope(self.name):
            return self.compute(y_true, y_pred, sample_weight, mask)

    def compute(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, mask: Tensor | None = None
    ) -> Tensor:
        hidden, head = self._checked_head(y_pred)
        if self.class_weight is not None:
            checks.classes(self, "class_weight", self.class_weight, head[0], 1)
        return super().compute(y_true, hidden, sample_weight, mask, head=head)

    def _checked_head(self, y_pred: Any) -> tuple[Tensor, list[Tensor]]:
        if not isinstance(y_pred, (list, tuple)) or len(y_pred) not in (2, 3):
            checks.fail(
                self,
                "`y_pred` must be (hidden, kernel) or (hidden, kernel, bias); for logits use "
                "`CausalLMCrossentropy`",
                type(y_pred).__name__,
            )
        hidden, *head = (
            None if x is None else checks.tensor(self, "y_pred", x, self.compute_dtype) for x in y_pred
        )
        # Not the variables themselves, of which TensorFlow would want the gradient in a way of its own.
        head = [ops.reshape(x, tuple(x.shape)) for x in head if x is not None]
        shapes = [tuple(x.shape) for x in (hidden, *head)]
        fits = len(shapes[0]) > 1 and len(shapes[1]) == 2 and shapes[0][-1] == shapes[1][0]
        if not fits or (len(shapes) == 3 and shapes[2] != shapes[1][1:]):
            checks.fail(
                self,
                "`y_pred` must hold hidden states (batch, ..., D), a kernel (D, V) and maybe a bias (V,)",
                f"shapes {', '.join(map(str, shapes))}",
            )
        return hidden, head

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, positions = integers(y_true), tuple(y_pred.shape)[:-1]
        if checks.lengths_match(tuple(y_true.shape), positions + (1,)):
            y_true = ops.squeeze(y_true, -1)
        elif not checks.lengths_match(tuple(y_true.shape), positions):
            checks.fail(
                self,
                f"`y_true` must hold token ids of shape {positions}",
                f"y_true.shape={tuple(y_true.shape)}, hidden.shape={tuple(y_pred.shape)}",
            )
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor, head: list[Tensor]) -> Tensor:
        ids, hidden = ops.reshape(y_true, (-1,)), ops.reshape(y_pred, (-1, y_pred.shape[-1]))
        chunk = self.chunk_size or max(ROWS, CHUNK // head[0].shape[1])

        @ops.custom_gradient
        def values(ids, hidden, *head):
            def value(total, hidden, ids):
                return total, self.of_logits.call(ids, _logits(hidden, *head))[:, None]

            def gradient(*args, upstream=None):
                upstream = args[0] if upstream is None else upstream

                def step(total, hidden, ids, upstream):
                    slope = self._slope(ids, _logits(hidden, *head), upstream)
                    total[0] += ops.transpose(hidden) @ slope  # in place on PyTorch
                    if len(head) == 2:
                        total[1] += ops.sum(slope, axis=0)
                    return total, slope @ ops.transpose(head[0])

                total = [ops.zeros_like(x) for x in head]
                total, of_hidden = scan_rows(step, total, hidden, (ids, upstream), chunk)
                return None, of_hidden, *total

            return scan_rows(value, [], hidden, (ids,), chunk)[1][:, 0], gradient

        return ops.reshape(values(ids, hidden, *head), ops.shape(y_true))

    def _slope(self, ids: Tensor, logits: Tensor, upstream: Tensor) -> Tensor:
        """The gradient of `sum(upstream * value)` by the logits of a chunk."""
        x, count = soft_cap(logits, self.logit_softcap), logits.shape[-1]
        weight = self.own_weight(ids, x)
        hit = (1 - self.label_smoothing) * (upstream if weight is None else weight * upstream)
        hit = ops.where(inside(ids, count)[1], hit, float("nan"))
        spread = self.label_smoothing / count * upstream
        of_p = hit + spread * (count if weight is None else sum(self.class_weight))
        if self.z_loss:
            of_p = of_p + 2 * self.z_loss * ops.logsumexp(x, axis=-1) * upstream
        hit, spread, of_p = (ops.expand_dims(y, -1) for y in (hit, spread, of_p))

        is_hit = ops.equal(ops.expand_dims(ids, -1), ops.arange(count, dtype=ids.dtype))
        slope = of_p * ops.softmax(x, axis=-1)
        slope = ops.where(is_hit, slope - hit, slope)
        if self.label_smoothing:
            slope -= self.weighted(spread)
        if self.logit_softcap is not None:
            slope = slope * (1 - ops.square(x / self.logit_softcap))
        return slope


def _logits(hidden: Tensor, kernel: Tensor, bias: Tensor | None = None) -> Tensor:
    logits = hidden @ kernel  # Keras's matmul computes float64 in float32
    return logits if bias is None else logits + bias
