"""The moving average of a teacher's outputs."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, masked, tensor, value_and_gradient

Layer = K.layers.Centering


def test_the_average_moves_in_training_alone(rng):
    x, layer = rng.normal(size=(3, 4, 2)).astype("float32"), Layer(0.8)
    assert_close(array(layer(tensor(x))), x)
    assert_close(array(layer(tensor(x), training=True)), x)  # before it moves
    center = 0.2 * x.mean(axis=(0, 1))
    assert_close(array(layer(tensor(x))), x - center)
    assert_close(array(layer(tensor(x + 1), training=True)), x + 1 - center)
    center = 0.8 * center + 0.2 * (x + 1).mean(axis=(0, 1))
    assert_close(array(layer.center), center)
    assert [w.name for w in layer.non_trainable_weights] == ["center"] and not layer.trainable_weights


def test_masked_positions_are_left_out(rng):
    x, mask = (
        rng.normal(size=(2, 3, 2)).astype("float32"),
        np.array([[True, True, False], [True, False, False]]),
    )
    x[~mask] = np.nan
    layer = Layer(0.5)
    output = layer(masked(x, mask), training=True)
    assert np.array_equal(array(output._keras_mask), mask)
    assert_close(array(layer.center), 0.5 * x[mask].mean(axis=0))
    before = array(layer.center)
    layer(masked(x, 0 * mask), training=True)
    assert_close(array(layer.center), before)


def test_its_gradient_is_that_of_a_shift(rng):
    layer, x = Layer(), rng.normal(size=(3, 2)).astype("float32")
    layer.build(x.shape)
    _, gradient = value_and_gradient(lambda x: keras.ops.sum(layer(x)), x)
    assert_close(gradient, np.ones((3, 2)))


def dino_model(layer, trainable=True):
    """Two views through a student, and through a teacher that ends with the layer."""
    inputs = keras.Input((2, 4))
    student = keras.layers.Dense(3, name="student")(inputs)
    teacher = keras.layers.Dense(3, name="teacher", trainable=trainable)(inputs)
    model = keras.Model(inputs, keras.layers.Concatenate(axis=1)([layer(teacher), student]))
    model.compile(keras.optimizers.SGD(0.1), K.DINO(center=None, teacher_temperature=0.5))
    return model


def test_fit_predict_and_saving(rng, tmp_path):
    keras.utils.set_random_seed(0)
    x, layer = rng.normal(size=(8, 2, 4)).astype("float32"), Layer(0.6, name="centering")
    layer.trainable = False  # as a frozen teacher's
    model = dino_model(layer)
    teacher = array(model.get_layer("teacher")(tensor(x)))
    center = np.zeros(3)
    for _ in range(2):
        model.fit(x, np.zeros(8), batch_size=4, verbose=0, shuffle=False)
        for half in (teacher[:4], teacher[4:]):
            center = 0.6 * center + 0.4 * half.mean(axis=(0, 1))
    assert_close(array(layer.center), center)  # the teacher itself has no gradient
    model.evaluate(x, np.zeros(8), verbose=0)
    outputs = model.predict(x, verbose=0)
    assert_close(array(layer.center), center)
    assert_close(outputs[:, :2], teacher - center)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(array(loaded.get_layer("centering").center), center)
    assert_close(loaded.predict(x, verbose=0), outputs)


def test_the_first_batch_is_that_of_no_center(rng):
    """And with momentum 0 the second, of the same inputs, is that of the center of the batch."""
    x = rng.normal(size=(4, 4, 3)).astype("float32")
    layer, loss = Layer(0.0), K.DINO(center=None, teacher_temperature=0.5)

    def step():
        teacher = array(layer(tensor(x[:, :2]), training=True))
        return array(loss(None, np.concatenate([teacher, x[:, 2:]], axis=1)))

    assert_close(step(), array(loss(None, x)))
    assert_close(step(), array(K.DINO(teacher_temperature=0.5)(None, x)))


@pytest.mark.parametrize("dtype", ["float16", "mixed_bfloat16"])
def test_half_types(dtype):
    layer = Layer(dtype=keras.DTypePolicy(dtype))
    output = layer(tensor(np.full((2, 3), 1.001), "float32"))
    expected = "float16" if dtype == "float16" else "float32"
    assert keras.backend.standardize_dtype(output.dtype) == expected
    if expected == "float32":
        assert_close(array(output), np.full((2, 3), 1.001))  # nothing is rounded to bfloat16


@pytest.mark.parametrize("momentum", [1.0, -0.1, np.nan, "fast"])
def test_bad_arguments(momentum):
    with pytest.raises(ValueError, match=r"Centering.*momentum.*Received"):
        Layer(momentum)
    with pytest.raises(ValueError, match=r"Centering: the last axis.*must be known"):
        Layer().build((None, None))


def test_its_configuration():
    layer = Layer(0.7, name="center_of_teacher", dtype="float64" if BACKEND != "jax" else "float32")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert copy.get_config() == layer.get_config() and copy.momentum == 0.7
