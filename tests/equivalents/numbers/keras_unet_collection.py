"""The losses of keras-unet-collection, whose layers need Keras 2."""

import numpy as np

from tests.equivalents.number import (
    BINARY,
    BINARY_LOGITS,
    MULTI,
    MULTI_LOGITS,
    TRIPLETS,
    Number,
    module_alone,
    sigmoid,
)
from tests.equivalents.numbers._boxes import PRED, TRUE


def loss(name, *given, **arguments):
    """The mean of its values."""

    def theirs(y_true, y_pred):
        there = getattr(module_alone("keras_unet_collection.losses"), name)
        return np.mean(there(y_true.astype("float32"), y_pred.astype("float32"), *given, **arguments))

    return theirs


def triplets(**arguments):
    def theirs(y_true, y_pred):
        return loss("triplet_1d", y_pred.shape[-1], **arguments)(y_true, y_pred.reshape(len(y_pred), -1))

    return theirs


FOREGROUND, FOREGROUNDS = (np.round(sigmoid(x), 4) for x in (BINARY_LOGITS, MULTI_LOGITS))
TVERSKY, SMOOTH = {"alpha": 0.3, "beta": 0.7}, {"const": 0.5}
NO_LABELS = np.zeros(len(TRIPLETS))

NUMBERS = {
    "dice": [
        Number(loss("dice"), BINARY, FOREGROUND),
        Number(loss("dice"), MULTI, FOREGROUNDS, {"multilabel": True}),
    ],
    "tversky": [
        Number(loss("tversky"), BINARY, FOREGROUND),
        Number(loss("tversky", alpha=0.7, **SMOOTH), BINARY, FOREGROUND, {**TVERSKY, "smooth": 0.5}),
    ],
    "focal_tversky": [
        Number(loss("focal_tversky"), BINARY, FOREGROUND),
        Number(
            loss("focal_tversky", alpha=0.7, gamma=2.0, **SMOOTH),
            BINARY,
            FOREGROUND,
            {**TVERSKY, "gamma": 0.5, "smooth": 0.5},
        ),
    ],
    "iou_seg": [Number(loss("iou_seg"), BINARY, FOREGROUND)],
    "iou_box": [Number(loss("iou_box"), TRUE, PRED)],
    'iou_box(mode="iou")': [Number(loss("iou_box", mode="iou"), TRUE, PRED)],
    "triplet_1d": [
        Number(triplets(), NO_LABELS, TRIPLETS),
        Number(triplets(margin=1.0), NO_LABELS, TRIPLETS, {"margin": 1.0}),
    ],
}
