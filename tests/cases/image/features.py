"""Cases of `kerasloss/losses/image/features.py`."""

import pathlib
import tempfile

import keras
import numpy as np

import kerasloss as K
from tests.backend import BACKEND
from tests.cases.case import Case, Exempt
from tests.cases.common.element import real_extremes
from tests.precise import exact, sqrt

FOLDER = tempfile.TemporaryDirectory()
WEIGHTS = str(pathlib.Path(FOLDER.name, "extractor.weights.h5"))
KERNEL = np.array([1, -2, 0.5, 3, -1, 2, 0.25, -0.5, 1.5, 2, -3, 1, 1, -1, 2, 0.5], "float32")
KERNEL = KERNEL.reshape(2, 2, 2, 2) / 4


def make_extractor():
    model = keras.Sequential(
        [
            keras.Input((None, None, 2)),
            keras.layers.Conv2D(2, 2, use_bias=False, name="conv"),
            keras.layers.AveragePooling2D(2, name="pool"),
        ]
    )
    model.set_weights([KERNEL])
    return model


EXTRACTOR = make_extractor()
EXTRACTOR.save_weights(WEIGHTS)
POOLING = keras.Sequential([keras.Input((None, None, None)), keras.layers.AveragePooling2D(2)])
POOLED = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
ARGUMENTS = {"extractor": EXTRACTOR, "layers": ["conv", "pool"], "weights": WEIGHTS}
EXEMPT = {
    "every_argument_matters": Exempt("max_val and weights of names: see tests/image"),
    "dtypes": Exempt("Keras layers are float32", lambda dtype=None, **_: dtype == "float64"),
    "float64": Exempt("the extractor's layers are float32"),
    "vmap": Exempt("Keras's Conv2D has none on PyTorch", lambda **_: BACKEND == "torch"),
}


def draw(rng, n):
    y_true, y_pred = rng.normal(size=(2, n, 3, 3, 2)).astype("float32")
    return y_true, y_pred


def extremes():
    y_true, y_pred = (np.resize(x, (9, 3, 3, 2)) for x in real_extremes())
    return y_true, y_pred[::-1].copy()


def features(x, layers):
    """Written as sums over the pixels of each window."""
    conv = np.zeros((len(x), 2, 2, 2), object)
    for i, j in np.ndindex(2, 2):
        window = x[:, i : i + 2, j : j + 2]
        conv[:, i, j] = np.einsum("nhwc,hwcd->nd", window, exact(KERNEL))
    pool = conv.sum(axis=(1, 2), keepdims=True) / 4
    return [{"conv": conv, "pool": pool}[layer] for layer in layers]


def measure(x, distance):
    return x * x if distance == "mse" else np.abs(x)


def perceptual(
    y, p, extractor, layers, weights, layer_weights=None, distance="mse", normalize_features=False
):
    total = 0
    for i, (a, b) in enumerate(zip(features(y, layers), features(p, layers), strict=True)):
        if normalize_features:
            a, b = (x / sqrt(np.sum(x * x, axis=-1, keepdims=True)) for x in (a, b))
        value = measure(a - b, distance).reshape(len(y), -1)
        total = total + (layer_weights[i] if layer_weights else 1) * value.sum(-1) / value.shape[1]
    return total


def style(y, p, extractor, layers, weights, layer_weights=None, distance="mse"):
    total = 0
    for i, pair in enumerate(zip(features(y, layers), features(p, layers), strict=True)):
        grams = [np.einsum("npc,npd->ncd", *[x.reshape(len(x), -1, 2)] * 2) / x[0].size for x in pair]
        value = measure(grams[0] - grams[1], distance).reshape(len(y), -1).sum(-1)
        total = total + (layer_weights[i] if layer_weights else 1) * value
    return total


BAD = [
    {"extractor": "VGG17"},
    {"extractor": 3},
    {"layers": ["pool2"]},
    {"layers": []},
    {"layer_weights": [np.nan]},
    {"distance": "cosine"},
    {"weights": "nowhere.weights.h5"},
    {"max_val": 0.0},
]

CASES = [
    Case(
        K.Perceptual,
        draw,
        perceptual,
        arguments=ARGUMENTS,
        variants=[
            {"layers": ["pool"]},
            {"layer_weights": [0.5, 2.0]},
            {"distance": "mae"},
            {"normalize_features": True},
        ],
        known=[
            ({"extractor": POOLING, "layers": None, "weights": None}, 0 * POOLED, POOLED, 6.25),
            (
                {"extractor": POOLING, "layers": None, "weights": None, "distance": "mae"},
                0 * POOLED,
                POOLED,
                2.5,
            ),
        ],
        bad=[*BAD, {"normalize_features": 1}],
        extremes=extremes,
        kinks=[({"distance": "mae"}, np.zeros((1, 3, 3, 2)), np.zeros((1, 3, 3, 2)), np.zeros((1, 3, 3, 2)))],
        exempt=EXEMPT,
    ),
    Case(
        K.Style,
        draw,
        style,
        arguments=ARGUMENTS,
        variants=[{"layers": ["pool"]}, {"layer_weights": [0.5, 2.0]}, {"distance": "mae"}],
        known=[
            (
                {"extractor": POOLING, "layers": None, "weights": None},
                np.zeros((1, 2, 2, 2)),
                np.repeat(POOLED, 2, axis=-1),
                39.0625,
            )
        ],
        bad=BAD,
        extremes=extremes,
        kinks=[({"distance": "mae"}, np.zeros((1, 3, 3, 2)), np.zeros((1, 3, 3, 2)), np.zeros((1, 3, 3, 2)))],
        exempt={
            **EXEMPT,
            "shapes_that_only_broadcast_are_refused": Exempt("sizes may differ: see tests/image"),
        },
    ),
]
