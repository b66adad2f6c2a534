"""Distillation of responses: packed logits, identities, wrong labels."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, tensor, value_and_gradient
from tests.cases.distillation.responses import STUDENT, TEACHER, draw_logits


def test_plain_distillation_is_the_sum_of_the_decoupled_parts(rng):
    """KD = TCKD + (1 - p_c) NCKD, sample by sample."""
    teacher, student = draw_logits(rng, 6)
    p = np.exp(teacher / 2) / np.exp(teacher / 2).sum(-1, keepdims=True)
    sure = array(K.DecoupledDistillation(1.0, 0.0, 2.0, reduction=None)(teacher, student))
    ranks = array(K.DecoupledDistillation(0.0, 1.0, 2.0, reduction=None)(teacher, student))
    plain = array(K.LogitsDistillation(2.0, reduction=None)(teacher, student))
    assert_close(plain, sure + (1 - p.max(-1)) * ranks)


def test_a_certain_teacher_gives_no_nan():
    teacher, student = np.array([[200.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 3.0]])
    for loss in (K.LogitsDistillation(1.0), K.DecoupledDistillation(temperature=1.0)):
        value, gradient = value_and_gradient(lambda p, f=loss: f(teacher, p), student.astype("float32"))
        assert np.isfinite(value) and np.all(np.isfinite(gradient)) and value > 0


def test_two_classes_have_no_ranks():
    assert_close(array(K.DecoupledDistillation(alpha=0.0)(TEACHER[:, :2], STUDENT[:, :2])), 0.0)


@pytest.mark.parametrize("loss", [K.LogitsDistillation(hard_weight=0.5), K.DecoupledDistillation()])
def test_ids_out_of_range_are_nan(loss):
    for label in (-1, 3, np.nan, 0.5):
        packed = np.concatenate([TEACHER, [[label]]], axis=1)
        assert np.isnan(array(loss(packed, STUDENT)))
    packed = np.concatenate([TEACHER, [[np.nan]]], axis=1)
    assert_close(array(K.LogitsDistillation()(packed, STUDENT)), 0.495841364846)  # the id is not used


def test_a_packed_id_keeps_its_precision(rng):
    """Id 257 of 300 would be 256 in bfloat16."""
    teacher, student = rng.normal(size=(2, 1, 300)).astype("float32")
    packed = np.concatenate([teacher, [[257]]], axis=1).astype("float32")
    exact = array(K.LogitsDistillation(hard_weight=1.0)(packed, student))
    rounded = array(K.LogitsDistillation(hard_weight=1.0, dtype="bfloat16")(packed, tensor(student)))
    assert_close(rounded, exact, "bfloat16")


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match=r"LogitsDistillation: `hard_weight` > 0 needs the class id"):
        K.LogitsDistillation(hard_weight=0.5)(TEACHER, STUDENT)
    for loss in (K.LogitsDistillation(), K.DecoupledDistillation()):
        with pytest.raises(ValueError, match=r"Distillation: `y_true` must be the teacher's logits"):
            loss(np.zeros((1, 5)), STUDENT)
    with pytest.raises(ValueError, match=r"DecoupledDistillation: `y_pred` must have 2 classes"):
        K.DecoupledDistillation()(TEACHER[:, :1], STUDENT[:, :1])
    with pytest.raises(ValueError, match=r"AttentionTransfer: .*same positions"):
        K.AttentionTransfer()(np.zeros((2, 3, 2)), np.zeros((2, 4, 2)))
    with pytest.raises(ValueError, match=r"RelationalDistillation: .*same samples"):
        K.RelationalDistillation()(np.zeros((3, 2)), np.zeros((4, 2)))


@pytest.mark.skipif(BACKEND != "torch", reason="compares with torch.nn")
def test_torch(rng):
    import torch

    teacher, student = draw_logits(rng, 5)
    soft = [torch.log_softmax(torch.tensor(x) / 3, dim=-1) for x in (student, teacher)]
    expected = 9 * torch.nn.KLDivLoss(reduction="batchmean", log_target=True)(*soft)
    assert_close(array(K.LogitsDistillation()(teacher, student)), expected)


def test_a_student_learns_from_a_teacher(rng):
    keras.utils.set_random_seed(0)
    x = rng.normal(size=(64, 4)).astype("float32")
    logits = np.stack([x[:, 0], x[:, 1], -x[:, 0]], axis=1) * 3
    packed = np.concatenate([logits, logits.argmax(-1)[:, None]], axis=1)
    model = keras.Sequential([keras.layers.Dense(3)])
    model.compile(keras.optimizers.Adam(0.05), K.LogitsDistillation(hard_weight=0.3))
    values = model.fit(x, packed, epochs=15, verbose=0).history["loss"]
    assert values[-1] < 0.5 * values[0]


@pytest.mark.parametrize("shapes", [((), ()), ((), (4,)), ((4,), ())], ids=str)
def test_a_number_is_no_vector_of_logits(shapes):
    for loss in (K.LogitsDistillation(), K.DecoupledDistillation()):
        with pytest.raises(ValueError, match=f"{type(loss).__name__}: .*Received"):
            loss(*(np.zeros(shape, "float32") for shape in shapes))
