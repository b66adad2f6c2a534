import numpy as np

from tests.equivalents.number import (
    BINARY,
    BINARY_LOGITS,
    LABELS,
    LIKE,
    MASK_LOGITS,
    MASKS,
    PICTURES,
    SCORES,
    Number,
    P,
    Y,
    draws,
    softmax,
)
from tests.equivalents.numbers.smp import channels_first
from tests.equivalents.numbers.torch import tensor

normal = draws(2)


def loss(name, *arguments, factor=1):
    def theirs(y_true, y_pred):
        import kornia.losses

        y_true = channels_first(y_true) if y_true.ndim == y_pred.ndim else tensor(y_true)
        return factor * getattr(kornia.losses, name)(*arguments)(channels_first(y_pred), y_true)

    return theirs


def mean(name, **arguments):
    """The mean of its values of single entries."""

    def theirs(y_true, y_pred):
        import kornia.losses

        return getattr(kornia.losses, name)(**arguments)(tensor(y_pred), tensor(y_true)).mean()

    return theirs


def binary_masks(name):
    def theirs(y_true, y_pred):
        import kornia.losses

        return getattr(kornia.losses, name)()(channels_first(y_pred), tensor(y_true[..., 0]))

    return theirs


def of_heatmaps(name):
    """The divergence of the target from the prediction, as here; it takes the prediction first."""

    def theirs(y_true, y_pred):
        import kornia.losses

        return getattr(kornia.losses, name)(channels_first(y_pred), channels_first(y_true))

    return theirs


def heatmaps():
    maps = softmax(normal(3, 20, 2), axis=1)
    return maps.reshape(3, 4, 5, 2)


def erosions(name, **arguments):
    def theirs(y_true, y_pred):
        import kornia.losses

        return getattr(kornia.losses, name)(**arguments)(
            channels_first(y_pred), channels_first(y_true[..., None])
        )

    return theirs


MAPS = np.round(softmax(MASK_LOGITS), 4)
VOLUME_IDS, VOLUME = (
    np.stack([MASKS, 2 - MASKS, MASKS[:, ::-1]], axis=1),
    np.stack([MAPS, MAPS[:, ::-1], MAPS], axis=1),
)
FEW_PIXELS, FEW_LIKE = PICTURES[:, :4, :5], LIKE[:, :4, :5]
FEW = {"erosions": 3, "alpha": 1.5}

IGNORED = np.where(MASK_LOGITS[..., 0] > 1, -100, MASKS)
HALF = np.array([[1, -100, 0], [-100, 1, 0], [0, 0, -100]])


def picture_loss(name, factor, *arguments, **others):
    """A factor times its number of pictures."""

    def theirs(y_true, y_pred):
        import kornia.losses

        made = getattr(kornia.losses, name)(*arguments, **others)
        return factor * made(channels_first(y_pred), channels_first(y_true))

    return theirs


def total_variation(y_true, y_pred):
    import kornia.losses

    return kornia.losses.TotalVariation()(channels_first(y_pred)).reshape(len(y_pred), -1).sum(1).mean()


def psnr(y_true, y_pred):
    """Of each image."""
    pairs = zip(y_true, y_pred, strict=True)
    return np.mean([picture_loss("PSNRLoss", 1, 1.0)(y[None], p[None]) for y, p in pairs])


def flow(y_true, y_pred):
    import kornia.metrics

    return kornia.metrics.aepe(tensor(y_pred), tensor(y_true))


_flows = draws(57)
NUMBERS = {
    "SSIMLoss": [
        Number(picture_loss("SSIMLoss", 2, 11, padding="valid"), PICTURES, LIKE),
        Number(
            picture_loss("SSIMLoss", 2, 5, 2.0, padding="valid"),
            PICTURES,
            LIKE,
            {"filter_size": 5, "max_val": 2.0},
        ),
    ],
    "MS_SSIMLoss": [
        Number(picture_loss("MS_SSIMLoss", 1 / 200), FEW_PIXELS, FEW_LIKE),
        Number(
            picture_loss("MS_SSIMLoss", 1, sigmas=(0.5, 1.0), data_range=2.0, alpha=0.4, compensation=1.0),
            FEW_PIXELS,
            FEW_LIKE,
            {"sigmas": [0.5, 1.0], "max_val": 2.0, "alpha": 0.4},
        ),
    ],
    "PSNRLoss": [Number(psnr, PICTURES, LIKE)],
    "TotalVariation": [Number(total_variation, PICTURES, LIKE)],
    "aepe": [Number(flow, _flows(3, 4, 5, 2), _flows(3, 4, 5, 2))],
    "BinaryFocalLossWithLogits": [
        Number(mean("BinaryFocalLossWithLogits", alpha=None), LABELS, SCORES),
        Number(lambda y, p: 3 * mean("BinaryFocalLossWithLogits", alpha=None)(y, p) / 2, HALF, SCORES[:, :3]),
        Number(
            mean("BinaryFocalLossWithLogits", alpha=0.3, gamma=1.5),
            LABELS,
            SCORES,
            {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5},
        ),
    ],
    "FocalLoss": [
        Number(loss("FocalLoss", None, 2.0, "mean", factor=3), MASKS, MASK_LOGITS),
        Number(
            loss("FocalLoss", 0.3, 1.5, "mean", factor=3),
            MASKS,
            MASK_LOGITS,
            {"alpha": [0.7, 0.3, 0.3], "gamma": 1.5},
        ),
    ],
    "DiceLoss": [
        Number(loss("DiceLoss"), IGNORED, MASK_LOGITS),
        Number(loss("DiceLoss", "macro"), MASKS, MASK_LOGITS, {"axis": [1, 2]}),
    ],
    "TverskyLoss": [
        Number(loss("TverskyLoss", 0.5, 0.5), MASKS, MASK_LOGITS),
        Number(loss("TverskyLoss", 0.5, 0.5), IGNORED, MASK_LOGITS),
        Number(loss("TverskyLoss", 0.3, 0.8), MASKS, MASK_LOGITS, {"alpha": 0.3, "beta": 0.8}),
    ],
    "LovaszHingeLoss": [Number(binary_masks("LovaszHingeLoss"), BINARY, BINARY_LOGITS)],
    "LovaszSoftmaxLoss": [
        Number(loss("LovaszSoftmaxLoss"), MASKS, MASK_LOGITS),
        Number(loss("LovaszSoftmaxLoss"), np.where(MASKS == 2, 0, MASKS), MASK_LOGITS),
    ],
    "HausdorffERLoss": [
        Number(erosions("HausdorffERLoss"), MASKS, MAPS),
        Number(erosions("HausdorffERLoss", alpha=1.5, k=3), MASKS, MAPS, FEW),
    ],
    "HausdorffERLoss3D": [
        Number(erosions("HausdorffERLoss3D"), VOLUME_IDS, VOLUME),
        Number(erosions("HausdorffERLoss3D", alpha=1.5, k=3), VOLUME_IDS, VOLUME, FEW),
    ],
    "CharbonnierLoss": [Number(mean("CharbonnierLoss"), Y, P)],
    "CauchyLoss": [Number(mean("CauchyLoss"), Y, P)],
    "GemanMcclureLoss": [Number(mean("GemanMcclureLoss"), Y, P)],
    "WelschLoss": [Number(mean("WelschLoss"), Y, P)],
    "kl_div_loss_2d": [Number(of_heatmaps("kl_div_loss_2d"), heatmaps(), heatmaps())],
    "js_div_loss_2d": [Number(of_heatmaps("js_div_loss_2d"), heatmaps(), heatmaps())],
}
