"""Labels against what the loss expects of them."""

import re
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from kerasloss.core.kinds.box import FORMATS
from kerasloss.core.kinds.label_embedding import EmbeddingLoss
from kerasloss.core.labels import as_tuple
from kerasloss.core.registry import LOSSES
from kerasloss.inspection import catalogue, gradients
from kerasloss.inspection.findings.batch import ENOUGH, SUM_TOLERANCE, Batch, Finding, some, where
from kerasloss.inspection.gradients import as_numpy
from kerasloss.losses.sequence.alignment import INFEASIBLE

MANY_LEVELS = 100
"""The least `max_val` at which pixels in [0, 1] are in the wrong range."""
EXACT = {"bfloat16": 2**8, "float16": 2**11, "float32": 2**24}
"""The least integer whose successor the type can't hold."""


def text(y_true: np.ndarray) -> Finding:
    """Labels that are no numbers."""
    seen = f"`y_true` holds no numbers, but {y_true.ravel()[:1].tolist()} and the like ({y_true.dtype})."
    advice = "Number the classes, for all batches in the same way: `keras.layers.StringLookup` does."
    return Finding("labels", seen, advice, fix="y_true = np.unique(y_true, return_inverse=True)[1]")


def class_labels(batch: Batch) -> Iterator[Finding]:
    """Class ids, or one-hot and soft labels."""
    if batch.kind not in ("class", "ordinal") and (batch.kind, batch.probabilities) != ("region", "softmax"):
        return
    y, count = batch.y_true, batch.class_count
    if y.shape == batch.label_shape and count == y.shape[batch.axis]:
        wrong = (np.abs(y.sum(batch.axis) - 1) > SUM_TOLERANCE) | (y < 0).any(batch.axis)
        wrong &= batch.asked.any(batch.axis)
        if wrong.any():
            seen = f"The labels of one position are not probabilities that sum to 1, {where(wrong)}."
            use = with_last(batch, "BinaryCrossentropy", "sigmoid")
            fix = batch.another(f"BinaryCrossentropy({'from_logits=True' * batch.takes_logits})")
            yield Finding("labels", seen, f"For labels that are not mutually exclusive use {use}.", fix=fix)
        return
    between = batch.kind == "ordinal" and count != batch.y_pred.shape[-1]  # Coral takes 3.5
    fraction = batch.asked & (y != np.floor(y)) & (not between)
    outside = batch.asked & ~fraction & ((y < 0) | (y >= count))
    if fraction.any():
        seen = f"Class ids are integers, but `y_true` has {some(y[fraction])} {where(fraction)}."
        yield Finding(
            "labels", seen, "Give ids, or one label for each class.", fix="y_true = np.round(y_true)"
        )
    if outside.any():
        seen = f"`y_true` has {some(y[outside])} {where(outside)}; ids go from 0 to {count - 1}."
        unknown = np.unique(y[outside]).astype(int).tolist()
        if y[batch.asked].min() >= 1 and y[batch.asked].max() == count:
            advice, fix = "They seem to start at 1: subtract 1.", "y_true = y_true - 1"
        elif len(unknown) == 1 and batch.has("ignore_class"):
            advice = f"If it stands for unknown, set `ignore_class={unknown[0]}`."
            fix = batch.with_arguments(ignore_class=unknown[0])
        elif unknown[-1] < 0 and batch.has("ignore_class"):
            advice = f"If they stand for unknown, set `ignore_class={unknown}`."
            fix = batch.with_arguments(ignore_class=unknown)
        else:
            advice, fix = "Give the last layer one unit for each class.", None
        yield Finding("labels", seen, advice, fix=fix)


