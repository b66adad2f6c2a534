"""Distances of distributions: identities, other libraries' numbers, bad input."""

import numpy as np
import pytest
import scipy.spatial.distance
import scipy.special
import scipy.stats

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, value_and_gradient

ENTRIES = {"reduction": None}
DISTRIBUTIONS = (
    K.KLDivergence,
    K.GeneralizedKLDivergence,
    K.JensenShannonDivergence,
    K.TotalVariationDistance,
    K.RenyiDivergence,
    K.HellingerDistance,
    K.WassersteinDistance,
)


@pytest.fixture
def distributions(rng):
    p, q = rng.dirichlet(np.ones(5), size=(2, 6))
    return p.astype("float32"), q.astype("float32")


@pytest.mark.parametrize("loss", DISTRIBUTIONS)
def test_negative_probabilities_give_nan(loss, distributions):
    p, q = distributions
    good = array(loss(**ENTRIES)(p, q))
    for wrong in (-1e-3, -1.0, np.nan):
        expected, other = np.where(np.arange(6) == 1, np.nan, good), [p.copy(), q.copy()]
        for side in (0, 1):
            pair = [p, q]
            other[side][1, 2] = wrong
            pair[side] = other[side]
            assert_close(array(loss(**ENTRIES)(*pair)), expected)


def test_one_and_the_same(distributions):
    p = distributions[0]
    for loss in DISTRIBUTIONS:
        value, gradient = value_and_gradient(lambda q, f=loss: f(reduction="sum")(p, q), p)
        assert_close(value, 0.0)
        if loss is not K.KLDivergence and loss is not K.RenyiDivergence:
            assert_close(gradient, np.zeros_like(p), gradient=True)


def test_identities(distributions):
    p, q = distributions
    js, kl = K.JensenShannonDivergence, K.KLDivergence(**ENTRIES)
    assert_close(array(js(**ENTRIES)(p, q)), array(js(**ENTRIES)(q, p)))
    assert_close(array(js(beta=1, **ENTRIES)(p, q)), array(kl(q, p)))
    assert_close(array(js(beta=0, **ENTRIES)(p, q)), array(kl(p, q)))
    assert_close(array(K.RenyiDivergence(1, **ENTRIES)(p, q)), array(kl(p, q)))
    half, hellinger = K.RenyiDivergence(**ENTRIES)(p, q), array(K.HellingerDistance(**ENTRIES)(p, q))
    assert_close(array(half), -2 * np.log(1 - hellinger**2))
    crossentropy = K.CategoricalCrossentropy(**ENTRIES)(p, q)
    assert_close(array(crossentropy) - array(kl(p, q)), scipy.stats.entropy(p, axis=-1))
    shifted = K.KLDivergence(from_logits=True, **ENTRIES)
    assert_close(array(shifted(p, np.log(q) + 3)), array(kl(p, q)))
    assert_close(
        array(shifted(p, np.log(q))), array(K.KLDivergence(log_target=True, **ENTRIES)(np.log(p), q))
    )


def test_renyi_through_one(distributions):
    """Where alpha is close to 1 the textbook form divides a rounding error by alpha - 1."""
    weights = np.array([[3, 5, 2, 6], [1, 7, 4, 4]]) / 16  # whose sums are exactly 1
    q = np.array([[0.3, 0.2, 0.4, 0.1], [0.25, 0.25, 0.3, 0.2]])
    for alpha in (0.999, 1.001, 0.99999, 1.0001):
        expected = np.log(np.sum(weights**alpha * np.float32(q).astype("float64") ** (1 - alpha), -1)) / (
            alpha - 1
        )
        actual = array(K.RenyiDivergence(alpha, **ENTRIES)(weights, q))
        np.testing.assert_allclose(actual, expected, rtol=1e-5)


def test_scipy(distributions):
    p, q = distributions
    assert_close(array(K.KLDivergence(**ENTRIES)(p, q)), scipy.stats.entropy(p, q, axis=-1))
    general = K.GeneralizedKLDivergence(epsilon=0.0, **ENTRIES)
    assert_close(array(general(3 * p, q)), scipy.special.kl_div(3 * p, q).sum(-1))
    expected = scipy.spatial.distance.jensenshannon(p, q, axis=-1) ** 2
    assert_close(array(K.JensenShannonDivergence(**ENTRIES)(p, q)), expected)
    x = [0.0, 1.0, 1.5, 4.0, 7.0]
    expected = [scipy.stats.wasserstein_distance(x, x, *pair) for pair in zip(p, q, strict=True)]
    assert_close(array(K.WassersteinDistance(x, **ENTRIES)(p, q)), expected)


