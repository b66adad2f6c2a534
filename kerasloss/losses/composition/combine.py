"""Losses made of losses.

A combination always equals the arithmetic on what its parts return when called alone with the same `y_true`,
`y_pred`, `sample_weight` and mask. Each part keeps its own reduction; the combination's `reduction` acts on
the finished combination (a scalar is left as it is).
"""

import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import DType, Reduction
from kerasloss.core.kinds.wrapper import Wrapper
from kerasloss.core.labels import can_hold
from kerasloss.core.loss import Evaluation, Loss, Tensor, and_masks, widened, widest
from kerasloss.core.numerics import last_first
from kerasloss.core.registry import checked_loss, nested, register


@register
class WeightedSum(Loss):
    """A weighted sum of losses on the same targets: what `0.7 * a + 0.3 * b` makes.

    Formula: `sum(w[i] * losses[i](y_true, y_pred, sample_weight))`.

    Args:
        losses: A list of losses (of this library or of `keras.losses`, or what `kerasloss.get` finds one
            by), or a dict of names to losses.
        weights: One finite number per loss, negative ones allowed (for a dict of losses, a dict with its
            names); None: all 1.
        reduction: Acts on the finished sum, and only if the parts are not reduced themselves
            (`reduction=None`); a scalar is left as it is. It knows no weights and masks: a mean is over all
            values. Give `"mean_with_sample_weight"` to the parts.
        name: See `kerasloss.Loss`.
        dtype: Of the returned value; None: the widest of the parts. The sum is made in float32 or wider.

    Shapes:
        Whatever every part takes. Returns the shape of the parts' values; scalars broadcast.

    Raises:
        ValueError: If there is no loss, a part is not a loss, the weights don't match the losses, or the
            parts' values have different shapes. TypeError: if a factor is not a real number.

    Use it to train on several criteria of one output, saved with the model; not for several outputs
    (`compile(loss=[...], loss_weights=[...])`), nor for weights that learn (`layers.UncertaintyWeighting`). A
    part of weight 0 is evaluated and reported, but adds exactly 0 even where it is NaN.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = 0.7 * kerasloss.MeanSquaredError() + 0.3 * kerasloss.MeanAbsoluteError()
    >>> y_true, y_pred = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.5, 2.0], [2.0, 6.0]])
    >>> round(float(loss(y_true, y_pred)), 5)
    1.18125
    >>> {name: float(value) for name, value in loss.parts(y_true, y_pred).items()}
    {'mean_squared_error': 1.3125, 'mean_absolute_error': 0.875}

    Reference: arithmetic; no single origin.
    """

    kind = "wrapper"

    _flattens = False
    """Whether operators made it, so that another operator extends its parts."""

    def __init__(
        self,
        losses: Sequence[Any] | Mapping[str, Any],
        weights: Sequence[float] | Mapping[str, float] | None = None,
        reduction: Reduction = None,
        name: str | None = "weighted_sum",
        dtype: DType = None,
    ) -> None:
        if not isinstance(losses, (Mapping, list, tuple)) or not losses:
            checks.fail(self, "`losses` must be a non-empty list or dict of losses", f"losses={losses!r}")
        if isinstance(losses, Mapping):
            losses = {name: checked_loss(self, f"losses[{name!r}]", part) for name, part in losses.items()}
            parts = list(losses.values())
        else:
            losses = type(losses)(checked_loss(self, f"losses[{i}]", x) for i, x in enumerate(losses))
            parts = list(losses)
        super().__init__(name=name, reduction=reduction, dtype=dtype or _widest(parts))
        self.losses = losses
        self.weights = weights
        if isinstance(weights, Mapping) != isinstance(losses, Mapping) and weights is not None:
            checks.fail(self, "`weights` must be a dict if `losses` is one", f"weights={weights!r}")
        if isinstance(weights, Mapping) and set(weights) != set(losses):
            checks.fail(
                self,
                f"`weights` must have the names of `losses`, {sorted(losses)}",
                f"weights={weights!r}",
            )
        if weights is None:
            return
        checks.sequence(self, "weights", list(weights.values()) if isinstance(weights, Mapping) else weights)
        if len(weights) != len(parts):
            checks.fail(self, f"`weights` must be as many as the {len(parts)} losses", f"weights={weights!r}")

    def compute(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, mask: Tensor | None = None
    ) -> Tensor:
        values = [
            _evaluated(part, y_true, y_pred, sample_weight, mask) for part in self.named_parts().values()
        ]
        return ops.cast(self.reduce(Evaluation(self._sum(values), None, None)), self.dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self._sum([part.call(y_true, y_pred) for part in self.named_parts().values()])

    @property
    def axis(self) -> Any:
        """The axis of the first part."""
        return getattr(next(iter(self.named_parts().values())), "axis", -1)

    @property
    def elementwise(self) -> bool:
        """Whether every part is a mean of a function of one entry."""
        parts = list(self.named_parts().values())
        axes = {getattr(part, "axis", -1) for part in parts}
        return len(axes) == 1 and all(getattr(part, "elementwise", False) for part in parts)

    def of_entries(self) -> Loss | None:
        parts = {
            name: part.of_entries() for name, part in self.named_parts().items() if isinstance(part, Loss)
        }
        axes = {getattr(part, "axis", -1) for part in parts.values()}
        if len(parts) < len(self.losses) or None in parts.values() or len(axes) > 1:
            return None
        return self.copied(losses=parts, weights=self._weights())

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        first = next(iter(self.named_parts().values()))
        return (first if isinstance(first, Loss) else super()).prepare(y_true, y_pred)

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        first = next(iter(self.named_parts().values()))
        return (first if isinstance(first, Loss) else super()).entry_axes(y_pred)

    def label_axes(self, y_pred: Tensor) -> list[int]:
        axes = [part.label_axes(y_pred) for part in self.named_parts().values() if isinstance(part, Loss)]
        return axes[0] if axes and all(one == axes[0] for one in axes) else self.entry_axes(y_pred)

    def parts(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Tensor]:
        """The value of every part by its name, without the weights of this sum.

        While a model trains, `kerasloss.parts` shows them.
        """
        return {name: part(y_true, y_pred, sample_weight) for name, part in self.named_parts().items()}

    def named_parts(self) -> dict[str, keras.losses.Loss]:
        """The losses by their names; those that share one are numbered."""
        if isinstance(self.losses, Mapping):
            return {name: widened(part, self.compute_dtype) for name, part in self.losses.items()}
        parts: dict[str, keras.losses.Loss] = {}
        for part in self.losses:
            name, count = part.name, 0
            while name in parts:
                count += 1
                name = f"{part.name}_{count}"
            parts[name] = widened(part, self.compute_dtype)
        return parts

    def _weights(self) -> list[float]:
        if self.weights is None:
            return [1.0] * len(self.losses)
        if isinstance(self.weights, Mapping):
            return [self.weights[name] for name in self.losses]
        return list(self.weights)

    def _sum(self, values: list[Tensor]) -> Tensor:
        names = list(self.named_parts())
        shapes = [tuple(value.shape) for value in values]
        first = next((i for i, shape in enumerate(shapes) if shape), 0)
        total = 0.0
        for name, shape, value, weight in zip(names, shapes, values, self._weights(), strict=True):
            if shape and not checks.lengths_match(shape, shapes[first]):
                checks.fail(
                    self,
                    f"the parts `{names[first]}` and `{name}` must return values of one shape",
                    f"shapes {shapes[first]} and {shape}",
                )
            value = ops.cast(value, self.compute_dtype)
            total = total + (ops.zeros_like(value) if weight == 0 else weight * value)
        return total

    @staticmethod
    def add(a: Any, b: Any, sign: float = 1.0) -> Any:
        """`a + b` or `a - b` of losses; sums flatten, and `sum([...])` may start from 0."""
        if isinstance(a, numbers.Real) and a == 0 and sign == 1:
            return b
        if not isinstance(a, keras.losses.Loss) or not isinstance(b, keras.losses.Loss):
            return NotImplemented
        losses, weights = [], []
        for part, factor in ((a, 1.0), (b, sign)):
            inner, inner_weights = _terms(part)
            losses += inner
            weights += [factor * weight for weight in inner_weights]
        return _arithmetic(losses, weights)

    @staticmethod
    def scale(loss: Loss, factor: Any, divide: bool = False) -> Any:
        """`factor * loss`, or `loss / factor`."""
        if not isinstance(factor, numbers.Real) or isinstance(factor, bool):
            raise TypeError(
                f"{loss!r} can be multiplied and divided by real numbers of Python and NumPy (anything else "
                f"could not be saved). Received: {factor!r}"
            )
        losses, weights = _terms(loss)
        factor = float(factor)
        return _arithmetic(losses, [w / factor if divide else w * factor for w in weights])


def _arithmetic(losses: list, weights: list) -> WeightedSum:
    result = WeightedSum(losses, weights)
    result._flattens = True
    return result


def _terms(loss: Any) -> tuple[list, list]:
    """The losses and weights of a sum that operators made; any other loss is its own single part."""
    if isinstance(loss, WeightedSum) and loss._flattens:
        return list(loss.losses), list(loss.weights)
    return [loss], [1.0]


def _evaluated(
    loss: keras.losses.Loss, y_true: Any, y_pred: Any, sample_weight: Any, mask: Tensor | None
) -> Tensor:
    """The value of a part under a mask; a loss of Keras reads the mask from `y_pred` itself."""
    if isinstance(loss, Loss):
        return loss.compute(y_true, y_pred, sample_weight, mask)
    return loss(y_true, y_pred, sample_weight)


def _widest(losses: Sequence[keras.losses.Loss]) -> str:
    return widest(*(loss.dtype for loss in losses))


@register
class Masked(Wrapper):
    """Makes any loss of this library tolerate missing targets, which add no value, gradient or count.

    Formula: the mean of the wrapped loss over what is present: over the entries of `y_true` that are present
    if its value is a mean over single entries, as that of most element, binary and margin losses is (also if
    several quantiles share an entry, or each label has a weight of its own); for any other loss over the
    positions whose labels are all present.

    Args:
        loss: A loss of this library, or what `kerasloss.get` finds one by. Its reduction is the one that
            matters: missing entries are treated as masked.
        missing_value: None: NaN is missing. A number: entries equal to it are (-1, -9999).
        reduction: Acts on the finished value; a scalar is left as it is.
        name, dtype: See `kerasloss.Loss`; `dtype=None`: that of the wrapped loss.

    Shapes:
        Whatever the wrapped loss takes. `call` returns the shape of `y_true` for element, binary and margin
        losses, otherwise that of the wrapped loss.

    Raises:
        ValueError: If `loss` is not a loss of this library or `missing_value` is not a number.

    Use it for tables and series with holes (a value of a whole row, as of `RootMeanSquaredError` and
    `CosineSimilarity`, is left out with one missing number); not for class ids and labels, whose losses have
    `ignore_class`. If everything is missing the value is 0 and the gradient 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Masked(kerasloss.MeanSquaredError())
    >>> y_true, y_pred = np.array([[1.0, np.nan], [3.0, 4.0]]), np.array([[1.5, 2.0], [2.0, 6.0]])
    >>> float(loss(y_true, y_pred))
    1.75

    Equivalents: `numpy.nanmean` of the values of an element loss.

    Reference: bookkeeping; no single origin.
    """

    def __init__(
        self,
        loss: Any,
        missing_value: float | None = None,
        reduction: Reduction = None,
        name: str | None = "masked",
        dtype: DType = None,
    ) -> None:
        loss = checked_loss(self, "loss", loss)
        for part in nested(loss):
            if not isinstance(part, Loss):
                checks.fail(
                    self, "`loss` must be a loss of kerasloss, and so must all losses in it", repr(part)
                )
        super().__init__(name=name, reduction=reduction, dtype=dtype or loss.dtype)
        self.loss = loss
        if missing_value is not None:
            checks.number(self, "missing_value", missing_value)
        self.missing_value = missing_value

    def compute(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, mask: Tensor | None = None
    ) -> Tensor:
        inner, y_true, y_pred, present = self._present(y_true, y_pred)
        value = inner.compute(y_true, y_pred, sample_weight, and_masks(mask, present))
        return ops.cast(self.reduce(Evaluation(value, None, None)), self.dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        inner, y_true, y_pred, present = self._present(y_true, y_pred)
        return inner.evaluate(*inner.prepare(y_true, y_pred), None, present).values

    def _present(self, y_true: Any, y_pred: Any) -> tuple[Loss, Tensor, Tensor, Tensor]:
        """The loss to compute, its inputs, and True where nothing is missing, in the shape of its values."""
        inner = self.inner
        labels = checks.tensor(self, "y_true", y_true)
        y_pred = checks.tensor(self, "y_pred", y_pred, inner.compute_dtype)
        if self.missing_value is None:
            present = ops.equal(labels, labels)  # NaN differs from itself
        elif can_hold(labels.dtype, self.missing_value):
            present = labels != ops.cast(self.missing_value, labels.dtype)
        else:
            present = ops.ones_like(labels, dtype="bool")
        y_true, y_pred = inner.prepare(labels, y_pred)
        present = ops.reshape(present, ops.shape(y_true))
        of_entries = None if inner.mixes_samples(y_pred) else inner.of_entries()
        if of_entries is not None:
            # Every entry becomes a position of its own: an axis of length 1 is left for the mean.
            axis = getattr(inner, "axis", -1)
            return of_entries, ops.expand_dims(y_true, axis), ops.expand_dims(y_pred, axis), present
        lost = inner.label_axes(y_pred)
        if len(y_true.shape) != len(y_pred.shape):
            lost = list(range(len(y_pred.shape) - len(lost), len(y_true.shape)))
        return inner, y_true, y_pred, ops.all(present, axis=last_first(lost)) if lost else present


@register
class Symmetric(Wrapper):
    """A loss that treats target and prediction in the same way: the mean over both directions.

    Formula: `(loss(y_true, y_pred) + loss(y_pred, y_true)) / 2`.

    Args:
        loss: A loss of this library or of `keras.losses`, or what `kerasloss.get` finds one by. It keeps
            its own reduction.
        reduction: Acts on the finished value; a scalar is left as it is.
        name, dtype: See `kerasloss.Loss`; `dtype=None`: that of the wrapped loss.

    Shapes:
        Whatever the wrapped loss takes, `y_true` and `y_pred` of one shape. Sample weights and the mask of
        `y_pred` apply to both directions.

    Raises:
        ValueError: If the shapes differ, or the wrapped loss reads its two arguments differently
            (`from_logits`, `log_target` or a `link`) or leaves out labels (`Masked` or `ignore_class`): wrap
            `Symmetric` in `Masked` instead.

    Use it for two distributions or signals with equal roles (two views, two models); not for labels. A
    gradient reaches `y_pred` through both terms.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.Symmetric(kerasloss.MeanAbsolutePercentageError())
    >>> p, q = np.array([[1.0, 2.0]]), np.array([[2.0, 1.0]])
    >>> bool(loss(p, q) == loss(q, p))
    True

    Equivalents: half of Jeffreys' divergence for `KLDivergence`.

    Reference: Jeffreys, 1946, An invariant form for the prior probability in estimation problems,
    Proceedings of the Royal Society A.
    """

    def __init__(
        self,
        loss: Any,
        reduction: Reduction = None,
        name: str | None = "symmetric",
        dtype: DType = None,
    ) -> None:
        loss = checked_loss(self, "loss", loss)
        for part in nested(loss):
            for option in ("from_logits", "log_target"):
                if getattr(part, option, False):
                    checks.fail(
                        self,
                        "`loss` must read both of its arguments in the same way",
                        f"loss={loss!r} with {option}=True",
                    )
            if getattr(part, "link", "identity") != "identity":
                checks.fail(
                    self,
                    "`loss` must read both of its arguments in the same way, with link='identity'",
                    f"loss={loss!r}",
                )
            if isinstance(part, Masked) or getattr(part, "ignore_class", None) is not None:
                # In the other direction what stands for a missing label would be a prediction.
                checks.fail(
                    self,
                    "`loss` must not leave out labels; take `Masked(Symmetric(loss), missing_value)`",
                    f"loss={loss!r}",
                )
        super().__init__(name=name, reduction=reduction, dtype=dtype or loss.dtype)
        self.loss = loss

    def compute(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, mask: Tensor | None = None
    ) -> Tensor:
        loss = self.inner
        value = sum(_evaluated(loss, *pair, sample_weight, mask) for pair in self._pairs(y_true, y_pred))
        return ops.cast(self.reduce(Evaluation(value / 2, None, None)), self.dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return sum(self.inner.call(*pair) for pair in self._pairs(y_true, y_pred)) / 2

    def of_entries(self) -> Loss | None:
        of_entries = self.loss.of_entries() if isinstance(self.loss, Loss) else None
        return None if of_entries is None else self.copied(loss=of_entries)

    def _pairs(self, y_true: Any, y_pred: Any) -> list[tuple[Tensor, Tensor]]:
        """Both directions; the first keeps `y_pred` as it came, with its Keras mask."""
        swapped = [ops.convert_to_tensor(x, dtype=self.compute_dtype) for x in (y_true, y_pred)]
        checks.same_shape(self, *swapped)
        return [(y_true, y_pred), (swapped[1], swapped[0])]


@register
class FromFunction(Loss):
    """A function `(y_true, y_pred) -> values` as a loss, with all features of this library's losses.

    Formula: `function(y_true, y_pred)`.

    Args:
        function: Returns one value per sample or position, not reduced. Can be saved if it is registered
            with `keras.saving.register_keras_serializable`.
        reduction, name, dtype: See `kerasloss.Loss`; `name=None`: that of the function.

    Shapes:
        Whatever the function takes; returns what it returns.

    Raises:
        ValueError: If `function` can't be called; on saving, if it is not registered.

    Use it where a wrapper of this library or `kerasloss.get` needs a loss; for a loss with arguments write a
    subclass of `kerasloss.Loss`.

    Example:

    >>> import kerasloss, numpy as np
    >>> from keras import ops
    >>> loss = kerasloss.FromFunction(lambda y_true, y_pred: ops.amax(ops.abs(y_pred - y_true), axis=-1))
    >>> float(loss(np.array([[0.0, 0.0]]), np.array([[1.0, 3.0]])))
    3.0

    Reference: bookkeeping; no single origin.
    """

    kind = "wrapper"

    def __init__(
        self,
        function: Callable,
        reduction: Reduction = "sum_over_batch_size",
        name: str | None = None,
        dtype: DType = None,
    ) -> None:
        if not callable(function):
            checks.fail(self, "`function` must be a function of y_true and y_pred", f"function={function!r}")
        # A scope of TensorFlow must not begin with "_".
        name = name or getattr(function, "__name__", "").strip("<>").lstrip("_") or "function"
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.function = function

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.function(y_true, y_pred)
