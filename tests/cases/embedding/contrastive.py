"""Cases of `kerasloss/losses/embedding/contrastive.py`."""

import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.embedding import (
    IGNORES_Y_TRUE,
    A,
    Batch,
    distance,
    draw_pairs,
    groups,
    has_positive,
    vector_extremes,
)
from tests.cases.embedding.triplets import VALUES, labelled
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


def view_totals(p, temperature, own):
    """For each view, the sum of the exponentials of its cosines with the views of all samples but its own.

    With `own` the other view of its own sample is among them.
    """
    n = len(p)
    return [
        [
            sum(
                exp((1 - distance("cosine", p[i, v], p[j, w])) / temperature)
                for j in range(n)
                for w in range(2)
                if j != i or (own and w != v)
            )
            for v in range(2)
        ]
        for i in range(n)
    ]


def ntxent(y, p, temperature=0.5, average="valid", ignore_class=None):
    if p.ndim == 3:
        totals = view_totals(p, temperature, own=True)
        near = [exp((1 - distance("cosine", a, b)) / temperature) for a, b in p]
        return np.array(
            [-sum(log(e / t) for t in of) / 2 for e, of in zip(near, totals, strict=True)], object
        )
    batch = Batch(y, p, "cosine", ignore_class=ignore_class)

    def terms(i):
        power = [exp((1 - d) / temperature) for d in batch.d[i]]
        far = sum(power[n] for n in batch.negatives[i])
        return [-log(power[j] / (power[j] + far)) for j in batch.positives[i]]

    return batch.values(terms, average)


def decoupled(y, p, temperature=0.1, sigma=None):
    n = len(p)
    if n == 1:
        return np.zeros(1, object)
    near = [1 - distance("cosine", a, b) for a, b in p]
    weights = [1] * n
    if sigma is not None:
        power = [exp(c / sigma) for c in near]
        weights = [2 - n * x / sum(power) for x in power]
    totals = view_totals(p, temperature, own=False)
    each = zip(weights, near, totals, strict=True)
    return np.array([(log(t[0]) + log(t[1])) / 2 - w * c / temperature for w, c, t in each], object)


def info_nce(y, p, temperature=0.1):
    if p.ndim == 2:
        z = p / temperature
        return np.array([-log(exp(row[0]) / sum(exp(x) for x in row)) for row in z], object)
    n, k = p.shape[:2]
    values = []
    for i in range(n):
        keys = [p[j, 1] for j in range(n)] if k == 2 else list(p[i, 1:])
        power = [exp((1 - distance("cosine", p[i, 0], key)) / temperature) for key in keys]
        values.append(-log(power[i if k == 2 else 0] / sum(power)))
    return np.array(values, object)


def supervised(y, p, temperature=0.1, base_temperature=None, average="valid", ignore_class=None):
    views = 1 if p.ndim == 2 else p.shape[1]
    batch = Batch(np.repeat(y, views), p.reshape(len(y) * views, -1), "cosine", ignore_class=ignore_class)

    def value(i):
        power = [exp((1 - d) / temperature) for d in batch.d[i]]
        total = sum(power[j] for j in batch.positives[i] + batch.negatives[i])
        terms = [-log(power[j] / total) for j in batch.positives[i]]
        return sum(terms) / len(terms) if terms else 0

    scale = 1 if base_temperature is None else temperature / base_temperature
    return scale * batch.each(value).reshape(len(y), views).mean(axis=1)


def spectral(y, p):
    n = len(p)
    z = p if p.ndim == 2 else np.array([[sum(a[0] * b[1]) for b in p] for a in p], object)
    others = [sum(z[i, j] ** 2 for j in range(n) if j != i) / max(n - 1, 1) for i in range(n)]
    return np.array([others[i] - 2 * z[i, i] for i in range(n)], object)


def n_pairs(y, p, l2_reg=0.0):
    n = len(p)
    z = p if p.ndim == 2 else np.array([[sum(a[0] * b[1]) for b in p] for a in p], object)
    values = []
    for i in range(n):
        shared = [sum(y[i] * y[j]) if y.ndim == 2 else int(y[i] == y[j]) for j in range(n)]
        total = sum(exp(x) for x in z[i])
        value = -sum(t * log(exp(x) / total) for t, x in zip(shared, z[i], strict=True))
        value = value / sum(shared) if sum(shared) else 0
        values.append(value + (l2_reg * sum(sum(x * x) for x in p[i]) / 2 if p.ndim == 3 else 0))
    return np.array(values, object)


def draw_classes_of_pairs(rng, n):
    return groups(rng, n), draw_pairs(rng, n)[1]


def draw_several_labels(rng, n):
    """Some of three labels for each row, for one row none."""
    y_true = (rng.uniform(size=(n, 3)) < 0.5).astype("float32")
    y_true[-1] = 0
    return y_true, draw_pairs(rng, n)[1]


def draw_classes_of_matrix(rng, n):
    return groups(rng, n), draw_matrix(rng, n)[1]


def draw_own_negatives(rng, n):
    return draw_pairs(rng, n, k=4)


