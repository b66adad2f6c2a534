"""Arithmetic with 50 digits on NumPy object arrays, in which the references are written.

With 50 digits and an unlimited exponent the textbook form of a formula is exact enough everywhere, so a
reference never needs the tricks of an implementation, and a difference quotient is a gradient.
"""

import mpmath
import numpy as np

mpmath.mp.dps = 50

STEP = mpmath.mpf(10) ** -25
"""Of a difference quotient: with 50 digits one side is enough."""


def _elementwise(function):
    vectorized = np.frompyfunc(function, 1, 1)
    return lambda x: vectorized(x)


exp = _elementwise(mpmath.exp)
log = _elementwise(lambda x: mpmath.log(x) if x != 0 else mpmath.mpf("-inf"))
sqrt = _elementwise(mpmath.sqrt)
cosh = _elementwise(mpmath.cosh)


def exact(x):
    """A float array as numbers of 50 digits; integers stay integers."""
    x = np.asarray(x)
    return x if x.dtype.kind in "iubO" else np.frompyfunc(lambda v: mpmath.mpf(float(v)), 1, 1)(x)


def floats(x):
    with np.errstate(invalid="ignore"):
        return np.asarray(np.frompyfunc(float, 1, 1)(np.asarray(x, object)), "float64")


def mean(x, axis=-1):
    x = np.asarray(x, object)
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis)
    count = int(np.prod([x.shape[a] for a in axes]))
    return np.sum(x, axis=None if axis is None else tuple(np.atleast_1d(axis))) / count


def softmax(x, axis=-1):
    powers = exp(x - np.max(x, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def slope(function, x, direction, here):
    """The derivative of `function`, which is `here` at x, along a direction, to 20 digits."""
    return (np.asarray(function(exact(x) + STEP * exact(direction))) - here) / STEP


def gradient(function, x):
    """The gradient of a scalar function of an array, as floats."""
    return floats(exact_gradient(function, x))


def exact_gradient(function, x):
    """The gradient to 20 digits, an entry at a time."""
    x = exact(x).copy()
    result = np.empty_like(x)
    here = function(x)
    for i in np.ndindex(*x.shape):
        saved = x[i]
        x[i] = saved + STEP
        result[i] = (function(x) - here) / STEP
        x[i] = saved
    return result
