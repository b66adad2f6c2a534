"""Losses of policies: identities, padding, and a policy that trains with them."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests import precise
from tests.backend import array, assert_close, masked, value_and_gradient
from tests.cases.language.policy import draw_actions, draw_tokens, grpo

NEITHER = {"reduction": None}
CISPO, SAPO = {"loss_type": "cispo", "clip_high": 0.5}, {"loss_type": "sapo"}


def values_of(loss, y_true, y_pred, **weights):
    """The values of a loss before reduction."""
    return array(loss.from_config({**loss.get_config(), **NEITHER})(y_true, y_pred, **weights))


def test_the_first_step_is_the_policy_gradient(rng):
    y_true, y_pred = draw_tokens(rng, 4)
    y_pred = y_true[..., 0]
    losses = [(K.PPOClip(), y_true[..., :3]), (K.GRPO(beta=0.0), y_true)]
    losses += [(K.GRPO(beta=0.0, **arguments), y_true) for arguments in (CISPO, SAPO)]
    for loss, data in losses:
        _, gradient = value_and_gradient(lambda p, f=loss, y=data: f(y, p), y_pred)
        assert_close(gradient, -y_true[..., 1] / y_pred.size)


def test_grpo_by_tokens_without_reference_is_ppo(rng):
    y_true, y_pred = draw_actions(rng, 4)
    y_true[0, 1:, 2] = 0
    y_pred[0, 1], y_true[0, 2, :2] = np.nan, np.inf
    for arguments in ({}, {"clip": 0.1, "clip_high": 0.4}):
        loss = K.GRPO(beta=0.0, average="tokens", **arguments)
        for function in (values_of, lambda f, *inputs: array(f(*inputs))):
            expected = function(K.PPOClip(**arguments), y_true, y_pred)
            assert_close(function(loss, y_true, y_pred), expected)


def test_two_columns_are_three_without_padding(rng):
    y_true, y_pred = draw_actions(rng, 4)
    assert_close(array(K.PPOClip()(y_true[..., :2], y_pred)), array(K.PPOClip()(y_true, y_pred)))
    each = values_of(K.PPOClip(), y_true[:, 0], y_pred[:, 0])
    assert_close(each, values_of(K.PPOClip(), y_true, y_pred)[:, 0])


def test_levels_agree_on_equal_ratios_and_averages_without_padding(rng):
    y_true, y_pred = draw_tokens(rng, 4)
    one = y_true[:, :1], y_pred[:, :1]
    assert_close(values_of(K.GRPO(level="sequence"), *one), values_of(K.GRPO(), *one))
    expected = values_of(K.GRPO(average="tokens"), y_true, y_pred).mean(1)
    for average in ("sequences", "length"):
        assert_close(values_of(K.GRPO(average=average), y_true, y_pred), expected)


def test_dual_clip_bounds_the_loss_of_a_bad_action():
    y_true = np.array([[-5.0, -2.0], [-5.0, 2.0], [-5.0, -2.0]])
    values = values_of(K.PPOClip(dual_clip=3.0), y_true, np.array([0.0, 0.0, -5.0]))
    assert_close(values, [6, -2.4, 2])


def test_a_ratio_beyond_float32_is_finite():
    y_true = np.array([[[-1e4, -1.0, 1, 1e4]]], "float32")
    for loss in (K.PPOClip(), K.GRPO(), K.GRPO(level="sequence", average="tokens"), K.GRPO(**SAPO)):
        data = y_true[..., :3] if isinstance(loss, K.PPOClip) else y_true
        value, gradient = value_and_gradient(lambda p, f=loss, y=data: f(y, p), np.zeros((1, 1), "float32"))
        assert np.isfinite(value) and np.isfinite(gradient).all() and value > 1e33


@pytest.mark.parametrize("form", [{"level": "token"}, {"level": "sequence"}, CISPO, SAPO], ids=str)
@pytest.mark.parametrize("average", ["sequences", "tokens", "length"])
def test_padding_and_masks_of_tokens_are_absent(form, average, rng):
    y_true, y_pred = draw_tokens(rng, 4)
    y_true[0, 1:, 2] = y_true[1, 0, 2] = y_true[2, :, 2] = 0
    arguments = {**form, "average": average}
    loss = K.GRPO(**arguments)
    expected = precise.floats(grpo(precise.exact(y_true), precise.exact(y_pred), **arguments))
    valid = y_true[..., 2] > 0
    counted = {"sequences": 3, "tokens": valid.sum(), "length": 4}[average]
    weight = np.array([1.0, 2.0, 3.0, 0.5], "float32")
    by_row = weight.reshape((4,) + (1,) * (expected.ndim - 1))

    def check(y, p):
        assert_close(values_of(loss, y, p), expected)
        assert_close(array(loss(y, p)), expected.sum() / counted)
        assert_close(array(loss(y, p, weight)), (by_row * expected).sum() / counted)
        value, gradient = value_and_gradient(lambda x: loss(y, x), p)
        assert_close(value, expected.sum() / counted)
        assert np.all(gradient[~valid] == 0) and np.all(np.isfinite(gradient))

    check(y_true, y_pred)
    y_pred[~valid], y_true[~valid] = np.nan, [np.nan, np.inf, 0, np.nan]
    check(y_true, y_pred)
    y_true[..., 2] = 1
    by_mask = loss(y_true, masked(y_pred, valid))
    assert_close(array(by_mask), expected.sum() / (3 if average == "length" else counted))


def gradient_by_ratio(ratios, advantage, **arguments):
    """The gradient of each token with one of these ratios."""
    ratios = np.array(ratios)
    loss = K.GRPO(beta=0.0, average="tokens", reduction="sum", **arguments)
    y_true = np.stack([-3 + 0 * ratios, advantage + 0 * ratios, 1 + 0 * ratios], axis=-1)[None]
    y_pred = (np.log(ratios) - 3)[None].astype("float32")
    return value_and_gradient(lambda p: loss(y_true, p), y_pred)[1][0]


def test_cispo_keeps_the_gradient_of_every_token():
    ratios = [0.05, 0.5, 1.0, 1.4, 1.6, 20.0]
    for advantage in (2.0, -2.0):
        weight = advantage * np.minimum(ratios, 1.5)
        assert_close(gradient_by_ratio(ratios, advantage, **CISPO), -weight)
        assert_close(gradient_by_ratio(ratios, advantage, clip=0.9, **CISPO), -weight)
    clipped = gradient_by_ratio(ratios, 2.0, clip_high=0.5)
    assert np.all(clipped[-2:] == 0)


def test_the_value_of_cispo_depends_on_the_level_of_probabilities():
    y_true = np.array([[[-1.0, 2.0, 1.0], [-1.0, 2.0, 1.0]]])
    for shift in (0.0, -3.0):
        moved = y_true + [shift, 0, 0]
        assert_close(array(K.GRPO(0.0, **CISPO)(moved, moved[..., 0])), 2.0 * (1 - shift))


def test_sapo_fades_on_both_sides_and_faster_where_the_advantage_is_negative():
    ratios = np.array([0.05, 0.5, 1.0, 2.0, 5.0, 20.0])
    good, bad = (gradient_by_ratio(ratios, a, **SAPO) for a in (1.0, -1.0))
    assert_close(good[2], -1.0)
    assert_close(bad[2], 1.0)
    assert np.all(np.abs(good / ratios)[[0, 1, 3, 4, 5]] < 1)
    assert np.all(np.diff(np.abs(good / ratios)[2:]) < 0)
    assert np.all(np.abs(bad) <= np.abs(good))
    same = gradient_by_ratio(ratios, -1.0, negative_temperature=1.0, **SAPO)
    assert_close(same, -good)
    sharp = gradient_by_ratio(ratios, 1.0, temperature=1e4, clip=0.5, clip_high=0.1, **SAPO)
    assert_close(sharp, [0, 0, -1, 0, 0, 0])


def test_an_advantage_of_zero_has_no_gradient():
    for arguments in ({}, CISPO, SAPO):
        assert np.all(gradient_by_ratio([0.1, 1.0, 1e6], 0.0, **arguments) == 0)


def test_tokens_of_weight_zero_are_absent(rng):
    y_true, y_pred = draw_tokens(rng, 2)
    weight = np.array([[1, 0, 2], [0, 1, 1]], "float32")
    loss = K.GRPO(average="tokens")
    expected = weight * values_of(loss, y_true, y_pred)
    y_pred[weight == 0] = np.nan
    assert_close(array(loss(y_true, y_pred, weight)), expected.sum() / 6)
    ppo = weight * values_of(K.PPOClip(), y_true[..., :3], np.where(weight > 0, y_pred, 0))
    assert_close(array(K.PPOClip()(y_true[..., :3], y_pred, weight)), ppo.sum() / 6)
    by_mask = K.PPOClip()(y_true[..., :3], masked(y_pred, weight > 0), weight)
    assert_close(array(by_mask), ppo.sum() / 4)
    with pytest.raises(ValueError, match="GRPO.*sample_weight"):
        K.GRPO()(y_true, y_pred, weight)


def test_nothing_valid_is_zero():
    y_true = np.full((2, 3, 4), np.nan)
    y_true[..., 2] = 0
    losses = [K.PPOClip(), *(K.GRPO(average=a) for a in ("sequences", "tokens", "length"))]
    for loss in losses:
        data = y_true[..., :3] if isinstance(loss, K.PPOClip) else y_true
        value, gradient = value_and_gradient(
            lambda p, f=loss, y=data: f(y, p), np.full((2, 3), np.nan, "float32")
        )
        assert value == 0 and not np.any(gradient)


# Training ------------------------------------------------------------------------------------------


def language_model(inputs, name=None):
    hidden = keras.layers.Embedding(6, 4, name=name)(inputs)
    return keras.layers.Dense(6)(hidden)


def test_a_policy_learns_what_is_rewarded(rng):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((5,), dtype="int32")
    log_p = keras.layers.Lambda(
        lambda pair: ops.squeeze(
            ops.take_along_axis(ops.log_softmax(pair[1]), ops.expand_dims(pair[0], -1), axis=-1), -1
        ),
        output_shape=(5,),
    )([inputs, language_model(inputs)])
    model = keras.Model(inputs, log_p)
    x = rng.integers(0, 6, (64, 5)).astype("int32")
    old = model.predict(x, verbose=0)
    advantage = np.where(x.mean(1) > 2.5, 1.0, -1.0)[:, None] * np.ones((64, 5))
    y_true = np.stack([old, advantage, np.ones_like(old), old], axis=-1)
    model.compile(keras.optimizers.Adam(0.01), K.GRPO())
    model.fit(x, y_true, epochs=5, batch_size=16, verbose=0)
    gained = (model.predict(x, verbose=0) - old).mean(1)
    assert gained[advantage[:, 0] > 0].mean() > gained[advantage[:, 0] < 0].mean()
