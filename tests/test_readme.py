"""README.md names every loss once, under its domain and family, and its own losses run."""

import pathlib
import re

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss

ROOT = pathlib.Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_table_is_that_of_list_losses():
    rows = re.findall(r"^\| (\w+) \| (\w+) \| ((?:`\w+` ?)+) \|$", README, re.MULTILINE)
    listed = {}
    for info in kerasloss.list_losses():
        listed.setdefault((info.domain, info.family), []).append(info.name)
    shown = [((domain, family), re.findall(r"\w+", names)) for domain, family, names in rows]
    assert len(shown) == len(listed), "a family has two rows, or none"
    assert {family: sorted(names) for family, names in shown} == {
        family: sorted(names) for family, names in listed.items()
    }


def test_the_other_names_exist():
    text = README.partition("Besides the losses")[2].partition("\n\n")[0]
    named = re.findall(r"`(\w+)`", text)
    assert len(named) > 8
    places = (kerasloss, kerasloss.layers, kerasloss.models)
    for name in set(named) - {"layers", "models"}:
        assert any(hasattr(place, name) for place in places), name


@pytest.mark.parametrize("name", ["WeightedMSE", "MixedError"])
def test_your_own_loss_runs(name):
    code = next(block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if name in block)
    names = {"__name__": "readme", "keras": keras, "ops": ops, "kerasloss": kerasloss}
    exec(compile(code, "README.md", "exec"), names)
    loss = names[name](reduction=None)
    y_true, y_pred = np.array([[1.0, 0.0], [np.nan, 0.0]]), np.array([[0.5, 0.5], [1.0, 1.0]])
    values = ops.convert_to_numpy(loss(y_true, y_pred, np.array([1.0, 0.0])))
    np.testing.assert_allclose(values, [0.375 if name == "WeightedMSE" else 0.325, 0], rtol=1e-6)
    assert type(loss).from_config(loss.get_config()).get_config() == loss.get_config()
    shared = (ROOT / "examples" / "custom_loss.py").read_text()
    assert code.partition("    def call")[2].partition("\n\n\n")[0] in shared


def test_linked_pages_exist():
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path
