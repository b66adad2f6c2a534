"""Layers that stand beside a loss."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, tensor


def test_uncertainty_weighting():
    layer = K.layers.UncertaintyWeighting(2)
    layer.log_variances.assign(np.array([0.5, -1.0]))
    values = [tensor(np.float32(2.0)), tensor(np.float32(3.0))]
    assert_close(array(layer(values)), 9.117906804802)
    assert_close(array(layer(ops.stack(values))), 9.117906804802)
    assert_close(array(layer.task_weights), np.exp([-0.5, 1.0]))


def test_its_optimum_is_the_logarithm_of_the_value():
    value = np.array([0.25, 4.0])
    layer = K.layers.UncertaintyWeighting(2, kinds=["regression", "classification"])
    optimum = np.log(2 * np.array([0.5, 1.0]) * value)
    totals = []
    for step in (-0.01, 0.0, 0.01):
        layer.log_variances.assign(optimum + step)
        totals.append(float(array(layer(tensor(value.astype("float32"))))))
    assert totals[1] < min(totals[0], totals[2])


def test_hidden_nan_is_not_hidden_and_extremes_are_finite():
    layer = K.layers.UncertaintyWeighting(2, initial_log_variance=1e4)
    assert np.isfinite(array(layer(tensor(np.array([1.0, 2.0], "float32")))))
    assert np.isnan(array(layer(tensor(np.array([1.0, np.nan], "float32")))))


@pytest.mark.parametrize(
    "arguments",
    [
        {"num_losses": 0},
        {"num_losses": 2, "kinds": "ranking"},
        {"num_losses": 2, "kinds": ["regression"]},
        {"num_losses": 2, "initial_log_variance": np.nan},
        {"num_losses": 2, "endpoint": 1},
    ],
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="UncertaintyWeighting.*Received"):
        K.layers.UncertaintyWeighting(**arguments)


def test_wrong_number_of_values():
    with pytest.raises(ValueError, match=r"expected 2 scalars"):
        K.layers.UncertaintyWeighting(2)(tensor(np.ones(3, "float32")))
    with pytest.raises(ValueError, match=r"expected 1 scalar, or a tensor of shape \(1,\)"):
        K.layers.UncertaintyWeighting(1)(tensor(np.ones(3, "float32")))


@keras.saving.register_keras_serializable(package="tests")
class TwoTasks(keras.Model):
    """A model whose two outputs are weighed by what is learnt."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.hidden = keras.layers.Dense(4)
        self.number, self.label = keras.layers.Dense(1), keras.layers.Dense(3)
        self.weighting = K.layers.UncertaintyWeighting(2, kinds=["regression", "classification"])

    def call(self, x):
        hidden = self.hidden(x)
        return {"number": self.number(hidden), "label": self.label(hidden)}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        number = K.MeanSquaredError()(y["number"], y_pred["number"], sample_weight)
        label = K.SparseCategoricalCrossentropy(from_logits=True)(y["label"], y_pred["label"], sample_weight)
        return self.weighting([number, label])


def two_tasks(rng):
    x = rng.normal(size=(32, 3)).astype("float32")
    return x, {"number": 10 * x[:, :1], "label": (x[:, 1] > 0).astype("int32")}


def test_it_trains_and_saves_within_a_model(rng, tmp_path):
    keras.utils.set_random_seed(0)
    x, y = two_tasks(rng)
    model = TwoTasks()
    model.compile("adam")
    model.fit(x, y, epochs=3, verbose=0)
    learnt = array(model.weighting.log_variances)
    assert np.all(learnt != 0)
    value = model.evaluate(x, y, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(array(loaded.weighting.log_variances), learnt)
    loaded.compile("adam")
    assert_close(loaded.evaluate(x, y, verbose=0), value)


def test_endpoint(rng):
    keras.utils.set_random_seed(0)
    x, y = two_tasks(rng)
    inputs, target = keras.Input((3,)), keras.Input((1,))
    output = keras.layers.Dense(1)(inputs)
    error = keras.layers.Lambda(lambda pair: ops.mean((pair[0] - pair[1]) ** 2))([output, target])
    weighting = K.layers.UncertaintyWeighting(1, kinds="regression", endpoint=True)
    model = keras.Model([inputs, target], [output, weighting([error])[0]])
    model.compile("adam")
    model.fit([x, y["number"]], epochs=2, verbose=0)
    assert float(array(weighting.log_variances)[0]) != 0


def test_configuration():
    layer = K.layers.UncertaintyWeighting(2, ["regression", "classification"], 0.5, True, name="weighting")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert copy.get_config() == layer.get_config()
    assert_close(array(copy.log_variances), [0.5, 0.5])
