"""Errors of numbers."""

import numpy as np

import kerasloss
from tests.backend import array


def test_small_errors_are_right_in_relative_terms():
    error = np.array([[1e-6], [1e-4], [1e-2]], "float32")
    values = array(kerasloss.LogCosh(reduction=None)(0 * error, error))
    np.testing.assert_allclose(values, np.log(np.cosh(error[:, 0].astype("longdouble"))), rtol=1e-5)
