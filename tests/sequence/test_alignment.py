"""CTC and Transducer: lengths, padding, layouts, what can't be aligned, FastEmit, and others' values."""

import keras
import numpy as np
import pytest
import scipy.special
from keras import ops

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, compiled, masked, tensor, value_and_gradient
from tests.cases.sequence.alignment import FRAMES, STEPS

LABELS = np.array([[1, 2, 0], [2, 2, 0], [3, 0, 0]])
SHORT = np.array([[1, 2], [2, 0], [0, 0]])


@pytest.fixture
def scores(rng):
    return rng.normal(size=(3, 7, 4)).astype("float32")


def each(loss, *arguments):
    return array(K.CTC.from_config({**loss.get_config(), "reduction": None})(*arguments))


def test_keras_ctc(scores):
    assert_close(array(K.CTC()(LABELS, scores)), array(keras.losses.CTC()(tensor(LABELS), tensor(scores))))


TENSORFLOW = pytest.mark.skipif(BACKEND != "tensorflow", reason="elsewhere all lengths are known")


def traced(loss, y_true, y_pred, mask=None):
    """The values and the gradient of a loss that is traced without any length."""
    import tensorflow as tf

    def step(y_true, y_pred, *mask):
        with tf.GradientTape() as tape:
            tape.watch(y_pred)
            same = tf.identity(y_pred)
            if mask:
                same._keras_mask = mask[0]
            values = loss(y_true, same)
        return values, tape.gradient(values, y_pred)

    given = [tf.constant(x) for x in (y_true, y_pred, mask) if x is not None]
    signature = [tf.TensorSpec([None] * min(len(x.shape), 2) + x.shape[2:], x.dtype) for x in given]
    return [array(x) for x in tf.function(step, input_signature=signature)(*given)]


@TENSORFLOW
@pytest.mark.parametrize("blank", [0, -1])
@pytest.mark.parametrize("holes", [False, True])
def test_lengths_that_are_not_known(blank, holes, rng):
    """With a sequence without labels, one that no path produces, and one with a wrong label."""
    y_true = np.array([[1, 2, 2], [1, -1, -1], [-1, -1, -1], [1, 1, 1], [2, 7, 1]])
    scores = rng.normal(size=(5, 7, 5)).astype("float32")
    mask = np.arange(7) >= [[1], [0], [2], [4], [0]] if holes else None
    loss = K.CTC(blank_index=blank, reduction=None)
    expected, slope = value_and_gradient(
        lambda p: ops.sum(loss(y_true[:4], masked(p, mask[:4]) if holes else p)), scores[:4]
    )
    values, gradient = traced(loss, y_true, scores, mask)
    assert_close(values[:4].sum(), expected)
    assert_close(gradient[:4], slope, gradient=True)
    assert np.isnan(values[4]) and (values[3] == 1e5) == holes


@TENSORFLOW
@pytest.mark.parametrize(
    ("loss", "shapes"),
    [
        (K.Transducer(), ([2, None], [2, 7, 4, 5])),
        (K.Transducer(), ([2, 3], [2, None, 4, 5])),
        (K.Transducer(), ([2, 3], [2, 7, None, 5])),
        (K.LinearChainCRF(), ([2, None], [2, 11, 5])),
        (K.LinearChainCRF(), ([2, 4], [2, None, 5])),
        (K.SoftDTW(), ([2, None, 1], [2, 4, 1])),
        (K.DILATE(), ([2, 3], [2, None])),
    ],
)
def test_lengths_that_must_be_known(loss, shapes):
    import tensorflow as tf

    dtypes = ("int32" if loss.kind == "sequence" else "float32", "float32")
    signature = [tf.TensorSpec(s, d) for s, d in zip(shapes, dtypes, strict=True)]
    step = tf.function(lambda y, p: loss(y, p), input_signature=signature)
    what = f"{type(loss).__name__}: the lengths of sequences must be known.*Received: y_true.shape=.*None"
    with pytest.raises(ValueError, match=what):
        step.get_concrete_function()


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


# Transducers --------------------------------------------------------------------------------------------


