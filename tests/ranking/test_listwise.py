"""Likelihoods of orders and smooth metrics: identities, limits, and numbers that naive forms lose."""

import itertools

import mpmath
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests import precise
from tests.backend import array, assert_close, value_and_gradient
from tests.cases.common.lists import best_dcg, dcg, draw_lists, in_order, items
from tests.cases.ranking.listwise import listmle

SCORES = np.array([[0.3, -1.2, 0.8, 0.1]], "float32")


def test_the_likelihoods_of_all_orders_sum_to_1():
    orders = np.array(list(itertools.permutations(range(4))))
    values = array(K.ListMLE(reduction=None)(orders, np.repeat(SCORES, len(orders), axis=0)))
    assert_close(np.exp(-values).sum(), 1.0)


@pytest.mark.parametrize("position_weight", [None, "dcg", "power"])
def test_low_scores_at_the_end_of_an_order_keep_their_digits(position_weight):
    """Where the exponentials of the last scores, next to the first one, are 0 in float32."""
    y_true, y_pred = np.array([[3, 2, 1, 0]]), np.array([[200.0, -200.0, -201.0, -200.5]], "float32")
    loss = K.ListMLE(position_weight=position_weight)
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)

    def reference(p):
        return listmle(y_true[0], p[0], [0, 1, 2, 3], position_weight=position_weight)

    assert_close(value, float(reference(precise.exact(y_pred))))
    assert_close(gradient, precise.gradient(reference, y_pred), gradient=True)


def test_weights_by_powers_of_two_of_a_long_list(rng):
    length = 300
    y_pred = rng.normal(size=(1, length)).astype("float32")
    y_true = np.arange(length)[::-1][None]
    tails = [mpmath.log(sum(mpmath.exp(float(s)) for s in y_pred[0, k:])) for k in range(60)]
    weights = [mpmath.mpf(2 ** (length - k) - 1) / (2 ** (length - 1) - 1) for k in range(1, 61)]
    expected = sum(a * (t - float(s)) for a, t, s in zip(weights, tails, y_pred[0], strict=False))
    assert_close(array(K.ListMLE(position_weight="power")(y_true, y_pred)), float(expected))


@pytest.mark.parametrize(
    "loss", [K.ApproxNDCG(1e-3), K.NeuralNDCG(1e-3), K.NeuralNDCG(1e-3, topn=2)], ids=repr
)
def test_without_smoothness_it_is_the_metric(loss, rng):
    y_true, y_pred = draw_lists(rng, 8)
    y_pred = 3 * y_pred.argsort(axis=1).argsort(axis=1).astype("float32")
    topn = getattr(loss, "topn", None)
    for y, s in zip(y_true, y_pred, strict=True):
        shown = [y[i] for i in in_order(s, items(y))]
        expected = -dcg(shown, topn) / best_dcg(y, topn)
        assert_close(array(loss(y[None], s[None])), float(expected))


def test_scores_that_fit_the_labels_are_the_minimum_of_listnet(rng):
    y_true = rng.normal(size=(1, 5)).astype("float32") ** 2
    _, gradient = value_and_gradient(lambda p: K.ListNet()(y_true, p), y_true + 3)
    assert_close(gradient, np.zeros((1, 5)), gradient=True)


def test_a_shift_of_all_scores_changes_nothing(rng):
    """Not even in the digits of a smooth order, whose factors are as large as the list is long."""
    y_true, y_pred = draw_lists(rng, 4)
    y_pred = (64 * y_pred).round() / 64  # so that the sum is exact
    for loss in (K.ListNet(), K.ListMLE(), K.ApproxNDCG(), K.ApproxMRR(), K.NeuralNDCG(), K.UniqueSoftmax()):
        value, gradient = value_and_gradient(lambda p, f=loss: f(y_true, p), y_pred)
        moved, its_gradient = value_and_gradient(lambda p, f=loss: f(y_true, p), y_pred + 1024)
        assert_close(moved, value, scale=10)
        assert_close(its_gradient, gradient, gradient=True, scale=10)


def test_a_column_of_a_smooth_order_may_be_empty():
    """Scores so large that float32 can't tell which of two items a rank belongs to."""
    y_true, y_pred = np.array([[2, 1, 0, 1]]), np.array([[1e7, 1e7 + 1, -3e8, 1e7 + 2]], "float32")
    loss = K.NeuralNDCG(temperature=1e-3)
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    assert -1 <= value <= 0 and np.all(np.isfinite(gradient))


def test_relevances_beyond_powers_of_two():
    y_true, y_pred = np.array([[130, 0], [130, 130]]), np.zeros((2, 2), "float32")
    values = array(K.UniqueSoftmax(reduction=None)(y_true, y_pred))
    np.testing.assert_array_equal(values, [np.inf, 0.0])
    for loss in (K.ApproxNDCG(), K.NeuralNDCG(), K.PairwiseLogistic(lambda_weight="lambdarank")):
        value, gradient = value_and_gradient(lambda p, f=loss: ops.sum(f(1000 * y_true, p)), y_pred)
        assert np.isfinite(value) and np.all(np.isfinite(gradient))
