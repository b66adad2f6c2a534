"""Lengths that a traced function of TensorFlow does not know: what needs one says so."""

import pytest

import kerasloss as K
from tests.backend import BACKEND

pytestmark = pytest.mark.skipif(BACKEND != "tensorflow", reason="the others know every length")

LOSSES = [
    (K.MeanAbsoluteScaledError(), (2, None), (2, None)),
    (K.MeanAbsoluteScaledError(), (2, None), (2, 3)),
    (K.EnsembleCRPS(), (2,), (2, None)),
    (K.EnsembleCRPS(fair=True), (2, 4), (2, 4, None)),
    (K.EnergyScore(), (2, 4), (2, 4, None)),
    (K.HistogramGaussian(0.0, 1.0), (2,), (2, None)),
    (K.GaussianMixtureNLL(), (2,), (2, None)),
    (K.GaussianNLL(), (2,), (2, None)),
]


@pytest.mark.parametrize(("loss", "true_shape", "pred_shape"), LOSSES)
def test_an_unknown_last_axis_is_refused(loss, true_shape, pred_shape):
    import tensorflow as tf

    signature = [tf.TensorSpec(shape, "float32") for shape in (true_shape, pred_shape)]
    traced = tf.function(loss.__call__, input_signature=signature)
    with pytest.raises(ValueError, match=f"{type(loss).__name__}: the length.* must be known. Received"):
        traced.get_concrete_function()
