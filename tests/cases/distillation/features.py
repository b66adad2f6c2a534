"""Cases of `kerasloss/losses/distillation/features.py`."""

import mpmath
import numpy as np

import kerasloss as K
from tests.cases.case import Case, Exempt
from tests.cases.common.element import real_extremes
from tests.precise import mean, sqrt

FEATURES = np.array([[1.0, 2.0]]), np.array([[2.0, 0.0]])
MAPS = np.array([[[1.0, 0], [2, 2]]]), np.array([[[3.0], [1]]])
POINTS = np.array([[0, 0], [1, 0], [0, 2.0]]), np.array([[1, 1], [2, 0], [0, 3.0]])


def draw_features(rng, n):
    y_true, y_pred = rng.normal(size=(2, n, 4)).astype("float32")
    return y_true, y_pred


def draw_maps(rng, n):
    return rng.normal(size=(n, 3, 2)).astype("float32"), rng.normal(size=(n, 3, 4)).astype("float32")


def draw_embeddings(rng, n):
    """A student's points around those of a grid: a pair that nearly coincides has a steep gradient."""
    grid = np.stack(np.divmod(rng.permutation(n), 3), axis=-1)
    y_true, y_pred = rng.normal(size=(n, 3)), 2 * grid + 0.3 * rng.normal(size=(n, 2))
    return y_true.astype("float32"), y_pred.astype("float32")


def map_extremes():
    y_true, y_pred = real_extremes()
    return y_true[:, :, None], y_pred[:, :, None]


def point_extremes():
    points = np.array([[0, 0], [0, 0], [1e4, 1], [1e-20, 0], [-1e4, 1e4], [1, 1], [1, 1]], "float32")
    return points, np.concatenate([points[::-1], points], axis=1)


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
        any_width=True,
        scope="anchor",
    ),
]
