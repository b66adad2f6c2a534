"""`keras.distribution.ModelParallel` on JAX: devices for the batch, times devices for parts of a kernel."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, EVERY_CASE, array, assert_close, tensor
from tests.devices import training
from tests.devices.shares import SPLIT, batch

if BACKEND != "jax":
    pytest.skip("keras.distribution places weights on JAX alone", allow_module_level=True)

import jax
from jax.sharding import NamedSharding, PartitionSpec

from benchmarks import sharding

SOME = SPLIT if EVERY_CASE else list({case.scope: case for case in reversed(SPLIT)}.values())
"""One of each scope, or all."""
TOGETHER = 10
WHOLE_CHANNELS = {"Frequency", "FocalFrequency"}
"""XLA fails on the gradient of a Fourier transform on CPUs (jaxlib 0.10) where the channels are split."""
GROUPS = [SOME[i : i + TOGETHER] for i in range(0, len(SOME), TOGETHER)]


@pytest.fixture
def split():
    """`split(b, m)` places what is made afterwards on b x m devices, and returns JAX's mesh of them."""

    def over(*shape):
        devices = keras.distribution.list_devices()
        assert len(devices) == 4
        mesh = keras.distribution.DeviceMesh(shape, ("batch", "model"), devices)
        layout = keras.distribution.LayoutMap(mesh)
        layout[".*dense.*/kernel"] = ("model", None)
        layout["head/kernel"] = (None, "model")
        layout["head/bias"] = ("model",)
        layout["tied/embeddings"] = ("model", None)
        parallel = keras.distribution.ModelParallel(
            layout_map=layout, batch_dim_name="batch", auto_shard_dataset=False
        )
        keras.distribution.set_distribution(parallel)
        return mesh.backend_mesh

    yield over
    keras.distribution.set_distribution(None)


def axes(variable):
    return tuple(variable.value.sharding.spec)


@pytest.mark.parametrize("cases", GROUPS, ids=lambda cases: f"{cases[0]}-{cases[-1]}")
def test_value_and_gradient_are_those_of_one_device(cases, split):
    """The samples over two groups, and the last axis of predictions over the two devices of a group."""
    mesh, losses = split(2, 2), [case.make() for case in cases]

    @jax.jit
    def step(batches):
        pairs = zip(losses, batches, strict=True)
        return [jax.value_and_grad(lambda p, loss=loss, y=y: loss(y, p))(p) for loss, (y, p) in pairs]

    def placed(case, y_true, y_pred):
        inner = [None] * (y_pred.ndim - 1)
        if inner and y_pred.shape[-1] % 2 == 0 and str(case) not in WHOLE_CHANNELS:
            inner[-1] = "model"
        specs = PartitionSpec("batch"), PartitionSpec("batch", *inner)
        return [
            jax.device_put(x, NamedSharding(mesh, s)) for x, s in zip((y_true, y_pred), specs, strict=True)
        ]

    batches = [tuple(map(tensor, batch(case))) for case in cases]
    on_four = step([tuple(placed(case, *pair)) for case, pair in zip(cases, batches, strict=True)])
    on_one = step(batches)
    for case, expected, found in zip(cases, on_one, on_four, strict=True):
        assert len(found[1].sharding.device_set) == 4
        assert_close(array(found[0]), array(expected[0]), message=str(case))
        assert_close(array(found[1]), array(expected[1]), gradient=True, message=str(case))


@pytest.mark.parametrize("name", training.TASKS if EVERY_CASE else ["CLIP"])
def test_fit(name, split):
    expected = training.fit(name)
    split(2, 2)
    model = training.model(name)
    assert axes(model.weights[0]) == ("model", None)
    training.assert_same(training.fit(name, model), expected)
    assert axes(model.weights[0]) == ("model", None)


# The head that is split by its columns ------------------------------------------------------------

V, D, T, TEXTS = 64, 8, 6, 8


def texts():
    """Tokens, and labels of which those of the first two texts don't count."""
    tokens = np.random.default_rng(0).integers(0, V, (2, TEXTS, T))
    tokens[1, :2] = -100
    return tokens


