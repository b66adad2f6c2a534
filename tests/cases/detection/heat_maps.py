"""Cases of `kerasloss/losses/detection/heat_maps.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common import binary
from tests.cases.common.element import real_extremes

MAP = np.array([[1.0, 0.5, 0.0]]), np.array([[0.8, 0.4, 0.1]])


def penalty_reduced(
    y,
    p,
    alpha=2.0,
    beta=4.0,
    positive_threshold=0.99,
    positive_weight=1.0,
    negative_weight=1.0,
    from_logits=False,
):
    """Pixel by pixel, as the paper tells the two cases apart."""
    p = 1 / (1 + m.exp(-p)) if from_logits else p
    values = []
    for labels, scores in zip(y.reshape(len(y), -1), p.reshape(len(p), -1), strict=True):
        total, peaks = mpmath.mpf(0), 0
        for label, score in zip(labels, scores, strict=True):
            if label > positive_threshold:
                total -= mpmath.mpf(positive_weight) * (1 - score) ** mpmath.mpf(alpha) * mpmath.log(score)
                peaks += 1
            else:
                near = (1 - label) ** mpmath.mpf(beta)
                wrong = score ** mpmath.mpf(alpha) * mpmath.log(1 - score)
                total -= mpmath.mpf(negative_weight) * near * wrong
        values.append(total / max(1, peaks))
    return np.array(values, object)


def heat_map(rng, n):
    """Samples of 0, 1 and 2 peaks."""
    y = rng.uniform(0, 0.9, (n, 2, 3))
    y[1:, 0, 0] = 1
    y[2:, 1, 2] = 1
    return y.astype("float32"), rng.uniform(0.05, 0.95, (n, 2, 3)).astype("float32")


def heat_map_logits(rng, n):
    return heat_map(rng, n)[0], (2 * rng.normal(size=(n, 2, 3))).astype("float32")


def key_points(rng, n):
    y_true, y_pred = rng.normal(size=(2, n, 2, 3, 2))
    return y_true.astype("float32"), y_pred.astype("float32")


def key_point_extremes():
    return tuple(x[None, :, :, None] for x in real_extremes())


CASES = [
    Case(
        K.PenaltyReducedFocal,
        heat_map,
        penalty_reduced,
        variants=[
            {"alpha": 1.5, "beta": 3.0, "positive_weight": 2.0},
            {"alpha": 0.5, "negative_weight": 0.5, "positive_threshold": 0.5},
        ],
        known=[({}, *MAP, 0.0150876034468)],
        bad=[
            {"alpha": -1.0},
            {"beta": -1.0},
            {"positive_threshold": 1.5},
            {"positive_weight": -1.0},
            {"negative_weight": -1.0},
            {"from_logits": 1},
        ],
        extremes=binary.hard_probabilities,
    ),
    Case(
        K.PenaltyReducedFocal,
        heat_map_logits,
        penalty_reduced,
        arguments={"from_logits": True},
        variants=[{"alpha": 0.5}],
        known=[({}, np.array([[1.0]]), np.array([[-40.0]]), 40.0)],
        extremes=binary.hard_logits,
    ),
    Case(
        K.KeypointHeatmap,
        key_points,
        lambda y, p: m.mean((p - y) ** 2, axis=(1, 2)),
        known=[({}, *(np.array(x).reshape(1, 1, 2, 1) for x in ([1.0, 0.0], [0.6, 0.2])), 0.1)],
        extremes=key_point_extremes,
    ),
]
