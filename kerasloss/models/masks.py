"""Keras masks of what models return."""

from typing import Any

import keras
from keras import ops

from kerasloss.core.loss import Tensor


class _Masked(keras.layers.Layer):
    """The first of two tensors, with the second as its mask."""

    def __init__(self) -> None:
        super().__init__(autocast=False, name="masked")  # TensorFlow refuses names that begin with "_"
        self.supports_masking = True

    def call(self, inputs: Any) -> Tensor:
        return ops.copy(inputs[0])

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Tensor:
        """The second tensor."""
        return ops.cast(inputs[1], "bool")


def with_mask(x: Tensor, mask: Tensor | None) -> Tensor:
    """A copy of `x` with a Keras mask, which layers alone can set; `x` itself for None."""
    return x if mask is None else _Masked()([x, mask])
