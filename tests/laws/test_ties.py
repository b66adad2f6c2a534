"""Where maxima tie, the gradient is the same on every backend: stored numbers of inputs full of ties."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import assert_close, value_and_gradient


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (
            (1, 4, 5, 1),
            "-1405 -1528 -1528 -338 369 369 369 -77 369 -215 -215 323 0 -215 0 -1528 -1312 -1312 0 0",
        ),
        (
            (1, 3, 4, 3, 1),
            "118 -52 -156 -52 -177 0 0 0 0 104 0 -1349 31 -1143 -1297 -333 -229 -208 -208 -208 0 -829 "
            "-208 498 373 -7 -1141 612 -208 0 0 0 498 0 -134 -1141",
        ),
    ],
)
def test_soft_skeletons(shape, expected):
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 2, size=shape).astype("float32")
    y_pred = (rng.integers(0, 4, size=shape) / 4).astype("float32")
    loss = K.SoftClDice(iterations=1, smooth=0.0)
    _, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    np.testing.assert_allclose(1e4 * gradient.ravel(), np.array(expected.split(), float), rtol=0, atol=0.6)


def test_equal_distances_share_the_gradient():
    points = np.array([[[0.0, 0.0], [3.0, 0.0], [1.5, 2.0]]], "float32")  # the negative is as far from both
    loss = K.TripletMargin(swap=True, distance="squared_euclidean", margin=20.0)
    _, gradient = value_and_gradient(lambda p: loss(np.zeros(1), p), points)
    assert_close(gradient, [[[-4.5, 2.0], [4.5, 2.0], [0.0, -4.0]]], gradient=True)
