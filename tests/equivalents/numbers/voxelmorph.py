"""VoxelMorph's local correlation, window by window."""

import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(55)
FIXED, MOVED = normal(3, 6, 5, 1), normal(3, 6, 5, 1)


def ncc(win):
    def theirs(y_true, y_pred):
        pad = [(0, 0), (win // 2, win // 2), (win // 2, win // 2), (0, 0)]
        y, x = (np.pad(z, pad) for z in (y_true, y_pred))
        values = []
        for i, j in np.ndindex(y_true.shape[1:3]):
            a, b = (z[:, i : i + win, j : j + win].reshape(len(z), -1) for z in (y, x))
            n = win * win
            cross, of_a, of_b = (
                (p * q).sum(1) - p.sum(1) * q.sum(1) / n for p, q in ((a, b), (a, a), (b, b))
            )
            values.append(cross**2 / (of_a * of_b + 1e-5))
        return -np.mean(values)

    return theirs


NUMBERS = {
    "NCC": [Number(ncc(9), FIXED, MOVED), Number(ncc(3), FIXED, MOVED, {"kernel_size": 3})],
}
