"""Assignments against all permutations: ties, NaN, infinite pairs, 8 sources; losses that are wrapped."""

import itertools

import numpy as np
import pytest

import kerasloss as K
from kerasloss.losses.audio.separation import best_assignment
from tests.backend import BACKEND, array, assert_close, assert_compiles, tensor, value_and_gradient

ORDERS = {n: np.array(list(itertools.permutations(range(n)))) for n in range(1, 9)}


def by_search(costs):
    """The first of the best orders of each matrix, of all in the order of words."""
    orders = ORDERS[costs.shape[-1]]
    totals = costs[:, np.arange(costs.shape[-1]), orders].sum(axis=-1)
    return orders[np.argmin(totals, axis=-1)]


@pytest.mark.parametrize("count", range(1, 9))
def test_all_permutations(count, rng):
    costs = rng.normal(size=(5, count, count))
    np.testing.assert_array_equal(array(best_assignment(tensor(costs, "float32"))), by_search(costs))


@pytest.mark.parametrize("count", [2, 3, 4, 8])
def test_ties_go_to_the_first(count, rng):
    costs = rng.integers(0, 3, size=(20, count, count))  # small integers: sums are exact, many are equal
    np.testing.assert_array_equal(array(best_assignment(tensor(costs, "float32"))), by_search(costs))
    same = tensor(np.ones((1, count, count)), "float32")
    assert array(best_assignment(same)).tolist() == [list(range(count))]


def test_gradient_of_ties_is_that_of_the_first():
    y_true, y_pred = np.array([[[0.0], [2.0]]], "float32"), np.array([[[1.0], [1.0]]], "float32")
    loss = K.PermutationInvariant(K.MeanSquaredError())
    _, gradient = value_and_gradient(lambda p: loss(y_true, p), y_pred)
    assert gradient.ravel().tolist() == [1, -1]


def test_eight_sources_are_found(rng):
    order = rng.permutation(8)
    y_true = rng.normal(size=(1, 8, 50)).astype("float32")
    y_pred = 0.5 * y_true[:, order] + 0.2 * rng.normal(size=(1, 8, 50)).astype("float32")
    loss = K.PermutationInvariant(K.ScaleInvariantSDR())
    assert array(loss.assignment(y_true, y_pred))[0].tolist() == np.argsort(order).tolist()
    assert float(loss(y_true, y_pred)) < -5


def test_compiled(rng):
    y_true, y_pred = rng.normal(size=(2, 2, 4, 6)).astype("float32")
    assert_compiles(K.PermutationInvariant(K.ScaleInvariantSDR()), y_true, y_pred)


def test_one_source_is_the_loss_alone(rng):
    y_true, y_pred = rng.normal(size=(2, 3, 1, 7)).astype("float32")
    alone = K.ScaleInvariantSDR(reduction=None)
    wrapped = K.PermutationInvariant(alone, reduction=None)
    assert_close(array(wrapped(y_true, y_pred)), array(alone(y_true[:, 0], y_pred[:, 0])))


def test_nan_and_infinity(rng):
    y_true, y_pred = rng.normal(size=(2, 2, 2, 3)).astype("float32")
    y_pred[0, 1, 0] = np.nan
    values = array(K.PermutationInvariant(K.MeanSquaredError(), reduction=None)(y_true, y_pred))
    assert np.isnan(values).tolist() == [True, False]
    costs = tensor(np.array([[[np.inf, 1.0], [2.0, np.inf]]]), "float32")
    assert array(best_assignment(costs)).tolist() == [[1, 0]]


def test_wrong_numbers_of_sources():
    loss = K.PermutationInvariant("mse")
    for shapes in [((1, 9, 2), (1, 9, 2)), ((1, 2, 2), (1, 3, 2)), ((2, 2, 2), (3, 2, 2)), ((3,), (3,))]:
        with pytest.raises(ValueError, match="PermutationInvariant.*sources.*Received"):
            loss(*map(np.zeros, shapes))
    with pytest.raises(ValueError, match="one value for each sample and source"):
        loss(np.zeros((1, 2, 3, 4)), np.zeros((1, 2, 3, 4)))


def test_sources_without_samples_are_refused_by_the_loss():
    with pytest.raises(ValueError, match="MeanSquaredError.*Received"):
        K.PermutationInvariant("mse")(np.zeros((2, 2, 0)), np.zeros((2, 2, 3)))


@pytest.mark.parametrize("loss", [K.CoxPH(), K.CLIP(), K.OnlineHardExample("mse"), K.SlicedWasserstein()])
def test_losses_of_a_batch_are_refused(loss):
    with pytest.raises(ValueError, match="whose values are of one sample each"):
        K.PermutationInvariant(loss)


def test_classes_and_sums(rng):
    """Ids of classes stay integers; a sum of losses is one loss."""
    ids, logits = np.array([[2, 0], [1, 1]]), rng.normal(size=(2, 2, 3)).astype("float32")
    of_classes = K.PermutationInvariant(K.SparseCategoricalCrossentropy(from_logits=True), reduction=None)
    parts = array(K.SparseCategoricalCrossentropy(from_logits=True, reduction=None)(
        np.repeat(ids, 2, axis=1), np.tile(logits, (1, 2, 1))
    )).reshape(2, 2, 2)  # fmt: skip
    expected = [min(c[0, 0] + c[1, 1], c[0, 1] + c[1, 0]) / 2 for c in parts]
    assert_close(array(of_classes(ids, logits)), expected)
    y_true, y_pred = rng.normal(size=(2, 2, 2, 20)).astype("float32")
    both = K.ScaleInvariantSDR() + 10 * K.MultiResolutionSTFT((8,), (4,), (8,))
    wrapped = K.PermutationInvariant(both, reduction=None)
    straight, swapped = (
        array(K.WeightedSum(
            [K.ScaleInvariantSDR(reduction=None), K.MultiResolutionSTFT((8,), (4,), (8,), reduction=None)],
            [1, 10],
        )(y_true, p)).mean(axis=1)
        for p in (y_pred, y_pred[:, ::-1].copy())
    )  # fmt: skip
    assert_close(array(wrapped(y_true, y_pred)), np.minimum(straight, swapped))


@pytest.mark.skipif(BACKEND != "jax", reason="only JAX tells")
def test_time_and_memory_of_sources():
    """Of long signals: those of all pairs, beside which the sums over subsets are nothing."""
    import jax

    from tests.laws.test_growth import program

    def of(samples, sources, time):
        x = jax.ShapeDtypeStruct((samples, sources, time), "float32")
        return program(K.PermutationInvariant(K.MeanSquaredError(), reduction="sum"), x, x)

    base = of(4, 4, 4096)
    for other, time, memory in [
        (of(8, 4, 4096), 2, 2),
        (of(4, 4, 8192), 2, 2),
        (of(4, 8, 4096), 4, 4),
    ]:
        assert other.time / base.time < 1.2 * time
        assert other.memory / base.memory < 1.2 * memory
