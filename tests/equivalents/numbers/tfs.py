import numpy as np

from tests.equivalents.number import EMBEDDINGS, MEMBERS, Number, module_alone
from tests.equivalents.numbers.pml import unit


def losses():
    """The package imports indexes, which have no wheels for this Python."""
    return module_alone("tensorflow_similarity.losses")


def loss(name, **arguments):
    def theirs(y_true, y_pred):
        there = getattr(losses(), name)(**arguments)
        return np.asarray(there(y_true.astype("int32"), y_pred.astype("float32")))

    return theirs


ON_SPHERE, ALONE = unit(EMBEDDINGS), np.array([0, 0, 1, 1, 1, 2, 2, 3])

NUMBERS = {
    "MultiSimilarityLoss": [
        Number(loss("MultiSimilarityLoss"), MEMBERS, ON_SPHERE),
        Number(
            loss("MultiSimilarityLoss", alpha=3.0, beta=10.0, epsilon=-0.2, lmda=0.3),
            MEMBERS,
            ON_SPHERE,
            {"alpha": 3.0, "beta": 10.0, "mining_margin": -0.2, "base": 0.3},
        ),
    ],
    "SoftNearestNeighborLoss": [
        Number(loss("SoftNearestNeighborLoss"), ALONE, EMBEDDINGS),
        Number(loss("SoftNearestNeighborLoss", temperature=5.0), ALONE, EMBEDDINGS, {"temperature": 5.0}),
    ],
    'TripletLoss(negative_mining_strategy="hard")': [
        Number(loss("TripletLoss", negative_mining_strategy="hard"), MEMBERS, ON_SPHERE),
        Number(
            loss("TripletLoss", negative_mining_strategy="hard", margin=0.5),
            MEMBERS,
            ON_SPHERE,
            {"margin": 0.5, "soft": False},
        ),
    ],
}
