"""Finding the mistakes that people make with losses: `diagnose` looks at one batch and says what is wrong."""

import inspect
from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
import numpy as np

from kerasloss.core.labels import as_tuple
from kerasloss.core.registry import get
from kerasloss.inspection import catalogue, gradients
from kerasloss.inspection.gradients import as_numpy

SUM_TOLERANCE = 0.02
"""How far from 1 the sum of probabilities may be: half precision rounds each of them."""
ENOUGH = 8
"""The least number of entries, or rows, that are not alike by chance."""
RANGES = {
    "sigmoid": (0, 1),
    "softmax": (0, 1),
    "tanh": (-1, 1),
    "relu": (0, np.inf),
    "softplus": (0, np.inf),
    "exponential": (0, np.inf),
    "linear": (-np.inf, np.inf),
}
"""What the activation of a last layer can reach."""
TRANSPARENT = (keras.layers.Reshape, keras.layers.Flatten, keras.layers.Permute, keras.layers.Dropout)


class Finding(NamedTuple):
    """A mistake that `diagnose` found; `str(finding)` is the whole sentence."""

    check: str
    """What was wrong: `"shapes"`, `"labels"`, `"predictions"`, `"activation"`, `"inputs"`, `"not finite"`,
    `"value"` or `"gradient"`."""
    seen: str
    """What was seen, and where."""
    advice: str
    """What to do about it."""

    def __str__(self) -> str:
        return f"{self.check}: {self.seen} {self.advice}"


def diagnose(
    loss: Any, y_true: Any, y_pred: Any = None, model: keras.Model | None = None, x: Any = None
) -> list[Finding]:
    """Looks at a batch of labels and predictions, and says what is wrong with them for a loss.

    Found are shapes that don't fit; class ids out of range and other labels that the loss can't take, and
    where they are; logits where probabilities are expected, and the reverse; a last layer that doesn't fit;
    NaN and infinity; a loss that is NaN; a gradient that is 0 everywhere.

    Args:
        loss: The loss, or what `kerasloss.get` finds it by.
        y_true: The labels of a batch, as `fit` gets them.
        y_pred: The predictions for it; None: `model(x)`.
        model: The model, to look at its last layer.
        x: The inputs of the batch, to see whether a loss with `shift=False` gets them as its labels.

    Returns:
        A list of `Finding`, each with what was seen and what to do; empty if nothing was found.

    Raises:
        ValueError: If there is no such loss, or neither `y_pred` nor `model` and `x`.

    Use it on one batch before training, or where a loss stays put or is NaN; not in a training step: it is
    eager. A finding is a strong hint, not a proof: all logits of a batch may lie in [0, 1].

    Example:

    >>> import kerasloss, numpy as np
    >>> labels, logits = np.array([0, 3]), np.array([[2.0, -1.0, 0.5], [0.0, 1.0, 3.0]])
    >>> for finding in kerasloss.diagnose("sparse_categorical_crossentropy", labels, logits):
    ...     print(finding.seen)
    `y_pred` goes from -1 to 3, but SparseCategoricalCrossentropy expects probabilities.
    `y_true` has 3 at (1,); ids go from 0 to 2.
    The loss is NaN at (0,), (1,).
    """
    loss = get(loss)
    if y_pred is None:
        if model is None or x is None:
            raise ValueError("diagnose: give `y_pred`, or `model` and `x`. Received: y_pred=None")
        y_pred = model(x)
    several = isinstance(y_pred, (list, tuple)) and hasattr(y_pred[0], "shape")  # outputs, the finest first
    labels, predictions = as_numpy(y_true), as_numpy(y_pred[0] if several else y_pred)
    leaves, missing = _leaves(loss)
    findings: list[Finding] = []
    if not missing:
        findings += _not_finite("y_true", labels, "Leave missing targets out with `Masked`.")
    findings += _not_finite("y_pred", predictions, "Look at the inputs and the learning rate.")
    try:
        values = gradients.values(loss, y_true, y_pred)
    except Exception as error:  # those of other losses are the backend's
        return [*findings, Finding("shapes", f"The loss refuses the batch. {error}.", "Mend the shapes.")]
    numbers = [value for value in missing if value is not None]
    labels = np.where(np.isin(labels, numbers), np.nan, labels) if numbers else labels
    for leaf in leaves:
        batch = _Batch(leaf, labels, predictions)
        for check in (_predictions, _class_labels, _yes_no_labels, _score_labels):
            findings += check(batch)
        findings += _last_layer(batch, model)
        findings += _inputs(batch, x)
    findings += _values(values)
    if not several and np.isfinite(values).all() and (values > 0).any():
        findings += _gradient(loss, y_true, predictions)
    return findings


