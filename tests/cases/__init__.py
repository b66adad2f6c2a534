"""The table of cases: one row per loss, one file per family."""

from tests.cases import (
    binary,
    classification,
    correlation,
    counts,
    imbalance,
    likelihood,
    noise,
    pairs,
    perceptual,
    regression,
    relative,
    robust,
    sequence,
    triplets,
)

CASES = [
    *regression.CASES,
    *relative.CASES,
    *correlation.CASES,
    *robust.CASES,
    *binary.CASES,
    *classification.CASES,
    *pairs.CASES,
    *triplets.CASES,
    *sequence.CASES,
    *perceptual.CASES,
    *likelihood.CASES,
    *counts.CASES,
    *imbalance.CASES,
    *noise.CASES,
]
