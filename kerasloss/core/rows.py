"""A loop over chunks of rows, for arrays too large to exist at once."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasloss.core.loss import Tensor


def scan_rows(
    step: Callable, total: list[Tensor], outputs: Tensor, rows: tuple, chunk: int
) -> tuple[list[Tensor], Tensor]:
    """`total, output = step(total, output, *rows)` over chunks of rows: the last total, and all outputs.

    A chunk reads its part of `outputs`, and writes its own result in the same place, or in its first columns.
    What it reads is known once the previous chunk is done: all large arrays must depend on it, or TensorFlow,
    which runs ten iterations of a loop in parallel, holds those of ten chunks.
    """
    count = ops.shape(outputs)[0]
    if keras.backend.backend() == "torch":
        parts, known = [], rows[-1][:1]
        for start in range(0, count, chunk):
            output, *part = (x[start : start + chunk] for x in (outputs, *rows))
            # The output itself, but torch.compile can't tell: else it keeps the logits of the forward pass
            # for the backward pass, and works on all chunks at once.
            output = ops.where(ops.isnan(known), output, output)
            total, part = step(total, output, *part)
            parts.append(part)
            known = part[:1, :1]
        return total, ops.concatenate(parts)
    if isinstance(count, int) and count <= chunk:
        return step(total, outputs, *rows)

    chunks = (count + chunk - 1) // chunk
    if isinstance(count, int):
        chunk = -(-count // chunks)  # of one size, with little padding
    rows = [_pad(x, chunks * chunk - count) for x in rows]  # with zeros: upstream too

    def body(i, state):
        total, outputs = state
        first = [i * chunk, 0]
        part = [ops.slice(x, first[: len(x.shape)], (chunk, *x.shape[1:])) for x in (outputs, *rows)]
        total, output = step(total, *part)
        return total, ops.slice_update(outputs, first[: len(output.shape)], output)

    state = total, _pad(outputs, chunks * chunk - count)
    total, outputs = ops.fori_loop(0, chunks, body, state)
    if keras.backend.backend() == "tensorflow":
        total, outputs = [_without_gradient(x) for x in total], _without_gradient(outputs)
    return total, outputs[:count]


@ops.custom_gradient
def _without_gradient(x: Tensor) -> tuple[Tensor, Callable]:
    """Explains why a second derivative fails where TensorFlow can't differentiate a slice update."""

    def gradient(*args, upstream=None):
        raise NotImplementedError(
            "LinearCrossentropy has no second derivative on TensorFlow, unless all rows are one chunk: give "
            "`chunk_size`, or use CausalLMCrossentropy."
        )

    return x, gradient


def _pad(x: Tensor, count: Any) -> Tensor:
    return ops.concatenate([x, ops.zeros((count, *x.shape[1:]), dtype=x.dtype)])
