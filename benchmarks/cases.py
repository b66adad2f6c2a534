"""What is timed: a loss of this library, Keras's own, and what a user of the backend would write instead."""

import importlib
from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np

import kerasloss

natives = importlib.import_module(f"benchmarks.natives_{keras.backend.backend()}").natives


class Case(NamedTuple):
    """One row: functions of `(y_true, y_pred)` that return the same mean, and their data."""

    name: str
    ours: Callable
    keras: Callable | None
    native: Callable
    data: Callable
    shape: tuple

    def arrays(self):
        """The arrays `y_true` and `y_pred`."""
        return self.data(np.random.default_rng(0), self.shape)


def errors(rng, shape):
    """Numbers around 0."""
    return rng.normal(size=shape).astype("float32"), rng.normal(size=shape).astype("float32")


def binary_logits(rng, shape):
    """Labels 0 or 1 and logits."""
    return rng.integers(0, 2, shape).astype("float32"), (2 * rng.normal(size=shape)).astype("float32")


def binary_probabilities(rng, shape):
    """Labels 0 or 1 and probabilities."""
    y_true, logits = binary_logits(rng, shape)
    return y_true, 1 / (1 + np.exp(-logits))


def id_logits(rng, shape):
    """Class ids and logits."""
    return rng.integers(0, shape[-1], shape[:-1]).astype("int32"), rng.normal(size=shape).astype("float32")


def id_probabilities(rng, shape):
    """Class ids and probabilities."""
    ids, logits = id_logits(rng, shape)
    p = np.exp(logits)
    return ids, p / np.sum(p, axis=-1, keepdims=True)


def counts(rng, shape):
    """Counts and rates."""
    rate = np.exp(rng.normal(size=shape))
    return rng.poisson(rate).astype("float32"), rate.astype("float32")


def log_counts(rng, shape):
    """Counts and logarithms of rates."""
    y_true, rate = counts(rng, shape)
    return y_true, np.log(rate)


def distributions(rng, shape):
    """Two rows of probabilities."""
    p, q = np.exp(rng.normal(size=(2, *shape)))
    return tuple((x / np.sum(x, axis=-1, keepdims=True)).astype("float32") for x in (p, q))


def distribution_logits(rng, shape):
    """Probabilities and logits."""
    p, _ = distributions(rng, shape)
    return p, rng.normal(size=shape).astype("float32")


def masks(rng, shape):
    """One-hot masks and probabilities of pixels."""
    ids, p = id_probabilities(rng, shape)
    return np.eye(shape[-1], dtype="float32")[ids], p


def label_sequences(rng, shape):
    """Sequences of 25 labels, none of them the blank 0, and logits of frames."""
    return rng.integers(1, shape[-1], (shape[0], 25)).astype("int32"), rng.normal(size=shape).astype(
        "float32"
    )


def dense(data):
    """The same with one-hot labels."""

    def one_hot(rng, shape):
        ids, y_pred = data(rng, shape)
        return np.eye(shape[-1], dtype="float32")[ids], y_pred

    return one_hot


def case(name, loss, data, shape, **arguments):
    """A row of the table below; `name` is also the key of the native function."""
    ours = getattr(kerasloss, loss)(**arguments)
    try:
        theirs = getattr(keras.losses, loss)(**arguments)
    except (AttributeError, TypeError):  # Keras has no such loss, or it doesn't take the argument
        theirs = None
    return Case(f"{name} {'x'.join(map(str, shape))}", ours, theirs, natives[name], data, shape)


SMALL, CLASSES, VOCABULARY = (4096, 256), (2048, 1000), (1024, 32000)
LOGITS = {"from_logits": True}
CASES = [
    case("mse", "MeanSquaredError", errors, SMALL),
    case("mae", "MeanAbsoluteError", errors, SMALL),
    case("huber", "Huber", errors, SMALL),
    case("logcosh", "LogCosh", errors, SMALL),
    case("cosine", "CosineSimilarity", errors, SMALL),
    case("bce-logits", "BinaryCrossentropy", binary_logits, SMALL, **LOGITS),
    case("bce-probs", "BinaryCrossentropy", binary_probabilities, SMALL),
    case("ce-logits", "CategoricalCrossentropy", dense(id_logits), CLASSES, **LOGITS),
    case("ce-probs", "CategoricalCrossentropy", dense(id_probabilities), CLASSES),
    case("sparse-logits", "SparseCategoricalCrossentropy", id_logits, CLASSES, **LOGITS),
    case("sparse-probs", "SparseCategoricalCrossentropy", id_probabilities, CLASSES),
    case("sparse-logits", "SparseCategoricalCrossentropy", id_logits, VOCABULARY, **LOGITS),
    case("focal-bin-logits", "BinaryFocalCrossentropy", binary_logits, SMALL, **LOGITS),
    case("focal-bin-probs", "BinaryFocalCrossentropy", binary_probabilities, SMALL),
    case("focal-cat-logits", "CategoricalFocalCrossentropy", dense(id_logits), CLASSES, **LOGITS),
    case("focal-cat-probs", "CategoricalFocalCrossentropy", dense(id_probabilities), CLASSES),
    case("kl-probs", "KLDivergence", distributions, SMALL),
    case("kl-logits", "KLDivergence", distribution_logits, SMALL, **LOGITS),
    case("poisson", "Poisson", counts, SMALL),
    case("quantile", "Quantile", errors, SMALL, quantile=0.9),
    case("dice", "Dice", masks, (8, 128, 128, 4)),
    case("ctc", "CTC", label_sequences, (16, 150, 32)),
]
CALLS = [
    case(name, loss, data, (32, 10), **arguments)
    for name, loss, data, arguments in (
        ("mse", "MeanSquaredError", errors, {}),
        ("huber", "Huber", errors, {}),
        ("bce-logits", "BinaryCrossentropy", binary_logits, LOGITS),
        ("bce-probs", "BinaryCrossentropy", binary_probabilities, {}),
        ("ce-logits", "CategoricalCrossentropy", dense(id_logits), LOGITS),
        ("ce-probs", "CategoricalCrossentropy", dense(id_probabilities), {}),
        ("sparse-logits", "SparseCategoricalCrossentropy", id_logits, LOGITS),
        ("sparse-probs", "SparseCategoricalCrossentropy", id_probabilities, {}),
        ("focal-cat-probs", "CategoricalFocalCrossentropy", dense(id_probabilities), {}),
        ("dice", "Dice", masks, {}),
    )
]
"""What `--mode call` times."""
