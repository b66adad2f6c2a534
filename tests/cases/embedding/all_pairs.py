"""Cases of `kerasloss/losses/embedding/all_pairs.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Exempt
from tests.cases.common.embedding import A, Batch, draw_embeddings, has_both
from tests.cases.embedding.triplets import BAD_METRIC, METRIC, NO_GRADIENT, VALUES, labelled
from tests.precise import exp, log


def contrastive(y, p, margin=1.0, pos_margin=0.0, squared=False, distance="euclidean", normalize=False,
                average="active", ignore_class=None):  # fmt: skip
    batch = Batch(y, p, distance, normalize, ignore_class)
    k = 2 if squared else 1

    def near(i):
        return [max(batch.d[i][j] - pos_margin, 0) ** k for j in batch.positives[i]]

    def far(i):
        return [max(margin - batch.d[i][j], 0) ** k for j in batch.negatives[i]]

    return batch.values(near, average) + batch.values(far, average)


def lifted(y, p, margin=1.0, pos_margin=0.0, distance="euclidean", normalize=False, average="valid",
           ignore_class=None):  # fmt: skip
    batch = Batch(y, p, distance, normalize, ignore_class)

    def push(i):
        return sum(exp(margin - batch.d[i][n]) for n in batch.negatives[i])

    def terms(i):
        positives = batch.positives[i] if batch.negatives[i] else []
        return [max(log(push(i) + push(j)) + batch.d[i][j] - pos_margin, 0) ** 2 / 2 for j in positives]

    return batch.values(terms, average)


def generalized_lifted(y, p, margin=1.0, pos_margin=0.0, distance="euclidean", normalize=False,
                       average="valid", ignore_class=None):  # fmt: skip
    batch = Batch(y, p, distance, normalize, ignore_class)

    def value(i):
        near = sum(exp(batch.d[i][j] - pos_margin) for j in batch.positives[i])
        far = sum(exp(margin - batch.d[i][j]) for j in batch.negatives[i])
        return max(log(near * far), 0) if near and far else 0

    return batch.each(value)


def multi_similarity(y, p, alpha=2.0, beta=50.0, base=0.5, mining="multi_similarity", mining_margin=0.1,
                     average="anchor", ignore_class=None):  # fmt: skip
    batch = Batch(y, p, "cosine", ignore_class=ignore_class)

    def value(i):
        positive = [1 - batch.d[i][j] for j in batch.positives[i]]
        negative = [1 - batch.d[i][j] for j in batch.negatives[i]]
        if mining != "all":
            if not positive or not negative:
                return 0
            least, most = min(positive), max(negative)
            positive = [s for s in positive if s < most + mining_margin]
            negative = [s for s in negative if s > least - mining_margin]
        pull = log(1 + sum(exp(-alpha * (s - base)) for s in positive)) / alpha
        return pull + log(1 + sum(exp(beta * (s - base)) for s in negative)) / beta

    return batch.each(value)


def circle(y, p, gamma=80.0, margin=0.4, remove_diagonal=True, stop_gradient=False, normalize=False,
           ignore_class=None):  # fmt: skip
    n = len(p)
    there = [label != ignore_class for label in y]
    if normalize:
        p = np.array([x / mpmath.sqrt(sum(x * x)) for x in p], object)
    values = []
    for i in range(n):
        near = far = mpmath.mpf(0)
        for j in range(n):
            d = max(1 - sum(p[i] * p[j]), 0)
            if not (there[i] and there[j]):
                continue
            if y[i] == y[j] and not (remove_diagonal and i == j):
                near += mpmath.exp(-gamma * max(margin + d, 0) * (margin - d))
            elif y[i] != y[j]:
                far += mpmath.exp(gamma * max(1 + margin - d, 0) * (1 - margin - d))
        values.append(mpmath.log(1 + near * far))
    return np.array(values, object)


PAIR_HALVES = ("one class", "all labels different")

CASES = [
    labelled(
        K.BatchAllContrastive,
        contrastive,
        variants=[
            {"margin": 0.5},
            {"pos_margin": 0.3},
            {"squared": True},
            {"average": "valid"},
            {"average": "anchor"},
            *METRIC,
        ],
        known=[
            ({"average": "valid", **VALUES}, *A, [0.632455532, 0.6852419365, 0.6852419365, 0.632455532]),
            ({"average": "valid"}, *A, 0.658848734284),
        ],
        bad=[{"pos_margin": -0.1}, {"squared": 1}, *BAD_METRIC],
        kinks=NO_GRADIENT,
        nonzero=PAIR_HALVES,
    ),
    labelled(
        K.LiftedStructure,
        lifted,
        variants=[
            {"margin": 0.5},
            {"pos_margin": 0.3},
            {"average": "anchor"},
            *METRIC,
        ],
        known=[(VALUES, *A, [1.432824745] * 4), ({}, *A, 1.43282474526)],
        bad=[{"pos_margin": -0.1}, *BAD_METRIC],
        kinks=NO_GRADIENT,
    ),
    labelled(
        K.GeneralizedLiftedStructure,
        generalized_lifted,
        variants=[
            {"margin": 0.5},
            {"pos_margin": 0.3},
            {"average": "anchor"},
            *METRIC,
        ],
        known=[
            (VALUES, *A, [0.7415115555, 1.204681092, 1.204681092, 0.7415115555]),
            ({}, *A, 0.97309632399),
        ],
        bad=[{"pos_margin": -0.1}, *BAD_METRIC],
        kinks=NO_GRADIENT,
        counts=has_both,
    ),
    labelled(
        K.MultiSimilarity,
        multi_similarity,
        variants=[
            {"alpha": 4.0},
            {"beta": 10.0},
            {"base": 0.7},
            {"mining": "all"},
            {"mining_margin": 0.4},
            {"average": "active"},
        ],
        known=[
            ({"mining_margin": 0.3, **VALUES}, *A, [0, 0.3188782822, 0.3188782822, 0]),
            ({"mining": "all", **VALUES}, *A, [0.2187439752, 0.3188782822, 0.3188782822, 0.2187439752]),
            ({"mining": "all"}, *A, 0.268811128728),
        ],
        bad=[
            {"alpha": 0.0},
            {"beta": -1.0},
            {"base": np.nan},
            {"mining": "hard"},
            {"mining_margin": np.inf},
            {"average": "mean"},
        ],
    ),
    labelled(
        K.Circle,
        circle,
        draw=draw_embeddings,
        arguments={"gamma": 8.0},
        variants=[
            {"gamma": 2.0},
            {"margin": 0.2},
            {"remove_diagonal": False},
            {"normalize": True},
            {"stop_gradient": True},
        ],
        known=[
            ({"reduction": None}, *A, [0.3983407167, 1.099591604, 1.099591604, 0.3983407167]),
            ({}, *A, 0.74896616012),
        ],
        bad=[
            {"gamma": 0.0},
            {"margin": np.inf},
            {"remove_diagonal": 1},
            {"stop_gradient": None},
            {"normalize": 0},
        ],
        kinks=NO_GRADIENT,
        counts=has_both,
        exempt={
            "gradient": Exempt("the factors have no gradient", lambda stop_gradient=False, **_: stop_gradient)
        },
    ),
]
