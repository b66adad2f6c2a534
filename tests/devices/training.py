"""Small models that are trained on one device and on several."""

import keras
import numpy as np

import kerasloss as K
from tests.backend import array, assert_close, tensor

N, D = 16, 6
RATE, STEPS = 0.1, 3

TASKS = {
    # name: (loss, shape of a prediction, activation)
    "samples": (K.MeanSquaredError(), (3,), None),
    "CLIP": (K.CLIP(), (2, 4), None),
    "MultiSimilarity": (K.MultiSimilarity(), (4,), None),
    "Dice": (K.Dice(), (1,), "sigmoid"),
    "ignored": (K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1), (3,), None),
}
OF_THE_BATCH = [name for name in TASKS if name != "samples"]
"""Those of which a share by itself is another loss."""


def model(name):
    """A model with the same weights each time."""
    keras.utils.set_random_seed(0)
    _, shape, activation = TASKS[name]
    units = int(np.prod(shape))
    return keras.Sequential(
        [keras.Input((D,)), keras.layers.Dense(units, activation=activation), keras.layers.Reshape(shape)]
    )


def data(name):
    """One batch. Each half has all classes, but not equally often."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, D)).astype("float32")
    if name == "samples":
        return x, rng.normal(size=(N, 3)).astype("float32")
    if name == "Dice":
        return x, (np.arange(N)[:, None] % 5 == 1).astype("float32")
    ids = np.arange(N) % 3
    if name == "ignored":
        ids[N // 2 :] = -1
    return x, ids  # CLIP leaves labels alone


def fit(name, trained=None, loss=None):
    """The values of some steps on the whole batch, and the weights after them."""
    trained = trained or model(name)
    trained.compile(keras.optimizers.SGD(RATE), loss=loss or TASKS[name][0])
    x, y = data(name)
    history = trained.fit(x, y, batch_size=N, epochs=STEPS, shuffle=False, verbose=0)
    return history.history["loss"], [array(w.value) for w in trained.weights]


def assert_same(found, expected):
    """The same values and weights."""
    assert_close(np.array(found[0]), np.array(expected[0]))
    for actual, weights in zip(found[1], expected[1], strict=True):
        assert_close(actual, weights, gradient=True)


UNEVEN = (
    np.array([[0], [2], [1], [1], [-1], [-1], [-1], [2]]),
    np.linspace(-1, 2, 24).reshape(8, 3).astype("float32") ** 2,
    np.array([1, 2, 0.5, 1, 1, 2, 1, 3], "float32"),
)
"""Labels of which the first half counts and most of the second doesn't, logits, sample weights."""

CLASSES = {"from_logits": True, "ignore_class": -1}
DIVIDED_BY_COUNTS = [
    K.SparseCategoricalCrossentropy(**CLASSES),
    K.SparseCategoricalCrossentropy(**CLASSES, reduction="mean_with_sample_weight"),
    K.SparseCategoricalCrossentropy(
        **CLASSES, class_weight=[1.0, 5.0, 0.2], reduction="mean_with_sample_weight"
    ),
]
"""Their means divide by what counts, so the mean of the means of halves is another."""


def _nothing():
    labels, logits = UNEVEN[0][[0, 1, 2, 7, 0, 2, 1, 7], 0], UNEVEN[1]
    half = np.arange(8) < 4
    weight, own = half.astype("float32"), {"class_weight": [1.0, 2.0, 0.0]}
    loss, by_weight = K.SparseCategoricalCrossentropy, {"reduction": "mean_with_sample_weight"}
    ignoring, plain = loss(**CLASSES), loss(from_logits=True)
    weighted, of_weight_0 = loss(from_logits=True, **own), np.where(half, labels, 2)
    return {
        # name: (loss, labels, logits, sample weights, mask, whether the mean of the shares is that of all)
        "ignored": (ignoring, np.where(half, labels, -1), logits, None, None, False),
        "masked": (plain, labels, logits, None, half, False),
        "weight 0": (plain, labels, logits, weight, None, True),
        "weight 0, mean by weight": (
            loss(from_logits=True, **by_weight),
            labels,
            logits,
            weight,
            None,
            False,
        ),
        "class of weight 0": (weighted, of_weight_0, logits, None, None, True),
        "class of weight 0, mean by weight": (
            loss(from_logits=True, **own, **by_weight),
            of_weight_0,
            logits,
            None,
            None,
            False,
        ),
    }


NOTHING = _nothing()
"""Batches of which nothing counts in the second half."""


def value(loss, y_true, y_pred, weight, mask):
    """The loss, with the mask that it else reads from `y_pred`."""
    return loss.compute(y_true, y_pred, weight, None if mask is None else tensor(mask))


def half(arrays, i):
    """The first or the second half of each array."""
    return [None if x is None else np.split(x, 2)[i] for x in arrays]
