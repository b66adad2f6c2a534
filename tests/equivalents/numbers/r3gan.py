"""R3GAN's paper: its code is a training loop."""

import numpy as np

from tests.equivalents.number import Number, draws, sigmoid

normal = draws(52)
PAIRS, SLOPES = normal(4, 2, scale=1.5), normal(3, 2, 2, 1)


def lead(sign):
    return lambda y_true, y_pred: np.mean(-np.log(sigmoid(sign * (y_pred[:, 0] - y_pred[:, 1]))))


NUMBERS = {
    "AccumulateGeneratorGradients": [Number(lead(-1), np.zeros(4), PAIRS)],
    "AccumulateDiscriminatorGradients": [Number(lead(1), np.ones(4), PAIRS)],
    "ZeroCenteredGradientPenalty": [
        Number(lambda y, p: np.mean(np.sum(p * p, axis=(1, 2, 3))), np.zeros(3), SLOPES)
    ],
}
