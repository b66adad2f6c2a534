"""The codebook of an autoencoder with discrete codes."""

from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import argmax, last_axis_product, mean
from kerasloss.core.registry import register
from kerasloss.layers.width import known_width


@register
class VectorQuantizer(keras.layers.Layer):
    """Replaces each vector by the nearest of a set of learned codes: the bottleneck of a VQ-VAE.

    Formula: `stop_gradient(e) + z - stop_gradient(z)` with the nearest code e of z, in Euclidean distance:
    its value is the code, its gradient that of z.

    Args:
        num_codes: K, the number of codes, an integer >= 1.
        codebook_initializer: That of the codes, as in Keras; None: uniform between -1 / K and 1 / K.
        kwargs: Those of `keras.layers.Layer`. In mixed precision codes and output are float32.

    Shapes:
        Call it with the encoder's output `(batch, ..., D)`. Returns two tensors: what the decoder gets, of
        the same shape, and the outputs with their codes, `(batch, ..., 2, D)`, for
        `kerasloss.VectorQuantization`. The weight `codebook` is `(K, D)`. A mask is passed on with both.

    Raises:
        ValueError: If `num_codes` is not an integer >= 1, D is not known, or `ids` and `codes` are called
            before there are codes.

    Use it between encoder and decoder, the second tensor as one more output of the model, since without its
    loss the codes are not trained. `ids` gives the numbers of the nearest codes, `codes` the codes of
    numbers. Not with many more codes than the data has kinds of vectors: most stay unused.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> layer = kerasloss.layers.VectorQuantizer(2, codebook_initializer="identity")
    >>> quantized, pairs = layer(np.array([[0.9, 0.2], [-1.0, 0.1]]))
    >>> print(keras.ops.convert_to_numpy(quantized))
    [[1. 0.]
     [0. 1.]]
    >>> print(keras.ops.convert_to_numpy(kerasloss.VectorQuantization()(None, pairs)).round(4))
    0.5812

    Reference: van den Oord, Vinyals & Kavukcuoglu, 2017, Neural Discrete Representation Learning, NeurIPS
    (arXiv 1711.00937).
    """

    def __init__(self, num_codes: int, codebook_initializer: Any = None, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.num_codes = checks.integer(self, "num_codes", num_codes, least=1)
        self.codebook_initializer = keras.initializers.get(codebook_initializer)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes the codes."""
        width = known_width(self, input_shape)
        near_zero = keras.initializers.RandomUniform(-1 / self.num_codes, 1 / self.num_codes)
        self.codebook = self.add_weight(
            shape=(self.num_codes, width),
            initializer=self.codebook_initializer or near_zero,
            autocast=False,
            name="codebook",
        )

    def ids(self, inputs: Any) -> Tensor:
        """The number of the nearest code of each vector, `(batch, ..., D)` to `(batch, ...)`."""
        codebook = ops.stop_gradient(self._codes())
        inputs = ops.stop_gradient(ops.cast(inputs, codebook.dtype))
        center = mean(codebook, 0)  # far from 0, differences of products would lose the digits
        codebook, inputs = codebook - center, inputs - center
        nearness = last_axis_product(inputs, ops.transpose(codebook)) - 0.5 * ops.sum(codebook**2, axis=1)
        return argmax(nearness, -1)

    def codes(self, ids: Any) -> Tensor:
        """The codes of these numbers, `(batch, ...)` to `(batch, ..., D)`."""
        return ops.take(self._codes(), ids, axis=0)

    def _codes(self) -> Tensor:
        """All codes, `(K, D)`."""
        if not self.built:
            checks.fail(self, "the layer must be built: call it once, or `build` it", "built=False")
        return ops.convert_to_tensor(self.codebook)

    def call(self, inputs: Any) -> tuple[Tensor, Tensor]:
        code = self.codes(self.ids(inputs))
        inputs = ops.cast(inputs, code.dtype)
        copied = ops.stop_gradient(code) + (inputs - ops.stop_gradient(inputs))
        return copied, ops.stack([inputs, code], axis=-2)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the input, for both outputs."""
        return None if previous_mask is None else (previous_mask, previous_mask)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        initializer = self.codebook_initializer and keras.initializers.serialize(self.codebook_initializer)
        return {**super().get_config(), "num_codes": self.num_codes, "codebook_initializer": initializer}
