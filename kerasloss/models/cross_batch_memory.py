"""A model whose loss compares its batch with the embeddings of earlier ones."""

from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Tensor
from kerasloss.core.registry import register
from kerasloss.models.wrapper import Wrapper


@register
class CrossBatchMemory(Wrapper):
    """A model whose loss compares each sample with its batch and with what was embedded before it (XBM).

    In training the loss gets the embeddings `(N + size, D)` and ids of the batch and, behind them, of a
    memory, and the anchors are those of the batch: rows of the memory have weight 0. Then the batch enters
    the memory, and as many rows leave it.

    Args:
        model: A `keras.Model` that returns embeddings `(N, D)` and has an `output_shape`.
        size: The number of embeddings in the memory, an integer >= 1.
        kwargs: Those of `keras.Model`.

    Raises:
        ValueError: If `size` is not an integer >= 1, or the loss is not one of class ids that can ignore
            empty places, with `ignore_class`, and take its mean over the anchors of the batch, with
            `reduction="mean_with_sample_weight"` (or `"sum"`).

    Use it with losses of labels such as `MultiSimilarity` or `BatchHardTriplet`, where a batch holds too few
    samples of a class or too few hard negatives; not before a model has settled: what the memory holds should
    still be about what the model would say now, so train some steps without it. The embeddings of the memory
    get no gradient. The loss computes all `(N + size) ** 2` pairs, in blocks. `evaluate` compares the batch
    with itself and writes nothing.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> encoder = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
    >>> model = kerasloss.models.CrossBatchMemory(encoder, size=64)
    >>> loss = kerasloss.MultiSimilarity(ignore_class=-1, reduction="mean_with_sample_weight")
    >>> model.compile("sgd", loss=loss)
    >>> history = model.fit(np.ones((32, 8)), np.arange(32) // 4, shuffle=False, verbose=0)
    >>> keras.ops.convert_to_numpy(model.labels)[-4:].tolist()
    [7, 7, 7, 7]

    Reference: Wang, Zhang, Huang & Scott, 2020, Cross-Batch Memory for Embedding Learning, CVPR.
    """

    def __init__(self, model: keras.Model, size: int, **kwargs: Any) -> None:
        super().__init__(model, **kwargs)
        self.size = checks.integer(self, "size", size, least=1)
        shape = getattr(model, "output_shape", ())
        if len(shape) != 2 or shape[1] is None:
            checks.fail(self, "`model` must return embeddings (N, D)", f"output_shape={shape}")
        options = {"initializer": "zeros", "trainable": False, "autocast": False}
        # Oldest first; the last `filled` rows hold something.
        self.memory = self.add_weight(shape=(size, shape[1]), dtype="float32", name="memory", **options)
        self.labels = self.add_weight(shape=(size,), dtype="int32", name="labels", **options)
        self.filled = self.add_weight(shape=(), dtype="int32", name="filled", **options)
        self.built = True

    def call(self, inputs: Any, training: bool | None = None) -> Tensor:
        return self.model(inputs, training=training)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """The compiled loss, in training of the batch and the memory."""
        ignored = self._ignored()
        if not training:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        count = ops.shape(y_pred)[0]
        ids = ops.cast(ops.reshape(y, (-1,)), "int32")
        # Copies, since some backends assign in place.
        memory, labels, filled = (ops.copy(v) for v in (self.memory, self.labels, self.filled))
        weight = ops.ones_like(y_pred[:, 0]) if sample_weight is None else sample_weight
        weight = ops.cast(ops.reshape(weight, (-1,)), "float32")

        empty = ops.arange(self.size, dtype="int32") < self.size - filled
        loss = super().compute_loss(
            x,
            ops.concatenate([ids, ops.where(empty, ignored, labels)]),
            ops.concatenate([y_pred, ops.cast(memory, y_pred.dtype)]),
            ops.concatenate([weight, ops.zeros_like(memory[:, 0])]),
            training,
        )
        new = ops.stop_gradient(ops.cast(y_pred, memory.dtype))
        self.memory.assign(ops.concatenate([memory, new])[-self.size :])
        self.labels.assign(ops.concatenate([labels, ids])[-self.size :])
        self.filled.assign(ops.minimum(filled + ops.cast(count, "int32"), self.size))
        return loss

    def _ignored(self) -> int:
        """The id of an empty place."""
        ignored = getattr(self.loss, "ignore_class", None)
        if ignored is None:
            checks.fail(
                self,
                "the loss must have an `ignore_class`, say -1, for places of the memory that are still empty",
                f"loss={self.loss!r}",
            )
        if self.loss.reduction not in ("mean_with_sample_weight", "sum"):
            checks.fail(
                self,
                'the loss must have `reduction="mean_with_sample_weight"`, the mean over the anchors of the '
                'batch, or "sum"',
                f"loss={self.loss!r}",
            )
        return ignored if isinstance(ignored, int) else ignored[0]

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "size": self.size}
