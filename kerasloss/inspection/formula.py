r"""The formulas of the docstrings: read into a tree, and from it written as LaTeX.

The notation is that of Python, loosened towards mathematics::

    a ** b, a / b, a * b       power, fraction, product; `2 cov` and `w u ** 2` are products too
    f(x), m (m - 1)            a call has no space before its parenthesis, a product has one
    y[c], p[i, j], s_y, x0     subscripts
    |x|, ||x||, KL(p || q)     absolute value, norm, and a bar between two distributions
    sum_i x_i / m              a sum over an index, as far as the next + or -
    d', (x - m)'               a prime: another one, or the transposed
    1{x >= y}                  an indicator
    a = b, c <= d              relations; a comma separates several

So one text is readable in `help`, typeset on a page, and computed by a test.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple, TypeAlias

from kerasloss.core import checks
from kerasloss.core.registry import LOSSES

# The tree -----------------------------------------------------------------------------------------


class Number(NamedTuple):
    """A number, as it is written."""

    text: str


class Name(NamedTuple):
    """A variable or a function."""

    text: str


class Negative(NamedTuple):
    """Minus something."""

    operand: Any


class Binary(NamedTuple):
    """Two operands; the operator "" stands for a product without a sign."""

    operator: str
    left: Any
    right: Any


class Call(NamedTuple):
    """A function of arguments; between each two stands ",", ";" or "||"."""

    function: Any
    arguments: tuple
    separators: tuple


class Index(NamedTuple):
    """An entry of something."""

    base: Any
    items: tuple


class Bars(NamedTuple):
    """An absolute value ("|") or a norm ("||")."""

    bar: str
    inner: Any


class Prime(NamedTuple):
    """Something with a prime."""

    base: Any


class Sequence(NamedTuple):
    """Several expressions: "(" a tuple, "{" in braces, "" separated by commas."""

    bracket: str
    items: tuple


class Over(NamedTuple):
    """`sum_i` and the like without parentheses: the function and what stands behind it."""

    function: Name
    operand: Any


Node: TypeAlias = Any

# From text to the tree ----------------------------------------------------------------------------

_TOKEN = re.compile(
    r"(\s*)(?:(?P<number>\d+(?:\.\d+)?(?:e-?\d+)?)|(?P<name>[A-Za-z]\w*)"
    r"|(?P<sign>\*\*|\|\||<=|>=|[-+*/@=<>()\[\]{}|,;']))"
)
_RELATION, _SUM, _PRODUCT, _ADJACENT, _POWER = range(1, 6)
_LEVELS = {
    **dict.fromkeys(("=", "<", ">", "<=", ">="), _RELATION),
    **dict.fromkeys("+-", _SUM),
    **dict.fromkeys("*/@", _PRODUCT),
    "": _ADJACENT,
    "**": _POWER,
}
_CLOSING = {"(": ")", "[": "]", "{": "}", "|": "|", "||": "||"}


class _Token(NamedTuple):
    kind: str
    text: str
    spaced: bool
    """Whether white space stands before it."""


def parse(expression: str) -> Node:
    """The tree of an expression in the notation above.

    Args:
        expression: What a docstring has between two backticks.

    Returns:
        A tree of `Number`, `Name`, `Negative`, `Binary`, `Call`, `Index`, `Bars`, `Prime`, `Sequence` and
        `Over`.

    Raises:
        ValueError: If it is not an expression; the message has the place.

    Use it to compute or to typeset a formula; not for code.

    Example:

    >>> from kerasloss.inspection.formula import parse
    >>> parse("2 cov / n")
    Binary(operator='/', left=Binary(operator='', left=Number(text='2'), right=Name(text='cov')), right=Name(text='n'))
    """  # noqa: E501
    return _Parser(expression).whole()


class _Parser:
    """Precedence climbing: each method takes its tokens from the front."""

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self.tokens = list(self._scan())
        self.open = [""]
        """The brackets and bars that are open; "" is the outermost."""

    def _scan(self) -> Iterator[_Token]:
        """The tokens, with two that mark the end: a bar is read with the token behind it."""
        place = 0
        while self.text[place:].strip():
            match = _TOKEN.match(self.text, place)
            if match is None:
                self._fail(self.text[place:].strip()[0])
            yield _Token(match.lastgroup, match.group(match.lastgroup), bool(match.group(1)))
            place = match.end()
        yield _Token("end", "", False)
        yield _Token("end", "", False)

    def _fail(self, seen: str) -> None:
        checks.fail("parse", "a formula was expected", f"{seen or 'its end'!r} in {self.text!r}")

    @property
    def token(self) -> _Token:
        """The token that comes next."""
        return self.tokens[self.place]

    def _next(self, expected: str | None = None) -> _Token:
        """Takes the next token, which must be the expected one."""
        token = self.token
        if expected not in (None, token.text):
            self._fail(token.text)
        self.place += 1
        return token

    def whole(self) -> Node:
        items, _ = self._items(",")
        if self.token.kind != "end":
            self._fail(self.token.text)
        return items[0] if len(items) == 1 else Sequence("", items)

    def _items(self, *separators: str) -> tuple[tuple, tuple]:
        """Expressions, and the separators between them."""
        items, between = [self._binary(_RELATION)], []
        while self.token.kind == "sign" and self.token.text in separators:
            between.append(self._next().text)
            items.append(self._binary(_RELATION))
        return tuple(items), tuple(between)

    def _inside(self, *separators: str) -> tuple[tuple, tuple]:
        """What stands in brackets or bars, which are taken too."""
        self.open.append(self._next().text)
        found = self._items(*separators)
        self._next(_CLOSING[self.open.pop()])
        return found

    def _binary(self, level: int) -> Node:
        """Operands joined by operators of this level or of stronger ones, from left to right."""
        left = self._negative() if level > _PRODUCT else self._binary(level + 1)
        while (operator := self._operator()) is not None and _LEVELS[operator] == level:
            if operator:
                self._next()
            left = Binary(operator, left, self._right(level))
        return left

    def _right(self, level: int) -> Node:
        """The operand behind an operator of this level; without a sign it can't begin with a minus."""
        if level == _ADJACENT:
            return self._power()
        return self._binary(level + 1)

    def _operator(self) -> str | None:
        """The operator that comes next, "" before another factor, None where the expression ends."""
        kind, text, _ = self.token
        if text in _LEVELS and kind == "sign":
            return text
        if text in ("|", "||"):
            opens = self.open[-1] != text and not self.tokens[self.place + 1].spaced
            return "" if opens else None
        return "" if kind in ("name", "number") or text in ("(", "{") else None

    def _negative(self) -> Node:
        if self.token.text == "-":
            self._next()
            return Negative(self._binary(_PRODUCT))
        return self._power()

    def _power(self) -> Node:
        base = self._postfix()
        if self.token.text != "**":
            return base
        self._next()
        return Binary("**", base, Negative(self._power()) if self._skip("-") else self._power())

    def _skip(self, text: str) -> bool:
        """Takes the next token if it is this one, and says whether it was."""
        found = self.token.text == text
        self.place += found
        return found

    def _postfix(self) -> Node:
        """An atom with what follows it: arguments, subscripts, primes; or all that a sum is over."""
        node = self._atom()
        if isinstance(node, Name) and re.match(r"(sum|mean)_\w{1,2}$", node.text) and not self._calls():
            return Over(node, self._binary(_PRODUCT))
        while True:
            if self._calls() and isinstance(node, (Name, Index, Prime)):
                node = Call(node, *self._inside(",", ";", "||"))
            elif self.token.text == "[":
                node = Index(node, self._inside(",")[0])
            elif self._skip("'"):
                node = Prime(node)
            else:
                return node

    def _calls(self) -> bool:
        """Whether arguments come next: a parenthesis without a space before it."""
        return self.token.text == "(" and not self.token.spaced

    def _atom(self) -> Node:
        kind, text, _ = self.token
        if kind == "name":
            return Name(self._next().text)
        if kind == "number":
            return Number(self._next().text)
        if text in ("|", "||"):
            return Bars(text, self._inside()[0][0])
        if text in ("(", "{"):
            items, _ = self._inside(",")
            return items[0] if text == "(" and len(items) == 1 else Sequence(text, items)
        self._fail(text)


