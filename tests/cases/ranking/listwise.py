"""Cases of `kerasloss/losses/ranking/listwise.py`."""

import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.lists import (
    LIST,
    best_dcg,
    draw_graded,
    draw_lists,
    each_list,
    gain_of,
    list_extremes,
)


def listnet(y, s, those, temperature=1.0, label_transform="softmax"):
    """The logarithm of a product of powers of probabilities."""
    weight = {"softmax": lambda i: mpmath.exp(y[i])}.get(label_transform, lambda i: y[i])
    total = sum(weight(i) for i in those) if label_transform else 1
    if not total:
        return 0
    powers = {i: mpmath.exp(s[i] / mpmath.mpf(temperature)) for i in those}
    share = {i: powers[i] / sum(powers.values()) for i in those}
    return -mpmath.log(mpmath.fprod(share[i] ** (mpmath.mpf(1) * weight(i) / total) for i in those))


def right_order(y, those):
    """Of all orders the one in which no item stands before a more relevant one, nor ties are turned."""
    for order in itertools.permutations(those):
        if all((-y[i], i) < (-y[j], j) for i, j in itertools.pairwise(order)):
            return order
    return ()


def listmle(y, s, those, temperature=1.0, position_weight=None):
    """The probability of the right order: a product of choices, each to the power of its weight."""
    order, n = right_order(y, those), len(those)
    likelihood = mpmath.mpf(1)
    for k in range(1, n + 1):
        left = [mpmath.exp(s[i] / mpmath.mpf(temperature)) for i in order[k - 1 :]]
        weight = {None: 1, "dcg": 1 / mpmath.log(k + 1, 2), "power": 0}[position_weight]
        if position_weight == "power" and n > 1:
            weight = mpmath.mpf(2 ** (n - k) - 1) / (2 ** (n - 1) - 1)
        likelihood *= (left[0] / sum(left)) ** weight
    return -mpmath.log(likelihood)


def smooth_rank(s, i, those, temperature):
    return 1 + sum(1 / (1 + mpmath.exp((s[i] - s[j]) / mpmath.mpf(temperature))) for j in those if j != i)


def approx_ndcg(y, s, those, temperature=0.1, gain="exp2"):
    best = best_dcg(y, None, gain)
    dcg = sum(gain_of(y[i], gain) / mpmath.log(1 + smooth_rank(s, i, those, temperature), 2) for i in those)
    return -dcg / best if best else 0


def approx_mrr(y, s, those, temperature=0.1):
    total = sum(y[i] for i in those)
    return -sum(y[i] / smooth_rank(s, i, those, temperature) for i in those) / total if total else 0


def neural_ndcg(y, s, those, temperature=1.0, topn=None, gain="exp2", sinkhorn_iterations=50):
    """The matrix itself is divided, row by row, and the sum of distances comes from the order."""
    n, best = len(those), best_dcg(y, topn, gain)
    if not best:
        return 0
    rows = []
    for i in range(1, n + 1):
        powers = []
        for k in those:
            apart = sum(max(s[k], s[j]) - min(s[k], s[j]) for j in those)
            powers.append(mpmath.exp(((n + 1 - 2 * i) * s[k] - apart) / mpmath.mpf(temperature)))
        rows.append([power / sum(powers) for power in powers])
    for _ in range(sinkhorn_iterations):
        sums = [sum(column) for column in zip(*rows, strict=True)]
        rows = [[x / total for x, total in zip(row, sums, strict=True)] for row in rows]
        rows = [[x / sum(row) for x in row] for row in rows]
    gains = [gain_of(y[k], gain) for k in those]
    shown = rows if topn is None else rows[:topn]
    dcg = sum(
        sum(x * g for x, g in zip(row, gains, strict=True)) / mpmath.log(i + 2, 2)
        for i, row in enumerate(shown)
    )
    return -dcg / best


def unique_softmax(y, s, those, temperature=1.0):
    power = {i: mpmath.exp(s[i] / mpmath.mpf(temperature)) for i in those}
    value = mpmath.mpf(0)
    for i in those:
        picked = power[i] / (power[i] + sum(power[j] for j in those if y[j] < y[i]))
        value -= gain_of(y[i]) * mpmath.log(picked)
    return value


def bounded_extremes():
    """Without relevances whose powers of two, times a cost, are beyond float32."""
    y_true, y_pred = list_extremes()
    return np.minimum(y_true, 4), y_pred


CASES = [
    Case(
        K.ListNet,
        draw_lists,
        each_list(listnet),
        variants=[
            {"temperature": 0.5},
            {"label_transform": "normalize"},
            {"label_transform": None, "temperature": 2.0},
        ],
        known=[
            ({}, *LIST, 1.276712669118),
            ({"label_transform": "normalize"}, *LIST, 1.388181602412),
        ],
        bad=[{"temperature": 0.0}, {"label_transform": "log"}],
        extremes=list_extremes,
    ),
    Case(
        K.ListMLE,
        draw_lists,
        each_list(listmle),
        variants=[
            {"temperature": 0.5},
            {"position_weight": "dcg"},
            {"position_weight": "power"},
        ],
        known=[
            ({}, *LIST, 2.640110683758),
            ({"position_weight": "dcg"}, *LIST, 2.085793347588),
            ({"position_weight": "power"}, *LIST, 1.638824629528),
            # The second of two equal ones comes second.
            ({}, [[1, 1]], [[0.0, 1.0]], 1.313261687518),
        ],
        bad=[{"temperature": 0.0}, {"position_weight": "log"}],
        extremes=list_extremes,
    ),
    Case(
        K.ApproxNDCG,
        draw_graded,
        each_list(approx_ndcg),
        arguments={"temperature": 0.7},
        variants=[{"gain": "identity"}, {"temperature": 0.1}],
        known=[
            ({"temperature": 0.1}, *LIST, -0.659989601778),
            ({"temperature": 1.0}, *LIST, -0.684434391027),
        ],
        bad=[{"temperature": 0.0}, {"gain": "exp"}],
        extremes=list_extremes,
    ),
    Case(
        K.ApproxMRR,
        draw_lists,
        each_list(approx_mrr),
        arguments={"temperature": 0.7},
        variants=[{"temperature": 0.1}],
        known=[({"temperature": 1.0}, *LIST, -0.478758077250)],
        bad=[{"temperature": 0.0}],
        extremes=list_extremes,
    ),
    Case(
        K.NeuralNDCG,
        draw_lists,
        each_list(neural_ndcg),
        arguments={"sinkhorn_iterations": 3},
        variants=[
            {"temperature": 2.0},
            {"topn": 2},
            {"gain": "identity"},
            {"sinkhorn_iterations": 0, "topn": 2},
            {"sinkhorn_iterations": 50},
        ],
        known=[
            ({"sinkhorn_iterations": 50}, *LIST, -0.747217274535),
            ({"sinkhorn_iterations": 0}, *LIST, -0.811740296822),
        ],
        bad=[{"temperature": 0.0}, {"topn": 0}, {"gain": "exp"}, {"sinkhorn_iterations": -1}],
        extremes=list_extremes,
        # All scores equal: every order is as good, and |s_k - s_j| has no slope.
        kinks=[({"sinkhorn_iterations": 0}, [[1, 0]], [[2.0, 2.0]], [[-0.0922676, 0.0922676]])],
    ),
    Case(
        K.UniqueSoftmax,
        draw_graded,
        each_list(unique_softmax),
        variants=[{"temperature": 0.5}],
        known=[({}, *LIST, 4.916473888583)],
        bad=[{"temperature": 0.0}],
        extremes=bounded_extremes,
    ),
]
