"""Every public name is documented, and every example in a docstring runs."""

import doctest
import importlib
import inspect
import pathlib

import pytest

import kerasloss

ROOT = pathlib.Path(kerasloss.__file__).parent
MODULES = sorted(
    ".".join(("kerasloss", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
)
LOSSES = [
    name
    for name in kerasloss.__all__
    if inspect.isclass(getattr(kerasloss, name)) and name not in ("Loss", "WeightedSum", "Masked")
]


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module):
    """As a reader would type them: they import what they use, not what the module has imported."""
    module = importlib.import_module(module)
    failed, _ = doctest.testmod(
        module, globs={"__name__": "__main__"}, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert failed == 0


@pytest.mark.parametrize("name", [*LOSSES, "WeightedSum", "Masked"])
def test_docstring_is_complete(name):
    loss = getattr(kerasloss, name)
    doc = inspect.getdoc(loss)
    for section in ("Formula: ", "Args:", "Shapes:", "Raises:", "Use it ", "Example:", "Reference: "):
        assert section in doc, section
    assert ">>> " in doc and f"kerasloss.{name}" in doc or name == "WeightedSum"
    described = doc.split("Args:")[1].split("Shapes:")[0]
    for argument in list(inspect.signature(loss.__init__).parameters)[1:]:
        assert argument in described, argument
    assert len(doc.splitlines()[0]) <= 110


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_has_a_docstring_and_annotations(module):
    module = importlib.import_module(module)
    assert module.__doc__ or module.__name__ in ("kerasloss.core", "kerasloss.losses")
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        assert inspect.getdoc(value), f"{name} has no docstring"
        functions = [value] if inspect.isfunction(value) else []
        if inspect.isclass(value):
            functions = [
                f for n, f in vars(value).items() if inspect.isfunction(f) and f.__module__ == module.__name__
            ]
        for function in functions:
            annotations = set(function.__annotations__)
            missing = set(inspect.signature(function).parameters) - annotations - {"self", "cls"}
            assert not missing and "return" in annotations, f"{function.__qualname__}: {missing}"