# From the tree to LaTeX ---------------------------------------------------------------------------

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega"
).split()
_KNOWN = {"log", "exp", "max", "min", "cos", "sin", "cosh", "tanh"}
_MOMENTS = {"mean", "var", "std", "sum"}
_SIGNS = {"<=": r"\le", ">=": r"\ge"}
_SEPARATORS = {",": r",\, ", ";": r";\, ", "||": r"\,\|\, "}
_BRACKETS = {
    "(": (r"\left(", r"\right)"),
    "{": (r"\left\{", r"\right\}"),
    "|": (r"\left|", r"\right|"),
    "||": (r"\left\|", r"\right\|"),
    "floor": (r"\left\lfloor", r"\right\rfloor"),
    "": ("", ""),
}
_FRACTION, _RAISED, _ATOM = 4, 5, 6


def to_latex(expression: str) -> str:
    r"""An expression of a docstring as LaTeX.

    Args:
        expression: What a docstring has between two backticks.

    Returns:
        LaTeX for mathematics mode, without dollar signs.

    Raises:
        ValueError: If it is not an expression.

    Use it to typeset one expression; `math_text` takes a whole paragraph.

    Example:

    >>> from kerasloss.inspection.formula import to_latex
    >>> print(to_latex("sqrt(mean(e ** 2)) / n"))
    \frac{\sqrt{\operatorname{mean}\left(e^{2}\right)}}{n}
    """
    return latex(parse(expression))


