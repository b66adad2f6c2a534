"""The layers of class centers: cosines and distances."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, masked, tensor, value_and_gradient

CosineDense, CenterDistance = K.layers.CosineDense, K.layers.CenterDistance
WEIGHTS = {CosineDense: "kernel", CenterDistance: "centers"}


def cosine(a, b):
    return np.sum(a * b, axis=-1) / np.sqrt(np.sum(a * a, axis=-1) * np.sum(b * b, axis=-1))


def test_cosines(rng):
    for shape in ((4, 5), (2, 3, 5)):
        x, layer = rng.normal(size=shape).astype("float32"), CosineDense(3)
        output = array(layer(tensor(x)))
        kernel = array(layer.kernel)
        assert kernel.shape == (5, 3) and output.shape == (*shape[:-1], 3)
        assert_close(output, cosine(x[..., None, :].astype("float64"), kernel.T.astype("float64")))


def test_column_c_times_k_plus_j_is_center_j_of_class_c(rng):
    for shape in ((4, 5), (2, 3, 5)):
        x, layer = rng.normal(size=shape).astype("float32"), CosineDense(3, centers_per_class=2)
        output = array(layer(tensor(x)))
        kernel = array(layer.kernel).astype("float64")
        assert kernel.shape == (5, 6) and output.shape == (*shape[:-1], 3, 2)
        for c in range(3):
            for j in range(2):
                assert_close(output[..., c, j], cosine(x.astype("float64"), kernel[:, 2 * c + j]))


def test_the_norm_is_one_more_column(rng):
    x, layer = rng.normal(size=(4, 5)).astype("float32"), CosineDense(3, return_norm=True)
    output = array(layer(tensor(x)))
    assert output.shape == (4, 4)
    assert_close(output[:, 3], np.linalg.norm(x, axis=1))
    plain = CosineDense(3)
    plain.build((None, 5))
    plain.kernel.assign(array(layer.kernel))
    assert_close(output[:, :3], array(plain(tensor(x))))


def built(layer, weight):
    weight = np.asarray(weight, "float32")
    layer.build((None, weight.shape[0] if isinstance(layer, CosineDense) else weight.shape[1]))
    getattr(layer, WEIGHTS[type(layer)]).assign(weight)
    return layer


@pytest.mark.parametrize("return_norm", [False, True])
def test_zeros_have_cosine_0_and_no_gradient(return_norm):
    layer = built(CosineDense(2, return_norm=return_norm), [[1.0, 0.0], [2.0, 0.0]])  # the second is 0
    x = np.array([[0.0, 0.0], [3.0, 4.0]], "float32")
    value = array(layer(tensor(x)))
    assert not np.any(value[0]) and value[1, 1] == 0 and value[1, 0] > 0.9
    _, gradient = value_and_gradient(lambda x: ops.sum(layer(x)), x)
    assert not np.any(gradient[0]) and np.all(np.isfinite(gradient)) and np.any(gradient[1])


def gradients_of_weights(layer, x, loss):
    """The gradient of `loss(layer(x))` by the weight of the layer, by a step of plain gradient descent."""
    model = keras.Sequential([keras.Input(x.shape[1:]), layer])
    before = array(layer.weights[0])
    model.compile(keras.optimizers.SGD(1.0), loss)
    model.fit(x, np.zeros(len(x)), batch_size=len(x), verbose=0)
    return before - array(layer.weights[0])


@keras.saving.register_keras_serializable(package="tests")
class Sum(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return ops.sum(y_pred, axis=-1)


def test_a_center_of_zeros_does_not_move():
    layer = built(CosineDense(2), [[1.0, 0.0], [2.0, 0.0]])
    moved = gradients_of_weights(layer, np.array([[3.0, 4.0]], "float32"), Sum(reduction="sum"))
    assert np.all(np.isfinite(moved)) and not np.any(moved[:, 1]) and np.any(moved[:, 0])


def test_cosines_are_clipped_in_value_alone(rng):
    """A center so near that the cosine is rounded to 1, or above it, still pulls or pushes."""
    n, angle = 300, 2e-4
    x = rng.normal(size=(n, 7))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    away = rng.normal(size=x.shape)
    away -= np.sum(away * x, axis=1, keepdims=True) * x
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    layer, x = built(CosineDense(n), (x + angle * away).T), x.astype("float32")
    own = tensor(np.eye(n, dtype="float32"))
    assert np.abs(array(layer(tensor(x)))).max() == 1.0
    _, gradient = value_and_gradient(lambda x: ops.sum(own * layer(x)), x)
    assert np.all(np.linalg.norm(gradient, axis=1) > angle / 2)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_any_length_has_a_direction(scale):
    layer = built(CosineDense(1, return_norm=True), np.array([[3.0], [4.0]]))
    output = array(layer(tensor(np.array([[3.0 * scale, 4.0 * scale]], "float32"))))
    assert_close(output[0, 0], 1.0)
    assert_close(output[0, 1] / scale, 5.0)


def test_distances(rng):
    for shape in ((4, 5), (2, 3, 5)):
        x, layer = rng.normal(size=shape).astype("float32"), CenterDistance(3, "glorot_uniform")
        output, centers = array(layer(tensor(x))), array(layer.centers)
        assert centers.shape == (3, 5) and output.shape == (*shape[:-1], 3)
        assert_close(output, np.sum((x[..., None, :] - centers) ** 2, axis=-1), scale=3)
    assert not np.any(array(built(CenterDistance(3), np.zeros((3, 5))).centers))


def test_distance_0_has_gradient_0_and_none_is_negative(rng):
    x = rng.normal(size=(200, 7)).astype("float32")
    layer = built(CenterDistance(200), x)
    distances = array(layer(tensor(x)))
    assert distances.min() >= 0
    layer = built(CenterDistance(2), x[:2])
    value, gradient = value_and_gradient(lambda p: layer(p)[0, 0], x[:1])
    assert abs(value) < 1e-5 and np.abs(gradient).max() < 1e-6


def test_the_centers_move_to_the_mean_of_their_class():
    """A step of descent by Center, of rate 1: each center by the sum of its differences, over N."""
    layer = built(CenterDistance(2), np.zeros((2, 2)))
    x, y = np.array([[1.0, 2.0], [3.0, 4.0], [0.0, 6.0]], "float32"), np.array([0, 0, 1])
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile(keras.optimizers.SGD(1.0), K.Center())
    model.fit(x, y, batch_size=3, verbose=0)
    assert_close(array(layer.centers), np.array([[4.0, 6.0], [0.0, 6.0]]) / 3)


@pytest.mark.parametrize("layer", [CosineDense, CenterDistance])
@pytest.mark.parametrize("dtype", ["float16", "mixed_float16", "mixed_bfloat16"])
def test_half_types(layer, dtype, rng):
    made = layer(3, dtype=keras.DTypePolicy(dtype))
    x = rng.normal(size=(4, 5)).astype("float32")
    output = made(tensor(x))
    expected = "float16" if dtype == "float16" else "float32"
    assert keras.backend.standardize_dtype(output.dtype) == expected
    if expected == "float32":  # nothing is rounded to a half type
        plain = built(layer(3), array(made.weights[0]))
        assert_close(array(output), array(plain(tensor(x))))


@pytest.mark.parametrize(
    ("layer", "arguments"),
    [
        (CosineDense, {"units": 0}),
        (CosineDense, {"units": 2.0}),
        (CosineDense, {"centers_per_class": 0}),
        (CosineDense, {"return_norm": 1}),
        (CenterDistance, {"units": 0}),
    ],
)
def test_bad_arguments(layer, arguments):
    with pytest.raises(ValueError, match=f"{layer.__name__}.*{next(iter(arguments))}.*Received"):
        layer(**{"units": 3, **arguments})
    with pytest.raises(ValueError, match=rf"{layer.__name__}: the last axis.*must be known"):
        layer(3).build((None, None))


def test_norm_and_several_centers_exclude_each_other():
    with pytest.raises(ValueError, match=r"CosineDense: `return_norm=True` needs `centers_per_class=1`"):
        CosineDense(3, centers_per_class=2, return_norm=True)


LAYERS = [
    CosineDense(3, name="classes"),
    CosineDense(3, 2, kernel_initializer="ones", kernel_regularizer="l2"),
    CosineDense(3, return_norm=True),
    CenterDistance(3, center_initializer="ones"),
]
SHAPES = [(3,), (3, 2), (4,), (3,)]


@pytest.mark.parametrize(("layer", "shape"), list(zip(LAYERS, SHAPES, strict=True)))
def test_it_is_saved_and_masks_pass(layer, shape, rng, tmp_path):
    layer = type(layer).from_config(layer.get_config())
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert copy.get_config() == layer.get_config()
    x = rng.normal(size=(2, 3, 5)).astype("float32")
    mask = np.array([[True, True, False], [True, False, False]])
    output = layer(masked(x, mask))
    assert np.array_equal(array(output._keras_mask), mask)
    inputs = keras.Input((None, 5))
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, None, *shape)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(loaded.predict(x, verbose=0), array(output))


def test_the_regularizer_is_that_of_the_centers():
    layer = built(CosineDense(2, kernel_regularizer=keras.regularizers.L2(0.5)), [[1.0, 2.0], [0.0, 2.0]])
    assert_close(array(layer.losses[0]), 4.5)


@pytest.mark.skipif(BACKEND == "jax", reason="JAX has no float64 by default")
@pytest.mark.parametrize("layer", [CosineDense, CenterDistance])
def test_float64(layer, rng):
    made, x = layer(3, dtype="float64"), rng.normal(size=(4, 5))
    made.build(x.shape)
    weight = rng.normal(size=made.weights[0].shape)
    made.weights[0].assign(weight)
    output = array(made(tensor(x, "float64")))
    if layer is CosineDense:
        expected = cosine(x[:, None], weight.T)
    else:
        expected = np.sum((x[:, None] - weight) ** 2, axis=-1)
    assert output.dtype == "float64"
    assert_close(output, expected, "float64", scale=10)
