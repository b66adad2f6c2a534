"""LightGBM: the objectives of its trees, of raw predictions."""

from kerasloss.core.equivalents.row import Rows

_LOG = "Of the logarithm of the mean, as the trees give it."

LIGHTGBM: Rows = [
    ('LGBMRegressor(objective="l2")', "MeanSquaredError", {}, "Also `regression`. Its `rmse` is the root."),
    ('LGBMRegressor(objective="l1")', "MeanAbsoluteError", {}, "Also `mae`."),
    ('LGBMRegressor(objective="huber")', "Huber", {"delta": 0.9}, "`alpha` is `delta`."),
    ('LGBMRegressor(objective="quantile")', "Quantile", {"quantile": 0.9}, "`alpha` is `quantile`."),
    (
        'LGBMRegressor(objective="mape")',
        "MeanAbsolutePercentageError",
        {"epsilon": 1.0},
        "Divides by 1 where a target is smaller. Gives the fraction, this / 100.",
    ),
    ('LGBMRegressor(objective="poisson")', "Poisson", {"link": "log"}, _LOG),
    (
        'LGBMRegressor(objective="gamma")',
        "GammaDeviance",
        {"link": "log"},
        f"{_LOG} Half of this, plus `1 + log(y)`, which no prediction changes. The metric `gamma_deviance` "
        "is the sum of this.",
    ),
    (
        'LGBMRegressor(objective="tweedie")',
        "Tweedie",
        {"power": 1.5, "link": "log"},
        f"{_LOG} `tweedie_variance_power` is `power`. Half of this, less "
        "`y ** (2 - p) / ((1 - p) (2 - p))`, which no prediction changes.",
    ),
    ('LGBMRegressor(objective="cross_entropy")', "BinaryCrossentropy", {"from_logits": True}, ""),
    ('LGBMClassifier(objective="binary")', "BinaryCrossentropy", {"from_logits": True}, ""),
    (
        'LGBMClassifier(objective="multiclass")',
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        "",
    ),
]
