"""Pictures of losses: what an error costs and how hard it pulls, and where in a batch the loss is."""

import inspect
import textwrap
from typing import Any

import numpy as np

from kerasloss.core import checks
from kerasloss.core.registry import get
from kerasloss.inspection.plotting.curves import Curve, changed, curve, curves, named, shares
from kerasloss.inspection.plotting.examples import VARIATIONS, example

__all__ = ["curve", "curves", "picture", "plot", "shares"]

SIZE = 6.4, 4.0
"""Width and height of a new picture in inches: 640 x 400 at 100 dots per inch."""


def plot(losses: Any, y_true: Any = None, y_pred: Any = None, gradient: bool = True, ax: Any = None) -> Any:
    """Draws losses over the prediction, or, given a batch, which of its samples the loss comes from.

    Needs matplotlib: `pip install kerasloss[plot]`. `curves` and `shares` of `kerasloss.inspection.plot` give
    the numbers without it.

    Args:
        losses: A loss, a sequence of losses, or a dict of names and losses; each may be what `kerasloss.get`
            finds it by. What is on the axis depends on the kind: the prediction of numbers, labels and
            scores, the probability or logit of the true class, the first parameter of a distribution, the
            shift of a mask or of points, the distance or angle of embeddings, the lead of a text, ... Losses
            of one picture must have the same axis. One of several quantiles has a curve for each.
        y_true: The label of all predictions, where there is one to choose (a number, 0 or 1, a class id);
            None: what shows most. Or the labels of a batch, with its predictions as `y_pred`.
        y_pred: Other numbers on the axis, a sequence; None: a range that fits the loss. Or the predictions of
            a batch.
        gradient: Whether the derivative along the axis is drawn too, dashed, on an axis of its own.
        ax: The matplotlib axes to draw in; None: new ones. In a figure with `layout="constrained"` there is
            room for the legend, which stands below.

    Returns:
        The axes. What lies far beyond the rest is cut off; the label of the axis then says where it goes.

    Raises:
        ImportError: If matplotlib is not installed.
        ValueError: If losses of this kind have no picture, losses have different axes, or a loss has no
            value for each sample of the batch.

    Use it to choose between losses and their arguments, and to find the samples that dominate; not to
    compare values of different losses, whose scales differ.

    Example:

    >>> import kerasloss
    >>> ax = kerasloss.plot([kerasloss.Huber(), kerasloss.LogCosh()])  # doctest: +SKIP
    >>> ax.figure.savefig("losses.png")  # doctest: +SKIP
    >>> ax = kerasloss.plot(loss, y_true=y_val, y_pred=model.predict(x_val))  # doctest: +SKIP
    """
    if len(getattr(y_true, "shape", np.shape(y_true))):
        if y_pred is None:
            checks.fail("plot", "a batch of `y_true` needs the predictions `y_pred`", "y_pred=None")
        found = {name: shares(loss, y_true, y_pred) for name, loss in named(losses).items()}
        return _draw_shares(found, ax or _new_axes())
    label, lines = curves(losses, y_true, y_pred)
    return _draw_curves(label, lines, gradient, ax or _new_axes())


def picture(loss: Any, ax: Any = None) -> Any:
    """The picture of one loss, as in its documentation: value and gradient, for a few values of an argument.

    Args:
        loss: The loss, its class or its name. A class, or a name, gets example arguments where it needs some.
        ax: The matplotlib axes to draw in; None: new ones, of 640 x 400 pixels.

    Returns:
        The axes.

    Raises:
        ImportError: If matplotlib is not installed.
        ValueError: If losses of this kind have no picture.

    Use it to see what a loss does; `plot` compares losses and takes a label, a range or a batch.

    Example:

    >>> import kerasloss
    >>> from kerasloss.inspection.plot import picture
    >>> picture(kerasloss.Huber()).figure.savefig("huber.png")  # doctest: +SKIP
    """
    loss = example(loss) if inspect.isclass(loss) or isinstance(loss, str) else get(loss)
    label, lines = curves(_variants(loss))
    if len({line.name for line in lines}) > 1:  # one line for each is enough
        lines = list({line.name: line for line in reversed(lines)}.values())[::-1]
    ax = _draw_curves(label, lines, True, ax or _new_axes())
    title = repr(loss).removesuffix("()")
    readable = len(title) < 70 and " at 0x" not in title  # no functions
    ax.set_title(title if readable else type(loss).__name__)
    return ax


