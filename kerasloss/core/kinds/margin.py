"""Labels -1 and 1 against real scores."""

from typing import Literal, TypeAlias

from keras import ops

from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import nan_unless

LabelFormat: TypeAlias = Literal["auto", "signed", "binary"]
"""The labels are -1 and 1, 0 and 1, or whichever of these the batch looks like."""


class MarginLoss(ElementLoss):
    """A loss of the margin `label * score`, with labels -1 and 1."""

    kind = "margin"
    activation = "linear"
    label_format = "auto"

    def margins(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """`label * score`, with the labels turned into -1 and 1 as `label_format` says."""
        if self.label_format == "signed":
            return y_true * y_pred
        signed = 2 * y_true - 1
        if self.label_format == "binary":
            signed = nan_unless(ops.logical_and(y_true >= 0, y_true <= 1), signed)
        else:
            zero_or_one = ops.equal(ops.square(y_true), y_true)
            asked = ops.isfinite(y_true)
            binary = ops.all(ops.logical_or(zero_or_one, ops.logical_not(asked)))
            signed = ops.where(binary, signed, y_true)
        return signed * y_pred
