"""The log-probability of texts."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, masked, tensor, value_and_gradient

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


@pytest.mark.parametrize(
    "arguments", [{"average": 1}, {"ignore_class": "pad"}, {"ignore_class": 0.5}, {"ignore_class": []}]
)
def test_bad_arguments_of_sequence_log_probability(arguments):
    with pytest.raises(ValueError, match=f"SequenceLogProbability.*{next(iter(arguments))}.*Received"):
        K.layers.SequenceLogProbability(**arguments)


def test_wrong_shapes_of_sequence_log_probability():
    layer = K.layers.SequenceLogProbability()
    for inputs in (LOGITS, [IDS], [IDS, LOGITS, IDS], [IDS[:, :2], LOGITS], [LOGITS, LOGITS], [IDS, IDS]):
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
    layer = K.layers.SequenceLogProbability(True, ignore_class=[0, -100], name="policy", dtype="float64")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert copy.get_config() == layer.get_config()
    assert (copy.average, copy.ignore_class, copy.name) == (True, [0, -100], "policy")
