"""A batch as the checks see it, and what a check returns."""

import inspect
from typing import Any, NamedTuple

import keras
import numpy as np

from kerasloss.core.labels import as_tuple
from kerasloss.inspection import catalogue
from kerasloss.inspection.gradients import as_numpy

SUM_TOLERANCE = 0.02
"""How far from 1 the sum of probabilities may be: half precision rounds each of them."""
ENOUGH = 8
"""The least number of entries, or rows, that do not look the same by chance."""


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
    inner = [getattr(loss, "loss", None), *keras.tree.flatten(getattr(loss, "losses", []))]
    found = [leaves(part) for part in inner if isinstance(part, keras.losses.Loss)]
    wrapped = [leaf for part in found for leaf in part[0]] or [loss]
    missing = [loss.missing_value] if hasattr(loss, "missing_value") else []
    return wrapped, [*missing, *(value for part in found for value in part[1])]


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
