"""Cases of `kerasloss/losses/embedding/contrastive.py`."""

import numpy as np

import kerasloss as K
from tests.cases.case import Case
from tests.cases.common.embedding import IGNORES_Y_TRUE, distance, draw_pairs, vector_extremes
from tests.precise import exp, log

B = np.array([[[1, 0], [0.6, 0.8]], [[0, 2], [1, 1]]], "float32")
WARM = {"temperature": 0.5, "bias": -1.0}


def draw_matrix(rng, n):
    return np.zeros(n, "float32"), rng.normal(size=(n, n)).astype("float32")


def matrix_extremes():
    z = np.array([[0, 1e4, -1e4], [1e-40, -1e4, 0], [1e4, 1e4, 1e4]], "float32")
    return np.zeros(3, "float32"), z


def cosines(p):
    """Of every first embedding with every second one, pair by pair."""
    return np.array([[1 - distance("cosine", a[0], b[1]) for b in p] for a in p], object)


def clip(y, p, temperature=0.07):
    z = p if p.ndim == 2 else cosines(p) / temperature
    n = len(z)
    right = [[exp(z[i, i]) / sum(exp(row)) for i, row in enumerate(w)] for w in (z, z.T)]
    return np.array([-(log(right[0][i]) + log(right[1][i])) / 2 for i in range(n)], object)


def siglip(y, p, temperature=0.1, bias=-10):
    z = p if p.ndim == 2 else cosines(p) / temperature + bias
    values = []
    for i, row in enumerate(z):
        right = [1 / (1 + exp(-x)) if i == j else 1 / (1 + exp(x)) for j, x in enumerate(row)]
        values.append(-sum(log(p) for p in right))
    return np.array(values, object)


def in_batch(loss, reference, variants, known, bad):
    """The rows of a loss of embeddings, and of one of the matrix."""
    shared = {"scope": "anchor", "exempt": IGNORES_Y_TRUE}
    return [
        Case(
            loss,
            draw_pairs,
            reference,
            variants=variants,
            known=known,
            bad=bad,
            extremes=vector_extremes,
            kinks=[({}, [0.0], np.zeros((1, 2, 2)), np.zeros((1, 2, 2)))],
            **shared,
        ),
        Case(loss, draw_matrix, reference, extremes=matrix_extremes, square=True, **shared),
    ]


CASES = [
    *in_batch(
        K.CLIP,
        clip,
        variants=[{"temperature": 0.5}],
        known=[
            ({"temperature": 0.5, "reduction": None}, np.zeros(2), B, [0.8594971059, 0.741747982]),
            ({"temperature": 0.5}, np.zeros(2), B, 0.800622543985),
            ({}, np.zeros(1), B[:1], 0.0),
        ],
        bad=[{"temperature": 0.0}],
    ),
    *in_batch(
        K.SigLIP,
        siglip,
        variants=[{"temperature": 0.5}, {"bias": -1.0}],
        known=[
            ({**WARM, "reduction": None}, np.zeros(2), B, [1.519687853, 1.544823371]),
            (WARM, np.zeros(2), B, 1.53225561205),
        ],
        bad=[{"temperature": -1.0}, {"bias": np.inf}],
    ),
]
