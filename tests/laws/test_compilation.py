"""Compiled as one graph, of an unknown batch size."""

import pytest

from tests.backend import BACKEND, assert_compiles
from tests.laws.table import ONE_EACH, draw, each, own_arguments, share

DEVICE = "Keras's binary_crossentropy asks PyTorch for a device, which can't be traced"


ARRAY = "Keras can't make a tensor of a NumPy array while it is traced"


IN_PIECES = {
    "CTC": "how many labels PyTorch's own loss gets depends on the data",
    "SetPrediction": "how many steps the assignment takes depends on the data",
    **dict.fromkeys(("Coral", "Corn", "MinimaxGAN", "NonSaturatingGAN"), DEVICE),
    **dict.fromkeys(
        ("LinearCrossentropy", "LinearDistillation", "SlicedWasserstein", "SIGReg", "LeJEPA"), ARRAY
    ),
}
"""Why some losses are compiled in several pieces on PyTorch."""


# The half that one of them leaves out is the other's.
SOME = ONE_EACH[::-1] if BACKEND == "tensorflow" else ONE_EACH


@pytest.mark.slow
@pytest.mark.skipif(BACKEND == "jax", reason="there every gradient of these laws is compiled")
@each(share(SOME, tensorflow=2, torch=2))
def test_compiled_equals_eager(case, rng):
    y_true, y_pred = draw(case, rng)
    few = {"iterations": 3} if "iterations" in own_arguments(case) else {}  # PyTorch's graph holds each
    loss = case.make(**few)
    assert_compiles(loss, y_true, y_pred, whole=str(case) not in IN_PIECES)
