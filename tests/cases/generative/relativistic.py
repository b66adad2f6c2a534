"""Cases of `kerasloss/losses/generative/relativistic.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.binary import hard_label_logits, labels

STACKED = np.array([[1], [1], [0], [0]]), np.array([[2.0], [0.0], [-1.0], [1.0]])
PAIRS = np.array([1, 0]), np.array([[2.0, -1.0], [2.0, -1.0]])


def of_lead(z, base):
    if base == "crossentropy":
        return -m.log(1 / (1 + m.exp(-z)))
    return np.where(z < 1, 1 - z, 0 * z) if base == "hinge" else 1 - 2 * z + z * z


def relativistic_average(y, s, base="crossentropy"):
    real, generated = s[y > 0.5], s[y <= 0.5]
    lead = np.where(y > 0.5, s - np.sum(generated) / generated.size, np.sum(real) / real.size - s)
    return m.mean(of_lead(lead, base))


def draw_scores(rng, n):
    return labels(rng, n, 2), (2 * rng.normal(size=(n, 2))).astype("float32")


def draw_pairs(rng, n):
    return np.arange(n) % 2, (2 * rng.normal(size=(n, 2, 3))).astype("float32")


def relativistic_pairing(y, s, base="crossentropy"):
    lead = s[:, 0] - s[:, 1]
    lead = np.where((y > 0.5).reshape(-1, *[1] * (lead.ndim - 1)), lead, -lead)
    return m.mean(of_lead(lead, base)) if lead.ndim > 1 else of_lead(lead, base)


def pair_extremes():
    numbers = (0.0, 1.0, 1e4, -1e4, 1e-40, 20.0, -20.0)
    s = np.array([[a, b] for a in numbers for b in numbers], "float32")
    return np.arange(len(s)) % 2, s


CASES = [
    Case(
        K.RelativisticAverageGAN,
        draw_scores,
        relativistic_average,
        variants=[{"base": "hinge"}, {"base": "least_squares"}],
        known=[
            ({"reduction": None}, *STACKED, [0.126928011043, 0.69314718056, 0.126928011043, 0.69314718056]),
            ({}, *STACKED, 0.410037595801),
            ({"base": "hinge", "reduction": None}, *STACKED, [0.0, 1.0, 0.0, 1.0]),
        ],
        bad=[{"base": "wasserstein"}],
        extremes=hard_label_logits,
        scope="anchor",
        exempt={
            "sample_weights": Exempt("they enter the means too: see tests/generative/test_relativistic.py"),
            "wrong_labels_give_nan": Exempt("of the whole batch: see tests/generative/test_relativistic.py"),
        },
    ),
    Case(
        K.RelativisticPairingGAN,
        draw_pairs,
        relativistic_pairing,
        variants=[{"base": "hinge"}, {"base": "least_squares"}],
        known=[({"reduction": None}, *PAIRS, [0.0485873515737, 3.04858735157])],
        bad=[{"base": "wasserstein"}],
        extremes=pair_extremes,
        kinks=[({"base": "hinge"}, np.array([1]), np.array([[1.0, 0.0]]), np.zeros((1, 2)))],
    ),
]
