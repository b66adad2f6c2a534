"""Cases of `kerasloss/losses/divergence/divergences.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.divergence import clip, each, total

P = np.array([[0.25, 0.75]])
HALF = np.array([[0.5, 0.5]])
ONE = np.array([[1.0, 0.0]])
TWO = np.array([[0.0, 1.0]])


def joint(function):
    """A reference over the last axis made one over any axes."""

    def over_axes(p, q, axis=-1, **arguments):
        axes = np.atleast_1d(axis)
        p, q = (np.moveaxis(x, axes, range(-len(axes), 0)) for x in (p, q))
        shape = p.shape[: p.ndim - len(axes)]
        return function(p.reshape(*shape, -1), q.reshape(*shape, -1), **arguments)

    return over_axes


def relative(a, b):
    """a log(a / b), its limit at 0."""
    if a == 0:
        return mpmath.mpf(0)
    return mpmath.inf if b == 0 else a * mpmath.log(a / b)


@joint
def kl(p, q, from_logits=False, log_target=False, epsilon=1e-7):
    if from_logits:
        q = m.softmax(q)
    elif epsilon:
        q = clip(q, epsilon, 1)
    if log_target:
        p = m.exp(p)
    elif epsilon and not from_logits:
        p = clip(p, epsilon, 1)
    return total(each(relative, p, q))


@joint
def generalized(p, q, from_logits=False, epsilon=1e-7):
    """The Bregman divergence of x log(x), up to what epsilon adds."""
    if from_logits:
        q = m.exp(q)
    held = q if from_logits else clip(q, epsilon)
    potential = each(lambda x: x * mpmath.log(x) if x else mpmath.mpf(0), p) - held * m.log(held)
    return total(potential - (p - held) * (m.log(held) + 1) + q - held)


@joint
def jensen_shannon(p, q, beta=0.5, from_logits=False, log_target=False, epsilon=1e-7):
    """Entropy of the mixture less the entropies, with the floors of logarithms."""
    p, floor_p = (m.exp(p), 0) if log_target else (p, epsilon)
    q, floor_q = (m.softmax(q), 0) if from_logits else (q, epsilon)

    def entropy(x, y, least):
        """-sum(x log(y))"""
        return -total(
            each(lambda a, b: a * mpmath.log(max(b, mpmath.mpf(least))) if a else mpmath.mpf(0), x, y)
        )

    if beta == 0:
        return entropy(p, q, floor_q) - entropy(p, p, floor_p)
    if beta == 1:
        return entropy(q, p, floor_p) - entropy(q, q, floor_q)
    beta = mpmath.mpf(beta)
    mixture = beta * p + (1 - beta) * q
    return (
        entropy(mixture, mixture, min(floor_p, floor_q))
        - beta * entropy(p, p, floor_p)
        - (1 - beta) * entropy(q, q, floor_q)
    )


@joint
def total_variation(p, q, from_logits=False):
    q = m.softmax(q) if from_logits else q
    return total(np.maximum(p, q) - np.minimum(p, q)) / 2


@joint
def renyi(p, q, alpha=0.5, from_logits=False, epsilon=1e-7):
    alpha, epsilon = mpmath.mpf(alpha), mpmath.mpf(epsilon)
    if alpha == 1:
        return total(each(relative, p, m.softmax(q) if from_logits else clip(q, epsilon)))

    def term(a, b):
        if a <= 0:
            return mpmath.mpf(0)
        if from_logits or b >= epsilon:
            return a**alpha * b ** (1 - alpha)
        return a**alpha * (b * epsilon**-alpha if alpha < 1 else epsilon ** (1 - alpha))

    sums = total(each(term, p, m.softmax(q) if from_logits else q))
    return m.log(sums if from_logits else clip(sums, epsilon**2)) / (alpha - 1)


@joint
def hellinger(p, q, from_logits=False, epsilon=1e-7):
    epsilon = mpmath.mpf(epsilon)

    def root(x):
        return mpmath.sqrt(x) if x >= epsilon else x / mpmath.sqrt(epsilon)

    s, t = each(root, p), each(mpmath.sqrt, m.softmax(q)) if from_logits else each(root, q)
    return m.sqrt((total(s * s) + total(t * t)) / 2 - total(s * t))


def wasserstein(p, q, positions=None, axis=-1, from_logits=False):
    """Area between the distribution functions, one bin at a time."""
    p, q = np.moveaxis(p, axis, -1), np.moveaxis(q, axis, -1)
    q = m.softmax(q) if from_logits else q
    places = range(p.shape[-1]) if positions is None else positions
    work = 0 * p[..., 0]
    for k in range(p.shape[-1] - 1):
        gap = mpmath.mpf(places[k + 1]) - mpmath.mpf(places[k])
        work = work + gap * abs(total(p[..., : k + 1]) - total(q[..., : k + 1]))
    return work


def draw(rng, n, d=4):
    """Probabilities, of which some are 0 in the target."""
    p, q = rng.dirichlet(np.ones(d), size=n), rng.dirichlet(2 * np.ones(d), size=n)
    p[:: max(n // 2, 1), 0] = 0
    return p.astype("float32"), np.maximum(q, 0.01).astype("float32")


def draw_logits(rng, n):
    p, _ = draw(rng, n)
    return p, (2 * rng.normal(size=p.shape)).astype("float32")


def draw_logs(rng, n):
    p, q = draw(rng, n)
    return np.log(np.maximum(p, 0.02)).astype("float32"), q


def draw_both_logs(rng, n):
    return draw_logs(rng, n)[0], draw_logits(rng, n)[1]


def draw_maps(rng, n):
    p, q = draw(rng, 6 * n)
    return p.reshape(n, 2, 3, 4), q.reshape(n, 2, 3, 4)


HARD = np.array(
    [[0, 0, 1], [1, 0, 0], [0.5, 0.5, 0], [1e-40, 1e-20, 1], [1e-7, 1e-8, 1], [0, 0, 0]], "float32"
)


def hard():
    """Every pair of hard distributions."""
    i, j = np.meshgrid(np.arange(len(HARD)), np.arange(len(HARD)))
    return HARD[i.ravel()], HARD[j.ravel()]


def hard_logits():
    scores = np.array(
        [[1e4, -1e4, 0], [-1e4, 1e4, 1e4], [0, 0, 0], [1e-40, -1e-20, 1], [88, -104, 3]], "float32"
    )
    i, j = np.meshgrid(np.arange(len(HARD) - 1), np.arange(len(scores)))
    return HARD[i.ravel()], scores[j.ravel()]


def hard_logs():
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(hard()[0]), np.float32(-1e4)), hard()[1]


def hard_both_logs():
    scores = hard_logits()[1]
    return np.minimum(scores[::-1] - 1, 0), scores


def rows(loss, reference, probabilities, logits, **fields):
    """Three rows: of probabilities, of logits, and of several axes."""
    yield Case(loss, draw, reference, variants=probabilities, extremes=hard, **fields)
    yield Case(
        loss,
        draw_logits,
        reference,
        arguments={"from_logits": True},
        variants=logits,
        extremes=hard_logits,
    )
    yield Case(
        loss,
        draw_maps,
        reference,
        arguments={"axis": (1, 2)},
        variants=[{"axis": [-1]}, {"axis": -2}],
        extremes=lambda: tuple(x[:, None, :, None] for x in hard()),
    )


AXIS = [{"axis": None}, {"axis": (0, 0)}, {"axis": 0.5}]
COMMON_BAD = [{"from_logits": 1}, *AXIS]
EPSILON_BAD = [{"epsilon": -1e-7}, {"epsilon": 1.0}]

CASES = [
    *rows(
        K.KLDivergence,
        kl,
        [{"epsilon": 0.0}, {"epsilon": 0.05}],
        [],
        known=[
            ({}, P, HALF, 0.130812035941),
            ({"from_logits": True}, P, np.array([[0.0, 1.0]]), 0.000926542899),
            ({}, ONE, HALF, 0.693145638065),
            ({"epsilon": 0.0}, ONE, HALF, np.log(2)),
            ({}, ONE, TWO, 16.118094),
            ({"epsilon": 0.0}, ONE, TWO, np.inf),
            ({"epsilon": 0.0}, TWO, TWO, 0.0),
        ],
        bad=[*COMMON_BAD, *EPSILON_BAD, {"log_target": 0}],
        kinks=[
            ({}, ONE, ONE, [[-1.0, 0.0]]),
            ({}, ONE, TWO, [[0.0, -1e-7]]),
            ({"from_logits": True}, ONE, np.array([[-1e4, 1e4]]), [[-1.0, 1.0]]),
            ({"epsilon": 0.0}, ONE, ONE, [[-1.0, 0.0]]),
        ],
    ),
    Case(
        K.KLDivergence,
        draw_logs,
        kl,
        arguments={"log_target": True},
        variants=[{"epsilon": 0.0}, {"epsilon": 0.05}],
        known=[({}, np.array([[0.0, -np.inf]]), HALF, np.log(2))],
        extremes=hard_logs,
        exempt={"integer_labels": Exempt("a logarithm of 1 is no probability")},
    ),
    Case(
        K.KLDivergence,
        draw_both_logs,
        kl,
        arguments={"log_target": True, "from_logits": True},
        known=[({}, np.array([[0.0, -np.inf]]), np.array([[0.0, -np.inf]]), 0.0)],
        extremes=hard_both_logs,
    ),
    *rows(
        K.GeneralizedKLDivergence,
        generalized,
        [{"epsilon": 0.0}, {"epsilon": 0.1}],
        [],
        known=[
            ({}, np.array([[1.0, 2.0]]), np.array([[2.0, 0.5]]), 1.57944154168),
            ({}, TWO, np.array([[3.0, 1.0]]), 3.0),
            ({"epsilon": 0.0}, ONE, TWO, np.inf),
            ({"epsilon": 0.0}, ONE, ONE, 0.0),
        ],
        bad=[*COMMON_BAD, *EPSILON_BAD],
        kinks=[({}, ONE, ONE, [[0.0, 1.0]]), ({}, ONE, TWO, [[1.0, 1.0]])],
    ),
    *rows(
        K.JensenShannonDivergence,
        jensen_shannon,
        [{"beta": 0.1}, {"beta": 0}, {"beta": 1}, {"epsilon": 0.05}, {"epsilon": 0.0}],
        [{"beta": 0.1}, {"beta": 0}, {"beta": 1}],
        known=[
            ({}, ONE, HALF, 0.215761554339),
            ({"beta": 0.1}, ONE, HALF, 0.06430635121),
            ({}, ONE, TWO, np.log(2)),
            ({"epsilon": 0.0}, ONE, TWO, np.log(2)),
            ({"from_logits": True}, ONE, np.array([[-1e4, 1e4]]), np.log(2)),
        ],
        bad=[*COMMON_BAD, *EPSILON_BAD, {"beta": -0.1}, {"beta": 1.1}, {"log_target": None}],
        kinks=[({}, HALF, HALF, [[0, 0]]), ({}, ONE, ONE, [[0, 0.0]])],
    ),
    Case(
        K.JensenShannonDivergence,
        draw_logs,
        jensen_shannon,
        arguments={"log_target": True},
        variants=[{"beta": 0.1}, {"beta": 0}, {"beta": 1}],
        extremes=hard_logs,
    ),
    Case(
        K.JensenShannonDivergence,
        draw_both_logs,
        jensen_shannon,
        arguments={"log_target": True, "from_logits": True},
        variants=[{"beta": 0.1}, {"beta": 0}, {"beta": 1}],
        known=[({}, np.array([[0.0, -np.inf]]), np.array([[0.0, -np.inf]]), 0.0)],
        extremes=hard_both_logs,
    ),
    *rows(
        K.TotalVariationDistance,
        total_variation,
        [],
        [],
        known=[({}, P, HALF, 0.25), ({}, ONE, TWO, 1.0)],
        bad=COMMON_BAD,
        kinks=[({}, HALF, HALF, [[0, 0]]), ({}, ONE, HALF, [[-0.5, 0.5]])],
    ),
    *rows(
        K.RenyiDivergence,
        renyi,
        [{"alpha": 1}, {"alpha": 2.0}, {"alpha": 0.9}, {"alpha": 1.1}, {"epsilon": 0.05}, {"alpha": 7.5}],
        [{"alpha": 1}, {"alpha": 2.0}, {"alpha": 0.9}, {"alpha": 7.5}],
        known=[
            ({}, P, HALF, 0.069336464195),
            ({"alpha": 2}, P, HALF, 0.223143551314),
            ({}, HALF, ONE, np.log(2)),
            ({}, ONE, TWO, 4 * np.log(1e7)),
            ({"alpha": 1.001}, P, HALF, 0.130925166687),
            ({"alpha": 0.999}, P, HALF, 0.130698863759),
        ],
        bad=[*COMMON_BAD, {"epsilon": 0.0}, {"epsilon": 1.0}, {"alpha": 0.0}, {"alpha": np.inf}],
        kinks=[({}, ONE, TWO, [[0, 0]]), ({"alpha": 2.0}, ONE, TWO, [[0, 0]])],
    ),
    *rows(
        K.HellingerDistance,
        hellinger,
        [{"epsilon": 0.05}],
        [],
        known=[({}, P, HALF, 0.184591911283), ({}, ONE, TWO, 1.0)],
        bad=[*COMMON_BAD, {"epsilon": 0.0}, {"epsilon": 1.0}],
        kinks=[({}, HALF, HALF, [[0, 0]]), ({}, ONE, ONE, [[0, 0]])],
    ),
    *[
        Case(
            K.WassersteinDistance,
            drawn,
            wasserstein,
            arguments=arguments,
            variants=[{"positions": [0.0, 1.0, 4.0, 4.5]}, {"positions": (-1, 0, 1, 5)}, *variants],
            known=[
                ({"from_logits": False}, np.array([[1.0, 0, 0]]), np.array([[0, 0.5, 0.5]]), 1.5),
                (
                    {"from_logits": False, "positions": [0, 1, 4]},
                    np.array([[1.0, 0, 0]]),
                    np.array([[0, 0.5, 0.5]]),
                    2.5,
                ),
            ],
            bad=[
                {"positions": [0, 0]},
                {"positions": [1, 0]},
                {"positions": []},
                {"positions": ["0"]},
                {"axis": None},
                {"axis": [0]},
                {"from_logits": 1},
            ],
            extremes=extremes,
            kinks=[({"from_logits": False}, HALF, HALF, [[0, 0]])],
        )
        for drawn, arguments, variants, extremes in (
            (draw, {}, [{"axis": 0}], hard),
            (draw_logits, {"from_logits": True}, [], hard_logits),
        )
    ],
]
