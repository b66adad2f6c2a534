"""Cases of `kerasloss/losses/embedding/self_distillation.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.embedding import IGNORES_Y_TRUE, vector_extremes
from tests.cases.common.views import B, cosine, cross_entropy, draw_views, fixed, softmax

BOTH = np.concatenate([B, B], axis=1)


def predicted(p):
    """The pairs of a prediction and its target."""
    return [(0, 1)] if p.shape[1] == 2 else [(0, 3), (1, 2)]


def byol(y, p):
    z = fixed(p)
    return np.array(
        [sum(2 - 2 * cosine(p[i, a], z[i, b]) for a, b in predicted(p)) for i in range(len(p))], object
    )


def negative_cosine(y, p):
    z = fixed(p)
    return np.array(
        [-sum(cosine(p[i, a], z[i, b]) for a, b in predicted(p)) / len(predicted(p)) for i in range(len(p))],
        object,
    )


def dino(y, p, student_temperature=0.1, teacher_temperature=0.04, teacher_views=2, center="batch"):
    n, views, width = p.shape
    teachers = fixed(p[:, :teacher_views])
    mean = np.array([mpmath.mpf(0)] * width, object)
    if center == "batch":
        for i in range(n):
            for k in range(teacher_views):
                mean = mean + teachers[i, k] / mpmath.mpf(n * teacher_views)
    values = []
    for i in range(n):
        terms = [
            cross_entropy(
                softmax((teachers[i, k] - mean) / mpmath.mpf(teacher_temperature)),
                p[i, teacher_views + j] / mpmath.mpf(student_temperature),
            )
            for k in range(teacher_views)
            for j in range(views - teacher_views)
            if j != k
        ]
        values.append(sum(terms) / len(terms))
    return np.array(values, object)


def swav(y, p, temperature=0.1, sinkhorn_iterations=3, sinkhorn_epsilon=0.05, code_views=2):
    """With the masses of the paper: each prototype has 1 / K of them, each sample 1 / N."""
    n, views, prototypes = p.shape
    values = np.array([mpmath.mpf(0)] * n, object)
    for i in range(code_views):
        q = np.frompyfunc(mpmath.exp, 1, 1)(fixed(p[:, i]) / mpmath.mpf(sinkhorn_epsilon))
        q = q / np.sum(q)
        for _ in range(sinkhorn_iterations):
            for k in range(prototypes):
                q[:, k] = q[:, k] / np.sum(q[:, k]) / prototypes
            for m in range(n):
                q[m] = q[m] / np.sum(q[m]) / n
        for m in range(n):
            for j in range(views):
                if j != i:
                    values[m] += cross_entropy(n * q[m], p[m, j] / mpmath.mpf(temperature))
    return values / mpmath.mpf(code_views * (views - 1))


def inner(a, b):
    return sum(a * b)


def gram(y, p, normalize=True, remove_negative="both"):
    y = fixed(y)
    values = []
    for t, s in zip(y, p, strict=True):
        total = 0
        for i in range(len(s)):
            for j in range(len(s)):
                of_teacher, of_student = (
                    cosine(x[i], x[j]) if normalize else sum(x[i] * x[j]) for x in (t, s)
                )
                if of_student < 0 and (remove_negative == "both" or (remove_negative and of_teacher < 0)):
                    of_student = 0
                if of_teacher < 0 and remove_negative:
                    of_teacher = 0
                total += (of_student - of_teacher) ** 2
        values.append(total / len(s) ** 2)
    return np.array(values, object)


def draw_patches(rng, n):
    return rng.normal(size=(n, 3, 4)).astype("float32"), rng.normal(size=(n, 3, 2)).astype("float32")


def patch_extremes():
    """The teacher's are no smaller than 1e-10: XLA divides a constant, which it is here, in another order."""
    _, pairs = vector_extremes()
    return np.where(pairs == np.float32(1e-20), np.float32(1e-10), pairs)[::-1].copy(), pairs


