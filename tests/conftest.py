"""Deterministic names and seeds for every test."""

import keras
import numpy as np
import pytest

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    # For tf.distribute; it can't be done any more when a tensor has been made.
    device = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(device, [tf.config.LogicalDeviceConfiguration()] * 2)


@pytest.fixture(autouse=True)
def clean_state():
    """No test sees the names, seeds or dtypes that another one left."""
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def bounded_memory(request):
    """Makes JAX forget its programs now and then: thousands of tests fill gigabytes with them."""
    yield
    request.config.tests_done = getattr(request.config, "tests_done", 0) + 1
    if keras.backend.backend() == "jax" and request.config.tests_done % 1500 == 0:
        import jax

        jax.clear_caches()