def latex(node: Node) -> str:
    """The LaTeX of a tree."""
    match node:
        case Number(text):
            return re.sub(r"^1e(-?\d+)$", r"10^{\1}", text)
        case Name(text):
            return _name(text)
        case Negative(operand):
            return f"-{_at_least(_PRODUCT, operand)}"
        case Binary():
            return _binary(node)
        case Call():
            return _call(node)
        case Index(Index(base, outer), items):
            return latex(Index(base, (*outer, *items)))
        case Index(base, items):
            return f"{_subscripted(base)}{','.join(map(latex, items))}}}"
        case Bars(bar, inner):
            return _within(bar, latex(inner))
        case Prime(base):
            return f"{_at_least(_ATOM, base)}'"
        case Sequence(bracket, items):
            return _within(bracket, r",\; ".join(map(latex, items)))
        case Over(function, operand):
            return f"{_function(function.text)} {_at_least(_PRODUCT, operand)}"


def _binary(node: Binary) -> str:
    operator, left, right = node
    if operator == "/":
        return rf"\frac{{{latex(left)}}}{{{latex(right)}}}"
    if operator == "**":
        return f"{_at_least(_ATOM, left)}^{{{latex(right)}}}"
    level = min(_LEVELS[operator], _PRODUCT)
    if level == _PRODUCT:
        sign = r"\cdot" if _starts_with_a_digit(right) else r"\,"
        sign = "" if isinstance(right, Sequence) and right.bracket == "{" else sign
        first = _within("(", latex(left)) if _is_open(left) else _at_least(level, left)
        return f"{first} {sign} {_at_least(level, right)}"
    return f"{_at_least(level, left)} {_SIGNS.get(operator, operator)} {_at_least(level + 1, right)}"


