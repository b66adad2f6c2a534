"""Layers that own the trainable weights of methods whose loss is a pure function."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasloss.core import checks
from kerasloss.core.labels import not_ignored
from kerasloss.core.loss import Tensor, and_masks
from kerasloss.core.numerics import safe_divide
from kerasloss.core.registry import register
from kerasloss.losses.classification.categorical import SparseCategoricalCrossentropy


@register
class UncertaintyWeighting(keras.layers.Layer):
    """Learns the weights of several tasks from the noise of each.

    Formula: `sum(c[i] * exp(-s[i]) * value[i] + s[i] / 2)`, where `s`, the log-variances, are trained with
    the model. At the optimum `s[i] = log(2 c[i] value[i])`.

    Args:
        num_losses: The number of losses, an integer >= 1.
        kinds: `"classification"` (c = 1: cross-entropy, and any other loss) or `"regression"` (c = 1/2:
            mean squared error); one for all losses, or a list of `num_losses`.
        initial_log_variance: The initial value of `s`, a finite number.
        endpoint: Whether to add the total as a loss of the layer and return the values unchanged, so that a
            functional model whose targets are inputs needs no `compile(loss=...)`.
        kwargs: Those of `keras.layers.Layer`.

    Shapes:
        Call it with a list of `num_losses` scalars, or a tensor `(num_losses,)`. Returns a scalar, or with
        `endpoint` what it was called with.

    Raises:
        ValueError: If the number of values or kinds is wrong.

    Use it in `Model.compute_loss`, as an attribute of the model so that its weights are trained and saved;
    not with weight decay, and not for losses that can be negative (their weight would grow without bound; `s`
    is clipped to [-20, 20]).

    Example:

    >>> import kerasloss, keras
    >>> weighting = kerasloss.layers.UncertaintyWeighting(2, kinds=["classification", "regression"])
    >>> total = weighting([keras.ops.ones(()), 2 * keras.ops.ones(())])
    >>> print(keras.ops.convert_to_numpy(total), keras.ops.convert_to_numpy(weighting.task_weights))
    2.0 [1.  0.5]

    Reference: Kendall, Gal & Cipolla, 2018, Multi-Task Learning Using Uncertainty to Weigh Losses for Scene
    Geometry and Semantics, CVPR (arXiv 1705.07115).
    """

    def __init__(
        self,
        num_losses: int,
        kinds: str | Sequence[str] = "classification",
        initial_log_variance: float = 0.0,
        endpoint: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.num_losses = checks.integer(self, "num_losses", num_losses, least=1)
        self.kinds = kinds
        self.initial_log_variance = checks.number(self, "initial_log_variance", initial_log_variance)
        self.endpoint = checks.boolean(self, "endpoint", endpoint)
        names = [kinds] * num_losses if isinstance(kinds, str) else list(kinds)
        for name in names:
            checks.choice(self, "kinds", name, ("classification", "regression"))
        if len(names) != num_losses:
            checks.fail(self, f"`kinds` must be one, or {num_losses} of them", f"kinds={kinds!r}")
        self._factors = [0.5 if name == "regression" else 1.0 for name in names]
        self.log_variances = self.add_weight(
            shape=(num_losses,),
            initializer=keras.initializers.Constant(initial_log_variance),
            name="log_variances",
        )
        self.built = True  # It may be called in `compute_loss` alone, which builds nothing.

    @property
    def task_weights(self) -> Tensor:
        """The weight of each value, `c * exp(-s)`."""
        return ops.convert_to_tensor(self._factors, dtype=self.compute_dtype) * ops.exp(
            -self._log_variances()
        )

    def _log_variances(self) -> Tensor:
        return ops.clip(ops.convert_to_tensor(self.log_variances), -20.0, 20.0)

    def call(self, values: Any) -> Any:
        vector = ops.stack(list(values)) if isinstance(values, (list, tuple)) else values
        if tuple(vector.shape) != (self.num_losses,):
            checks.fail(
                self,
                f"expected {self.num_losses} scalars, or a tensor of shape ({self.num_losses},)",
                f"values of shape {tuple(vector.shape)}",
            )
        vector = ops.cast(vector, self.compute_dtype)
        total = ops.sum(self.task_weights * vector + self._log_variances() / 2)
        if self.endpoint:
            self.add_loss(total)
            return values
        return total

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of what `call` returns."""
        return input_shape if self.endpoint else ()

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        names = ("num_losses", "kinds", "initial_log_variance", "endpoint")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@register
class SequenceLogProbability(keras.layers.Layer):
    """The log-probability of each text under the logits of a language model.

    Formula: `sum(log_softmax(logits[t])[ids[t]])` over the tokens t that are not ignored; with `average`
    divided by their number.

    Args:
        average: Whether to divide by the number of tokens (ORPO, SimPO) or not (DPO, KTO, CPO).
        ignore_class: An id, or several, of tokens that don't count: padding, and the prompt. None: all count.
        kwargs: Those of `keras.layers.Layer`. Half types are computed, and returned, in float32.

    Shapes:
        Call it with a list of token ids `(N, T)` and logits `(N, T, V)`, where `logits[:, t]` predicts
        `ids[:, t]`. Returns `(N,)`; for pairs `(N, 2, T)` and `(N, 2, T, V)` it returns `(N, 2)`. Tokens
        masked in either input don't count. A text without a token has 0.

    Raises:
        ValueError: If an argument is not allowed or the shapes don't match. An id outside [0, V) that is not
            ignored gives NaN.

    Use it at the end of a model that is trained with a preference loss; not for a loss per token.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> ids, logits = np.array([[1, 2, -100]]), np.array([[[1.0, 2, 0], [0, 0, 3], [1, 1, 1]]])
    >>> print(keras.ops.convert_to_numpy(kerasloss.layers.SequenceLogProbability()([ids, logits])).round(4))
    [-0.5025]

    Reference: Rafailov et al., 2023, Direct Preference Optimization, NeurIPS; average: Meng, Xia & Chen,
    2024, SimPO, NeurIPS.
    """

    def __init__(
        self, average: bool = False, ignore_class: int | Sequence[int] | None = -100, **kwargs: Any
    ) -> None:
        super().__init__(autocast=False, **kwargs)  # ids that come as floats keep their digits
        self.average = checks.boolean(self, "average", average)
        self.ignore_class = (
            ignore_class if ignore_class is None else checks.integers(self, "ignore_class", ignore_class)
        )
        self._crossentropy = SparseCategoricalCrossentropy(
            from_logits=True,
            ignore_class=ignore_class,
            reduction=None,
            dtype=keras.backend.result_type(self.compute_dtype, "float32"),
        )

    def call(self, inputs: Any, mask: Any = None) -> Tensor:
        if not isinstance(inputs, (list, tuple)) or len(inputs) != 2:
            checks.fail(self, "expected a list of token ids and logits", f"{type(inputs).__name__}")
        ids, logits = inputs
        if len(ids.shape) < 2 or not checks.lengths_match(tuple(ids.shape), tuple(logits.shape)[:-1]):
            checks.fail(
                self,
                "expected token ids (N, T) and logits (N, T, V)",
                f"shapes {tuple(ids.shape)} and {tuple(logits.shape)}",
            )
        counts = not_ignored(ids, self.ignore_class)
        for one in mask if isinstance(mask, (list, tuple)) else [mask]:
            counts = and_masks(counts, None if one is None else ops.cast(one, "bool"))
        total = -ops.sum(self._crossentropy.compute(ids, logits, mask=counts), axis=-1)
        if not self.average:
            return total
        number = ops.ones_like(logits[..., 0], dtype=total.dtype)
        if counts is not None:
            number = ops.where(counts, number, 0)
        return safe_divide(total, ops.sum(number, axis=-1))

    def compute_mask(self, inputs: Any, previous_mask: Any) -> None:
        """None: the output has no token axis."""
        return None

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config = {"average": self.average, "ignore_class": self.ignore_class}
        return {**super().get_config(), **config}


