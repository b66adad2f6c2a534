import numpy as np

from tests.equivalents.number import EMBEDDINGS, MEMBERS, PAIRS, TRIPLETS, Number
from tests.equivalents.numbers.torch import tensor


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def call(name, *arguments, ref_emb=None, **options):
    import pytorch_metric_learning.losses

    loss = getattr(pytorch_metric_learning.losses, name)(**options)
    return loss(*arguments) if ref_emb is None else loss(*arguments, ref_emb=ref_emb)


def circle(**options):
    return lambda y, p: call("CircleLoss", tensor(p), tensor(y), **options)


def of_triplets(**options):
    """Of the given triplets, all of which cost something here."""

    def theirs(_, y_pred):
        import torch

        roles = tuple(torch.arange(len(y_pred)) + i * len(y_pred) for i in range(3))
        rows = tensor(np.concatenate(np.moveaxis(y_pred, 1, 0)))
        return call("TripletMarginLoss", rows, None, roles, **options)

    return theirs


def of_pairs(y_true, y_pred):
    """Half of the sum of two means, that of 2 similar pairs and that of 2 others."""
    import torch

    n, alike = len(y_pred), torch.tensor(y_true > 0)
    left, right = torch.arange(n), torch.arange(n) + n
    rows = tensor(np.concatenate(np.moveaxis(y_pred, 1, 0)))
    indices = left[alike], right[alike], left[~alike], right[~alike]
    return call("ContrastiveLoss", rows, None, indices) / 2


def vicreg(**options):
    def theirs(_, y_pred):
        one, other = (tensor(x) for x in np.moveaxis(y_pred, 1, 0))
        return call("VICRegLoss", one, ref_emb=other, **options)

    return theirs


UNIT = np.round(unit(TRIPLETS), 5)
COSTLY = np.stack([UNIT[:, 0], -UNIT[:, 0][:, [1, 2, 0]], UNIT[:, 2] + UNIT[:, 0]], axis=1)
COSTLY = unit(COSTLY)
NEAR = unit(np.stack([PAIRS[:4, 0], PAIRS[:4, 0] + 0.3 * PAIRS[:4, 1]], axis=1))

NUMBERS = {
    "CircleLoss": [
        Number(circle(), MEMBERS, EMBEDDINGS),
        Number(circle(m=0.25, gamma=16), MEMBERS, EMBEDDINGS, {"margin": 0.25, "gamma": 16.0}),
    ],
    "ContrastiveLoss": [Number(of_pairs, np.array([1, 0, 0, 1]), NEAR)],
    "VICRegLoss": [
        Number(vicreg(), np.zeros(5), PAIRS),
        Number(
            vicreg(invariance_lambda=1, variance_mu=50, covariance_v=2, eps=0.1),
            np.zeros(5),
            0.5 * PAIRS,
            {"invariance_weight": 1.0, "variance_weight": 50.0, "covariance_weight": 2.0, "epsilon": 0.1},
        ),
    ],
    "TripletMarginLoss": [Number(of_triplets(), np.zeros(5), COSTLY)],
}
