"""Losses where people use them: in `compile`, with masks, mixed precision, and in saved files."""

import os

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, tensor, two_replicas

FAMILIES = [
    K.Huber(delta=0.5),
    K.ScaleInvariantLogarithmic(),
    K.CosineSimilarity(),
    K.Barron(alpha=-2.0, scale=3.0),
    K.BinaryCrossentropy(from_logits=True, pos_weight=2.0),
    K.SparseCategoricalCrossentropy(from_logits=True, class_weight=[1.0, 2.0, 0.5], label_smoothing=0.1),
    K.BalancedSoftmaxCrossentropy([20, 8, 4], from_logits=True),
    0.7 * K.MeanSquaredError() + 0.3 * K.Masked(K.LogCosh(), missing_value=-9.0),
]


def data(loss, n=32):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(n, 4)).astype("float32")
    y = (x @ rng.normal(size=(4, 3))).astype("float32")
    if isinstance(loss, (K.SparseCategoricalCrossentropy, K.BalancedSoftmaxCrossentropy)):
        return x, np.argmax(y, axis=-1)
    if isinstance(loss, K.BinaryCrossentropy):
        return x, (y > 0).astype("int32")
    return x, np.exp(y) if isinstance(loss, K.ScaleInvariantLogarithmic) else y


def dense_model(loss, **kwargs):
    positive = isinstance(loss, K.ScaleInvariantLogarithmic)
    activation = "softplus" if positive else None
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation=activation)])
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss=loss, **kwargs)
    return model


@pytest.mark.parametrize("loss", FAMILIES, ids=lambda loss: loss.name)
def test_fit_save_and_load(loss, tmp_path):
    x, y = data(loss)
    weight = np.linspace(0.0, 2.0, len(x))
    model = dense_model(loss)
    history = model.fit(x, y, sample_weight=weight, epochs=3, batch_size=10, verbose=0).history["loss"]
    assert history[-1] < history[0]
    value = model.evaluate(x, y, sample_weight=weight, verbose=0)
    path = os.path.join(tmp_path, "model.keras")
    model.save(path)
    loaded = keras.saving.load_model(path)
    assert loaded.loss.get_config() == loss.get_config()
    assert_close(loaded.evaluate(x, y, sample_weight=weight, verbose=0), value)
    assert_close(model.evaluate(x, y, sample_weight=weight, batch_size=len(x), verbose=0), value)


def test_mask_of_the_model():
    """The mask of an embedding reaches the loss through recurrent and dense layers, in every mode."""
    words = np.array([[1, 2, 3, 0], [4, 0, 0, 0], [2, 2, 0, 0]])
    tags = np.array([[0, 1, 2, 0], [1, 99, -1, 0], [2, 0, 0, 0]])  # nonsense where there is no word
    model = keras.Sequential(
        [
            keras.Input((4,), dtype="int32"),
            keras.layers.Embedding(5, 4, mask_zero=True),
            keras.layers.LSTM(5, return_sequences=True),
            keras.layers.Dense(3),
        ]
    )
    loss = K.SparseCategoricalCrossentropy(from_logits=True)
    logits = array(model(words))
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    mask = words != 0
    clean = np.where(mask, tags, 0)
    values = -np.take_along_axis(log_p, clean[..., None], axis=-1)[..., 0]
    expected = values[mask].mean()
    assert_close(array(loss(tags, model(words))), expected)
    for options in ({}, {"run_eagerly": True}):
        model.compile(optimizer=keras.optimizers.SGD(0.0), loss=loss, **options)
        assert_close(model.evaluate(words, tags, verbose=0), expected)
        assert_close(model.fit(words, tags, verbose=0).history["loss"][0], expected)


MIXED = [
    K.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
    K.CategoricalFocalCrossentropy(from_logits=True),
    K.LDAM([20, 8, 4]),
    K.CosineSimilarity() + K.Huber(),
]


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("loss", MIXED, ids=lambda loss: loss.name)
def test_mixed_precision(policy, loss):
    keras.config.set_dtype_policy(policy)
    classes = not isinstance(loss, K.WeightedSum)
    x, y = data(K.SparseCategoricalCrossentropy() if classes else K.Huber())
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss=loss)
    history = model.fit(x, y, epochs=3, batch_size=10, verbose=0).history["loss"]
    assert np.all(np.isfinite(history)) and history[-1] < history[0]


@keras.saving.register_keras_serializable(package="tests")
def root_mean(values):
    return ops.sqrt(ops.mean(values))


def test_callable_reduction(tmp_path):
    x, y = data(K.Huber())
    model = dense_model(K.MeanSquaredError(reduction=root_mean))
    value = model.fit(x, y, batch_size=len(x), verbose=0).history["loss"][0]
    assert value > model.evaluate(x, y, batch_size=len(x), verbose=0)
    path = os.path.join(tmp_path, "model.keras")
    model.save(path)
    assert keras.saving.load_model(path).loss.reduction is root_mean


