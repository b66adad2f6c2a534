"""Checks of arguments and shapes: the same mistake always gets the same message.

Every check of an argument returns the argument unchanged, so that a constructor reads
`self.delta = checks.number(self, "delta", delta, above=0)`.
"""

import math
import numbers
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops

LARGEST = float(np.finfo("float32").max)
"""The largest number that every loss can compute with, whatever its dtype."""


def fail(loss: Any, what: str, received: str) -> None:
    """Raises the `ValueError` that every check ends in."""
    name = loss if isinstance(loss, str) else type(loss).__name__
    raise ValueError(f"{name}: {what}. Received: {received}")


def number(
    loss: Any,
    name: str,
    value: Any,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
    finite: bool = True,
) -> Any:
    """A real number in the given range: `least <= value <= most`, `above < value < below`.

    A finite number must be one that float32 can hold.
    """
    bounds = [(">=", least), (">", above), ("<=", most), ("<", below)]
    limits = " and ".join(f"{sign} {bound}" for sign, bound in bounds if bound is not None)
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if real and not _float32_holds(value):
        fail(loss, f"`{name}` must be a number that float32 can hold", f"{name}={_shortened(value)}")
    good = (
        real
        and not math.isnan(value)
        and (math.isfinite(value) or not finite)
        and (least is None or value >= least)
        and (above is None or value > above)
        and (most is None or value <= most)
        and (below is None or value < below)
    )
    if not good:
        kind = "a finite number" if finite else "a number"
        fail(loss, f"`{name}` must be {kind} {limits}".rstrip(), f"{name}={value!r}")
    return value


def _float32_holds(value: Any) -> bool:
    """Whether a real number is not finite, or no larger than float32 can hold."""
    try:
        value = float(value)
    except OverflowError:  # of an integer or a fraction
        return False
    return not LARGEST < abs(value) < math.inf


def _shortened(value: Any) -> str:
    """A number in its own notation, or, if that takes many digits, as a power of ten."""
    if not isinstance(value, int):
        return repr(value)
    return f"about {'-' * (value < 0)}10**{math.log10(abs(value)):.0f}"


def sequence(loss: Any, name: str, value: Any, **limits: Any) -> Any:
    """A non-empty sequence of real numbers, each checked by `number`."""
    if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable) or not len(value):
        fail(loss, f"`{name}` must be a non-empty sequence of numbers", f"{name}={value!r}")
    for i, entry in enumerate(value):
        number(loss, f"{name}[{i}]", entry, **limits)
    return value


def number_or_sequence(loss: Any, name: str, value: Any, **limits: Any) -> Any:
    """One real number, or a sequence of them."""
    is_sequence = isinstance(value, Iterable) and not isinstance(value, (str, bytes))
    return (sequence if is_sequence else number)(loss, name, value, **limits)


def integer(loss: Any, name: str, value: Any, *, least: int | None = None) -> Any:
    """An integer, `>= least` if that is given."""
    good = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not good or (least is not None and value < least):
        limit = "" if least is None else f" >= {least}"
        fail(loss, f"`{name}` must be an integer{limit}", f"{name}={value!r}")
    return value


def integers(loss: Any, name: str, value: Any) -> Any:
    """An integer, or a non-empty sequence of distinct ones."""
    if isinstance(value, numbers.Integral):
        return integer(loss, name, value)
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable) or not len(value):
        fail(loss, f"`{name}` must be an integer or a sequence of integers", f"{name}={value!r}")
    for i, entry in enumerate(value):
        integer(loss, f"{name}[{i}]", entry)
    if len(set(value)) != len(value):
        fail(loss, f"`{name}` must not name an integer twice", f"{name}={value!r}")
    return value


def boolean(loss: Any, name: str, value: Any) -> Any:
    """True or False."""
    if not isinstance(value, bool):
        fail(loss, f"`{name}` must be True or False", f"{name}={value!r}")
    return value


def choice(loss: Any, name: str, value: Any, choices: Iterable) -> Any:
    """One of the given choices."""
    choices = list(choices)
    if not any(value is entry or (type(value) is type(entry) and value == entry) for entry in choices):
        listed = ", ".join(repr(entry) for entry in choices)
        fail(loss, f"`{name}` must be one of {listed}", f"{name}={value!r}")
    return value


