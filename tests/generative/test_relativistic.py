"""Relativistic critics beyond what the case table says."""

import numpy as np
import pytest

import kerasloss as K
from tests.backend import array, assert_close, masked, value_and_gradient

BASES = ("crossentropy", "hinge", "least_squares")
Y = np.array([1, 0, 1, 0, 1])


@pytest.mark.parametrize("base", BASES)
def test_integer_weights_are_copies(base, rng):
    s = rng.normal(size=(5, 2)).astype("float32")
    loss = K.RelativisticAverageGAN(base, reduction="sum")
    copies = np.array([0, 0, 0, 2, 3, 4])
    weight = np.array([3.0, 0.0, 1.0, 1.0, 1.0], "float32")
    value, gradient = value_and_gradient(lambda p: loss(Y, p, sample_weight=weight), s)
    expected, of_copies = value_and_gradient(lambda p: loss(Y[copies], p), s[copies])
    assert_close(value, expected)
    assert_close(gradient[2:], of_copies[3:], gradient=True)
    assert_close(gradient[0], of_copies[:3].sum(axis=0), gradient=True)
    assert not np.any(gradient[1])


def test_a_sample_of_weight_0_is_absent_whatever_it_holds(rng):
    s = rng.normal(size=(5, 2)).astype("float32")
    s[1] = np.nan
    keep = np.array([1, 0, 1, 1, 1], bool)
    loss = K.RelativisticAverageGAN()
    value, gradient = value_and_gradient(lambda p: loss(Y, p, sample_weight=keep.astype("float32")), s)
    alone = array(K.RelativisticAverageGAN(reduction="sum")(Y[keep], s[keep]))
    assert_close(value, alone / 5)  # as everywhere a weight of 0 stays in the divisor
    assert np.all(np.isfinite(gradient)) and not np.any(gradient[1])
    assert_close(array(loss(Y, masked(s, keep))), alone / 4)


def test_patches_have_weights_of_their_own(rng):
    s, weight = rng.normal(size=(5, 2, 3, 1)).astype("float32"), np.ones((5, 2, 3), "float32")
    weight[0, 1], s[0, 1] = 0, np.nan
    values = array(K.RelativisticAverageGAN(reduction=None)(Y, s, sample_weight=weight))
    real, generated = s[Y == 1], s[Y == 0]
    assert values.shape == (5, 2, 3) and not np.any(values[0, 1])
    assert_close(values[2], np.log1p(np.exp(generated.mean() - s[2, ..., 0])))
    assert_close(values[1], np.log1p(np.exp(s[1, ..., 0] - np.nanmean(real))))


def test_the_generator_s_loss_is_the_critic_s_with_the_labels_flipped(rng):
    s = rng.normal(size=(5, 1)).astype("float32")
    assert_close(array(K.RelativisticAverageGAN()(1 - Y, s)), array(K.RelativisticAverageGAN()(Y, -s)))


def test_one_kind_alone_is_compared_with_0(rng):
    s = rng.normal(size=(4, 1)).astype("float32")
    for y, expected in ((1, K.NonSaturatingGAN()), (0, K.NonSaturatingGAN())):
        labels = np.full(4, y)
        assert_close(array(K.RelativisticAverageGAN()(labels, s)), array(expected(labels, s)))


def test_a_wrong_label_spoils_the_batch(rng):
    s = rng.normal(size=(5, 1)).astype("float32")
    for wrong in (2.0, -1.0, np.nan):
        labels = np.where(np.arange(5) == 3, wrong, Y)
        assert np.all(np.isnan(array(K.RelativisticAverageGAN(reduction=None)(labels, s))))


def test_scores_without_a_second_axis(rng):
    s = rng.normal(size=5).astype("float32")
    values = array(K.RelativisticAverageGAN(reduction=None)(Y, s))
    assert values.shape == (5,)
    assert_close(values, array(K.RelativisticAverageGAN(reduction=None)(Y, s[:, None])))


@pytest.mark.parametrize("shape", [(4, 2), (4, 2, 1), (4, 2, 3, 1)])
def test_pairs_are_compared_one_by_one(shape, rng):
    s = rng.normal(size=shape).astype("float32")
    for y, sign in ((1, 1), (0, -1)):
        values = array(K.RelativisticPairingGAN(reduction=None)(np.full((4, 1), y), s))
        expected = np.log1p(np.exp(-sign * (s[:, 0] - s[:, 1])))
        assert_close(values, expected if len(shape) == 2 else expected[..., 0])


def test_pairs_of_another_shape_are_refused(rng):
    for y, s in (((4,), (4, 3)), ((4, 2), (4, 2)), ((3,), (4, 2)), ((), (4, 2)), ((4,), (4,))):
        with pytest.raises(ValueError, match="RelativisticPairingGAN: `y_pred` must hold pairs"):
            K.RelativisticPairingGAN()(np.ones(y), rng.normal(size=s))
