"""The file of reference values, read as another library would read it."""

import json
import pathlib
import re

import jsonschema
import numpy as np
import pytest
from keras import ops

from tests import vectors
from tests.backend import array, assert_close, value_and_gradient

LOSSES = ["Huber", "Quantile", "SparseCategoricalCrossentropy", "Dice", "ReverseHuber", "OnlineHardExample"]


@pytest.mark.parametrize("name", LOSSES)
def test_the_file_holds_what_the_losses_compute(name, tmp_path):
    path = tmp_path / "vectors.json"
    path.write_text(json.dumps(vectors.collect([name])))
    content = json.loads(path.read_text())
    jsonschema.validate(content, vectors.SCHEMA)
    assert content["schema"] == vectors.SCHEMA and content["vectors"]
    for vector in content["vectors"]:
        loss, y_true, y_pred = (
            vectors.loss_of(vector),
            *map(vectors.read, (vector["y_true"], vector["y_pred"])),
        )
        assert_close(array(loss(y_true, y_pred)), vectors.read(vector["values"]))
        if vector["gradient"] is None:
            continue
        _, gradient = value_and_gradient(lambda p: ops.sum(loss(y_true, p)), y_pred)  # noqa: B023
        assert_close(gradient, vectors.read(vector["gradient"]), gradient=True)


def test_20_digits_are_more_than_a_float_holds():
    (vector,) = vectors.collect(["LogCosh"])["vectors"][:1]
    digits = vector["values"]["data"]
    assert all(len(number.strip("-0.").replace(".", "")) >= 19 for number in digits)
    floats = [str(value) for value in vectors.read(vector["values"]).ravel()]
    assert not set(digits) & set(floats)
    np.testing.assert_allclose(np.array(digits, "float64"), np.array(floats, "float64"), rtol=1e-15)


def test_the_code_of_the_page_runs(tmp_path, monkeypatch):
    page = pathlib.Path(__file__).parent.parent / "docs" / "reference_values.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    pathlib.Path("out.json").write_text(json.dumps(vectors.collect(["Huber"])))
    exec(compile(code, "page", "exec"), {})
    with pytest.raises(AssertionError):
        exec(compile(code.replace("delta / 2", "delta / 3"), "page", "exec"), {})


def test_an_unknown_loss_is_refused():
    with pytest.raises(ValueError, match="Hubert"):
        vectors.collect(["Hubert"])
