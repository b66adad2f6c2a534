"""Laws on every row of the case table, one file a law."""

import pytest

from tests.cases import CASES

# The other rows of a loss differ in its arguments and inputs alone.
ONE_EACH = list({(case.loss, case.scope): case for case in reversed(CASES)}.values())[::-1]


def rows(items, cases=CASES):
    """One test per case and item of it, so that a failure names its arguments."""
    return pytest.mark.parametrize(
        ("case", "item"),
        [pytest.param(c, x, id=f"{c}-{i}-{j}") for i, c in enumerate(cases) for j, x in enumerate(items(c))],
    )


def each(cases):
    """One test per case."""
    return pytest.mark.parametrize("case", cases, ids=[f"{case}-{i}" for i, case in enumerate(cases)])
