"""Functions of all pairs of samples that hold the matrix of the pairs for a block of rows at a time."""

from collections.abc import Callable, Sequence

import keras
from keras import ops

from kerasloss.core.loss import Tensor
from kerasloss.core.remat import remat

WHOLE = 2**22
"""The largest number of pairs that is evaluated at once, with nothing computed again: 2,048 samples."""
BLOCK = 2**19
"""The largest number of pairs of a block, if there are several: as fast as larger ones, or faster."""
ROWS = 64
"""The least number of rows of a block, and that where the number of samples is unknown."""


def by_rows(
    function: Callable,
    rows: Sequence[Tensor],
    shared: Sequence[Tensor] = (),
    cubic: bool = False,
    of_each: int = 1,
    least: int | None = None,
) -> list[Tensor]:
    """What `function(index, *rows, *shared)` returns, a tuple of float tensors `(N, ...)`, block by block.

    `function` gets the index of each row in the block (-1: padding), the rows of the block, and the shared
    tensors as they are; those hold the samples that each row is compared with. It may use no other tensor
    that has a gradient. The backward pass computes each block again, so that only a block of the matrix of
    pairs exists at any time. What it returns for the block as a whole, `(1, ...)`, comes as `(blocks, ...)`.
    Blocks are smaller if the function is `cubic`, which compares all pairs for each row, or if it compares
    each row with more than one thing `of_each` sample. `least` is the least number of rows of a block, if not
    `ROWS`.
    """
    count = rows[0].shape[0]
    if is_whole(count, cubic, of_each):
        return list(function(ops.arange(count, dtype="int32"), *rows, *shared))

    function = remat(function)
    least = least or (1 if cubic else ROWS)
    size = least if count is None else max(BLOCK // (of_each * count ** (2 if cubic else 1)), least)
    count = ops.shape(rows[0])[0]
    if keras.backend.backend() == "torch":  # a loop needs no blocks of equal length
        rows = (ops.arange(count, dtype="int32"), *rows)
        starts = range(0, count, size)
        parts = [function(*(x[start : start + size] for x in rows), *shared) for start in starts]
        return [ops.concatenate(list(part)) for part in zip(*parts, strict=True)]
    blocks = -(-count // size)
    index = ops.reshape(ops.arange(blocks * size, dtype="int32"), (blocks, size))
    index = ops.where(index < count, index, -1)
    rows = [_blocks(x, count, blocks, size) for x in rows]
    outputs = ops.map(lambda block: function(*block, *shared), (index, *rows))
    return [ops.reshape(x, (-1, *ops.shape(x)[2:]))[:count] for x in outputs]  # no more blocks than rows


def is_whole(count: int | None, cubic: bool = False, of_each: int = 1) -> bool:
    """Whether `by_rows` evaluates all pairs of so many samples at once."""
    return count is not None and of_each * count ** (3 if cubic else 2) <= WHOLE


def is_padded(count: int | None, of_each: int = 1) -> bool:
    """Whether blocks may have rows of padding, with the index -1."""
    return not is_whole(count, of_each=of_each) and keras.backend.backend() != "torch"


def _blocks(x: Tensor, count: Tensor | int, blocks: Tensor | int, size: int) -> Tensor:
    """`x` as `(blocks, size, ...)`, padded with its last row, so that padding is as finite as the rest."""
    shape = ops.shape(x)[1:]
    padding = ops.broadcast_to(x[-1:], (blocks * size - count, *shape))
    return ops.reshape(ops.concatenate([x, padding]), (blocks, size, *shape))
