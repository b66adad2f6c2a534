"""Losses of preferences: identities, KTO, mistakes, and models that train with them."""

import keras
import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, masked, value_and_gradient
from tests.cases.language.policy import draw_actions, draw_tokens
from tests.cases.language.preference import draw_judged, draw_pairs

NEITHER = {"reduction": None}


def values_of(loss, y_true, y_pred, **weights):
    """The values of a loss before reduction."""
    return array(loss.from_config({**loss.get_config(), **NEITHER})(y_true, y_pred, **weights))


# Identities ----------------------------------------------------------------------------------------


def test_without_label_noise_robust_is_sigmoid(rng):
    y_true, y_pred = draw_pairs(rng, 5)
    expected = values_of(K.DPO(), y_true, y_pred)
    assert_close(values_of(K.DPO(loss_type="robust"), y_true, y_pred), expected)
    assert_close(values_of(K.CPO(alpha=0.0), None, y_pred - y_true), expected)
    assert_close(values_of(K.SimPO(beta=0.1, gamma=0.0), None, y_pred - y_true), expected)
    assert_close(values_of(K.BradleyTerry(), np.ones(5), 0.1 * (y_pred - y_true)), expected)


def test_robust_is_unbiased_under_label_noise(rng):
    """The mean over right and swapped pairs is the loss of the right ones."""
    y_true, y_pred = draw_pairs(rng, 5)
    loss = K.DPO(loss_type="robust", label_smoothing=0.3)
    swapped = values_of(loss, y_true[:, ::-1], y_pred[:, ::-1])
    mixed = 0.7 * values_of(loss, y_true, y_pred) + 0.3 * swapped
    assert_close(mixed, values_of(K.DPO(), y_true, y_pred))


def test_conservative_dpo_is_bradley_terry_with_soft_labels(rng):
    y_true, y_pred = draw_pairs(rng, 5)
    expected = values_of(K.BradleyTerry(), np.full(5, 0.8), 0.1 * (y_pred - y_true))
    assert_close(values_of(K.DPO(label_smoothing=0.2), y_true, y_pred), expected)


def test_bradley_terry_is_crossentropy_of_the_difference(rng):
    y_true, y_pred = rng.uniform(size=(5, 1)), rng.normal(size=(5, 2))
    expected = K.BinaryCrossentropy(from_logits=True, reduction=None)(y_true, y_pred[:, :1] - y_pred[:, 1:])
    assert_close(values_of(K.BradleyTerry(), y_true, y_pred), array(expected))


@pytest.mark.parametrize("loss_type", ["sigmoid", "ipo", "sppo_hard"])
def test_the_reference_may_stand_in_either_place(loss_type, rng):
    y_true, y_pred = draw_pairs(rng, 5)
    loss = K.DPO(loss_type=loss_type)
    four = np.concatenate([y_pred, y_true], axis=1)
    for ignored in (None, np.full((5, 7), np.nan)):
        assert_close(values_of(loss, ignored, four), values_of(loss, y_true, y_pred))
    _, gradient = value_and_gradient(lambda p: loss(None, p), four)
    assert np.all(gradient[:, :2]) and not np.any(gradient[:, 2:])


@pytest.mark.parametrize("name", ["ORPO", "CPO", "SimPO"])
def test_losses_without_a_reference_ignore_y_true(name, rng):
    y_pred = -rng.uniform(0.1, 2, (4, 2))
    loss = getattr(K, name)()
    expected = array(loss(np.zeros(4), y_pred))
    for y_true in (None, np.full((4, 1), np.nan), np.arange(12).reshape(4, 3)):
        assert_close(array(loss(y_true, y_pred)), expected)


def test_orpo_is_the_logarithm_of_the_odds_ratio():
    p = np.array([[0.6, 0.2], [0.999, 0.5], [1e-6, 1e-3]])
    odds = p / (1 - p)
    expected = np.log1p(odds[:, 1] / odds[:, 0])
    assert_close(values_of(K.ORPO(beta=1.0, alpha=0.0), None, np.log(p)), expected)
    certain = values_of(K.ORPO(beta=1.0, alpha=0.0), None, np.array([[0.0, -1.0], [5.0, 0.0]]))
    assert_close(certain, [1e-7 * np.exp(-1) / (1 - np.exp(-1)), np.log(2)])