def _call(node: Call) -> str:
    function, arguments, separators = node
    inner = latex(arguments[0])
    for separator, argument in zip(separators, arguments[1:], strict=True):
        inner += _SEPARATORS[separator] + latex(argument)
    match function:
        case Name("sqrt"):
            return rf"\sqrt{{{inner}}}"
        case Name("floor"):
            return _within("floor", inner)
        case Name(text) if _is_big(text):
            return f"{_function(text)} {_at_least(_PRODUCT, arguments[0])}"
        case Name(text):
            return f"{_function(text)}{_within('(', inner)}"
    return f"{latex(function)}{_within('(', inner)}"


def _at_least(level: int, node: Node) -> str:
    """The LaTeX of an operand, in parentheses where it binds less than `level`."""
    return latex(node) if _level(node) >= level else _within("(", latex(node))


def _level(node: Node) -> int:
    """How strongly a piece holds together on the page."""
    match node:
        case Negative() | Sequence(""):
            return _SUM if isinstance(node, Negative) else 0
        case Binary("/"):
            return _FRACTION
        case Binary("**"):
            return _RAISED
        case Binary(operator):
            return min(_LEVELS[operator], _PRODUCT)
        case Over() | Call(Name("sum" | "prod")):
            return _PRODUCT
    return _ATOM


def _is_open(node: Node) -> bool:
    """Whether it ends in a sum, into which another factor would fall."""
    match node:
        case Over():
            return True
        case Call(Name(text)):
            return _is_big(text)
        case Binary("*" | "" | "@", _, right):
            return _is_open(right)
    return False


def _is_big(function: str) -> bool:
    return function.partition("_")[0] in ("sum", "prod")


def _starts_with_a_digit(node: Node) -> bool:
    match node:
        case Number():
            return True
        case Binary("**" | "*" | "", left):
            return _starts_with_a_digit(left)
    return False


def _within(bracket: str, inner: str) -> str:
    left, right = _BRACKETS[bracket]
    return f"{left}{' ' if left[-1:].isalpha() else ''}{inner}{right}"


def _subscripted(base: Node) -> str:
    """What a subscript is put to, up to its opening brace; one that is there goes on."""
    text = _at_least(_ATOM, base)
    has_one = isinstance(base, Name) and "_{" in text
    return f"{text[:-1]}, " if has_one else f"{text}_{{"


def _function(text: str) -> str:
    """The name of a function: one that LaTeX knows, a symbol, or a word upright."""
    base, _, index = text.partition("_")
    if base == "lgamma":
        return r"\log\Gamma"
    if index and len(index) <= 2:
        return f"{_function(base)}_{{{_subscript(index)}}}"
    if text in _KNOWN or text in ("sum", "prod"):
        return f"\\{text}"
    is_symbol = len(base) == 1 or text in _GREEK or re.fullmatch(r"[A-Za-z]\d", text)
    return _name(text) if is_symbol else rf"\operatorname{{{_escaped(text)}}}"


def _name(text: str) -> str:
    """A variable; what is behind `_`, or the digits behind one letter, is its subscript."""
    base, _, index = text.partition("_")
    if not index and (numbered := re.fullmatch(r"([A-Za-z])(\d+)", text)):
        base, index = numbered.groups()
    short = len(index) <= 2 and base not in _KNOWN
    if index and (short or len(base) == 1 or base in _GREEK or base in _MOMENTS):
        return f"{_symbol(base)}_{{{_subscript(index)}}}"
    return _symbol(text)


def _subscript(text: str) -> str:
    """What stands in a subscript: `ij` are two indices, `pred` is a word."""
    return text if len(text) <= 2 and text.isalpha() else _name(text)


def _symbol(text: str) -> str:
    """A name without a subscript: a letter, a Greek one, or a word upright."""
    if text == "lambd":
        return r"\lambda"
    if text in _GREEK:
        return f"\\{text}"
    return text if len(text) == 1 or text.isdigit() else rf"\mathrm{{{_escaped(text)}}}"


def _escaped(text: str) -> str:
    return text.replace("_", r"\_")


# Whole paragraphs ---------------------------------------------------------------------------------