def yes_no_labels(batch: Batch) -> Iterator[Finding]:
    """Independent labels in [0, 1]."""
    y = batch.y_true
    of_pairs = hasattr(batch.loss, "similar_label")
    yes_no = batch.kind == "binary" or (batch.kind, batch.probabilities) == ("region", "sigmoid")
    if not of_pairs and (not yes_no or (batch.name == "SoftF1" and y.shape != batch.y_pred.shape)):
        return
    outside = batch.asked & ((y < 0) | (y > 1))
    if batch.name == "PositiveUnlabeled":
        outside &= y != -1
    if outside.any():
        seen = f"{batch.name} takes labels in [0, 1]; `y_true` has {some(y[outside])} {where(outside)}."
        values = np.unique(y[batch.asked])
        if np.isin(values, (-1, 1)).all():
            advice = "Turn -1 and 1 into 0 and 1, or use a loss of scores, such as `SoftMargin` or `Hinge`."
            fix = "y_true = (y_true + 1) / 2"
        elif np.isin(values, (0, 255)).all():
            advice = "Divide a mask by 255; if 255 stands for unknown, set `ignore_class=255`."
            fix = "y_true = y_true / 255"
        elif np.isin(values, (-1, 0, 1)).all() or np.isin(values, (0, 1, 255)).all():
            unknown = int(y[outside][0])
            advice = f"If {unknown} stands for unknown, {_left_out(batch, unknown)}."
            fix = f"loss = kerasloss.Masked(loss, missing_value={unknown})"
            if batch.has("ignore_class"):
                fix = batch.with_arguments(ignore_class=unknown)
        else:
            advice = "For class ids use `SparseCategoricalCrossentropy`, with one unit for each class."
            fix = None
        yield Finding("labels", seen, advice, fix=fix)
    elif len(y) >= ENOUGH and one_hot(batch):
        seen = f"Every row of `y_true` is one-hot, but {batch.name} is for independent labels."
        use = with_last(batch, "CategoricalCrossentropy", "softmax")
        fix = batch.another(f"CategoricalCrossentropy({'from_logits=True' * batch.takes_logits})")
        yield Finding("labels", seen, f"For mutually exclusive classes use {use}.", fix=fix)


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
        advice = f"Change them{batch.or_set('label_format', other)}"
        fits = (y >= 0) & (y <= 1) if other == "binary" else np.isin(y, (-1, 1))
        option = batch.has("label_format") and fits.all()
        fix = batch.with_arguments(label_format=other) if option else "y_true = np.sign(y_true)"
        yield Finding("labels", seen, advice, fix=fix)


def signs(batch: Batch) -> Iterator[Finding]:
    """Labels of which the sign is all that counts, but which look like grades or classes."""
    if batch.name not in ("CosineEmbedding", "HingeEmbedding", "MarginRanking"):
        return
    wrong = batch.asked & ~np.isin(batch.y_true, (-1, 0, 1))
    if wrong.any():
        has = f"`y_true` has {some(batch.y_true[wrong])} {where(wrong)}"
        seen = f"{batch.name} takes labels 0 and 1, or -1 and 1; {has}."
        advice = "It sees only whether they are above 0."
        yield Finding("labels", seen, advice, fix="y_true = np.where(y_true > 0, 1, -1)")


def sampling(batch: Batch) -> Iterator[Finding]:
    """Sampling probabilities that are none."""
    if batch.name != "InBatchSoftmax" or batch.y_true.ndim != 2 or batch.y_true.shape[1] != 2:
        return
    p = batch.y_true[:, 1]
    wrong = batch.asked[:, 1] & ((p <= 0) | (p > 1))
    if wrong.any():
        seen = (
            f"Sampling probabilities are in (0, 1]; column 1 of `y_true` has {some(p[wrong])} {where(wrong)}."
        )
        advice = "They are clipped to [1e-6, 1]: divide counts by their sum."
        yield Finding("labels", seen, advice)


def levels(batch: Batch) -> Iterator[Finding]:
    """Several quantiles, each against a target of its own, may be meant as steps of a forecast."""
    levels, shape = getattr(batch.loss, "levels", None), batch.y_pred.shape
    if isinstance(levels, (list, tuple)) and len(shape) == 2 and batch.y_true.shape == shape:
        seen = (
            f"`y_true` has the shape of `y_pred`: each of the {len(levels)} levels gets a target of its own."
        )
        advice = "For a forecast of several steps with all levels each, give `y_pred` (batch, steps, levels)."
        yield Finding("shapes", seen, advice)


