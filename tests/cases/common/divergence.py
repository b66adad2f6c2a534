"""Clipping and sums of the divergences, which the latent losses share."""

import mpmath
import numpy as np


def each(function, *arrays):
    return np.frompyfunc(function, len(arrays), 1)(*arrays)


def total(x):
    return np.sum(np.asarray(x, object), axis=-1)


def clip(x, least, most=None):
    return each(
        lambda v: max(v, mpmath.mpf(least)) if most is None else min(max(v, mpmath.mpf(least)), most), x
    )
