"""The last layer of tags that depend on their neighbours."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasloss.core import chain, checks
from kerasloss.core.loss import Tensor, append_axes, keras_mask
from kerasloss.core.numerics import is_float64
from kerasloss.core.registry import register
from kerasloss.layers.base import WideLayer
from kerasloss.layers.width import known_width


@register
class CRFTransitions(WideLayer):
    """The last layer in front of `LinearChainCRF`: trained scores of which tag follows which.

    Formula: on axis 1 the C rows of the transitions A (from, to), the scores of the first and of the last
    tag, and the emissions; the same of the first three for all samples.

    Args:
        use_boundaries: Whether the scores of the first and of the last tag are trained; False: they are 0.
        transitions_initializer, transitions_regularizer: Those of A and of the boundaries, as in Keras's
            `Dense`.
        kwargs: Those of `keras.layers.Layer`. In mixed precision weights and output are float32.

    Shapes:
        Call it with emissions, a score for each tag, `(batch, T, C)`. Returns `(batch, C + 2 + T, C)`. A mask
        `(batch, T)` is passed on with C + 2 True in front.

    Raises:
        ValueError: If an argument is not allowed, C is not known, or `decode` and `marginals` get no such
            output.

    Use it at the end of a model that is trained with `LinearChainCRF`; not for tags that are independent of
    each other. Masked positions, also amid a sequence, are skipped.

    `decode(packed, mask=None)`: the tags of the highest score (Viterbi) for an output of this layer,
    `(batch, T)`, -1 where masked. `marginals(packed, mask=None)`: the probability of each tag, `(batch, T,
    C)`, 0 where masked. The mask, `(batch, T)`, comes from the output if it is not given; what `predict`
    returns has none.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> layer = kerasloss.layers.CRFTransitions(transitions_initializer="zeros")
    >>> packed = layer(np.array([[[1.0, 0.0], [0.0, 2.0]]]))
    >>> print(tuple(packed.shape), keras.ops.convert_to_numpy(layer.decode(packed)))
    (1, 6, 2) [[0 1]]
    >>> layers = [keras.layers.Dense(4), kerasloss.layers.CRFTransitions()]
    >>> model = keras.Sequential([keras.Input((9, 5)), *layers])
    >>> model.compile("adam", loss=kerasloss.LinearChainCRF())

    Reference: Lafferty, McCallum & Pereira, 2001, Conditional Random Fields, ICML; Lample, Ballesteros,
    Subramanian, Kawakami & Dyer, 2016, Neural Architectures for Named Entity Recognition, NAACL (arXiv
    1603.01360).
    """

    def __init__(
        self,
        use_boundaries: bool = True,
        transitions_initializer: Any = "glorot_uniform",
        transitions_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.use_boundaries = checks.boolean(self, "use_boundaries", use_boundaries)
        self.transitions_initializer = keras.initializers.get(transitions_initializer)
        self.transitions_regularizer = keras.regularizers.get(transitions_regularizer)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def build(self, input_shape: Any) -> None:
        """Makes the scores of the transitions, and of the first and the last tag."""
        tags = known_width(self, input_shape)
        self.transitions = self._scores("transitions", (tags, tags))
        self.boundaries = self._scores("boundaries", (2, tags)) if self.use_boundaries else None

    def _scores(self, name: str, shape: tuple) -> Any:
        return self.add_weight(
            shape=shape,
            initializer=self.transitions_initializer,
            regularizer=self.transitions_regularizer,
            name=name,
            autocast=False,
        )

    def call(self, inputs: Any) -> Tensor:
        transitions = ops.convert_to_tensor(self.transitions)
        boundaries = ops.zeros_like(transitions[:1] + ops.zeros((2, 1), dtype=transitions.dtype))
        if self.boundaries is not None:
            boundaries = ops.convert_to_tensor(self.boundaries)
        inputs = ops.cast(inputs, transitions.dtype)
        rows = ops.expand_dims(ops.concatenate([transitions, boundaries]), 0)
        return ops.concatenate([ops.repeat(rows, ops.shape(inputs)[0], axis=0), inputs], axis=1)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Tensor | None:
        """The mask with True for the rows in front."""
        if previous_mask is None:
            return None
        return ops.pad(previous_mask, ((0, 0), (inputs.shape[-1] + 2, 0)), constant_values=True)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """`(batch, C + 2 + T, C)`."""
        batch, steps, tags = input_shape
        return batch, None if steps is None else tags + 2 + steps, tags

    def decode(self, packed: Any, mask: Any = None) -> Tensor:
        """The tags of the highest score, `(batch, T)`; -1 where masked."""
        return self._of_positions(chain.best, packed, mask, -1)

    def marginals(self, packed: Any, mask: Any = None) -> Tensor:
        """The probability of each tag at each position, `(batch, T, C)`; 0 where masked."""
        return self._of_positions(chain.posteriors, packed, mask, 0)

    def _of_positions(self, function: Callable, packed: Any, mask: Any, absent: int) -> Tensor:
        """What a function of the scores returns for each position; `absent` where masked."""
        packed, mask = self._checked(packed, mask)
        if mask is None:
            return function(packed, ops.ones_like(packed[:, packed.shape[2] + 2 :, 0], dtype="bool"))
        result = self._in_place(function(*chain.joined(packed, mask)), mask)
        return ops.where(append_axes(mask, len(result.shape)), result, absent)

    def _checked(self, packed: Any, mask: Any) -> tuple[Tensor, Tensor | None]:
        """The packed scores, and the mask of the positions."""
        if mask is None:
            mask = keras_mask(packed)
        packed = ops.convert_to_tensor(packed)
        shape = tuple(packed.shape)
        if len(shape) != 3 or (None not in shape[1:] and shape[1] < shape[2] + 3):
            checks.fail(self, "`packed` must be an output of this layer (batch, C + 2 + T, C)", f"{shape}")
        packed = ops.cast(packed, "float64" if is_float64(packed) else "float32")
        if mask is None:
            return packed, None
        mask, steps = ops.cast(mask, "bool"), shape[1] - shape[2] - 2
        if mask.shape[1] == shape[1]:
            mask = mask[:, shape[2] + 2 :]
        if mask.shape[1] != steps:
            what = f"`mask` must have {steps} entries for each sample, or {shape[1]}"
            checks.fail(self, what, f"mask.shape={tuple(mask.shape)}")
        return packed, mask

    @staticmethod
    def _in_place(x: Tensor, mask: Tensor) -> Tensor:
        """What `to_front` moved, where it was."""
        place = ops.relu(ops.cumsum(ops.cast(mask, "int32"), axis=1) - 1)
        if len(x.shape) == 3:
            place = ops.expand_dims(place, -1) + ops.zeros_like(x, dtype="int32")
        return ops.take_along_axis(x, place, axis=1)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            **super().get_config(),
            "use_boundaries": self.use_boundaries,
            "transitions_initializer": keras.initializers.serialize(self.transitions_initializer),
            "transitions_regularizer": keras.regularizers.serialize(self.transitions_regularizer),
        }
