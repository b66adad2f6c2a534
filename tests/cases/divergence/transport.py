"""Cases of `kerasloss/losses/divergence/transport.py`."""

import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt

X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
Y = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 3.0]])
COLUMN = np.array([[0.0], [1.0], [3.0]])


def clouds(function):
    """A reference of two clouds, for any axes in front of them."""

    def over_all(x, y, **arguments):
        values = np.empty(x.shape[:-2], object)
        for i in np.ndindex(*values.shape):
            values[i] = function(x[i], y[i], **arguments)
        return values if values.ndim else values[()]

    return over_all


def length(x):
    return mpmath.sqrt(sum(v * v for v in x))


def costs(x, y, p):
    table = np.empty((len(x), len(y)), object)
    for i, j in np.ndindex(*table.shape):
        table[i, j] = length(x[i] - y[j]) ** p
    return table


def transport(cost, epsilon, iterations):
    """Cost and entropy of the plan; of the optimal one, if there are iterations enough."""
    n, k = cost.shape
    if iterations < 50:
        return few_iterations(cost, epsilon, iterations)
    kernel = m.exp(-cost / mpmath.mpf(epsilon))
    v = np.full(k, mpmath.mpf(1))
    for _ in range(150):
        u = k / np.dot(kernel, v)
        v = n / np.dot(kernel.T, u)
    plan = u[:, None] * kernel * v / (n * k)
    return np.sum(plan * cost) + epsilon * np.sum(plan * m.log(plan * (n * k)))


def soft_minimum(cost, g, e):
    return np.array([-e * mpmath.log(sum(m.exp((g - row) / e)) / len(g)) for row in cost], object)


def schedule(cost, epsilon, iterations):
    return [max(mpmath.mpf(epsilon), np.max(cost) * mpmath.mpf("0.9") ** i) for i in range(iterations)]


def few_iterations(cost, epsilon, iterations):
    g = np.full(cost.shape[1], mpmath.mpf(0))
    for e in schedule(cost, epsilon, iterations):
        f = soft_minimum(cost, g, e)
        g = soft_minimum(cost.T, f, e)
    return m.mean(f) + m.mean(g)


def own_transport(cost, epsilon, iterations):
    if iterations >= 50:
        return transport(cost, epsilon, iterations)
    f = np.full(len(cost), mpmath.mpf(0))
    for e in schedule(cost, epsilon, iterations):
        f = (f + soft_minimum(cost, f, e)) / 2
    return 2 * m.mean(f)


@clouds
def sinkhorn(x, y, epsilon=0.1, p=2, iterations=100, debiased=True):
    value = transport(costs(x, y, p), epsilon, iterations)
    if debiased:
        for z in (x, y):
            value = value - own_transport(costs(z, z, p), epsilon, iterations) / 2
    return value


@clouds
def sliced(x, y, projections=50, p=2, seed=0):
    """The cheapest plan on each line, by trying all for few points."""
    g = m.exact(np.random.default_rng(seed).standard_normal((projections, x.shape[-1])))
    total = mpmath.mpf(0)
    for t in g:
        u, v = np.dot(x, t) / length(t), np.dot(y, t) / length(t)
        if len(u) < 4:
            plans = (
                sum(abs(a - v[i]) ** p for a, i in zip(u, o, strict=True))
                for o in itertools.permutations(range(len(v)))
            )
            total += min(plans) / len(u)
        else:
            total += m.mean(
                np.array([abs(a - b) ** p for a, b in zip(sorted(u), sorted(v), strict=True)], object)
            )
    return (total / projections) ** (1 / mpmath.mpf(p)) if total else total


@clouds
def discrepancy(x, y, kernel="gaussian", bandwidth="median", unbiased=False):
    if bandwidth == "median":
        z = np.concatenate([x, y])
        distances = sorted(length(z[i] - z[j]) for i in range(len(z)) for j in range(i))
        half = len(distances) // 2
        bandwidth = (distances[half] + distances[-half - 1]) / 2 or mpmath.mpf(1)

    def k(u, v):
        if kernel == "polynomial":
            return (np.dot(u, v) / len(u) + 1) ** 3
        values = []
        for s in np.atleast_1d(np.asarray(bandwidth, object)):
            ratio = (length(u - v) / s) ** 2
            values.append(mpmath.exp(-ratio / 2) if kernel == "gaussian" else 1 / (1 + ratio))
        return sum(values) / len(values)

    def average(u, v, skip=False):
        values = [k(a, b) for i, a in enumerate(u) for j, b in enumerate(v) if not skip or i != j]
        return sum(values) / len(values)

    return average(x, x, unbiased) + average(y, y, unbiased) - 2 * average(x, y)


@clouds
def alignment(x, y):
    """By pairs of points, without a mean."""

    def covariance(z):
        n = len(z)
        return sum(np.outer(a - b, a - b) for a in z for b in z) / mpmath.mpf(2 * n * (n - 1))

    return np.sum((covariance(x) - covariance(y)) ** 2) / (4 * x.shape[-1] ** 2)


def draw(rng, n):
    x, y = rng.uniform(size=(2, n, 2))
    return x.astype("float32"), (y + 0.3).astype("float32")


