"""The numbers of other libraries, computed by the libraries themselves where they are installed."""

import keras
import numpy as np
import pytest
import scipy.optimize
import scipy.special
import scipy.stats
import sklearn.metrics

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient
from tests.peers import installed

ENTRIES = {"reduction": None}


@pytest.fixture
def pair(rng):
    return (3 * rng.normal(size=(2, 6, 5))).astype("float32")


@pytest.fixture
def classes(rng):
    return rng.integers(0, 5, size=6), (2 * rng.normal(size=(6, 5))).astype("float32")


@pytest.fixture
def labels(rng):
    return rng.integers(0, 2, size=(6, 5)), (2 * rng.normal(size=(6, 5))).astype("float32")


def entries(loss, y_true, y_pred):
    return array(loss(y_true[..., None], y_pred[..., None]))


def test_scipy(pair):
    y, p = pair
    assert_close(entries(K.Huber(delta=0.7, **ENTRIES), y, p), scipy.special.huber(0.7, p - y))
    assert_close(entries(K.PseudoHuber(delta=0.7, **ENTRIES), y, p), scipy.special.pseudo_huber(0.7, p - y))
    pearson = [1 - scipy.stats.pearsonr(a, b).statistic for a, b in zip(y, p, strict=True)]
    assert_close(array(K.PearsonCorrelation(**ENTRIES)(y, p)), pearson)
    residual = (p - y).ravel().astype("float64")
    for loss, name in ((K.Cauchy, "cauchy"), (K.PseudoHuber, "soft_l1")):
        fit = scipy.optimize.least_squares(lambda _: residual, [0.0], loss=name, f_scale=0.7, max_nfev=1)
        assert_close(entries(loss(0.7, reduction="sum"), y, p), fit.cost)


def test_scikit_learn(pair, classes, labels):
    y, p = pair
    rmse = sklearn.metrics.root_mean_squared_error(y, p, multioutput="raw_values")
    assert_close(array(K.RootMeanSquaredError(axis=0, **ENTRIES)(y, p)), rmse)
    ours = K.MeanSquaredLogarithmicError(epsilon=0.0)(abs(y), abs(p))
    assert_close(array(ours), sklearn.metrics.mean_squared_log_error(abs(y), abs(p)))
    mape = sklearn.metrics.mean_absolute_percentage_error(y, p)
    assert_close(array(K.MeanAbsolutePercentageError()(y, p)) / 100, mape)
    ids, scores = classes
    hinge = sklearn.metrics.hinge_loss(ids, scores, labels=range(5))
    assert_close(array(K.CategoricalHinge(exclude_true=True)(ids, scores)), hinge)
    probabilities = scipy.special.softmax(scores.astype("float64"), axis=-1)
    log_loss = sklearn.metrics.log_loss(ids, probabilities, labels=range(5))
    assert_close(array(K.SparseCategoricalCrossentropy(from_logits=True)(ids, scores)), log_loss)
    brier = np.mean(np.sum((probabilities - np.eye(5)[ids]) ** 2, axis=-1))
    assert_close(array(K.Brier(from_logits=True)(ids, scores)), brier)
    hard, margins = labels
    expected = sklearn.metrics.hinge_loss(hard.ravel(), margins.ravel())
    assert_close(array(K.Hinge()(hard, margins)), expected)


def test_keras_metrics(pair):
    y, p = pair
    for name in ("ConcordanceCorrelation", "PearsonCorrelation"):
        metric = getattr(keras.metrics, name)()
        metric.update_state(y, p)
        assert_close(1 - array(getattr(K, name)()(y, p)), array(metric.result()))
    metric = keras.metrics.RootMeanSquaredError()
    metric.update_state(y, p)
    assert_close(array(K.RootMeanSquaredError(axis=None)(y, p)), array(metric.result()))


