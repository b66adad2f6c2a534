"""The numbers of distributions: targets, and on the last axis the parameters of each entry."""

import numpy as np

from tests.equivalents.number import AMOUNTS, COUNTS, POSITIVE, Number, P, Y

LOC_SCALE = np.stack([P, AMOUNTS], axis=-1)
WITH_DF = np.stack([P, AMOUNTS, 3 * POSITIVE], axis=-1)
MEAN_AND_SIZE = np.stack([AMOUNTS, POSITIVE], axis=-1)
COMPONENTS = np.stack([0.3 * Y, -P, P, Y + 1, AMOUNTS, POSITIVE], axis=-1)
RATE_AND_ZERO = np.stack([AMOUNTS, P], axis=-1)
LOC_SCALE_AND_ZERO = np.stack([P, AMOUNTS, Y], axis=-1)
MEAN_SIZE_AND_ZERO = np.stack([AMOUNTS, POSITIVE, P], axis=-1)
PRIORS, POSTERIORS = np.stack([P, 0.5 * Y], axis=-1), np.stack([0.5 * Y, P], axis=-1)


def minus_log(make):
    """Minus the mean logarithm of the density of `y_true`, of the distribution made from the parameters."""

    def theirs(y_true, y_pred):
        distribution, y_true = make(*np.moveaxis(np.float32(y_pred), -1, 0)), np.float32(y_true)
        return -np.mean(np.asarray(distribution(y_true)))

    return theirs


def numbers(log_prob, mixture, divergence, kl_name):
    """For the distributions that have the same names and arguments in two libraries.

    `log_prob(name, **parameters)` gives the function of the targets.
    """

    def of(name, *names, y=Y, parameters=LOC_SCALE):
        make = lambda *given: log_prob(name, **dict(zip(names, given, strict=True)))  # noqa: E731
        return Number(minus_log(make), y, parameters)

    def negative_binomial(m, t):
        return log_prob("NegativeBinomial", total_count=t, logits=np.log(m / t))

    def poisson(y_true, y_pred):
        return minus_log(lambda rate: log_prob("Poisson", rate=rate))(y_true, np.asarray(y_pred)[..., None])

    def with_df(m, s):
        return log_prob("StudentT", df=np.float32(2.5), loc=m, scale=s)

    def latent(y_true, y_pred):
        pairs = [(x[..., 0], np.exp(x[..., 1] / 2)) for x in (np.float32(y_pred), np.float32(y_true))]
        return np.mean(np.sum(np.asarray(divergence(*pairs)), axis=-1))

    return {
        "distributions.Normal": [of("Normal", "loc", "scale")],
        "distributions.Laplace": [of("Laplace", "loc", "scale")],
        "distributions.StudentT": [
            of("StudentT", "loc", "scale", "df", parameters=WITH_DF),
            Number(minus_log(with_df), Y, LOC_SCALE, {"df": 2.5}),
        ],
        "distributions.LogNormal": [of("LogNormal", "loc", "scale", y=POSITIVE)],
        "distributions.VonMises": [of("VonMises", "loc", "concentration")],
        "distributions.Poisson": [Number(poisson, COUNTS, AMOUNTS)],
        "distributions.NegativeBinomial": [Number(minus_log(negative_binomial), COUNTS, MEAN_AND_SIZE)],
        "distributions.MixtureSameFamily": [Number(minus_log(mixture), Y, COMPONENTS)],
        kl_name: [Number(latent, PRIORS, POSTERIORS)],
    }
