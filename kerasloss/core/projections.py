"""Points seen along directions."""

import numpy as np
from keras import ops

from kerasloss.core.loss import Tensor


def project(x: Tensor, count: int, seed: int) -> Tensor:
    """The positions of points `(..., N, D)` on each of `count` lines through 0, `(..., count, N)`.

    The directions are random, but for a seed the same on every backend and at every call.
    """
    directions = np.random.default_rng(seed).standard_normal((count, x.shape[-1]))
    directions = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    return ops.einsum("...nd,ld->...ln", x, ops.convert_to_tensor(directions, dtype=x.dtype))
