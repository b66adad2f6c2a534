"""Curves of losses over predictions: what an error costs, and how hard it pulls."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasloss.core import checks
from kerasloss.core.registry import get
from kerasloss.inspection import catalogue
from kerasloss.inspection.gradients import gradient as gradient_of
from kerasloss.inspection.gradients import values as values_of


def curve(loss: Any, y_true: float, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    """The values and gradients of a loss for one label and many predictions, each a sample of its own.

    Args:
        loss: A loss of numbers, yes/no labels or scores, or what `kerasloss.get` finds it by.
        y_true: The label.
        y_pred: The predictions, a sequence of numbers.

    Returns:
        Two arrays of the length of `y_pred`. The gradients are computed by the backend, not by finite
        differences.

    Raises:
        ValueError: If `y_pred` is not a sequence of numbers, or the loss has no value per sample.

    Example:

    >>> import kerasloss
    >>> from kerasloss.inspection.plot import curve
    >>> values, gradients = curve(kerasloss.Huber(), 0.0, [-2.0, -0.5, 0.0, 0.5, 2.0])
    >>> print(values, gradients)
    [1.5   0.125 0.    0.125 1.5  ] [-1.  -0.5  0.   0.5  1. ]
    """
    loss = get(loss)
    y_pred = np.asarray(y_pred, "float32")
    if y_pred.ndim != 1:
        checks.fail("curve", "`y_pred` must be a sequence of numbers", f"y_pred.shape={y_pred.shape}")
    y_pred = y_pred[:, None]
    labels = np.full(y_pred.shape, y_true, "float32")
    values = values_of(loss, labels, y_pred)
    if values.shape != y_pred.shape[:1]:
        name = type(loss).__name__
        checks.fail("curve", f"{name} must have one value per sample", f"values of shape {values.shape}")
    return values, gradient_of(loss, labels, y_pred)[:, 0]


def plot(losses: Any, y_true: float = 0.0, y_pred: Any = None, gradient: bool = True, ax: Any = None) -> Any:
    """Draws losses over the prediction for one label: values as lines, gradients dashed in their colour.

    Needs matplotlib: `pip install kerasloss[plot]`. `kerasloss.inspection.plot.curve` gives the numbers
    without it.

    Args:
        losses: A loss, a sequence of losses, or a dict of names and losses. Losses of numbers, yes/no labels
            or scores; each may be what `kerasloss.get` finds it by.
        y_true: The label that all predictions have.
        y_pred: The predictions, a sequence of numbers. None: from `y_true - 5` to `y_true + 5`; from 0 to 1
            if the first loss expects probabilities, up to 5 if it expects positive numbers.
        gradient: Whether the derivative by the prediction is drawn too.
        ax: The matplotlib axes to draw in; None: new ones.

    Returns:
        The axes.

    Raises:
        ImportError: If matplotlib is not installed.
        ValueError: If a loss has no value per sample, such as those of classes and of batches.

    Use it to choose between losses and their arguments; not for losses of whole vectors.

    Example:

    >>> import kerasloss
    >>> ax = kerasloss.plot([kerasloss.Huber(), kerasloss.LogCosh()])  # doctest: +SKIP
    >>> ax.figure.savefig("losses.png")  # doctest: +SKIP
    """
    if not isinstance(losses, Mapping):
        several = losses if isinstance(losses, (list, tuple)) else [losses]
        losses = {repr(loss): loss for loss in map(get, several)}
    losses = {name: get(loss) for name, loss in losses.items()}
    if y_pred is None:
        y_pred = _range(next(iter(losses.values())), y_true)
    curves = {name: curve(loss, y_true, y_pred) for name, loss in losses.items()}
    if ax is None:
        ax = _new_axes()
    for name, (values, gradients) in curves.items():
        (line,) = ax.plot(y_pred, values, label=name)
        if gradient:
            ax.plot(y_pred, gradients, label=f"{name}, gradient", linestyle="--", color=line.get_color())
    ax.set_xlabel(f"y_pred, where y_true is {y_true:g}")
    ax.set_ylabel("loss")
    ax.legend()
    return ax


def _range(loss: Any, y_true: float) -> np.ndarray:
    """Predictions in the range that the loss expects."""
    options = {name: getattr(loss, name) for name in ("from_logits", "link") if hasattr(loss, name)}
    _, activation = catalogue.expectation(type(loss), options)
    if activation in ("sigmoid", "softmax", "softmax or sigmoid"):
        return np.linspace(0, 1, 101)
    if activation == "positive":
        return np.linspace(0, 5, 101)[1:]
    return np.linspace(y_true - 5, y_true + 5, 101)


def _new_axes() -> Any:
    try:
        import matplotlib.pyplot
    except ImportError as error:
        raise ImportError("plot: matplotlib is needed to draw: `pip install kerasloss[plot]`.") from error
    return matplotlib.pyplot.subplots()[1]
