"""The Chamfer distance of PyTorch3D, pair by pair."""

import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(74)


def chamfer(y_true, y_pred):
    d = np.sum((y_true[:, :, None] - y_pred[:, None]) ** 2, axis=-1)
    return np.mean(d.min(2).mean(1) + d.min(1).mean(1))


NUMBERS = {"chamfer_distance": [Number(chamfer, normal(3, 5, 3), normal(3, 4, 3))]}
