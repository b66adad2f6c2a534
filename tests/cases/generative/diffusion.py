"""Cases of `kerasloss/losses/generative/diffusion.py`."""

import math

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.element import real_extremes

TARGET, PREDICTED = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[0.5, 0.5], [0.0, 0.0]])


def with_level(*levels):
    return np.concatenate([TARGET, np.array(levels)[:, None]], axis=-1)


NOISY, AT_TIMES = with_level(math.log(10), math.log(0.5)), with_level(0.25, 0.5)


def draw_with(low, high):
    """Targets with one more channel, the same number at each position of a sample."""

    def draw(rng, n):
        y_true, y_pred = rng.normal(size=(2, n, 2, 2))
        level = low + (high - low) * (rng.permutation(n) + rng.uniform(0.2, 0.8, size=n)) / n
        level = np.broadcast_to(level[:, None, None], (n, 2, 1))
        return np.concatenate([y_true, level], axis=-1).astype("float32"), y_pred.astype("float32")

    return draw


def extremes_at(*levels):
    def extremes():
        y_true, y_pred = real_extremes()
        level = np.resize(np.array(levels, "float32"), (len(y_true), 1))
        return np.concatenate([y_true, level], axis=-1), y_pred

    return extremes


def squares(y, x):
    return m.mean(((x - y[..., : x.shape[-1]]) ** 2).reshape(len(x), -1))


def level_of(y):
    """The last channel, at the first position."""
    return y.reshape(len(y), -1, y.shape[-1])[:, 0, -1]


def diffusion(y, x, prediction="epsilon", weighting=None, gamma=5.0, sigma_data=0.5):
    if weighting is None:
        return squares(y, x)
    snr, gamma = m.exp(level_of(y)), m.exact(gamma)
    weight = {
        "snr": snr,
        "min_snr": np.minimum(snr, gamma),
        "soft_min_snr": gamma * snr / (snr + gamma),
        "truncated_snr": np.maximum(snr, 1),
        "edm": snr + 1 / m.exact(sigma_data) ** 2,
    }[weighting]
    return squares(y, x) * weight / {"epsilon": snr, "sample": 1, "velocity": snr + 1}[prediction]


def flow_matching(y, x, weighting=None, logit_mean=0.0, logit_std=1.0):
    if weighting is None:
        return squares(y, x)
    t = level_of(y)
    if weighting == "sigma_sqrt":
        return squares(y, x) / (t * t)
    if weighting == "cosmap":
        return squares(y, x) * 2 / (mpmath.pi * (1 - 2 * t + 2 * t * t))
    logit, mean, std = m.log(t / (1 - t)), m.exact(logit_mean), m.exact(logit_std)
    density = m.exp(-(((logit - mean) / std) ** 2) / 2) / (std * mpmath.sqrt(2 * mpmath.pi))
    return squares(y, x) * density / (t - t * t)


CASES = [
    Case(
        K.Diffusion,
        draw_with(-2.5, 3.5),
        diffusion,
        arguments={"weighting": "min_snr"},
        variants=[
            {"weighting": None},
            {"gamma": 2.0, "prediction": "velocity"},
            {"weighting": "snr", "prediction": "velocity"},
            {"weighting": "soft_min_snr", "prediction": "sample"},
            {"weighting": "truncated_snr", "prediction": "sample"},
            {"weighting": "edm", "sigma_data": 0.7},
        ],
        known=[
            ({"weighting": None, "reduction": None}, TARGET, PREDICTED, [0.25, 0.5]),
            ({"reduction": None}, NOISY, PREDICTED, [0.125, 0.5]),
            (
                {"prediction": "velocity", "reduction": None},
                NOISY,
                PREDICTED,
                [0.113636363636, 0.166666666667],
            ),
            (
                {"prediction": "sample", "weighting": "edm", "reduction": None},
                NOISY,
                PREDICTED,
                [3.5, 2.25],
            ),
            (
                {"weighting": "soft_min_snr", "reduction": None},
                NOISY,
                PREDICTED,
                [0.083333333333, 0.454545454545],
            ),
        ],
        bad=[{"prediction": "noise"}, {"weighting": "p2"}, {"gamma": 0.0}, {"sigma_data": -0.5}],
        extremes=extremes_at(-30.0, 30.0, 0.0),
    ),
    Case(
        K.FlowMatching,
        draw_with(0.05, 0.95),
        flow_matching,
        arguments={"weighting": "logit_normal"},
        variants=[
            {"weighting": None},
            {"weighting": "sigma_sqrt"},
            {"weighting": "cosmap"},
            {"logit_mean": 0.5, "logit_std": 0.8},
        ],
        known=[
            ({"weighting": None, "reduction": None}, TARGET, PREDICTED, [0.25, 0.5]),
            ({"weighting": "sigma_sqrt", "reduction": None}, AT_TIMES, PREDICTED, [4.0, 2.0]),
            (
                {"weighting": "cosmap", "reduction": None},
                AT_TIMES,
                PREDICTED,
                [0.254647908947, 0.636619772368],
            ),
            ({"reduction": None}, AT_TIMES, PREDICTED, [0.29091302456, 0.797884560803]),
        ],
        bad=[{"weighting": "mode"}, {"logit_mean": np.nan}, {"logit_std": 0.0}],
        extremes=extremes_at(0.0, 1.0, 0.5),
    ),
]
