"""Lovasz losses: labels, weights as copies, large masks."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, value_and_gradient


def test_labels_of_the_lovasz_hinge():
    s = np.array([[1.5, -0.5, -0.2, 0.3]])
    for wrong in (2, 0.5, -2, np.nan):
        assert np.isnan(array(K.LovaszHinge()(np.array([[1, 0, 1, wrong]]), s)))
    loss = K.LovaszHinge(ignore_class=255)
    assert_close(
        array(loss(np.array([[1, 0, 255, 1]]), s)), array(loss(np.array([[1, 0, 1]]), s[:, [0, 1, 3]]))
    )


def test_weights_of_hinge_are_copies(rng):
    y, s = rng.integers(0, 2, size=(2, 6)), rng.normal(size=(2, 6)).astype("float32")
    copies = np.array([2, 0, 1, 3, 1, 0])
    index = np.repeat(np.arange(6), copies)
    for axis in (None, 1):
        loss = K.LovaszHinge(axis=axis, reduction=None)
        value = loss(y, s, sample_weight=np.broadcast_to(copies, (2, 6)))
        assert_close(array(value), array(loss(y[:, index], s[:, index])))


def test_lovasz_steps_are_exact_for_large_masks(rng):
    """A difference of two Jaccard losses would be off by 1e-2 in relative terms here."""
    n = 2**18
    y, p = rng.integers(0, 2, size=(1, n, 1)), rng.uniform(size=(1, n, 1)).astype("float32")
    value, gradient = value_and_gradient(lambda q: K.LovaszSoftmax()(y, q), p)
    errors = np.abs(y - p.astype("float64")).ravel()
    order = np.argsort(-errors, kind="stable")
    g = y.ravel()[order].astype("float64")
    jaccard = 1 - (g.sum() - np.cumsum(g)) / (g.sum() + np.cumsum(1 - g))
    steps = np.diff(jaccard, prepend=0.0)
    assert_close(value, np.sum(errors[order] * steps))
    expected = np.empty(n)
    expected[order] = steps
    np.testing.assert_allclose(np.abs(gradient.ravel()), expected, rtol=1e-4, atol=1e-12)


@pytest.mark.skipif(BACKEND == "jax", reason="JAX has no float64 by default")
def test_weighted_steps_are_exact_in_float64(rng):
    n = 50
    y, p, w = rng.integers(0, 2, size=(1, n, 1)), rng.uniform(size=(1, n, 1)), rng.uniform(size=(1, n))
    errors = np.abs(y - p).ravel()
    order = np.argsort(-errors)
    g, w_sorted = y.ravel()[order], w.ravel()[order]
    hits, alarms = np.cumsum(w_sorted * g), np.cumsum(w_sorted * (1 - g))
    jaccard = 1 - (hits[-1] - hits) / (hits[-1] + alarms)
    expected = np.sum(errors[order] * np.diff(jaccard, prepend=0.0))
    value = K.LovaszSoftmax(dtype="float64")(y, p, sample_weight=w)
    assert_close(array(value), expected, "float64")
