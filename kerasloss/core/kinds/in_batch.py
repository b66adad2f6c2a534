"""Two embeddings of each sample, compared across the batch."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.blocks import by_rows
from kerasloss.core.kinds.label_embedding import AnchorLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.pairwise import products


class InBatchLoss(AnchorLoss):
    """A loss of the logits `(N, N)` of every query (row) with every key (column); i and i belong together.

    `y_pred` holds embeddings `(N, 2, D)`, query and key, of which `logits` makes the matrix, or the matrix
    itself. A masked sample is absent as a query and as a key. `y_true` is ignored.
    """

    kind = "tuple-embedding"
    needs_y_true = False
    labelled = False

    roles = "query, key"
    """What axis 1 of the embeddings holds, in order, for messages."""

    extra_keys = False
    """Whether axis 1 may hold further keys of the sample, its own negatives."""

    def embed(self, x: Tensor) -> Tensor:
        """Embeddings, ready for `logits`."""
        return x

    def logits(self, queries: Tensor, keys: Tensor) -> Tensor:
        """The logits `(A, M)` of some queries with all keys."""
        return products(queries, keys)

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        shape = tuple(y_pred.shape)
        if len(shape) == 2 and checks.lengths_match(shape[:1], shape[1:]):
            return ops.zeros_like(y_pred[:, 0]), y_pred
        count = self.roles.count(",") + 1
        if len(shape) != 3 or shape[1] < count or (shape[1] > count and not self.extra_keys):
            more = f" (and K negatives behind, (N, {count} + K, D))" if self.extra_keys else ""
            checks.fail(
                self,
                f"`y_pred` must have shape (N, {count}, D), with {self.roles} stacked on axis 1{more}, or be "
                "the matrix (N, N) of all queries with all keys",
                f"y_pred.shape={shape}",
            )
        return ops.zeros_like(y_pred[:, 0, 0]), y_pred

    def by_query(self, function: Any, y_pred: Tensor, present: Tensor | None, per_block: int = 0) -> Any:
        """What `function(z, itself, there)` returns, for a block of queries at a time; see `by_rows`.

        z: the logits `(A, N)`; itself: where a query meets its own key; there: pairs that are present,
        `(A, N)`, without the padding of the block.
        """
        matrix = len(y_pred.shape) == 2

        def block(index: Tensor, rows: Tensor, *tensors: Tensor) -> Any:
            if present is None:
                there = ops.expand_dims(index >= 0, 1)
            else:
                mine, *tensors = tensors
                *tensors, all_ = tensors
                there = ops.logical_and(ops.expand_dims(mine, 1), all_)
            z = rows if matrix else self.logits(rows, *tensors)
            itself = ops.equal(ops.expand_dims(index, 1), ops.arange(ops.shape(z)[1], dtype="int32"))
            return function(z, itself, ops.broadcast_to(there, ops.shape(z)))

        masks = () if present is None else (present,)
        if matrix:
            return by_rows(block, (y_pred, *masks), masks, per_block)
        x = self.embed(y_pred)
        return by_rows(block, (x[:, 0], *masks), (x[:, 1], *masks), per_block)