def test_numbers_of_other_libraries():
    eye, half = np.eye(2), np.full((2, 2), 0.5)
    # Flux
    assert_close(array(K.KLDivergence(epsilon=0.0)(eye, half)), 0.6931471806)
    assert_close(array(K.KLDivergence()(eye, half)), 0.6931456)
    assert_close(array(K.KLDivergence(epsilon=0.0, reduction="sum")(eye, half)), 1.3862943611)
    assert_close(array(K.KLDivergence(epsilon=0.0)(half, half)), 0.0)
    assert_close(array(K.KLDivergence(epsilon=0.0)(half, eye)), np.inf)
    assert_close(array(K.KLDivergence(epsilon=2.220446049250313e-16)(half, eye)), 17.328679514)
    assert_close(array(K.KLDivergence()(half, eye)), 7.3659010)
    columns = np.array([[1.0], [2.0], [3.0]])
    assert_close(array(K.KLDivergence(epsilon=0.0)(columns, columns + 3)), -1.76610578885)
    # Gluon prints .02, which is divided by the number of classes
    p, x = np.array([[0.3, 0.4, 0.1, 0.2]]), np.array([[0.39056206, 1.3068528, 0.39056206, -0.30258512]])
    assert_close(array(K.KLDivergence(from_logits=True, **ENTRIES)(p, x)), [0.1016968307])
    assert_close(array((0.25 * K.KLDivergence(from_logits=True))(p, x)), 0.0254242077)
    pair = np.array([[1.0, 0, 0], [0, 0, 1]]), np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    # the sum over the batch, not its mean
    assert_close(array(K.KLDivergence(reduction="sum")(*pair)), 0.8674948623)
    assert_close(array(K.JensenShannonDivergence()(p, np.array([[0.2, 0.5, 0.2, 0.1]]))), 0.0248073039)


def test_feature_first(distributions):
    p, q = distributions
    for loss in (K.KLDivergence, K.JensenShannonDivergence, K.WassersteinDistance):
        assert_close(array(loss(axis=0, **ENTRIES)(p.T, q.T)), array(loss(**ENTRIES)(p, q)))


def test_positions_of_another_number_are_refused():
    with pytest.raises(ValueError, match="WassersteinDistance.*positions.*3 classes"):
        K.WassersteinDistance([0, 1])(np.ones((2, 3)), np.ones((2, 3)))


@pytest.mark.skipif(BACKEND != "torch", reason="of torch")
def test_torch(distributions):
    import torch

    p, q = (torch.tensor(x) for x in distributions)
    mean = torch.nn.KLDivLoss(reduction="batchmean")
    assert_close(array(K.KLDivergence(from_logits=True)(p, torch.log(q))), mean(torch.log(q), p))
    x = torch.tensor([[[0.5, -1.0], [2.0, 0.3]]])
    normal = torch.distributions.Normal(x[..., 0], torch.exp(x[..., 1] / 2))
    expected = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0)).sum()
    assert_close(array(K.GaussianKLDivergence()(torch.zeros_like(x), x)), expected)


@pytest.mark.skipif(BACKEND != "jax", reason="of JAX")
def test_optax(distributions):
    import optax

    p, q = distributions
    expected = optax.kl_divergence(np.log(q), p)
    assert_close(array(K.KLDivergence(from_logits=True, **ENTRIES)(p, np.log(q))), expected)


@pytest.mark.parametrize(
    "loss",
    [
        K.GeneralizedKLDivergence(from_logits=True),
        K.KLDivergence(from_logits=True),
        K.JensenShannonDivergence(from_logits=True),
        K.RenyiDivergence(from_logits=True),
    ],
)
def test_an_entry_that_both_sides_exclude_adds_nothing(loss):
    """A log-probability of -inf against a target of 0."""
    y_true, y_pred = np.float32([[0.25, 0.0, 0.75]]), np.log(np.float32([[0.5, 1.0, 0.5]]))
    value, gradient = value_and_gradient(lambda p: loss(y_true[:, ::2], p), y_pred[:, ::2])
    y_pred[0, 1] = -np.inf
    with_none, slope = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    assert_close(with_none, value)
    assert_close(slope, np.insert(gradient, 1, 0, axis=1), gradient=True)


@pytest.mark.parametrize("alpha", [0.5, 0.9, 1.0, 2.0])
@pytest.mark.parametrize("epsilon", [1e-7, 1e-30])
def test_renyi_of_distributions_that_do_not_overlap_is_finite(alpha, epsilon):
    y_true, y_pred = np.float32([[0, 1]]), np.float32([[1, 0]])
    loss = K.RenyiDivergence(alpha, epsilon=epsilon)
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    least = max(epsilon**2, 2.0**-126)
    assert_close(value, np.log(least) / (alpha - 1) if alpha < 1 else -np.log(epsilon))
    assert np.all(np.isfinite(gradient))
