"""The numbers of the pictures: curves of losses, and where in a batch the loss is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from kerasloss.core import checks
from kerasloss.core.registry import get
from kerasloss.inspection.gradients import gradient as gradient_of
from kerasloss.inspection.gradients import values as values_of
from kerasloss.inspection.plotting.scene import trace
from kerasloss.inspection.plotting.scenes import scene_of


class Curve(NamedTuple):
    """The values of a loss along an axis."""

    name: str
    """The loss, or the argument that is different."""
    case: str
    """The label, `"y_true = 1"`, or what else the scene has several of."""
    x: np.ndarray
    """The numbers on the axis."""
    values: np.ndarray
    """The loss there."""
    gradients: np.ndarray
    """Its derivatives by x."""


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

    Use it for losses of single numbers; `curves` has the numbers of the picture of any loss.

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


def curves(losses: Any, y_true: float | None = None, x: Any = None) -> tuple[str, list[Curve]]:
    """The numbers that `plot` draws: values and gradients along the axis of the losses' scene.

    Args:
        losses: A loss, a sequence of losses, or a dict of names and losses, as for `plot`. A loss of several
            quantiles or expectiles has a curve for each.
        y_true: The label, where the scene has one to choose; None: what shows most.
        x: Other numbers on the axis; None: those of the first loss's scene.

    Returns:
        What is on the axis, and a `Curve` for each loss and each line of its scene.

    Raises:
        ValueError: If a loss has no scene, refuses it, or has another one than the first loss.

    Use it to draw with another library, or to test a loss of your own; not for a batch (`shares`).

    Example:

    >>> import kerasloss
    >>> from kerasloss.inspection.plot import curves
    >>> axis, found = curves(kerasloss.Brier(), x=[0.0, 0.5, 1.0])
    >>> print(axis)
    probability of the true class; the others share the rest
    >>> print(found[0].values, found[0].gradients)
    [1.5   0.375 0.   ] [-3.  -1.5  0. ]
    """
    if x is not None:
        x = np.asarray(x, "float32")
        if x.ndim != 1 or not len(x):
            checks.fail("curves", "`x` must be a sequence of numbers", f"shape {x.shape}")
    found: list[Curve] = []
    first = None
    for name, loss in _by_level(named(losses)).items():
        scene = scene_of(loss, y_true)
        first = first or scene
        if scene.label != first.label:
            checks.fail(
                "plot",
                "losses of one picture must have the same axis; draw them in different ones, or choose "
                f"arguments that agree (`from_logits`, `link`). The first has {first.label!r}",
                f"{name} with {scene.label!r}",
            )
        scene = scene._replace(x=first.x if x is None else x)
        for line in scene.lines:
            try:
                found.append(Curve(name, line.name, *trace(loss, scene, line)))
            except Exception as error:  # those of other losses are the backend's
                message = "the loss refuses what its kind takes ({}); give `plot` a batch of your own"
                checks.fail("plot", message.format(error), name)
    return first.label, _distinct(found)


def _distinct(found: list[Curve]) -> list[Curve]:
    """Curves without those that equal an earlier one of the same loss: only the label has another name."""
    kept: list[Curve] = []
    for one in found:
        same = (other for other in kept if other.name == one.name)
        if not any(
            np.allclose(one.values, o.values) and np.allclose(one.gradients, o.gradients) for o in same
        ):
            kept.append(one)
    return kept


def named(losses: Any) -> dict[str, Any]:
    """Losses by their names, of what `plot` and `curves` take."""
    if isinstance(losses, Mapping):
        return {name: get(loss) for name, loss in losses.items()}
    several = losses if isinstance(losses, (list, tuple)) else [losses]
    return {repr(loss): loss for loss in map(get, several)}


def _by_level(losses: dict[str, Any]) -> dict[str, Any]:
    """Losses with several levels as one for each."""
    found = {}
    for name, loss in losses.items():
        for argument in ("quantile", "expectile"):
            levels = getattr(loss, argument, None)
            if isinstance(levels, (list, tuple)):
                found.update({f"{argument}={level:g}": changed(loss, argument, level) for level in levels})
                break
        else:
            found[name] = loss
    return found


def changed(loss: Any, argument: str, value: Any) -> Any:
    """A copy of a loss with another value of one argument."""
    return type(loss).from_config({**loss.get_config(), argument: value})


class Shares(NamedTuple):
    """Where in a batch the loss is; see `shares`."""

    order: np.ndarray
    """The indices of the samples, the one with the largest value first."""
    values: np.ndarray
    """The values in this order."""
    share: np.ndarray
    """The share of the whole loss that this sample and those before it have, up to 1."""


def shares(loss: Any, y_true: Any, y_pred: Any) -> Shares:
    """Which samples of a batch the loss comes from.

    Args:
        loss: The loss, or what `kerasloss.get` finds it by.
        y_true: The labels of the batch.
        y_pred: The predictions for it. A sample with several values counts with their mean.

    Returns:
        `order`, `values` and `share`. If there are negative values (log-densities), the shares are those of
        what is above the smallest value.

    Raises:
        ValueError: If the loss has no value for each sample, or a value is not finite.

    Use it to find mislabelled samples and outliers, and to see whether few samples dominate; not for losses
    of whole batches.

    Example:

    >>> import kerasloss, numpy as np
    >>> from kerasloss.inspection.plot import shares
    >>> found = shares(kerasloss.MeanSquaredError(), np.zeros((4, 1)), np.array([[1.0], [0], [3], [1]]))
    >>> print(found.order, found.values, found.share.round(2))
    [2 0 3 1] [9. 1. 1. 0.] [0.82 0.91 1.   1.  ]
    """
    loss = get(loss)
    values = values_of(loss, y_true, y_pred)
    first = y_pred[0] if isinstance(y_pred, (list, tuple)) else y_pred
    if values.ndim == 0 or len(values) != len(first):
        name = type(loss).__name__
        checks.fail("shares", f"{name} must have a value for each sample", f"values of shape {values.shape}")
    values = values.reshape(len(values), -1).mean(axis=1)
    if not np.isfinite(values).all():
        where = np.flatnonzero(~np.isfinite(values))[:5].tolist()
        checks.fail("shares", "values must be finite (see `diagnose`)", f"others at the samples {where}")
    order = np.argsort(-values, kind="stable")
    values = values[order]
    above = values.astype("float64") - min(0.0, float(values.min(initial=0.0)))
    total = above.sum()
    even = np.arange(1, len(values) + 1) / max(len(values), 1)
    return Shares(order, values, np.cumsum(above) / total if total > 0 else even)
