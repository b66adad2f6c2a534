"""Cases of `kerasloss/losses/detection/heads.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common import binary

SCORED = np.array([[0.7, 0.0]]), np.array([[0.4, 0.2]])
PERFECT = np.array([[0.3, 0.0]]), np.array([[0.3, 0.0]])


def crossentropy(y, p):
    """In 50 digits nothing must be clipped but what is 0, and then it has the weight 0."""
    return -sum(weight * mpmath.log(q) for weight, q in ((y, p), (1 - y, 1 - p)) if weight)


def each_score(formula):
    def reference(y, p, from_logits=False, **arguments):
        p = 1 / (1 + m.exp(-p)) if from_logits else p
        rows = zip(m.exact(y).ravel(), p.ravel(), strict=True)
        return m.mean(np.array([formula(*row, **arguments) for row in rows], object).reshape(p.shape))

    return reference


@each_score
def quality(y, p, beta=2.0):
    return abs(y - p) ** mpmath.mpf(beta) * crossentropy(y, p)


@each_score
def varifocal(y, p, alpha=0.75, gamma=2.0):
    return (y if y > 0 else mpmath.mpf(alpha) * p ** mpmath.mpf(gamma)) * crossentropy(y, p)


def distribution(y, p, from_logits=False):
    """With the two bins beside each distance."""
    p = m.softmax(p) if from_logits else p / np.sum(p, axis=-1, keepdims=True)
    values = np.empty(y.shape, object)
    for i in np.ndindex(*y.shape):
        last = p.shape[-1] - 1
        place = min(max(y[i], 0), last)
        low = min(int(mpmath.floor(place)), last - 1)
        shares = (low, low + 1 - place), (low + 1, place - low)
        values[i] = -sum(share * mpmath.log(p[(*i, k)]) for k, share in shares if share)
    return values


def scored(rng, n):
    """Objects of any quality, and what is none, with probabilities."""
    y = rng.uniform(0.1, 1.0, (n, 5)) * (np.arange(5) < 2)
    return y.astype("float32"), rng.uniform(0.05, 0.95, (n, 5)).astype("float32")


def scored_logits(rng, n):
    return scored(rng, n)[0], (2 * rng.normal(size=(n, 5))).astype("float32")


def distances(rng, n):
    p = rng.uniform(0.1, 1.0, (n, 2, 4))
    y = rng.uniform(-0.5, 3.5, (n, 2))
    return y.astype("float32"), (p / p.sum(-1, keepdims=True)).astype("float32")


def distance_logits(rng, n):
    return distances(rng, n)[0], rng.normal(size=(n, 2, 4)).astype("float32")


def hard_distances():
    y = np.array([0.0, 1.0, 2.0, -1e30, 1e30, 0.5])
    p = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])[[0, 1, 2, 2, 0, 2]]
    return y.astype("float32"), p.astype("float32")


def hard_distance_logits():
    y, p = hard_distances()
    return y, np.where(p, 1e4, -1e4).astype("float32")


CASES = [
    Case(
        K.QualityFocal,
        scored,
        quality,
        variants=[{"beta": 1.5}],
        known=[({}, *SCORED, 0.0402221750012)],
        bad=[{"beta": -1.0}, {"from_logits": 1}],
        extremes=binary.hard_probabilities,
        kinks=[({"beta": beta}, *PERFECT, np.zeros((1, 2))) for beta in (0.5, 1, 2)],
    ),
    Case(
        K.QualityFocal,
        scored_logits,
        quality,
        arguments={"from_logits": True},
        variants=[{"beta": 0.5}],
        extremes=binary.hard_logits,
    ),
    Case(
        K.Varifocal,
        scored,
        varifocal,
        variants=[{"alpha": 0.4, "gamma": 0.5}],
        known=[({}, *SCORED, 0.281475073074)],
        bad=[{"alpha": 1.5}, {"gamma": -1.0}, {"from_logits": 1}],
        extremes=binary.hard_probabilities,
    ),
    Case(
        K.Varifocal,
        scored_logits,
        varifocal,
        arguments={"from_logits": True},
        variants=[{"gamma": 1.5}],
        extremes=binary.hard_logits,
    ),
    Case(
        K.DistributionFocal,
        distances,
        distribution,
        known=[({}, np.array([1.3]), np.array([[0.1, 0.5, 0.3, 0.1]]), 0.84639486769)],
        bad=[{"from_logits": 1}],
        extremes=hard_distances,
    ),
    Case(
        K.DistributionFocal,
        distance_logits,
        distribution,
        arguments={"from_logits": True},
        known=[({}, np.array([2.0]), np.array([[0.0, 0.0, 0.0]]), 1.0986122886681098)],
        extremes=hard_distance_logits,
    ),
]
