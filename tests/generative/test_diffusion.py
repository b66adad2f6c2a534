"""Weights of noise levels beyond what the case table says: limits, conversions, levels that are none."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient

WEIGHTINGS = ("snr", "min_snr", "soft_min_snr", "truncated_snr", "edm")


def weights(loss, *levels):
    """The weights at some levels: the values at an error of 1."""
    levels = np.array(levels, "float32")
    y_true = np.stack([np.zeros_like(levels), levels], axis=-1)
    return array(loss(y_true, np.ones((len(levels), 1), "float32")))


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_what_is_predicted_does_not_change_the_loss_of_the_sample(weighting, rng):
    """An error of the noise is one of the sample times the signal's amplitude over the noise's, and so on."""
    error = rng.normal(size=(3, 4))
    level = np.array([-2.0, 0.5, 3.0])
    alpha, sigma = np.sqrt(1 / (1 + np.exp(-level))), np.sqrt(1 / (1 + np.exp(level)))
    factors = {"sample": np.ones(3), "epsilon": alpha / sigma, "velocity": 1 / sigma}
    values = []
    for prediction, factor in factors.items():
        loss = K.Diffusion(prediction, weighting, reduction=None)
        y_true = np.concatenate([np.zeros((3, 4)), level[:, None]], axis=-1)
        values.append(array(loss(y_true, factor[:, None] * error)))
    for other in values[1:]:
        np.testing.assert_allclose(other, values[0], rtol=1e-5)


def test_no_signal_at_all():
    """A schedule that ends in noise alone has a ratio of 0, whose logarithm is -inf."""
    none, all_ = -np.inf, np.inf
    for weighting, expected in (("snr", 1), ("min_snr", 1), ("soft_min_snr", 1)):
        loss = K.Diffusion(weighting=weighting, reduction=None)
        assert_close(weights(loss, none, -90.0), [expected] * 2)
    velocity = {
        "snr": (0, 1),
        "min_snr": (0, 0),
        "soft_min_snr": (0, 0),
        "truncated_snr": (1, 1),
        "edm": (4, 1),
    }
    for weighting, expected in velocity.items():
        assert_close(weights(K.Diffusion("velocity", weighting, reduction=None), none, all_), expected)


@pytest.mark.parametrize("prediction", ["epsilon", "sample", "velocity"])
@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_every_level_has_a_finite_weight(prediction, weighting):
    found = weights(
        K.Diffusion(prediction, weighting, reduction=None), -np.inf, -1e4, -80.0, 0.0, 80.0, 1e4, np.inf
    )
    assert np.all(np.isfinite(found)) and np.all(found >= 0)


def test_what_is_no_level_is_nan():
    assert np.isnan(weights(K.Diffusion(weighting="snr", reduction=None), np.nan)).all()
    for weighting in ("sigma_sqrt", "cosmap", "logit_normal"):
        found = weights(K.FlowMatching(weighting, reduction=None), np.nan, -0.1, 1.1, 3.0, np.inf, 0.0, 1.0)
        assert np.isnan(found[:5]).all() and np.isfinite(found[5:]).all()


@pytest.mark.parametrize("loss", [K.Diffusion(weighting="min_snr"), K.FlowMatching("cosmap")], ids=repr)
def test_the_level_is_read_at_the_first_position_and_needed(loss, rng):
    y_true, y_pred = rng.uniform(0.1, 0.9, size=(2, 4, 3, 3, 2)).astype("float32")
    with pytest.raises(ValueError, match=f"{type(loss).__name__}.*needs the noise level"):
        loss(y_true, y_pred)
    levels = rng.uniform(0.1, 0.9, size=(4, 3, 3, 1)).astype("float32")
    same = np.broadcast_to(levels[:, :1, :1], levels.shape)
    values = [array(loss(np.concatenate([y_true, level], -1), y_pred)) for level in (levels, same)]
    assert_close(*values)
    plain = type(loss)(weighting=None)
    assert_close(array(plain(np.concatenate([y_true, levels], -1), y_pred)), array(plain(y_true, y_pred)))


def test_shapes_that_do_not_fit(rng):
    for y, p in (((4, 5), (4, 3)), ((4, 2), (4, 3)), ((4,), (4,)), ((3, 3), (4, 3)), ((4, 1, 3), (4, 3))):
        with pytest.raises(ValueError, match="Diffusion: `y_true` must have the shape"):
            K.Diffusion()(rng.normal(size=y), rng.normal(size=p))


def test_uniform_times_weighed_by_a_density_are_times_drawn_from_it():
    """The mean weight of a fine grid of times is the whole of the density."""
    t = (np.arange(20000) + 0.5) / 20000
    for arguments in ({}, {"logit_mean": 0.5, "logit_std": 0.7}):
        loss = K.FlowMatching("logit_normal", reduction=None, **arguments)
        assert abs(weights(loss, *t).mean() - 1) < 1e-4
    assert abs(weights(K.FlowMatching("cosmap", reduction=None), *t).mean() - 1) < 1e-4


def test_the_level_has_no_gradient():
    y_true, y_pred = np.array([[0.0, 0.3]], "float32"), np.ones((1, 1), "float32")
    for loss in (K.Diffusion(weighting="min_snr", gamma=0.1), K.FlowMatching("sigma_sqrt")):
        _, gradient = value_and_gradient(lambda y, f=loss: f(y, y_pred), y_true)
        assert gradient[0, 1] == 0 and gradient[0, 0] != 0
