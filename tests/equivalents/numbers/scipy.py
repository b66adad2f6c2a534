import numpy as np

from tests.equivalents.number import AMOUNTS, POSITIVE, PROBABILITIES, SOFT, Number, P, Y


def errors(name, delta=1.0):
    def theirs(y_true, y_pred):
        import scipy.special

        return getattr(scipy.special, name)(delta, y_pred - y_true).mean()

    return theirs


def entries(name):
    """The sum over the last axis of a function of two entries."""

    def theirs(y_true, y_pred):
        import scipy.special

        return getattr(scipy.special, name)(y_true, y_pred).sum(axis=-1).mean()

    return theirs


def each(pair):
    """The mean over the pairs of a batch."""
    return lambda y_true, y_pred: np.mean([pair(y, p) for y, p in zip(y_true, y_pred, strict=True)])


def pearson(y, p):
    import scipy.stats

    return 1 - scipy.stats.pearsonr(y, p)[0]


def wasserstein(positions):
    def pair(y, p):
        import scipy.stats

        return scipy.stats.wasserstein_distance(positions, positions, y, p)

    return pair


def jensen_shannon(y, p):
    import scipy.spatial.distance

    return scipy.spatial.distance.jensenshannon(y, p) ** 2


def cost(**arguments):
    """That of a fit which takes no step."""

    def theirs(y_true, y_pred):
        from scipy.optimize import least_squares

        residuals = np.asarray(y_pred - y_true, "float64").ravel()
        fit = least_squares(lambda _: residuals, [0.0], max_nfev=1, loss="cauchy", **arguments)
        return fit.cost / residuals.size

    return theirs


TINY = 1e-12
"""Below the bound that losses have here."""

GAPS = [0.0, 0.5, 2.0, 2.5]
Q, R = SOFT / SOFT.sum(axis=-1, keepdims=True), PROBABILITIES / PROBABILITIES.sum(axis=-1, keepdims=True)
SPARSE = np.where(np.eye(4)[[0, 1, 2, 3, 0]] == 1, 0, Q)
SPARSE = SPARSE / SPARSE.sum(axis=-1, keepdims=True)

NUMBERS = {
    "special.huber": [Number(errors("huber"), Y, P), Number(errors("huber", 0.6), Y, P, {"delta": 0.6})],
    "special.pseudo_huber": [
        Number(errors("pseudo_huber"), Y, P),
        Number(errors("pseudo_huber", 0.6), Y, P, {"delta": 0.6}),
    ],
    "special.kl_div": [
        Number(entries("kl_div"), AMOUNTS, POSITIVE),
        Number(entries("kl_div"), AMOUNTS, np.where(POSITIVE < 0.8, TINY, POSITIVE)),
    ],
    "special.rel_entr": [
        Number(entries("rel_entr"), SPARSE, R),
        Number(entries("rel_entr"), Q, np.where(SPARSE == 0, TINY, SPARSE)),
    ],
    "stats.pearsonr": [Number(each(pearson), Y, P)],
    "stats.wasserstein_distance": [
        Number(each(wasserstein(range(4))), Q, R),
        Number(each(wasserstein(GAPS)), SPARSE, R, {"positions": GAPS}),
    ],
    "spatial.distance.jensenshannon": [
        Number(each(jensen_shannon), Q, R),
        Number(each(jensen_shannon), SPARSE, R),
    ],
    'optimize.least_squares(loss="cauchy")': [
        Number(cost(), Y, P),
        Number(cost(f_scale=0.6), Y, P, {"scale": 0.6}),
    ],
}
