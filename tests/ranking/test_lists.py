"""Lists of items: padding anywhere, masks of items, lists with nothing to rank, and long ones in blocks."""

import numpy as np
import pytest
from keras import ops

import kerasloss as K
from kerasloss.core import blocks
from kerasloss.core.kinds.ranked_list import ranks, relative_gains
from tests.backend import BACKEND, array, assert_close, compiled, masked, tensor, value_and_gradient
from tests.cases import CASES
from tests.cases.common.lists import LIST, best_dcg, dcg, in_order, items
from tests.laws.table import each, rows

LISTS = list({case.loss: case for case in reversed(CASES) if case.kind == "list"}.values())[::-1]
IN_BLOCKS = [case for case in LISTS if case.loss.growth == "entry-pair-blocks"]
each_list = each(LISTS)


def evaluate(loss, y_true, y_pred):
    """A sum of the values, in which each weighs differently, and its gradient."""
    weight = np.linspace(1, 2, len(y_pred), dtype="float32")
    return value_and_gradient(lambda p: ops.sum(loss(y_true, p) * tensor(weight)), y_pred)


@rows(lambda case: [{}, *case.variants], LISTS)
def test_padding_is_absent_wherever_it_stands(case, item, rng):
    y_true, y_pred = (x[:1] for x in case.draw(rng, 4))  # of a whole list
    loss = case.make(reduction=None, **item)
    value, gradient = evaluate(loss, y_true, y_pred)
    for at, labels, scores in (
        ([0, 0], -1, np.nan),
        ([2, 4], -3, np.inf),
        ([5, 5], np.nan, -np.inf),
        ([1, 5], -np.inf, 1e30),
    ):
        if y_true.dtype.kind == "i":
            labels = -1
        longer = np.insert(y_true, at, labels, axis=1), np.insert(y_pred, at, scores, axis=1)
        padded, its_gradient = evaluate(loss, *longer)
        assert_close(padded, value)
        assert_close(its_gradient, np.insert(gradient, at, 0, axis=1), gradient=True)


@each_list
def test_masked_items_are_padding(case, rng):
    y_true, y_pred = (np.concatenate([x[:1]] * 3) for x in case.draw(rng, 4))
    there = np.ones(y_pred.shape, bool)
    there[0, 3:], there[2] = False, False
    y_pred[~there] = np.nan
    padded = np.where(there, y_true, -1)
    expected = array(case.make(reduction=None)(padded, y_pred))
    assert_close(array(case.make(reduction=None)(y_true, masked(y_pred, there))), expected)
    mean = array(case.make()(y_true, masked(y_pred, there)))
    assert_close(mean, expected[:2].mean())  # a list without an item that is not masked is masked


@each_list
def test_lists_with_nothing_to_rank(case, rng):
    """Of padding, or of nothing relevant: 0, and they count in the mean."""
    y_true, y_pred = (x[:1] for x in case.draw(rng, 4))
    empty = np.full_like(y_true, -1), np.full_like(y_pred, np.nan)
    nothing = [empty]
    if case.loss.__name__ not in NEED_NO_RELEVANCE:
        nothing += [(np.zeros_like(y_true), y_pred)]
    for labels, scores in nothing:
        both = np.concatenate([y_true, labels]), np.concatenate([y_pred, scores])
        value, gradient = value_and_gradient(lambda p, y=both[0]: case.make()(y, p), both[1])
        assert_close(value, array(case.make()(y_true, y_pred)) / 2)
        assert not np.any(gradient[1])


NEED_NO_RELEVANCE = ("PairwiseMeanSquaredError", "ListNet", "ListMLE", "CosineContrastive")
"""Where equal relevances say something of the scores."""


