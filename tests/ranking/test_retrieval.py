"""Losses of recommendation and retrieval: identities, ids, and what is left out."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, masked, value_and_gradient
from tests.cases.common.lists import draw_chosen, draw_lists
from tests.cases.ranking.retrieval import draw_towers


def test_bpr_is_the_logistic_loss_of_yes_and_no(rng):
    y_true, y_pred = draw_chosen(rng, 8)
    expected = array(K.PairwiseLogistic(normalization="pairs", reduction=None)(y_true, y_pred))
    assert_close(array(K.BayesianPersonalizedRanking(reduction=None)(y_true, y_pred)), expected)
    graded, _ = draw_lists(rng, 8)
    yes_no = np.where(graded > 0, 1, graded)
    for loss in (K.BayesianPersonalizedRanking(), K.CosineContrastive(margin=0.2)):
        assert_close(array(loss(graded, y_pred)), array(loss(yes_no, y_pred)))


def test_without_hits_it_is_softmax_of_the_batch(rng):
    _, y_pred = draw_towers(rng, 6)
    expected = array(K.MultipleNegativesRanking(scale=2.0, similarity="dot", reduction=None)(None, y_pred))
    ids = np.zeros(6, int)
    loss = K.InBatchSoftmax(temperature=0.5, remove_accidental_hits=False, reduction=None)
    assert_close(array(loss(ids, y_pred)), expected)
    for labels in (np.arange(6), np.arange(6.0), np.stack([np.arange(6), np.ones(6)], axis=1)):
        assert_close(array(K.InBatchSoftmax(temperature=0.5, reduction=None)(labels, y_pred)), expected)
    everything = K.InBatchSoftmax()(ids, y_pred)
    assert_close(array(everything), 0.0)  # no other candidate is left


def test_integer_ids_are_compared_as_integers(rng):
    """Two that are one number in float32."""
    _, y_pred = draw_towers(rng, 2)
    for first in (2**24, 2**40):
        ids = np.array([first, first + 1])
        if first > 2**31 and array(K.InBatchSoftmax()(ids, y_pred)) == 0:
            pytest.skip("JAX has no integers of 64 bits by default")
        assert_close(array(K.InBatchSoftmax()(ids, y_pred)), array(K.InBatchSoftmax()(np.arange(2), y_pred)))


def test_a_masked_row_is_no_candidate_and_no_hard_negative(rng):
    ids, y_pred = draw_towers(rng, 6)
    y_pred[2] *= 9
    there = np.arange(6) != 2
    for loss in (K.InBatchSoftmax(), K.InBatchSoftmax(num_hard_negatives=2)):
        expected = array(loss(ids[there], y_pred[there]))
        y_pred_nan = np.where(there[:, None, None], y_pred, np.nan).astype("float32")
        assert_close(array(loss(ids, masked(y_pred_nan, there))), expected)


def test_hard_negatives_alone_have_a_gradient(rng):
    _, y_pred = draw_towers(rng, 5)
    loss = K.InBatchSoftmax(num_hard_negatives=1, reduction=lambda values: values[0])
    value, gradient = value_and_gradient(lambda p: loss(np.arange(5), p), y_pred)
    hardest = 1 + np.argmax(y_pred[1:, 1] @ y_pred[0, 0])
    assert set(np.flatnonzero(np.any(gradient[:, 1], axis=1))) == {0, hardest}
    lead = y_pred[hardest, 1] @ y_pred[0, 0] - y_pred[0, 1] @ y_pred[0, 0]
    assert_close(value, np.log1p(np.exp(lead)))


def test_wrong_labels_are_refused(rng):
    _, y_pred = draw_towers(rng, 4)
    for wrong in (np.zeros((4, 3)), np.zeros(3), np.zeros((3, 2))):
        with pytest.raises(ValueError, match="InBatchSoftmax.*y_true.*Received"):
            K.InBatchSoftmax()(wrong, y_pred)
