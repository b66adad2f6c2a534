"""The losses of evidential-deep-learning, whose layers need Keras 2."""

import numpy as np

from tests.equivalents.number import LABELS, SCORES, Number, P, Y, draws, module_alone


def loss(name, *given, of=lambda p: [p], **arguments):
    """Of what `of` makes of the prediction."""

    def theirs(y_true, y_pred):
        there = getattr(module_alone("evidential_deep_learning.losses"), name)
        inputs = (np.asarray(x, "float32") for x in (y_true, *of(y_pred)))
        return np.asarray(there(*inputs, *given, **arguments))

    return theirs


def parameters(y_pred):
    """One by one."""
    return list(np.moveaxis(y_pred, -1, 0))


def side_by_side(y_pred):
    return [np.concatenate(parameters(y_pred), axis=-1)]


normal = draws(107)
POSITIVE = np.abs(normal(3, 4, 3)) + 0.1
EVIDENCE = np.stack([P, POSITIVE[0], 1 + POSITIVE[1], POSITIVE[2]], axis=-1)
MEAN_AND_SCALE, MEAN_AND_LOG = np.stack([P, POSITIVE[0]], axis=-1), np.stack([P, normal(4, 3)], axis=-1)

NUMBERS = {
    "EvidentialRegression": [
        Number(loss("EvidentialRegression", of=side_by_side), Y, EVIDENCE),
        Number(loss("EvidentialRegression", 0.01, of=side_by_side), Y, EVIDENCE, {"coefficient": 0.01}),
    ],
    "NIG_NLL": [Number(loss("NIG_NLL", of=parameters), Y, EVIDENCE)],
    "Gaussian_NLL": [Number(loss("Gaussian_NLL", of=parameters), Y, MEAN_AND_SCALE)],
    "Gaussian_NLL_logvar": [Number(loss("Gaussian_NLL_logvar", of=parameters), Y, MEAN_AND_LOG)],
    "RMSE": [Number(loss("RMSE"), Y, P)],
    "Sigmoid_CE": [
        Number(loss("Sigmoid_CE"), LABELS, SCORES),
    ],
}
