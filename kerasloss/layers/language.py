"""The log-probability of texts."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.labels import not_ignored
from kerasloss.core.loss import Tensor, and_masks
from kerasloss.core.numerics import safe_divide
from kerasloss.core.registry import register
from kerasloss.losses.language.heads import LinearCrossentropy


@register
class SequenceLogProbability(keras.layers.Layer):
    """The log-probability of each text under the logits of a language model, or under its hidden states.

    Formula: `sum(log_softmax(logits[t])[ids[t]])` over the tokens t that are not ignored; with `average`
    divided by their number. Of hidden states the logits are `hidden @ kernel + bias`, which are never built:
    `LinearCrossentropy` computes them for one chunk of rows at a time.

    Args:
        average: Whether to divide by the number of tokens (ORPO, SimPO) or not (DPO, KTO, CPO); None: neither
            sum nor average, but the log-probability of each token (PPO, GRPO).
        ignore_class: An id, or several, of tokens that don't count: padding, and the prompt. None: all count.
        logit_softcap: Bound > 0 of the logits' magnitude, by a tanh.
        chunk_size: Rows of a chunk of hidden states, an integer >= 1; None: that of `LinearCrossentropy`.
        kwargs: Those of `keras.layers.Layer`. Half types are computed, and returned, in float32; hidden
            states of half types are multiplied as such.

    Shapes:
        Call it with a list of token ids `(N, T)` and logits `(N, T, V)`, where `logits[:, t]` predicts
        `ids[:, t]`; or of ids, hidden states `(N, T, D)`, the kernel `(D, V)` and, optionally, the bias
        `(V,)`. Returns `(N,)`; for pairs `(N, 2, T)` and `(N, 2, T, V)` it returns `(N, 2)`. With
        `average=None` it returns `(N, T)`, and 0 at tokens that don't count. Tokens masked in ids, logits or
        hidden states don't count. A text without a token has 0.

    Raises:
        ValueError: If an argument is not allowed or the shapes don't match. An id outside [0, V) that is not
            ignored gives NaN.

    Use it at the end of a model that is trained with a preference loss, on hidden states where the logits
    don't fit into memory (`kerasloss.models.FusedHead.log_probability` does that); not for a loss per token.
    Under a sampling temperature the logits, or hidden states and bias, are divided by it.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> ids, logits = np.array([[1, 2, -100]]), np.array([[[1.0, 2, 0], [0, 0, 3], [1, 1, 1]]])
    >>> print(keras.ops.convert_to_numpy(kerasloss.layers.SequenceLogProbability()([ids, logits])).round(4))
    [-0.5025]

    Reference: Rafailov et al., 2023, Direct Preference Optimization, NeurIPS; average: Meng, Xia & Chen,
    2024, SimPO, NeurIPS.
    """

    def __init__(
        self,
        average: bool | None = False,
        ignore_class: int | Sequence[int] | None = -100,
        logit_softcap: float | None = None,
        chunk_size: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)  # ids that come as floats keep their digits
        self.average = average if average is None else checks.boolean(self, "average", average)
        self.ignore_class = (
            ignore_class if ignore_class is None else checks.integers(self, "ignore_class", ignore_class)
        )
        self.logit_softcap = (
            logit_softcap
            if logit_softcap is None
            else checks.number(self, "logit_softcap", logit_softcap, above=0)
        )
        self.chunk_size = (
            chunk_size if chunk_size is None else checks.integer(self, "chunk_size", chunk_size, least=1)
        )
        self._crossentropy = LinearCrossentropy(
            ignore_class=ignore_class,
            logit_softcap=logit_softcap,
            chunk_size=chunk_size,
            reduction=None,
            dtype="float64" if self.compute_dtype == "float64" else "float32",
        )

    def call(self, inputs: Any, mask: Any = None) -> Tensor:
        if not isinstance(inputs, (list, tuple)) or len(inputs) not in (2, 3, 4):
            checks.fail(
                self,
                "expected a list of token ids and logits, or of token ids, hidden states, kernel and bias",
                f"{type(inputs).__name__}",
            )
        ids, scores, *head = inputs
        if not _fit(ids, scores, head):
            checks.fail(
                self,
                "expected token ids (N, T) and logits (N, T, V), or token ids (N, T), hidden states "
                "(N, T, D), kernel (D, V) and bias (V,)",
                f"shapes {', '.join(str(tuple(x.shape)) for x in inputs)}",
            )
        counts = not_ignored(ids, self.ignore_class)
        for one in mask[:2] if isinstance(mask, (list, tuple)) else [mask]:
            counts = and_masks(counts, None if one is None else ops.cast(one, "bool"))
        if head:
            values = self._crossentropy.compute(ids, (scores, *head), mask=counts)
        else:
            values = self._crossentropy.of_logits.compute(ids, scores, mask=counts)
        values = 0 - values  # where a token doesn't count 0, not -0
        if self.average is None:
            return values
        total = ops.sum(values, axis=-1)
        if not self.average:
            return total
        number = ops.ones_like(values)
        if counts is not None:
            number = ops.where(counts, number, 0)
        return safe_divide(total, ops.sum(number, axis=-1))

    def compute_mask(self, inputs: Any, previous_mask: Any) -> None:
        """None: the output has no token axis, or 0 where a token doesn't count."""
        return None

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config = {
            "average": self.average,
            "ignore_class": self.ignore_class,
            "logit_softcap": self.logit_softcap,
            "chunk_size": self.chunk_size,
        }
        return {**super().get_config(), **config}


def _fit(ids: Tensor, scores: Tensor, head: Sequence[Tensor]) -> bool:
    """Whether the shapes are those of ids and logits, or of ids, hidden states and a head."""
    positions, shapes = tuple(scores.shape)[:-1], [tuple(x.shape) for x in head]
    if len(ids.shape) < 2 or not checks.lengths_match(tuple(ids.shape), positions):
        return False
    return not head or shapes == [(scores.shape[-1], *shapes[0][1:2]), shapes[0][1:]][: len(head)]
