import numpy as np

from tests.equivalents.number import (
    DISTANCES,
    EMBEDDINGS,
    LOGITS,
    MEMBERS,
    ONE_HOT,
    PROBABILITIES,
    YES,
    YES_LOGITS,
    Number,
    P,
    Y,
    sigmoid,
)


def mean(name, **arguments):
    """The mean of what a loss of TensorFlow Addons returns."""

    def theirs(y_true, y_pred):
        import tensorflow_addons

        loss = getattr(tensorflow_addons.losses, name)(**arguments)
        return np.mean(loss(y_true.astype("float32"), y_pred.astype("float32")))

    return theirs


PAIRS = np.array([[1.0], [0.0], [0.0], [1.0], [0.0]])


def of_batch(name, config=None, **arguments):
    """The number of a batch of labels and embeddings."""
    return Number(mean(name, **arguments), MEMBERS, EMBEDDINGS, config or {})


NUMBERS = {
    "ContrastiveLoss": [
        Number(mean("ContrastiveLoss"), PAIRS, DISTANCES),
        Number(mean("ContrastiveLoss", margin=2.0), PAIRS, DISTANCES, {"margin": 2.0}),
    ],
    "LiftedStructLoss": [
        of_batch("LiftedStructLoss"),
        of_batch("LiftedStructLoss", {"margin": 0.4}, margin=0.4),
    ],
    "PinballLoss": [
        Number(mean("PinballLoss"), Y, P),
        Number(mean("PinballLoss", tau=0.9), Y, P, {"quantile": 0.9}),
    ],
    "SigmoidFocalCrossEntropy": [
        Number(mean("SigmoidFocalCrossEntropy"), YES, np.round(sigmoid(YES_LOGITS), 4)),
        Number(
            mean("SigmoidFocalCrossEntropy", from_logits=True, alpha=0.4, gamma=1.5),
            YES,
            YES_LOGITS,
            {"from_logits": True, "alpha": 0.4, "gamma": 1.5},
        ),
    ],
    "SparsemaxLoss": [Number(mean("SparsemaxLoss"), ONE_HOT, LOGITS)],
    "TripletHardLoss": [
        of_batch("TripletHardLoss"),
        of_batch("TripletHardLoss", {"margin": 0.4}, margin=0.4),
        of_batch("TripletHardLoss", {"distance": "squared_euclidean"}, distance_metric="squared-L2"),
        of_batch("TripletHardLoss", {"distance": "cosine"}, distance_metric="angular"),
    ],
    "TripletHardLoss(soft=True)": [of_batch("TripletHardLoss", soft=True)],
    "TripletSemiHardLoss": [
        of_batch("TripletSemiHardLoss"),
        of_batch("TripletSemiHardLoss", {"margin": 0.4}, margin=0.4),
        of_batch("TripletSemiHardLoss", {"distance": "squared_euclidean"}, distance_metric="squared-L2"),
        of_batch("TripletSemiHardLoss", {"distance": "cosine"}, distance_metric="angular"),
    ],
    "WeightedKappaLoss": [
        Number(mean("WeightedKappaLoss", num_classes=4), ONE_HOT, PROBABILITIES),
        Number(
            mean("WeightedKappaLoss", num_classes=4, weightage="linear", epsilon=0.1),
            ONE_HOT,
            PROBABILITIES,
            {"weightage": "linear", "epsilon": 0.1},
        ),
    ],
}
