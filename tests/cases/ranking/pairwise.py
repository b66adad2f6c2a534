"""Cases of `kerasloss/losses/ranking/pairwise.py`."""

import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.lists import (
    LIST,
    best_dcg,
    dcg,
    draw_graded,
    draw_lists,
    each_list,
    gain_of,
    in_order,
    list_extremes,
)


def weigher(y, s, those, lambda_weight, topn):
    """What each pair weighs, from what swapping its items does to the order by score."""
    order = in_order(s, those)
    rank = {i: k + 1 for k, i in enumerate(order)}

    def d(k):
        return 1 / mpmath.log(1 + k, 2)

    def swapped(i, j):
        """The change of the NDCG if the two change places."""
        other = [j if k == i else i if k == j else k for k in order]
        best = best_dcg(y, topn)
        change = abs(dcg([y[k] for k in order], topn) - dcg([y[k] for k in other], topn))
        return change / best if best else mpmath.mpf(0)

    def by_distance(i, j):
        k, best = abs(rank[i] - rank[j]), best_dcg(y, topn)
        if not best or (topn is not None and min(rank[i], rank[j]) > topn):
            return mpmath.mpf(0)
        return abs(gain_of(y[i]) - gain_of(y[j])) / best * (d(k) - d(k + 1))

    def precision(i, j):
        shown = set(order[:topn])
        return int(len(shown & {i, j}) == 1 and sorted([y[i] >= 1, y[j] >= 1]) == [False, True])

    return {
        None: lambda i, j: 1,
        "label_diff": lambda i, j: abs(y[i] - y[j]),
        "lambdarank": swapped,
        "ndcg_loss2": by_distance,
        "ndcg_loss2++": lambda i, j: swapped(i, j) + 10 * by_distance(i, j),
        "precision": precision,
    }[lambda_weight]


def pairs(cost, every_pair=False):
    """A loss of pairs, one by one: `cost(lead, wanted, **arguments)`."""

    def value(y, s, those, temperature=1.0, lambda_weight=None, topn=None, normalization="items", **others):
        weight = weigher(y, s, those, lambda_weight, topn)
        total = weights = mpmath.mpf(0)
        for i, j in itertools.permutations(those, 2):
            if every_pair or y[i] > y[j]:
                lead = s[i] / mpmath.mpf(temperature) - s[j] / mpmath.mpf(temperature)
                total += weight(i, j) * cost(lead, y[i] - y[j], **others)
                weights += weight(i, j)
        divisor = {"items": len(those), "pairs": weights, None: 1}[normalization]
        return total / divisor if divisor else 0

    return each_list(value)


def hinge(lead, wanted, margin=1.0):
    return max(margin - lead, 0)


logistic = pairs(lambda lead, wanted: -mpmath.log(1 / (1 + mpmath.exp(-lead))))
soft_zero_one = pairs(lambda lead, wanted: (1 - mpmath.tanh(lead / 2)) / 2)
squared = pairs(lambda lead, wanted: lead**2 - 2 * lead * wanted + wanted**2, every_pair=True)

WEIGHTS = [
    {"lambda_weight": "label_diff", "normalization": None},
    {"lambda_weight": "lambdarank"},
    {"lambda_weight": "lambdarank", "topn": 2, "normalization": "pairs"},
    {"lambda_weight": "ndcg_loss2"},
    {"lambda_weight": "ndcg_loss2", "topn": 1, "temperature": 0.5},
    {"lambda_weight": "ndcg_loss2++", "topn": 3},
    {"lambda_weight": "precision", "topn": 2},
]
SOME = [
    {"temperature": 0.5},
    {"normalization": "pairs"},
    {"lambda_weight": "lambdarank", "topn": 2},
]
BAD = [
    {"temperature": 0.0},
    {"lambda_weight": "ndcg"},
    {"lambda_weight": "precision"},
    {"topn": 0},
    {"topn": 2},
    {"topn": 2, "lambda_weight": "label_diff"},
    {"normalization": "list"},
]


CASES = [
    Case(
        K.PairwiseLogistic,
        draw_lists,
        logistic,
        variants=[{"temperature": 0.5}, {"normalization": "pairs"}, *WEIGHTS],
        known=[
            ({}, *LIST, 0.954292357213),
            ({"lambda_weight": "label_diff"}, *LIST, 1.278984685273),
            ({"lambda_weight": "lambdarank"}, *LIST, 0.177252937078),
            ({"lambda_weight": "lambdarank", "normalization": "pairs"}, *LIST, 1.033015689553),
            ({"lambda_weight": "ndcg_loss2"}, *LIST, 0.143280184721),
            ({"lambda_weight": "ndcg_loss2++"}, *LIST, 1.610054784289),
            ({"lambda_weight": "precision", "topn": 1}, *LIST, 0.825335355175),
        ],
        bad=BAD,
        extremes=list_extremes,
        # All scores equal: the ranks are those of the list, so that a swap still changes the NDCG.
        kinks=[({"lambda_weight": "lambdarank"}, [[0, 1]], [[2.0, 2.0]], [[0.0922676, -0.0922676]])],
    ),
    Case(
        K.PairwiseHinge,
        draw_lists,
        pairs(hinge),
        variants=[{"margin": 0.3}, *SOME],
        known=[({}, *LIST, 4 / 3)],
        bad=[{"margin": -0.1}, {"margin": np.inf}, *BAD[:2]],
        extremes=list_extremes,
        kinks=[({}, [[1, 0]], [[1.0, 0.0]], [[0.0, 0.0]])],
    ),
    Case(
        K.PairwiseSoftZeroOne,
        draw_lists,
        soft_zero_one,
        variants=SOME,
        known=[({}, *LIST, 0.573526831067)],
        bad=BAD[:2],
        extremes=list_extremes,
    ),
    Case(
        K.PairwiseMeanSquaredError,
        draw_graded,
        squared,
        variants=[*SOME, {"lambda_weight": "ndcg_loss2"}],
        known=[({}, *LIST, 7.583333333333)],
        bad=BAD[:2],
        extremes=list_extremes,
    ),
]
