"""Likelihoods: the numbers of scipy and torch, limits, clipped parameters, and shapes."""

import importlib.util
import typing

import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats as stats

import kerasloss as K
from kerasloss.core.links import Link, ScaleLink, positive
from tests.backend import array, assert_close, tensor, value_and_gradient

NORMAL = [K.GaussianNLL, K.BetaNLL, K.LogNormalNLL, K.GaussianMixtureNLL]
REAL = [*NORMAL, K.LaplaceNLL, K.StudentTNLL, K.EvidentialRegression, K.VonMisesNLL]
COUNTS = [K.NegativeBinomialNLL, K.ZeroInflatedPoissonNLL, K.ZeroInflatedNegativeBinomialNLL]
OUTPUTS = {K.StudentTNLL: 3, K.GaussianMixtureNLL: 6, K.EvidentialRegression: 4}
OUTPUTS[K.ZeroInflatedNegativeBinomialNLL] = 3


def values(loss, y, *outputs, **arguments):
    """One value per entry of vectors of targets and outputs."""
    y_pred = np.stack(np.broadcast_arrays(*outputs, y)[:-1], axis=-1).astype("float32")
    return array(loss(reduction=None, **arguments)(np.asarray(y, "float32"), y_pred))


@pytest.fixture
def draw(rng):
    """Targets, locations and two positive parameters, as float32 numbers."""
    y, m = 2 * rng.normal(size=(2, 40))
    s, t = np.exp(rng.uniform(-2, 2, size=(2, 40)))
    return [x.astype("float32").astype("float64") for x in (y, m, s, t)]


def test_scipy(draw):
    y, m, s, t = draw
    by = {"link": "identity"}
    assert_close(values(K.GaussianNLL, y, m, s, full=True, **by), -stats.norm.logpdf(y, m, s))
    assert_close(values(K.LaplaceNLL, y, m, s, **by), -stats.laplace.logpdf(y, m, s))
    assert_close(values(K.StudentTNLL, y, m, s, t, **by), -stats.t.logpdf(y, t, m, s))
    assert_close(values(K.StudentTNLL, y, m, s, df=2.5, **by), -stats.t.logpdf(y, 2.5, m, s))
    size = abs(y)
    log_normal = -stats.lognorm.logpdf(size, s, scale=np.exp(m))
    assert_close(values(K.LogNormalNLL, size, m, s, **by), log_normal)
    assert_close(values(K.VonMisesNLL, y, m, s, **by), -stats.vonmises.logpdf(y - m, s))
    counts = np.round(size * 3)
    nb = -stats.nbinom.logpmf(counts, t, t / (t + s))
    assert_close(values(K.NegativeBinomialNLL, counts, s, t, **by), nb)
    q = scipy.special.expit(m)
    poisson = -np.log(q * (counts == 0) + (1 - q) * stats.poisson.pmf(counts, s))
    assert_close(values(K.ZeroInflatedPoissonNLL, counts, s, m, **by), poisson)
    zinb = -np.log(q * (counts == 0) + (1 - q) * np.exp(-nb))
    assert_close(values(K.ZeroInflatedNegativeBinomialNLL, counts, s, t, m, **by), zinb)
    density = 0.5 * stats.norm.pdf(y, m, s) + 0.5 * stats.norm.pdf(y, 0, t)
    mixture = values(K.GaussianMixtureNLL, y, 1, 1, m, 0, s, t, **by)
    assert_close(mixture, -np.log(density))


