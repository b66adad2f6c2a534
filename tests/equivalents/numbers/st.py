import sys

import numpy as np

from tests.equivalents.number import EMBEDDINGS, MEMBERS, PAIRS, TRIPLETS, Number, P, Y
from tests.equivalents.numbers.torch import tensor


def losses():
    sys.modules.setdefault("torchvision", None)  # which has no wheel beside this PyTorch
    from sentence_transformers.sentence_transformer import losses

    return losses


def loss(name, distance=None, **arguments):
    """On the embeddings `(N, D)` or `(N, k, D)`, which its model hands on."""

    def theirs(y_true, y_pred):
        import torch

        class Model(torch.nn.Module):
            def forward(self, features):
                return {"sentence_embedding": features}

        given = dict(arguments)
        if distance:
            given["distance_metric"] = getattr(getattr(losses(), distance[0]), distance[1])
        columns = [y_pred] if y_pred.ndim == 2 else list(np.moveaxis(y_pred, 1, 0))
        return getattr(losses(), name)(Model(), **given)([tensor(x) for x in columns], tensor(y_true))

    return theirs


def twice(name, **arguments):
    return lambda y_true, y_pred: 2 * loss(name, **arguments)(y_true, y_pred)


def of_batch(name, config=None, **arguments):
    """The number of a batch of labels and embeddings."""
    return Number(loss(name, **arguments), MEMBERS, EMBEDDINGS, config or {})


COSINE = {"distance": ("BatchHardTripletLossDistanceFunction", "cosine_distance"), "margin": 0.5}
COSINE_HERE = {"distance": "cosine", "margin": 0.5}
ALIKE = np.array([0, 1, 0, 1, 0])
FIRST = np.ones(5)

NUMBERS = {
    "BatchAllTripletLoss": [
        of_batch("BatchAllTripletLoss"),
        of_batch("BatchAllTripletLoss", {"margin": 0.5}, margin=0.5),
        of_batch("BatchAllTripletLoss", COSINE_HERE, **COSINE),
    ],
    "BatchHardSoftMarginTripletLoss": [of_batch("BatchHardSoftMarginTripletLoss")],
    "BatchHardTripletLoss": [
        of_batch("BatchHardTripletLoss"),
        of_batch("BatchHardTripletLoss", {"margin": 0.5}, margin=0.5),
        of_batch("BatchHardTripletLoss", COSINE_HERE, **COSINE),
    ],
    "BatchSemiHardTripletLoss": [
        of_batch("BatchSemiHardTripletLoss"),
        of_batch("BatchSemiHardTripletLoss", {"margin": 0.5}, margin=0.5),
        of_batch("BatchSemiHardTripletLoss", COSINE_HERE, **COSINE),
    ],
    "ContrastiveLoss": [
        Number(twice("ContrastiveLoss"), ALIKE, PAIRS),
        Number(twice("ContrastiveLoss", margin=1.2), ALIKE, PAIRS, {"margin": 1.2}),
    ],
    "MSELoss": [Number(loss("MSELoss"), Y, P)],
    "MultipleNegativesSymmetricRankingLoss": [
        Number(loss("MultipleNegativesSymmetricRankingLoss"), FIRST, PAIRS),
        Number(loss("MultipleNegativesSymmetricRankingLoss", scale=4.0), FIRST, PAIRS, {"temperature": 0.25}),
    ],
    "TripletLoss": [
        Number(loss("TripletLoss"), FIRST, TRIPLETS),
        Number(loss("TripletLoss", triplet_margin=0.5), FIRST, TRIPLETS, {"margin": 0.5}),
        Number(
            loss("TripletLoss", distance=("TripletDistanceMetric", "COSINE")),
            FIRST,
            TRIPLETS,
            {"distance": "cosine"},
        ),
    ],
}
