from unittest import mock

import numpy as np

from tests.equivalents.number import IDS, LOGITS, ONE_HOT, PROBABILITIES, SOFT, Number, draws
from tests.equivalents.numbers.torch import tensor


def loss(name, root=False, **arguments):
    """Its number, or the root of it."""

    def theirs(y_true, y_pred):
        from pytorch_adapt import layers

        value = getattr(layers, name)(**arguments)(tensor(y_true), tensor(y_pred))
        return value**0.5 if root else value

    return theirs


def labelled(name):
    """It takes the prediction first."""
    return lambda y_true, y_pred: loss(name)(y_pred, y_true)


def kernels(name, scales, **arguments):
    return lambda y, p: loss(name, kernel_scales=tensor(scales), **arguments)(y, p)


def discrepancy(y_true, y_pred):
    """Its logits are the logarithms of these probabilities."""
    return loss("MCDLoss")(np.log(y_true), np.log(y_pred))


def directions(width, count, device):
    """Those of a seed of 0, instead of new ones at every call."""
    return tensor(np.random.default_rng(0).standard_normal((count, width))).T


def sliced(y_true, y_pred):
    import torch

    with mock.patch.object(torch, "randn", directions):
        return loss("SlicedWasserstein", root=True)(y_true, y_pred)


normal = draws(101)
SOURCE, TARGET = normal(6, 3), normal(6, 3, scale=1.5) + 0.5
FEWER = TARGET[:4]
QUADRATIC = {"mmd_type": "quadratic"}
SCALES = np.array([0.5, 1.0, 2.0])
BANDWIDTHS = {"bandwidth": np.sqrt(3 / (2 * SCALES)).tolist()}


def discrepancies(name, **arguments):
    return [
        Number(loss(name, bandwidth=2.0, **arguments), SOURCE, TARGET, {"bandwidth": 1.0}),
        Number(kernels(name, SCALES, bandwidth=3.0, **arguments), SOURCE, FEWER, BANDWIDTHS),
    ]


NUMBERS = {
    "CORALLoss": [Number(loss("CORALLoss"), SOURCE, TARGET), Number(loss("CORALLoss"), SOURCE, FEWER)],
    'MMDLoss(mmd_type="quadratic")': discrepancies("MMDLoss", **QUADRATIC),
    "MMDBatchedLoss": discrepancies("MMDBatchedLoss", batch_size=3, **QUADRATIC),
    "SlicedWasserstein": [Number(sliced, SOURCE, TARGET)],
    "MCDLoss": [Number(discrepancy, SOFT, PROBABILITIES)],
    "UniformDistributionLoss": [Number(labelled("UniformDistributionLoss"), ONE_HOT, LOGITS)],
    "NLLLoss": [Number(labelled("NLLLoss"), IDS, PROBABILITIES)],
}
