"""Scores, ordinal losses, transport, counts and robust losses: the numbers of other libraries themselves."""

import functools
import importlib.util
import warnings

import numpy as np
import pytest
import scipy.special

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient

ENTRIES = {"reduction": None}
BY_VALUE = {"link": "identity", "reduction": None}


def installed(name):
    return pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{name} is not installed")


def load(name):
    """The module, whatever its own code warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def entries(loss, y_true, *parameters):
    """One value for each target: of a prediction, or of parameters side by side."""
    return array(loss(y_true[..., None], np.stack(parameters, axis=-1)[..., None, :]))


def elements(loss, y_true, y_pred):
    return array(loss(y_true[..., None], y_pred[..., None]))


def assert_same_slope(loss, y_true, y_pred, function):
    """Value and gradient are those of `function` of a tensor of torch."""
    import torch

    x = torch.tensor(y_pred, requires_grad=True)
    expected = function(x)
    expected.backward()
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    assert_close(value, expected.item(), message=repr(loss))
    assert_close(gradient, x.grad.numpy(), gradient=True, message=repr(loss))


@pytest.fixture
def normal(rng):
    """Targets, locations and scales."""
    y, m = rng.normal(size=(2, 6, 5)).astype("float32")
    return y, m, np.exp(0.3 * rng.normal(size=(6, 5))).astype("float32")


@pytest.fixture
def ordinal(rng):
    """Ids of five classes, their logits, the logits of four thresholds, one score."""
    ids = np.array([0, 1, 2, 3, 4, 2, 0, 3, 1])
    return ids, *((2 * rng.normal(size=(9, n))).astype("float32") for n in (5, 4, 1))


@pytest.fixture
def clouds(rng):
    x, y = rng.normal(size=(2, 12, 3)).astype("float32")
    return x, y + 1, rng.uniform(0.1, 1, size=12).astype("float32")


@pytest.fixture
def counts(rng):
    """Counts, a design matrix, the parameters of a log-linear mean, and the mean."""
    design = np.column_stack([np.ones(20), rng.normal(size=(20, 2))])
    parameters = np.array([0.3, 0.2, -0.1])
    counts = rng.poisson(2, size=20).astype("float64")
    counts[:6] = 0
    return counts, design, parameters, np.exp(design @ parameters)


@installed("scoringrules")
def test_scoringrules(rng, normal):
    sr = load("scoringrules")
    y, m, s = normal
    lower, upper, members, log_y = m - s, m + s, rng.normal(size=(6, 5, 7)).astype("float32"), np.exp(y)
    for alpha in (0.05, 0.3):
        ours = entries(K.IntervalScore(alpha, **ENTRIES), y, lower, upper)
        assert_close(ours, sr.interval_score(y, lower, upper, alpha))
    assert_close(entries(K.GaussianCRPS(**BY_VALUE), y, m, s), sr.crps_normal(y, m, s))
    for estimator in ("nrg", "qd", "fair", "pwm"):
        fair = estimator in ("fair", "pwm")
        ours = entries(K.EnsembleCRPS(fair, **ENTRIES), y, *np.moveaxis(members, -1, 0))
        assert_close(ours, sr.crps_ensemble(y, members, estimator=estimator))
    for estimator in ("nrg", "fair"):
        ours = array(K.EnergyScore(fair=estimator == "fair", **ENTRIES)(y, members))
        assert_close(ours, sr.es_ensemble(y, np.swapaxes(members, -1, -2), estimator=estimator))
    levels = np.array([0.1, 0.3, 0.9])
    for q in levels:
        assert_close(elements(K.Quantile(float(q), **ENTRIES), y, m), sr.quantile_score(y, m, q))
    quantiles = members[..., :3]
    ours = array(K.Quantile(levels.tolist(), **ENTRIES)(np.repeat(y[..., None], 3, -1), quantiles))
    assert_close(2 * ours, sr.crps_quantile(y, quantiles, levels))
    assert_close(entries(K.GaussianNLL(full=True, **BY_VALUE), y, m, s), sr.logs_normal(y, m, s))
    assert_close(entries(K.LaplaceNLL(**BY_VALUE), y, m, s), sr.logs_laplace(y, m, s))
    assert_close(entries(K.StudentTNLL(**BY_VALUE), y, m, s, s + 1), sr.logs_t(y, s + 1, m, s))
    assert_close(entries(K.LogNormalNLL(**BY_VALUE), log_y, m, s), sr.logs_lognormal(log_y, m, s))
    logits, means, scales = members[..., :2], members[..., 2:4], np.exp(members[..., 4:6])
    mixture = np.moveaxis(np.concatenate([logits, means, scales], -1), -1, 0)
    expected = sr.logs_mixnorm(y, means, scales, scipy.special.softmax(logits, axis=-1))
    assert_close(entries(K.GaussianMixtureNLL(**BY_VALUE), y, *mixture), expected)
    count = np.round(abs(y))
    ours = entries(K.NegativeBinomialNLL(**BY_VALUE), count, s, s + 1)
    assert_close(ours, sr.logs_negbinom(count, s + 1, mu=s))
    poisson = K.Poisson(full=True, epsilon=0.0, **ENTRIES)
    assert_close(elements(poisson, count, s), sr.logs_poisson(count, s))
    ids, p = rng.integers(0, 5, size=6), scipy.special.softmax(m, axis=-1)
    assert_close(array(K.EarthMoversDistance(**ENTRIES)(ids, p)), sr.rps_score(ids + 1, p))


@installed("properscoring")
def test_properscoring(rng, normal):
    ps = load("properscoring")
    y, m, s = normal
    expected, (by_mean, by_scale) = ps.crps_gaussian(y, m, s, grad=True)
    assert_close(entries(K.GaussianCRPS(**BY_VALUE), y, m, s), expected)
    loss = K.GaussianCRPS(link="identity", reduction="sum")
    _, gradient = value_and_gradient(lambda p: loss(y[..., None], p), np.stack([m, s], -1)[..., None, :])
    assert_close(gradient[..., 0, :], np.stack([by_mean, by_scale], -1), gradient=True)
    members = rng.normal(size=(6, 5, 7)).astype("float32")
    ours = entries(K.EnsembleCRPS(**ENTRIES), y, *np.moveaxis(members, -1, 0))
    assert_close(ours, ps.crps_ensemble(y, members))


@installed("coral_pytorch")
def test_coral_pytorch(ordinal):
    import torch

    losses, dataset = load("coral_pytorch.losses"), load("coral_pytorch.dataset")
    ids, _, thresholds, _ = ordinal
    levels, weights = dataset.levels_from_labelbatch(torch.tensor(ids), 5), [0.5, 1.0, 2.0, 3.0]
    for reduction in ("sum", "mean"):
        for weight, y_true in ((None, ids), (weights, ids), (weights, levels.numpy())):
            w = None if weight is None else torch.tensor(weight)
            coral = functools.partial(
                losses.coral_loss, levels=levels, importance_weights=w, reduction=reduction
            )
            assert_same_slope(K.Coral(weight, reduction), y_true, thresholds, coral)
    loss = K.Corn(reduction="mean_with_sample_weight")
    for classes in (ids, np.ones_like(ids)):
        corn = functools.partial(losses.corn_loss, y_train=torch.tensor(classes), num_classes=5)
        for scale in (1, 100):
            assert_same_slope(loss, classes, scale * thresholds, corn)


@installed("spacecutter")
def test_spacecutter(ordinal):
    import torch

    losses, models = load("spacecutter.losses"), load("spacecutter.models")
    ids, _, _, score = ordinal
    link, column = models.LogisticCumulativeLink(5), torch.tensor(ids)[:, None]
    cutpoints, weights = link.cutpoints.tolist(), np.array([0.5, 1, 2, 3, 0.1])
    loss = K.CumulativeLink(cutpoints=cutpoints)
    assert_same_slope(loss, ids, score, lambda x: losses.cumulative_link_loss(link(x), column))
    expected = losses.CumulativeLinkLoss(class_weights=weights)(link(torch.tensor(score)), column).item()
    assert_close(array(loss(ids, score, sample_weight=weights[ids])), expected)


@installed("dlordinal")
def test_dlordinal(ordinal):
    import torch

    losses, layers = load("dlordinal.losses"), load("dlordinal.output_layers")
    ids, logits, thresholds, score = ordinal
    target, logit = torch.tensor(ids), {"from_logits": True}
    rows = [
        (K.EarthMoversDistance(**logit), losses.EMDLoss(5), logits),
        (K.Corn(reduction="mean_with_sample_weight"), losses.CORNLoss(5), thresholds),
        (K.Brier(**logit) / 5, losses.MCELoss(5, use_logits=True), logits),
    ]
    for alpha in (0.5, 1.0, 1.5, 5.0):
        rows.append((K.OrdinalLog(alpha, **logit), losses.CDWCELoss(5, alpha), logits))
        rows.append((K.SoftOrdinal(alpha, **logit), losses.SORDLoss(alpha, 5, target), logits))
    for weightage in ("quadratic", "linear"):
        for log in (False, True):
            loss = K.WeightedKappa(weightage, log, epsilon=1e-10, **logit)
            theirs = losses.WKLoss(5, weightage, use_logits=True, use_logarithm=log)
            rows.append((loss, theirs, logits))
    for loss, theirs, y_pred in rows:
        assert_same_slope(loss, ids, y_pred, lambda z, f=theirs: f(z, target))
    for link in ("logit", "probit", "cloglog"):
        layer = layers.CLM(5, link).double()  # with the cutpoints 0, 1, 2, 3
        loss = K.CumulativeLink(link, cutpoints=[0.0, 1.0, 2.0, 3.0])
        assert_same_slope(
            loss,
            ids,
            0.5 * np.float64(score),
            lambda x, f=layer: -torch.log(f(x).gather(1, target[:, None])).mean(),
        )


@installed("geomloss")
def test_geomloss(clouds):
    import torch

    samples = load("geomloss").SamplesLoss
    x, y, weight = clouds
    masses = torch.tensor(weight / weight.sum())
    gaussian, loss = (
        samples("gaussian", blur=0.7, backend="tensorized"),
        K.MaximumMeanDiscrepancy(bandwidth=0.7),
    )
    assert_same_slope(loss, y, x, lambda q: 2 * gaussian(q, torch.tensor(y)))
    expected = 2 * gaussian(masses, torch.tensor(x), masses, torch.tensor(y)).item()
    assert_close(array(loss(y, x, sample_weight=weight)), expected)
    # Its Sinkhorn iterations stop with the falling blur, before the plan has settled.
    for p, debiased in ((1, True), (1, False), (2, True), (2, False)):
        sinkhorn = samples("sinkhorn", p, blur=0.7, scaling=0.99, debias=debiased, backend="tensorized")
        expected = p * sinkhorn(torch.tensor(y), torch.tensor(x)).item()
        ours = K.SinkhornDivergence({1: 0.7, 2: 2 * 0.7**2}[p], p, 300, debiased)(y, x)
        np.testing.assert_allclose(array(ours), expected, rtol=1e-3)


@installed("ot")
def test_pot(clouds, rng):
    ot = load("ot")
    x, y, weight = clouds
    directions = np.random.default_rng(0).standard_normal((50, 3))
    directions = (directions / np.linalg.norm(directions, axis=-1, keepdims=True)).T
    masses, x, y = np.float64(weight) / np.float64(weight).sum(), np.float64(x), np.float64(y)
    for p in (1, 2, 3):
        loss, sliced = K.SlicedWasserstein(p=p), ot.sliced_wasserstein_distance
        assert_close(array(loss(y, x)), sliced(x, y, projections=directions, p=p))
        expected = sliced(x, y, masses, masses, projections=directions, p=p)
        assert_close(array(loss(y, x, sample_weight=weight)), expected)
    for p, metric in ((1, "euclidean"), (2, "sqeuclidean")):

        def transport(x, y, metric=metric):
            return ot.solve_sample(x, y, reg=0.7, metric=metric, max_iter=10000, tol=1e-10).value

        loss = K.SinkhornDivergence(0.7, p, 300, debiased=False)
        expected = transport(x, y[:9])
        assert_close(array(loss(y[:9], x)), expected)
        expected -= (transport(x, x) + transport(y[:9], y[:9])) / 2
        assert_close(array(K.SinkhornDivergence(0.7, p, 300)(y[:9], x)), expected)
    places, (p, q) = [0.0, 1.0, 2.5, 3.0, 7.0], rng.dirichlet(np.ones(5), size=(2, 6))
    expected = [
        ot.wasserstein_1d(np.array(places), np.array(places), *pair) for pair in zip(p, q, strict=True)
    ]
    assert_close(array(K.WassersteinDistance(places, **ENTRIES)(p, q)), expected)


@installed("statsmodels")
def test_statsmodels(rng, normal, counts):
    norms = load("statsmodels.robust.norms")
    y, m, _ = normal
    assert_close(elements(K.TukeyBiweight(2.0, **ENTRIES), y, m), norms.TukeyBiweight(2.0).rho(m - y))
    assert_close(elements(K.Huber(0.7, **ENTRIES), y, m), norms.HuberT(0.7).rho(m - y))
    count, design, parameters, mean = counts
    discrete, count_model = (load(f"statsmodels.discrete.{x}") for x in ("discrete_model", "count_model"))
    alpha, inflation = 0.6, np.array([-0.4, 0.3, 0.1])
    t, logit, total = np.full(20, 1 / alpha), design @ inflation, {"reduction": "sum"}
    by_value = {"link": "identity", **total}
    ours = elements(K.Poisson(full=True, epsilon=0.0, **total), count, mean)
    assert_close(ours, -discrete.Poisson(count, design).loglike(parameters))
    ours = entries(K.NegativeBinomialNLL(**by_value), count, mean, t)
    both = np.append(parameters, alpha)
    assert_close(ours, -discrete.NegativeBinomialP(count, design).loglike(both))
    inflated = count_model.ZeroInflatedPoisson(count, design, exog_infl=design)
    ours = entries(K.ZeroInflatedPoissonNLL(**by_value), count, mean, logit)
    assert_close(ours, -inflated.loglike(np.append(inflation, parameters)))
    inflated = count_model.ZeroInflatedNegativeBinomialP(count, design, exog_infl=design)
    ours = entries(K.ZeroInflatedNegativeBinomialNLL(**by_value), count, mean, t, logit)
    assert_close(ours, -inflated.loglike(np.append(inflation, both)))
    families = load("statsmodels.genmod.families")
    ours = elements(K.GammaDeviance(**total), count + 1, mean)
    assert_close(ours, families.Gamma().deviance(count + 1, mean))
    ours = elements(K.Tweedie(1.3, **total), count, mean)
    assert_close(ours, families.Tweedie(var_power=1.3).deviance(count, mean))
    model = load("statsmodels.miscmodels.ordinal_model").OrderedModel
    ids = np.append(np.arange(5), rng.integers(0, 5, size=15))
    both = np.array([0.5, -0.3, -1.0, 0.1, 0.2, -0.4])
    for link in ("logit", "probit"):
        ordered = model(ids, design[:, 1:], distr=link)
        cutpoints = ordered.transform_threshold_params(both)[1:-1].tolist()
        loss = K.CumulativeLink(link, cutpoints, **total)
        assert_close(array(loss(ids, design[:, 1:] @ both[:2])), -ordered.loglike(both))
