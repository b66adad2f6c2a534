"""The losses of KerasHub, without its models."""

import numpy as np

from tests.equivalents.number import Number, draws, module_alone

normal = draws(73)
DEPTHS, NEAR = np.exp(normal(3, 4, 5, 1)), np.exp(normal(3, 4, 5, 1))
HOLES = np.where(normal(3, 4, 5, 1) > 1, 0, DEPTHS)
RANGE = {"min_depth": 0.3, "max_depth": 2.0}


def depth(**arguments):
    loss = "keras_hub.src.models.depth_anything.depth_anything_loss"
    return lambda y, p: module_alone(loss).DepthAnythingLoss(**arguments)(
        y.astype("float32"), p.astype("float32")
    )


def siglip(_, logits):
    loss = module_alone("keras_hub.src.models.siglip.siglip_loss").SigLIPLoss()
    return loss(2 * np.eye(len(logits), dtype="float32") - 1, logits.astype("float32"))


NUMBERS = {
    "DepthAnythingLoss": [
        Number(depth(), DEPTHS, NEAR),
        Number(depth(), HOLES, NEAR),
        Number(depth(lambd=0.85), DEPTHS, NEAR, {"lambd": 0.85}),
        Number(depth(**RANGE), HOLES, NEAR, RANGE),
    ],
    "SigLIPLoss": [Number(siglip, np.arange(4), normal(4, 4, scale=3))],
}
