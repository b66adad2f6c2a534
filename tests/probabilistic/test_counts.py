"""Likelihoods of counts: large ones, and those that are no integers."""

import numpy as np
import scipy.special
import scipy.stats as stats

import kerasloss as K
from tests.backend import array, assert_close

OUTPUTS = {K.StudentTNLL: 3, K.GaussianMixtureNLL: 6, K.EvidentialRegression: 4}
OUTPUTS[K.ZeroInflatedNegativeBinomialNLL] = 3


def values(loss, y, *outputs, **arguments):
    """One value per entry of vectors of targets and outputs."""
    y_pred = np.stack(np.broadcast_arrays(*outputs, y)[:-1], axis=-1).astype("float32")
    return array(loss(reduction=None, **arguments)(np.asarray(y, "float32"), y_pred))


def test_many_counts():
    """Of large counts the textbook form loses all digits in float32."""
    y, mean, t = np.array([1e3, 1e4, 1e5, 1e6]), np.float32([1010, 9900, 1.003e5, 1e6]), 50.0
    mean = mean.astype("float64")
    expected = -stats.nbinom.logpmf(y, t, t / (t + mean))
    assert_close(values(K.NegativeBinomialNLL, y, mean, t, link="identity"), expected)
    poisson = -stats.poisson.logpmf(y, mean)
    by = {"link": "identity"}
    assert_close(values(K.NegativeBinomialNLL, y, mean, 1e16, **by), poisson, "float16")
    np.testing.assert_allclose(values(K.ZeroInflatedPoissonNLL, y, mean, -50.0, **by), poisson, rtol=1e-5)


def test_counts_need_not_be_integers():
    y, by = np.array([0.3, 2.5]), {"link": "identity"}
    mean, t = 1.5, 2.0
    log_p = scipy.special.gammaln(y + t) - scipy.special.gammaln(t) - scipy.special.gammaln(y + 1)
    log_p += t * np.log(t / (t + mean)) + y * np.log(mean / (t + mean))
    assert_close(values(K.NegativeBinomialNLL, y, mean, t, **by), -log_p, "float32")
