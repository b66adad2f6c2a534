"""One number of another library, and small inputs that show a wrong argument."""

import importlib
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from unittest import mock

import numpy as np


class Number(NamedTuple):
    theirs: Callable[[np.ndarray, np.ndarray], Any]
    """The number that the library gives for `(y_true, y_pred)` in the form they have here, after what the
    row's note says (a factor, a mean over values that it leaves alone)."""
    y_true: np.ndarray
    y_pred: Any
    config: Mapping[str, Any] = {}
    """Arguments here in addition to those of the row."""


def module_alone(name, absent=()):
    """A module, without what the packages around it import when they are imported themselves; with stand-ins
    for what is absent."""
    parents = name.split(".")[:-1]
    packages = [".".join(parents[: i + 1]) for i in range(len(parents))]
    packages = [package for package in packages if package not in sys.modules]
    for package in packages:
        alone = types.ModuleType(package)
        alone.__path__ = importlib.util.find_spec(package).submodule_search_locations
        sys.modules[package] = alone
    module = import_without(absent, name)
    for package in packages:  # another library may import them as they are
        del sys.modules[package]
    return module


def import_without(absent, name):
    """A module, with stand-ins for what it imports, and what can't be imported beside this PyTorch."""
    absent = [one for one in absent if one not in sys.modules]
    for one in absent:
        sys.modules[one] = mock.MagicMock(__spec__=importlib.machinery.ModuleSpec(one, None))
    try:
        return importlib.import_module(name)
    finally:
        for one in absent:
            del sys.modules[one]


TORCHVISION = ("torchvision", "torchvision.ops", "torchvision.models",
               "torchvision.models.vision_transformer", "torchvision.transforms",
               "torchvision.transforms.functional", "torchvision.transforms.v2",
               "torchvision.transforms.v2.functional", "torchvision.io")  # fmt: skip


def draws(seed):
    """A function `(*shape, scale=1.0)` that draws normal numbers of two decimals."""
    rng = np.random.default_rng(seed)
    return lambda *shape, scale=1.0: np.round(scale * rng.normal(size=shape), 2)


normal, _RNG = draws(12), np.random.default_rng(12)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, "float64")))


def softmax(x, axis=-1):
    x = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return x / x.sum(axis=axis, keepdims=True)


def tweedie_constant(y_true, power):
    """What the deviance has in half of it besides minus the log-likelihood, which no prediction changes."""
    return np.mean(y_true ** (2 - power)) / ((1 - power) * (2 - power))


def one_hot(ids, classes):
    return np.eye(classes)[ids]


# Numbers: errors above and below 1.
Y, P = normal(4, 3, scale=2), normal(4, 3, scale=1.5)
AMOUNTS, POSITIVE = np.abs(normal(4, 3)) + 0.3, np.abs(normal(4, 3)) + 0.2
COUNTS = np.array([[0, 3, 1], [2, 0, 5], [4, 1, 0], [7, 2, 1]])
RATES = np.array([[0.4, 2.5, 1.5], [0.0, 0.2, 6.0], [3.0, 1.2, 0.9], [5.0, 0.0, 2.0]])

# Classes.
IDS, LOGITS = np.array([0, 2, 1, 3, 2]), normal(5, 4, scale=2)
IGNORED = np.array([0, -100, 1, 3, -100])
PROBABILITIES, ONE_HOT = np.round(softmax(LOGITS), 4), one_hot(IDS, 4)
SOFT = np.round(softmax(normal(5, 4)), 4)
WEIGHT = [0.5, 1.0, 2.0, 3.0]

# Independent labels and signs.
LABELS, SCORES = np.array([[1, 0, 0, 1], [0, 1, 0, 0], [1, 1, 0, 1]]), normal(3, 4, scale=2)
YES, YES_LOGITS = np.array([[1], [0], [0], [1], [0], [1]]), normal(6, 1, scale=2)
SIGNS = 2 * LABELS - 1

# Pairs, triplets, embeddings.
ALIKE, PAIRS = np.array([1, -1, -1, 1, -1]), normal(5, 2, 3)
TRIPLETS = normal(5, 3, 3)
DISTANCES = np.array([[0.5], [0.3], [1.7], [1.2], [0.8]])
MEMBERS, EMBEDDINGS = np.array([0, 0, 1, 1, 1, 2, 2, 0]), normal(8, 4)

# Images, channels last.
MASKS, MASK_LOGITS = _RNG.integers(0, 3, size=(3, 4, 5)), normal(3, 4, 5, 3, scale=2)
BINARY, BINARY_LOGITS = _RNG.integers(0, 2, size=(3, 4, 5, 1)), normal(3, 4, 5, 1, scale=2)
MULTI, MULTI_LOGITS = _RNG.integers(0, 2, size=(3, 4, 5, 2)), normal(3, 4, 5, 2, scale=2)

# Pictures, channels last.
_pictures = np.random.default_rng(61)
PICTURES = np.round(_pictures.uniform(size=(3, 12, 13, 2)), 2)
LIKE = np.round(0.7 * PICTURES + 0.3 * _pictures.uniform(size=PICTURES.shape), 2)

# Sequences.
FRAMES, WORDS = normal(3, 6, 4, scale=2), np.array([[1, 2, -1], [3, 3, 1], [2, -1, -1]])
WORDS_BLANK_LAST = np.array([[1, 2, -1], [0, 0, 1], [2, -1, -1]])

# Steps of a transducer, packed scores of a chain of tags, and series.
_sequences = draws(5)
STEPS, STEP_LABELS = _sequences(3, 4, 3, 4), np.array([[1, 2], [2, -1], [0, 0]])
TAGS, EMISSIONS = np.array([[0, 1, 2, 1], [2, 0, -1, -1], [1, 1, 0, -1]]), _sequences(3, 4, 3)
PACKED = np.concatenate([np.tile(_sequences(5, 3), (3, 1, 1)), EMISSIONS], axis=1)
SERIES, FORECASTS = _sequences(3, 5, 2), _sequences(3, 5, 2)

# Log-probabilities of preferred and rejected answers.
REFERENCE, POLICY = -np.abs(normal(4, 2, scale=2)) - 0.2, -np.abs(normal(4, 2, scale=2)) - 0.1
