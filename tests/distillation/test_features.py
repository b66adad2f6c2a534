"""Distillation of features: what they are free of, and what must not reach the teacher."""

import math

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, masked, value_and_gradient
from tests.cases.distillation.features import draw_embeddings, draw_features, draw_maps
from tests.cases.distillation.responses import draw_logits


@pytest.mark.parametrize(
    ("loss", "draw"),
    [
        (K.LogitsDistillation(), draw_logits),
        (K.DecoupledDistillation(), draw_logits),
        (K.FeatureDistillation(K.Huber()), draw_features),
        (K.FeatureDistillation(normalize=True), draw_features),
        (K.AttentionTransfer(), draw_maps),
        (K.RelationalDistillation(), draw_embeddings),
    ],
)
def test_no_gradient_reaches_the_teacher(loss, draw, rng):
    y_true, y_pred = draw(rng, 4)
    _, gradient = value_and_gradient(lambda y: loss(y, y_pred), y_true)
    assert not np.any(gradient)


def test_relations_are_free_of_rotation_translation_and_scale(rng):
    teacher, student = draw_embeddings(rng, 5)
    rotation = np.linalg.qr(rng.normal(size=(2, 2)))[0]
    loss = K.RelationalDistillation(reduction=None)
    moved = (7 * student @ rotation + 3).astype("float32")
    np.testing.assert_allclose(array(loss(teacher, moved)), array(loss(teacher, student)), rtol=1e-4)
    assert_close(array(loss(student, moved)), np.zeros(5), gradient=True)


def test_relations_of_nan_are_nan(rng):
    teacher, student = draw_embeddings(rng, 5)
    for wrong in (np.full_like(student, np.nan), np.where(np.arange(5)[:, None] == 1, np.nan, student)):
        assert np.isnan(array(K.RelationalDistillation()(teacher, wrong.astype("float32"))))


def test_attention_is_free_of_scale(rng):
    teacher, student = draw_maps(rng, 3)
    loss = K.AttentionTransfer(reduction=None)
    assert_close(array(loss(1e-15 * teacher, np.float32(1e15) * student)), array(loss(teacher, student)))


def test_features_by_axis_and_cosine(rng):
    teacher, student = draw_features(rng, 4)
    along = K.FeatureDistillation("cosine", axis=0, reduction=None)(teacher, student)
    assert_close(array(along), array(K.FeatureDistillation("cosine", reduction=None)(teacher.T, student.T)))
    normalized = K.FeatureDistillation(normalize=True, reduction=None)(teacher, student)
    cosine = K.FeatureDistillation("cosine", reduction=None)(teacher, student)
    assert_close(array(cosine), 4 / 2 * array(normalized))


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("loss", ["mse", "mae", "cosine"])
def test_weights_go_into_the_mean_over_the_batch(loss, normalize, rng):
    teacher, student = draw_features(rng, 4)
    weight = np.float32([0.5, 0, 2, 1.25])
    expected = []
    for t, s in zip(teacher.T.astype(float), student.T.astype(float), strict=True):
        lengths = [math.sqrt(sum(w * a * a for w, a in zip(weight, z, strict=True))) for z in (t, s)]
        if loss == "cosine":
            expected.append(1 - sum(weight * t * s) / (lengths[0] * lengths[1]))
            continue
        t, s = (t / lengths[0], s / lengths[1]) if normalize else (t, s)
        errors = [abs(a - b) ** (2 if loss == "mse" else 1) for a, b in zip(t, s, strict=True)]
        expected.append(sum(w * e for w, e in zip(weight, errors, strict=True)) / sum(weight))
    made = K.FeatureDistillation(loss, normalize, axis=0, reduction=None)
    teacher[1], student[1] = np.inf, np.nan
    assert_close(array(made(teacher, student, sample_weight=weight)), expected)
    nothing = np.zeros(4)
    assert_close(array(made(teacher, student, sample_weight=nothing)), nothing)
    assert_close(array(made(teacher, masked(student, nothing))), nothing)


def test_a_loss_of_features_keeps_its_own_axis(rng):
    teacher, student = draw_features(rng, 4)
    weight = np.float32([2, 0, 1, 1])
    for inner in (K.Huber(), K.CosineSimilarity(axis=0), K.CosineSimilarity()):
        loss = K.FeatureDistillation(inner, axis=0)
        assert_close(array(loss(teacher, student, weight)), array(inner(teacher, student, weight)))
    loss = K.FeatureDistillation(K.Huber(), normalize=True, axis=0)
    assert np.isfinite(array(loss(teacher, student)))
    for weigh in (lambda: loss(teacher, student, weight), lambda: loss(teacher, masked(student, weight))):
        with pytest.raises(ValueError, match="FeatureDistillation: where features are normalized.*axis=0"):
            weigh()


def test_a_number_is_no_embedding(rng):
    with pytest.raises(ValueError, match="RelationalDistillation: `y_true` and `y_pred` must be embeddings"):
        K.RelationalDistillation()(np.float32(1), rng.normal(size=(4, 2)))


@pytest.mark.parametrize(
    ("loss", "shape"),
    [
        (K.AttentionTransfer(), (2, 3, 4)),
        (K.RelationalDistillation(), (3, 4)),
        (K.GramAnchoring(), (2, 3, 4)),
    ],
    ids=str,
)
def test_a_teacher_has_features(loss, shape):
    student = np.ones(shape, "float32")
    for teacher in (student[..., :0], np.float32(1)):
        with pytest.raises(ValueError, match=f"{type(loss).__name__}: .*Received"):
            loss(teacher, student)
