"""The numbers of the curves, without matplotlib, and the picture where it is installed."""

import sys

import numpy as np
import pytest

import kerasloss as K
from kerasloss.inspection.plot import curve
from tests.backend import BACKEND, assert_close

ERRORS = [-2.0, -0.5, 0.0, 0.5, 2.0]


class Line:
    def get_color(self):
        return "green"


class Axes:
    """Stands for those of matplotlib and remembers what it is asked for."""

    def __init__(self):
        self.lines, self.calls = {}, []

    def plot(self, x, y, label, **style):
        self.lines[label] = np.asarray(x), np.asarray(y), style
        return [Line()]

    def __getattr__(self, name):
        return lambda *arguments: self.calls.append((name, *arguments))


@pytest.mark.parametrize(
    ("loss", "y_true", "values", "slopes"),
    [
        (K.MeanAbsoluteError(), 0, np.abs(ERRORS), np.sign(ERRORS)),
        (K.MeanSquaredError(scale=0.5), 0, np.square(ERRORS) / 2, ERRORS),
        (K.Huber(), 0, [1.5, 0.125, 0, 0.125, 1.5], [-1, -0.5, 0, 0.5, 1]),
        (K.SmoothL1(reduction="sum"), 0, [1.5, 0.125, 0, 0.125, 1.5], [-1, -0.5, 0, 0.5, 1]),
        (
            K.SoftMargin(),
            1,
            [2.1269280, 0.9740770, 0.6931472, 0.4740770, 0.1269280],
            -1 / (1 + np.exp(ERRORS)),
        ),
        (K.Hinge(), 1, [3, 1.5, 1, 0.5, 0], [-1, -1, -1, -1, 0]),
        (
            K.BinaryCrossentropy(from_logits=True),
            0,
            np.log1p(np.exp(ERRORS)),
            1 / (1 + np.exp(np.negative(ERRORS))),
        ),
        ("mse", 1, np.square(np.subtract(ERRORS, 1)), 2 * np.subtract(ERRORS, 1)),
    ],
    ids=str,
)
def test_curves(loss, y_true, values, slopes):
    ours = curve(loss, y_true, ERRORS)
    assert_close(ours[0], values)
    assert_close(ours[1], slopes, gradient=True)
    assert all(isinstance(x, np.ndarray) for x in ours)


def test_curve_leaves_the_loss_as_it_was():
    loss = K.Huber()
    curve(loss, 0, ERRORS)
    assert loss.reduction == "sum_over_batch_size"


def test_curves_of_other_losses_are_refused():
    with pytest.raises(ValueError, match=r"curve: .*Received: y_pred.shape=\(1, 2\)"):
        curve(K.Huber(), 0, [[1.0, 2.0]])
    for loss in (K.Dice(), K.SoftF1(), K.RootMeanSquaredError(axis=None)):
        with pytest.raises(ValueError, match="one value per sample"):
            curve(loss, 1, [0.1, 0.2])
    with pytest.raises(ValueError, match="SparseCategoricalCrossentropy"):
        curve(K.SparseCategoricalCrossentropy(), 1, [0.1, 0.2])


def test_lines():
    ax = Axes()
    assert K.plot([K.Huber(), K.MeanSquaredError(scale=0.5)], y_pred=ERRORS, ax=ax) is ax
    assert list(ax.lines) == [
        "Huber()", "Huber(), gradient", "MeanSquaredError(scale=0.5)", "MeanSquaredError(scale=0.5), gradient"
    ]  # fmt: skip
    assert_close(ax.lines["Huber()"][1], [1.5, 0.125, 0, 0.125, 1.5])
    x, y, style = ax.lines["Huber(), gradient"]
    assert_close(x, ERRORS)
    assert_close(y, [-1, -0.5, 0, 0.5, 1])
    assert style == {"linestyle": "--", "color": "green"}
    assert ("set_xlabel", "y_pred, where y_true is 0") in ax.calls and ("legend",) in ax.calls
    ax = K.plot({"small": K.Huber(0.5), "large": "huber"}, y_true=2, gradient=False, ax=Axes())
    assert list(ax.lines) == ["small", "large"]


@pytest.mark.parametrize(
    ("loss", "low", "high"),
    [
        (K.Huber(), -4, 6),
        (K.BinaryCrossentropy(), 0, 1),
        (K.BinaryCrossentropy(from_logits=True), -4, 6),
        (K.Poisson(), 0.05, 5),
        (K.Poisson(link="log"), -4, 6),
    ],
    ids=repr,
)
def test_the_range_fits_the_loss(loss, low, high):
    x, y, _ = K.plot(loss, y_true=1.0, ax=Axes()).lines[repr(loss)]
    assert_close(x[[0, -1]], [low, high])
    assert np.isfinite(y).all()


def test_the_name_is_the_function():
    import kerasloss.inspection.plot

    assert callable(kerasloss.plot) and callable(kerasloss.diagnose) and K.plot is kerasloss.plot


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"pip install kerasloss\[plot\]"):
        K.plot(K.Huber())


@pytest.mark.skipif(BACKEND != "jax", reason="the picture is the same on every backend")
def test_the_picture(tmp_path):
    matplotlib = pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    matplotlib.use("Agg")
    import matplotlib.pyplot

    ax = K.plot([K.Huber(), K.LogCosh()])
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert list(lines) == ["Huber()", "Huber(), gradient", "LogCosh()", "LogCosh(), gradient"]
    assert (
        lines["Huber()"].get_color()
        == lines["Huber(), gradient"].get_color()
        != lines["LogCosh()"].get_color()
    )
    assert_close(lines["Huber()"].get_ydata()[[0, 50, 100]], [4.5, 0.0, 4.5])
    assert ax.get_legend() is not None and ax.get_xlabel() and ax.get_ylabel()
    ax.figure.savefig(tmp_path / "losses.png")
    assert (tmp_path / "losses.png").stat().st_size > 5000
    assert K.plot(K.Hinge(), y_true=1, ax=ax) is ax and len(ax.get_lines()) == 6
    matplotlib.pyplot.close(ax.figure)
