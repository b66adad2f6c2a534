"""Cases of `kerasloss/losses/embedding/proxies.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.classes import crossentropy, dense, soft
from tests.cases.common.cosines import (
    BAD_COMMON,
    BAD_IGNORED,
    COMMON,
    IGNORED,
    VALUES,
    A,
    B,
    Y,
    cosines,
    hard_cosines,
    hard_several,
    margin_softmax,
    several,
)


def normalized_softmax(y, c, temperature=0.05, **common):
    return crossentropy(y, c / mpmath.mpf(temperature), from_logits=True, **common)


def proxy_nca(y, c, scale=1.0, exclude_positive=False, ignore_class=None, class_weight=None):
    """From distances of embeddings and proxies, for each label of a soft one."""
    values = []
    for i, labels in enumerate(dense(y, c)):
        powers = [mpmath.exp(-mpmath.mpf(scale) * (2 - 2 * v)) for v in c[i]]
        value = mpmath.mpf(0)
        for k, share in enumerate(labels):
            others = [p for j, p in enumerate(powers) if j != k or not exclude_positive]
            weight = 1 if class_weight is None else mpmath.mpf(class_weight[k])
            value -= weight * mpmath.mpf(float(share)) * mpmath.log(powers[k] / sum(others))
        values.append(0 if y.ndim == 1 and y[i] == ignore_class else value)
    return np.array(values, object)


def proxy_anchor(y, c, margin=0.1, alpha=32.0, ignore_class=None):
    margin, alpha = mpmath.mpf(margin), mpmath.mpf(alpha)
    here = [i for i in range(len(c)) if y[i] != ignore_class]
    pull = push = mpmath.mpf(0)
    present = {int(y[i]) for i in here}
    for k in range(c.shape[1]):
        if k in present:
            near = sum(mpmath.exp(-alpha * (c[i, k] - margin)) for i in here if y[i] == k)
            pull += mpmath.log(1 + near) / len(present)
        far = sum(mpmath.exp(alpha * (c[i, k] + margin)) for i in here if y[i] != k)
        push += mpmath.log(1 + far) / c.shape[1]
    return np.array([pull + push if i in here else 0 for i in range(len(c))], object)


def soft_triple(y, c, scale=20.0, gamma=0.1, margin=0.01, **common):
    if c.ndim == 3:
        mixed = np.empty(c.shape[:2], object)
        for i, k in np.ndindex(*mixed.shape):
            powers = [mpmath.exp(v / mpmath.mpf(gamma)) for v in c[i, k]]
            mixed[i, k] = sum(p * v for p, v in zip(powers, c[i, k], strict=True)) / sum(powers)
        c = mixed
    return margin_softmax(y, c, lambda theta, i: mpmath.cos(theta) - mpmath.mpf(margin), scale, **common)


def center(y, d, ignore_class=None, class_weight=None):
    values = []
    for i, labels in enumerate(dense(y, d)):
        weight = [1] * len(labels) if class_weight is None else class_weight
        ignored = y.ndim == 1 and y[i] == ignore_class
        terms = [
            mpmath.mpf(float(s)) * mpmath.mpf(w) * v / 2 for s, w, v in zip(labels, weight, d[i], strict=True)
        ]
        values.append(0 if ignored else sum(terms))
    return np.array(values, object)


def distances(rng, n):
    y, c = cosines(rng, n)
    return y, np.square(3 * c)


def hard_distances():
    y, c = hard_cosines()
    return y, np.abs(c)


CASES = [
    Case(
        K.NormalizedSoftmax,
        cosines,
        normalized_softmax,
        arguments={"temperature": 0.5},
        variants=[{"temperature": 1.0}, *COMMON],
        known=[
            ({"temperature": 0.05, **VALUES}, Y, A, [6.144231229e-06, 2.126967998]),
            ({"temperature": 0.05}, Y, A, 1.0634870713),
        ],
        bad=[{"temperature": 0.0}, *BAD_COMMON],
        extremes=hard_cosines,
    ),
    Case(
        K.ProxyNCA,
        cosines,
        proxy_nca,
        variants=[
            {"scale": 3.0},
            {"exclude_positive": True},
            *IGNORED,
            {"exclude_positive": True, **IGNORED[1]},
        ],
        known=[
            (VALUES, Y, A, [0.3306784602, 0.9823524882]),
            ({}, Y, A, 0.656515474182),
        ],
        bad=[{"scale": 0.0}, {"exclude_positive": 1}, *BAD_IGNORED],
        extremes=hard_cosines,
    ),
    Case(
        K.ProxyNCA,
        soft(cosines),
        proxy_nca,
        arguments={"exclude_positive": True},
        variants=IGNORED[1:],
        extremes=hard_cosines,
    ),
    Case(
        K.ProxyAnchor,
        cosines,
        proxy_anchor,
        arguments={"alpha": 4.0},
        variants=[{"margin": 0.5}, {"alpha": 2.0}, {"ignore_class": 1}],
        known=[
            ({"alpha": 32.0, **VALUES}, Y, A, [12.80057735, 12.80057735]),
            ({"alpha": 32.0}, Y, A, 12.8005773488),
        ],
        bad=[{"margin": -0.1}, {"alpha": 0.0}, {"ignore_class": "none"}],
        extremes=hard_cosines,
        scope="anchor",
        exempt={
            "wrong_labels_give_nan": Exempt(
                "each value is that of the batch, so all are NaN; the tests of the family see it"
            )
        },
    ),
    Case(
        K.SoftTriple,
        several,
        soft_triple,
        arguments={"scale": 4.0},
        variants=[{"scale": 2.0}, {"gamma": 1.0}, {"margin": 1.0}, *COMMON],
        known=[
            ({"scale": 20.0, **VALUES}, Y, B, [3.291850467e-05, 2.666091021]),
            ({"scale": 20.0}, Y, B, 1.33306196971),
        ],
        bad=[{"scale": 0.0}, {"gamma": 0.0}, {"margin": -0.1}, *BAD_COMMON],
        extremes=hard_several,
    ),
    Case(
        K.SoftTriple,
        cosines,
        soft_triple,
        arguments={"scale": 4.0},
        extremes=hard_cosines,
    ),
    Case(
        K.Center,
        distances,
        center,
        variants=IGNORED,
        known=[
            (VALUES, np.array([1, 0]), np.array([[1.0, 4.0], [9.0, 1.0]]), [2.0, 4.5]),
            ({}, np.array([1, 0]), np.array([[1.0, 4.0], [9.0, 1.0]]), 3.25),
        ],
        bad=BAD_IGNORED,
        extremes=hard_distances,
        kinks=[({}, [1], [[3.0, 0.0]], [[0.0, 0.5]])],
    ),
    Case(
        K.Center,
        soft(distances),
        center,
        variants=IGNORED[1:],
        extremes=hard_distances,
    ),
]
