"""TensorFlow Recommenders' formula, as its documentation has it: its last version needs Keras 2."""

import numpy as np

from tests.equivalents.number import Number, draws


def retrieval(y_true, y_pred, temperature=1.0, hits=False, hardest=None):
    ids, p = y_true.T if y_true.ndim == 2 else (y_true, np.ones(len(y_true)))
    scores = y_pred[:, 0] @ y_pred[:, 1].T / temperature - np.log(np.clip(p, 1e-6, 1.0))
    total = 0
    for i, row in enumerate(scores):
        others = [x for j, x in enumerate(row) if j != i and not (hits and ids[j] == ids[i])]
        others = sorted(others)[-hardest:] if hardest else others
        total += np.log(np.sum(np.exp([row[i], *others]))) - row[i]
    return total


IDS, TOWERS = np.array([3, 1, 3, 2, 0]), draws(8)(5, 2, 3)
SAMPLED = np.stack([IDS, [0.5, 0.1, 0.5, 0.9, 0.05]], axis=1)

NUMBERS = {
    "Retrieval": [
        Number(retrieval, IDS, TOWERS),
        Number(retrieval, SAMPLED, TOWERS),
        Number(
            lambda y, p: retrieval(y, p, 0.5, True, 2),
            IDS,
            TOWERS,
            {"temperature": 0.5, "remove_accidental_hits": True, "num_hard_negatives": 2},
        ),
    ]
}
