"""Deterministic names and seeds for every test, and four devices for those of tests/devices."""

import os

import keras
import numpy as np
import pytest

# It can't be done any more when a tensor has been made.
DEVICES = 4
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    device = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(device, [tf.config.LogicalDeviceConfiguration()] * DEVICES)
elif keras.backend.backend() == "jax" and "device_count" not in os.environ.get("XLA_FLAGS", ""):
    flags = os.environ.get("XLA_FLAGS", "")
    os.environ["XLA_FLAGS"] = f"{flags} --xla_force_host_platform_device_count={DEVICES}".strip()


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