@each_list
def test_one_item_is_one_list(case):
    if case.loss.__name__ == "CosineContrastive":
        pytest.skip("its cosine says something alone")
    loss = case.make(reduction="sum")
    for label in (2, 0, -1):
        value, gradient = value_and_gradient(
            lambda p, y=label: loss(np.array([[y]]), p), np.array([[0.7]], "float32")
        )
        metric = label == 2 and case.loss.__name__ in ("ApproxNDCG", "ApproxMRR", "NeuralNDCG")
        assert_close(value, -1.0 if metric else 0.0)  # a metric that is 1 for the only order
        assert not np.any(gradient)


@each_list
def test_wrong_inputs_are_refused(case):
    y_true, y_pred = LIST
    name = case.loss.__name__
    with pytest.raises(ValueError, match=f"{name}.*lists of scores.*Received: y_pred.shape="):
        case.make()(y_true[0], y_pred[0])
    with pytest.raises(ValueError, match=f"{name}.*same shape.*Received"):
        case.make()(y_true[0], y_pred)
    with pytest.raises(ValueError, match=f"{name}.*sample_weight.*Received: shape \\(1, 3\\)"):
        case.make()(y_true, y_pred, sample_weight=np.ones((1, 3)))


def test_scores_with_an_axis_too_many_are_refused_with_advice():
    with pytest.raises(ValueError, match=r"ListNet: .*put a `Flatten`. Received: y_true.shape=\(2, 3\)"):
        K.ListNet()(np.ones((2, 3)), np.ones((2, 3, 1)))


@each(IN_BLOCKS)
def test_blocks_of_items_give_the_same(case, rng, monkeypatch):
    y_true, y_pred = case.draw(rng, 4)
    for variant in ({}, *case.variants[-1:]):
        loss = case.make(reduction=None, **variant)
        value, gradient = evaluate(loss, y_true, y_pred)
        with monkeypatch.context() as patch:
            patch.setattr(blocks, "WHOLE", 0)
            patch.setattr(blocks, "BLOCK", 40)  # two items of four lists of five: the last block has one
            by_block, its_gradient = evaluate(loss, y_true, y_pred)
        assert_close(by_block, value)
        assert_close(its_gradient, gradient, gradient=True)


@pytest.mark.slow
@pytest.mark.skipif(BACKEND == "jax", reason="it knows the size of a batch")
def test_blocks_of_an_unknown_batch(rng, monkeypatch):
    y_true, y_pred = rng.integers(-1, 3, size=(4, 5)), rng.normal(size=(4, 5)).astype("float32")
    loss = K.PairwiseLogistic(lambda_weight="lambdarank")
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    monkeypatch.setattr(blocks, "WHOLE", 0)
    monkeypatch.setattr(blocks, "BLOCK", 40)
    by_block, its_gradient = compiled(loss.__call__, y_true, y_pred)
    assert_close(by_block, value)
    assert_close(its_gradient, gradient, gradient=True)


def test_ranks_of_ties_are_in_the_order_of_the_list():
    s = np.array([[0.0, 2.0, 2.0, 5.0, 2.0, -1.0]], "float32")
    valid = np.array([[True, True, True, False, True, True]])
    found = array(ranks(tensor(s), tensor(valid)))[0]
    expected = {i: k + 1 for k, i in enumerate(in_order(s[0], np.flatnonzero(valid[0])))}
    assert {i: found[i] for i in expected} == expected


@pytest.mark.parametrize("gain", ["exp2", "identity"])
@pytest.mark.parametrize("topn", [None, 2])
def test_the_best_order_has_gain_1(gain, topn, rng):
    y = np.array([[3, 0, -1, 1, 0.25], [1000, 0, -1, 999, 1], [1e-6, 0, -1, 0, 0]], "float32")
    found = array(relative_gains(tensor(np.maximum(y, 0)), topn, gain)).astype("float64")
    for labels, gains in zip(y, found, strict=True):
        order = sorted(items(labels), key=lambda i: -labels[i])
        best = np.sum(gains[order][:topn] / np.log2(np.arange(2, 2 + len(order)))[:topn])
        assert_close(best, 1.0)
        if labels.max() < 1000:
            assert_close(gains[0] * float(best_dcg(labels, topn, gain)), float(dcg([labels[0]], None, gain)))
