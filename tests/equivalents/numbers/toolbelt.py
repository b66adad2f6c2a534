import numpy as np

from tests.equivalents.number import (
    BINARY,
    BINARY_LOGITS,
    IDS,
    LABELS,
    LOGITS,
    MASK_LOGITS,
    MASKS,
    MULTI,
    MULTI_LOGITS,
    ONE_HOT,
    PROBABILITIES,
    SCORES,
    SOFT,
    TORCHVISION,
    Number,
    P,
    Y,
    draws,
    import_without,
    softmax,
)
from tests.equivalents.numbers.smp import channels_first
from tests.equivalents.numbers.torch import tensor


def losses():
    """The losses use nothing of OpenCV and torchvision, which the package around them imports."""
    return import_without(["cv2", *TORCHVISION], "pytorch_toolbelt.losses")


def of_masks(name, **arguments):
    def theirs(y_true, y_pred):
        y_true = channels_first(y_true) if y_true.ndim == y_pred.ndim else tensor(y_true)
        return getattr(losses(), name)(**arguments)(channels_first(y_pred), y_true)

    return theirs


def loss(name, *arguments, of=lambda y, p: (tensor(y), tensor(p)), **options):
    def theirs(y_true, y_pred):
        y_true, y_pred = of(y_true, y_pred)
        return getattr(losses(), name)(*arguments, **options)(y_pred, y_true)

    return theirs


def function(name, **arguments):
    def theirs(y_true, y_pred):
        return getattr(losses(), name)(tensor(y_pred), tensor(y_true), **arguments)

    return theirs


def counted(theirs):
    """Its mean, of the positions that count alone."""
    return lambda y, p: theirs(y, p) * y.size / (y != -100).sum()


def floats(y_true, y_pred):
    return tensor(y_true).float(), tensor(y_pred)


def logits(y_true, y_pred):
    """Its logits are the logarithms of these probabilities."""
    return tensor(y_true), tensor(np.log(y_pred))


def single(y_true, y_pred):
    """One label and one logit of two that are opposite."""
    return tensor(y_true[:, 1:].astype("float32")), tensor(y_pred[:, 1:])


def three(name):
    """Of exclusive classes, of one, and of independent masks."""
    return [
        Number(of_masks(name, mode="multiclass"), MASKS, MASK_LOGITS),
        Number(of_masks(name, mode="binary"), BINARY, BINARY_LOGITS),
        Number(of_masks(name, mode="multilabel"), MULTI, MULTI_LOGITS, {"multilabel": True}),
        Number(of_masks(name, mode="multiclass", smooth=0.5), MASKS, MASK_LOGITS, {"smooth": 0.5}),
    ]


normal = draws(97)
PER_IMAGE = {"axis": [1, 2, 3]}
MASK_PROBABILITIES = np.round(softmax(MASK_LOGITS), 4)
UNKNOWN = np.where(np.eye(4)[[0, 3, 1]] == 1, -100, LABELS)  # as many in each sample
IGNORED = np.where(MASKS == 1, -100, MASKS)
FOCAL = {"alpha": 0.3, "gamma": 1.5}
QUALITY = np.round(np.random.default_rng(97).uniform(size=(3, 4)), 2)
EDGES = np.array([[0.0, 5.0, -5.0], [5.01, -4.99, 40.0], [0.01, -0.02, 0.5]])
BINARY_TRUE, X = np.array([[0, 1], [1, 0], [1, 0], [0, 1.0]]), normal(4, 1, scale=2)
OPPOSITE = np.concatenate([-X, X], axis=1)
TEMPERATURES = {"t1": 0.3, "t2": 1.7}

