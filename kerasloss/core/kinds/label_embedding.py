"""One embedding of each sample, with labels that say which belong together."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.labels import not_ignored, one_label_each
from kerasloss.core.loss import Evaluation, Loss, Tensor, and_masks
from kerasloss.core.pairwise import identity


class AnchorLoss(Loss):
    """A loss with a value for each sample, the *anchor*, that depends on the other samples of the batch.

    Sample weights weigh the anchors: a sample of weight 0 is still a positive or negative of the others. A
    masked sample is absent.
    """

    growth = "pairs"
    scope = "anchor"
    kind = "label-embedding"

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The value of each anchor, and whether it counts (None: all do); absent samples hold zeros."""
        raise NotImplementedError(f"{type(self).__name__} must implement `anchors`.")

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.anchors(y_true, y_pred, None)[0]

    def present(self, y_true: Tensor) -> Tensor | None:
        """True for the samples that are not padding; None: all."""
        return None

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return list(range(1, len(y_pred.shape)))

    def evaluate(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Evaluation:
        if 0 in y_pred.shape:
            return super().evaluate(y_true, y_pred, sample_weight, mask)
        present = and_masks(mask, self.present(y_true))
        if present is not None:
            present = ops.reshape(present, (-1,))
            y_true, y_pred = (
                ops.where(self.broadcast_from_left(present, x), x, ops.zeros((), dtype=x.dtype))
                for x in (y_true, y_pred)
            )
        values, counts = self.anchors(y_true, y_pred, present)
        counts = and_masks(present, counts)
        if counts is not None:
            values = ops.where(counts, values, 0)
        return Evaluation(values, counts, None, sample_weight)


class EmbeddingLoss(AnchorLoss):
    """A loss of one embedding per sample, `(N, D)`, with class ids that say which belong together."""

    ignore_class = None

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if len(y_pred.shape) != 2:
            checks.fail(
                self, "`y_pred` must be embeddings of shape (N, D)", f"y_pred.shape={tuple(y_pred.shape)}"
            )
        return one_label_each(self, y_true, y_pred), y_pred

    def present(self, y_true: Tensor) -> Tensor | None:
        return not_ignored(y_true, self.ignore_class)

    def pairs(self, y_true: Tensor, present: Tensor | None, diagonal: bool = False) -> tuple[Tensor, Tensor]:
        """Masks `(N, N)`: samples of the anchor's class, itself only if `diagonal`, and all the others."""
        same = ops.equal(ops.expand_dims(y_true, 1), ops.expand_dims(y_true, 0))
        positive = same if diagonal else ops.logical_and(same, ops.logical_not(identity(y_true)))
        negative = ops.logical_not(same)
        if present is not None:
            there = ops.logical_and(ops.expand_dims(present, 1), ops.expand_dims(present, 0))
            positive, negative = ops.logical_and(positive, there), ops.logical_and(negative, there)
        return positive, negative
