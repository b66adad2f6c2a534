"""Cases of `kerasloss/losses/embedding/neighbors.py`."""

import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.embedding import (
    A,
    Batch,
    distance,
    draw_long_embeddings,
    embedding_extremes,
    has_positive,
    vector_extremes,
)
from tests.cases.embedding.triplets import BAD_METRIC, METRIC, VALUES, labelled
from tests.precise import exp, log

between = distance

ORDER = np.array([0, 1, 2.5, 2.5]), A[1]


def nca(y, p, temperature=1.0, log_=True, distance="squared_euclidean", normalize=False, average="valid",
        ignore_class=None, **others):  # fmt: skip
    batch = Batch(y, p, distance, normalize, ignore_class)

    def value(i):
        near = [exp(-batch.d[i][j] / temperature) for j in batch.positives[i]]
        far = [exp(-batch.d[i][j] / temperature) for j in batch.negatives[i]]
        if not near:
            return 0
        share = sum(near) / (sum(near) + sum(far))
        return -log(share) if others.get("log", log_) else 1 - share

    return batch.each(value)


def fast_ap(y, p, num_bins=10, average="valid", ignore_class=None):
    batch = Batch(y, p, "cosine", ignore_class=ignore_class)

    def value(i):
        if not batch.positives[i]:
            return 0

        def histogram(samples):
            width = 4 / np.float64(num_bins)
            return [
                sum(max(1 - abs(2 * batch.d[i][j] / width - b), 0) for j in samples)
                for b in range(num_bins + 1)
            ]

        near, every = histogram(batch.positives[i]), histogram(batch.positives[i] + batch.negatives[i])
        total = 0
        for b in range(num_bins + 1):
            if near[b]:
                total += near[b] * sum(near[: b + 1]) / sum(every[: b + 1])
        return 1 - total / len(batch.positives[i])

    return batch.each(value)


def smooth_ap(y, p, temperature=0.01, remove_diagonal=False, average="valid", ignore_class=None):
    batch = Batch(y, p, "cosine", ignore_class=ignore_class)

    def value(i):
        own = [] if remove_diagonal else [i]
        positives = batch.positives[i] + own
        gallery = positives + batch.negatives[i]
        if not positives:
            return 0

        def rank(k, samples):
            gaps = [(batch.d[i][k] - batch.d[i][m]) / temperature for m in samples if m != k]
            return 1 + sum(1 / (1 + exp(-gap)) for gap in gaps)

        return 1 - sum(rank(k, positives) / rank(k, gallery) for k in positives) / len(positives)

    return batch.each(value)


def prototypical(y, p, shots=1, temperature=1.0, distance="squared_euclidean", ignore_class=None):
    there = [i for i in range(len(y)) if y[i] != ignore_class]
    members = {c: [i for i in there if y[i] == c] for c in {y[i] for i in there}}
    prototypes = {c: sum(p[i] for i in own[:shots]) / len(own[:shots]) for c, own in members.items()}
    values = []
    for i in range(len(y)):
        if i not in there or i in members[y[i]][:shots]:
            values.append(0)
            continue
        nearness = {c: exp(-between(distance, p[i], x) / temperature) for c, x in prototypes.items()}
        values.append(-log(nearness[y[i]] / sum(nearness.values())))
    return np.array(values, object)


def is_query(y, p, shots=1, ignore_class=None, **arguments):
    return np.array([c != ignore_class and (y[:i] == c).sum() >= shots for i, c in enumerate(y)])


def rank_n_contrast(y, p, temperature=2.0, distance="euclidean"):
    n, views = len(y), 1 if p.ndim == 2 else p.shape[1]
    x = p.reshape(n * views, -1)
    labels = [np.atleast_1d(y[i]) for i in range(n) for _ in range(views)]
    m = len(x)
    values = []
    for i in range(m):
        apart = [sum(abs(labels[i] - labels[k])) for k in range(m)]
        near = [exp(-between(distance, x[i], x[k]) / temperature) for k in range(m)]
        others = [k for k in range(m) if k != i]
        terms = [-log(near[j] / sum(near[k] for k in others if apart[k] >= apart[j])) for j in others]
        values.append(sum(terms) / max(m - 1, 1))
    return np.array(values, object).reshape(n, views).mean(axis=1)


