"""Functions of all pairs of samples that hold the matrix of the pairs for a block of rows at a time."""

from collections.abc import Callable, Sequence

import keras
from keras import ops

from kerasloss.core.loss import Tensor
from kerasloss.core.remat import remat

LARGEST = 2**19
"""The largest number of pairs that is evaluated at once."""
ROWS = 64
"""The least number of rows of a block, and that where the number of samples is unknown."""


def by_rows(
    function: Callable,
    rows: Sequence[Tensor],
    shared: Sequence[Tensor] = (),
    per_block: int = 0,
    cubic: bool = False,
) -> list[Tensor]:
    """What `function(index, *rows, *shared)` returns, a tuple of float tensors `(N, ...)`, block by block.

    `function` gets the index of each row in the block (-1: padding), the rows of the block, and the shared
    tensors as they are; those hold the samples that each row is compared with. It may use no other tensor
    that has a gradient. The backward pass computes each block again, so that only a block of the matrix of
    pairs exists at any time. The last `per_block` of the outputs are not per row; they come as
    `(blocks, ...)`. If the function is `cubic`, of all pairs for each row, the blocks are so much smaller.
    """
    count = rows[0].shape[0]
    width = count if count is None or not cubic else count * count
    if count is not None and count * width <= LARGEST:
        outputs = function(ops.arange(count, dtype="int32"), *rows, *shared)
        cut = len(outputs) - per_block
        return [*outputs[:cut], *(ops.expand_dims(x, 0) for x in outputs[cut:])]

    function = remat(function)
    if count is None:
        count, size = ops.shape(rows[0])[0], 1 if cubic else ROWS
    else:
        size = max(LARGEST // width, 1 if cubic else ROWS)
    blocks = -(-count // size)
    if keras.backend.backend() == "torch":  # a loop needs no blocks of equal length
        index = ops.arange(count, dtype="int32")
        parts = [
            function(*(x[start : start + size] for x in (index, *rows)), *shared)
            for start in range(0, count, size)
        ]
        cut = len(parts[0]) - per_block
        return [
            (ops.concatenate if i < cut else ops.stack)(list(part))
            for i, part in enumerate(zip(*parts, strict=True))
        ]
    rows = [_blocks(x, count, blocks, size) for x in rows]
    index = ops.reshape(ops.arange(blocks * size, dtype="int32"), (blocks, size))
    index = ops.where(index < count, index, -1)
    outputs = ops.map(lambda block: function(*block, *shared), (index, *rows))
    cut = len(outputs) - per_block
    return [*(_rows(x, count) for x in outputs[:cut]), *outputs[cut:]]


def _blocks(x: Tensor, count: Tensor | int, blocks: Tensor | int, size: int) -> Tensor:
    """`x` as `(blocks, size, ...)`, padded with its last row, so that padding is as finite as the rest."""
    padding = ops.broadcast_to(x[-1:], (blocks * size - count, *x.shape[1:]))
    return ops.reshape(ops.concatenate([x, padding]), (blocks, size, *x.shape[1:]))


def _rows(x: Tensor, count: Tensor | int) -> Tensor:
    """The rows of all blocks, without padding."""
    return ops.reshape(x, (-1, *x.shape[2:]))[:count]
