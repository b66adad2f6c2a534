"""The memory of embeddings and their labels."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, tensor, value_and_gradient

CrossBatchMemory = K.models.CrossBatchMemory
OPTIONS = {"ignore_class": -1, "reduction": "mean_with_sample_weight"}


def encoder():
    return keras.Sequential([keras.Input((5,)), keras.layers.Dense(3, name="last")])


def compiled(model, loss=None, rate=0.0):
    loss = loss or K.SupervisedContrastive(**OPTIONS)
    model.compile(keras.optimizers.SGD(rate), loss=loss)
    return model


def data(rng, n=10):
    return rng.normal(size=(n, 5)).astype("float32"), rng.integers(0, 3, n).astype("int32")


@pytest.mark.parametrize("size", [3, 7, 10, 40])
def test_fit_keeps_the_last_embeddings(size, rng, tmp_path):
    x, y = data(rng)
    model = compiled(CrossBatchMemory(encoder(), size))
    embeddings = model.predict(x, verbose=0)
    assert not np.any(array(model.memory)) and array(model.filled) == 0
    model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)

    def check(model):
        filled = min(size, 20)
        assert array(model.filled) == filled
        assert_close(array(model.memory)[-filled:], np.tile(embeddings, (2, 1))[-filled:])
        assert array(model.labels)[-filled:].tolist() == np.tile(y, 2)[-filled:].tolist()
        assert not np.any(array(model.memory)[:-filled])

    check(model)
    value = model.evaluate(x, y, batch_size=10, verbose=0)
    assert_close(value, array(K.SupervisedContrastive()(y, embeddings)))  # the batch alone
    check(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    check(loaded)
    loaded.fit(x, y, batch_size=4, verbose=0)
    assert array(loaded.filled) == min(size, 30)


@pytest.mark.parametrize(
    "loss", [K.SupervisedContrastive, K.MultiSimilarity, K.BatchHardTriplet], ids=lambda loss: loss.__name__
)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_step_is_that_of_anchors_of_the_batch(loss, weighted, rng):
    x, y = data(rng, 12)
    weight = rng.uniform(0.5, 2, 12).astype("float32") if weighted else np.ones(12, "float32")
    model = compiled(CrossBatchMemory(encoder(), 9), loss(**OPTIONS), rate=1.0)
    layer = model.model.layers[0]
    memory = rng.normal(size=(9, 3)).astype("float32")
    labels = rng.integers(0, 3, 9).astype("int32")
    model.memory.assign(memory)
    model.labels.assign(labels)
    model.filled.assign(6)  # the first three are empty
    memory, labels = memory[3:], labels[3:]
    kernel = array(layer.kernel).copy()
    bias = array(layer.bias)

    def reference(kernel):
        embeddings = keras.ops.matmul(tensor(x), kernel) + tensor(bias)
        both = keras.ops.concatenate([embeddings, tensor(memory)])
        anchors = tensor(np.concatenate([weight, np.zeros(6, "float32")]))
        values = loss(reduction="none")(tensor(np.concatenate([y, labels])), both)
        return keras.ops.sum(anchors * values) / keras.ops.sum(anchors)

    expected, gradient = value_and_gradient(reference, kernel)
    value = model.train_on_batch(x, y, sample_weight=weight if weighted else None)
    assert_close(value, expected, scale=10)
    assert_close(kernel - array(layer.kernel), gradient, gradient=True, scale=10)


def test_metrics_see_the_batch(rng):
    x, y = data(rng)

    def rows(y_true, y_pred):
        return keras.ops.ones_like(y_pred[:, 0]) * keras.ops.cast(keras.ops.shape(y_pred)[0], "float32")

    model = CrossBatchMemory(encoder(), 9)
    model.compile("sgd", loss=K.SupervisedContrastive(**OPTIONS), metrics=[rows])
    assert model.fit(x, y, batch_size=5, verbose=0).history["rows"] == [5.0]


def test_with_a_gradient_cache(rng):
    x, y = data(rng)
    model = compiled(CrossBatchMemory(K.models.GradientCache(encoder(), 4), 12))
    model.fit(x, y[:, None], batch_size=10, shuffle=False, verbose=0)
    assert_close(array(model.memory)[-10:], model.predict(x, verbose=0))


def test_what_it_refuses(rng):
    x, y = data(rng)
    for size in (0, 1.5, None):
        with pytest.raises(ValueError, match=r"CrossBatchMemory: `size` must be an integer >= 1.*Received"):
            CrossBatchMemory(encoder(), size)
    pairs = keras.Sequential([keras.Input((2, 5)), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match=r"CrossBatchMemory: `model` must return embeddings.*Received"):
        CrossBatchMemory(pairs, 4)
    for loss, match in (
        (K.MultiSimilarity(reduction="sum"), "the loss must have an `ignore_class`"),
        (K.MultiSimilarity(ignore_class=-1), "the loss must have `reduction="),
        ("mse", "the loss must have an `ignore_class`"),
    ):
        with pytest.raises(ValueError, match=f"CrossBatchMemory: {match}.*Received"):
            compiled(CrossBatchMemory(encoder(), 4), loss).fit(x, y, verbose=0)