def draw_numbers(rng, n):
    """Numbers, some of them equal, and embeddings."""
    return (rng.integers(0, n - 2, size=n) / 2).astype("float32"), draw_long_embeddings(rng, n)[1]


def draw_views(rng, n):
    return rng.normal(size=(n, 2)).astype("float32"), rng.normal(size=(n, 2, 3)).astype("float32")


def number_extremes():
    y_true, y_pred = embedding_extremes()
    return y_true.astype("float32"), y_pred


COSINE_OF_TWO = {"shots": 2, "distance": "cosine"}
NEIGHBORS = [{"average": "anchor"}, {"distance": "euclidean"}, {"distance": "cosine"}, {"normalize": True}]
BAD_NEIGHBORS = [{"temperature": 0.0}, *BAD_METRIC[1:]]

CASES = [
    labelled(
        K.NCA,
        nca,
        variants=[{"temperature": 0.5}, {"log": False}, *NEIGHBORS],
        known=[
            (VALUES, *A, [0.233257497, 0.6271230573, 0.6271230573, 0.233257497]),
            ({}, *A, 0.430190277137),
            ({"log": False, **VALUES}, *A, [0.2080503774, 0.4658737567, 0.4658737567, 0.2080503774]),
        ],
        bad=[{"log": 1}, *BAD_NEIGHBORS],
        counts=has_positive,
    ),
    labelled(
        K.SoftNearestNeighbor,
        nca,
        variants=[{"temperature": 0.5}, *NEIGHBORS],
        known=[
            (VALUES, *A, [0.233257497, 0.6271230573, 0.6271230573, 0.233257497]),
            ({}, *A, 0.430190277137),
        ],
        bad=BAD_NEIGHBORS,
        counts=has_positive,
    ),
    labelled(
        K.FastAP,
        fast_ap,
        arguments={"num_bins": 7},
        variants=[{"num_bins": 4}, {"average": "anchor"}],
        known=[
            ({"num_bins": 4, **VALUES}, *A, [0, 0.35, 0.35, 0]),
            ({"num_bins": 4}, *A, 0.175),
        ],
        bad=[{"num_bins": 0}, {"average": "mean"}],
        counts=has_positive,
    ),
    labelled(
        K.SmoothAP,
        smooth_ap,
        arguments={"temperature": 0.1},
        variants=[
            {"temperature": 0.3},
            {"remove_diagonal": True},
            {"remove_diagonal": True, "average": "anchor"},
        ],
        known=[
            ({**VALUES}, *A, [0.0001096869393, 0.03780738965, 0.03780738965, 0.0001096869393]),
            ({}, *A, 0.0189585382924),
        ],
        bad=[{"temperature": 0.0}, {"remove_diagonal": 1}, {"average": "mean"}],
        nonzero=("all labels different",),
    ),
    labelled(
        K.Prototypical,
        prototypical,
        variants=[{"shots": 2}, {"temperature": 0.5}, *METRIC[1:2], {"distance": "euclidean"}, COSINE_OF_TWO],
        known=[
            (VALUES, *A, [0, 0.5130152524, 0, 0.05903282629]),
            ({}, *A, 0.286024039344),
        ],
        bad=[{"shots": 0}, {"temperature": 0.0}, {"distance": "manhattan"}],
        counts=is_query,
        exempt=dict.fromkeys(
            ("permuted_batch", "batch_order_does_not_matter"),
            Exempt("the first samples of each class are its support"),
        ),
    ),
    Case(
        K.RankNContrast,
        draw_numbers,
        rank_n_contrast,
        variants=[{"temperature": 0.5}, {"distance": "squared_euclidean"}, {"distance": "cosine"}],
        known=[
            (VALUES, *ORDER, [0.7334515344, 0.7802244667, 0.5030534079, 0.4697224995]),
            ({}, *ORDER, 0.621612977138),
            ({}, np.zeros(1), A[1][:1], 0.0),
        ],
        bad=[{"temperature": 0.0}, {"distance": "manhattan"}],
        extremes=number_extremes,
        scope="anchor",
    ),
    Case(
        K.RankNContrast,
        draw_views,
        rank_n_contrast,
        extremes=lambda: (np.arange(25, dtype="float32") % 3, vector_extremes()[1]),
        scope="anchor",
    ),
]
