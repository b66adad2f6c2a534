import numpy as np

from tests.equivalents.number import Number, P, Y, draws, module_alone
from tests.equivalents.numbers.smp import channels_first
from tests.equivalents.numbers.torch import tensor

LAYERS = ("neuralop.layers", "neuralop.layers.fourier_continuation")
"""What another kind of derivative needs, and much with it."""


def losses():
    return module_alone("neuralop.losses.data_losses", LAYERS)


def of_fields(name, **arguments):
    def theirs(y_true, y_pred):
        return getattr(losses(), name)(**arguments)(channels_first(y_pred), channels_first(y_true))

    return theirs


def squares(y_true, y_pred):
    return losses().MSELoss()(tensor(y_pred), tensor(y_true))


normal = draws(83)
LINES, OTHER_LINES = normal(3, 6, 2), normal(3, 6, 2)
PLANES, OTHER_PLANES = normal(3, 5, 6, 2), normal(3, 5, 6, 2)
SPACES, OTHER_SPACES = normal(3, 5, 4, 6, 1), normal(3, 5, 4, 6, 1)
SIDES = {"measure": [2.0, 0.5]}
EPSILON = 0.3
SLOPES_AT_ENDS = {"periodic_in_x": True, "periodic_in_y": False, "periodic_in_z": True}
MEAN = "sum_over_batch_size"

NUMBERS = {
    "LpLoss": [
        Number(of_fields("LpLoss"), LINES, OTHER_LINES),
        Number(of_fields("LpLoss", p=1, eps=EPSILON), LINES, OTHER_LINES, {"p": 1, "epsilon": EPSILON}),
        Number(of_fields("LpLoss", d=2, p=3), PLANES, OTHER_PLANES, {"p": 3, "axis": [1, 2]}),
        Number(
            of_fields("LpLoss", d=3, measure=4.0, reduction="mean"),
            SPACES,
            OTHER_SPACES,
            {"axis": [1, 2, 3], "reduction": MEAN},
        ),
        Number(of_fields("LpLoss", eps=EPSILON), 0 * LINES, OTHER_LINES, {"epsilon": EPSILON}),
    ],
    "H1Loss": [
        Number(of_fields("H1Loss"), LINES, OTHER_LINES),
        Number(of_fields("H1Loss", periodic_in_x=False), LINES, OTHER_LINES, {"periodic": False}),
        Number(of_fields("H1Loss", d=2, **SIDES), PLANES, OTHER_PLANES, SIDES),
        Number(
            of_fields("H1Loss", d=2, periodic_in_x=False, eps=EPSILON),
            PLANES,
            OTHER_PLANES,
            {"periodic": [False, True], "epsilon": EPSILON},
        ),
        Number(
            of_fields("H1Loss", d=3, reduction="mean", **SLOPES_AT_ENDS),
            SPACES,
            OTHER_SPACES,
            {"periodic": [True, False, True], "reduction": MEAN},
        ),
    ],
    "MSELoss": [Number(squares, np.abs(Y), P)],
}
