"""DILATE's paper: the shape by the recursion of its values, the delay by the slopes of that recursion."""

import numpy as np

from tests.equivalents.number import FORECASTS, SERIES, Number


def soft_minimum(distance, gamma):
    n, m = distance.shape
    table = np.full((n + 1, m + 1), np.inf)
    table[0, 0] = 0
    for i in range(n):
        for j in range(m):
            ways = np.array([table[i, j], table[i, j + 1], table[i + 1, j]])
            table[i + 1, j + 1] = distance[i, j] - gamma * np.logaddexp.reduce(-ways / gamma)
    return table[n, m]


def dilate(alpha=0.5, gamma=0.01):
    def theirs(y_true, y_pred):
        values = []
        for x, y in zip(y_true, y_pred, strict=True):
            distance = np.sum((x[:, None] - y) ** 2, axis=-1)
            delay = (np.arange(len(x))[:, None] - np.arange(len(y))) ** 2 / distance.size
            up, down = (soft_minimum(distance + s * 1e-5 * delay, gamma) for s in (1, -1))
            values.append(alpha * soft_minimum(distance, gamma) + (1 - alpha) * (up - down) / 2e-5)
        return np.mean(values)

    return theirs


ONE = SERIES[..., :1], FORECASTS[..., :1]
NUMBERS = {
    "dilate_loss": [
        Number(dilate(), *ONE),
        Number(dilate(alpha=0.8, gamma=0.1), *ONE, {"alpha": 0.8, "gamma": 0.1}),
    ]
}
