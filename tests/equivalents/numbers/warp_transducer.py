"""warp-transducer's sum over all paths, one by one: it is built from source."""

import itertools

import numpy as np

from tests.equivalents.number import STEP_LABELS, STEPS, Number, softmax


def rnnt(y_true, y_pred):
    values = []
    for labels, p in zip(y_true, softmax(y_pred), strict=True):
        labels = labels[labels > 0]
        steps = len(p) - 1 + len(labels)
        total = 0
        for chosen in itertools.combinations(range(steps), len(labels)):
            t, u, path = 0, 0, 1.0
            for step in range(steps):
                path *= p[t, u, labels[u] if step in chosen else 0]
                t, u = (t, u + 1) if step in chosen else (t + 1, u)
            total += path * p[t, u, 0]
        values.append(-np.log(total))
    return np.mean(values)


NUMBERS = {"RNNTLoss": [Number(rnnt, np.where(STEP_LABELS < 0, -1, STEP_LABELS + 1), STEPS)]}
