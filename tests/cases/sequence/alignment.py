"""Cases of `kerasloss/losses/sequence/alignment.py`."""

import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.backend import BACKEND
from tests.cases.case import Case, Exempt
from tests.precise import softmax

STEPS = np.array([[[[0, 1], [0.5, 0]], [[1, 0], [2, 0]]]], "float32")
FRAMES = np.array([[[0, 1, 0], [0.5, 0, 1], [0, 0, 2]]], "float32")


def draw(rng, n):
    """Sequences of two, one and no labels, with repeats, in four frames of four classes."""
    labels = np.array([[1, 2], [2, 0], [1, 1], [2, 1], [0, 1], [0, 0]])
    return labels[np.arange(n) % len(labels)], rng.normal(size=(n, 4, 4)).astype("float32")


def ctc(y, p, blank_index=0, ignore_class=None, input_length="mask", normalize_by_length=False,
        zero_infinity=False, layout="NTC", label_layout="NT"):  # fmt: skip
    """The sum over all paths, one by one."""
    p = p if layout == "NTC" else np.swapaxes(p, 0, 1)
    y = y if label_layout == "NT" else y.T
    values = []
    for labels, scores in zip(y, p, strict=True):
        frames = len(scores)
        if input_length == "y_true":
            frames, labels = labels[0], labels[1:]
        blank = blank_index % scores.shape[-1]
        padding = {blank} if ignore_class is None else {ignore_class}
        labels = [label for label in labels if label >= 0 and label not in padding]
        if blank in labels:
            values.append(mpmath.nan)  # a blank is no label
            continue
        q = softmax(scores[:frames])
        total = mpmath.mpf(0)
        for path in itertools.product(range(scores.shape[-1]), repeat=int(frames)):
            merged = [label for label, _ in itertools.groupby(path)]
            if [label for label in merged if label != blank] == labels:
                total += mpmath.fprod(q[t, label] for t, label in enumerate(path))
        value = -mpmath.log(total) if total else mpmath.mpf(0 if zero_infinity else 100000)
        values.append(value / (max(len(labels), 1) if normalize_by_length else 1))
    return np.array(values, object)


def steps(rng, n):
    """Sequences of two, one and no labels in three frames of three classes."""
    labels = np.array([[1, 2], [2, 0], [1, 1], [0, 2], [0, 0]])
    return labels[np.arange(n) % len(labels)], rng.normal(size=(n, 3, 3, 3)).astype("float32")


def steps_with_frames(rng, n):
    """The same with the number of frames in front."""
    y, p = steps(rng, n)
    return np.concatenate([np.array([[3], [2], [1]])[np.arange(n) % 3], y], axis=1), p


def transducer(y, p, blank_index=0, ignore_class=None, input_length="mask", normalize_by_length=False,
               fastemit_lambda=0.0):  # fmt: skip
    """The sum over all orders of blanks and labels, one by one."""
    values = []
    for labels, scores in zip(y, p, strict=True):
        frames = len(scores)
        if input_length == "y_true":
            frames, labels = labels[0], labels[1:]
        blank = blank_index % scores.shape[-1]
        padding = {blank} if ignore_class is None else set(ignore_class)
        labels = [label for label in labels if label >= 0 and label not in padding]
        if blank in labels:
            values.append(mpmath.nan)
            continue
        q, total = softmax(scores), mpmath.mpf(0)
        steps = frames - 1 + len(labels)
        for chosen in itertools.combinations(range(steps), len(labels)):
            t, u, path = 0, 0, mpmath.mpf(1)
            for step in range(steps):
                path *= q[t, u, labels[u] if step in chosen else blank]
                t, u = (t, u + 1) if step in chosen else (t + 1, u)
            total += path * q[t, u, blank]
        value = -(1 + m.exact(fastemit_lambda)) * mpmath.log(total)
        values.append(value / (max(len(labels), 1) if normalize_by_length else 1))
    return np.array(values, object)


def hard_steps():
    """Certain steps, right and wrong, and impossible ones."""
    right = np.zeros((2, 2, 2))
    right[0, 0, 1] = right[0, 1, 0] = right[1, 1, 0] = 1e4
    y_pred = np.stack([right, -right, 0 * right, 1e-40 * right, 1e4 * np.ones_like(right)])
    return np.array([[1], [1], [0], [1], [1]]), y_pred.astype("float32")


