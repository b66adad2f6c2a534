"""The cosines of embeddings with the centers of the classes."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.cosines import replace_target
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.kinds.crossentropy import SoftmaxCrossentropy
from kerasloss.core.kinds.label_embedding import AnchorLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import is_float


class CosineLoss(SoftmaxCrossentropy):
    """Cross-entropy of the softmax of `scale` times the cosines, that of the true class replaced by `psi`.

    A loss of it says what `psi` is, or, if there is more in `y_pred` than one cosine for each class, what
    the `logits` are.
    """

    from_logits = True
    activation = "linear"

    scale = 1.0

    def psi(self, c: Tensor) -> Tensor:
        """What replaces the cosine of the true class."""
        return c

    def logits(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The logits `(batch, ..., C)` of the cross-entropy."""
        return self.scale * replace_target(self.psi, y_true, y_pred)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.crossentropy(y_true, self.logits(y_true, y_pred))

    def crossentropy(self, y_true: Tensor, logits: Tensor) -> Tensor:
        """The cross-entropy of logits, one for each class."""
        return super().call(y_true, logits)

    def per_class_part(self, y_pred: Tensor) -> Tensor:
        """A part of `y_pred` with one entry for each class, the shape of one-hot labels."""
        return y_pred

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        return super().prepare(y_true, self.per_class_part(y_pred))[0], y_pred

    def counts(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        return super().counts(y_true, y_true if is_float(y_true) else y_pred)

    def own_weight(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        return super().own_weight(y_true, y_true if is_float(y_true) else y_pred)


class CenterCosineLoss(CosineLoss):
    """The same of one cosine for each of K centers of a class, `y_pred` `(batch, ..., C, K)`."""

    least_rank = 3
    """The smallest rank of `y_pred`; at rank 2 each class has one center, `(batch, C)`."""

    def per_class_part(self, y_pred: Tensor) -> Tensor:
        return y_pred if len(y_pred.shape) == 2 else ops.sum(y_pred[..., :1], axis=-1)

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        rank = len(y_pred.shape)
        return [1] if rank == 2 else [rank - 2, rank - 1]

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if len(y_pred.shape) < self.least_rank:
            what = "`y_pred` must hold the cosines with K centers of each class, (batch, ..., C, K)"
            fix = "`layers.CosineDense(C, centers_per_class=K)`"
            checks.fail(self, f"{what}: {fix}", f"y_pred.shape={tuple(y_pred.shape)}")
        return super().prepare(y_true, y_pred)


class NormCosineLoss(CosineLoss):
    """The same with the norm of the embedding behind the cosines, `y_pred` `(batch, ..., C + 1)`."""

    has_norm = True
    """Whether there is that column."""

    def per_class_part(self, y_pred: Tensor) -> Tensor:
        return y_pred[..., :-1] if self.has_norm else y_pred

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        checks.axis(self, -1, y_pred)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        if self.has_norm and (pred_shape[-1] == 1 or checks.lengths_match(true_shape, pred_shape)):
            what = "`y_pred` must hold the norm of the embedding in one more column behind the C cosines"
            fix = "`layers.CosineDense(C, return_norm=True)`"
            checks.fail(self, f"{what}: {fix}", f"y_true.shape={true_shape}, y_pred.shape={pred_shape}")
        return super().prepare(y_true, y_pred)


class BatchClassLoss(AnchorLoss, ClassLoss):
    """A loss of classes whose values depend on statistics of the batch: `y_pred` `(N, columns)`.

    A masked sample, or one of an ignored class, is absent from the statistics. Sample weights weigh the
    values alone.
    """

    kind = "class"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if len(y_pred.shape) != 2:
            checks.fail(self, "`y_pred` must have rank 2", f"y_pred.shape={tuple(y_pred.shape)}")
        return super().prepare(y_true, y_pred)

    def present(self, y_true: Tensor) -> Tensor | None:
        return self.counts(y_true, y_true if is_float(y_true) else ops.expand_dims(y_true, -1))
