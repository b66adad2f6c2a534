"""Extractors: by name and as models, frozen, saved and loaded."""

import json
import os
import re

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient
from tests.cases.image.features import EXTRACTOR, POOLING, WEIGHTS, draw, make_extractor


@pytest.fixture(scope="module")
def vgg():
    """A VGG16 with random weights: Keras's architecture, without its download."""
    return K.Perceptual("VGG16", weights=None, max_val=2.0)


def test_a_named_extractor_gets_prepared_images(vgg, rng):
    x, y = rng.uniform(0, 2, (2, 1, 32, 32, 3)).astype("float32")
    value = array(vgg(x, y))
    network = vgg._features
    prepared = [keras.applications.vgg16.preprocess_input(255 / 2 * np.array(image)) for image in (x, y)]
    a, b = (array(network(image)) for image in prepared)
    assert a.shape == (1, 8, 8, 256)
    np.testing.assert_allclose(value, np.mean((a - b) ** 2), rtol=1e-4)


def test_a_named_extractor_is_built_within_a_compiled_step(rng):
    model = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Conv2D(3, 1)])
    loss = K.Perceptual("MobileNetV2", layers=["block_1_expand_relu"], weights=None)
    model.compile("sgd", loss)
    x = rng.uniform(size=(2, 32, 32, 3)).astype("float32")
    model.fit(x, x, verbose=0)
    before = [array(w) for w in loss._features.weights]
    assert any(np.any(w) for w in before) and not loss._features.trainable_weights
    value = model.evaluate(x, x, verbose=0)
    np.testing.assert_allclose(value, array(loss(x, model(x))), rtol=1e-4)
    model.fit(x, x, verbose=0)
    for old, new in zip(before, loss._features.weights, strict=True):
        assert_close(array(new), old)
    assert len(model.weights) == 2


def test_the_network_of_a_configuration_is_named(vgg):
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(vgg)))
    copy = keras.saving.deserialize_keras_object(config)
    assert copy.get_config() == vgg.get_config() and copy.extractor == "VGG16"


def test_weights_that_can_not_be_loaded(rng):
    loss = K.Perceptual("VGG16", weights="nowhere.h5")
    x = rng.uniform(size=(1, 32, 32, 3))
    with pytest.raises(ValueError, match=r"Perceptual: the weights of VGG16 could not be loaded.*nowhere.h5"):
        loss(x, x)


def test_no_gradient_reaches_the_target_or_the_extractor(rng):
    extractor = make_extractor()
    y_true, y_pred = draw(rng, 2)
    for loss in (K.Perceptual(extractor), K.Style(extractor)):
        _, gradient = value_and_gradient(lambda y, f=loss: f(y, y_pred), y_true)
        assert not np.any(gradient)
    assert not extractor.trainable_weights


def test_an_extractor_with_weights_is_saved_with_a_path_alone(rng):
    y_true, y_pred = draw(rng, 2)
    with pytest.raises(ValueError, match=r"Perceptual: .*save_weights.*weights=path"):
        K.Perceptual(make_extractor(), weights=None).get_config()
    loss = K.Perceptual(EXTRACTOR, weights=WEIGHTS)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert copy.extractor is not loss.extractor
    assert_close(array(copy(y_true, y_pred)), array(loss(y_true, y_pred)))
    config = loss.get_config()
    config["weights"] = "nowhere.weights.h5"
    with pytest.raises(ValueError, match=r"Perceptual: `weights`.*save_weights.*nowhere.weights.h5"):
        K.Perceptual.from_config(config)
    K.Perceptual(POOLING).get_config()  # a network without weights needs no file


