"""Discrete times: probabilities that sum to 1, rows out of range, competing risks and curves."""

import mpmath
import numpy as np
import pytest

import kerasloss as K
from tests import precise
from tests.backend import BACKEND, array, assert_close, masked, value_and_gradient
from tests.cases.common.survival import discrete
from tests.cases.survival.discrete_time import EACH, ONE_OF_EACH, RISKS, X, deep_hit

ALL = pytest.mark.parametrize("name", ["LogisticHazard", "PMF", "MTLR", "PCHazard", "DeepHit"])
IN_INTERVALS = pytest.mark.parametrize("name", ["LogisticHazard", "PMF", "MTLR"])


def made(name, **arguments):
    return getattr(K, name)(**EACH, **arguments)


def rows(name, y_true, fraction=0.5):
    """With the column that PCHazard needs."""
    y_true = np.asarray(y_true, "float64")
    return np.column_stack([y_true, np.full(len(y_true), fraction)]) if name == "PCHazard" else y_true


@IN_INTERVALS
def test_probabilities_sum_to_one(name, rng):
    """Those of an event in each interval, and of none until the last one ends."""
    x = np.repeat(rng.normal(size=(1, 5)), 6, axis=0).astype("float32")
    y_true = [[k, 1] for k in range(5)] + [[4, 0]]
    assert_close(np.sum(np.exp(-array(made(name)(np.array(y_true), x)))), 1)


def test_densities_have_the_integral_one():
    """Of PCHazard: over the fraction in each interval, by Gauss-Legendre points."""
    points, weights = np.polynomial.legendre.leggauss(12)
    x = np.array([[0.4, -1.0, 2.0]], "float32")
    total = np.exp(-array(made("PCHazard")(np.array([[2, 0, 1.0]]), x)))[0]
    for k in range(3):
        y_true = np.stack([np.full(12, k), np.ones(12), (points + 1) / 2], -1)
        total += np.sum(weights / 2 * np.exp(-array(made("PCHazard")(y_true, np.repeat(x, 12, axis=0)))))
    assert_close(total, 1)


@ALL
def test_survival_is_the_probability_of_a_censored_subject(name):
    arguments = {"alpha": 1.0} if name == "DeepHit" else {}
    x = np.array([[0.4, -1.0, 2.0, 0.1]] * 4, "float32")
    y_true = rows(name, [[k, 0] for k in range(4)], fraction=1.0)
    curves = array(made(name, **arguments).survival_function(x))
    assert curves.shape == (4, 4)
    assert_close(curves[0], np.exp(-array(made(name, **arguments)(y_true, x))))
    assert np.all(np.diff(curves[0]) < 0)
    with pytest.raises(ValueError, match=f"{name}: `y_pred` must have shape"):
        made(name).survival_function(x[0])


@ALL
def test_curves_of_extreme_outputs_are_finite(name):
    x = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e4, 1e4, 1e4]], "float32")
    curves = array(made(name).survival_function(x))
    assert np.all((curves >= 0) & (curves <= 1))
    assert_close(curves[1], np.ones(3))


def test_cumulative_incidence():
    loss = K.DeepHit()
    incidence, survival = array(loss.cumulative_incidence(RISKS)), array(loss.survival_function(RISKS))
    powers = np.exp(RISKS)
    expected = np.cumsum(powers / (1 + powers.sum((1, 2), keepdims=True)), axis=-1)
    assert_close(incidence, expected)
    assert_close(survival, 1 - expected.sum(1))
    assert_close(array(loss.cumulative_incidence(X)), 1 - array(loss.survival_function(X)))


@ALL
@pytest.mark.parametrize(
    "wrong", [[3, 1], [-1, 0], [0.5, 1], [np.nan, 1], [0, 2], [0, -1], [0, 0.5], [0, np.nan]]
)
def test_rows_out_of_range_are_nan(name, wrong):
    loss = made(name)
    x = np.concatenate([X, X[:1] + 1]).astype("float32")
    right = array(loss(rows(name, [*ONE_OF_EACH, [0, 0]]), x))[:2]
    y_true = rows(name, [*ONE_OF_EACH, wrong])
    if name == "DeepHit":  # the others are compared with one subject less, of as many
        right = array(loss(rows(name, ONE_OF_EACH), X))
        likelihood = array(made(name, alpha=1.0)(rows(name, ONE_OF_EACH), X))
        right = 0.2 * likelihood + (right - 0.2 * likelihood) * 2 / 3
    assert_close(array(loss(y_true, x)), [*right, np.nan])
    _, gradient = value_and_gradient(lambda p: loss(y_true, p)[0], x)
    assert np.all(np.isfinite(gradient))


