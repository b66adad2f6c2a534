"""Cases of `kerasloss/losses/probabilistic/latent.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.divergence import clip, total


def gaussian(y, x, free_bits=0.0):
    """log of the ratio of deviations, and second moments."""
    lp, lq = clip(y[..., 1], -40, 40), clip(x[..., 1], -40, 40)
    second = m.exp(lq) + (x[..., 0] - y[..., 0]) ** 2
    k = m.log(m.sqrt(m.exp(lp)) / m.sqrt(m.exp(lq))) + second / (2 * m.exp(lp)) - mpmath.mpf(1) / 2
    return total(clip(k, free_bits) if free_bits else k)


def draw_gaussians(rng, n):
    y_true, y_pred = rng.normal(size=(2, n, 3, 2))
    return y_true.astype("float32"), y_pred.astype("float32")


def hard_gaussians():
    numbers = [(0, 0), (1e4, 1e4), (-1e4, -1e4), (1e-20, 1e-7), (1e4, -1e4), (0, 40), (0, -40)]
    numbers = np.array(numbers, "float32")
    i, j = np.meshgrid(np.arange(len(numbers)), np.arange(len(numbers)))
    return numbers[i.ravel(), None], numbers[j.ravel(), None]


CASES = [
    Case(
        K.GaussianKLDivergence,
        draw_gaussians,
        gaussian,
        variants=[{"free_bits": 0.5}],
        known=[
            ({}, np.zeros((1, 2, 2)), np.array([[[1.0, 0], [0, 1]]]), 0.85914091423),
            ({}, np.array([[[1.0, 0], [0, -1]]]), np.array([[[1.0, 0], [0, 1]]]), 2.194528049465),
            ({"free_bits": 0.4}, np.zeros((1, 2, 2)), np.array([[[1.0, 0], [0, 1]]]), 0.9),
        ],
        bad=[{"free_bits": -0.1}, {"free_bits": np.inf}],
        extremes=hard_gaussians,
        kinks=[
            ({}, np.ones((1, 1, 2)), np.ones((1, 1, 2)), np.zeros((1, 1, 2))),
            ({"free_bits": 1.0}, np.zeros((1, 1, 2)), np.array([[[1.0, 0.5]]]), np.zeros((1, 1, 2))),
            ({}, np.zeros((1, 1, 2)), np.array([[[0.0, 50.0]]]), np.zeros((1, 1, 2))),
        ],
    ),
]
