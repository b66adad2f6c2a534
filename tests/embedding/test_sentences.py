"""Losses of sentence embeddings: identities, teachers, shapes, and blocks."""

import numpy as np
import pytest
from keras import ops

import kerasloss as K
from kerasloss.core import blocks
from tests.backend import array, assert_close, masked, value_and_gradient


def draw(rng, *shape):
    return rng.normal(size=shape).astype("float32")


def test_wrong_shapes_are_refused():
    labels, pairs = np.zeros(3), np.zeros((3, 2, 4))
    for loss, y_true, y_pred, words in [
        (K.MultipleNegativesRanking(), None, np.zeros((3, 1, 4)), r"\(N, 2 \+ K, D\).*K negatives.*\(N, N\)"),
        (K.MultipleNegativesRanking(), None, np.zeros((3, 4)), r"\(N, 2 \+ K, D\)"),
        (K.CoSENT(), labels, np.zeros((3, 3, 4)), r"\(N, 2, D\).*\(N, 1\)"),
        (K.CoSENT(), labels, np.zeros((3, 2)), r"\(N, 2, D\)"),
        (K.CoSENT(), labels, np.zeros(2), "`y_true`"),
        (K.CoSENT(), np.zeros((3, 2)), pairs, "`y_true`"),
        (K.AnglE(), labels, np.zeros((3, 1, 4)), r"\(N, 2 \+ K, D\)"),
        (K.AnglE(), np.zeros(2), pairs, "`y_true`"),
        (K.MarginMSE(), labels, pairs, r"\(N, 3 \+ K, D\)"),
        (K.MarginMSE(), labels, np.zeros((3, 1)), r"K >= 1"),
        (K.MarginMSE(), labels, np.zeros((3, 4, 4)), r"`y_true`.*\(N, K\)"),
        (K.MarginMSE(), np.zeros((3, 4)), np.zeros((3, 4, 4)), r"`y_true`.*\(N, 1 \+ K\)"),
        (K.GISTEmbed(), labels, pairs, "guide"),
        (K.GISTEmbed(), np.zeros((3, 3, 4)), pairs, "guide"),
        (K.GISTEmbed(), pairs, np.zeros((3, 1, 4)), r"\(N, 2 \+ K, D\)"),
    ]:
        with pytest.raises(ValueError, match=rf"(?s){type(loss).__name__}: .*{words}.*Received"):
            loss(y_true, y_pred)


# In the batch ----------------------------------------------------------------------------------------


def test_both_directions_of_pairs_are_clip(rng):
    pairs = draw(rng, 6, 2, 3)
    loss = K.MultipleNegativesRanking(scale=4.0, symmetric=True, reduction=None)
    assert_close(array(loss(None, pairs)), array(K.CLIP(temperature=0.25, reduction=None)(None, pairs)))


def test_hard_negatives_of_all_rows_are_candidates_of_each(rng):
    x = draw(rng, 4, 4, 3)
    rows = np.concatenate([x[:, 1], x[:, 2], x[:, 3]])
    scores = 0.5 * x[:, 0] @ rows.T
    expected = K.SparseCategoricalCrossentropy(from_logits=True, reduction=None)(np.arange(4), scores)
    loss = K.MultipleNegativesRanking(scale=0.5, similarity="dot", reduction=None)
    assert_close(array(loss(None, x)), array(expected))


def test_masked_rows_have_no_hard_negatives_either(rng):
    x, mask = draw(rng, 5, 4, 3), np.array([1, 1, 0, 1, 1], bool)
    guide = draw(rng, 5, 4, 2)
    for loss in (K.MultipleNegativesRanking(2.0, symmetric=True), K.GISTEmbed(0.5)):
        assert_close(array(loss(guide, masked(x, mask))), array(loss(guide[mask], x[mask])))


@pytest.mark.parametrize("n, k", [(1024, 5), (100, 3), (1024, 2)])
def test_no_block_holds_more_pairs_than_there_may_be(n, k, rng):
    seen = []

    class Spy(K.MultipleNegativesRanking):
        def logits(self, queries, keys):
            if len(keys.shape) == 2:  # not each query with its own key
                seen.append((queries.shape[0], keys.shape[0]))
            return super().logits(queries, keys)

    assert np.isfinite(array(Spy()(None, draw(rng, n, k, 2))))
    assert {keys for _, keys in seen} == {n * (k - 1)}
    assert max(queries * keys for queries, keys in seen) <= blocks.WHOLE


