import importlib
import importlib.util
import sys
import types

import numpy as np

from tests.equivalents.number import PAIRS, Number
from tests.equivalents.numbers.pml import unit
from tests.equivalents.numbers.torch import tensor


def losses():
    """Its losses alone: the package imports torchvision, which has no wheel beside this PyTorch."""
    name = "open_clip"
    if name not in sys.modules:
        package = types.ModuleType(name)
        package.__path__ = importlib.util.find_spec(name).submodule_search_locations
        sys.modules[name] = package
    return importlib.import_module(f"{name}.loss")


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
