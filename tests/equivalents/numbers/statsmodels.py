import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(33)
TIMES = np.array([[2.0, 1], [1.5, 0], [0.5, 1], [4.0, 1], [2.0, 1], [0.8, 1]])
HAZARDS = normal(6, 1)


def cox(ties):
    """With the output as the covariate, at the coefficient 1."""

    def theirs(y_true, y_pred):
        from statsmodels.duration.hazard_regression import PHReg

        time, event = np.asarray(y_true, "float64").T
        return -PHReg(time, np.asarray(y_pred, "float64"), event, ties=ties).loglike(np.ones(1))

    return theirs


NUMBERS = {
    "PHReg": [Number(cox("breslow"), TIMES, HAZARDS)],
    'PHReg(ties="efron")': [Number(cox("efron"), TIMES, HAZARDS)],
}
