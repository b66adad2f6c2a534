import functools

import numpy as np

from tests.equivalents.number import (
    LIKE,
    MASK_LOGITS,
    MASKS,
    MULTI,
    MULTI_LOGITS,
    PAIRS,
    PICTURES,
    Number,
    draws,
    one_hot,
    sigmoid,
    softmax,
)
from tests.equivalents.numbers.smp import channels_first
from tests.equivalents.numbers.torch import tensor

WEIGHT = [0.5, 1.5, 1.0]
HARD = one_hot(MASKS, 3)
_pictures = draws(56)
IMAGES = _pictures(3, 5, 4, 1), _pictures(3, 5, 4, 1)
CRITIC = np.array([[1], [1], [0], [0]]), _pictures(4, 1)
MAPS = np.round(softmax(MASK_LOGITS), 4)
TWO, TWO_MAPS = one_hot(MULTI[..., 0], 2), np.round(softmax(MULTI_LOGITS), 4)


def loss(name, factor=1, **arguments):
    def theirs(y_true, y_pred):
        import monai.losses

        given = {k: tensor(v) if k == "weight" and isinstance(v, list) else v for k, v in arguments.items()}
        y_true = channels_first(y_true if y_true.ndim == y_pred.ndim else y_true[..., None])
        return factor * getattr(monai.losses, name)(**given)(channels_first(y_pred), y_true.float())

    return theirs


def softmax_of(name, **arguments):
    return loss(name, softmax=True, to_onehot_y=True, **arguments)


def mcc(y_true, y_pred):
    return loss("MCCLoss", smooth_dr=0)(y_true, y_pred)


def boundary(y_true, y_pred):
    """Its masks are where the distance is not positive."""
    return loss("BoundaryLoss")((y_true <= 0).astype("float32"), y_pred)


def distances(masks):
    """Its map of each mask: 1 - the distance to the outside, or the distance to the inside."""
    maps = np.zeros(masks.shape)
    places = np.argwhere(np.ones(masks.shape[1:3]))
    for sample, channel in np.ndindex(masks.shape[0], masks.shape[-1]):
        inside = masks[sample, ..., channel] > 0
        for place in places:
            there = inside[tuple(place)]
            nearest = np.sqrt(((np.argwhere(inside != there) - place) ** 2).sum(-1)).min()
            maps[(sample, *place, channel)] = 1 - nearest if there else nearest
    return maps


def of_scales(name, **arguments):
    def theirs(y_true, y_pred):
        import monai.losses
        import torch

        theirs = getattr(monai.losses, name)(torch.nn.MSELoss(), **arguments)
        if isinstance(y_pred, tuple):
            return theirs([channels_first(p) for p in y_pred], channels_first(y_true))
        return theirs(channels_first(y_true), channels_first(y_pred))

    return theirs


def aucm(version, y_true, y_pred):
    import monai.losses
    import torch

    theirs, positive = monai.losses.AUCMLoss(version=version), y_true == 1
    a, b = y_pred[positive].mean(), y_pred[~positive].mean()
    for name, optimum in (("a", a), ("b", b), ("alpha", 1 + b - a)):
        getattr(theirs, name).data = torch.tensor(float(optimum))
    share = positive.mean()
    factor = 1 / (share * (1 - share)) if version == "v1" else 1
    return factor * theirs(tensor(y_pred), tensor(y_true).float())


REAL, OUTPUT = MASK_LOGITS[..., :2], MULTI_LOGITS
DECISIONS = np.array([[1], [0], [0], [1], [0], [0], [0], [1]])
CHANCES = np.array([[0.7], [0.4], [0.3], [0.6], [0.8], [0.1], [0.2], [0.5]])
MSE = {"loss": {"class_name": "mse"}}
SIGMOID = {"from_logits": True, "multilabel": True}

DICE = [
    Number(loss("DiceLoss"), HARD, MAPS),
    Number(
        softmax_of("DiceLoss", weight=WEIGHT),
        MASKS,
        MASK_LOGITS,
        {"from_logits": True, "class_weight": WEIGHT},
    ),
    Number(
        loss("DiceLoss", sigmoid=True, smooth_nr=0.5, smooth_dr=0.5),
        MULTI,
        MULTI_LOGITS,
        {**SIGMOID, "smooth": 0.5},
    ),
    Number(softmax_of("DiceLoss", batch=True), MASKS, MASK_LOGITS, {"from_logits": True, "axis": [0, 1, 2]}),
]
EMPTY = np.zeros(MULTI.shape), 1e-5 * np.round(sigmoid(MULTI_LOGITS), 3)  # shows the smoothing

CERTAIN = 0 * MASKS, MASK_LOGITS + np.array([12, 0, 0]), MULTI_LOGITS - 14


def barlow_twins(**arguments):
    def theirs(_, y_pred):
        import monai.losses

        one, other = (tensor(x) for x in np.moveaxis(y_pred, 1, 0))
        return monai.losses.BarlowTwinsLoss(**arguments)(one, other)

    return theirs


def patches(y_true, y_pred):
    """Half the mean of its values for real and for generated scores."""
    import monai.losses

    theirs = monai.losses.PatchAdversarialLoss(no_activation_leastsq=True)
    parts = (theirs(tensor(y_pred[y_true[:, 0] == k]), k == 1, for_discriminator=True) for k in (1, 0))
    return sum(parts) / 4


