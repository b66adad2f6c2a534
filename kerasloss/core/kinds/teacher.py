"""Outputs of a teacher against those of a student."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.labels import integers
from kerasloss.core.loss import Loss, Tensor


class TeacherLoss(Loss):
    """A loss of the student's logits against the teacher's, which may be packed with the class id."""

    kind = "teacher"
    activation = "linear"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        checks.axis(self, -1, y_pred)
        classes = pred_shape[-1]
        same_rank = len(true_shape) == len(pred_shape)
        same_positions = same_rank and checks.lengths_match(true_shape[:-1], pred_shape[:-1])
        if not same_positions or true_shape[-1] not in (classes, classes + 1):
            checks.fail(
                self,
                "`y_true` must be the teacher's logits, of the shape of `y_pred`, or with the class id as "
                "one more last number",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        return y_true, y_pred

    def unpack(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor | None]:
        """The teacher's logits and, if there are any, the class ids, without gradient."""
        classes = y_pred.shape[-1]
        teacher = ops.stop_gradient(ops.cast(y_true[..., :classes], y_pred.dtype))
        if y_true.shape[-1] == classes:
            return teacher, None
        return teacher, integers(ops.stop_gradient(y_true[..., classes]))
