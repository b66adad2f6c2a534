"""Reductions, the order of the batch, batches of one sample and of none."""

import numpy as np
import pytest
from keras import ops

from tests.backend import array, assert_close
from tests.laws.table import N, each_loss, kind, per_sample


def root_mean_square(values):
    return ops.sqrt(ops.mean(ops.square(values)))


@each_loss
def test_reductions(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    expected = {
        "sum": values.sum(),
        "mean": values.mean(),
        "sum_over_batch_size": values.mean(),
        "none": values,
        root_mean_square: np.sqrt(np.mean(values**2)) if values.ndim else values,
    }
    for reduction, value in expected.items():
        assert_close(array(case.make(reduction=reduction)(y_true, y_pred)), value, message=str(reduction))
    own = loss.own_weight(*loss.prepare(y_true, y_pred))
    own = np.ones_like(values) if own is None else array(own)
    by_weight = case.make(reduction="mean_with_sample_weight")
    assert_close(array(by_weight(y_true, y_pred)), values.sum() / own.sum() if values.ndim else values)


@each_loss
def test_batch_order_does_not_matter(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    order = np.array([2, 0, 3, 1])
    assert_close(array(loss(y_true[order], y_pred[order])), values[order] if values.ndim else values)


@each_loss
def test_empty_batch(case, rng):
    y_true, y_pred = case.draw(rng, N)
    assert_close(array(case.make()(y_true[:0], y_pred[:0])), 0.0)


@each_loss
def test_one_sample(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    if kind(case) == "margin" or case.scope != "sample" or getattr(loss, "relative", False):
        pytest.skip("a matter of the whole batch, by definition")
    assert_close(array(loss(y_true[:1], y_pred[:1])), values[:1])
