"""Losses that compare the embeddings of a batch: permuted, moved, turned, degenerate, and in blocks."""

import numpy as np
import pytest
from keras import ops

from kerasloss.core import blocks
from kerasloss.core.kinds.views import ViewLoss
from tests.backend import array, assert_close, tensor, value_and_gradient
from tests.laws.table import SOME, draw, each, share, take

COMPARING = [c for c in SOME if c.scope == "anchor" and c.kind in ("label-embedding", "tuple-embedding")]
LABELLED = [c for c in COMPARING if c.kind == "label-embedding" and c.loss.__name__ != "RankNContrast"]

COMPARED = [c for c in COMPARING if not issubclass(c.loss, ViewLoss)]  # views have losses of single entries

each_case = each(COMPARING)
each_labelled = each(LABELLED)


def evaluate(case, y_true, y_pred, weight=None):
    """A sum of the values, in which each weighs differently, and its gradient."""
    weight = weights(y_pred) if weight is None else weight
    loss = case.make(reduction=lambda values: ops.sum(values * tensor(weight)))
    return value_and_gradient(lambda p: loss(y_true, p), y_pred)


def weights(y_pred):
    return np.linspace(1, 2, len(y_pred), dtype="float32")


@each(share(COMPARING, 3))
def test_blocks_of_rows_give_the_same(case, rng, monkeypatch):
    y_true, y_pred = draw(case, rng)
    value, gradient = evaluate(case, y_true, y_pred)
    monkeypatch.setattr(blocks, "WHOLE", 0)
    monkeypatch.setattr(blocks, "BLOCK", 4 * len(y_pred))  # the last block of four rows is not full
    monkeypatch.setattr(blocks, "ROWS", 1)
    by_block, its_gradient = evaluate(case, y_true, y_pred)
    assert_close(by_block, value)
    assert_close(its_gradient, gradient, gradient=True)


@each_case
def test_permuted_batch(case, rng):
    y_true, y_pred = draw(case, rng)
    order = rng.permutation(len(y_pred))
    value, gradient = evaluate(case, y_true, y_pred)
    permuted, its_gradient = evaluate(case, *take(case, y_true, y_pred, order), weights(y_pred)[order])
    assert_close(permuted, value, scale=10)
    expected = gradient[order][:, order] if case.square else gradient[order]
    assert_close(its_gradient, expected, gradient=True)


@each([c for c in COMPARING if c.kind == "label-embedding"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_embeddings_without_a_distance_have_no_value(case, wrong, rng):
    """A comparison with NaN is false, and a sort moves it out of sight: the loss must not be a number."""
    y_true, y_pred = draw(case, rng)
    for rows in (slice(None), slice(1, 2)):
        y_pred[rows] = wrong
        assert np.isnan(array(case.make()(y_true, y_pred)))


@each(COMPARED)
def test_turned_embeddings(case, rng):
    y_true, y_pred = draw(case, rng)
    if y_pred.ndim == 2 and case.kind == "tuple-embedding":
        pytest.skip("no embeddings")
    rotation = np.linalg.qr(rng.normal(size=[y_pred.shape[-1]] * 2))[0].astype("float32")
    value, gradient = evaluate(case, y_true, y_pred)
    turned, its_gradient = evaluate(case, y_true, y_pred @ rotation)
    assert_close(turned, value, scale=10)
    assert_close(its_gradient, gradient @ rotation, gradient=True, scale=10)


@each_labelled
def test_moved_embeddings(case, rng):
    loss = case.make()
    if loss.normalize or loss.distance not in ("euclidean", "squared_euclidean"):
        pytest.skip("angles depend on where 0 is")
    y_true, y_pred = draw(case, rng)
    y_pred = (64 * y_pred).round() / 64  # so that the sum is exact
    value, gradient = evaluate(case, y_true, y_pred)
    moved, its_gradient = evaluate(case, y_true, y_pred + 1024)
    assert_close(moved, value, scale=10)
    assert_close(its_gradient, gradient, gradient=True, scale=10)


DEGENERATE = {
    "one class": lambda y, x: (np.zeros_like(y), x),
    "all labels different": lambda y, x: (np.arange(len(y)), x),
    "one sample": lambda y, x: (y[:1], x[:1]),
    "duplicates": lambda y, x: (y, np.repeat(x[::2], 2, axis=0)[: len(x)]),
    "all equal": lambda y, x: (y, np.repeat(x[:1], len(x), axis=0)),
    "all zero": lambda y, x: (y, np.zeros_like(x)),
    "large ids": lambda y, x: (y + 2**24, x),
}


EMPTY = ("one class", "all labels different", "one sample")
"""Batches without positives, or without negatives."""


@each_labelled
@pytest.mark.parametrize("batch", DEGENERATE)
def test_degenerate_batches(case, batch, rng):
    y_true, y_pred = draw(case, rng)
    changed = DEGENERATE[batch](y_true, y_pred)
    value, gradient = evaluate(case, *changed)
    assert np.all(np.isfinite(value))
    assert np.all(np.isfinite(gradient))
    if batch == "large ids":
        assert_close(value, evaluate(case, y_true, y_pred)[0])
    elif batch == "one sample" or (
        batch in ("one class", "all labels different") and batch not in case.nonzero
    ):
        assert_close(value, 0.0)
        assert_close(gradient, np.zeros_like(gradient), gradient=True)


@each_labelled
def test_float_labels_are_refused(case, rng):
    y_true, y_pred = draw(case, rng)
    with pytest.raises(ValueError, match=f"{case}.*integer.*astype.*float32"):
        case.make()(y_true.astype("float32"), y_pred)
