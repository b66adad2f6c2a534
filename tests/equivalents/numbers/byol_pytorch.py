import types

import numpy as np

from tests.equivalents.number import TORCHVISION, Number, draws, module_alone
from tests.equivalents.numbers.torch import tensor

normal = draws(85)
ANYTHING, ONE, BOTH = np.zeros(5), normal(5, 2, 4), normal(5, 4, 4)
EQUAL = np.concatenate([BOTH[:, :2], BOTH[:, 1::-1] * 3], axis=1)  # p1 and z2, p2 and z1 point the same way
EQUAL[0] = BOTH[0]


def module():
    """Without torchvision, whose images it augments."""
    return module_alone("byol_pytorch.byol_pytorch", TORCHVISION)


def one(y_true, y_pred):
    return module().cosine_loss_fn(tensor(y_pred[:, 0]), tensor(y_pred[:, 1])).mean()


def both(y_true, y_pred):
    """Its step, of networks that give these predictions and projections."""
    views = [tensor(np.concatenate([y_pred[:, i], y_pred[:, i + 1]])) for i in (0, 2)]
    networks = types.SimpleNamespace(
        training=False,
        use_momentum=True,
        augment1=lambda x: x,
        augment2=lambda x: x,
        online_encoder=lambda images: (images, None),
        online_predictor=lambda projections: views[0],
        _get_target_encoder=lambda: lambda images: (views[1], None),
    )
    return module().BYOL.forward(networks, tensor(y_pred[:, 0]))


NUMBERS = {
    "BYOL": [Number(both, ANYTHING, BOTH), Number(both, ANYTHING, EQUAL)],
    "cosine_loss_fn": [Number(one, ANYTHING, ONE), Number(one, ANYTHING, 0.01 * BOTH[:, 1:3])],
}
