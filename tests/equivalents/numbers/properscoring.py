"""The means of the scores of properscoring, which gives one for each target."""

import numpy as np

from tests.equivalents.number import LABELS, Number, Y
from tests.equivalents.numbers.scoringrules import CHANCES, ENSEMBLES, FAR, NORMAL, TIES


def score(name):
    def theirs(y_true, *arrays):
        import properscoring

        return np.mean(getattr(properscoring, name)(y_true, *arrays))

    return theirs


def gaussian(y_true, y_pred):
    return score("crps_gaussian")(y_true, y_pred[..., 0], y_pred[..., 1])


NUMBERS = {
    "crps_gaussian": [Number(gaussian, Y, NORMAL), Number(gaussian, Y, FAR)],
    "crps_ensemble": [Number(score("crps_ensemble"), Y, found) for found in (ENSEMBLES, TIES)],
    "brier_score": [Number(score("brier_score"), LABELS, CHANCES)],
}
