"""Shapes and labels: what is aligned, refused, ignored, or NaN."""

import numpy as np
import pytest

from tests.backend import array, assert_close, value_and_gradient
from tests.laws.table import (
    SOME,
    N,
    but,
    by_base,
    draw,
    each,
    each_case,
    each_other_base,
    kind,
    own_arguments,
    per_sample,
    share,
)


@each_case
def test_shapes_that_only_broadcast_are_refused(case, rng):
    y_true, y_pred = draw(case, rng)
    wrong = [y_pred[:1], y_pred[None, None]]
    any_length = case.any_width or kind(case) in ("label-embedding", "sequence", "series")
    free = any_length or y_pred.shape[1:] == (1,)
    if not free and (kind(case) != "class" or y_true.dtype.kind == "f"):
        wrong += [y_pred[:, :1], y_pred[:, :-1]]
    for other in wrong:
        with pytest.raises(ValueError, match=case.loss.__name__):
            case.make()(y_true, other)
    with pytest.raises(ValueError, match=case.loss.__name__):
        case.make()(y_true[..., None, None], y_pred)


@each_case
def test_one_column_is_aligned(case, rng):
    if kind(case) not in ("element", "binary", "margin") or not case.loss.elementwise:
        pytest.skip("a loss of whole rows")
    y_true, y_pred = (x[:, :1] for x in draw(case, rng))
    loss = case.make(reduction=None)
    expected = array(loss(y_true, y_pred))
    assert expected.shape == (N,)
    assert_close(array(loss(y_true[:, 0], y_pred)), expected)
    assert_close(array(loss(y_true, y_pred[:, 0])), expected)
    weight = np.array([1.0, 2.0, 0.0, 1.0])
    expected = array(loss(y_true, y_pred, sample_weight=weight))
    assert_close(array(loss(y_true[:, 0], y_pred[:, 0], sample_weight=weight)), expected)


@each_other_base
def test_integer_labels(case, rng):
    y_true, y_pred = draw(case, rng)
    if y_true.dtype.kind == "f":
        y_true = np.clip(np.round(np.abs(y_true)), 0, 1)
        if kind(case) == "class":
            pytest.skip("soft labels")
    loss = case.make()
    # Float labels of embeddings are refused; those of the others are as good.
    ids = kind(case) == "label-embedding" and y_true.dtype.kind != "f"
    expected = array(loss(y_true.astype("int64" if ids else "float32"), y_pred))
    dtypes = ["int8", "int32", "int64"] + (
        ["uint8", "bool"] if y_true.min() >= 0 and y_true.max() <= 1 else []
    )
    for dtype in dtypes:
        assert_close(array(loss(y_true.astype(dtype), y_pred)), expected, message=dtype)


@each_case
def test_class_ids_equal_one_hot_at_any_axis(case, rng):
    if kind(case) != "class" or draw(case, rng)[0].dtype.kind == "f":
        pytest.skip("no class ids")
    variants = [{}, *case.variants]
    for variant in variants:
        loss = case.make(reduction=None, **variant)
        ids, y_pred = draw(case, rng)
        expected = array(loss(ids, y_pred))
        one_hot = (ids[..., None] == np.arange(y_pred.shape[-1])).astype("float32")
        assert_close(array(loss(ids[..., None], y_pred)), expected)
        assert_close(array(loss(one_hot, y_pred)), expected)
        assert_close(array(loss(one_hot.astype("int32"), y_pred)), expected)
        mean = case.make(**variant)
        assert_close(array(mean(one_hot, y_pred)), array(mean(ids, y_pred)))
        if "axis" not in own_arguments(case) or expected.ndim == 0:
            continue
        ids, y_pred, expected = (
            np.stack([x] * 3, axis=1) for x in (ids, y_pred, expected)
        )  # positions of two axes
        moved = case.make(reduction=None, axis=1, **variant)
        one_hot = (ids[..., None] == np.arange(y_pred.shape[-1])).astype("float32")
        y_pred, one_hot = (np.moveaxis(x, -1, 1) for x in (y_pred, one_hot))
        for labels in (ids, ids[:, None], ids[..., None], one_hot):
            assert_close(array(moved(labels, y_pred)), expected)
        weight = np.linspace(0, 2, expected.size, dtype="float32").reshape(expected.shape)
        y_pred = np.where(np.expand_dims(weight, 1) == 0, np.float32(np.nan), y_pred)
        assert_close(array(moved(ids, y_pred, sample_weight=weight)), weight * expected)


@each(share(SOME, 2))
def test_wrong_labels_give_nan(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    if kind(case) not in ("margin", "binary", "class"):
        pytest.skip("every number is a target")
    if kind(case) == "margin":
        loss = case.make(reduction=None, label_format="binary")
        y_true = np.abs(y_true)
        values = array(loss(y_true, y_pred))
        wrong = [2.0, -1.0, np.nan, 255]
    elif kind(case) == "binary":
        wrong = [255, -1, np.nan, 1.5]
    elif y_true.dtype.kind == "f":
        pytest.skip("soft labels")
    else:
        wrong = [-1, y_pred.shape[-1], -100, 255, np.nan, 0.5]
    for label in wrong:
        labels = y_true.astype("float32" if isinstance(label, float) or y_true.dtype.kind == "f" else "int64")
        labels.reshape(len(y_pred), -1)[1, 0] = label
        values = values.copy()
        if values.ndim:
            values.reshape(len(y_pred), -1)[1, 0] = np.nan
        else:
            values = np.float32(np.nan)
        assert_close(array(loss(labels, y_pred)), values, message=str(label))


@each(share(SOME, 2))
def test_wrong_probabilities_give_nan(case, rng):
    loss, y_true, y_pred, values = per_sample(case, rng)
    if kind(case) not in ("binary", "class") or getattr(loss, "from_logits", True):
        pytest.skip("no probabilities")
    for wrong in (-0.25, 1.25) if kind(case) == "binary" else (-0.25,):  # those of classes are normalised
        p = y_pred.copy()
        p.reshape(len(y_pred), -1)[1, 0] = wrong
        expected = values.copy()
        if values.ndim:
            expected.reshape(len(y_pred), -1)[1, 0] = np.nan
        else:
            expected = np.float32(np.nan)
        assert_close(array(loss(y_true, p)), expected, message=str(wrong))


@each(share(by_base(SOME), 4))
def test_ignored_labels_are_absent(case, rng):
    if "ignore_class" not in own_arguments(case) or draw(case, rng)[0].dtype.kind == "f":
        pytest.skip("no class can be ignored")
    y_true, y_pred = draw(case, rng)
    keep = but(len(y_pred))
    expected = array(case.make()(y_true[keep], y_pred[keep]))
    for ignored, label in ((-100, -100), ([-1, 255], 255)):
        labels, scores = y_true.astype("int64"), y_pred.copy()
        labels[1], scores[1] = label, np.nan
        loss = case.make(ignore_class=ignored)
        value, gradient = value_and_gradient(lambda p, y=labels, f=loss: f(y, p), scores)
        assert_close(value, expected)
        assert np.all(np.isfinite(gradient)) and not np.any(gradient[1])
    labels[:] = label
    value, gradient = value_and_gradient(lambda p: loss(labels, p), scores)
    assert value == 0 and not np.any(gradient)
