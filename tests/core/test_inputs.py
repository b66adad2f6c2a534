"""What is no dense tensor of numbers is refused, by name."""

import re
from fractions import Fraction

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
    "None": (None, r"numbers(?=\. Received: y_(true|pred)=None)"),
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


def refused(loss, what, *arguments):
    with pytest.raises(ValueError, match=f"^{type(loss).__name__}: .*{what}.*Received: "):
        loss(*arguments)


@pytest.mark.parametrize("wrong", [1e39, -1e308, 10**400, Fraction(10**400), np.float64(1e300)], ids=type)
def test_a_number_that_float32_cannot_hold_is_refused(wrong):
    with pytest.raises(ValueError, match="Huber: `delta` must be a number that float32 can hold.*: delta="):
        K.Huber(delta=wrong, dtype="float64")
    with pytest.raises(ValueError, match=r"`class_weight\[1\]` must be a number that float32 can hold"):
        K.CategoricalCrossentropy(class_weight=[1.0, wrong])


def test_the_largest_numbers_are_no_error():
    for largest in (3.4e38, 10**38, np.float16(65504), np.finfo("float32").max):
        assert K.Huber(delta=largest).delta is largest
    with pytest.raises(ValueError, match="`delta` must be a finite number > 0"):
        K.Huber(delta=np.inf)
    assert K.Barron(alpha=-np.inf).alpha == -np.inf


@pytest.mark.parametrize("wrong", [3, ["a"], b"a", True])
def test_a_name_is_a_string(wrong):
    with pytest.raises(ValueError, match="Huber: `name` must be a string or None. Received: name="):
        K.Huber(name=wrong)


@pytest.mark.parametrize("wrong", [None, [], "delta"])
def test_a_configuration_is_a_dict(wrong):
    with pytest.raises(ValueError, match="Huber: `config` must be a dict"):
        K.Huber.from_config(wrong)


def test_axes_are_axes_of_the_predictions():
    one = np.ones(3, "float32")
    for weight in (None, one):
        refused(K.RootMeanSquaredError(axis=[0, 1]), "name an axis", one, one, weight)
        refused(K.RootMeanSquaredError(axis=[0, -1]), "different axes", one, one, weight)


@pytest.mark.parametrize(
    ("loss", "y_true", "shape"),
    [
        (K.MeanSquaredError(), np.zeros((3, 0)), (3, 0)),
        (K.MeanSquaredError(), np.zeros((3, 2, 0)), (3, 2, 0)),
        (K.CategoricalCrossentropy(), np.zeros((3, 0)), (3, 0)),
        (K.Circle(), np.arange(3), (3, 0)),
        (K.TripletMargin(), None, (3, 3, 0)),
        (K.MultipleNegativesRanking(), None, (3, 2, 0)),
        (K.NTXent(), None, (3, 2, 0)),
        (K.InfoNCE(), None, (3, 2, 0)),
        (K.SupervisedContrastive(), np.arange(3), (3, 2, 0)),
        (K.BarlowTwins(), None, (3, 2, 0)),
        (K.RouterZ(), None, (3, 0)),
        (K.SubCenterArcFace(), np.arange(3), (3, 2, 0)),
        (K.SubCenterArcFace(), np.arange(3), (3, 0, 2)),
        (K.SoftTriple(), np.arange(3), (3, 0, 2)),
        (K.PSNR(), np.zeros((3, 0, 4, 1)), (3, 0, 4, 1)),
    ],
    ids=str,
)
def test_an_axis_without_entries(loss, y_true, shape):
    """Samples that hold nothing are a mistake; no sample is an empty batch, whatever it would hold."""
    y_pred = np.zeros(shape, "float32")
    refused(loss, "at least one number on axis", y_true, y_pred)
    assert array(loss(None if y_true is None else y_true[:0], y_pred[:0])) == 0


@pytest.mark.parametrize(
    ("loss", "true_shape", "pred_shape"),
    [
        (K.RankNContrast(), (3, 0), (3, 2)),
        (K.GISTEmbed(), (3, 2, 0), (3, 2, 4)),
        (K.NPairs(), (3, 0), (3, 2, 4)),
        (K.SinkhornDivergence(), (3, 0, 2), (3, 4, 2)),
        (K.SinkhornDivergence(), (3, 4, 2), (3, 0, 2)),
        (K.MaximumMeanDiscrepancy(), (0, 2), (3, 2)),
        (K.SoftDTW(), (3, 0, 2), (3, 4, 2)),
        (K.SoftDTW(), (3, 4, 2), (3, 0, 2)),
        (K.LinearChainCRF(), (3, 0), (3, 4, 2)),
    ],
    ids=str,
)
def test_samples_that_hold_nothing(loss, true_shape, pred_shape):
    y_true, y_pred = np.zeros(true_shape, "int32"), np.zeros(pred_shape, "float32")
    shapes = re.escape(f"y_true.shape={true_shape}, y_pred.shape={pred_shape}")
    with pytest.raises(ValueError, match=f"^{type(loss).__name__}: .*at least one number .*{shapes}$"):
        loss(y_true, y_pred)
    assert array(loss(y_true[:0], y_pred[:0])) == 0


def test_a_matrix_of_no_samples():
    for loss in (K.MultipleNegativesRanking(), K.NPairs()):
        assert array(loss(np.zeros(0, int), np.zeros((0, 0), "float32"))) == 0


def test_no_position_is_no_mistake():
    assert array(K.CategoricalCrossentropy()(np.zeros((2, 0, 3)), np.zeros((2, 0, 3), "float32"))) == 0


def test_one_sample_has_one_weight():
    one = np.array([0.2, 0.8], "float32")
    refused(K.SparseCategoricalCrossentropy(), "one entry", 1, one, np.array([0.0, 1.0]))
    assert array(K.SparseCategoricalCrossentropy()(1, one, np.array([0.0]))) == 0


def test_ids_beside_numbers_without_a_class_axis_are_refused():
    with pytest.raises(ValueError, match="SparseCategoricalCrossentropy: class ids need at least 2 classes"):
        K.SparseCategoricalCrossentropy()(np.array([0, 1, 1]), np.array([0.2, 0.7, 0.9]))
