"""The parts of a sum of losses as metrics, so that they show while a model trains."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Tensor
from kerasloss.core.registry import get, register
from kerasloss.losses.composition.combine import Masked, Symmetric, WeightedSum
from kerasloss.losses.composition.multiscale import DeepSupervision, MultiScale

LINEAR = (DeepSupervision, Masked, MultiScale, Symmetric)
"""The wrappers of a sum that equal the sum of its wrapped parts."""


def parts(loss: Any) -> Any:
    """The parts of a sum of losses as metrics, for `compile(weighted_metrics=...)`.

    Keras then shows each part, without its factor, in the progress bar, in the history, in TensorBoard and
    in `evaluate`, for training and validation, on every backend, compiled or not.

    Args:
        loss: A `WeightedSum`, or `0.7 * a + 0.3 * b`; or `DeepSupervision`, `Masked`, `MultiScale` or
            `Symmetric` of one. For a model with several outputs a dict or list of losses, as `compile` takes
            it; an output whose loss has no parts gets no metric, since Keras logs the loss of each output
            itself (`<output>_loss`). That holds for the levels of a `DeepSupervision` too.

    Returns:
        A list of `LossPart`, or for several outputs a dict or list of such lists.

    Raises:
        ValueError: If the loss has no parts, or none of several losses has.

    Use it whenever a sum is trained, to see which part falls; a metric rather than a callback, since a
    callback does not see the predictions of a compiled step. Each part is computed once more, without
    gradient. Penalties of layers are in Keras's `loss` and in no part. It goes into `weighted_metrics`, which
    get the sample weights that the loss gets; in `metrics` they would be left out. On JAX Keras gives metrics
    the predictions without their Keras mask while it trains (not in validation): parts of masked sequences
    then count all steps.

    Example:

    >>> import kerasloss, keras, numpy as np
    >>> loss = 0.7 * kerasloss.MeanSquaredError() + 0.3 * kerasloss.MeanAbsoluteError()
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    >>> model.compile(loss=loss, weighted_metrics=kerasloss.parts(loss))
    >>> found = model.evaluate(np.ones((3, 2)), np.full((3, 1), 2.0), verbose=0, return_dict=True)
    >>> {name: round(value, 4) for name, value in found.items()}
    {'loss': 3.4, 'mean_absolute_error': 2.0, 'mean_squared_error': 4.0}
    """
    if isinstance(loss, Mapping):
        found = {name: _metrics(part) for name, part in loss.items()}
        several = list(found.values())
    elif isinstance(loss, (list, tuple)):
        found = several = [_metrics(part) for part in loss]
    else:
        found = _metrics(loss)
        several = [found]
    if not any(several):
        checks.fail(
            "parts",
            "`loss` must be a sum of losses (`0.7 * a + 0.3 * b`, `WeightedSum`), or one in "
            + ", ".join(cls.__name__ for cls in LINEAR),
            f"loss={loss!r}",
        )
    return found


@register
class LossPart(keras.metrics.Metric):
    """The mean over batches of what a loss returns, each weighted by its number of samples.

    That is how Keras averages the loss of an epoch, so that the weighted sum of the parts of a loss equals
    the `loss` of the history, whatever their reduction, masks and weights. For a mean over samples it is the
    mean over the epoch.

    Args:
        loss: A loss, or what `kerasloss.get` finds it by.
        name: The name in the history; None: that of the loss.
        dtype: Of the sums; None: `keras.config.floatx()`.

    Raises:
        ValueError: If there is no such loss.

    Use it as `parts` makes it, in `compile(weighted_metrics=...)`. It is saved with the model.

    Example:

    >>> import kerasloss, numpy as np
    >>> metric = kerasloss.inspection.parts.LossPart("mse")
    >>> metric.update_state(np.zeros((3, 1)), np.ones((3, 1)))
    >>> metric.update_state(np.zeros((1, 1)), np.full((1, 1), 3.0))
    >>> float(metric.result())
    3.0
    """

    def __init__(self, loss: Any, name: str | None = None, dtype: Any = None) -> None:
        self.loss = get(loss)
        super().__init__(name=name or self.loss.name, dtype=dtype)
        self.total = self.add_variable(shape=(), initializer="zeros", name="total")
        self.count = self.add_variable(shape=(), initializer="zeros", name="count")

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> None:
        """Adds a batch."""
        samples = ops.cast(ops.shape(keras.tree.flatten(y_pred)[0])[0], self.dtype)
        value = ops.cast(_undivided(ops.mean(self.loss(y_true, y_pred, sample_weight))), self.dtype)
        self.total.assign_add(samples * value)
        self.count.assign_add(samples)

    def result(self) -> Tensor:
        """The mean so far; 0 before the first batch."""
        return self.total.value / ops.maximum(self.count.value, 1.0)

    def get_config(self) -> dict[str, Any]:
        """The arguments, ready for JSON."""
        return {**super().get_config(), "loss": keras.saving.serialize_keras_object(self.loss)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LossPart":
        """The metric of a configuration that `get_config` made."""
        return cls(**{**config, "loss": keras.saving.deserialize_keras_object(config["loss"])})


_ABSOLUTE_ERROR = keras.losses.MeanAbsoluteError()


def _undivided(value: Tensor) -> Tensor:
    """A mean without the division by the number of replicas, which Keras takes out of the `loss` it logs."""
    if keras.backend.backend() != "tensorflow":
        return value  # eager PyTorch would spend a third of the metric's time on it
    share = _ABSOLUTE_ERROR(ops.zeros((1, 1)), ops.ones((1, 1)))  # of one replica: there is no public name
    return value / ops.cast(share, value.dtype)


def _metrics(loss: Any) -> list[LossPart]:
    return [LossPart(part, name=name) for name, part in _split(get(loss)).items()]


def _split(loss: Any) -> dict[str, keras.losses.Loss]:
    """The parts by their names, each with the reduction of the sum and in the wrappers of the sum."""
    if isinstance(loss, WeightedSum):
        reduction, dtype = loss.reduction, loss.dtype
        named = loss.named_parts().items()
        return {name: WeightedSum({name: part}, reduction=reduction, dtype=dtype) for name, part in named}
    if isinstance(loss, LINEAR):
        inner = {name: keras.saving.serialize_keras_object(p) for name, p in _split(loss.loss).items()}
        config = loss.get_config()
        return {name: type(loss).from_config({**config, "loss": part}) for name, part in inner.items()}
    return {}
