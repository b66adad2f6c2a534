"""The losses of Segmentation Models for Keras, of masks and probabilities."""

import os

import numpy as np

from tests.equivalents.number import (
    BINARY,
    BINARY_LOGITS,
    MASK_LOGITS,
    MASKS,
    Number,
    one_hot,
    sigmoid,
    softmax,
)


def theirs(name, factor=1, **arguments):
    """Its number, times a factor."""

    def value(y_true, y_pred):
        os.environ.setdefault("SM_FRAMEWORK", "tf.keras")
        from segmentation_models import losses

        loss = getattr(losses, name)
        masks = y_true.astype("float32"), y_pred.astype("float32")
        return factor * np.asarray((loss(**arguments) if isinstance(loss, type) else loss)(*masks))

    return value


FOREGROUND, LABELS, CLASSES = np.round(sigmoid(BINARY_LOGITS), 4), one_hot(MASKS, 3), 3
SHARES = softmax(MASK_LOGITS)
EACH = {"axis": [1, 2]}
RARE = (
    one_hot(BINARY[..., 0], 3),
    np.concatenate([FOREGROUND, 1 - FOREGROUND, 0 * FOREGROUND + 1e-6], axis=-1),
)
"""Masks without the last class, which the prediction all but excludes."""


def regions(name):
    return [
        Number(theirs(name), LABELS, SHARES),
        Number(theirs(name), *RARE),
        Number(theirs(name, per_image=True, smooth=0.5), LABELS, SHARES, {**EACH, "smooth": 0.5}),
    ]


NUMBERS = {
    "DiceLoss": regions("DiceLoss"),
    "JaccardLoss": regions("JaccardLoss"),
    "BinaryCELoss": [Number(theirs("BinaryCELoss"), BINARY, FOREGROUND)],
    "CategoricalCELoss": [
        Number(theirs("CategoricalCELoss", CLASSES), LABELS, SHARES),
        Number(
            theirs("CategoricalCELoss", CLASSES, class_weights=np.array([0.5, 1.0, 3.0])),
            LABELS,
            SHARES,
            {"class_weight": [0.5, 1.0, 3.0]},
        ),
    ],
    "BinaryFocalLoss": [
        Number(theirs("BinaryFocalLoss"), BINARY, FOREGROUND),
        Number(
            theirs("BinaryFocalLoss", alpha=0.6, gamma=1.5), BINARY, FOREGROUND, {"alpha": 0.6, "gamma": 1.5}
        ),
    ],
    "CategoricalFocalLoss": [
        Number(theirs("CategoricalFocalLoss", CLASSES), LABELS, SHARES),
        Number(
            theirs("CategoricalFocalLoss", CLASSES, alpha=0.6, gamma=1.5),
            LABELS,
            SHARES,
            {"alpha": 0.6, "gamma": 1.5},
        ),
    ],
    **{
        name: [Number(theirs(name), BINARY, FOREGROUND)]
        for name in (
            "bce_dice_loss",
            "bce_jaccard_loss",
            "binary_focal_dice_loss",
            "binary_focal_jaccard_loss",
        )
    },
}
