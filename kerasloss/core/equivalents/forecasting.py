"""neuralforecast, pytorch-forecasting, scoringrules and properscoring: forecasts and their scores."""

from kerasloss.core.equivalents.row import Rows

_PARAMETERS = "Of its `distr_args`, the parameters of the distribution."
_BY_VALUE = {"link": "identity"}
_DIVIDED = "Here it is divided by `delta`."

NEURALFORECAST: Rows = [
    ("MAE", "MeanAbsoluteError", {}, ""),
    ("MSE", "MeanSquaredError", {}, ""),
    ("RMSE", "RootMeanSquaredError", {"axis": None}, ""),
    ("MAPE", "MeanAbsolutePercentageError", {}, "Gives the fraction, this / 100; 0 for a target of 0."),
    ("SMAPE", "SymmetricMeanAbsolutePercentageError", {}, "Gives the fraction, this / 100."),
    (
        "MASE",
        "MeanAbsoluteScaledError",
        {},
        "`seasonality` is required there. Takes the history `y_insample` apart, which is in front of the "
        "targets here. A flat history gives 0 there.",
    ),
    ("QuantileLoss", "Quantile", {}, "`q`, which is required there, is `quantile`."),
    (
        "MQLoss",
        "Quantile",
        {"quantile": [0.5, 0.05, 0.1, 0.9, 0.95]},
        "The levels of `level=[80, 90]` in its order, the median first; `quantiles` is `quantile`. "
        "Gives Q times this for Q levels, though its documentation divides by Q.",
    ),
    ("HuberLoss", "Huber", {}, ""),
    ("HuberQLoss", "QuantileHuber", {}, f"`q`, which is required there, is `quantile`. {_DIVIDED}"),
    ('DistributionLoss(distribution="Normal")', "GaussianNLL", {**_BY_VALUE, "full": True}, _PARAMETERS),
    (
        'DistributionLoss(distribution="StudentT")',
        "StudentTNLL",
        _BY_VALUE,
        f"{_PARAMETERS} The degrees of freedom are first there, last here.",
    ),
    ('DistributionLoss(distribution="Poisson")', "Poisson", {"full": True, "epsilon": 0.0}, _PARAMETERS),
    (
        'DistributionLoss(distribution="NegativeBinomial")',
        "NegativeBinomialNLL",
        _BY_VALUE,
        f"{_PARAMETERS} t = total_count, m = total_count * probs / (1 - probs).",
    ),
    ('DistributionLoss(distribution="Bernoulli")', "BinaryCrossentropy", {}, _PARAMETERS),
    (
        'DistributionLoss(distribution="Tweedie")',
        "Tweedie",
        {"link": "log"},
        f"{_PARAMETERS} `rho`, which is required there, is `power`. Gives half of this, less "
        "`y ** (2 - rho) / ((1 - rho) (2 - rho))`, which no prediction changes.",
    ),
    (
        "GMM",
        "GaussianMixtureNLL",
        _BY_VALUE,
        f"{_PARAMETERS} Weights are logits here, in front: equal ones unless `weighted`. Without its "
        "correlations.",
    ),
    (
        "NBMM",
        "NegativeBinomialNLL",
        _BY_VALUE,
        f"{_PARAMETERS} Of one component, its default. t = total_count, "
        "m = total_count * probs / (1 - probs).",
    ),
]

_EXP = "Of the logarithm of the mean."

PYTORCH_FORECASTING: Rows = [
    ("MAE", "MeanAbsoluteError", {}, ""),
    ("RMSE", "RootMeanSquaredError", {"axis": None}, ""),
    ("MAPE", "MeanAbsolutePercentageError", {}, "Gives the fraction, this / 100."),
    ("SMAPE", "SymmetricMeanAbsolutePercentageError", {}, "Gives the fraction, this / 100."),
    ("PoissonLoss", "Poisson", {"link": "log"}, _EXP),
    (
        "TweedieLoss",
        "Tweedie",
        {"link": "log"},
        f"{_EXP} `p` is `power`. Gives half of this, less `y ** (2 - p) / ((1 - p) (2 - p))`, which no "
        "prediction changes.",
    ),
    ("CrossEntropy", "SparseCategoricalCrossentropy", {"from_logits": True}, ""),
    (
        "QuantileLoss",
        "Quantile",
        {"quantile": [0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98]},
        "`quantiles` is `quantile`. Gives twice this.",
    ),
]

SCORINGRULES: Rows = [
    ("interval_score", "IntervalScore", {}, "`alpha` is required there."),
    (
        "weighted_interval_score",
        "Quantile",
        {},
        "Twice this, with 0.5 and the levels `alpha / 2` and `1 - alpha / 2` of each interval in "
        "`quantile`, unless it is given weights. By its numba backend: others take the median for its error.",
    ),
    ("quantile_score", "Quantile", {}, "`alpha`, which is required there, is `quantile`."),
    (
        "crps_quantile",
        "Quantile",
        {},
        "Twice this. `alpha`, which is required there, is `quantile`.",
    ),
    ("crps_normal", "GaussianCRPS", _BY_VALUE, ""),
    (
        "crps_ensemble",
        "EnsembleCRPS",
        {},
        '`estimator` `"qd"`, its default, `"nrg"` or `"int"`; `"akr"` and `"akr_circperm"` take '
        "some of the pairs, which is not here.",
    ),
    ('crps_ensemble(estimator="fair")', "EnsembleCRPS", {"fair": True}, 'Also `"pwm"`.'),
    ("es_ensemble", "EnergyScore", {}, "Members are before variables there."),
    (
        'es_ensemble(estimator="fair")',
        "EnergyScore",
        {"fair": True},
        "Members are before variables there.",
    ),
    ("brier_score", "MeanSquaredError", {}, "Of probabilities and labels 0 and 1."),
    ("log_score", "BinaryCrossentropy", {}, "Clips nothing; here probabilities at 1e-7."),
    ("rps_score", "EarthMoversDistance", {}, "Its ids start at 1."),
    (
        "rls_score",
        "Coral",
        {},
        "Its ids start at 1. Takes probabilities of classes, here logits of the K - 1 "
        "probabilities that the class is higher.",
    ),
    ("logs_normal", "GaussianNLL", {**_BY_VALUE, "full": True}, ""),
    ("logs_laplace", "LaplaceNLL", _BY_VALUE, ""),
    ("logs_t", "StudentTNLL", _BY_VALUE, "`df` is first there, last here."),
    ("logs_lognormal", "LogNormalNLL", _BY_VALUE, ""),
    ("logs_mixnorm", "GaussianMixtureNLL", _BY_VALUE, "Its weights `w` are logits here, in front."),
    (
        "logs_negbinom",
        "NegativeBinomialNLL",
        _BY_VALUE,
        "With `mu`; `n` is t. For n below 1 it is infinite.",
    ),
    ("logs_poisson", "Poisson", {"full": True, "epsilon": 0.0}, ""),
    (
        "logs_exponential",
        "ParametricAFT",
        {"distribution": "exponential"},
        "Of events; m = -log(rate).",
    ),
    (
        "logs_loglogistic",
        "ParametricAFT",
        {"distribution": "loglogistic", **_BY_VALUE},
        "Of events; m = mulog, s = sigmalog.",
    ),
]

PROPERSCORING: Rows = [
    ("crps_gaussian", "GaussianCRPS", _BY_VALUE, ""),
    ("crps_ensemble", "EnsembleCRPS", {}, "Without `weights`."),
    ("brier_score", "MeanSquaredError", {}, "Of probabilities and labels 0 and 1."),
]
