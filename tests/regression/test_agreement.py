"""Agreement over a batch."""

import numpy as np

import kerasloss
from tests.backend import array, assert_close


def test_concordance_over_the_batch():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.normal(size=(2, 20, 1)).astype("float32")
    loss = kerasloss.ConcordanceCorrelation(axis=0)
    covariance = np.mean((y_true - y_true.mean()) * (y_pred - y_pred.mean()))
    expected = 1 - 2 * covariance / (y_true.var() + y_pred.var() + (y_true.mean() - y_pred.mean()) ** 2)
    assert_close(array(loss(y_true, y_pred)), expected)
