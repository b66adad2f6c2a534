"""What embeddings pass through before their loss."""

from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Tensor, append_axes
from kerasloss.core.numerics import safe_divide
from kerasloss.core.registry import register


@register
class Centering(keras.layers.Layer):
    """Subtracts a moving average of what it has seen: the centering of DINO.

    Formula: `x - c`, and then, in training, `c = momentum * c + (1 - momentum) * m` with the mean m over the
    batch, without gradient; c starts at 0.

    Args:
        momentum: How slowly the average moves, in [0, 1).
        kwargs: Those of `keras.layers.Layer`. In mixed precision the average and the output are float32.

    Shapes:
        Call it with `(batch, ..., D)`. Returns the same shape; the mean is over all axes but the last. A mask
        is passed on, and masked positions are left out of the mean.

    Raises:
        ValueError: If `momentum` is out of range, or D is not known.

    Use it at the end of a teacher whose outputs go to `DINO(center=None)`, called with `training=True` in
    training steps; the average moves then even if the teacher's weights are frozen. Without it
    `DINO(center="batch")` takes the mean of each batch.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> layer, x = kerasloss.layers.Centering(), np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> print(keras.ops.convert_to_numpy(layer(x, training=True))[0])
    [1. 2.]
    >>> print(keras.ops.convert_to_numpy(layer(x))[0].round(4))
    [0.8 1.7]

    Reference: Caron et al., 2021, Emerging Properties in Self-Supervised Vision Transformers, ICCV (arXiv
    2104.14294).
    """

    def __init__(self, momentum: float = 0.9, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.momentum = checks.number(self, "momentum", momentum, least=0, below=1)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes the center."""
        width = input_shape[-1]
        if width is None:
            checks.fail(self, "the last axis of the input must be known", f"input_shape={input_shape}")
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: width})
        self.center = self.add_weight(
            shape=(width,), initializer="zeros", trainable=False, autocast=False, name="center"
        )

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Tensor:
        center = ops.convert_to_tensor(self.center)
        inputs = ops.cast(inputs, center.dtype)
        output = inputs - center  # before the center moves, in place on some backends
        if training:
            x, there = ops.stop_gradient(inputs), ops.ones_like(inputs)
            if mask is not None:
                present = append_axes(ops.cast(mask, "bool"), len(x.shape))
                x, there = (ops.where(present, value, 0) for value in (x, there))
            axes = tuple(range(len(x.shape) - 1))
            count = ops.sum(there, axis=axes)
            average = safe_divide(ops.sum(x, axis=axes), count)
            moved = self.momentum * center + (1 - self.momentum) * average
            self.center.assign(ops.where(count > 0, moved, center))
        return output

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "momentum": self.momentum}
