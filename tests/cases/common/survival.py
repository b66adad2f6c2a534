"""Draws of subjects, and what of them is refused, for the cases of several families."""

import numpy as np

from tests.cases.case import Exempt

ONE_AXIS = {"shapes_that_only_broadcast_are_refused": Exempt("there is no second axis to cut")}


def subjects(intervals, codes=(0, 1)):
    """Draws the interval and the event of each subject; all codes occur in a batch of 4 or more."""

    def draw(rng, n):
        events = rng.permutation(np.resize(codes, n))
        return np.stack([rng.integers(0, intervals, n), events], axis=-1)

    return draw


def discrete(*shape):
    """Draws subjects, and outputs of this shape for each, the last axis of which are the intervals."""
    codes = range(1 + (shape[0] if len(shape) == 2 else 1))

    def draw(rng, n):
        y_true = subjects(shape[-1], list(codes))(rng, n)
        return y_true.astype("int32"), rng.normal(size=(n, *shape)).astype("float32")

    return draw


def hard_outputs(*shape):
    """Every event in every interval, against outputs that are far apart."""
    codes = 1 + (shape[0] if len(shape) == 2 else 1)
    rows = [[k, code] for k in range(shape[-1]) for code in range(codes)]
    size = int(np.prod(shape))
    numbers = np.array([[1e4, -1e4, 0, 1e-40], [-1e4, 1e4, 1e4, -30], [0, 0, 0, 0], [100, 50, -100, -50]])
    outputs = np.concatenate([np.resize(np.roll(x, i), (1, size)) for x in numbers for i in range(4)])
    y_true = np.repeat(rows, len(outputs), axis=0)
    return y_true.astype("int32"), np.tile(outputs, (len(rows), 1)).reshape(-1, *shape).astype("float32")