@pytest.mark.parametrize("fraction", [-0.1, 1.1, np.nan])
def test_a_fraction_out_of_range_is_nan(fraction):
    y_true = np.array([[1, 1, 0.5], [2, 0, fraction]])
    assert_close(array(made("PCHazard")(y_true, X)), [1.665266053852, np.nan])


@ALL
def test_widths(name):
    columns = "interval, event" + (", fraction of the interval" if name == "PCHazard" else "")
    for width in (1, 2 if name == "PCHazard" else 3):
        with pytest.raises(ValueError, match=rf"{name}: `y_true` must have shape.*\[{columns}\]"):
            made(name)(np.zeros((2, width)), X)
    with pytest.raises(ValueError, match=f"{name}: `y_pred` must have shape"):
        made(name)(rows(name, ONE_OF_EACH), X[:, 0])


def test_codes_of_more_risks_than_there_are_outputs_are_nan():
    y_true = np.array([[1, 3], [2, 2]])
    assert np.isnan(array(made("DeepHit")(y_true, RISKS))).tolist() == [True, False]


@pytest.mark.parametrize("shape", [(4,), (2, 3)])
def test_masked_subjects_are_compared_with_no_one(shape, rng):
    y_true, y_pred = discrete(*shape)(rng, 7)
    there = np.arange(7) != 2
    hidden = y_pred.copy()
    hidden[2] = np.nan
    expected = np.zeros(7)
    expected[there] = precise.floats(deep_hit(y_true[there], precise.exact(y_pred[there])))
    assert_close(array(made("DeepHit")(y_true, masked(hidden, there))), expected)


@pytest.mark.skipif(BACKEND == "jax", reason="a matter of the code that all backends share")
def test_blocks_of_subjects(monkeypatch, rng):
    """More pairs than are compared at once: the blocks have the values and gradients of the whole."""
    from kerasloss.core import blocks

    y_true, y_pred = discrete(3)(rng, 150)
    loss = K.DeepHit()
    whole = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    monkeypatch.setattr(blocks, "WHOLE", 0)
    monkeypatch.setattr(blocks, "BLOCK", 1)
    for got, expected in zip(value_and_gradient(lambda p: loss(y_true, p), y_pred), whole, strict=True):
        assert_close(got, expected)


def test_the_rank_term_orders_subjects():
    """The loss falls as the subject with the earlier event gets its mass earlier than the other."""
    y_true, loss = np.array([[0, 1], [2, 1]]), K.DeepHit(alpha=0.0)
    right, wrong = np.array([[2.0, 0, 0], [0, 0, 2]]), np.array([[0.0, 0, 2], [2, 0, 0]])
    assert array(loss(y_true, right)) < array(loss(y_true, wrong))


@pytest.mark.parametrize("sigma", [0.01, 1e-6])
def test_narrow_comparisons_are_finite(sigma):
    """Two subjects, sure of the wrong order: `exp` of an exponent of about 1 / sigma leaves float32."""
    y_true, x = np.array([[0, 1], [1, 1]]), np.array([[-9.0, 9], [9, -9]], "float32")
    loss = K.DeepHit(alpha=0.0, sigma=sigma, reduction="sum")
    value, gradient = value_and_gradient(lambda p: loss(y_true, p), x)
    softmax = np.exp(np.float64([-9, 9, 0])) / np.sum(np.exp(np.float64([-9, 9, 0])))
    exponent = (softmax[1] - softmax[0]) / sigma  # the second subject has the outputs of the first, swapped
    assert_close(value / (np.exp(50) * (exponent - 49) / 2), 1.0, scale=5)
    assert np.all(np.isfinite(gradient)) and gradient[0, 0] < 0 < gradient[1, 0]


def test_small_probabilities_are_exact():
    """Where 1 - S rounds to 1, and where a sum of exponentials underflows."""
    x = np.array([[50.0, -30.0, -30.0]], "float32")
    value = mpmath.log(mpmath.exp(50) + 2 * mpmath.exp(-30) + 1) - mpmath.log(mpmath.exp(-30) + 1)
    assert_close(array(made("PMF")(np.array([[1, 0]]), x)), [float(value)])
    assert_close(array(made("PCHazard")(np.array([[1, 1, 0.0]]), x)), [80.0])
    assert_close(array(made("LogisticHazard")(np.array([[1, 1]]), x)), [80.0])


def test_labels_may_have_any_integer_type():
    for dtype in ("int8", "uint8", "int64", "float16"):
        assert_close(array(made("PMF")(ONE_OF_EACH.astype(dtype), X)), [1.828432228649, 1.350590532563])
