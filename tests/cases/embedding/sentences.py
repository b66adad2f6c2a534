"""Cases of `kerasloss/losses/embedding/sentences.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.embedding import IGNORES_Y_TRUE, distance, dot, draw_pairs, vector_extremes
from tests.cases.embedding.contrastive import B, draw_matrix, matrix_extremes
from tests.cases.embedding.triplets import VALUES
from tests.precise import exp, log, sqrt

B3 = np.concatenate([B, np.array([[[1, -1]], [[2, 0]]], "float32")], axis=1)
GUIDE = np.array([[[1, 0], [1, 1]], [[0, 1], [1, 3]]], "float32")
UP, DOWN = np.array([0.2, 1.0]), np.array([1.0, 0.2])


def sim(name, a, b):
    return dot(a, b) if name == "dot" else 1 - distance("cosine", a, b)


def ranking(y, p, scale=20.0, similarity="cosine", symmetric=False):
    n = len(p)

    def z(i, j, column=1):
        return p[i, j] if p.ndim == 2 else scale * sim(similarity, p[i, 0], p[j, column])

    def value(i):
        columns = range(1, 2 if p.ndim == 2 else p.shape[1])
        right = exp(z(i, i)) / sum(exp(z(i, j, c)) for j in range(n) for c in columns)
        if not symmetric:
            return -log(right)
        return -(log(right) + log(exp(z(i, i)) / sum(exp(z(j, i)) for j in range(n)))) / 2

    return np.array([value(i) for i in range(n)], object)


def order(y, s, scale):
    """Of pairs of texts, whose similarities should be in the order of their labels."""
    n = len(s)
    costs = [exp(scale * s[j]) / exp(scale * s[i]) for i in range(n) for j in range(n) if y[i] > y[j]]
    return log(1 + sum(costs))


def cosent(y, p, scale=20.0, similarity="cosine"):
    s = p.ravel() if p.ndim < 3 else [sim(similarity, a, b) for a, b in p]
    return order(y, s, scale)


def angle(y, p, scale=20.0):
    """From the quotients of complex numbers."""

    def s(a, b):
        half = (len(a) + 1) // 2
        a, b = ([*x, *[mpmath.mpf(0)] * (len(x) % 2)] for x in (a, b))
        pairs = [(mpmath.mpc(a[i], a[i + half]), mpmath.mpc(b[i], b[i + half])) for i in range(half)]
        lengths = [sqrt(sum(abs(z[k]) ** 2 for z in pairs)) for k in (0, 1)]
        quotients = [abs(w) ** 2 * (z / w) for z, w in pairs]
        return abs(sum(q.real + q.imag for q in quotients)) / (lengths[0] * lengths[1])

    every = [
        (t if c == 0 else 1 - t, s(x[0], b)) for t, x in zip(y, p, strict=True) for c, b in enumerate(x[1:])
    ]
    return order(*zip(*every, strict=True), scale)


def margin_mse(y, p, similarity="dot"):
    s = p if p.ndim == 2 else np.array([[sim(similarity, x[0], b) for b in x[1:]] for x in p], object)
    negatives = s.shape[1] - 1
    y = y.reshape(len(y), -1)
    values = []
    for t, x in zip(y, s, strict=True):
        margins = t if len(t) == negatives else [t[0] - u for u in t[1:]]
        values.append(sum((x[0] - x[1 + k] - margins[k]) ** 2 for k in range(negatives)) / negatives)
    return np.array(values, object)


def gist(y, p, temperature=0.01, margin=0.0, margin_strategy="absolute", contrast_anchors=True,
         contrast_positives=True):  # fmt: skip
    n, k = p.shape[:2]

    def cos(x, one, other):
        return 1 - distance("cosine", x[one], x[other])

    def value(i):
        own = ((i, 0), (i, 1))
        others = [((i, 0), (j, c)) for j in range(n) for c in range(1, k)]
        others += [((i, 0), (j, 0)) for j in range(n) if j != i and contrast_anchors]
        others += [((i, 1), (j, 1)) for j in range(n) if j != i and contrast_positives]
        g = cos(y, *own)
        least = g - margin if margin_strategy == "absolute" else g - abs(g) * margin
        left = [pair for pair in others if pair != own and cos(y, *pair) <= least]
        power = exp(cos(p, *own) / temperature)
        return -log(power / (power + sum(exp(cos(p, *pair) / temperature) for pair in left)))

    return np.array([value(i) for i in range(n)], object)


def draw_graded(rng, n):
    """Pairs with grades, two of them equal."""
    return rng.permutation(np.resize([0, 1, 1, 3], n)), draw_pairs(rng, n)[1]


def draw_similarities(rng, n):
    return rng.permutation(np.resize([0.2, 0.5, 0.5, 0.9], n)).astype("float32"), (
        rng.uniform(-1, 1, (n, 1)).astype("float32")
    )


def draw_scored_triplets(rng, n):
    """Labels in [0, 1], and embeddings of even length."""
    return rng.uniform(size=n).astype("float32"), rng.normal(size=(n, 4, 4)).astype("float32")


def draw_hard_negatives(rng, n):
    return np.zeros(n, "float32"), rng.normal(size=(n, 4, 3)).astype("float32")


def draw_margins(rng, n):
    return rng.normal(size=(n, 2)).astype("float32"), rng.normal(size=(n, 4, 3)).astype("float32")


def draw_teacher(rng, n):
    """Its scores, against those of a student."""
    return tuple(rng.normal(size=(2, n, 3)).astype("float32"))


def draw_guided(rng, n):
    """Texts and the guide's embeddings, which are longer."""
    return tuple(rng.normal(size=(n, 3, d)).astype("float32") for d in (4, 3))