class _Batch:
    """A batch for one loss that wraps no other, and what this loss expects."""

    def __init__(self, loss: Any, y_true: np.ndarray, y_pred: np.ndarray) -> None:
        self.loss, self.y_true, self.y_pred = loss, y_true, y_pred
        self.name = type(loss).__name__
        names = ("from_logits", "link", "multilabel", "base")
        options = {name: getattr(loss, name) for name in names if hasattr(loss, name)}
        self.kind, self.activation = catalogue.expectation(type(loss), options)
        # What it would expect with `from_logits=False`.
        _, self.probabilities = catalogue.expectation(type(loss), {**options, "from_logits": False})
        axis = getattr(loss, "class_axis", getattr(loss, "axis", -1))
        self.axis = axis if isinstance(axis, int) else -1
        if self.probabilities == "softmax or sigmoid":
            self.probabilities = "sigmoid" if y_pred.shape[self.axis] == 1 else "softmax"
            self.activation = "linear" if self.activation == "linear" else self.probabilities
        raw = getattr(loss, "from_logits", False) or self.kind in ("class", "binary", "margin", "sequence")
        self.takes_logits = raw and self.activation == "linear"
        ignored = np.isin(y_true, as_tuple(getattr(loss, "ignore_class", None)))
        self.asked = ~(ignored | np.isnan(y_true)) if y_true.dtype.kind == "f" else ~ignored
        """True where a label counts; NaN is found elsewhere."""

    def or_set(self, option: str, value: Any) -> str:
        """The end of an advice: the other way out, if the loss has that argument."""
        has_option = option in inspect.signature(type(self.loss)).parameters
        return f", or set `{option}={value!r}`." if has_option else "."


# Predictions ---------------------------------------------------------------------------------------


def _predictions(batch: _Batch) -> Iterator[Finding]:
    """Logits for probabilities, and probabilities for logits."""
    p, expected = np.where(np.isfinite(batch.y_pred), batch.y_pred, 0.5).astype("float64"), batch.activation
    inside = p.size and p.min() >= -1e-5 and p.max() <= 1 + 1e-5
    normal = p.ndim and np.all(np.abs(p.sum(batch.axis) - 1) < SUM_TOLERANCE)
    if expected in ("sigmoid", "softmax") and not inside:
        seen = f"`y_pred` goes from {p.min():.4g} to {p.max():.4g}, but {batch.name} expects probabilities."
        advice = f"End the model with a {expected}{batch.or_set('from_logits', True)}"
        yield Finding("predictions", seen, advice)
    elif expected == "softmax" and not normal:
        seen = f"The probabilities in `y_pred` don't sum to 1, as {batch.name} expects."
        yield Finding("predictions", seen, f"End the model with a softmax{batch.or_set('from_logits', True)}")
    elif expected == "log_softmax" and not np.allclose(np.exp(p).sum(batch.axis), 1, atol=SUM_TOLERANCE):
        seen = f"`y_pred` does not hold log-probabilities, which {batch.name} expects."
        yield Finding("predictions", seen, "For logits use `CategoricalCrossentropy(from_logits=True)`.")
    elif batch.takes_logits and inside:
        if batch.probabilities == "softmax" or batch.kind in ("class", "sequence"):
            alike = normal and p.shape[batch.axis] > 1
        else:
            alike = batch.probabilities == "sigmoid" and p.size >= ENOUGH
        if alike:
            seen = f"All of `y_pred` looks like probabilities, but {batch.name} expects raw scores (logits)."
            advice = f"Remove the last activation{batch.or_set('from_logits', False)}"
            yield Finding("predictions", seen, advice)


