"""The model whose batch is embedded in chunks takes the steps of the plain one."""

import keras
import numpy as np
import pytest

import kerasloss as K
from benchmarks import chunks
from tests.backend import BACKEND, array, assert_close

GradientCache = K.models.GradientCache
N = 22


def encoder(*layers):
    first = keras.layers.Dense(6, activation="tanh", kernel_regularizer="l2")
    return keras.Sequential([keras.Input((5,)), first, *layers, keras.layers.Dense(3)])


def data(rng):
    x = rng.normal(size=(N, 5)).astype("float32")
    return x, rng.integers(0, 5, N).astype("int32"), rng.uniform(0.5, 2, N).astype("float32")


def compiled(model, loss=None, **options):
    loss = loss or K.SupervisedContrastive(temperature=0.5)
    model.compile(keras.optimizers.SGD(0.05), loss=loss, **options)
    return model


def state(model):
    return [np.array(array(v)) for v in model.variables]


def restore(model, values):
    for variable, value in zip(model.variables, values, strict=True):
        variable.assign(value)


def assert_same_steps(model, chunk_size, x, y, weight=None, batch_size=9, tolerance=10, **options):
    """History and weights of the plain model and of the one in chunks; returns the latter."""
    start, ends, histories = state(model), [], []
    for trained in (model, GradientCache(model, chunk_size)):
        restore(model, start)
        compiled(trained, **options)
        history = trained.fit(
            x, y, sample_weight=weight, batch_size=batch_size, epochs=2, shuffle=False, verbose=0
        )
        histories.append(history.history)
        ends.append(state(model))
    assert histories[0].keys() == histories[1].keys()
    for name, values in histories[0].items():
        assert_close(values, histories[1][name], message=name, scale=tolerance)
    for plain, chunked, before in zip(*ends, start, strict=True):
        np.testing.assert_allclose(plain, chunked, rtol=1e-6, atol=1e-6)
        assert not np.array_equal(plain, before)
    return trained


@pytest.mark.parametrize("chunk_size", [1, 4, N])
def test_the_steps_are_those_of_the_plain_model(chunk_size, rng):
    """With weights, a regularizer, losses that layers add, and batches that chunks don't divide."""
    model = encoder(keras.layers.Dense(4, activity_regularizer="l2"))
    x, y, weight = data(rng)
    trained = assert_same_steps(model, chunk_size, x, y, weight)
    assert_close(trained.predict(x, verbose=0), model.predict(x, verbose=0))
    assert_close(trained.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0))


class Towers(keras.Model):
    """Two towers whose outputs are pairs `(N, 2, D)`; its `call` takes no `training`."""

    def __init__(self):
        super().__init__()
        self.image, self.words = keras.layers.Dense(3), keras.layers.Embedding(9, 3, mask_zero=True)
        self.pool = keras.layers.GlobalAveragePooling1D()
        self.drop = keras.layers.Dropout(0.5, seed=1)

    def call(self, inputs):
        image = self.drop(self.image(inputs["image"]))
        return keras.ops.stack([image, self.pool(self.words(inputs["text"]))], axis=1)


def test_several_inputs_masks_and_metrics(rng):
    """The ids of 0 in the texts are masked."""
    image, text = keras.Input((5,), name="image"), keras.Input((4,), dtype="int32", name="text")
    words = keras.layers.Embedding(9, 3, mask_zero=True)(text)
    pooled = keras.layers.GlobalAveragePooling1D()(words)
    pairs = [keras.layers.Reshape((1, 3))(x) for x in (keras.layers.Dense(3)(image), pooled)]
    model = keras.Model({"image": image, "text": text}, keras.layers.Concatenate(axis=1)(pairs))
    x = {
        "image": rng.normal(size=(N, 5)).astype("float32"),
        "text": rng.integers(1, 9, (N, 4)) * (np.arange(4) < 3),
    }
    y = rng.normal(size=(N, 2, 3)).astype("float32")
    assert_same_steps(
        model, 4, x, y, loss=K.CLIP(temperature=0.5), metrics=["mean_squared_error"], batch_size=10
    )


@pytest.mark.parametrize("several", [False, True])
def test_the_masks_of_outputs_reach_the_loss(several, rng):
    tokens = keras.Input((4,), dtype="int32")
    embedded = keras.layers.Embedding(9, 3, mask_zero=True)(tokens)
    outputs = keras.layers.Dense(2)(embedded)
    if several:  # the other output has none
        outputs = {"a": keras.layers.GlobalAveragePooling1D()(embedded), "b": outputs}
    model = keras.Model(tokens, outputs)
    x = rng.integers(1, 9, (N, 4)) * (np.arange(4) < rng.integers(1, 5, (N, 1)))
    y = rng.normal(size=(N, 4, 2)).astype("float32")
    if several:
        y = {"a": y[:, 0].repeat(2, axis=1)[:, :3], "b": y}
    loss = {"a": K.MeanSquaredError(), "b": K.MeanSquaredError()} if several else K.MeanSquaredError()
    trained = assert_same_steps(model, 4, x, y, loss=loss)
    found = trained(x)["b"] if several else trained(x)
    assert np.array_equal(array(found._keras_mask), x != 0)


def check_gradient(model, x, weight):
    """The step is along the gradient of the value that it reports, with the numbers drawn for that value.

    The value is quadratic in the weight, so that its differences are exact.
    """
    trained = GradientCache(model, 4)
    trained.compile(keras.optimizers.SGD(1.0), loss=K.MeanSquaredError())
    targets = np.ones_like(trained.predict(x, verbose=0))
    start = state(model)
    direction, values = np.random.default_rng(3).normal(size=weight.shape), []
    for step in (0.1, -0.1):
        restore(model, start)
        weight.assign(array(weight) + step * direction)
        values.append(float(trained.train_on_batch(x, targets)))
    restore(model, start)
    before = array(weight).copy()
    trained.train_on_batch(x, targets)
    slope = np.sum((before - array(weight)) * direction)
    np.testing.assert_allclose(slope, (values[0] - values[1]) / 0.2, rtol=1e-3, atol=1e-4)
    return start


