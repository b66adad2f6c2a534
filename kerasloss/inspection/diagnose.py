"""Finding common mistakes: `diagnose` looks at one batch and says what is wrong."""

import inspect
from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
import numpy as np

from kerasloss.core.labels import as_tuple
from kerasloss.core.loss import keras_mask
from kerasloss.core.registry import get
from kerasloss.inspection import catalogue, gradients
from kerasloss.inspection.gradients import as_numpy
from kerasloss.losses.sequence.alignment import INFEASIBLE

SUM_TOLERANCE = 0.02
"""How far from 1 the sum of probabilities may be: half precision rounds each of them."""
ENOUGH = 8
"""The least number of entries, or rows, that do not look the same by chance."""
RANGES = {
    "sigmoid": (0, 1),
    "softmax": (0, 1),
    "tanh": (-1, 1),
    "relu": (0, np.inf),
    "softplus": (0, np.inf),
    "exponential": (0, np.inf),
    "linear": (-np.inf, np.inf),
}
"""The range of each activation of a last layer."""
ACTIVATIONS = {
    "Exp": "exponential",
    "LogSoftmax": "log_softmax",
    "ReLU": "relu",
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Softmax": "softmax",
    "Softplus": "softplus",
    "Tanh": "tanh",
}
"""The activation that a layer, or an operation such as `ops.softmax`, is by itself."""
TRANSPARENT = (
    *("Cast", "Copy", "Dropout", "ExpandDims", "Flatten", "Identity", "Moveaxis", "Permute", "Ravel"),
    *("Reshape", "Squeeze", "StopGradient", "Swapaxes", "Transpose"),
)
"""The layers and operations that leave the values of the last activation as they are."""


class Finding(NamedTuple):
    """A mistake that `diagnose` found; `str(finding)` is the full sentence."""

    check: str
    """What was wrong: `"shapes"`, `"labels"`, `"predictions"`, `"activation"`, `"inputs"`, `"not finite"`,
    `"value"` or `"gradient"`."""
    seen: str
    """What was seen, and where."""
    advice: str
    """What to do about it."""
    output: str | None = None
    """Which output of the model it is about, if there is a loss for each."""

    def __str__(self) -> str:
        of = f" of output {self.output!r}" if self.output is not None else ""
        return f"{self.check}{of}: {self.seen} {self.advice}"


def diagnose(
    loss: Any, y_true: Any, y_pred: Any = None, model: keras.Model | None = None, x: Any = None
) -> list[Finding]:
    """Looks at a batch of labels and predictions, and says what is wrong with them for a loss.

    It finds shapes that don't match; class ids out of range and other labels that the loss can't take, and
    where they are; logits where probabilities are expected, and the reverse; a last layer that doesn't match
    the loss; NaN and infinity; a loss that is NaN; a gradient that is 0 everywhere.

    Args:
        loss: The loss, or what `kerasloss.get` finds it by. For a model with several outputs a dict or list
            of them, as `compile` takes it (None: an output without a loss).
        y_true: The labels of a batch, as `fit` gets them; for several outputs a dict or list.
        y_pred: The predictions for it, likewise; None: `model(x)`.
        model: The model, to look at its last layer.
        x: The inputs of the batch, to see whether a loss with `shift=False` gets them as its labels.

    Returns:
        A list of `Finding`, each with what was seen and what to do; empty if nothing was found. Positions
        that a Keras mask of the predictions leaves out are not examined.

    Raises:
        ValueError: If there is no such loss or output, or neither `y_pred` nor `model` and `x`.

    Use it on one batch before training, or when a loss does not change or is NaN; not in a training step: it
    runs eagerly. A finding is a strong hint, not a proof: all logits of a batch may lie in [0, 1].

    Example:

    >>> import kerasloss, numpy as np
    >>> labels, logits = np.array([0, 3]), np.array([[2.0, -1.0, 0.5], [0.0, 1.0, 3.0]])
    >>> for finding in kerasloss.diagnose("sparse_categorical_crossentropy", labels, logits):
    ...     print(finding.seen)
    `y_pred` goes from -1 to 3, but SparseCategoricalCrossentropy expects probabilities.
    `y_true` has 3 at (1,); ids go from 0 to 2.
    The loss is NaN at (0,), (1,).
    """
    if y_pred is None:
        if model is None or x is None:
            raise ValueError("diagnose: give `y_pred`, or `model` and `x`. Received: y_pred=None")
        y_pred = model(x)
    if not _of_outputs(loss):
        index = 0 if len(getattr(model, "output_names", ())) == 1 else -1  # which one it is can't be told
        return _of_one(get(loss), y_true, y_pred, model, x, index)
    found = []
    for output, index, part in _parts(loss, y_pred, model):
        if part is not None:
            labels, predictions = (
                _part(name, y, output, index) for name, y in (("y_true", y_true), ("y_pred", y_pred))
            )
            of_output = _of_one(get(part), labels, predictions, model, x, index)
            found += [finding._replace(output=output) for finding in of_output]
    return found


