"""Losses of views: what carries no gradient, codes and centers, and wrong shapes."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, tensor, value_and_gradient


def test_byol_is_twice_the_negative_cosine_plus_2(rng):
    two, four = rng.normal(size=(4, 2, 3)), rng.normal(size=(4, 4, 3))
    byol, cosine = K.BYOL(reduction=None), K.NegativeCosineSimilarity(reduction=None)
    assert_close(array(byol(None, two)), 2 + 2 * array(cosine(None, two)))
    assert_close(array(byol(None, four)), 4 + 4 * array(cosine(None, four)))  # a sum, and a mean
    directions = [array(byol(None, four[:, pair])) for pair in ([0, 3], [1, 2])]
    assert_close(array(byol(None, four)), sum(directions))


def test_byol_keeps_the_digits_of_almost_equal_directions():
    a, b = np.array([1.0, 1e-5]), np.array([1.0, 0.0])
    value = array(K.BYOL()(None, np.stack([a, b])[None].astype("float32")))
    np.testing.assert_allclose(value, 1e-10, rtol=1e-5)


@pytest.mark.parametrize(
    ("loss", "views", "without"),
    [
        (K.BYOL(), 2, [1]),
        (K.BYOL(), 4, [2, 3]),
        (K.NegativeCosineSimilarity(), 2, [1]),
        (K.NegativeCosineSimilarity(), 4, [2, 3]),
        (K.DINO(), 4, [0, 1]),
        (K.DINO(teacher_views=1, center=None), 3, [0, 1]),  # the student's first view has no other
    ],
    ids=repr,
)
def test_targets_have_no_gradient(loss, views, without, rng):
    y_pred = rng.normal(size=(5, views, 3)).astype("float32")
    _, gradient = value_and_gradient(lambda p: loss(None, p), y_pred)
    assert not np.any(gradient[:, without])
    rest = [v for v in range(views) if v not in without]
    assert np.all(np.any(gradient[:, rest], axis=(0, 2)))


def test_the_teacher_of_patches_has_no_gradient(rng):
    teacher, student = rng.normal(size=(2, 3, 4)).astype("float32"), rng.normal(size=(2, 3, 5))
    _, gradient = value_and_gradient(lambda t: K.GramAnchoring()(t, student), teacher)
    assert not np.any(gradient)


def test_dino_compares_different_views_only(rng):
    y_pred = rng.normal(size=(4, 4, 3)).astype("float32")
    loss = K.DINO(teacher_views=2, center=None, teacher_temperature=0.5, reduction=None)

    def pair(k, j):
        q = array(keras.ops.softmax(tensor(y_pred[:, k] / 0.5)))
        return array(K.CategoricalCrossentropy(from_logits=True, reduction=None)(q, y_pred[:, j] / 0.1))

    assert_close(array(loss(None, y_pred)), (pair(0, 3) + pair(1, 2)) / 2)


def test_the_center_of_a_batch_is_subtracted(rng):
    y_pred = rng.normal(size=(6, 5, 3)).astype("float32")
    centered = y_pred.copy()
    centered[:, :2] -= y_pred[:, :2].mean(axis=(0, 1))
    expected = array(K.DINO(center=None)(None, centered))
    assert_close(array(K.DINO()(None, y_pred)), expected)
    assert abs(expected - array(K.DINO(center=None)(None, y_pred))) > 1e-3


def test_codes_share_the_samples_among_the_prototypes():
    """All samples are nearest to the first prototype; yet each of the two gets half of them."""
    scores = np.array([[3.0, 0.0], [2.0, 0.0], [1.0, 0.0], [0.0, 0.0]], "float32")
    sure = np.tile(np.float32([20.0, 0.0]), (4, 1))  # costs 20 times the share of the second prototype
    loss = K.SwAV(1.0, sinkhorn_iterations=100, sinkhorn_epsilon=0.5, code_views=1, reduction=None)
    shares = array(loss(None, np.stack([scores, sure], axis=1))) / 20
    np.testing.assert_allclose(shares, 1 / (1 + np.exp([3, 1, -1, -3])), atol=1e-6)


def test_codes_of_one_sample_are_uniform(rng):
    y_pred = rng.normal(size=(1, 2, 4)).astype("float32")
    log_p = array(keras.ops.log_softmax(tensor(y_pred / 0.1)))
    assert_close(array(K.SwAV()(None, y_pred)), -log_p.mean())


def test_gram_anchoring_sees_no_rotation_and_no_width(rng):
    teacher = rng.normal(size=(2, 4, 3)).astype("float32")
    rotation, _ = np.linalg.qr(rng.normal(size=(5, 3)))
    student = 3 * teacher @ rotation.T
    assert student.shape[-1] == 5
    assert_close(array(K.GramAnchoring(reduction=None)(teacher, student)), np.zeros(2))
    scaled = K.GramAnchoring(normalize=False, reduction=None)
    assert np.all(array(scaled(teacher, student)) > 1)


def test_negative_similarities_of_the_teacher():
    """0.5 of the student against -0.5 of the teacher, and the other way round."""
    near, far = [[1, 0], [0.5, 0.75**0.5]], [[1, 0], [-0.5, 0.75**0.5]]
    near, far = (np.array([x], "float32") for x in (near, far))
    for remove, of_far_teacher, of_near_teacher, of_both in (
        ("both", 0.25, 0.25, 0.0),
        ("teacher", 0.25, 1.0, 0.0),
        (None, 1.0, 1.0, 0.0),
    ):
        loss = K.GramAnchoring(remove_negative=remove)
        for value, (teacher, student) in (
            (of_far_teacher, (far, near)),
            (of_near_teacher, (near, far)),
            (of_both, (far, far)),
        ):
            assert_close(array(loss(teacher, student)), value / 2, message=remove)


@pytest.mark.parametrize(
    ("loss", "shape", "words"),
    [
        (K.BYOL(), (3, 3, 2), "2 or 4 views stacked on axis 1"),
        (K.BYOL(), (3, 2), "views stacked on axis 1"),
        (K.NegativeCosineSimilarity(), (3, 1, 2), "2 or 4 views stacked on axis 1"),
        (K.DINO(), (3, 2, 2), "at least 3 views stacked on axis 1"),
        (K.DINO(teacher_views=1), (3, 2, 2), "at least 3 views stacked on axis 1"),
        (K.DINO(teacher_views=4), (3, 4, 2), "at least 5 views stacked on axis 1"),
        (K.SwAV(), (3, 1, 2), "at least 2 views stacked on axis 1"),
        (K.SwAV(code_views=3), (3, 2, 2), "at least 3 views stacked on axis 1"),
        (K.SwAV(), (3, 2, 2, 2), "views stacked on axis 1"),
    ],
    ids=repr,
)
def test_wrong_numbers_of_views_are_refused(loss, shape, words):
    with pytest.raises(ValueError, match=rf"{type(loss).__name__}: .*{words}.*Received"):
        loss(None, np.zeros(shape))


def test_other_patches_are_refused(rng):
    for teacher, student in [((2, 3, 4), (2, 4, 4)), ((2, 3, 4), (3, 3, 4)), ((2, 3), (2, 3))]:
        with pytest.raises(ValueError, match=r"GramAnchoring: .*\(N, P, E\).*Received"):
            K.GramAnchoring()(np.zeros(teacher), np.zeros(student))


def test_y_true_is_ignored(rng):
    y_pred = rng.normal(size=(4, 4, 3))
    for loss in (K.BYOL(), K.NegativeCosineSimilarity(), K.DINO(), K.SwAV()):
        expected = array(loss(np.zeros(4), y_pred))
        for y_true in (None, np.full((4, 1), np.nan), np.arange(12).reshape(4, 3)):
            assert_close(array(loss(y_true, y_pred)), expected)
