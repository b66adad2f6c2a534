"""Cases of `kerasloss/losses/probabilistic/histogram.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case


def mass(low, high, y, sigma):
    """The probability of an interval under a normal distribution."""
    return mpmath.ncdf((high - y) / sigma) - mpmath.ncdf((low - y) / sigma)


def histogram(y, x, min_value=-2.0, max_value=2.5, sigma=None):
    bins = x.shape[-1]
    width = mpmath.mpf(max_value - min_value) / bins
    sigma = 3 * width / 4 if sigma is None else mpmath.mpf(sigma)
    edges = [min_value + width * k for k in range(bins + 1)]
    values = np.empty(y.shape, object)
    for i in np.ndindex(*y.shape):
        target = min(max(y[i], mpmath.mpf(min_value)), mpmath.mpf(max_value))
        shares = np.array([mass(*edges[k : k + 2], target, sigma) for k in range(bins)])
        values[i] = -np.sum(shares / np.sum(shares) * m.log(m.softmax(x[i])))
    return m.mean(values)


def draw(rng, n, d=2, bins=4):
    y_true, y_pred = 1.5 * rng.normal(size=(n, d)), rng.normal(size=(n, d, bins))
    return y_true.astype("float32"), y_pred.astype("float32")


def extremes():
    """Targets at the ends, far out, and logits that leave all to one bin."""
    y_true = np.array([[-1e30], [-2.0], [0.0], [2.5], [1e30]])
    y_pred = np.array([[[1e4, 0.0, -1e4]]]) * np.ones((5, 1, 1))
    return y_true.astype("float32"), y_pred.astype("float32")


def one(y):
    return np.array([float(y)]), np.array([[0.0, 1.0, 2.0]])


RANGE = {"min_value": 0.0, "max_value": 3.0}

CASES = [
    Case(
        K.HistogramGaussian,
        draw,
        histogram,
        arguments={"min_value": -2.0, "max_value": 2.5},
        variants=[
            {"sigma": 1.0},
            {"sigma": 100.0},
            {"min_value": -0.5},
            {"max_value": 4.0},
        ],
        known=[
            (RANGE, *one(1), 1.7627691866),
            (RANGE, *one(5), 0.5975745131),
            ({**RANGE, "sigma": 1.0}, *one(1), 1.6585722187),
        ],
        bad=[{"min_value": 2.5}, {"max_value": float("inf")}, {"sigma": 0.0}, {"sigma": -1.0}],
        extremes=extremes,
        any_width=True,
    ),
]
