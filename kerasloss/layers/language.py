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
from kerasloss.losses.classification.categorical import SparseCategoricalCrossentropy


@register
class SequenceLogProbability(keras.layers.Layer):
    """The log-probability of each text under the logits of a language model.

    Formula: `sum(log_softmax(logits[t])[ids[t]])` over the tokens t that are not ignored; with `average`
    divided by their number.

    Args:
        average: Whether to divide by the number of tokens (ORPO, SimPO) or not (DPO, KTO, CPO).
        ignore_class: An id, or several, of tokens that don't count: padding, and the prompt. None: all count.
        kwargs: Those of `keras.layers.Layer`. Half types are computed, and returned, in float32.

    Shapes:
        Call it with a list of token ids `(N, T)` and logits `(N, T, V)`, where `logits[:, t]` predicts
        `ids[:, t]`. Returns `(N,)`; for pairs `(N, 2, T)` and `(N, 2, T, V)` it returns `(N, 2)`. Tokens
        masked in either input don't count. A text without a token has 0.

    Raises:
        ValueError: If an argument is not allowed or the shapes don't match. An id outside [0, V) that is not
            ignored gives NaN.

    Use it at the end of a model that is trained with a preference loss; not for a loss per token.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> ids, logits = np.array([[1, 2, -100]]), np.array([[[1.0, 2, 0], [0, 0, 3], [1, 1, 1]]])
    >>> print(keras.ops.convert_to_numpy(kerasloss.layers.SequenceLogProbability()([ids, logits])).round(4))
    [-0.5025]

    Reference: Rafailov et al., 2023, Direct Preference Optimization, NeurIPS; average: Meng, Xia & Chen,
    2024, SimPO, NeurIPS.
    """

    def __init__(
        self, average: bool = False, ignore_class: int | Sequence[int] | None = -100, **kwargs: Any
    ) -> None:
        super().__init__(autocast=False, **kwargs)  # ids that come as floats keep their digits
        self.average = checks.boolean(self, "average", average)
        self.ignore_class = (
            ignore_class if ignore_class is None else checks.integers(self, "ignore_class", ignore_class)
        )
        self._crossentropy = SparseCategoricalCrossentropy(
            from_logits=True,
            ignore_class=ignore_class,
            reduction=None,
            dtype=keras.backend.result_type(self.compute_dtype, "float32"),
        )

    def call(self, inputs: Any, mask: Any = None) -> Tensor:
        if not isinstance(inputs, (list, tuple)) or len(inputs) != 2:
            checks.fail(self, "expected a list of token ids and logits", f"{type(inputs).__name__}")
        ids, logits = inputs
        if len(ids.shape) < 2 or not checks.lengths_match(tuple(ids.shape), tuple(logits.shape)[:-1]):
            checks.fail(
                self,
                "expected token ids (N, T) and logits (N, T, V)",
                f"shapes {tuple(ids.shape)} and {tuple(logits.shape)}",
            )
        counts = not_ignored(ids, self.ignore_class)
        for one in mask if isinstance(mask, (list, tuple)) else [mask]:
            counts = and_masks(counts, None if one is None else ops.cast(one, "bool"))
        total = -ops.sum(self._crossentropy.compute(ids, logits, mask=counts), axis=-1)
        if not self.average:
            return total
        number = ops.ones_like(logits[..., 0], dtype=total.dtype)
        if counts is not None:
            number = ops.where(counts, number, 0)
        return safe_divide(total, ops.sum(number, axis=-1))

    def compute_mask(self, inputs: Any, previous_mask: Any) -> None:
        """None: the output has no token axis."""
        return None

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config = {"average": self.average, "ignore_class": self.ignore_class}
        return {**super().get_config(), **config}