def _of_one(loss: Any, y_true: Any, y_pred: Any, model: Any, x: Any, index: int) -> list[Finding]:
    """The findings of one loss, for the output of the model with this index; -1: none is known."""
    if isinstance(y_true, dict) or isinstance(y_pred, dict):
        raise ValueError(f"diagnose: for several outputs give a dict or list of losses. Received: {loss!r}")
    several = isinstance(y_pred, (list, tuple)) and hasattr(y_pred[0], "shape")  # outputs, the finest first
    if hasattr(model, "head_weights") and hasattr(loss, "of_logits") and not several:
        loss = loss.of_logits  # a `FusedHead`, whose calls give logits
    labels, predictions = as_numpy(y_true), as_numpy(y_pred[0] if several else y_pred)
    mask = None if several else keras_mask(y_pred)
    seen_labels, seen_predictions = (_laid(mask, y) for y in (labels, predictions))
    leaves, missing = _leaves(loss)
    findings: list[Finding] = []
    if not missing:
        advice = "Leave missing targets out with `Masked`."
        findings += _not_finite("y_true", labels, seen_labels, advice)
    findings += _not_finite(
        "y_pred", predictions, seen_predictions, "Look at the inputs and the learning rate."
    )
    try:
        values = gradients.values(loss, y_true, y_pred)
    except Exception as error:  # those of other losses are the backend's
        return [*findings, Finding("shapes", f"The loss refuses the batch. {error}.", "Mend the shapes.")]
    numbers = [value for value in missing if value is not None]
    labels = np.where(np.isin(labels, numbers), np.nan, labels) if numbers else labels
    last = _last_activation(model, index)
    too_long: list[Finding] = []
    for leaf in leaves:
        batch = _Batch(leaf, labels, predictions, seen_labels, seen_predictions, last)
        for check in (_predictions, _class_labels, _yes_no_labels, _score_labels, _levels, _last_layer):
            findings += check(batch)
        findings += _inputs(batch, x)
        too_long += _too_long(batch, y_true, y_pred)
    findings += too_long + list(_values(values))
    if not several and not too_long and np.isfinite(values).all() and (values > 0).any():
        findings += _gradient(loss, y_true, predictions, mask)
    return findings


class _Batch:
    """A batch for one loss that wraps no other, and what this loss expects."""

    def __init__(
        self,
        loss: Any,
        y_true: np.ndarray,
        y_pred: np.ndarray,
        seen_labels: np.ndarray,
        seen_predictions: np.ndarray,
        last: str | None,
    ) -> None:
        self.loss, self.y_true, self.y_pred = loss, y_true, y_pred
        self.last = last
        """The last activation of the model; None: it can't be told."""
        self.seen = seen_predictions
        """False where a mask leaves a prediction out."""
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
        self.asked = seen_labels & ~ignored
        if y_true.dtype.kind == "f":
            self.asked &= ~np.isnan(y_true)
        """True where a label counts; NaN is found elsewhere."""

    def or_set(self, option: str, value: Any, link: str = ", or") -> str:
        """The end of a piece of advice: the alternative, if the loss has that argument."""
        return f"{link} set `{option}={value!r}`." if self.has(option) else "."

    def has(self, option: str) -> bool:
        """Whether the loss has this argument."""
        return option in inspect.signature(type(self.loss)).parameters


