"""The base of all losses: what a user's own loss gets by subclassing it."""

import json
import os

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss
from kerasloss.core.loss import keras_mask
from tests.backend import BACKEND, array, assert_close, masked, tensor, value_and_gradient


@keras.saving.register_keras_serializable(package="tests")
class Power(kerasloss.Loss):
    """A user's loss, without a `get_config` of its own."""

    def __init__(self, power=2.0, axes=(1, 2), inner=None, **kwargs):
        super().__init__(**kwargs)
        self.power = power
        self.axes = axes
        self.inner = inner

    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_pred - y_true) ** self.power, axis=-1)


class WeightedTotal(kerasloss.Loss):
    """A batch loss: it gets the weights instead of having them multiplied on."""

    def call(self, y_true, y_pred, sample_weight):
        values = ops.sum(ops.square(y_pred - y_true), axis=-1)
        return ops.max(values if sample_weight is None else values * sample_weight)


class Frames(kerasloss.Loss):
    """A loss over sequences: it gets the mask of y_pred."""

    def call(self, y_true, y_pred, mask):
        frames = ops.sum(ops.square(y_pred), axis=-1)
        return ops.sum(frames if mask is None else ops.where(mask, frames, 0), axis=-1)


class Censored(kerasloss.Loss):
    """A loss that does not count the rows whose label is negative."""

    def counts(self, y_true, y_pred):
        return y_true[:, 0] >= 0

    def call(self, y_true, y_pred):
        return ops.mean(ops.log(y_pred) - y_true, axis=-1)


@keras.saving.register_keras_serializable(package="tests")
def largest(values):
    return ops.max(values)


def unregistered(values):
    return ops.max(values)


def test_integer_targets_are_never_cast():
    seen = {}

    class Spy(kerasloss.Loss):
        def call(self, y_true, y_pred):
            seen["dtype"], seen["values"] = keras.backend.standardize_dtype(y_true.dtype), array(y_true)
            return ops.mean(y_pred, axis=-1)

    for dtype in ("bfloat16", "float16", "float32"):
        labels = np.array([257, 2049, 2**24 + 1])
        Spy(dtype=dtype)(labels, np.ones((3, 2), "float32"))
        assert "int" in seen["dtype"]
        np.testing.assert_array_equal(seen["values"], labels)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_large_class_ids_under_small_dtypes(dtype):
    labels = np.array([257, 2049, 3001])
    logits = np.full((3, 4096), -30.0, "float32")
    logits[np.arange(3), labels] = 30.0
    loss = kerasloss.SparseCategoricalCrossentropy(from_logits=True, dtype=dtype)
    for ids in (labels, labels[:, None], labels.astype("float32"), tensor(labels, "int32")):
        assert_close(array(loss(ids, logits)), 0.0)


def test_arithmetic_is_float32_or_wider():
    mse = kerasloss.MeanSquaredError(dtype="float16")
    errors_of_9 = np.zeros((1000, 1), "float16"), np.full((1000, 1), 9, "float16")
    assert array(mse(*errors_of_9)) == 81
    errors_of_1 = np.zeros((70000, 1), "float16"), np.full((70000, 1), 1, "float16")
    assert array(mse(*errors_of_1)) == 1
    assert keras.backend.standardize_dtype(mse(*errors_of_1).dtype) == "float16"
    cosine = kerasloss.CosineSimilarity(dtype="float16")
    tiny = np.array([[1e-5, 2e-5]], "float16")
    assert_close(array(cosine(tiny, tiny)), -1.0, "float16")
    keras.config.set_floatx("bfloat16")
    assert kerasloss.Huber().dtype == "bfloat16" and kerasloss.Huber().compute_dtype == "float32"


