"""Two embeddings of each sample, compared across the batch."""

from collections.abc import Callable
from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.blocks import by_rows, is_padded
from kerasloss.core.kinds.label_embedding import AnchorLoss
from kerasloss.core.kinds.tuple_embedding import TupleLoss
from kerasloss.core.labels import no_labels
from kerasloss.core.loss import Tensor, and_masks
from kerasloss.core.numerics import logsumexp, take_at
from kerasloss.core.pairwise import itself, masked_logsumexp, products


class InBatchLoss(TupleLoss, AnchorLoss):
    """A loss of the logits `(N, N)` of every query (row) with every key (column); i and i belong together.

    `y_pred` holds embeddings `(N, 2, D)`, query and key, of which `logits` makes the matrix, or the matrix
    itself. A masked sample is absent as a query and as a key. `y_true` is ignored. If there are `further`
    embeddings, `(N, 2 + K, D)`, they are keys too, and the matrix is `(N, N (1 + K))`: all those of one
    column of `y_pred` stand side by side, first the own keys.
    """

    growth = "pair-blocks"
    roles = "query, key"
    other_form = "or be the matrix (N, N) of all queries with all keys"

    def embed(self, x: Tensor) -> Tensor:
        """Embeddings, ready for `logits`."""
        return x

    def logits(self, queries: Tensor, keys: Tensor) -> Tensor:
        """The logits of some queries, `(..., A, D)`, with all keys."""
        return products(queries, keys)

    def embedded(self, y_pred: Tensor) -> Tensor:
        """The embeddings, ready for `logits`, or the matrix as it is."""
        return y_pred if len(y_pred.shape) == 2 else self.embed(y_pred)

    def own(self, x: Tensor) -> Tensor:
        """The logit of each query with its own key, `(N,)`, of what `embedded` returned."""
        if len(x.shape) == 2:
            return take_at(x, ops.arange(ops.shape(x)[0], dtype="int32"), -1)
        return self.logits(x[:, :1], x[:, 1:2])[:, 0, 0]

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        shape = tuple(y_pred.shape)
        if len(shape) == 2 and checks.lengths_match(shape[:1], shape[1:]):
            return no_labels(y_pred), y_pred
        return super().prepare(y_true, y_pred)

    def by_query(
        self, function: Callable, y_pred: Tensor, present: Tensor | None, *each: Tensor
    ) -> list[Tensor]:
        """What `function(z, itself, there, *each)` returns, for a block of queries at a time; see `by_rows`.

        `y_pred` is what `embedded` returned. z: the logits `(A, N)`, with further keys `(A, N (1 + K))`;
        itself: where a query meets its own key; there: pairs that are present, without the padding of the
        block (None: all). Of further tensors `(N, ...)` the function gets the rows of its queries and all
        rows, one after the other.
        """
        matrix = len(y_pred.shape) == 2
        of_each = 1 if matrix else y_pred.shape[1] - 1
        padded = is_padded(y_pred.shape[0], of_each)

        def block(index: Tensor, x: Tensor, *tensors: Tensor) -> Any:
            z = x
            if not matrix:
                *tensors, keys = tensors
                z = self.logits(x, keys)
            rows, all_ = list(tensors[: len(tensors) // 2]), list(tensors[len(tensors) // 2 :])
            there = ops.expand_dims(index >= 0, 1) if padded else None
            if present is not None:
                keys_there = ops.tile(all_.pop(0), (of_each,))
                there = and_masks(there, ops.logical_and(ops.expand_dims(rows.pop(0), 1), keys_there))
            others = (x for pair in zip(rows, all_, strict=True) for x in pair)
            return function(z, itself(index, z[0]), there, *others)

        tensors = (*(() if present is None else (present,)), *each)
        if matrix:
            return by_rows(block, (y_pred, *tensors), tensors)
        keys = ops.reshape(ops.transpose(y_pred[:, 1:], (1, 0, 2)), (-1, y_pred.shape[2]))
        return by_rows(block, (y_pred[:, 0], *tensors), (*tensors, keys), of_each=of_each)

    def crossentropy(self, y_pred: Tensor, present: Tensor | None, symmetric: bool = False) -> Tensor:
        """How surely each query finds its own key among all keys: `logsumexp_j(z[i, j]) - z[i, i]`, `(N,)`.

        With `symmetric` the mean of this and of how surely each key finds its query among all queries.
        """

        def block(z: Tensor, _: Tensor, there: Tensor | None) -> tuple[Tensor, ...]:
            total = masked_logsumexp(z, there, axis=1)
            return (total, ops.expand_dims(masked_logsumexp(z, there, axis=0), 0)) if symmetric else (total,)

        x = self.embedded(y_pred)
        total, *of_queries = self.by_query(block, x, present)
        own = self.own(x)
        if symmetric:  # further keys have no query
            total = (total + logsumexp(of_queries[0], 0)[: ops.shape(own)[0]]) / 2
        return total - own
