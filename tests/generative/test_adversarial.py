"""The losses of adversarial networks beyond what the case table says."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient

LOSSES = [K.MinimaxGAN(reduction=None), K.MinimaxGAN("generator", reduction=None), K.NonSaturatingGAN(0.2)]


def test_the_critic_loss_is_binary_crossentropy(rng):
    y, s = rng.integers(0, 2, (6, 3)), rng.normal(size=(6, 3)).astype("float32")
    expected = array(K.BinaryCrossentropy(from_logits=True)(y, s))
    for loss in (K.MinimaxGAN(), K.NonSaturatingGAN()):
        assert_close(array(loss(y, s)), expected)
    soft = np.where(y == 1, 0.9, 0.0).astype("float32")  # smoothed on one side only
    expected = array(K.BinaryCrossentropy(from_logits=True)(soft, s))
    for loss in (K.MinimaxGAN(label_smoothing=0.2), K.NonSaturatingGAN(label_smoothing=0.2)):
        assert_close(array(loss(y, s)), expected)


def test_the_generator_of_minimax_loses_what_the_critic_wins(rng):
    s = rng.normal(size=(6, 1)).astype("float32")
    critic, generator = K.MinimaxGAN(), K.MinimaxGAN(role="generator")
    assert_close(array(generator(np.ones((6, 1)), s)), -array(critic(np.zeros((6, 1)), s)))


def test_a_generator_that_the_critic_sees_through():
    """Minimax has almost no gradient there; the other loss has all of it."""
    s = np.array([[-20.0]], "float32")
    for loss, expected in ((K.MinimaxGAN("generator"), -2.0611537e-9), (K.NonSaturatingGAN(), -1.0)):
        _, gradient = value_and_gradient(lambda s, f=loss: f(np.ones((1, 1)), s), s)
        np.testing.assert_allclose(gradient, [[expected]], rtol=1e-5)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_one_label_for_all_patches(loss, rng):
    s = rng.normal(size=(4, 2, 3, 1)).astype("float32")
    y = np.array([1, 0, 1, 0])
    expected = array(loss(np.broadcast_to(y[:, None, None, None], s.shape), s))
    assert_close(array(loss(y, s)), expected)
    assert_close(array(loss(y[:, None], s)), expected)
    for shape in ((3,), (4, 2), (1,), (1, 1), (4, 1, 1)):
        with pytest.raises(ValueError, match=type(loss).__name__):
            loss(np.ones(shape), s)


def test_labels_are_split_in_the_middle():
    y, s = np.array([[0.1], [0.5], [0.6], [0.9]]), np.array([[2.0]] * 4)
    values = array(K.NonSaturatingGAN(reduction=None)(y, s))
    assert_close(values, [2.126928011, 2.126928011, 0.126928011, 0.126928011])


def test_a_generator_learns_against_a_fixed_critic():
    """Samples at 0 move to where a critic that likes x near 3 calls them real."""
    critic = keras.Sequential([keras.Input((1,)), keras.layers.Lambda(lambda x: 1 - ops.square(x - 3))])
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    scored = keras.Sequential([model, critic])
    scored.compile(optimizer=keras.optimizers.Adam(0.1), loss=K.NonSaturatingGAN())
    x = np.ones((32, 1), "float32")
    model.set_weights([np.zeros((1, 1))])
    scored.fit(x, np.ones((32,)), epochs=80, batch_size=32, verbose=0)
    assert abs(float(model.get_weights()[0][0, 0]) - 3) < 0.1
