"""The base of all losses: what is saved, and what is refused."""

import json
import os

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss
from tests.backend import array


@keras.saving.register_keras_serializable(package="tests")
class Power(kerasloss.Loss):
    """A user's loss, without a `get_config` of its own."""

    def __init__(self, power=2.0, axes=(1, 2), inner=None, **kwargs):
        super().__init__(**kwargs)
        self.power = power
        self.axes = axes
        self.inner = inner

    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_pred - y_true) ** self.power, axis=-1)


def unregistered(values):
    return ops.max(values)


@pytest.mark.parametrize("function", [lambda values: values, unregistered])
def test_code_is_not_saved(function, tmp_path):
    loss = kerasloss.MeanAbsoluteError(reduction=function)
    assert np.shape(array(loss(np.zeros((1, 1)), np.ones((1, 1))))) in ((), (1,))
    with pytest.raises(ValueError, match="MeanAbsoluteError: `reduction` can't be saved.*Received"):
        loss.get_config()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss=loss)
    with pytest.raises(ValueError, match="can't be saved"):
        model.save(os.path.join(tmp_path, "model.keras"))


def test_a_lambda_in_a_file_is_refused():
    config = kerasloss.MeanAbsoluteError().get_config()
    with pytest.warns(UserWarning, match="lambda"):
        config["reduction"] = keras.saving.serialize_keras_object(lambda values: values)
    with pytest.raises(ValueError, match="(?i)lambda"):
        kerasloss.MeanAbsoluteError.from_config(config)


def test_configuration_of_a_users_loss():
    loss = Power(3.0, axes=(0, 1), inner=kerasloss.Huber(delta=0.5, dtype="float16"), reduction="sum")
    text = json.dumps(keras.saving.serialize_keras_object(loss))
    copy = keras.saving.deserialize_keras_object(json.loads(text))
    assert copy.get_config() == loss.get_config()
    assert copy.power == 3.0 and copy.axes == (0, 1) and copy.reduction == "sum"
    assert copy.inner.delta == 0.5 and copy.inner.dtype == "float16"
    assert repr(copy).startswith("Power(power=3.0, axes=(0, 1), inner=Huber(delta=0.5)")


def test_an_argument_that_is_not_stored_is_reported():
    class Forgetful(kerasloss.Loss):
        def __init__(self, alpha=1.0, **kwargs):
            super().__init__(**kwargs)

    with pytest.raises(ValueError, match="Forgetful.*alpha"):
        Forgetful().get_config()
