"""Cases of `kerasloss/losses/audio/separation.py`."""

import itertools

import keras
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.audio.waveforms import draw_signals, signal_to_distortion
from tests.cases.case import Case, Exempt
from tests.cases.common.element import real_extremes

PAIR = np.array([[[1.0, 2.0], [3.0, 4.0]]]), np.array([[[3.0, 5.0], [1.0, 1.0]]])


def squares(y, p):
    return m.mean((y - p) * (y - p), axis=-1)


def permutations(y, p, loss):
    """Sample by sample, the best of all permutations."""
    is_sdr = isinstance(loss, K.ScaleInvariantSDR)
    values = []
    for a, b in zip(y, p, strict=True):
        pair = (lambda i, j: signal_to_distortion(i, j, epsilon=loss.epsilon)) if is_sdr else squares
        table = [pair(a, np.roll(b, -k, axis=0)) for k in range(len(b))]  # source i with estimate i + k
        orders = itertools.permutations(range(len(b)))
        totals = [sum(table[(j - i) % len(b)][i] for i, j in enumerate(order)) for order in orders]
        values.append(min(totals) / len(b))
    return np.array(values, object)


def extremes():
    """Sources of 3 hard numbers."""
    y_true, y_pred = real_extremes()
    return y_true.reshape(9, 3, 3), y_pred.reshape(9, 3, 3)


CASES = [
    Case(
        K.PermutationInvariant,
        draw_signals(3, 4),
        permutations,
        arguments={"loss": K.ScaleInvariantSDR(epsilon=0.1)},
        variants=[{"loss": K.MeanSquaredError()}],
        known=[({"loss": K.MeanSquaredError()}, *PAIR, 0.5)],
        bad=[
            {"loss": None},
            {"loss": "no_such_loss"},
            {"loss": keras.losses.MeanSquaredError()},
            {"loss": K.CoxPH()},
        ],
        extremes=extremes,
        kinks=[({"loss": K.MeanSquaredError()}, np.ones((1, 2, 2)), np.ones((1, 2, 2)), np.zeros((1, 2, 2)))],
        exempt={
            "time_and_memory": Exempt("of at most 8 sources: tests/audio/test_separation.py"),
            "shapes_that_only_broadcast_are_refused": Exempt("by the wrapped loss, under its name"),
        },
    ),
]
