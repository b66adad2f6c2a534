"""Cases of `kerasloss/losses/image/depth.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.element import real_extremes

DEPTHS = np.array([[[1.0, 2.0], [3.0, 5.0]]]), np.array([[[0.0, 1.0], [1.0, 3.0]]])


def draw_depths(rng, n):
    """A pixel in six has no depth."""
    y_true, y_pred = rng.uniform(0.5, 2, size=(2, n, 3, 4))
    y_true.reshape(n, -1)[:, [3, 10]] = 0.1
    return y_true.astype("float32"), y_pred.astype("float32")


def depth_extremes():
    y_true, y_pred = real_extremes()
    return np.stack([y_true] * 2, axis=1), np.stack([y_pred, y_pred[::-1]], axis=1)


def fitted(y, x):
    """What is left of the solution of the normal equations."""
    n, sx, sy, sxx, sxy = x.size, np.sum(x), np.sum(y), np.sum(x * x), np.sum(x * y)
    determinant = n * sxx - sx * sx
    return (n * sxy - sx * sy) / determinant * x + (sxx * sy - sx * sxy) / determinant - y


def standardized(x):
    x = x - sorted(x)[(x.size - 1) // 2]
    return x * x.size / np.sum(abs(x))


def scale_shift_invariant(
    y, x, alpha=0.5, scales=4, alignment="least_squares", trim=0.0, min_depth=None, max_depth=None
):
    values = []
    for true, pred in zip(y, x, strict=True):
        valid = np.array([[z == z and abs(z) != np.inf for z in row] for row in true])
        if min_depth is not None:
            valid &= (true >= min_depth).astype(bool)
        if max_depth is not None:
            valid &= (true <= max_depth).astype(bool)
        count = int(valid.sum())
        d = np.zeros(true.shape, object)
        if alignment == "least_squares":
            d[valid] = fitted(true[valid], pred[valid])
            value = np.sum(d[valid] ** 2) / (2 * count)
        else:
            d[valid] = standardized(pred[valid]) - standardized(true[valid])
            value = sum(sorted(abs(d[valid]))[: int(count * (1 - trim))]) / (2 * m.exact(count))
        for step in (2**k for k in range(scales)):
            grid, there = d[::step, ::step], valid[::step, ::step]
            rough = sum(
                abs(grid[i] - grid[j])
                for i in np.ndindex(grid.shape)
                for j in ((i[0] + 1, i[1]), (i[0], i[1] + 1))
                if j[0] < grid.shape[0] and j[1] < grid.shape[1] and there[i] and there[j]
            )
            value = value + m.exact(alpha) * rough / max(1, int(there.sum()))
        values.append(value)
    return np.array(values, object)


CASES = [
    Case(
        K.ScaleShiftInvariant,
        draw_depths,
        scale_shift_invariant,
        arguments={"min_depth": 0.25, "scales": 2},
        variants=[
            {"alpha": 0.2, "scales": 1, "max_depth": 1.8},
            {"alignment": "median", "trim": 0.3, "min_depth": 0.7},
        ],
        known=[
            ({"scales": 1, "min_depth": None}, *DEPTHS, 0.315789473684),
            ({"alpha": 0.0}, *DEPTHS, 0.0657894736842),
            ({"alignment": "median", "scales": 1}, *DEPTHS, 0.466666666667),
        ],
        bad=[
            {"alpha": -1.0},
            {"scales": 0},
            {"alignment": "mean"},
            {"trim": 1.0, "alignment": "median"},
            {"trim": 0.1},
            {"min_depth": "0"},
            {"max_depth": 0.1},
        ],
        extremes=depth_extremes,
        kinks=[
            ({"alignment": a}, np.ones((1, 2, 2)), np.full((1, 2, 2), 0.3), np.zeros((1, 2, 2)))
            for a in ("least_squares", "median")
        ],
    ),
]
