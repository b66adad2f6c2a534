import numpy as np

from tests.equivalents.number import WEIGHT, Number, draws
from tests.equivalents.numbers.torch import tensor

IDS, THRESHOLDS = np.array([0, 4, 2, 3, 1, 4, 0]), draws(41)(7, 4, scale=2)
LEVELS = (IDS[:, None] > np.arange(4)).astype("float64")
FIRST, LAST = np.zeros(4, int), np.full(4, 4)


def coral(loss, weights=None, reduction="mean"):
    """Of ids, or of levels."""

    def theirs(y_true, y_pred):
        from coral_pytorch.dataset import levels_from_labelbatch

        y_true, logits = tensor(y_true), tensor(y_pred)
        levels = y_true if y_true.ndim == 2 else levels_from_labelbatch(y_true, 5)
        weights_ = None if weights is None else tensor(weights)
        return loss(logits, levels, weights_, reduction)

    return theirs


def function(logits, levels, weights, reduction):
    from coral_pytorch.losses import coral_loss

    return coral_loss(logits, levels, weights, reduction)


def layer(logits, levels, weights, reduction):
    from coral_pytorch.losses import CoralLoss

    return CoralLoss(reduction)(logits, levels, weights)


def of_coral(loss):
    weighted = {"importance_weights": WEIGHT}
    return [
        Number(coral(loss), IDS, THRESHOLDS),
        Number(coral(loss), LEVELS, THRESHOLDS),
        Number(coral(loss, WEIGHT), IDS, THRESHOLDS, weighted),
        Number(coral(loss, WEIGHT, "sum"), LEVELS, THRESHOLDS, {**weighted, "reduction": "sum"}),
        Number(coral(loss), FIRST, THRESHOLDS[:4]),
        Number(coral(loss), LAST, 50 * THRESHOLDS[:4]),
    ]


def corn(y_true, y_pred):
    from coral_pytorch.losses import corn_loss

    return corn_loss(tensor(y_pred), tensor(y_true), num_classes=5)


def corn_layer(y_true, y_pred):
    from coral_pytorch.losses import CornLoss

    return CornLoss(5)(tensor(y_pred), tensor(y_true))


def of_corn(loss):
    return [
        Number(loss, IDS, THRESHOLDS),
        Number(loss, FIRST, THRESHOLDS[:4]),
        Number(loss, LAST, THRESHOLDS[:4]),
        Number(loss, IDS, 50 * THRESHOLDS),
    ]


NUMBERS = {
    "coral_loss": of_coral(function),
    "CoralLoss": of_coral(layer),
    "corn_loss": of_corn(corn),
    "CornLoss": of_corn(corn_layer),
}