@pytest.fixture
def steps(rng):
    return rng.normal(size=(3, 4, 3, 4)).astype("float32")


def each_of(labels, steps, **arguments):
    return array(K.Transducer(reduction=None, **arguments)(labels, steps))


def test_transducer_padding_stands_anywhere_and_is_any_negative_number(steps):
    expected = each_of(SHORT, steps)
    for labels in ([[1, 2], [-1, 2], [-100, -1]], [[1, 2], [0, 2], [0, -1]]):
        assert_close(each_of(np.array(labels), steps), expected)
    assert_close(each_of(np.where(SHORT == 0, 99, SHORT), steps, ignore_class=99), expected)
    assert np.isnan(each_of(np.where(SHORT == 0, 99, SHORT), steps)).tolist() == [False, True, True]


def test_transducer_frames_come_from_the_mask_or_from_y_true(steps):
    lengths = np.array([4, 3, 1])
    mask = np.arange(4) < lengths[:, None]
    expected = [each_of(SHORT[i : i + 1], steps[i : i + 1, :n])[0] for i, n in enumerate(lengths)]
    hidden = np.where(mask[..., None, None], steps, np.nan).astype("float32")
    assert_close(each_of(SHORT, masked(hidden, mask)), expected)
    with_lengths = np.concatenate([lengths[:, None], SHORT], axis=1)
    loss = K.Transducer(input_length="y_true", reduction=None)
    value, gradient = value_and_gradient(lambda p: ops.sum(loss(with_lengths, p)), hidden)
    assert_close(value, np.sum(expected))
    assert not np.any(gradient[~mask]) and np.all(np.isfinite(gradient))
    assert not np.any(gradient[1, :, 2]) and not np.any(gradient[2, :, 1:])  # behind the last label
    holes = mask & (np.arange(4) != 1)
    expected = [each_of(SHORT[i : i + 1], steps[i : i + 1][:, holes[i]])[0] for i in range(3)]
    assert_close(each_of(SHORT, masked(steps, holes)), expected)


def test_transducer_sequences_without_frames_do_not_count(steps):
    with_lengths = np.concatenate([[[4], [0], [4]], SHORT], axis=1)
    loss = K.Transducer(input_length="y_true")
    expected = each_of(SHORT, steps)
    assert_close(array(loss(with_lengths, steps)), (expected[0] + expected[2]) / 2)
    for wrong in (5, -1):
        with_lengths[1, 0] = wrong
        assert_close(each_of(with_lengths, steps, input_length="y_true"), [expected[0], np.nan, expected[2]])


def test_transducer_no_label_is_a_row_of_blanks(steps):
    expected = -np.sum(scipy.special.log_softmax(steps.astype("float64"), axis=-1)[:, :, 0, 0], axis=1)
    assert_close(each_of(SHORT[:, :0], steps[:, :, :1]), expected)
    assert_close(each_of(0 * SHORT, steps), expected)


def test_transducer_fastemit_strengthens_the_gradient_of_labels(steps):
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


def test_transducer_an_impossible_label_is_no_nan(steps):
    steps[0, :, 0, 1] = -np.inf
    value, gradient = value_and_gradient(lambda p: K.Transducer()(SHORT, p), steps)
    assert np.isfinite(value) and np.all(np.isfinite(gradient))


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_transducer_long_sequences(scale, rng):
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


def test_transducer_wrong_shapes_are_refused(steps):
    with pytest.raises(ValueError, match="Transducer: `y_pred` must have 4 entries on axis 2"):
        K.Transducer()(np.ones((3, 3), "int32"), steps)
    with pytest.raises(ValueError, match="Transducer: `y_pred` must have 2 entries on axis 2"):
        K.Transducer(input_length="y_true")(SHORT, steps)
    with pytest.raises(ValueError, match="Transducer: `y_true` must have 2 axes and `y_pred` 4"):
        K.Transducer()(SHORT, steps[:, 0])
    with pytest.raises(ValueError, match="Transducer: `blank_index`"):
        K.Transducer(blank_index=4)(SHORT, steps)


def test_transducer_it_trains(rng):
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
