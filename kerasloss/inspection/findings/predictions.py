"""Predictions and the last layer against what the loss expects of them."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from kerasloss.core.kinds.class_cosine import CosineLoss
from kerasloss.inspection import catalogue, gradients
from kerasloss.inspection.findings.batch import ENOUGH, SUM_TOLERANCE, Batch, Finding, some, where
from kerasloss.inspection.findings.labels import one_hot

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
POSITIVE = ("softplus", "exponential", "relu")
"""The activations after which numbers are not negative."""
LARGEST_HALF = 65504.0
"""The largest float16."""
TRANSPARENT = (
    *("Cast", "Copy", "Dropout", "ExpandDims", "Flatten", "Identity", "Moveaxis", "Permute", "Ravel"),
    *("Reshape", "Squeeze", "StopGradient", "Swapaxes", "Transpose"),
)
"""The layers and operations that leave the values of the last activation as they are."""


def ranges(batch: Batch) -> Iterator[Finding]:
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
        yield Finding("predictions", seen, advice, fix=_as_logits(batch))
    elif expected == "softmax" and not normal:
        seen = f"The probabilities in `y_pred` don't sum to 1, as {batch.name} expects."
        either = batch.or_set("from_logits", True, "; if these are logits,") if raw else "."
        yield Finding("predictions", seen, f"End the model with a softmax{either}", fix=_as_logits(batch))
    elif expected == "log_softmax":
        with np.errstate(over="ignore"):
            sums = np.abs(np.exp(p).sum(batch.axis) - 1)[batch.seen.any(batch.axis)]
        if (sums > SUM_TOLERANCE).any():
            seen = f"`y_pred` does not hold log-probabilities, which {batch.name} expects."
            advice, fix = "End the model with a log_softmax.", batch.end_with("log_softmax")
            if raw or batch.last == "softmax":
                probabilities = inside and normal
                what, option = ("probabilities", "") if probabilities else ("logits", "from_logits=True")
                advice = f"For {what} use `CategoricalCrossentropy({option})`."
                fix = batch.another(f"CategoricalCrossentropy({option})")
            yield Finding("predictions", seen, advice, fix=fix)
    elif batch.takes_logits and inside and batch.last != "linear":
        if batch.probabilities == "softmax" or batch.kind in ("class", "sequence"):
            alike = normal and p.shape[batch.axis] > 1
        else:
            alike = batch.probabilities == "sigmoid" and each.size >= ENOUGH
        if alike:
            seen = f"All of `y_pred` looks like probabilities, but {batch.name} expects raw scores (logits)."
            yield Finding("predictions", seen, *_without_activation(batch))
    elif expected == "positive" and (each < 0).any():
        wrong = batch.seen & (p < 0)
        seen = f"{batch.name} expects numbers >= 0; `y_pred` has {some(p[wrong])} {where(wrong)}."
        advice = f"End the model with softplus or exponential{batch.or_set('link', 'log') if raw else '.'}"
        fix = batch.with_arguments(link="log") if raw and batch.has("link") else batch.end_with("softplus")
        yield Finding("predictions", seen, advice, fix=fix)


def scales(batch: Batch) -> Iterator[Finding]:
    """Scales and the like, which the loss takes as they are, that are not positive."""
    if batch.kind != "distribution" or getattr(batch.loss, "link", None) not in ("identity", "variance"):
        return
    names = batch.loss.parameters.split(", ")
    for index in range(batch.y_pred.shape[-1]):
        wrong = batch.seen[..., index] & (batch.y_pred[..., index] <= 0)
        if wrong.any() and _is_positive(batch, index):
            name = names[index] if len(names) == batch.y_pred.shape[-1] else f"parameter {index}"
            seen = (
                f"The {name} in `y_pred` is {some(batch.y_pred[..., index][wrong])} {where(wrong)}, but "
                f"{batch.name}(link={batch.loss.link!r}) takes positive ones."
            )
            fix = batch.with_arguments(link="softplus")
            yield Finding("predictions", seen, "Set `link='softplus'`, or `link='log'`.", fix=fix)


def _is_positive(batch: Batch, index: int) -> bool:
    """Whether a parameter must be positive: then the loss takes all negative numbers for the least one."""
    values = []
    for number in (-1.0, -2.0):
        moved = batch.y_pred.astype("float32")
        moved[..., index] = number
        values.append(gradients.values(batch.loss, batch.y_true, moved))
    return bool(np.array_equal(*values))


def cosines(batch: Batch) -> Iterator[Finding]:
    """Embeddings or logits where the loss takes cosines."""
    if not isinstance(batch.loss, CosineLoss):
        return
    p = np.where(batch.seen & np.isfinite(batch.y_pred), batch.y_pred, 0.0).astype("float32")
    p = gradients.as_numpy(batch.loss.per_class_part(keras.ops.convert_to_tensor(p)))
    if p.size and np.abs(p).max() > 1 + SUM_TOLERANCE:
        seen = f"`y_pred` goes from {p.min():.4g} to {p.max():.4g}, but {batch.name} expects cosines."
        yield Finding("predictions", seen, "End the model with `kerasloss.layers.CosineDense`.")


def log_probabilities(batch: Batch) -> Iterator[Finding]:
    """Log-probabilities of texts that are positive, most often since the sign of a cross-entropy was kept."""
    if (
        batch.kind != "preference"
        or "log-probabilities" not in catalogue.information(type(batch.loss)).y_pred
    ):
        return
    wrong = batch.seen & (batch.y_pred > 0)
    if wrong.any():
        has = f"`y_pred` has {some(batch.y_pred[wrong])} {where(wrong)}"
        seen = f"Logarithms of probabilities are not above 0, but {has}."
        fix = None if (batch.y_pred < 0).any() else "y_pred = -y_pred"
        yield Finding("predictions", seen, "If it holds cross-entropies, change their sign.", fix=fix)


def half_precision(batch: Batch, y_pred: Any) -> Iterator[Finding]:
    """Predictions that float16 can't hold."""
    if keras.backend.standardize_dtype(getattr(y_pred, "dtype", "float32")) != "float16":
        return
    over = batch.seen & ~(np.abs(batch.y_pred.astype("float32")) < LARGEST_HALF)
    if over.any():
        seen = f"`y_pred` is float16 and at the end of its range, {LARGEST_HALF}, {where(over)}."
        layers = getattr(batch.model, "layers", None)
        fix = 'model.layers[-1].dtype_policy = "float32"' if layers else None
        yield Finding("precision", seen, 'Give the last layer `dtype="float32"`.', fix=fix)


