"""The docstring of a loss, cut into its sections once, for whatever shows a part of it."""

import inspect
import re
import textwrap
from collections.abc import Mapping
from typing import Any, NamedTuple

from kerasloss.core import checks

_HEADINGS = re.compile(r"(Formula|Args|Shapes|Raises|Use it|Example|Equivalents|Reference)(?=:| )")


class Docstring(NamedTuple):
    """What the docstring of a loss says; a section that it lacks is empty."""

    summary: str
    """The first line."""
    details: str
    """What stands between the first line and the sections."""
    formula: str
    """Prose, with expressions between backticks: `kerasloss.inspection.formula` reads them."""
    arguments: Mapping[str, str]
    """What is said of each argument."""
    shapes: str
    """The shapes of `y_true`, `y_pred` and of the value."""
    raises: Mapping[str, str]
    """Each exception, and when it is raised."""
    use: str
    """When to use it and when not."""
    example: str
    """A doctest."""
    equivalents: str
    """The same loss in other libraries."""
    reference: str
    """Where the loss comes from."""


def read(loss: Any) -> Docstring:
    """The sections of a loss's docstring.

    Args:
        loss: A loss of this library or its class.

    Returns:
        A `Docstring`. Its texts have no indentation; line breaks stand as in the source.

    Raises:
        ValueError: If the class has no docstring.

    Use it where a part of a docstring is shown; `help` shows the whole.

    Example:

    >>> import kerasloss
    >>> from kerasloss.inspection import docstring
    >>> doc = docstring.read(kerasloss.Huber)
    >>> doc.summary
    'Quadratic for small errors, linear for large ones.'
    >>> doc.arguments["delta"]
    'Where the loss becomes linear, > 0, in the unit of the target.'
    """
    cls = loss if inspect.isclass(loss) else type(loss)
    text = inspect.cleandoc(cls.__doc__ or "")
    if not text:
        checks.fail("read", f"{cls.__name__} must have a docstring", "none")
    sections = _sections(text)
    summary, _, details = sections.pop("").partition("\n")
    return Docstring(
        summary,
        details.strip(),
        sections.get("Formula", ""),
        _entries(sections.get("Args", "")),
        sections.get("Shapes", ""),
        _entries(sections.get("Raises", "")),
        sections.get("Use it", ""),
        sections.get("Example", ""),
        sections.get("Equivalents", ""),
        sections.get("Reference", ""),
    )


def _sections(text: str) -> dict[str, str]:
    """The text of each section; that before the first one is called ""."""
    lines: dict[str, list[str]] = {"": []}
    current, after_blank = "", True
    for line in text.splitlines():
        heading = _HEADINGS.match(line) if after_blank else None
        if heading:
            current = heading.group(1)
            # "Use it" is the beginning of its own sentence.
            line = line if current == "Use it" else line[heading.end() + 1 :]
            lines[current] = []
        lines[current].append(line)
        after_blank = not line.strip()
    return {name: _dedented(part) for name, part in lines.items()}


def _dedented(lines: list[str]) -> str:
    """The lines of a section as one text without indentation."""
    first, others = lines[0].strip(), textwrap.dedent("\n".join(lines[1:]))
    return f"{first}\n{others}".strip()


def _entries(text: str) -> dict[str, str]:
    """`names: text`, with the lines that follow indented; several names share one text."""
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", text):
        names, _, words = entry.partition(":")
        for name in names.split(", "):
            if name.strip():
                found[name.strip()] = " ".join(words.split())
    return found