def similarity_extremes():
    s = np.array([0, 1e4, -1e4, 1e4, 1e-40, 1, -1], "float32")
    return np.array([0, 1, 2, 3, 4, 5, 5], "float32"), s


def scores_extremes():
    s = np.array([[0, 1e4, -1e4], [1e4, 1e4, 1e4], [1e-40, 0, 1e-20]], "float32")
    return s[::-1].copy(), s


def graded_extremes(k=2):
    y_true, y_pred = vector_extremes(k)
    return (np.arange(len(y_true)) % 3).astype("float32"), y_pred


def guided_extremes():
    y_pred = vector_extremes()[1]
    return y_pred[::-1].copy(), y_pred


ANY_NUMBER = {
    "shapes_that_only_broadcast_are_refused": Exempt(
        "one embedding less is another form: tests/embedding/test_sentences.py"
    ),
}
SCALED = {"scale": 1.0}
BAD_SCALE = [{"scale": 0.0}, {"scale": np.inf}]
BAD_SIMILARITY = [{"similarity": "euclidean"}]

CASES = [
    Case(
        K.MultipleNegativesRanking,
        draw_hard_negatives,
        ranking,
        arguments={"scale": 3.0},
        variants=[{"scale": 5.0}, {"similarity": "dot", "scale": 0.5}, {"symmetric": True}],
        known=[
            ({"scale": 20.0, **VALUES}, np.zeros(2), B, [2.253143622, 2.002834856]),
            ({"scale": 20.0}, np.zeros(2), B, 2.12798923908),
            ({}, np.zeros(1), B[:1], 0.0),
        ],
        bad=[*BAD_SCALE, *BAD_SIMILARITY, {"symmetric": 1}],
        extremes=lambda: vector_extremes(3),
        kinks=[({}, [0.0], np.zeros((1, 3, 2)), np.zeros((1, 3, 2)))],
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.MultipleNegativesRanking,
        draw_matrix,
        ranking,
        variants=[{"symmetric": True}],
        extremes=matrix_extremes,
        square=True,
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    Case(
        K.CoSENT,
        draw_graded,
        cosent,
        arguments={"scale": 2.0},
        variants=[{"scale": 5.0}, {"similarity": "dot"}],
        known=[
            ({"scale": 20.0}, DOWN, B, 2.25314362249),
            (SCALED, DOWN, B, 0.748133869063),
            ({"scale": 20.0}, UP, B, 0.111007998758),
            (SCALED, UP, B, 0.641027087877),
            ({}, np.ones(2), B, 0.0),
        ],
        bad=[*BAD_SCALE, *BAD_SIMILARITY],
        extremes=graded_extremes,
        kinks=[({}, [0.0, 1.0, 1.0], np.zeros((3, 2, 2)), np.zeros((3, 2, 2)))],
        scope="batch",
    ),
    Case(K.CoSENT, draw_similarities, cosent, extremes=similarity_extremes, scope="batch"),
    Case(
        K.AnglE,
        draw_graded,
        angle,
        arguments={"scale": 2.0},
        variants=[{"scale": 5.0}],
        known=[
            (SCALED, DOWN, B, 1.47422386613),
            (SCALED, UP, B, 0.260010303761),
            (SCALED, np.ones(2), B3, 2.11070342079),
        ],
        bad=BAD_SCALE,
        extremes=graded_extremes,
        kinks=[
            ({}, [0.0, 1.0, 1.0], np.zeros((3, 2, 2)), np.zeros((3, 2, 2))),
            # s = 0, 0 and equal labels
            ({}, [0.0, 1.0], [[[1.0, 0], [-1.0, -1.0]], [[0, 2.0], [1.0, -1.0]]], np.zeros((2, 2, 2))),
        ],
        scope="batch",
    ),
    Case(
        K.AnglE,
        draw_scored_triplets,
        angle,
        arguments={"scale": 2.0},
        extremes=lambda: graded_extremes(3),
        scope="batch",
        exempt=ANY_NUMBER,
    ),
    Case(
        K.MarginMSE,
        draw_margins,
        margin_mse,
        variants=[{"similarity": "cosine"}],
        known=[
            (VALUES, np.array([0.5, -1]), B3, [0.81, 9]),
            ({}, np.array([[0.5], [-1]]), B3, 4.905),
            (VALUES, np.array([[0.9, 0.4], [0, 1]]), B3, [0.81, 9]),
            ({"similarity": "cosine", **VALUES}, np.array([0.5, -1]), B3, [0.368578643763, 2.914213562373]),
        ],
        bad=BAD_SIMILARITY,
        extremes=lambda: vector_extremes(3),
        kinks=[({}, [[0.0]], np.zeros((1, 3, 2)), np.zeros((1, 3, 2)))],
        exempt=ANY_NUMBER,
    ),
    Case(K.MarginMSE, draw_teacher, margin_mse, extremes=scores_extremes, exempt=ANY_NUMBER),
    Case(
        K.GISTEmbed,
        draw_guided,
        gist,
        arguments={"temperature": 0.5},
        variants=[
            {"temperature": 0.2},
            {"margin": 0.3},
            {"margin": 0.3, "margin_strategy": "relative"},
            {"contrast_anchors": False},
            {"contrast_positives": False},
        ],
        known=[
            ({"temperature": 1.0, **VALUES}, GUIDE, B, [0.97902690627, 1.365405113544]),
            ({"temperature": 1.0, "margin": 0.5, **VALUES}, GUIDE, B, [0.437487950486, 0.400833526471]),
            (
                {"temperature": 1.0, "contrast_anchors": False, "contrast_positives": False, **VALUES},
                GUIDE,
                B,
                [0.748133869063, 0.740672046128],
            ),
            ({}, GUIDE[:1], B[:1], 0.0),
        ],
        bad=[
            {"temperature": 0.0},
            {"margin": np.inf},
            {"margin_strategy": "rel"},
            {"contrast_anchors": 1},
            {"contrast_positives": 1},
        ],
        extremes=guided_extremes,
        kinks=[({}, np.ones((1, 3, 2)), np.zeros((1, 3, 2)), np.zeros((1, 3, 2)))],
        scope="anchor",
    ),
]
