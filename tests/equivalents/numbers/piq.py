import numpy as np

from tests.equivalents.number import LIKE, PICTURES, TORCHVISION, Number, module_alone
from tests.equivalents.numbers.smp import channels_first
from tests.equivalents.numbers.torch import tensor

COLOURS = np.concatenate([PICTURES, PICTURES[:, ::-1, :, :1]], axis=-1)
COLOURS_LIKE = np.concatenate([LIKE, LIKE[:, ::-1, :, :1]], axis=-1)
LARGER, LARGER_LIKE = (np.tile(x, (1, 2, 2, 1))[:, :17, :16] for x in (COLOURS, COLOURS_LIKE))
EVEN, EVEN_LIKE = PICTURES[:, :, :12], LIKE[:, :, :12]


def of(module, name, **arguments):
    """Its number. The package imports torchvision, which has no wheel beside this PyTorch."""

    def theirs(y_true, y_pred):
        given = {k: tensor(v) if isinstance(v, list) else v for k, v in arguments.items()}
        loss = getattr(module_alone(f"piq.{module}"), name)(**given)
        return loss(channels_first(y_pred), channels_first(y_true))

    return theirs


def total_variation(norm_type):
    def theirs(y_true, y_pred):
        return module_alone("piq.tv").TVLoss(norm_type)(channels_first(y_pred))

    return theirs


def psnr(y_true, y_pred):
    return -module_alone("piq.psnr").psnr(channels_first(y_pred), channels_first(y_true), data_range=2.0)


def layer(name, kind, **config):
    return {"module": "keras.layers", "class_name": kind, "config": {"name": name, **config}}


# Two layers without weights, here and there.
NETWORK = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {
        "name": "features",
        "layers": [
            layer("images", "InputLayer", batch_shape=[None, None, None, 2]),
            layer("mean", "AveragePooling2D", pool_size=2, data_format="channels_last"),
            layer("most", "MaxPooling2D", pool_size=3, data_format="channels_last"),
        ],
    },
}
AREAS = {"mean": 6 * 6, "most": 2 * 2}


def features(name, layers, **arguments):
    """Of the layers of the same network in PyTorch."""

    def theirs(y_true, y_pred):
        import torch

        network = torch.nn.Sequential()
        network.add_module("mean", torch.nn.AvgPool2d(2))
        network.add_module("most", torch.nn.MaxPool2d(3))
        given = {"mean": [0.0, 0.0], "std": [1.0, 1.0], **arguments}
        loss = getattr(module_alone("piq.perceptual", TORCHVISION), name)(network, layers, **given)
        return loss(channels_first(y_pred), channels_first(y_true))

    return theirs


def of_network(layers, factors, **config):
    weights = [float(factor) for factor in factors]
    return {"extractor": NETWORK, "layers": layers, "layer_weights": weights, **config}


NUMBERS = {
    "SSIMLoss": [
        Number(of("ssim", "SSIMLoss"), PICTURES, LIKE),
        Number(
            of("ssim", "SSIMLoss", kernel_size=5, kernel_sigma=0.8, k1=0.02, k2=0.05, data_range=2.0),
            PICTURES,
            LIKE,
            {"filter_size": 5, "filter_sigma": 0.8, "k1": 0.02, "k2": 0.05, "max_val": 2.0},
        ),
    ],
    "MultiScaleSSIMLoss": [
        Number(
            of("ms_ssim", "MultiScaleSSIMLoss", kernel_size=3, scale_weights=[0.3, 0.7]),
            EVEN,
            EVEN_LIKE,
            {"filter_size": 3, "power_factors": [0.3, 0.7]},
        ),
    ],
    "GMSDLoss": [
        Number(of("gmsd", "GMSDLoss"), COLOURS, COLOURS_LIKE),
        Number(
            of("gmsd", "GMSDLoss", t=0.01, data_range=2.0),
            PICTURES[..., :1],
            LIKE[..., :1],
            {"constant": 0.01, "max_val": 2.0},
        ),
    ],
    "HaarPSILoss": [
        Number(of("haarpsi", "HaarPSILoss"), LARGER, LARGER_LIKE),
        Number(
            of("haarpsi", "HaarPSILoss", subsample=False, c=20.0, alpha=3.0, data_range=2.0),
            LARGER[..., :1],
            LARGER_LIKE[..., :1],
            {"subsample": False, "constant": 20.0, "alpha": 3.0, "max_val": 2.0},
        ),
    ],
    "TVLoss": [
        Number(total_variation("l1"), PICTURES, LIKE),
        Number(total_variation("l2_squared"), PICTURES, LIKE, {"norm": "squared"}),
    ],
    "psnr": [Number(psnr, PICTURES, LIKE, {"max_val": 2.0})],
    "ContentLoss": [
        Number(features("ContentLoss", ["mean"]), PICTURES, LIKE, of_network(["mean"], [2])),
        Number(
            features("ContentLoss", ["mean", "most"], weights=[0.3, 2.0], distance="mae"),
            PICTURES,
            LIKE,
            of_network(["mean", "most"], [2 * 0.3, 2 * 2.0], distance="mae"),
        ),
        Number(
            features("ContentLoss", ["most"], normalize_features=True),
            PICTURES,
            LIKE,
            of_network(["most"], [2], normalize_features=True),
        ),
    ],
    "StyleLoss": [
        Number(features("StyleLoss", ["mean"]), PICTURES, LIKE, of_network(["mean"], [AREAS["mean"] ** 2])),
        Number(
            features("StyleLoss", ["mean", "most"], weights=[0.3, 2.0]),
            PICTURES,
            LIKE,
            of_network(["mean", "most"], [0.3 * AREAS["mean"] ** 2, 2.0 * AREAS["most"] ** 2]),
        ),
        Number(
            features("StyleLoss", ["mean"], distance="mae"),
            PICTURES,
            LIKE,
            of_network(["mean"], [AREAS["mean"] / 2], distance="mae"),
        ),
    ],
}
