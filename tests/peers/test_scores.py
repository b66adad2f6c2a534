"""Scores, ordinal losses, transport, counts and robust losses: the numbers of other libraries themselves."""

import functools

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient
from tests.equivalents.number import module_alone
from tests.peers import assert_same, installed, load

ENTRIES = {"reduction": None}
BY_VALUE = {"link": "identity", "reduction": None}


def entries(loss, y_true, y_pred):
    """One value for each target: of a prediction, of parameters in a tuple, or on the last axis."""
    y_pred = np.stack(y_pred, axis=-1) if isinstance(y_pred, tuple) else y_pred
    return array(loss(y_true[..., None], np.expand_dims(y_pred, y_true.ndim)))


def compare(loss, y_true, y_pred, function):
    """Value and gradient are those of `function` of a tensor of torch."""
    assert_same(lambda p: loss(y_true, p), function, y_pred, repr(loss))


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


@installed("neuralforecast")
@pytest.mark.parametrize("weighted", ["mask", "horizon", "both"])
def test_neuralforecast_weighs_steps(rng, normal, weighted):
    """Its masks and its weights of the horizon are sample weights, and its mean divides by their sum."""
    import torch

    theirs = module_alone("neuralforecast.losses.pytorch")
    y, m, _ = normal
    mask = rng.integers(0, 2, size=y.shape) if weighted != "horizon" else np.ones_like(y)
    horizon = np.array([3, 1, 0.5, 0, 2]) if weighted != "mask" else np.ones(5)
    given = {"horizon_weight": torch.tensor(horizon)} if weighted != "mask" else {}
    mean = {"reduction": "mean_with_sample_weight"}
    levels = rng.normal(size=(6, 5, 3)).astype("float32")
    rows = [
        (K.MeanAbsoluteError(**mean), theirs.MAE(**given), m),
        (K.RootMeanSquaredError(axis=None), theirs.RMSE(**given), m),
        (K.Huber(0.7, **mean), theirs.HuberLoss(0.7, **given), m),
        (K.Quantile(0.9, **mean), theirs.QuantileLoss(0.9, **given), m),
        (K.QuantileHuber(0.9, **mean), theirs.HuberQLoss(0.9, **given), m),
        (3 * K.Quantile([0.5, 0.25, 0.75], **mean), theirs.MQLoss([50], **given), levels),
    ]
    weight, target, mask = mask * horizon, torch.tensor(y[..., None]), torch.tensor(mask[..., None])
    for loss, there, y_pred in rows:
        assert_same(
            lambda p, f=loss: f(y[..., None], p, sample_weight=weight),
            lambda p, f=there: f(target, f.domain_map(p), mask=mask),
            y_pred.reshape(6, 5, -1),
            repr(loss),
        )


@installed("properscoring")
def test_the_gradient_of_properscoring(normal):
    y, m, s = normal
    _, slope = load("properscoring").crps_gaussian(y, m, s, grad=True)
    loss, y_pred = K.GaussianCRPS(link="identity", reduction="sum"), np.stack([m, s], -1)[..., None, :]
    _, gradient = value_and_gradient(lambda p: loss(y[..., None], p), y_pred)
    assert_close(gradient[..., 0, :], np.moveaxis(slope, 0, -1), gradient=True)


@installed("kornia")
def test_kornia(normal, rng):
    import torch

    losses = load("kornia.losses")
    y, m, _ = normal
    p, q = rng.dirichlet(np.ones(15), size=(2, 6)).reshape(2, 6, 1, 3, 5).astype("float32")
    rows = [
        (K.PseudoHuber(delta=1), y, m, "charbonnier_loss"),
        (K.Cauchy(2**0.5), y, m, "cauchy_loss"),
        (K.GemanMcClure(scale=2), y, m, "geman_mcclure_loss"),
        (K.Welsch(2**0.5), y, m, "welsch_loss"),
        (K.KLDivergence(axis=(-2, -1)), p, q, "kl_div_loss_2d"),
        (K.JensenShannonDivergence(axis=(-2, -1)), p, q, "js_div_loss_2d"),
    ]
    for loss, y_true, y_pred, name in rows:
        arguments = {} if "2d" in name else {"reduction": "mean"}
        target, theirs = torch.tensor(y_true), getattr(losses, name)
        compare(loss, y_true, y_pred, lambda x, f=theirs, t=target, a=arguments: f(x, t, **a))


