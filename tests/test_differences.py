"""Each row of docs/differences.md, computed by Keras and by this library."""

import pathlib
import re

import keras
import numpy as np
import pytest

import kerasloss
from tests.backend import BACKEND, array, tensor, value_and_gradient
from tests.backend import masked as with_mask

PAGE = (pathlib.Path(__file__).parent.parent / "docs" / "differences.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| `")
]
NAME = {"jax": "JAX", "tensorflow": "TensorFlow", "torch": "PyTorch"}[BACKEND]
# The oldest Keras that is supported has other faults of its own.
KERAS_OF_THE_PAGE = re.search(r"\(Keras (3\.\d+)\)", PAGE).group(1)
is_that_keras = keras.__version__.startswith(f"{KERAS_OF_THE_PAGE}.")


def slope(loss, y_true, y_pred):
    return value_and_gradient(lambda x: loss(tensor(y_true), x), y_pred.astype("float32"))[1]


def masked(x, mask):
    return with_mask(x.astype("float32"), mask)


def outcome(code, losses):
    """What an expression of the page gives: a number, an array, a word, or an error."""
    names = {"losses": losses, "np": np, "a": np.array, "keras": keras, "slope": slope, "masked": masked}
    try:
        result = eval(code.strip("`"), names)
    except Exception as error:
        return error
    if isinstance(result, keras.losses.Loss):
        return "accepted"
    if result is None or isinstance(result, (str, bool)):
        return str(result)
    return np.asarray(result if isinstance(result, np.ndarray) else array(result), "float64")


def of_this_backend(cell):
    """A cell may hold `0 (JAX), error (TensorFlow, PyTorch)`."""
    each = re.findall(r"(\[[^\]]*\]|[^\s,]+) \(([A-Z][\w, ]*)\)", cell)
    found = [value for value, names in each if NAME in names.split(", ")]
    assert len(found) == (1 if each else 0), cell
    return found[0] if each else cell


def assert_is(result, cell):
    """That an outcome is what a cell says, to the digits that it has."""
    cell = of_this_backend(cell)
    if cell == "anything":
        return
    if cell in ("error", "ValueError"):
        assert isinstance(result, ValueError if cell == "ValueError" else Exception), result
    elif isinstance(result, (str, Exception)):
        assert str(result) == cell
    else:
        numbers = [float(number) for number in cell.strip("[]").split(", ") if number]
        np.testing.assert_allclose(result.ravel(), numbers, rtol=1e-3, atol=1e-6 * (cell == "0"))


@pytest.mark.parametrize("row", ROWS, ids=[row[0].strip("`")[:60] for row in ROWS])
def test_the_page_says_what_both_compute(row):
    code, theirs, ours, why = row
    assert theirs != ours or theirs == "error"
    assert why.strip("| ")
    assert_is(outcome(code, kerasloss), ours)
    if is_that_keras:
        assert_is(outcome(code, keras.losses), theirs)


def test_the_page_names_losses_of_both_and_is_linked():
    assert len(ROWS) > 60
    for code, *_ in ROWS:
        for name in re.findall(r"losses\.(\w+)", code):
            assert hasattr(keras.losses, name) and hasattr(kerasloss, name), name
    readme = (pathlib.Path(__file__).parent.parent / "README.md").read_text()
    assert readme.count("(docs/differences.md)") == 2


def test_a_function_of_keras_is_a_loss_that_reduces_nothing(rng):
    y_true, y_pred = rng.normal(size=(2, 3, 4))
    expected = array(keras.losses.mean_squared_error(tensor(y_true), tensor(y_pred)))
    result = array(kerasloss.MeanSquaredError(reduction=None)(y_true, y_pred))
    np.testing.assert_allclose(result, expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["mse", "MSE", "mean_squared_error", "kl_divergence", "kld", "log_cosh"])
def test_the_names_that_keras_knows(name):
    theirs = keras.losses.get(name)
    assert type(kerasloss.get(name)).__name__.lower() == theirs.__name__.replace("_", "")