PATCHES = np.array([[[1, 0], [0, 1]]], "float32"), np.array([[[1, 0], [0.6, 0.8]]], "float32")
AWAY = np.array([[[1, 0], [-0.6, 0.8]]], "float32")

CASES = [
    Case(
        K.BYOL,
        draw_views(2),
        byol,
        known=[
            ({"reduction": None}, np.zeros(2), B, [0.8, 0.5857864376]),
            ({}, np.zeros(2), B, 0.692893218813),
            ({"reduction": None}, np.zeros(2), [[[0, 0], [3, 4]], [[0, 0], [0, 0]]], [2, 2]),
        ],
        extremes=vector_extremes,
        kinks=[({}, [0.0] * 3, [[[0, 0], [3, 4]], [[3, 4], [0, 0]], [[1, 1], [2, 2]]], np.zeros((3, 2, 2)))],
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.BYOL,
        draw_views(4),
        byol,
        known=[({"reduction": None}, np.zeros(2), BOTH, [1.6, 1.17157287525])],
        extremes=lambda: vector_extremes(4),
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.NegativeCosineSimilarity,
        draw_views(2),
        negative_cosine,
        known=[
            ({"reduction": None}, np.zeros(2), B, [-0.6, -0.7071067812]),
            ({}, np.zeros(2), B, -0.653553390593),
        ],
        extremes=vector_extremes,
        kinks=[({}, [0.0] * 3, [[[0, 0], [3, 4]], [[3, 4], [0, 0]], [[1, 1], [2, 2]]], np.zeros((3, 2, 2)))],
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.NegativeCosineSimilarity,
        draw_views(4),
        negative_cosine,
        extremes=lambda: vector_extremes(4),
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.DINO,
        draw_views(4),
        dino,
        arguments={"teacher_temperature": 0.5},
        variants=[
            {"student_temperature": 0.3},
            {"teacher_temperature": 0.2},
            {"teacher_views": 1},
            {"center": None},
        ],
        known=[
            ({"teacher_temperature": 0.04, "reduction": None}, np.zeros(2), BOTH, [1.442777605, 10.3410458]),
            ({"teacher_temperature": 0.04}, np.zeros(2), BOTH, 5.89191170501),
        ],
        bad=[
            {"student_temperature": 0.0},
            {"teacher_temperature": 0.0},
            {"teacher_views": 0},
            {"center": "moving"},
        ],
        extremes=lambda: vector_extremes(3),
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.SwAV,
        draw_views(3),
        swav,
        arguments={"sinkhorn_epsilon": 0.5},
        variants=[
            {"temperature": 0.3},
            {"sinkhorn_iterations": 1},
            {"sinkhorn_epsilon": 0.3},
            {"code_views": 1},
        ],
        known=[
            ({"sinkhorn_epsilon": 0.05, "reduction": None}, np.zeros(2), B, [5.691633351, 8.490165394]),
            ({"sinkhorn_epsilon": 0.05}, np.zeros(2), B, 7.09089937253),
        ],
        bad=[
            {"temperature": 0.0},
            {"sinkhorn_iterations": 0},
            {"sinkhorn_epsilon": 0.0},
            {"code_views": 0},
        ],
        extremes=lambda: vector_extremes(3),
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.GramAnchoring,
        draw_patches,
        gram,
        variants=[{"normalize": False}, {"remove_negative": "teacher"}, {"remove_negative": None}],
        known=[
            ({}, *PATCHES, 0.18),
            ({"remove_negative": None}, PATCHES[0], AWAY, 0.18),
            ({"remove_negative": "teacher"}, PATCHES[0], AWAY, 0.18),
            ({}, PATCHES[0], AWAY, 0.0),
        ],
        bad=[{"normalize": 1}, {"remove_negative": "student"}],
        extremes=patch_extremes,
        kinks=[({}, PATCHES[0], np.zeros((1, 2, 2)), np.zeros((1, 2, 2)))],
        exempt={"shapes_that_only_broadcast_are_refused": Exempt("widths may differ: see the other tests")},
    ),
]
