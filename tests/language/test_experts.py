"""Losses of routers: tokens that are absent, ties, and a router that learns to spread its tokens."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests import precise
from tests.backend import array, assert_close, masked, value_and_gradient
from tests.cases.language.experts import LOGITS, P, draw_router, moe_load_balancing

NEITHER = {"reduction": None}
EACH = {"level": "sequence", "reduction": None}
FIRST_IS_SHORT = np.array([[True, True, False], [True, True, True]])


def expected(y_pred, **arguments):
    return precise.floats(moe_load_balancing(None, precise.exact(y_pred), **arguments))


def test_no_labels_are_needed():
    for loss in (K.MoELoadBalancing(), K.MoELoadBalancing(level="sequence"), K.RouterZ()):
        value = array(loss(None, LOGITS))
        for y_true in (np.zeros(2), np.full((2, 2), np.nan), np.zeros((2, 2, 3))):
            assert_close(array(loss(y_true, LOGITS)), value)


def test_a_token_of_weight_zero_is_absent():
    loss = K.MoELoadBalancing()
    weight = np.array([[1.0, 1.0], [1.0, 0.0]])
    assert_close(array(loss(None, LOGITS, weight)), 1.133333333333)
    assert_close(array(loss(None, masked(LOGITS, weight > 0))), 1.133333333333)
    assert_close(array(loss(None, LOGITS, 3 * weight)), 1.133333333333)
    # A token of weight 2 is there twice.
    copies = LOGITS.reshape(4, 3)[[0, 0, 1, 2]]
    assert_close(array(loss(None, LOGITS, weight * [[2, 1], [1, 1]])), array(loss(None, copies)))


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_padding_may_hold_nan_and_is_in_neither_mean(top_k, rng):
    _, y_pred = draw_router(rng, 2)
    there = FIRST_IS_SHORT
    value = expected(y_pred[there], top_k=top_k)
    each = [expected(y_pred[i][there[i]], top_k=top_k) for i in (0, 1)]
    y_pred[~there] = np.nan
    weight = there.astype("float32")
    loss = K.MoELoadBalancing(top_k)
    got, gradient = value_and_gradient(lambda p: loss(None, p, weight), y_pred)
    assert_close(got, value)
    assert np.all(gradient[~there] == 0) and np.all(np.isfinite(gradient)) and np.any(gradient)
    assert_close(array(loss(None, masked(y_pred, there))), value)
    by_both = loss(None, masked(y_pred, [True, False]), weight)
    assert_close(array(by_both), expected(y_pred[0][:2], top_k=top_k))
    assert_close(array(K.MoELoadBalancing(top_k, **EACH)(None, masked(y_pred, there))), each)
    z = K.RouterZ(reduction="sum")
    assert_close(array(z(None, masked(y_pred, there))), array(z(None, y_pred[there])))


def test_a_sequence_of_padding_does_not_count(rng):
    _, y_pred = draw_router(rng, 3)
    there = np.array([[True] * 3, [False] * 3, [True] * 3])
    y_pred[1] = np.nan
    values = expected(y_pred[[0, 2]], level="sequence")
    loss = K.MoELoadBalancing(level="sequence")
    assert_close(array(loss(None, masked(y_pred, there))), values.mean())
    by_weight = loss(None, masked(y_pred, there), np.array([2.0, 1.0, 1.0]))
    assert_close(array(by_weight), (2 * values[0] + values[1]) / 2)
    with pytest.raises(ValueError, match="MoELoadBalancing.*sample_weight"):
        loss(None, y_pred, np.ones((3, 3)))


def test_nothing_there_is_zero(rng):
    y_pred = np.full((2, 3, 4), np.nan, "float32")
    for loss in (K.MoELoadBalancing(2), K.RouterZ()):
        value, gradient = value_and_gradient(lambda p, f=loss: f(None, p, np.zeros((2, 3))), y_pred)
        assert value == 0 and not np.any(gradient)
    for level in ("batch", "sequence"):
        loss = K.MoELoadBalancing(level=level)
        assert_close(array(loss(None, masked(y_pred, np.zeros((2, 3), bool)))), 0.0)


def test_the_first_of_equal_experts_is_taken():
    """All tokens go to it, so that its probability has the gradient; the others have none."""
    for top_k in (1, 2, 3):
        loss = K.MoELoadBalancing(top_k)
        value, gradient = value_and_gradient(lambda p, f=loss: f(None, p), np.zeros((5, 4), "float32"))
        assert_close(value, top_k)
        sent = (np.arange(4) < top_k) - top_k / 4
        assert_close(gradient, np.tile(sent / 5, (5, 1)), gradient=True)
    pair = np.array([[0.0, 1.0, 1.0, -1.0]], "float32")
    loss = K.MoELoadBalancing(1)
    _, gradient = value_and_gradient(lambda p: loss(None, p), pair)
    assert gradient[0, 1] > 0 > gradient[0, 2]


def test_experts_of_no_probability_are_taken_once_each():
    logits = np.array([[3.0, -np.inf, -np.inf, 1.0], [0.0, -np.inf, 2.0, 1.0]])
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    hit = np.array([[1, 1, 0, 1], [1, 0, 1, 1]])
    assert_close(array(K.MoELoadBalancing(3)(None, logits)), 4 * np.sum(hit.mean(0) * p.mean(0)))
    assert_close(array(K.MoELoadBalancing(4)(None, logits)), 4.0)


def test_all_experts_are_always_balanced(rng):
    _, y_pred = draw_router(rng, 4)
    for level in ("batch", "sequence"):
        loss = K.MoELoadBalancing(4, level)
        value, gradient = value_and_gradient(lambda p, f=loss: f(None, p), y_pred)
        assert_close(value, 4.0)
        assert_close(gradient, np.zeros_like(y_pred), gradient=True)


def test_equal_loads_have_the_value_top_k():
    shifted = np.array([np.roll([3.0, 2, 1, 0], i) for i in range(4)])
    for top_k in (1, 2, 3):
        assert_close(array(K.MoELoadBalancing(top_k)(None, shifted)), top_k)
        assert_close(array(K.MoELoadBalancing(top_k, "sequence")(None, shifted[None])), top_k)
    assert array(K.MoELoadBalancing()(None, shifted[[0, 0, 1, 2]])) > 1


def test_layers_are_one_pool_or_a_loss_each(rng):
    _, y_pred = draw_router(rng, 6)
    layers = y_pred.reshape(2, 3, 3, 4)
    pool = K.MoELoadBalancing(2)
    assert_close(array(pool(None, layers)), expected(y_pred, top_k=2))
    assert_close(array(pool(None, y_pred.reshape(18, 4))), expected(y_pred, top_k=2))
    each = array(K.MoELoadBalancing(2, **EACH)(None, layers))
    assert_close(each, expected(layers, top_k=2, level="sequence"))
    there = np.array([[True, False, True], [True, True, False]])  # of all sequences of a layer and place
    by_mask = K.MoELoadBalancing(2, **EACH)(None, masked(layers, there))
    assert_close(array(by_mask), np.where(there, each, 0))
    assert_close(array(pool(None, masked(layers, there))), expected(layers[there], top_k=2))


def test_wrong_shapes_are_refused(rng):
    for loss, shape in [
        (K.MoELoadBalancing(), (4,)),
        (K.MoELoadBalancing(4), (2, 5, 3)),
        (K.MoELoadBalancing(level="sequence"), (5, 3)),
        (K.RouterZ(), (3,)),
    ]:
        with pytest.raises(ValueError, match=f"{type(loss).__name__}.*y_pred.*Received.*shape"):
            loss(None, np.zeros(shape))


def test_the_gradient_of_router_z():
    x = np.log(P).astype("float32") + 2
    z = K.RouterZ(**NEITHER)
    assert_close(array(z(None, x)), np.full((2, 2), 4.0))
    _, gradient = value_and_gradient(lambda p: ops.sum(z(None, p)), x)
    assert_close(gradient, 4 * P, gradient=True)
    assert array(K.RouterZ()(None, np.zeros((1, 8)))) > array(K.RouterZ()(None, np.full((1, 8), -np.log(8))))


# Training ------------------------------------------------------------------------------------------


def test_a_router_learns_to_spread_its_tokens(rng):
    keras.utils.set_random_seed(0)
    x = rng.normal(size=(64, 8, 4)).astype("float32") + 1
    inputs = keras.Input((8, 4))
    router = keras.Model(inputs, keras.layers.Dense(4)(inputs))
    router.layers[-1].bias.assign([3.0, 0, 0, 0])

    def load():
        chosen = router.predict(x, verbose=0).argmax(-1)
        return np.bincount(chosen.ravel(), minlength=4).max() / chosen.size

    before = load()
    router.compile(keras.optimizers.Adam(0.05), K.MoELoadBalancing() + 0.001 * K.RouterZ())
    router.fit(x, np.zeros((64, 8)), epochs=10, batch_size=16, verbose=0)
    assert load() < 0.6 < before