@pytest.mark.skipif(BACKEND == "jax", reason="JAX has no float64 by default")
@pytest.mark.parametrize("reduction", ["mean", "mean_with_sample_weight", "sum"])
def test_reductions_of_float64(reduction, rng):
    y, p = rng.normal(size=(2, 6, 5))
    weight = rng.uniform(size=6)
    loss = kerasloss.MeanSquaredError(reduction=reduction, dtype="float64")
    each = np.mean((y - p) ** 2, axis=-1)
    divisor = {"mean": 6, "mean_with_sample_weight": np.sum(weight), "sum": 1}[reduction]
    np.testing.assert_allclose(array(loss(y, p, weight)), np.sum(weight * each) / divisor, rtol=1e-14)
    divisor = 1 if reduction == "sum" else 6
    np.testing.assert_allclose(array(loss(y, p)), np.sum(each) / divisor, rtol=1e-14)


def test_weights_are_per_sample_and_broadcast():
    y_true, y_pred = np.zeros((3, 3, 2)), np.ones((3, 3, 2))
    y_pred[1] = 2.0
    weight = np.array([1.0, 0.0, 2.0])
    for w in (weight, weight[:, None], weight[:, None, None]):
        values = array(kerasloss.MeanSquaredError(reduction=None)(y_true, y_pred, sample_weight=w))
        assert_close(values, [[1, 1, 1], [0, 0, 0], [2, 2, 2]])
    loss = kerasloss.MeanAbsoluteError(reduction="mean_with_sample_weight")
    ones = np.ones((2, 5, 1))
    assert_close(array(loss(0 * ones, ones, sample_weight=np.array([[2.0], [1.0]]))), 1.0)
    for wrong in (np.ones(2), np.ones((3, 2)), np.ones((3, 3, 3))):
        with pytest.raises(ValueError, match="MeanAbsoluteError.*sample_weight.*Received"):
            loss(y_true, y_pred, sample_weight=wrong)


def test_excluded_positions_are_selected_twice():
    """Once before the arithmetic and once after: here the value of the stand-in inputs is infinite."""

    class LogRest(kerasloss.Loss):
        def call(self, y_true, y_pred):
            return -ops.mean(ops.log(1 - y_pred), axis=-1)

    y_true, y_pred = np.zeros((2, 1)), np.array([[0.5], [3.0]])
    value, gradient = value_and_gradient(
        lambda p: LogRest(reduction="sum")(y_true, p, np.array([1, 0])), y_pred
    )
    assert_close(value, np.log(2.0))
    assert_close(gradient, [[2.0], [0.0]])


def test_weight_on_one_axis():
    """Entries of a single axis are samples as soon as they have weights of their own."""
    y_true, y_pred, weight = np.zeros(3), np.array([1.0, 2.0, np.nan]), np.array([1.0, 0.5, 0.0])
    assert_close(array(kerasloss.MeanSquaredError(reduction="sum")(y_true, y_pred, weight)), 3.0)
    assert_close(array(kerasloss.MeanSquaredError()(y_true[:2], y_pred[:2])), 2.5)
    assert_close(array(kerasloss.MeanSquaredError()(y_true[:2], y_pred[:2], 2.0)), 5.0)


def test_all_weights_zero_and_everything_masked():
    y_true, y_pred = np.zeros((2, 3)), np.full((2, 3), np.nan)
    for reduction in ("sum", "mean", "mean_with_sample_weight"):
        loss = kerasloss.MeanSquaredError(reduction=reduction)
        value, gradient = value_and_gradient(lambda p, f=loss: f(y_true, p, np.zeros(2)), y_pred)
        assert value == 0 and not np.any(gradient)
        assert array(loss(y_true, masked(y_pred, [False, False]))) == 0


def test_mask_and_weight_together():
    y_true, y_pred = np.zeros((4, 1)), np.array([[1.0], [2.0], [np.nan], [4.0]])
    weight = np.array([1.0, 0.0, 5.0, 2.0])
    y_masked = masked(y_pred, [True, True, False, True])
    expected = {"mean": 9 / 3, "sum": 9, "mean_with_sample_weight": 9 / 3, None: [1, 0, 0, 8]}
    for reduction, value in expected.items():
        loss = kerasloss.MeanAbsoluteError(reduction=reduction)
        assert_close(array(loss(y_true, y_masked, sample_weight=weight)), value)