# Predictions ---------------------------------------------------------------------------------------


def _predictions(batch: _Batch) -> Iterator[Finding]:
    """Logits where probabilities are expected, and the reverse."""
    p, expected = np.where(np.isfinite(batch.y_pred), batch.y_pred, 0.5).astype("float64"), batch.activation
    each = p[batch.seen]
    inside = each.size and each.min() >= -1e-5 and each.max() <= 1 + 1e-5
    sums = np.abs(p.sum(batch.axis) - 1)[batch.seen.any(batch.axis)] if p.ndim else np.ones(1)
    normal = np.all(sums < SUM_TOLERANCE)
    raw = batch.last in (None, "linear")  # else logits are not what the model gives
    if not each.size:
        return
    if expected in ("sigmoid", "softmax") and not inside:
        low, high = each.min(), each.max()
        seen = f"`y_pred` goes from {low:.4g} to {high:.4g}, but {batch.name} expects probabilities."
        advice = f"End the model with a {expected}{batch.or_set('from_logits', True)}"
        yield Finding("predictions", seen, advice)
    elif expected == "softmax" and not normal:
        seen = f"The probabilities in `y_pred` don't sum to 1, as {batch.name} expects."
        either = batch.or_set("from_logits", True, "; if these are logits,") if raw else "."
        yield Finding("predictions", seen, f"End the model with a softmax{either}")
    elif expected == "log_softmax":
        with np.errstate(over="ignore"):
            sums = np.abs(np.exp(p).sum(batch.axis) - 1)[batch.seen.any(batch.axis)]
        if (sums > SUM_TOLERANCE).any():
            seen = f"`y_pred` does not hold log-probabilities, which {batch.name} expects."
            advice = "End the model with a log_softmax."
            if raw or batch.last == "softmax":
                probabilities = inside and normal
                what, option = ("probabilities", "") if probabilities else ("logits", "from_logits=True")
                advice = f"For {what} use `CategoricalCrossentropy({option})`."
            yield Finding("predictions", seen, advice)
    elif batch.takes_logits and inside and batch.last != "linear":
        if batch.probabilities == "softmax" or batch.kind in ("class", "sequence"):
            alike = normal and p.shape[batch.axis] > 1
        else:
            alike = batch.probabilities == "sigmoid" and each.size >= ENOUGH
        if alike:
            seen = f"All of `y_pred` looks like probabilities, but {batch.name} expects raw scores (logits)."
            yield Finding("predictions", seen, _without_activation(batch))


def _without_activation(batch: _Batch) -> str:
    """The advice for probabilities where logits are expected."""
    fits = batch.last in (None, batch.probabilities)
    return f"Remove the last activation{batch.or_set('from_logits', False) if fits else '.'}"