@installed("coral_pytorch")
def test_coral_pytorch(ordinal):
    import torch

    losses, dataset = load("coral_pytorch.losses"), load("coral_pytorch.dataset")
    ids, _, thresholds, _ = ordinal
    levels, weights = dataset.levels_from_labelbatch(torch.tensor(ids), 5), [0.5, 1.0, 2.0, 3.0]
    for reduction in ("sum", "mean"):
        for weight, y_true in ((None, ids), (weights, ids), (weights, levels.numpy())):
            w = None if weight is None else torch.tensor(weight)
            arguments = {"levels": levels, "importance_weights": w, "reduction": reduction}
            coral = functools.partial(losses.coral_loss, **arguments)
            compare(K.Coral(weight, reduction), y_true, thresholds, coral)
    loss = K.Corn(reduction="mean_with_sample_weight")
    for classes in (ids, np.ones_like(ids)):
        corn = functools.partial(losses.corn_loss, y_train=torch.tensor(classes), num_classes=5)
        for scale in (1, 100):
            compare(loss, classes, scale * thresholds, corn)


@installed("spacecutter")
def test_spacecutter(ordinal):
    import torch

    losses, models = load("spacecutter.losses"), load("spacecutter.models")
    ids, _, _, score = ordinal
    link, column = models.LogisticCumulativeLink(5), torch.tensor(ids)[:, None]
    cutpoints, weights = link.cutpoints.tolist(), np.array([0.5, 1, 2, 3, 0.1])
    loss = K.CumulativeLink(cutpoints=cutpoints)
    compare(loss, ids, score, lambda x: losses.cumulative_link_loss(link(x), column))
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
        compare(loss, ids, y_pred, lambda z, f=theirs: f(z, target))
    weights = np.array([0.5, 1, 2, 3, 0.1], "float32")
    w = torch.tensor(weights)
    rows = [
        (K.OrdinalLog(0.5, **logit), weights / weights.sum(), losses.CDWCELoss(5, weight=w)),
        (K.SoftOrdinal(**logit), weights, losses.SORDLoss(1.0, 5, target, weight=w)),
    ]
    for loss, of_class, theirs in rows:
        expected = theirs(torch.tensor(logits), target).item()
        assert_close(array(loss(ids, logits, sample_weight=of_class[ids])), expected)
    for link in ("logit", "probit", "cloglog"):
        layer = layers.CLM(5, link).double()  # with the cutpoints 0, 1, 2, 3
        loss = K.CumulativeLink(link, cutpoints=[0.0, 1.0, 2.0, 3.0])
        x, row = 0.5 * np.float64(score), target[:, None]
        compare(loss, ids, x, lambda x, f=layer, r=row: -torch.log(f(x).gather(1, r)).mean())


@installed("geomloss")
def test_geomloss(clouds):
    import torch

    samples = load("geomloss").SamplesLoss
    x, y, weight = clouds
    masses = torch.tensor(weight / weight.sum())
    gaussian = samples("gaussian", blur=0.7, backend="tensorized")
    loss = K.MaximumMeanDiscrepancy(bandwidth=0.7)
    compare(loss, y, x, lambda q: 2 * gaussian(q, torch.tensor(y)))
    expected = 2 * gaussian(masses, torch.tensor(x), masses, torch.tensor(y)).item()
    assert_close(array(loss(y, x, sample_weight=weight)), expected)
    # Its Sinkhorn iterations stop with the falling blur, before the plan has settled.
    for p, debiased in ((1, True), (2, False)):
        sinkhorn = samples("sinkhorn", p, blur=0.7, scaling=0.99, debias=debiased, backend="tensorized")
        expected = p * sinkhorn(torch.tensor(y), torch.tensor(x)).item()
        ours = K.SinkhornDivergence({1: 0.7, 2: 2 * 0.7**2}[p], p, 300, debiased)(y, x)
        np.testing.assert_allclose(array(ours), expected, rtol=1e-3)