def draw_queue(rng, n):
    return np.zeros(n, "float32"), rng.uniform(-1, 1, (n, 5)).astype("float32")


def class_extremes():
    y_true, y_pred = vector_extremes()
    return y_true.astype(int), y_pred


def several_extremes():
    y_true, y_pred = class_extremes()
    return np.eye(2, dtype="float32")[y_true], y_pred


def queue_extremes():
    return np.zeros(3, "float32"), np.array([[1, -1, 0], [1e4, -1e4, 0], [0, 0, 1e-40]], "float32")


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
    Case(
        K.NTXent,
        draw_pairs,
        ntxent,
        variants=[{"temperature": 0.2}],
        known=[
            (VALUES, np.zeros(2), B, [1.237006897, 1.109785431]),
            ({}, np.zeros(2), B, 1.17339616433),
            ({}, np.zeros(1), B[:1], 0.0),
        ],
        bad=[{"temperature": 0.0}, {"average": "mean"}],
        extremes=vector_extremes,
        kinks=[({}, [0.0], np.zeros((1, 2, 2)), np.zeros((1, 2, 2)))],
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    labelled(
        K.NTXent,
        ntxent,
        variants=[{"average": "anchor"}, {"average": "active"}],
        known=[],
        bad=[],
        obeys="label-embedding",
    ),
    Case(
        K.DecoupledContrastive,
        draw_pairs,
        decoupled,
        variants=[{"temperature": 0.5}, {"sigma": 0.5}],
        known=[
            (VALUES, np.zeros(2), B, [2.5554321, 1.907559818]),
            ({}, np.zeros(2), B, 2.23149595886),
            ({}, np.zeros(1), B[:1], 0.0),
        ],
        bad=[{"temperature": 0.0}, {"sigma": 0.0}],
        extremes=vector_extremes,
        kinks=[({}, [0.0], np.ones((1, 2, 2)), np.zeros((1, 2, 2)))],
        scope="anchor",
        exempt={
            **IGNORES_Y_TRUE,
            "gradient": Exempt("the weights have no gradient", lambda sigma=None, **_: sigma is not None),
        },
    ),
    Case(
        K.InfoNCE,
        draw_pairs,
        info_nce,
        variants=[{"temperature": 0.5}],
        known=[
            (VALUES, np.zeros(2), B, [1.365707457, 1.261808857]),
            ({}, np.zeros(2), B, 1.31375815741),
            ({}, np.zeros(1), B[:1], 0.0),
        ],
        bad=[{"temperature": 0.0}],
        extremes=vector_extremes,
        kinks=[({}, [0.0], np.zeros((1, 2, 2)), np.zeros((1, 2, 2)))],
        scope="anchor",
        exempt=IGNORES_Y_TRUE,
    ),
    *(
        Case(K.InfoNCE, draw, info_nce, extremes=extremes, scope="anchor", exempt=IGNORES_Y_TRUE)
        for draw, extremes in (
            (draw_own_negatives, lambda: vector_extremes(3)),
            (draw_queue, queue_extremes),
        )
    ),
    labelled(
        K.SupervisedContrastive,
        supervised,
        arguments={"temperature": 0.2},
        variants=[{"temperature": 0.5}, {"base_temperature": 0.07}, {"average": "anchor"}],
        known=[
            (
                {"temperature": 0.1, **VALUES},
                *A,
                [0.0003362376224, 0.1272234419, 0.1272234419, 0.0003362376224],
            ),
            ({"temperature": 0.1}, *A, 0.0637798397619),
        ],
        bad=[{"temperature": 0.0}, {"base_temperature": 0.0}, {"average": "mean"}],
        counts=has_positive,
        nonzero=("one class",),
    ),
    Case(
        K.SupervisedContrastive,
        draw_classes_of_pairs,
        supervised,
        arguments={"temperature": 0.2},
        variants=[{"ignore_class": 2}],
        extremes=class_extremes,
        scope="anchor",
        nonzero=("one class", "all labels different"),
    ),
    *in_batch(
        K.SpectralContrastive,
        spectral,
        variants=[],
        known=[(VALUES, np.zeros(2), B, [-0.2, -1.44]), ({}, np.zeros(2), B, -0.82)],
        bad=[],
    ),
    *(
        Case(
            K.NPairs,
            draw,
            n_pairs,
            variants=variants,
            known=known,
            bad=bad,
            extremes=extremes,
            scope="anchor",
            square=square,
        )
        for draw, extremes, square, variants, known, bad in (
            (
                draw_classes_of_pairs,
                class_extremes,
                False,
                [{"l2_reg": 0.5}],
                [
                    (VALUES, np.array([0, 1]), B, [0.9130152524, 0.5130152524]),
                    ({}, np.array([0, 1]), B, 0.7130152524),
                ],
                [{"l2_reg": -1.0}],
            ),
            (
                draw_several_labels,
                lambda: (np.eye(2, dtype="float32")[class_extremes()[0]], vector_extremes()[1]),
                False,
                [],
                [],
                [],
            ),
            (draw_classes_of_matrix, lambda: (np.arange(3), matrix_extremes()[1]), True, [], [], []),
        )
    ),
]