def tokens(batch: Batch) -> Iterator[Finding]:
    """Labels of sequences that are no class: tags out of range, labels beyond the classes, blanks."""
    if batch.kind != "sequence":
        return
    y, asked, count = batch.y_true, batch.asked, batch.y_pred.shape[-1]
    blank = getattr(batch.loss, "blank_index", None)
    if getattr(batch.loss, "input_length", "mask") == "y_true":
        y, asked = y[:, 1:], asked[:, 1:]
    wrong = asked & (y >= count if blank is not None else (y < 0) | (y >= count))
    if wrong.any():
        seen = f"`y_true` has {some(y[wrong])} {where(wrong)}; labels go from 0 to {count - 1}."
        advice = "Give the last layer one unit for each class"
        yield Finding("labels", seen, advice + ("." if blank is None else ", and one for the blank."))
    elif blank is not None and batch.loss.ignore_class is not None:
        blanks = asked & (y == blank % count)
        if blanks.any():
            seen = f"`y_true` has the blank, {blank % count}, as a label {where(blanks)}."
            advice = "If it stands for padding, set `ignore_class=None`; else give the blank another class."
            yield Finding("labels", seen, advice, fix=batch.with_arguments(ignore_class=None))


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
        yield Finding("labels", seen, advice, fix=batch.with_arguments(zero_infinity=True))


def inputs(batch: Batch, x: Any) -> Iterator[Finding]:
    """Labels that a language model sees in its inputs."""
    if getattr(batch.loss, "shift", None) is False and hasattr(x, "shape"):
        if np.array_equal(as_numpy(x), batch.y_true):
            seen = f"`y_true` equals the inputs, and {batch.name} has `shift=False`: it learns to copy."
            advice = "Set `shift=True`, or label each position with the next token."
            yield Finding("inputs", seen, advice, fix=batch.with_arguments(shift=True))


def merged_ids(batch: Batch, y_true: Any) -> Iterator[Finding]:
    """Class ids of a float type too narrow for them."""
    dtype = keras.backend.standardize_dtype(getattr(y_true, "dtype", "float64"))
    takes_ids = batch.kind in ("class", "ordinal", "label-embedding", "hidden")
    if dtype not in EXACT or not takes_ids or batch.y_true.shape == batch.label_shape:
        return
    over = batch.asked & (np.abs(batch.y_true) >= EXACT[dtype])
    if over.any():
        seen = f"Ids of {EXACT[dtype]} and more share {dtype} numbers; `y_true` has some {where(over)}."
        advice = "Keep ids as integers from the start: what has been merged can't be told apart."
        yield Finding("precision", seen, advice, fix='y_true = np.asarray(y_true).astype("int64")')


def distilled(batch: Batch) -> Iterator[Finding]:
    """Probabilities of a teacher where its logits are expected."""
    count = batch.y_pred.shape[-1]
    y = batch.y_true[..., :count].astype("float64")
    if batch.kind != "teacher" or not batch.has("temperature") or y.shape != batch.y_pred.shape or count < 2:
        return
    if y.min() >= 0 and (np.abs(y.sum(axis=-1) - 1) < SUM_TOLERANCE).all():
        seen = f"`y_true` looks like probabilities, but {batch.name} expects the teacher's logits."
        advice = "Give the logits; the logarithms of the probabilities do as well."
        yield Finding("labels", seen, advice, fix="y_true = np.log(np.maximum(y_true, 1e-7))")


def negative(batch: Batch) -> Iterator[Finding]:
    """Negative counts and amounts."""
    if batch.kind not in ("element", "distribution") or batch.name not in LOSSES:
        return
    described = catalogue.information(type(batch.loss)).y_true
    takes = re.search(r"(counts|numbers|targets) (>=?) 0", described)
    if takes is None:
        return
    wrong = batch.asked & (batch.y_true < 0)
    if wrong.any():
        what = " ".join(takes.groups())
        seen = f"{batch.name} takes {what} 0; `y_true` has {some(batch.y_true[wrong])} {where(wrong)}."
        fix = "y_true = np.where(y_true < 0, np.nan, y_true); loss = kerasloss.Masked(loss)"
        yield Finding(
            "labels", seen, "If they stand for missing ones, leave them out with `Masked`.", fix=fix
        )


