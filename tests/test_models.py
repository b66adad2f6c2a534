"""The language model whose head and loss are one."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest

import kerasloss
from tests.backend import BACKEND, array, assert_close

N, D, V = 7, 3, 11


# The model -----------------------------------------------------------------------------------------


def backbone(embedding=keras.layers.Embedding, **arguments):
    tokens = keras.Input((4,), dtype="int32")
    hidden = embedding(V, D, name="tokens", **arguments)(tokens)
    return keras.Model(tokens, keras.layers.GRU(D, return_sequences=True)(hidden))


def data(rng):
    x = rng.integers(1, V, (10, 4))
    x[:5, 3] = 0
    return x, np.roll(x, -1, axis=1)


@pytest.mark.parametrize("kind", ["dense", "tied", "untied"])
def test_the_model_trains_as_one_with_logits(kind, rng, tmp_path):
    x, y = data(rng)
    tied = kind != "dense"
    if kind == "untied":
        if not hasattr(keras.layers, "ReversibleEmbedding"):
            pytest.skip("an earlier release of Keras")
        body = backbone(embedding=keras.layers.ReversibleEmbedding, tie_weights=False, mask_zero=True)
    else:
        body = backbone(mask_zero=True)
    head = "tokens" if tied else keras.layers.Dense(V, kernel_regularizer="l2")
    model = kerasloss.models.FusedHead(body, head)
    if tied:
        layer = body.get_layer("tokens")
        kernel = layer.reverse_embeddings if kind == "untied" else keras.ops.transpose(layer.embeddings)
        expected = array(keras.ops.matmul(body(x), kernel))
        assert_close(array(model(x)), expected)
    options = {"label_smoothing": 0.1, "logit_softcap": 3.0}
    model.compile(
        keras.optimizers.SGD(0.5),
        loss=kerasloss.LinearCrossentropy(chunk_size=3, **options),
        weighted_metrics=["sparse_categorical_accuracy"],
    )
    start = model.get_weights()
    # The same weights; a call gives logits with the mask.
    plain = keras.Model(body.input, model(body.input) if tied else model.head(body.output))
    plain.compile(
        keras.optimizers.SGD(0.5),
        loss=kerasloss.CausalLMCrossentropy(**options),
        weighted_metrics=["sparse_categorical_accuracy"],
    )
    histories, weights = [], []
    for one in (plain, model):
        model.set_weights(start)
        histories.append(one.fit(x, y, epochs=2, batch_size=4, shuffle=False, verbose=0).history)
        weights.append(model.get_weights())
    for name, values in histories[0].items():
        assert_close(values, histories[1][name], message=name)
    for one, other, before in zip(*weights, start, strict=True):
        assert_close(one, other, gradient=True)
        assert not np.allclose(one, before)  # all are trained

    logits = model.predict(x, verbose=0)
    assert logits.shape == (10, 4, V)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(loaded.predict(x, verbose=0), logits)
    assert_close(loaded.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0))
    assert len(loaded.weights) == len(model.weights)
    loaded.fit(x, y, verbose=0)


@pytest.mark.parametrize("tied", [False, True])
def test_metrics_leave_padding_out(tied, rng):
    """The accuracy of the tokens that are not 0, counted by hand; it is another one with the padding."""
    x, y = data(rng)
    x[:, 2:] = 0
    body = backbone(mask_zero=True)
    model = kerasloss.models.FusedHead(body, "tokens" if tied else keras.layers.Dense(V))
    model.compile(loss=kerasloss.LinearCrossentropy(), weighted_metrics=["sparse_categorical_accuracy"])
    y = np.argmax(model.predict(x, verbose=0), axis=-1)
    y[:, 2:] = (y[:, 2:] + 1) % V
    assert model.evaluate(x, y, verbose=0)[1] == 1.0
    assert np.array_equal(array(model(x)._keras_mask), x != 0)


def test_the_model_refuses_what_does_not_fit(rng):
    with pytest.raises(ValueError, match="FusedHead: `head` must have no activation"):
        kerasloss.models.FusedHead(backbone(), keras.layers.Dense(V, activation="softmax"))
    with pytest.raises(ValueError, match="FusedHead: `head` must have a `kernel`"):
        kerasloss.models.FusedHead(backbone(), keras.layers.Dropout(0.5))
    model = kerasloss.models.FusedHead(backbone(), keras.layers.Dense(V))
    model.compile("sgd", loss=kerasloss.CausalLMCrossentropy())
    with pytest.raises(ValueError, match="compiled with a `LinearCrossentropy`"):
        model.fit(*data(rng), verbose=0)
    model.compile("sgd", loss=kerasloss.LinearCrossentropy())
    model.head.logit_soft_cap = 30.0  # as Gemma 2's head has
    with pytest.raises(ValueError, match="must have `logit_softcap=30.0`.*Received"):
        model.evaluate(*data(rng), verbose=0)


@keras.saving.register_keras_serializable(package="tests")
class Embeddings(keras.layers.Layer):
    """A layer that holds the head, as KerasHub's OPT has it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.of_tokens = keras.layers.Embedding(V, D)

    def build(self, shape):
        self.of_tokens.build(shape)

    def call(self, tokens):
        return self.of_tokens(tokens)


