"""A value that is one of several samples has their weights and masks inside of it."""

import numpy as np
import pytest
from keras import ops

import kerasloss as K
from kerasloss.core.kinds.classes import ClassLoss
from tests.backend import BACKEND, array, assert_close, masked, two_replicas, value_and_gradient

N, D = 6, 4
ACROSS = {
    "rmse": (K.RootMeanSquaredError, {"axis": 0}),
    "rmse of all": (K.RootMeanSquaredError, {"axis": None}),
    "pearson": (K.PearsonCorrelation, {"axis": 0}),
    "concordance": (K.ConcordanceCorrelation, {"axis": 0}),
    "cosine": (K.CosineSimilarity, {"axis": 0}),
    "cosine of all": (K.CosineSimilarity, {"axis": [0, 1]}),
    "bce": (K.BinaryCrossentropy, {"axis": 0}),
    "focal": (K.BinaryFocalCrossentropy, {"axis": 0}),
    "asymmetric": (K.Asymmetric, {"axis": 0}),
    "soft margin": (K.MultiLabelSoftMargin, {"axis": 0}),
    "zlpr": (K.ZeroBoundedLogSumExp, {"axis": 0}),
    "features": (K.FeatureDistillation, {"axis": 0}),
    "features, absolute": (K.FeatureDistillation, {"loss": "mae", "axis": -2, "normalize": True}),
    "features, cosine": (K.FeatureDistillation, {"loss": "cosine", "axis": 0}),
    "features, normalized": (K.FeatureDistillation, {"normalize": True, "axis": 0}),
    "features, a loss": (
        K.FeatureDistillation,
        {"loss": K.RootMeanSquaredError(axis=0), "normalize": True, "axis": 0},
    ),
}
each = pytest.mark.parametrize("name", ACROSS)


def inputs(rng):
    y_true, y_pred = rng.uniform(0.1, 0.9, (2, N, D)).astype("float32")
    return np.round(y_true), y_pred


def copies(x, weight):
    return np.repeat(x, weight, axis=0)


@each
def test_integer_weights_are_copies(name, rng):
    cls, arguments = ACROSS[name]
    y_true, y_pred = inputs(rng)
    y_true[:2] = [[0, 1, 0, 1], [1, 0, 1, 0]]  # no column is constant
    weight = np.array([1, 2, 0, 3, 1, 2])
    for reduction in (None, "mean", "sum"):
        loss = cls(**arguments, reduction=reduction)
        expected = array(loss(copies(y_true, weight), copies(y_pred, weight)))
        for shaped in (weight, weight[:, None]):
            assert_close(array(loss(y_true, y_pred, sample_weight=shaped)), expected, message=str(reduction))


@each
@pytest.mark.parametrize("by", ["weight", "mask"])
def test_a_sample_that_is_left_out_may_hold_anything(name, by, rng):
    cls, arguments = ACROSS[name]
    y_true, y_pred = inputs(rng)
    y_true[:2] = [[0, 1, 0, 1], [1, 0, 1, 0]]
    keep = np.array([1, 1, 0, 1, 1, 1], "float32")
    loss = cls(**arguments)
    expected = array(loss(y_true[keep > 0], y_pred[keep > 0]))
    y_true[2], y_pred[2] = np.nan, np.nan
    if by == "mask":
        assert_close(array(loss(y_true, masked(y_pred, keep))), expected)
        return
    value, gradient = value_and_gradient(lambda p: ops.sum(loss(y_true, p, sample_weight=keep)), y_pred)
    assert_close(value, expected)
    assert np.all(np.isfinite(gradient)) and not gradient[2].any()


def test_weights_land_on_samples_where_there_are_as_many_features(rng):
    y_true, y_pred = rng.normal(size=(2, D, D)).astype("float32")
    weight = np.array([1.0, 0.0, 0.0, 0.0], "float32")
    value = array(K.RootMeanSquaredError(axis=0, reduction=None)(y_true, y_pred, sample_weight=weight))
    assert_close(value, np.abs(y_true - y_pred)[0])