def _last_layer(batch: _Batch, model: Any) -> Iterator[Finding]:
    """The last activation against what the loss expects, and against the range of the targets."""
    last, expected = _last_activation(model), batch.activation
    seen = f"The model ends with {last}, but {batch.name} expects"
    low, high = RANGES.get(last, (-np.inf, np.inf))
    y = batch.y_true[batch.asked]
    if last is None:
        return
    if last == "softmax" and batch.y_pred.shape[-1] == 1:
        yield Finding("activation", "The softmax of one unit, the last layer, is always 1.", "Use a sigmoid.")
    elif expected in ("softmax", "sigmoid") and last != expected:
        advice = f"End the model with a {expected}{batch.or_set('from_logits', True)}"
        yield Finding("activation", f"{seen} a {expected}.", advice)
    elif batch.takes_logits and last in ("softmax", "sigmoid"):
        advice = f"Remove the last activation{batch.or_set('from_logits', False)}"
        yield Finding("activation", f"{seen} raw scores (logits).", advice)
    elif expected == "log_softmax" and last != expected:
        advice = "Or use `CategoricalCrossentropy(from_logits=True)`."
        yield Finding("activation", f"{seen} log_softmax.", advice)
    elif expected == "positive" and low < 0:
        advice = f"End the model with softplus or exponential{batch.or_set('link', 'log')}"
        yield Finding("activation", f"{seen} positive numbers.", advice)
    elif batch.kind == "element" and y.size and (y.min() < low or y.max() > high):
        seen = f"`y_true` goes from {y.min():.4g} to {y.max():.4g}, out of reach of the last layer's {last}."
        yield Finding("activation", seen, "Remove the last activation, or scale the targets.")


def _last_activation(model: Any) -> str | None:
    """The name of the last activation of a model with one output; None if it can't be told."""
    if isinstance(model, keras.Sequential):
        layers = [layer for layer in model.layers if not isinstance(layer, TRANSPARENT)]
    else:
        names = getattr(model, "output_names", ())
        layers = [model.get_layer(names[0])] if len(names) == 1 else []
    if layers and isinstance(layers[-1], keras.Model):
        return _last_activation(layers[-1])
    if layers and isinstance(layers[-1], keras.layers.Softmax):
        return "softmax"
    return getattr(getattr(layers[-1], "activation", None), "__name__", None) if layers else None


# Labels --------------------------------------------------------------------------------------------


def _class_labels(batch: _Batch) -> Iterator[Finding]:
    """Class ids, or one-hot and soft labels."""
    if batch.kind != "class" and (batch.kind, batch.probabilities) != ("region", "softmax"):
        return
    y, count = batch.y_true, batch.y_pred.shape[batch.axis]
    if y.shape == batch.y_pred.shape:
        wrong = (np.abs(y.sum(batch.axis) - 1) > SUM_TOLERANCE) | (y < 0).any(batch.axis)
        if wrong.any():
            seen = f"The labels of one position are not probabilities that sum to 1, {_where(wrong)}."
            yield Finding("labels", seen, "For labels that can hold together use `BinaryCrossentropy`.")
        return
    fraction = batch.asked & (y != np.floor(y))
    outside = batch.asked & ~fraction & ((y < 0) | (y >= count))
    if fraction.any():
        seen = f"Class ids are integers, but `y_true` has {_some(y[fraction])} {_where(fraction)}."
        yield Finding("labels", seen, "Give ids, or one label for each class.")
    if outside.any():
        seen = f"`y_true` has {_some(y[outside])} {_where(outside)}; ids go from 0 to {count - 1}."
        if y[batch.asked].min() >= 1 and y[batch.asked].max() == count:
            advice = "They seem to start at 1: subtract 1."
        elif np.ptp(y[outside]) == 0:
            advice = f"If it stands for unknown, set `ignore_class={int(y[outside][0])}`."
        else:
            advice = "Give the last layer one unit for each class."
        yield Finding("labels", seen, advice)


def _yes_no_labels(batch: _Batch) -> Iterator[Finding]:
    """Labels in [0, 1] that can hold together."""
    y = batch.y_true
    numbers = y.dtype.kind == "f" and getattr(batch.loss, "labels_are_numbers", False)
    of_pairs = hasattr(batch.loss, "similar_label")
    yes_no = batch.kind == "binary" or (batch.kind, batch.probabilities) == ("region", "sigmoid")
    if not of_pairs and (not yes_no or numbers or (batch.name == "SoftF1" and y.shape != batch.y_pred.shape)):
        return
    outside = batch.asked & ((y < 0) | (y > 1))
    if outside.any():
        seen = f"{batch.name} takes labels in [0, 1]; `y_true` has {_some(y[outside])} {_where(outside)}."
        values = np.unique(y[batch.asked])
        if np.isin(values, (-1, 1)).all():
            advice = "Turn -1 and 1 into 0 and 1, or use a loss of scores, such as `SoftMargin` or `Hinge`."
        elif np.isin(values, (0, 1, 255)).all():
            advice = "Divide a mask by 255; if 255 stands for unknown, set `ignore_class=255`."
        else:
            advice = "For class ids use `SparseCategoricalCrossentropy`, with one unit for each class."
        yield Finding("labels", seen, advice)
    elif y.ndim == 2 and len(y) >= ENOUGH and y.shape[1] > 2 and np.isin(y, (0, 1)).all():
        if (y.sum(axis=-1) != 1).any():
            return
        seen = f"Every row of `y_true` is one-hot, but {batch.name} is for labels that can hold together."
        yield Finding("labels", seen, "For classes that exclude each other use `CategoricalCrossentropy`.")


