import numpy as np

from tests.equivalents.number import COUNTS, Number
from tests.equivalents.numbers._distributions import MEAN_SIZE_AND_ZERO, RATE_AND_ZERO, minus_log


def log_prob(name, **parameters):
    import pyro.distributions
    import torch

    made = getattr(pyro.distributions, name)(**{k: torch.tensor(v) for k, v in parameters.items()})
    return lambda y_true: made.log_prob(torch.tensor(y_true))


def poisson(rate, logit):
    return log_prob("ZeroInflatedPoisson", rate=rate, gate_logits=logit)


def negative_binomial(m, t, logit):
    return log_prob("ZeroInflatedNegativeBinomial", total_count=t, logits=np.log(m / t), gate_logits=logit)


NUMBERS = {
    "distributions.ZeroInflatedPoisson": [Number(minus_log(poisson), COUNTS, RATE_AND_ZERO)],
    "distributions.ZeroInflatedNegativeBinomial": [
        Number(minus_log(negative_binomial), COUNTS, MEAN_SIZE_AND_ZERO)
    ],
}
