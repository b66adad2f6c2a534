"""Sums over all paths of a lattice: recursions in log space, and gradients that are probabilities."""

from collections.abc import Callable, Sequence

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import ABSENT, custom_gradient, maximum, safe_divide

UNKNOWN_LENGTH = "the lengths of sequences must be known where a loss is traced: pad them to a fixed one"
"""What is said of sequences of unknown length."""


def recursion(step: Callable, start: Sequence[Tensor], tables: Sequence[Tensor]) -> list[Tensor]:
    """All states of a recursion, one for each entry of the first axis of the tables, stacked.

    `step(state, row)` returns the next state; both states and rows are lists of tensors.
    """
    if tables[0].shape[0] is None:  # Keras's scan fails on it, and says nothing
        checks.fail("recursion", UNKNOWN_LENGTH, f"shape {tuple(tables[0].shape)}")
    if keras.backend.backend() != "torch":

        def body(state, row):
            state = step(state, row)
            return state, state

        return ops.scan(body, list(start), list(tables))[1]
    # The scan of Keras takes every row by its index, whose gradient is a table of zeros with that row: value
    # and gradient of SoftDTW (32 series of 300 frames) take 3.6 times as long.
    state, states = list(start), []
    for row in zip(*(ops.unstack(table, axis=0) for table in tables), strict=True):
        state = step(state, row)
        states.append(state)
    return [ops.stack(column) for column in zip(*states, strict=True)]


def with_gradient(
    total: Callable,
    slopes: Callable,
    tables: Sequence[Tensor],
    others: Sequence[Tensor],
    compact: bool = False,
) -> Tensor:
    """The first result of `total(*tables, *others)`, with the gradients of the tables by a formula if needed.

    `slopes(upstream, results, *tables, *others)` returns them, computed by recursions that run both ways:
    TensorFlow can't compile the gradient of a recursion for an unknown size of the batch. Elsewhere the
    gradient of the recursion itself takes as long (PyTorch 0.7 to 0.9 times, JAX 1.0 to 1.2), is more
    accurate, and has derivatives of every kind. `compact`: on JAX too, where it would keep too much.
    """
    backend = keras.backend.backend()
    if backend == "torch" or (backend == "jax" and not compact):
        return total(*tables, *others)[0]

    @custom_gradient
    def function(*arguments):
        results = total(*arguments)

        def gradient(upstream):
            return *slopes(upstream, results, *arguments), *(None for _ in others)

        return results[0], gradient

    return function(*tables, *others)


def log_sum(*terms: Tensor) -> Tensor:
    """`log(exp(a) + exp(b) + ...)` of tensors of one shape."""
    highest = terms[0]
    for term in terms[1:]:
        highest = maximum(highest, term)
    highest = ops.stop_gradient(highest)
    return highest + ops.log(sum(ops.exp(term - highest) for term in terms))


def from_before(state: Tensor, fill: float = ABSENT) -> Tensor:
    """Each place of the last axis with what the place before it holds."""
    first = ops.full_like(state[..., :1], fill)
    return ops.concatenate([first, state[..., :-1]], axis=-1)


def from_behind(state: Tensor, fill: float = ABSENT) -> Tensor:
    """Each place of the last axis with what the place behind it holds."""
    last = ops.full_like(state[..., :1], fill)
    return ops.concatenate([state[..., 1:], last], axis=-1)


def turned(x: Tensor) -> Tensor:
    """`(N, batch, W)` with the first and the last axis in the opposite order.

    Keras 3.10 flips one axis on TensorFlow.
    """
    return ops.flip(ops.flip(x, 0), 2)


