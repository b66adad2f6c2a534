"""Models that stand beside a loss."""

import threading

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, tensor

V, D = 50, 3


def fused(**options):
    tokens = keras.Input((4,), dtype="int32")
    model = K.models.FusedHead(
        keras.Model(tokens, keras.layers.Embedding(V, D)(tokens)), keras.layers.Dense(V)
    )
    model.compile("sgd", loss=K.LinearCrossentropy(), **options)
    return model


# TensorFlow's eager steps refuse the gradient of `LinearCrossentropy` by a variable.
@pytest.mark.parametrize("run_eagerly", [False] if BACKEND == "tensorflow" else [True, False])
def test_calls_from_another_thread_get_logits_while_it_trains(run_eagerly, rng):
    x = rng.integers(0, V, (256, 4))
    model = fused(run_eagerly=run_eagerly)
    few = tensor(x[:2])
    # During `fit` on JAX a model has no weights of its own: other threads bring theirs.
    weights = [[keras.ops.copy(w) for w in v] for v in (model.trainable_variables, [])]
    shapes, errors, trained = [], [], threading.Event()

    def call():
        try:
            while not trained.is_set():
                logits = model.stateless_call(*weights, few)[0] if BACKEND == "jax" else model(few)
                shapes.append(tuple(logits.shape))
        except Exception as error:
            errors.append(error)

    other = threading.Thread(target=call)
    other.start()
    try:
        for _ in range(2):
            model.fit(x, x, batch_size=4, verbose=0)
            model.evaluate(x, x, batch_size=4, verbose=0)
    finally:
        trained.set()
        other.join()
    assert not errors
    assert len(shapes) > 5 and set(shapes) == {(2, 4, V)}


def test_a_callback_sees_logits(rng):
    """Within `fit`, but outside a step."""
    x = rng.integers(0, V, (8, 4))
    model, shapes = fused(), []
    seen = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: shapes.append(model.predict(x, verbose=0).shape)
    )
    model.fit(x, x, epochs=2, verbose=0, callbacks=[seen])
    assert shapes == [(8, 4, V)] * 2


def test_several_inputs_and_weights(rng):
    """The inputs of a model may be of any structure."""
    one, two = keras.Input((4,), dtype="int32", name="one"), keras.Input((4, D), name="two")
    hidden = keras.layers.Embedding(V, D)(one) + two
    model = K.models.FusedHead(keras.Model({"one": one, "two": two}, hidden), keras.layers.Dense(V))
    model.compile("sgd", loss=K.LinearCrossentropy())
    x = {"one": rng.integers(0, V, (6, 4)), "two": rng.normal(size=(6, 4, D)).astype("float32")}
    y, weight = rng.integers(0, V, (6, 4)), np.array([1.0, 0, 2, 1, 1, 0])
    logits = model.predict(x, verbose=0)
    expected = array(K.CausalLMCrossentropy()(y, logits, weight))
    assert_close(model.evaluate(x, y, sample_weight=weight, verbose=0), expected)
    assert np.isfinite(model.fit(x, y, sample_weight=weight, verbose=0).history["loss"][0])
