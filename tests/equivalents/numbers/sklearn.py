import numpy as np

from tests.equivalents.number import (
    AMOUNTS,
    COUNTS,
    IDS,
    LABELS,
    LOGITS,
    POSITIVE,
    PROBABILITIES,
    SCORES,
    SIGNS,
    Number,
    P,
    Y,
)


def metric(name, **arguments):
    """A metric of a whole table, whose columns it averages."""

    def theirs(y_true, y_pred):
        import sklearn.metrics

        return getattr(sklearn.metrics, name)(y_true, y_pred, **arguments)

    return theirs


def flat(name, **arguments):
    """A metric of one column."""
    return lambda y, p: metric(name, **arguments)(np.ravel(y), np.ravel(p))


def sgd(name, *arguments):
    def theirs(y_true, y_pred):
        import sklearn.linear_model._sgd_fast as losses

        loss = getattr(losses, name)(*arguments)
        values = [loss.py_loss(p, y) for y, p in zip(np.ravel(y_true), np.ravel(y_pred), strict=True)]
        return np.mean(values)

    return theirs


def shared(name, signs=False, **arguments):
    """A loss that scikit-learn's estimators share, of labels 0 and 1 and raw predictions."""

    def theirs(y_true, y_pred):
        import sklearn._loss.loss as losses

        loss = getattr(losses, name)(**arguments)
        y_true, y_pred = np.ravel((y_true > 0) if signs else y_true), np.asarray(y_pred, "float64")
        y_pred = y_pred if len(y_pred) == len(y_true) else y_pred.ravel()
        return np.mean(loss.loss(y_true.astype("float64"), np.ascontiguousarray(y_pred)))

    return theirs


def half_gamma(y, p):
    """Twice its loss, without what no prediction changes."""
    return 2 * shared("HalfGammaLoss")(y, p) - 2 * np.mean(1 + np.log(y))


CLASSES = {"labels": range(4)}

NUMBERS = {
    "mean_squared_error": [Number(metric("mean_squared_error"), Y, P)],
    "root_mean_squared_error": [Number(metric("root_mean_squared_error"), Y, P)],
    "mean_absolute_error": [Number(metric("mean_absolute_error"), Y, P)],
    "mean_absolute_percentage_error": [
        Number(lambda y, p: 100 * metric("mean_absolute_percentage_error")(y, p), Y, P)
    ],
    "mean_squared_log_error": [
        Number(metric("mean_squared_log_error"), AMOUNTS, POSITIVE),
    ],
    "mean_pinball_loss": [
        Number(metric("mean_pinball_loss"), Y, P),
        Number(metric("mean_pinball_loss", alpha=0.9), Y, P, {"quantile": 0.9}),
    ],
    "mean_poisson_deviance": [Number(flat("mean_poisson_deviance"), COUNTS, POSITIVE)],
    "mean_gamma_deviance": [Number(flat("mean_gamma_deviance"), AMOUNTS, POSITIVE)],
    "mean_tweedie_deviance": [
        Number(flat("mean_tweedie_deviance"), AMOUNTS, POSITIVE),
        Number(flat("mean_tweedie_deviance", power=1.5), COUNTS, POSITIVE, {"power": 1.5}),
    ],
    "log_loss": [Number(metric("log_loss", **CLASSES), IDS, PROBABILITIES)],
    "brier_score_loss": [
        Number(metric("brier_score_loss", scale_by_half=False, **CLASSES), IDS, PROBABILITIES)
    ],
    "hinge_loss": [Number(flat("hinge_loss"), SIGNS, SCORES)],
    'SGDClassifier(loss="hinge")': [Number(sgd("Hinge", 1.0), SIGNS, SCORES)],
    'SGDClassifier(loss="squared_hinge")': [Number(sgd("SquaredHinge", 1.0), SIGNS, SCORES)],
    'SGDClassifier(loss="perceptron")': [Number(sgd("Hinge", 0.0), SIGNS, SCORES)],
    'SGDClassifier(loss="modified_huber")': [Number(sgd("ModifiedHuber"), SIGNS, SCORES)],
    'SGDClassifier(loss="log_loss")': [Number(shared("HalfBinomialLoss"), LABELS, SCORES)],
    'SGDRegressor(loss="squared_error")': [Number(shared("HalfSquaredError"), Y, P)],
    'SGDRegressor(loss="huber")': [Number(shared("HuberLoss", delta=0.1), Y, P)],
    'SGDRegressor(loss="epsilon_insensitive")': [Number(sgd("EpsilonInsensitive", 0.1), Y, P)],
    'SGDRegressor(loss="squared_epsilon_insensitive")': [Number(sgd("SquaredEpsilonInsensitive", 0.1), Y, P)],
    'GradientBoostingClassifier(loss="exponential")': [
        Number(shared("ExponentialLoss", signs=True), SIGNS, SCORES)
    ],
    'GradientBoostingClassifier(loss="log_loss")': [Number(shared("HalfBinomialLoss"), LABELS, SCORES)],
    'HistGradientBoostingClassifier(loss="log_loss")': [
        Number(shared("HalfMultinomialLoss", n_classes=4), IDS, LOGITS)
    ],
    'HistGradientBoostingRegressor(loss="squared_error")': [Number(shared("HalfSquaredError"), Y, P)],
    'HistGradientBoostingRegressor(loss="absolute_error")': [Number(shared("AbsoluteError"), Y, P)],
    'HistGradientBoostingRegressor(loss="poisson")': [Number(shared("HalfPoissonLoss"), COUNTS, P)],
    'HistGradientBoostingRegressor(loss="gamma")': [Number(half_gamma, AMOUNTS, P)],
    'HistGradientBoostingRegressor(loss="quantile")': [
        Number(shared("PinballLoss"), Y, P),
        Number(shared("PinballLoss", quantile=0.9), Y, P, {"quantile": 0.9}),
    ],
}
