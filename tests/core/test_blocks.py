"""Losses of all pairs of a batch, a block of rows at a time."""

import numpy as np
import pytest
from keras import ops

import kerasloss
from tests.backend import assert_close, compiled, value_and_gradient


@pytest.mark.parametrize(
    "loss, shape",
    [
        (kerasloss.CLIP, (6, 2, 4)),
        (kerasloss.MultipleNegativesRanking, (6, 4, 4)),
        (kerasloss.NTXent, (6, 2, 4)),
        (kerasloss.MultiSimilarity, (6, 4)),
        (kerasloss.BatchHardTriplet, (6, 4)),
    ],
)
def test_masked_samples_of_an_unknown_batch(loss, shape, rng):
    """On TensorFlow a graph of an unknown batch is always evaluated by blocks."""
    y_true, y_pred = np.array([0, 1, 0, 1, 0, 1], "int32"), rng.normal(size=shape).astype("float32")
    loss = loss()

    def masked(y_true, y_pred):
        return loss.compute(y_true, y_pred, mask=ops.not_equal(y_true, 2))

    expected, its_gradient = value_and_gradient(lambda p: loss(y_true[:4], p), y_pred[:4])
    y_true[4:] = 2
    value, gradient = compiled(masked, y_true, y_pred)
    assert_close(value, expected)
    assert_close(gradient[:4], its_gradient, gradient=True)
    assert not gradient[4:].any()
