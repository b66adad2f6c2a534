"""The notation of the Formula paragraphs: what it reads, and how it is typeset."""

import re

import pytest

from kerasloss.core.registry import LOSSES
from kerasloss.inspection import docstring, formula
from kerasloss.inspection.formula import Binary, Call, Name, Negative, Number

ALL = [(name, doc) for name, doc in ((name, docstring.read(cls)) for name, cls in LOSSES.items())]
each_loss = pytest.mark.parametrize(("name", "doc"), ALL, ids=[name for name, _ in ALL])

TYPESET = {
    "e ** 2 / 2": r"\frac{e^{2}}{2}",
    "2 cov / n": r"\frac{2 \, \mathrm{cov}}{n}",
    "2 * 3": r"2 \cdot 3",
    "w u ** 2": r"w \, u^{2}",
    "a - (b - c)": r"a - \left(b - c\right)",
    "(a - b) - c": r"a - b - c",
    "a * (b + c)": r"a \, \left(b + c\right)",
    "a * -b": r"a \, \left(-b\right)",
    "-a * b": r"-a \, b",
    "-x ** 2": "-x^{2}",
    "(-x) ** 2": r"\left(-x\right)^{2}",
    "(a / b) ** 2": r"\left(\frac{a}{b}\right)^{2}",
    "2 ** -k": "2^{-k}",
    "a ** b ** c": "a^{b^{c}}",
    "A |e| - C": r"A \, \left|e\right| - C",
    "||a[i] - b[j]|| ** p": r"\left\|a_{i} - b_{j}\right\|^{p}",
    "KL(p' || q')": r"\operatorname{KL}\left(p'\,\|\, q'\right)",
    "N(y; m_i, s_i)": r"N\left(y;\, m_{i},\, s_{i}\right)",
    "m (m - 1)": r"m \, \left(m - 1\right)",
    "m(x)": r"m\left(x\right)",
    "(x - m) (x - m)'": r"\left(x - m\right) \, \left(x - m\right)'",
    "y[c] * f[c]": r"y_{c} \, f_{c}",
    "T[i][j]": "T_{i,j}",
    "J[k - 1]": "J_{k - 1}",
    "y_pred[t]": r"y_{\mathrm{pred}, t}",
    "s_y + x0": "s_{y} + x_{0}",
    "gamma_pos * var_true": r"\gamma_{\mathrm{pos}} \, \mathrm{var}_{\mathrm{true}}",
    "label_smoothing": r"\mathrm{label\_smoothing}",
    "log_zero": r"\mathrm{log\_zero}",
    "log_t1(x)": r"\log_{t_{1}}\left(x\right)",
    "sqrt(mean(e ** 2))": r"\sqrt{\operatorname{mean}\left(e^{2}\right)}",
    "sum(y * p)": r"\sum y \, p",
    "sum(y - p)": r"\sum \left(y - p\right)",
    "sum(p) * y": r"\left(\sum p\right) \, y",
    "sum(d) ** 2": r"\left(\sum d\right)^{2}",
    "sum_i x_i / m - y": r"\sum_{i} \frac{x_{i}}{m} - y",
    "mean_u(h(s))": r"\operatorname{mean}_{u}\left(h\left(s\right)\right)",
    "floor(x)": r"\left\lfloor x\right\rfloor",
    "lgamma(y + 1)": r"\log\Gamma\left(y + 1\right)",
    "log(2 pi I0(c))": r"\log\left(2 \, \pi \, I_{0}\left(c\right)\right)",
    "F(x) - 1{x >= y}": r"F\left(x\right) - 1  \left\{x \ge y\right\}",
    "max(smooth, 1e-7)": r"\max\left(\mathrm{smooth},\, 10^{-7}\right)",
    "k <= min(y, K - 2)": r"k \le \min\left(y,\, K - 2\right)",
    "alpha = 1 - delta, beta = delta": r"\alpha = 1 - \delta,\; \beta = \delta",
    "F' F / (c * h)": r"\frac{F' \, F}{c \, h}",
    "hidden @ kernel": r"\mathrm{hidden} \, \mathrm{kernel}",
    "lambd": r"\lambda",
}


@pytest.mark.parametrize("expression", TYPESET)
def test_typeset(expression):
    assert formula.to_latex(expression) == TYPESET[expression]


def test_the_tree():
    assert formula.parse("-f(x) y / 2") == Negative(
        Binary("/", Binary("", Call(Name("f"), (Name("x"),), ()), Name("y")), Number("2"))
    )


@pytest.mark.parametrize(
    "expression", ["", "a +", "a b)", "(a", "|a", "a ? b", "f(a,)", "x . y", "g[:k]", "* a"]
)
def test_what_is_no_formula_is_refused(expression):
    with pytest.raises(ValueError, match="parse: a formula was expected. Received: "):
        formula.parse(expression)


@each_loss
def test_every_formula_is_typeset(name, doc):
    text = formula.math_text(doc.formula, doc.arguments)
    for expression in formula.expressions(doc.formula, doc.arguments):
        assert formula.to_latex(expression)
    left = re.findall(r"`([^`]+)`", text)
    assert all(formula.is_code(code, doc.arguments) for code in left), left
    assert text.count("$") % 2 == 0


@each_loss
def test_no_word_of_prose_is_taken_for_a_variable(name, doc):
    """Prose stands outside of the backticks: two words side by side would be a product."""
    for expression in formula.expressions(doc.formula, doc.arguments):
        assert not re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}(?![\w(])", expression), expression


@each_loss
def test_a_power_has_spaces_around_its_sign(name, doc):
    for expression in formula.expressions(doc.formula, doc.arguments):
        assert not re.search(r"\S\*\*|\*\*\S", expression), expression


def test_a_paragraph():
    text = "with `z = e / s`, the mean of `a * z ** 2 / 2 + b * z ** 4` over `axis`; see `kerasloss.Huber`."
    assert formula.math_text(text, ["axis"]) == (
        "with $z = \\frac{e}{s}$, the mean of\n\n$$\n\\frac{a \\, z^{2}}{2} + b \\, z^{4}\n$$\n\n"
        "over `axis`; see `kerasloss.Huber`."
    )


def test_two_cases():
    assert formula.math_text("`h(u) = u / 2` if `u > 0`, else `-u`.") == (
        "$$\nh\\left(u\\right) = \\begin{cases} \\dfrac{u}{2} & \\text{if } u > 0 \\\\ -u & \\text{else} "
        "\\end{cases}.\n$$"
    )


def test_a_list_stays_a_list():
    text = 'with `a`:\n\n- `"x"`: `a ** 2`.\n- `"y"`: `a`\n  and more.'
    assert formula.math_text(text) == 'with $a$:\n\n- `"x"`: $a^{2}$.\n\n- `"y"`: $a$ and more.'


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        ('"mse"', True),
        ("hard=True", True),
        ("Dice", True),
        ("kerasloss.Dice", True),
        ("axis", True),
        ("e = 0", False),
    ],
)
def test_code(piece, code):
    assert formula.is_code(piece, ["axis"]) is code
