"""Codebooks: discrete codes of images and sounds."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import NonNegative
from kerasloss.core.labels import no_labels
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import mean
from kerasloss.core.registry import register


@register
class VectorQuantization(Loss):
    """An encoder that stays near its codes, and codes that move to what they stand for.

    Formula: `commitment * mean((z - e) ** 2) + codebook * mean((e - z) ** 2)` for the encoder's output z and
    its code e; the first part has a gradient for z alone, the second for e alone.

    Args:
        commitment: The weight of the encoder's part, >= 0.
        codebook: The weight of the codes' part, >= 0; 0 where a moving average moves them.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: on axis -2 the encoder's outputs, then their codes, `(batch, ..., 2, D)`, as
        `kerasloss.layers.VectorQuantizer` gives them. `y_true` is ignored. Returns `(batch, ...)`.

    Raises:
        ValueError: If both weights are 0, one is negative, or axis -2 is not of length 2.

    Use it beside the loss of what is decoded, in autoencoders with discrete codes; not alone: it says nothing
    of the data.

    Example:

    >>> import kerasloss, numpy as np
    >>> print(float(kerasloss.VectorQuantization()(None, np.array([[[1.0, 2.0], [0.0, 4.0]]]))))
    3.125

    Equivalents: diffusers and taming: `beta` is `commitment` with `legacy=False`, `codebook` beside
    `commitment=1.0` with `legacy=True`, their default.

    Reference: van den Oord, Vinyals & Kavukcuoglu, 2017, Neural Discrete Representation Learning, NeurIPS
    (arXiv 1711.00937).
    """

    kind = "tuple-embedding"
    needs_y_true = False

    commitment: NonNegative = 0.25
    codebook: NonNegative = 1.0

    def __post_init__(self) -> None:
        if self.commitment == 0 and self.codebook == 0:
            checks.fail(self, "`commitment` and `codebook` must not both be 0", "commitment=0, codebook=0")

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        rank = len(y_pred.shape)
        return [rank - 2, rank - 1]

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        shape = tuple(y_pred.shape)
        if len(shape) < 3 or shape[-2] != 2:
            what = "`y_pred` must be outputs and codes, stacked on axis -2: (batch, ..., 2, D)"
            checks.fail(self, what, f"y_pred.shape={shape}")
        return no_labels(y_pred, len(shape) - 2), y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        output, code = y_pred[..., 0, :], y_pred[..., 1, :]
        of_output = mean(ops.square(output - ops.stop_gradient(code)), axis=-1)
        of_code = mean(ops.square(code - ops.stop_gradient(output)), axis=-1)
        return self.commitment * of_output + self.codebook * of_code