def test_the_head_may_be_part_of_a_layer(rng, tmp_path):
    tokens = keras.Input((4,), dtype="int32")
    hidden = keras.layers.GRU(D, return_sequences=True)(Embeddings(name="embeddings")(tokens))
    body = keras.Model(tokens, hidden)
    with pytest.raises(ValueError, match="give its path.*Received: embedding"):
        kerasloss.models.FusedHead(body, body.get_layer("embeddings").of_tokens)
    model = kerasloss.models.FusedHead(body, "embeddings.of_tokens")
    model.compile("sgd", loss=kerasloss.LinearCrossentropy())
    x, y = data(rng)
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(loaded.predict(x, verbose=0), model.predict(x, verbose=0))
    assert loaded.head is loaded.backbone.get_layer("embeddings").of_tokens


def test_mixed_precision(rng):
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = kerasloss.models.FusedHead(backbone(), keras.layers.Dense(V))
    model.compile("sgd", loss=kerasloss.LinearCrossentropy())
    x, y = data(rng)
    assert np.isfinite(model.fit(x, y, verbose=0).history["loss"][0])


SHARDED = """
import jax, keras, numpy as np, kerasloss
if SHARD:
    mesh = keras.distribution.DeviceMesh((2, 2), ["batch", "model"])
    layout = keras.distribution.LayoutMap(mesh)
    layout[".*head/kernel"] = (None, "model")
    parallel = keras.distribution.ModelParallel(layout_map=layout, batch_dim_name="batch")
    keras.distribution.set_distribution(parallel)
keras.utils.set_random_seed(0)
tokens = keras.Input((4,), dtype="int32")
body = keras.Model(tokens, keras.layers.Embedding(16, 8)(tokens))
model = kerasloss.models.FusedHead(body, keras.layers.Dense(16, name="head"))
if SHARD:
    assert len({str(s.index) for s in model.head.kernel.value.addressable_shards}) == 2
model.compile("sgd", loss=kerasloss.LinearCrossentropy(chunk_size=5))
x = np.arange(32).reshape(8, 4) % 16
print(model.fit(x, x, epochs=2, batch_size=8, verbose=0).history["loss"])
"""


@pytest.mark.skipif(BACKEND != "jax", reason="keras.distribution shards models on JAX alone")
def test_the_head_may_be_sharded():
    def losses(shard):
        code = SHARDED.replace("SHARD", str(shard))
        flags = "import os; os.environ['XLA_FLAGS'] = '--xla_force_host_platform_device_count=4'\n"
        command = [sys.executable, "-c", flags + code]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return np.array(json.loads(done.stdout.strip().splitlines()[-1]))

    np.testing.assert_allclose(losses(True), losses(False), rtol=1e-6)
