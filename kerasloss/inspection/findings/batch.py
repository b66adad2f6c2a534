"""A batch as the checks see it, and what a check returns."""

import inspect
import re
from typing import Any, NamedTuple

import numpy as np

from kerasloss.core.kinds.class_cosine import CosineLoss
from kerasloss.core.labels import as_tuple
from kerasloss.core.registry import LOSSES, wrapped
from kerasloss.inspection import catalogue
from kerasloss.inspection.gradients import as_numpy

SUM_TOLERANCE = 0.02
"""How far from 1 the sum of probabilities may be: half precision rounds each of them."""
ENOUGH = 8
"""The least number of entries, or rows, that do not look the same by chance."""


class Finding(NamedTuple):
    """A mistake that `diagnose` found; `str(finding)` is the full sentence."""

    check: str
    """What was wrong. Mistakes: `"shapes"`, `"labels"`, `"predictions"`, `"activation"`, `"inputs"`,
    `"not finite"`, `"precision"`, `"value"`, `"gradient"`, or `"refusal"`: what else the loss refuses. What
    makes training slow or one-sided: `"chance"`, `"imbalance"`, `"outliers"`, `"scale"` or `"balance"`."""
    seen: str
    """What was seen, and where."""
    advice: str
    """What to do about it."""
    output: str | None = None
    """Which output of the model it is about, if there is a loss for each."""
    fix: str | None = None
    """A line of Python that does it, with the names of the call (`loss`, `y_true`, `y_pred`, `x`, `model`),
    `np`, `keras` and `kerasloss`; None: no line can."""

    def __str__(self) -> str:
        of = f" of output {self.output!r}" if self.output is not None else ""
        return f"{self.check}{of}: {self.seen} {self.advice}"


class Batch:
    """A batch for one loss that wraps no other, and what this loss expects."""

    def __init__(
        self,
        loss: Any,
        y_true: np.ndarray,
        y_pred: np.ndarray,
        seen_labels: np.ndarray,
        seen_predictions: np.ndarray,
        last: str | None,
        is_whole: bool = True,
        model: Any = None,
    ) -> None:
        self.loss, self.y_true, self.y_pred, self.model = loss, y_true, y_pred, model
        self.is_whole = is_whole
        """Whether it is the loss that was given, and not one that this wraps."""
        self.last = last
        """The last activation of the model; None: it can't be told."""
        self.seen = seen_predictions
        """False where a mask leaves a prediction out."""
        self.name = type(loss).__name__
        options = catalogue.options_of(loss)
        self.kind, self.activation = catalogue.expectation(type(loss), options)
        # What it would expect with `from_logits=False`.
        _, self.probabilities = catalogue.expectation(type(loss), {**options, "from_logits": False})
        axis = getattr(loss, "class_axis", getattr(loss, "axis", -1))
        self.axis = axis if isinstance(axis, int) else -1
        if self.probabilities == "softmax or sigmoid":
            self.probabilities = "sigmoid" if y_pred.shape[self.axis] == 1 else "softmax"
            self.activation = "linear" if self.activation == "linear" else self.probabilities
        scores = ("class", "binary", "margin", "sequence", "ordinal")
        raw = getattr(loss, "from_logits", False) or self.kind in scores
        self.takes_logits = raw and self.activation == "linear"
        """Whether `y_pred` should hold raw scores, in place of probabilities."""
        ignored = np.isin(y_true, as_tuple(getattr(loss, "ignore_class", None)))
        self.asked = seen_labels & ~ignored
        """True where a label counts; NaN is found elsewhere."""
        if y_true.dtype.kind == "f":
            self.asked &= ~np.isnan(y_true)

    def with_arguments(self, **changes: Any) -> str | None:
        """The line that sets arguments of the loss; None: it is inside another one, or of the user."""
        if not self.is_whole or self.name not in LOSSES:
            return None
        config = {**self.loss.get_config(), **changes}
        return f"loss = {code(type(self.loss).from_config(config))}"

    def another(self, call: str) -> str | None:
        """The line that takes another loss."""
        return f"loss = kerasloss.{call}" if self.is_whole else None

    def end_with(self, activation: str) -> str:
        """The line that adds an activation to the model, or, if none was given, to the predictions."""
        if self.model is None:
            return f"y_pred = keras.activations.{activation}(y_pred)"
        return f'model = keras.Sequential([model, keras.layers.Activation("{activation}")])'

    def last_becomes(self, activation: str) -> str | None:
        """The line that gives the last layer another activation; None: it has none of its own."""
        layers = getattr(self.model, "layers", None)
        if layers and hasattr(layers[-1], "activation"):
            return f"model.layers[-1].activation = keras.activations.{activation}"
        return None

    @property
    def class_count(self) -> int:
        """How many classes there are: of an ordinal loss one more than thresholds."""
        if self.kind == "ordinal" and self.activation == "linear" and not self.has("from_logits"):
            cutpoints = getattr(self.loss, "cutpoints", None)
            return 1 + (self.y_pred.shape[-1] if cutpoints is None else len(cutpoints))
        return self.label_shape[self.axis]

    @property
    def label_shape(self) -> tuple[int, ...]:
        """The shape of one-hot labels: that of the predictions, if these hold one number for each class."""
        if isinstance(self.loss, CosineLoss):
            return self.loss.per_class_part(self.y_pred).shape
        return self.y_pred.shape

    def or_set(self, option: str, value: Any, link: str = ", or") -> str:
        """The end of a piece of advice: the alternative, if the loss has that argument."""
        return f"{link} set `{option}={value!r}`." if self.has(option) else "."

    def has(self, option: str) -> bool:
        """Whether the loss has this argument."""
        return option in inspect.signature(type(self.loss)).parameters


def code(loss: Any) -> str:
    """A loss as an expression."""
    names = "|".join(LOSSES)
    return re.sub(rf"\b(?=(?:{names})\()", "kerasloss.", repr(loss))


def laid(mask: Any, y: np.ndarray) -> np.ndarray:
    """A mask in the shape of labels or predictions: False where they don't count."""
    if mask is None:
        return np.ones(y.shape, bool)
    mask = as_numpy(mask)
    if mask.ndim > y.ndim and mask.shape[-1] == 1:
        mask = mask[..., 0]
    mask = mask.reshape(mask.shape + (1,) * (y.ndim - mask.ndim))
    fits = mask.ndim == y.ndim and all(m in (1, n) for m, n in zip(mask.shape, y.shape, strict=True))
    return np.broadcast_to(mask, y.shape) if fits else np.ones(y.shape, bool)


def leaves(loss: Any) -> tuple[list[Any], list[Any]]:
    """The losses that a loss wraps, or itself, and the value of missing targets (None: NaN)."""
    found = [leaves(part) for part in wrapped(loss)]
    inner = [leaf for part in found for leaf in part[0]] or [loss]
    missing = [loss.missing_value] if hasattr(loss, "missing_value") else []
    return inner, [*missing, *(value for part in found for value in part[1])]


def where(wrong: np.ndarray) -> str:
    """The first places at which an array is True."""
    if wrong.ndim == 0:
        return "for the whole batch"
    places = np.argwhere(wrong)
    listed = ", ".join(str(tuple(map(int, place))) for place in places[:3])
    return f"at {listed}" + (f" and {len(places) - 3} more" if len(places) > 3 else "")


def some(values: np.ndarray) -> str:
    """The first distinct values of an array."""
    values = np.unique(values)
    return ", ".join(f"{value:g}" for value in values[:5]) + (", ..." if len(values) > 5 else "")