@pytest.mark.parametrize(
    "loss", [K.KLDivergence(axis=0), K.WassersteinDistance(axis=0)], ids=lambda x: x.name
)
def test_a_distribution_over_the_batch_takes_no_weights(loss, rng):
    p = rng.dirichlet(np.ones(N), size=D).T.astype("float32")
    assert np.isfinite(array(loss(p, p)))
    with pytest.raises(ValueError, match=f"{type(loss).__name__}: where `axis` is that of the batch.*axis=0"):
        loss(p, p, sample_weight=np.ones(N))
    with pytest.raises(ValueError, match="where `axis` is that of the batch"):
        loss(p, masked(p, np.ones(N)))


def test_a_pixel_of_weight_zero_is_not_smeared(rng):
    y_true, y_pred = rng.normal(size=(2, 1, 8, 8, 1)).astype("float32")
    weight = np.ones((1, 8, 8), "float32")
    weight[0, 3, 3] = 0
    loss = K.MultiScale(K.MeanSquaredError(), scales=[0, 1])
    zeroed = [np.where(weight[..., None] > 0, x, 0) for x in (y_true, y_pred)]
    expected = array(loss(*zeroed, sample_weight=weight))
    y_true[0, 3, 3], y_pred[0, 3, 3] = np.inf, np.nan
    value, gradient = value_and_gradient(lambda p: loss(y_true, p, sample_weight=weight), y_pred)
    assert_close(value, expected)
    assert np.all(np.isfinite(gradient)) and gradient[0, 3, 3, 0] == 0


def test_matthews_does_not_depend_on_the_unit_of_weights(rng):
    y_true, y_pred = np.array([[[1.0], [0.0], [1.0], [0.0]]]), np.array([[[0.8], [0.3], [0.4], [0.1]]])
    loss = K.MatthewsCorrelation()
    for unit in (1e-30, 1e30):
        weight = np.full((1, 4), unit, "float32")
        assert_close(array(loss(y_true, y_pred, sample_weight=weight)), array(loss(y_true, y_pred)))
    nothing = np.zeros((1, 4), "float32")
    assert array(K.MatthewsCorrelation(smooth=1.0)(y_true, y_pred, sample_weight=nothing)) == 0


def test_kappa_at_a_denormal_probability():
    y_true, p = np.array([0, 0]), np.array([[1.0, 1e-42], [1.0, 1e-42]], "float32")
    value, gradient = value_and_gradient(lambda p: K.WeightedKappa()(y_true, p), p)
    assert_close(value, np.log(1e-6))
    assert np.all(np.isfinite(gradient))


def test_a_masked_sequence_does_not_count_in_ctc(rng):
    labels = np.array([[3, 1, 2], [2, 2, 1]])  # their frames, then their labels
    logits = rng.normal(size=(2, 4, 4)).astype("float32")
    loss = K.CTC(input_length="y_true")
    one = array(loss(labels[:1], logits[:1]))
    assert_close(array(loss(labels, masked(logits, np.array([True, False])))), one)


def test_a_mask_of_texts_and_shifted_tokens(rng):
    ids, logits = rng.integers(0, 5, (2, 4)), rng.normal(size=(2, 4, 5)).astype("float32")
    loss = K.CausalLMCrossentropy(shift=True)
    assert_close(array(loss(ids, masked(logits, np.array([True, False])))), array(loss(ids[:1], logits[:1])))


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.distribute")
def test_a_batch_loss_counts_once_over_replicas(rng):
    import tensorflow as tf

    strategy = two_replicas()
    assert strategy.num_replicas_in_sync == 2
    mask = rng.integers(0, 2, (4, 3, 1)).astype("float32")
    p = rng.uniform(size=mask.shape).astype("float32")
    for loss in (K.Dice(), K.SoftF1(), K.LovaszSoftmax(), K.MeanSquaredError()):
        values = strategy.run(tf.function(lambda loss=loss: loss(mask, p)))
        total = strategy.reduce("SUM", values, axis=None)
        assert_close(array(total), array(loss(mask, p)))


def test_the_class_id_of_one_position_stays_a_number():
    class OfAll(ClassLoss):
        def call(self, y_true, y_pred, sample_weight=None):
            return ops.sum(self.one_hot(y_true, y_pred) * y_pred) * ops.sum(sample_weight)

    probabilities = np.array([0.2, 0.3, 0.4, 0.1])
    assert_close(array(OfAll()(np.array(2), probabilities, sample_weight=np.ones(1))), 0.4)
