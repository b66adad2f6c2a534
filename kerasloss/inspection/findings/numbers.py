"""What is not finite, and gradients that teach nothing."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasloss.inspection.findings.batch import Finding, where


def not_finite(
    name: str, x: np.ndarray, seen: np.ndarray, advice: str, fix: str | None = None
) -> Iterator[Finding]:
    """NaN and infinity; -inf is a valid logit of something impossible."""
    for what, wrong in (("NaN", seen & (x != x)), ("infinite", seen & (x == np.inf))):
        if wrong.any():
            fix = fix if what == "NaN" else None
            yield Finding("not finite", f"`{name}` is {what} {where(wrong)}.", advice, fix=fix)


def values(values: np.ndarray) -> Iterator[Finding]:
    """The loss of each sample or position."""
    if np.isnan(values).any():
        advice = "`y_true` or `y_pred` is out of the domain there: see the docstring of the loss."
        yield Finding("value", f"The loss is NaN {where(np.isnan(values))}.", advice)
    if np.isinf(values).any():
        advice = "Use logits, or scale the targets."
        yield Finding("value", f"The loss is infinite {where(np.isinf(values))}.", advice)


def gradient(slope: np.ndarray) -> Iterator[Finding]:
    """A gradient that is 0 everywhere."""
    if np.isnan(slope).any():
        seen = f"The gradient of the loss is NaN {where(np.isnan(slope))}."
        yield Finding("gradient", seen, "`y_pred` is out of the domain there: see the docstring of the loss.")
    elif not slope.any():
        seen = "The loss is not 0, but its gradient is 0 everywhere: nothing is learned from this batch."
        yield Finding("gradient", seen, "If `y_pred` is saturated (all 0 and 1), use logits.")


def padding(loss: Any, y_true: np.ndarray) -> np.ndarray:
    """Where NaN in the labels is padding: items of a list, and frames of a series without a number."""
    kind = getattr(loss, "kind", None)
    if y_true.dtype.kind != "f" or kind not in ("list", "series"):
        return np.zeros(y_true.shape, bool)
    nan = np.isnan(y_true)
    return np.broadcast_to(nan.all(axis=-1, keepdims=True), nan.shape) if nan.ndim == 3 else nan
