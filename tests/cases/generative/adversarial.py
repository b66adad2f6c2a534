"""Cases of `kerasloss/losses/generative/adversarial.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.binary import hard_logits, logits
from tests.cases.common.element import real_extremes
from tests.cases.common.embedding import IGNORES_Y_TRUE

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


def least_squares(y, s, real_label=1.0, generated_label=0.0):
    wanted = np.where(y > 0.5, m.exact(real_label), m.exact(generated_label))
    return m.mean((s * s + wanted * wanted) / 2 - s * wanted)


def wasserstein(y, s):
    return m.mean(np.where(y > 0.5, -s, s))


def hinge(y, s, role="discriminator", margin=1.0):
    if role == "generator":
        return wasserstein(y, s)
    return m.mean(
        np.where(y > 0.5, np.where(s < margin, margin - s, 0), np.where(s > -margin, margin + s, 0))
    )


def draw_gradients(rng, n):
    """Gradients of norms on both sides of 1."""
    y_pred = rng.normal(size=(n, 2, 3))
    norms = np.resize([0.4, 2.0, 0.7, 1.5], n)
    y_pred *= (norms / np.sqrt(np.sum(y_pred**2, axis=(1, 2))))[:, None, None]
    return np.zeros(n, "float32"), y_pred.astype("float32")


def gradient_extremes():
    _, y_pred = real_extremes()
    return np.zeros(len(y_pred), "float32"), y_pred


def gradient_penalty(y, g, target=1.0, one_sided=False):
    squares = np.sum(np.reshape(g, (len(g), -1)) ** 2, axis=1)
    if target == 0:
        return squares
    excess = (m.sqrt(squares) - m.exact(target)) / m.exact(target)
    return np.where(excess > 0, excess, 0 * excess if one_sided else excess) ** 2


NORMS = np.array([[3.0, 4.0], [0.3, 0.4]])

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
    Case(
        K.LeastSquaresGAN,
        logits,
        least_squares,
        variants=[{"real_label": 0.9, "generated_label": -1.0}],
        known=[({"reduction": None}, *BATCH, [0.5, 0.5])],
        bad=[{"real_label": np.inf}, {"generated_label": "0"}],
        extremes=hard_logits,
    ),
    Case(
        K.WassersteinGAN,
        logits,
        wasserstein,
        known=[({"reduction": None}, *BATCH, [-2.0, -1.0])],
        bad=[{"reduction": "median"}],
        extremes=hard_logits,
    ),
    Case(
        K.HingeGAN,
        logits,
        hinge,
        variants=[{"margin": 0.5}, {"role": "generator"}],
        known=[
            (
                {"reduction": None},
                np.array([[1], [0], [0]]),
                np.array([[2.0], [-1.0], [0.5]]),
                [0.0, 0.0, 1.5],
            )
        ],
        bad=[{"role": "critic"}, {"margin": 0.0}],
        extremes=hard_logits,
        kinks=[({}, np.array([[0.0, 1.0]]), np.array([[-1.0, 1.0]]), np.zeros((1, 2)))],
    ),
    Case(
        K.GradientPenalty,
        draw_gradients,
        gradient_penalty,
        variants=[{"target": 0.6, "one_sided": True}, {"target": 0.0}],
        known=[
            ({"reduction": None}, np.zeros(2), NORMS, [16.0, 0.25]),
            ({"reduction": None, "one_sided": True}, np.zeros(2), NORMS, [16.0, 0.0]),
            ({"reduction": None, "target": 0.0}, np.zeros(2), NORMS, [25.0, 0.25]),
        ],
        bad=[{"target": -1.0}, {"one_sided": 1}, {"one_sided": True, "target": 0.0}],
        extremes=gradient_extremes,
        kinks=[({}, np.zeros(1), np.zeros((1, 2)), np.zeros((1, 2)))],
        exempt=IGNORES_Y_TRUE,
    ),
]
