"""The pages "Coming from": complete, up to date, and their code runs."""

import json
import re

import pytest

import kerasloss
from kerasloss.core.equivalents.lookup import EQUIVALENTS, LIBRARIES
from tests.equivalents import pages
from tests.test_guides import promised, run

each_page = pytest.mark.parametrize("page", pages.PAGES)


def test_every_library_has_its_page():
    assert {library for found in pages.PAGES.values() for library in found} == set(LIBRARIES)
    assert {path.stem for path in pages.FOLDER.glob("*.md")} - {"index"} == set(pages.PAGES)


@each_page
def test_its_table_is_that_of_the_rows(page):
    text = pages.path(page).read_text()
    assert text == pages.written(page), "run `python -m tests.equivalents pages`"
    assert len(re.findall(r"^\| `", text, re.MULTILINE)) == sum(
        row.library in pages.PAGES[page] for row in EQUIVALENTS
    )


@each_page
def test_its_code_runs_and_prints_what_it_says(page):
    blocks = re.findall(r"```python\n(.*?)```", pages.path(page).read_text(), re.DOTALL)
    assert blocks
    for code in blocks:
        said = promised(code)
        assert said and run(code, {"__name__": "page"}) == said


@each_page
def test_its_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", pages.path(page).read_text()):
        assert (pages.FOLDER / target).exists(), target


@pytest.mark.parametrize("row", EQUIVALENTS, ids=[f"{row.library}.{row.name}" for row in EQUIVALENTS])
def test_the_code_of_a_row_makes_what_get_finds(row):
    name, code = f"{row.library}.{row.name}", pages.code(row.loss, row.arguments)
    known = {
        "loss": kerasloss.MeanSquaredError(),
        "dimensions": [2, 1],
        "samples_per_class": [9, 1],
        "min_value": 0.0,
        "max_value": 1.0,
    }
    required = {word: value for word, value in known.items() if word in re.split(r"[(), ]+", code)}
    found = kerasloss.get({"class_name": name, "config": required} if required else name)
    assert parts(eval(code, {"kerasloss": kerasloss, **required})) == parts(found)
    assert "|" not in row.note + code


def parts(loss):
    """The losses of a sum, or one, each with its weight; tuples as lists."""
    is_sum = isinstance(loss, kerasloss.WeightedSum)
    losses = loss.losses if is_sum else [loss]
    weights = (is_sum and loss.weights) or [1.0] * len(losses)
    saved = [json.dumps(part.get_config()) for part in losses]
    configs = [re.sub(r'\{"__tuple__": (\[[^]]*\])\}', r"\1", config) for config in saved]
    return list(zip(configs, weights, strict=True))
