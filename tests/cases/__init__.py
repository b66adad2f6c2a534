"""The table of cases: one row per loss, one file per family."""

from tests.cases import binary, classification, correlation, regression, relative, robust, segmentation

CASES = [
    *regression.CASES,
    *relative.CASES,
    *correlation.CASES,
    *robust.CASES,
    *binary.CASES,
    *classification.CASES,
    *segmentation.CASES,
]
