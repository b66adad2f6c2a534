"""The queue of keys."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, tensor, value_and_gradient

KeyQueue = K.layers.KeyQueue


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def test_cosines_of_the_key_and_the_queue(rng):
    layer, x = KeyQueue(5), rng.normal(size=(3, 2, 4)).astype("float32")
    layer.build(x.shape)
    queue = unit(array(layer.queue))
    query, key = unit(x[:, 0]), unit(x[:, 1])
    expected = np.concatenate([(query * key).sum(-1, keepdims=True), query @ queue.T], axis=1)
    assert_close(array(layer(tensor(x))), expected)
    assert_close(array(layer(tensor(x), training=True)), expected)  # before the keys enter
    kept = np.concatenate([queue[3:], key])
    assert_close(unit(array(layer.queue)), kept)
    assert_close(array(layer(tensor(x)))[:, 1:], query @ kept.T)
    assert [w.name for w in layer.non_trainable_weights] == ["queue"] and not layer.trainable_weights


def test_the_gradient_is_that_of_the_queries(rng):
    layer, x = KeyQueue(5), rng.normal(size=(3, 2, 4)).astype("float32")
    layer.build(x.shape)
    loss = K.InfoNCE(temperature=0.5)
    _, gradient = value_and_gradient(lambda x: loss(x[:, 0, 0], layer(x)), x)
    queue = np.tile(array(layer.queue), (3, 1, 1))

    def reference(x):
        key = keras.ops.stop_gradient(x[:, 1:])
        return loss(x[:, 0, 0], keras.ops.concatenate([x[:, :1], key, tensor(queue)], axis=1))

    _, expected = value_and_gradient(reference, x)
    assert_close(gradient, expected, gradient=True)
    assert np.all(gradient[:, 1] == 0) and np.all(np.any(gradient[:, 0] != 0, axis=-1))


def model(layer):
    inputs = keras.Input((2, 4))
    outputs = layer(keras.layers.Dense(3, name="encoder")(inputs))
    built = keras.Model(inputs, outputs)
    built.compile(keras.optimizers.SGD(0.0), loss=K.InfoNCE())
    return built


@pytest.mark.parametrize("size", [3, 7, 10, 30])
def test_fit_keeps_the_last_keys(size, rng, tmp_path):
    """Of batches that are smaller and larger than the queue, the last of another size; and it is saved."""
    x, y = rng.normal(size=(10, 2, 4)).astype("float32"), np.zeros(10)
    layer = KeyQueue(size, name="keys")
    trained = model(layer)
    start = array(layer.queue).copy()
    keys = unit(array(trained.get_layer("encoder")(tensor(x)))[:, 1])
    trained.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    expected = np.concatenate([start, keys, keys])[-size:]
    assert_close(array(layer.queue), expected)
    trained.evaluate(x, y, verbose=0)
    outputs = trained.predict(x, verbose=0)
    assert outputs.shape == (10, 1 + size) and trained.output_shape == (None, 1 + size)
    assert_close(array(layer.queue), expected)
    trained.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(array(loaded.get_layer("keys").queue), expected)
    assert_close(loaded.predict(x, verbose=0), outputs)


@pytest.mark.parametrize("dtype", ["float16", "mixed_bfloat16"])
def test_half_types(dtype, rng):
    layer = KeyQueue(3, dtype=keras.DTypePolicy(dtype))
    output = layer(tensor(rng.normal(size=(2, 2, 4)), "float32"), training=True)
    expected = "float16" if dtype == "float16" else "float32"
    assert keras.backend.standardize_dtype(output.dtype) == expected
    assert keras.backend.standardize_dtype(layer.queue.dtype) == expected
    symbolic = layer(keras.Input((2, 4)))
    assert symbolic.dtype == expected and symbolic.shape == (None, 4)


def test_bad_arguments():
    for size in (0, 1.5, None):
        with pytest.raises(ValueError, match=r"KeyQueue: `size` must be an integer >= 1.*Received"):
            KeyQueue(size)
    for shape in ((None, 3, 4), (None, 4), (None, 2, None)):
        with pytest.raises(ValueError, match=r"KeyQueue: expected queries and keys \(N, 2, D\).*Received"):
            KeyQueue(3).build(shape)


def test_its_configuration():
    layer = KeyQueue(3, "zeros", name="keys", dtype="float64" if BACKEND != "jax" else "float32")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert copy.get_config() == layer.get_config() and copy.size == 3
