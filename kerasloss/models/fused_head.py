"""A model whose linear head and loss are one."""

import functools
from typing import Any, NamedTuple

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Tensor, keras_mask
from kerasloss.core.registry import register
from kerasloss.layers.language import SequenceLogProbability
from kerasloss.losses.language.heads import LinearCrossentropy
from kerasloss.models.masks import with_mask


class _ForTheLoss(NamedTuple):
    """The inputs of a step. They say themselves what is wanted of the model: no other call can see it."""

    inputs: Any


class _Hidden(NamedTuple):
    """What the model returns for the inputs of a step."""

    states: Tensor
    logits: Tensor | None
    """Those that metrics see, which have no access to weights."""


@register
class FusedHead(keras.Model):
    """A model with a linear head over many classes, whose logits training and evaluation never build.

    `fit` and `evaluate` hand the hidden states and the head's weights to the loss, a `LinearCrossentropy`;
    `predict` and calls give the logits `hidden @ kernel + bias` (before any soft cap). `log_probability`
    gives what preference and policy losses take, without the logits too.

    Args:
        backbone: A `keras.Model` from inputs to hidden states `(batch, ..., D)`.
        head: The layer that owns the weights: a `Dense` layer without activation, or for tied weights an
            `Embedding` of the backbone (whose matrix, transposed, is the kernel). Any layer with an attribute
            `kernel` `(D, V)` (and optionally `bias`), `reverse_embeddings` `(D, V)` (a `ReversibleEmbedding`
            with `tie_weights=False`) or `embeddings` `(V, D)` will do. Or the name of a layer of the
            backbone, or the path to a part of one: `"embeddings.token_embedding"`.
        kwargs: Those of `keras.Model`.

    Raises:
        ValueError: If the head is of another kind, or the model is trained with another loss, or with a
            `logit_softcap` that differs from the head's.

    Use it for language models and other classifiers with tens of thousands of classes. With KerasHub:
    `FusedHead(lm.backbone, "token_embedding")` trains the weights of `lm` itself (Gemma 2 needs
    `logit_softcap=30` in the loss). Metrics are allowed, but they need logits, which are then built for them.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> tokens = keras.Input((8,), dtype="int32")
    >>> hidden = keras.layers.GRU(4, return_sequences=True)(keras.layers.Embedding(1000, 4)(tokens))
    >>> model = kerasloss.models.FusedHead(keras.Model(tokens, hidden), keras.layers.Dense(1000))
    >>> model.compile("sgd", loss=kerasloss.LinearCrossentropy())
    >>> x = np.ones((2, 8), "int32")
    >>> history = model.fit(x, x, verbose=0)
    >>> model.predict(x, verbose=0).shape
    (2, 8, 1000)

    Reference: Wijmans et al., 2025, Cut Your Losses in Large-Vocabulary Language Models, ICLR (arXiv
    2411.09009).
    """

    def __init__(self, backbone: keras.Model, head: keras.layers.Layer | str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.backbone = backbone
        self.head = head
        if isinstance(head, str):
            layer, *attributes = head.split(".")
            self.head = functools.reduce(getattr, attributes, backbone.get_layer(layer))
        self._tied = self._path_in_backbone(head)
        activation = getattr(self.head, "activation", None)
        if activation not in (None, keras.activations.linear):
            checks.fail(self, "`head` must have no activation", f"activation={activation!r}")
        if not self.head.built:
            self.head.build(backbone.output_shape)
        if not (hasattr(self.head, "kernel") or hasattr(self.head, "embeddings")):
            checks.fail(
                self,
                "`head` must have a `kernel` (D, V) like `Dense`, or `embeddings` (V, D) like `Embedding`",
                type(self.head).__name__,
            )
        self.built = True

    def _path_in_backbone(self, head: keras.layers.Layer | str) -> str | None:
        """Where the backbone holds the head; None: it does not."""
        if isinstance(head, str):
            return head
        if any(layer is head for layer in self.backbone.layers):
            return head.name
        if {id(weight) for weight in head.weights} & {id(weight) for weight in self.backbone.weights}:
            checks.fail(
                self,
                "`head` is part of a layer of the backbone: give its path, like 'embeddings.token_embedding'",
                head.name,
            )
        return None

    def head_weights(self) -> tuple[Tensor, ...]:
        """The kernel `(D, V)`, and the bias `(V,)` if there is one."""
        if hasattr(self.head, "kernel"):
            bias = getattr(self.head, "bias", None)
            return (self.head.kernel,) if bias is None else (self.head.kernel, bias)
        if hasattr(self.head, "reverse_embeddings"):  # the embedding of tokens is another matrix
            return (self.head.reverse_embeddings,)
        return (ops.transpose(self.head.embeddings),)

    def logits(self, hidden: Tensor) -> Tensor:
        """The logits of hidden states, with their mask."""
        if hasattr(self.head, "kernel"):
            return self.head(hidden)
        logits = ops.matmul(hidden, ops.cast(self.head_weights()[0], hidden.dtype))
        return with_mask(logits, keras_mask(hidden))

    def log_probability(
        self, x: Any, ids: Tensor, average: bool | None = False, training: bool | None = None
    ) -> Tensor:
        """The log-probability of each text, for a preference or policy loss, without its logits.

        Args:
            x: Inputs of the backbone, of N texts.
            ids: Token ids `(N, T)`, where the hidden states at t predict `ids[:, t]`; those of -100 don't
                count.
            average: See `kerasloss.layers.SequenceLogProbability`.
            training: Whether the backbone trains, as in a call.

        Returns:
            `(N,)`, and `(N, T)` with `average=None`. They are those of capped logits if the head caps them,
            or the loss that the model is compiled with.
        """
        cap = getattr(self.head, "logit_soft_cap", None)
        if cap is None and isinstance(getattr(self, "loss", None), LinearCrossentropy):
            cap = self.loss.logit_softcap
        layer = SequenceLogProbability(average, logit_softcap=cap)
        return layer([ids, self.backbone(x, training=training), *self.head_weights()])

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        if not isinstance(inputs, _ForTheLoss):
            return self.logits(self.backbone(inputs, training=training))
        hidden = self.backbone(inputs.inputs, training=training)
        metrics = any(metric.name != "loss" for metric in self.metrics)
        return _Hidden(hidden, self.logits(hidden) if metrics else None)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """The loss of hidden states, and what layers have added (regularizers)."""
        loss = self.loss
        if not isinstance(loss, LinearCrossentropy):
            checks.fail(self, "the model must be compiled with a `LinearCrossentropy`", f"loss={loss!r}")
        cap = getattr(self.head, "logit_soft_cap", None)
        if cap is not None and cap != loss.logit_softcap:
            checks.fail(
                self, f"the head caps its logits, so the loss must have `logit_softcap={cap}`", repr(loss)
            )
        if isinstance(y_pred, _Hidden):
            total = loss(y, (y_pred.states, *self.head_weights()), sample_weight, training=training)
        else:
            total = loss.of_logits(y, y_pred, sample_weight)
        for added in self.losses:
            total = total + ops.sum(ops.cast(added, total.dtype))
        return total

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """The metrics, which get logits."""
        logits = y_pred.logits if isinstance(y_pred, _Hidden) else y_pred
        return super().compute_metrics(x, y, logits, sample_weight)

    def train_step(self, *args: Any) -> Any:
        """Keras's own, on hidden states."""
        return super().train_step(*_for_the_loss(args))

    def test_step(self, *args: Any) -> Any:
        """Keras's own, on hidden states."""
        return super().test_step(*_for_the_loss(args))

    def get_config(self) -> dict[str, Any]:
        """The backbone and the head; the name of a head that the backbone holds."""
        head = self._tied or keras.saving.serialize_keras_object(self.head)
        backbone = keras.saving.serialize_keras_object(self.backbone)
        return {**super().get_config(), "backbone": backbone, "head": head}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "FusedHead":
        """The model of a configuration that `get_config` made."""
        parts = {name: config[name] for name in ("backbone", "head")}
        parts = {
            name: keras.saving.deserialize_keras_object(part, custom_objects=custom_objects)
            for name, part in parts.items()
        }
        return cls(**{**config, **parts})


def _for_the_loss(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of a step, the last of which is the data, with marked inputs."""
    *state, data = args
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    return *state, (_ForTheLoss(x), y, sample_weight)
