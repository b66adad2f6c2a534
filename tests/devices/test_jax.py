"""`keras.distribution.DataParallel` on JAX: the batch is split over four devices, and nothing changes."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, tensor
from tests.devices import training
from tests.devices.shares import SPLIT, batch

if BACKEND != "jax":
    pytest.skip("keras.distribution splits batches on JAX alone", allow_module_level=True)

import jax

TOGETHER = 10
"""So many losses are compiled as one program: fewer take longer."""
GROUPS = [SPLIT[i : i + TOGETHER] for i in range(0, len(SPLIT), TOGETHER)]


@pytest.fixture
def parallel():
    devices = keras.distribution.list_devices()
    assert len(devices) == 4
    yield keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False)
    keras.distribution.set_distribution(None)


@pytest.mark.parametrize("cases", GROUPS, ids=lambda cases: f"{cases[0]}-{cases[-1]}")
def test_value_and_gradient_are_those_of_one_device(cases, parallel):
    losses = [case.make() for case in cases]

    @jax.jit
    def step(batches):
        pairs = zip(losses, batches, strict=True)
        return [jax.value_and_grad(lambda p, loss=loss, y=y: loss(y, p))(p) for loss, (y, p) in pairs]

    def split(x):
        return keras.distribution.distribute_tensor(x, parallel.get_data_layout(x.shape))

    batches = [tuple(map(tensor, batch(case))) for case in cases]
    on_one = step(batches)
    on_four = step([tuple(map(split, pair)) for pair in batches])
    for case, expected, found in zip(cases, on_one, on_four, strict=True):
        assert len(found[1].sharding.device_set) == 4
        assert_close(array(found[0]), array(expected[0]), message=str(case))
        assert_close(array(found[1]), array(expected[1]), gradient=True, message=str(case))


@pytest.mark.parametrize("name", training.TASKS)
def test_fit(name, parallel):
    expected = training.fit(name)
    keras.distribution.set_distribution(parallel)
    model = training.model(name)
    assert len(model.weights[0].value.sharding.device_set) == 4
    training.assert_same(training.fit(name, model), expected)


@pytest.mark.parametrize("loss", training.DIVIDED_BY_COUNTS, ids=str)
def test_means_over_what_counts(loss, parallel):
    y_true, y_pred, weight = training.UNEVEN
    expected = array(loss(y_true, y_pred, weight))
    layout = parallel.get_data_layout(weight.shape)
    found = jax.jit(loss)(*(keras.distribution.distribute_tensor(tensor(x), layout) for x in training.UNEVEN))
    assert_close(array(found), expected)


@pytest.mark.parametrize("name", training.NOTHING)
def test_devices_of_which_nothing_counts(name, parallel):
    """Nothing counts on two of the four: value and gradient are those of one device."""
    loss, y_true, y_pred, weight, mask, _ = training.NOTHING[name]

    @jax.jit
    def step(y_true, y_pred, weight):
        return jax.value_and_grad(lambda p: training.value(loss, y_true, p, weight, mask))(y_pred)

    def split(x):
        return keras.distribution.distribute_tensor(x, parallel.get_data_layout(x.shape))

    arrays = [None if x is None else tensor(x) for x in (y_true, y_pred, weight)]
    expected = step(*arrays)
    value, gradient = step(*(None if x is None else split(x) for x in arrays))
    assert len(gradient.sharding.device_set) == 4
    assert_close(array(value), array(expected[0]))
    assert_close(array(gradient), array(expected[1]), gradient=True)
    assert not array(gradient)[4:].any()
    assert array(gradient)[:4].any()


def test_a_batch_that_can_not_be_split_evenly(parallel):
    x, y = training.data("samples")
    keras.distribution.set_distribution(parallel)
    model = training.model("samples")
    model.compile("sgd", loss=K.MeanSquaredError())
    with pytest.raises(ValueError, match="divi"):
        model.fit(x[:10], y[:10], batch_size=8, verbose=0)
    assert np.isfinite(model.fit(x[:12], y[:12], batch_size=8, verbose=0).history["loss"][0])
