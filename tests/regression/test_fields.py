"""Fields: sides of a domain from any sequence."""

import numpy as np
import pytest

import kerasloss as K
from tests import precise
from tests.backend import array, assert_close
from tests.cases.regression.fields import sobolev


@pytest.mark.parametrize("sides", [np.array([1.0, 3.0]), np.array([2.0, 4.0], "float32"), range(1, 3)])
def test_each_axis_has_a_side_of_any_sequence(sides, rng):
    y_true, y_pred = rng.normal(size=(2, 3, 4, 3, 2)).astype("float32")  # two channels, as many as sides
    expected = precise.floats(sobolev(*map(precise.exact, (y_true, y_pred)), measure=list(sides)))
    loss = K.SobolevH1(measure=sides, reduction=None)
    assert_close(array(loss(y_true, y_pred)), expected)
    with pytest.raises(ValueError, match="SobolevH1: `measure` must have one entry for each axis of space"):
        loss(y_true[..., 0, :], y_pred[..., 0, :])
