"""The package depends on Keras's public interface and NumPy alone, and imports fast."""

import ast
import pathlib
import subprocess
import sys

import keras
import pytest

import kerasloss

ROOT = pathlib.Path(kerasloss.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
ALLOWED = set(sys.stdlib_module_names) | {"keras", "kerasloss", "numpy"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            names = []
        for name in names:
            assert name.split(".")[0] in ALLOWED | ({"matplotlib"} if path.name == "plot.py" else set()), name
            assert not name.startswith(("keras.src", "keras._")), name
            if "losses" in path.parts and name.startswith("kerasloss."):
                assert name.startswith("kerasloss.core"), "a family imports from the core alone"
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("src", "_keras_mask"), "private Keras"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_name_of_keras_is_public(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            parts = ast.unparse(node).split(".")
            if parts[0] in ("keras", "ops") and all(part.isidentifier() for part in parts):
                value = keras if parts[0] == "keras" else keras.ops
                for part in parts[1:]:
                    value = getattr(value, part)


def test_import_brings_one_backend():
    code = (
        "import keras, sys, time; before = set(sys.modules); start = time.perf_counter();"
        "import kerasloss; print(time.perf_counter() - start);"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "assert not new & {'jax', 'torch', 'tensorflow', 'scipy', 'matplotlib'}, new"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(out.stdout.split()[-1]) < 1.5  # 0.2 s on an idle machine
