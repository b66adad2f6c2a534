"""All losses: found by a name, and listed with what each expects of labels and of the last layer."""

import html
import inspect
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from kerasloss.core import checks
from kerasloss.core.configuration import COMMON
from kerasloss.core.registry import LOSSES
from kerasloss.inspection import docstring, search


class LossInfo(NamedTuple):
    """What to know about a loss before using it; see `list_losses`."""

    name: str
    """The class: `getattr(kerasloss, name)`."""
    domain: str
    """The package in `kerasloss.losses`: `"regression"`, `"segmentation"`, ..."""
    family: str
    """The module in the package: `"robust"`, `"overlap"`, ..."""
    kind: str
    """What `y_true` and `y_pred` hold: `"element"`, `"binary"`, `"class"`, ..."""
    activation: str
    """The activation of the model's last layer that the defaults expect."""
    options: Mapping[str, Any]
    """The arguments with their defaults (`...`: required), except those that all losses have."""
    summary: str
    """The first line of the docstring."""
    y_true: str
    """The labels, as the docstring has them."""
    y_pred: str
    """The predictions, as the docstring has them."""

    @property
    def expected(self) -> str:
        """`activation`, and what it becomes with an argument."""
        if "from_logits" in self.options:
            return f"{self.activation}, or logits"
        by_link = self.activation == "positive" and "link" in self.options
        return f'{self.activation}, or link="log"' if by_link else self.activation


class LossTable(list):
    """A list of `LossInfo` that prints as a table, in a notebook too."""

    def _rows(self) -> list[tuple[str, ...]]:
        head = ("loss", "family", "kind", "last activation", "what it is for")
        return [head, *((i.name, i.family, i.kind, i.expected, i.summary) for i in self)]

    def __repr__(self) -> str:
        if not self:
            return "No losses; `kerasloss.list_losses()` has all."
        rows = self._rows()
        widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
        lines = ("  ".join([*map(str.ljust, row, widths), row[-1]]) for row in rows)
        return "\n".join(lines)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        head, *body = [[html.escape(cell) for cell in row] for row in self._rows()]
        lines = [f"<tr><th>{'</th><th>'.join(head)}</th></tr>"]
        lines += [f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in body]
        return f"<table>{''.join(lines)}</table>"


def list_losses(
    family: str | None = None,
    kind: str | None = None,
    domain: str | None = None,
    query: str | None = None,
) -> LossTable:
    """All losses of this library, or those for a task, with what each expects; prints as a table.

    Args:
        family: Only those of one family, such as `"robust"`: a module of a domain.
        kind: Only those of one kind: what `y_true` and `y_pred` hold. `"element"`: numbers against numbers.
            `"binary"`: independent labels 0 or 1. `"margin"`: labels -1 and 1 against real scores. `"class"`:
            ids or one-hot of mutually exclusive classes. `"ordinal"`: ids of ordered classes. `"region"`:
            masks. `"distribution"`: numbers against the parameters of a distribution. The table shows the
            others.
        domain: Only those of one domain, such as `"regression"`: a package of `kerasloss.losses`.
        query: Words of a task, such as `"imbalanced masks"`: only losses that have one of the words in their
            name, their names in other libraries, their family or domain, their summary, or what they are for;
            the best first.

    Returns:
        A list of `LossInfo`, each with `name`, `domain`, `family`, `kind`, `activation`, `options`,
        `summary`, `y_true` and `y_pred`. `activation` is that of the model's last layer, for the defaults of
        the loss: `"linear"` (raw numbers, logits), `"sigmoid"`, `"softmax"`, `"log_softmax"`, `"positive"`
        (softplus, exponential) or `"any"`. With `from_logits=True`, or `link="log"`, it is `"linear"`.
        Empty if a query finds nothing.

    Raises:
        ValueError: If there is no such family, kind or domain, or the query is no string.

    Use it to find a loss for a task, or to see what a loss expects; not to make one (`kerasloss.get`).

    Example:

    >>> import kerasloss
    >>> kerasloss.list_losses(family="latent")  # doctest: +ELLIPSIS
    loss                  family  kind          last activation  what it is for
    GaussianKLDivergence  latent  distribution  linear           Relative entropy of normal ...
    >>> [info.name for info in kerasloss.list_losses(kind="ordinal")]
    ['Coral', 'Corn', 'CumulativeLink', 'WeightedKappa', 'EarthMoversDistance', 'SoftOrdinal', 'OrdinalLog']
    >>> [info.name for info in kerasloss.list_losses(query="insurance claims")]
    ['Tweedie', 'GammaDeviance']
    """
    table = [information(cls) for cls in LOSSES.values()]
    for name, value in (("family", family), ("kind", kind), ("domain", domain)):
        if value is not None:
            checks.choice("list_losses", name, value, sorted({getattr(info, name) for info in table}))
            table = [info for info in table if getattr(info, name) == value]
    if query is not None:
        if not isinstance(query, str):
            checks.fail("list_losses", "`query` must be a string: words of a task", f"query={query!r}")
        by_name = {info.name: info for info in table}
        table = [by_name[name] for name in search.rank(query, by_name)]
    return LossTable(table)


def expectation(cls: type, options: Mapping[str, Any]) -> tuple[str, str]:
    """The kind of a loss and the last activation that it expects with these arguments."""
    kind, activation = getattr(cls, "kind", None), getattr(cls, "activation", "any")  # of Keras: not said
    link = options.get("link")
    if options.get("from_logits") or (activation == "positive" and link not in (None, "identity")):
        return kind, "linear"
    if "from_logits" not in options and activation.startswith(("softmax", "sigmoid")):
        return kind, "linear"  # a loss of raw scores
    if activation.startswith("softmax") and (options.get("multilabel") or options.get("base") == "sigmoid"):
        return kind, "sigmoid"
    return kind, "any" if kind == "distribution" and link == "identity" else activation


def options_of(loss: Any) -> dict[str, Any]:
    """The arguments of an instance that change what it expects, for `expectation`."""
    names = ("from_logits", "link", "multilabel", "base")
    return {name: getattr(loss, name) for name in names if hasattr(loss, name)}


def information(cls: type) -> LossInfo:
    """What `list_losses` knows of a loss."""
    parameters = inspect.signature(cls).parameters.values()
    options = {p.name: ... if p.default is p.empty else p.default for p in parameters}
    options = {name: value for name, value in options.items() if name not in COMMON}
    kind, activation = expectation(cls, options)
    doc = docstring.read(cls)
    y_true, y_pred = _shapes(doc.shapes)
    domain, family = cls.__module__.split(".")[-2:]
    return LossInfo(cls.__name__, domain, family, kind, activation, options, doc.summary, y_true, y_pred)


def _shapes(text: str) -> tuple[str, str]:
    """What the section "Shapes" of a docstring says about `y_true` and `y_pred`."""
    text = " ".join(text.split())
    parts = re.split(r"(?:^|[;.,] )((?:`?y_(?:true|pred)`?(?:, )?)+): ", text.partition(" Returns ")[0])
    found = {
        name: words.strip(" .")
        for names, words in zip(parts[1::2], parts[2::2], strict=True)
        for name in re.findall("y_true|y_pred", names)
    }
    return found.get("y_true", text), found.get("y_pred", text)
