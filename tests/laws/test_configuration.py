"""Configurations: saved, loaded, and refused."""

import json

import keras
import pytest

import kerasloss
from tests.backend import array, assert_close
from tests.laws.table import COMMON, SOME, draw, each_loss, own_arguments, rows, share, with_variants


@rows(with_variants, share(SOME, 3))
def test_configuration_round_trip(case, item, rng):
    y_true, y_pred = draw(case, rng)
    loss = case.make(**item, name="other", dtype="float32", reduction="sum")
    config = loss.get_config()
    assert set(config) == own_arguments(case) | COMMON
    for name in own_arguments(case):
        if name in item:
            assert getattr(loss, name) == item[name] and type(getattr(loss, name)) is type(item[name])
    text = json.dumps(keras.saving.serialize_keras_object(loss))
    for copy in (
        case.loss.from_config(config),
        keras.saving.deserialize_keras_object(json.loads(text)),
        keras.losses.get(keras.losses.serialize(loss)),
    ):
        assert type(copy) is case.loss
        assert json.dumps(copy.get_config(), sort_keys=True) == json.dumps(config, sort_keys=True)
    assert_close(array(copy(y_true, y_pred)), array(loss(y_true, y_pred)))
    assert keras.saving.get_registered_name(getattr(kerasloss, str(case))) == f"kerasloss>{case}"
    assert repr(loss).startswith(case.loss.__name__)


@rows(lambda case: case.bad)
def test_bad_arguments_are_refused(case, item):
    name = next(iter(item))
    with pytest.raises(ValueError, match=rf"(?s){case.loss.__name__}.*{name}.*Received"):
        case.make(**item)


@each_loss
def test_bad_reduction_and_dtype_are_refused(case):
    with pytest.raises(ValueError, match=f"{case.loss.__name__}.*reduction"):
        case.make(reduction="avg")
    with pytest.raises(ValueError, match=f"{case.loss.__name__}.*dtype"):
        case.make(dtype="int32")
    with pytest.raises(ValueError, match=f"{case.loss.__name__}.*`dtype` must be a float type.*'float31'"):
        case.make(dtype="float31")
