"""What a row of the tables of other libraries holds."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

Rows: TypeAlias = list[tuple[str, str, Mapping[str, Any], str]]
"""Rows of one library: name, loss, arguments, note."""


class Equivalent(NamedTuple):
    """A loss of another library, and the loss here that has its number."""

    library: str
    """A key of `LIBRARIES`."""
    name: str
    """Its name there, with the argument that makes it another loss here: `"FocalLoss(use_softmax=True)"`."""
    loss: str
    """The class here."""
    arguments: Mapping[str, Any]
    """The arguments that reach the number of its defaults."""
    note: str
    """What else differs: shapes, labels, factors, how its other arguments are called here."""


class Library(NamedTuple):
    """A library whose losses are known by their names."""

    title: str
    """Its name in texts."""
    roots: tuple[str, ...]
    """What a name of it starts with, in lower case: `"torch"` in `"torch.nn.MSELoss"`."""
    version: str
    """The version whose numbers are tested; empty: its documentation is."""
