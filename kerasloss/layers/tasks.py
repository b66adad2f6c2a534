"""The weights of several tasks."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Tensor
from kerasloss.core.registry import register


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
            scalars = "1 scalar" if self.num_losses == 1 else f"{self.num_losses} scalars"
            checks.fail(
                self,
                f"expected {scalars}, or a tensor of shape ({self.num_losses},)",
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
