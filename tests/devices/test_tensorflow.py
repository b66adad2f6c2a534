"""`tf.distribute.MirroredStrategy` on logical devices of the CPU."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, replicas, value_and_gradient
from tests.devices import guide, training
from tests.devices.shares import SPLIT, batch, shares
from tests.laws.table import each

if BACKEND != "tensorflow":
    pytest.skip("tf.distribute is TensorFlow's", allow_module_level=True)

import tensorflow as tf


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


@pytest.mark.parametrize("name", training.OF_THE_BATCH)
def test_fit_with_the_gathered_batch(name):
    code, loss = guide.names(), training.TASKS[name][0]
    dtype = "float32" if name == "Dice" else "int32"
    expected = training.fit(name)
    training.assert_same(fit(name, code["WholeBatch"](loss, code["gather"], dtype)), expected)
    alone = fit(name, code["WholeBatch"](loss, lambda x: x, dtype))
    assert np.abs(alone[1][0] - expected[1][0]).max() > 1e-4  # each share by itself: another gradient


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


def test_a_replica_of_which_nothing_counts():
    """Its value is 0, and so the mean of the replicas is that of the others divided by all."""
    loss = K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    logits = np.array([[0.0, 1.0], [2.0, 0.0]], "float32")
    labels = [np.array([0, 1]), np.array([-1, -1])]
    found = on_each(replicas(2), lambda: loss(labels[replica()], logits))
    assert_close(found[0], array(loss(labels[0], logits)) / 2)
    assert found[1] == 0


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