def test_dropout_draws_the_same_numbers_in_both_passes(rng):
    model = encoder(keras.layers.Dropout(0.5, seed=3))
    x = data(rng)[0]
    seeds = model.layers[1].seed_generator.state
    start = check_gradient(model, x, model.layers[-1].kernel)
    index = [v is seeds for v in model.variables].index(True)
    # A chunk draws once, 6 for 22 rows, and not again in the second pass.
    assert array(seeds)[1] - start[index][1] == 6
    outputs = compiled(GradientCache(model, 11))(keras.ops.ones((N, 5)), training=True)
    assert not np.allclose(array(outputs)[:11], array(outputs)[11:])  # each chunk its own


def test_a_call_without_training_argument_trains(rng):
    x = {"image": rng.normal(size=(N, 5)).astype("float32"), "text": rng.integers(1, 9, (N, 4))}
    model = Towers()
    model(x)
    check_gradient(model, x, model.image.kernel)


def test_moving_averages_move_once_for_each_chunk(rng):
    norm = keras.layers.BatchNormalization(momentum=0.5, epsilon=1e-3)
    model = keras.Sequential([keras.Input((5,)), norm, keras.layers.Dense(3)])
    x, y, _ = data(rng)
    check_gradient(model, x, model.layers[-1].kernel)
    mean = array(norm.moving_mean)
    trained = compiled(GradientCache(model, 8))
    trained.train_on_batch(x, y)
    for chunk in (x[:6], x[6:14], x[14:]):
        mean = 0.5 * mean + 0.5 * chunk.mean(axis=0)
    assert_close(array(norm.moving_mean), mean, scale=10)
    trained.evaluate(x, y, verbose=0)
    assert_close(array(norm.moving_mean), mean, scale=10)


def test_a_frozen_part_stays(rng):
    model = encoder()
    model.layers[0].trainable = False
    before = state(model.layers[0])
    x, y, _ = data(rng)
    compiled(GradientCache(model, 4)).fit(x, y, batch_size=N, verbose=0)
    for one, other in zip(before, state(model.layers[0]), strict=True):
        assert np.array_equal(one, other)


def test_a_scaled_loss(rng):
    model = encoder()
    x, y, _ = data(rng)
    start, ends = state(model), []
    for trained in (model, GradientCache(model, 4)):
        restore(model, start)
        optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.3), initial_scale=64.0)
        trained.compile(optimizer, loss=K.SupervisedContrastive(temperature=0.5))
        trained.train_on_batch(x, y)
        ends.append(state(model))
    for one, other in zip(*ends, strict=True):
        assert_close(one, other, scale=2)


def test_mixed_precision(rng):
    keras.config.set_dtype_policy("mixed_bfloat16")
    x, y, _ = data(rng)
    model = encoder(keras.layers.Dropout(0.2))
    start = state(model)
    losses = compiled(GradientCache(model, 4)).fit(x, y, batch_size=N, verbose=0).history["loss"]
    assert np.isfinite(losses[0])
    assert any(not np.array_equal(one, other) for one, other in zip(start, state(model), strict=True))


def test_saving(rng, tmp_path):
    x, y, _ = data(rng)
    model = compiled(GradientCache(encoder(keras.layers.Dropout(0.5)), 4, name="large"))
    model.fit(x, y, batch_size=N, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert (loaded.chunk_size, loaded.name) == (4, "large")
    assert_close(loaded.predict(x, verbose=0), model.predict(x, verbose=0))
    assert_close(loaded.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0))
    loaded.fit(x, y, batch_size=N, verbose=0)
    lines = []
    loaded.summary(print_fn=lines.append)
    assert "sequential" in "".join(lines)


def test_a_model_without_input_shape(rng):
    x, y, _ = data(rng)
    model = keras.Sequential([keras.layers.Dense(4, activation="relu"), keras.layers.Dense(3)])
    compiled(GradientCache(model, 4)).fit(x, y, batch_size=N, verbose=0)
    assert len(model.trainable_variables) == 4


def test_part_of_another_model(rng):
    inputs = keras.Input((5,))
    wrapped = GradientCache(encoder(), 4)
    model = keras.Model(inputs, keras.layers.UnitNormalization()(wrapped(inputs)))
    assert model.output_shape == (None, 3)
    x, y, _ = data(rng)
    compiled(model).fit(x, y, batch_size=N, verbose=0)


@pytest.mark.skipif(BACKEND != "jax", reason="a minute on PyTorch; XLA can't on TensorFlow, as documented")
def test_compilation_by_xla(rng):
    model = compiled(GradientCache(encoder(keras.layers.Dropout(0.5)), 4), jit_compile=True)
    x, y, _ = data(rng)
    assert np.isfinite(model.fit(x, y, batch_size=N, verbose=0).history["loss"][0])


@pytest.mark.skipif(BACKEND != "jax", reason="JAX alone tells the memory of what it has compiled")
def test_activations_of_one_chunk_are_held():
    model = chunks.encoder(256)
    plain, cached = (chunks.megabytes(m, 2048) for m in (model, GradientCache(model, 64)))
    assert cached < plain / 2


@pytest.mark.parametrize("value", [0, -1, 2.5, None, True])
def test_bad_arguments(value):
    with pytest.raises(ValueError, match=r"GradientCache: `chunk_size` must be an integer >= 1.*Received"):
        GradientCache(encoder(), value)
