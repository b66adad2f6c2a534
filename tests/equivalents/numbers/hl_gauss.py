import numpy as np

from tests.equivalents.number import Number, draws
from tests.equivalents.numbers.torch import tensor

normal = draws(82)
TARGETS = np.array([-2.0, 0.31, 0.9, 2.4, 3.0])  # both ends of the range among them
OUTSIDE, LOGITS = 2 * TARGETS, normal(5, 6)
SEVERAL, THEIR_LOGITS = normal(3, 2), normal(3, 2, 6)
RANGE = {"min_value": -2.0, "max_value": 3.0}
WIDTH = 5 / 6


def of(low=-2.0, high=3.0, support=False, **arguments):
    """Its number, of six bins."""

    def theirs(y_true, y_pred):
        import hl_gauss_pytorch

        given = {"clamp_to_range": True, "warn_out_of_range": False, **arguments}
        if support:
            loss = hl_gauss_pytorch.HLGaussLossFromSupport(tensor(np.linspace(low, high, 7)), **given)
        else:
            loss = hl_gauss_pytorch.HLGaussLoss(low, high, 6, **given)
        return loss(tensor(y_pred), tensor(y_true))

    return theirs


def numbers(**how):
    """Of its `sigma`, and of others; of numbers outside of the range, and of several for each sample."""
    return [
        Number(of(**how), TARGETS, LOGITS, {**RANGE, "sigma": 2 * WIDTH}),
        Number(of(sigma_to_bin_ratio=0.75, **how), TARGETS, LOGITS, RANGE),
        Number(of(sigma=0.1, **how), TARGETS, LOGITS, {**RANGE, "sigma": 0.1}),
        Number(of(**how), OUTSIDE, LOGITS, {**RANGE, "sigma": 2 * WIDTH}),
        Number(of(sigma=0.5, **how), SEVERAL, THEIR_LOGITS, {**RANGE, "sigma": 0.5}),
    ]


NUMBERS = {
    "HLGaussLoss": [
        *numbers(),
        Number(
            of(sigma=0.5, min_max_value_on_bin_center=True),
            TARGETS,
            LOGITS,
            {"min_value": -2.5, "max_value": 3.5, "sigma": 0.5},
        ),
        Number(of(sigma=0.5, clamp_to_range=False), TARGETS, LOGITS, {**RANGE, "sigma": 0.5}),
    ],
    "HLGaussLossFromSupport": numbers(support=True),
}
