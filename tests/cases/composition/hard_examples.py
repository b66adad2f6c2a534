"""Cases of `kerasloss/losses/composition/hard_examples.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common import classes
from tests.cases.common.classes import hard_logits, sequences


def hard_examples(y, p, loss, fraction=0.7, threshold=None):
    """The values of the wrapped loss in order, and the first of them."""
    values = classes.crossentropy(y, p, loss.from_logits, ignore_class=loss.ignore_class)
    valid = y != loss.ignore_class if y.ndim < p.ndim else np.ones(values.shape, bool)
    order = sorted(zip(*np.nonzero(valid), strict=True), key=lambda i: -values[i])
    kept = order[: max(1, int(fraction * len(order) + 1e-6))]
    kept += [i for i in order if threshold is not None and values[i] > threshold]
    result = 0 * values
    for i in kept:
        result[i] = values[i]
    return result


def is_kept(y, p, **arguments):
    return hard_examples(y, m.exact(p), **arguments) != 0


WRAPPER = {
    "sample_weights": Exempt("positions of weight 0 are not kept: test_hard_examples.py"),
    "shapes_that_only_broadcast_are_refused": Exempt(
        "by the wrapped loss, under its name: test_hard_examples.py"
    ),
    "dtypes": Exempt("the arithmetic is that of the wrapped loss: test_hard_examples.py"),
}

CASES = [
    Case(
        K.OnlineHardExample,
        sequences,
        hard_examples,
        arguments={"loss": K.SparseCategoricalCrossentropy(from_logits=True), "fraction": 1.0},
        variants=[{"fraction": 0.01}, {"loss": K.SparseCategoricalCrossentropy(True, ignore_class=1)}],
        known=[
            (
                {"loss": K.SparseCategoricalCrossentropy(), "fraction": 0.5},
                np.array([0, 1, 0, 1]),
                np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]]),
                1.0601317681,
            ),
        ],
        bad=[
            {"loss": None},
            {"loss": "no_such_loss"},
            {"loss": K.Masked(K.MeanSquaredError())},
            {"loss": K.MeanSquaredError() + K.MeanAbsoluteError()},
            {"fraction": 0.0},
            {"fraction": 1.5},
            {"threshold": "high"},
        ],
        extremes=hard_logits,
        obeys="class",
        scope="anchor",
        exempt=WRAPPER,
    ),
    Case(
        K.OnlineHardExample,
        sequences,
        hard_examples,
        arguments={"loss": K.SparseCategoricalCrossentropy(from_logits=True), "fraction": 0.3},
        variants=[
            {"threshold": 1.0},
            {"fraction": 0.55},
            {"loss": K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1)},
        ],
        extremes=hard_logits,
        obeys="class",
        scope="anchor",
        counts=is_kept,
        exempt={
            **WRAPPER,
            "wrong_labels_give_nan": Exempt("a NaN takes the place of another value: test_hard_examples.py"),
        },
    ),
]
