"""Proper scores: identities, sizes of the ensemble, shapes."""

import numpy as np
import pytest
import scipy.stats as stats

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient

ENTRIES = {"reduction": None}


@pytest.fixture
def pair(rng):
    return (3 * rng.normal(size=(2, 6, 5))).astype("float32")


def test_interval_score_is_two_quantiles(pair):
    y, p = pair
    bounds = np.stack([p - 1, p + 1], axis=-1)
    quantiles = K.Quantile([0.1, 0.9], **ENTRIES)(y, bounds)
    assert_close(array(K.IntervalScore(0.2, **ENTRIES)(y, bounds)), 4 / 0.2 * array(quantiles))


def test_crps_of_a_large_normal_ensemble():
    members = stats.norm.ppf((np.arange(2000) + 0.5) / 2000, 0.3, 2.0)
    ours = array(K.EnsembleCRPS()(np.array([1.0]), members[None]))
    exact = array(K.GaussianCRPS(link="identity")(np.array([1.0]), np.array([[0.3, 2.0]])))
    np.testing.assert_allclose(ours, exact, atol=1e-4)


def test_energy_score_of_numbers_is_the_crps(rng):
    y, members = rng.normal(size=(4, 1)), rng.normal(size=(4, 1, 6))
    for fair in (False, True):
        energy = array(K.EnergyScore(fair=fair, **ENTRIES)(y, members))
        assert_close(energy, array(K.EnsembleCRPS(fair=fair, **ENTRIES)(y, members)))


def test_fair_scores_do_not_depend_on_the_size_of_the_ensemble():
    rng = np.random.default_rng(3)
    y, members = np.zeros((40000, 1)), rng.normal(size=(40000, 1, 8)).astype("float32")
    exact = float(array(K.GaussianCRPS(link="identity")(np.zeros(1), np.array([[0.0, 1.0]]))))
    for loss in (K.EnsembleCRPS(fair=True), K.EnergyScore(fair=True)):
        for count in (2, 8):
            assert abs(float(array(loss(y, members[..., :count]))) - exact) < 0.01
    assert float(array(K.EnsembleCRPS()(y, members[..., :2]))) > exact + 0.1


def test_energy_of_tiny_and_huge_vectors():
    """Squares of 1e-30 and 1e30 are 0 and infinite."""
    for size in (1e-30, 1e30):
        y, members = np.zeros((1, 2)), size * np.array([[[3.0, 0.0], [4.0, 0.0]]])
        loss = K.EnergyScore(reduction="sum")
        value, gradient = value_and_gradient(lambda p, f=loss, y=y: f(y, p), members.astype("float32"))
        np.testing.assert_allclose(value, 1.25 * size, rtol=1e-6)
        assert np.all(np.isfinite(gradient)) and np.any(gradient)


def test_shapes_of_scores(rng):
    y = rng.normal(size=(4, 3))
    for loss, k in ((K.IntervalScore, 2), (K.GaussianCRPS, 2), (K.EnsembleCRPS, 5)):
        y_pred = rng.normal(size=(4, 3, k))
        values = array(loss(**ENTRIES)(y[..., None], y_pred))
        assert values.shape == (4, 3)
        assert_close(array(loss(**ENTRIES)(y, y_pred)), values.mean(axis=-1))
        for target in (y[:, 0], y[:, :1]):
            assert_close(array(loss(**ENTRIES)(target, y_pred[:, 0])), values[:, 0])
        if k == 2:
            with pytest.raises(ValueError, match=f"{loss.__name__}.*2 parameters.*Received"):
                loss()(y, y_pred[..., :1])
    members = rng.normal(size=(4, 3, 5))
    for y_true, outputs in ((y, y), (y[:, 0], y), (y[:, :1], y), (y[..., None], members)):
        with pytest.raises(ValueError, match="EnergyScore.*at least two axes.*Received"):
            K.EnergyScore()(y_true, outputs)
    assert array(K.EnergyScore(**ENTRIES)(y, members)).shape == (4,)
    for loss in (K.EnsembleCRPS(fair=True), K.EnergyScore(fair=True)):
        with pytest.raises(ValueError, match=f"{type(loss).__name__}.*`fair`.*at least 2.*Received"):
            loss(y, members[..., :1])
