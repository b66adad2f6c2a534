"""Computes the formula of a docstring with NumPy: the same tree from which the page is typeset."""

import inspect
import re

import numpy as np
import scipy.special

from kerasloss.inspection import docstring, formula
from kerasloss.inspection.formula import Bars, Binary, Call, Index, Name, Negative, Number

BINARY = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "": np.multiply,
    "/": np.divide,
    "**": np.power,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.equal,
}


def extreme(of_two, of_one):
    """`max(a, b)` of two arrays, `max(a)` over the last axis."""
    return lambda *x: of_two(*x) if len(x) == 2 else of_one(x[0], axis=-1, keepdims=True)


FUNCTIONS = {
    "sum": lambda x: np.sum(x, axis=-1, keepdims=True),
    "mean": lambda x: np.mean(x, axis=-1, keepdims=True),
    "max": extreme(np.maximum, np.max),
    "min": extreme(np.minimum, np.min),
    "norm": lambda x: np.linalg.norm(x, axis=-1, keepdims=True),
    "cumsum": lambda x: np.cumsum(x, axis=-1),
    "clip": np.clip,
    "log": np.log,
    "log1p": np.log1p,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "cos": np.cos,
    "tanh": np.tanh,
    "cosh": np.cosh,
    "erf": scipy.special.erf,
    "phi": lambda z: np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi),
    "I0": scipy.special.i0,
    "lgamma": scipy.special.gammaln,
    "softplus": lambda x: np.logaddexp(0, x),
    "sigmoid": scipy.special.expit,
    "stop_gradient": lambda x: x,
    "softmax": lambda x: scipy.special.softmax(x, axis=-1),
    "log_softmax": lambda x: scipy.special.log_softmax(x, axis=-1),
    "logsumexp": lambda x: scipy.special.logsumexp(x, axis=-1, keepdims=True),
    "S": scipy.special.log_expit,
    "s": scipy.special.expit,
}


class Formula:
    """The value that a Formula paragraph states, and the definitions around it."""

    def __init__(self, cls):
        doc = docstring.read(cls)
        text = " ".join(doc.formula.split())
        self.definitions, values = {}, []
        for piece in re.finditer(r"`([^`]+)` if `([^`]+)`,? else `([^`]+)`|`([^`]+)`", text):
            if piece.group(1):
                first, *others = (formula.parse(part) for part in piece.groups()[:3])
                if isinstance(first, Binary) and first.operator == "=":
                    self._define(first.left, (first.right, *others))
                else:
                    values.append((piece, (first, *others)))
                continue
            if formula.is_code(piece.group(4), doc.arguments):
                continue
            tree = formula.parse(piece.group(4))
            if isinstance(tree, Binary) and tree.operator == "=":
                self._define(tree.left, tree.right)
            else:
                values.append((piece, tree))
        first, self.tree = values[0]
        before = text[: first.start()].rstrip()
        over = re.search(r"\b(mean|sum)( over [\w ]+)? of$", before)
        self.over = over and over.group(1)

    def _define(self, left, right):
        match left:
            case Name(name) | Index(Name(name), _):
                self.definitions.setdefault(name, ((), right))
            case Call(Name(name), parameters, _):
                self.definitions.setdefault(name, ([p.text for p in parameters], right))

    def value(self, names):
        """The formula for the values of its variables, without its last axis."""
        with np.errstate(divide="ignore"):  # log(0) of a label
            value = self.evaluate(self.tree, names)
        value = FUNCTIONS[self.over](value) if self.over else value
        return value[..., 0]

    def evaluate(self, node, names):
        """The value of a tree."""
        match node:
            case Number(text):
                return float(text)
            case Name(text):
                return self.named(text, names)
            case Negative(operand):
                return -self.evaluate(operand, names)
            case Binary(operator, left, right):
                return BINARY[operator](self.evaluate(left, names), self.evaluate(right, names))
            case Call(Name("sum" | "mean" as over), (inner,), _):
                return FUNCTIONS[over](self.evaluate(inner, names))
            case Call(Name(text), arguments, _):
                return self.function(text, names)(*(self.evaluate(one, names) for one in arguments))
            case Index(base, (Name("c" | "k" | "j"),)):
                return self.evaluate(base, names)  # the last axis is that of the classes
            case Index(base, (Name("y"),)):  # the entry of the id
                return np.sum(names["one_hot"] * self.evaluate(base, names), axis=-1, keepdims=True)
            case (first, condition, second) if type(node) is tuple:
                parts = (self.evaluate(one, names) for one in (condition, first, second))
                return np.where(*parts)
            case Bars("|", inner):
                return np.abs(self.evaluate(inner, names))
        raise NotImplementedError(formula.latex(node))

    def named(self, text, names):
        """A variable: given, defined in the paragraph, or a constant."""
        if text in names:
            return names[text]
        if text in self.definitions:
            return self.evaluate(self.definitions[text][1], names)
        if text == "pi":
            return np.pi
        raise KeyError(text)

    def function(self, text, names):
        """A function: defined in the paragraph, or a known one."""
        base, _, index = text.partition("_")
        if index and base in ("log", "exp") and f"{base}_t" in self.definitions:
            names, text = {**names, "t": names[index]}, f"{base}_t"
        if text in self.definitions and self.definitions[text][0]:
            parameters, body = self.definitions[text]
            return lambda *x: self.evaluate(body, {**names, **dict(zip(parameters, x, strict=True))})
        return FUNCTIONS[text]


def arguments(loss):
    """The arguments of a loss, as variables."""
    found = {name: getattr(loss, name) for name in inspect.signature(type(loss)).parameters}
    return {name: np.asarray(x) if isinstance(x, (list, tuple)) else x for name, x in found.items()}
