"""Losses of pairs: gradients by hand, weights, and divisors."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient
from tests.cases.common.lists import dcg, draw_lists


def test_lambdarank_moves_items_by_the_ndcg_of_their_swap():
    """The lambdas of Burges (2010), pair by pair: sigmoid(s_j - s_i) |change of the NDCG|."""
    y_true, y_pred = np.array([[0, 2, 1]]), np.array([[0.7, 0.1, -0.4]], "float32")
    loss = K.PairwiseLogistic(lambda_weight="lambdarank", normalization=None)
    _, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    best, now = float(dcg([2, 1, 0])), float(dcg([0, 2, 1]))
    swaps = {(1, 0): [2, 0, 1], (2, 0): [1, 2, 0], (1, 2): [0, 1, 2]}
    expected = np.zeros(3)
    for (i, j), order in swaps.items():
        lead = y_pred[0, i] - y_pred[0, j]
        force = abs(float(dcg(order)) - now) / best / (1 + np.exp(lead))
        expected[[i, j]] += [-force, force]
    assert_close(gradient[0], expected, gradient=True)


def test_divisors(rng):
    y_true, y_pred = draw_lists(rng, 4)
    total = array(K.PairwiseHinge(normalization=None, reduction=None)(y_true, y_pred))
    valid = y_true >= 0
    more = (y_true[:, :, None] > y_true[:, None, :]) & valid[:, :, None] & valid[:, None, :]
    by_items = array(K.PairwiseHinge(reduction=None)(y_true, y_pred))
    by_pairs = array(K.PairwiseHinge(normalization="pairs", reduction=None)(y_true, y_pred))
    assert_close(by_items * valid.sum(1), total)
    assert_close(by_pairs * more.sum((1, 2)), total)


def test_pairs_beyond_the_top_weigh_nothing():
    y_true, y_pred = np.array([[0, 3, 0, 1, 2]]), np.array([[5.0, 4.0, 3.0, 2.0, 1.0]], "float32")
    for lambda_weight in ("lambdarank", "ndcg_loss2", "ndcg_loss2++", "precision"):
        loss = K.PairwiseLogistic(lambda_weight=lambda_weight, topn=1)
        _, gradient = value_and_gradient(lambda p, f=loss: f(y_true, p), y_pred)
        assert gradient[0, 0] > 0 and gradient[0, 2] == 0  # only the first item has something to lose
        assert np.all(gradient[0, [1, 3, 4]] < 0)


@pytest.mark.parametrize("lambda_weight", [None, "label_diff", "lambdarank", "ndcg_loss2"])
def test_equal_labels_are_no_pairs_but_of_squared_errors(lambda_weight):
    y_true, y_pred = np.ones((1, 3)), np.array([[1.0, 2.0, 4.0]], "float32")
    for loss in (K.PairwiseHinge, K.PairwiseLogistic, K.PairwiseSoftZeroOne):
        assert_close(array(loss(lambda_weight=lambda_weight)(y_true, y_pred)), 0.0)
    squared = array(K.PairwiseMeanSquaredError(lambda_weight=lambda_weight)(y_true, y_pred))
    assert_close(squared, 2 * (1 + 4 + 9) / 3 if lambda_weight is None else 0.0)
