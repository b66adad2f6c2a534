"""The parts of sums as metrics: equal to the loss that `fit` logs, and to the parts alone."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from kerasloss.inspection.parts import LossPart
from tests.backend import BACKEND, array, assert_close, two_replicas

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 4)).astype("float32")
Y = RNG.normal(size=(70, 2)).astype("float32")
W = RNG.uniform(0, 2, size=70).astype("float32")


def dense(outputs=2):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(outputs)])


def assert_sums_to_the_loss(history, weights, prefix="", of_which=("", "val_")):
    """The weighted parts are the loss, of every epoch, for training and validation."""
    for of in of_which:
        total = sum(w * np.array(history[f"{of}{prefix}{name}"]) for name, w in weights.items())
        assert_close(total, history[f"{of}{prefix}loss"])


@pytest.mark.parametrize("jit", [False, True])
def test_parts_in_fit(jit):
    if jit and BACKEND == "torch":
        pytest.skip("compilation by PyTorch takes a minute; the metric is plain keras.ops")
    loss = 0.7 * K.MeanSquaredError() + 0.3 * K.Huber(delta=0.5)
    model = dense()
    model.compile("sgd", loss=loss, weighted_metrics=K.parts(loss), jit_compile=jit)
    validation = X[:33], Y[:33], W[:33]
    # Batches of 32, 32 and 6, each with weights.
    history = model.fit(
        X, Y, sample_weight=W, validation_data=validation, batch_size=32, epochs=2, verbose=0
    ).history
    assert set(history) == {
        f"{of}{name}" for of in ("", "val_") for name in ("loss", "mean_squared_error", "huber_loss")
    }
    assert_sums_to_the_loss(history, {"mean_squared_error": 0.7, "huber_loss": 0.3})
    # Over the whole epoch, not the mean of the means of batches.
    found = model.evaluate(X, Y, sample_weight=W, batch_size=32, verbose=0, return_dict=True)
    expected = loss.parts(Y, model.predict(X, verbose=0), W)
    for name, value in expected.items():
        assert_close(found[name], array(value))
    # Without weights.
    assert_sums_to_the_loss(
        model.fit(X, Y, validation_data=validation[:2], verbose=0).history,
        {"mean_squared_error": 0.7, "huber_loss": 0.3},
    )


@pytest.mark.parametrize(
    "reductions",
    [
        ("mean_with_sample_weight", "sum_over_batch_size", None),
        ("sum", "mean_with_sample_weight", None),
        (None, None, "sum"),
        (None, None, "mean"),
    ],
)
def test_reductions(reductions):
    first, second, of_sum = reductions
    loss = K.WeightedSum(
        {"squares": K.MeanSquaredError(reduction=first), "errors": K.MeanAbsoluteError(reduction=second)},
        {"squares": 2.0, "errors": -0.5},
        reduction=of_sum,
    )
    model = dense()
    model.compile("sgd", loss=loss, weighted_metrics=K.parts(loss))
    history = model.fit(X, Y, sample_weight=W, validation_data=(X, Y, W), batch_size=32, verbose=0).history
    assert_sums_to_the_loss(history, {"squares": 2.0, "errors": -0.5})


def test_masks_and_ignored_classes():
    loss = 0.5 * K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1) + K.Brier(
        from_logits=True, ignore_class=-1
    )
    model = keras.Sequential(
        [
            keras.Input((5,), dtype="int32"),
            keras.layers.Embedding(6, 4, mask_zero=True),
            keras.layers.Dense(3),
        ]
    )
    x, y = RNG.integers(0, 6, size=(20, 5)), RNG.integers(-1, 3, size=(20, 5))
    model.compile("sgd", loss=loss, weighted_metrics=K.parts(loss))
    history = model.fit(x, y, validation_data=(x, y), batch_size=8, verbose=0).history
    # In training JAX gives metrics predictions without their mask.
    of_which = ("val_",) if BACKEND == "jax" else ("", "val_")
    assert_sums_to_the_loss(history, {"sparse_categorical_crossentropy": 0.5, "brier": 1.0}, "", of_which)


@pytest.mark.parametrize("as_dict", [True, False])
def test_several_outputs(as_dict):
    inputs = keras.Input((4,))
    outputs = {name: keras.layers.Dense(2, name=name)(inputs) for name in ("a", "b")}
    loss = {"a": 0.7 * K.MeanSquaredError() + 0.3 * K.Huber(), "b": K.MeanSquaredError()}
    labels = {"a": Y, "b": Y}
    if not as_dict:
        outputs, loss, labels = (list(x.values()) for x in (outputs, loss, labels))
    model = keras.Model(inputs, outputs)
    model.compile("sgd", loss=loss, weighted_metrics=K.parts(loss))
    # Equal batches: on TensorFlow Keras does not weigh the batches of single outputs by their size.
    history = model.fit(X, labels, validation_data=(X, labels), batch_size=35, verbose=0).history
    assert_sums_to_the_loss(history, {"mean_squared_error": 0.7, "huber_loss": 0.3}, prefix="a_")
    assert_sums_to_the_loss(history, {"a_loss": 1.0, "b_loss": 1.0})
    assert "b_mean_squared_error" not in history


def test_deep_supervision():
    """Keras logs the levels itself; the parts of the sum at each level are ours."""
    loss = K.DeepSupervision(K.Dice() + 0.5 * K.BinaryCrossentropy(), weights="two")
    inputs = keras.Input((8, 8, 1))
    fine = keras.layers.Conv2D(1, 1, activation="sigmoid", name="fine")(inputs)
    coarse = keras.layers.Conv2D(1, 1, strides=2, activation="sigmoid", name="coarse")(inputs)
    model = keras.Model(inputs, [fine, coarse])
    x = RNG.normal(size=(6, 8, 8, 1)).astype("float32")
    y = (x > 0).astype("float32")
    model.compile(
        "sgd", loss=[loss] * 2, loss_weights=loss.level_weights(2), weighted_metrics=K.parts([loss] * 2)
    )
    history = model.fit(x, [y, y], validation_data=(x, [y, y]), batch_size=3, verbose=0).history
    for level in ("fine", "coarse"):
        weights = {"dice": 1.0, "binary_crossentropy": 0.5}
        assert_sums_to_the_loss(history, weights, prefix=f"{level}_")
    assert_sums_to_the_loss(history, {"fine_loss": 1.0, "coarse_loss": 0.5})


@pytest.mark.parametrize("wrap", [K.Masked, K.Symmetric, K.MultiScale])
def test_wrapped_sums(wrap):
    loss = wrap(K.MeanSquaredError() + 2 * K.MeanAbsoluteError())
    y_true, y_pred = Y.reshape(7, 10, 2), Y.reshape(7, 10, 2) ** 2
    y_true = np.where((y_true > 1) & (wrap is K.Masked), np.nan, y_true)
    squares, errors = K.parts(loss)
    for metric in (squares, errors):
        metric.update_state(y_true, y_pred)
    assert (squares.name, errors.name) == ("mean_squared_error", "mean_absolute_error")
    assert_close(array(squares.result() + 2 * errors.result()), array(loss(y_true, y_pred)))


def test_saved_with_the_model(tmp_path):
    loss = 0.7 * K.MeanSquaredError() + 0.3 * K.Quantile([0.1, 0.9], reduction="mean_with_sample_weight")
    model = dense()
    model.compile("sgd", loss=loss, weighted_metrics=K.parts(loss))
    model.fit(X, Y, sample_weight=W, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    expected, found = (
        m.evaluate(X, Y, sample_weight=W, verbose=0, return_dict=True) for m in (model, loaded)
    )
    assert set(found) == {"loss", "mean_squared_error", "quantile"} == set(expected)
    for name, value in expected.items():
        assert_close(found[name], value)
    assert "quantile" in loaded.fit(X, Y, verbose=0).history


def test_a_part_alone():
    metric = LossPart("mse", name="squares")
    assert float(metric.result()) == 0
    metric.update_state(np.zeros((3, 1)), np.ones((3, 1)))
    metric.update_state(np.zeros((1, 1)), np.full((1, 1), 3.0), np.array([2.0]))
    assert_close(array(ops.convert_to_tensor(metric.result())), (3 + 18) / 4)
    copy = LossPart.from_config(metric.get_config())
    assert copy.name == "squares" and copy.loss.get_config() == metric.loss.get_config()
    metric.reset_state()
    assert float(metric.result()) == 0


def test_losses_without_parts():
    for loss in ("mse", K.Masked(K.Huber()), ["mse", "mae"], {"a": "mse"}):
        with pytest.raises(ValueError, match=r"parts: `loss` must be a sum of losses .*Received: loss="):
            K.parts(loss)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.distribute")
def test_parts_on_two_replicas():
    loss = 0.5 * K.MeanSquaredError() + 0.5 * K.MeanAbsoluteError()
    with two_replicas().scope():
        model = dense()
        model.compile("sgd", loss=loss, weighted_metrics=K.parts(loss))
    history = model.fit(X[:64], Y[:64], validation_data=(X[:64], Y[:64]), batch_size=32, verbose=0).history
    assert_sums_to_the_loss(history, {"mean_squared_error": 0.5, "mean_absolute_error": 0.5})
