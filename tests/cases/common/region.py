"""Draws, extremes, weighted counts and rows of the losses of regions."""

import inspect

import mpmath
import numpy as np

from tests import precise as m
from tests.cases.case import Case

C = 3
WEIGHTS = [0.5, 1.0, 2.0]
MASK = np.array([[1, 0, 1, 0]]), np.array([[0.8, 0.3, 0.4, 0.1]])


# Draws: 3 positions of 3 classes, so that every axis can be the class axis ---------------------------


def class_ids(rng, n):
    y = rng.integers(0, C, size=(n, 3))
    y[:, 0] = np.arange(n) % C
    return y


def probabilities(rng, n):
    """Positive numbers whose sum is not quite 1."""
    return class_ids(rng, n), (0.95 * rng.dirichlet(np.ones(C), size=(n, 3))).astype("float32")


def logits(rng, n):
    return class_ids(rng, n), rng.normal(size=(n, 3, C)).astype("float32")


def yes_no(rng, n):
    """Logits of independent labels, every channel with both."""
    y = rng.integers(0, 2, size=(n, 3, 2))
    y[:, 0], y[:, 1] = 0, 1
    return y, rng.normal(size=(n, 3, 2)).astype("float32")


def hard_probabilities():
    rows = [[1, 0, 0], [0, 0, 0], [1e-40, 0, 1], [1, 1, 1], [0, 1e-7, 1 - 2.0**-24], [0.5, 0.5, 0]]
    p = np.array(rows, "float32")[:, None] * np.ones((1, 2, 1), "float32")
    return np.array([[0, 1], [0, 0], [1, 0], [2, 2], [1, 2], [0, 1]]), p


def hard_logits():
    rows = [[1e4, 0, 0], [-1e4, 1e4, 1e4], [0, 0, 0], [1e-40, 0, -1e4], [50, -50, 0], [200, 0, 100]]
    x = np.array(rows, "float32")[:, None] * np.ones((1, 2, 1), "float32")
    return np.array([[0, 1], [0, 0], [1, 0], [2, 2], [1, 2], [0, 1]]), x


def hard_yes_no():
    x = np.array([[1e4, -1e4], [-1e4, 1e4], [0, 1e-40], [100, -100], [-20, 20]], "float32")
    y = np.array([[[0, 0], [1, 1]], [[0, 1], [0, 1]], [[1, 1], [1, 1]], [[0, 0], [0, 0]], [[1, 0], [1, 0]]])
    return y, np.stack([x, x], axis=1)


# References: loops over the values, each of which sees its positions ---------------------------------


def dense(y, p, class_axis=-1):
    """Labels of the shape of `p`, as ids or entries say."""
    if y.ndim == p.ndim:
        return y
    if p.shape[class_axis] == 1:
        return np.expand_dims(y, class_axis)
    return np.stack([y == c for c in range(p.shape[class_axis])], axis=class_axis).astype(int)


def is_yes_no(p, multilabel, class_axis):
    return multilabel or p.shape[class_axis] == 1


def valid(y, p, multilabel, class_axis, ignore_class):
    """1 where an entry of `p` counts."""
    if ignore_class is None:
        return np.ones(p.shape, int)
    if is_yes_no(p, multilabel, class_axis):
        return (dense(y, p, class_axis) != ignore_class).astype(int)
    counts = y != ignore_class if y.ndim < p.ndim else np.take(y, ignore_class, axis=class_axis) != 1
    return np.expand_dims(counts, class_axis) * np.ones(p.shape, int)


def activate(p, from_logits, multilabel, class_axis):
    if not from_logits:
        return p
    return 1 / (1 + m.exp(-p)) if is_yes_no(p, multilabel, class_axis) else m.softmax(p, axis=class_axis)


