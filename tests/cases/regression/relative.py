"""Cases of `kerasloss/losses/regression/relative.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.element import P, Y, real, real_extremes


def away_from_zero(rng, n):
    y_true, y_pred = real(rng, n)
    return np.sign(y_true) * (0.5 + abs(y_true)), y_pred


def positive(rng, n, d=5):
    return tuple(np.exp(x).astype("float32") for x in rng.normal(size=(2, n, d)))


def depths(rng, n):
    """Maps of 3 x 4 depths with a few positions that are not valid."""
    y_true, y_pred = positive(rng, n, 12)
    y_true[0, :3] = 0.0
    return y_true.reshape(n, 3, 4), y_pred.reshape(n, 3, 4)


def depth_extremes():
    y_true, y_pred = real_extremes((0.0, 1.0, 1e4, 1e-7, 0.5, 80.0))
    y_pred = y_pred.copy()
    y_pred[0], y_pred[1], y_pred[2] = 0.0, -1e4, 1e-40
    return y_true, y_pred


def series(rng, n):
    """Six values of history, then four targets."""
    return real(rng, n, 10)[0], real(rng, n, 4)[1]


def mase(y, p, seasonality=1, epsilon=1e-7):
    start = y.shape[-1] - p.shape[-1]
    x, target = y[..., :start], y[..., start:]
    steps = [abs(x[..., t] - x[..., t - seasonality]) for t in range(seasonality, start)]
    naive = np.maximum(sum(steps) / len(steps), epsilon)
    return m.mean(abs(p - target)) / naive


def msle(y, p, offset=1.0, epsilon=1e-7):
    ratio = (np.maximum(p, epsilon) + offset) / (np.maximum(y, epsilon) + offset)
    return m.mean(m.log(ratio) ** 2)


def has_depth(y, p, min_depth=1e-7, max_depth=np.inf, **_):
    y = y.reshape(len(y), -1)
    return np.any((y >= min_depth) & (y <= max_depth), axis=1)


def scale_invariant(y, p, lambd=0.5, min_depth=1e-7, max_depth=None, sqrt=True, epsilon=1e-7):
    values = []
    for one_y, one_p in zip(y.reshape(len(y), -1), p.reshape(len(p), -1), strict=True):
        valid = [(a, b) for a, b in zip(one_y, one_p, strict=True) if a >= min_depth]
        valid = [(a, b) for a, b in valid if max_depth is None or a <= max_depth]
        d = np.array([m.log(a) - m.log(max(b, epsilon)) for a, b in valid], object)
        n = max(len(d), 1)  # the sums of no depth are 0
        values.append(sum(d * d) / n - lambd * (sum(d) / n) ** 2)
    values = np.array(values, object)
    return m.sqrt(values) if sqrt else values


CASES = [
    Case(
        K.MeanAbsolutePercentageError,
        away_from_zero,
        lambda y, p, epsilon=1e-7: 100 * m.mean(abs(p - y) / np.maximum(abs(y), epsilon)),
        variants=[{"epsilon": 1.0}],
        known=[({}, Y, P, 50.0)],
        bad=[{"epsilon": 0.0}, {"epsilon": -1.0}],
        extremes=real_extremes,
        kinks=[({}, np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]]), np.array([[0.0, 0.0]]))],
    ),
    Case(
        K.SymmetricMeanAbsolutePercentageError,
        real,
        lambda y, p, epsilon=1e-7: 200 * m.mean(abs(p - y) / np.maximum(abs(y) + abs(p), epsilon)),
        variants=[{"epsilon": 4.0}],
        known=[({}, Y, P, 80.0)],
        bad=[{"epsilon": 0.0}, {"epsilon": -1.0}],
        extremes=real_extremes,
        kinks=[({}, np.array([[0.0, 0.0, 0.0]]), np.array([[0.0, 1.0, -1e-6]]), np.zeros((1, 3)))],
    ),
    Case(
        K.MeanAbsoluteScaledError,
        series,
        mase,
        variants=[{"seasonality": 2}, {"epsilon": 10.0}],
        known=[({}, np.array([[1.0, 3, 2, 4, 5, 6]]), np.array([[4.0, 8.0]]), 0.9)],
        bad=[{"seasonality": 0}, {"seasonality": 1.5}, {"epsilon": 0.0}],
        extremes=lambda: (
            np.array([[1, 1, 1, 2, 3], [0, 0, 0, 0, 0], [1e4, -1e4, 1e4, 0, 1]], "float32"),
            np.array([[1e4, 3], [0, 0], [1, 1]], "float32"),
        ),
        kinks=[({}, np.array([[1.0, 2.0, 5.0]]), np.array([[5.0]]), np.array([[0.0]]))],
        any_width=True,
    ),
    Case(
        K.MeanSquaredLogarithmicError,
        positive,
        msle,
        variants=[{"offset": 1e-3}, {"epsilon": 0.5}, {"offset": 0.0}],
        known=[
            ({}, Y, P, 0.4189139285),
            (
                {"offset": 1.1920929e-7, "epsilon": 0.0},
                np.array([[1.0, 2.0, 3.0]]),
                np.array([[1.1, 2.2, 3.3]]),
                0.0090840291,
            ),
        ],
        bad=[{"offset": -1.0}, {"epsilon": -1e-7}, {"offset": 0.0, "epsilon": 0.0}],
        extremes=real_extremes,
        kinks=[({}, np.array([[1.0, 2.0]]), np.array([[-1.0, 2.0]]), np.array([[0.0, 0.0]]))],
    ),
    Case(
        K.ScaleInvariantLogarithmic,
        depths,
        scale_invariant,
        variants=[
            {"lambd": 0.85},
            {"sqrt": False},
            {"min_depth": 0.5, "max_depth": 2.0},
            {"max_depth": 1.5},
            {"epsilon": 0.9, "lambd": 1.0},
        ],
        known=[
            ({}, Y, np.array([[1.5, 1.0, 4.0]]), 0.4586434607),
            ({"sqrt": False}, Y, np.array([[1.5, 1.0, 4.0]]), 0.2103538240),
        ],
        bad=[
            {"lambd": -0.1},
            {"lambd": 1.1},
            {"min_depth": 0.0},
            {"max_depth": 0.5, "min_depth": 1.0},
            {"sqrt": None},
            {"epsilon": 0.0},
        ],
        extremes=depth_extremes,
        counts=has_depth,
        kinks=[
            ({}, np.array([[1.0, 2.0]]), np.array([[1.0, 2.0]]), np.array([[0.0, 0.0]])),
            ({}, np.array([[0.0, 0.0]]), np.array([[1.0, np.nan]]), np.array([[0.0, 0.0]])),
        ],
        exempt={
            "gradient": Exempt(
                "below the floor the gradient is the one at the floor, on purpose",
                lambda epsilon=1e-7, **_: epsilon > 0.1,
            )
        },
    ),
]
