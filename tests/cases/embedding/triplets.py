"""Cases of `kerasloss/losses/embedding/triplets.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.embedding import (
    IGNORES_Y_TRUE,
    A,
    Batch,
    distance,
    draw_long_embeddings,
    draw_pairs,
    embedding_extremes,
    has_both,
    vector_extremes,
)
from tests.precise import exp, log


def draw_triplets(rng, n):
    return draw_pairs(rng, n, k=3)


def draw_quadruplets(rng, n):
    return draw_pairs(rng, n, k=4)


def triplet_margin(y, p, margin=1.0, distance="euclidean", swap=False, soft=False):
    anchor, positive, negative = np.moveaxis(p, 1, 0)
    near, far = between(distance, anchor, positive), between(distance, anchor, negative)
    if swap:
        far = np.minimum(far, between(distance, positive, negative))
    x = near - far + margin
    return log(1 + exp(x)) if soft else np.maximum(x, 0)


between = distance


def quadruplet(y, p, margin=1.0, margin2=0.5, distance="squared_euclidean"):
    anchor, positive, negative, other = np.moveaxis(p, 1, 0)
    near = between(distance, anchor, positive)
    first = np.maximum(near + margin - between(distance, anchor, negative), 0)
    return first + np.maximum(near + margin2 - between(distance, negative, other), 0)


def batch_all(y, p, margin=1.0, mining="all", distance="euclidean", normalize=False, average="active",
              ignore_class=None):  # fmt: skip
    batch = Batch(y, p, distance, normalize, ignore_class)

    def chosen(gap):
        return {"all": True, "hard": gap <= 0, "semihard": 0 < gap <= margin}[mining]

    def terms(a):
        gaps = [batch.d[a][n] - batch.d[a][p] for p in batch.positives[a] for n in batch.negatives[a]]
        return [max(margin - gap, 0) for gap in gaps if chosen(gap)]

    return batch.values(terms, average)


def batch_hard(y, p, margin=1.0, soft=False, distance="euclidean", normalize=False, average="valid",
               ignore_class=None):  # fmt: skip
    batch = Batch(y, p, distance, normalize, ignore_class)

    def value(a):
        if not batch.positives[a] or not batch.negatives[a]:
            return 0
        far = max(batch.d[a][p] for p in batch.positives[a])
        near = min(batch.d[a][n] for n in batch.negatives[a])
        return log(1 + exp(margin + far - near)) if soft else max(margin + far - near, 0)

    return batch.each(value)


def semi_hard(y, p, margin=1.0, distance="euclidean", normalize=False, average="valid", ignore_class=None):
    batch = Batch(y, p, distance, normalize, ignore_class)

    def terms(a):
        far = [batch.d[a][n] for n in batch.negatives[a]]
        positives = batch.positives[a] if far else []
        chosen = [min([x for x in far if x > batch.d[a][p]], default=max(far)) for p in positives]
        return [max(batch.d[a][p] - x + margin, 0) for p, x in zip(positives, chosen, strict=True)]

    return batch.values(terms, average)


def angular(y, p, alpha=40.0, average="valid", ignore_class=None):
    batch = Batch(y, p, "cosine", ignore_class=ignore_class)
    t = mpmath.tan(mpmath.radians(alpha)) ** 2

    def cos(i, j):
        return 1 - batch.d[i][j]

    def exponent(a, p, n):
        return 4 * t * (cos(a, n) + cos(p, n)) - 2 * (1 + t) * cos(a, p)

    def terms(a):
        positives = batch.positives[a] if batch.negatives[a] else []
        return [log(1 + sum(exp(exponent(a, p, n)) for n in batch.negatives[a])) for p in positives]

    return batch.values(terms, average)


def margin_based(y, p, margin=0.2, beta=1.2, distance="euclidean", normalize=True, average="active",
                 ignore_class=None):  # fmt: skip
    batch = Batch(y, p, distance, normalize, ignore_class)

    def pull(a, p):
        return max(batch.d[a][p] - beta + margin, 0)

    def push(a, n):
        return max(beta - batch.d[a][n] + margin, 0)

    # Each triplet has two halves: both count in "active", together they are one term otherwise.
    def halves(a):
        triplets = [(p, n) for p in batch.positives[a] for n in batch.negatives[a]]
        if average == "active":
            return [x for p, n in triplets for x in (pull(a, p), push(a, n))]
        return [pull(a, p) + push(a, n) for p, n in triplets]

    return batch.values(halves, average)


def labelled(loss, reference, variants, known, bad, arguments=None, draw=draw_long_embeddings, **others):
    """The row of a loss of labelled embeddings."""
    empty = [({}, np.zeros(4, int), A[1], 0.0), ({}, np.arange(4), A[1], 0.0)]
    return Case(
        loss,
        draw,
        reference,
        arguments=arguments or {},
        variants=[*variants, {"ignore_class": 2}],
        known=[*known, *(() if others.get("nonzero") else empty)],
        bad=[*bad, {"ignore_class": 0.5}],
        extremes=embedding_extremes,
        scope="anchor",
        **others,
    )


METRIC = [{"distance": "squared_euclidean"}, {"distance": "cosine"}, {"normalize": True}]
BAD_METRIC = [{"margin": -1.0}, {"distance": "manhattan"}, {"normalize": 1}, {"average": "mean"}]
NO_GRADIENT = [({}, [0, 0, 1], np.zeros((3, 2)), np.zeros((3, 2)))]
VALUES = {"reduction": None}

CASES = [
    Case(
        K.TripletMargin,
        draw_triplets,
        triplet_margin,
        variants=[
            {"margin": 2.0},
            *({"distance": name} for name in ("squared_euclidean", "cosine", "manhattan")),
            {"swap": True},
            {"soft": True},
        ],
        known=[
            (
                {"reduction": None},
                np.zeros(2),
                np.array([[[0, 0], [3, 4], [6, 8]], [[0, 0], [1, 0], [0, 1]]], "float32"),
                [0, 1],
            ),
            (
                {"distance": "squared_euclidean", "reduction": None},
                np.zeros(2),
                np.array([[[0, 0], [3, 4], [1, 0]], [[0, 0], [3, 4], [6, 8]]], "float32"),
                [25, 0],
            ),
        ],
        bad=[{"margin": -1.0}, {"distance": "chebyshev"}, {"swap": 1}, {"soft": "yes"}],
        extremes=lambda: vector_extremes(3),
        kinks=[({}, [0.0], np.ones((1, 3, 2)), np.zeros((1, 3, 2)))],
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.Quadruplet,
        draw_quadruplets,
        quadruplet,
        variants=[{"margin": 3.0}, {"margin2": 3.0}, {"distance": "euclidean"}],
        known=[({}, np.zeros(1), np.array([[[0, 0], [1, 0], [0, 1], [1, 1]]], "float32"), 1.5)],
        bad=[{"margin": -1.0}, {"margin2": -1.0}, {"distance": "chebyshev"}],
        extremes=lambda: vector_extremes(4),
        kinks=[({"distance": "euclidean"}, [0.0], np.ones((1, 4, 2)), np.zeros((1, 4, 2)))],
        exempt=IGNORES_Y_TRUE,
    ),
    labelled(
        K.BatchAllTriplet,
        batch_all,
        variants=[
            {"margin": 0.3},
            {"mining": "hard", "margin": 0.4},
            {"mining": "semihard", "margin": 0.4},
            {"mining": "semihard", "margin": 0.4, "average": "anchor"},
            {"average": "valid"},
            {"average": "anchor"},
            *METRIC,
        ],
        known=[
            (VALUES, *A, [0.1454946464, 0.6375135405, 0.6375135405, 0.1454946464]),
            ({}, *A, 0.391504093452),
        ],
        bad=[{"mining": "easy"}, *BAD_METRIC],
        kinks=NO_GRADIENT,
    ),
    labelled(
        K.BatchHardTriplet,
        batch_hard,
        variants=[{"margin": 0.3}, {"soft": True}, {"average": "anchor"}, *METRIC],
        known=[
            (VALUES, *A, [0.2182419697, 0.738028341, 0.738028341, 0.2182419697]),
            ({}, *A, 0.478135155347),
        ],
        bad=[{"soft": 1}, *BAD_METRIC],
        kinks=NO_GRADIENT,
        counts=has_both,
    ),
    labelled(
        K.SemiHardTriplet,
        semi_hard,
        variants=[{"margin": 0.3}, {"average": "anchor"}, {"average": "active", "margin": 0.3}, *METRIC],
        known=[
            (VALUES, *A, [0.2182419697, 0.738028341, 0.738028341, 0.2182419697]),
            ({}, *A, 0.478135155347),
        ],
        bad=BAD_METRIC,
        kinks=NO_GRADIENT,
    ),
    labelled(
        K.Angular,
        angular,
        variants=[{"alpha": 55.0}, {"average": "anchor"}],
        known=[(VALUES, *A, [0.312392322] * 4), ({}, *A, 0.312392321989)],
        bad=[{"alpha": 0.0}, {"alpha": 61.0}, {"average": "mean"}],
    ),
    labelled(
        K.MarginBased,
        margin_based,
        variants=[
            {"margin": 0.5},
            {"beta": 0.8},
            {"average": "valid"},
            {"average": "anchor"},
            {"distance": "squared_euclidean"},
            {"distance": "cosine"},
            {"normalize": False},
        ],
        known=[(VALUES, *A, [0, 1.011145618, 1.011145618, 0]), ({}, *A, 0.505572809)],
        bad=[{"beta": np.inf}, *BAD_METRIC],
        kinks=NO_GRADIENT,
    ),
]
