"""Formulas of ranking libraries, list by list and pair by pair, and the lists of their numbers."""

import itertools

import numpy as np

from tests.equivalents.number import draws, sigmoid

normal = draws(7)
GRADES = np.array([[2, 0, 1, 0, 3], [1, 0, 0, 2, 1], [0, 3, 1, 2, 0], [1, 1, 0, 0, 4]])
ORDERS = np.array([[2, 0, 1, 4, 3], [1, 0, 3, 2, 4], [0, 3, 1, 2, 4], [1, 3, 0, 2, 4]])
"""Without ties, which some libraries shuffle."""
SCORES = normal(4, 5)


def of_lists(value):
    """The mean over the lists."""
    return lambda y_true, y_pred: np.mean([value(y, s) for y, s in zip(y_true, y_pred, strict=True)])


def ranks(s):
    return 1 + np.argsort(np.argsort(-s, kind="stable"))


def gains(y):
    """Gains of which the best order has a discounted sum of 1."""
    gain = 2.0**y - 1
    return gain / np.sum(np.sort(gain)[::-1] / np.log2(np.arange(2, 2 + len(y))))


def pairwise_logistic(mean=False, weight=lambda y, r, g, i, j: 1.0):
    """The costs of the pairs of a list, their sum or mean, with weights of relevances, ranks and gains."""

    def value(y, s):
        r, g = ranks(s), gains(y)
        pairs = [(i, j) for i, j in itertools.permutations(range(len(y)), 2) if y[i] > y[j]]
        costs = [weight(y, r, g, i, j) * np.log1p(np.exp(s[j] - s[i])) for i, j in pairs]
        return np.mean(costs) if mean else np.sum(costs)

    return value


def list_mle(y, s):
    s = s[np.argsort(-y, kind="stable")]
    return sum(np.log(np.sum(np.exp(s[k:]))) - s[k] for k in range(len(s)))


def softmax_loss(y, s):
    return -np.sum(y / np.sum(y) * np.log(np.exp(s) / np.sum(np.exp(s))))


def list_net(y, s):
    p, q = (np.exp(x) / np.sum(np.exp(x)) for x in (y, s))
    return -np.sum(p * np.log(q))


def approximate_ranks(s, temperature):
    return 0.5 + sigmoid((s[None] - s[:, None]) / temperature).sum(axis=1)


def approx_ndcg(temperature):
    return lambda y, s: -np.sum(gains(y) / np.log2(1 + approximate_ranks(s, temperature)))


def neural_ndcg(iterations, topn=None):
    def value(y, s):
        n = len(s)
        apart = np.abs(s[:, None] - s[None]).sum(axis=1)
        p = np.exp((n + 1 - 2 * np.arange(1, n + 1))[:, None] * s - apart)
        p = p / p.sum(axis=1, keepdims=True)
        for _ in range(iterations):
            p = p / p.sum(axis=0, keepdims=True)
            p = p / p.sum(axis=1, keepdims=True)
        return -np.sum((p @ gains(y)) / np.log2(np.arange(2, n + 2)))

    return value
