import itertools

import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(42)
Y, P, SOURCES, ESTIMATES = normal(3, 12), normal(3, 12), normal(3, 3, 8), normal(3, 3, 8)
FORMULAS = ("PITLossWrapper", 'MultiSrcNegSDR("sisdr")')
"""What is computed from its documentation: the package imports much more with it."""


def of(kind, **arguments):
    def theirs(y_true, y_pred):
        import importlib.util
        import pathlib

        import torch

        # The file alone: its package imports speech metrics and training loops.
        root = pathlib.Path(importlib.util.find_spec("asteroid").submodule_search_locations[0])
        spec = importlib.util.spec_from_file_location("asteroid_sdr", root / "losses" / "sdr.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        tensors = (torch.tensor(np.asarray(x, "float32")) for x in (y_pred, y_true))
        return module.SingleSrcNegSDR(kind, **arguments)(*tensors).mean()

    return theirs


def of_pairs(y_true, y_pred):
    """The mean square of the best permutation of each sample."""
    squares = ((np.asarray(y_true)[:, :, None] - np.asarray(y_pred)[:, None]) ** 2).mean(axis=-1)
    orders = itertools.permutations(range(3))
    return np.min([squares[:, range(3), order].mean(axis=1) for order in orders], axis=0).mean()


def ratio(y, p):
    """Minus the decibels of one signal and its estimate, without their means."""
    y, p = y - np.mean(y), p - np.mean(p)
    wanted = (y @ p) / (y @ y) * y
    return -10 * np.log10((wanted @ wanted) / ((p - wanted) @ (p - wanted)))


def of_sources(y_true, y_pred):
    pairs = zip(y_true.reshape(-1, 8), y_pred.reshape(-1, 8), strict=True)
    return np.mean([ratio(*pair) for pair in pairs])


def best_ratios(y_true, y_pred):
    """The mean ratio of the best permutation of each sample."""
    found = []
    for sources, estimates in zip(y_true, y_pred, strict=True):
        orders = itertools.permutations(range(3))
        found.append(
            min(
                np.mean([ratio(*pair) for pair in zip(sources, estimates[list(o)], strict=True)])
                for o in orders
            )
        )
    return np.mean(found)


NUMBERS = {
    'SingleSrcNegSDR("sisdr")': [
        Number(of("sisdr"), Y, P),
        Number(of("sisdr", zero_mean=False), Y, P, {"zero_mean": False}),
    ],
    'SingleSrcNegSDR("snr")': [Number(of("snr"), Y, P)],
    'MultiSrcNegSDR("sisdr")': [Number(of_sources, SOURCES, SOURCES + ESTIMATES)],
    "PITLossWrapper": [
        Number(of_pairs, SOURCES, ESTIMATES, {"loss": "MeanSquaredError"}),
        Number(best_ratios, SOURCES, ESTIMATES, {"loss": "ScaleInvariantSDR"}),
    ],
}
