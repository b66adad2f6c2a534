"""The losses of timm, which takes the prediction first."""

from tests.equivalents.number import (
    IDS,
    LABELS,
    LOGITS,
    ONE_HOT,
    SCORES,
    SOFT,
    Number,
    module_alone,
)
from tests.equivalents.numbers.torch import tensor


def losses():
    """The package as a whole imports torchvision."""
    return module_alone("timm.loss")


def loss(name, divisor=1, **arguments):
    """Its number, divided by what it multiplies with."""

    def theirs(y_true, y_pred):
        return getattr(losses(), name)(**arguments)(tensor(y_pred), tensor(y_true)) / divisor

    return theirs


CLASSES = LABELS.shape[-1]
FOCUS = {"gamma_neg": 2.0, "gamma_pos": 0.5, "clip": 0.1}

NUMBERS = {
    "AsymmetricLossMultiLabel": [
        Number(loss("AsymmetricLossMultiLabel", CLASSES), LABELS, SCORES),
        Number(loss("AsymmetricLossMultiLabel", reduction="mean", **FOCUS), LABELS, SCORES, FOCUS),
    ],
    "AsymmetricLossSingleLabel": [
        Number(loss("AsymmetricLossSingleLabel"), IDS, LOGITS),
        Number(loss("AsymmetricLossSingleLabel", eps=0.3), IDS, LOGITS, {"label_smoothing": 0.3}),
    ],
    "BinaryCrossEntropy": [
        Number(loss("BinaryCrossEntropy"), LABELS.astype(float), SCORES),
        Number(
            loss("BinaryCrossEntropy", smooth_dense=True),
            LABELS.astype(float),
            SCORES,
            {"label_smoothing": 0.1},
        ),
    ],
    "LabelSmoothingCrossEntropy": [
        Number(loss("LabelSmoothingCrossEntropy"), IDS, LOGITS),
        Number(loss("LabelSmoothingCrossEntropy", smoothing=0.3), IDS, LOGITS, {"label_smoothing": 0.3}),
    ],
    "SoftTargetCrossEntropy": [Number(loss("SoftTargetCrossEntropy"), SOFT, LOGITS)],
    "PolyCrossEntropy": [
        Number(loss("PolyCrossEntropy"), ONE_HOT, LOGITS),
        Number(
            loss("PolyCrossEntropy", epsilon=0.5, smoothing=0.2),
            IDS,
            LOGITS,
            {"epsilon": 0.5, "label_smoothing": 0.2},
        ),
    ],
    "ZlprLoss": [Number(loss("ZlprLoss"), LABELS, SCORES)],
}
