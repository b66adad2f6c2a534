"""The pages that the site makes from the classes; the build itself is the environment `docs`."""

import contextlib
import importlib
import io
import pathlib
import re
import sys

import pytest

import kerasloss
from kerasloss.core.registry import KINDS, LOSSES
from kerasloss.inspection import docstring, formula

DOCS = pathlib.Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def pages():
    """Path -> text, as if no loss had a picture but Huber."""
    return module("pages").texts({"Huber"})


def module(name):
    """A module of the extension that needs no Sphinx."""
    sys.path.insert(0, str(DOCS))
    try:
        return importlib.import_module(f"_extension.{name}")
    finally:
        sys.path.pop(0)


def test_each_loss_and_each_domain_has_a_page(pages):
    domains = {info.domain for info in kerasloss.list_losses()}
    assert set(pages) == {f"losses/{name}.md" for name in (*LOSSES, *domains, "index")}
    for name in LOSSES:
        assert f"`{name}`" in pages["losses/index.md"]


@pytest.mark.parametrize("name", LOSSES)
def test_a_page_holds_what_the_docstring_holds(pages, name):
    doc, page = docstring.read(LOSSES[name]), pages[f"losses/{name}.md"]
    headings = re.findall("^## (.*)$", page, re.MULTILINE)
    has_equivalents = doc.equivalents or name in {one.loss for one in module("pages").EQUIVALENTS}
    elsewhere = ["In other libraries"] if has_equivalents else []
    assert headings == [
        *("Formula", "What it expects", "Arguments", "Raises", "Example"),
        *(*elsewhere, "Related losses", "Source"),
    ]
    assert page.startswith(f"# {name}\n\n{doc.summary}\n")
    flat = " ".join(page.split())
    texts = (doc.use, doc.shapes, doc.example, doc.equivalents, doc.reference, *doc.arguments.values())
    for text in (*texts, *doc.raises.values()):
        assert " ".join(text.split()) in flat
    assert formula.math_text(doc.formula, doc.arguments)[1:] in page
    assert KINDS[LOSSES[name].kind] in page
    assert ("```{image}" in page) == (name == "Huber")


@pytest.mark.parametrize("name", LOSSES)
def test_related_losses(pages, name):
    listed = pages[f"losses/{name}.md"].partition("## Related losses")[2].partition("## Source")[0]
    related = re.findall(r"^`(\w+)`$", listed, re.MULTILINE)
    assert 0 < len(related) <= 8
    assert name not in related and set(related) <= set(LOSSES)
    use = re.findall(r"`([A-Z]\w+)`", docstring.read(LOSSES[name]).use)
    assert set(use) & set(LOSSES) - {name} <= set(related)


def test_types_say_their_ranges(pages):
    assert "`delta`, float > 0, default `1.0`" in pages["losses/Huber.md"]
    assert "`label_smoothing`, float >= 0 and <= 1, default `0.0`" in pages["losses/BinaryCrossentropy.md"]
    assert "`loss`, required" in pages["losses/Masked.md"]
    assert "`class_weight`, sequence of float >= 0 or None, default `None`" in pages["losses/Dice.md"]


def test_names_for_get(pages):
    for name in LOSSES:
        line = re.search(r"^`kerasloss.get`\n: (.*)$", pages[f"losses/{name}.md"], re.MULTILINE).group(1)
        for word in re.findall(r'`"(\w+)"`', line):
            try:
                assert type(kerasloss.get(word)).__name__ == name
            except ValueError as error:  # what it wraps is missing
                assert f"{name}: an argument without a default is required" in str(error)


def test_every_loss_is_found_by_its_inputs():
    text = module("finding").inputs_page()
    rows = re.findall(r"^\| .* \|$", text, re.MULTILINE)
    assert sorted(re.findall(r"`([A-Z]\w+)`", text)) == sorted(LOSSES)
    info = next(info for info in kerasloss.list_losses() if info.name == "Poisson")
    assert any(f"| {info.expected} |" in row and "`Poisson`" in row for row in rows)


def test_every_loss_says_what_a_part_of_the_batch_changes(pages):
    text = module("finding").scopes_page()
    rows = re.findall(r"^\| .* \|$", text, re.MULTILINE)
    for name, loss in LOSSES.items():
        (row,) = (row for row in rows if f"`{name}`" in row)
        words, mends = row.split(" | ")[1:3]
        assert f"data parallelism\n: {words} (" in pages[f"losses/{name}.md"]
        assert f"as on one device\n: {mends}\n" in pages[f"losses/{name}.md"]
        sees_its_share = loss.scope != "sample" or name == "ReverseHuber"
        assert ("each replica sees its share" in words) == sees_its_share
        assert not sees_its_share or "[`WholeBatch`](" in mends


def test_the_code_of_the_first_page_prints_what_it_says():
    names, printed, said = {"__name__": "start"}, [], []
    for code in re.findall(r"```python\n(.*?)```", (DOCS / "start.md").read_text(), re.DOTALL):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, "start.md", "exec"), names)
        printed += out.getvalue().splitlines()
        said += re.findall(r"^(?:# |print\(.*\)  # )(.*)$", code, re.MULTILINE)
    assert printed == said and len(said) > 5


def test_choosing_names_most_losses():
    """Each domain has its tasks; a loss that is missing is a variant of one that is named."""
    text = (DOCS / "choosing.md").read_text()
    missing = {name for name in LOSSES if not re.search(rf"\b{name}\b", text)}
    assert len(missing) < 25, missing
    anchors = {re.sub(r"[^a-z -]", "", h.lower()).replace(" ", "-") for h in re.findall("(?m)^## (.*)", text)}
    assert set(re.findall(r"\(#([\w-]+)\)", text)) <= anchors


class TestCheck:
    """The last step of the build."""

    @pytest.fixture
    def problems(self, tmp_path):
        def of(text, css=""):
            (tmp_path / "page.html").write_text(text)
            (tmp_path / "page.css").write_text(css)
            return list(module("check").problems(tmp_path))

        return of

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ('<script src="https://cdn.example/a.js"></script>', "loads"),
            ('<link href="//fonts.example/a.css">', "loads"),
            ('<img src="missing.svg">', "does not exist"),
            ('<a href="other.html">', "does not exist"),
            ('<a href="#there">', "a place that does not exist"),
        ],
    )
    def test_finds(self, problems, text, word):
        (problem,) = problems(text)
        assert word in problem

    def test_finds_a_font_of_another_host(self, problems):
        (problem,) = problems("", css="@font-face { src: url(https://fonts.example/a.woff) }")
        assert "has url(http" in problem

    def test_finds_nothing_in_a_good_page(self, problems):
        page = '<a href="#here"><p id="here"><a href="page.html#here"><a href="https://elsewhere.example">'
        assert problems(page + '<img src="data:image/png;base64,AA">', css="p { color: red }") == []
