"""Tags: which tokens count, averages, chains with gaps, and the shapes of a conditional random field."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests import precise as m
from tests.backend import BACKEND, array, assert_close, compiled, masked, value_and_gradient
from tests.cases.sequence.tagging import crf

TAGS = np.array([[0, 1, 2, 1], [2, 2, 0, 0]])
HOLES = np.array([[True, False, True, True], [False, True, False, False]])


@pytest.fixture
def packed(rng):
    return rng.normal(size=(2, 9, 3)).astype("float32")


def each(loss, *arguments):
    return array(type(loss).from_config({**loss.get_config(), "reduction": None})(*arguments))


@pytest.mark.parametrize("options", [{}, {"class_weight": [0.5, 1.0, 2.0]}, {"label_smoothing": 0.1}])
def test_tokens_are_those_of_sparse_categorical_crossentropy(options, packed):
    ours = K.TokenCrossentropy(from_logits=True, ignore_class=1, **options)
    theirs = K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1, **options)
    tags, scores = TAGS, packed[:, :4]
    for reduction in (None, "mean", "mean_with_sample_weight"):
        one, other = ours.get_config(), theirs.get_config()
        one, other = (
            type(loss).from_config({**config, "reduction": reduction})
            for loss, config in ((ours, one), (theirs, other))
        )
        assert_close(array(one(tags, scores)), array(other(tags, scores)))


def test_averages_of_masked_tokens(packed):
    scores = np.where(HOLES[..., None], packed[:, :4], np.nan).astype("float32")
    tokens = each(K.TokenCrossentropy(from_logits=True), TAGS, packed[:, :4]) * HOLES
    for average, expected in (
        ("tokens", tokens),
        ("sequences", tokens.sum(axis=1) / HOLES.sum(axis=1)),
        ("sum", tokens.sum(axis=1)),
    ):
        loss = K.TokenCrossentropy(from_logits=True, average=average)
        assert_close(each(loss, TAGS, masked(scores, HOLES)), expected, message=average)
    assert_close(
        array(K.TokenCrossentropy(from_logits=True)(TAGS, masked(scores, HOLES))), tokens.sum() / HOLES.sum()
    )


@pytest.mark.parametrize("average", ["sequences", "sum"])
def test_a_sequence_without_a_token_does_not_count(average, packed):
    loss = K.TokenCrossentropy(from_logits=True, ignore_class=-1, average=average)
    tags = np.array([[0, 1, -1, 2], [-1, -1, -1, -1]])
    scores = packed[:, :4].copy()
    scores[0, 2], scores[1] = np.nan, np.nan
    value, gradient = value_and_gradient(lambda p: loss(tags, p), scores)
    one = np.array([[0, 1, 2]])
    assert_close(value, array(loss(one, packed[:1, [0, 1, 3]])))
    assert np.all(np.isfinite(gradient)) and not np.any(gradient[1]) and not np.any(gradient[0, 2])
    with pytest.raises(ValueError, match="TokenCrossentropy: `sample_weight`"):
        loss(tags, scores, sample_weight=np.ones((2, 4)))


def test_weights_of_classes_divide_the_mean_of_a_sequence(packed):
    weights = np.array([0.5, 1.0, 2.0])
    tokens = each(K.TokenCrossentropy(from_logits=True), TAGS, packed[:, :4])
    loss = K.TokenCrossentropy(from_logits=True, average="sequences", class_weight=weights.tolist())
    expected = np.sum(weights[TAGS] * tokens, axis=1) / np.sum(weights[TAGS], axis=1)
    assert_close(each(loss, TAGS, packed[:, :4]), expected)
    divided = type(loss).from_config({**loss.get_config(), "reduction": "mean_with_sample_weight"})
    assert_close(array(divided(TAGS, packed[:, :4])), expected.mean())


def test_labels_and_axes_of_sequences(packed):
    scores = packed[:, :4]
    expected = each(K.TokenCrossentropy(True, average="sequences"), TAGS, scores)
    moved = K.TokenCrossentropy(True, axis=1, average="sequences")
    one_hot = np.eye(3, dtype="float32")[TAGS]
    assert_close(each(moved, TAGS, np.moveaxis(scores, -1, 1)), expected)
    assert_close(each(moved, np.moveaxis(one_hot, -1, 1), np.moveaxis(scores, -1, 1)), expected)
    hidden = masked(np.where(HOLES[..., None], scores, np.nan), HOLES)
    holes = each(K.TokenCrossentropy(True, average="sequences"), TAGS, hidden)
    assert_close(each(K.TokenCrossentropy(True, average="sequences"), one_hot, hidden), holes)
    with pytest.raises(ValueError, match="TokenCrossentropy: `y_pred` must have 3 axes"):
        moved(np.array([0, 1]), scores[:, 0])


# Chains -------------------------------------------------------------------------------------------------


def test_masked_positions_are_left_out_of_the_chain(packed):
    """Those of the mask and of `ignore_class` together, whose emissions may be anything."""
    rows = np.concatenate([np.ones((2, 5), bool), HOLES], axis=1)
    tags = TAGS.copy()
    tags[0, 2] = -1
    kept = np.where(HOLES & (tags >= 0), tags, -1)
    expected = m.floats(crf(kept, m.exact(packed)))
    hidden = np.where(rows[..., None], packed, np.nan).astype("float32")
    hidden[0, 5 + 2] = np.nan
    assert_close(each(K.LinearChainCRF(), tags, masked(hidden, rows)), expected)
    loss = K.LinearChainCRF(normalize_by_length=True)
    assert_close(each(loss, tags, masked(hidden, rows)), expected / [2, 1])
    _, gradient = value_and_gradient(lambda p: K.LinearChainCRF()(kept, p), np.nan_to_num(hidden))
    assert not np.any(gradient[0, 6:8]) and not np.any(gradient[1, [5, 7, 8]]) and np.any(gradient[0, 5])


def test_a_chain_without_a_tag_does_not_count(packed):
    tags = TAGS.copy()
    tags[1] = -1
    spoilt = packed.copy()
    spoilt[1] = np.nan
    value, gradient = value_and_gradient(lambda p: K.LinearChainCRF()(tags, p), spoilt)
    assert_close(value, each(K.LinearChainCRF(), TAGS, packed)[0])
    assert np.all(np.isfinite(gradient)) and not np.any(gradient[1])


def test_wrong_tags_are_nan(packed):
    expected = each(K.LinearChainCRF(), TAGS, packed)
    for tag in (3, -2, 255):
        tags = TAGS.copy()
        tags[0, 1] = tag
        assert_close(each(K.LinearChainCRF(), tags, packed), [np.nan, expected[1]])


def test_the_layout_is_in_the_message(packed):
    for tags, scores in ((TAGS[:, :3], packed), (TAGS, packed[:, :4]), (TAGS[0], packed), (TAGS, packed[0])):
        with pytest.raises(ValueError, match=r"LinearChainCRF: .*\(N, C \+ 2 \+ T, C\).*Received: y_true"):
            K.LinearChainCRF()(tags, scores)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="elsewhere all lengths are known")
def test_an_unknown_length_is_refused():
    import tensorflow as tf

    signature = [tf.TensorSpec([None, None], "int64"), tf.TensorSpec([None, None, 3])]
    step = tf.function(lambda y, p: K.LinearChainCRF()(y, p), input_signature=signature)
    with pytest.raises(ValueError, match="the lengths of sequences must be known"):
        step.get_concrete_function()


def test_one_position_has_no_transition(rng):
    packed = rng.normal(size=(2, 6, 3)).astype("float32")
    expected = K.SparseCategoricalCrossentropy(from_logits=True, reduction=None)
    scores = packed[:, 3] + packed[:, 4] + packed[:, 5]
    loss = K.LinearChainCRF()
    value, gradient = compiled(lambda y, p: loss(y, p), TAGS[:, :1], packed)
    assert_close(value, array(expected(TAGS[:, 0], scores)).mean())
    assert not np.any(gradient[:, :3])


@pytest.mark.parametrize("length", [40, 200])
def test_long_chains(length, rng):
    """In float32 against the recursion in float64."""
    packed = (3 * rng.normal(size=(1, 7 + length, 5))).astype("float32")
    tags = rng.integers(0, 5, (1, length))
    transitions, start, end, emissions = np.split(packed[0].astype("float64"), [5, 6, 7])
    alpha, (y,) = start[0] + emissions[0], tags
    for emission in emissions[1:]:
        alpha = np.logaddexp.reduce(alpha[:, None] + transitions, axis=0) + emission
    score = start[0, y[0]] + end[0, y[-1]] + emissions[np.arange(length), y].sum()
    expected = np.logaddexp.reduce(alpha + end[0]) - score - transitions[y[:-1], y[1:]].sum()
    value, gradient = value_and_gradient(lambda p: K.LinearChainCRF()(tags, p), packed)
    np.testing.assert_allclose(value, expected, rtol=2e-6)
    np.testing.assert_allclose(gradient[0, 5:7].sum(axis=1), 0, atol=1e-4)  # one first and one last tag
    np.testing.assert_allclose(gradient[0, :5].sum(), 0, atol=1e-2)


def test_it_trains_behind_an_embedding(rng):
    """Tags follow each other in a fixed order that the words alone don't tell."""
    keras.utils.set_random_seed(0)
    x = rng.integers(1, 4, (32, 6))
    x[:16, 4:] = 0
    y = (np.cumsum(x, axis=1) % 2) * (x > 0)
    model = keras.Sequential(
        [keras.layers.Embedding(4, 8, mask_zero=True), keras.layers.Dense(2), K.layers.CRFTransitions()]
    )
    model.compile(keras.optimizers.Adam(0.05), K.LinearChainCRF())
    before = model.evaluate(x, y, batch_size=32, verbose=0)
    model.fit(x, y, epochs=3, batch_size=16, verbose=0)
    assert model.evaluate(x, y, batch_size=32, verbose=0) < before
    output, ignored = model(x), np.where(x > 0, y, -1)
    assert_close(array(K.LinearChainCRF()(y, output)), array(K.LinearChainCRF()(ignored, array(output))))
