"""The base of all losses: what is saved, and what is refused."""

import dataclasses
import inspect
import json
import os
import pathlib
import re
import typing

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss
from tests.backend import array, tensor


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


def saved_losses():
    """Configurations that were written before: the first ones when the modules had no domains."""
    return json.loads((pathlib.Path(__file__).parent.parent / "data" / "saved_losses.json").read_text())


def test_what_was_saved_loads():
    for saved in saved_losses():
        loss = keras.saving.deserialize_keras_object(saved)
        assert keras.saving.get_registered_name(type(loss)) == saved["registered_name"]
        config, parameters = loss.get_config(), inspect.signature(type(loss)).parameters
        for name in set(config) - set(saved["config"]):  # arguments that came later
            assert config.pop(name) == parameters[name].default
        written = json.dumps(config, sort_keys=True)
        assert re.sub(r"kerasloss\.losses[a-z_.]*", "", written) == re.sub(
            r"kerasloss\.losses[a-z_.]*", "", json.dumps(saved["config"], sort_keys=True)
        )


# Arguments that a class declares --------------------------------------------------------------------


class Declared(kerasloss.Loss):
    """A user's loss that declares its arguments."""

    power: float = 2.0
    levels: typing.Literal["low", "high"] = "low"
    _: dataclasses.KW_ONLY
    fast: bool | None = None
    note: str = ""

    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_pred - y_true) ** self.power, axis=-1)


def test_declared_arguments_make_the_constructor():
    names = ["power", "levels", "reduction", "name", "dtype", "fast", "note"]
    parameters = inspect.signature(Declared).parameters
    assert list(parameters) == names
    assert [parameters[n].default for n in names] == [
        2.0,
        "low",
        "sum_over_batch_size",
        "declared",
        None,
        None,
        "",
    ]
    assert parameters["fast"].kind is inspect.Parameter.KEYWORD_ONLY
    loss = Declared(3.0, "high", "sum", fast=True)
    assert (loss.power, loss.levels, loss.reduction, loss.name, loss.fast) == (
        3.0,
        "high",
        "sum",
        "declared",
        True,
    )
    assert set(loss.get_config()) == set(names)
    assert Declared.from_config(loss.get_config()).get_config() == loss.get_config()
    assert repr(loss) == "Declared(power=3.0, levels='high', reduction='sum', fast=True)"


def test_declared_arguments_are_checked():
    for wrong in ({"power": "2"}, {"power": float("nan")}, {"levels": "middle"}, {"fast": 1}):
        (name,) = wrong
        with pytest.raises(ValueError, match=f"Declared: `{name}` must be .*Received: {name}="):
            Declared(**wrong)
    with pytest.raises(TypeError, match="'pwer'; its arguments are `power`, `levels`, .*`note`"):
        Declared(pwer=1)
    untyped = type("Untyped", (kerasloss.Loss,), {"beta": 0.5})
    with pytest.raises(TypeError, match="'beta'; an argument is declared with its type, `beta: float = 0.5`"):
        untyped(beta=1.0)
    with pytest.raises(TypeError, match="PositiveUnlabeled: missing a required argument: 'prior'"):
        kerasloss.PositiveUnlabeled()
    inputs = np.zeros((2, 3)), tensor(np.ones((2, 3)))
    for loss in (kerasloss.MeanSquaredError, kerasloss.Huber):
        expected = rf"{loss.__name__}: .*`{loss.__name__}\(\)\(y_true, y_pred\)`.* \(2, 3\) and \(2, 3\)"
        with pytest.raises(ValueError, match=expected):
            loss(*inputs)


def test_a_constructor_written_by_hand_stays():
    class Mine(Declared):
        extra: int = 3

        def __init__(self, extra=5, **kwargs):
            super().__init__(**kwargs)
            self.extra = extra

    assert Mine(power=4.0).get_config() | {"extra": 5} == Mine(power=4.0).get_config()
    assert Mine().name == "mine"