def test_a_trained_model_is_saved_with_its_loss(rng, tmp_path):
    keras.utils.set_random_seed(0)
    _, x = draw(rng, 8)
    weights = tmp_path / "extractor.weights.h5"
    make_extractor().save_weights(weights)
    model = keras.Sequential([keras.Input((3, 3, 2)), keras.layers.Conv2D(2, 1)])
    loss = K.Perceptual(make_extractor(), layers=["conv"], weights=str(weights)) + 0.1 * K.Style(POOLING)
    model.compile("adam", loss)
    model.fit(x, x, verbose=0)
    assert len(model.trainable_weights) == 2
    value = model.evaluate(x, x, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(loaded.evaluate(x, x, verbose=0), value)
    os.remove(weights)
    with pytest.raises(ValueError, match="extractor.weights.h5"):
        keras.saving.load_model(tmp_path / "model.keras")
    keras.saving.load_model(tmp_path / "model.keras", compile=False)


def test_normalisation_layers_and_dropout_are_off(rng):
    layers = [keras.layers.BatchNormalization(), keras.layers.Dropout(0.9)]
    extractor = keras.Sequential([keras.Input((3, 3, 2)), *layers])
    y_true, y_pred = draw(rng, 2)
    moments = [array(w) for w in layers[0].weights]
    value = array(K.Perceptual(extractor)(y_true, y_pred))
    assert_close(value, np.mean((y_true - y_pred) ** 2) / 1.001)
    assert_close(array(K.Perceptual(extractor)(y_true, y_pred)), value)
    for old, new in zip(moments, layers[0].weights, strict=True):
        assert_close(array(new), old)


def test_styles_of_images_of_different_sizes(rng):
    y_true = rng.normal(size=(1, 8, 6, 2)).astype("float32")
    y_pred = np.concatenate([y_true, y_true], axis=1)  # twice the texture
    assert_close(array(K.Style(POOLING)(y_true, y_pred)), 0.0)
    with pytest.raises(ValueError, match="Style: "):
        K.Style(POOLING)(y_true[..., :1], y_pred)


def test_wrong_shapes_and_counts_are_refused(rng):
    y_true, y_pred = draw(rng, 2)
    with pytest.raises(ValueError, match=r"Perceptual: `layer_weights` must be 2 numbers"):
        K.Perceptual(EXTRACTOR, layers=["conv", "pool"], layer_weights=[1.0])(y_true, y_pred)
    with pytest.raises(ValueError, match=r"Perceptual: images must have the shape that the extractor takes"):
        K.Perceptual(make_extractor())(np.zeros((2, 3, 3, 1)), np.zeros((2, 3, 3, 1)))
    with pytest.raises(ValueError, match=r"Perceptual: `y_pred` must be images"):
        K.Perceptual(EXTRACTOR)(y_true[0], y_pred[0])
    with pytest.raises(ValueError, match=r"Perceptual: `layers` must be given for ResNet50"):
        K.Perceptual("ResNet50")


@pytest.mark.parametrize("shape", [(2, 1, 4, 2), (2, 0, 4, 2)])
@pytest.mark.parametrize("loss", [K.Perceptual, K.Style])
def test_images_smaller_than_a_pooling_window_are_refused(loss, shape):
    """Two of the backends pool them to nothing, whose mean is NaN."""
    what = "may be too small for what it pools" if 0 not in shape else "at least one number on each axis"
    with pytest.raises(
        ValueError, match=rf"(?s){loss.__name__}: .*{what}.*Received: .*{re.escape(str(shape))}"
    ):
        loss(POOLING)(np.ones(shape), np.ones(shape))
    assert array(loss(POOLING)(np.ones((0, 1, 4, 2)), np.ones((0, 1, 4, 2)))) == 0


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="The others raise no RuntimeError.")
@pytest.mark.parametrize("message", ["can't allocate memory", "out of memory. Tried to allocate 2 GiB"])
def test_no_memory_does_not_mean_small_images(message):
    class Full(keras.Layer):
        def call(self, x, training=None):
            if training is False:
                raise RuntimeError(message)
            return x

    inputs = keras.Input((None, None, 2))
    loss = K.Perceptual(keras.Model(inputs, Full()(inputs)))
    with pytest.raises(RuntimeError, match=message):
        loss(np.ones((1, 4, 4, 2)), np.ones((1, 4, 4, 2)))


def test_a_model_without_names_compares_what_it_returns(rng):
    y_true, y_pred = draw(rng, 2)
    inputs = keras.Input((3, 3, 2))
    extractor = keras.Model(inputs, [inputs, 2 * inputs])
    expected = np.mean((y_true - y_pred) ** 2) * (1 + 0.5 * 4)
    loss = K.Perceptual(extractor, layer_weights=[1.0, 0.5])
    assert_close(array(loss(y_true, y_pred)), expected)
    assert_close(array(ops.sum(loss(y_true, y_true))), 0.0)
