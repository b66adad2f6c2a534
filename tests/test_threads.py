"""One loss, called from many threads at once."""

import threading

import pytest

import kerasloss as K
from tests.backend import array, tensor, value_and_gradient
from tests.laws.table import ONE_EACH, draw, each

THREADS, CALLS = 8, 3
# One of each base; not a loss of a thousand small steps, which takes half a minute so.
QUICK = [case for case in ONE_EACH if case.loss is not K.SinkhornDivergence]
BASES = list({(case.kind, case.scope): case for case in reversed(QUICK)}.values())[::-1]


def together(function):
    """What each thread got of each of its calls, all started at the same moment."""
    start, results, errors = threading.Barrier(THREADS), [[] for _ in range(THREADS)], []

    def call(mine):
        try:
            start.wait(timeout=60)
            for _ in range(CALLS):
                mine.append(function())
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=call, args=(mine,)) for mine in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    return [result for mine in results for result in mine]


@each(BASES)
def test_values_are_those_of_one_thread(case, rng):
    y_true, y_pred = (tensor(x) for x in draw(case, rng))
    loss = case.make()
    expected = array(loss(y_true, y_pred))
    found = together(lambda: array(loss(y_true, y_pred)))
    assert len(found) == THREADS * CALLS
    assert {x.tobytes() for x in found} == {expected.tobytes()}


@pytest.mark.parametrize(
    "loss",
    [
        K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0),
        0.5 * K.SparseCategoricalCrossentropy(from_logits=True) + 2.0 * K.Brier(from_logits=True),
        K.Symmetric(K.CosineSimilarity()),
    ],
    ids=lambda loss: loss.name,
)
def test_gradients_are_those_of_one_thread(loss, rng):
    y_pred = rng.normal(size=(6, 4)).astype("float32")
    y_true = (
        rng.dirichlet([1] * 4, 6).astype("float32") if "symmetric" in loss.name else rng.integers(0, 4, 6)
    )
    weight = rng.uniform(size=6).astype("float32")

    def evaluate():
        return [x.tobytes() for x in value_and_gradient(lambda p: loss(y_true, p, weight), y_pred)]

    expected = evaluate()
    assert all(found == expected for found in together(evaluate))


def test_the_first_call_may_be_that_of_several(rng):
    """What is made with the first call is made once, or the same each time."""
    y_true, y_pred = rng.normal(size=(2, 6, 5)).astype("float32")
    losses = [K.SlicedWasserstein(), K.MultiScale(K.MeanSquaredError(), scales=(1, 2)), K.Huber()]
    shape = {"multi_scale": (2, 3, 5, 1)}
    for loss in losses:
        inputs = [tensor(x.reshape(shape.get(loss.name, x.shape))) for x in (y_true, y_pred)]
        found = together(lambda loss=loss, inputs=inputs: array(loss(*inputs)))
        assert len({x.tobytes() for x in found}) == 1
