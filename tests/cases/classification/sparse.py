"""Cases of `kerasloss/losses/classification/sparse.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.classes import BAD_CLASS, dense, hard_scores, logits, soft

SCORES = np.array([[1.0, 0.8, -0.5]])


def bisect(z, probabilities):
    """The tau at which the probabilities sum to 1."""
    low, high = min(min(z), 0) - 2, max(max(z), 0) + 1
    for _ in range(150):
        tau = (low + high) / 2
        low, high = (tau, high) if sum(probabilities(z, tau)) > 1 else (low, tau)
    return np.array(probabilities(z, tau), object)


def fenchel_young(probabilities, entropy):
    """`max over p of <p, z> + H(p)`, minus the same at y: a loss from its entropy alone."""

    def reference(y, s, ignore_class=None):
        values = []
        for target, z in zip(m.exact(dense(y, s)), s, strict=True):
            p = bisect(z, probabilities)
            values.append(np.dot(p, z) + entropy(p) - np.dot(target, z) - entropy(target))
        counted = y != ignore_class if y.ndim < s.ndim else True
        return np.where(counted, np.array(values, object), 0)

    return reference


sparsemax = fenchel_young(
    lambda z, tau: [max(v - tau, 0) for v in z], lambda p: sum(v * (1 - v) for v in p) / 2
)
entmax15 = fenchel_young(
    lambda z, tau: [max(v / 2 - tau, 0) ** 2 for v in z],
    lambda p: sum(v - v ** m.exact(1.5) for v in p) / m.exact(0.75),
)

CASES = [
    Case(
        K.Sparsemax,
        logits,
        sparsemax,
        variants=[{"ignore_class": 1}],
        known=[({}, np.array([0]), SCORES, 0.16)],
        bad=BAD_CLASS,
        extremes=hard_scores,
    ),
    Case(K.Sparsemax, soft(logits), sparsemax, extremes=hard_scores),
    Case(
        K.Entmax15,
        logits,
        entmax15,
        variants=[{"ignore_class": 1}],
        known=[({}, np.array([0]), SCORES, 0.297586614395)],
        bad=BAD_CLASS,
        extremes=hard_scores,
    ),
    Case(K.Entmax15, soft(logits), entmax15, extremes=hard_scores),
]
