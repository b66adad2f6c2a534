"""How exact the losses are in float32, against 50 digits: `python -m tests.accuracy` prints a table.

For every loss and its variants the worst error of a value and of a gradient over random samples of several
sizes, and, with the arguments of its case, of a value over the extreme samples, wherever 50 digits give one.
The error is the smaller of the absolute and the relative one. (Gradients at extremes are often a matter of
convention: kinks, clipped values. The laws test those one by one.)
"""

import sys

import numpy as np
from keras import ops

from tests import precise
from tests.backend import BACKEND, array, value_and_gradient
from tests.cases import CASES

SAMPLES = 60
BAR = 1e-6


def error(actual, expected):
    """The worst of the errors, each the smaller of absolute and relative."""
    actual, expected = np.asarray(actual, "float64"), np.asarray(expected, "float64")
    with np.errstate(invalid="ignore"):
        difference = np.abs(actual - expected)
        difference = np.where(np.isfinite(expected), difference / np.maximum(1, np.abs(expected)), 0)
        return np.max(difference, initial=0)


def error_at_extremes(case, loss):
    """Worst error of the values at the extreme samples of a case."""
    y_true, y_pred = case.extremes()
    try:
        values = case.reference(precise.exact(y_true), precise.exact(y_pred), **case.arguments)
    except (ZeroDivisionError, ValueError):
        return 0.0  # the textbook form has no value there: no reference
    return error(array(loss(y_true, y_pred)), precise.floats(values))


def errors(case, arguments, rng):
    """Worst error of the values and of the gradients of one row of the table."""
    loss = case.make(reduction=None, **arguments)
    arguments = {**case.arguments, **arguments}
    worst_value = worst_gradient = 0.0
    if arguments == case.arguments:
        worst_value = error_at_extremes(case, loss)
    scales = [1.0]
    if case.kind in ("element", "score"):
        scales += [0.01] if "extremes_are_finite" in case.exempt else [0.01, 30.0]
    for scale in scales:
        y_true, y_pred = case.draw(rng, SAMPLES)
        y_pred = np.float32(scale) * y_pred

        def reference(p, y_true=y_true):
            return case.reference(precise.exact(y_true), precise.exact(p), **arguments)

        worst_value = max(worst_value, error(array(loss(y_true, y_pred)), precise.floats(reference(y_pred))))
        exemption = case.exempt.get("gradient")
        if exemption is not None and exemption.applies(arguments):
            continue
        few = slice(0, 8)
        y_few, p_few = y_true[few], y_pred[few]
        _, gradient = value_and_gradient(lambda p, y=y_few: ops.sum(loss(y, p)), p_few)
        expected = precise.gradient(
            lambda p, y=y_few: np.sum(case.reference(precise.exact(y), precise.exact(p), **arguments)), p_few
        )
        worst_gradient = max(worst_gradient, error(gradient, expected))
    return worst_value, worst_gradient


def main(names):
    print(f"float32 on {BACKEND}, worst of absolute-or-relative errors; * above {BAR:g}")
    print(f"{'loss':40} {'value':>9}  {'gradient':>9}")
    table = {}
    for case in CASES:
        if names and case.loss.__name__ not in names:
            continue
        for arguments in [{}, *case.variants]:
            worst = errors(case, arguments, np.random.default_rng(0))
            table[case.loss.__name__] = np.maximum(table.get(case.loss.__name__, (0, 0)), worst)
    for name, (value, gradient) in table.items():
        marks = ["*" if x > BAR else " " for x in (value, gradient)]
        print(f"{name:40} {value:9.1e}{marks[0]} {gradient:9.1e}{marks[1]}")


if __name__ == "__main__":
    main(sys.argv[1:])
