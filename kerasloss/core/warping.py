"""Monotone alignments of two series: their soft minimum, and where in time they go."""

from keras import ops

from kerasloss.core.lattice import (
    at,
    diagonals,
    from_before,
    log_sum,
    place,
    probability,
    recursion,
    turned,
    with_gradient,
)
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import ABSENT


def log_total(scores: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """`log(sum(exp(score)))` over all alignments of the first `rows` and `columns` of `(batch, n, m)`.

    An alignment goes from entry (0, 0) to the last one in steps down, right or both; its score is the sum
    of the entries on it.
    """
    table, start, end = _on_diagonals(scores, rows, columns)
    return with_gradient(_total, _slopes_of_total, [table], [start, end])


def log_total_and_mean(scores: Tensor, costs: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """The same, and the expected sum of the costs on an alignment of that distribution: `(2, batch)`."""
    table, start, end = _on_diagonals(scores, rows, columns)
    costs = diagonals(ops.transpose(costs, (0, 2, 1)), 0.0)
    return with_gradient(_total_and_mean, _slopes_of_mean, [table], [start, end, costs])


def _on_diagonals(scores: Tensor, rows: Tensor, columns: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Tables of the antidiagonals, `(n + m - 1, batch, n)`: the scores, the first and the last place."""
    scores = ops.transpose(scores, (0, 2, 1))
    end = place(scores, columns - 1, rows - 1)
    return diagonals(scores), place(scores, ops.zeros_like(columns), ops.zeros_like(rows)), end


def _total(table: Tensor, start: Tensor, end: Tensor) -> tuple[Tensor, Tensor]:
    forward = _forward(table, start)
    return at(end, forward), forward


def _slopes_of_total(upstream: Tensor, results: tuple, table: Tensor, start: Tensor, end: Tensor) -> tuple:
    """The probability that an alignment comes by each place."""
    value, forward = results
    backward = turned(_forward(turned(table), turned(end)))
    value, upstream = (ops.reshape(x, (1, -1, 1)) for x in (value, upstream))
    return (upstream * probability(forward + backward - table - value),)


def _forward(table: Tensor, start: Tensor) -> Tensor:
    """The log of the sum over all ways from the start to each place."""

    def step(state, row):
        last, before = state
        scores, start = row
        total = scores + log_sum(last, from_before(last), from_before(before))
        return [ops.where(start, scores, total), last]

    nothing = ops.full_like(table[0], ABSENT)
    return recursion(step, [nothing, nothing], [table, start])[0]


def _total_and_mean(table: Tensor, start: Tensor, end: Tensor, costs: Tensor) -> tuple:
    forward, mean = _forward_and_mean(table, start, costs)
    return ops.stack([at(end, forward), at(end, mean)]), forward, mean


def _slopes_of_mean(upstream, results, table, start, end, costs) -> tuple:
    """Those of the total, and of the mean: the covariance of coming by a place and the cost of the whole."""
    values, forward, mean = results
    backward, mean_behind = _forward_and_mean(turned(table), turned(end), turned(costs))
    value, expected = (ops.reshape(x, (1, -1, 1)) for x in (values[0], values[1]))
    by_total, by_mean = (ops.reshape(x, (1, -1, 1)) for x in (upstream[0], upstream[1]))
    visits = probability(forward + turned(backward) - table - value)
    whole = mean + turned(mean_behind) - costs  # the expected cost of the alignments by each place
    return (visits * (by_total + by_mean * (whole - expected)),)


def _forward_and_mean(table: Tensor, start: Tensor, costs: Tensor) -> tuple[Tensor, Tensor]:
    """The same sum, and the expected cost of a way to each place."""

    def step(state, row):
        last, before, mean, mean_before = state
        scores, start, cost = row
        ways = last, from_before(last), from_before(before)
        total = log_sum(*ways)
        means = mean, from_before(mean, 0.0), from_before(mean_before, 0.0)
        expected = sum(probability(w - total) * m for w, m in zip(ways, means, strict=True))
        forward = ops.where(start, scores, scores + total)
        return [forward, last, ops.where(start, cost, cost + expected), mean]

    nothing = ops.full_like(table[0], ABSENT)
    none = ops.zeros_like(nothing)
    states = recursion(step, [nothing, nothing, none, none], [table, start, costs])
    return states[0], states[2]