NUMBERS = {
    "DiceLoss": three("DiceLoss"),
    "JaccardLoss": three("JaccardLoss"),
    "BinaryLovaszLoss": [
        Number(of_masks("BinaryLovaszLoss"), BINARY, BINARY_LOGITS),
        Number(of_masks("BinaryLovaszLoss", per_image=True), BINARY, BINARY_LOGITS, PER_IMAGE),
    ],
    "LovaszLoss": [
        Number(of_masks("LovaszLoss"), MASKS, MASK_PROBABILITIES),
        Number(of_masks("LovaszLoss"), np.where(MASKS == 2, 0, MASKS), MASK_PROBABILITIES),
        Number(of_masks("LovaszLoss", per_image=True), MASKS, MASK_PROBABILITIES, PER_IMAGE),
    ],
    "BinaryFocalLoss": [
        Number(loss("BinaryFocalLoss"), LABELS, SCORES),
        Number(loss("BinaryFocalLoss", **FOCAL), LABELS, SCORES, {"apply_class_balancing": True, **FOCAL}),
        Number(
            counted(loss("BinaryFocalLoss", ignore_index=-100, of=floats)),
            UNKNOWN,
            SCORES,
            {"ignore_class": -100},
        ),
    ],
    "focal_loss_with_logits": [
        Number(function("focal_loss_with_logits"), LABELS, SCORES),
        Number(function("focal_loss_with_logits", **FOCAL), LABELS, SCORES, FOCAL),
    ],
    "QualityFocalLoss": [
        Number(loss("QualityFocalLoss"), QUALITY, SCORES),
        Number(loss("QualityFocalLoss", beta=1.2), QUALITY, SCORES, {"beta": 1.2}),
    ],
    "SoftBCEWithLogitsLoss": [
        Number(counted(loss("SoftBCEWithLogitsLoss", of=floats)), UNKNOWN, SCORES),
        Number(loss("SoftBCEWithLogitsLoss", smooth_factor=0.1), LABELS, SCORES, {"label_smoothing": 0.2}),
    ],
    "SoftCrossEntropyLoss": [
        Number(counted(of_masks("SoftCrossEntropyLoss")), IGNORED, MASK_LOGITS),
        Number(
            of_masks("SoftCrossEntropyLoss", smooth_factor=0.1), MASKS, MASK_LOGITS, {"label_smoothing": 0.1}
        ),
    ],
    "SoftF1Loss": [Number(loss("SoftF1Loss", of=logits), IDS, PROBABILITIES)],
    "BinarySoftF1Loss": [
        Number(loss("BinarySoftF1Loss"), BINARY, BINARY_LOGITS),
        Number(loss("BinarySoftF1Loss"), LABELS, SCORES),
    ],
    "BiTemperedLogisticLoss": [
        Number(loss("BiTemperedLogisticLoss", 0.8, 1.2), IDS, LOGITS),
        Number(loss("BiTemperedLogisticLoss", **TEMPERATURES), ONE_HOT, LOGITS, TEMPERATURES),
        Number(loss("BiTemperedLogisticLoss", 0.8, 1.2), SOFT, LOGITS),
        Number(
            loss("BiTemperedLogisticLoss", 0.8, 1.2, smoothing=0.15), IDS, LOGITS, {"label_smoothing": 0.2}
        ),
    ],
    "BinaryBiTemperedLogisticLoss": [
        Number(loss("BinaryBiTemperedLogisticLoss", 0.8, 1.2, of=single), BINARY_TRUE, OPPOSITE),
        Number(
            loss("BinaryBiTemperedLogisticLoss", **TEMPERATURES, smoothing=0.1, of=single),
            BINARY_TRUE,
            OPPOSITE,
            {**TEMPERATURES, "label_smoothing": 0.2},
        ),
    ],
    "WingLoss": [
        Number(loss("WingLoss"), 0 * EDGES, EDGES),
        Number(loss("WingLoss", width=2.0, curvature=0.7), Y, P, {"width": 2.0, "curvature": 0.7}),
    ],
    "LogCoshLoss": [Number(loss("LogCoshLoss"), Y, P)],
}
