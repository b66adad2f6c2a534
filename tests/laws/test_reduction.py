"""Reductions, the order of the batch, batches of one sample and of none."""

import numpy as np
import pytest
from keras import ops

from tests.backend import array, assert_close, tensor
from tests.laws.table import (
    ONE_EACH,
    N,
    counted,
    draw,
    each,
    each_anchor,
    each_base,
    each_other_base,
    kind,
    per_sample,
    share,
)


def root_mean_square(values):
    return ops.sqrt(ops.mean(ops.square(values)))


@each_other_base
def test_reductions(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    counts = counted(case, values, y_true, y_pred)
    mean = values.sum() / counts.sum()
    expected = {
        "sum": values.sum(),
        "mean": mean,
        "sum_over_batch_size": mean,
        "none": values,
        root_mean_square: np.sqrt(np.mean(values**2)) if values.ndim else values,
    }
    for reduction, value in expected.items():
        assert_close(array(case.make(reduction=reduction)(y_true, y_pred)), value, message=str(reduction))
    own = loss.own_weight(*loss.prepare(tensor(y_true), tensor(y_pred)))
    own = np.ones_like(values) if own is None else array(own)
    mean_by_weight = values.sum() / (own * counts).sum() if values.ndim else values
    by_weight = case.make(reduction="mean_with_sample_weight")
    assert_close(array(by_weight(y_true, y_pred)), mean_by_weight)


@each(share(ONE_EACH, 3))
def test_batch_order_does_not_matter(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    order = np.array([2, 0, 3, 1, *range(len(y_pred) - 1, N - 1, -1)])
    assert_close(array(loss(y_true[order], y_pred[order])), values[order] if values.ndim else values)


@each_anchor
def test_anchors_that_do_not_count_leave_the_mean(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    counts = counted(case, values, y_true, y_pred)
    assert not np.any(values[~counts])
    assert case.counts is None or 0 < counts.sum() < counts.size, "the draw has no such anchor"
    assert_close(array(case.make()(y_true, y_pred)), values.sum() / counts.sum())
    weight = np.linspace(0.5, 2, values.size, dtype="float32").reshape(values.shape)
    for reduction, divisor in (("mean", counts.sum()), ("mean_with_sample_weight", weight[counts].sum())):
        value = case.make(reduction=reduction)(y_true, y_pred, sample_weight=weight)
        if "sample_weights" not in case.exempt:
            assert_close(array(value), (weight * values).sum() / divisor, message=reduction)


@each_base
def test_empty_batch(case, rng):
    y_true, y_pred = draw(case, rng)
    assert_close(array(case.make()(y_true[:0], y_pred[:0])), 0.0)


@each_other_base
def test_one_sample(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    if kind(case) == "margin" or case.scope != "sample" or getattr(loss, "relative", False):
        pytest.skip("a matter of the whole batch, by definition")
    assert_close(array(loss(y_true[:1], y_pred[:1])), values[:1])
