"""RecBole's formula, as its documentation has it."""

import numpy as np

from tests.equivalents.number import Number, sigmoid
from tests.equivalents.numbers.ranking import SCORES


def bpr(_, y_pred, gamma=1e-10):
    chosen, other = y_pred.T
    return -np.log(gamma + sigmoid(chosen - other)).mean()


NUMBERS = {"BPRLoss": [Number(bpr, np.tile([1, 0], (4, 1)), SCORES[:, :2])]}
