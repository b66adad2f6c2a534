"""`tf.distribute.MirroredStrategy` on logical devices of the CPU."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, EVERY_CASE, array, assert_close, replicas, value_and_gradient
from tests.devices import guide, training
from tests.devices.shares import SPLIT, batch, shares
from tests.laws.table import each

if BACKEND != "tensorflow":
    pytest.skip("tf.distribute is TensorFlow's", allow_module_level=True)

import tensorflow as tf

OF_THE_BATCH = [case for case in SPLIT if case.scope != "sample" and not case.square]
"""No replica has the similarities of its samples with those of others."""


def replica():
    return tf.distribute.get_replica_context().replica_id_in_sync_group


def on_each(strategy, step):
    """What `step` returns on each replica."""
    results = strategy.run(step)
    return [array(value) for value in strategy.experimental_local_results(results)]


@pytest.mark.parametrize("count", [2, 4])
@each(SPLIT)
def test_each_replica_sees_its_share(case, count):
    """Value and gradient are those of the share, divided by the number of replicas, since they are added."""
    if count == 4 and case.scope != "sample":
        pytest.skip("two are enough for a loss of the batch, and shares of two samples are no batch of it")
    loss, parts = case.make(), shares(case, *batch(case), count)

    def step():
        y_true, y_pred = parts[replica()]
        y_pred = tf.convert_to_tensor(y_pred)
        with tf.GradientTape() as tape:
            tape.watch(y_pred)
            value = loss(y_true, y_pred)
        return value, tape.gradient(value, y_pred, unconnected_gradients="zero")

    strategy = replicas(count)
    found = zip(*map(strategy.experimental_local_results, strategy.run(step)), strict=True)
    for (y_true, y_pred), (value, gradient) in zip(parts, found, strict=True):
        expected = value_and_gradient(lambda p, y=y_true: loss(y, p), y_pred)
        assert_close(array(value), expected[0] / count)
        assert_close(array(gradient), expected[1] / count, gradient=True)


# Two from here on: of what gathers or reduces there may be one strategy in a process.
def fit(name, loss):
    with replicas(2).scope():
        return training.fit(name, training.model(name), loss)


def test_fit_with_a_loss_of_samples():
    training.assert_same(fit("samples", K.MeanSquaredError()), training.fit("samples"))


@pytest.mark.parametrize("name", training.OF_THE_BATCH if EVERY_CASE else ["CLIP", "MultiSimilarity", "Dice"])
def test_fit_with_the_gathered_batch(name):
    code, loss = guide.names(), training.TASKS[name][0]
    dtype = "float32" if name == "Dice" else "int32"
    expected = training.fit(name)
    training.assert_same(fit(name, code["WholeBatch"](loss, code["gather"], dtype)), expected)
    alone = fit(name, code["WholeBatch"](loss, lambda x: x, dtype))
    assert np.abs(alone[1][0] - expected[1][0]).max() > 1e-4  # each share by itself: another gradient


@each(OF_THE_BATCH if EVERY_CASE else list({case.scope: case for case in OF_THE_BATCH}.values()))
def test_the_gathered_batch(case):
    """Values and gradients of losses that see the batch, added over the replicas, are those of one device."""
    code = guide.names()
    (y_true, y_pred), strategy = batch(case), replicas(2)
    loss, parts = code["WholeBatch"](case.make(), code["gather"]), shares(case, y_true, y_pred, 2)

    def step():
        y_true, y_pred = map(tf.convert_to_tensor, parts[replica()])
        with tf.GradientTape() as tape:
            tape.watch(y_pred)
            value = loss(y_true, y_pred)
        return value, tape.gradient(value, y_pred, unconnected_gradients="zero")

    found = zip(*map(strategy.experimental_local_results, strategy.run(step)), strict=True)
    values, gradients = zip(*([array(x) for x in pair] for pair in found), strict=True)
    expected = value_and_gradient(lambda p: case.make()(y_true, p), y_pred)
    assert_close(sum(values), expected[0])
    assert_close(np.concatenate(gradients), expected[1], gradient=True)


def test_class_ids_are_floats_while_keras_builds_the_loss():
    with pytest.raises(ValueError, match="must hold class ids of an integer type"):
        fit("MultiSimilarity", K.MultiSimilarity())


@pytest.mark.parametrize("loss", training.DIVIDED_BY_COUNTS, ids=str)
def test_means_over_what_counts(loss):
    code, whole = guide.names(), array(loss(*training.UNEVEN))
    halves = list(zip(*(np.split(x, 2) for x in training.UNEVEN), strict=True))
    strategy = replicas(2)
    gathering = code["WholeBatch"](loss, code["gather"])
    assert abs(sum(on_each(strategy, lambda: loss(*halves[replica()]))) - whole) > 0.01
    assert_close(sum(on_each(strategy, lambda: gathering(*map(tf.constant, halves[replica()])))), whole)


@pytest.mark.parametrize("name", training.NOTHING)
def test_a_replica_of_which_nothing_counts(name):
    """Its value and gradient are 0, and so the mean of the replicas is half of the other's."""
    loss, *arrays, same = training.NOTHING[name]

    def step():
        y_true, y_pred, weight, mask = training.half(arrays, replica())
        y_pred = tf.convert_to_tensor(y_pred)
        with tf.GradientTape() as tape:
            tape.watch(y_pred)
            found = training.value(loss, y_true, y_pred, weight, mask)
        return found, tape.gradient(found, y_pred)

    strategy = replicas(2)
    found = zip(*map(strategy.experimental_local_results, strategy.run(step)), strict=True)
    (first, slope), (second, none) = ([array(x) for x in pair] for pair in found)
    assert_close(first, array(training.value(loss, *training.half(arrays, 0))) / 2)
    assert slope.any()
    assert second == 0
    assert not none.any()
    whole = array(training.value(loss, *arrays))
    if same:
        assert_close(first, whole)
    else:
        assert_close(first, whole / 2)