def same_shape(loss: Any, y_true: Any, y_pred: Any, hint: str = "") -> None:
    """Equal ranks and equal static lengths; a length that is not known yet matches any."""
    true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
    if not lengths_match(true_shape, pred_shape):
        fail(
            loss,
            f"`y_true` and `y_pred` must have the same shape{hint}",
            f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
        )


def filled(loss: Any, y_true: Any, y_pred: Any) -> None:
    """Refuses samples without a number in them; a batch without samples is accepted."""
    true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
    if pred_shape[0] != 0 and (0 in true_shape or 0 in pred_shape):
        fail(
            loss,
            "`y_true` and `y_pred` must hold at least one number on each axis",
            f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
        )


def lengths_match(one: tuple, other: tuple) -> bool:
    """Whether two static shapes can be equal."""
    return len(one) == len(other) and all(
        a is None or b is None or a == b for a, b in zip(one, other, strict=True)
    )


def axis(loss: Any, value: int, y_pred: Any) -> int:
    """The axis of `y_pred` that `value` names, counted from 0."""
    rank = len(y_pred.shape)
    if not -rank <= value < rank:
        fail(
            loss,
            f"`axis` must name an axis of `y_pred`, which has {rank}",
            f"axis={value}, y_pred.shape={tuple(y_pred.shape)}",
        )
    return value % rank


def axes(loss: Any, value: Any, y_pred: Any) -> Any:
    """One axis, a list of different ones, or None for all, each checked against `y_pred`."""
    if value is None:
        return None
    if isinstance(value, numbers.Integral):
        return axis(loss, value, y_pred)
    named = [axis(loss, entry, y_pred) for entry in value]
    if len(set(named)) < len(named):
        fail(
            loss,
            "`axis` must name different axes of `y_pred`",
            f"axis={value}, y_pred.shape={tuple(y_pred.shape)}",
        )
    return named


def class_weight(loss: Any, value: Any) -> Any:
    """None, or a sequence of numbers >= 0, one per class."""
    return None if value is None else sequence(loss, "class_weight", value, least=0)


def classes(loss: Any, name: str, value: Any, y_pred: Any, axis: int) -> None:
    """A sequence with one entry per class."""
    count = y_pred.shape[axis]
    if count is not None and len(value) != count:
        fail(
            loss,
            f"`{name}` must have one entry for each of the {count} classes on axis {axis} of `y_pred`",
            f"len({name})={len(value)}, y_pred.shape={tuple(y_pred.shape)}",
        )


def tensor(loss: Any, name: str, value: Any, dtype: str | None = None) -> Any:
    """Real numbers or booleans as a dense tensor of that dtype; None: keep their own."""
    if isinstance(value, keras.Variable):
        value = ops.convert_to_tensor(value)
    if not ops.is_tensor(value):
        value = _array(loss, name, value)
    elif hasattr(value, "to_tensor") or getattr(value, "is_sparse", False) or hasattr(value, "dense_shape"):
        fail(loss, f"`{name}` must be a dense tensor", f"a {type(value).__name__}")
    if "complex" in keras.backend.standardize_dtype(value.dtype):
        fail(loss, f"`{name}` must hold real numbers", f"{name}.dtype={value.dtype}")
    return ops.convert_to_tensor(value, dtype=dtype)


def _array(loss: Any, name: str, value: Any) -> Any:
    """An array of anything that is not yet a tensor, in the native byte order."""
    if value is None:
        fail(loss, f"`{name}` must be a tensor or an array of numbers", f"{name}=None")
    try:
        value = np.asarray(value)
    except (RuntimeError, TypeError, ValueError) as error:  # RuntimeError: PyTorch, of a list of tensors
        fail(loss, f"`{name}` must be a tensor or an array of numbers ({error})", type(value).__name__)
    if value.dtype.kind not in "biufcV":  # V: bfloat16
        fail(loss, f"`{name}` must be a tensor or an array of numbers", f"{name}.dtype={value.dtype}")
    return value if value.dtype.isnative else value.astype(value.dtype.newbyteorder("="))
