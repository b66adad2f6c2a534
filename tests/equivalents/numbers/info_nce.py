import numpy as np

from tests.equivalents.number import Number, draws
from tests.equivalents.numbers.torch import tensor

normal = draws(81)
TWO, MORE, COSINES = normal(5, 2, 4), normal(5, 5, 4), np.clip(normal(5, 4, scale=0.3), -0.49, 0.49)
ANYTHING = np.zeros(5)


def of(**arguments):
    """Of query and key, and of the negatives behind them if there are any."""

    def theirs(y_true, y_pred):
        from info_nce import InfoNCE

        query, key, negatives = (tensor(x) for x in (y_pred[:, 0], y_pred[:, 1], y_pred[:, 2:]))
        return InfoNCE(**arguments)(query, key, *([negatives] if negatives.shape[1] else []))

    return theirs


def unpaired(**arguments):
    """Of vectors that have these cosines: unit vectors of the axes, and queries of these coordinates."""

    def theirs(y_true, y_pred):
        from info_nce import InfoNCE

        rest = np.sqrt(1 - np.sum(np.square(y_pred), axis=1, keepdims=True))
        axes = np.eye(y_pred.shape[1] + 1)
        query, keys = np.concatenate([y_pred, rest], axis=1), np.tile(axes[:1], (len(y_pred), 1))
        return InfoNCE(**arguments)(tensor(3 * query), tensor(keys), tensor(2 * axes[1:-1]))

    return theirs


NUMBERS = {
    "InfoNCE": [
        Number(of(), ANYTHING, TWO),
        Number(of(temperature=0.5), ANYTHING, TWO, {"temperature": 0.5}),
        Number(of(reduction="sum"), ANYTHING, TWO, {"reduction": "sum"}),
        Number(unpaired(), ANYTHING, COSINES),
        Number(unpaired(temperature=2.0), ANYTHING, COSINES, {"temperature": 2.0}),
    ],
    'InfoNCE(negative_mode="paired")': [
        Number(of(negative_mode="paired"), ANYTHING, MORE),
        Number(of(negative_mode="paired", temperature=0.7), ANYTHING, MORE, {"temperature": 0.7}),
        Number(of(negative_mode="paired"), ANYTHING, MORE[:, :3]),
    ],
}
