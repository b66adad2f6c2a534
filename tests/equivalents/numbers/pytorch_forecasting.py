import numpy as np

from tests.equivalents.number import COUNTS, Number, draws, module_alone, tweedie_constant
from tests.equivalents.numbers.torch import tensor

normal = draws(87)
SERIES, FORECASTS, QUANTILES = normal(4, 3, scale=2), normal(4, 3, scale=2), normal(4, 3, 7)
AMOUNTS = np.where(COUNTS > 1, COUNTS + 0.5, 0.0)
STEPS, LOGITS = np.array([[0, 2], [1, 1], [3, 2], [0, 3]]), normal(4, 2, 4, scale=2)
LEVELS = [0.1, 0.5, 0.8]
ABSENT = ("lightning", "lightning.pytorch", "lightning.pytorch.utilities", "pytorch_optimizer")


def of(name, factor=1.0, change=None, module="point", **arguments):
    """Its number times a factor. The package imports Lightning, and what makes data sets."""

    def theirs(y_true, y_pred):
        module_alone("pytorch_forecasting.utils", ABSENT)
        module_alone("pytorch_forecasting.metrics.base_metrics", ABSENT)
        found = module_alone(f"pytorch_forecasting.metrics.{module}", ABSENT)
        value = factor * getattr(found, name)(**arguments)(tensor(y_pred), tensor(y_true))
        return value + (0.0 if change is None else change(np.asarray(y_true, "float64")))

    return theirs


def tweedie(p):
    return lambda y: 2 * tweedie_constant(y, p)


NUMBERS = {
    "MAE": [Number(of("MAE"), SERIES, FORECASTS)],
    "RMSE": [Number(of("RMSE"), SERIES, FORECASTS)],
    "MAPE": [Number(of("MAPE", factor=100), SERIES, FORECASTS)],
    "SMAPE": [Number(of("SMAPE", factor=100), SERIES, FORECASTS)],
    "PoissonLoss": [Number(of("PoissonLoss"), COUNTS.astype(float), FORECASTS)],
    "TweedieLoss": [
        Number(of("TweedieLoss", factor=2, change=tweedie(1.5)), AMOUNTS, FORECASTS),
        Number(of("TweedieLoss", factor=2, change=tweedie(1.2), p=1.2), AMOUNTS, FORECASTS, {"power": 1.2}),
    ],
    "CrossEntropy": [Number(of("CrossEntropy"), STEPS, LOGITS)],
    "QuantileLoss": [
        Number(of("QuantileLoss", factor=0.5, module="quantile"), SERIES, QUANTILES),
        Number(
            of("QuantileLoss", factor=0.5, module="quantile", quantiles=LEVELS),
            SERIES,
            QUANTILES[..., :3],
            {"quantile": LEVELS},
        ),
    ],
}
