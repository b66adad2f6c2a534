"""Names between backticks become links to their pages, in guides, docstrings and tables alike."""

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

import kerasloss
from _extension.pages import ELSEWHERE

_NAME = re.compile(r"(kerasloss\.)?(?:(layers|models)\.)?([A-Za-z]\w*)(\(.*\))?", re.DOTALL)


def target(text: str, prefixed_only: bool = False) -> str | None:
    """The full name of the public object that a piece of code names, or None."""
    match = _NAME.fullmatch(text)
    if match is None or (prefixed_only and not match.group(1)):
        return None
    prefix, module, name, _ = match.groups()
    owner = getattr(kerasloss, module) if module else kerasloss
    known = name in kerasloss.__all__ if module is None else hasattr(owner, name)
    # A function alone may be an argument, or a word of another library.
    if not known or not (prefix or module or name[0].isupper() or name == "list_losses"):
        return None
    return ".".join(filter(None, ("kerasloss", module, name)))


class LinkNames(SphinxTransform):
    """Wraps literals that name a public object in a reference to it."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Called by Sphinx for each page."""
        here = f"kerasloss.{self.env.docname.rpartition('/')[2]}"
        for node in list(self.document.findall(nodes.literal)):
            inside = list(_ancestors(node))
            if any(isinstance(one, (nodes.reference, addnodes.pending_xref, nodes.title)) for one in inside):
                continue
            foreign = any(ELSEWHERE in one.get("classes", ()) for one in inside)
            found = target(node.astext(), prefixed_only=foreign)
            if found is None or found == here:
                continue
            reference = addnodes.pending_xref(
                "", refdomain="py", reftype="obj", reftarget=found, refexplicit=True, refwarn=True
            )
            reference["refdoc"] = self.env.docname
            node.replace_self(reference)
            reference += node


def _ancestors(node: Any) -> Any:
    while isinstance(node.parent, nodes.Element):
        node = node.parent
        yield node


# Napoleon takes "What was wrong: ..." at the head of an attribute's text for its type: it is not shown it.
_attributes: dict[str, list[str]] = {}


def _before_napoleon(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    if what in ("attribute", "data", "property"):
        _attributes[name] = list(lines)


def _after_napoleon(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    lines[:] = _attributes.pop(name, lines)


def setup(app: Any) -> None:
    """Called by the extension."""
    app.add_transform(LinkNames)
    app.connect("autodoc-process-docstring", _before_napoleon, priority=400)
    app.connect("autodoc-process-docstring", _after_napoleon, priority=600)