def _score_labels(batch: _Batch) -> Iterator[Finding]:
    """Labels -1 and 1, or 0 and 1, of scores."""
    if batch.kind != "margin":
        return
    y, form = batch.y_true[batch.asked], getattr(batch.loss, "label_format", "auto")
    zero_one = (y >= 0) & (y <= 1) if form == "binary" else np.isin(y, (0, 1))
    signed = form == "signed" or (form == "auto" and (y < 0).any())
    wrong = ~(np.isin(y, (-1, 1)) if signed else zero_one)
    if wrong.any():
        expected, other = ("-1 and 1", "binary") if signed else ("0 and 1", "signed")
        seen = f"{batch.name} takes labels {expected} here, but `y_true` has {_some(y[wrong])}."
        yield Finding("labels", seen, f"Change them{batch.or_set('label_format', other)}")


def _inputs(batch: _Batch, x: Any) -> Iterator[Finding]:
    """Labels that a language model gets to see."""
    if getattr(batch.loss, "shift", None) is False and hasattr(x, "shape"):
        if np.array_equal(as_numpy(x), batch.y_true):
            seen = f"`y_true` equals the inputs, and {batch.name} has `shift=False`: it learns to copy."
            yield Finding("inputs", seen, "Set `shift=True`, or label each position with the next token.")


# Numbers -------------------------------------------------------------------------------------------


def _not_finite(name: str, x: np.ndarray, advice: str) -> Iterator[Finding]:
    """NaN and infinity; -inf is a good logit of what can't be."""
    for what, wrong in (("NaN", x != x), ("infinite", x == np.inf)):
        if wrong.any():
            yield Finding("not finite", f"`{name}` is {what} {_where(wrong)}.", advice)


def _values(values: np.ndarray) -> Iterator[Finding]:
    """The loss of each sample or position."""
    if np.isnan(values).any():
        advice = "`y_true` or `y_pred` is out of the domain there: see the docstring of the loss."
        yield Finding("value", f"The loss is NaN {_where(np.isnan(values))}.", advice)
    if np.isinf(values).any():
        advice = "Use logits, or scale the targets."
        yield Finding("value", f"The loss is infinite {_where(np.isinf(values))}.", advice)


def _gradient(loss: Any, y_true: Any, y_pred: np.ndarray) -> Iterator[Finding]:
    """A gradient that teaches nothing."""
    slopes = gradients.slopes(loss, y_true, y_pred)
    if np.isnan(slopes).any():
        seen = f"The gradient of the loss is NaN {_where(np.isnan(slopes))}."
        yield Finding("gradient", seen, "`y_pred` is out of the domain there: see the docstring of the loss.")
    elif not slopes.any():
        seen = "The loss is not 0, but its gradient is 0 everywhere: nothing is learned from this batch."
        yield Finding("gradient", seen, "If `y_pred` is saturated (all 0 and 1), use logits.")


# Helpers -------------------------------------------------------------------------------------------


def _leaves(loss: Any) -> tuple[list[Any], list[Any]]:
    """The losses that a loss wraps, or itself, and what stands for missing targets (None: NaN)."""
    inner = [getattr(loss, "loss", None), *keras.tree.flatten(getattr(loss, "losses", []))]
    found = [_leaves(part) for part in inner if isinstance(part, keras.losses.Loss)]
    leaves = [leaf for part in found for leaf in part[0]] or [loss]
    missing = [loss.missing_value] if hasattr(loss, "missing_value") else []
    return leaves, [*missing, *(value for part in found for value in part[1])]


def _where(wrong: np.ndarray) -> str:
    """The first places at which an array is True."""
    if wrong.ndim == 0:
        return "for the whole batch"
    places = np.argwhere(wrong)
    listed = ", ".join(str(tuple(map(int, place))) for place in places[:3])
    return f"at {listed}" + (f" and {len(places) - 3} more" if len(places) > 3 else "")


def _some(values: np.ndarray) -> str:
    """The first different values of an array."""
    values = np.unique(values)
    return ", ".join(f"{value:g}" for value in values[:5]) + (", ..." if len(values) > 5 else "")
