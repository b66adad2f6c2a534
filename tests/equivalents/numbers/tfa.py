import numpy as np

from tests.equivalents.number import (
    DISTANCES,
    LOGITS,
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

NUMBERS = {
    "ContrastiveLoss": [
        Number(mean("ContrastiveLoss"), PAIRS, DISTANCES),
        Number(mean("ContrastiveLoss", margin=2.0), PAIRS, DISTANCES, {"margin": 2.0}),
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
