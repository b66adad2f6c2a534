"""Cases of `kerasloss/losses/probabilistic/counts.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.common.distribution import LOG_2, at, hard, lgamma, one, positive, rows

COUNTS = (0.0, 1.0, 3.0, 1e4, 1e8, 0.5, 1e-20)
OUTPUTS = (0.0, 1.0, -1.0, 1e4, -1e4, 1e-40, 30.0)


def negative_binomial_values(y, p, link, epsilon):
    mean, t = (positive(p[..., i], link, epsilon) for i in (0, 1))
    coefficient = lgamma(t + y) - lgamma(t) - lgamma(y + 1)
    return -(coefficient + t * m.log(t / (t + mean)) + y * m.log(mean / (t + mean)))


def negative_binomial(y, p, link="log", epsilon=1e-6):
    return m.mean(negative_binomial_values(y, p, link, epsilon))


def inflated(y, logit, value):
    """The textbook mixture of a zero and a distribution whose values are given."""
    q = 1 / (1 + m.exp(-logit))
    probability = (1 - q) * m.exp(-value)
    return -m.mean(m.log(np.where(y == 0, q + probability, probability)))


def zero_inflated_poisson(y, p, link="log", epsilon=1e-6):
    rate = positive(p[..., 0], link, epsilon)
    return inflated(y, p[..., 1], rate - y * m.log(rate) + lgamma(y + 1))


def zero_inflated_negative_binomial(y, p, link="log", epsilon=1e-6):
    return inflated(y, p[..., 2], negative_binomial_values(y, p, link, epsilon))


def counts(*others, identity=False):
    """Draws counts of several sizes, their means, and other outputs between bounds."""

    def draw(rng, n, d=3):
        log_mean = rng.uniform(-1, 6, size=(n, d))
        y_true = rng.negative_binomial(2.0, 2 / (2 + np.exp(log_mean)))
        y_true[:, 0] *= rng.integers(0, 2, size=n)  # zeros enough
        first = np.exp(log_mean) if identity else log_mean
        y_pred = np.stack([first, *(rng.uniform(*bounds, size=(n, d)) for bounds in others)], axis=-1)
        return y_true.astype("float32"), y_pred.astype("float32")

    return draw


def target(y, *outputs):
    return np.array([float(y)]), np.array([outputs])


NEGATIVE_BINOMIAL = rows(
    K.NegativeBinomialNLL,
    negative_binomial,
    1,
    known=[
        ({}, *one(0, LOG_2), 1.2163953243),
        ({}, *target(2, np.log(3), LOG_2), 1.7556204226),
        ({"link": "identity"}, *target(2, 3.0, 2.0), 1.7556204226),
    ],
    kinks=[
        at(0.0, [0.0, 0.0], [0.5, float(mpmath.log(2) - 0.5)]),
        at(0.0, [-1e4, -1e4], [5e-7, 1.9314718e-7]),
    ],
    links=["softplus"],
    draw=counts((-3, 8)),
    draw_identity=counts((0.2, 30), identity=True),
    extremes=hard(2, OUTPUTS, COUNTS),
)
ZERO_INFLATED_POISSON = rows(
    K.ZeroInflatedPoissonNLL,
    zero_inflated_poisson,
    1,
    known=[({}, *target(0, 0, LOG_2), 0.2366174846), ({}, *target(1, 0, LOG_2), 2.0986122887)],
    kinks=[
        # The share of "no extra zero" among zeros times the rate, and the surplus of extra ones.
        at(0.0, [0.0, 0.0], [1 / (1 + np.e), 0.5 - np.e / (1 + np.e)]),
        at(3.0, [np.log(3), 0.0], [0.0, 0.5]),
    ],
    links=["softplus"],
    draw=counts((-3, 3)),
    draw_identity=counts((-3, 3), identity=True),
    extremes=hard(2, OUTPUTS, COUNTS),
)
ZERO_INFLATED_NEGATIVE_BINOMIAL = rows(
    K.ZeroInflatedNegativeBinomialNLL,
    zero_inflated_negative_binomial,
    2,
    known=[({}, *target(0, 0, LOG_2, 0), 0.3254224004), ({}, *target(1, 0, LOG_2, 0), 1.9095425049)],
    kinks=[at(0.0, [0.0, -1e4, 1e4], [0.0, 0.0, 0.0])],
    links=["softplus"],
    draw=counts((-3, 8), (-3, 3)),
    draw_identity=counts((0.2, 30), (-3, 3), identity=True),
    extremes=hard(3, OUTPUTS, COUNTS),
)

CASES = [
    *NEGATIVE_BINOMIAL,
    *ZERO_INFLATED_POISSON,
    *ZERO_INFLATED_NEGATIVE_BINOMIAL,
]
