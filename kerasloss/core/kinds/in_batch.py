"""Two embeddings of each sample, compared across the batch."""

from collections.abc import Callable
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
    growth = "pair-blocks"
    needs_y_true = False
    labelled = False

    roles = "query, key"
    """What axis 1 of the embeddings holds, in order, for messages."""

    only_embeddings = False
    """Whether the matrix is refused."""

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
        if not self.only_embeddings and len(shape) == 2 and checks.lengths_match(shape[:1], shape[1:]):
            return ops.zeros_like(y_pred[:, 0]), y_pred
        count = self.roles.count(",") + 1
        if len(shape) != 3 or shape[1] < count or (shape[1] > count and not self.extra_keys):
            more = f" (and K negatives behind, (N, {count} + K, D))" if self.extra_keys else ""
            if not self.only_embeddings:
                more += ", or be the matrix (N, N) of all queries with all keys"
            checks.fail(
                self,
                f"`y_pred` must have shape (N, {count}, D), with {self.roles} stacked on axis 1{more}",
                f"y_pred.shape={shape}",
            )
        return ops.zeros_like(y_pred[:, 0, 0]), y_pred

    def keys(self, x: Tensor) -> Tensor:
        """The keys `(M, D)` of all samples: the partners first, then the further ones."""
        partners = x[:, 1]
        if not self.extra_keys or x.shape[1] == 2:
            return partners
        return ops.concatenate([partners, ops.reshape(x[:, 2:], (-1, x.shape[-1]))])

    def by_query(
        self, function: Callable, y_pred: Tensor, present: Tensor | None, *each: Tensor, per_block: int = 0
    ) -> list[Tensor]:
        """What `function(z, itself, there, *each)` returns, for a block of queries at a time; see `by_rows`.

        z: the logits `(A, M)`; itself: where a query meets its own key; there: pairs that are present,
        without the padding of the block. Of further tensors `(N, ...)` the function gets the rows of its
        queries and all rows, one after the other.
        """
        matrix = len(y_pred.shape) == 2
        masks = () if present is None else (present,)

        def block(index: Tensor, *tensors: Tensor) -> Any:
            rows = list(tensors[: 1 + len(masks) + len(each)])
            shared = list(tensors[len(rows) :])
            x, there = rows.pop(0), ops.expand_dims(index >= 0, 1)
            z = x if matrix else self.logits(x, shared.pop(0))
            if masks:
                there = ops.logical_and(ops.expand_dims(rows.pop(0), 1), shared.pop(0))
            itself = ops.equal(ops.expand_dims(index, 1), ops.arange(ops.shape(z)[1], dtype="int32"))
            others = [x for pair in zip(rows, shared, strict=True) for x in pair]
            return function(z, itself, ops.broadcast_to(there, ops.shape(z)), *others)

        if matrix:
            return by_rows(block, (y_pred, *masks, *each), (*masks, *each), per_block)
        x = self.embed(y_pred)
        of_keys = masks
        if present is not None and self.extra_keys and x.shape[1] > 2:
            of_keys = (ops.concatenate([present, ops.repeat(present, x.shape[1] - 2, axis=0)]),)
        return by_rows(block, (x[:, 0], *masks, *each), (self.keys(x), *of_keys, *each), per_block)
