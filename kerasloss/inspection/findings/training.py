"""What makes training slow or one-sided: chance, imbalance, outliers, scales, and parts that drown others."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasloss.core.labels import as_tuple
from kerasloss.inspection import gradients
from kerasloss.inspection.findings.batch import ENOUGH, Batch, Finding, code

MANY = 100
"""The least number of labels whose shares say something about the data."""
UNEQUAL = 20
"""How many times as many labels make a class frequent beside another one."""
FAR = 100
"""How far from 0, or from each other, targets are unscaled."""


def chance(batch: Batch, values: np.ndarray) -> Iterator[Finding]:
    """A cross-entropy far above that of guessing."""
    if batch.kind != "class" or "Crossentropy" not in batch.name or not batch.is_whole:
        return
    if getattr(batch.loss, "average", None) == "sum":
        return  # of so many tokens
    count, mean = batch.class_count, float(np.mean(values))
    guess = math.log(max(count, 2))
    if values.size < ENOUGH or not mean > 3 * guess + 2:
        return
    seen = (
        f"The loss is {mean:.3g}, but to take all classes for equally likely costs ln({count}) = {guess:.3g}."
    )
    advice = "Before training, scale the inputs or the logits down; after it, look for wrong labels."
    fix = None
    if batch.activation == "linear":
        factor = f"{1 / max(float(np.std(batch.y_pred)), 1.0):.2g}"
        fix = f"y_pred = {factor} * y_pred"
        if batch.model is not None:
            fix = f"model = keras.Sequential([model, keras.layers.Rescaling({factor})])"
    yield Finding("chance", seen, advice, fix=fix)


def imbalance(batch: Batch) -> Iterator[Finding]:
    """Classes that are missing from many labels, or much rarer than others."""
    if batch.kind == "binary":
        yield from _rare_positives(batch)
        return
    knows = any(getattr(batch.loss, name, None) is not None for name in KNOWING)
    if batch.kind != "class" or knows or batch.y_true.shape == batch.label_shape:
        return
    ids, count = batch.y_true[batch.asked].astype("int64"), batch.class_count
    if ids.size < MANY or ids.min() < 0 or ids.max() >= count:
        return
    sizes = np.bincount(ids, minlength=count)
    counted = np.setdiff1d(np.arange(count), as_tuple(batch.loss.ignore_class))
    missing = counted[sizes[counted] == 0]
    if missing.size and ids.size >= UNEQUAL * count:
        seen = f"{len(missing)} of {count} classes ({_listed(missing)}) have none of {ids.size} labels."
        yield Finding("imbalance", seen, "Look whether the labels are shuffled, and the classes right.")
    present = sizes[counted]
    if present.size and present.max() >= UNEQUAL * max(present.min(), 1):
        yield _unequal(batch, sizes, present)


def _unequal(batch: Batch, sizes: np.ndarray, present: np.ndarray) -> Finding:
    """What to do about classes of very different sizes, of which those that are present count."""
    seen = f"The classes have {present.min()} to {present.max()} labels."
    if batch.has("class_weight"):
        weights = [round(present.sum() / present.size / max(n, 1), 3) for n in sizes.tolist()]
        advice = "For equal importance set `class_weight`, or use `LogitAdjustedCrossentropy`."
        return Finding("imbalance", seen, advice, fix=batch.with_arguments(class_weight=weights))
    call = f"LogitAdjustedCrossentropy({np.maximum(sizes, 1).tolist()}"
    call += ", from_logits=True)" if batch.takes_logits else ")"
    advice = "For equal importance use `LogitAdjustedCrossentropy` with the counts of the classes."
    return Finding("imbalance", seen, advice, fix=batch.another(call))


KNOWING = ("class_weight", "class_prior", "samples_per_class", "alpha")
"""The arguments by which a loss knows of rare classes."""


def _rare_positives(batch: Batch) -> Iterator[Finding]:
    """Positive labels that are rare, where the loss could weigh them."""
    y = batch.y_true[batch.asked]
    if y.size < MANY or not batch.has("pos_weight") or batch.loss.pos_weight is not None:
        return
    share = float(np.mean(y))
    if 0 < share < 1 / (2 * UNEQUAL):
        seen = f"Only {share:.2%} of the labels are positive."
        weight = round(1 / share - 1, 1)
        fix = batch.with_arguments(pos_weight=weight)
        yield Finding(
            "imbalance", seen, f"Set `pos_weight={weight}`, or use `BinaryFocalCrossentropy`.", fix=fix
        )


def outliers(batch: Batch, values: np.ndarray) -> Iterator[Finding]:
    """One sample in a hundred that has more than half of the loss."""
    if batch.kind != "element" or values.ndim == 0 or values.size < MANY or values.min() < 0:
        return
    ordered = np.sort(values.ravel())[::-1].astype("float64")
    few = math.ceil(values.size / 100)
    share = ordered[:few].sum() / max(ordered.sum(), np.finfo("float64").tiny)
    same = batch.y_true.shape == batch.y_pred.shape and batch.y_true.ndim == 2
    if share > 0.5 and same:
        seen = f"{few} of {values.size} samples have {share:.0%} of the loss."
        error = np.abs(batch.y_pred.astype("float64") - batch.y_true)
        delta = float(f"{max(2 * np.median(error), 1e-6):.2g}")
        fix = batch.another(f"Cauchy(scale={delta})")
        yield Finding(
            "outliers",
            seen,
            f"If they are errors of the data, use `Huber` or `Cauchy(scale={delta})`.",
            fix=fix,
        )


def scale(batch: Batch) -> Iterator[Finding]:
    """Targets that are far from where a network starts, or that are all the same."""
    y, p = batch.y_true[batch.asked].astype("float64"), batch.y_pred.astype("float64")
    if (
        batch.kind != "element"
        or batch.y_true.size != batch.y_pred.size  # more than targets is packed into it
        or not getattr(batch.loss, "needs_y_true", True)
        or y.size < ENOUGH
        or not np.isfinite(y).all()
        or not np.isfinite(p).all()
    ):
        return
    mean, deviation = float(y.mean()), float(y.std())
    size = float(np.abs(y).mean())
    if deviation == 0 and (p != mean).any():
        seen = f"All targets are {mean:g}: there is nothing to learn."
        yield Finding("scale", seen, "Look at how the targets are made.")
    elif batch.activation == "linear" and size > FAR and np.abs(p).mean() < size / 10:
        seen = f"The targets have mean {mean:.4g} and deviation {deviation:.4g}, and predictions are near 0."
        fix = f"y_true = (y_true - {mean:.4g}) / {deviation:.4g}"
        yield Finding("scale", seen, "Scale the targets, and the predictions back.", fix=fix)


def balance(loss: Any, y_true: Any, y_pred: np.ndarray, mask: Any) -> Iterator[Finding]:
    """Parts of a sum of losses whose gradients drown those of others."""
    losses, weights = getattr(loss, "losses", None), getattr(loss, "weights", None)
    if not isinstance(losses, (list, tuple)) or not isinstance(weights, (list, tuple)) or len(losses) < 2:
        return
    norms = [
        abs(weight) * float(np.linalg.norm(gradients.gradient(part, y_true, y_pred, mask)))
        for part, weight in zip(losses, weights, strict=True)
    ]
    smallest, largest = np.argmin(norms), np.argmax(norms)
    if not np.isfinite(norms).all() or norms[smallest] == 0 or norms[largest] < FAR * norms[smallest]:
        return
    ratio = norms[largest] / norms[smallest]
    seen = (
        f"The gradient of {type(losses[largest]).__name__} is {ratio:.0f} times that of "
        f"{type(losses[smallest]).__name__}."
    )
    even = [float(f"{w * norms[smallest] / n:.2g}") if n else w for w, n in zip(weights, norms, strict=True)]
    fix = f"loss = {code(type(loss)(list(losses), weights=even))}"
    yield Finding("balance", seen, f"For equal shares set `weights={even}`.", fix=fix)


def balance_of_outputs(slopes: dict[str, np.ndarray]) -> Iterator[Finding]:
    """An output whose gradient drowns that of another; `slopes`: the gradient of each."""
    norms = {output: float(np.linalg.norm(slope)) / len(slope) for output, slope in slopes.items()}
    if len(norms) < 2 or not np.isfinite(list(norms.values())).all() or min(norms.values()) == 0:
        return
    weakest, strongest = min(norms, key=norms.get), max(norms, key=norms.get)
    ratio = norms[strongest] / norms[weakest]
    if ratio >= FAR:
        weights = {output: float(f"{norms[weakest] / norm:.2g}") for output, norm in norms.items()}
        seen = f"Its gradient is {ratio:.0f} times that of output {weakest!r}."
        advice = f"For equal shares compile with `loss_weights={weights}`."
        yield Finding("balance", seen, advice, output=strongest)


def _listed(ids: np.ndarray) -> str:
    """The first of several ids, and how many more there are."""
    more = f" and {ids.size - 3} more" if ids.size > 3 else ""
    return ", ".join(map(str, ids[:3].tolist())) + more


BATCH_CHECKS = (imbalance, scale)
"""The checks of a batch alone."""
VALUE_CHECKS = (chance, outliers)
"""The checks of a batch and the values of its loss."""
