"""The code of the guides runs and prints what they say; the losses they name exist.

A block that imports a backend runs on that backend only; all others run on each, with the same numbers.
"""

import contextlib
import inspect
import io
import pathlib
import re

import keras
import pytest

import kerasloss
from kerasloss.inspection import catalogue

DOCS = pathlib.Path(__file__).parent.parent / "docs"
CHOOSING = DOCS / "choosing.md"
GUIDES = [
    page for page in (CHOOSING, *sorted((DOCS / "guides").glob("*.md"))) if "```python" in page.read_text()
]
OTHER_BACKENDS = {"jax", "tensorflow", "torch"} - {keras.backend.backend()}
each_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)


def blocks(guide):
    """The code of a page that this backend can run."""
    elsewhere = re.compile(rf"^import ({'|'.join(OTHER_BACKENDS)})\b", re.MULTILINE)
    found = re.findall(r"```python\n(.*?)```", guide.read_text(), re.DOTALL)
    return [code for code in found if not elsewhere.search(code)]


def run(code, names):
    """What a block of code prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "guide", "exec"), names)
    return printed.getvalue().splitlines()


def promised(code):
    """What its comments say that it prints: behind a `print`, or lines of their own."""
    return [
        match.group(1)
        for match in (re.match(r"(?:# |\s*(?:print\(.*)?\)  # )(.*)", line) for line in code.splitlines())
        if match
    ]


@each_guide
def test_code_runs_and_prints_what_it_says(guide):
    names, compared = {"__name__": "guide"}, 0
    for code in blocks(guide):
        printed, said = run(code, names), promised(code)
        assert [line for line in printed if line in said] == said, code
        compared += len(said)
    assert compared >= 5 or guide.name == "numerics.md"  # its numbers are those of test_autocast.py


@each_guide
def test_the_losses_it_names_exist(guide):
    text = guide.read_text()
    for name in set(re.findall(r"\bkerasloss\.([A-Z]\w+)", text)):
        assert inspect.isclass(getattr(kerasloss, name)), name
    for call in set(re.findall(r"`([A-Z]\w+\([^`]*\))`", text)):
        if guide == CHOOSING or hasattr(kerasloss, call.partition("(")[0]):
            assert isinstance(eval(call, vars(kerasloss)), kerasloss.Loss), call


def test_the_losses_of_the_tables_exist():
    text = CHOOSING.read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    named = {name for row in rows for name in re.findall(r"`([A-Z][A-Za-z0-9]+)", row) if name != "NaN"}
    assert len(named) > 40
    for name in named:
        assert inspect.isclass(getattr(kerasloss, name)), name


def test_the_table_agrees_with_list_losses():
    """ "none" as the last layer stands where the loss expects raw outputs."""
    infos = {info.name: info for info in kerasloss.list_losses()}
    rows = [line.split("|") for line in CHOOSING.read_text().splitlines() if line.startswith("| ")]
    checked = 0
    for row in rows:
        call = re.fullmatch(r"`([A-Z]\w+\(.*\)|[A-Z]\w+)`", row[4].strip()) if len(row) == 7 else None
        if call is None or not row[3].strip().startswith("none"):
            continue
        loss = eval(call.group(1), vars(kerasloss))
        loss = loss() if inspect.isclass(loss) else loss
        loss = getattr(loss, "loss", loss)
        options = {name: getattr(loss, name) for name in infos[type(loss).__name__].options}
        assert catalogue.expectation(type(loss), options)[1] == "linear", call
        checked += 1
    assert checked > 10
