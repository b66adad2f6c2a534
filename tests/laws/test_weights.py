"""Sample weights, masks, and positions that are excluded."""

import numpy as np
import pytest
from keras import ops

from tests.backend import BACKEND, array, assert_close, masked, tensor, value_and_gradient
from tests.laws.table import (
    SOME,
    but,
    by_base,
    counted,
    draw,
    each,
    each_other_base,
    kind,
    per_sample,
    rows,
    share,
    take,
)


@each_other_base
def test_sample_weights(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    own = loss.own_weight(*loss.prepare(tensor(y_true), tensor(y_pred)))
    own = np.ones_like(values) if own is None else array(own)
    counts = counted(case, values, y_true, y_pred)
    with pytest.raises(ValueError, match=f"{case.loss.__name__}.*sample_weight"):
        case.make()(y_true, y_pred, sample_weight=np.ones(len(y_pred) + 1))
    if case.scope == "batch":
        copies = np.array([0, 0, 2, 3])
        expected = array(case.make()(*take(case, y_true, y_pred, copies)))
        weight = np.array([2.0, 0.0, 1.0, 1.0], "float32")
        for reduction in ("mean", "sum", "mean_with_sample_weight", None):
            result = case.make(reduction=reduction)(y_true, y_pred, sample_weight=weight)
            assert_close(array(result), expected, message=str(reduction))
        return
    samples = np.resize(np.float32([2.0, 0.0, 0.5, 1.0]), len(y_pred))
    positions = np.linspace(0, 2, values.size, dtype="float32").reshape(values.shape)
    for weight in (samples, samples[:, None], positions, np.float32(3.0)):
        if weight.ndim == values.ndim + 1:
            spread = weight[:, 0]
        else:
            spread = weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim))
        spread = np.broadcast_to(spread, values.shape)
        expected = {
            None: spread * values,
            "sum": (spread * values).sum(),
            "mean": (spread * values).sum() / counts.sum(),
            "mean_with_sample_weight": (spread * values).sum() / (spread * own * counts).sum(),
        }
        for reduction, value in expected.items():
            loss = case.make(reduction=reduction)
            result = array(loss(y_true, y_pred, sample_weight=weight))
            assert_close(result, value, message=f"{reduction} {weight.shape}")


@each_other_base
def test_masked_positions_are_absent(case, rng):
    y_true, y_pred = draw(case, rng)
    mask = but(len(y_pred))
    for reduction in ("sum", "mean", "mean_with_sample_weight"):
        loss = case.make(reduction=reduction)
        expected = array(loss(*take(case, y_true, y_pred, mask)))
        assert_close(array(loss(y_true, masked(y_pred, mask))), expected, message=reduction)
    nothing = array(case.make()(y_true, masked(y_pred, np.zeros(len(y_pred)))))
    assert_close(nothing, 0.0)


@each(share(by_base(SOME), 4))
@pytest.mark.parametrize("by", ["weight", "mask"])
def test_excluded_positions_may_hold_anything(case, by, rng):
    if case.scope == "anchor" and by == "weight":
        pytest.skip("a row of weight 0 still serves the other anchors: its values must be finite")
    y_true, y_pred = draw(case, rng)
    clean = y_true, y_pred.copy()
    y_pred[1] = np.nan
    if case.square:
        y_pred[:, 1] = np.nan
    y_true = y_true.copy()
    y_true[1] = np.inf if y_true.dtype.kind == "f" else 99
    keep = but(len(y_pred)).astype("float32")
    loss = case.make(reduction="sum")

    def total(p):
        return loss(y_true, p, sample_weight=keep) if by == "weight" else loss(y_true, carry(p))

    def carry(p):
        p = ops.copy(p) if BACKEND != "tensorflow" else ops.convert_to_tensor(p) + 0
        p._keras_mask = tensor(keep.astype(bool))
        return p

    if by == "mask" and BACKEND == "jax":
        value = array(loss(y_true, masked(y_pred, keep)))
        gradient = None  # a tracer carries no mask: jax.grad is tested through weights
    else:
        value, gradient = value_and_gradient(total, y_pred)
    if by == "weight":
        expected = array(loss(clean[0], clean[1], sample_weight=keep))
    else:
        expected = array(loss(*take(case, *clean, keep > 0)))
    assert_close(value, expected)
    if gradient is not None:
        assert np.all(np.isfinite(gradient))
        assert not np.any(gradient[1])


@rows(lambda case: [x for x in case.variants if x.get("class_weight") and kind(case) == "class"])
def test_class_weights_divide_the_mean_by_weight(case, item, rng):
    y_true, y_pred = draw(case, rng)
    if y_true.dtype.kind == "f":
        pytest.skip("soft labels")
    values = array(case.make(reduction=None, **item)(y_true, y_pred))
    loss = case.make(reduction="mean_with_sample_weight", **item)
    assert_close(array(loss(y_true, y_pred)), values.sum() / np.asarray(item["class_weight"])[y_true].sum())
