"""Distillation of features: what they are free of, and what must not reach the teacher."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient
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