def region(measure, mixes=False):
    """The reference of a loss from the measure of one value.

    `measure(y, p, w)` of lists of entries, or, if it mixes the classes, of `(positions, classes)` arrays.
    """

    def reference(
        y,
        p,
        axis=None,
        from_logits=False,
        multilabel=False,
        class_axis=-1,
        class_weight=None,
        ignore_class=None,
        **arguments,
    ):
        labels = dense(y, p, class_axis)
        w = valid(y, p, multilabel, class_axis, ignore_class)
        x, p = p, activate(p, from_logits, multilabel, class_axis)
        classes = class_axis % p.ndim
        axes = {a % p.ndim for a in (range(p.ndim) if axis is None else np.atleast_1d(axis))}
        pooled = classes in axes
        weights = np.array([1] * p.shape[classes] if class_weight is None else m.exact(class_weight), object)
        if mixes:
            axes |= {classes}
            arguments.update(pooled=pooled, class_weight=class_weight)
            arguments.update(yes_no=is_yes_no(p, multilabel, class_axis), from_logits=from_logits)
        elif pooled:
            w = np.moveaxis(np.moveaxis(w, classes, -1) * weights, -1, classes)
        kept = [a for a in range(p.ndim) if a not in axes]
        result = np.empty([p.shape[a] for a in kept], object)
        for index in np.ndindex(*result.shape):
            place = [slice(None)] * p.ndim
            for a, i in zip(kept, index, strict=True):
                place[a] = slice(i, i + 1)
            parts = [np.moveaxis(a[tuple(place)], classes, -1) for a in (labels, p, w, x)]
            parts = [a.reshape(-1, a.shape[-1]) for a in parts]
            if not np.any(parts[2]):
                result[index] = mpmath.mpf(0)  # nothing counts
            elif mixes:
                result[index] = measure(*parts, **arguments)
            else:
                result[index] = measure(*(a.ravel() for a in parts[:3]), **arguments)
                if not pooled:
                    result[index] = result[index] * weights[index[kept.index(classes)]]
        return result if kept else result[()]

    return reference


def counts(y, p, w):
    """True positives, false positives, misses, true negatives."""
    entries = list(zip(y, p, w, strict=True))
    return (
        sum(w * a * b for a, b, w in entries),
        sum(w * (1 - a) * b for a, b, w in entries),
        sum(w * a * (1 - b) for a, b, w in entries),
        sum(w * (1 - a) * (1 - b) for a, b, w in entries),
    )


def floor(smooth):
    return max(m.exact(smooth), mpmath.mpf(1e-7))


def is_nothing(size):
    return size < mpmath.mpf(2) ** -126  # what float32 can't tell from 0


def of_dice(y, p, w, smooth=0.0, squared_pred=False):
    power = 2 if squared_pred else 1
    size = sum(w * (a**power + b**power) for a, b, w in zip(y, p, w, strict=True))
    if is_nothing(size) and smooth == 0:
        return mpmath.mpf(0)
    return 1 - (2 * counts(y, p, w)[0] + smooth) / (size + floor(smooth))


def of_tversky(y, p, w, alpha=0.5, beta=0.5, smooth=0.0):
    tp, fp, fn, _ = counts(y, p, w)
    if is_nothing(2 * tp + fp + fn) and smooth == 0:
        return mpmath.mpf(0)
    return 1 - (tp + smooth) / (tp + m.exact(alpha) * fp + m.exact(beta) * fn + floor(smooth))


# Rows ------------------------------------------------------------------------------------------------

BAD = [
    {"axis": 0.5},
    {"axis": [1, 1]},
    {"smooth": -1.0},
    {"from_logits": 1},
    {"multilabel": None},
    {"class_axis": None},
    {"class_weight": [1.0, -1.0, 1.0]},
    {"class_weight": 2.0},
    {"ignore_class": 0.5},
]


def has(loss, arguments):
    return set(arguments) <= set(inspect.signature(loss.__init__).parameters)


def bad_of(loss):
    return [b for b in BAD if has(loss, b)]


def rows(loss, reference, variants=(), yes_no_variants=(), known=(), bad=(), exempt=None):
    """A batch of probabilities, logits per sample, and yes/no logits per sample (and class)."""
    exempt = exempt or {}
    general = [
        {"axis": [0, -2]},
        {"class_axis": 1, "ignore_class": 1},
        {"smooth": 0.7},
        {"class_weight": WEIGHTS},
        {"axis": 1, "class_weight": WEIGHTS},
    ]
    of_yes_no = [{"ignore_class": 1}, {"class_weight": [0.5, 2.0]}, {"axis": None}]
    return [
        Case(
            loss,
            probabilities,
            reference,
            variants=[v for v in general if has(loss, v)] + list(variants),
            known=known,
            bad=bad_of(loss) + list(bad),
            extremes=hard_probabilities,
            scope="batch",
            exempt=exempt,
        ),
        Case(
            loss,
            logits,
            reference,
            arguments={"axis": (1, 2), "from_logits": True},
            variants=[{"ignore_class": 1}],
            extremes=hard_logits,
            exempt=exempt,
        ),
        Case(
            loss,
            yes_no,
            reference,
            arguments={"axis": 1, "from_logits": True, "multilabel": True},
            variants=[v for v in of_yes_no if has(loss, v)] + list(yes_no_variants),
            extremes=hard_yes_no,
            exempt=exempt,
        ),
    ]


SQUARED = [{"squared_pred": True}]
