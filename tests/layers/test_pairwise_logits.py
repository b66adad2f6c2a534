"""The logits of all pairs, with a learned temperature."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close

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
    layer = Layer(temperature=0.001, max_scale=50.0)
    assert_close(array(layer(x)), [[50.0]], scale=10)


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
