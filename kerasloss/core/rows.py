"""A loop over chunks of rows, for arrays too large to exist at once."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasloss.core.loss import Tensor


def scan_rows(
    step: Callable,
    total: list[Tensor],
    outputs: list[Tensor],
    rows: list[Tensor],
    chunk: int,
    groups: int = 1,
) -> tuple[list[Tensor], list[Tensor]]:
    """`total, outputs = step(total, outputs, *rows)` over chunks of rows: the last total, and all outputs.

    A chunk reads its part of the `outputs`, and writes its own results in the same places, or in their first
    columns. All large arrays of a chunk must depend on its part of the first output. With `groups` a chunk
    has as many rows from each of them, one group after the other; the groups are equal parts of all rows.
    """
    count = ops.shape(outputs[0])[0]
    if keras.backend.backend() == "torch":
        parts = []
        for start in range(0, count, chunk):
            part, of_rows = ([x[start : start + chunk] for x in group] for group in (outputs, rows))
            # Else torch.compile keeps the logits of the forward pass for the backward pass, and works on all
            # chunks at once.
            part[0] = _after(part[0], parts[-1][0] if parts else part[0])
            total, part = step(total, part, *of_rows)
            parts.append(part)
        return total, [ops.concatenate(column) for column in zip(*parts, strict=True)]
    if isinstance(count, int) and count <= groups * chunk:
        return step(total, outputs, *rows)

    count = count // groups
    chunks = (count + chunk - 1) // chunk
    if isinstance(count, int):
        chunk = -(-count // chunks)  # of one size, with little padding

    def padded(x):
        x = ops.reshape(x, (groups, count, *x.shape[1:]))
        padding = ops.zeros((groups, chunks * chunk - count, *x.shape[2:]), dtype=x.dtype)  # weights too
        return ops.concatenate([x, padding], axis=1)

    def part_of(x, first):
        x = ops.slice(x, first[: len(x.shape)], (groups, chunk, *x.shape[2:]))
        return ops.reshape(x, (groups * chunk, *x.shape[2:]))

    def replaced(x, part, first):
        part = ops.reshape(part, (groups, chunk, *part.shape[1:]))
        return ops.slice_update(x, first[: len(x.shape)], part)

    rows = [padded(x) for x in rows]

    def body(i, state):
        total, outputs = state
        first = [0, i * chunk, 0, 0]
        part, of_rows = ([part_of(x, first) for x in group] for group in (outputs, rows))
        if keras.backend.backend() == "tensorflow":
            # Else it works on up to ten chunks at once.
            part[0] = _after(part[0], *total, *outputs)
        total, part = step(total, part, *of_rows)
        return total, [replaced(x, y, first) for x, y in zip(outputs, part, strict=True)]

    total, outputs = ops.fori_loop(0, chunks, body, (total, [padded(x) for x in outputs]))
    if keras.backend.backend() == "tensorflow":
        total, outputs = ([_without_gradient(x) for x in group] for group in (total, outputs))
    return total, [ops.reshape(x[:, :count], (groups * count, *x.shape[2:])) for x in outputs]


def shards(count: Any) -> int:
    """Over how many groups of devices `keras.distribution` splits so many rows of a batch.

    A loop over chunks of rows that lie on one of them would make the others wait, or do its work again.
    """
    distribution = keras.distribution.distribution()
    if distribution is None or not isinstance(count, int):
        return 1
    mesh = distribution.device_mesh
    groups = mesh.shape[mesh.axis_names.index(distribution.batch_dim_name)]
    return groups if count % groups == 0 else 1


@ops.custom_gradient
def _without_gradient(x: Tensor) -> tuple[Tensor, Callable]:
    """Explains why a second derivative fails where TensorFlow can't differentiate a slice update."""

    def gradient(*args, upstream=None):
        raise NotImplementedError(
            "LinearCrossentropy has no second derivative on TensorFlow, unless all rows are one chunk: give "
            "`chunk_size`, or use CausalLMCrossentropy."
        )

    return x, gradient


def _after(x: Tensor, *tensors: Tensor) -> Tensor:
    """`x`, but no compiler can tell that it does not depend on the tensors."""
    known = sum(ops.reshape(x, (-1,))[0] for x in tensors)
    return ops.where(ops.isnan(known), x, x)
