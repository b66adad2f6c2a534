"""The losses of TensorFlow Ranking's last version, whose layers need Keras 2."""

import numpy as np

from tests.equivalents.number import IDS, LABELS, LOGITS, ONE_HOT, Number, P, Y, draws, module_alone
from tests.equivalents.number import SCORES as BINARY_SCORES
from tests.equivalents.numbers.ranking import GRADES, ORDERS, SCORES


def losses():
    """The package as a whole loads estimators."""
    return module_alone("tensorflow_ranking.python.keras.losses")


def loss(name, **arguments):
    def theirs(y_true, y_pred):
        return getattr(losses(), name)(**arguments)(y_true.astype("float32"), y_pred.astype("float32"))

    return theirs


def lists(name, weight=None, **arguments):
    """The mean of `compute_per_list`, as both mean over pairs differently."""

    def theirs(y_true, y_pred):
        weights = {} if weight is None else {"lambda_weight": weight(losses())}
        there = getattr(losses().losses_impl, name)(name=None, **weights, **arguments)
        y_true, y_pred = y_true.astype("float32"), y_pred.astype("float32")
        return np.mean(there.compute_per_list(y_true, y_pred, None)[0])

    return theirs


def dcg(smooth_fraction):
    """Differences of the gains and discounts of DCG."""

    def weight(there):
        import tensorflow as tf

        return there.DCGLambdaWeight(
            gain_fn=lambda y: 2**y - 1,
            rank_discount_fn=lambda rank: 1 / tf.math.log1p(rank),
            normalized=True,
            smooth_fraction=smooth_fraction,
        )

    return weight


def logistic(config, weight=None):
    return Number(lists("PairwiseLogisticLoss", weight), GRADES, SCORES, config)


THRESHOLDS = draws(9)(5, 3)

NUMBERS = {
    "PairwiseHingeLoss": [Number(lists("PairwiseHingeLoss"), GRADES, SCORES)],
    "PairwiseLogisticLoss": [
        logistic({}),
        logistic({"lambda_weight": "lambdarank"}, dcg(1.0)),
        logistic({"lambda_weight": "ndcg_loss2"}, dcg(0.0)),
        logistic({"lambda_weight": "label_diff"}, lambda there: there.LabelDiffLambdaWeight()),
        logistic(
            {"lambda_weight": "precision", "topn": 2}, lambda there: there.PrecisionLambdaWeight(topn=2)
        ),
    ],
    "PairwiseSoftZeroOneLoss": [Number(lists("PairwiseSoftZeroOneLoss"), GRADES, SCORES)],
    "PairwiseMSELoss": [Number(lists("PairwiseMSELoss"), GRADES, SCORES)],
    "SoftmaxLoss": [Number(lists("SoftmaxLoss"), GRADES, SCORES)],
    "UniqueSoftmaxLoss": [Number(loss("UniqueSoftmaxLoss"), GRADES, SCORES)],
    "ListMLELoss": [Number(loss("ListMLELoss"), ORDERS, SCORES)],
    "ApproxNDCGLoss": [
        Number(loss("ApproxNDCGLoss"), GRADES, SCORES),
        Number(loss("ApproxNDCGLoss", temperature=0.5), GRADES, SCORES, {"temperature": 0.5}),
    ],
    "ApproxMRRLoss": [Number(loss("ApproxMRRLoss"), GRADES, SCORES)],
    "NeuralSortNDCGLoss": [Number(lists("NeuralSortNDCGLoss"), GRADES, SCORES)],
    "SigmoidCrossEntropyLoss": [Number(loss("SigmoidCrossEntropyLoss"), LABELS, BINARY_SCORES)],
    "MeanSquaredLoss": [Number(loss("MeanSquaredLoss"), np.abs(Y), P)],
    "OrdinalLoss": [
        Number(
            lambda y, p: loss("OrdinalLoss", ordinal_size=3)(y[None], p[None]),
            IDS,
            THRESHOLDS,
        )
    ],
    "PolyOneSoftmaxLoss": [Number(lists("PolyOneSoftmaxLoss"), ONE_HOT, LOGITS)],
}
