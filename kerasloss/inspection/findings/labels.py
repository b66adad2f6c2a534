"""Labels against what the loss expects of them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasloss.inspection import gradients
from kerasloss.inspection.findings.batch import ENOUGH, SUM_TOLERANCE, Batch, Finding, some, where
from kerasloss.inspection.gradients import as_numpy
from kerasloss.losses.sequence.alignment import INFEASIBLE


def class_labels(batch: Batch) -> Iterator[Finding]:
    """Class ids, or one-hot and soft labels."""
    if batch.kind != "class" and (batch.kind, batch.probabilities) != ("region", "softmax"):
        return
    y, count = batch.y_true, batch.y_pred.shape[batch.axis]
    if y.shape == batch.y_pred.shape:
        wrong = (np.abs(y.sum(batch.axis) - 1) > SUM_TOLERANCE) | (y < 0).any(batch.axis)
        wrong &= batch.asked.any(batch.axis)
        if wrong.any():
            seen = f"The labels of one position are not probabilities that sum to 1, {where(wrong)}."
            use = with_last(batch, "BinaryCrossentropy", "sigmoid")
            yield Finding("labels", seen, f"For labels that are not mutually exclusive use {use}.")
        return
    fraction = batch.asked & (y != np.floor(y))
    outside = batch.asked & ~fraction & ((y < 0) | (y >= count))
    if fraction.any():
        seen = f"Class ids are integers, but `y_true` has {some(y[fraction])} {where(fraction)}."
        yield Finding("labels", seen, "Give ids, or one label for each class.")
    if outside.any():
        seen = f"`y_true` has {some(y[outside])} {where(outside)}; ids go from 0 to {count - 1}."
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


def yes_no_labels(batch: Batch) -> Iterator[Finding]:
    """Independent labels in [0, 1]."""
    y = batch.y_true
    numbers = y.dtype.kind == "f" and getattr(batch.loss, "labels_are_numbers", False)
    of_pairs = hasattr(batch.loss, "similar_label")
    yes_no = batch.kind == "binary" or (batch.kind, batch.probabilities) == ("region", "sigmoid")
    if not of_pairs and (not yes_no or numbers or (batch.name == "SoftF1" and y.shape != batch.y_pred.shape)):
        return
    outside = batch.asked & ((y < 0) | (y > 1))
    if outside.any():
        seen = f"{batch.name} takes labels in [0, 1]; `y_true` has {some(y[outside])} {where(outside)}."
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
    elif len(y) >= ENOUGH and one_hot(batch):
        seen = f"Every row of `y_true` is one-hot, but {batch.name} is for independent labels."
        use = with_last(batch, "CategoricalCrossentropy", "softmax")
        yield Finding("labels", seen, f"For mutually exclusive classes use {use}.")


def one_hot(batch: Batch) -> bool:
    """Whether every row of the labels is one-hot, with several entries."""
    y = batch.y_true
    several = y.ndim == 2 and y.shape[1] > 2
    return bool(several and np.isin(y, (0, 1)).all() and (y.sum(axis=-1) == 1).all())


def with_last(batch: Batch, name: str, activation: str) -> str:
    """Another loss, with the last layer that it needs."""
    if batch.takes_logits:
        return f"`{name}(from_logits=True)`"
    return f"`{name}()`" + ("" if batch.last == activation else f" with a {activation}")


def _left_out(batch: Batch, unknown: int) -> str:
    """How a loss leaves out what is unknown."""
    if batch.has("ignore_class"):
        return f"set `ignore_class={unknown}`"
    return f"leave it out with `Masked(missing_value={unknown})`"


def score_labels(batch: Batch) -> Iterator[Finding]:
    """Labels -1 and 1, or 0 and 1, for real scores."""
    if batch.kind != "margin":
        return
    y, form = batch.y_true[batch.asked], getattr(batch.loss, "label_format", "auto")
    zero_one = (y >= 0) & (y <= 1) if form == "binary" else np.isin(y, (0, 1))
    signed = form == "signed" or (form == "auto" and (y < 0).any())
    wrong = ~(np.isin(y, (-1, 1)) if signed else zero_one)
    if wrong.any():
        expected, other = ("-1 and 1", "binary") if signed else ("0 and 1", "signed")
        seen = f"{batch.name} takes labels {expected} here, but `y_true` has {some(y[wrong])}."
        yield Finding("labels", seen, f"Change them{batch.or_set('label_format', other)}")


def levels(batch: Batch) -> Iterator[Finding]:
    """Several quantiles, each against a target of its own, may be meant as steps of a forecast."""
    levels, shape = getattr(batch.loss, "levels", None), batch.y_pred.shape
    if isinstance(levels, (list, tuple)) and len(shape) == 2 and batch.y_true.shape == shape:
        seen = (
            f"`y_true` has the shape of `y_pred`: each of the {len(levels)} levels gets a target of its own."
        )
        advice = "For a forecast of several steps with all levels each, give `y_pred` (batch, steps, levels)."
        yield Finding("shapes", seen, advice)


def too_long(batch: Batch, y_true: Any, y_pred: Any) -> Iterator[Finding]:
    """Label sequences that are too long for their frames."""
    if batch.kind != "sequence" or getattr(batch.loss, "zero_infinity", True):
        return
    options = {"normalize_by_length": False, "reduction": None, "dtype": "float32"}
    loss = type(batch.loss).from_config({**batch.loss.get_config(), **options})
    wrong = gradients.values(loss, y_true, y_pred) == INFEASIBLE
    if wrong.any():
        seen = f"There are fewer frames than labels (and blanks between equal neighbours) {where(wrong)}."
        advice = "Give the model more frames (shorter strides), or leave them out: set `zero_infinity=True`."
        yield Finding("labels", seen, advice)


def inputs(batch: Batch, x: Any) -> Iterator[Finding]:
    """Labels that a language model sees in its inputs."""
    if getattr(batch.loss, "shift", None) is False and hasattr(x, "shape"):
        if np.array_equal(as_numpy(x), batch.y_true):
            seen = f"`y_true` equals the inputs, and {batch.name} has `shift=False`: it learns to copy."
            yield Finding("inputs", seen, "Set `shift=True`, or label each position with the next token.")


CHECKS = (class_labels, yes_no_labels, score_labels, levels)
"""The checks of a batch alone."""