def test_the_slope_of_a_wrong_comparison_never_dies():
    y_pred = np.array([[-1e4, 1e4]], "float32")
    losses = [K.DPO(beta=1.0), K.CPO(beta=1.0, alpha=0.0), K.SimPO(beta=1.0), K.BradleyTerry()]
    for loss in losses:
        y_true = np.ones(1) if isinstance(loss, K.BradleyTerry) else np.zeros((1, 2))
        assert_close(value_and_gradient(lambda p, f=loss, y=y_true: f(y, p), y_pred)[1], [[-1, 1]])


# KTO -----------------------------------------------------------------------------------------------


def test_kto_without_drift_needs_no_mismatched_completions(rng):
    y_true, y_pred = draw_judged(rng, 6)
    y_pred[:, 1] = y_true[:, 2] - 1  # z is never below 0
    expected = values_of(K.KTO(), y_true[:, :2], y_pred[:, 0])
    assert_close(values_of(K.KTO(), y_true, y_pred), expected)
    assert_close(values_of(K.KTO(), y_true[:, :2], y_pred[:, :1]), expected)


def test_kto_weights_weigh_rows_and_zero_takes_one_out_of_z(rng):
    y_true, y_pred = draw_judged(rng, 6)
    loss, keep = K.KTO(beta=0.5), np.array([0, 2, 3, 5])
    left = values_of(loss, y_true[keep], y_pred[keep])
    assert not np.allclose(left, values_of(loss, y_true, y_pred)[keep])  # z is another
    weight = np.array([2, 0, 0.5, 1, 0, 3], "float32")
    expected = np.zeros(6)
    expected[keep] = weight[keep] * left
    y_pred[1], y_true[4] = np.nan, np.inf
    for shape in ((6,), (6, 1)):
        for reduction, value in [
            (None, expected),
            ("sum", expected.sum()),
            ("sum_over_batch_size", expected.sum() / 6),
            ("mean_with_sample_weight", expected.sum() / weight.sum()),
        ]:
            each = K.KTO(beta=0.5, reduction=reduction)
            assert_close(array(each(y_true, y_pred, weight.reshape(shape))), value)
    assert_close(array(loss(y_true, masked(y_pred, weight > 0))), left.mean())
    masked_and_weighted = loss(y_true, masked(y_pred, weight != 2), weight)
    fewer = keep[1:]
    value = np.sum(weight[fewer] * values_of(loss, y_true[fewer], y_pred[fewer])) / 5
    assert_close(array(masked_and_weighted), value)
    assert_close(array(loss(y_true, y_pred, np.zeros(6))), 0.0)
    assert_close(values_of(loss, y_true[keep], y_pred[keep], sample_weight=np.float32(2)), 2 * left)
    with pytest.raises(ValueError, match="KTO.*sample_weight"):
        loss(y_true, y_pred, np.ones(7))


def test_kto_gives_no_gradient_to_mismatched_completions_and_excluded_rows(rng):
    y_true, y_pred = draw_judged(rng, 4)
    y_pred[2] = np.nan
    _, gradient = value_and_gradient(lambda p: K.KTO()(y_true, p, np.array([1, 1, 0, 2])), y_pred)
    assert np.all(gradient[[0, 1, 3], 0]) and not np.any(gradient[:, 1]) and not np.any(gradient[2])


