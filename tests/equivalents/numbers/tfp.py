import numpy as np

from tests.equivalents.number import COUNTS, POSITIVE, Number
from tests.equivalents.numbers._distributions import (
    LOC_SCALE_AND_ZERO,
    MEAN_SIZE_AND_ZERO,
    RATE_AND_ZERO,
    minus_log,
    numbers,
)


def log_prob(name, **parameters):
    import tensorflow_probability as tfp

    return getattr(tfp.distributions, name)(**parameters).log_prob


def mixture(*parameters):
    import tensorflow_probability as tfp

    logits, loc, scale = np.split(np.stack(parameters, axis=-1), 3, axis=-1)
    return log_prob(
        "MixtureSameFamily",
        mixture_distribution=tfp.distributions.Categorical(logits=logits),
        components_distribution=tfp.distributions.Normal(loc, scale),
    )


def divergence(posterior, prior):
    import tensorflow_probability as tfp

    return tfp.distributions.kl_divergence(
        tfp.distributions.Normal(*posterior), tfp.distributions.Normal(*prior)
    )


def inflated(name, *names):
    """Of a distribution with extra zeros, whose logit is the last parameter."""

    def make(*given):
        import tensorflow_probability as tfp

        *given, logit = given  # the logits of a zero and of no zero are this and its negative there
        of_others = getattr(tfp.distributions, name)(**dict(zip(names, given, strict=True)))
        return log_prob("Inflated", distribution=of_others, inflated_loc_logits=logit / 2)

    return minus_log(make)


def inflated_negative_binomial(m, t, logit):
    return log_prob(
        "ZeroInflatedNegativeBinomial", inflated_loc_logits=logit / 2, total_count=t, logits=np.log(m / t)
    )


NUMBERS = {
    **numbers(log_prob, mixture, divergence, "distributions.kl_divergence"),
    "distributions.ZeroInflatedNegativeBinomial": [
        Number(minus_log(inflated_negative_binomial), COUNTS, MEAN_SIZE_AND_ZERO)
    ],
    "distributions.Inflated(Poisson)": [Number(inflated("Poisson", "rate"), COUNTS, RATE_AND_ZERO)],
    "distributions.Inflated(LogNormal)": [
        Number(inflated("LogNormal", "loc", "scale"), POSITIVE * (COUNTS > 1), LOC_SCALE_AND_ZERO)
    ],
}
