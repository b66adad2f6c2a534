"""Several outputs and several scales."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, compiled, value_and_gradient

LINE = np.arange(4.0).reshape(1, 4, 1)


def test_deep_supervision():
    outputs = [np.zeros((1, 4, 1)), np.zeros((1, 2, 1))]
    assert_close(array(K.DeepSupervision("mse")(LINE, outputs)), 6.0)
    assert_close(array(K.DeepSupervision("mse", weights="same")(LINE, outputs)), 8.5)
    assert_close(array(K.DeepSupervision("mse", weights=[2.0, 1.0, 7.0])(LINE, outputs)), 12.0)
    assert_close(array(K.DeepSupervision("mse")(LINE, outputs[1])), 5.0)  # one output alone
    finer = np.repeat(LINE, 2, axis=1)
    assert_close(array(K.DeepSupervision("mse")(LINE, finer)), 0.0)
    assert K.DeepSupervision("mse").level_weights(6) == [1, 0.5, 0.25, 0.125, 0.0625, 0.0625]
    assert K.DeepSupervision("mse", weights="two").level_weights(3) == [1, 0.5, 0.5]
    for wrong in ("three", [], [np.inf]):
        with pytest.raises(ValueError, match="DeepSupervision.*weights"):
            K.DeepSupervision("mse", weights=wrong)
    with pytest.raises(ValueError, match="`weights` must be at least 2"):
        K.DeepSupervision("mse", weights=[1.0])(LINE, outputs)


def test_deep_supervision_keeps_class_ids_and_weights(rng):
    ids = rng.integers(0, 3, (2, 6, 4))
    outputs = [rng.normal(size=(2, 6, 4, 3)), rng.normal(size=(2, 3, 2, 3)), rng.normal(size=(2, 2, 4, 3))]
    loss = K.SparseCategoricalCrossentropy(from_logits=True)
    deep = K.DeepSupervision(loss, weights="same")
    small = [ids, ids[:, 1::2, 1::2], ids[:, [1, 4]]]
    for weight in (None, np.array([0.0, 2.0])):
        expected = sum(array(loss(y, p, weight)) for y, p in zip(small, outputs, strict=True))
        assert_close(array(deep(ids, outputs, weight)), expected)
    pixels = rng.uniform(size=(2, 6, 4))
    weights = [pixels, pixels[:, 1::2, 1::2], pixels[:, [1, 4]]]
    triples = zip(small, outputs, weights, strict=True)
    expected = sum(array(loss(y, p, w)) for y, p, w in triples)
    assert_close(array(deep(ids, outputs, pixels)), expected)
    assert_close(array(deep.call(ids.astype("int32"), outputs[:1])).shape, ids.shape)


def test_multi_scale():
    zeros = np.zeros_like(LINE)
    for arguments, expected in [
        ({"scales": (0,)}, 3.5),
        ({"scales": (1,)}, 1.837749757421),
        ({"scales": (0, 1)}, 2.66887487871),
        ({"scales": (1,), "kernel": "cauchy"}, 1.339373361953),
    ]:
        loss = K.MultiScale("mse", **arguments)
        assert_close(array(loss(LINE, zeros)), expected)
    for wrong in ({"scales": ()}, {"scales": (-1,)}, {"kernel": "box"}):
        with pytest.raises(ValueError, match=f"MultiScale.*{next(iter(wrong))}"):
            K.MultiScale("mse", **wrong)
    with pytest.raises(ValueError, match=r"MultiScale.*same shape"):
        K.MultiScale("mse")(np.zeros((1, 4), "int32"), np.zeros((1, 4, 3)))
    with pytest.raises(ValueError, match=r"MultiScale.*images"):
        K.MultiScale("mse")(np.zeros((1, 4)), np.zeros((1, 4)))


@pytest.mark.parametrize("space", [(5,), (5, 6), (4, 3, 5)])
@pytest.mark.parametrize("kernel", ["gaussian", "cauchy"])
def test_multi_scale_is_a_convolution(space, kernel, rng):
    ndimage = pytest.importorskip("scipy.ndimage")
    y_true, y_pred = rng.normal(size=(2, 2, *space, 2))
    scale = 0.8
    if kernel == "gaussian":
        x = np.arange(-2, 3)
        taps = np.exp(-(x**2) / (2 * scale**2)) / (scale * np.sqrt(2 * np.pi))
    else:
        x = np.arange(-4, 5)
        taps = 1 / (1 + (x / scale) ** 2)
        taps /= taps.sum()
    smoothed = y_true - y_pred
    for axis in range(1, 1 + len(space)):
        smoothed = ndimage.convolve1d(smoothed, taps, axis=axis, mode="constant")
    loss = K.MultiScale("mse", scales=[scale], kernel=kernel)
    assert_close(array(loss(y_true, y_pred)), np.mean(smoothed**2))
    weight = np.array([0.0, 2.0])
    assert_close(array(loss(y_true, y_pred, weight)), np.mean(smoothed[1] ** 2))
    y_pred[0] = np.nan
    value, gradient = value_and_gradient(lambda p: loss(y_true, p, weight), y_pred.astype("float32"))
    assert_close(value, np.mean(smoothed[1] ** 2))
    assert np.all(np.isfinite(gradient)) and not np.any(gradient[0])
    value, _ = compiled(lambda y, p: loss(y, p), y_true.astype("float32"), y_true.astype("float32"))
    assert_close(value, 0.0)
