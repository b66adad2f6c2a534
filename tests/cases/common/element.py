"""Draws, extremes and formulas of numbers against numbers."""

import numpy as np

from tests import precise as m

# The pair on which the documented values of the regression losses are printed.
Y, P = np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 0.0, 4.0]])


def tied(gradient, **arguments):
    """A perfect prediction: the gradient at an error of 0."""
    return (arguments, np.array([[1.0, -2.0]]), np.array([[1.0, -2.0]]), np.array(gradient))


def huber(y, p, delta=1.0):
    e = abs(p - y)
    return m.mean(np.where(e <= delta, e * e / 2, delta * (e - delta / 2)))


def real(rng, n, d=5, scale=2.0):
    """Targets and predictions of any sign and moderate size."""
    y_true, y_pred = scale * rng.normal(size=(2, n, d))
    return y_true.astype("float32"), y_pred.astype("float32")


def real_extremes(numbers=(0.0, 1.0, -1.0, 1e4, -1e4, 1e-40, -1e-20, 1e-7, 0.5)):
    """Every pair of hard numbers."""
    y_true, y_pred = np.meshgrid(numbers, numbers)
    return y_true.astype("float32"), y_pred.astype("float32")
