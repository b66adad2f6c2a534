"""Small and large dtypes."""

import keras
import pytest

from tests import precise
from tests.backend import BACKEND, array, assert_close, tensor
from tests.laws.table import ONE_EACH, draw, each, reference, share


@each(share(ONE_EACH, 3))
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_dtypes(case, dtype, rng):
    if BACKEND == "jax" and dtype == "float64":
        pytest.skip("JAX has no float64 by default, and Keras's operations on it don't promote to it")
    # What arrives is rounded once, to the dtype; the arithmetic adds nothing to that.
    y_true, y_pred = draw(case, rng)
    y_pred = tensor(y_pred, dtype)
    if y_true.dtype.kind == "f":
        y_true = tensor(y_true, dtype)
    expected = precise.floats(reference(case, {}, array(tensor(y_true)), array(y_pred)))
    values = case.make(dtype=dtype, reduction=None)(y_true, y_pred)
    assert keras.backend.standardize_dtype(values.dtype) == dtype
    assert_close(array(values), expected, dtype)
