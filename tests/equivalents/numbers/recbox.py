import numpy as np

from tests.equivalents.number import Number, draws

CHOSEN = np.eye(1, 5, dtype=int).repeat(4, axis=0)
COSINES = np.clip(draws(41)(4, 5, scale=0.5), -1, 1)


def cosine_contrastive(margin=0.0, weight=1.0):
    """One minus the cosine of the first item, and the mean excess of the others."""

    def theirs(_, cosines):
        others = np.maximum(cosines[:, 1:] - margin, 0)
        return np.mean(1 - cosines[:, 0] + weight * others.mean(axis=1))

    return theirs


NUMBERS = {
    "CosineContrastiveLoss": [
        Number(cosine_contrastive(), CHOSEN, COSINES),
        Number(cosine_contrastive(0.2, 4.0), CHOSEN, COSINES, {"margin": 0.2, "negative_weight": 4.0}),
    ]
}
