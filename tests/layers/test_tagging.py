"""The layer in front of a conditional random field: packing, the best tags, and their probabilities."""

import itertools

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, masked, tensor, value_and_gradient

Layer = K.layers.CRFTransitions
HOLES = np.array([[True, False, True, True], [False, True, True, False], [False] * 4])


@pytest.fixture
def packed(rng):
    return rng.normal(size=(3, 9, 3)).astype("float32")


def chains(rows, kept):
    """All tags of the kept positions with their scores."""
    transitions, start, end, emissions = rows[:3], rows[3], rows[4], rows[5:][kept]
    tags = np.array(list(itertools.product(range(3), repeat=len(emissions))))
    score = start[tags[:, 0]] + end[tags[:, -1]] + emissions[np.arange(len(emissions)), tags].sum(axis=1)
    return tags, score + transitions[tags[:, :-1], tags[:, 1:]].sum(axis=1)


def test_it_packs_its_weights_in_front_of_the_emissions(rng):
    emissions = rng.normal(size=(2, 4, 3)).astype("float32")
    layer = Layer()
    output = array(layer(emissions))
    assert output.shape == (2, 9, 3) == (2, *layer.compute_output_shape((2, 4, 3))[1:])
    for sample in output:
        assert_close(sample[:3], array(layer.transitions))
        assert_close(sample[3:5], array(layer.boundaries))
    assert_close(output[:, 5:], emissions)
    without = Layer(use_boundaries=False)
    assert not np.any(array(without(emissions))[:, 3:5]) and len(without.weights) == 1


@pytest.mark.parametrize("holes", [False, True])
def test_the_best_tags_and_their_probabilities(holes, packed):
    mask = HOLES if holes else np.ones((3, 4), bool)
    given = np.where(np.concatenate([np.ones((3, 5), bool), mask], axis=1)[..., None], packed, np.nan)
    given = given.astype("float32")
    layer = Layer()
    best, p = (array(f(given, mask if holes else None)) for f in (layer.decode, layer.marginals))
    for i, (rows, kept) in enumerate(zip(packed, mask, strict=True)):
        assert np.all(best[i, ~kept] == -1) and not np.any(p[i, ~kept])
        if kept.any():
            tags, score = chains(rows, kept)
            assert best[i, kept].tolist() == tags[np.argmax(score)].tolist()
            share = np.exp(score - np.logaddexp.reduce(score))
            assert_close(
                p[i, kept], [[share[tags[:, t] == k].sum() for k in range(3)] for t in range(kept.sum())]
            )


def test_masks_come_with_the_output(rng):
    emissions = rng.normal(size=(3, 4, 3)).astype("float32")
    layer = Layer()
    output = layer(masked(emissions, HOLES))
    assert np.array_equal(array(output._keras_mask)[:, 5:], HOLES)
    assert np.all(array(output._keras_mask)[:, :5])
    expected = array(layer.decode(array(output), HOLES))
    for mask in (None, np.concatenate([np.ones((3, 5), bool), HOLES], axis=1)):
        assert np.array_equal(array(layer.decode(output, mask)), expected)


def test_one_position(packed):
    layer = Layer()
    score = packed[:, 3] + packed[:, 4] + packed[:, 5]
    assert np.array_equal(array(layer.decode(packed[:, :6])), np.argmax(score, axis=-1)[:, None])
    assert_close(array(layer.marginals(packed[:, :6]))[:, 0].sum(axis=-1), np.ones(3))


def test_the_slopes_of_the_weights_are_those_of_the_loss(packed):
    """The weights are shared: their gradient is the sum over the samples."""
    tags = np.array([[0, 1, 2, 1], [2, 2, 0, 0], [1, 0, 0, 2]])
    loss, layer = K.LinearChainCRF(reduction="sum"), Layer()
    layer.build((None, 4, 3))
    _, gradient = value_and_gradient(lambda p: loss(tags, p), array(layer(packed[:, 5:])))

    def of_transitions(a):
        return loss(tags, layer.stateless_call([a, layer.boundaries.value], [], tensor(packed[:, 5:]))[0])

    _, slope = value_and_gradient(of_transitions, array(layer.transitions))
    assert_close(slope, gradient[:, :3].sum(axis=0), gradient=True)


def test_decoding_is_compiled(packed):
    layer = Layer()
    expected = array(layer.decode(packed))
    if BACKEND == "jax":
        import jax

        found = jax.jit(layer.decode)(packed)
    elif BACKEND == "torch":
        import torch

        found = torch.compile(layer.decode, backend="aot_eager", fullgraph=True)(tensor(packed))
    else:
        import tensorflow as tf

        signature = [tf.TensorSpec([None, 9, 3], "float32")]
        found = tf.function(layer.decode, jit_compile=True, input_signature=signature)(packed)
    assert np.array_equal(array(found), expected)


@pytest.mark.parametrize("dtype", ["float16", "mixed_bfloat16"])
def test_half_types_keep_the_scores(dtype):
    layer = Layer(dtype=keras.DTypePolicy(dtype))
    output = layer(tensor(np.ones((1, 2, 3)), "float16"))
    expected = "float16" if dtype == "float16" else "float32"
    assert keras.backend.standardize_dtype(output.dtype) == expected
    symbolic = layer(keras.Input((None, 3)))
    assert symbolic.dtype == expected and symbolic.shape == (None, None, 3)
    assert array(layer.decode(output)).shape == (1, 2)


@pytest.mark.skipif(BACKEND == "jax", reason="JAX has no float64 by default")
def test_float64(rng):
    """Scores that float32 would round: the best tags and the probabilities of all chains, one by one."""
    packed = rng.normal(size=(1, 8, 3)) * 1e-9
    packed[:, 5:] += 1.0
    layer, given = Layer(), tensor(packed, "float64")
    tags, score = chains(packed[0], np.ones(3, bool))
    assert array(layer.decode(given))[0].tolist() == tags[np.argmax(score)].tolist()
    found = array(layer.marginals(given))[0]
    share = np.exp(score - np.logaddexp.reduce(score))
    expected = [[share[tags[:, t] == k].sum() for k in range(3)] for t in range(3)]
    assert found.dtype == "float64"
    assert_close(found, expected, "float64")


def test_bad_arguments(packed):
    with pytest.raises(ValueError, match="CRFTransitions: `use_boundaries`.*Received"):
        Layer(use_boundaries=1)
    with pytest.raises(ValueError, match=r"CRFTransitions: the last axis.*must be known"):
        Layer().build((None, 4, None))
    with pytest.raises(
        ValueError, match=r"CRFTransitions: `packed` must be an output.*Received: \(3, 5, 3\)"
    ):
        Layer().decode(packed[:, :5])
    with pytest.raises(ValueError, match=r"CRFTransitions: `mask` must have 4 entries.*\(3, 3\)"):
        Layer().decode(packed, np.ones((3, 3)))


def test_it_is_saved(rng, tmp_path):
    layer = Layer(False, transitions_initializer="ones", transitions_regularizer="l2", name="chain")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert copy.get_config() == layer.get_config()
    inputs = keras.Input((None, 3))
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, None, 3)
    x = rng.normal(size=(2, 4, 3)).astype("float32")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(loaded.predict(x, verbose=0), array(layer(x)))
