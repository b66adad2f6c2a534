import numpy as np

from tests.equivalents.number import PAIRS, Number, module_alone
from tests.equivalents.numbers.pml import unit
from tests.equivalents.numbers.torch import tensor


def losses():
    """The package imports torchvision, which has no wheel beside this PyTorch."""
    return module_alone("open_clip.loss")


def loss(name, *arguments):
    def theirs(_, y_pred):
        return getattr(losses(), name)()(tensor(y_pred[:, 0]), tensor(y_pred[:, 1]), *arguments)

    return theirs


FIRST, ON_SPHERE = np.ones(5), unit(PAIRS)

NUMBERS = {
    "ClipLoss": [
        Number(loss("ClipLoss", 1 / 0.07), FIRST, ON_SPHERE),
        Number(loss("ClipLoss", 2.0), FIRST, ON_SPHERE, {"temperature": 0.5}),
    ],
    "SigLipLoss": [
        Number(loss("SigLipLoss", 10.0, -10.0), FIRST, ON_SPHERE),
        Number(loss("SigLipLoss", 2.0, -1.0), FIRST, ON_SPHERE, {"temperature": 0.5, "bias": -1.0}),
    ],
}