def _as_logits(batch: Batch) -> str | None:
    """The line for logits where probabilities are expected."""
    raw = batch.last in (None, "linear") and batch.has("from_logits")
    return batch.with_arguments(from_logits=True) if raw else batch.end_with(batch.probabilities)


def _without_activation(batch: Batch) -> tuple[str, None, str | None]:
    """Advice and line for probabilities where logits are expected."""
    option = batch.last in (None, batch.probabilities) and batch.has("from_logits")
    advice = f"Remove the last activation{batch.or_set('from_logits', False) if option else '.'}"
    return advice, None, batch.with_arguments(from_logits=False) if option else batch.last_becomes("linear")


def last_layer(batch: Batch) -> Iterator[Finding]:
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
        fix = batch.last_becomes("linear" if batch.takes_logits else "sigmoid")
        yield Finding("activation", "The softmax of one unit, the last layer, is always 1.", advice, fix=fix)
    elif expected in ("softmax", "sigmoid") and last != expected:
        advice = f"End the model with a {expected}{batch.or_set('from_logits', True) if raw else '.'}"
        if last == "softmax" and batch.kind == "binary" and one_hot(batch):
            advice = f"{advice[:-1]}, or use `CategoricalCrossentropy()`."
        option = raw and batch.has("from_logits")
        fix = batch.with_arguments(from_logits=True) if option else batch.last_becomes(expected)
        yield Finding("activation", f"{seen} a {expected}.", advice, fix=fix)
    elif batch.takes_logits and last in ("softmax", "sigmoid"):
        yield Finding("activation", f"{seen} raw scores (logits).", *_without_activation(batch))
    elif getattr(batch.loss, "link", None) in ("log", "softplus") and last in POSITIVE:
        seen = (
            f"The model ends with {last}, but {batch.name}(link={batch.loss.link!r}) makes positive itself."
        )
        yield Finding("activation", seen, "Remove the last activation.", fix=batch.last_becomes("linear"))
    elif expected == "log_softmax" and last != expected:
        other = {"linear": "from_logits=True", "softmax": ""}.get(last)
        either = "." if other is None else f", or use `CategoricalCrossentropy({other})`."
        advice, fix = f"End the model with a log_softmax{either}", batch.last_becomes("log_softmax")
        yield Finding("activation", f"{seen} log_softmax.", advice, fix=fix)
    elif expected == "positive" and low < 0:
        either = batch.or_set("link", "log") if raw else "."
        advice = f"End the model with softplus or exponential{either}"
        option = raw and batch.has("link")
        fix = batch.with_arguments(link="log") if option else batch.last_becomes("softplus")
        yield Finding("activation", f"{seen} positive numbers.", advice, fix=fix)
    elif batch.kind == "element" and y.size and (y.min() < low or y.max() > high):
        seen = f"`y_true` goes from {y.min():.4g} to {y.max():.4g}, out of reach of the last layer's {last}."
        other = "Remove the last activation"
        if expected == "positive":
            other = "End the model with softplus or exponential"
        fix = batch.last_becomes("softplus" if expected == "positive" else "linear")
        yield Finding("activation", seen, f"{other}, or scale the targets.", fix=fix)


def last_activation(model: Any, index: int = 0) -> str | None:
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
            return last_activation(operation)
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
        made_from = keras.tree.flatten(tensors(operation, "input"))
        if len(made_from) != 1:
            return
        makers = (each for each in operations if each is not operation)
        operation = next(
            (m for m in makers if any(t is made_from[0] for t in keras.tree.flatten(tensors(m, "output")))),
            None,
        )


def tensors(operation: Any, name: str) -> Any:
    """The `input` or `output` of an operation; nothing if it was called more than once."""
    try:
        return getattr(operation, name)
    except (AttributeError, ValueError):
        return []


CHECKS = (ranges, scales, cosines, log_probabilities)
"""The checks of a batch alone."""