def _last_layer(batch: _Batch) -> Iterator[Finding]:
    """The last activation against what the loss expects, and against the range of the targets."""
    last, expected = batch.last, batch.activation
    seen = f"The model ends with {last}, but {batch.name} expects"
    low, high = RANGES.get(last, (-np.inf, np.inf))
    y = batch.y_true[batch.asked]
    raw = last == "linear"
    if last is None:
        return
    if last == "softmax" and batch.y_pred.shape[-1] == 1:
        advice = "Remove it." if batch.takes_logits else "Use a sigmoid."
        yield Finding("activation", "The softmax of one unit, the last layer, is always 1.", advice)
    elif expected in ("softmax", "sigmoid") and last != expected:
        advice = f"End the model with a {expected}{batch.or_set('from_logits', True) if raw else '.'}"
        if last == "softmax" and batch.kind == "binary" and _one_hot(batch):
            advice = f"{advice[:-1]}, or use `CategoricalCrossentropy()`."
        yield Finding("activation", f"{seen} a {expected}.", advice)
    elif batch.takes_logits and last in ("softmax", "sigmoid"):
        yield Finding("activation", f"{seen} raw scores (logits).", _without_activation(batch))
    elif expected == "log_softmax" and last != expected:
        other = {"linear": "from_logits=True", "softmax": ""}.get(last)
        either = "." if other is None else f", or use `CategoricalCrossentropy({other})`."
        yield Finding("activation", f"{seen} log_softmax.", f"End the model with a log_softmax{either}")
    elif expected == "positive" and low < 0:
        either = batch.or_set("link", "log") if raw else "."
        advice = f"End the model with softplus or exponential{either}"
        yield Finding("activation", f"{seen} positive numbers.", advice)
    elif batch.kind == "element" and y.size and (y.min() < low or y.max() > high):
        seen = f"`y_true` goes from {y.min():.4g} to {y.max():.4g}, out of reach of the last layer's {last}."
        other = "Remove the last activation"
        if expected == "positive":
            other = "End the model with softplus or exponential"
        yield Finding("activation", seen, f"{other}, or scale the targets.")


def _last_activation(model: Any, index: int = 0) -> str | None:
    """The name of the last activation of an output of a model; None if it can't be told."""
    if isinstance(model, keras.Sequential):
        operations = model.layers[::-1]
    else:
        operations = list(_backwards(model, index))
    for operation in operations:
        kind = type(operation).__name__
        if kind in TRANSPARENT:
            continue
        if isinstance(operation, keras.Model):
            return _last_activation(operation)
        if isinstance(operation, keras.layers.TimeDistributed):
            operation = operation.layer
        activation = getattr(getattr(operation, "activation", None), "__name__", None)
        return ACTIVATIONS.get(kind, activation)
    return None


def _backwards(model: Any, index: int) -> Iterator[Any]:
    """The layers and operations of a functional model, from an output on, while each has one input."""
    names, operations = getattr(model, "output_names", ()), getattr(model, "operations", ())
    name = names[index] if 0 <= index < len(names) else None
    operation = next((each for each in operations if each.name == name), None)
    while operation is not None:
        yield operation
        made_from = keras.tree.flatten(_tensors(operation, "input"))
        if len(made_from) != 1:
            return
        makers = (each for each in operations if each is not operation)
        operation = next(
            (m for m in makers if any(t is made_from[0] for t in keras.tree.flatten(_tensors(m, "output")))),
            None,
        )


def _tensors(operation: Any, name: str) -> Any:
    """The `input` or `output` of an operation; nothing if it was called more than once."""
    try:
        return getattr(operation, name)
    except (AttributeError, ValueError):
        return []


# Labels --------------------------------------------------------------------------------------------


def _class_labels(batch: _Batch) -> Iterator[Finding]:
    """Class ids, or one-hot and soft labels."""
    if batch.kind != "class" and (batch.kind, batch.probabilities) != ("region", "softmax"):
        return
    y, count = batch.y_true, batch.y_pred.shape[batch.axis]
    if y.shape == batch.y_pred.shape:
        wrong = (np.abs(y.sum(batch.axis) - 1) > SUM_TOLERANCE) | (y < 0).any(batch.axis)
        wrong &= batch.asked.any(batch.axis)
        if wrong.any():
            seen = f"The labels of one position are not probabilities that sum to 1, {_where(wrong)}."
            use = _with_last(batch, "BinaryCrossentropy", "sigmoid")
            yield Finding("labels", seen, f"For labels that are not mutually exclusive use {use}.")
        return
    fraction = batch.asked & (y != np.floor(y))
    outside = batch.asked & ~fraction & ((y < 0) | (y >= count))
    if fraction.any():
        seen = f"Class ids are integers, but `y_true` has {_some(y[fraction])} {_where(fraction)}."
        yield Finding("labels", seen, "Give ids, or one label for each class.")
    if outside.any():
        seen = f"`y_true` has {_some(y[outside])} {_where(outside)}; ids go from 0 to {count - 1}."
        unknown = np.unique(y[outside]).astype(int).tolist()
        if y[batch.asked].min() >= 1 and y[batch.asked].max() == count:
            advice = "They seem to start at 1: subtract 1."
        elif len(unknown) == 1:
            advice = f"If it stands for unknown, set `ignore_class={unknown[0]}`."
        elif unknown[-1] < 0:
            advice = f"If they stand for unknown, set `ignore_class={unknown}`."
        else:
            advice = "Give the last layer one unit for each class."
        yield Finding("labels", seen, advice)


