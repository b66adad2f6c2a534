"""Several outputs and several scales."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, assert_compiles, masked, value_and_gradient
from tests.cases.embedding.sentences import B3, UP, B

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


def test_multi_scale_compiled(rng):
    y_true, y_pred = rng.normal(size=(2, 2, 5, 6, 2)).astype("float32")
    assert_compiles(K.MultiScale("mse", scales=[0.8]), y_true, y_pred)


def test_matryoshka():
    loss = K.Matryoshka(K.CoSENT(scale=1.0), (2, 1), weights=(1.0, 0.5))
    assert_close(array(loss(UP, B)), 1.29765793164)
    assert_close(array(K.Matryoshka(K.CoSENT(scale=1.0), (2, 1), np.array([1.0, 0.5]))(UP, B)), 1.29765793164)
    margins, inner = np.array([0.5, -1.0]), K.MarginMSE(reduction=None)
    assert_close(array(K.Matryoshka(inner, [2, 1])(margins, B3)), [0.618578643763, 3.914213562373])
    assert_close(array(K.Matryoshka(inner, [2, 1], normalize=False)(margins, B3)), [1.62, 10])


@pytest.mark.parametrize(
    "loss, option",
    [
        (K.Masked(K.MeanSquaredError(), missing_value=-1.0), "missing_value"),
        (K.Huber() + K.Masked(K.MeanSquaredError(), missing_value=-1.0), "missing_value"),
        (K.BinaryCrossentropy(ignore_class=-1), "ignore_class"),
    ],
)
def test_multi_scale_smooths_no_number_of_missing_labels(loss, option):
    K.MultiScale(loss, scales=(0,))  # smooths nothing
    with pytest.raises(ValueError, match=rf"MultiScale: .*`{option}`.*Masked\(MultiScale\(loss\)"):
        K.MultiScale(loss, scales=(0, 1))


def cut(x, length):
    x = x[..., :length]
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


@pytest.mark.parametrize(
    "loss, shape",
    [
        (K.MultiSimilarity(), (6, 5)),
        (K.MultipleNegativesRanking(reduction="mean_with_sample_weight"), (6, 3, 5)),
        (K.AnglE(), (6, 2, 5)),
    ],
)
def test_matryoshka_is_a_sum_over_prefixes(loss, shape, rng):
    y_true, x = np.array([0, 1, 0, 2, 1, 1]), rng.normal(size=shape).astype("float32")
    weight, mask = np.float32([1, 2, 0.5, 1, 1, 0]), np.array([1, 1, 1, 0, 1, 1], bool)
    nested = K.Matryoshka(loss, (1, 5, 3), weights=(0.5, 1.0, -2.0))

    def expected(wrap, *weight):
        return sum(w * array(loss(y_true, wrap(cut(x, d)), *weight)) for d, w in ((1, 0.5), (5, 1), (3, -2)))

    assert_close(array(nested(y_true, x)), expected(np.asarray), scale=10)
    assert_close(array(nested(y_true, x, weight)), expected(np.asarray, weight), scale=10)
    found = array(nested(y_true, masked(x, mask), weight))
    assert_close(found, expected(lambda p: masked(p, mask), weight), scale=10)


def test_matryoshka_compiled(rng):
    y_true, x = np.array([0, 1, 0], "int32"), rng.normal(size=(3, 5)).astype("float32")
    assert_compiles(K.Matryoshka(K.MultiSimilarity(), (1, 5, 3)), y_true, x)


def test_matryoshka_of_a_teacher_cuts_its_embeddings(rng):
    y_true, x = rng.normal(size=(2, 4, 3)).astype("float32")
    loss = K.Matryoshka(K.MeanSquaredError(reduction=None), (3, 2), truncate_target=True)
    expected = sum(np.mean((y_true[:, :d] - cut(x, d)) ** 2, axis=-1) for d in (3, 2))
    assert_close(array(loss(y_true, x)), expected)
    assert_close(array(loss.call(y_true, x)), expected)


def test_matryoshka_of_zeros_has_no_gradient_there():
    x = np.array([[[0, 1], [1, 1]], [[0, 2], [1, -1]]], "float32")
    value, gradient = value_and_gradient(lambda p: K.Matryoshka(K.CLIP(), (1,))(None, p), x)
    assert_close(value, np.log(2))
    assert np.all(np.isfinite(gradient)) and not np.any(gradient[:, 0])


def test_matryoshka_refuses_what_can_not_be_cut():
    inner = K.MultipleNegativesRanking()
    for arguments, words in [
        ({"loss": K.Brier(), "dimensions": (2,)}, "`loss`.*label-embedding"),
        ({"loss": None, "dimensions": (2,)}, "`loss`"),
        ({"loss": inner, "dimensions": ()}, "`dimensions`"),
        ({"loss": inner, "dimensions": 2}, "`dimensions`"),
        ({"loss": inner, "dimensions": (2, 2)}, "`dimensions`.*twice"),
        ({"loss": inner, "dimensions": (0,)}, r"`dimensions\[0\]`"),
        ({"loss": inner, "dimensions": (1.5,)}, r"`dimensions\[0\]`"),
        ({"loss": inner, "dimensions": (2, 1), "weights": (1.0,)}, "`weights`.*2"),
        ({"loss": inner, "dimensions": (2,), "weights": (np.nan,)}, "`weights"),
        ({"loss": inner, "dimensions": (2,), "normalize": 1}, "`normalize`"),
        ({"loss": inner, "dimensions": (2,), "truncate_target": "yes"}, "`truncate_target`"),
    ]:
        with pytest.raises(ValueError, match=f"Matryoshka.*{words}"):
            K.Matryoshka(**arguments)
    pairs, labels = np.ones((3, 2, 4)), np.ones(3)
    for loss, y_true, y_pred, words in [
        (K.Matryoshka(inner, (5,)), None, pairs, "at most 4"),
        (K.Matryoshka(inner, (2,)), None, np.ones((3, 3)), "embeddings"),
        (K.Matryoshka(K.CoSENT(), (1,)), labels, np.ones((3, 1)), "embeddings"),
        (K.Matryoshka(K.MarginMSE(), (1,)), labels, np.ones((3, 2)), "embeddings"),
        (K.Matryoshka(K.MeanSquaredError(), (1,)), labels, labels, "embeddings"),
        (K.Matryoshka(K.MeanSquaredError(), (2,), truncate_target=True), pairs[..., :3], pairs, "`y_true`"),
    ]:
        with pytest.raises(ValueError, match=f"Matryoshka.*{words}"):
            loss(y_true, y_pred)