# Order of labels -------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss, k", [(K.CoSENT(3.0), 2), (K.AnglE(3.0), 2), (K.AnglE(3.0), 4)])
def test_blocks_of_rows_give_the_same(loss, k, rng, monkeypatch):
    y_true, x = rng.integers(0, 4, 10), draw(rng, 10, k, 3)
    weight = np.resize(np.float32([1, 2, 0, 0.5]), 10)
    value, gradient = value_and_gradient(lambda p: loss(y_true, p, weight), x)
    monkeypatch.setattr(blocks, "WHOLE", 0)
    monkeypatch.setattr(blocks, "BLOCK", 4 * 10 * (k - 1))
    monkeypatch.setattr(blocks, "ROWS", 1)
    by_block, its_gradient = value_and_gradient(lambda p: loss(y_true, p, weight), x)
    assert_close(by_block, value)
    assert_close(its_gradient, gradient, gradient=True)


@pytest.mark.parametrize("loss", [K.CoSENT(2.0), K.AnglE(2.0)])
def test_labels_are_compared_as_they_are(loss, rng):
    x = draw(rng, 3, 2, 4)
    expected = array(loss(np.array([0, 1, 1]), x))
    large = 2**24 + np.array([0, 1, 1])  # one number in float32
    for y_true in (
        large,
        np.array([False, True, True]),
        np.array([0, 7, 7], "uint8"),
        [[0.0], [1e-3], [1e-3]],
    ):
        assert_close(array(loss(np.array(y_true), x)), expected)
    assert np.isnan(array(loss(np.array([0.0, np.nan, 1.0]), x)))
    assert np.isfinite(array(loss(np.array([0.0, np.nan, 1.0]), x, np.array([1.0, 0.0, 1.0]))))


def test_a_weight_stands_for_copies_in_all_columns(rng):
    y_true, x = np.float32([0.9, 0.2, 0.6]), draw(rng, 3, 4, 4)
    copies = np.array([0, 0, 2])
    for loss in (K.AnglE(2.0), K.CoSENT(2.0)):
        x = x if isinstance(loss, K.AnglE) else x[:, :2]
        for weight in ([2.0, 0.0, 1.0], [[2.0], [0.0], [1.0]]):
            assert_close(array(loss(y_true, x, weight)), array(loss(y_true[copies], x[copies])))
        assert_close(array(loss(y_true, x, 1.0)), array(loss(y_true, x)))


def test_cosent_takes_similarities(rng):
    y_true, x = np.array([3, 1, 2, 1]), draw(rng, 4, 2, 3)
    s = array(-K.CosineSimilarity(reduction=None)(x[:, 0], x[:, 1]))
    for similarities in (s, s[:, None]):
        assert_close(array(K.CoSENT()(y_true, similarities)), array(K.CoSENT()(y_true, x)), scale=10)


def test_angle_of_triplets_is_that_of_their_pairs(rng):
    y_true, x = np.float32([1, 0.7, 0.4]), draw(rng, 3, 3, 5)
    pairs = np.concatenate([x[:, :2], x[:, [0, 2]]])
    expected = array(K.AnglE(2.0)(np.concatenate([y_true, 1 - y_true]), pairs))
    assert_close(array(K.AnglE(2.0)(y_true, x)), expected)


# Teachers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss, shape", [(K.MarginMSE(), (4, 2)), (K.MarginMSE(), (4, 3)), (K.GISTEmbed(0.5), (4, 4, 3))]
)
def test_no_gradient_reaches_the_teacher(loss, shape, rng):
    x = draw(rng, 4, 4, 3)
    _, gradient = value_and_gradient(lambda y: loss(y, x) + ops.sum(y), draw(rng, *shape))
    assert_close(gradient, np.ones(shape), gradient=True)


def test_a_student_of_scores(rng):
    x, margins = draw(rng, 4, 5, 3), draw(rng, 4, 3)
    scores = np.einsum("nd,nkd->nk", x[:, 0], x[:, 1:])
    assert_close(array(K.MarginMSE()(margins, scores)), array(K.MarginMSE()(margins, x)))


def test_a_guide_that_leaves_nothing_out_is_ranking(rng):
    x = draw(rng, 5, 3, 4)
    loss = K.GISTEmbed(0.25, -3.0, contrast_anchors=False, contrast_positives=False, reduction=None)
    expected = array(K.MultipleNegativesRanking(scale=4.0, reduction=None)(None, x))
    assert_close(array(loss(draw(rng, 5, 3, 2), x)), expected)


def test_what_the_guide_finds_equal_is_not_left_out(rng):
    x, guide = draw(rng, 4, 3, 3), np.ones((4, 3, 2), "float32")
    everything = array(K.GISTEmbed(0.5, -1.0)(guide, x))
    assert_close(array(K.GISTEmbed(0.5)(guide, x)), everything)
    assert everything > 1
    value, gradient = value_and_gradient(lambda p: K.GISTEmbed(0.5, 0.1)(guide, p), x)
    assert_close(value, 0.0)  # nothing is left
    assert_close(gradient, np.zeros_like(x), gradient=True)
