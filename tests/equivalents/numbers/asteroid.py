import itertools

import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(42)
Y, P, SOURCES, ESTIMATES = normal(3, 12), normal(3, 12), normal(3, 3, 8), normal(3, 3, 8)
FORMULAS = ("PITLossWrapper",)
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


NUMBERS = {
    'SingleSrcNegSDR("sisdr")': [
        Number(of("sisdr"), Y, P),
        Number(of("sisdr", zero_mean=False), Y, P, {"zero_mean": False}),
    ],
    'SingleSrcNegSDR("snr")': [Number(of("snr"), Y, P)],
    "PITLossWrapper": [Number(of_pairs, SOURCES, ESTIMATES, {"loss": "MeanSquaredError"})],
}