def language_model(tied=False):
    keras.utils.set_random_seed(0)
    tokens = keras.Input((T,), dtype="int32")
    states = keras.layers.Embedding(V, D, name="tied" if tied else "states")(tokens)
    head = "tied" if tied else keras.layers.Dense(V, name="head")
    return K.models.FusedHead(keras.Model(tokens, states), head)


def fit_head(loss, weight=None, **options):
    """The value of each of two steps, the weights after them, and how the head is placed."""
    model = language_model(**options)
    model.compile(keras.optimizers.SGD(1.0), loss=loss)
    history = model.fit(*texts(), sample_weight=weight, batch_size=TEXTS, epochs=2, shuffle=False, verbose=0)
    return (history.history["loss"], [array(w.value) for w in model.weights]), model


HEADS = {
    "columns": ((1, 4), {}),
    "both, weighted": ((2, 2), {"weight": np.linspace(0, 2, TEXTS)}),
}
if EVERY_CASE:
    HEADS |= {"rows": ((4, 1), {}), "both": ((2, 2), {}), "tied": ((2, 2), {"tied": True})}


@pytest.mark.parametrize(("shape", "options"), HEADS.values(), ids=HEADS)
def test_a_head_in_parts(shape, options, split):
    expected, _ = fit_head(K.LinearCrossentropy(), **options)
    split(*shape)
    found, model = fit_head(K.LinearCrossentropy(chunk_size=5), **options)
    assert "model" in (axes(model.backbone.layers[1].weights[0]) if model._tied else axes(model.head.kernel))
    training.assert_same(found, expected)


PROBLEM = sharding.Problem(texts=8, length=64, width=32, vocabulary=512, chunk=32)


@pytest.mark.parametrize("form", ["plain", "fused"])
def test_what_a_device_sends(form):
    """The gradients of the hidden states and of the kernel, as the guide counts them, and little else."""
    found = sharding.measure(PROBLEM, form, (2, 2))
    b = m = 2
    hidden = 8 * (m - 1) / m * PROBLEM.tokens / b * PROBLEM.width
    kernel = 8 * (b - 1) / b * PROBLEM.width * PROBLEM.vocabulary / m
    per_row = 8 * (m - 1) / m * 12 * PROBLEM.tokens / b
    assert hidden + kernel <= found.sent <= hidden + kernel + per_row
    assert all(one.kind == "all-reduce" or one.bytes <= 8 * PROBLEM.tokens for one in found.collectives)
    assert found.products * b * m <= 1.01 * PROBLEM.products  # each product once


def test_what_a_device_holds():
    """The logits never, and no kernel but its own columns."""
    alone, split = (sharding.measure(PROBLEM, "fused", mesh).temporaries for mesh in ((1, 1), (2, 2)))
    plain = sharding.measure(PROBLEM, "plain", (2, 2)).temporaries
    assert plain > PROBLEM.tokens * PROBLEM.vocabulary
    assert split < 0.7 * alone
    assert split < plain / 2


def test_the_fused_head_gathers_no_kernel(split):
    """Over columns alone: there are only sums, and they are of rows."""
    split(1, 4)
    model = language_model()
    model.compile("sgd", loss=K.LinearCrossentropy(chunk_size=8))
    model.optimizer.build(model.trainable_variables)
    state = [model.trainable_variables, model.non_trainable_variables, model.optimizer.variables]
    trained, others, optimizer = keras.tree.map_structure(lambda v: v.value, state)

    def gradients(trained, x, y):
        function = jax.grad(model.compute_loss_and_updates, has_aux=True)
        return function(trained, others, [], x, y, None, training=True, optimizer_variables=optimizer)[0]

    found = sharding.found_in(jax.jit(gradients).lower(trained, *map(tensor, texts())).compile())
    assert found.products > 0
    assert {one.kind for one in found.collectives} == {"all-reduce"}
    assert found.sent < 8 * TEXTS * T * (D + 6)
