"""Cases of `kerasloss/losses/language/heads.py`."""

import keras
import mpmath
import numpy as np

import kerasloss as K
from kerasloss.core import checks
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.views import fixed, softmax
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


# Of the teacher, whose hidden states are behind the student's in `y_pred`.
WIDTH = 2
OF_TEACHER = np.array([[0.5, -1.0, 2.0, 0.0, 1.0], [1.0, 0.5, -0.5, 1.5, -2.0]], "float32")


def both_hidden(rng, n):
    y_true, states = hidden(rng, n)
    return y_true, np.concatenate([states, rng.normal(size=(n, T, WIDTH))], axis=-1).astype("float32")


def distilled(
    ids,
    states,
    beta=0.0,
    temperature=1.0,
    hard_weight=0.0,
    ignore_class=-100,
    logit_softcap=None,
    chunk_size=None,
):
    """Token by token, from the entropies of both distributions and of their mixture."""
    ignored = {ignore_class} if isinstance(ignore_class, (int, type(None))) else set(ignore_class)
    student = capped(states[..., :D] @ m.exact(KERNEL) + m.exact(BIAS), logit_softcap)
    teacher = capped(fixed(states[..., D:]) @ m.exact(OF_TEACHER), logit_softcap)
    values = np.zeros(ids.shape, object)
    for at in np.ndindex(*ids.shape):
        if ids[at] in ignored:
            continue
        p, q = (np.array(softmax(x[at] / mpmath.mpf(temperature)), object) for x in (teacher, student))
        if beta == 0:
            soft = between(q, p) - between(p, p)
        elif beta == 1:
            soft = between(p, q) - between(q, q)
        else:
            mixture = beta * p + (1 - beta) * q
            soft = between(mixture, mixture) - beta * between(p, p) - (1 - beta) * between(q, q)
        hard = -m.log(np.array(softmax(student[at]), object))[int(ids[at])] if hard_weight else 0
        values[at] = (1 - hard_weight) * soft + hard_weight * hard
    return values


def capped(x, cap):
    if cap is None:
        return x
    e = m.exp(2 * x / cap)
    return cap * (e - 1) / (e + 1)


def between(p, q):
    """The code length of a symbol that q draws in a code for p."""
    return -np.sum(q * m.log(p))


@keras.saving.register_keras_serializable(package="tests")
class LinearDistillation(K.LinearDistillation):
    """The same for two models."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        return K.Loss.__call__(self, y_true, y_pred, sample_weight)

    def compute(self, y_true, y_pred, sample_weight=None, mask=None):
        y_pred = checks.tensor(self, "y_pred", y_pred)
        if len(y_pred.shape) == 0:
            checks.fail(self, "`y_pred` must have an axis of hidden units", "a scalar")
        models = y_pred[..., :D], KERNEL, BIAS, y_pred[..., D:], OF_TEACHER
        return super().compute(y_true, models, sample_weight, mask)


def hard_hidden_of_both():
    ids, states = hard_hidden()
    return ids, np.concatenate([states, states[:, ::-1, :WIDTH]], axis=-1)


HEAD = {
    **ONLY_IDS,
    "forward_mode": Exempt("a gradient given by a formula has none, on JAX and PyTorch"),
    "vmap": Exempt(
        "Keras's custom_gradient has none on PyTorch", lambda **_: keras.backend.backend() == "torch"
    ),
}

CASES = [
    Case(
        LinearCrossentropy,
        hidden,
        of_hidden,
        {"ignore_class": None},
        variants=[*OPTIONS, {"chunk_size": 1}, {"chunk_size": 5, "label_smoothing": 0.3}],
        bad=[*BAD, {"chunk_size": 0}],
        extremes=hard_hidden,
        exempt=HEAD,
    ),
    Case(
        LinearDistillation,
        both_hidden,
        distilled,
        {"ignore_class": None, "hard_weight": 0.25},
        variants=[
            {"beta": 0.3},
            {"beta": 1.0},
            {"hard_weight": 0.0},
            {"hard_weight": 1.0},
            {"temperature": 2.0, "beta": 0.5},
            {"logit_softcap": 2.0, "beta": 0.5, "temperature": 0.5},
            {"ignore_class": [1, -100]},
            {"chunk_size": 1, "beta": 0.5},
            {"chunk_size": 5, "hard_weight": 0.0},
        ],
        bad=[
            {"beta": -0.1},
            {"beta": 1.1},
            {"temperature": 0.0},
            {"hard_weight": 1.5},
            {"ignore_class": 0.5},
            {"logit_softcap": 0.0},
            {"chunk_size": 0},
        ],
        extremes=hard_hidden_of_both,
        exempt=HEAD,
    ),
]
