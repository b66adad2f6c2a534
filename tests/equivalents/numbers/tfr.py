"""TF-Ranking's formulas, as its documentation and papers have them: its last version needs Keras 2."""

import numpy as np

from tests.equivalents.number import Number
from tests.equivalents.numbers import ranking
from tests.equivalents.numbers.ranking import COSTS, GRADES, ORDERS, SCORES, of_lists


def swapped(y, r, g, i, j):
    """DCGLambdaWeight with `smooth_fraction=1`, divided by the mean weight of the pairs of a list."""
    return abs(g[i] - g[j]) * abs(1 / np.log2(1 + r[i]) - 1 / np.log2(1 + r[j]))


def weighted(y, s):
    cost = ranking.pairs(COSTS["logistic"], None, weight=swapped)(y, s)
    return cost / ranking.pairs(lambda lead, wanted: 1, None, weight=swapped)(y, s)


def pairs(cost, **arguments):
    return of_lists(ranking.pairs(COSTS[cost], "pairs", **arguments))


NUMBERS = {
    "PairwiseHingeLoss": [Number(pairs("hinge"), GRADES, SCORES)],
    "PairwiseLogisticLoss": [
        Number(pairs("logistic"), GRADES, SCORES),
        Number(of_lists(weighted), GRADES, SCORES, {"lambda_weight": "lambdarank"}),
    ],
    "PairwiseSoftZeroOneLoss": [Number(pairs("zero_one"), GRADES, SCORES)],
    "PairwiseMSELoss": [Number(pairs("squared", every=True), GRADES, SCORES)],
    "SoftmaxLoss": [Number(of_lists(ranking.softmax_loss), GRADES, SCORES)],
    "UniqueSoftmaxLoss": [Number(of_lists(ranking.unique_softmax), GRADES, SCORES)],
    "ListMLELoss": [Number(of_lists(ranking.list_mle), ORDERS, SCORES)],
    "ApproxNDCGLoss": [Number(of_lists(ranking.approx_ndcg(0.1)), GRADES, SCORES)],
    "ApproxMRRLoss": [Number(of_lists(ranking.approx_mrr), GRADES, SCORES)],
    "NeuralSortNDCGLoss": [Number(of_lists(ranking.neural_ndcg(0)), GRADES, SCORES)],
}
