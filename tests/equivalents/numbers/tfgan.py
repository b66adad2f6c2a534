"""TF-GAN's formulas: it needs TensorFlow, and gives the sums of means that the rows halve."""

import numpy as np

from tests.equivalents.number import Number, draws, sigmoid

normal = draws(51)
REAL = np.array([[1], [1], [1], [0], [0], [0]])
SCORES, FOOLED = normal(6, 1, scale=1.5), normal(4, 1, scale=1.5)
ONES = np.ones((4, 1))
IMAGES, TRIPS, SLOPES = normal(3, 2, 2, 1), normal(3, 2, 2, 1), normal(4, 3, scale=0.8)


def halves(of_real, of_generated):
    """Half the sum of both means, of functions of real and of generated scores."""

    def theirs(y_true, y_pred):
        real, generated = y_pred[y_true > 0.5], y_pred[y_true < 0.5]
        return (np.mean(of_real(real)) + np.mean(of_generated(generated))) / 2

    return theirs


def of_generator(function):
    return lambda y_true, y_pred: np.mean(function(y_pred))


def smoothed(scores):
    """A quarter of one-sided smoothing: the label 0.875."""
    p = sigmoid(scores)
    return -0.875 * np.log(p) - 0.125 * np.log(1 - p)


def is_generated(scores):
    return -np.log(1 - sigmoid(scores))


def relativistic(y_true, y_pred):
    real, generated = y_pred[y_true > 0.5], y_pred[y_true < 0.5]
    of_real = -np.log(sigmoid(real - np.mean(generated)))
    of_generated = -np.log(1 - sigmoid(generated - np.mean(real)))
    return (np.mean(of_real) + np.mean(of_generated)) / 2


def gradient_penalty(target=1.0, one_sided=False):
    def theirs(y_true, y_pred):
        excess = np.sqrt(np.sum(y_pred**2, axis=1) + 1e-10) / target - 1
        return np.mean((np.maximum(0, excess) if one_sided else excess) ** 2)

    return theirs


CRITIC = [Number(halves(smoothed, is_generated), REAL, SCORES)]
NUMBERS = {
    "minimax_discriminator_loss": CRITIC,
    "minimax_generator_loss": [Number(of_generator(lambda s: np.log(1 - sigmoid(s))), ONES, FOOLED)],
    "modified_discriminator_loss": CRITIC,
    "modified_generator_loss": [Number(of_generator(lambda s: -np.log(sigmoid(s))), ONES, FOOLED)],
    "least_squares_discriminator_loss": [
        Number(halves(lambda s: (s - 1) ** 2 / 2, lambda s: s**2 / 2), REAL, SCORES),
        Number(
            halves(lambda s: (s - 0.9) ** 2 / 2, lambda s: (s + 1) ** 2 / 2),
            REAL,
            SCORES,
            {"real_label": 0.9, "generated_label": -1.0},
        ),
    ],
    "least_squares_generator_loss": [Number(of_generator(lambda s: (s - 1) ** 2 / 2), ONES, FOOLED)],
    "wasserstein_discriminator_loss": [Number(halves(lambda s: -s, lambda s: s), REAL, SCORES)],
    "wasserstein_generator_loss": [Number(of_generator(lambda s: -s), ONES, FOOLED)],
    "wasserstein_hinge_discriminator_loss": [
        Number(
            halves(lambda s, m=m: np.maximum(0, m - s), lambda s, m=m: np.maximum(0, m + s)),
            REAL,
            SCORES,
            {} if m == 1 else {"margin": m},
        )
        for m in (1, 0.5)
    ],
    "wasserstein_hinge_generator_loss": [Number(of_generator(lambda s: -s), ONES, FOOLED)],
    "relativistic_discriminator_loss": [Number(relativistic, REAL, SCORES)],
    "relativistic_generator_loss": [Number(relativistic, 1 - REAL, SCORES)],
    "wasserstein_gradient_penalty": [
        Number(gradient_penalty(), np.zeros(4), SLOPES),
        Number(gradient_penalty(0.7, True), np.zeros(4), SLOPES, {"target": 0.7, "one_sided": True}),
    ],
    "cycle_consistency_loss": [Number(lambda y, p: np.mean(np.abs(y - p)), IMAGES, TRIPS)],
}
