"""A model that is trained on large batches in the memory of a small one."""

from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Tensor, keras_mask
from kerasloss.core.registry import register
from kerasloss.core.remat import remat
from kerasloss.models.masks import with_mask
from kerasloss.models.wrapper import Wrapper


@register
class GradientCache(Wrapper):
    """A model that embeds its batch in chunks and keeps the activations of one chunk at a time.

    The loss sees the embeddings of the whole batch. Then the gradient with respect to the embeddings is
    propagated chunk by chunk: each chunk is embedded once more, its activations are used and dropped, and the
    gradients of the weights are added up. The step is that of the plain model.

    Args:
        model: A `keras.Model` whose outputs for a sample depend on this sample alone.
        chunk_size: The number of samples that are embedded at a time, an integer >= 1. It need not divide the
            batch.
        kwargs: Those of `keras.Model`.

    Raises:
        ValueError: If `chunk_size` is not an integer >= 1.

    Use it for contrastive losses and losses of all pairs, whose batch gives the negatives and so cannot be
    split; not for losses of single samples, for which smaller batches or the optimizer's
    `gradient_accumulation_steps` do the same. It costs one more forward pass. It holds the inputs, the
    embeddings, the loss and the activations of a chunk. A batch of at most `chunk_size` samples is embedded
    as usual.

    Randomness: in the second pass a chunk starts with the states that it started with in the first, so that
    dropout and augmentation draw the same numbers again. That holds for layers that own a `SeedGenerator`, as
    all of Keras's do. Different chunks draw different numbers.

    Statistics: `BatchNormalization` normalizes by the mean and variance of a chunk, so a step is not that of
    the plain model. The moving averages move once for each chunk, and not again in the second pass.

    Losses that layers add in a call (`add_loss`, `activity_regularizer`) are averaged over the samples, as
    those of one batch are if they are means over it. Regularizers of weights are counted once. Masks work
    inside the model, and those of its outputs reach the loss. `evaluate` and `predict` work in chunks too. On
    TensorFlow it doesn't work with `jit_compile=True`.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> encoder = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
    >>> model = kerasloss.models.GradientCache(encoder, chunk_size=32)
    >>> model.compile("sgd", loss=kerasloss.MultiSimilarity())
    >>> x, y = np.ones((100, 8)), np.arange(100) // 2
    >>> history = model.fit(x, y, batch_size=100, verbose=0)
    >>> encoder.predict(x, verbose=0).shape
    (100, 4)

    Reference: Gao, Zhang, Han & Callan, 2021, Scaling Deep Contrastive Learning Batch Size under Memory
    Limited Setup, RepL4NLP (arXiv 2101.06983).
    """

    def __init__(self, model: keras.Model, chunk_size: int, **kwargs: Any) -> None:
        super().__init__(model, **kwargs)
        self.chunk_size = checks.integer(self, "chunk_size", chunk_size, least=1)
        self.built = model.built

    def build(self, input_shape: Any) -> None:
        """Nothing: the first call builds the model, as Keras does."""

    @property
    def output_shape(self) -> Any:
        """That of the model, where it is known."""
        return self.model.output_shape

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        leaves = keras.tree.flatten(inputs)
        count = leaves[0].shape[0]
        # Only TensorFlow leaves it unknown while it computes; else JAX may ask for shapes, with a symbol.
        large = count is None or (isinstance(count, int) and count > self.chunk_size)
        if not large or not self.model.built:
            return self.model(inputs, training=training)

        chunk = _Chunk(self.model, inputs, training)
        weights = [ops.convert_to_tensor(v) for v in self.model.trainable_variables]
        # Copies: the second pass needs these states, and some backends assign in place.
        states = [ops.copy(v) for v in self.model.non_trainable_variables]
        embed = remat(chunk)

        # The first chunk is the one that may be smaller: it is never empty, and all others are alike.
        count = ops.shape(leaves[0])[0] if count is None else count
        rest = (count - 1) // self.chunk_size * self.chunk_size
        first = embed(*weights, *states, *(x[: count - rest] for x in leaves))
        outputs, moved, losses = chunk.split(first)

        chunks = [ops.reshape(x[count - rest :], (-1, self.chunk_size, *ops.shape(x)[1:])) for x in leaves]

        def step(carry: list[Tensor], i: Tensor) -> tuple[list[Tensor], list[Tensor]]:
            now = chunk.replaced(states, chunk.split(carry)[1])
            parts = embed(*weights, *now, *(x[i] for x in chunks))
            return parts, parts

        # What is carried has the structure of what comes out: TensorFlow's scan wants it.
        start = [ops.zeros((self.chunk_size, *ops.shape(x)[1:]), x.dtype) for x in outputs]
        last, others = ops.scan(
            step, [*start, *moved, *losses], ops.arange(rest // self.chunk_size, dtype="int32")
        )

        for variable, state in zip(chunk.moving, chunk.split(last)[1], strict=True):
            variable.assign(state)
        more_outputs, _, more_losses = chunk.split(others)
        for one, more in zip(losses, more_losses, strict=True):
            few, many, all_ = (ops.cast(n, one.dtype) for n in (count - rest, self.chunk_size, count))
            self.add_loss((few * one + many * ops.sum(more)) / all_)
        return chunk.pack(
            ops.concatenate([one, ops.reshape(more, (-1, *ops.shape(one)[1:]))])
            for one, more in zip(outputs, more_outputs, strict=True)
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "chunk_size": self.chunk_size}


class _Chunk:
    """A model as a function of all its variables and the inputs of a chunk, which changes nothing.

    It returns the outputs and their masks, the states that have moved, and the losses that layers have added.
    """

    def __init__(self, model: keras.Model, inputs: Any, training: bool | None) -> None:
        self.model, self.inputs, self.training = model, inputs, training
        self.variables = [*model.trainable_variables, *model.non_trainable_variables]

    def __call__(self, *tensors: Tensor) -> list[Tensor]:
        fixed = len(self.model.trainable_variables)
        leaves = tensors[len(self.variables) :]
        mapping = list(zip(self.variables, tensors, strict=False))
        with keras.StatelessScope(mapping, collect_losses=True) as scope:
            before = [scope.get_current_value(v) for v in self.variables]
            outputs = self.model(keras.tree.pack_sequence_as(self.inputs, leaves), training=self.training)
            after = [scope.get_current_value(v) for v in self.variables]
        self.outputs, leaves = outputs, keras.tree.flatten(outputs)
        masks = [keras_mask(x) for x in leaves]
        self.masked = [i for i, mask in enumerate(masks) if mask is not None]
        # Kept: layers know their losses by `id`, which must not become that of another tensor.
        self.losses = scope.losses
        self.moved = [i - fixed for i, x in enumerate(after) if x is not before[i]]
        return [
            *leaves,
            *(masks[i] for i in self.masked),
            *(ops.stop_gradient(after[i + fixed]) for i in self.moved),
            *scope.losses,
        ]

    @property
    def moving(self) -> list[keras.Variable]:
        """The variables that a call moves."""
        return [self.model.non_trainable_variables[i] for i in self.moved]

    def split(self, parts: list[Tensor]) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        """Outputs with masks, states and losses, of a call or of several that are stacked."""
        end = len(parts) - len(self.losses)
        start = end - len(self.moved)
        return parts[:start], parts[start:end], parts[end:]

    def replaced(self, states: list[Tensor], moved: list[Tensor]) -> list[Tensor]:
        """All states, with those that move as they are now."""
        now = dict(zip(self.moved, moved, strict=True))
        return [now.get(i, x) for i, x in enumerate(states)]

    def pack(self, outputs: Any) -> Any:
        """Outputs in the structure in which the model returns them, each with its mask."""
        outputs = list(outputs)
        count = len(outputs) - len(self.masked)
        for i, mask in zip(self.masked, outputs[count:], strict=True):
            outputs[i] = with_mask(outputs[i], mask)
        return keras.tree.pack_sequence_as(self.outputs, outputs[:count])
