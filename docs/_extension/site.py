"""Joins the parts of the extension to Sphinx, and writes the pages that follow from the classes."""

import pathlib
from typing import Any

from _extension import complete, finding, links, mathfont, mathml, pages, pictures, reference


def write(app: Any) -> None:
    """Writes the pages that follow from the classes, before Sphinx reads any."""
    folder = pathlib.Path(app.srcdir)
    mathfont.write(folder / "_static" / "math.css")
    drawn = pictures.write(folder / "losses" / "pictures")
    texts = {**pages.texts(drawn), **finding.texts(), **reference.texts()}
    for path, text in texts.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text() != text:  # else Sphinx would read it again
            target.write_text(text)
    for old in {*(folder / "losses").glob("*.md"), *(folder / "find").glob("*.md")}:
        if str(old.relative_to(folder)) not in texts:
            old.unlink()


def drop_empty_globs(app: Any, docname: str, source: list[str]) -> None:
    """Takes out of a toctree the folders that have no page yet: Sphinx would warn of them."""
    lines = source[0].split("\n")
    empty = [
        line
        for line in lines
        if line.endswith("/*") and not list(pathlib.Path(app.srcdir).glob(f"{line}.md"))
    ]
    source[0] = "\n".join(line for line in lines if line not in empty)


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", write)
    app.connect("source-read", drop_empty_globs)
    for part in (mathml, links, complete):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
