import numpy as np

from tests.equivalents.number import IDS, LOGITS, Number
from tests.equivalents.numbers.torch import tensor

TIES = np.round(LOGITS / 2)  # some classes share a score
FLAT = np.zeros((5, 4))  # all of them do


def of(name, **arguments):
    """A loss of entmax: the mean of a function, or a class."""

    def theirs(y_true, y_pred):
        import entmax

        loss, x, target = getattr(entmax, name), tensor(y_pred), tensor(y_true)
        return loss(**arguments)(x, target) if name[0].isupper() else loss(x, target, **arguments).mean()

    return theirs


def function(name, **arguments):
    return [Number(of(name, **arguments), IDS, x) for x in (LOGITS, 0.3 * LOGITS, TIES, FLAT)]


def layer(name, **arguments):
    return [
        *(Number(of(name, **arguments), IDS, x) for x in (LOGITS, 0.3 * LOGITS)),
        Number(of(name, reduction="sum", **arguments), IDS, LOGITS, {"reduction": "sum"}),
        Number(of(name, ignore_index=2, **arguments), IDS, LOGITS, {"ignore_class": 2}),
    ]


NUMBERS = {
    "sparsemax_loss": [*function("sparsemax_loss"), *function("sparsemax_loss", k=2)],
    "SparsemaxLoss": layer("SparsemaxLoss"),
    "sparsemax_bisect_loss": function("sparsemax_bisect_loss"),
    "SparsemaxBisectLoss": layer("SparsemaxBisectLoss"),
    "entmax15_loss": [*function("entmax15_loss"), *function("entmax15_loss", k=2)],
    "Entmax15Loss": layer("Entmax15Loss"),
    "entmax_bisect_loss": function("entmax_bisect_loss"),
    "EntmaxBisectLoss": layer("EntmaxBisectLoss"),
}
