"""Sources that were separated, in an order that nothing determines."""

import itertools
from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import DType, Reduction
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import argmin, last_first, mean, nan_unless, take_at
from kerasloss.core.registry import checked_loss, register

MOST_SOURCES = 8


def subsets(count: int, size: int) -> tuple[list[int], list[int]]:
    """The members of every subset of that size, and where among the smaller ones it is without each."""
    smaller = {subset: i for i, subset in enumerate(itertools.combinations(range(count), size - 1))}
    columns, rests = [], []
    for subset in itertools.combinations(range(count), size):
        columns += subset
        rests += [smaller[tuple(c for c in subset if c != column)] for column in subset]
    return columns, rests


SUBSETS = {n: [subsets(n, size) for size in range(1, n + 1)] for n in range(1, MOST_SOURCES + 1)}
"""The subsets of n sources, by their size minus 1."""


@register
class PermutationInvariant(Loss):
    """Any loss of several sources whose order in the output is free: that of the best assignment.

    Formula: `min(mean_i(M[i, q(i)]))` over the permutations q of the sources, with
    `M[i, j] = loss(y_true[i], y_pred[j])`.

    Args:
        loss: A loss of this library with one value for each sample, or what `kerasloss.get` finds one by. Its
            own reduction is not used.
        reduction, name: See `kerasloss.Loss`.
        dtype: See `kerasloss.Loss`; None: that of the wrapped loss.

    Shapes:
        `y_true`, `y_pred`: `(batch, sources, ...)`, with 1 to 8 sources; the loss compares
        `(batch, ...)` with `(batch, ...)`. Returns `(batch,)`.

    Raises:
        ValueError: If `loss` names no loss, or one that compares the samples of a batch; if the numbers of
            sources differ, or are not known or above 8; or if the loss returns more than one value for each
            sample.

    Use it to separate speakers or instruments, and for any set of outputs without an order; not where the
    order is known, nor for sets that are larger. The minimum is exact: sums over all subsets of the outputs,
    1,024 of them for 8 sources instead of 40,320 permutations. The loss itself is evaluated for each pair, so
    time and memory grow with the square of the number of sources. The gradient is that of the best
    assignment, of equal ones that of the lexicographically first; NaN in a pair gives NaN.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[[1.0, 2.0], [3.0, 4.0]]]), np.array([[[3.0, 5.0], [1.0, 1.0]]])
    >>> loss = kerasloss.PermutationInvariant(kerasloss.MeanSquaredError())
    >>> float(loss(y_true, y_pred))
    0.5
    >>> np.array(loss.assignment(y_true, y_pred)).tolist()
    [[1, 0]]

    Equivalents: torchmetrics `permutation_invariant_training` (`mode="speaker-wise"`): with
    `eval_func="min"`, and with `"max"` minus its value for ratios that are to be large. asteroid
    `PITLossWrapper`: `pit_from="pw_mtx"` and `"pw_pt"`.

    Reference: Yu, Kolbaek, Tan & Jensen, 2017, Permutation invariant training of deep models for
    speaker-independent multi-talker speech separation, ICASSP; Kolbaek et al., 2017, Multi-talker Speech
    Separation with Utterance-level Permutation Invariant Training of Deep Recurrent Neural Networks, IEEE/ACM
    TASLP.
    """

    kind = "wrapper"
    whole_samples = True

    def __init__(
        self,
        loss: Any,
        reduction: Reduction = "sum_over_batch_size",
        name: str | None = "permutation_invariant",
        dtype: DType = None,
    ) -> None:
        found = checked_loss(self, "loss", loss)
        if not isinstance(found, Loss) or found.scope != "sample":
            what = "`loss` must be a loss of kerasloss whose values are of one sample each"
            checks.fail(self, what, f"loss={loss!r}")
        super().__init__(name=name, reduction=reduction, dtype=dtype or found.dtype)
        self.loss = found

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        received = f"y_true.shape={true_shape}, y_pred.shape={pred_shape}"
        if len(pred_shape) < 2 or not checks.lengths_match(true_shape[:2], pred_shape[:2]):
            what = "`y_true` and `y_pred` must have shape (batch, sources, ...), with equal batch and sources"
            checks.fail(self, what, received)
        if pred_shape[1] is None or not 1 <= pred_shape[1] <= MOST_SOURCES:
            checks.fail(self, f"the number of sources must be known, from 1 to {MOST_SOURCES}", received)
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        costs = self.costs(y_true, y_pred)
        best = take_at(costs, best_assignment(ops.stop_gradient(costs)), -1)
        return nan_unless(ops.all(ops.equal(costs, costs), axis=last_first((1, 2))), mean(best, axis=-1))

    def costs(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The loss of every source, on axis 1, with every estimate, on axis 2."""
        count = y_pred.shape[1]
        repeats = [1, count] + [1] * (len(y_pred.shape) - 2)
        pairs = ops.repeat(y_true, count, axis=1), ops.tile(y_pred, repeats)
        pairs = (ops.reshape(x, _merged(ops.shape(x))) for x in pairs)
        inner = self.loss.at_least(self.compute_dtype)
        values = inner.evaluate(*inner.prepare(*pairs)).values
        if len(values.shape) != 1:
            checks.fail(
                self,
                "`loss` must return one value for each sample and source",
                f"loss={self.loss!r}, which returns {tuple(values.shape)[1:]} for each, of "
                f"y_pred.shape={tuple(y_pred.shape)}",
            )
        return ops.reshape(values, (-1, count, count))

    def assignment(self, y_true: Any, y_pred: Any) -> Tensor:
        """Which estimate belongs to each source.

        Args:
            y_true: The sources, as in the loss.
            y_pred: The estimates.

        Returns:
            `(batch, sources)`: for each source the index of its estimate in the best assignment.

        Raises:
            ValueError: For wrong shapes.
        """
        y_true = checks.tensor(self, "y_true", y_true)
        y_pred = checks.tensor(self, "y_pred", y_pred, self.compute_dtype)
        return best_assignment(self.costs(*self.prepare(y_true, y_pred)))


def _merged(shape: tuple) -> tuple:
    """A shape with its first two axes as one; -1 there could be anything where another axis is empty."""
    return shape[0] * shape[1], *shape[2:]


def best_assignment(costs: Tensor) -> Tensor:
    """The column of each row, all different, of the least sum: `(batch, n)` of `(batch, n, n)`.

    For each set of k columns, the least sum of the last k rows on them; then, row by row from the first, the
    column of the least sum, of equal ones the first.
    """
    count = costs.shape[1]
    tables = [[ops.convert_to_tensor(x, dtype="int32") for x in table] for table in SUBSETS[count]]
    least, choices = ops.zeros_like(costs[:, 0, :1]), []
    for size, (columns, rests) in enumerate(tables, start=1):
        sums = ops.take(least, rests, axis=1) + ops.take(costs[:, count - size], columns, axis=1)
        sums = ops.reshape(sums, (-1, columns.shape[0] // size, size))
        choices.append(argmin(sums, -1))
        least = ops.amin(sums, axis=-1)
    subset, assignment = ops.zeros_like(choices[-1][:, 0]), []
    for size in range(count, 0, -1):
        columns, rests = tables[size - 1]
        place = subset * size + take_at(choices[size - 1], subset, -1)
        assignment.append(ops.take(columns, place))
        subset = ops.take(rests, place)
    return ops.stack(assignment, axis=1)
