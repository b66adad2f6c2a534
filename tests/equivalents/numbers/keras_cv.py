"""The losses of KerasCV's last version."""

import numpy as np

from tests.equivalents.number import LABELS, PAIRS, SCORES, Number, P, Y, module_alone, sigmoid
from tests.equivalents.numbers._boxes import PRED, TRUE
from tests.equivalents.numbers.mmdet import HEAT, MAP

NONE, CLASSES = np.zeros(5), LABELS.shape[-1]


def losses():
    """The package as a whole loads data sets."""
    return module_alone("keras_cv.src.losses")


def loss(name, *given, divisor=1, **arguments):
    """Its number, divided by what it multiplies with."""

    def theirs(y_true, y_pred):
        there = getattr(losses(), name)(*given, **arguments)
        return np.asarray(there(y_true.astype("float32"), y_pred.astype("float32"))) / divisor

    return theirs


def of_views(name, **arguments):
    return lambda _, y_pred: loss(name, divisor=2, **arguments)(*np.moveaxis(y_pred, 1, 0))


def of_map(**arguments):
    """The mean over maps of one peak each, as sums over their places."""
    return loss("BinaryPenaltyReducedFocalCrossEntropy", reduction="sum", divisor=len(MAP), **arguments)


PEAKS = {"positive_weight": 2.0, "negative_weight": 0.5, "alpha": 1.5, "beta": 3.0}

NUMBERS = {
    "FocalLoss": [
        Number(loss("FocalLoss", divisor=CLASSES), LABELS, np.round(sigmoid(SCORES), 4)),
        Number(
            loss("FocalLoss", divisor=CLASSES, from_logits=True, alpha=0.4, gamma=1.5),
            LABELS,
            SCORES,
            {"from_logits": True, "alpha": 0.4, "gamma": 1.5},
        ),
    ],
    "BinaryPenaltyReducedFocalCrossEntropy": [
        Number(of_map(), MAP, HEAT),
        Number(of_map(**PEAKS), MAP, HEAT, PEAKS),
    ],
    "GIoULoss": [Number(loss("GIoULoss", "xyxy"), TRUE, PRED)],
    'IoULoss(mode="linear")': [
        Number(loss("IoULoss", "xyxy", mode="linear"), TRUE, PRED),
    ],
    "SimCLRLoss": [
        Number(of_views("SimCLRLoss", temperature=0.5), NONE, PAIRS),
        Number(of_views("SimCLRLoss", temperature=0.2), NONE, PAIRS, {"temperature": 0.2}),
    ],
    "SmoothL1Loss": [Number(loss("SmoothL1Loss"), Y, P)],
}
