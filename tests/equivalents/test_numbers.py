"""Each row of the tables of other libraries gives their number, and needs each of its arguments."""

import inspect
import json

import keras
import numpy as np
import pytest

import kerasloss
from kerasloss.core.equivalents.lookup import EQUIVALENTS, LIBRARIES
from kerasloss.core.registry import LOSSES
from tests.backend import ALL_CASES, array, value_and_gradient
from tests.equivalents import stored

ROWS = {f"{row.library}.{row.name}": row for row in EQUIVALENTS}
STORED = stored.load()
# The tables say which arguments give a number, and the laws that all backends compute the same: where tests
# take long, one row for each loss will do.
ROW_OF = {row.loss: name for name, row in reversed(ROWS.items())}
NUMBERS = [
    (name, number)
    for name, numbers in STORED.items()
    for number in numbers
    if ALL_CASES or (ROW_OF[ROWS[name].loss] == name and number is numbers[0])
]
of_tables = pytest.mark.skipif(not ALL_CASES, reason="of the tables alone: PyTorch has seen it")
TOLERANCE = 1e-5


def make(name, config=None, without=None):
    """The loss of a row with further arguments, or without one of its own."""
    if without is None:
        return kerasloss.get({"class_name": name, "config": config} if config else name)
    row = ROWS[name]
    arguments = {k: v for k, v in {**row.arguments, **(config or {})}.items() if k != without}
    return LOSSES[row.loss](**arguments)


def close(a, b):
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)


def value(loss, number):
    return array(loss(stored.array(number["y_true"]), inputs(number)))


def gradient(loss, y_true, y_pred):
    return value_and_gradient(lambda p: loss(y_true, p), y_pred)[1]


def inputs(number):
    y_pred = stored.array(number["y_pred"])
    return list(y_pred) if isinstance(y_pred, tuple) else y_pred


def test_every_row_has_a_number_and_every_number_a_row():
    assert set(STORED) == set(ROWS)
    assert all(STORED.values())
    assert len(ROWS) == len(EQUIVALENTS), "a name has two rows"
    assert {row.library for row in EQUIVALENTS} == set(LIBRARIES) == set(stored.LIBRARIES)


@pytest.mark.parametrize(("name", "number"), NUMBERS, ids=[name for name, _ in NUMBERS])
def test_the_number_of_the_other_library(name, number):
    assert len(stored.array(number["y_true"])) >= 3
    assert number["how"] == stored.FORMULA or number["how"].startswith("computed by ")
    found = value(make(name, number["config"]), number)
    assert np.isfinite(found) and abs(found) > 1e-3, "a number that shows nothing"
    assert close(found, number["value"]), f"{found} here, {number['value']} there"


def shown(row):
    """The arguments of a row that are not the defaults here; the others say how theirs are called."""
    parameters = inspect.signature(LOSSES[row.loss]).parameters
    return [name for name, given in row.arguments.items() if parameters[name].default != given]


NEEDED = [(name, argument) for name, row in ROWS.items() for argument in shown(row)]


@of_tables
@pytest.mark.parametrize(("name", "argument"), NEEDED, ids=map(".".join, NEEDED))
def test_each_argument_of_a_row_is_needed(name, argument):
    """Without it one of the numbers is another one, or its gradient, or there is none."""
    for number in STORED[name]:
        if argument in number["config"]:
            continue
        try:
            without = make(name, number["config"], without=argument)
            found = value(without, number)
        except (TypeError, ValueError):
            return
        loss, y_true, y_pred = make(name, number["config"]), stored.array(number["y_true"]), inputs(number)
        if not close(found, value(loss, number)):
            return
        if np.ndim(found) or isinstance(y_pred, list):
            continue
        if not close(*(gradient(f, y_true, y_pred) for f in (without, loss))):
            return
    pytest.fail(f"{name} gives the same without `{argument}`")


@of_tables
@pytest.mark.parametrize("row", EQUIVALENTS, ids=ROWS)
def test_a_row_can_be_saved_and_read(row):
    assert json.loads(json.dumps(row.arguments)) is not None
    assert row.loss in LOSSES
    assert not row.note or row.note.endswith(".")
    assert set(row.arguments) <= set(inspect.signature(LOSSES[row.loss]).parameters)
    name, number = f"{row.library}.{row.name}", STORED[f"{row.library}.{row.name}"][0]
    loss = make(name, number["config"])
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert close(value(copy, number), value(loss, number))
