"""The losses of adversarial networks beyond what the case table says."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests import test_guides
from tests.backend import array, assert_close, value_and_gradient

LOSSES = [
    K.MinimaxGAN(reduction=None),
    K.MinimaxGAN("generator", reduction=None),
    K.NonSaturatingGAN(0.2),
    K.LeastSquaresGAN(reduction=None),
    K.WassersteinGAN(reduction=None),
    K.HingeGAN(reduction=None),
    K.HingeGAN("generator"),
    K.RelativisticAverageGAN(reduction=None),
]


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


def test_losses_of_one_contract_learn_the_same_side():
    """A step down raises the scores labelled 1 and lowers those labelled 0, whoever is trained."""
    y, s = np.array([[1], [0]]), np.array([[0.3], [0.4]], "float32")
    for loss in LOSSES:
        gradient = value_and_gradient(lambda s, f=loss: ops.sum(f(y, s)), s)[1]
        assert gradient[0] < 0 < gradient[1], loss


def test_gradients_of_one_axis_are_refused():
    with pytest.raises(ValueError, match="GradientPenalty: `y_pred` must be gradients"):
        K.GradientPenalty()(None, np.ones(3))


def test_small_and_large_gradients():
    """Their squares would be 0, or infinite."""
    g = np.array([[3e-25, 4e-25], [3e18, 4e18]], "float32")
    values, gradient = array(K.GradientPenalty(reduction=None)(None, g)), None
    np.testing.assert_allclose(values, [1.0, 25e36], rtol=1e-6)
    _, gradient = value_and_gradient(lambda g: ops.sum(K.GradientPenalty(reduction="sum")(None, g)), g)
    np.testing.assert_allclose(gradient, [[-1.2, -1.6], [6e18, 8e18]], rtol=1e-5)


# The step of the guide, with second derivatives ---------------------------------------------------


@pytest.fixture(scope="module")
def guide():
    """What docs/guides/training_loops.md defines on this backend."""
    names = {"__name__": "guide"}
    for code in test_guides.blocks(test_guides.DOCS / "guides" / "training_loops.md"):
        test_guides.run(code, names)
    return names


def critic(weights, x):
    """The scores of the guide's critic and their gradients by its inputs, both by hand."""
    kernel, bias, last, last_bias = weights
    hidden = np.tanh(x @ kernel + bias)
    return hidden @ last + last_bias, ((1 - hidden**2) * last[:, 0]) @ kernel.T


def wgan_gp(weights, real, generated):
    (scores, _), (fooled, _) = critic(weights, real), critic(weights, generated)
    slopes = critic(weights, 0.25 * real + 0.75 * generated)[1]
    norms = np.sqrt(np.sum(slopes**2, axis=1))
    return fooled.mean() - scores.mean() + 10 * np.mean((norms - 1) ** 2)


def r1_r2(weights, real, generated):
    (scores, of_real), (fooled, of_generated) = critic(weights, real), critic(weights, generated)
    penalties = (np.mean(np.sum(slopes**2, axis=1)) for slopes in (of_real, of_generated))
    return np.mean(np.log1p(np.exp(fooled - scores))) + 0.25 * sum(penalties)


@pytest.mark.parametrize("objective", [wgan_gp, r1_r2])
def test_the_step_of_the_guide_takes_second_derivatives(objective, guide):
    """The change of each weight is that of finite differences of the penalised objective."""
    real, generated = (guide[name].astype("float64") for name in ("real", "generated"))
    before = [w.astype("float64") for w in guide["make_critic"]().get_weights()]
    after = guide["trained"](guide[objective.__name__])[1].get_weights()
    for k, weight in enumerate(before):
        for place in np.ndindex(weight.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = [w.copy() for w in before]
                moved[k][place] += step
                ends.append(objective(moved, real, generated))
            slope = (ends[0] - ends[1]) / 2e-5
            taken = (weight[place] - after[k][place]) / 0.01
            np.testing.assert_allclose(taken, slope, rtol=1e-3, atol=1e-4)
