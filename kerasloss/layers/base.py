"""What several layers share: an output in the dtype of the weights, and a mask of pairs."""

from typing import Any

import keras
from keras import ops

from kerasloss.core.loss import Tensor


class WideLayer(keras.layers.Layer):
    """A layer of one input whose output has the dtype of its weights, in mixed precision float32."""

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> keras.KerasTensor:
        """The shape, in the dtype of the weights."""
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), dtype=self.variable_dtype)


class PairLayer(WideLayer):
    """A layer of pairs of embeddings `(N, 2, D)`, which passes on the mask of the samples."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Tensor | None:
        """The mask of the samples: of a mask `(N, 2)`, those of which both embeddings are there."""
        if previous_mask is None or len(previous_mask.shape) < 2:
            return previous_mask
        return ops.all(previous_mask, axis=1)
