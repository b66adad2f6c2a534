"""The codebook: what is nearest, what is copied, and whose gradient it has."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, masked, tensor, value_and_gradient

Layer = K.layers.VectorQuantizer


def built(codebook):
    codebook = np.asarray(codebook, "float32")
    layer = Layer(len(codebook))
    layer.build((None, codebook.shape[1]))
    layer.codebook.assign(codebook)
    return layer


@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 3, 2)])
def test_each_vector_becomes_the_nearest_code(shape, rng):
    codebook, x = (rng.normal(size=s).astype("float32") for s in ((5, 3), (*shape, 3)))
    layer = built(codebook)
    nearest = np.argmin(np.sum((x[..., None, :] - codebook) ** 2, axis=-1), axis=-1)
    quantized, pairs = layer(tensor(x))
    np.testing.assert_array_equal(array(layer.ids(tensor(x))), nearest)
    assert_close(array(quantized), codebook[nearest])
    assert_close(array(pairs), np.stack([x, codebook[nearest]], axis=-2))
    np.testing.assert_array_equal(array(layer.codes(nearest)), codebook[nearest])


def test_the_value_is_the_code_to_the_last_digit(rng):
    codebook, x = (rng.normal(size=s).astype("float32") for s in ((5, 3), (40, 3)))
    layer = built(codebook)
    x *= 1000
    np.testing.assert_array_equal(array(layer(tensor(x))[0]), codebook[array(layer.ids(tensor(x)))])


def test_the_nearest_code_far_from_zero(rng):
    """Codes and vectors around 1000, whose squares hide a distance of 0.1 in float32."""
    codebook, x = (1000 + rng.normal(size=s).astype("float32") for s in ((50, 3), (200, 3)))
    squares = np.sum((x[:, None].astype("float64") - codebook.astype("float64")) ** 2, axis=-1)
    np.testing.assert_array_equal(array(built(codebook).ids(tensor(x))), np.argmin(squares, axis=-1))


def test_without_codes_there_are_no_numbers():
    for method, argument in (("ids", np.zeros((1, 3))), ("codes", np.zeros(1, "int32"))):
        with pytest.raises(ValueError, match="VectorQuantizer: the layer must be built"):
            getattr(Layer(3), method)(argument)


def test_the_decoder_s_gradient_is_the_encoder_s(rng):
    layer, x, slope = built(rng.normal(size=(5, 3))), *rng.normal(size=(2, 4, 3)).astype("float32")
    _, gradient = value_and_gradient(lambda x: ops.sum(tensor(slope) * layer(x)[0]), x)
    assert_close(gradient, slope, gradient=True)


def model_of(layer, codebook_weight):
    """An autoencoder whose encoder and decoder do nothing, and one step of plain gradient descent."""
    inputs = keras.Input((2,))
    decoded, pairs = layer(inputs)
    model = keras.Model(inputs, {"decoded": decoded, "pairs": pairs})
    losses = {
        "decoded": K.MeanSquaredError(reduction="sum"),
        "pairs": K.VectorQuantization(codebook=codebook_weight, reduction="sum"),
    }
    model.compile(keras.optimizers.SGD(0.1), loss=losses)
    return model


@pytest.mark.parametrize("weight", [1.0, 0.0])
def test_codes_move_to_what_they_stand_for_by_their_own_loss_alone(weight):
    codebook = np.array([[1.0, 0.0], [0.0, 1.0]], "float32")
    layer = built(codebook)
    x = np.array([[0.8, 0.1], [2.0, 0.3]], "float32")
    model_of(layer, weight).fit(x, {"decoded": x, "pairs": np.zeros(2)}, batch_size=2, verbose=0)
    moved = codebook.copy()
    moved[0] -= 0.1 * weight * np.sum(codebook[0] - x, axis=0)  # the slope of the mean of two squares
    assert_close(array(layer.codebook), moved)


def test_saved_and_loaded(tmp_path, rng):
    x = rng.normal(size=(3, 2)).astype("float32")
    model = model_of(Layer(4, codebook_initializer="glorot_normal", name="codes"), 1.0)
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.saving.load_model(path)
    for name, output in model.predict(x, verbose=0).items():
        assert_close(loaded.predict(x, verbose=0)[name], output)
    copy = Layer.from_config(model.get_layer("codes").get_config())
    assert copy.num_codes == 4 and type(copy.codebook_initializer) is keras.initializers.GlorotNormal
    assert Layer.from_config(Layer(3).get_config()).codebook_initializer is None


def test_codes_begin_near_zero():
    layer = Layer(50)
    layer.build((None, 8))
    assert 0.015 < np.abs(array(layer.codebook)).max() <= 0.02


def test_a_mask_is_passed_on(rng):
    x, mask = rng.normal(size=(2, 3, 2)).astype("float32"), np.array([[1, 1, 0], [1, 0, 0]], bool)
    for output in built(rng.normal(size=(4, 2)))(masked(x, mask)):
        np.testing.assert_array_equal(array(output._keras_mask), mask)


def test_mixed_precision_keeps_the_codes(rng):
    layer = Layer(4, dtype=keras.DTypePolicy("mixed_bfloat16"))
    outputs = layer(tensor(rng.normal(size=(2, 3)), "bfloat16"))
    assert [keras.backend.standardize_dtype(x.dtype) for x in outputs] == ["float32"] * 2


def test_bad_arguments():
    for wrong in (0, 2.0, True):
        with pytest.raises(ValueError, match="VectorQuantizer.*num_codes.*Received"):
            Layer(wrong)
    with pytest.raises(ValueError, match=r"VectorQuantizer: the last axis.*must be known"):
        Layer(3).build((None, None))
