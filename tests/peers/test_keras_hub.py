"""Causal models of KerasHub, trained through their hidden states: each step is that through their logits."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close

keras_hub = pytest.importorskip("keras_hub", reason="tox -e kerashub has it")

V, T, N = 50, 8, 4
SMALL = {"vocabulary_size": V, "num_layers": 1, "hidden_dim": 8, "intermediate_dim": 16}
GROUPED = {**SMALL, "num_query_heads": 2, "num_key_value_heads": 1}
MODELS = {
    "GPT2": {**SMALL, "num_heads": 2, "max_sequence_length": T, "dropout": 0.0},
    "Llama": GROUPED,
    "Gemma": {**GROUPED, "head_dim": 4},
    "Gemma with capped logits": {**GROUPED, "head_dim": 4, "final_logit_soft_cap": 1.0},
}
each_model = pytest.mark.parametrize("name", MODELS)


def causal_model(name):
    """A model of random weights."""
    keras.utils.set_random_seed(0)
    family = name.split()[0]
    backbone = getattr(keras_hub.models, f"{family}Backbone")(**MODELS[name])
    model = getattr(keras_hub.models, f"{family}CausalLM")(backbone=backbone, preprocessor=None)
    cap = MODELS[name].get("final_logit_soft_cap")
    return model, K.models.FusedHead(backbone, "token_embedding"), {"logit_softcap": cap}


def tokens(rng, *shape):
    """Inputs, and the tokens that follow; those of padding don't count."""
    ids = rng.integers(1, V, (*shape, T + 1))
    valid = np.arange(T) < rng.integers(3, T + 1, (*shape, 1))
    inputs = {"token_ids": np.where(valid, ids[..., :-1], 0), "padding_mask": valid.astype("int32")}
    return inputs, np.where(valid, ids[..., 1:], -100)


def step(model, loss, x, y):
    """The value of one step, and the weights after it; those before it are put back."""
    start = [array(w.value) for w in model.trainable_variables]
    model.compile(keras.optimizers.SGD(0.5), loss=loss)
    value = np.ravel(model.train_on_batch(x, y))[0]  # KerasHub adds metrics
    found = value, [array(w.value) for w in model.trainable_variables]
    for variable, before in zip(model.trainable_variables, start, strict=True):
        variable.assign(before)
    assert any(np.abs(a - b).max() > 1e-4 for a, b in zip(start, found[1], strict=True))
    return found


def assert_same(found, expected):
    assert_close(found[0], expected[0])
    assert len(found[1]) == len(expected[1])
    for a, b in zip(found[1], expected[1], strict=True):
        assert_close(a, b, gradient=True)


@each_model
def test_a_step_of_crossentropy(name, rng):
    causal, fused, options = causal_model(name)
    x, y = tokens(rng, N)
    expected = step(causal, K.CausalLMCrossentropy(), x, y)  # whose logits are capped
    assert_same(step(fused, K.LinearCrossentropy(chunk_size=5, **options), x, y), expected)


class Policy(keras.Model):
    """Pairs of texts to the log-probabilities of both."""

    def __init__(self, model, log_probability):
        super().__init__()
        self.model, self.log_probability = model, log_probability
        self.built = True

    def call(self, inputs, training=None):
        x, ids = ({k: ops.reshape(v, (-1, T)) for k, v in inputs[0].items()}, ops.reshape(inputs[1], (-1, T)))
        return ops.reshape(self.log_probability(x, ids, training), (-1, 2))


@each_model
def test_a_step_of_dpo(name, rng):
    causal, fused, options = causal_model(name)
    inputs, reference = tokens(rng, N, 2), rng.normal(size=(N, 2)).astype("float32") - 30
    layer = K.layers.SequenceLogProbability()

    def of_logits(x, ids, training):
        return layer([ids, causal(x, training=training)])

    def of_states(x, ids, training):
        return fused.log_probability(x, ids, training=training)

    fused.compile("sgd", loss=K.LinearCrossentropy(**options))
    expected = step(Policy(causal, of_logits), K.DPO(), list(inputs), reference)
    assert_same(step(Policy(fused, of_states), K.DPO(), list(inputs), reference), expected)
