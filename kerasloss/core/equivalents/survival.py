"""pycox, lifelines, torchsurv and XGBoost: times to events."""

from kerasloss.core.equivalents.row import Rows

_EPSILON = "Adds 1e-7 to its sums of exponentials."
_SUM = 'Minus its `log_likelihood_`, the sum over the subjects: `reduction="sum"`.'
_CLIPPED = "`aft_loss_distribution_scale` is `scale`; it bounds gradients. Takes the two ends of an interval."

PYCOX: Rows = [
    ("NLLLogistiHazardLoss", "LogisticHazard", {}, "Takes index and event apart."),
    ("NLLPMFLoss", "PMF", {}, _EPSILON),
    ("NLLMTLRLoss", "MTLR", {}, _EPSILON),
    ("NLLPCHazardLoss", "PCHazard", {}, "Drops rows of index -1, events and censoring at time 0: NaN here."),
    (
        "DeepHitSingleLoss",
        "DeepHit",
        {"alpha": 0.2, "sigma": 0.1},
        "`alpha` and `sigma` are required there. Takes the matrix of comparisons, which is made here.",
    ),
    ("DeepHitLoss", "DeepHit", {"alpha": 0.2, "sigma": 0.1}, "Of competing risks, `(N, R, K)`."),
    (
        "CoxPHLoss",
        "CoxPH",
        {},
        "Where no times are equal: it orders ties as they come. Adds 1e-7 to the sum of those at risk.",
    ),
]

LIFELINES: Rows = [
    ("CoxPHFitter", "CoxPH", {"ties": "efron", "reduction": "sum"}, "Minus its `log_likelihood_`."),
    ("WeibullFitter", "ParametricAFT", {"reduction": "sum"}, f"{_SUM} m = log(lambda_), s = 1 / rho_."),
    (
        "LogNormalFitter",
        "ParametricAFT",
        {"distribution": "lognormal", "reduction": "sum"},
        f"{_SUM} m = mu_, s = sigma_.",
    ),
    (
        "LogLogisticFitter",
        "ParametricAFT",
        {"distribution": "loglogistic", "reduction": "sum"},
        f"{_SUM} m = log(alpha_), s = 1 / beta_.",
    ),
    (
        "ExponentialFitter",
        "ParametricAFT",
        {"distribution": "exponential", "reduction": "sum"},
        f"{_SUM} m = log(lambda_).",
    ),
    ("WeibullAFTFitter", "ParametricAFT", {"reduction": "sum"}, f"{_SUM} Its last output is log(rho_)."),
    (
        "LogNormalAFTFitter",
        "ParametricAFT",
        {"distribution": "lognormal", "reduction": "sum"},
        f"{_SUM} Its last output is log(sigma_).",
    ),
    (
        "LogLogisticAFTFitter",
        "ParametricAFT",
        {"distribution": "loglogistic", "reduction": "sum"},
        f"{_SUM} Its last output is log(beta_).",
    ),
]

TORCHSURV: Rows = [
    (
        "neg_partial_log_likelihood",
        "CoxPH",
        {"ties": "efron"},
        "`ties_method` is `ties`. Its mean is over the distinct times of events, here over the events.",
    ),
    (
        "neg_log_likelihood_weibull",
        "ParametricAFT",
        {},
        "Takes the logarithms of scale and shape; here the scale s is 1 / shape, its logarithm minus that.",
    ),
]

XGBOOST: Rows = [
    (
        'XGBRegressor(objective="survival:aft")',
        "ParametricAFT",
        {"distribution": "lognormal", "scale": 1.0},
        _CLIPPED,
    ),
    (
        'XGBRegressor(objective="survival:aft", aft_loss_distribution="logistic")',
        "ParametricAFT",
        {"distribution": "loglogistic", "scale": 1.0},
        _CLIPPED,
    ),
    (
        'XGBRegressor(objective="survival:aft", aft_loss_distribution="extreme")',
        "ParametricAFT",
        {"distribution": "weibull", "scale": 1.0},
        _CLIPPED,
    ),
    (
        'XGBRegressor(objective="survival:cox")',
        "CoxPH",
        {},
        "Takes censored times with a minus sign.",
    ),
]
