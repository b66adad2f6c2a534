"""The table of cases: one row per loss, one file per family."""

from tests.cases import (
    binary,
    classification,
    correlation,
    counts,
    deviance,
    likelihood,
    pairs,
    quantile,
    regression,
    relative,
    robust,
    scores,
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
    *deviance.CASES,
    *quantile.CASES,
    *scores.CASES,
    *pairs.CASES,
    *triplets.CASES,
]
