"""Cases of `kerasloss/losses/language/heads.py`."""

import keras
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.language.modeling import BAD, ONLY_IDS, OPTIONS, T, V, crossentropy, ids

D = 6
KERNEL = np.linspace(-1.0, 1.5, D * V).astype("float32")[np.arange(D * V) * 7 % (D * V)].reshape(D, V)
BIAS = np.array([0.0, 0.5, -0.25, 1.0, 0.0], "float32")


def hidden(rng, n):
    return ids(rng, n), rng.normal(size=(n, T, D)).astype("float32")


def of_hidden(ids, hidden, **arguments):
    return crossentropy(ids, hidden @ m.exact(KERNEL) + m.exact(BIAS), **arguments)


@keras.saving.register_keras_serializable(package="tests")
class LinearCrossentropy(K.LinearCrossentropy):
    """A loss of hidden states, so that the laws can be asked of it: the head is that of this table."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        return K.Loss.__call__(self, y_true, y_pred, sample_weight)

    def compute(self, y_true, y_pred, sample_weight=None, mask=None):
        return super().compute(y_true, (y_pred, KERNEL, BIAS), sample_weight, mask)


def hard_hidden():
    rows = [[0, 0], [1e4, 1e4], [-1e4, 1e4], [1e-40, -3e3]]
    return np.array([[0, 1, 2, 3]]), np.tile(np.array([rows], "float32"), D // 2)


CASES = [
    Case(
        LinearCrossentropy,
        hidden,
        of_hidden,
        {"ignore_class": None},
        variants=[*OPTIONS, {"chunk_size": 1}, {"chunk_size": 5, "label_smoothing": 0.3}],
        bad=[*BAD, {"chunk_size": 0}],
        extremes=hard_hidden,
        exempt={
            **ONLY_IDS,
            "forward_mode": Exempt("a gradient given by a formula has none, on JAX and PyTorch"),
            "vmap": Exempt(
                "Keras's custom_gradient has none on PyTorch", lambda **_: keras.backend.backend() == "torch"
            ),
        },
    ),
]
