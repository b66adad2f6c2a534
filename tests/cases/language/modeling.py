"""Cases of `kerasloss/losses/language/modeling.py`."""

import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.views import fixed

V, T = 5, 3
WEIGHTS = [0.5, 1.0, 2.0, 3.0, 0.0]


def ids(rng, n):
    y = rng.integers(0, V, size=(n, T))
    y[0] = [0, 3, 1]
    return y


def logits(rng, n):
    return ids(rng, n), (2 * rng.normal(size=(n, T, V))).astype("float32")


def crossentropy(
    ids,
    logits,
    shift=False,
    ignore_class=-100,
    label_smoothing=0.0,
    z_loss=0.0,
    logit_softcap=None,
    class_weight=None,
    chunk_size=None,
    dynamic=False,
):
    """Token by token, as the expected code length under labels that are mixed with the uniform ones."""
    ignored = {ignore_class} if isinstance(ignore_class, (int, type(None))) else set(ignore_class)
    values = np.zeros(ids.shape, object)
    for at in np.ndindex(*ids.shape):
        source = (*at[:-1], at[-1] + 1) if shift else at
        if source[-1] == ids.shape[-1] or ids[source] in ignored:
            continue
        x = logits[at]
        if logit_softcap is not None:
            e = m.exp(2 * x / logit_softcap)
            x = logit_softcap * (e - 1) / (e + 1)
        p = m.exp(x) / np.sum(m.exp(x))
        label = np.array([(1 - label_smoothing) * (c == ids[source]) + label_smoothing / V for c in range(V)])
        weight = np.ones(V) if class_weight is None else np.array(class_weight)
        if dynamic:
            weight = weight * fixed(p[ids[source]])
        values[at] = -np.sum(weight * label * m.log(p)) + z_loss * m.log(np.sum(m.exp(x))) ** 2
    return values


def hard_logits():
    rows = [[0, 0, 0, 0, 0], [1e4, -1e4, 0, 0, 1], [-1e4, 1e4, 1e4, 0, 0], [1e4] * 5, [50, -50, 20, 0, 1e-40]]
    return np.array([[0, 1, 2, 3, 0]]), np.array([rows], "float32")


OPTIONS = [
    {"label_smoothing": 0.3},
    {"z_loss": 0.1},
    {"logit_softcap": 2.0},
    {"class_weight": WEIGHTS},
    {"class_weight": WEIGHTS, "label_smoothing": 0.3, "z_loss": 0.1, "logit_softcap": 2.0},
    {"ignore_class": [1, -100]},
    {"dynamic": True},
    {"dynamic": True, "class_weight": WEIGHTS, "z_loss": 0.1, "logit_softcap": 2.0},
]
BAD = [
    {"label_smoothing": 1.5},
    {"z_loss": -1.0},
    {"logit_softcap": 0.0},
    {"ignore_class": 0.5},
    {"class_weight": [-1.0] * V},
    {"dynamic": 1},
    {"dynamic": True, "label_smoothing": 0.1},
]

ONLY_IDS = {"class_ids_equal_one_hot_at_any_axis": Exempt("labels are token ids, on the last axis")}

CASES = [
    Case(
        K.CausalLMCrossentropy,
        logits,
        crossentropy,
        {"ignore_class": None},
        variants=[*OPTIONS, {"shift": True}],
        known=[
            (
                {"reduction": None, "ignore_class": -100},
                np.array([[1, 2, -100]]),
                np.array([[[1.0, 2, 0], [0, 0, 3], [1, 1, 1]]]),
                [[0.407605964444, 0.094922956421, 0]],
            ),
            (
                {"reduction": None, "ignore_class": -100, "z_loss": 0.01, "logit_softcap": 2.0},
                np.array([[1, 2, -100]]),
                np.array([[[1.0, 2, 0], [0, 0, 3], [1, 1, 1]]]),
                [[0.613304367851, 0.326902176830, 0]],
            ),
            (
                {"reduction": None, "ignore_class": -100, "dynamic": True},
                np.array([[1, 2, -100]]),
                np.array([[[1.0, 2, 0], [0, 0, 3], [1, 1, 1]]]),
                [[0.271156181366, 0.086327018115, 0]],
            ),
            (
                {"reduction": None, "ignore_class": -100, "dynamic": True, "z_loss": 0.01},
                np.array([[1, 2, -100]]),
                np.array([[[1.0, 2, 0], [0, 0, 3], [1, 1, 1]]]),
                [[0.329121846167, 0.182112499177, 0]],
            ),
            (
                {"reduction": None, "dynamic": True},
                np.array([[1, 0]]),
                np.array([[[0, -np.inf, 1], [-1e4, 0, 0]]]),
                [[0, 0]],
            ),
        ],
        kinks=[
            (
                {"dynamic": True},
                np.array([[1, 0]]),
                [[[0, -np.inf, 1], [-1e4, 0, 0]]],
                np.zeros((1, 2, 3)),
            ),
        ],
        bad=[*BAD, {"shift": 1}],
        extremes=hard_logits,
        exempt=ONLY_IDS,
    ),
]
