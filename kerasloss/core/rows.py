"""A loop over chunks of rows, for arrays too large to exist at once."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasloss.core.loss import Tensor


def scan_rows(
    step: Callable, total: list[Tensor], outputs: list[Tensor], rows: list[Tensor], chunk: int
) -> tuple[list[Tensor], list[Tensor]]:
    """`total, outputs = step(total, outputs, *rows)` over chunks of rows: the last total, and all outputs.

    A chunk reads its part of the `outputs`, and writes its own results in the same places, or in their first
    columns. All large arrays of a chunk must depend on its part of the first output.
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
    if isinstance(count, int) and count <= chunk:
        return step(total, outputs, *rows)

    chunks = (count + chunk - 1) // chunk
    if isinstance(count, int):
        chunk = -(-count // chunks)  # of one size, with little padding
    rows = [_pad(x, chunks * chunk - count) for x in rows]  # with zeros, as the outputs: weights too

    def body(i, state):
        total, outputs = state
        first = [i * chunk, 0, 0, 0]
        part, of_rows = (
            [ops.slice(x, first[: len(x.shape)], (chunk, *x.shape[1:])) for x in group]
            for group in (outputs, rows)
        )
        if keras.backend.backend() == "tensorflow":
            # Else it works on up to ten chunks at once.
            part[0] = _after(part[0], *total, *outputs)
        total, part = step(total, part, *of_rows)
        pairs = zip(outputs, part, strict=True)
        return total, [ops.slice_update(x, first[: len(x.shape)], y) for x, y in pairs]

    total, outputs = ops.fori_loop(
        0, chunks, body, (total, [_pad(x, chunks * chunk - count) for x in outputs])
    )
    if keras.backend.backend() == "tensorflow":
        total, outputs = ([_without_gradient(x) for x in group] for group in (total, outputs))
    return total, [x[:count] for x in outputs]


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


def _pad(x: Tensor, count: Any) -> Tensor:
    return ops.concatenate([x, ops.zeros((count, *x.shape[1:]), dtype=x.dtype)])