def boxes(batch: Batch) -> Iterator[Finding]:
    """Boxes with a negative side, which have no area for the loss."""
    form = getattr(batch.loss, "bounding_box_format", None)
    if batch.kind != "box" or form is None:
        return
    holds, *places = FORMATS[form.lower().removeprefix("rel_")]
    y = batch.y_true[..., -4:]  # after the class, if there is one
    first, second = np.transpose(places)
    last = y[..., second]
    sides = last - y[..., first] if holds == "corners" else last
    wrong = (sides < 0).any(axis=-1) & batch.asked.all(axis=-1)
    if wrong.any():
        seen = f"A box in `y_true`, read as {form!r}, has a negative side {where(wrong)}."
        advice, fix = "Width and height must not be negative.", None
        if holds == "corners" and not (last[wrong] < 0).any():
            relative = form[: -len("xyxy")].lower()
            advice = f"If it holds a corner and two lengths, set `bounding_box_format='{relative}xywh'`."
            fix = batch.with_arguments(bounding_box_format=f"{relative}xywh")
        yield Finding("labels", seen, advice, fix=fix)


def pixels(batch: Batch) -> Iterator[Finding]:
    """Pictures whose values have another range than the loss was told."""
    top, y = getattr(batch.loss, "max_val", None), batch.y_true[batch.asked]
    if top is None or y.size < ENOUGH:
        return
    low, high = float(y.min()), float(y.max())
    too_far = high - low > 2 * top
    if too_far or (top >= MANY_LEVELS and 0 <= low and high <= 1):
        of_bytes = too_far and low >= 0 and high <= 255
        value = 255.0 if of_bytes else 1.0 if not too_far else float(f"{high - low:.3g}")
        seen = f"The pixels of `y_true` go from {low:.4g} to {high:.4g}, but `max_val` is {top:g}."
        fix = batch.with_arguments(max_val=value)
        yield Finding("labels", seen, f"Set `max_val={value}`, the range of the pixels.", fix=fix)


def partners(batch: Batch) -> Iterator[Finding]:
    """A batch in which no two samples belong together, or all do."""
    if not isinstance(batch.loss, EmbeddingLoss) or len(batch.y_true) < 2:
        return
    views = batch.y_pred.ndim == 3  # they are positives of each other
    if views and not batch.loss.needs_y_true:
        return
    _, sizes = np.unique(batch.y_true[batch.asked], return_counts=True)
    if sizes.size and sizes.max() == 1 and not views:
        seen = "No two samples of the batch have the same label: there is no positive pair."
        yield Finding("labels", seen, "Draw several samples of each class into a batch.")
    elif sizes.size == 1:
        seen = "All samples of the batch have the same label: there is no negative pair."
        yield Finding("labels", seen, "Draw several classes into a batch.")


def left_out(batch: Batch) -> Iterator[Finding]:
    """A batch in which nothing counts."""
    if batch.asked.size and not batch.asked.any():
        ignored = batch.has("ignore_class") and as_tuple(batch.loss.ignore_class)
        what = f"`ignore_class={batch.loss.ignore_class!r}`" if ignored else "the mask"
        seen = f"All labels of the batch are left out by {what}: the loss is 0 and nothing is learned."
        fix = batch.with_arguments(ignore_class=None) if ignored else None
        yield Finding("labels", seen, f"Look at what {what} is meant to leave out.", fix=fix)


CHECKS = (
    *(class_labels, yes_no_labels, score_labels, tokens),
    *(signs, sampling, levels, negative, distilled, boxes, pixels, partners, left_out),
)
"""The checks of a batch alone."""
