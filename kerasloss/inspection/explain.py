"""What is known of one loss, for the values that its arguments have."""

import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import keras

from kerasloss.core import checks
from kerasloss.core.configuration import COMMON
from kerasloss.core.equivalents.lookup import EQUIVALENTS
from kerasloss.core.registry import KINDS, get, unfinished
from kerasloss.inspection import catalogue, docstring, formula


class Explanation(NamedTuple):
    """What to know of a loss; prints as text, and typeset in a notebook."""

    loss: str
    """The loss as it is written in code."""
    doc: docstring.Docstring
    """The sections of its docstring: `doc.formula`, `doc.shapes`, `doc.use`, `doc.equivalents`, ..."""
    arguments: Mapping[str, Any]
    """The arguments with their values (`...`: required)."""
    kind: str | None
    """What `y_true` and `y_pred` hold, a word of `list_losses`; None: not stated."""
    activation: str
    """The activation of the model's last layer that these arguments expect."""

    def _parts(self) -> Iterator[tuple[str, str]]:
        """A heading and a text for all that is known."""
        meaning = KINDS.get(self.kind)
        yield "formula", self.doc.formula
        yield "arguments", "\n\n".join(self._listed())
        yield "kind", f"{self.kind}: {meaning}" if meaning else ""
        yield "last activation", self.activation
        yield "shapes", self.doc.shapes
        yield "use", self.doc.use
        yield "elsewhere", self.doc.equivalents
        yield "names elsewhere, for `kerasloss.get`", ", ".join(self._names())
        yield "source", self.doc.reference

    def _names(self) -> list[str]:
        """The names in other libraries that stand for this loss with some arguments."""
        name = self.loss.partition("(")[0]
        return [f"`{row.library}.{row.name}`" for row in EQUIVALENTS if row.loss == name]

    def _listed(self) -> Iterator[str]:
        """Each argument of the loss with its value and its meaning, then those of all losses."""
        for name, value in self.arguments.items():
            shown = name if value is ... else f"{name}={value!r}"
            text = self.doc.arguments.get(name, "")
            yield f"`{shown}`" + (f": {text}" if text else "")

    def __str__(self) -> str:
        lines = [self.loss, self.doc.summary]
        for heading, text in self._parts():
            if text:
                lines += ["", heading, *_wrapped(text)]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        lines = [f"### `{self.loss}`", self.doc.summary]
        for heading, text in self._parts():
            if text:
                text = _typeset(text, self.arguments) if heading == "formula" else text
                lines += [f"**{heading}**", text]
        return "\n\n".join(lines)


def explain(loss: Any) -> Explanation:
    """What is known of a loss: formula, arguments, shapes, last activation, the same in other libraries.

    Args:
        loss: A loss, its class, or what `kerasloss.get` finds one by. Of an instance the values of its
            arguments are shown, and the activation that they expect; of a class the defaults.

    Returns:
        An `Explanation`, with `loss`, `doc`, `arguments`, `kind` and `activation`. It prints as text; in a
        notebook the formula is typeset.

    Raises:
        ValueError: If there is no such loss.

    Use it at a prompt, to see what a loss does as it is configured. For the docstring alone there is `help`,
    for a list of all losses `list_losses`; `diagnose` looks at data.

    Example:

    >>> import kerasloss
    >>> print(kerasloss.explain(kerasloss.LogCosh()))  # doctest: +ELLIPSIS
    LogCosh()
    Smooth everywhere: like half the square for small errors, like the absolute value for large ones.
    <BLANKLINE>
    formula
        `mean(log(cosh(e)))` with `e = y_pred - y_true`; gradient `tanh(e)`.
    ...
    >>> kerasloss.explain(kerasloss.Poisson(link="log")).activation
    'linear'
    """
    if isinstance(loss, str):
        loss = unfinished(loss) or loss
    cls = loss if inspect.isclass(loss) else None
    if cls is None:
        loss = get(loss)
        cls = type(loss)
    if not issubclass(cls, keras.losses.Loss):
        checks.fail("explain", "a loss, its class, name or configuration was expected", repr(loss))
    defaults = {
        name: ... if p.default is p.empty else p.default
        for name, p in inspect.signature(cls).parameters.items()
    }
    values = defaults if loss is cls else {name: getattr(loss, name, defaults[name]) for name in defaults}
    own = {name: value for name, value in values.items() if name not in COMMON}
    common = {name: values[name] for name in COMMON if name in values}
    kind, activation = catalogue.expectation(cls, own)
    shown = cls.__name__ if loss is cls else repr(loss)
    return Explanation(shown, docstring.read(cls), {**own, **common}, kind, activation)


def _typeset(text: str, arguments: Mapping[str, Any]) -> str:
    """The formula in LaTeX; one in another notation, of a loss of your own, as it is."""
    try:
        return formula.math_text(text, arguments)
    except ValueError:
        return text


def _wrapped(text: str) -> Iterator[str]:
    """The lines of a text, indented; paragraphs and the items of a list begin anew."""
    for paragraph in formula.blocks(text):
        yield from textwrap.wrap(paragraph, 100, initial_indent=" " * 4, subsequent_indent=" " * 6)
