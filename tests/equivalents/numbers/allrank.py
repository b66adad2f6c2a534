"""allRank's formulas, as its code and papers have them: it is no package of an index."""

import numpy as np

from tests.equivalents.number import Number
from tests.equivalents.numbers import ranking
from tests.equivalents.numbers.ranking import GRADES, ORDERS, SCORES, of_lists


def lambda_rank(y, r, g, i, j):
    return abs(g[i] - g[j]) * abs(1 / np.log2(1 + r[i]) - 1 / np.log2(1 + r[j]))


def ndcg_loss2(y, r, g, i, j):
    apart = abs(r[i] - r[j])
    return abs(g[i] - g[j]) * abs(1 / np.log2(1 + apart) - 1 / np.log2(2 + apart))


def ndcg_loss2pp(*pair, mu=10.0):
    return mu * ndcg_loss2(*pair) + lambda_rank(*pair)


def lambda_loss(**arguments):
    value = of_lists(ranking.pairwise_logistic(**arguments))
    return lambda y_true, y_pred: len(y_pred) * value(y_true, y_pred)


NUMBERS = {
    "listNet": [Number(of_lists(ranking.list_net), GRADES, SCORES)],
    "binary_listNet": [Number(of_lists(ranking.softmax_loss), GRADES, SCORES)],
    "rankNet": [Number(of_lists(ranking.pairwise_logistic(mean=True)), ORDERS, SCORES)],
    "rankNet_weightByGTDiff": [
        Number(lambda_loss(weight=lambda y, r, g, i, j: y[i] - y[j]), GRADES, SCORES),
    ],
    "listMLE": [Number(of_lists(ranking.list_mle), ORDERS, SCORES)],
    "approxNDCGLoss": [
        Number(of_lists(ranking.approx_ndcg(1.0)), GRADES, SCORES),
        Number(of_lists(ranking.approx_ndcg(0.2)), GRADES, SCORES, {"temperature": 0.2}),
    ],
    "neuralNDCG": [Number(of_lists(ranking.neural_ndcg(50)), GRADES, SCORES)],
    'lambdaLoss(reduction_log="natural")': [
        Number(lambda_loss(), GRADES, SCORES),
        Number(lambda y, s: lambda_loss()(y, s / 0.5), GRADES, SCORES, {"temperature": 0.5}),
    ],
    **{
        f'lambdaLoss(weighing_scheme="{scheme}", reduction_log="natural")': [
            Number(lambda_loss(weight=weight), GRADES, SCORES)
        ]
        for scheme, weight in (
            ("lambdaRank_scheme", lambda_rank),
            ("ndcgLoss2_scheme", ndcg_loss2),
            ("ndcgLoss2PP_scheme", ndcg_loss2pp),
        )
    },
}
