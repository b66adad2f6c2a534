import itertools

import numpy as np

from tests.equivalents.number import (
    DISTANCES,
    EMBEDDINGS,
    LOGITS,
    MEMBERS,
    ONE_HOT,
    PACKED,
    PROBABILITIES,
    TAGS,
    WORDS,
    YES,
    YES_LOGITS,
    Number,
    P,
    Y,
    draws,
    sigmoid,
    softmax,
)
from tests.equivalents.numbers._boxes import PRED, TRUE, each, giou, iou

normal = draws(6)
YX = [1, 0, 3, 2]


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


WORD_SCORES = normal(3, 3, 4)


def sequence_loss(y_true, y_pred):
    """The mean over the tokens of weight 1, in NumPy."""
    picked = np.take_along_axis(softmax(y_pred), np.maximum(y_true, 0)[..., None], axis=-1)[..., 0]
    weights = y_true >= 0
    return np.sum(-np.log(picked) * weights) / np.sum(weights)


def crf_log_likelihood(y_true, y_pred):
    """Times -1, the sum over all chains of tags, in NumPy."""
    values = []
    for tags, rows in zip(y_true, y_pred, strict=True):
        tags = tags[tags >= 0]
        transitions, emissions = rows[:3], rows[5 : 5 + len(tags)]
        chains = np.array(list(itertools.product(range(3), repeat=len(tags))))
        place = np.arange(len(tags))

        def score(z, transitions=transitions, emissions=emissions, place=place):
            return emissions[place, z].sum(axis=-1) + transitions[z[..., :-1], z[..., 1:]].sum(axis=-1)

        values.append(np.log(np.sum(np.exp(score(chains)))) - score(tags))
    return np.mean(values)


def npairs(y_true, y_pred):
    """The cross-entropy of each row of similarities against its shares of common labels, in NumPy."""
    labels = y_true if y_true.ndim == 2 else y_true[:, None] == np.unique(y_true)
    common = labels.astype(float) @ labels.T.astype(float)
    shares = common / common.sum(axis=1, keepdims=True)
    return -np.mean(np.sum(shares * np.log(softmax(y_pred)), axis=1))


SIMILARITIES, TOPICS = normal(5, 5), np.array([[1, 0, 1], [1, 1, 0], [0, 1, 0], [1, 1, 1], [0, 0, 1]])
FORMULAS = (
    "NpairsLoss",
    "NpairsMultilabelLoss",
    "SequenceLoss",
    "sequence_loss",
    "crf_log_likelihood",
    "GIoULoss",
    'GIoULoss(mode="iou")',
)
UNBOUNDED = PACKED.copy()
UNBOUNDED[:, 3:5] = 0
NUMBERS = {
    "GIoULoss": [Number(each(giou, YX), TRUE, PRED)],
    'GIoULoss(mode="iou")': [Number(each(iou, YX), TRUE, PRED)],
    "SequenceLoss": [Number(sequence_loss, WORDS, WORD_SCORES, {"ignore_class": -1})],
    "sequence_loss": [Number(sequence_loss, WORDS, WORD_SCORES, {"ignore_class": -1})],
    "crf_log_likelihood": [Number(crf_log_likelihood, TAGS, UNBOUNDED)],
    "ContrastiveLoss": [
        Number(mean("ContrastiveLoss"), PAIRS, DISTANCES),
        Number(mean("ContrastiveLoss", margin=2.0), PAIRS, DISTANCES, {"margin": 2.0}),
    ],
    "LiftedStructLoss": [
        of_batch("LiftedStructLoss"),
        of_batch("LiftedStructLoss", {"margin": 0.4}, margin=0.4),
    ],
    "NpairsLoss": [Number(npairs, np.array([0, 1, 0, 2, 1]), SIMILARITIES)],
    "NpairsMultilabelLoss": [Number(npairs, TOPICS, SIMILARITIES)],
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
