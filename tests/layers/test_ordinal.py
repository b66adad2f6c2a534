"""The last layer of ordered classes."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, masked, tensor

Layer = K.layers.OrdinalThresholds
EQUAL = np.log([0.25, 0.5, 0.75]) - np.log([0.75, 0.5, 0.25])


def test_its_output_is_a_cutpoint_minus_the_score_or_the_score_plus_a_bias(rng):
    x = rng.normal(size=(3, 2, 5)).astype("float32")
    for ordered, sign in ((True, 1), (False, -1)):
        layer = Layer(4, ordered=ordered)
        output = array(layer(tensor(x)))
        score = x @ array(layer.kernel)
        assert_close(output, sign * (EQUAL - score))
        assert_close(array(layer.cutpoints), EQUAL)
        assert len(layer.weights) == (3 if ordered else 2)


def test_cutpoints_stay_in_order_and_biases_are_free():
    layer = Layer(4)
    layer.build((None, 1))
    layer.first.assign(np.array([-1.0]))
    layer.gaps.assign(np.array([-3.0, 2.0]))
    assert_close(array(layer.cutpoints), -1 + np.array([0, np.log1p(np.exp(-3)), 2.1755147248572]))
    free = Layer(4, ordered=False)
    free.build((None, 1))
    free.bias.assign(np.array([1.0, 3.0, -2.0]))
    assert_close(array(free(tensor([[0.0]]))), [[1.0, 3.0, -2.0]])


def test_at_the_start_all_classes_are_equally_likely():
    x = np.zeros((5, 2), "float32")
    values = array(K.CumulativeLink(reduction=None)(np.arange(5), Layer(5)(tensor(x))))
    assert_close(values, np.full(5, np.log(5)))
    above = array(ops.sigmoid(Layer(5, ordered=False)(tensor(x))))
    assert_close(above[0], [0.8, 0.6, 0.4, 0.2])


@pytest.mark.parametrize("dtype", ["float16", "mixed_bfloat16"])
def test_half_types_keep_the_thresholds(dtype):
    layer = Layer(4, dtype=keras.DTypePolicy(dtype))
    output = layer(tensor(np.ones((2, 3)), "float16"))
    expected = "float16" if dtype == "float16" else "float32"
    assert keras.backend.standardize_dtype(output.dtype) == expected


@pytest.mark.parametrize("arguments", [{"num_classes": 1}, {"num_classes": 3.0}, {"ordered": 1}])
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match=f"OrdinalThresholds.*{next(iter(arguments))}.*Received"):
        Layer(**{"num_classes": 3, **arguments})
    with pytest.raises(ValueError, match=r"OrdinalThresholds: the last axis.*must be known"):
        Layer(3).build((None, None))


@pytest.mark.parametrize("ordered", [True, False])
def test_it_is_saved_and_masks_pass(ordered, rng, tmp_path):
    layer = Layer(4, ordered, kernel_initializer="ones", kernel_regularizer="l2", name="grades")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert copy.get_config() == layer.get_config()
    x = rng.normal(size=(2, 3, 5)).astype("float32")
    mask = np.array([[True, True, False], [True, False, False]])
    output = layer(masked(x, mask))
    assert np.array_equal(array(output._keras_mask), mask)
    inputs = keras.Input((None, 5))
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, None, 3)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(loaded.predict(x, verbose=0), array(output))


@pytest.mark.parametrize("ordered", [True, False])
def test_two_classes_are_a_logistic_regression(ordered, rng):
    x, y = rng.normal(size=(6, 2)).astype("float32"), np.array([0, 1, 1, 0, 1, 0])
    layer = Layer(2, ordered=ordered)
    loss = K.CumulativeLink() if ordered else K.Coral()
    value = float(array(loss(y, layer(tensor(x)))))
    logits = x @ array(layer.kernel)
    assert_close(value, array(K.BinaryCrossentropy(from_logits=True)(y[:, None], logits)))


def grades(rng, count=600, classes=7, width=6):
    """Ordered classes of equal shares, the intervals of a linear score with some noise."""
    x = rng.normal(size=(count, width)).astype("float32")
    score = x @ np.linspace(-1, 1.5, width) + 0.3 * rng.logistic(size=count)
    return x, np.digitize(score, np.quantile(score, np.arange(1, classes) / classes))


def accuracy(loss, last, above, x, y, epochs=40):
    """The share of samples whose median class is right, on the half that was not trained on."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(x.shape[1:]), last])
    model.compile(keras.optimizers.Adam(0.03), loss)
    half = len(x) // 2
    model.fit(x[:half], y[:half], batch_size=50, epochs=epochs, verbose=0)
    output = model.predict(x[half:], verbose=0)
    return np.mean(np.sum(output > 0 if above else output < 0, axis=-1) == y[half:])


def test_it_trains_well(rng):
    x, y = grades(rng)
    link = accuracy(K.CumulativeLink(), Layer(7), False, x, y)
    coral = accuracy(K.Coral(), Layer(7, ordered=False), True, x, y)
    plain = accuracy(K.CumulativeLink(), keras.layers.Dense(6), False, x, y)
    assert link > 0.55 and coral > 0.55
    assert link > plain + 0.1
