"""Cases of the losses of distillation."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt, real_extremes
from tests.precise import log, mean, softmax, sqrt

TEACHER, STUDENT = np.array([[2.0, 0, -1]]), np.array([[1.0, 1, 0]])
FEATURES = np.array([[1.0, 2.0]]), np.array([[2.0, 0.0]])
MAPS = np.array([[[1.0, 0], [2, 2]]]), np.array([[[3.0], [1]]])
POINTS = np.array([[0, 0], [1, 0], [0, 2.0]]), np.array([[1, 1], [2, 0], [0, 3.0]])


def draw_logits(rng, n):
    y_true, y_pred = rng.normal(size=(2, n, 4)).astype("float32")
    return y_true, y_pred


def draw_packed(rng, n):
    y_true, y_pred = draw_logits(rng, n)
    return np.concatenate([y_true, (np.arange(n) % 4)[:, None]], axis=1).astype("float32"), y_pred


def draw_features(rng, n):
    y_true, y_pred = rng.normal(size=(2, n, 4)).astype("float32")
    return y_true, y_pred


def draw_maps(rng, n):
    return rng.normal(size=(n, 3, 2)).astype("float32"), rng.normal(size=(n, 3, 4)).astype("float32")


def draw_embeddings(rng, n):
    return rng.normal(size=(n, 3)).astype("float32"), rng.normal(size=(n, 2)).astype("float32")


def logits_extremes():
    y_true, y_pred = real_extremes((0.0, 1.0, -1.0, 1e4, -1e4, 1e-40))
    return y_true, y_pred


def packed_extremes():
    y_true, y_pred = logits_extremes()
    return np.concatenate([y_true, np.arange(6)[:, None].astype("float32")], axis=1), y_pred


def map_extremes():
    y_true, y_pred = real_extremes()
    return y_true[:, :, None], y_pred[:, :, None]


def point_extremes():
    points = np.array([[0, 0], [0, 0], [1e4, 1], [1e-20, 0], [-1e4, 1e4], [1, 1], [1, 1]], "float32")
    return points, np.concatenate([points[::-1], points], axis=1)


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


def feature(y, x, loss="mse", normalize=False, axis=-1):
    y, x = np.moveaxis(y, axis, -1), np.moveaxis(x, axis, -1)
    length = {id(z): sqrt(np.sum(z * z, axis=-1, keepdims=True)) for z in (y, x)}
    if loss == "cosine":
        return 1 - np.sum(y * x, axis=-1) / (length[id(y)] * length[id(x)])[..., 0]
    if normalize:
        y, x = y / length[id(y)], x / length[id(x)]
    if isinstance(loss, K.Huber):
        e = np.abs(y - x)
        return mean(np.where(e < loss.delta, e * e / 2, loss.delta * (e - loss.delta / 2)))
    return mean((y - x) ** 2 if loss == "mse" else np.abs(y - x))


def attention(y, x, p=2):
    maps = []
    for z in (y, x):
        a = np.sum(np.abs(z) ** p, axis=-1).reshape(len(z), -1)
        maps.append(a / sqrt(np.sum(a * a, axis=-1, keepdims=True)))
    return mean((maps[0] - maps[1]) ** 2)


def huber(e):
    return e * e / 2 if abs(e) < 1 else abs(e) - mpmath.mpf(0.5)


def relational(y, x, distance_weight=25.0, angle_weight=50.0):
    n = len(x)
    distances, cosines = [], []
    for z in (y, x):
        d = np.array([[mpmath.sqrt(sum((a - b) ** 2)) for b in z] for a in z], object)
        positive = [value for value in d.ravel() if value > 0]
        distances.append(d / (sum(positive) / len(positive)) if positive else d)
        cosine = np.zeros((n, n, n), object)
        for i, j, k in np.ndindex(n, n, n):
            if d[i, j] > 0 and d[i, k] > 0:
                cosine[i, j, k] = sum((z[j] - z[i]) * (z[k] - z[i])) / (d[i, j] * d[i, k])
        cosines.append(cosine)
    distance = [sum(huber(e) for e in row) / n for row in distances[1] - distances[0]]
    angle = [sum(huber(e) for e in part.ravel()) / n**2 for part in cosines[1] - cosines[0]]
    return distance_weight * np.array(distance, object) + angle_weight * np.array(angle, object)


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
        kind="distillation",
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
        kind="distillation",
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
        kind="distillation",
    ),
    Case(
        K.FeatureDistillation,
        draw_features,
        feature,
        variants=[
            {"loss": "mae"},
            {"loss": "cosine"},
            {"loss": K.Huber(0.5)},
            {"normalize": True},
            {"axis": 0},
        ],
        known=[
            ({}, *FEATURES, 2.5),
            ({"loss": "mae"}, *FEATURES, 1.5),
            ({"loss": "cosine"}, *FEATURES, 0.5527864045),
            ({"normalize": True}, *FEATURES, 0.5527864045),
        ],
        bad=[{"loss": "rmsd"}, {"normalize": 1}, {"axis": 0.5}],
        extremes=real_extremes,
        kinks=[
            ({"loss": "mae"}, [[1.0]], [[1.0]], [[0.0]]),
            ({"loss": "cosine"}, [[1.0, 2.0]], [[0.0, 0.0]], [[0.0, 0.0]]),
            ({"normalize": True}, [[1.0, 2.0]], [[0.0, 0.0]], [[0.0, 0.0]]),
        ],
    ),
    Case(
        K.AttentionTransfer,
        draw_maps,
        attention,
        variants=[{"p": 1}, {"p": 4}, {"p": 1.5}],
        known=[({}, *MAPS, 0.767145134541), ({"p": 1}, *MAPS, 0.463124507807)],
        bad=[{"p": 0}],
        extremes=map_extremes,
        kinks=[({"p": p}, MAPS[0], np.zeros((1, 2, 1)), np.zeros((1, 2, 1))) for p in (0.5, 1, 2)],
        kind="label-embedding",
        exempt={"shapes_that_only_broadcast_are_refused": Exempt("channels may differ: see the other tests")},
    ),
    Case(
        K.RelationalDistillation,
        draw_embeddings,
        relational,
        variants=[{"distance_weight": 1.0}, {"angle_weight": 0.0}, {"angle_weight": 1.0}],
        known=[
            ({"reduction": None}, *POINTS, [5.204767907634, 1.76407493904, 0.440434130708]),
            (
                {"distance_weight": 1.0, "angle_weight": 0.0, "reduction": None},
                *POINTS,
                [0.008190716305, 0.00734512151, 0.015489641518],
            ),
        ],
        bad=[{"distance_weight": -1.0}, {"angle_weight": np.nan}],
        extremes=point_extremes,
        kinks=[({}, np.ones((3, 2)), np.zeros((3, 2)), np.zeros((3, 2)))],
        kind="label-embedding",
        scope="anchor",
    ),
]
