"""A row of the case table: from it alone follow all the laws in `tests/laws`."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.registry import KINDS


@dataclasses.dataclass(frozen=True)
class Exempt:
    """Why a law does not hold, and for which arguments (None: for all)."""

    reason: str
    where: Callable | None = None

    def applies(self, arguments):
        return self.where is None or self.where(**arguments)


@dataclasses.dataclass(frozen=True)
class Case:
    """One loss and all that the laws need to know of it."""

    loss: type
    draw: Callable
    """`draw(rng, n) -> y_true, y_pred`: n samples from the domain, away from kinks."""
    reference: Callable
    """`reference(y_true, y_pred, **arguments) -> values`, in 50-digit arithmetic, from the paper."""
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Arguments of the constructor that the laws use."""
    variants: Sequence[Mapping[str, Any]] = ()
    """Other arguments, on which value and gradient are tested too. Together with `arguments` they must
    change every argument of the constructor."""
    known: Sequence[tuple] = ()
    """Values from the literature: (arguments, y_true, y_pred, value under the default reduction)."""
    bad: Sequence[Mapping[str, Any]] = ()
    """Arguments that must be refused."""
    extremes: Callable | None = None
    """`extremes() -> y_true, y_pred`: where naive forms fail; value and gradient must be finite."""
    kinks: Sequence[tuple] = ()
    """(arguments, y_true, y_pred, gradient of the sum of the values) where a gradient is easily wrong."""
    obeys: str | None = None
    """The kind whose laws the loss obeys, a word of `KINDS`, where that is not its own."""
    square: bool = False
    """Whether `y_pred` is a matrix of the samples with each other."""
    any_width: bool = False
    """Whether the last axis of `y_pred` may have any length, whatever that of `y_true` is."""
    scope: str = "sample"
    """What a value depends on: "sample": its own sample alone. "anchor": the others of the batch too, and
    weights weigh the anchors. "batch": one number for the whole batch, into which weights go as copies."""
    nonzero: Sequence[str] = ()
    """Batches of `tests/laws/test_embeddings.py` whose value is not 0, though they lack positives or
    negatives."""
    counts: Callable | None = None
    """`counts(y_true, y_pred, **arguments) -> which values count`, from the paper; None: all do."""
    exempt: Mapping[str, Exempt] = dataclasses.field(default_factory=dict)
    """Law -> why and where it does not hold. A law is named as its test, without "test_"."""

    def __post_init__(self):
        if self.obeys is not None and self.obeys not in KINDS:
            raise ValueError(f"{self}: obeys must be one of {sorted(KINDS)}. Received: obeys={self.obeys!r}")

    @property
    def kind(self):
        """What stands against what, by which the laws choose shapes and labels."""
        takes_ids = issubclass(self.loss, ClassLoss)  # an ordinal loss may obey the laws of classes too
        return self.obeys or ("class" if takes_ids else self.loss.kind)

    def __str__(self):
        return self.loss.__name__

    def make(self, **changes):
        return self.loss(**{**self.arguments, **changes})
