import sys
from unittest import mock

import numpy as np

from tests.equivalents.number import LABELS, SCORES, Number, draws, module_alone, softmax
from tests.equivalents.numbers.smp import channels_first
from tests.equivalents.numbers.torch import tensor

ABSENT = ("datasets", "datasets.datasets", "datasets.datasets.utils", "models.utils", "models.utils.realnvp")

normal = draws(84)
JOINTS, ESTIMATES = normal(4, 3, 2, scale=5), normal(4, 3, 2, scale=9)
MAPS = np.round(np.clip(np.abs(normal(3, 4, 5, 2)) / 2, 0, 1), 2)  # some pixels are 1, the foreground
LIKE = MAPS + np.where(normal(3, 4, 5, 2) > 0, normal(3, 4, 5, 2), 0)  # half of them are equal
PEAKS = np.minimum(MAPS, 0.9)
PEAKS[:, 1, 2, 0] = 1
PROBABILITIES = np.round(np.clip(np.abs(normal(3, 4, 5, 2)), 0.05, 0.95), 2)
P, Q = (np.round(softmax(normal(3, 2, 12)), 4).reshape(3, 2, 3, 4) for _ in range(2))
QUALITY = np.where(LABELS > 0, np.abs(SCORES) % 1, 0)
EMBEDDINGS = normal(5, 4)


def loss(module, name, **arguments):
    """Without OpenMMLab's engine, whose registry would hold the class."""
    registry = mock.MagicMock()
    registry.MODELS.register_module.return_value = lambda cls: cls
    sys.modules["mmpose.registry"] = registry
    try:
        absent = tuple(f"mmpose.{one}" for one in ABSENT)
        return getattr(module_alone(f"mmpose.models.losses.{module}_loss", absent), name)(**arguments)
    finally:
        del sys.modules["mmpose.registry"]


def of(module, name, form=tensor, factor=1.0, **arguments):
    """Its number times a factor, of arrays in its form."""

    def theirs(y_true, y_pred):
        made = loss(module, name, **arguments)
        return factor * made(form(y_pred), form(y_true))

    return theirs


def coordinates(name, **arguments):
    return of("regression", name, **arguments)


def maps(name, **arguments):
    return of("heatmap", name, form=channels_first, **arguments)


def alike(**arguments):
    return lambda y_true, y_pred: loss("classification", "InfoNCELoss", **arguments)(tensor(y_pred[:, 0]))


NUMBERS = {
    "AdaptiveWingLoss": [
        Number(maps("AdaptiveWingLoss"), MAPS, LIKE),
        Number(
            maps("AdaptiveWingLoss", alpha=2.5, omega=8, epsilon=0.5, theta=0.3),
            MAPS,
            LIKE,
            {"alpha": 2.5, "omega": 8.0, "epsilon": 0.5, "theta": 0.3},
        ),
    ],
    "KeypointMSELoss": [Number(maps("KeypointMSELoss"), MAPS, LIKE)],
    "FocalHeatmapLoss": [
        Number(maps("FocalHeatmapLoss"), PEAKS, PROBABILITIES),
        Number(maps("FocalHeatmapLoss", alpha=1, beta=3), PEAKS, PROBABILITIES, {"alpha": 1.0, "beta": 3.0}),
        Number(maps("FocalHeatmapLoss", factor=1 / 3), np.minimum(PEAKS, 0.9), PROBABILITIES),
    ],
    "WingLoss": [
        Number(coordinates("WingLoss", factor=1 / 6), JOINTS, ESTIMATES),
        Number(
            coordinates("WingLoss", factor=1 / 6, omega=3.0, epsilon=0.7),
            JOINTS,
            ESTIMATES,
            {"width": 3.0, "curvature": 0.7},
        ),
    ],
    "SmoothL1Loss": [Number(coordinates("SmoothL1Loss"), JOINTS, JOINTS + ESTIMATES / 9)],
    "SoftWeightSmoothL1Loss": [
        Number(coordinates("SoftWeightSmoothL1Loss"), JOINTS, JOINTS + ESTIMATES / 9),
        Number(
            coordinates("SoftWeightSmoothL1Loss", beta=0.4), JOINTS, JOINTS + ESTIMATES / 9, {"beta": 0.4}
        ),
    ],
    "L1Loss": [Number(coordinates("L1Loss"), JOINTS, ESTIMATES)],
    "MSELoss": [Number(coordinates("MSELoss"), JOINTS, ESTIMATES)],
    "BCELoss": [
        Number(of("classification", "BCELoss"), LABELS.astype(float), SCORES),
        Number(
            of("classification", "BCELoss", use_sigmoid=True),
            LABELS.astype(float),
            np.abs(SCORES) % 0.9 + 0.05,
            {"from_logits": False},
        ),
    ],
    "JSDiscretLoss": [
        Number(of("classification", "JSDiscretLoss", factor=1 / 2, use_target_weight=False), P, Q)
    ],
    "VariFocalLoss": [
        Number(of("classification", "VariFocalLoss"), QUALITY, SCORES),
        Number(
            of("classification", "VariFocalLoss", alpha=0.4, gamma=1.0),
            QUALITY,
            SCORES,
            {"alpha": 0.4, "gamma": 1.0},
        ),
    ],
    "InfoNCELoss": [
        Number(alike(), np.zeros(5), np.stack([EMBEDDINGS, EMBEDDINGS], axis=1)),
        Number(
            alike(temperature=0.3),
            np.zeros(5),
            np.stack([EMBEDDINGS, EMBEDDINGS], axis=1),
            {"temperature": 0.3},
        ),
    ],
}
