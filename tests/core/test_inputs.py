"""What is no dense tensor of numbers is refused, by name."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, tensor

Y = np.array([[0.0, 1.0], [1.0, 0.0]], "float32")
LOSSES = [
    K.MeanSquaredError(),
    K.BinaryCrossentropy(),
    K.SparseCategoricalCrossentropy(),
    K.Dice(),
    K.Hinge(),
    K.KLDivergence(),
    K.GaussianNLL(),
    K.TripletMargin(),
    K.Circle(),
]
WRONG = {
    "complex": (Y + 1j, "real numbers"),
    "strings": (np.array([["a", "b"], ["c", "d"]]), "numbers"),
    "bytes": (np.array([[b"a", b"b"], [b"c", b"d"]]), "numbers"),
    "None": (None, "numbers"),
    "ragged": ([[0.0], [1.0, 2.0]], "numbers"),
    "objects": (np.array([[None, 1.0], [2.0, 3.0]], object), "numbers"),
}


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("argument", ["y_true", "y_pred", "sample_weight"])
def test_what_is_not_numbers_is_refused(loss, wrong, argument):
    value, expected = WRONG[wrong]
    if value is None and (argument == "sample_weight" or (argument == "y_true" and not loss.needs_y_true)):
        pytest.skip("None means that there is none")
    arguments = {"y_true": Y, "y_pred": Y, argument: value}
    with pytest.raises(
        ValueError, match=f"(?s){type(loss).__name__}: `{argument}` must.*{expected}.*Received"
    ):
        loss(**arguments)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_a_scalar_is_no_vector(loss):
    with pytest.raises(ValueError, match=f"{type(loss).__name__}: .*Received"):
        loss(np.float32(1.0), np.float32(0.5))


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tensors of TensorFlow")
def test_sparse_and_ragged_tensors_are_refused():
    import tensorflow as tf

    for wrong in (tf.ragged.constant([[0.0], [1.0, 2.0]]), tf.sparse.from_dense(Y)):
        for pair in ((wrong, Y), (Y, wrong)):
            with pytest.raises(ValueError, match="MeanSquaredError: `y_(true|pred)` must be a dense tensor"):
                K.MeanSquaredError()(*pair)


@pytest.mark.skipif(BACKEND != "torch", reason="tensors of PyTorch")
def test_sparse_tensors_are_refused():
    with pytest.raises(ValueError, match="MeanSquaredError: `y_pred` must be a dense tensor"):
        K.MeanSquaredError()(Y, tensor(Y).to_sparse())


def test_variables_are_tensors():
    assert array(K.MeanSquaredError()(Y, keras.Variable(Y))) == 0


@pytest.mark.parametrize(
    ("loss", "arguments"),
    [(K.Hinge, {"margin": True}), (K.Huber, {"delta": True}), (K.Coral, {"ignore_class": True})],
)
def test_booleans_are_no_numbers(loss, arguments):
    (name,) = arguments
    with pytest.raises(ValueError, match=f"{loss.__name__}: `{name}` must be .*Received: {name}=True"):
        loss(**arguments)


@pytest.mark.parametrize("wrong", [None, "x", b"x", 0.5, [0.5], [1, 1], []])
def test_an_ignored_class_is_an_integer(wrong):
    if wrong is None:
        assert K.Brier(ignore_class=None).ignore_class is None
        return
    with pytest.raises(ValueError, match="Brier: `ignore_class.* must .*Received: ignore_class"):
        K.Brier(ignore_class=wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"class_name": None},
        {"class_name": "Huber", "config": "x"},
        {"config": {}},
        keras.saving.serialize_keras_object(keras.layers.Dense(2)),
    ],
    ids=str,
)
def test_what_is_no_configuration_of_a_loss_is_refused(wrong):
    with pytest.raises(ValueError, match="get: a configuration .*Received"):
        K.get(wrong)


def test_lists_where_keras_takes_them():
    assert array(K.MeanSquaredError()(ops.convert_to_tensor(Y), Y.tolist())) == 0
