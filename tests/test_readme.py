"""README.md names every loss once, under its domain and family, and its own losses run."""

import pathlib
import re

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss
from kerasloss.core.equivalents.lookup import EQUIVALENTS, LIBRARIES
from kerasloss.core.registry import LOSSES
from tests.backend import BACKEND

ROOT = pathlib.Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_table_is_that_of_list_losses():
    rows = re.findall(r"^\| \[(\w+)\]\(kerasloss/losses/\1\) \| (\d+) \| ([\w ]+) \|$", README, re.MULTILINE)
    listed = {}
    for info in kerasloss.list_losses():
        listed.setdefault(info.domain, []).append(info.family)
    shown = {domain: (int(count), sorted(families.split())) for domain, count, families in rows}
    assert shown == {domain: (len(all_), sorted(set(all_))) for domain, all_ in listed.items()}


def test_the_counts_it_names():
    assert f"{len(EQUIVALENTS)} names of {len(LIBRARIES)} libraries" in README
    of_keras = {c for c in vars(keras.losses).values() if isinstance(c, type)} - {keras.losses.Loss}
    assert f"| loss classes | {len(LOSSES)} | {len(of_keras)} |" in README


@pytest.mark.skipif(BACKEND != "torch", reason="it counts the losses of PyTorch")
def test_the_count_of_pytorch():
    import torch

    count = sum(name.endswith("Loss") for name in vars(torch.nn))
    assert re.search(rf"^\| loss classes \|.*\| {count} \| functions \|$", README, re.MULTILINE)


def test_the_first_lines_run(tmp_path, monkeypatch):
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    names = {"x": rng.normal(size=(32, 64)).astype("float32"), "y": rng.integers(-1, 10, size=32)}
    exec(compile(code.replace("fit(x, y)", "fit(x, y, verbose=0)"), "README.md", "exec"), names)
    model = keras.saving.load_model(tmp_path / "model.keras")
    assert model.loss.get_config() == names["loss"].get_config()


def test_the_other_names_exist():
    text = README.partition("Besides the losses")[2].partition("\n\n")[0]
    named = re.findall(r"`(\w+)`", text)
    assert len(named) > 8
    places = (kerasloss, kerasloss.layers, kerasloss.models)
    for name in set(named) - {"layers", "models"}:
        assert any(hasattr(place, name) for place in places), name


def test_your_own_loss_runs():
    name = "WeightedMSE"
    code = next(block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if name in block)
    names = {"__name__": "readme", "keras": keras, "ops": ops, "kerasloss": kerasloss}
    exec(compile(code, "README.md", "exec"), names)
    loss = names[name](reduction=None)
    y_true, y_pred = np.array([[1.0, 0.0], [np.nan, 0.0]]), np.array([[0.5, 0.5], [1.0, 1.0]])
    values = ops.convert_to_numpy(loss(y_true, y_pred, np.array([1.0, 0.0])))
    np.testing.assert_allclose(values, [0.375, 0], rtol=1e-6)
    assert type(loss).from_config(loss.get_config()).get_config() == loss.get_config()
    shared = (ROOT / "examples" / "custom_loss.py").read_text()
    assert code.partition("    def call")[2].partition("\n\n\n")[0] in shared


def test_linked_pages_exist():
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path
