"""Every example has its page in the gallery, with a figure and an output that belong to its code.

`python docs/gallery/make.py` stores figures and outputs; nothing is trained here.
"""

import ast
import importlib.util
import pathlib
import re

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).parent.parent
GALLERY = ROOT / "docs" / "gallery"
ELSEWHERE = {"cross_backend", "custom_loss"}
"""Examples that check something and have nothing to show."""


def loaded(path):
    """A file as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make = loaded(GALLERY / "make.py")

each_page = pytest.mark.parametrize("page", make.pages().values(), ids=lambda page: page.stem)


def words(code):
    """The words in the texts of a piece of code: what it may print."""
    texts = (node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant))
    return {word for text in texts if isinstance(text, str) for word in re.findall(r"[A-Za-z]{3,}", text)}


def test_every_example_has_a_page():
    examples = {path.stem for path in (ROOT / "examples").glob("*.py")}
    assert set(make.pages()) == examples - ELSEWHERE
    assert ELSEWHERE < examples


@each_page
def test_the_figure_is_stored(page):
    """Small, on white, and no other file of its name in another format."""
    (name,) = make.FIGURE.findall(page.read_text("utf-8"))
    assert [path.name for path in GALLERY.glob(f"{page.stem}.*") if path != page] == [name]
    data = (GALLERY / name).read_bytes()
    assert 5_000 < len(data) < 150_000
    if name.endswith(".svg"):
        assert b"<svg" in data and b"fill: #ffffff" in data and b"<dc:date>1970" in data
    else:
        assert data.startswith(b"\x89PNG")


@each_page
def test_the_figure_is_described(page):
    (alt,) = re.findall(r"```\{image\}.*?:alt: (.*?)\n```", page.read_text("utf-8"), re.DOTALL)
    assert len(alt.split()) > 8


@each_page
def test_the_output_is_of_the_example(page):
    """It holds numbers, and its first line has words of the code."""
    (output,) = make.OUTPUT.findall(page.read_text("utf-8"))
    assert len(re.findall(r"\d+\.\d+", output)) >= 3
    assert max(map(len, output.splitlines())) <= 100
    known = words((ROOT / "examples" / f"{page.stem}.py").read_text("utf-8"))
    assert set(re.findall(r"[A-Za-z]{3,}", output.splitlines()[0])) <= known


@each_page
def test_the_code_is_the_example(page):
    (path,) = re.findall(r"```\{literalinclude\} (\S+)\n", page.read_text("utf-8"))
    assert (GALLERY / path).resolve() == ROOT / "examples" / f"{page.stem}.py"


@each_page
def test_the_example_draws_only_when_asked(page):
    """Without `--figure` it needs no matplotlib."""
    tree = ast.parse((ROOT / "examples" / f"{page.stem}.py").read_text("utf-8"))
    modules = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not any(module.startswith("matplotlib") for module in modules)
    assert "draw" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert "--figure" in words_of_arguments(tree)


def words_of_arguments(tree):
    """What the command line of an example knows."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    named = (call for call in calls if getattr(call.func, "attr", "") == "add_argument")
    return {call.args[0].value for call in named}


def test_the_detector_s_average_precision():
    """Of two digits one is found first, the other behind a box that is nowhere, or behind the first again."""
    detector = loaded(ROOT / "examples" / "detector.py")
    one, other, nowhere = [0, 0, 0.4, 0.4], [0.5, 0.5, 0.9, 0.9], [0.5, 0, 0.9, 0.4]
    objects = np.array([[[3, *one], [3, *other], [-1, 0, 0, 0, 0]]], "float32")
    for wrong in (nowhere, one):
        found = np.array([[[0.7, 3, *other], [0.9, 3, *one], [0.8, 3, *wrong]]], "float32")
        expected = (51 * 1 + 50 * 2 / 3) / 101  # 51 recalls up to 1 / 2, 50 beyond
        assert detector.average_precision(objects, found) == pytest.approx([expected] * 10)
    small = np.array([[[0.9, 3, 0, 0, 0.4, 0.3]]], "float32")  # an IoU of 3 / 4, of one of the two
    right = detector.average_precision(objects, small, [0.7, 0.8])
    assert right == pytest.approx([51 / 101, 0])