def draw_sets(rng, n):
    x, y = rng.uniform(size=(2, n, 3, 2))
    return x.astype("float32"), (y + 0.3).astype("float32")


def hard():
    """Equal points, the same and others in the other cloud, tiny and huge."""
    x = np.array([[0, 0, 0], [1e4, -1e4, 1], [1e-40, 1e-20, 0], [1, 1, 1], [1, 1, 1]], "float32")
    return x, x[::-1] * np.array([[1], [1], [1], [1], [0]], "float32")


def hard_sets():
    x, y = hard()
    same = np.ones_like(x)
    return np.stack([x, same, x, x]), np.stack([y, same, same, x])


def rows(loss, reference, arguments, variants, exempt=(), sets=None, **fields):
    """Two rows: the batch as one cloud, and clouds of their own."""
    exempt = dict(exempt)
    yield Case(
        loss,
        draw,
        reference,
        arguments=arguments,
        variants=variants,
        extremes=hard,
        scope="batch",
        exempt={
            "shapes_that_only_broadcast_are_refused": Exempt("clouds may have different sizes"),
            **exempt,
        },
        **fields,
    )
    exempt.pop("sample_weights", None)
    arguments, variants = sets or (arguments, variants)
    yield Case(
        loss,
        draw_sets,
        reference,
        arguments=arguments,
        variants=variants,
        extremes=hard_sets,
        exempt={
            "shapes_that_only_broadcast_are_refused": Exempt("clouds may have different sizes"),
            **exempt,
        },
    )


SAME = ({}, X, X, np.zeros_like(X))

CASES = [
    *rows(
        K.SinkhornDivergence,
        sinkhorn,
        {"epsilon": 0.4},
        [{"epsilon": 0.6}, {"p": 1}, {"debiased": False}, {"iterations": 3}],
        {
            "gradient": Exempt(
                "that of the optimum, which few iterations miss", lambda iterations=100, **_: iterations < 50
            ),
            "second_derivatives": Exempt("the potentials are held, which is right for the first derivative"),
        },
        sets=({"epsilon": 0.4, "debiased": False}, []),
        known=[
            ({"epsilon": 0.5, "iterations": 1000}, X, Y, 1.315164396847),
            ({}, X[:2], np.array([[0.0, 1.0], [1.0, 1.0]]), 1.0),
            ({"epsilon": 0.1}, X, X, 0.0),
            ({"epsilon": 0.1, "p": 1}, X[:1], Y[:1], np.sqrt(2)),
        ],
        bad=[{"epsilon": 0.0}, {"p": 3}, {"iterations": 0}, {"iterations": 1.5}, {"debiased": 1}],
        kinks=[({"epsilon": 2.0, "p": p}, X, X, np.zeros_like(X)) for p in (1, 2)],
    ),
    *rows(
        K.SlicedWasserstein,
        sliced,
        {"projections": 5},
        [{"projections": 2}, {"p": 1}, {"p": 3.5}, {"seed": 1}],
        known=[
            ({}, COLUMN, COLUMN + 5, 5.0),
            ({"p": 1}, COLUMN, COLUMN[::-1] + 5, 5.0),
            ({"projections": 2}, X, Y, 0.694168047445),
            ({"projections": 50}, X, Y, 0.802140114794),
            ({}, X, X[[2, 0, 1]], 0.0),
        ],
        bad=[{"projections": 0}, {"p": 0.5}, {"p": np.inf}, {"seed": 0.5}, {"seed": -1}],
        kinks=[SAME, ({"p": 1}, X, X[::-1], np.zeros_like(X)), ({"p": 3.5}, X, X, np.zeros_like(X))],
    ),
    *rows(
        K.MaximumMeanDiscrepancy,
        discrepancy,
        {"bandwidth": 1.0},
        [
            {"bandwidth": "median"},
            {"bandwidth": [0.5, 1, 2]},
            {"unbiased": True},
            {"kernel": "inverse_multiquadric"},
            {"kernel": "polynomial"},
        ],
        {"gradient": Exempt("the median has none", lambda bandwidth, **_: bandwidth == "median")},
        known=[
            ({}, X, Y, 0.344126687426),
            ({"unbiased": True}, X, Y, -0.180826776956),
            ({"bandwidth": "median"}, X, Y, 0.165467386358),
            ({"bandwidth": [0.5, 1, 2]}, X, Y, 0.3706872442),
            ({"kernel": "inverse_multiquadric"}, X, Y, 0.393201859869),
            ({"kernel": "polynomial", "unbiased": True}, X, Y, -10.430555555556),
            ({"bandwidth": "median"}, np.ones((3, 2)), np.ones((3, 2)), 0.0),
        ],
        bad=[
            {"kernel": "linear"},
            {"bandwidth": 0.0},
            {"bandwidth": []},
            {"bandwidth": [1, 0]},
            {"bandwidth": "mean"},
            {"unbiased": 1},
        ],
        kinks=[SAME],
    ),
    *rows(
        K.CorrelationAlignment,
        alignment,
        {},
        [],
        {"sample_weights": Exempt("weights are masses, of which two halves are not one")},
        known=[({}, X, Y, 0.260416666667), ({}, X, X + 7, 0.0), ({}, X[:1], Y[:1], 0.0)],
        kinks=[SAME],
    ),
]
