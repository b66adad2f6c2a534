"""Two sets of points against each other."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Loss, Tensor


class PointSetLoss(Loss):
    """A distance between two point clouds, `(..., N, D)` and `(..., M, D)`."""

    scope = "batch"
    kind = "point-set"

    same_count = False
    """Whether both clouds must have the same number of points."""

    def distance(self, x: Tensor, y: Tensor, weight: Tensor | None) -> Tensor:
        """The formula; the masses of the points are proportional to `weight`; None: all are equal."""
        raise NotImplementedError(f"{type(self).__name__} must implement `distance`.")

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        clouds = checks.lengths_match(true_shape[:-2], pred_shape[:-2])
        entries = checks.lengths_match(true_shape[-1:], pred_shape[-1:])
        points = not self.same_count or checks.lengths_match(true_shape[-2:-1], pred_shape[-2:-1])
        if len(pred_shape) < 2 or len(true_shape) < 2 or not (clouds and entries and points):
            checks.fail(
                self,
                "`y_true` and `y_pred` must be points (N, D) and (M, D), or (..., N, D) and (..., M, D)"
                + (" with N = M" if self.same_count else ""),
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        checks.filled(self, y_true, y_pred)
        return y_true, y_pred

    def uses_weight(self, weight: Tensor, y_pred: Tensor) -> bool:
        """Weights of points are masses; a weight of a cloud weighs its value."""
        rank = len(y_pred.shape)
        return rank == 2 or (len(weight.shape) >= rank - 1 and weight.shape[rank - 2] != 1)

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        if sample_weight is None:
            return self.distance(y_true, y_pred, None)
        weight = self.broadcast_from_left(sample_weight, y_pred[..., 0])
        if not checks.lengths_match(tuple(y_true.shape), tuple(y_pred.shape)):
            checks.fail(
                self,
                "`sample_weight` and masks of points need the same number of points in both clouds",
                f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}",
            )
        weight = ops.broadcast_to(weight, ops.shape(y_pred[..., 0]))
        there = ops.any(weight > 0, axis=-1)
        value = self.distance(y_true, y_pred, ops.where(ops.expand_dims(there, -1), weight, 1))
        return ops.where(there, value, 0)
