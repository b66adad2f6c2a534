"""Scenes of classes: the probability or the logit of one of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from kerasloss.core.kinds.class_cosine import CenterCosineLoss, NormCosineLoss
from kerasloss.core.kinds.ordinal import ThresholdLoss
from kerasloss.inspection.plotting.scene import (
    POINTS,
    PROBABILITIES,
    Line,
    Scene,
    activation_of,
    affine,
    constant,
    each,
    known,
    listed,
)

CLASSES = 3
"""How many classes there are, unless the loss says it; ordered ones are 5."""
PER_CLASS = ("samples_per_class", "class_prior", "transition_matrix", "class_weight", "alpha", "positions")
"""The arguments that have an entry for each class."""


def count_of(loss: Any, default: int = CLASSES) -> int:
    """The number of classes that the arguments of a loss name."""
    given = [getattr(loss, name, None) for name in PER_CLASS]
    return max([len(value) for value in given if isinstance(value, (list, tuple, np.ndarray))] or [default])


def path_of(loss: Any, place: int, count: int) -> tuple[np.ndarray, str, Callable]:
    """The axis, its label, and the predictions that give the class at a place that much."""
    one = np.eye(count, dtype="float32")[place]
    activation = activation_of(loss)
    if activation in ("linear", "any"):
        return np.linspace(-5, 5, POINTS), "logit (score)", affine(0, one)
    rest = (1 - one) / (count - 1)
    p = affine(rest, one - rest)
    log_p = activation == "log_softmax"
    return PROBABILITIES, "probability", (lambda x: ops.log(p(x))) if log_p else p


def classes(loss: Any, y_true: Any) -> Scene:
    """One class against the others; a line for each if the loss treats them differently."""
    count = count_of(loss, 0)
    shown = list(range(min(count, CLASSES))) or [0]
    count = count or CLASSES
    if y_true is not None:
        shown, count = [int(y_true)], max(count, int(y_true) + 1)
    lines = []
    for k in shown:
        x, label, path = path_of(loss, k, count)
        lines.append(Line(f"y_true = {k}" if len(shown) > 1 else "", k, path))
    others = "the others share the rest" if label == "probability" else "those of the others are 0"
    return Scene(x, f"{label} of the true class; {others}", lines)


def tokens(loss: Any, y_true: Any) -> Scene:
    """Two equal tokens, so that a shift by one changes nothing."""
    scene = classes(loss, y_true)
    lines = [Line(name, [k, k], lambda x, p=path: ops.stack([p(x)] * 2, 1)) for name, k, path in scene.lines]
    return scene._replace(lines=lines)


def hidden(loss: Any, y_true: Any) -> Scene:
    """Hidden states that are the logits, since the kernel is the identity."""
    scene = classes(loss, y_true)
    lines = [
        Line(name, k, lambda x, p=path: (p(x), ops.eye(p(x).shape[-1], dtype="float32")))
        for name, k, path in scene.lines
    ]
    return scene._replace(lines=lines)


def hidden_of_two(loss: Any, y_true: Any) -> Scene:
    """The hidden states of a student and of a teacher whose logit of that class is 2."""
    scene = hidden(loss, y_true)

    def both(path: Callable, teacher: np.ndarray) -> Callable:
        def of(x):
            states, kernel = path(x)
            return states, kernel, 0 * states + ops.convert_to_tensor(teacher), kernel

        return of

    lines = []
    for name, k, path in scene.lines:
        teacher = np.zeros(path(scene.x[:1])[0].shape[-1], "float32")
        teacher[k] = 2
        lines.append(Line(name, k, both(path, teacher)))
    return Scene(scene.x, "logit of one class, of which the teacher has 2; the others are 0", lines)


def distributions(loss: Any, y_true: Any) -> Scene:
    """A distribution `(x, rest)` against one that gives the first class 0.3."""
    count = count_of(loss, 2)
    target = np.array([0.3] + [0.7 / (count - 1)] * (count - 1))
    x, label, path = path_of(loss, 0, count)
    label = f"{label} of the first class, of which y_true has 0.3"
    if getattr(loss, "log_target", False):
        target = np.log(target)
    return Scene(x, label, [Line("", target, path)])


# Centers of classes --------------------------------------------------------------------------------

COSINES = np.linspace(-1, 1, POINTS)[1:-1]
"""Between -1 and 1, where the slope of an angle is infinite."""


def cosines(loss: Any, y_true: Any) -> Scene:
    """The cosine with the center of the true class; the other centers are at right angles."""
    place = 0 if y_true is None else int(y_true)
    one = np.eye(max(CLASSES, place + 1))[place]
    path = affine(0, one)
    if isinstance(loss, CenterCosineLoss) and loss.least_rank > 2:
        path = affine(0, each(one))
    elif isinstance(loss, NormCosineLoss) and loss.has_norm:
        path = affine([*(0 * one), NORM], [*one, 0])
    label = "cosine with the center of the true class; those of the others are 0"
    return Scene(COSINES, label, [Line("", place, path)])


NORM = 20.0
"""The norm of an embedding, which some losses see."""


def batch_of_cosines(loss: Any, y_true: Any) -> Scene:
    """A sample of each of two classes, for losses whose values are those of the batch."""
    label = "cosine of two samples with the centers of their classes; with the other 0"
    return Scene(COSINES, label, [Line("", np.arange(2), affine(0, np.eye(2)))], whole=True)


def center(loss: Any, y_true: Any) -> Scene:
    """The squared distance from the center of the true class."""
    place = 0 if y_true is None else int(y_true)
    path = affine(0, np.eye(max(CLASSES, place + 1))[place])
    label = "squared distance from the center of the true class"
    return Scene(np.linspace(0, 4, POINTS), label, [Line("", place, path)])


# Ordered classes -----------------------------------------------------------------------------------

LEVELS = 5
"""How many ordered classes there are, unless the loss says it."""


def ordered(loss: Any, y_true: Any) -> Scene:
    """Predictions that move over the ordered classes."""
    scene = _thresholds(loss) if isinstance(loss, ThresholdLoss) else _levels(loss)
    if y_true is None:
        return scene
    return scene._replace(lines=[scene.lines[0]._replace(name="", y_true=int(y_true))])


def _levels(loss: Any) -> Scene:
    """Probabilities that are centred on a class."""
    levels = np.arange(LEVELS, dtype="float32")

    def path(x: Any) -> Any:
        scores = -2 * ops.square(ops.expand_dims(x, -1) - constant(levels))
        return scores if activation_of(loss) == "linear" else ops.softmax(scores, axis=-1)

    label = f"class on which the prediction is centred, of {LEVELS}"
    if "sample_weight" in loss.call_takes:
        return _all_levels(path)
    return Scene(np.linspace(0, LEVELS - 1, POINTS), label, _of_levels(LEVELS, path))


def _all_levels(path: Callable) -> Scene:
    """A batch with every class once, all predicted too high or too low by the same number of classes."""
    levels = np.arange(LEVELS, dtype="float32")

    def batches(x: Any) -> Any:
        centres = ops.reshape(ops.expand_dims(x, -1) + constant(levels), (-1,))
        return ops.reshape(path(centres), (-1, LEVELS, LEVELS))

    label = "how many classes too high all predictions of the batch are"
    lines = [Line("", np.arange(LEVELS), batches)]
    return Scene(np.linspace(-3, 3, POINTS), label, lines, whole=True)


def _of_levels(count: int, path: Callable) -> list[Line]:
    """A line for the lowest, the middle and the highest class."""
    return [Line(f"y_true = {k}", k, path) for k in (0, (count - 1) // 2, count - 1)]


def _thresholds(loss: Any) -> Scene:
    """A score on the scale of the thresholds between the classes."""
    cutpoints, weights = getattr(loss, "cutpoints", None), getattr(loss, "importance_weights", None)
    between = LEVELS - 1 if weights is None else len(weights)
    at = 2 * np.arange(between) - (between - 1.0) if cutpoints is None else np.asarray(cutpoints)
    sign = -1 if known(loss).__name__ == "CumulativeLink" else 1  # it gets thresholds minus score
    path = affine(-sign * at, sign) if cutpoints is None else each
    x = np.linspace(at[0] - 3, at[-1] + 3, POINTS)
    label = f"score; the thresholds between the classes are {listed(at)}"
    return Scene(x, label, _of_levels(len(at) + 1, path))
