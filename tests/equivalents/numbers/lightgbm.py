import numpy as np

from tests.equivalents.number import IDS, LOGITS, Number, draws, tweedie_constant

normal = draws(86)
TARGETS, PREDICTIONS = normal(8, scale=2), normal(8, scale=2)
TARGETS[0] = PREDICTIONS[0]  # no error
AMOUNTS = np.array([0.5, 0.2, 3.0, 1.0, 7.5, 2.0, 0.7, 4.0])
COUNTS = np.array([0.0, 2.0, 3.0, 1.0, 7.0, 0.0, 1.0, 4.0])
SPARSE = np.where(COUNTS > 0, AMOUNTS, 0.0)
LABELS, PROBABILITIES = np.array([0, 1, 1, 0, 1, 0, 0, 1]), np.array([0.0, 0.3, 1.0, 0.5, 0.9, 0.1, 0.2, 0.7])
LABELS, PROBABILITIES = LABELS[:, None], PROBABILITIES[:, None]


def of(objective, metric=None, change=lambda number, y_true: number, **parameters):
    """The metric of an objective, of a model without trees: these raw predictions are where it begins."""

    def theirs(y_true, y_pred):
        import lightgbm

        start = np.ravel(np.asarray(y_pred, "float64"), order="F")
        data = lightgbm.Dataset(np.zeros((len(y_true), 1)), np.ravel(y_true), init_score=start)
        silent = {"objective": objective, "metric": metric or objective, "verbose": -1}
        model = lightgbm.Booster({**silent, **parameters}, data)
        return change(model.eval_train()[0][2], np.asarray(y_true, "float64"))

    return theirs


def percent(number, y_true):
    return 100 * number


def gamma(number, y_true):
    return 2 * (number - np.mean(1 + np.log(y_true)))


def tweedie(power):
    return lambda number, y_true: 2 * (number + tweedie_constant(y_true, power))


def regressor(objective):
    return f'LGBMRegressor(objective="{objective}")'


NUMBERS = {
    regressor("l2"): [Number(of("l2"), TARGETS, PREDICTIONS)],
    regressor("l1"): [Number(of("l1"), TARGETS, PREDICTIONS)],
    regressor("huber"): [
        Number(of("huber"), TARGETS, PREDICTIONS),
        Number(of("huber", alpha=2.0), TARGETS, PREDICTIONS, {"delta": 2.0}),
    ],
    regressor("quantile"): [
        Number(of("quantile"), TARGETS, PREDICTIONS),
        Number(of("quantile", alpha=0.3), TARGETS, PREDICTIONS, {"quantile": 0.3}),
    ],
    regressor("mape"): [Number(of("mape", change=percent), TARGETS, PREDICTIONS)],
    regressor("poisson"): [Number(of("poisson"), COUNTS, PREDICTIONS)],
    regressor("gamma"): [
        Number(of("gamma", change=gamma), AMOUNTS, PREDICTIONS),
        Number(of("gamma", "gamma_deviance"), AMOUNTS[:, None], PREDICTIONS[:, None], {"reduction": "sum"}),
    ],
    regressor("tweedie"): [
        Number(of("tweedie", change=tweedie(1.5)), SPARSE, PREDICTIONS),
        Number(
            of("tweedie", change=tweedie(1.2), tweedie_variance_power=1.2),
            SPARSE,
            PREDICTIONS,
            {"power": 1.2},
        ),
    ],
    regressor("cross_entropy"): [Number(of("cross_entropy"), PROBABILITIES, PREDICTIONS[:, None])],
    'LGBMClassifier(objective="binary")': [
        Number(of("binary", "binary_logloss"), LABELS, PREDICTIONS[:, None])
    ],
    'LGBMClassifier(objective="multiclass")': [
        Number(of("multiclass", "multi_logloss", num_class=4), IDS, LOGITS)
    ],
}