def test_no_mask_costs_nothing():
    assert keras_mask(tensor(np.ones((2, 3), "float32"))) is None
    assert keras_mask(tensor(np.ones((2, 3)), "float16")) is None
    assert keras_mask(np.ones((2, 3))) is None
    for mask in (np.array([True, False]), np.array([[True], [False]]), np.ones((2, 3), bool)):
        np.testing.assert_array_equal(array(keras_mask(masked(np.ones((2, 3, 4)), mask))), mask)
    one = keras_mask(masked(np.ones((1, 3)), [False]))
    assert not np.any(array(one))


def test_batch_loss_gets_the_weights():
    y_true, y_pred = np.zeros((3, 1)), np.array([[3.0], [1.0], [np.nan]])
    loss = WeightedTotal()
    assert_close(array(loss(y_true[:2], y_pred[:2])), 9.0)
    assert_close(array(loss(y_true, y_pred, sample_weight=np.array([0.1, 2.0, 0.0]))), 2.0)
    assert_close(array(loss(y_true, masked(y_pred, [False, True, False]))), 1.0)
    both = loss(y_true, masked(y_pred, [False, True, False]), sample_weight=np.array([9.0, 2.0, 9.0]))
    assert_close(array(both), 2.0)
    assert_close(array(loss(y_true[:0], y_pred[:0])), 0.0)


def test_sequence_loss_gets_the_mask():
    y_pred = np.ones((2, 3, 2))
    labels = np.array([[1], [2]])
    assert_close(array(Frames(reduction=None)(labels, y_pred)), [6, 6])
    lengths = [[True, True, False], [True, False, False]]
    assert_close(array(Frames(reduction=None)(labels, masked(y_pred, lengths))), [4, 2])
    weighted = Frames(reduction="sum")(labels, masked(y_pred, lengths), sample_weight=np.array([1.0, 10.0]))
    assert_close(array(weighted), 24)


def test_positions_that_do_not_count():
    y_true, y_pred = np.array([[0.0], [-1.0], [1.0]]), np.array([[1.0], [-5.0], [np.e]])
    value, gradient = value_and_gradient(lambda p: Censored()(y_true, p), y_pred)
    assert_close(value, 0.0)
    assert_close(gradient, [[0.5], [0.0], [0.5 / np.e]])
    weight = np.array([1.0, 7.0, 3.0])
    loss = Censored(reduction="mean_with_sample_weight")
    assert_close(array(loss(y_true * 0 + [[0], [-1], [0]], y_pred, sample_weight=weight)), 0.75)


def test_callable_reduction():
    y_true, y_pred = np.zeros((3, 1)), np.array([[1.0], [3.0], [2.0]])
    loss = kerasloss.MeanAbsoluteError(reduction=largest)
    assert_close(array(loss(y_true, y_pred)), 3.0)
    assert_close(array(loss(y_true, y_pred, sample_weight=np.array([5.0, 0.0, 1.0]))), 5.0)
    assert kerasloss.MeanAbsoluteError.from_config(loss.get_config()).reduction is largest


@pytest.mark.parametrize("function", [lambda values: values, unregistered])
def test_code_is_not_saved(function, tmp_path):
    loss = kerasloss.MeanAbsoluteError(reduction=function)
    assert np.shape(array(loss(np.zeros((1, 1)), np.ones((1, 1))))) in ((), (1,))
    with pytest.raises(ValueError, match="MeanAbsoluteError: `reduction` can't be saved.*Received"):
        loss.get_config()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss=loss)
    with pytest.raises(ValueError, match="can't be saved"):
        model.save(os.path.join(tmp_path, "model.keras"))


def test_a_lambda_in_a_file_is_refused():
    config = kerasloss.MeanAbsoluteError().get_config()
    with pytest.warns(UserWarning, match="lambda"):
        config["reduction"] = keras.saving.serialize_keras_object(lambda values: values)
    with pytest.raises(ValueError, match="(?i)lambda"):
        kerasloss.MeanAbsoluteError.from_config(config)


