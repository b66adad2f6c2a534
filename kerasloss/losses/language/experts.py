"""Losses of the router of a mixture of experts: its load, and the size of its logits.

`y_pred` holds the logits of the router, before the softmax, with one entry for each expert. There are no
labels: `y_true` is ignored and may be None.
"""

from typing import Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Count
from kerasloss.core.kinds.router import RouterLoss
from kerasloss.core.loss import Tensor, and_masks
from kerasloss.core.numerics import clip_below, is_largest, weighted_mean
from kerasloss.core.registry import register


@register
class MoELoadBalancing(RouterLoss):
    """Pushes the router of a mixture of experts towards equal loads: as many tokens for each expert.

    Formula: `E * sum(f[e] * P[e])` over the E experts e, with `f[e] = mean(hit[t, e])` and `P[e] =
    mean(p[t, e])` over the tokens t; `p = softmax(y_pred)`, and `hit[t, e]` is 1 if expert e is among the
    `top_k` of token t, else 0.

    Args:
        top_k: The number of experts that each token goes to, an integer in [1, E].
        level: `"batch"`: the means are over all tokens; `"sequence"`: over those of each sequence.
        reduction, name, dtype: See `kerasloss.Loss`; with `"batch"` the loss is one number already.

    Shapes:
        `y_true`: ignored; `y_pred`: logits `(batch, ..., T, E)`, with `"batch"` also `(batch, E)`. `"batch"`
        returns a number; all axes but the last are tokens, and weights go into both means, so that a token
        of weight 0, or a masked one, is absent. `"sequence"` returns `(batch, ...)`, without T and E; masked
        tokens are absent, weights are those of sequences, and a sequence of which all are masked doesn't
        count.

    Raises:
        ValueError: If an argument is not allowed, the shape is wrong or E < `top_k`.

    Use it beside the loss of the model, with a factor such as 0.01; not where biases of the router balance
    the load. Equal loads have the value `top_k`, which is not the least: f and P need not be in the same
    order. With `top_k=E` it is always E. Logits of several layers, stacked on an axis, are one pool; for a
    value per layer use one loss for each. The gradient flows through P alone; of equal logits the first
    expert is taken.

    Example:

    >>> import kerasloss, numpy as np
    >>> p = np.array([[[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]], [[0.1, 0.2, 0.7], [0.2, 0.5, 0.3]]])
    >>> loss = kerasloss.MoELoadBalancing()
    >>> round(float(loss(None, np.log(p))), 4)
    1.0125
    >>> round(float(loss(None, np.log(p), sample_weight=np.array([[1, 1], [1, 0]]))), 4)
    1.1333

    Equivalents: Transformers `load_balancing_loss_func` of Mixtral, Qwen-MoE, OLMoE and Jamba: `top_k`, with
    `attention_mask` as `sample_weight`; that of Switch Transformers: `level="sequence"`.

    Reference: Fedus, Zoph & Shazeer, 2022, Switch Transformers: Scaling to Trillion Parameter Models with
    Simple and Efficient Sparsity, JMLR (arXiv 2101.03961).
    """

    scope = "batch"

    top_k: Count = 1
    level: Literal["batch", "sequence"] = "batch"

    @property
    def least_rank(self) -> int:
        """Sequences need an axis of their own."""
        return 2 if self.level == "batch" else 3

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if self.top_k > y_pred.shape[-1]:
            shape = tuple(y_pred.shape)
            checks.fail(self, "`y_pred` must have at least `top_k` experts", f"{shape=}, top_k={self.top_k}")
        return y_true, y_pred

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        rank = len(y_pred.shape)
        return [rank - 1] if self.level == "batch" else [rank - 2, rank - 1]

    def weighs_inside(self, y_pred: Tensor) -> bool:
        return self.level == "batch"

    def counts(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor | None:
        if mask is None:
            return None
        valid = and_masks(ops.ones_like(y_true, dtype="bool"), mask)
        return valid if self.level == "batch" else ops.any(valid, axis=-1)

    def call(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        axis = list(range(len(y_pred.shape) - 1)) if self.level == "batch" else -2
        weight = sample_weight
        if self.level == "sequence" and mask is not None:
            valid = and_masks(ops.ones_like(y_true, dtype="bool"), mask)
            y_pred = ops.where(ops.expand_dims(valid, -1), y_pred, 0)
            weight = ops.cast(valid, y_pred.dtype)
        if weight is not None:
            weight = ops.expand_dims(self.broadcast_from_left(weight, y_true), -1)
        load = weighted_mean(ops.cast(self.hit(y_pred), y_pred.dtype), weight, axis)
        share = weighted_mean(ops.softmax(y_pred, axis=-1), weight, axis)
        return y_pred.shape[-1] * ops.sum(load * share, axis=-1)

    def hit(self, y_pred: Tensor) -> Tensor:
        """True for the `top_k` experts of each token, the first of equal ones."""
        # Not `ops.top_k`, whose choice among equal ones differs between backends.
        x = clip_below(y_pred, -3e38)
        hit = ops.zeros_like(x, dtype="bool")
        for _ in range(self.top_k):
            hit = ops.logical_or(hit, is_largest(ops.where(hit, float("-inf"), x)))
        return hit


@register
class RouterZ(RouterLoss):
    """The logits of a router must stay small, so that rounding doesn't change where tokens go.

    Formula: `logsumexp(y_pred) ** 2` over the experts.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: logits of a router `(batch, ..., E)` for E experts. Returns
        `(batch, ...)`, one value for each token; a mask or weights leave padding out.

    Raises:
        ValueError: If the shape is wrong.

    Use it beside `MoELoadBalancing`, with a small factor such as 0.001; for the logits of a vocabulary use
    `z_loss` of `CausalLMCrossentropy`. It is smallest, 0, where logsumexp is 0, not where the logits are.

    Example:

    >>> import kerasloss, numpy as np
    >>> round(float(kerasloss.RouterZ()(None, np.array([[1.0, 2.0, 0.0]]))), 4)
    5.7966

    Equivalents: Transformers `router_z_loss_func`: default.

    Reference: Zoph et al., 2022, ST-MoE: Designing Stable and Transferable Sparse Expert Models (arXiv
    2202.08906).
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return ops.square(ops.logsumexp(y_pred, axis=-1))