def test_several_outputs():
    inputs = keras.Input((4,))
    outputs = {"a": keras.layers.Dense(3)(inputs), "b": keras.layers.Dense(1)(inputs)}
    model = keras.Model(inputs, outputs)
    losses = {"a": K.SparseCategoricalCrossentropy(from_logits=True), "b": K.Huber()}
    model.compile(optimizer="sgd", loss=losses, loss_weights={"a": 0.5, "b": 2.0})
    x, ids = data(K.SparseCategoricalCrossentropy())
    y = {"a": ids, "b": x[:, 0]}
    value = model.evaluate(x, y, batch_size=len(x), verbose=0)
    value = value[0] if isinstance(value, list) else value
    predictions = model(x)
    parts = [array(losses[key](y[key], predictions[key])) for key in "ab"]
    assert_close(value, 0.5 * parts[0] + 2 * parts[1])


@pytest.mark.parametrize("loss", [K.Huber, K.BinaryCrossentropy, K.MeanSquaredError])
def test_losses_as_metrics(loss):
    """Without reduction they are exact, with uneven batches and with sample weights."""
    x, y = data(K.BinaryCrossentropy())
    weight = np.linspace(0.0, 2.0, len(x))
    metric, weighted = loss(reduction=None), loss(reduction=None, name="weighted")
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(3, activation="sigmoid")(inputs))
    model.compile("sgd", K.MeanSquaredError(), metrics=[metric], weighted_metrics=[weighted])
    values = model.evaluate(x, y, sample_weight=weight, batch_size=10, verbose=0, return_dict=True)
    each = array(metric(y, model(x)))
    assert_close(values[metric.name], each.mean())
    assert_close(values["weighted"], np.average(each, weights=weight))


@pytest.mark.parametrize("structure", ["list", "dict"])
def test_lists_and_dicts_of_losses(structure):
    inputs = keras.Input((4,))
    outputs = [keras.layers.Dense(3, name="a")(inputs), keras.layers.Dense(1, name="b")(inputs)]
    losses = [K.SparseCategoricalCrossentropy(from_logits=True), 0.5 * K.Huber() + K.LogCosh()]
    x, ids = data(K.SparseCategoricalCrossentropy())
    y, weights = [ids, x[:, 0]], [0.5, 2.0]
    if structure == "dict":
        outputs, losses, y, weights = (dict(zip("ab", z, strict=True)) for z in (outputs, losses, y, weights))
    model = keras.Model(inputs, outputs)
    model.compile("sgd", losses, loss_weights=weights)
    predictions = model.predict(x, verbose=0)
    keys = "ab" if structure == "dict" else (0, 1)
    expected = sum(weights[key] * array(losses[key](y[key], predictions[key])) for key in keys)
    assert_close(model.evaluate(x, y, batch_size=len(x), verbose=0, return_dict=True)["loss"], expected)
    first, last = (model.fit(x, y, verbose=0, epochs=4).history["loss"][i] for i in (0, -1))
    assert last < first


class OwnStep(keras.Model):
    """A model that trains itself, one way for each backend."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3)
        self.loss_function = K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=2)

    def call(self, x):
        return self.dense(x)

    def train_step(self, *arguments):
        if BACKEND == "jax":
            import jax

            state, (x, y) = arguments
            trainable, fixed, optimizer, metrics = state

            def compute(trainable):
                y_pred, updates = self.stateless_call(trainable, fixed, x)
                return self.loss_function(y, y_pred), updates

            (value, fixed), gradients = jax.value_and_grad(compute, has_aux=True)(trainable)
            trainable, optimizer = self.optimizer.stateless_apply(optimizer, gradients, trainable)
            return {"value": value}, (trainable, fixed, optimizer, metrics)
        x, y = arguments[0]
        if BACKEND == "torch":
            self.zero_grad()
            value = self.loss_function(y, self(x))
            value.backward()
            gradients = [variable.value.grad for variable in self.trainable_weights]
            import torch

            with torch.no_grad():
                self.optimizer.apply(gradients, self.trainable_weights)
            return {"value": value}
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value = self.loss_function(y, self(x))
        gradients = tape.gradient(value, self.trainable_weights)
        self.optimizer.apply(gradients, self.trainable_weights)
        return {"value": value}


def test_a_train_step_of_ones_own():
    x, y = data(K.SparseCategoricalCrossentropy())
    model = OwnStep()
    model(x)
    expected = array(model.loss_function(y, model(x)))
    model.compile(keras.optimizers.SGD(0.5))
    values = model.fit(x, y, batch_size=len(x), epochs=4, verbose=0).history["value"]
    assert_close(values[0], expected)
    assert values[-1] < values[0]


def test_distributed_scaling():
    if BACKEND != "tensorflow":
        pytest.skip("tf.distribute is TensorFlow's")
    strategy = two_replicas()
    replicas = strategy.num_replicas_in_sync
    loss = K.MeanSquaredError()
    y_true, y_pred = np.zeros((3, 2), "float32"), np.full((3, 2), 2.0, "float32")
    weights = np.array([1.0, 1.0, 0.0], "float32")

    def step():
        counted = K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
        return loss(y_true, y_pred, weights), counted(np.array([0, 1, 1]), tensor(y_pred))

    plain, ignored = (strategy.reduce("SUM", value, axis=None) for value in strategy.run(step))
    assert_close(array(plain), 8 / 3)
    assert_close(array(ignored), np.log(2.0))
    assert replicas == 2
    assert ops.shape(plain) == ()