@pytest.mark.skipif(not EVERY_CASE, reason="two fits: seconds, that the environment `devices` has")
def test_a_memory_is_of_its_replica():
    """Each holds the ids of its share; what `fit` gives first are floats."""

    class OfIds(K.MultiSimilarity):
        def __call__(self, y_true, y_pred, sample_weight=None):
            return super().__call__(keras.ops.cast(y_true, "int32"), y_pred, sample_weight)

    def fit(loss, strategy):
        with strategy.scope():
            embed = keras.Sequential([keras.Input((training.D,)), keras.layers.Dense(2)])
            model = K.models.CrossBatchMemory(embed, size=training.N)
            model.compile("sgd", loss=loss(ignore_class=-1, reduction="mean_with_sample_weight"))
            x, y = training.data("MultiSimilarity")
            model.fit(x, y, batch_size=training.N, shuffle=False, verbose=0)
        return [array(labels) for labels in strategy.experimental_local_results(model.labels.value)], y

    held, y = fit(OfIds, replicas(2))
    for labels, share in zip(held, np.split(y, 2), strict=True):
        np.testing.assert_array_equal(labels[-len(share) :], share)
    with pytest.raises(ValueError, match="must hold class ids of an integer type"):
        fit(K.MultiSimilarity, replicas(2))


@pytest.mark.parametrize(("name", "at"), [("nothing", 4), ("uneven", 3)])
def test_the_mean_of_all(name, at):
    """By the guide: the numbers of what counts are added. Uneven shares, or one of which nothing counts."""
    code = guide.names()
    if name == "nothing":
        loss, y_true, y_pred, *_ = training.NOTHING["ignored"]
    else:
        loss, (y_true, y_pred, _) = K.SparseCategoricalCrossentropy(**training.CLASSES), training.UNEVEN
    summed = type(loss)(**{**loss.get_config(), "reduction": "sum"})
    of_all = code["MeanOfAll"](summed, code["add"], lambda y: y != -1)
    shares = [(y_true[part], y_pred[part]) for part in (slice(0, at), slice(at, None))]
    found = on_each(replicas(2), lambda: of_all(*map(tf.constant, shares[replica()])))
    assert_close(sum(found), array(loss(y_true, y_pred)))


def test_the_last_batch_is_split_unevenly():
    """Three samples on two replicas are two and one, and the means of both count the same."""
    x, y = training.data("samples")

    def weights_after(trained, step):
        trained.compile(keras.optimizers.SGD(training.RATE), loss=K.MeanSquaredError())
        step(trained)
        return array(trained.weights[0].value)

    def fit(trained):
        trained.fit(x[:7], y[:7], batch_size=4, shuffle=False, verbose=0)

    def first_batch(trained):
        trained.train_on_batch(x[:4], y[:4])

    def last_batch_of(samples):
        def step(trained):
            first_batch(trained)
            trained.train_on_batch(x[samples], y[samples])

        return weights_after(training.model("samples"), step)

    with replicas(2).scope():
        found = weights_after(training.model("samples"), fit)
    assert_close(found, (last_batch_of([4, 5]) + last_batch_of([6])) / 2, gradient=True)
    assert np.abs(found - last_batch_of([4, 5, 6])).max() > 1e-3


def test_the_first_batch_must_be_split_evenly():
    x, y = training.data("samples")
    with replicas(2).scope():
        model = training.model("samples")
        model.compile("sgd", loss=K.MeanSquaredError())
        with pytest.raises(tf.errors.InvalidArgumentError, match="same size and shape"):
            model.fit(x[:3], y[:3], batch_size=4, verbose=0)


def test_uneven_shares_are_gathered():
    y_true = np.array([[1.0], [0], [0], [1]], "float32")
    y_pred = np.array([[0.9], [0.2], [0.1], [0.4]], "float32")
    code = guide.names()
    loss = code["WholeBatch"](K.Dice(), code["gather"])
    parts = [slice(0, 3), slice(3, 4)]
    found = on_each(replicas(2), lambda: loss(*(tf.constant(x[parts[replica()]]) for x in (y_true, y_pred))))
    assert_close(sum(found), array(K.Dice()(y_true, y_pred)))
