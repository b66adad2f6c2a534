"""The base of every loss: dtypes, masks, weights, reduction and configuration, once and for all.

A loss writes `call(y_true, y_pred)`, the mathematics, and nothing else. Calling a loss takes these steps:

    __call__    reads the Keras mask that `y_pred` carries
    compute     converts the inputs to tensors; `prepare` checks their shapes
    evaluate    replaces what is masked, ignored or of weight 0 by ones, runs `call`, and sets the values of
                those positions to 0
    reduce      returns the weighted values, their sum, or their mean over the positions that count

Values are selected and never multiplied by a mask, since NaN times 0 is NaN. Keras's own `Loss` multiplies,
casts class ids to a float type, and aligns weights with the last axis. So this base replaces all of its
`__call__`, and leaves to Keras only what has no public function: the mask of a tensor and the number of
replicas.
"""

import inspect
from dataclasses import KW_ONLY
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeAlias

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Configurable, DType, Reduction, extensible, snake_case
from kerasloss.core.numerics import is_float, mean, safe_divide
from kerasloss.core.registry import GROWTHS, KINDS, LOSSES, SCOPES

Tensor: TypeAlias = Any

REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None)


class Evaluation(NamedTuple):
    """The values of a loss before weights and reduction."""

    values: Tensor
    """One value per position, 0 where the position does not count."""
    counts: Tensor | None
    """False where a position does not count; None: all count."""
    own_weight: Tensor | None
    """The weight that each value already holds; None: 1."""
    sample_weight: Tensor | None = None
    """The sample weight that the values are still to be multiplied by; None: 1."""