@register
class OrdinalThresholds(keras.layers.Layer):
    """The last layer for ordered classes: one score, and a threshold between every two neighbours.

    Formula: with `score = x . kernel`, the same for all thresholds, `cutpoint[k] - score` if `ordered`, the
    logit of P(y <= k); `score + bias[k]` if not, the logit of P(y > k). Cutpoints are kept in order as
    `cutpoint[k] = first + softplus(gap[0]) + ... + softplus(gap[k - 1])`; biases are free.

    Args:
        num_classes: K, the number of classes, an integer >= 2.
        ordered: True for `CumulativeLink`, which needs cutpoints in order; False for `Coral`, whose biases
            become ordered during training.
        kernel_initializer, kernel_regularizer: Those of the weights of the score, as in Keras's `Dense`.
        kwargs: Those of `keras.layers.Layer`. In mixed precision thresholds and output are float32.

    Shapes:
        Call it with features `(batch, ..., D)`. Returns `(batch, ..., K - 1)`. A mask is passed on.

    Raises:
        ValueError: If an argument is not allowed, or D is not known.

    Use it at the end of a model that is trained with `CumulativeLink` or `Coral`; not with `Corn`, whose
    thresholds may each use different features. Initially all classes are equally likely where the score is 0.
    The median class is the number of outputs below 0 if `ordered`, and above 0 if not.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> layer = kerasloss.layers.OrdinalThresholds(4, kernel_initializer="ones")
    >>> print(keras.ops.convert_to_numpy(layer(np.array([[0.5, 0.5], [-2.0, 0.0]]))).round(3))
    [[-2.099 -1.     0.099]
     [ 0.901  2.     3.099]]
    >>> model = keras.Sequential([keras.Input((2,)), kerasloss.layers.OrdinalThresholds(4)])
    >>> model.compile("adam", loss=kerasloss.CumulativeLink())

    Reference: McCullagh, 1980, Regression Models for Ordinal Data, JRSS B; Cao, Mirjalili & Raschka, 2020,
    Rank Consistent Ordinal Regression for Neural Networks, Pattern Recognition Letters (arXiv 1901.07884).
    """

    def __init__(
        self,
        num_classes: int,
        ordered: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_classes = checks.integer(self, "num_classes", num_classes, least=2)
        self.ordered = checks.boolean(self, "ordered", ordered)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes the weights of the score, and the thresholds."""
        width = input_shape[-1]
        if width is None:
            checks.fail(self, "the last axis of the input must be known", f"input_shape={input_shape}")
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: width})
        self.kernel = self.add_weight(
            shape=(width, 1),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            name="kernel",
        )
        share = np.arange(1, self.num_classes) / self.num_classes
        equal = np.log(share) - np.log1p(-share)  # as many samples in each class
        if self.ordered:
            self.first = self._thresholds("first", equal[:1])
            self.gaps = self._thresholds("gaps", np.log(np.expm1(np.diff(equal))))
        else:
            self.bias = self._thresholds("bias", -equal)

    def _thresholds(self, name: str, start: np.ndarray) -> Any:
        def initializer(shape: Any, dtype: Any = None) -> Tensor:
            return ops.convert_to_tensor(start, dtype=dtype)

        return self.add_weight(shape=start.shape, initializer=initializer, name=name, autocast=False)

    @property
    def cutpoints(self) -> Tensor:
        """The K - 1 scores at which P(y <= k) = P(y > k)."""
        if not self.ordered:
            return -ops.convert_to_tensor(self.bias)
        first = ops.convert_to_tensor(self.first)
        gaps = ops.softplus(ops.convert_to_tensor(self.gaps))
        return ops.concatenate([first, first + ops.cumsum(gaps)])

    def call(self, inputs: Any) -> Tensor:
        cutpoints = self.cutpoints
        score = ops.cast(ops.matmul(inputs, self.kernel), cutpoints.dtype)
        return cutpoints - score if self.ordered else score - cutpoints

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "ordered": self.ordered,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }
