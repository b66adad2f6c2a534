"""Where a loss is least: a constant fitted to a sample is its mean, median or rate; a score at the truth.

Each row has a loss, a sample, and the constant of the textbook, computed from the sample alone.
"""

import mpmath
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, tensor, value_and_gradient

POSITIVE = np.array([0.3, 0.7, 1.1, 1.9, 4.2])
REAL = np.array([-1.7, -0.4, 0.2, 1.3, 4.1])
COUNTS = np.array([0.0, 1.0, 1.0, 3.0, 4.0, 6.0, 12.0])
ZEROS = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 5.0])
ANGLES = np.array([-0.5, 0.1, 0.3, 0.9, 1.2, 2.0])
YES_NO = np.array([0.0, 1.0, 1.0, 0.0, 1.0])
IDS = np.array([0, 0, 1, 2, 2, 2, 2, 1, 0, 2])
SHARES = np.bincount(IDS) / len(IDS)
TRUTH = np.array([0.15, 0.25, 0.6])


def weighted_median(x, weight):
    order = np.argsort(x)
    return x[order][np.searchsorted(np.cumsum(weight[order]), np.sum(weight) / 2)]


def root(function, *start):
    return float(mpmath.findroot(function, start if len(start) > 1 else start[0]))


def expectile(x, tau):
    return root(lambda m: sum((tau if v > m else 1 - tau) * (v - m) for v in x), 0.0, 1.0)


def pseudo_huber(y):
    return root(lambda m: sum((v - m) / mpmath.sqrt(1 + (v - m) ** 2) for v in y), 0.5)


def concentration(x):
    length = abs(np.mean(np.exp(1j * x)))
    return root(lambda c: mpmath.besseli(1, c) / mpmath.besseli(0, c) - length, 1.0)


def zero_inflated_poisson(y):
    """The rate makes the mean of the positive counts; the extra zeros fill up the share of zeros."""
    positive = y[y > 0]
    rate = root(lambda m: m / (1 - mpmath.exp(-m)) - np.mean(positive), 2.0)
    extra = (np.mean(y == 0) - np.exp(-rate)) / (1 - np.exp(-rate))
    return [np.log(rate), np.log(extra / (1 - extra))]


def zero_inflated_log_normal(y):
    """Mean and scale of the logarithms of what is positive, and the share of zeros."""
    log_y, zeros = np.log(y[y > 0]), np.mean(y == 0)
    return [np.mean(log_y), np.log(np.std(log_y)), np.log(zeros / (1 - zeros))]


def student_t(y):
    """Location and scale at the given degrees of freedom, by iterated weights."""
    m, s2, v = np.mean(y), np.var(y), 3.0
    for _ in range(2000):
        weight = (v + 1) / (v + (y - m) ** 2 / s2)
        m, s2 = np.sum(weight * y) / np.sum(weight), np.mean(weight * (y - m) ** 2)
    return [m, 0.5 * np.log(s2)]


def log_mean(y):
    return np.log(np.mean(y))


# (loss, sample, constant): differentiable at the constant.
SMOOTH = [
    (K.MeanSquaredError(), REAL, np.mean),
    (K.RootMeanSquaredError(axis=None), REAL, np.mean),
    (K.MeanSquaredLogarithmicError(), POSITIVE, lambda y: np.expm1(np.mean(np.log1p(y)))),
    (K.LogCosh(), REAL, lambda y: root(lambda m: sum(mpmath.tanh(v - m) for v in y), 0.5)),
    (K.PseudoHuber(), REAL, pseudo_huber),
    (K.Expectile(0.8), REAL, lambda y: expectile(y, 0.8)),
    (K.Poisson(link="log"), COUNTS, log_mean),
    (K.Poisson(), COUNTS, np.mean),
    (K.GammaDeviance(link="log"), POSITIVE, log_mean),
    (K.Tweedie(power=1.5, link="log"), COUNTS, log_mean),
    (K.Tweedie(power=3.0, link="log"), POSITIVE, log_mean),
    (K.GaussianNLL(), REAL, lambda y: [np.mean(y), np.log(np.std(y))]),
    (K.GaussianNLL(link="variance"), REAL, lambda y: [np.mean(y), np.var(y)]),
    (K.StudentTNLL(df=3.0), REAL, student_t),
    (K.LogNormalNLL(), POSITIVE, lambda y: [np.mean(np.log(y)), np.log(np.std(np.log(y)))]),
    (K.ZeroInflatedLogNormalNLL(), ZEROS, zero_inflated_log_normal),
    (K.VonMisesNLL(), ANGLES, lambda y: [np.angle(np.mean(np.exp(1j * y))), np.log(concentration(y))]),
    (K.ZeroInflatedPoissonNLL(), ZEROS, zero_inflated_poisson),
    (K.BinaryCrossentropy(), YES_NO, np.mean),
    (K.BinaryCrossentropy(from_logits=True), YES_NO, lambda y: np.log(np.mean(y) / (1 - np.mean(y)))),
    (K.Exponential(), YES_NO, lambda y: 0.5 * np.log(np.mean(y) / (1 - np.mean(y)))),
    (K.SoftMargin(), YES_NO, lambda y: np.log(np.mean(y) / (1 - np.mean(y)))),
    (K.SquaredHinge(), YES_NO, lambda y: 2 * np.mean(y) - 1),
    (K.ModifiedHuber(), YES_NO, lambda y: 2 * np.mean(y) - 1),
    (K.CategoricalCrossentropy(from_logits=True), IDS, lambda y: np.log(SHARES)),
    (K.SparseCategoricalCrossentropy(from_logits=True), IDS, lambda y: np.log(SHARES)),
    (K.Brier(from_logits=True), IDS, lambda y: np.log(SHARES)),
    (K.EarthMoversDistance(from_logits=True), IDS, lambda y: np.log(SHARES)),
    (K.LogitAdjustedCrossentropy([1, 3, 6], from_logits=True), IDS, lambda y: np.log(SHARES / [1, 3, 6])),
    (K.Sparsemax(), IDS, lambda y: SHARES),
    (K.Entmax15(), IDS, lambda y: 2 * np.sqrt(SHARES)),
    *(
        (loss(from_logits=True), np.tile(TRUTH, (4, 1)), lambda y: np.log(TRUTH))
        for loss in (
            K.CategoricalCrossentropy, K.KLDivergence, K.JensenShannonDivergence, K.RenyiDivergence,
        )
    ),
]  # fmt: skip

# The same with a kink at the constant, where there is no slope to test: the value is larger on both sides.
KINKED = [
    (K.MeanAbsoluteError(), REAL, np.median),
    (K.MeanAbsolutePercentageError(), POSITIVE, lambda y: weighted_median(y, 1 / y)),
    (
        K.Quantile(0.7),
        REAL,
        lambda y: np.sort(y)[3],
    ),  # a share of 0.7 is reached there
    (K.Quantile(0.1), REAL, np.min),
    (K.LaplaceNLL(), REAL, lambda y: [np.median(y), np.log(np.mean(np.abs(y - np.median(y))))]),
    (K.IntervalScore(alpha=0.5), REAL, lambda y: [np.sort(y)[1], np.sort(y)[3]]),
    (K.Hinge(), YES_NO, lambda y: 1.0),
    (K.HellingerDistance(from_logits=True), np.tile(TRUTH, (4, 1)), lambda y: np.log(TRUTH)),
    (K.TotalVariationDistance(from_logits=True), np.tile(TRUTH, (4, 1)), lambda y: np.log(TRUTH)),
]


def fitted(loss, sample, constant):
    """The mean loss of one prediction for the whole sample, as a function of it, and that prediction."""
    best = np.atleast_1d(np.asarray(constant(sample), "float32"))
    ids, distribution = sample.dtype.kind == "i", sample.ndim == 2
    labels = sample if ids or distribution else sample.astype("float32")[:, None]
    if distribution:
        labels = labels.astype("float32")

    def total(prediction):
        return ops.mean(loss(labels, ops.broadcast_to(prediction, (len(labels), best.size))))

    return total, best


def names(rows):
    return [repr(loss) for loss, *_ in rows]


def neighbours(best):
    """A step to either side of every parameter."""
    for i in range(best.size):
        for step in (-0.05, 0.05):
            yield best + step * np.eye(best.size, dtype="float32")[i]


@pytest.mark.parametrize(("loss", "sample", "constant"), SMOOTH, ids=names(SMOOTH))
def test_constant_of_slope_0(loss, sample, constant):
    total, best = fitted(loss, sample, constant)
    _, gradient = value_and_gradient(total, best)
    assert np.all(np.abs(gradient) < 2e-6), gradient


@pytest.mark.parametrize(("loss", "sample", "constant"), SMOOTH + KINKED, ids=names(SMOOTH + KINKED))
def test_constant_of_least_value(loss, sample, constant):
    total, best = fitted(loss, sample, constant)
    least = float(array(total(tensor(best))))
    for other in neighbours(best):
        assert float(array(total(tensor(other)))) > least, other


# Scores of densities are proper: the mean over a fine sample of the truth is least at the truth.
U = (np.arange(2000) + 0.5) / 2000
NORMAL = np.array([float(mpmath.sqrt(2) * mpmath.erfinv(2 * u - 1)) for u in U], "float32")


@pytest.mark.parametrize("loss", [K.GaussianCRPS(), K.GaussianNLL()], ids=repr)
def test_density_of_least_score(loss):
    best = np.array([0.5, np.log(2.0)], "float32")
    sample = 0.5 + 2 * NORMAL[:, None]

    def total(prediction):
        return ops.mean(loss(sample, ops.broadcast_to(prediction, (len(sample), best.size))))

    least = float(array(total(tensor(best))))
    for other in neighbours(best):
        assert float(array(total(tensor(other)))) > least, other


@pytest.mark.parametrize("loss", [K.EnsembleCRPS(), K.EnergyScore()], ids=repr)
def test_ensemble_of_least_score(loss):
    """Ensembles drawn from the truth score better in the mean than those from a shifted or a wider one."""
    rng = np.random.default_rng(0)
    outcomes, members = rng.normal(size=(2000, 1)), rng.normal(size=(2000, 1, 10))

    def score(ensemble):
        return float(array(loss(outcomes.astype("float32"), ensemble.astype("float32"))))

    least = score(members)
    for other in (members + 0.5, members - 0.5, 1.7 * members, 0.5 * members):
        assert score(other) > least