@installed("ot")
def test_pot(clouds):
    ot = load("ot")
    x, y, weight = clouds
    directions = np.random.default_rng(0).standard_normal((50, 3))
    directions = (directions / np.linalg.norm(directions, axis=-1, keepdims=True)).T
    masses, x, y = np.float64(weight) / np.float64(weight).sum(), np.float64(x), np.float64(y)
    for p in (1, 2, 3):
        loss, sliced = K.SlicedWasserstein(p=p), ot.sliced_wasserstein_distance
        expected = sliced(x, y, masses, masses, projections=directions, p=p)
        assert_close(array(loss(y, x, sample_weight=weight)), expected)


@installed("statsmodels")
def test_statsmodels(rng, normal):
    norms = load("statsmodels.robust.norms")
    y, m, _ = normal
    design, parameters = np.column_stack([np.ones(20), rng.normal(size=(20, 2))]), np.array([0.3, 0.2, -0.1])
    count, mean = np.maximum(rng.poisson(3, size=20) - 2.0, 0), np.exp(design @ parameters)
    discrete, count_model = (load(f"statsmodels.discrete.{x}") for x in ("discrete_model", "count_model"))
    families, total = load("statsmodels.genmod.families"), {"reduction": "sum"}
    alpha, inflation = 0.6, np.array([-0.4, 0.3, 0.1])
    t, logit, both = np.full(20, 1 / alpha), design @ inflation, np.append(parameters, alpha)
    by_value = {"link": "identity", **total}
    negative = discrete.NegativeBinomialP(count, design)
    inflated = count_model.ZeroInflatedPoisson(count, design, exog_infl=design)
    negative_inflated = count_model.ZeroInflatedNegativeBinomialP(count, design, exog_infl=design)
    zip_loss, zinb_loss = K.ZeroInflatedPoissonNLL(**by_value), K.ZeroInflatedNegativeBinomialNLL(**by_value)
    expected = [
        -model.loglike(np.append(inflation, x))
        for model, x in ((inflated, parameters), (negative_inflated, both))
    ]
    rows = [
        (K.TukeyBiweight(2.0, **ENTRIES), y, m, norms.TukeyBiweight(2.0).rho(m - y)),
        (K.Huber(0.7, **ENTRIES), y, m, norms.HuberT(0.7).rho(m - y)),
        (K.NegativeBinomialNLL(**by_value), count, (mean, t), -negative.loglike(both)),
        (zip_loss, count, (mean, logit), expected[0]),
        (zinb_loss, count, (mean, t, logit), expected[1]),
        (K.Tweedie(1.3, **total), count, mean, families.Tweedie(var_power=1.3).deviance(count, mean)),
    ]
    for loss, y_true, y_pred, expected in rows:
        assert_close(entries(loss, y_true, y_pred), expected, message=repr(loss))
    model = load("statsmodels.miscmodels.ordinal_model").OrderedModel
    ids = np.append(np.arange(5), rng.integers(0, 5, size=15))
    both = np.array([0.5, -0.3, -1.0, 0.1, 0.2, -0.4])
    for link in ("logit", "probit"):
        ordered = model(ids, design[:, 1:], distr=link)
        cutpoints = ordered.transform_threshold_params(both)[1:-1].tolist()
        loss = K.CumulativeLink(link, cutpoints, **total)
        assert_close(array(loss(ids, design[:, 1:] @ both[:2])), -ordered.loglike(both))
