"""Labels -1 and 1 against real scores."""

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import DType, Reduction
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor


class ScoreLoss(ElementLoss):
    """A loss of the margin `label * score`, with labels -1 and 1."""

    def __init__(self, label_format: str, reduction: Reduction, name: str | None, dtype: DType) -> None:
        super().__init__(reduction, name, dtype)
        self.label_format = checks.choice(self, "label_format", label_format, ("auto", "signed", "binary"))

    def margins(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """`label * score`, with the labels turned into -1 and 1 as `label_format` says."""
        if self.label_format == "signed":
            return y_true * y_pred
        signed = 2 * y_true - 1
        if self.label_format == "binary":
            signed = ops.where(ops.logical_and(y_true >= 0, y_true <= 1), signed, float("nan"))
        else:
            zero_or_one = ops.equal(ops.square(y_true), y_true)
            asked = ops.isfinite(y_true)
            binary = ops.all(ops.logical_or(zero_or_one, ops.logical_not(asked)))
            signed = ops.where(binary, signed, y_true)
        return signed * y_pred