def test_torch(draw):
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    import torch
    import torch.distributions as d

    y, m, s, t = (torch.tensor(x) for x in draw)
    by = {"link": "identity"}
    for full in (False, True):
        theirs = torch.nn.GaussianNLLLoss(full=full, reduction="none", eps=0.1)(m, y, s)
        ours = values(K.GaussianNLL, y, m, s, link="variance", full=full, epsilon=0.1)
        assert_close(ours, theirs)
    # The variance's gradient too is torch's, below the floor as well.
    variance = torch.tensor([0.01, 0.5, 2.0], requires_grad=True)
    torch.nn.GaussianNLLLoss(reduction="sum", eps=0.1)(m[:3], y[:3], variance).backward()
    loss = K.GaussianNLL("variance", epsilon=0.1, reduction="sum")
    y_pred = torch.stack([m[:3].float(), variance.detach()], -1).numpy()
    _, gradient = value_and_gradient(lambda p: loss(draw[0][:3], p), y_pred)
    assert_close(gradient[:, 1], variance.grad, gradient=True)

    theirs = torch.nn.GaussianNLLLoss(reduction="none")(m, y, s) * s**0.3
    assert_close(values(K.BetaNLL, y, m, s, beta=0.3, link="variance"), theirs)
    assert_close(values(K.LaplaceNLL, y, m, s, **by), -d.Laplace(m, s).log_prob(y))
    assert_close(values(K.StudentTNLL, y, m, s, t, **by), -d.StudentT(t, m, s).log_prob(y))
    assert_close(values(K.LogNormalNLL, abs(y), m, s, **by), -d.LogNormal(m, s).log_prob(abs(y)))
    # torch's own Bessel function is right to 1e-7 alone.
    assert_close(values(K.VonMisesNLL, y, m, s, **by), -d.VonMises(m, s).log_prob(y))
    counts = torch.round(3 * abs(y))
    theirs = d.NegativeBinomial(t, logits=torch.log(s / t)).log_prob(counts)
    assert_close(values(K.NegativeBinomialNLL, counts, s, t, **by), -theirs)
    weights = torch.stack([m, y], -1)
    parts = d.Normal(torch.stack([m, 0 * m], -1), torch.stack([s, t], -1))
    theirs = d.MixtureSameFamily(d.Categorical(logits=weights), parts).log_prob(y)
    assert_close(values(K.GaussianMixtureNLL, y, m, y, m, 0, s, t, **by), -theirs)


def test_evidence_is_a_students_distribution(draw):
    y, m, v, b = draw
    a = 1.5
    scale = np.sqrt(b * (1 + v) / (v * a))
    ours = values(K.EvidentialRegression, y, m, v, a, b, coefficient=0.0, link="identity")
    assert_close(ours, -stats.t.logpdf(y, 2 * a, m, scale))
    penalized = values(K.EvidentialRegression, y, m, v, a, b, coefficient=0.5, link="identity")
    assert_close(penalized - ours, 0.5 * abs(y - m) * (2 * v + a), "float16")


def test_limits(draw):
    y, m, s, _ = draw
    counts, y, log_s = np.round(2 * abs(y)), m + s * y / 4, np.log(s)
    normal = values(K.GaussianNLL, y, m, log_s, full=True)
    assert_close(values(K.StudentTNLL, y, m, log_s, df=1e8), normal)
    assert_close(values(K.StudentTNLL, y, m, log_s, np.log(1e8)), normal)
    assert_close(values(K.BetaNLL, y, m, log_s, beta=0.0, link="log"), values(K.GaussianNLL, y, m, log_s))
    assert_close(values(K.LogNormalNLL, np.exp(y), m, log_s), normal + y, "float16")
    one = values(K.GaussianMixtureNLL, y, 5.0, m, log_s)
    assert_close(one, normal)
    assert_close(values(K.GaussianMixtureNLL, y, 5.0, -3.0, m, m, log_s, log_s), normal)
    rate = np.float32(log_s).astype("float64")
    poisson = -stats.poisson.logpmf(counts, np.exp(rate))
    assert_close(values(K.NegativeBinomialNLL, counts, log_s, 18.0), poisson)
    assert_close(values(K.NegativeBinomialNLL, counts, log_s, 1e4), poisson)
    assert_close(values(K.ZeroInflatedPoissonNLL, counts, log_s, -1e4), poisson)
    inflated = values(K.ZeroInflatedNegativeBinomialNLL, counts, log_s, m, -1e4)
    assert_close(inflated, values(K.NegativeBinomialNLL, counts, log_s, m))
    # An angle far around the circle is the same angle.
    turned = values(K.VonMisesNLL, np.float32(y) + 2 * np.pi, m, 0.0)
    np.testing.assert_allclose(turned, values(K.VonMisesNLL, y, m, 0.0), rtol=1e-5)
    assert_close(values(K.VonMisesNLL, y, m, -1e4), np.full(40, np.log(2 * np.pi)))
    close = values(K.VonMisesNLL, [0.01], [0.0], [np.log(1e4)])
    np.testing.assert_allclose(close, values(K.GaussianNLL, [0.01], [0.0], [np.log(0.01)], full=True), 1e-4)


@pytest.mark.parametrize("link", typing.get_args(ScaleLink))
def test_links(link):
    raw = np.array([-1e4, -3.0, 0.5, 2.0, 1e4], "float32")
    expected = {
        "log": np.exp(raw.astype("float64").clip(np.log(0.1), 40)),
        "softplus": np.log1p(np.exp(-abs(raw))) + np.maximum(raw, 0),
        "identity": raw,
        "variance": raw,
        "log_variance": np.exp(raw.astype("float64").clip(np.log(0.1), 40)),
    }[link]
    expected = np.clip(expected.astype("float64"), 0.1, np.exp(40))
    if "variance" in link:
        expected = np.sqrt(expected)
    value, log_value = positive(tensor(raw), link, 0.1)
    assert_close(array(value), expected)
    assert_close(array(log_value), np.log(expected))


