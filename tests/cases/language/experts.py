"""Cases of `kerasloss/losses/language/experts.py`."""

import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.embedding import IGNORES_Y_TRUE


def draw_router(rng, n):
    """Logits of n texts of three tokens for four experts, no two of a token nearly equal."""
    ranks = rng.permuted(np.tile(np.arange(4.0), (n, 3, 1)), axis=-1)
    logits = 0.6 * ranks + rng.uniform(-0.2, 0.2, size=ranks.shape)
    return np.zeros((n, 3), "float32"), logits.astype("float32")


def draw_tokens(rng, n):
    y_true, y_pred = draw_router(rng, n)
    return y_true[:, 0], y_pred[:, 0]


def router_extremes():
    """Equal, tiny, huge and opposite logits, in every place."""
    numbers = np.array(list(itertools.product([0.0, 1e-40, 1e4, -1e4], repeat=3)), "float32")
    return np.zeros((16, 4), "float32"), numbers.reshape(16, 4, 3)


def softmax(x):
    powers = [mpmath.exp(v) for v in x]
    return [v / sum(powers) for v in powers]


def pooled(tokens, top_k):
    """Expert by expert: the share of tokens that are sent to it, times its mean probability."""
    total, experts = mpmath.mpf(0), len(tokens[0])
    for e in range(experts):
        # An expert is chosen if fewer than k others come before it.
        before = [[i for i in range(experts) if (-x[i], i) < (-x[e], e)] for x in tokens]
        sent = sum(1 for others in before if len(others) < top_k)
        total += mpmath.mpf(sent) * sum(softmax(x)[e] for x in tokens)
    return total * experts / len(tokens) ** 2


def moe_load_balancing(y, p, top_k=1, level="batch"):
    if level == "batch":
        return np.array(pooled(p.reshape(-1, p.shape[-1]), top_k), object)
    values = np.empty(p.shape[:-2], object)
    for i in np.ndindex(*values.shape):
        values[i] = pooled(p[i], top_k)
    return values


def router_z(y, p):
    values = np.empty(p.shape[:-1], object)
    for i in np.ndindex(*values.shape):
        values[i] = mpmath.log(sum(mpmath.exp(x) for x in p[i])) ** 2
    return values


P = np.array([[[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]], [[0.1, 0.2, 0.7], [0.2, 0.5, 0.3]]])
LOGITS, NO_LABELS = np.log(P), np.zeros((2, 2))
HALF = 0.5 * np.ones((2, 1))

CASES = [
    Case(
        K.MoELoadBalancing,
        draw_router,
        moe_load_balancing,
        variants=[{"top_k": 2}, {"top_k": 4}, {"level": "sequence"}, {"top_k": 3, "level": "sequence"}],
        known=[
            ({}, NO_LABELS, LOGITS, 1.0125),
            ({"top_k": 2}, NO_LABELS, LOGITS, 1.9875),
            ({"level": "sequence", "reduction": None}, NO_LABELS, LOGITS, [1.65, 1.275]),
            ({"level": "sequence"}, NO_LABELS, LOGITS, 1.4625),
            ({}, NO_LABELS.ravel(), LOGITS.reshape(4, 3), 1.0125),
        ],
        bad=[{"top_k": 0}, {"top_k": 1.5}, {"top_k": True}, {"level": "token"}],
        extremes=router_extremes,
        kinks=[
            # Of equal logits the first is taken: all tokens go to it.
            ({}, np.zeros(2), np.zeros((2, 2)), [[0.25, -0.25], [0.25, -0.25]]),
            ({"top_k": 2}, np.zeros(2), np.zeros((2, 2)), np.zeros((2, 2))),
            ({}, np.zeros(2), [[0.0, 0], [0, 1e-6]], np.zeros((2, 2))),
            (
                {"level": "sequence"},
                np.zeros((1, 2)),
                np.zeros((1, 2, 3)),
                [[[1 / 3, -1 / 6, -1 / 6], [1 / 3, -1 / 6, -1 / 6]]],
            ),
        ],
        scope="batch",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.MoELoadBalancing,
        draw_tokens,
        moe_load_balancing,
        arguments={"top_k": 2},
        extremes=lambda: tuple(x.reshape(64, *x.shape[2:]) for x in router_extremes()),
        scope="batch",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.MoELoadBalancing,
        draw_router,
        moe_load_balancing,
        arguments={"level": "sequence"},
        variants=[{"top_k": 2}],
        extremes=router_extremes,
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.RouterZ,
        draw_router,
        router_z,
        known=[({}, np.zeros(1), [[1.0, 2.0, 0.0]], 5.796566480028)],
        bad=[{"reduction": "median"}],
        extremes=router_extremes,
        kinks=[
            ({}, np.zeros(1), np.log([[0.25, 0.75]]), [[0, 0]]),
            ({}, np.zeros(1), np.zeros((1, 2)), np.log([[2, 2]])),
        ],
        exempt=IGNORES_Y_TRUE,
    ),
    Case(K.RouterZ, draw_tokens, router_z, extremes=router_extremes, exempt=IGNORES_Y_TRUE),
]
