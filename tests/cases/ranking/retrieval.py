"""Cases of `kerasloss/losses/ranking/retrieval.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.embedding import dot, vector_extremes
from tests.cases.common.lists import draw_chosen, each_list, list_extremes

CHOSEN = np.array([[1, 0, 0]]), np.array([[0.5, 1.0, -0.25]], "float32")
TOWERS = np.array([[[1, 0], [0.5, 1]], [[0, 1], [1, 1]]], "float32")


def sides(y, those):
    """The chosen items, and the others."""
    return [i for i in those if y[i] > 0], [i for i in those if y[i] == 0]


def bpr(y, s, those):
    chosen, others = sides(y, those)
    odds = [mpmath.exp(s[p]) / (mpmath.exp(s[p]) + mpmath.exp(s[q])) for p in chosen for q in others]
    return -mpmath.log(mpmath.fprod(odds)) / len(odds) if odds else 0


def cosine_contrastive(y, s, those, margin=0.0, negative_weight=1.0):
    costs = [1 - min(s[i], 1) for i in those], [max(s[i], mpmath.mpf(margin)) - margin for i in those]
    value = mpmath.mpf(0)
    for factor, cost, side in zip((1, negative_weight), costs, sides(y, those), strict=True):
        of_side = [c for i, c in zip(those, cost, strict=True) if i in side]
        value += factor * sum(of_side) / max(len(of_side), 1)
    return value


def in_batch(y, p, temperature=1.0, remove_accidental_hits=True, num_hard_negatives=None):
    """The share of the own candidate among those that are left, each weighed by 1 / probability."""
    n = len(p)
    ids, chances = (y[:, 0], y[:, 1]) if y.ndim == 2 else (y, [1] * n)

    def power(i, j):
        z = p[i, j] if p.ndim == 2 else dot(p[i, 0], p[j, 1]) / mpmath.mpf(temperature)
        return mpmath.exp(z) / min(max(mpmath.mpf(1) * chances[j], mpmath.mpf(1e-6)), 1)

    values = []
    for i in range(n):
        others = [power(i, j) for j in range(n) if j != i]
        if remove_accidental_hits:
            others = [power(i, j) for j in range(n) if j != i and ids[j] != ids[i]]
        others = sorted(others, reverse=True)[:num_hard_negatives]
        values.append(-mpmath.log(power(i, i) / (power(i, i) + sum(others))))
    return np.array(values, object)


def draw_cosines(rng, n):
    y_true, _ = draw_chosen(rng, n)
    return y_true, rng.uniform(-1, 1, size=y_true.shape).astype("float32")


def cosine_extremes():
    y_true, y_pred = list_extremes()
    return y_true, np.clip(y_pred, -1, 1)


def draw_towers(rng, n):
    """Candidates of which every third stands in the batch twice."""
    return rng.permutation(np.arange(n) // 3 * 2 + np.arange(n) % 3 // 2), rng.normal(size=(n, 2, 3)).astype(
        "float32"
    )


def draw_sampled(rng, n):
    ids, y_pred = draw_towers(rng, n)
    return np.stack([ids, rng.uniform(0.05, 1, n)], axis=1).astype("float32"), y_pred


def draw_products(rng, n):
    """The matrix of the logits."""
    return draw_towers(rng, n)[0], rng.normal(size=(n, n)).astype("float32")


def tower_extremes():
    _, y_pred = vector_extremes()
    return np.arange(len(y_pred)) // 2, np.clip(y_pred, -100, 100)


def sampled_extremes():
    ids, y_pred = tower_extremes()
    chances = np.resize([1.0, 0.0, 1e-30, 1e-6, 2.0], len(ids))
    return np.stack([ids, chances], axis=1).astype("float32"), y_pred


HARD = [
    {"temperature": 0.5},
    {"remove_accidental_hits": False},
    {"num_hard_negatives": 2},
    {"num_hard_negatives": 50, "remove_accidental_hits": False},
]


CASES = [
    Case(
        K.BayesianPersonalizedRanking,
        draw_chosen,
        each_list(bpr),
        known=[({}, *CHOSEN, 0.680473995148), ({}, 3 * CHOSEN[0], CHOSEN[1], 0.680473995148)],
        extremes=list_extremes,
    ),
    Case(
        K.CosineContrastive,
        draw_cosines,
        each_list(cosine_contrastive),
        variants=[{"margin": -0.5}, {"negative_weight": 3.0, "margin": 0.2}],
        known=[
            ({"margin": 0.3, "negative_weight": 2.0}, *CHOSEN, 1.2),
            ({"margin": 0.3}, CHOSEN[0] + 1, CHOSEN[1], 7 / 12),
        ],
        bad=[{"margin": 1.0}, {"margin": -1.5}, {"negative_weight": -1.0}],
        extremes=cosine_extremes,
        kinks=[({"margin": 0.5}, [[1, 0, 0]], [[1.0, 0.5, 0.0]], [[0.0, 0.0, 0.0]])],
    ),
    Case(
        K.InBatchSoftmax,
        draw_towers,
        in_batch,
        variants=HARD,
        known=[({"reduction": None}, np.array([4, 5]), TOWERS, [0.974076984180, 0.693147180560])],
        bad=[{"temperature": 0.0}, {"remove_accidental_hits": 1}, {"num_hard_negatives": 0}],
        extremes=tower_extremes,
        # Of equal ones the first is the hard negative.
        kinks=[
            (
                {"num_hard_negatives": 1},
                np.arange(3),
                [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]],
                [[[0.0, 0.0], [-0.5, 0.0]], [[0.0, 0.0], [0.5, 0.0]], [[0.0, 0.0], [0.0, 0.0]]],
            )
        ],
        scope="anchor",
    ),
    Case(
        K.InBatchSoftmax,
        draw_sampled,
        in_batch,
        variants=HARD[1:3],
        known=[
            (
                {"reduction": None},
                np.array([[4, 0.5], [5, 0.1]]),
                TOWERS,
                [2.223932107505, 0.182321556794],
            )
        ],
        extremes=sampled_extremes,
        scope="anchor",
    ),
    Case(
        K.InBatchSoftmax,
        draw_products,
        in_batch,
        variants=HARD[1:3],
        extremes=lambda: (np.arange(3), np.array([[1e4, -1e4, 0], [0, 0, 0], [-1e4, 1e4, -1e4]], "float32")),
        square=True,
        scope="anchor",
    ),
]
