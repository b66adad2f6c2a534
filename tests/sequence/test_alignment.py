"""CTC: lengths, padding, layouts, what can't be aligned, and other implementations."""

import keras
import numpy as np
import pytest
import scipy.special
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, compiled, masked, tensor, value_and_gradient
from tests.cases.sequence.alignment import FRAMES

LABELS = np.array([[1, 2, 0], [2, 2, 0], [3, 0, 0]])


@pytest.fixture
def scores(rng):
    return rng.normal(size=(3, 7, 4)).astype("float32")


def each(loss, *arguments):
    return array(K.CTC.from_config({**loss.get_config(), "reduction": None})(*arguments))


def test_keras_ctc(scores):
    assert_close(array(K.CTC()(LABELS, scores)), array(keras.losses.CTC()(tensor(LABELS), tensor(scores))))


def test_padding_stands_anywhere_and_is_any_negative_number(scores):
    expected = each(K.CTC(), LABELS, scores)
    for labels in (
        [[1, 2, -1], [2, 2, -1], [3, -1, -1]],
        [[-1, 1, 2], [2, -100, 2], [0, 3, -1]],
    ):
        assert_close(each(K.CTC(), np.array(labels), scores), expected)
    fill = np.where(LABELS == 0, 99, LABELS)
    assert_close(each(K.CTC(ignore_class=99), fill, scores), expected)
    with_nan = each(K.CTC(), fill, scores)  # 99 is neither a class nor padding
    assert np.all(np.isnan(with_nan))


def test_frames_come_from_the_mask(scores):
    lengths = np.array([7, 5, 1])
    mask = np.arange(7) < lengths[:, None]
    expected = [each(K.CTC(), LABELS[i : i + 1], scores[i : i + 1, :n])[0] for i, n in enumerate(lengths)]
    hidden = np.where(mask[..., None], scores, np.nan).astype("float32")
    assert_close(each(K.CTC(), LABELS, masked(hidden, mask)), expected)
    with_lengths = np.concatenate([lengths[:, None], LABELS], axis=1)
    assert_close(each(K.CTC(input_length="y_true"), with_lengths, scores), expected)
    holes = mask & (np.arange(7) != 2)
    expected = [each(K.CTC(), LABELS[i : i + 1], scores[i : i + 1][:, holes[i]])[0] for i in range(3)]
    assert_close(each(K.CTC(), LABELS, masked(scores, holes)), expected)
    time_first = K.CTC(layout="TNC")
    assert_close(each(time_first, LABELS, masked(scores.swapaxes(0, 1), holes.T)), expected)


def test_masked_frames_have_no_gradient(scores):
    lengths = np.array([7, 5, 3])
    with_lengths = np.concatenate([lengths[:, None], LABELS], axis=1)
    _, gradient = value_and_gradient(lambda p: K.CTC(input_length="y_true")(with_lengths, p), scores)
    assert not np.any(gradient[1, 5:]) and not np.any(gradient[2, 3:]) and np.all(gradient[2, :3])


def test_sequences_without_frames_do_not_count(scores):
    with_lengths = np.concatenate([[[7], [0], [7]], LABELS], axis=1)
    loss = K.CTC(input_length="y_true")
    expected = each(K.CTC(), LABELS, scores)
    assert_close(each(loss, with_lengths, scores), [expected[0], 0, expected[2]])
    assert_close(array(loss(with_lengths, scores)), (expected[0] + expected[2]) / 2)
    for wrong in (8, -1):
        with_lengths[1, 0] = wrong
        assert_close(each(loss, with_lengths, scores), [expected[0], np.nan, expected[2]])


def test_wrong_labels_are_nan(scores):
    for label in (4, 255):
        labels = LABELS.copy()
        labels[1, 0] = label
        expected = each(K.CTC(), LABELS, scores)
        expected[1] = np.nan
        assert_close(each(K.CTC(), labels, scores), expected)


def test_what_can_not_be_aligned(scores):
    labels = np.array([[1, 2, 3], [1, 1, 0], [1, 0, 0]])  # two frames: too few for both of the first
    expected = each(K.CTC(), labels, scores[:, :2])
    assert_close(expected[:2], [1e5, 1e5])
    value, gradient = value_and_gradient(lambda p: ops.sum(K.CTC(reduction=None)(labels, p)), scores[:, :2])
    assert not np.any(gradient[:2]) and np.any(gradient[2])
    zeros = K.CTC(zero_infinity=True)
    assert_close(each(zeros, labels, scores[:, :2]), [0, 0, expected[2]])
    assert_close(array(zeros(labels, scores[:, :2])), expected[2] / 3)
    value, _ = compiled(lambda y, p: K.CTC()(y, p), labels, scores[:, :2], whole=False)
    assert_close(value, expected.mean())