@installed("torch")
def test_torch(pair, classes, labels):
    import torch
    import torch.nn.functional as F

    y, p = pair
    ids, scores = classes
    hard, logits = labels
    weight = np.array([0.5, 1.0, 2.0, 3.0, 0.1], "float32")
    soft = scipy.special.softmax(y, axis=-1)
    probabilities = scipy.special.expit(logits)
    signs = 2 * hard - 1
    multilabel = np.full((6, 5), -1)
    for row, labels_of_row in zip(multilabel, hard, strict=True):
        indices = np.flatnonzero(labels_of_row)
        row[: len(indices)] = indices
    ignored = np.where(ids == 2, -100, ids)
    torch_mean = {"reduction": "mean_with_sample_weight"}
    w, log = torch.tensor(weight), torch.log_softmax(torch.tensor(scores), dim=-1).numpy()
    rows = [
        (K.MeanSquaredError(), y, p, F.mse_loss, {}),
        (K.MeanAbsoluteError(), y, p, F.l1_loss, {}),
        (K.Huber(0.7), y, p, F.huber_loss, {"delta": 0.7}),
        (K.SmoothL1(0.7), y, p, F.smooth_l1_loss, {"beta": 0.7}),
        (K.SmoothL1(0), y, p, F.smooth_l1_loss, {"beta": 0.0}),
        (K.BinaryCrossentropy(from_logits=True), hard, logits, F.binary_cross_entropy_with_logits, {}),
        (
            K.BinaryCrossentropy(from_logits=True, pos_weight=list(weight)),
            hard,
            logits,
            F.binary_cross_entropy_with_logits,
            {"pos_weight": w},
        ),
        (K.BinaryCrossentropy(epsilon=0.0), hard, probabilities, F.binary_cross_entropy, {}),
        (K.MultiLabelSoftMargin(), hard, logits, F.multilabel_soft_margin_loss, {}),
        (
            K.MultiLabelSoftMargin(class_weight=weight),
            hard,
            logits,
            F.multilabel_soft_margin_loss,
            {"weight": w},
        ),
        (K.SoftMargin(), signs, logits, F.soft_margin_loss, {}),
        (K.SparseCategoricalCrossentropy(from_logits=True), ids, scores, F.cross_entropy, {}),
        (
            K.SparseCategoricalCrossentropy(from_logits=True, class_weight=weight, **torch_mean),
            ids,
            scores,
            F.cross_entropy,
            {"weight": w},
        ),
        (
            K.SparseCategoricalCrossentropy(
                from_logits=True, class_weight=weight, label_smoothing=0.1, ignore_class=-100, **torch_mean
            ),
            ignored,
            scores,
            F.cross_entropy,
            {"weight": w, "label_smoothing": 0.1},
        ),
        (K.CategoricalCrossentropy(from_logits=True), soft, scores, F.cross_entropy, {}),
        (
            K.CategoricalCrossentropy(from_logits=True, class_weight=weight, label_smoothing=0.1),
            soft,
            scores,
            F.cross_entropy,
            {"weight": w, "label_smoothing": 0.1},
        ),
        (K.NegativeLogLikelihood(), ids, log, F.nll_loss, {}),
        (K.NegativeLogLikelihood(class_weight=weight, **torch_mean), ids, log, F.nll_loss, {"weight": w}),
        (K.MultiMargin(), ids, scores, F.multi_margin_loss, {}),
        (K.MultiMargin(p=2, margin=0.5), ids, scores, F.multi_margin_loss, {"p": 2, "margin": 0.5}),
        (K.MultiMargin(class_weight=weight), ids, scores, F.multi_margin_loss, {"weight": w}),
    ]
    for loss, y_true, y_pred, function, arguments in rows:
        y_torch = torch.tensor(y_true)
        if function not in (F.cross_entropy, F.nll_loss, F.multi_margin_loss):
            y_torch = y_torch.float()
        p_torch = torch.tensor(y_pred, requires_grad=True)
        expected = function(p_torch, y_torch, **arguments)
        expected.backward()
        value, gradient = value_and_gradient(lambda q, f=loss, t=y_true: f(t, q), y_pred)
        assert_close(value, expected.item(), message=repr(loss))
        assert_close(gradient, p_torch.grad.numpy(), gradient=True, message=repr(loss))
    expected = F.multilabel_margin_loss(torch.tensor(logits), torch.tensor(multilabel)).item()
    assert_close(array(K.MultiLabelMargin()(hard, logits)), expected)
    expected = -F.cosine_similarity(torch.tensor(p), torch.tensor(y)).numpy()
    assert_close(array(K.CosineSimilarity(**ENTRIES)(y, p)), expected)


@installed("optax")
def test_optax(pair, classes, labels):
    import optax

    y, p = pair
    ids, scores = classes
    hard, logits = labels
    one_hot, signs = np.eye(5, dtype="float32")[ids], 2 * hard - 1
    rows = [
        (K.MeanSquaredError, y, p, optax.losses.squared_error(p, y)),
        (K.Huber, y, p, optax.losses.huber_loss(p, y)),
        (K.LogCosh, y, p, optax.losses.log_cosh(p, y)),
        (K.Hinge, signs, logits, optax.losses.hinge_loss(logits, signs)),
        (K.Perceptron, signs, logits, optax.losses.perceptron_loss(logits, signs)),
    ]
    for loss, y_true, y_pred, expected in rows:
        assert_close(entries(loss(**ENTRIES), y_true, y_pred), expected)
    logit = {"from_logits": True, **ENTRIES}
    assert_close(
        array(K.BinaryCrossentropy(**logit)(hard, logits)),
        optax.losses.sigmoid_binary_cross_entropy(logits, hard).mean(-1),
    )
    expected = optax.losses.softmax_cross_entropy(scores, one_hot)
    assert_close(array(K.CategoricalCrossentropy(**logit)(one_hot, scores)), expected)
    assert_close(array(K.SparseCategoricalCrossentropy(**logit)(ids, scores)), expected)
    assert_close(
        array(K.CosineSimilarity(**ENTRIES)(y, p)), -optax.losses.cosine_similarity(p, y, epsilon=1e-30)
    )
    assert_close(
        array(K.CategoricalHinge(exclude_true=True, **ENTRIES)(ids, scores)),
        optax.losses.multiclass_hinge_loss(scores, ids),
    )
    assert_close(
        array(K.CategoricalHinge(exclude_true=True, margin=0, **ENTRIES)(ids, scores)),
        optax.losses.multiclass_perceptron_loss(scores, ids),
    )
    poly = optax.losses.poly_loss_cross_entropy(scores, one_hot, epsilon=2.0)
    assert_close(array(K.Poly1Crossentropy(epsilon=2.0, **logit)(ids, scores)), poly)
    sparsemax = optax.losses.multiclass_sparsemax_loss(scores, ids)
    assert_close(array(K.Sparsemax(**ENTRIES)(ids, scores)), sparsemax)
    two = np.stack([0 * logits[:, 0], logits[:, 0]], axis=-1)
    binary = optax.losses.sparsemax_loss(logits[:, 0], hard[:, 0])
    assert_close(array(K.Sparsemax(**ENTRIES)(hard[:, 0], two)), binary)
