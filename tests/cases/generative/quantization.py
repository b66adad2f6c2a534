"""Cases of `kerasloss/losses/generative/quantization.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case
from tests.cases.common.element import real_extremes
from tests.cases.common.embedding import IGNORES_Y_TRUE


def draw(rng, n):
    return np.zeros(n, "float32"), rng.normal(size=(n, 2, 3)).astype("float32")


def extremes():
    pairs = np.stack(real_extremes(), axis=-2)
    return np.zeros(len(pairs), "float32"), pairs


def fixed(x):
    """As floats, by which the tiny steps of a derivative are lost."""
    return m.exact(m.floats(x))


def vector_quantization(y, x, commitment=0.25, codebook=1.0):
    output, code = x[..., 0, :], x[..., 1, :]
    of_output, of_code = (m.mean(d * d) for d in (output - fixed(code), fixed(output) - code))
    return m.exact(commitment) * of_output + m.exact(codebook) * of_code


CASES = [
    Case(
        K.VectorQuantization,
        draw,
        vector_quantization,
        variants=[{"commitment": 2.0}, {"codebook": 0.0}],
        known=[({}, np.zeros(1), np.array([[[1.0, 2.0], [0.0, 4.0]]]), 3.125)],
        bad=[{"commitment": -1.0}, {"codebook": -1.0}, {"commitment": 0.0, "codebook": 0.0}],
        extremes=extremes,
        exempt=IGNORES_Y_TRUE,
    ),
]
