"""Transducers: lengths, padding, FastEmit, and long sequences."""

import keras
import numpy as np
import pytest
import scipy.special
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, masked, value_and_gradient
from tests.cases.sequence.alignment import STEPS

LABELS = np.array([[1, 2], [2, 0], [0, 0]])


@pytest.fixture
def scores(rng):
    return rng.normal(size=(3, 4, 3, 4)).astype("float32")


def each(labels, scores, **arguments):
    return array(K.Transducer(reduction=None, **arguments)(labels, scores))


def test_padding_stands_anywhere_and_is_any_negative_number(scores):
    expected = each(LABELS, scores)
    for labels in ([[1, 2], [-1, 2], [-100, -1]], [[1, 2], [0, 2], [0, -1]]):
        assert_close(each(np.array(labels), scores), expected)
    assert_close(each(np.where(LABELS == 0, 99, LABELS), scores, ignore_class=99), expected)
    assert np.isnan(each(np.where(LABELS == 0, 99, LABELS), scores)).tolist() == [False, True, True]


def test_frames_come_from_the_mask_or_from_y_true(scores):
    lengths = np.array([4, 3, 1])
    mask = np.arange(4) < lengths[:, None]
    expected = [each(LABELS[i : i + 1], scores[i : i + 1, :n])[0] for i, n in enumerate(lengths)]
    hidden = np.where(mask[..., None, None], scores, np.nan).astype("float32")
    assert_close(each(LABELS, masked(hidden, mask)), expected)
    with_lengths = np.concatenate([lengths[:, None], LABELS], axis=1)
    loss = K.Transducer(input_length="y_true", reduction=None)
    value, gradient = value_and_gradient(lambda p: ops.sum(loss(with_lengths, p)), hidden)
    assert_close(value, np.sum(expected))
    assert not np.any(gradient[~mask]) and np.all(np.isfinite(gradient))
    assert not np.any(gradient[1, :, 2]) and not np.any(gradient[2, :, 1:])  # behind the last label
    holes = mask & (np.arange(4) != 1)
    expected = [each(LABELS[i : i + 1], scores[i : i + 1][:, holes[i]])[0] for i in range(3)]
    assert_close(each(LABELS, masked(scores, holes)), expected)


def test_sequences_without_frames_do_not_count(scores):
    with_lengths = np.concatenate([[[4], [0], [4]], LABELS], axis=1)
    loss = K.Transducer(input_length="y_true")
    expected = each(LABELS, scores)
    assert_close(array(loss(with_lengths, scores)), (expected[0] + expected[2]) / 2)
    for wrong in (5, -1):
        with_lengths[1, 0] = wrong
        assert_close(each(with_lengths, scores, input_length="y_true"), [expected[0], np.nan, expected[2]])


def test_no_label_is_a_row_of_blanks(scores):
    expected = -np.sum(scipy.special.log_softmax(scores.astype("float64"), axis=-1)[:, :, 0, 0], axis=1)
    assert_close(each(LABELS[:, :0], scores[:, :, :1]), expected)
    assert_close(each(0 * LABELS, scores), expected)


def test_fastemit_strengthens_the_gradient_of_labels(scores):
    """Two frames and one label: the gradient of each step from its probability among the two paths."""
    p = scipy.special.softmax(STEPS.astype("float64"), axis=-1)[0]
    early, late = p[0, 0, 1] * p[0, 1, 0] * p[1, 1, 0], p[0, 0, 0] * p[1, 0, 1] * p[1, 1, 0]
    share = early / (early + late)
    for strength in (0.0, 0.5, 2.0):
        expected = np.zeros((1, 2, 2, 2))
        label = 1 + strength
        for place, step, weight in (
            ((0, 0, 0), 1, label * share),
            ((0, 0, 0), 0, 1 - share),
            ((0, 0, 1), 0, share),
            ((0, 1, 0), 1, label * (1 - share)),
            ((0, 1, 1), 0, 1.0),
        ):
            expected[place] += weight * (p[place[1:]] - np.eye(2)[step])
        loss = K.Transducer(fastemit_lambda=strength)
        _, gradient = value_and_gradient(lambda x, loss=loss: loss(np.array([[1]]), x), STEPS)
        assert_close(gradient, expected, gradient=True)


def test_an_impossible_label_is_no_nan(scores):
    scores[0, :, 0, 1] = -np.inf
    value, gradient = value_and_gradient(lambda p: K.Transducer()(LABELS, p), scores)
    assert np.isfinite(value) and np.all(np.isfinite(gradient))


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_long_sequences(scale, rng):
    """Against the recursion in float64."""
    x = (scale * rng.normal(size=(1, 60, 21, 5))).astype("float32")
    labels = rng.integers(1, 5, (1, 20))
    log_p = scipy.special.log_softmax(x[0].astype("float64"), axis=-1)
    alpha = np.full((60, 21), -np.inf)
    alpha[0, 0] = 0
    for t in range(60):
        for u in range(21):
            if t:
                alpha[t, u] = np.logaddexp(alpha[t, u], alpha[t - 1, u] + log_p[t - 1, u, 0])
            if u:
                alpha[t, u] = np.logaddexp(alpha[t, u], alpha[t, u - 1] + log_p[t, u - 1, labels[0, u - 1]])
    value, gradient = value_and_gradient(lambda p: K.Transducer()(labels, p), x)
    np.testing.assert_allclose(value, -alpha[59, 20] - log_p[59, 20, 0], rtol=2e-6)
    assert np.all(np.isfinite(gradient))
    np.testing.assert_allclose(gradient.sum(axis=-1), 0, atol=1e-3)


def test_wrong_shapes_are_refused(scores):
    with pytest.raises(ValueError, match="Transducer: `y_pred` must have 4 entries on axis 2"):
        K.Transducer()(np.ones((3, 3), "int32"), scores)
    with pytest.raises(ValueError, match="Transducer: `y_pred` must have 2 entries on axis 2"):
        K.Transducer(input_length="y_true")(LABELS, scores)
    with pytest.raises(ValueError, match="Transducer: `y_true` must have 2 axes and `y_pred` 4"):
        K.Transducer()(LABELS, scores[:, 0])
    with pytest.raises(ValueError, match="Transducer: `blank_index`"):
        K.Transducer(blank_index=4)(LABELS, scores)


def test_it_trains(rng):
    keras.utils.set_random_seed(0)
    frames, words = keras.Input((4, 3)), keras.Input((2,), dtype="int32")
    encoded = keras.layers.Dense(8)(frames)
    before = keras.layers.Embedding(4, 8)(ops.pad(words, ((0, 0), (1, 0))))
    joint = keras.layers.Activation("tanh")(ops.expand_dims(encoded, 2) + ops.expand_dims(before, 1))
    model = keras.Model([frames, words], keras.layers.Dense(4)(joint))
    model.compile(keras.optimizers.Adam(0.05), K.Transducer())
    y = rng.integers(1, 4, (16, 2))
    x = np.eye(4, dtype="float32")[np.repeat(y, 2, axis=1)][..., 1:]
    values = model.fit([x, y], y, epochs=4, batch_size=8, verbose=0).history["loss"]
    assert values[-1] < values[0]