# Mistakes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "true_shape", "pred_shape", "words"),
    [
        (K.DPO(), (4, 2), (4, 3), r"\(N, 2\)"),
        (K.DPO(), (4, 2), (4,), r"\(N, 4\)"),
        (K.DPO(), (4,), (4, 2), "same shape"),
        (K.DPO(), (4, 1), (4, 2), "same shape"),
        (K.KTO(), (4, 2), (4, 2), r"\(N, 3\)"),
        (K.KTO(), (4, 3), (4,), r"\(N, 3\)"),
        (K.KTO(), (4, 4), (4, 3), r"\(N, 3\)"),
        (K.ORPO(), (4,), (4, 3), r"\(N, 2\)"),
        (K.CPO(), (4,), (4, 4), r"\(N, 2\)"),
        (K.SimPO(), (4,), (4,), r"\(N, 2\)"),
        (K.BradleyTerry(), (4, 2), (4, 2), "`y_true`"),
        (K.BradleyTerry(), (4,), (4, 3), r"\(N, 2\)"),
        (K.PPOClip(), (4, 3, 4), (4, 3), r"\(2, 3\) columns"),
        (K.PPOClip(), (4, 3), (4, 3), r"\(2, 3\) columns"),
        (K.GRPO(), (4, 3, 3), (4, 3), r"\(4,\) columns"),
        (K.GRPO(beta=0.0), (4, 3, 2), (4, 3), r"\(3, 4\) columns"),
        (K.GRPO(), (4, 4), (4,), r"\(N, T\)"),
    ],
)
def test_wrong_shapes_are_refused(loss, true_shape, pred_shape, words):
    with pytest.raises(ValueError, match=rf"{type(loss).__name__}: .*{words}.*Received"):
        loss(np.ones(true_shape), np.ones(pred_shape))


def test_wrong_labels_are_no_plausible_number():
    pairs = -np.ones((4, 2))
    values = values_of(K.BradleyTerry(), np.array([0.5, 1.5, -1.0, np.nan]), pairs)
    assert np.isnan(values).tolist() == [False, True, True, True]
    y_true = np.array([[1.0, -1], [0.5, -1], [-1, -1], [np.nan, -1]])
    assert np.isnan(values_of(K.KTO(), y_true, pairs[:, 0])).tolist() == [False, True, True, True]


def test_targets_get_no_gradient(rng):
    for loss, draw in [
        (K.DPO(), draw_pairs),
        (K.KTO(), draw_judged),
        (K.PPOClip(), draw_actions),
        (K.GRPO(), draw_tokens),
    ]:
        y_true, y_pred = draw(rng, 4)
        _, gradient = value_and_gradient(lambda y, f=loss, p=y_pred: f(y, p), y_true)
        assert not np.any(gradient), loss


# Training ------------------------------------------------------------------------------------------


def language_model(inputs, name=None):
    hidden = keras.layers.Embedding(6, 4, name=name)(inputs)
    return keras.layers.Dense(6)(hidden)


@pytest.mark.parametrize("loss", [K.DPO(beta=0.5), K.ORPO(), K.SimPO()])
def test_a_language_model_learns_to_prefer(loss, rng):
    """Pairs of texts (N, 2, T) through one model; the reference is what it said before training."""
    keras.utils.set_random_seed(0)
    inputs, labels = (keras.Input((2, 4), dtype="int32") for _ in range(2))
    average = not isinstance(loss, K.DPO)
    outputs = K.layers.SequenceLogProbability(average=average)([labels, language_model(inputs)])
    model = keras.Model([inputs, labels], outputs)
    x = rng.integers(0, 6, (32, 2, 4)).astype("int32")
    y = np.stack([x[:, 0], (x[:, 1] + 1) % 6], axis=1)  # the chosen one repeats its input
    y[:, :, -1] = -100
    reference = model.predict([x, y], verbose=0)
    model.compile(keras.optimizers.Adam(0.05), loss)
    history = model.fit([x, y], reference, epochs=4, batch_size=8, verbose=0).history["loss"]
    assert history[-1] < 0.9 * history[0]
    after = model.predict([x, y], verbose=0) - reference
    assert np.mean(after[:, 0] - after[:, 1]) > 0.1


def test_labels_that_are_missing():
    for loss in (K.DPO(), K.BradleyTerry(), K.KTO()):
        with pytest.raises(ValueError, match=f"{type(loss).__name__}: `y_true` must"):
            loss(None, np.zeros((2, 2), "float32"))
