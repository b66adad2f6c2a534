"""Batches that are split over devices, and the cases that are."""

import numpy as np

from tests.backend import EVERY_CASE
from tests.cases import CASES
from tests.laws.table import take

N, N_ANCHORS = 8, 12
"""The sizes of batches, multiples of the number of devices. With anchors each half has several classes."""

ONE_OF_A_KIND = list({(case.kind, case.scope): case for case in reversed(CASES)}.values())[::-1]
SPLIT = CASES if EVERY_CASE else ONE_OF_A_KIND
"""The environment `devices` of tox.ini splits every case."""


def batch(case):
    """A batch of the case that can be split."""
    return case.draw(np.random.default_rng(0), N_ANCHORS if case.scope == "anchor" else N)


def shares(case, y_true, y_pred, count):
    """The parts of the replicas, all of the same size."""
    return [take(case, y_true, y_pred, samples) for samples in np.split(np.arange(len(y_pred)), count)]