def _yes_no_labels(batch: _Batch) -> Iterator[Finding]:
    """Independent labels in [0, 1]."""
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
        elif np.isin(values, (0, 255)).all():
            advice = "Divide a mask by 255; if 255 stands for unknown, set `ignore_class=255`."
        elif np.isin(values, (-1, 0, 1)).all() or np.isin(values, (0, 1, 255)).all():
            unknown = int(y[outside][0])
            advice = f"If {unknown} stands for unknown, {_left_out(batch, unknown)}."
        else:
            advice = "For class ids use `SparseCategoricalCrossentropy`, with one unit for each class."
        yield Finding("labels", seen, advice)
    elif len(y) >= ENOUGH and _one_hot(batch):
        seen = f"Every row of `y_true` is one-hot, but {batch.name} is for independent labels."
        use = _with_last(batch, "CategoricalCrossentropy", "softmax")
        yield Finding("labels", seen, f"For mutually exclusive classes use {use}.")


def _one_hot(batch: _Batch) -> bool:
    """Whether every row of the labels is one-hot, with several entries."""
    y = batch.y_true
    several = y.ndim == 2 and y.shape[1] > 2
    return bool(several and np.isin(y, (0, 1)).all() and (y.sum(axis=-1) == 1).all())


def _with_last(batch: _Batch, name: str, activation: str) -> str:
    """Another loss, with the last layer that it needs."""
    if batch.takes_logits:
        return f"`{name}(from_logits=True)`"
    return f"`{name}()`" + ("" if batch.last == activation else f" with a {activation}")


def _left_out(batch: _Batch, unknown: int) -> str:
    """How a loss leaves out what is unknown."""
    if batch.has("ignore_class"):
        return f"set `ignore_class={unknown}`"
    return f"leave it out with `Masked(missing_value={unknown})`"


def _score_labels(batch: _Batch) -> Iterator[Finding]:
    """Labels -1 and 1, or 0 and 1, for real scores."""
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


def _levels(batch: _Batch) -> Iterator[Finding]:
    """Several quantiles, each against a target of its own, may be meant as steps of a forecast."""
    levels, shape = getattr(batch.loss, "levels", None), batch.y_pred.shape
    if isinstance(levels, (list, tuple)) and len(shape) == 2 and batch.y_true.shape == shape:
        seen = (
            f"`y_true` has the shape of `y_pred`: each of the {len(levels)} levels gets a target of its own."
        )
        advice = "For a forecast of several steps with all levels each, give `y_pred` (batch, steps, levels)."
        yield Finding("shapes", seen, advice)


def _too_long(batch: _Batch, y_true: Any, y_pred: Any) -> Iterator[Finding]:
    """Label sequences that are too long for their frames."""
    if batch.kind != "sequence" or getattr(batch.loss, "zero_infinity", True):
        return
    options = {"normalize_by_length": False, "reduction": None, "dtype": "float32"}
    loss = type(batch.loss).from_config({**batch.loss.get_config(), **options})
    wrong = gradients.values(loss, y_true, y_pred) == INFEASIBLE
    if wrong.any():
        seen = f"There are fewer frames than labels (and blanks between equal neighbours) {_where(wrong)}."
        advice = "Give the model more frames (shorter strides), or leave them out: set `zero_infinity=True`."
        yield Finding("labels", seen, advice)


