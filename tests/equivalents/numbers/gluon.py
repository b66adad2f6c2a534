import numpy as np

from tests.equivalents.number import (
    ALIKE,
    COUNTS,
    FRAMES,
    IDS,
    LABELS,
    LOGITS,
    PAIRS,
    RATES,
    SCORES,
    SIGNS,
    SOFT,
    TRIPLETS,
    WORDS_BLANK_LAST,
    Number,
    P,
    Y,
    softmax,
)


def call(name, *arrays, **arguments):
    from mxnet import gluon, nd

    loss = getattr(gluon.loss, name)(**arguments)
    return loss(*(nd.array(np.asarray(x), dtype="float32") for x in arrays)).asnumpy()


def mean(name, **arguments):
    """The mean of Gluon's values, one for each sample; it takes the prediction first."""
    return lambda y, p: np.mean(call(name, p, y, **arguments))


def stacked(name, labelled=True, **arguments):
    def theirs(y_true, y_pred):
        parts = list(np.moveaxis(y_pred, 1, 0))
        return np.mean(call(name, *parts, *([y_true] if labelled else []), **arguments))

    return theirs


BCE = Number(mean("SigmoidBinaryCrossEntropyLoss"), LABELS, SCORES)
CE = Number(mean("SoftmaxCrossEntropyLoss"), IDS, LOGITS)
SURE = np.array([[0.0, 1.0], [0.5, 2e-9], [1.0, 0.3]])  # a probability of almost 0 shows the epsilon

NUMBERS = {
    "L2Loss": [Number(mean("L2Loss"), Y, P)],
    "L1Loss": [Number(mean("L1Loss"), Y, P)],
    "HuberLoss": [
        Number(mean("HuberLoss"), Y, P),
        Number(mean("HuberLoss", rho=0.6), Y, P, {"beta": 0.6}),
    ],
    "SigmoidBinaryCrossEntropyLoss": [BCE],
    "SigmoidBCELoss": [BCE],
    "SigmoidBinaryCrossEntropyLoss(from_sigmoid=True)": [
        Number(
            mean("SigmoidBinaryCrossEntropyLoss", from_sigmoid=True), np.array([[0, 1], [1, 1], [1, 0]]), SURE
        )
    ],
    "SoftmaxCrossEntropyLoss": [CE],
    "SoftmaxCELoss": [CE],
    "SoftmaxCrossEntropyLoss(sparse_label=False)": [
        Number(mean("SoftmaxCrossEntropyLoss", sparse_label=False), SOFT, LOGITS)
    ],
    "SoftmaxCrossEntropyLoss(from_logits=True)": [
        Number(mean("SoftmaxCrossEntropyLoss", from_logits=True), IDS, np.round(np.log(softmax(LOGITS)), 4))
    ],
    "HingeLoss": [
        Number(mean("HingeLoss"), SIGNS, SCORES),
        Number(mean("HingeLoss", margin=2), SIGNS, SCORES, {"margin": 2.0}),
    ],
    "SquaredHingeLoss": [
        Number(mean("SquaredHingeLoss"), SIGNS, SCORES),
        Number(mean("SquaredHingeLoss", margin=2), SIGNS, SCORES, {"margin": 2.0}),
    ],
    "LogisticLoss": [
        Number(mean("LogisticLoss"), SIGNS, SCORES),
        Number(mean("LogisticLoss", label_format="binary"), LABELS, SCORES, {"label_format": "binary"}),
    ],
    "KLDivLoss": [
        Number(lambda y, p: mean("KLDivLoss", from_logits=False)(y, p), SOFT, LOGITS),
        Number(lambda y, p: mean("KLDivLoss")(y, p), SOFT, np.round(np.log(softmax(LOGITS)), 4)),
    ],
    "CTCLoss": [Number(mean("CTCLoss"), WORDS_BLANK_LAST, FRAMES)],
    "TripletLoss": [
        Number(stacked("TripletLoss", labelled=False), ALIKE, TRIPLETS),
        Number(stacked("TripletLoss", labelled=False, margin=3), ALIKE, TRIPLETS, {"margin": 3.0}),
    ],
    "PoissonNLLLoss": [
        Number(mean("PoissonNLLLoss"), COUNTS, P),
        Number(mean("PoissonNLLLoss", compute_full=True), COUNTS + 1, P, {"full": "stirling"}),
    ],
    "PoissonNLLLoss(from_logits=False)": [Number(mean("PoissonNLLLoss", from_logits=False), COUNTS, RATES)],
    "CosineEmbeddingLoss": [
        Number(stacked("CosineEmbeddingLoss"), ALIKE, PAIRS),
        Number(stacked("CosineEmbeddingLoss", margin=0.2), ALIKE, PAIRS, {"margin": 0.2}),
    ],
    "SDMLLoss": [
        Number(stacked("SDMLLoss", labelled=False), ALIKE, PAIRS),
        Number(
            stacked("SDMLLoss", labelled=False, smoothing_parameter=0.1),
            ALIKE,
            PAIRS,
            {"label_smoothing": 0.1},
        ),
    ],
}
