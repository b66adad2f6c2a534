"""The table of cases: one row per loss, one file per family."""

from tests.cases import (
    binary,
    classification,
    correlation,
    counts,
    likelihood,
    pairs,
    regression,
    relative,
    robust,
    triplets,
)

CASES = [
    *regression.CASES,
    *relative.CASES,
    *correlation.CASES,
    *robust.CASES,
    *binary.CASES,
    *classification.CASES,
    *likelihood.CASES,
    *counts.CASES,
    *pairs.CASES,
    *triplets.CASES,
]