def _inputs(batch: _Batch, x: Any) -> Iterator[Finding]:
    """Labels that a language model sees in its inputs."""
    if getattr(batch.loss, "shift", None) is False and hasattr(x, "shape"):
        if np.array_equal(as_numpy(x), batch.y_true):
            seen = f"`y_true` equals the inputs, and {batch.name} has `shift=False`: it learns to copy."
            yield Finding("inputs", seen, "Set `shift=True`, or label each position with the next token.")


# Numbers -------------------------------------------------------------------------------------------


def _not_finite(name: str, x: np.ndarray, seen: np.ndarray, advice: str) -> Iterator[Finding]:
    """NaN and infinity; -inf is a valid logit of something impossible."""
    for what, wrong in (("NaN", seen & (x != x)), ("infinite", seen & (x == np.inf))):
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


def _gradient(loss: Any, y_true: Any, y_pred: np.ndarray, mask: Any) -> Iterator[Finding]:
    """A gradient that is 0 everywhere."""
    slope = gradients.gradient(loss, y_true, y_pred, mask)
    if np.isnan(slope).any():
        seen = f"The gradient of the loss is NaN {_where(np.isnan(slope))}."
        yield Finding("gradient", seen, "`y_pred` is out of the domain there: see the docstring of the loss.")
    elif not slope.any():
        seen = "The loss is not 0, but its gradient is 0 everywhere: nothing is learned from this batch."
        yield Finding("gradient", seen, "If `y_pred` is saturated (all 0 and 1), use logits.")


# Helpers -------------------------------------------------------------------------------------------


def _of_outputs(loss: Any) -> bool:
    """Whether these are losses of several outputs, and not the configuration of one."""
    return isinstance(loss, (list, tuple)) or (isinstance(loss, dict) and "class_name" not in loss)


def _parts(loss: Any, y_pred: Any, model: Any) -> list[tuple[str, int, Any]]:
    """Each output of a model: its name, its index and its loss."""
    names = list(getattr(model, "output_names", ()))
    if isinstance(y_pred, dict):
        names = _keys_of_outputs(model) or list(y_pred)
    names = names or list(map(str, range(len(y_pred))))
    if isinstance(loss, dict):
        return [(name, names.index(name) if name in names else -1, part) for name, part in loss.items()]
    return [(names[i] if i < len(names) else str(i), i, part) for i, part in enumerate(loss)]


def _keys_of_outputs(model: Any) -> list[str]:
    """The keys of a functional model's dict of outputs, in the order of `model.outputs`."""
    outputs = _tensors(model, "output")
    if not isinstance(outputs, dict):
        return []
    return [key for made in model.outputs for key, output in outputs.items() if output is made]


def _part(name: str, y: Any, output: str, index: int) -> Any:
    """The entry of `y` for an output."""
    if isinstance(y, dict) and output in y:
        return y[output]
    if isinstance(y, (list, tuple)) and 0 <= index < len(y):
        return y[index]
    what = list(y) if isinstance(y, dict) else type(y).__name__
    raise ValueError(f"diagnose: `{name}` has nothing for output {output!r}. Received: {what}")


def _laid(mask: Any, y: np.ndarray) -> np.ndarray:
    """A mask in the shape of labels or predictions: False where they don't count."""
    if mask is None:
        return np.ones(y.shape, bool)
    mask = as_numpy(mask)
    if mask.ndim > y.ndim and mask.shape[-1] == 1:
        mask = mask[..., 0]
    mask = mask.reshape(mask.shape + (1,) * (y.ndim - mask.ndim))
    fits = mask.ndim == y.ndim and all(m in (1, n) for m, n in zip(mask.shape, y.shape, strict=True))
    return np.broadcast_to(mask, y.shape) if fits else np.ones(y.shape, bool)


def _leaves(loss: Any) -> tuple[list[Any], list[Any]]:
    """The losses that a loss wraps, or itself, and the value of missing targets (None: NaN)."""
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
    """The first distinct values of an array."""
    values = np.unique(values)
    return ", ".join(f"{value:g}" for value in values[:5]) + (", ..." if len(values) > 5 else "")
