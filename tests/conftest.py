"""Deterministic names and seeds for every test, fewer of them on JAX, four devices for tests/devices."""

import os
import pathlib
import zlib

import keras
import numpy as np
import pytest

from tests.backend import ALL_CASES, BACKEND

# It can't be done any more when a tensor has been made.
DEVICES = 4
if BACKEND == "tensorflow":
    import tensorflow as tf

    device = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(device, [tf.config.LogicalDeviceConfiguration()] * DEVICES)
elif BACKEND == "jax" and "device_count" not in os.environ.get("XLA_FLAGS", ""):
    flags = os.environ.get("XLA_FLAGS", "")
    os.environ["XLA_FLAGS"] = f"{flags} --xla_force_host_platform_device_count={DEVICES}".strip()


# Those choose by themselves what they need on JAX.
WHOLE = {pathlib.Path(__file__).with_name(name) for name in ("devices", "fuzz", "laws")}


@pytest.hookimpl(trylast=True)  # what the command line names has been chosen by then
def pytest_collection_modifyitems(config, items):
    """On JAX, which compiles each, runs a test with its first parameters and a fourth of the others.

    A hash draws them; with EVERY_CASE all are run.
    """
    if BACKEND != "jax" or ALL_CASES:
        return
    seen, kept, left = set(), [], []
    for item in items:
        test = item.nodeid.split("[")[0]
        chosen = test not in seen or zlib.crc32(item.nodeid.encode()) % 4 == 0
        (kept if chosen or not WHOLE.isdisjoint(item.path.parents) else left).append(item)
        seen.add(test)
    items[:] = kept
    config.hook.pytest_deselected(items=left)


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
    if BACKEND == "jax" and request.config.tests_done % 1500 == 0:
        import jax

        jax.clear_caches()