def extremes():
    """Certain frames, right and wrong, many frames' worth of logits, and sequences that don't fit."""
    y_true = np.array([[1, 2], [1, 2], [1, 1], [0, 0], [2, 1], [1, 2]])
    right = np.array([[0, 1e4, 0], [1e4, 0, 0], [0, 0, 1e4], [0, 0, 1e4]])
    y_pred = np.stack([right, -right, right, right, 1e-40 * right, -30000 * right])
    return y_true, y_pred.astype("float32")


OF_TRANSDUCERS = {
    "ignored_labels_are_absent": Exempt("what is ignored pads a sequence, it does not remove it"),
    "gradient": Exempt(
        "of FastEmit it is not that of the value",
        lambda fastemit_lambda=0.0, **_: fastemit_lambda > 0,
    ),
}

CASES = [
    Case(
        K.CTC,
        draw,
        ctc,
        variants=[
            {"blank_index": -1},
            {"blank_index": 3, "ignore_class": 2},
            {"input_length": "y_true"},
            {"normalize_by_length": True},
            {"blank_index": 3, "input_length": "y_true", "zero_infinity": True},
        ],
        known=[
            ({}, np.array([[1, 2]]), FRAMES, 0.662517698239),
            (
                {"blank_index": -1, "reduction": None},
                np.array([[1, 0, -1, -1], [2, 1, 1, -1]]),
                np.ones((2, 20, 4), "float32"),
                [18.82820702, 16.50581741],
            ),
            ({}, np.array([[1, 1]]), FRAMES[:, :2], 1e5),
            ({"zero_infinity": True}, np.array([[1, 1]]), FRAMES[:, :2], 0.0),
            ({"normalize_by_length": True}, np.array([[1, 1]]), FRAMES[:, :2], 5e4),
            (
                {"layout": "TNC", "label_layout": "TN"},
                np.array([[1], [2]]),
                FRAMES.swapaxes(0, 1),
                0.662517698239,
            ),
        ],
        bad=[
            {"blank_index": 0.5},
            {"ignore_class": "pad"},
            {"input_length": "auto"},
            {"normalize_by_length": 1},
            {"zero_infinity": None},
            {"layout": "NCT"},
            {"label_layout": "N"},
        ],
        extremes=extremes,
        kinks=[({}, [[1, 1]], FRAMES[:, :2], np.zeros((1, 2, 3)))],
        exempt={
            "ignored_labels_are_absent": Exempt("what is ignored pads a sequence, it does not remove it"),
            "every_argument_matters": Exempt("the layouts need other inputs: see the known values"),
            "forward_mode": Exempt("a gradient given by a formula has none, on JAX and PyTorch"),
            "vmap": Exempt("PyTorch's kernel has none, and says so", lambda **_: BACKEND == "torch"),
            "second_derivatives": Exempt(
                "PyTorch's kernel has none, and says so", lambda **_: BACKEND == "torch"
            ),
        },
    ),
    Case(
        K.Transducer,
        steps,
        transducer,
        variants=[
            {"blank_index": -1},
            {"blank_index": 2, "ignore_class": [0, 2]},
            {"normalize_by_length": True},
            {"fastemit_lambda": 0.25},
        ],
        known=[
            ({}, np.array([[1]]), STEPS, 0.766754881103),
            ({"fastemit_lambda": 0.1}, np.array([[1]]), STEPS, 0.843430369213),
        ],
        bad=[
            {"blank_index": 0.5},
            {"ignore_class": "pad"},
            {"input_length": "auto"},
            {"normalize_by_length": 1},
            {"fastemit_lambda": -0.1},
        ],
        extremes=hard_steps,
        exempt=OF_TRANSDUCERS,
    ),
    Case(
        K.Transducer,
        steps_with_frames,
        transducer,
        arguments={"input_length": "y_true"},
        extremes=lambda: (np.array([[2, 1]]), STEPS),
        exempt=OF_TRANSDUCERS,
    ),
]