@pytest.mark.parametrize("scale", [1e2, 1e3, 1e4])
def test_large_logits(scale, rng):
    """Against the recursion in float64; a path can cost more than any number that stands for impossible."""
    x = (scale * rng.normal(size=(2, 40, 5))).astype("float32")
    labels = np.array([[1, 2, 2, 0], [3, 1, 4, 2]])
    expected = [float64_ctc(y[y > 0], p.astype("float64")) for y, p in zip(labels, x, strict=True)]
    assert scale < 1e4 or min(expected) > 1e5
    np.testing.assert_allclose(each(K.CTC(), labels, x), expected, rtol=1e-6)


def float64_ctc(labels, x):
    log_p = x - np.logaddexp.reduce(x, axis=-1, keepdims=True)
    states = [0]
    for label in labels:
        states += [label, 0]
    alpha = np.full(len(states), -np.inf)
    alpha[:2] = log_p[0, states[:2]]
    for frame in log_p[1:]:
        new = alpha.copy()
        new[1:] = np.logaddexp(new[1:], alpha[:-1])
        for s in range(2, len(states)):
            if states[s] not in (0, states[s - 2]):
                new[s] = np.logaddexp(new[s], alpha[s - 2])
        alpha = new + frame[states]
    return -np.logaddexp(alpha[-1], alpha[-2])


def test_an_impossible_class_is_no_nan():
    x = FRAMES.copy()
    x[0, 1, 2] = -np.inf
    value, gradient = value_and_gradient(lambda p: K.CTC()(np.array([[1, 2]]), p), x)
    assert np.isfinite(value) and np.all(np.isfinite(gradient))


def test_wrong_shapes_are_refused(scores):
    for y_true, y_pred in [(LABELS[0], scores), (LABELS, scores[0]), (LABELS[:2], scores)]:
        with pytest.raises(ValueError, match="CTC: .*Received: y_true.shape"):
            K.CTC()(y_true, y_pred)
    with pytest.raises(ValueError, match="CTC: `y_true` must begin with the length"):
        K.CTC(input_length="y_true")(LABELS[:, :0], scores)
    with pytest.raises(ValueError, match="CTC: `blank_index`"):
        K.CTC(blank_index=4)(LABELS, scores)


@pytest.mark.skipif(BACKEND != "torch", reason="compares with torch.nn")
def test_torch(scores):
    import torch

    log_p = torch.tensor(scores).log_softmax(-1).transpose(0, 1)
    lengths, counts = torch.tensor([7, 6, 5]), torch.tensor([2, 2, 1])
    expected = torch.nn.CTCLoss()(log_p, torch.tensor(LABELS), lengths, counts)
    loss = K.CTC(layout="TNC", normalize_by_length=True, input_length="y_true")
    with_lengths = np.concatenate([lengths.numpy()[:, None], LABELS], axis=1)
    assert_close(array(loss(with_lengths, log_p)), expected)


@pytest.mark.skipif(BACKEND != "jax", reason="compares with optax")
def test_optax(scores):
    optax = pytest.importorskip("optax")
    expected = optax.ctc_loss(scores, np.zeros(scores.shape[:2]), LABELS, (LABELS == 0).astype("float32"))
    assert_close(each(K.CTC(), LABELS, scores), expected)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="compares with tf.nn")
def test_tensorflow(scores):
    import tensorflow as tf

    expected = tf.nn.ctc_loss(
        LABELS.astype("int32"), scores, [2, 2, 1], [7, 7, 7], logits_time_major=False, blank_index=0
    )
    assert_close(each(K.CTC(), LABELS, scores), expected)


def test_it_trains_on_masked_sequences(rng):
    keras.utils.set_random_seed(0)
    x = rng.normal(size=(16, 8, 3)).astype("float32")
    x[:8, 5:] = 0
    y = rng.integers(1, 4, (16, 2))
    model = keras.Sequential(
        [keras.layers.Masking(), keras.layers.LSTM(8, return_sequences=True), keras.layers.Dense(4)]
    )
    model.compile(keras.optimizers.Adam(0.05), K.CTC())
    values = model.fit(x, y, epochs=4, batch_size=8, verbose=0).history["loss"]
    assert values[-1] < values[0]
    lengths = np.where(np.arange(16) < 8, 5, 8)
    with_lengths = np.concatenate([lengths[:, None], y], axis=1)
    expected = array(K.CTC(input_length="y_true")(with_lengths, model.predict(x, verbose=0)))
    assert_close(model.evaluate(x, y, batch_size=16, verbose=0), expected)


@pytest.mark.parametrize("dtype", ["float32"] if BACKEND == "jax" else ["float32", "float64"])
def test_no_label_is_a_row_of_blanks(scores, dtype):
    expected = -np.sum(scipy.special.log_softmax(scores.astype("float64"), axis=-1)[:, :, 0], axis=1)
    loss = K.CTC(reduction=None, dtype=dtype)
    assert_close(array(loss(LABELS[:, :0], scores)), expected)
    frames = np.full((3, 1), 7)
    assert_close(array(K.CTC(input_length="y_true", reduction=None, dtype=dtype)(frames, scores)), expected)
