import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(44)
X, Y = normal(6, 3), normal(6, 3) + 0.5
FEWER, LINE, ON_LINE = Y[:4], normal(7, 1, scale=2), normal(7, 1) + 1
PLACES = [0.0, 1.0, 2.5, 3.0, 7.0]
HISTOGRAMS, OTHERS = np.round(np.random.default_rng(44).dirichlet(np.ones(5), size=(2, 6)), 3)
HISTOGRAMS, OTHERS = (x / x.sum(axis=-1, keepdims=True) for x in (HISTOGRAMS, OTHERS))


def directions(count, seed):
    """Those that are drawn here, as columns."""
    drawn = np.random.default_rng(seed).standard_normal((count, 3))
    return (drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)).T


def sliced(count=50, seed=0, p=2):
    def theirs(y_true, y_pred):
        import ot

        return ot.sliced_wasserstein_distance(y_pred, y_true, projections=directions(count, seed), p=p)

    return theirs


def solved(**arguments):
    def theirs(y_true, y_pred):
        import ot

        return ot.solve_sample(y_pred, y_true, max_iter=10000, tol=1e-10, **arguments).value

    return theirs


def on_line(p):
    def theirs(y_true, y_pred):
        import ot

        return np.mean(ot.wasserstein_1d(y_pred, y_true, p=p)) ** (1 / p)

    return theirs


def squared(metric, power):
    def theirs(y_true, y_pred):
        import ot

        return ot.emd2_1d(y_pred, y_true, metric=metric) ** power

    return theirs


def of_histograms(places):
    def theirs(y_true, y_pred):
        import ot

        between = np.abs(np.subtract.outer(places, places))
        pairs = zip(y_true.astype("float64"), y_pred.astype("float64"), strict=True)
        return np.mean([ot.emd2(p / p.sum(), q / q.sum(), between) for p, q in pairs])

    return theirs


SHARP, EUCLIDEAN = {"iterations": 300}, {"epsilon": 0.7, "p": 1, "iterations": 300}

NUMBERS = {
    "sliced_wasserstein_distance": [
        Number(sliced(), Y, X),
        Number(sliced(p=1), Y, X, {"p": 1}),
        Number(sliced(8, 3, 3), Y, X, {"projections": 8, "seed": 3, "p": 3}),
    ],
    "solve_sample": [
        Number(solved(reg=1.0), FEWER, X, {"epsilon": 1.0}),
        Number(solved(reg=0.3), FEWER, X, {"epsilon": 0.3, **SHARP}),
        Number(solved(reg=0.7, metric="euclidean"), FEWER, X, EUCLIDEAN),
        Number(solved(reg=1.0, debias=True), FEWER, X, {"epsilon": 1.0, "debiased": True}),
        Number(solved(reg=0.7, metric="euclidean", debias=True), FEWER, X, {**EUCLIDEAN, "debiased": True}),
    ],
    "wasserstein_1d": [
        Number(on_line(1), ON_LINE, LINE),
        Number(on_line(2), ON_LINE, LINE, {"p": 2}),
        Number(on_line(3), ON_LINE, LINE, {"p": 3}),
    ],
    "emd2_1d": [
        Number(squared("sqeuclidean", 0.5), ON_LINE, LINE),
        Number(squared("euclidean", 1), ON_LINE, LINE, {"p": 1}),
    ],
    "emd2": [
        Number(of_histograms(range(5)), HISTOGRAMS, OTHERS),
        Number(of_histograms(PLACES), HISTOGRAMS, OTHERS, {"positions": PLACES}),
    ],
}
