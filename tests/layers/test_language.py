"""The log-probability of texts."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, masked, tensor, value_and_gradient

IDS = np.array([[1, 2, -100], [0, 1, 1]])
LOGITS = np.array([[[1, 2, 0], [0, 0, 3], [1, 1, 1]], [[0, 1, 2], [5, 0, 0], [-1, 0, 2]]], "float32")


def log_probabilities(ids, logits):
    """Of each token, in float64; 0 where the id is negative."""
    logits = np.asarray(logits, "float64")
    table = logits - np.log(np.sum(np.exp(logits), axis=-1, keepdims=True))
    picked = np.take_along_axis(table, np.maximum(ids, 0)[..., None], axis=-1)[..., 0]
    return np.where(ids < 0, 0, picked)


def test_sequence_log_probability():
    each = log_probabilities(IDS, LOGITS)
    assert_close(array(K.layers.SequenceLogProbability()([IDS, LOGITS])), each.sum(-1))
    assert_close(each[0].sum(), -0.407605964444 - 0.094922956421)
    average = K.layers.SequenceLogProbability(average=True)
    assert_close(array(average((IDS, LOGITS))), each.sum(-1) / [2, 3])
    assert_close(array(average([IDS[:, :0], LOGITS[:, :0]])), np.zeros(2))  # no token at all
    pairs = array(average([np.stack([IDS, IDS[::-1]], 1), np.stack([LOGITS, LOGITS[::-1]], 1)]))
    assert_close(pairs[:, 0], each.sum(-1) / [2, 3])
    assert_close(pairs[:, 1], (each.sum(-1) / [2, 3])[::-1])


def test_tokens_that_are_ignored_or_masked_are_absent():
    logits = LOGITS.copy()
    logits[0, 2] = np.nan
    for average in (False, True):
        layer = K.layers.SequenceLogProbability(average=average)
        values, gradient = value_and_gradient(
            lambda x, layer=layer: ops.sum(layer([tensor(IDS), x]) * tensor(np.array([1, 2], "float32"))),
            logits,
        )
        short = array(layer([IDS[:1, :2], LOGITS[:1, :2]]))[0]
        assert_close(values, short + 2 * array(layer([IDS, LOGITS]))[1])
        assert np.all(np.isfinite(gradient)) and not np.any(gradient[0, 2]) and np.all(gradient[1])
        ids = np.where(IDS < 0, 0, IDS)
        there = IDS >= 0
        expected = array(layer([IDS, LOGITS]))
        assert_close(array(layer([ids, logits], mask=tensor(there))), expected)
        assert_close(array(layer([ids, logits], mask=[None, tensor(there)])), expected)
        assert_close(array(layer([tensor(ids), masked(logits, there)])), expected)
        nothing, gradient = value_and_gradient(
            lambda x, layer=layer: ops.sum(layer([tensor(np.full_like(IDS, -100)), x])), logits
        )
        assert nothing == 0 and not np.any(gradient)
    several = K.layers.SequenceLogProbability(average=True, ignore_class=[1, 2])
    assert_close(array(several([IDS, logits[[1, 1]] * 0])), [np.nan, -np.log(3)])  # -100 is an id now
    every = K.layers.SequenceLogProbability(average=True, ignore_class=None)
    assert_close(array(every([IDS[1:], LOGITS[1:]])), log_probabilities(IDS, LOGITS)[1:].mean(-1))


def test_wrong_ids_give_nan_and_extreme_logits_do_not():
    layer = K.layers.SequenceLogProbability()
    assert np.all(np.isnan(array(layer([np.array([[3, 0, 0], [0, -1, 0]]), LOGITS]))))
    hard = np.array([[[1e4, -1e4, 0], [-np.inf, 0, -np.inf]]], "float32")
    value, gradient = value_and_gradient(lambda x: ops.sum(layer([tensor(np.array([[1, 1]])), x])), hard)
    assert_close(value, -2e4)
    assert_close(gradient, [[[-1, 1, 0], [0, 0, 0]]])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "mixed_float16"])
def test_half_logits_are_computed_in_float32(dtype):
    half = tensor(LOGITS, "bfloat16" if dtype == "bfloat16" else "float16")
    values = K.layers.SequenceLogProbability(dtype=dtype)([IDS, half])
    assert keras.backend.standardize_dtype(values.dtype) == "float32"
    assert_close(array(values), log_probabilities(IDS, LOGITS).sum(-1))


HIDDEN = np.array([[[1, 2], [0, 1], [3, 1]], [[0, -1], [1, 0.5], [-2, 1]]], "float32")
KERNEL, BIAS = np.array([[0.5, 0, -1], [1, 0.25, 0]], "float32"), np.array([0.5, -0.5, 1], "float32")


def of_hidden(layer, *arrays):
    """The gradients of an unequally weighted sum by each of hidden states, kernel and bias."""
    upstream = tensor(np.array([1, -2], "float32"))

    def total(x, i):
        values = layer([tensor(IDS), *map(tensor, arrays[:i]), x, *map(tensor, arrays[i + 1 :])])
        upstreams = upstream if len(values.shape) == 1 else ops.expand_dims(upstream, -1)
        return ops.sum(upstreams * values)

    return [value_and_gradient(lambda x, i=i: total(x, i), x)[1] for i, x in enumerate(arrays)]


class OfLogits:
    """The same by the logits, which are built."""

    def __init__(self, **arguments):
        self.layer = K.layers.SequenceLogProbability(**arguments)

    def __call__(self, inputs):
        ids, hidden, kernel, *bias = inputs
        logits = ops.matmul(hidden, kernel)
        return self.layer([ids, logits + bias[0] if bias else logits])


@pytest.mark.parametrize("average", [False, True, None])
@pytest.mark.parametrize("cap", [1.5, None])
def test_hidden_states_have_the_log_probability_of_their_logits(average, cap):
    built = OfLogits(average=average, logit_softcap=cap)
    for arrays in ([HIDDEN, KERNEL, BIAS], [HIDDEN, KERNEL]):
        expected, gradients = array(built([IDS, *map(tensor, arrays)])), of_hidden(built, *arrays)
        for size in (None, 1, 4, 100):
            layer = K.layers.SequenceLogProbability(average=average, logit_softcap=cap, chunk_size=size)
            assert_close(array(layer([IDS, *arrays])), expected)
            for one, other in zip(of_hidden(layer, *arrays), gradients, strict=True):
                assert_close(one, other, gradient=True)
    pairs = [np.stack([x, x[::-1]], 1) for x in (IDS, HIDDEN)]
    layer = K.layers.SequenceLogProbability(average=average, logit_softcap=cap)
    assert_close(array(layer([*pairs, *arrays[1:]]))[:, 1], expected[::-1])


@pytest.mark.skipif(BACKEND == "jax", reason="JAX has no float64 by default")
@pytest.mark.parametrize("hidden", [False, True])
def test_float64(hidden, rng):
    ids, x = rng.integers(0, 5, (2, 3)), rng.normal(size=(2, 3, 4)) * 100
    kernel = rng.normal(size=(4, 5))
    logits = x @ kernel
    inputs = [x, kernel] if hidden else [logits]
    found = array(
        K.layers.SequenceLogProbability(dtype="float64")(
            [tensor(ids), *(tensor(x, "float64") for x in inputs)]
        )
    )
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
    assert found.dtype == "float64"
    assert_close(found, np.take_along_axis(log_p, ids[..., None], -1).sum(axis=(1, 2)), "float64", scale=10)


def test_log_probabilities_of_tokens():
    layer = K.layers.SequenceLogProbability(average=None)
    each = log_probabilities(IDS, LOGITS)
    values = array(layer([IDS, LOGITS]))
    assert_close(values, each)
    assert not np.signbit(values[0, 2])
    there = np.array([[True, False, True], [True, True, False]])
    assert_close(array(layer([IDS, LOGITS], mask=tensor(there))), np.where(there, each, 0))
    capped = K.layers.SequenceLogProbability(average=None, logit_softcap=2.0)
    assert_close(array(capped([IDS, LOGITS])), log_probabilities(IDS, 2 * np.tanh(LOGITS / 2)))


def test_known_log_probabilities_of_hidden_states():
    hidden = HIDDEN[:1, :2]
    for ids, total in (([1, -100], -2.153178207122), ([1, 0], -2.763077462151)):
        assert_close(array(K.layers.SequenceLogProbability()([np.array([ids]), hidden, KERNEL])), [total])
    average = K.layers.SequenceLogProbability(average=True)
    assert_close(array(average([np.array([[1, 0]]), hidden, KERNEL])), [-1.381538731075])


def test_hidden_states_of_tokens_that_do_not_count_are_absent():
    hidden, ids = HIDDEN.copy(), np.where(IDS < 0, 0, IDS)
    hidden[0, 2] = np.nan
    for average in (False, True, None):
        layer = K.layers.SequenceLogProbability(average=average, chunk_size=2)
        expected = array(layer([IDS, HIDDEN, KERNEL]))
        assert_close(array(layer([IDS, hidden, KERNEL])), expected)
        assert_close(array(layer([ids, hidden, KERNEL], mask=tensor(IDS >= 0))), expected)
        assert_close(array(layer([tensor(ids), masked(hidden, IDS >= 0), KERNEL])), expected)
        assert_close(array(layer([masked(ids, IDS >= 0), hidden, KERNEL])), expected)
        for one, other in zip(
            of_hidden(layer, hidden, KERNEL, BIAS), of_hidden(layer, HIDDEN, KERNEL, BIAS), strict=True
        ):
            assert_close(one, other, gradient=True)
        nothing = layer([np.full_like(IDS, -100), hidden, KERNEL])
        assert not np.any(array(nothing))
        no_token = array(layer([IDS[:, :0], HIDDEN[:, :0], KERNEL]))
        assert_close(no_token, np.zeros((2, 0) if average is None else 2))
        wrong = np.where(IDS == 2, 3, IDS)
        assert np.isnan(array(layer([wrong, HIDDEN, KERNEL]))).any(), average


@pytest.mark.parametrize("loss", ["dpo", "grpo"])
@pytest.mark.parametrize("fused", ["layer", "model"])
def test_a_step_through_hidden_states_is_that_through_logits(loss, fused, rng):
    """Loss and weights after it, of a preference and of a policy loss, by `fit`."""
    count, length, width, size = 6, 5, 4, 30
    x = rng.integers(0, size, (count, 2, length))
    labels = np.roll(x, -1, axis=-1)
    labels[:3, :, -2:] = -100
    if loss == "dpo":
        average, objective = False, K.DPO(beta=0.5)
        y = -rng.uniform(5, 15, (count, 2)).astype("float32")
    else:
        average, objective = None, K.GRPO(average="tokens", clip=0.5)
        x, labels = x[:, 0], labels[:, 0]
        old = -rng.uniform(2, 5, (count, length))
        y = np.stack([old, rng.normal(size=old.shape), labels >= 0, old], -1).astype("float32")
    tokens = keras.Input((length,), dtype="int32")
    states = keras.layers.Dense(width, "tanh")(keras.layers.Embedding(size, width)(tokens))
    model = K.models.FusedHead(keras.Model(tokens, states), keras.layers.Dense(size))
    inner = model.backbone

    class Policy(keras.Model):
        """Texts, or pairs of them, to what the loss takes."""

        def __init__(self, is_fused):
            super().__init__()
            self.parts, self.is_fused = model, is_fused
            self.log_probability = K.layers.SequenceLogProbability(average=average)
            self.built = True

        def call(self, inputs, training=None):
            x, labels = (ops.reshape(v, (-1, length)) for v in inputs)
            if not self.is_fused:
                values = self.log_probability([labels, self.parts(x, training=training)])
            elif fused == "layer":
                values = self.log_probability([labels, inner(x), *self.parts.head_weights()])
            else:
                values = self.parts.log_probability(x, labels, average=average, training=training)
            return ops.reshape(values, (-1, 2 if average is False else length))

    start, found = model.get_weights(), []
    for is_fused in (False, True):
        model.set_weights(start)
        policy = Policy(is_fused)
        policy.compile(keras.optimizers.SGD(0.5), objective)
        history = policy.fit([x, labels], y, epochs=2, batch_size=3, shuffle=False, verbose=0).history
        found.append((history["loss"], model.get_weights()))
    (values, weights), (others, other_weights) = found
    assert_close(values, others, gradient=True)
    for one, other, before in zip(weights, other_weights, start, strict=True):
        assert_close(one, other, gradient=True)
        assert not np.allclose(one, before)


def test_hidden_states_of_unknown_number_and_length():
    tokens, labels = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    hidden = keras.layers.Embedding(5, 2, mask_zero=True)(tokens)
    for average, shape in ((False, (None,)), (None, (None, None))):
        layer = K.layers.SequenceLogProbability(average=average)
        output = layer([labels, hidden, tensor(KERNEL), tensor(BIAS)])
        assert output.shape == shape and output.dtype == "float32"
        model = keras.Model([tokens, labels], [output, hidden])
        x, y = np.array([[1, 2, 3], [4, 2, 0]], "int32"), np.array([[2, 1, -100], [2, 1, 0]], "int32")
        values, states = model.predict([x, y], verbose=0)
        each = log_probabilities(np.where(x == 0, -100, y), states @ KERNEL + BIAS)
        assert_close(values, each if average is None else each.sum(-1))


def test_layers_saved_before_hidden_states_load():
    layer = K.layers.SequenceLogProbability(True, ignore_class=[0, -100])
    saved = keras.saving.serialize_keras_object(layer)
    for name in ("logit_softcap", "chunk_size"):
        del saved["config"][name]
    loaded = keras.saving.deserialize_keras_object(saved)
    assert loaded.get_config() == layer.get_config()


@pytest.mark.parametrize(
    "arguments",
    [
        {"average": 1},
        {"ignore_class": "pad"},
        {"ignore_class": 0.5},
        {"ignore_class": []},
        {"logit_softcap": 0.0},
        {"chunk_size": 0},
    ],
)
def test_bad_arguments_of_sequence_log_probability(arguments):
    with pytest.raises(ValueError, match=f"SequenceLogProbability.*{next(iter(arguments))}.*Received"):
        K.layers.SequenceLogProbability(**arguments)


def test_wrong_shapes_of_sequence_log_probability():
    layer = K.layers.SequenceLogProbability()
    heads = [KERNEL.T], [KERNEL, BIAS[:2]], [KERNEL, KERNEL], [KERNEL[0]], [KERNEL, BIAS, BIAS]
    for inputs in (
        *(LOGITS, [IDS], [IDS, LOGITS, IDS], [IDS[:, :2], LOGITS], [LOGITS, LOGITS], [IDS, IDS]),
        *([IDS, HIDDEN, *head] for head in heads),
    ):
        with pytest.raises(ValueError, match=r"SequenceLogProbability: expected .*Received"):
            layer(inputs)


@pytest.mark.parametrize("average", [False, True])
def test_sequence_log_probability_within_a_model(average, tmp_path):
    """Symbolic, with unknown batch and length, with the mask of an embedding; saved and loaded."""
    keras.utils.set_random_seed(0)
    tokens, labels = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    hidden = keras.layers.Embedding(5, 4, mask_zero=True)(tokens)
    logits = keras.layers.Dense(5)(hidden)
    output = K.layers.SequenceLogProbability(average=average)([labels, logits])
    assert output.shape == (None,) and output.dtype == "float32"
    model = keras.Model([tokens, labels], [output, logits])
    x, y = np.array([[1, 2, 3], [4, 2, 0]], "int32"), np.array([[2, 3, -100], [2, 1, 4]], "int32")
    values, scores = (array(v) for v in model([tensor(x), tensor(y)]))
    expected = log_probabilities(np.where(x == 0, -100, y), scores).sum(-1) / (2 if average else 1)
    assert_close(values, expected)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(loaded.predict([x, y], verbose=0)[0], expected)


def test_configuration_of_sequence_log_probability():
    layer = K.layers.SequenceLogProbability(
        None, ignore_class=[0, -100], logit_softcap=30.0, chunk_size=64, name="policy", dtype="float64"
    )
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert copy.get_config() == layer.get_config()
    assert (copy.average, copy.ignore_class, copy.name) == (None, [0, -100], "policy")
    assert (copy.logit_softcap, copy.chunk_size) == (30.0, 64)