def test_a_clipped_parameter_comes_back():
    """The gradient at the bound reaches the output, and its sign leads back into the bounds."""
    y, y_pred = np.array([3.0]), np.array([[0.0, -1.0]], "float32")
    for link in typing.get_args(Link):
        loss = K.GaussianNLL(link, epsilon=0.5, reduction="sum")
        value, gradient = value_and_gradient(lambda p, f=loss: f(y, p), y_pred)
        assert_close(value, np.log(0.5) + 18)
        slope = {"log": 0.5, "softplus": scipy.special.expit(-1.0), "identity": 1.0}[link]
        assert_close(gradient, [[-12.0, (1 - 36) / 0.5 * slope]], gradient=True)


@pytest.mark.parametrize("loss", [*REAL, *COUNTS])
def test_shapes(loss, rng):
    k = OUTPUTS.get(loss, 2)
    y = rng.integers(1, 5, size=(4, 3)).astype("float32")
    y_pred = rng.normal(size=(4, 3, k)).astype("float32")
    entries = array(loss(reduction=None)(y[..., None], y_pred))
    assert entries.shape == (4, 3)
    assert_close(array(loss(reduction=None)(y, y_pred)), entries.mean(axis=-1))
    for target in (y[:, 0], y[:, :1]):
        assert_close(array(loss(reduction=None)(target, y_pred[:, 0])), entries[:, 0])
    with pytest.raises(ValueError, match=f"{loss.__name__}.*parameters.*Received.*y_pred.shape"):
        loss()(y, y_pred[..., :1])
    with pytest.raises(ValueError, match=f"{loss.__name__}.*one more axis.*Received"):
        loss()(y, y)


@pytest.mark.parametrize(
    ("loss", "wrong"), [(K.LogNormalNLL, 0.0), (K.LogNormalNLL, -1.0), *((loss, -1.0) for loss in COUNTS)]
)
def test_targets_outside_the_support(loss, wrong):
    k = OUTPUTS.get(loss, 2)
    y = np.array([1.0, wrong, 2.0, np.nan])
    y_pred = np.full((4, k), 0.3, "float32")
    result = array(loss(reduction=None)(y, y_pred))
    np.testing.assert_array_equal(np.isnan(result), [False, True, False, True])
    weight = np.array([1.0, 0.0, 1.0, 0.0])
    value, gradient = value_and_gradient(lambda p: loss(reduction="sum")(y, p, weight), y_pred)
    assert_close(value, result[0] + result[2])
    assert np.all(np.isfinite(gradient)) and not np.any(gradient[[1, 3]])
    _, gradient = value_and_gradient(lambda p: loss(reduction="sum")(y, p), y_pred)
    assert np.all(np.isfinite(gradient[[0, 2]]))


def test_gradient_of_a_far_mixture_goes_to_the_nearest_component():
    loss = K.GaussianMixtureNLL(reduction="sum")
    y_pred = np.array([[0.0, 0.0, 100.0, 0.0, 0.0, 0.0]], "float32")
    _, gradient = value_and_gradient(lambda p: loss(np.array([1000.0]), p), y_pred)
    assert_close(gradient[0, 2:4], [-900.0, 0.0], gradient=True)


def test_fit_recovers_the_noise():
    """`Dense(2)` and targets of shape (N,): the network finds mean and spread."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, size=(512, 1)).astype("float32")
    y = (2 * x[:, 0] + np.exp(x[:, 0] - 1) * rng.normal(size=512)).astype("float32")
    for loss, target in ((K.GaussianNLL(), y), (K.StudentTNLL(df=30.0), y[:, None])):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2, kernel_initializer="zeros")])
        model.compile(keras.optimizers.Adam(0.05), loss=loss)
        history = model.fit(x, target, batch_size=64, epochs=15, verbose=0).history["loss"]
        assert history[-1] < history[0]
        kernel, bias = (array(w) for w in model.get_weights())
        np.testing.assert_allclose(kernel, [[2.0, 1.0]], atol=0.25)
        np.testing.assert_allclose(bias, [0.0, -1.0], atol=0.2)


@pytest.mark.parametrize("full", [True, "stirling"])
def test_a_negative_count_has_no_likelihood(full):
    values = array(K.Poisson(full=full, reduction=None)(np.array([[-1.0], [2.0]]), np.array([[1.5], [1.5]])))
    np.testing.assert_array_equal(np.isnan(values), [True, False])
