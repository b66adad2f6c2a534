"""The numbers that the documentation of other systems prints, or whose inputs it prints."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient

FLOAT32_EPS = 1.1920929e-7


def softmax(x):
    x = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return x / x.sum(axis=-1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x)))


def column(*x):
    return np.array(x, "float32")[:, None]


Y123 = np.array([1.0, 2.0, 3.0])
FLUX_CLASSES = np.array([1, 1, 1, 0, 1, 0])
FLUX_ONE_HOT = np.eye(2)[FLUX_CLASSES]
FIVE = np.array([0, 1, 2, 1, 0]), softmax(np.tile([-7.0, -6, -5], (5, 1)))
SEVEN_IDS = np.array([0, 1, 2, 0, 1, 0, 0])
SEVEN = np.array(
    [[-9, -8, -7], [-6, -5, -4], [-3, -2, -1], [0, 0, 1], [2, 3, 4], [5, 6, 7], [8, 9, 7.5]], "float64"
)
MARGINS = np.array([1, -1, 1, 1]), np.array([0.1, 0.3, 1, 1.5])
COMPASS = np.array([1.0, 2, 3, 4]), np.array([1.5, 2, 1, 7])
NEURENIX = np.array([0, 1, 2]), np.array([[2, 1, 0.1], [0.1, 3, 0.2], [0.5, 0.3, 2.5]])
MSE_PAIR = np.array([[1.5, 2.5], [3.5, 4.5]]), np.array([[1.0, 2], [3, 4]])
BINARY = np.array([1, 0, 1, 0])
BINARY_LOGITS = np.array([2, -1, 1.5, -2])
ENTRIES = {"reduction": None}

# (name, loss, y_true, y_pred, sample_weight, value of the definition)
FLUX = [
    ("mae", K.MeanAbsoluteError(), Y123, [1.1, 1.9, 3.1], None, 0.1),
    ("mse", K.MeanSquaredError(), Y123, [1.1, 1.9, 3.1], None, 0.01),
    (
        "msle",
        K.MeanSquaredLogarithmicError(offset=FLOAT32_EPS, epsilon=0.0),
        Y123,
        [1.1, 2.2, 3.3],
        None,
        0.009084029112,
    ),
    (
        "msle below",
        K.MeanSquaredLogarithmicError(offset=FLOAT32_EPS, epsilon=0.0),
        Y123,
        [0.9, 1.8, 2.7],
        None,
        0.011100836554,
    ),
    ("msle of Keras", K.MeanSquaredLogarithmicError(), Y123, [1.1, 2.2, 3.3], None, 0.0039253),
    ("huber", K.Huber(), Y123, [1.1, 2.1, 3.1], None, 0.005),
    ("huber delta", K.Huber(delta=0.05), Y123, [1.1, 2.1, 3.1], None, 0.00375),
    (
        "crossentropy",
        K.CategoricalCrossentropy(),
        FLUX_ONE_HOT,
        softmax(FLUX_ONE_HOT * np.log(2)),
        None,
        0.405465,
    ),
    (
        "crossentropy of smoothed labels",
        K.CategoricalCrossentropy(label_smoothing=0.2),
        FLUX_ONE_HOT,
        softmax(FLUX_ONE_HOT * np.log(2)),
        None,
        0.474780,
    ),
    (
        "crossentropy, swapped",
        K.CategoricalCrossentropy(),
        FLUX_ONE_HOT,
        softmax(FLUX_ONE_HOT * np.log(2))[:, ::-1],
        None,
        1.098612,
    ),
    (
        "crossentropy of smoothed labels, swapped",
        K.CategoricalCrossentropy(label_smoothing=0.2),
        FLUX_ONE_HOT,
        softmax(FLUX_ONE_HOT * np.log(2))[:, ::-1],
        None,
        1.029298,
    ),
    ("crossentropy eps", K.CategoricalCrossentropy(epsilon=FLOAT32_EPS), *FIVE, None, 1.6076052041),
    ("crossentropy default", K.CategoricalCrossentropy(), *FIVE, None, 1.6076060),
    (
        "crossentropy sum",
        K.CategoricalCrossentropy(epsilon=FLOAT32_EPS, reduction="sum"),
        *FIVE,
        None,
        8.038026021,
    ),
    (
        "crossentropy smoothed",
        K.CategoricalCrossentropy(label_smoothing=0.15, epsilon=FLOAT32_EPS),
        *FIVE,
        None,
        1.5776052187,
    ),
    ("logitcrossentropy", K.CategoricalCrossentropy(from_logits=True), SEVEN_IDS, SEVEN, None, 1.5791204743),
    (
        "logitcrossentropy sparse",
        K.SparseCategoricalCrossentropy(from_logits=True),
        SEVEN_IDS,
        SEVEN,
        None,
        1.5791204743,
    ),
    (
        "crossentropy of softmax",
        K.CategoricalCrossentropy(epsilon=FLOAT32_EPS),
        SEVEN_IDS,
        softmax(SEVEN),
        None,
        1.5791197772,
    ),
    (
        "binarycrossentropy",
        K.BinaryCrossentropy(epsilon=FLOAT32_EPS),
        [1, 0, 1],
        [0.7310586, 0.5, 0.7310586],
        None,
        0.4398899970,
    ),
    (
        "crossentropy of two classes",
        K.CategoricalCrossentropy(),
        [1, 0, 1],
        [[0.2689414, 0.7310586], [0.5, 0.5], [0.2689414, 0.7310586]],
        None,
        0.4398899970,
    ),
    (
        "logitbinarycrossentropy",
        K.BinaryCrossentropy(from_logits=True),
        [1, 0, 1],
        [2, -1, np.pi],
        None,
        0.1608319842,
    ),
    (
        "binarycrossentropy of sigmoid",
        K.BinaryCrossentropy(epsilon=FLOAT32_EPS),
        [1, 0, 1],
        sigmoid([2, -1, np.pi]),
        None,
        0.1608318433,
    ),
    # The documentation's formula divides by size(y, 2); the number it prints is the mean.
    ("hinge", K.Hinge(), *MARGINS, None, 0.55),
    ("hinge entries", K.Hinge(**ENTRIES), *(x[:, None] for x in MARGINS), None, [0.9, 1.3, 0, 0]),
    ("squared hinge", K.SquaredHinge(), *MARGINS, None, 0.625),
    ("squared entries", K.SquaredHinge(**ENTRIES), *(x[:, None] for x in MARGINS), None, [0.81, 1.69, 0, 0]),
    ("test mse", K.MeanSquaredError(), [1, 1, 0, 0], [0.9, 0.1, 0.1, 0.9], None, 0.41),
    ("test mae", K.MeanAbsoluteError(), [1, 1, 0, 0], [0.9, 0.1, 0.1, 0.9], None, 0.5),
    ("test huber", K.Huber(), [1, 1, 0, 0], [0.9, 0.1, 0.1, 0.9], None, 0.205),
    (
        "test msle",
        K.MeanSquaredLogarithmicError(offset=FLOAT32_EPS, epsilon=0.0),
        [123, 456, 789],
        [345, 332, 789],
        None,
        0.38813985859,
    ),
    ("agg identity", K.MeanAbsoluteError(**ENTRIES), column(1, 2, 3), column(1.1, 1.9, 3.1), None, [0.1] * 3),
    ("agg sum", K.MeanAbsoluteError(reduction="sum"), column(1, 2, 3), column(1.1, 1.9, 3.1), None, 0.3),
    ("agg weighted", K.MeanAbsoluteError(), column(1, 2, 3), column(1.1, 1.9, 3.1), [1, 2, 3], 0.2),
    ("course mse", K.MeanSquaredError(), [1.5, 2, 3.5], [1.3, 2.4, 3.1], None, 0.12),
    ("course mae", K.MeanAbsoluteError(), [1.5, 2, 3.5], [1.3, 2.4, 3.1], None, 0.3333333333),
    (
        "course logitcrossentropy",
        K.SparseCategoricalCrossentropy(from_logits=True),
        [1, 0, 0],
        [[0.2, 0.8], [-0.5, 0.5], [1.2, -0.1]],
        None,
        0.6639193640,
    ),
    (
        "course logitbinarycrossentropy",
        K.BinaryCrossentropy(from_logits=True),
        [[1.0]],
        [[0.7]],
        None,
        0.4031860489,
    ),
    (
        "course weighted mse",
        K.MeanSquaredError(),
        column(1.5, 2, 3.5),
        column(1.3, 2.4, 3.1),
        [1, 2, 3],
        0.28,
    ),
]

GLUON = [
    ("L2", K.MeanSquaredError(scale=0.5, **ENTRIES), column(2, 2), column(1, 1), None, [0.5, 0.5]),
    ("L2 weighted", K.MeanSquaredError(scale=0.5, **ENTRIES), column(2, 2), column(1, 1), [1, 2], [0.5, 1.0]),
    ("L2 by factor", 0.5 * K.MeanSquaredError(**ENTRIES), column(2, 2), column(1, 1), [1, 2], [0.5, 1.0]),
    ("L1", K.MeanAbsoluteError(**ENTRIES), column(1, 3, 5, 7), column(1, 2, 3, 4), None, [0, 1, 2, 3]),
    ("L1 sum", K.MeanAbsoluteError(reduction="sum"), column(1, 3, 5, 7), column(1, 2, 3, 4), None, 6),
    ("Huber", K.SmoothL1(**ENTRIES), column(0, 0, 0), column(0, 0.5, 2), None, [0, 0.125, 1.5]),
    ("Huber rho", K.SmoothL1(beta=0.5, **ENTRIES), column(0, 0, 0), column(0, 0.5, 2), None, [0, 0.25, 1.75]),
    (
        "SigmoidBCE",
        K.BinaryCrossentropy(from_logits=True, **ENTRIES),
        [[1, 0], [0, 1]],
        [[2, -1], [0.5, 3]],
        None,
        [0.2200949, 0.5113322],
    ),
    # The text says "set from_sigmoid to False" for a sigmoid output, which is the wrong way round.
    (
        "SigmoidBCE from_sigmoid",
        K.BinaryCrossentropy(epsilon=1e-12, **ENTRIES),
        [[1, 0], [0, 1]],
        sigmoid([[2, -1], [0.5, 3]]),
        None,
        [0.2200949, 0.5113322],
    ),
    (
        "SoftmaxCE",
        K.SparseCategoricalCrossentropy(from_logits=True, **ENTRIES),
        [0, 1],
        [[1, 10], [8, 2]],
        None,
        [9.0001234022, 6.0024756851],
    ),
    (
        "SoftmaxCE dense",
        K.CategoricalCrossentropy(from_logits=True, **ENTRIES),
        np.eye(2),
        [[1, 10], [8, 2]],
        None,
        [9.0001234022, 6.0024756851],
    ),
    (
        "SoftmaxCE from_logits",
        K.NegativeLogLikelihood(**ENTRIES),
        [0, 1],
        np.log(softmax([[1.0, 10], [8, 2]])),
        None,
        [9.0001234022, 6.0024756851],
    ),
    (
        "SoftmaxCE unit test",
        K.SparseCategoricalCrossentropy(from_logits=True, **ENTRIES),
        [0, 1],
        [[0, 2], [1, 4]],
        None,
        [2.1269280110, 0.0485873516],
    ),
    (
        "SoftmaxCE unit test, weighted",
        K.SparseCategoricalCrossentropy(from_logits=True, **ENTRIES),
        [0, 1],
        [[0, 2], [1, 4]],
        [0.5, 1],
        [1.0634640055, 0.0485873516],
    ),
    (
        "Hinge",
        K.Hinge(margin=2.0, label_format="signed", **ENTRIES),
        column(1, -1, 1),
        column(0.5, 2, -1),
        None,
        [1.5, 4, 3],
    ),
    (
        "SquaredHinge",
        K.SquaredHinge(margin=2.0, label_format="signed", **ENTRIES),
        column(1, -1, 1),
        column(0.5, 2, -1),
        None,
        [2.25, 16, 9],
    ),
    (
        "Logistic",
        K.SoftMargin(label_format="signed", **ENTRIES),
        column(1, -1, 1),
        column(0.5, 2, -1),
        None,
        [0.4740770, 2.1269280, 1.3132617],
    ),
    (
        "Logistic, binary labels",
        K.SoftMargin(label_format="binary", **ENTRIES),
        column(1, 0, 1),
        column(0.5, 2, -1),
        None,
        [0.4740770, 2.1269280, 1.3132617],
    ),
]
CURVE = column(-2, -0.5, 0, 0.5, 2)
GLUON += [
    ("plot " + type(loss).__name__, loss, np.full_like(CURVE, label), CURVE, None, values)
    for loss, label, values in [
        (K.MeanAbsoluteError(**ENTRIES), 0, [2, 0.5, 0, 0.5, 2]),
        (K.MeanSquaredError(scale=0.5, **ENTRIES), 0, [2, 0.125, 0, 0.125, 2]),
        (K.Huber(**ENTRIES), 0, [1.5, 0.125, 0, 0.125, 1.5]),
        (K.SoftMargin(**ENTRIES), 1, [2.1269280, 0.9740770, 0.6931472, 0.4740770, 0.1269280]),
        (K.Hinge(**ENTRIES), 1, [3, 1.5, 1, 0.5, 0]),
    ]
]

NEURENIX_ROWS = [
    ("MSE", K.MeanSquaredError(), *MSE_PAIR, None, 0.25),
    ("MSE none", K.MeanSquaredError(**ENTRIES), *(x[..., None] for x in MSE_PAIR), None, [[0.25] * 2] * 2),
    ("MSE none, rows", K.MeanSquaredError(**ENTRIES), *MSE_PAIR, None, [0.25, 0.25]),
    ("MSE sum", K.MeanSquaredError(reduction="sum"), *(x[..., None] for x in MSE_PAIR), None, 1.0),
    ("L1", K.MeanAbsoluteError(), [1.5, 2.5, 3.5], [1, 2, 3], None, 0.5),
    (
        "CrossEntropy none",
        K.SparseCategoricalCrossentropy(from_logits=True, **ENTRIES),
        *NEURENIX,
        None,
        [0.4170300, 0.1096015, 0.2200495],
    ),
    ("CrossEntropy", K.SparseCategoricalCrossentropy(from_logits=True), *NEURENIX, None, 0.2488936679),
    (
        "CrossEntropy weight, torch's mean",
        K.SparseCategoricalCrossentropy(
            from_logits=True, class_weight=[1, 2, 3], reduction="mean_with_sample_weight"
        ),
        *NEURENIX,
        None,
        0.2160635857,
    ),
    (
        "CrossEntropy weight, plain mean",
        K.SparseCategoricalCrossentropy(from_logits=True, class_weight=[1, 2, 3]),
        *NEURENIX,
        None,
        0.4321271715,
    ),
    (
        "CrossEntropy ignore_index",
        K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0),
        *NEURENIX,
        None,
        0.1648254938,
    ),
    (
        "CrossEntropy ignore_index -100",
        K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-100),
        [-100, 1, 2],
        NEURENIX[1],
        None,
        0.1648254938,
    ),
    ("BCE", K.BinaryCrossentropy(), BINARY, [0.9, 0.2, 0.8, 0.1], None, 0.1642520335),
    ("BCE exact", K.BinaryCrossentropy(epsilon=0.0), BINARY, [0.9, 0.2, 0.8, 0.1], None, 0.1642520335),
    (
        "BCE weight per element",
        K.BinaryCrossentropy(),
        column(1, 0),
        column(0.9, 0.2),
        [2.0, 1.0],
        (-2 * np.log(0.9) - np.log(0.8)) / 2,
    ),
    ("BCEWithLogits", K.BinaryCrossentropy(from_logits=True), BINARY, BINARY_LOGITS, None, 0.1921327469),
    (
        "BCEWithLogits pos_weight",
        K.BinaryCrossentropy(from_logits=True, pos_weight=3.0),
        BINARY,
        BINARY_LOGITS,
        None,
        0.3563033914,
    ),
    ("Custom", 0.7 * K.MeanSquaredError() + 0.3 * K.MeanAbsoluteError(), *MSE_PAIR, None, 0.325),
    (
        "Custom, written out",
        K.WeightedSum([K.MeanSquaredError(), K.MeanAbsoluteError()], [0.7, 0.3]),
        *MSE_PAIR,
        None,
        0.325,
    ),
]

CATEGORICAL = [[1, 0, 0], [0, 0, 1]], [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]
COMPASS_ROWS = [
    ("mse", K.MeanSquaredError(), *COMPASS, None, 3.3125),
    ("mae", K.MeanAbsoluteError(), *COMPASS, None, 1.375),
    ("huber", K.Huber(), *COMPASS, None, 1.03125),
    ("huber delta", K.Huber(delta=1.5), *COMPASS, None, 1.34375),
    ("log-cosh", K.LogCosh(), *COMPASS, None, 0.9386114397),
    ("binary_crossentropy", K.BinaryCrossentropy(), BINARY, [0.9, 0.2, 0.8, 0.1], None, 0.1642520335),
    ("binary_crossentropy, wrong for certain", K.BinaryCrossentropy(), [1, 0], [0, 1], None, 16.1180956512),
    ("categorical_crossentropy", K.CategoricalCrossentropy(), *CATEGORICAL, None, 0.4337502839),
    ("sparse", K.SparseCategoricalCrossentropy(), [0, 2], CATEGORICAL[1], None, 0.4337502839),
    ("hinge", K.Hinge(), *MARGINS, None, 0.55),
    ("squared hinge", K.SquaredHinge(), *MARGINS, None, 0.625),
    (
        "weighted_mse",
        K.MeanSquaredError(),
        column(0.2, 0.6, 0.9, 0.5),
        column(0.1, 0.9, 0.5, 1),
        [1, 2, 2, 1],
        0.19,
    ),
]

ROWS = [
    pytest.param(*row[1:], id=f"{system}: {row[0]}")
    for system, rows in [
        ("Flux", FLUX),
        ("Gluon", GLUON),
        ("Neurenix", NEURENIX_ROWS),
        ("Compass", COMPASS_ROWS),
    ]
    for row in rows
]


@pytest.mark.parametrize(("loss", "y_true", "y_pred", "sample_weight", "expected"), ROWS)
def test_documented_value(loss, y_true, y_pred, sample_weight, expected):
    weight = None if sample_weight is None else np.array(sample_weight, "float32")
    value = loss(np.asarray(y_true), np.asarray(y_pred, "float32"), sample_weight=weight)
    assert_close(array(value), expected)


def test_flux_label_smoothing():
    smooth = array(K.label_smoothing(FLUX_ONE_HOT, 0.2))
    assert_close(smooth, np.where(FLUX_CLASSES[:, None] == 1, [0.1, 0.9], [0.9, 0.1]))
    assert_close(array(K.label_smoothing(np.array([1, 0]), 0.2, axis=None)), [0.9, 0.1])
    assert_close(array(K.label_smoothing(FLUX_ONE_HOT, 0)), FLUX_ONE_HOT)
    assert_close(array(K.label_smoothing(FLUX_ONE_HOT, 1)), np.full((6, 2), 0.5))
    for alpha in (-0.1, 1.1):
        with pytest.raises(ValueError, match="label_smoothing.*alpha"):
            K.label_smoothing(FLUX_ONE_HOT, alpha)


def test_flux_aggregation_over_an_axis():
    values = K.MeanAbsoluteError(reduction=None)(Y123.reshape(3, 1), np.float32([[1.1], [1.9], [3.1]]))
    assert_close(array(ops.sum(values, axis=0)), 0.3)


def test_gluon_gradient_through_a_dense_layer():
    x = np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]], "float32")
    kernel = np.array([[1.0], [0], [-1], [0.5]], "float32")
    loss = K.MeanSquaredError(scale=0.5, reduction=None)
    label = column(2, 2)
    assert_close(array(loss(label, x @ kernel)), [2, 1.62])
    _, gradient = value_and_gradient(lambda w: ops.sum(loss(label, ops.matmul(x, w))), kernel)
    assert_close(gradient[:, 0], [-1.1, -1.48, -1.86, -2.24], gradient=True)


def test_flux_domain_error_is_nan():
    assert np.isnan(array(K.BinaryCrossentropy()(np.array([[1.0]]), np.array([[1.5]]))))
    assert np.isnan(array(K.BinaryCrossentropy()(np.array([[1.5]]), np.array([[0.5]]))))


def test_the_two_crossentropies_of_keras_take_ids_and_one_hot():
    for name in ("CategoricalCrossentropy", "SparseCategoricalCrossentropy"):
        loss = getattr(K, name)(from_logits=True)
        ids, logits = NEURENIX
        assert_close(array(loss(ids, logits)), array(loss(np.eye(3)[ids], logits)))
    assert isinstance(K.CategoricalCrossentropy(), keras.losses.Loss)