def _variants(loss: Any) -> dict[str, Any]:
    """A loss with a few values of its most telling argument, if that has its default."""
    argument, values = VARIATIONS.get(type(loss).__name__, (None, ()))
    if (
        argument is None
        or getattr(loss, argument) != inspect.signature(type(loss)).parameters[argument].default
    ):
        return {repr(loss): loss}
    return {f"{argument}={value!r}": changed(loss, argument, value) for value in values}


def _draw_curves(label: str, lines: list[Curve], gradient: bool, ax: Any) -> Any:
    """Values as lines, gradients dashed in their colour on the axis at the right."""
    several_names = len({line.name for line in lines}) > 1
    several_cases = len({line.case for line in lines}) > 1
    right = _right_axis(ax) if gradient else None
    for line in lines:
        parts = [line.name] * (several_names or not several_cases) + [line.case] * several_cases
        (drawn,) = ax.plot(line.x, line.values, label=", ".join(parts))
        if gradient:
            right.plot(line.x, line.gradients, linestyle="--", linewidth=1, color=drawn.get_color())
    if not several_cases and lines[0].case:
        label = f"{label}, where {lines[0].case}"
    ax.set_xlabel(textwrap.fill(label, 80))
    _limit(ax, "loss")
    if gradient:
        _limit(right, "gradient (dashed)")
    if len(ax.get_lines()) > 1:
        _legend_below(ax)
    return ax


def _limit(ax: Any, label: str) -> None:
    """Cuts off what lies far beyond the rest, and says so."""
    values = np.concatenate([line.get_ydata() for line in ax.get_lines()])
    least, most = values.min(), values.max()
    low, high = np.quantile(values, (0.05, 0.95))
    spread, beyond = high - low, []
    if least < low - spread < low:
        beyond, least = [f"down to {least:.3g}"], low - spread / 2
    if most > high + spread > high:
        beyond, most = [*beyond, f"up to {most:.3g}"], high + spread / 2
    margin = 0.05 * (most - least)
    if margin > 0:
        ax.set_ylim(least - margin, most + margin)
    ax.set_ylabel("\n".join([label, *([", ".join(beyond)] if beyond else [])]))


def _right_axis(ax: Any) -> Any:
    """The axis of the gradients, which an earlier call may have made."""
    for other in ax.get_shared_x_axes().get_siblings(ax):
        if other is not ax and other.get_position().bounds == ax.get_position().bounds:
            return other
    return ax.twinx()


def _legend_below(ax: Any) -> None:
    """A legend under the axis, where no line is."""
    longest = max(len(line.get_label()) for line in ax.get_lines())
    columns = max(1, min(4, 80 // (longest + 8)))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=columns, frameon=False, fontsize="small")


def _draw_shares(found: dict[str, Any], ax: Any) -> Any:
    """The share of the loss over the share of the samples, the largest values first."""
    for name, of_batch in found.items():
        samples = np.linspace(0, 100, len(of_batch.share) + 1)
        worst = ", ".join(map(str, of_batch.order[:5]))
        ax.plot(samples, 100 * np.concatenate([[0], of_batch.share]), label=f"{name}, most at {worst}")
    ax.plot([0, 100], [0, 100], color="gray", linestyle=":", label="all samples alike")
    if len(found) == 1:
        # Below the diagonal there is never a line.
        rows = zip(of_batch.order[:5], of_batch.values, strict=False)
        text = "largest values\n" + "\n".join(f"sample {index}: {value:.4g}" for index, value in rows)
        ax.text(0.97, 0.04, text, ha="right", va="bottom", fontsize="small", transform=ax.transAxes)
    ax.set_xlabel("share of the samples in %, those with the largest values first")
    ax.set_ylabel("share of the loss in %")
    _legend_below(ax)
    return ax


def _new_axes() -> Any:
    try:
        import matplotlib.pyplot
    except ImportError as error:
        raise ImportError("plot: matplotlib is needed to draw: `pip install kerasloss[plot]`.") from error
    return matplotlib.pyplot.subplots(figsize=SIZE, layout="constrained")[1]
