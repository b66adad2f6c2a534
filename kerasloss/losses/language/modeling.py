"""Language models: cross-entropy of the next token."""

from dataclasses import KW_ONLY
from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import ClassIds, ClassWeight, Fraction, NonNegative, Positive
from kerasloss.core.kinds.crossentropy import SoftmaxCrossentropy
from kerasloss.core.labels import is_ids
from kerasloss.core.loss import Loss, Tensor, and_masks
from kerasloss.core.registry import register


def soft_cap(x: Tensor, cap: float | None) -> Tensor:
    """Logits between -cap and cap; None: as they are."""
    return x if cap is None else cap * ops.tanh(x / cap)


def check_dynamic(loss: Loss) -> None:
    """Refuses smooth labels beside factors that are the probability of one label."""
    if loss.dynamic and loss.label_smoothing:
        checks.fail(
            loss,
            "`dynamic=True` needs `label_smoothing=0`",
            f"dynamic=True, label_smoothing={loss.label_smoothing}",
        )


@register
class CausalLMCrossentropy(SoftmaxCrossentropy):
    """Cross-entropy of the next token, for the logits of a language model.

    Formula: `(1 - a) * w[y] * (L - x[y]) + a / V * sum(w[c] * (L - x[c])) + z_loss * L ** 2` with the token
    y, `a = label_smoothing`, class weights w, `x = cap * tanh(logits / cap)` for `cap = logit_softcap`
    (None: the logits), and `L = logsumexp(x)`. With `dynamic` the first term is multiplied by
    `exp(x[y] - L)`, the token's probability, which gets no gradient.

    Args:
        shift: Whether `y_true` holds the input tokens (as Hugging Face models take them), so that position t
            is scored against token t + 1 and the last position does not count; False: `y_true` is already
            shifted, as for every other Keras loss.
        ignore_class: An id, or several, whose positions don't count; any integer.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        z_loss: Factor >= 0 of the squared log-partition, which keeps logits small.
        logit_softcap: Bound > 0 of the logits' magnitude.
        class_weight: V floats >= 0, one for each token.
        dynamic: Whether a token weighs as much as it is probable (dynamic fine-tuning): unlike in focal
            losses, improbable ones weigh little. Not with `label_smoothing`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: token ids `(batch, T)`; `y_pred`: logits `(batch, T, V)`. Returns `(batch, T)`. With
        `shift`, sample weights and masks belong to the predicting position, and a position whose next one
        is masked does not count.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. An id outside [0, V) that is not
            ignored gives NaN.

    Use it to train or evaluate a language model that returns logits; if they don't fit into memory,
    `LinearCrossentropy` never builds them.

    Example:

    >>> import kerasloss, numpy as np
    >>> logits = np.array([[[1.0, 2, 0], [0, 0, 3], [1, 1, 1]]])
    >>> loss = kerasloss.CausalLMCrossentropy(reduction=None)
    >>> print(np.array(loss(np.array([[1, 2, -100]]), logits)).round(4))
    [[0.4076 0.0949 0.    ]]

    Equivalents: torch `CrossEntropyLoss(ignore_index=-100)`: default. Hugging Face models with
    `labels=inputs`: `shift=True`. Liger `LigerCrossEntropyLoss(lse_square_scale, softcap)`:
    `z_loss, logit_softcap`; in a mean with `weight`, `reduction="mean_with_sample_weight"` here, it divides
    the z-loss by the number of tokens.

    Reference: z-loss: Chowdhery et al., 2023, PaLM, JMLR; soft cap: Gemma Team, 2024, Gemma 2 (arXiv
    2408.00118); smoothing: Szegedy et al., 2016, CVPR; dynamic: Wu et al., 2025, On the Generalization of SFT
    (arXiv 2508.05629).
    """

    from_logits = True

    shift: bool = False
    ignore_class: ClassIds | None = -100
    label_smoothing: Fraction = 0.0
    z_loss: NonNegative = 0.0
    logit_softcap: Positive | None = None
    class_weight: ClassWeight | None = None
    _: KW_ONLY
    dynamic: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_dynamic(self)

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if not is_ids(y_true, y_pred) or (self.shift and len(y_pred.shape) != 3):
            checks.fail(
                self,
                "`y_true` must hold token ids (batch, T), `y_pred` logits (batch, T, V)",
                f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}",
            )
        return ops.roll(y_true, -1, axis=1) if self.shift else y_true, y_pred

    def counts(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor | None:
        counts = and_masks(mask, super().counts(y_true, y_pred))
        if not self.shift:
            return counts
        scored = and_masks(mask, ops.ones_like(y_true, dtype="bool"))
        # The next position is there, and not masked.
        return and_masks(counts, ops.concatenate([scored[:, 1:], ops.zeros_like(scored[:, :1])], axis=1))

    def call(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor:
        return super().call(y_true, soft_cap(y_pred, self.logit_softcap))

    def log_probability(self, ids: Tensor, y_pred: Tensor) -> Tensor:
        value = super().log_probability(ids, y_pred)
        if not self.dynamic:
            return value
        p = ops.stop_gradient(ops.exp(value))
        return p * ops.where(ops.equal(p, 0), 0, value)
