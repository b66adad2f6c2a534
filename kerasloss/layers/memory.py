"""What a model has embedded before."""

from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import unit
from kerasloss.core.pairwise import products
from kerasloss.core.registry import register
from kerasloss.layers.base import PairLayer


@register
class KeyQueue(PairLayer):
    """The cosines of queries with their keys and with the keys of earlier batches: the queue of MoCo.

    Formula: `[cos(q, k), cos(q, m[1]), ..., cos(q, m[size])]`; then, in training, the keys are put behind
    the queue m and as many leave it at its front.

    Args:
        size: The number of keys in the queue, an integer >= 1.
        queue_initializer: That of the queue, as in Keras; its rows are then scaled to norm 1.
        kwargs: Those of `keras.layers.Layer`. In mixed precision the queue and the output are float32.

    Shapes:
        Call it with queries and keys `(N, 2, D)`. Returns `(N, 1 + size)`, cosines with the key in column 0.
        The weight `queue`, `(size, D)`, is not trained. Its last row is the newest; of a batch that is larger
        the last rows stay. A mask is passed on; masked keys are queued too.

    Raises:
        ValueError: If `size` is not an integer >= 1, or the shape is wrong.

    Use it at the end of a model that is trained with `InfoNCE`, where batches are too small for enough
    negatives; not where keys change fast: they should come from an encoder that follows that of the queries
    slowly. Keys get no gradient. As in MoCo the queue starts with random directions, which `size / N` steps
    replace.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> layer = kerasloss.layers.KeyQueue(2, queue_initializer="zeros")
    >>> pairs = np.array([[[1.0, 0.0], [3.0, 4.0]]])
    >>> print(keras.ops.convert_to_numpy(layer(pairs, training=True)).round(4))
    [[0.6 0.  0. ]]
    >>> print(keras.ops.convert_to_numpy(layer(pairs)).round(4))
    [[0.6 0.  0.6]]

    Reference: He, Fan, Wu, Xie & Girshick, 2020, Momentum Contrast for Unsupervised Visual Representation
    Learning, CVPR.
    """

    def __init__(self, size: int, queue_initializer: Any = "random_normal", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = checks.integer(self, "size", size, least=1)
        self.queue_initializer = keras.initializers.get(queue_initializer)

    def build(self, input_shape: Any) -> None:
        """Makes the queue."""
        if len(input_shape) != 3 or input_shape[1] != 2 or input_shape[2] is None:
            checks.fail(self, "expected queries and keys (N, 2, D)", f"input_shape={input_shape}")
        self.queue = self.add_weight(
            shape=(self.size, input_shape[2]),
            initializer=self.queue_initializer,
            trainable=False,
            autocast=False,
            name="queue",
        )

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        queue = ops.copy(self.queue)  # before it moves, in place on some backends
        inputs = unit(ops.cast(inputs, queue.dtype), -1)
        query, key = inputs[:, 0], ops.stop_gradient(inputs[:, 1])
        own = ops.einsum("nd,nd->n", query, key)
        cosines = ops.concatenate([ops.expand_dims(own, 1), products(query, unit(queue, -1))], axis=1)
        if training:
            self.queue.assign(ops.concatenate([queue, key])[-self.size :])
        return cosines

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """The key and the queue."""
        return (input_shape[0], 1 + self.size)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        initializer = keras.initializers.serialize(self.queue_initializer)
        return {**super().get_config(), "size": self.size, "queue_initializer": initializer}
