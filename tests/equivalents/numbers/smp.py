import numpy as np

from tests.equivalents.number import (
    BINARY,
    BINARY_LOGITS,
    MASK_LOGITS,
    MASKS,
    MULTI,
    MULTI_LOGITS,
    Number,
    module_alone,
    one_hot,
    sigmoid,
)
from tests.equivalents.numbers.torch import tensor


def losses():
    """The package imports torchvision, which has no wheel beside this PyTorch."""
    return module_alone("segmentation_models_pytorch.losses")


def channels_first(x):
    return tensor(np.moveaxis(x, -1, 1))


def loss(name, mode=None, **arguments):
    if mode:
        arguments["mode"] = mode

    def theirs(y_true, y_pred):
        y_true = channels_first(y_true) if y_true.ndim == y_pred.ndim else tensor(y_true)
        return getattr(losses(), name)(**arguments)(channels_first(y_pred), y_true)

    return theirs


def focal_of_ids(y_true, y_pred):
    return loss("FocalLoss", "multiclass")(y_true.argmax(-1), y_pred)


def three(name):
    """Of exclusive classes, of one, and of independent masks."""
    return [
        Number(loss(name, "multiclass"), MASKS, MASK_LOGITS),
        Number(loss(name, "binary"), BINARY, BINARY_LOGITS),
        Number(loss(name, "multilabel"), MULTI, MULTI_LOGITS, {"multilabel": True}),
    ]


SMOOTH = {"smooth": 0.5}
IGNORED = np.where(MASKS == 1, -100, MASKS)
UNKNOWN = np.where(MULTI[..., :1] == BINARY, -100, BINARY)


def of_counted(name, **arguments):
    """Its mean, of the positions that count alone."""

    def theirs(y_true, y_pred):
        y = y_true.astype("float32") if name == "SoftBCEWithLogitsLoss" else y_true
        return loss(name, **arguments)(y, y_pred) * y.size / (y != -100).sum()

    return theirs


NUMBERS = {
    "DiceLoss": [
        *three("DiceLoss"),
        Number(loss("DiceLoss", "multiclass", smooth=0.5), MASKS, MASK_LOGITS, {"smooth": 1.0}),
    ],
    "JaccardLoss": [
        *three("JaccardLoss"),
        Number(loss("JaccardLoss", "multiclass", smooth=0.5), MASKS, MASK_LOGITS, SMOOTH),
    ],
    "TverskyLoss": [
        *three("TverskyLoss"),
        Number(
            loss("TverskyLoss", "multiclass", alpha=0.3, beta=0.8, smooth=0.5),
            MASKS,
            MASK_LOGITS,
            {"alpha": 0.3, "beta": 0.8, "smooth": 0.5},
        ),
    ],
    "FocalLoss": [
        Number(loss("FocalLoss", "multilabel"), MULTI, MULTI_LOGITS),
        Number(
            loss("FocalLoss", "binary", alpha=0.3, gamma=1.5),
            BINARY,
            BINARY_LOGITS,
            {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5},
        ),
        Number(focal_of_ids, one_hot(MASKS, 3), MASK_LOGITS),
    ],
    'LovaszLoss(mode="binary")': [
        Number(loss("LovaszLoss", "binary"), BINARY, BINARY_LOGITS),
        Number(loss("LovaszLoss", "binary", per_image=True), BINARY, BINARY_LOGITS, {"axis": [1, 2, 3]}),
    ],
    'LovaszLoss(mode="multilabel")': [Number(loss("LovaszLoss", "multilabel"), MULTI, MULTI_LOGITS)],
    'LovaszLoss(mode="multiclass")': [
        Number(loss("LovaszLoss", "multiclass"), MASKS, MASK_LOGITS),
        Number(loss("LovaszLoss", "multiclass", per_image=True), MASKS, MASK_LOGITS, {"axis": [1, 2, 3]}),
    ],
    "SoftBCEWithLogitsLoss": [
        Number(of_counted("SoftBCEWithLogitsLoss"), UNKNOWN, BINARY_LOGITS),
        Number(
            loss("SoftBCEWithLogitsLoss", smooth_factor=0.1), BINARY, BINARY_LOGITS, {"label_smoothing": 0.2}
        ),
    ],
    "SoftCrossEntropyLoss": [
        Number(of_counted("SoftCrossEntropyLoss", smooth_factor=0.0), IGNORED, MASK_LOGITS),
        Number(loss("SoftCrossEntropyLoss", smooth_factor=0.1), MASKS, MASK_LOGITS, {"label_smoothing": 0.1}),
    ],
    "MCCLoss": [
        Number(loss("MCCLoss"), BINARY, np.round(sigmoid(BINARY_LOGITS), 4)),
        Number(loss("MCCLoss"), 0 * BINARY, 1e-5 * np.round(sigmoid(BINARY_LOGITS), 3)),
        Number(loss("MCCLoss", eps=0.5), BINARY, np.round(sigmoid(BINARY_LOGITS), 4), SMOOTH),
    ],
}
