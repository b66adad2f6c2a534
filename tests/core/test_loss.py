"""The base of all losses: dtypes, reductions, shapes, one's own subclass."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss
from tests.backend import BACKEND, array, assert_close, tensor


@keras.saving.register_keras_serializable(package="tests")
def largest(values):
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


def test_callable_reduction():
    y_true, y_pred = np.zeros((3, 1)), np.array([[1.0], [3.0], [2.0]])
    loss = kerasloss.MeanAbsoluteError(reduction=largest)
    assert_close(array(loss(y_true, y_pred)), 3.0)
    assert_close(array(loss(y_true, y_pred, sample_weight=np.array([5.0, 0.0, 1.0]))), 5.0)
    assert kerasloss.MeanAbsoluteError.from_config(loss.get_config()).reduction is largest


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


@pytest.mark.parametrize("declared", ["kind", "scope", "growth"])
def test_what_a_class_says_of_itself_is_a_known_word(declared):
    with pytest.raises(ValueError, match=f"Mine: `{declared}` must be one of .*{declared}='quick'"):
        type("Mine", (kerasloss.Loss,), {declared: "quick"})
