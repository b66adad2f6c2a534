"""Subjects that are observed until an event: intervals and times, codes of events, and how many have one."""

from collections.abc import Iterator

import numpy as np

from kerasloss.core.kinds.survival import DiscreteTimeLoss
from kerasloss.inspection.findings.batch import Batch, Finding, some, where
from kerasloss.inspection.findings.training import MANY

FEW = 0.05
"""The share of subjects with an event below which most of a batch says little."""


def intervals(batch: Batch) -> Iterator[Finding]:
    """Times in place of indices of intervals, and indices out of range."""
    if not isinstance(batch.loss, DiscreteTimeLoss):
        return
    y, count = batch.y_true[:, 0], batch.y_pred.shape[-1]
    asked = batch.asked[:, 0]
    fraction = asked & (y != np.floor(y))
    outside = asked & ~fraction & ((y < 0) | (y >= count))
    if fraction.any():
        seen = f"{batch.name} takes indices of intervals; `y_true` has {some(y[fraction])} {where(fraction)}."
        advice = "Cut the times: `np.searchsorted(cuts, times)`, with one cut less than there are intervals."
        yield Finding("labels", seen, advice, fix=_cut(batch, count))
    elif outside.any():
        seen = f"`y_true` has {some(y[outside])} {where(outside)}; intervals go from 0 to {count - 1}."
        advice, fix = "Give the last layer one output for each interval.", None
        if y[asked].min() >= 1 and y[asked].max() == count:
            advice = "They seem to start at 1: subtract 1."
            fix = "y_true = np.concatenate([y_true[:, :1] - 1, y_true[:, 1:]], axis=1)"
        yield Finding("labels", seen, advice, fix=fix)


def _cut(batch: Batch, count: int) -> str | None:
    """The line that makes indices of times; None: the loss wants their fractions of an interval too."""
    if batch.y_true.shape[1] != 2:
        return None
    cuts = f"np.quantile(y_true[:, 0], np.arange(1, {count}) / {count})"
    return f"y_true = np.stack([np.searchsorted({cuts}, y_true[:, 0]), y_true[:, 1]], axis=1)"


def events(batch: Batch) -> Iterator[Finding]:
    """Codes that are none, batches without an event, and batches of censored subjects."""
    if batch.kind != "survival":
        return
    code, asked = batch.y_true[:, 1], batch.asked[:, 1]
    most = batch.loss.events(batch.y_pred) if isinstance(batch.loss, DiscreteTimeLoss) else 1
    wrong = asked & ~np.isin(code, np.arange(most + 1))
    if wrong.any():
        has = f"column 1 of `y_true` has {some(code[wrong])} {where(wrong)}"
        seen = f"Events are coded 0 (censored) to {most}; {has}."
        swapped = np.isin(batch.y_true[:, 0], (0, 1)).all() and batch.y_true.shape[1] == 2
        advice = "Give the columns in the order of the docstring, and codes without gaps."
        yield Finding("labels", seen, advice, fix="y_true = y_true[:, [1, 0]]" if swapped else None)
    elif asked.any() and not code[asked].any():
        seen = "All subjects of the batch are censored: there is no event to learn from."
        yield Finding("labels", seen, "Take larger batches; look whether 1 stands for an event.")
    elif asked.sum() >= MANY and np.mean(code[asked] != 0) < FEW:
        seen = f"{np.mean(code[asked] == 0):.1%} of the subjects are censored."
        yield Finding("imbalance", seen, "Take larger batches; look whether 1 stands for an event.")


def times(batch: Batch) -> Iterator[Finding]:
    """Times below 0."""
    if batch.kind != "survival" or isinstance(batch.loss, DiscreteTimeLoss):
        return
    wrong = batch.asked[:, 0] & (batch.y_true[:, 0] < 0)
    if wrong.any():
        seen = f"Times start at 0; column 0 of `y_true` has {some(batch.y_true[wrong, 0])} {where(wrong)}."
        yield Finding("labels", seen, "Count them from when each subject was first observed.")


CHECKS = (intervals, events, times)
"""The checks of a batch alone."""
