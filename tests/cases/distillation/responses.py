"""Cases of `kerasloss/losses/distillation/responses.py`."""

import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.element import real_extremes
from tests.precise import log, softmax

TEACHER, STUDENT = np.array([[2.0, 0, -1]]), np.array([[1.0, 1, 0]])


def draw_logits(rng, n):
    y_true, y_pred = rng.normal(size=(2, n, 4)).astype("float32")
    return y_true, y_pred


def draw_packed(rng, n):
    y_true, y_pred = draw_logits(rng, n)
    return np.concatenate([y_true, (np.arange(n) % 4)[:, None]], axis=1).astype("float32"), y_pred


def logits_extremes():
    y_true, y_pred = real_extremes((0.0, 1.0, -1.0, 1e4, -1e4, 1e-40))
    return y_true, y_pred


def packed_extremes():
    y_true, y_pred = logits_extremes()
    return np.concatenate([y_true, np.arange(6)[:, None].astype("float32")], axis=1), y_pred


def divergence(p, q):
    return np.sum(p * (log(p) - log(q)), axis=-1)


def logits_distillation(y, x, temperature=3.0, hard_weight=0.0):
    count = x.shape[-1]
    value = temperature**2 * divergence(softmax(y[..., :count] / temperature), softmax(x / temperature))
    if hard_weight == 0:
        return value
    ids = y[..., count].astype(int)
    hard = -log(np.take_along_axis(softmax(x), ids[..., None], axis=-1))[..., 0]
    return (1 - hard_weight) * value + hard_weight * hard


def decoupled(y, x, alpha=1.0, beta=8.0, temperature=4.0):
    count, values = x.shape[-1], []
    for teacher, student in zip(y, x, strict=True):
        target = int(teacher[count]) if len(teacher) > count else int(np.argmax(teacher))
        p, q = softmax(teacher[:count] / temperature), softmax(student / temperature)
        others = np.arange(count) != target
        sure = [np.array([z[target], sum(z[others])], object) for z in (p, q)]
        ranks = [z[others] / sum(z[others]) for z in (p, q)]
        values.append(temperature**2 * (alpha * divergence(*sure) + beta * divergence(*ranks)))
    return np.array(values, object)


CASES = [
    Case(
        K.LogitsDistillation,
        draw_packed,
        logits_distillation,
        arguments={"hard_weight": 0.25},
        variants=[{"temperature": 1.5}, {"hard_weight": 0.0}, {"hard_weight": 1.0}],
        known=[
            ({"hard_weight": 0.0}, TEACHER, STUDENT, 0.495841364846),
            ({"hard_weight": 0.0, "temperature": 1.0}, TEACHER, STUDENT, 0.379738253465),
            ({"hard_weight": 0.5}, np.array([[2.0, 0, -1, 0]]), STUDENT, 0.678918084452),
        ],
        bad=[{"temperature": 0.0}, {"hard_weight": 1.1}, {"hard_weight": -0.1}],
        extremes=packed_extremes,
        kinks=[({"hard_weight": 0.0}, TEACHER, TEACHER + 7, np.zeros((1, 3)))],
    ),
    Case(
        K.DecoupledDistillation,
        draw_logits,
        decoupled,
        variants=[{"alpha": 2.0}, {"beta": 1.0}, {"temperature": 2.0}],
        known=[
            ({}, np.array([[2.0, 0, -1, 0]]), STUDENT, 0.491104423533),
            ({}, np.array([[2.0, 0, -1, 1]]), STUDENT, 3.834551092757),
        ],
        bad=[{"alpha": np.inf}, {"beta": "8"}, {"temperature": -1.0}],
        extremes=logits_extremes,
        kinks=[({}, TEACHER, TEACHER, np.zeros((1, 3)))],
        exempt={
            "shapes_that_only_broadcast_are_refused": Exempt("a class less is a class id: see the next row")
        },
    ),
    Case(
        K.DecoupledDistillation,
        draw_packed,
        decoupled,
        variants=[{"beta": 0.5}],
        extremes=packed_extremes,
    ),
]
