import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(43)
X, Y = normal(6, 3, scale=2), normal(5, 3) + 0.5
POINTS = np.round(X / 4, 3)
SHIFTED = np.round(POINTS[::-1] + normal(6, 3, scale=0.075), 3)
"""Each point has one that is far closer than the others: even a small `blur` settles at once."""


def tensors(*clouds):
    """With the precision that its small smoothing needs."""
    import torch

    return [torch.tensor(np.asarray(x, "float64")) for x in clouds]


def samples(loss="sinkhorn", factor=2, **arguments):
    def theirs(y_true, y_pred):
        from geomloss import SamplesLoss

        return factor * SamplesLoss(loss, backend="tensorized", **arguments)(*tensors(y_pred, y_true))

    return theirs


def solved(**arguments):
    def theirs(y_true, y_pred):
        from geomloss.ot import solve_sample

        return solve_sample(*tensors(y_pred, y_true), max_iter=5000, **arguments).value

    return theirs


def gaussian(**arguments):
    return samples("gaussian", **arguments)


NUMBERS = {
    "SamplesLoss": [
        Number(samples(), SHIFTED, POINTS),
        Number(samples(blur=2.0, scaling=0.99), Y, X / 2, {"epsilon": 8.0}),
        Number(samples(blur=2.0, scaling=0.99, debias=False), Y, X / 2, {"epsilon": 8.0, "debiased": False}),
        Number(
            samples(factor=1, p=1, blur=2.0, scaling=0.99, debias=False),
            Y,
            X / 2,
            {"epsilon": 2.0, "p": 1, "debiased": False},
        ),
    ],
    'SamplesLoss(loss="gaussian")': [
        Number(gaussian(), Y, X),
        Number(gaussian(blur=0.7), Y, X, {"bandwidth": 0.7}),
        Number(gaussian(blur=3.0), Y, X / 2, {"bandwidth": 3.0}),
    ],
    "solve_sample": [
        Number(solved(reg=1.0), Y, X / 2, {"epsilon": 1.0}),
        Number(solved(reg=4.0), Y, X / 2, {"epsilon": 4.0}),
        Number(solved(reg=1.0, debias=True), Y, X / 2, {"epsilon": 1.0, "debiased": True}),
    ],
}