NUMBERS = {
    "LocalNormalizedCrossCorrelationLoss": [
        Number(loss("LocalNormalizedCrossCorrelationLoss", spatial_dims=2), *IMAGES),
        Number(
            loss("LocalNormalizedCrossCorrelationLoss", spatial_dims=2, kernel_size=5, smooth_dr=3.0),
            *IMAGES,
            {"kernel_size": 5, "epsilon": 3.0},
        ),
    ],
    "PatchAdversarialLoss(no_activation_leastsq=True)": [Number(patches, *CRITIC)],
    "BarlowTwinsLoss": [
        Number(barlow_twins(), np.zeros(5), PAIRS),
        Number(barlow_twins(lambd=0.5), np.zeros(5), np.round(0.1 * PAIRS, 3), {"redundancy_weight": 0.5}),
    ],
    "DiceLoss": [*DICE, Number(loss("DiceLoss"), *EMPTY, {"multilabel": True})],
    "Dice": [DICE[0], Number(loss("Dice"), *EMPTY, {"multilabel": True})],
    "DiceLoss(jaccard=True)": [
        Number(loss("DiceLoss", jaccard=True), HARD, MAPS),
        Number(loss("DiceLoss", jaccard=True), *EMPTY, {"multilabel": True}),
    ],
    "DiceCELoss": [
        Number(softmax_of("DiceCELoss"), MASKS, MASK_LOGITS),
        Number(softmax_of("DiceCELoss"), *CERTAIN[:2]),
        Number(
            softmax_of("DiceCELoss", lambda_dice=2.0, lambda_ce=0.5),
            MASKS,
            MASK_LOGITS,
            {"dice_weight": 2.0, "crossentropy_weight": 0.5},
        ),
    ],
    "DiceFocalLoss": [
        Number(loss("DiceFocalLoss", sigmoid=True), MULTI, MULTI_LOGITS),
        Number(loss("DiceFocalLoss", sigmoid=True), 0 * MULTI, CERTAIN[2]),
        Number(
            loss("DiceFocalLoss", sigmoid=True, lambda_dice=2.0, lambda_focal=0.5, gamma=1.5),
            MULTI,
            MULTI_LOGITS,
            {"dice_weight": 2.0, "focal_weight": 0.5, "gamma": 1.5},
        ),
    ],
    "TverskyLoss": [
        Number(loss("TverskyLoss"), HARD, MAPS),
        Number(loss("TverskyLoss", alpha=0.3, beta=0.8), HARD, MAPS, {"alpha": 0.3, "beta": 0.8}),
        Number(loss("TverskyLoss"), *EMPTY, {"multilabel": True}),
    ],
    "GeneralizedDiceLoss": [
        Number(loss("GeneralizedDiceLoss"), HARD, MAPS),
        Number(loss("GeneralizedDiceLoss", w_type="simple"), HARD, MAPS, {"weighting": "simple"}),
        Number(loss("GeneralizedDiceLoss", batch=True), HARD, MAPS, {"axis": None}),
    ],
    "GeneralizedDiceFocalLoss": [Number(loss("GeneralizedDiceFocalLoss", sigmoid=True), MULTI, MULTI_LOGITS)],
    "FocalLoss": [
        Number(loss("FocalLoss"), MULTI, MULTI_LOGITS),
        Number(
            loss("FocalLoss", alpha=0.3, gamma=1.5),
            MULTI,
            MULTI_LOGITS,
            {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5},
        ),
    ],
    "FocalLoss(use_softmax=True)": [
        Number(loss("FocalLoss", 3, use_softmax=True), HARD, MASK_LOGITS),
        Number(
            loss("FocalLoss", 3, use_softmax=True, alpha=0.3), HARD, MASK_LOGITS, {"alpha": [0.7, 0.3, 0.3]}
        ),
    ],
    "AsymmetricUnifiedFocalLoss": [Number(loss("AsymmetricUnifiedFocalLoss"), TWO, TWO_MAPS)],
    "MCCLoss": [Number(mcc, HARD, MAPS)],
    "SoftclDiceLoss": [
        Number(loss("SoftclDiceLoss", smooth=1e-12), HARD, MAPS),
        Number(loss("SoftclDiceLoss", iter_=1, smooth=1e-12), HARD, MAPS, {"iterations": 1}),
    ],
    "SoftDiceclDiceLoss": [Number(loss("SoftDiceclDiceLoss", smooth=1e-12), HARD, MAPS)],
    "BoundaryLoss": [Number(boundary, distances(HARD), MAPS)],
    "DeepSupervisionLoss": [
        Number(of_scales("DeepSupervisionLoss"), REAL, (OUTPUT, OUTPUT[:, ::2], OUTPUT[:, :2, :3]), MSE),
        Number(
            of_scales("DeepSupervisionLoss", weight_mode="two"),
            REAL,
            (OUTPUT, OUTPUT[:, ::2], OUTPUT[:, :2, :3]),
            {**MSE, "weights": "two"},
        ),
    ],
    "MultiScaleLoss": [
        Number(of_scales("MultiScaleLoss"), REAL, OUTPUT, MSE),
        Number(of_scales("MultiScaleLoss", scales=[0, 1]), REAL, OUTPUT, {**MSE, "scales": [0, 1]}),
    ],
    "AUCMLoss": [
        Number(functools.partial(aucm, "v1"), DECISIONS, CHANCES),
        Number(functools.partial(aucm, "v2"), DECISIONS, CHANCES),
    ],
    "SSIMLoss": [
        Number(loss("SSIMLoss", spatial_dims=2), PICTURES, LIKE),
        Number(
            loss("SSIMLoss", spatial_dims=2, win_size=5, kernel_sigma=0.8, data_range=2.0),
            PICTURES,
            LIKE,
            {"filter_size": 5, "filter_sigma": 0.8, "max_val": 2.0},
        ),
    ],
    "JukeboxLoss": [Number(loss("JukeboxLoss", spatial_dims=2), PICTURES[..., :1], LIKE[..., :1])],
}
