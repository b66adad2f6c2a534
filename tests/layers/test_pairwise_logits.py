"""The logits of all pairs, with a learned temperature."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, masked, tensor, value_and_gradient

Layer = K.layers.PairwiseLogits


def test_its_output_is_the_cosine_divided_by_the_temperature(rng):
    x = rng.normal(size=(4, 2, 3)).astype("float32")
    unit = x / np.linalg.norm(x, axis=-1, keepdims=True)
    for temperature, bias in ((0.07, 0.0), (0.1, -10.0)):
        found = Layer(temperature, bias)(x)
        assert_close(array(found), unit[:, 0] @ unit[:, 1].T / temperature + bias, scale=10)
    zero = array(Layer(bias=2.0)(np.zeros((3, 2, 3))))
    assert_close(zero, np.full((3, 3), 2.0))


@pytest.mark.parametrize("loss", [K.CLIP(), K.SigLIP()])
def test_with_it_a_loss_gives_what_it_gives_on_embeddings(loss, rng):
    x = rng.normal(size=(5, 2, 3)).astype("float32")
    layer = Layer(loss.temperature, getattr(loss, "bias", 0.0))
    assert_close(array(loss(None, layer(x))), array(loss(None, x)), scale=10)


def test_the_factor_is_limited():
    x = np.array([[[1.0, 0.0], [1.0, 0.0]]])
    layer = Layer(temperature=0.1, max_scale=50.0)
    layer.build(x.shape)
    layer.log_scale.assign(7.0)
    assert_close(array(layer(x)), [[50.0]], scale=10)


def test_a_factor_at_its_limit_is_still_trained():
    """The gradient of `50 * cos` by the logarithm of the factor; then descent makes the factor smaller."""
    x = np.array([[[1.0, 0.0], [0.6, 0.8]]], "float32")
    layer = Layer(temperature=0.1, max_scale=50.0)
    layer.build(x.shape)

    def of_scale(log_scale):
        return ops.sum(layer.stateless_call([log_scale], [layer.offset.value], tensor(x))[0])

    value, gradient = value_and_gradient(of_scale, np.array(4.5, "float32"))
    assert_close(value, 30.0, scale=10)
    assert_close(gradient, 30.0, gradient=True)


def test_the_factor_begins_within_its_limit():
    for temperature, factor in ((0.001, 50.0), (0.02, 50.0), (0.1, 10.0)):
        layer = Layer(temperature, max_scale=50.0)
        layer.build((1, 2, 2))
        assert_close(array(layer.log_scale), np.log(factor))


@pytest.mark.parametrize("layer", [Layer(), K.layers.KeyQueue(3)])
def test_the_mask_of_pairs_is_one_of_samples(layer, rng):
    x = rng.normal(size=(4, 2, 3)).astype("float32")
    mask = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], bool)
    assert np.array_equal(array(layer(masked(x, mask))._keras_mask), [True, False, False, False])
    assert np.array_equal(array(layer(masked(x, mask[:, 0]))._keras_mask), mask[:, 0])
    assert getattr(layer(tensor(x)), "_keras_mask", None) is None


def test_a_loss_of_pairs_takes_their_mask(rng):
    """Without the samples of which one embedding is padding, whether the loss makes the matrix or not."""
    x = rng.normal(size=(5, 2, 3)).astype("float32")
    mask = np.array([[1, 1], [1, 0], [1, 1], [1, 1], [0, 1]], bool)
    loss = K.CLIP()
    expected = array(loss(None, tensor(x[mask.all(axis=1)])))
    assert_close(array(loss(None, masked(x, mask))), expected)
    assert_close(array(loss(None, Layer(loss.temperature)(masked(x, mask)))), expected, scale=10)


def test_it_trains_and_saves(rng, tmp_path):
    x = rng.normal(size=(16, 2, 4)).astype("float32")
    model = keras.Sequential([keras.Input((2, 4)), keras.layers.Dense(3), Layer(0.1, -10.0, learn_bias=True)])
    model.compile("adam", loss=K.SigLIP())
    before = [array(w) for w in model.layers[-1].trainable_weights]
    model.fit(x, np.zeros(16), batch_size=16, verbose=0)
    after = [array(w) for w in model.layers[-1].trainable_weights]
    assert len(after) == 2 and all(a != b for a, b in zip(after, before, strict=True))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(array(loaded(x)), array(model(x)))
    assert loaded.layers[-1].get_config() == model.layers[-1].get_config()
    assert not Layer(learn_temperature=False).trainable_weights


def test_in_mixed_precision_it_computes_in_float32(rng):
    x = rng.normal(size=(4, 2, 3)).astype("float16")
    expected = array(Layer()(x.astype("float32")))
    found = Layer(dtype="mixed_float16")(x)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    symbolic = Layer(dtype="mixed_float16")(keras.Input((2, 3)))
    assert symbolic.dtype == "float32" and symbolic.shape == (None, None)
    assert_close(array(found), expected, scale=10)


@pytest.mark.parametrize(
    "arguments", [{"temperature": 0.0}, {"bias": np.inf}, {"learn_temperature": 1}, {"max_scale": -1.0}]
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match=f"PairwiseLogits: .*{next(iter(arguments))}"):
        Layer(**arguments)


def test_wrong_shapes():
    for shape in ((4, 3), (4, 3, 2), (4, 2)):
        with pytest.raises(ValueError, match=r"PairwiseLogits: expected pairs of embeddings \(N, 2, D\)"):
            Layer()(np.zeros(shape))
