"""InsightFace's formulas, as its papers have them: its losses are in no package."""

import numpy as np

from tests.equivalents.number import Number, draws, softmax

draw = draws(21)
COSINES, IDS = np.clip(draw(4, 5, scale=0.4), -0.95, 0.95), np.array([0, 2, 4, 1])


def face(s, m2, m3):
    """The cross-entropy with `s * (cos(theta + m2) - m3)` for the true class; a line above an angle of pi."""

    def theirs(y, c):
        logits, rows = np.array(c, "float64"), np.arange(len(y))
        theta = np.arccos(logits[rows, y])
        moved = np.where(theta + m2 < np.pi, np.cos(theta + m2), np.cos(theta) - m2 * np.sin(m2))
        logits[rows, y] = moved - m3
        return np.mean(-np.log(softmax(s * logits)[rows, y]))

    return theirs


def number(*arguments, **config):
    return Number(face(*arguments), IDS, COSINES, config)


NUMBERS = {
    "ArcFace": [number(64.0, 0.5, 0.0), number(16.0, 1.2, 0.0, margin=1.2, scale=16.0)],
    "CosFace": [number(64.0, 0.0, 0.4), number(8.0, 0.0, 0.1, margin=0.1, scale=8.0)],
    "CombinedMarginLoss": [
        number(64.0, 0.5, 0.0, m2=0.5, m3=0.0),
        number(16.0, 0.0, 0.3, m2=0.0, m3=0.3, scale=16.0),
    ],
}
