"""The package depends on Keras's public interface and NumPy alone, has no circles, and imports fast."""

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
MODULES = {".".join((ROOT.name, *path.relative_to(ROOT).with_suffix("").parts)): path for path in FILES}

FLOORS = [
    ("core.aliases", "core.chebyshev", "core.checks", "core.numerics"),
    ("core.equivalents", "core.special"),
    ("core.configuration", "core.registry", "core.windows"),
    ("core.loss",),
    ("core.lattice", "core.remat"),
    (
        "core.alignment",
        "core.assignment",
        "core.blocks",
        "core.labels",
        "core.links",
        "core.overlap",
        "core.pairwise",
        "core.probabilities",
        "core.projections",
        "core.rows",
    ),
    ("core.cosines", "core.focal", "core.heads"),
    ("core.chain", "core.warping"),
    ("core.kinds",),
    ("losses",),
    ("layers",),
    ("models",),
    ("inspection",),
    ("__init__",),
]
"""From the lowest up. A file imports from lower floors, or from its own room: a package of this list or a
domain."""


def floor_and_room(module):
    """The floor of a module, and the room that it shares with its neighbours."""
    inner = module.removeprefix("kerasloss.").removesuffix(".__init__")
    inner = "__init__" if inner == "kerasloss" else inner
    for i, rooms in enumerate(FLOORS):
        for room in rooms:
            if inner == room or inner.startswith(room + "."):
                return i, inner.split(".")[1:2] if room == "losses" else room
    assert module.endswith(".__init__"), f"{module} stands on no floor"
    return 0, None  # a package holds a docstring alone


def imported(path):
    """Every module that a file imports, functions and all."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(names):
    """Those of this package that are files."""
    for name in names:
        if name in MODULES or f"{name}.__init__" in MODULES:
            yield name


@pytest.mark.parametrize("module", MODULES)
def test_imports(module):
    for name in imported(MODULES[module]):
        extra = {"matplotlib"} if module.endswith(".plot") else set()
        assert name.split(".")[0] in ALLOWED | extra, name
        assert not name.startswith(("keras.src", "keras._")), name
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("src", "_keras_mask"), "private Keras"


@pytest.mark.parametrize("module", MODULES)
def test_a_file_imports_from_the_floors_below(module):
    floor, room = floor_and_room(module)
    for name in own(imported(MODULES[module])):
        if name == "kerasloss" or any(
            other.startswith(name + ".") and other != f"{name}.__init__" for other in MODULES
        ):
            continue  # a package: what is taken of it stands beside as a name of its own
        lower, neighbour = floor_and_room(name)
        assert lower < floor or (lower == floor and neighbour == room), f"{module} imports {name}"


def test_there_is_no_circle():
    seen, open_ = set(), []

    def visit(module):
        assert module not in open_, f"circle: {' -> '.join([*open_, module])}"
        if module in seen:
            return
        open_.append(module)
        for name in own(imported(MODULES[module])):
            if name in MODULES:
                visit(name)
        seen.add(open_.pop())

    for module in MODULES:
        visit(module)


@pytest.mark.parametrize("module", MODULES)
def test_a_branch_on_the_backend_is_in_the_core(module):
    if any(room in module for room in (".losses.", ".layers.", ".models.")):
        assert "backend.backend()" not in MODULES[module].read_text()


@pytest.mark.parametrize("module", MODULES)
def test_every_name_of_keras_is_public(module):
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
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