_PIECE = re.compile(r"`([^`]+)` if `([^`]+)`,? else `([^`]+)`|`([^`]+)`")
_LONG = 28
"""An expression of so many characters stands on a line of its own."""


def expressions(text: str, arguments: Collection[str] = ()) -> list[str]:
    """The expressions of a paragraph: what stands between backticks and is no code.

    Args:
        text: A paragraph of a docstring.
        arguments: Names that are code where they stand alone: the arguments of the loss.

    Returns:
        The expressions, in order.
    """
    found = re.findall(r"`([^`]+)`", text)
    return [" ".join(one.split()) for one in found if not is_code(one, arguments)]


def is_code(expression: str, arguments: Collection[str] = ()) -> bool:
    """Whether a piece between backticks is code: a string, an argument with a value, a loss.

    Args:
        expression: What stands between two backticks.
        arguments: Names that are code where they stand alone.

    Returns:
        True for code, False for mathematics.
    """
    assigned = re.match(r"\w+=\S", expression)
    named = expression in LOSSES or expression in arguments or expression.startswith("kerasloss.")
    return '"' in expression or bool(assigned) or named


def math_text(text: str, arguments: Collection[str] = ()) -> str:
    r"""A paragraph of a docstring in Markdown with LaTeX, long expressions on lines of their own.

    Args:
        text: The paragraph: prose, with expressions between backticks. Several paragraphs and lists stay
            what they are.
        arguments: Names that are code where they stand alone: the arguments of the loss.

    Returns:
        Markdown, with mathematics between `$` and between `$$`. "`a` if `c`, else `b`" becomes one formula
        with two cases.

    Raises:
        ValueError: If an expression can't be read.

    Example:

    >>> from kerasloss.inspection.formula import math_text
    >>> print(math_text("`x / 2` over `axis`, with `hard=True`.", ["axis"]))
    $\frac{x}{2}$ over `axis`, with `hard=True`.
    """
    return "\n\n".join(_block(block, arguments) for block in blocks(text))


def blocks(text: str) -> list[str]:
    """The paragraphs of a text and the items of its lists, each on one line.

    Args:
        text: A section of a docstring.

    Returns:
        The pieces, in order.
    """
    found = []
    for block in re.split(r"\n\s*\n", text.strip()):
        found += re.split(r"\n(?=- )", block) if block.startswith("- ") else [block]
    return [" ".join(block.split()) for block in found]


def _block(text: str, arguments: Collection[str]) -> str:
    indent = "  " if text.startswith("- ") else ""
    parts, place = [], 0
    for piece in _PIECE.finditer(text):
        parts.append(text[place : piece.start()])
        place = piece.end()
        found = _typeset(piece, arguments)
        long = piece.group(1) or len(piece.group()) > _LONG
        if long and found != piece.group():
            mark = re.match(r"[.,;:]?", text[place:]).group()
            place += len(mark)
            lines = ("", "", "$$", f"{found}{mark}", "$$", "", "")
            found = f"\n{indent}".join(lines)
        elif found != piece.group():
            found = f"${found}$"
        parts.append(found)
    lines = "".join([*parts, text[place:]]).split("\n")
    return "\n".join(indent * (line != "" and i > 0) + line.strip() for i, line in enumerate(lines)).strip()


def _typeset(piece: re.Match, arguments: Collection[str]) -> str:
    """The LaTeX of a piece, or the piece itself if it is code."""
    first, condition, second, single = piece.groups()
    if first is None:
        return piece.group() if is_code(single, arguments) else to_latex(single)
    first, condition, second = map(parse, (first, condition, second))
    defined = ""
    if isinstance(first, Binary) and first.operator == "=":
        defined, first = f"{latex(first.left)} = ", first.right
    rows = rf"{latex(first)} & \text{{if }} {latex(condition)} \\ {latex(second)} & \text{{else}}"
    rows = rows.replace(r"\frac", r"\dfrac")
    return rf"{defined}\begin{{cases}} {rows} \end{{cases}}"
