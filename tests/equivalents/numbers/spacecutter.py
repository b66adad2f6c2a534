import numpy as np

from tests.equivalents.number import Number, draws
from tests.equivalents.numbers.torch import tensor

IDS, SCORE = np.array([0, 4, 2, 3, 1, 4, 0, 2]), draws(42)(8, 1, scale=2)
CUTPOINTS = np.arange(4) - 2.0  # of its link, before it is trained


def function(probabilities, y_true):
    from spacecutter.losses import cumulative_link_loss

    return cumulative_link_loss(probabilities, y_true)


def layer(probabilities, y_true):
    from spacecutter.losses import CumulativeLinkLoss

    return CumulativeLinkLoss()(probabilities, y_true)


def summed(probabilities, y_true):
    from spacecutter.losses import CumulativeLinkLoss

    return CumulativeLinkLoss(reduction="sum")(probabilities, y_true)


def of(loss):
    """Of a score, or of eta, the cutpoints minus it."""

    def theirs(y_true, y_pred):
        from spacecutter.models import LogisticCumulativeLink

        score = y_pred if y_pred.shape[-1] == 1 else CUTPOINTS[0] - y_pred[:, :1]
        probabilities = LogisticCumulativeLink(5).double()(tensor(score).double())
        return loss(probabilities, tensor(y_true)[:, None])

    return theirs


def numbers(loss):
    scored = {"cutpoints": CUTPOINTS.tolist()}
    return [
        Number(of(loss), IDS, CUTPOINTS - SCORE),
        Number(of(loss), IDS, SCORE, scored),
        Number(of(loss), np.zeros(8, int), SCORE, scored),
        Number(of(loss), np.full(8, 4), SCORE, scored),
        Number(of(summed), IDS, SCORE, {**scored, "reduction": "sum"}),
    ]


NUMBERS = {"cumulative_link_loss": numbers(function), "CumulativeLinkLoss": numbers(layer)}
