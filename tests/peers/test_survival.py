"""Survival: the numbers, the coefficients and the curves of other libraries themselves."""

import numpy as np
import pytest
import scipy.optimize

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient
from tests.peers import assert_same, installed, load

N, INTERVALS = 40, 5
BOTH = pytest.mark.parametrize("ties", ["breslow", "efron"])


@pytest.fixture
def prisoners():
    """The data that lifelines ships: times with events, and covariates of about the same size."""
    table = load("lifelines.datasets").load_rossi()
    covariates = table.drop(columns=["week", "arrest"])
    y_true = table[["week", "arrest"]].to_numpy("float32")
    return table, y_true, covariates.to_numpy("float64"), list(covariates)


def compare(loss, y_true, y_pred, function):
    """Value and gradient are those of `function` of a tensor of torch."""
    assert_same(lambda p: loss(y_true, p), function, y_pred, repr(loss))


def fitted(loss, y_true, x):
    """The coefficients of a linear model without a constant, from the whole batch."""
    scale = x.std(axis=0)

    def objective(b):
        value, slope = value_and_gradient(lambda p: loss(y_true, p), x @ (b / scale))
        return float(value), (x / scale).T @ slope

    found = scipy.optimize.minimize(objective, np.zeros(x.shape[1]), jac=True, options={"gtol": 1e-8})
    return found.x / scale


@installed("lifelines")
def test_lifelines_coefficients_and_curves(prisoners):
    lifelines = load("lifelines")
    table, y_true, x, names = prisoners
    fit = lifelines.CoxPHFitter().fit(table, "week", "arrest")
    theirs = fit.params_[names].to_numpy()
    loss = K.CoxPH(ties="efron")
    assert np.max(np.abs(fitted(K.CoxPH(ties="efron", dtype="float64"), y_true, x) - theirs)) < 1e-4
    h = (x @ theirs).astype("float32")
    total = K.CoxPH(ties="efron", reduction="sum")(y_true, h)
    assert_close(array(total) / fit.log_likelihood_, -1.0)
    times = np.array([1.0, 10, 30, 52])
    curves = loss.survival_function(h[:5], times, y_true, h)
    assert_close(array(curves), fit.predict_survival_function(table[:5], times=times).to_numpy().T, scale=10)


@installed("statsmodels")
@BOTH
def test_statsmodels_coefficients(prisoners, ties):
    regression = load("statsmodels.duration.hazard_regression")
    _, y_true, x, _ = prisoners
    model = regression.PHReg(y_true[:, 0], x, status=y_true[:, 1], ties=ties)
    result = model.fit(disp=0)
    assert np.max(np.abs(fitted(K.CoxPH(ties=ties, dtype="float64"), y_true, x) - result.params)) < 1e-4
    total = K.CoxPH(ties=ties, reduction="sum")(y_true, (x @ result.params).astype("float32"))
    assert_close(array(total) / result.llf, -1.0)


@installed("lifelines")
@pytest.mark.parametrize(
    ("distribution", "fitter", "outputs"),
    [
        ("weibull", "WeibullFitter", lambda p: (np.log(p["lambda_"]), -np.log(p["rho_"]))),
        ("lognormal", "LogNormalFitter", lambda p: (p["mu_"], np.log(p["sigma_"]))),
        ("loglogistic", "LogLogisticFitter", lambda p: (np.log(p["alpha_"]), -np.log(p["beta_"]))),
        ("exponential", "ExponentialFitter", lambda p: (np.log(p["lambda_"]),)),
    ],
)
def test_lifelines_distributions(prisoners, distribution, fitter, outputs):
    _, y_true, _, _ = prisoners
    fit = getattr(load("lifelines"), fitter)().fit(*y_true.T)
    y_pred = np.tile(outputs(fit.params_), (len(y_true), 1)).astype("float32")
    loss = K.ParametricAFT(distribution)
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    assert_close(value / fit.log_likelihood_ * len(y_true), -1.0)
    assert np.all(np.abs(gradient.sum(axis=0)) < 1e-4)  # it is the maximum
    times = np.array([0.5, 10.0, 52.0, 200.0])
    curve = fit.survival_function_at_times(times).to_numpy()
    assert_close(array(loss.survival_function(y_pred[:1], times))[0], curve)


@pytest.fixture
def subjects(rng):
    seen = np.stack([rng.integers(0, INTERVALS, N), rng.integers(0, 2, N)], axis=-1)
    return seen, rng.normal(size=(N, INTERVALS)).astype("float32")


@installed("pycox")
def test_pycox(subjects, rng):
    import torch

    theirs, data = load("pycox.models.loss"), load("pycox.models.data")
    seen, y_pred = subjects
    index, event = (torch.tensor(column) for column in seen.T)
    pairs = [
        (K.LogisticHazard(), theirs.NLLLogistiHazardLoss()),
        (K.PMF(), theirs.NLLPMFLoss()),
        (K.MTLR(), theirs.NLLMTLRLoss()),
    ]
    for ours, other in pairs:
        compare(ours, seen, y_pred, lambda p, f=other: f(p, index, event.float()))
    fraction = rng.uniform(size=N).astype("float32")
    assert_same(
        lambda p: K.PCHazard()(np.column_stack([seen, fraction]), p),
        lambda p: theirs.NLLPCHazardLoss()(p, index, event.float(), torch.tensor(fraction)),
        y_pred,
    )
    compared = torch.tensor(data.pair_rank_mat(seen[:, 0], seen[:, 1]))
    risks = np.stack([seen[:, 0], rng.integers(0, 3, N)], axis=-1)
    of_risks, code = torch.tensor(data.pair_rank_mat(*risks.T)), torch.tensor(risks[:, 1])
    outputs = rng.normal(size=(N, 2, INTERVALS)).astype("float32")
    for factors in ((0.2, 0.1), (0.7, 0.5)):
        ours, several = K.DeepHit(*factors), theirs.DeepHitLoss(*factors)
        single = theirs.DeepHitSingleLoss(*factors)
        compare(ours, seen, y_pred, lambda p, f=single: f(p, index, event.float(), compared))
        compare(ours, risks, outputs, lambda p, f=several: f(p, index, code, of_risks))
    times = np.stack([rng.permutation(N) + 1.0, seen[:, 1]], axis=-1).astype("float32")
    assert_same(
        lambda p: K.CoxPH()(times, p),
        lambda p: theirs.CoxPHLoss()(p, torch.tensor(times[:, 0]), torch.tensor(times[:, 1])),
        y_pred[:, :1],
    )


@installed("torchsurv")
@BOTH
def test_torchsurv(ties, rng):
    import torch

    cox, weibull = load("torchsurv.loss.cox"), load("torchsurv.loss.weibull")
    y_true = np.stack([rng.integers(1, 20, N), rng.integers(0, 2, N)], axis=-1).astype("float32")
    time, event = torch.tensor(y_true[:, 0]), torch.tensor(y_true[:, 1] > 0)
    assert_same(
        lambda p: K.CoxPH(ties=ties, reduction="sum")(y_true, p),
        lambda p: cox.neg_partial_log_likelihood(p, event, time, ties_method=ties, reduction="sum"),
        rng.normal(size=(N, 1)).astype("float32"),
    )
    assert_same(
        lambda p: K.ParametricAFT()(y_true, p),
        lambda p: weibull.neg_log_likelihood_weibull(p * torch.tensor([1.0, -1.0]), event, time),
        np.column_stack([2 + rng.normal(size=N), 0.3 * rng.normal(size=N)]).astype("float32"),
    )
