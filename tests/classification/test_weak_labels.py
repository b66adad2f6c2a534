"""Transition matrices, and positive and unlabelled data: held risks, one kind alone, shapes."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient

ENTRIES = {"reduction": None}
LOGITS = {"from_logits": True, **ENTRIES}


@pytest.fixture
def classes(rng):
    return rng.integers(0, 5, size=8), (2 * rng.normal(size=(8, 5))).astype("float32")


def test_forward_correction_needs_a_row_per_class(classes):
    with pytest.raises(ValueError, match="ForwardCorrection.*transition_matrix"):
        K.ForwardCorrection(np.eye(4))(*classes)
    rough = np.full((5, 5), 0.20001)  # within 1e-4 of rows of sum 1
    assert_close(array(K.ForwardCorrection(rough, **LOGITS)(*classes)), np.full(8, -np.log(0.20001)))


def test_forward_correction_of_labels_at_any_place(rng):
    y, x = rng.dirichlet(np.ones(3), size=(2, 4)), rng.dirichlet(np.ones(3), size=(2, 4))
    matrix = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.0, 0.5, 0.5]])
    expected = -(y * np.log(x @ matrix)).sum(-1)
    loss = K.ForwardCorrection(matrix, axis=1, reduction=None)
    assert_close(array(loss(np.moveaxis(y, -1, 1), np.moveaxis(x, -1, 1))), expected)


# Positive and unlabelled data ----------------------------------------------------------------------

PU = np.array([1, 0, -1, 1, 0]), np.array([3.0, -4.0, -5.0, 4.0, -6.0], "float32")


def test_held_risk_has_the_gradient_of_its_opposite():
    y, s = PU
    sigmoid = 1 / (1 + np.exp(-s.astype("float64")))
    slope = sigmoid * (1 - sigmoid)
    positive = y > 0
    prior, beta, gamma = 0.3, 0.01, 0.7
    known = prior * (1 - sigmoid[positive]).mean()
    rest = sigmoid[~positive].mean() - prior * sigmoid[positive].mean()
    assert rest < -beta
    loss = K.PositiveUnlabeled(prior, beta=beta, gamma=gamma)
    value, gradient = value_and_gradient(lambda x: loss(y, x), s)
    assert_close(value, known - beta)
    assert_close(gradient, -gamma * slope * np.where(positive, -prior / 2, 1 / 3), gradient=True)
    free = K.PositiveUnlabeled(prior, beta=beta, gamma=gamma, non_negative=False)
    value, gradient = value_and_gradient(lambda x: free(y, x), s)
    assert_close(value, known + rest)
    assert_close(gradient, slope * np.where(positive, -2 * prior / 2, 1 / 3), gradient=True)


def test_positive_unlabeled_of_one_kind_alone():
    s = np.array([0.5, -0.5], "float32")
    h = 1 / (1 + np.exp(s))
    for non_negative in (True, False):
        loss = K.PositiveUnlabeled(0.4, non_negative=non_negative)
        assert_close(array(loss(np.zeros(2), s)), (1 - h).mean())
    positives = K.PositiveUnlabeled(0.4, non_negative=False)
    assert_close(array(positives(np.ones(2), s)), 0.4 * h.mean() - 0.4 * (1 - h).mean())
    assert_close(array(K.PositiveUnlabeled(0.4)(np.ones(2), s)), 0.4 * h.mean())


def test_positive_unlabeled_shapes():
    y, s = PU
    loss = K.PositiveUnlabeled(0.4)
    expected = array(loss(y, s))
    for labels in (y, y[:, None]):
        for scores in (s, s[:, None]):
            assert_close(array(loss(labels, scores)), expected)
    weight = np.array([1.0, 2.0, 0.0, 1.0, 1.0])
    copies = np.array([0, 1, 1, 3, 4])
    assert_close(array(loss(y, s, sample_weight=weight)), array(loss(y[copies], s[copies])))
    with pytest.raises(ValueError, match=r"PositiveUnlabeled.*\(N, 1\)"):
        loss(np.zeros((5, 2)), np.zeros((5, 2)))
