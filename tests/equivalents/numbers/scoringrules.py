"""The means of the scores of scoringrules, which gives one for each target."""

import numpy as np

from tests.equivalents.number import (
    AMOUNTS,
    COUNTS,
    IDS,
    LABELS,
    LOGITS,
    Number,
    P,
    Y,
    draws,
    sigmoid,
    softmax,
)

normal = draws(72)
SCALES = np.abs(normal(4, 3)) + 0.2
ENSEMBLES = normal(4, 3, 5)
TIES = np.stack([Y, Y, Y - 0.5, np.round(Y)], axis=-1)
CHANCES = np.round(sigmoid(normal(3, 4, scale=2)), 4)
THRESHOLDS = -np.sort(-normal(5, 3, scale=2), axis=1)
EVENTS = np.stack([AMOUNTS[:, 0], np.ones(4)], axis=-1)
RARE = np.array([[0, 3, 1], [1, 0, 5], [4, 1, 0], [7, 2, 1]])
RATES = np.array([[0.4, 2.5, 1.5], [1e-6, 0.2, 6.0], [3.0, 1e-6, 0.9], [5.0, 0.3, 2.0]])


def call(name, *arrays, times=1.0, **arguments):
    import scoringrules

    return times * np.mean(getattr(scoringrules, name)(*arrays, **arguments))


def score(name, **arguments):
    return lambda y_true, y_pred: call(name, y_true, y_pred, **arguments)


def of_parameters(name, order=lambda *parameters: parameters):
    """Of the parameters on the last axis, in the order that it has."""
    return lambda y_true, y_pred: call(name, y_true, *order(*np.moveaxis(y_pred, -1, 0)))


def of_intervals(alpha):
    """Half of that of the median, the lower bounds and the upper ones."""

    def theirs(y_true, y_pred):
        bounds = y_pred[..., 0], *np.split(y_pred[..., 1:], 2, axis=-1)
        name, arguments = "weighted_interval_score", {"times": 0.5, "backend": "numba"}
        return call(name, y_true, *bounds, np.array(alpha), **arguments)

    return theirs


def interval(alpha):
    return lambda y, p: call("interval_score", y, p[..., 0], p[..., 1], alpha)


def energy(**arguments):
    return lambda y, p: call("es_ensemble", y, np.swapaxes(p, -1, -2), **arguments)


def ranked(name):
    """Of ids from 1."""
    return lambda y, p: call(name, y.astype(int) + 1, p)


def of_thresholds(y_true, logits):
    higher = sigmoid(logits)
    below = np.pad(1 - higher, ((0, 0), (1, 1)), constant_values=(0, 1))
    return ranked("rls_score")(y_true, np.diff(below, axis=1))


def mixture(y_true, y_pred):
    logits, means, scales = np.split(y_pred, 3, axis=-1)
    return call("logs_mixnorm", y_true, means, scales, softmax(logits))


NORMAL = np.stack([P, SCALES], axis=-1)
FAR = np.stack([P, 0.01 * SCALES], axis=-1)
ON_BOUND = np.stack([Y, Y + SCALES], axis=-1)
COUNTED = np.stack([RATES + 0.1, SCALES + 1], axis=-1)
MIXTURES = np.concatenate([normal(4, 3, 2), normal(4, 3, 2), np.abs(normal(4, 3, 2)) + 0.2], axis=-1)

NUMBERS = {
    "interval_score": [
        Number(interval(0.05), Y, np.stack([P - SCALES, P + SCALES], axis=-1)),
        Number(interval(0.3), Y, np.stack([P - SCALES, P + SCALES], axis=-1), {"alpha": 0.3}),
        Number(interval(0.3), Y, ON_BOUND, {"alpha": 0.3}),
    ],
    "weighted_interval_score": [
        Number(of_intervals([0.2]), Y, normal(4, 3, 3), {"quantile": [0.5, 0.1, 0.9]}),
        Number(of_intervals([0.1, 0.6]), Y, normal(4, 3, 5), {"quantile": [0.5, 0.05, 0.3, 0.95, 0.7]}),
    ],
    "quantile_score": [
        Number(score("quantile_score", alpha=0.5), Y, P),
        Number(score("quantile_score", alpha=0.9), Y, P, {"quantile": 0.9}),
    ],
    "crps_quantile": [
        Number(
            lambda y, p: call("crps_quantile", y, p, np.array([0.1, 0.3, 0.9]), times=0.5),
            Y,
            normal(4, 3, 3),
            {"quantile": [0.1, 0.3, 0.9]},
        )
    ],
    "crps_normal": [
        Number(of_parameters("crps_normal"), Y, NORMAL),
        Number(of_parameters("crps_normal"), Y, FAR),
    ],
    "crps_ensemble": [
        Number(score("crps_ensemble", **estimator), Y, found)
        for estimator in ({}, {"estimator": "nrg"}, {"estimator": "int"})
        for found in (ENSEMBLES, TIES)
    ],
    'crps_ensemble(estimator="fair")': [
        Number(score("crps_ensemble", estimator=estimator), Y, found)
        for estimator in ("fair", "pwm")
        for found in (ENSEMBLES, TIES)
    ],
    "es_ensemble": [Number(energy(), Y, ENSEMBLES), Number(energy(estimator="nrg"), Y, TIES)],
    'es_ensemble(estimator="fair")': [
        Number(energy(estimator="fair"), Y, found) for found in (ENSEMBLES, TIES)
    ],
    "brier_score": [Number(score("brier_score"), LABELS, CHANCES)],
    "log_score": [Number(score("log_score"), LABELS, CHANCES)],
    "rps_score": [Number(ranked("rps_score"), IDS, softmax(LOGITS))],
    "rls_score": [Number(of_thresholds, IDS, THRESHOLDS)],
    "logs_normal": [Number(of_parameters("logs_normal"), Y, NORMAL)],
    "logs_laplace": [Number(of_parameters("logs_laplace"), Y, NORMAL)],
    "logs_t": [
        Number(
            of_parameters("logs_t", lambda m, s, v: (v, m, s)),
            Y,
            np.stack([P, SCALES, 4 * SCALES[::-1]], axis=-1),
        )
    ],
    "logs_lognormal": [Number(of_parameters("logs_lognormal"), AMOUNTS, NORMAL)],
    "logs_mixnorm": [Number(mixture, Y, MIXTURES)],
    "logs_negbinom": [
        Number(lambda y, p: call("logs_negbinom", y, p[..., 1], mu=p[..., 0]), COUNTS, COUNTED),
    ],
    "logs_poisson": [Number(score("logs_poisson"), RARE, RATES)],
    "logs_exponential": [
        Number(lambda y, m: call("logs_exponential", y[:, 0], np.exp(-m[:, 0])), EVENTS, P[:, :1])
    ],
    "logs_loglogistic": [
        Number(lambda y, p: of_parameters("logs_loglogistic")(y[:, 0], p), EVENTS, NORMAL[:, 0])
    ],
}
