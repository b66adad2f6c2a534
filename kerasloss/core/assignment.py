"""The one-to-one assignment of least total cost, by shortest augmenting paths."""

from keras import ops

from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import argmax, argmin

LARGE = 1e30
"""What a cost that is not finite counts as."""


def assign(cost: Tensor, there: Tensor) -> Tensor:
    """The column of every row, `(batch, M)` integers, that makes the sum of the costs `(batch, M, Q)` least.

    `M <= Q`; each row has a column of its own. Rows that are not `there`, `(batch, M)`, have none: -1.

    The algorithm of Jonker and Volgenant: each row takes its cheapest column, if no row before it did; the
    other rows are added one by one, each along the shortest path of reassignments to a column that is free.
    Its steps depend on the data, at most M (M + 1) of them; nothing here has a gradient.
    """
    cost = ops.stop_gradient(ops.where(ops.isfinite(cost), cost, LARGE))

    def waiting(column_of: Tensor) -> Tensor:
        return ops.logical_and(there, column_of < 0)

    def add(column_of: Tensor, row_of: Tensor, potential: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        left = waiting(column_of)
        wanted, row = ops.any(left, axis=1), argmax(ops.cast(left, "int32"), 1)
        end, before, change = _shortest_path(cost, potential, row_of, row, wanted)
        column_of, row_of = _reassigned(column_of, row_of, row, ops.where(wanted, end, -1), before)
        return column_of, row_of, potential + ops.where(ops.expand_dims(wanted, 1), change, 0)

    return ops.while_loop(
        lambda column_of, row_of, potential: ops.any(waiting(column_of)),
        add,
        (*_cheapest(cost, there), ops.zeros_like(cost[:, 0])),
    )[0]


def _cheapest(cost: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
    """The column of each row, its cheapest one unless an earlier row has that, and the row of each column.

    -1: none.
    """
    rows, columns = cost.shape[1:]
    cheapest = argmin(cost, 2)
    index, column = ops.arange(rows, dtype="int32"), ops.arange(columns, dtype="int32")
    chosen = ops.logical_and(ops.expand_dims(cheapest, 2) == column, ops.expand_dims(there, 2))
    row_of = ops.amin(ops.where(chosen, ops.expand_dims(index, 1), rows), axis=1)
    first = ops.equal(ops.take_along_axis(row_of, cheapest, axis=1), index)
    column_of = ops.where(ops.logical_and(there, first), cheapest, -1)
    return column_of, ops.where(row_of < rows, row_of, -1)


def _shortest_path(
    cost: Tensor, potential: Tensor, row_of: Tensor, row: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Dijkstra's search from a row to the nearest free column, in the samples where it is `wanted`.

    A step goes from a column to the row that has it, and on to any other column. Lengths are costs less the
    potentials of the columns; in these each row has its cheapest column, so no step makes a path shorter.
    Returns the free column, for each column the row from which the path comes to it, and the change of the
    potentials.
    """

    def step(length, visited, before, end, least):
        searching = ops.expand_dims(end < 0, 1)
        open_length = ops.where(visited, float("inf"), length)
        nearest = argmin(open_length, 1)
        here = _is(nearest, row_of)
        shortest = ops.amin(open_length, axis=1)
        owner = _pick(row_of, here)
        free = owner < 0
        end = ops.where(ops.logical_and(end < 0, free), nearest, end)
        least = ops.where(searching[:, 0], shortest, least)
        onward = ops.logical_and(searching, ops.expand_dims(ops.logical_not(free), 1))
        visited = ops.logical_or(visited, ops.logical_and(onward, here))
        row_cost = _row(cost, ops.maximum(owner, 0)) - potential
        through = ops.expand_dims(shortest - _pick(row_cost, here), 1) + row_cost
        better = ops.logical_and(onward, ops.logical_and(ops.logical_not(visited), through < length))
        length = ops.where(better, through, length)
        before = ops.where(better, ops.expand_dims(owner, 1), before)
        return length, visited, before, end, least

    length = _row(cost, row) - potential
    start = (
        length,
        ops.zeros_like(row_of, dtype="bool"),
        ops.zeros_like(row_of) + ops.expand_dims(row, 1),
        ops.where(wanted, -1, 0),
        ops.zeros_like(length[:, 0]),
    )
    length, visited, before, end, least = ops.while_loop(
        lambda length, visited, before, end, least: ops.any(end < 0), step, start
    )
    return end, before, ops.where(visited, length - ops.expand_dims(least, 1), 0)


def _reassigned(
    column_of: Tensor, row_of: Tensor, row: Tensor, end: Tensor, before: Tensor
) -> tuple[Tensor, Tensor]:
    """Both assignments after every row of the path from `row` to the column `end` has moved on by one column.

    The path is walked from its end; -1: there is none.
    """

    def back(column_of, row_of, column):
        following = ops.expand_dims(column >= 0, 1)
        here = ops.logical_and(_is(column, row_of), following)
        owner = _pick(before, here)
        row_of = ops.where(here, ops.expand_dims(owner, 1), row_of)
        mine = ops.logical_and(_is(owner, column_of), following)
        previous = ops.where(ops.equal(owner, row), -1, _pick(column_of, mine))
        column_of = ops.where(mine, ops.expand_dims(column, 1), column_of)
        return column_of, row_of, ops.where(column >= 0, previous, -1)

    return ops.while_loop(
        lambda column_of, row_of, column: ops.any(column >= 0), back, (column_of, row_of, end)
    )[:2]


def _row(x: Tensor, row: Tensor) -> Tensor:
    """The row of every sample, `(batch, columns)`."""
    return ops.take_along_axis(x, ops.reshape(row, (-1, 1, 1)), axis=1)[:, 0]


def _is(index: Tensor, like: Tensor) -> Tensor:
    """True at the index of every sample, in the shape of `like`, `(batch, count)`."""
    return ops.equal(ops.expand_dims(index, 1), ops.arange(like.shape[1], dtype="int32"))


def _pick(x: Tensor, here: Tensor) -> Tensor:
    """The entry of every sample where `here` is True, `(batch,)`; 0 if it is nowhere."""
    return ops.sum(ops.where(here, x, 0), axis=1)
