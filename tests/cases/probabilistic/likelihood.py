"""Cases of `kerasloss/losses/probabilistic/likelihood.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.distribution import (
    LOG_2,
    PI,
    at,
    hard,
    lgamma,
    normal,
    one,
    parameters,
    positive,
    rows,
)

STOPPED = {
    "gradient": Exempt(
        "the weight has no gradient", lambda beta=0.5, epsilon=0.0, **_: beta > 0 or epsilon > 0.1
    )
}
cos = np.frompyfunc(mpmath.cos, 1, 1)
i0 = np.frompyfunc(lambda x: mpmath.besseli(0, x), 1, 1)


def gaussian(y, p, link="log", full=False, epsilon=1e-6):
    s = positive(p[..., 1], link, epsilon)
    return -m.mean(m.log(normal(y, p[..., 0], s))) - (0 if full else m.log(2 * PI) / 2)


def beta(y, p, beta=0.5, link="log", epsilon=1e-6):
    s = positive(p[..., 1], link, epsilon)
    terms = -m.log(normal(y, p[..., 0], s)) - m.log(2 * PI) / 2
    return m.mean((s * s) ** mpmath.mpf(beta) * terms)


def laplace(y, p, link="log", epsilon=1e-6):
    b = positive(p[..., 1], link, epsilon)
    return -m.mean(m.log(m.exp(-abs(y - p[..., 0]) / b) / (2 * b)))


def student(y, p, df=None, link="log", epsilon=1e-6):
    s = positive(p[..., 1], link, epsilon)
    v = 0 * s + df if df else positive(p[..., 2], link, epsilon)
    t = (y - p[..., 0]) / s
    log_beta = lgamma(v / 2) + m.log(m.sqrt(PI)) - lgamma((v + 1) / 2)  # of v / 2 and 1/2
    return m.mean(m.log(s * m.sqrt(v)) + log_beta + (v + 1) / 2 * m.log(1 + t * t / v))


def log_normal(y, p, link="log", epsilon=1e-6):
    s = positive(p[..., 1], link, epsilon)
    return -m.mean(m.log(normal(m.log(y), p[..., 0], s) / y))


def zero_inflated_log_normal(y, p, link="log", epsilon=1e-6):
    s, q = positive(p[..., 1], link, epsilon), 1 / (1 + m.exp(-p[..., 2]))
    density = normal(m.log(np.where(y == 0, 1, y)), p[..., 0], s) / np.where(y == 0, 1, y)
    return -m.mean(m.log(np.where(y == 0, q, (1 - q) * density)))


def mixture(y, p, link="log", epsilon=1e-6):
    logits, means, raw = np.split(p, 3, axis=-1)
    density = m.softmax(logits) * normal(y[..., None], means, positive(raw, link, epsilon))
    return -m.mean(m.log(np.sum(density, axis=-1)))


def evidential(y, p, coefficient=1.0, link="softplus", epsilon=1e-6):
    v, b = (positive(p[..., i], link, epsilon) for i in (1, 3))
    a = 1 + positive(p[..., 2] - 1 if link == "identity" else p[..., 2], link, epsilon)
    u, w = y - p[..., 0], 2 * b * (1 + v)
    likelihood = m.log(PI / v) / 2 - a * m.log(w) + (a + 0.5) * m.log(v * u * u + w)
    likelihood = likelihood + lgamma(a) - lgamma(a + 0.5)
    return m.mean(likelihood + mpmath.mpf(coefficient) * abs(u) * (2 * v + a))


def von_mises(y, p, link="log", epsilon=1e-6):
    c = positive(p[..., 1], link, epsilon)
    return m.mean(m.log(2 * PI * i0(c)) - c * cos(y - p[..., 0]))


def draw_positive_targets(rng, n):
    y_true, y_pred = parameters(1)(rng, n)
    return np.exp(y_true), y_pred


def draw_amounts(count):
    """Positive numbers, of which some are 0."""

    def draw(rng, n):
        y_true, y_pred = count(rng, n)
        y_true = np.exp(y_true)
        y_true[::2, 0] = 0.0
        return y_true, y_pred

    return draw


def draw_mixture(rng, n, d=3, low=-1.5):
    y_true = 2 * rng.normal(size=(n, d))
    y_pred = 2 * rng.normal(size=(n, d, 6))
    y_pred[..., 4:] = rng.uniform(low, 1.5, size=(n, d, 2))
    return y_true.astype("float32"), y_pred.astype("float32")


def draw_evidence(rng, n):
    """Of the identity link: a > 1."""
    y_true, y_pred = parameters(3, 0.2, 2.0)(rng, n)
    y_pred[..., 2] += 1
    return y_true, y_pred


def one_of(y, *outputs):
    return np.array([float(y)]), np.array([outputs])


LARGE = 2e-6  # an error of two scales at the floor

CASES = [
    *rows(
        K.GaussianNLL,
        gaussian,
        1,
        known=[
            ({}, *one(0, LOG_2), 0.8181471806),
            ({"full": True}, *one(0, LOG_2), 1.7370857138),
            ({"link": "variance"}, *one(0, 4), 0.8181471806),
            ({"link": "log_variance"}, *one(0, 2 * LOG_2), 0.8181471806),
            ({"link": "softplus"}, *one(0, 1), 0.5624267238),
        ],
        variants=[{"full": True}],
        kinks=[
            at(LARGE, [0.0, -1e4], [-2e6, -3.0]),
            at(LARGE, [0.0, -5.0], [-2e6, -3e6], link="identity"),
            at(0.0, [0.0, 0.0], [0.0, 0.5e6], link="variance"),
            at(0.0, [0.0, -1e4], [0.0, 0.5], link="log_variance"),
            at(0.0, [0.0, 1e4], [0.0, 1.0]),
        ],
        bad=[{"full": 1}],
    ),
    *rows(
        K.BetaNLL,
        beta,
        1,
        known=[({}, *one(0, LOG_2), 1.6362943611), ({"beta": 0.0}, *one(0, LOG_2), 0.8181471806)],
        variants=[{"beta": 0.0}, {"beta": 1}, {"beta": 0.0, "link": "log_variance"}],
        kinks=[
            at(1.0, [0.0, LOG_2], [-0.5, 1.5]),
            at(1.0, [0.0, LOG_2], [-1.0, 3.0], beta=1.0),
            at(0.0, [0.0, 0.0], [0.0, 0.5], link="log_variance"),
        ],
        bad=[{"beta": -0.1}, {"beta": 1.1}],
        exempt=STOPPED,
    ),
    *rows(
        K.LaplaceNLL,
        laplace,
        1,
        known=[({}, *one(0, LOG_2), 1.8862943611)],
        kinks=[at(2.0, [2.0, 0.0], [0.0, 1.0]), at(LARGE, [0.0, -1e4], [-1e6, -1.0])],
        links=["softplus"],
    ),
    *rows(
        K.StudentTNLL,
        student,
        2,
        known=[({}, *one(0, LOG_2, np.log(3)), 1.8541214455), ({"df": 3}, *one(0, LOG_2), 1.8541214455)],
        kinks=[at(0.0, [0.0, -1e4, 0.0], [0.0, 1.0, -0.1931472])],
        links=["softplus"],
        extremes=hard(3, (0.0, 1.0, 1e4, -1e4, 1e-40, -1e-20, 1e-7)),
        bad=[{"df": 0.0}, {"df": -1}, {"df": "3"}],
    ),
    Case(
        K.StudentTNLL,
        parameters(1),
        student,
        arguments={"df": 3.0},
        variants=[{"df": 0.5}, {"df": 100}],
        extremes=hard(2),
    ),
    *rows(
        K.LogNormalNLL,
        log_normal,
        1,
        known=[({}, *one(0, LOG_2), 1.6120857138)],
        kinks=[at(1.0, [0.0, -1e4], [0.0, 1.0])],
        draw=draw_positive_targets,
        draw_identity=lambda rng, n: (
            draw_positive_targets(rng, n)[0],
            parameters(1, 0.2, 2.0)(rng, n)[1],
        ),
        extremes=hard(2, targets=(1e-30, 1e-7, 0.5, 1.0, 1e4, 1e30)),
    ),
    *rows(
        K.ZeroInflatedLogNormalNLL,
        zero_inflated_log_normal,
        2,
        known=[
            ({}, *one_of(0, 0, LOG_2, 0.5), 0.4740769842),
            ({}, *one_of(1, 0, LOG_2, 0.5), 2.5861626979),
            ({}, *one_of(3, 0, LOG_2, 0.5), 3.8356436067),
        ],
        kinks=[
            at(0.0, [0.0, -1e4, 0.0], [0.0, 0.0, -0.5]),
            at(1.0, [0.0, -1e4, 0.0], [0.0, 1.0, 0.5]),
        ],
        draw=draw_amounts(parameters(2)),
        draw_identity=draw_amounts(parameters(2, 0.2, 2.0)),
        extremes=hard(3, targets=(0.0, 1e-30, 0.5, 1.0, 1e30)),
    ),
    *rows(
        K.GaussianMixtureNLL,
        mixture,
        5,
        known=[({}, *one(0, 0, 0, 2, 0, LOG_2), 1.5654129220)],
        kinks=[at(1e4, [0.0, 0.0, 0.0, 2.0, 0.0, 0.0], [0.5, -0.5, 0.0, -9998.0, 0.0, 1 - 9998.0**2])],
        draw=draw_mixture,
        draw_identity=lambda rng, n: draw_mixture(rng, n, low=0.2),
        extremes=hard(6, (0.0, 1e4, -1e4, 1e-40), (0.0, -1e4)),
    ),
    *rows(
        K.EvidentialRegression,
        evidential,
        3,
        known=[
            ({}, *one(0, 0, 0, 0), 4.6386990655),
            ({"link": "identity"}, *one(0, 1, 2, 1), 5.5386881313),
        ],
        variants=[{"coefficient": 0.0}, {"coefficient": 0.01, "link": "log"}],
        kinks=[at(0.0, [0.0, 1.0, 2.0, 1.0], [0.0, -0.25, -0.2803723, 0.5], link="identity")],
        links=["softplus", "log"],
        draw_identity=draw_evidence,
        extremes=hard(4, (0.0, 1.0, 1e4, -1e4, 1e-40)),
        bad=[{"coefficient": -0.1}],
    ),
    *rows(
        K.VonMisesNLL,
        von_mises,
        1,
        known=[({}, *one(0, LOG_2), 1.5812659962)],
        kinks=[at(0.0, [0.0, -1e4], [0.0, -1e-6]), at(np.pi, [0.0, 0.0], [0.0, 1.4463899])],
        links=["softplus"],
    ),
]