def test_configuration_of_a_users_loss():
    loss = Power(3.0, axes=(0, 1), inner=kerasloss.Huber(delta=0.5, dtype="float16"), reduction="sum")
    text = json.dumps(keras.saving.serialize_keras_object(loss))
    copy = keras.saving.deserialize_keras_object(json.loads(text))
    assert copy.get_config() == loss.get_config()
    assert copy.power == 3.0 and copy.axes == (0, 1) and copy.reduction == "sum"
    assert copy.inner.delta == 0.5 and copy.inner.dtype == "float16"
    assert repr(copy).startswith("Power(power=3.0, axes=(0, 1), inner=Huber(delta=0.5)")


def test_an_argument_that_is_not_stored_is_reported():
    class Forgetful(kerasloss.Loss):
        def __init__(self, alpha=1.0, **kwargs):
            super().__init__(**kwargs)

    with pytest.raises(ValueError, match="Forgetful.*alpha"):
        Forgetful().get_config()


def test_call_must_be_written():
    with pytest.raises(NotImplementedError, match="Empty must implement"):
        type("Empty", (kerasloss.Loss,), {})()(np.zeros((1, 1)), np.zeros((1, 1)))


def test_bad_shapes_name_what_came():
    message = (
        r"Huber: `y_true` and `y_pred` must have the same shape.*y_true.shape=\(2, 3\), y_pred.shape=\(2, 2\)"
    )
    with pytest.raises(ValueError, match=message):
        kerasloss.Huber()(np.zeros((2, 3)), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="Huber.*at least one axis"):
        kerasloss.Huber()(1.0, 2.0)
    with pytest.raises(ValueError, match="class_weight.*4 classes"):
        kerasloss.NegativeLogLikelihood(class_weight=[1.0, 2.0])(np.zeros(2, "int32"), np.zeros((2, 4)))
    with pytest.raises(ValueError, match="CategoricalCrossentropy: `axis` must name an axis"):
        kerasloss.CategoricalCrossentropy(axis=3)(np.zeros(2, "int32"), np.zeros((2, 4)))
    with pytest.raises(ValueError, match="MultiLabelSoftMargin: `class_weight`"):
        kerasloss.MultiLabelSoftMargin(class_weight=[1.0, 2.0])(np.zeros((2, 4)), np.zeros((2, 4)))
    with pytest.raises(ValueError, match="ConcordanceCorrelation.*axis=0"):
        kerasloss.ConcordanceCorrelation()(np.zeros((4, 1)), np.zeros((4, 1)))


@pytest.mark.parametrize("labels", [np.zeros((4, 1), "int32"), np.zeros(4, "int32"), np.zeros((4, 1))])
def test_ids_against_one_output_are_refused(labels):
    loss = kerasloss.SparseCategoricalCrossentropy()
    with pytest.raises(ValueError, match="BinaryCrossentropy"):
        loss(labels, np.full((4, 1), 0.5))


def test_small_errors_are_right_in_relative_terms():
    error = np.array([[1e-6], [1e-4], [1e-2]], "float32")
    values = array(kerasloss.LogCosh(reduction=None)(0 * error, error))
    np.testing.assert_allclose(values, np.log(np.cosh(error[:, 0].astype("longdouble"))), rtol=1e-5)


def test_concordance_over_the_batch():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.normal(size=(2, 20, 1)).astype("float32")
    loss = kerasloss.ConcordanceCorrelation(axis=0)
    covariance = np.mean((y_true - y_true.mean()) * (y_pred - y_pred.mean()))
    expected = 1 - 2 * covariance / (y_true.var() + y_pred.var() + (y_true.mean() - y_pred.mean()) ** 2)
    assert_close(array(loss(y_true, y_pred)), expected)


def test_torch_compiles_once():
    if BACKEND != "torch":
        pytest.skip("torch.compile is PyTorch's")
    import torch

    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    loss = kerasloss.Huber()
    loss(torch.zeros(4, 3), torch.ones(4, 3))  # Keras sets up its own state at the first call
    compiled_loss = torch.compile(loss, backend="aot_eager", fullgraph=True)
    for _ in range(3):
        compiled_loss(torch.zeros(4, 3), torch.ones(4, 3))
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 1
