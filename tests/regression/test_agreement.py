"""Agreement over a batch, of a single row too."""

import keras
import numpy as np
import pytest

import kerasloss
from tests.backend import array, assert_close, value_and_gradient


def test_concordance_over_the_batch():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.normal(size=(2, 20, 1)).astype("float32")
    loss = kerasloss.ConcordanceCorrelation(axis=0)
    covariance = np.mean((y_true - y_true.mean()) * (y_pred - y_pred.mean()))
    expected = 1 - 2 * covariance / (y_true.var() + y_pred.var() + (y_true.mean() - y_pred.mean()) ** 2)
    assert_close(array(loss(y_true, y_pred)), expected)


@pytest.mark.parametrize("loss", [kerasloss.ConcordanceCorrelation, kerasloss.PearsonCorrelation])
@pytest.mark.parametrize("shape", [(1, 2), (1,)])
def test_a_batch_of_one_row_has_correlation_0(loss, shape):
    """As the last batch of an epoch has, which `axis=0` can't choose."""
    loss, y_true = loss(axis=0), np.full(shape, 2.0, "float32")
    value, gradient = value_and_gradient(lambda p: keras.ops.mean(loss(y_true, p)), y_true + 1)
    assert value == 1 and not np.any(gradient)
    weighted = loss(np.float32([[1], [2]]), np.float32([[2], [5]]), sample_weight=np.float32([0, 1]))
    assert_close(array(weighted), 1.0)


@pytest.mark.parametrize("loss", [kerasloss.ConcordanceCorrelation, kerasloss.PearsonCorrelation])
def test_a_series_of_one_value_is_refused(loss):
    with pytest.raises(ValueError, match=f"{loss.__name__}.*more than one value on `axis`=-1.*Received"):
        loss()(np.ones((4, 1)), np.ones((4, 1)))


@pytest.mark.parametrize("loss", [kerasloss.ConcordanceCorrelation, kerasloss.PearsonCorrelation])
def test_fit_over_batches_of_4_and_1(loss):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", loss=loss(axis=0))
    x = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    history = model.fit(x, x[:, :1], batch_size=4, verbose=0)
    assert np.all(np.isfinite(history.history["loss"]))
