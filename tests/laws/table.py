"""What the laws share: the rows of the table as parameters, and how a row is evaluated."""

import inspect

import numpy as np
import pytest

from tests import precise
from tests.backend import ALL_CASES, BACKEND, EVERY_CASE, array
from tests.cases import CASES

COMMON = {"reduction", "name", "dtype"}
N, N_ANCHORS = 4, 10
"""The size of a batch. One of anchors holds such with 0, 1, 2 and 3 others of their class."""

# For what the base does: the other rows of a loss differ in its arguments and inputs alone.
ONE_EACH = list({(case.loss, case.scope): case for case in reversed(CASES)}.values())[::-1]
# JAX compiles each operation anew for each shape, 25 ms: there the other rows see values and gradients.
SOME = ONE_EACH if BACKEND == "jax" else CASES


OF_THE_BASE = (
    "compute",
    "prepare",
    "evaluate",
    "counts",
    "own_weight",
    "entry_axes",
    "weighs_inside",
    "uses_weight",
    "reduce",
)


def own_arguments(case):
    """The constructor's arguments but those that all losses have."""
    return set(inspect.signature(case.loss.__init__).parameters) - COMMON - {"self"}


def by_base(cases):
    """Those cases, for a law of what the base does before and after `call`.

    Where tests take long it is one case for losses that share all methods of the base and differ in `call`
    alone; with EVERY_CASE in the environment all cases there, too.
    """
    if ALL_CASES:
        return cases
    alike = {}
    for case in cases:
        methods = (getattr(case.loss, name) for name in OF_THE_BASE)
        ignores = "ignore_class" in own_arguments(case)
        alike.setdefault((case.kind, case.scope, case.loss.call_takes, ignores, *methods), case)
    return list(alike.values())


def share(items, jax=1, tensorflow=1, torch=1):
    """Every n-th on a backend on which the test takes long; with EVERY_CASE all."""
    every = {"jax": jax, "tensorflow": tensorflow, "torch": torch}[BACKEND]
    return items if EVERY_CASE else items[::every]


def with_variants(case):
    """The arguments of a row; where tests are fast each of its variants, too."""
    return [{}, *case.variants] if ALL_CASES else [{}]


def each(cases):
    """One test per case."""
    return pytest.mark.parametrize("case", cases, ids=[f"{case}-{i}" for i, case in enumerate(cases)])


each_case, each_loss, each_base = each(SOME), each(ONE_EACH), each(by_base(ONE_EACH))
each_other_base = each(share(by_base(ONE_EACH), 4))
each_anchor = each([case for case in CASES if case.scope == "anchor"])


def rows(items, cases=CASES):
    """One test per case and item of it, so that a failure names its arguments."""
    return pytest.mark.parametrize(
        ("case", "item"),
        [pytest.param(c, x, id=f"{c}-{i}-{j}") for i, c in enumerate(cases) for j, x in enumerate(items(c))],
    )


def kind(case):
    """The word by which the laws choose; nothing else looks at it."""
    return case.kind


def reference(case, arguments, y_true, y_pred):
    arguments = {**case.arguments, **arguments}
    return case.reference(precise.exact(y_true), precise.exact(y_pred), **arguments)


def draw(case, rng):
    """A batch of the size that the case needs."""
    return case.draw(rng, N_ANCHORS if case.scope == "anchor" else N)


def but(n, absent=1):
    """A mask over a batch of n, without one sample."""
    return np.arange(n) != absent


def take(case, y_true, y_pred, samples):
    """Some of the samples of a batch, in that order."""
    y_pred = y_pred[samples]
    return y_true[samples], y_pred[:, samples] if case.square else y_pred


def per_sample(case, rng, **changes):
    """The loss without reduction, inputs, and its values, which must have the batch first."""
    loss = case.make(reduction=None, **changes)
    y_true, y_pred = draw(case, rng)
    return loss, y_true, y_pred, array(loss(y_true, y_pred))


def counted(case, values, y_true, y_pred):
    """Which of the values have a part in a mean, as the case says."""
    if case.counts is None:
        return np.ones(values.shape, bool)
    return np.asarray(case.counts(y_true, y_pred, **case.arguments))
