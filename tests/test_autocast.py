"""Under `torch.autocast` a loss keeps its value, but for those that `docs/guides/numerics.md` names."""

import pathlib
import re

import keras
import numpy as np
import pytest

import kerasloss
from tests.backend import BACKEND, array, tensor
from tests.cases import CASES
from tests.cases.case import Case
from tests.laws.table import draw

if BACKEND != "torch":
    pytest.skip("autocast is PyTorch's", allow_module_level=True)

import torch

PAGE = pathlib.Path(__file__).parent.parent / "docs" / "guides" / "numerics.md"
SAME = 1e-5


def images(rng, n):
    return rng.uniform(size=(2, n, 16, 16, 1))


# The wrappers are no rows of the table; of them this one has a convolution.
SMOOTHED = Case(kerasloss.MultiScale, images, None, {"loss": kerasloss.MeanAbsoluteError()})
ROWS = [*CASES, SMOOTHED]
each_row = pytest.mark.parametrize("case", ROWS, ids=[f"{case}-{i}" for i, case in enumerate(ROWS)])


def named():
    """The losses in the table of the page."""
    return re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)


AFFECTED = [case for case in ROWS if str(case) in named()]


def evaluations(case):
    """The losses of a row with inputs of theirs."""
    for changes in ({}, *case.variants):
        rng = np.random.default_rng(0)
        keras.utils.set_random_seed(0)
        inputs = draw(case, rng)
        yield (
            case.make(**changes),
            *keras.tree.map_structure(lambda x: x if x is None else tensor(x), inputs),
        )


def value(loss, y_true, y_pred, dtype=None):
    """The value, under autocast to a dtype; None: without."""
    with torch.no_grad(), torch.autocast("cpu", dtype=dtype or torch.bfloat16, enabled=dtype is not None):
        return array(loss(y_true, y_pred)).astype("float64")


def error(case, dtype):
    """The largest relative error of the values of a row under autocast."""
    worst = 0.0
    for loss, y_true, y_pred in evaluations(case):
        right, found = value(loss, y_true, y_pred), value(loss, y_true, y_pred, dtype)
        with np.errstate(divide="ignore", invalid="ignore"):
            worst = np.nanmax([worst, np.nanmax(np.where(found == right, 0, abs(found / right - 1)))])
    return worst


@each_row
def test_autocast(case):
    affected = str(case) in named()
    for loss, y_true, y_pred in evaluations(case):
        right = value(loss, y_true, y_pred)
        if affected:
            with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
                with torch.autocast("cpu", enabled=False):
                    found = array(loss(y_true, y_pred))
        else:
            found = value(loss, y_true, y_pred, torch.bfloat16)
        np.testing.assert_allclose(found, right, rtol=SAME, atol=SAME)


@pytest.mark.parametrize("case", AFFECTED, ids=str)
def test_float64_is_left_alone(case):
    if str(case) in ("Perceptual", "Style"):
        pytest.skip("a network has a dtype of its own")
    _, y_true, y_pred = next(evaluations(case))
    loss = case.make(dtype="float64")
    right, found = value(loss, y_true, y_pred), value(loss, y_true, y_pred, torch.bfloat16)
    np.testing.assert_allclose(found, right, rtol=1e-12)


def test_the_page_names_no_other_loss():
    affected = {str(case) for case in AFFECTED if error(case, torch.bfloat16) > SAME}
    assert sorted(affected) == sorted(named())


@pytest.mark.parametrize("case", AFFECTED, ids=str)
def test_a_policy_of_keras_leaves_the_loss_in_float32(case):
    expected = [value(*evaluation) for evaluation in evaluations(case)]
    keras.config.set_dtype_policy("mixed_bfloat16")
    for right, evaluation in zip(expected, evaluations(case), strict=True):
        np.testing.assert_allclose(value(*evaluation), right, rtol=SAME, atol=SAME)


if __name__ == "__main__":  # prints the table of the page
    worst = {}
    for row in ROWS:
        errors = [error(row, dtype) for dtype in (torch.bfloat16, torch.float16)]
        worst[str(row)] = np.maximum(errors, worst.get(str(row), (0, 0)))
    for name, (bfloat16, float16) in worst.items():
        if bfloat16 > SAME:
            print(f"| `{name}` | {bfloat16:.0e} | {float16:.0e} |".replace("e-0", "e-"))
