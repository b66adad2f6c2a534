"""Cases of `kerasloss/losses/generative/adversarial.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.binary import hard_logits, logits

BATCH = np.array([[1], [0]]), np.array([[2.0], [-1.0]])
BAD_SMOOTHING = [{"label_smoothing": 1.5}, {"label_smoothing": -0.1}]


def non_saturating(y, s, label_smoothing=0.0):
    p, half = 1 / (1 + m.exp(-s)), m.exact(label_smoothing) / 2
    return m.mean(np.where(y > 0.5, -(1 - half) * m.log(p) - half * m.log(1 - p), -m.log(1 - p)))


def minimax(y, s, role="discriminator", label_smoothing=0.0):
    if role == "discriminator":
        return non_saturating(y, s, label_smoothing)
    p = 1 / (1 + m.exp(-s))
    return m.mean(m.log(np.where(y > 0.5, 1 - p, p)))


CASES = [
    Case(
        K.MinimaxGAN,
        logits,
        minimax,
        variants=[{"label_smoothing": 0.25}, {"role": "generator"}],
        known=[
            ({"reduction": None}, *BATCH, [0.126928011043, 0.313261687518]),
            ({"role": "generator"}, np.array([[1]]), np.array([[-1.0]]), -0.313261687518),
            ({"label_smoothing": 0.25}, np.array([[1]]), np.array([[2.0]]), 0.376928011043),
        ],
        bad=[{"role": "critic"}, *BAD_SMOOTHING, {"label_smoothing": 0.1, "role": "generator"}],
        extremes=hard_logits,
        kinks=[
            ({}, np.array([[0.0, 1.0]]), np.array([[0.0, 0.0]]), np.array([[0.25, -0.25]])),
            ({"role": "generator"}, np.array([[0.0, 1.0]]), np.zeros((1, 2)), np.array([[0.25, -0.25]])),
        ],
    ),
    Case(
        K.NonSaturatingGAN,
        logits,
        non_saturating,
        variants=[{"label_smoothing": 0.25}],
        known=[({"reduction": None}, *BATCH, [0.126928011043, 0.313261687518])],
        bad=BAD_SMOOTHING,
        extremes=hard_logits,
        kinks=[({}, np.array([[0.0, 1.0]]), np.array([[1e4, -1e4]]), np.array([[0.5, -0.5]]))],
    ),
]