def diagonals(table: Tensor, fill: float = ABSENT) -> Tensor:
    """The antidiagonals of tables `(batch, T, W)`, as `(T + W - 1, batch, W)`.

    Entry `[n, :, w]` is `table[:, n - w, w]`, and `fill` where there is none.
    """
    length, width = ops.shape(table)[1:]
    rows = ops.transpose(table, (0, 2, 1))
    rows = ops.pad(rows, ((0, 0), (0, 0), (0, width)), constant_values=fill)
    # Read with lines that are one entry shorter, each row stands one place further to the right.
    flat = ops.reshape(rows, (-1, width * (length + width)))[:, : width * (length + width - 1)]
    return ops.transpose(ops.reshape(flat, (-1, width, length + width - 1)), (2, 0, 1))


def place(table: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """True on the antidiagonals of tables `(batch, T, W)` where entry `(row, column)` of each sequence is."""
    ones = ops.ones_like(table, dtype="int32")
    rows, columns = ops.cumsum(ones, axis=1) - 1, ops.cumsum(ones, axis=2) - 1
    row, column = (ops.reshape(x, (-1, 1, 1)) for x in (row, column))
    here = ops.logical_and(ops.equal(rows, row), ops.equal(columns, column))
    return diagonals(ops.cast(here, "int32"), 0) > 0


def at(place: Tensor, states: Tensor) -> Tensor:
    """The entry of `(N, batch, W)` at a place, for each sequence."""
    return ops.sum(ops.where(place, states, 0), axis=(0, 2))


def probability(log_p: Tensor) -> Tensor:
    """`exp(log_p)`, at most 1 in spite of rounding."""
    return ops.exp(-ops.relu(-log_p))


# Transducers --------------------------------------------------------------------------------------------


def log_probability_of_steps(blank: Tensor, label: Tensor, frames: Tensor, count: Tensor) -> Tensor:
    """The log-probability of all paths through `(batch, T, U + 1)` steps, to the last blank.

    At frame t with u labels behind it, a path takes a blank, to frame t + 1, or the next label, to u + 1. It
    ends with the blank of frame `frames - 1` and `count` labels.
    """
    end = place(blank, frames - 1, count)
    tables = [diagonals(blank), diagonals(label)]
    return with_gradient(_steps_forward, _slopes_of_steps, tables, [end])


def _steps_forward(blank: Tensor, label: Tensor, end: Tensor) -> tuple[Tensor, Tensor]:
    """The log-probability of all paths, and of those to each place."""

    def step(state, row):
        blank, label = row
        return [log_sum(state[0] + blank, from_before(state[0] + label))]

    position = ops.cumsum(ops.ones_like(blank[0]), axis=1)
    start = ops.where(position < 1.5, 0.0, ops.full_like(blank[0], ABSENT))
    forward = ops.expand_dims(start, 0)
    if blank.shape[0] != 1:
        rest = recursion(step, [start], [blank[:-1], label[:-1]])[0]
        forward = ops.concatenate([forward, rest])
    return at(end, forward + blank), forward


def _slopes_of_steps(upstream: Tensor, results: tuple, blank: Tensor, label: Tensor, end: Tensor) -> tuple:
    """The probability that a path takes each step: those of all ways to it, it, and of all ways on."""
    value, forward = results

    def step(state, row):
        blank, label, end = row
        on = log_sum(blank + state[0], label + from_behind(state[0]))
        return [ops.where(end, blank, on)]

    nothing = ops.full_like(blank[0], ABSENT)
    flipped = [ops.flip(x, 0) for x in (blank, label, end)]
    backward = ops.flip(recursion(step, [nothing], flipped)[0], 0)
    after = ops.concatenate([backward[1:], ops.expand_dims(nothing, 0)])
    before = forward - ops.reshape(value, (1, -1, 1))
    on_blank = probability(before + blank + ops.where(end, 0.0, after))
    on_label = probability(before + label + from_behind(after))
    # A path takes one step of each antidiagonal up to its end: their sum is 1, but for rounding.
    share = safe_divide(
        ops.reshape(upstream, (1, -1, 1)), ops.sum(on_blank + on_label, axis=2, keepdims=True)
    )
    return share * on_blank, share * on_label
