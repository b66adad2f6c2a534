"""Scenes of numbers, of labels that are there or not, and of the parameters of distributions."""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

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
    turned,
)

REACH = {"AdaptiveWing": 1.5, "TukeyBiweight": 8, "Wing": 20}
"""How far from the label the predictions go, where 5 shows too little or too much."""
LABELS = {
    "AdaptiveWing": 1,  # heat maps in [0, 1]
    "MeanAbsolutePercentageError": 1,
    "SymmetricMeanAbsolutePercentageError": 1,
    "RelativeLp": 1,
    "LogNormalNLL": 1,
    "ZeroInflatedLogNormalNLL": 1,
    "NegativeBinomialNLL": 3,
    "ZeroInflatedPoissonNLL": 3,
    "ZeroInflatedNegativeBinomialNLL": 3,
}
"""Labels other than 0, for losses that divide by the label or want a positive one."""


def _label(loss: Any, y_true: Any) -> float:
    """The label that was asked for, or the one that shows most."""
    if y_true is not None:
        return float(y_true)
    return float(LABELS.get(known(loss).__name__, activation_of(loss) == "positive"))


def numbers(loss: Any, y_true: Any) -> Scene:
    """One number against another."""
    y_true = _label(loss, y_true)
    reach = REACH.get(known(loss).__name__, 5)
    x = np.linspace(y_true - reach, y_true + reach, POINTS)
    if activation_of(loss) == "positive":
        x = np.linspace(0, max(5.0, 2 * y_true), POINTS)[1:]
    return Scene(x, "y_pred", by_label([y_true], each))


def with_history(loss: Any, y_true: Any) -> Scene:
    """A forecast after a history in which every step is 1."""
    y_true = _label(loss, y_true)
    line = Line(f"y_true = {y_true:g}", [*range(-loss.seasonality, 1), y_true], each)
    label = f"y_pred, after a history that grows by {loss.seasonality} in a season"
    return Scene(np.linspace(y_true - 5, y_true + 5, POINTS), label, [line])


def angle(loss: Any, y_true: Any) -> Scene:
    """Two vectors with mean 0 and of one length: the cosine of their angle is their correlation."""
    pair = np.array([[1, -1, 1, -1], [1, 1, -1, -1]], "float32")
    line = Line("", pair[0], lambda x: ops.matmul(turned(x), constant(pair)))
    return Scene(np.linspace(-180, 180, POINTS), "angle between y_true and y_pred, in degrees", [line])


SCORE = "y_pred, a score (logit)"
"""The axis that labels 0/1 and -1/1 share."""


def by_label(labels: list[float], path: Callable) -> list[Line]:
    """A line for each label."""
    return [Line(f"y_true = {y:g}", [float(y)], path) for y in labels]


def yes_no(loss: Any, y_true: Any) -> Scene:
    """The probability or the score of one label, which is there or not."""
    labels = by_label([1, 0] if y_true is None else [y_true], each)
    if activation_of(loss) == "sigmoid":
        return Scene(PROBABILITIES, "y_pred, a probability", labels)
    return Scene(np.linspace(-4, 4, POINTS), SCORE, labels)


def margin(loss: Any, y_true: Any) -> Scene:
    """The score of a label -1 or 1, which are mirror images."""
    return Scene(np.linspace(-4, 4, POINTS), SCORE, by_label([1.0 if y_true is None else y_true], each))


def two_labels(loss: Any, y_true: Any) -> Scene:
    """A label that is there beside one that is not."""
    line = Line("", [1.0, 0.0], affine([0, 0], [1, 0]))
    return Scene(np.linspace(-4, 4, POINTS), "score of the true label; that of the false one is 0", [line])


def two_groups(loss: Any, y_true: Any) -> Scene:
    """A batch of two positives and two others."""
    labels, signs = np.array([[1], [1], [0], [0]]), np.array([[1], [1], [-1], [-1]])
    if activation_of(loss) == "sigmoid":
        x, label = PROBABILITIES, "p of the positives, 1 - p of the others"
        return Scene(x, label, [Line("", labels, affine(1 - labels, signs))], whole=True)
    label = "score of the positives, minus that of the others"
    return Scene(np.linspace(-4, 4, POINTS), label, [Line("", labels, affine(0, signs))], whole=True)


# Distributions -------------------------------------------------------------------------------------

OUTPUTS = {
    "IntervalScore": ([-1, 1], [1, 1], "centre of an interval of width 2"),
    "EnsembleCRPS": ([-1, 0, 1], [1, 1, 1], "mean of three members, 1 apart"),
    "EnergyScore": ([-1, 0, 1], [1, 1, 1], "mean of three members, 1 apart"),
    "HistogramGaussian": (
        [0, 0, 0, 0, 0],
        [0, 0, 1, 0, 0],
        "logit of the middle of five bins, with the others at 0",
    ),
    "GaussianMixtureNLL": (
        [0, 0, 0, 3, 0, 0],
        [0, 0, 1, 0, 0, 0],
        "mean of one component; the other is at 3",
    ),
}
"""The last axis of `y_pred` at 0, how it changes, and what that is, if it is not the first output."""


def distribution(loss: Any, y_true: Any) -> Scene:
    """The first output, while the others are 0, or 1 where they are the parameters themselves."""
    y_true, name, link = _label(loss, y_true), known(loss).__name__, getattr(loss, "link", None)
    first, *others = loss.parameters.split(", ")
    rest = float(link in ("identity", "variance"))
    base, slope = [0.0] + [rest] * len(others), [1.0] + [0.0] * len(others)
    raw = "" if rest else "raw "  # before the link
    label = f"{raw}output 0 ({first}), with {raw}{', '.join(others)} at {rest:g}"
    base, slope, label = OUTPUTS.get(name, (base, slope, label))
    lines = by_label([y_true], affine([base], [slope]))
    x = np.linspace(y_true - 5, y_true + 5, POINTS)
    if known(loss).__module__.endswith(".counts"):  # the first output is positive, too
        x = np.linspace(0, 10, POINTS)[1:] if rest else np.linspace(-2, 4, POINTS)
    if name == "VonMisesNLL":
        x = np.linspace(y_true - np.pi, y_true + np.pi, POINTS)
    return Scene(x, label, lines)


def latent(loss: Any, y_true: Any) -> Scene:
    """The mean of a normal distribution with variance 1 against the standard normal."""
    line = Line("", [[0.0, 0.0]], affine([[0, 0]], [[1, 0]]))
    return Scene(np.linspace(-4, 4, POINTS), "output 0 (mean of q), with a log-variance of 0", [line])
