"""The memory that losses take, against a limit for each: exit status 1 where one is passed.

    KERAS_BACKEND=jax python -m benchmarks.memory

JAX compiles value and gradient, runs nothing, and tells the size of the temporary buffers: the same on every
run. They are printed in multiples of y_pred's size (of the logits' where y_pred is a linear head), beside the
limit.
"""

import math
import sys
from collections.abc import Callable
from typing import NamedTuple

import keras

import kerasloss
from benchmarks import modes


class Preference:
    """A preference loss of a linear head: by its logits, or by hidden states."""

    def __init__(self, loss, built):
        self.loss, self.built = loss, built
        self.log_probability = kerasloss.layers.SequenceLogProbability()

    def __call__(self, ids, y_pred):
        """The loss of pairs of texts, without a reference."""
        inputs = [y_pred[0] @ y_pred[1]] if self.built else y_pred
        return self.loss(ids[:, :, 0] * 0.0, self.log_probability([ids, *inputs]))

    def __repr__(self):
        return f"{self.loss!r} of {'logits' if self.built else 'hidden states'}"


class Row(NamedTuple):
    """A loss, shapes and dtype of its inputs, and how many times the size of y_pred it may take."""

    limit: float
    loss: Callable
    y_true: tuple
    y_pred: tuple
    labels: str = "float32"


SMALL, CLASSES, VOCABULARY, PIXELS, PAIRS = (
    (4096, 256),
    (2048, 1000),
    (1024, 32000),
    (8, 128, 128, 4),
    (512, 128),
)
TEXTS = (8, 2, 128), ((8, 2, 128, 256), (256, 32000))
BOTH = ((2048, 256), (256, 32000), (2048, 256), (256, 32000))
LOGITS = {"from_logits": True}
# 0.1 above what is measured: room for buffers of one number per row.
ROWS = [
    Row(0.1, kerasloss.MeanSquaredError(), SMALL, SMALL),
    Row(0.1, kerasloss.MeanAbsoluteError(), SMALL, SMALL),
    Row(1.1, kerasloss.Huber(), SMALL, SMALL),
    Row(2.1, kerasloss.LogCosh(), SMALL, SMALL),
    Row(0.1, kerasloss.Quantile([0.1, 0.9]), SMALL, (*SMALL, 2)),
    Row(3.1, kerasloss.BinaryCrossentropy(), SMALL, SMALL),
    Row(2.1, kerasloss.BinaryCrossentropy(**LOGITS), SMALL, SMALL),
    Row(3.1, kerasloss.BinaryFocalCrossentropy(**LOGITS), SMALL, SMALL),
    Row(1.1, kerasloss.CategoricalCrossentropy(**LOGITS), CLASSES, CLASSES),
    Row(0.1, kerasloss.SparseCategoricalCrossentropy(**LOGITS), CLASSES[:1], CLASSES, "int32"),
    Row(0.1, kerasloss.SparseCategoricalCrossentropy(**LOGITS), VOCABULARY[:1], VOCABULARY, "int32"),
    Row(2.1, kerasloss.CategoricalFocalCrossentropy(**LOGITS), CLASSES, CLASSES),
    Row(1.1, kerasloss.KLDivergence(), SMALL, SMALL),
    Row(2.1, kerasloss.Poisson(), SMALL, SMALL),
    Row(0.1, kerasloss.Dice(), PIXELS, PIXELS),
    Row(0.1, kerasloss.FocalTversky(), PIXELS, PIXELS),
    # A matrix of all pairs, 512 x 512, is 4 times y_pred; all differences, 512 x 512 x 128, are 512 times.
    Row(48.0, kerasloss.MaximumMeanDiscrepancy(), PAIRS, PAIRS),
    Row(24.0, kerasloss.SinkhornDivergence(), PAIRS, PAIRS),
    Row(0.25, kerasloss.LinearCrossentropy(), (2048,), ((2048, 256), (256, 32000)), "int32"),
    Row(0.25, kerasloss.LinearCrossentropy(), (2048,), ((2048, 256), (256, 128000)), "int32"),
    Row(0.3, kerasloss.LinearDistillation(), (2048,), BOTH, "int32"),
    Row(
        0.3, kerasloss.LinearDistillation(beta=0.5, temperature=2.0, hard_weight=0.5), (2048,), BOTH, "int32"
    ),
    # 8 pairs of texts of 128 tokens.
    Row(3.1, Preference(kerasloss.DPO(), built=True), *TEXTS, "int32"),
    Row(0.3, Preference(kerasloss.DPO(), built=False), *TEXTS, "int32"),
]


def main():
    """Prints the table."""
    if modes.BACKEND != "jax":
        sys.exit("Memory is measured on JAX: set KERAS_BACKEND=jax.")
    print(f"{'':<60} {'y_pred':>26} {'taken':>6} {'limit':>6}")
    over = [row for row in ROWS if taken(row) > row.limit]
    if over:
        sys.exit(f"{len(over)} of {len(ROWS)} take more than their limit.")


def taken(row):
    """Prints one row; returns its temporaries in multiples of y_pred."""
    import jax

    y_true = jax.ShapeDtypeStruct(row.y_true, row.labels)
    y_pred = keras.tree.map_shape_structure(lambda shape: jax.ShapeDtypeStruct(shape, "float32"), row.y_pred)
    size = row.y_pred
    if isinstance(y_pred, tuple):  # a linear head, whose logits nobody builds
        size = (*row.y_pred[0][:-1], row.y_pred[1][1])
    share = modes.temporaries(row.loss, y_true, y_pred) / (4 * math.prod(size))
    shape = "x".join(map(str, size))
    mark = "  <- over" if share > row.limit else ""
    print(f"{row.loss!r:<60} {shape:>26} {share:6.2f} {row.limit:6.2f}{mark}", flush=True)
    return share


if __name__ == "__main__":
    main()