class Loss(Configurable, keras.losses.Loss):
    """Base class of all losses of this library, and of your own.

    Write `call(y_true, y_pred)` and the base does the rest: integer targets stay integers, the arithmetic
    is float32 or wider whatever the dtype, a position that is masked or has weight 0 contributes exactly
    nothing (even if `y_pred` is NaN there), every reduction works, and `get_config` holds every argument of
    the constructor.

    Args:
        name: Name of the loss; None: made from the class name.
        reduction: `"sum_over_batch_size"` (or `"mean"`): the sum of the weighted values, divided by the
            number of positions that count (masked ones don't, those of weight 0 do, as in Keras).
            `"mean_with_sample_weight"`: the same sum, divided by the sum of the weights.
            `"sum"`: the sum. `None` (or `"none"`): the weighted values. A function `values -> scalar`:
            its value; it can be saved if it is registered with
            `keras.saving.register_keras_serializable`.
        dtype: The dtype of the returned value, a float type; None: `keras.config.floatx()`.
            Half types are computed in float32.

    Raises:
        ValueError: For another `reduction`, or a dtype that is not a float type.

    Arguments of your own loss are class attributes with a type and a default, as in the example below; the
    base writes the constructor and checks `bool`, `int`, `float` and `Literal[...]`. Or write
    `__init__(self, scale=1.0, **kwargs)`, which calls `super().__init__(**kwargs)` and stores each argument
    under its own name, since `get_config` reads it from there.

    What a loss may override; only `call` is required. `(batch, ...)` is the shape of the values: the leading
    axes of the inputs, with one value per position.

    - `call(y_true, y_pred) -> (batch, ...)`: the mathematics, not reduced, on what `prepare` returned.
      If it has an argument `sample_weight`, its value mixes several samples or positions, often all of
      them, shape `()`: it gets sample weights, mask and counts as one tensor, or None. If it has an argument
      `mask`, it gets the Keras mask of `y_pred`, `(batch, time)`, or None. If it has an argument
      `batch_weight`, its values depend on which other samples there are: it gets sample weights and mask as
      one tensor, or None, and the values are weighed afterwards all the same.
    - `prepare(y_true, y_pred) -> (y_true, y_pred)`: checks shapes and dtypes, brings both into the form
      that `call` wants.
    - `counts(y_true, y_pred) -> (batch, ...)`: booleans, False where a position has no value, no gradient
      and no part in a mean (an ignored class); None: all count. Gets `mask` too if `call` takes it.
    - `own_weight(y_true, y_pred) -> (batch, ...)`: the weights that the values already hold (class
      weights), by which `"mean_with_sample_weight"` divides; None: 1.
    - `weighs_inside(y_pred) -> bool`: whether a `call` that takes `sample_weight` needs it for these shapes.
    - `uses_weight(weight, y_pred) -> bool`: whether `call` applies this weight or mask, given its shape;
      otherwise it weighs the finished values.
    - `entry_axes(y_pred) -> list[int]`: the axes of `y_pred` inside one position, which the values do
      not have; default: `axis` if the loss has one, else the last.
    - `whole_samples`: True if a sample has one value: then these are all axes but the first.
    - `kind`, `activation`: for `list_losses` and `diagnose`: a word of `kerasloss.core.registry.KINDS`, and
      the activation of the last layer (`"linear"`, `"softmax"`, ...; default `"any"`).
    - `scope`: what a value depends on: `"sample"`, `"anchor"` or `"batch"`; default: its own sample alone.
    - `growth`: how time and memory grow: a word of `kerasloss.core.registry.GROWTHS`; default: `"linear"`.
    - `elementwise`: True if the value is a mean, over the last axis, of a function of single entries: with
      weights, each entry of inputs `(batch,)` is then a sample.
    - `needs_y_true`: False if `y_true` may be None.

    For use in these methods:

    - `compute_dtype`: the dtype of the arithmetic, float32 or float64, in which `y_pred` comes.
    - `broadcast_from_left(weight, values)`: `weight`, `(batch,)` or `(batch, ...)`, with axes of length 1
      appended until it broadcasts against `values`. Sample weights are always aligned this way, so that
      `(batch,)` weights are per sample, whatever the shape.

    Example:

    >>> import kerasloss, numpy as np
    >>> from keras import ops
    >>> class Quartic(kerasloss.Loss):
    ...     scale: float = 1.0
    ...     def call(self, y_true, y_pred):
    ...         return self.scale * ops.mean((y_pred - y_true) ** 4, axis=-1)
    >>> y_true, y_pred = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 1.0], [1.0, np.nan]])
    >>> float(Quartic(scale=2.0)(y_true, y_pred, sample_weight=np.array([1.0, 0.0])))
    1.0
    """

    kind: ClassVar[str | None] = None
    """What `y_true` and `y_pred` hold, a word of `kerasloss.core.registry.KINDS`; None: not stated."""

    activation: ClassVar[str] = "any"
    """The activation of the last layer: "linear", "sigmoid", "softmax", "positive", ..., or "any"."""

    scope: ClassVar[str] = "sample"
    """What a value depends on with the default arguments, a word of `kerasloss.core.registry.SCOPES`."""

    growth: ClassVar[str] = "linear"
    """How time and memory grow with the default arguments, a word of `kerasloss.core.registry.GROWTHS`."""

    elementwise = False
    """Whether the value is a mean of a function of single entries of `y_true` and `y_pred`."""

    whole_samples = False
    """Whether a value is that of a whole sample: all axes but the first are inside one position."""

    needs_y_true = True
    """Whether `y_true` is required: False if it may be None."""

    call_takes: ClassVar[frozenset[str]] = frozenset()
    """Which of the arguments `sample_weight`, `mask` and `batch_weight` this `call` has."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.kind is not None:
            checks.choice(cls.__name__, "kind", cls.kind, KINDS)
        checks.choice(cls.__name__, "scope", cls.scope, SCOPES)
        checks.choice(cls.__name__, "growth", cls.growth, GROWTHS)
        cls.call_takes = frozenset(inspect.signature(cls.call).parameters) & {
            "sample_weight",
            "mask",
            "batch_weight",
        }

    __array_ufunc__ = None  # NumPy scalars leave `2.0 * loss` to `__rmul__`.

    if TYPE_CHECKING:  # the last arguments of every constructor, for editors
        _: KW_ONLY
        reduction: Reduction = "sum_over_batch_size"
        name: str | None = None
        dtype: DType = None

    @extensible
    def __init__(
        self,
        name: str | None = None,
        reduction: Reduction = "sum_over_batch_size",
        dtype: DType = None,
    ) -> None:
        if not callable(reduction) and reduction not in REDUCTIONS:
            listed = ", ".join(map(repr, REDUCTIONS))
            checks.fail(
                self,
                f"Invalid value for argument `reduction`. Expected one of {listed}, or a function",
                f"reduction={reduction!r}",
            )
        if not (name is None or isinstance(name, str)):
            checks.fail(self, "`name` must be a string or None", f"name={name!r}")
        try:
            super().__init__(name=name or snake_case(type(self).__name__), reduction=None, dtype=dtype)
            is_float = keras.backend.is_float_dtype(self.dtype)
        except ValueError:  # Keras knows no such type
            is_float = False
        if not is_float:
            checks.fail(self, "`dtype` must be a float type", f"dtype={dtype!r}")
        self.reduction = reduction

    @property
    def compute_dtype(self) -> str:
        """The dtype of the arithmetic: `dtype`, or float32 if that is a half type."""
        return "float32" if self.dtype in ("float16", "bfloat16") else self.dtype

    # What a loss may override ------------------------------------------------------------------

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The mathematics: one value per position, not reduced.

        A loss of one number for the whole batch has a third argument, `sample_weight`: sample weights, mask
        and counts as one tensor of weights (or None). A loss of sequences has `mask`: that of `y_pred`.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement `call(y_true, y_pred)`.")

    def prepare(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """Checks the shapes and brings both inputs into the form that `call` wants.

        `y_pred` comes in `compute_dtype`, `y_true` as it is. The default casts a float `y_true` to
        `compute_dtype`; integers stay integers unless they have the shape of `y_pred`, since then they are
        numbers and not class ids.
        """
        if is_float(y_true) or checks.lengths_match(tuple(y_true.shape), tuple(y_pred.shape)):
            y_true = ops.cast(y_true, self.compute_dtype)
        return y_true, y_pred

    def counts(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor | None:
        """True where a position counts, in the shape of the values; None: everywhere.

        A position that does not count (an ignored class, a censored row, an anchor without a positive) has
        value 0, gradient 0 and no part in any mean. Only a loss whose `call` takes `mask` gets one here.
        """
        return None

    def own_weight(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        """The weight that each value already holds (class weights); None: 1.

        `reduction="mean_with_sample_weight"` divides by it.
        """
        return None

    def weighs_inside(self, y_pred: Tensor) -> bool:
        """Whether a `call` that takes `sample_weight` needs it: its value comes from several samples."""
        return True

    def mixes_samples(self, y_pred: Tensor) -> bool:
        """Whether `call` applies the weights itself, since its value comes from several samples."""
        return "sample_weight" in self.call_takes and self.weighs_inside(y_pred)

    def uses_weight(self, weight: Tensor, y_pred: Tensor) -> bool:
        """Whether a `call` that takes `sample_weight` applies this weight or mask itself."""
        return True

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        """The axes of `y_pred` inside one position, which has one value, one weight and one mask entry.

        The default is `self.axis` if the loss has one, else the last axis; with `whole_samples` all but the
        first.
        """
        if self.whole_samples:
            return list(range(1, len(y_pred.shape)))
        axes = checks.axes(self, getattr(self, "axis", -1), y_pred)
        if axes is None:
            return list(range(len(y_pred.shape)))
        return sorted(axes) if isinstance(axes, list) else [axes]

    def label_axes(self, y_pred: Tensor) -> list[int]:
        """The axes of `y_pred` along which `Masked` needs all labels of a position, by default `entry_axes`.

        A loss of which several outputs share a label has fewer.
        """
        return self.entry_axes(y_pred)

    def of_entries(self) -> "Loss | None":
        """This loss for inputs with an axis of length 1 inserted at `axis`, so that each entry is a position.

        None: a value can't be split into those of single entries. `Masked` leaves out entries by it.
        """
        return self if self.elementwise else None

    # From inputs to values ---------------------------------------------------------------------

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        mask = keras_mask(y_pred)
        with keras.name_scope(self.name):
            try:
                return self.compute(y_true, y_pred, sample_weight, mask)
            except ValueError as error:
                name, holds_losses = type(self).__name__, hasattr(self, "loss") or hasattr(self, "losses")
                if not holds_losses or str(error).startswith(f"{name}:"):
                    raise
                raise ValueError(f"{name}: {error}") from error  # which names the inner loss alone

    def compute(
        self,
        y_true: Any,
        y_pred: Any,
        sample_weight: Any = None,
        mask: Tensor | None = None,
        **others: Any,
    ) -> Tensor:
        """The loss, with the mask of `y_pred` as an argument; losses that wrap others call it.

        `others` are passed on to `evaluate`.
        """
        if y_true is not None or self.needs_y_true:
            y_true = checks.tensor(self, "y_true", y_true)
        y_pred = checks.tensor(self, "y_pred", y_pred, self.compute_dtype)
        if sample_weight is not None:
            sample_weight = checks.tensor(self, "sample_weight", sample_weight, self.compute_dtype)
        y_true, y_pred = self.prepare(y_true, y_pred)
        if self.elementwise and len(y_pred.shape) == 1 and (_rank(mask) or _rank(sample_weight)):
            # One axis, and a weight for each entry: the entries are the samples.
            y_true, y_pred = ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -1)
        evaluation = self.evaluate(y_true, y_pred, sample_weight, mask, **others)
        return ops.cast(self.reduce(evaluation), self.dtype)

    def evaluate(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
        mask: Tensor | None = None,
        **others: Any,
    ) -> Evaluation:
        """`call` on prepared inputs; what does not count is taken out before and after it.

        `others` are arguments of `call` that are passed on as they are.
        """
        # Inside: `call` applies the weights itself, since its value mixes several samples.
        inside = self.mixes_samples(y_pred)
        if 0 in y_pred.shape:
            return self._of_nothing(y_pred, inside)

        # What `call` takes besides the inputs; a mask that it takes is left to it alone.
        extra = {}
        if "mask" in self.call_takes:
            extra["mask"], mask = mask, None
        counts = self.counts(y_true, y_pred, **extra)
        if counts is not None and sample_weight is not None:
            self.broadcast_from_left(sample_weight, counts)  # refuses a wrong shape, before the two meet

        if "batch_weight" in self.call_takes:
            extra["batch_weight"] = combined_weights(sample_weight, mask, self.compute_dtype)

        # A batch loss applies the weights inside its one number; then nothing is left to weigh.
        used = None
        if inside and sample_weight is not None and self.uses_weight(sample_weight, y_pred):
            used, sample_weight = sample_weight, None

        # The inputs of a position that is left out must not reach the arithmetic. What is left out of one
        # number is aligned with the first axes of the inputs, what is left out of values with theirs.
        of_samples = and_masks(and_masks(mask, counts), _is_not_zero(used))
        of_values = _is_not_zero(sample_weight)
        if not inside:
            of_samples, of_values = None, and_masks(of_samples, of_values)
        if of_samples is not None:
            y_true = self._select_from_left(of_samples, y_true)
            y_pred = self._select_from_left(of_samples, y_pred)
        if of_values is not None:
            y_true = self._select(of_values, y_true, y_pred)
            y_pred = self._select(of_values, y_pred, y_pred)

        if inside:
            if mask is not None and self.uses_weight(mask, y_pred):
                counts, mask = and_masks(mask, counts), None
            extra["sample_weight"], counts = combined_weights(used, counts, self.compute_dtype), None
        values = self.call(y_true, y_pred, **extra, **others)
        own_weight = self.own_weight(y_true, y_pred)

        # Nor may what was computed from the replacement reach the values or their gradient.
        counts = and_masks(mask, counts)
        included = and_masks(counts, _is_not_zero(sample_weight))
        if included is not None:
            values = ops.where(self.broadcast_from_left(included, values), values, 0)
        if counts is not None:
            counts = self.broadcast_from_left(counts, values)
        return Evaluation(values, counts, own_weight, sample_weight)

    def _of_nothing(self, y_pred: Tensor, inside: bool) -> Evaluation:
        """0 for a batch without a sample, or no value at all; a sample without a number is refused."""
        axes = self.entry_axes(y_pred)
        empty = [axis for axis in axes if y_pred.shape[axis] == 0]
        if y_pred.shape[0] != 0 and empty:
            what = f"`y_pred` must hold at least one number on axis {empty[-1]}"
            checks.fail(self, what, f"y_pred.shape={tuple(y_pred.shape)}")
        return Evaluation(ops.sum(y_pred, axis=None if inside else tuple(axes)), None, None)

    def _select(self, included: Tensor, x: Tensor, y_pred: Tensor) -> Tensor:
        """`x` with ones, which are safe in a logarithm, in a division and as a class id, where excluded.

        What is included has the axes of the values: those of `y_pred` without the axes of an entry.
        """
        axes = self.entry_axes(y_pred)
        rank = len(y_pred.shape) - len(axes)
        included = _squeeze_to(included, rank)
        if len(included.shape) <= rank and len(x.shape) == len(y_pred.shape):
            included = append_axes(included, rank)
            for axis in axes:
                included = ops.expand_dims(included, axis)
        return self._select_from_left(included, x)

    def _select_from_left(self, included: Tensor, x: Tensor) -> Tensor:
        """The same where what is included has the first axes of `x`."""
        if len(x.shape) == 0:
            included = _squeeze_to(included, 0)
            if len(included.shape) > 0:
                what = "`sample_weight` and masks must have one entry where `y_true` is one number"
                checks.fail(self, what, f"shape {tuple(included.shape)}")
        else:
            included = self.broadcast_from_left(included, x)
        return ops.where(included, x, ops.ones((), dtype=x.dtype))

    def broadcast_from_left(self, weight: Tensor, values: Tensor) -> Tensor:
        """`weight` with axes appended, so that its first axes are those of `values` (or of inputs)."""
        rank = len(values.shape)
        if rank == 0:
            return weight  # one number for all: weights scale it as a whole
        weight = _squeeze_to(weight, rank)
        shape = tuple(weight.shape)
        fits = len(shape) <= rank and all(
            a in (1, None) or b is None or a == b for a, b in zip(shape, values.shape, strict=False)
        )
        if not fits:
            what = (
                "`sample_weight` and masks must have the shape of the values, or of their first axes (or 1 "
                "in place of an axis)"
            )
            if self.elementwise:
                what += (
                    "; entries of which the loss takes a mean have weights of their own if `y_true` ends "
                    "with an axis of length 1"
                )
            checks.fail(self, what, f"shape {shape} on {tuple(values.shape)}")
        return append_axes(weight, rank)

    # From values to the loss -------------------------------------------------------------------

    def reduce(self, evaluation: Evaluation) -> Tensor:
        """The weighted values, reduced; the one number of a batch loss is left as it is."""
        values, counts, own_weight, sample_weight = evaluation
        if "sample_weight" in self.call_takes and len(values.shape) == 0 and sample_weight is None:
            summed = self.reduction in (None, "none", "sum") or callable(self.reduction)
            return values if summed else _keras_mean(values)
        if sample_weight is not None:
            sample_weight = self.broadcast_from_left(sample_weight, values)
            if counts is not None:
                sample_weight = ops.where(counts, sample_weight, 0)
            values = values * sample_weight
        if callable(self.reduction):
            return self.reduction(values)

        if self.reduction in (None, "none"):
            return values
        if self.reduction == "sum" or 0 in values.shape:
            return ops.sum(values)
        divisor = None
        if self.reduction == "mean_with_sample_weight":
            divisor = _product(combined_weights(sample_weight, counts, values.dtype), own_weight)
        elif counts is not None:
            divisor = ops.cast(counts, values.dtype)
        if divisor is None:
            return _keras_mean(values)
        divisor = ops.sum(ops.broadcast_to(divisor, ops.shape(values)))
        return _keras_mean(safe_divide(ops.sum(values), divisor))

    def at_least(self, dtype: str) -> "Loss":
        """This loss, or, if that dtype is wider, a copy that computes and returns its value in it."""
        if widest(self.dtype, dtype) == self.dtype:
            return self
        copy = self.copied()
        keras.losses.Loss.__init__(copy, name=self.name, reduction=None, dtype=dtype)
        copy.reduction = self.reduction
        return copy

    def copied(self, **changes: Any) -> "Loss":
        """A copy with other attributes; `copy.copy` would save and load it, as Keras pickles."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, **changes)
        return copy

    # Arithmetic --------------------------------------------------------------------------------

    def __add__(self, other: Any) -> "Loss":
        return LOSSES["WeightedSum"].add(self, other)

    def __radd__(self, other: Any) -> "Loss":
        return LOSSES["WeightedSum"].add(other, self)

    def __sub__(self, other: Any) -> "Loss":
        return LOSSES["WeightedSum"].add(self, other, sign=-1.0)

    def __rsub__(self, other: Any) -> "Loss":
        return LOSSES["WeightedSum"].add(other, self, sign=-1.0)

    def __mul__(self, factor: Any) -> "Loss":
        return LOSSES["WeightedSum"].scale(self, factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> "Loss":
        return LOSSES["WeightedSum"].scale(self, divisor, divide=True)

    def __neg__(self) -> "Loss":
        return LOSSES["WeightedSum"].scale(self, -1.0)


_FLOATS = ("bfloat16", "float16", "float32", "float64")


def widest(*dtypes: str) -> str:
    """The float dtype with the most digits; of the half types float16."""
    return _FLOATS[max(_FLOATS.index(dtype) for dtype in dtypes)]


def widened(loss: keras.losses.Loss, dtype: str) -> keras.losses.Loss:
    """A loss of this library in that dtype or a wider one; a loss of Keras keeps its own."""
    return loss.at_least(dtype) if isinstance(loss, Loss) else loss


class _Mean(keras.losses.Loss):
    """Keras's own mean of finished values, divided by the number of replicas under `tf.distribute`."""

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return y_pred


class _One(keras.losses.Loss):
    """The number 1, which Keras multiplies by the mask of `y_pred`."""

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return y_true


# Made once: making one for each call would take longer than the call itself.
_MEANS = {dtype: _Mean(name="mean", dtype=dtype) for dtype in _FLOATS}
_ONES = {dtype: _One(name="one", reduction=None, dtype=dtype) for dtype in _FLOATS}


def _keras_mean(values: Tensor) -> Tensor:
    """A mean that is divided by the number of replicas under `tf.distribute`, as Keras's means are."""
    if keras.backend.backend() != "tensorflow":
        return mean(values)
    if len(values.shape) == 0:
        values = ops.expand_dims(values, 0)  # Keras leaves a scalar alone
    return _MEANS[keras.backend.standardize_dtype(values.dtype)](values, values)


def keras_mask(y_pred: Any) -> Tensor | None:
    """The Keras mask of `y_pred` as booleans, or None; there is no public getter, but losses apply it."""
    if not ops.is_tensor(y_pred):
        return None
    if hasattr(y_pred, "__dict__") and not hasattr(y_pred, "_keras_mask"):
        return None  # the usual case, at no cost; without a dict Keras keeps the mask elsewhere
    dtype = keras.backend.standardize_dtype(y_pred.dtype)
    dtype = dtype if dtype in _FLOATS else "float32"
    one = ops.convert_to_tensor(1.0, dtype=dtype)
    mask = _ONES[dtype](one, y_pred)
    return None if mask is one else mask != 0


def _rank(x: Tensor | None) -> int:
    return 0 if x is None else len(x.shape)


def _squeeze_to(x: Tensor, rank: int) -> Tensor:
    """`x` without its last axis if it has one axis too many and that one has length 1, as in Keras."""
    return ops.squeeze(x, -1) if len(x.shape) == rank + 1 and x.shape[-1] == 1 else x


def append_axes(x: Tensor, rank: int) -> Tensor:
    """`x` with axes of length 1 appended, up to that rank."""
    for _ in range(rank - len(x.shape)):
        x = ops.expand_dims(x, -1)
    return x


def and_masks(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    """`a & b`, aligned at the first axis; None stands for True."""
    if a is None or b is None:
        return b if a is None else a
    rank = max(len(a.shape), len(b.shape))
    return append_axes(a, rank) & append_axes(b, rank)


def _is_not_zero(weight: Tensor | None) -> Tensor | None:
    """Where a weight lets a value count; None: everywhere."""
    return None if weight is None else weight != 0


def _product(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    if a is None or b is None:
        return b if a is None else a
    return a * b


def combined_weights(sample_weight: Tensor | None, counts: Tensor | None, dtype: str) -> Tensor | None:
    """Sample weights and counts as one tensor of weights."""
    if counts is None or sample_weight is None:
        return sample_weight if counts is None else ops.cast(counts, dtype)
    rank = max(len(counts.shape), len(sample_weight.shape))
    return ops.where(append_axes(counts, rank), append_axes(sample_weight, rank), 0)
