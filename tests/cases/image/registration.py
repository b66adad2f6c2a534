"""Cases of `kerasloss/losses/image/registration.py`."""

import itertools

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.element import real, real_extremes
from tests.cases.common.images import RAMP

FLOW = np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])


def endpoint_error(y, x, p=2, q=1.0, epsilon=0.0):
    length = np.sum(abs(x - y), axis=-1) if p == 1 else m.sqrt(np.sum((x - y) ** 2, axis=-1))
    return (length + m.exact(epsilon)) ** m.exact(q)


def draw_images(rng, n):
    y_true, y_pred = rng.normal(size=(2, n, 3, 2, 1)).astype("float32")
    return y_true, y_pred


def image_extremes():
    y_true, y_pred = real_extremes()
    return y_true[..., None], y_pred[..., None]


def windows(x, size):
    """Every window as the rows of a matrix, zeros beyond the border."""
    space, half = x.shape[1:-1], size // 2
    padded = np.pad(x, [(0, 0), *[(half, half)] * len(space), (0, 0)])
    places = itertools.product(*map(range, space))
    parts = [padded[(slice(None), *(slice(i, i + size) for i in place))] for place in places]
    return np.stack([np.moveaxis(part, -1, 1).reshape(len(x), x.shape[-1], -1) for part in parts], axis=1)


def correlation(y, x, kernel_size=9, epsilon=1e-5):
    """By the textbook's sums of squares, from which 50 digits cancel nothing."""
    y, x = windows(y, kernel_size), windows(x, kernel_size)
    n = y.shape[-1]
    (cross, of_y, of_x) = (
        np.sum(a * b, axis=-1) - np.sum(a, axis=-1) * np.sum(b, axis=-1) / n
        for a, b in ((y, x), (y, y), (x, x))
    )
    values = -(cross**2) / (np.maximum(of_y, m.exact(epsilon)) * np.maximum(of_x, m.exact(epsilon)))
    return m.mean(values.reshape(len(values), -1))


CASES = [
    Case(
        K.EndpointError,
        real,
        endpoint_error,
        variants=[{"p": 1, "q": 0.4, "epsilon": 0.01}, {"q": 2.0, "epsilon": 0.5}],
        known=[({}, *FLOW, 5.0), ({"p": 1, "q": 0.4, "epsilon": 0.01}, *FLOW, 2.17915040948)],
        bad=[{"p": 3}, {"q": 0.0}, {"epsilon": -0.1}, {"epsilon": 0.0, "q": 0.5}],
        extremes=real_extremes,
        kinks=[
            (arguments, np.ones((1, 2)), np.ones((1, 2)), np.zeros((1, 2)))
            for arguments in ({}, {"p": 1}, {"q": 2.0}, {"q": 0.5, "epsilon": 0.1})
        ],
    ),
    Case(
        K.LocalNormalizedCrossCorrelation,
        draw_images,
        correlation,
        arguments={"kernel_size": 3},
        variants=[{"kernel_size": 5, "epsilon": 4.0}],
        known=[({}, RAMP, RAMP**2, -0.929358963257)],
        bad=[{"kernel_size": 4}, {"kernel_size": 1}, {"kernel_size": 3.0}, {"epsilon": 0.0}],
        extremes=image_extremes,
        kinks=[({}, RAMP, np.zeros((1, 4, 4, 1)), np.zeros((1, 4, 4, 1)))],
    ),
]
