"""Two series of any two lengths, one warped in time to match the other."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.alignment import check_lengths, first_entries, mask_of_frames, to_front
from kerasloss.core.loss import Loss, Tensor, and_masks


class SeriesLoss(Loss):
    """A loss of two series `(batch, n, d)` and `(batch, m, d)`; `(batch, n)` has one channel.

    The last frames of `y_true` that are NaN in all channels are padding, and so are the masked ones of
    `y_pred`.
    """

    growth = "alignment"
    kind = "series"
    activation = "linear"

    def value(self, y_true: Tensor, y_pred: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        """The formula, for the first `rows` frames of `y_true` and `columns` of `y_pred`."""
        raise NotImplementedError(f"{type(self).__name__} must implement `value`.")

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        y_true, y_pred = (ops.expand_dims(x, -1) if len(x.shape) == 2 else x for x in (y_true, y_pred))
        shapes = [(*x.shape[:1], *x.shape[2:]) for x in (y_true, y_pred)]
        if len(y_pred.shape) != 3 or not checks.lengths_match(*shapes):
            checks.fail(
                self,
                "`y_true` and `y_pred` must be series (batch, n, d) and (batch, m, d), or (batch, n) and "
                "(batch, m)",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        check_lengths(self, y_true, y_pred)
        checks.filled(self, y_true, y_pred)
        return y_true, y_pred

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return [1, 2]

    def counts(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor | None:
        counts = ops.any(_there(y_true), axis=1)
        return and_masks(counts, None if mask is None else ops.any(mask_of_frames(mask), axis=1))

    def call(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor:
        position = ops.cumsum(ops.ones_like(y_true[:, :, 0], dtype="int32"), axis=1)
        rows = ops.amax(ops.where(_there(y_true), position, 0), axis=1)
        y_true = ops.where(ops.expand_dims(first_entries(position, rows), -1), y_true, 0)
        every = ops.ones_like(y_pred[:, :, 0], dtype="int32")
        if mask is not None:
            mask = ops.logical_and(mask_of_frames(mask), every > 0)
            y_pred = to_front(y_pred, ops.expand_dims(mask, -1))
            every = ops.cast(mask, "int32")
        rows, columns = (ops.maximum(x, ops.ones_like(x)) for x in (rows, ops.sum(every, axis=1)))
        return self.value(y_true, y_pred, rows, columns)


def _there(y_true: Tensor) -> Tensor:
    """Which frames are not NaN in all channels, `(batch, n)`."""
    return ops.logical_not(ops.all(ops.isnan(y_true), axis=-1))
