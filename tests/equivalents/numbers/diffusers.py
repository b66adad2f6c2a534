"""The weights of diffusers' training scripts and of Stable Diffusion 3, and the loss of its codebook."""

import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(53)
TARGET, PREDICTED, PAIRS = normal(4, 3, 2), normal(4, 3, 2), normal(4, 2, 2, 3)
SIGNAL = np.array([0.99, 0.7, 0.3, 0.05])  # the share of the signal's variance
TIMES = np.array([0.1, 0.35, 0.6, 0.9])


def joined(level):
    level = np.broadcast_to(level[:, None, None], (4, 3, 1))
    return np.concatenate([TARGET, np.round(level, 6)], axis=-1)


def weighed(weight):
    """The mean of the squares of each sample, times a weight, as in the scripts."""

    def theirs(y_true, y_pred):
        squares = np.mean((y_pred - y_true[..., :2]) ** 2, axis=(1, 2))
        return np.mean(weight(y_true[:, 0, 2]) * squares)

    return theirs


def min_snr(gamma, velocity=False):
    def weight(level):
        snr = np.exp(level)
        return np.minimum(snr, gamma) / (snr + velocity)

    return weighed(weight)


def quantization(of_output, of_code):
    def theirs(y_true, y_pred):
        squares = np.mean((y_pred[..., 0, :] - y_pred[..., 1, :]) ** 2)
        return of_output * squares + of_code * squares

    return theirs


PLAIN = Number(lambda y, p: np.mean((p - y) ** 2), TARGET, PREDICTED)
NOISY, TIMED = joined(np.log(SIGNAL / (1 - SIGNAL))), joined(TIMES)
CODES = {
    legacy: [Number(quantization(*weights), np.zeros(4), PAIRS)]
    for legacy, weights in ((True, (1, 0.25)), (False, (0.25, 1)))
}
NUMBERS = {
    "train_text_to_image": [PLAIN],
    "train_text_to_image(snr_gamma=5.0)": [
        Number(min_snr(5.0), NOISY, PREDICTED),
        Number(min_snr(2.0, True), NOISY, PREDICTED, {"gamma": 2.0, "prediction": "velocity"}),
    ],
    'compute_loss_weighting_for_sd3("sigma_sqrt")': [Number(weighed(lambda t: t**-2.0), TIMED, PREDICTED)],
    'compute_loss_weighting_for_sd3("cosmap")': [
        Number(weighed(lambda t: 2 / (np.pi * (1 - 2 * t + 2 * t**2))), TIMED, PREDICTED)
    ],
    'compute_loss_weighting_for_sd3("logit_normal")': [PLAIN],
    "VectorQuantizer": CODES[True],
    "VectorQuantizer(legacy=False)": CODES[False],
}
