"""The losses of neuralforecast, without its models."""

import numpy as np

from tests.equivalents.number import (
    COUNTS,
    LABELS,
    SERIES,
    Number,
    P,
    Y,
    draws,
    module_alone,
    sigmoid,
    tweedie_constant,
)
from tests.equivalents.numbers.scoringrules import RARE, RATES

normal = draws(71)
MEDIAN_FIRST = [0.5, 0.05, 0.1, 0.9, 0.95]
SCALES = np.abs(normal(4, 3)) + 0.2
ZEROS = np.array([[0.0, 1.0, -2.0], [0.5, 0.0, 3.0], [1.0, 2.0, -1.0], [0.2, 0.1, 0.0]])
SIDES = np.array([[0.0, -1.0, -2.5], [0.4, 0.0, 2.0], [1.0, 3.0, 1.0], [-0.1, 0.3, 0.0]])
HISTORIES, FORECASTS = np.cumsum(normal(3, 9), axis=1), normal(3, 3)
PROBABILITIES = np.round(sigmoid(normal(3, 4, scale=2)), 4)


def tensor(x):
    """Series of one value for each step, `(batch, steps, 1)`."""
    import torch

    return torch.tensor(np.asarray(x, "float64"))[:, :, None]


def losses():
    return module_alone("neuralforecast.losses.pytorch")


def loss(name, times=1.0, **arguments):
    def theirs(y_true, y_pred):
        return times * getattr(losses(), name)(**arguments)(tensor(y_true), tensor(y_pred))

    return theirs


def of_history(seasonality):
    def theirs(y_true, y_pred):
        history, y = y_true[:, : -y_pred.shape[1]], y_true[:, -y_pred.shape[1] :]
        there = losses().MASE(seasonality)
        return there(tensor(y), tensor(y_pred), y_insample=tensor(history)[..., 0])

    return theirs


def of_levels(name, count, **arguments):
    """Its sum over the levels, divided by their count."""

    def theirs(y_true, y_pred):
        import torch

        there = getattr(losses(), name)(**arguments)
        outputs = there.domain_map(torch.tensor(np.asarray(y_pred, "float64")))
        return there(tensor(y_true), outputs) / count

    return theirs


def likelihood(name, order, component=False, **arguments):
    """Of the parameters, in the order that it has, made of those here."""

    def theirs(y_true, y_pred):
        parameters = order(*np.moveaxis(np.asarray(y_pred, "float64"), -1, 0))
        parameters = tuple(tensor(p)[..., None] if component else tensor(p) for p in parameters)
        return getattr(losses(), name)(**arguments)(tensor(y_true), parameters)

    return theirs


def distribution(name, order=lambda *parameters: parameters):
    return likelihood("DistributionLoss", order, distribution=name)


def point(name):
    """Of one parameter."""
    return lambda y, p: distribution(name)(y, p[..., None])


def tweedie(rho):
    def theirs(y_true, y_pred):
        value = losses().DistributionLoss("Tweedie", rho=rho)(tensor(y_true), (tensor(y_pred), rho))
        return 2 * (value + tweedie_constant(y_true, rho))

    return theirs


def mixture(count, weighted):
    def theirs(y_true, y_pred):
        import torch

        logits, means, scales = np.split(np.asarray(y_pred, "float64"), 3, axis=-1)
        weights = torch.softmax(torch.tensor(logits), dim=-1)
        parameters = [torch.tensor(means), torch.tensor(scales), *([weights] if weighted else [])]
        there = losses().GMM(n_components=count, weighted=weighted)
        return there(tensor(y_true), [p[:, :, None] for p in parameters])

    return theirs


def of_total_count(mean, total_count):
    return total_count, mean / (total_count + mean)


def components(count, weighted):
    """Weight logits, means and scales for each target."""
    logits = normal(4, 3, count) if weighted else np.zeros((4, 3, count))
    return np.concatenate([logits, normal(4, 3, count), np.abs(normal(4, 3, count)) + 0.2], axis=-1)


COUNTED = np.stack([RATES + 0.1, SCALES + 0.3], axis=-1)
NUMBERS = {
    "MAE": [Number(loss("MAE"), Y, P)],
    "MSE": [Number(loss("MSE"), Y, P)],
    "RMSE": [Number(loss("RMSE"), Y, P)],
    "MAPE": [Number(loss("MAPE", 100), np.where(np.abs(Y) < 0.3, 1.5, Y), P)],
    "SMAPE": [Number(loss("SMAPE", 100), Y, P), Number(loss("SMAPE", 100), ZEROS, SIDES)],
    "MASE": [
        Number(of_history(1), HISTORIES, FORECASTS),
        Number(of_history(4), HISTORIES, FORECASTS, {"seasonality": 4}),
        Number(of_history(2), SERIES[..., 0], SERIES[:, :2, 1], {"seasonality": 2}),
    ],
    "QuantileLoss": [
        Number(loss("QuantileLoss", q=0.5), Y, P),
        Number(loss("QuantileLoss", q=0.9), Y, P, {"quantile": 0.9}),
        Number(loss("QuantileLoss", q=0.05), ZEROS, SIDES, {"quantile": 0.05}),
    ],
    "MQLoss": [
        Number(of_levels("MQLoss", 5), Y, normal(4, 3, 5)),
        Number(of_levels("MQLoss", 3, level=[50]), Y, normal(4, 3, 3), {"quantile": [0.5, 0.25, 0.75]}),
        Number(of_levels("MQLoss", 2, quantiles=[0.1, 0.7]), Y, normal(4, 3, 2), {"quantile": [0.1, 0.7]}),
    ],
    "HuberLoss": [
        Number(loss("HuberLoss"), Y, P),
        Number(loss("HuberLoss", delta=0.3), Y, P, {"delta": 0.3}),
    ],
    "HuberQLoss": [
        Number(loss("HuberQLoss", q=0.5), Y, P),
        Number(loss("HuberQLoss", 2, q=0.8, delta=0.5), Y, P, {"quantile": 0.8, "delta": 0.5}),
    ],
    'DistributionLoss(distribution="Normal")': [
        Number(distribution("Normal"), Y, np.stack([P, SCALES], axis=-1)),
        Number(distribution("Normal"), Y, np.stack([P, 0.01 * SCALES], axis=-1)),
    ],
    'DistributionLoss(distribution="StudentT")': [
        Number(
            distribution("StudentT", lambda m, s, v: (v, m, s)),
            Y,
            np.stack([P, SCALES, 3 + SCALES[::-1]], axis=-1),
        )
    ],
    'DistributionLoss(distribution="Poisson")': [Number(point("Poisson"), RARE, RATES)],
    'DistributionLoss(distribution="NegativeBinomial")': [
        Number(distribution("NegativeBinomial", of_total_count), COUNTS, COUNTED)
    ],
    'DistributionLoss(distribution="Bernoulli")': [Number(point("Bernoulli"), LABELS, PROBABILITIES)],
    'DistributionLoss(distribution="Tweedie")': [
        Number(tweedie(1.5), COUNTS, P),
        Number(tweedie(1.1), COUNTS + 0.5, P, {"power": 1.1}),
    ],
    "GMM": [
        Number(mixture(1, False), Y, components(1, False)),
        Number(mixture(2, False), Y, components(2, False)),
        Number(mixture(3, True), Y, components(3, True)),
    ],
    "NBMM": [Number(likelihood("NBMM", of_total_count, component=True), COUNTS, COUNTED)],
}
