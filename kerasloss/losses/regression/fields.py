"""Fields: functions on a grid, predicted as a whole, as by neural operators."""

from collections.abc import Iterable
from typing import Annotated, Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Axes, Positive, one_or_each_within, within
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import absolute, cut, largest_magnitude, norm, power, reciprocal, safe_sqrt
from kerasloss.core.registry import register


class _RelativeError(ElementLoss):
    """The norm of the error, divided by that of the true field."""

    elementwise = False

    epsilon = 1e-8

    def norm(self, x: Tensor) -> Tensor:
        """The norm of a field, one for each value; its gradient is 0 where it is 0."""
        raise NotImplementedError(f"{type(self).__name__} must implement `norm`.")

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.norm(y_pred - y_true) / (self.norm(y_true) + self.epsilon)


@register
class RelativeLp(_RelativeError):
    """The error of a field in proportion to the field: the norm of the one divided by that of the other.

    Formula: `norm(y_pred - y_true) / (norm(y_true) + epsilon)` over `axis`, with
    `norm(x) = sum(|x| ** p) ** (1 / p)`.

    Args:
        p: The exponent, >= 1.
        axis: The axes of the norms, an int or a sequence of ints, not the first axis; None: all others.
        epsilon: What keeps the value finite where `y_true` is 0, > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, ...)`, real numbers. Returns the axes that remain, `(batch,)` with
        `axis=None`.

    Raises:
        ValueError: If an argument is out of range, `axis` names the first axis or none of `y_pred`, or the
            shapes differ.

    Use it for solutions of differential equations, whose size differs from sample to sample; not for targets
    that can be 0 everywhere. The gradient of a perfect prediction is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[1.0, 2.0, 2.0, 1.0]]), np.array([[1.0, 2.0, 4.0, 1.0]])
    >>> round(float(kerasloss.RelativeLp()(y_true, y_pred)), 4)
    0.6325

    Equivalents: neuraloperator `LpLoss(d, p)`: its last d axes are `axis`, with the channels last here.

    Reference: Li et al., 2021, Fourier Neural Operator for Parametric Partial Differential Equations, ICLR.
    """

    adds_entry_axis = True

    p: Annotated[float, within(least=1)] = 2
    axis: Axes | None = None
    epsilon: Positive = 1e-08

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return list(range(1, len(y_pred.shape))) if self.axis is None else super().entry_axes(y_pred)

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        if 0 in self.entry_axes(y_pred):
            received = f"axis={self.axis}, y_pred.shape={tuple(y_pred.shape)}"
            checks.fail(self, "`axis` must not name the first axis, that of the samples", received)
        return y_true, y_pred

    def norm(self, x: Tensor) -> Tensor:
        """The p-norm; its gradient is 0 where it is 0."""
        axes = tuple(self.entry_axes(x))
        if self.p == 1:
            return ops.sum(absolute(x), axis=axes)
        if self.p == 2:
            return norm(x, axes)
        largest = largest_magnitude(x, axes)  # its powers must neither over- nor underflow
        total = ops.sum(power(absolute(x) * reciprocal(largest), self.p), axis=axes)
        return ops.squeeze(largest, axes) * power(total, 1 / self.p)


@register
class SobolevH1(_RelativeError):
    """The error of a field and of its slopes, in proportion to those of the true field.

    Formula: `sqrt(S(y_pred - y_true)) / (sqrt(S(y_true)) + epsilon)` for each channel; `S(u)` is the sum of
    `u ** 2` and of the squares of the slopes of u along each axis of space, over all points.

    Slopes are differences of the two neighbours, `(u[i + 1] - u[i - 1]) / (2 h)`; at the ends of an axis that
    is not periodic, those of the cubic through the last four points.

    Args:
        measure: The side of the domain along each axis, > 0, or one for all; h is that divided by the number
            of points.
        periodic: Whether the last point is followed by the first, for each axis or for all.
        epsilon: What keeps the value finite where `y_true` is 0, > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: `(batch, *space, C)`, real numbers, with 1 to 3 axes of space. Returns
        `(batch, C)`.

    Raises:
        ValueError: If an argument is out of range or does not fit the axes, an axis that is not periodic has
            fewer than 4 points, or the shapes differ.

    Use it where slopes matter, as for flows and fluxes; not for fields with jumps, whose slopes grow with the
    resolution (`RelativeLp`). The gradient of a perfect prediction is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = (np.array([[[1.0], [2.0], [x], [1.0]]]) for x in (2, 4))
    >>> round(float(kerasloss.SobolevH1()(y_true, y_pred)), 4)
    1.1767

    Equivalents: neuraloperator `H1Loss(d, measure, periodic_in_x)`, with the channels last here: default.

    Reference: Czarnecki et al., 2017, Sobolev Training for Neural Networks, NeurIPS; Li et al., 2022,
    Learning Dissipative Dynamics in Chaotic Systems (arXiv 2106.06898), NeurIPS.
    """

    measure: Annotated[Any, one_or_each_within(above=0)] = 1.0
    periodic: Any = True
    epsilon: Positive = 1e-08

    def __post_init__(self) -> None:
        for each in self.periodic if isinstance(self.periodic, (list, tuple)) else [self.periodic]:
            checks.boolean(self, "periodic", each)

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return list(range(1, len(y_pred.shape) - 1))

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        space = tuple(y_pred.shape)[1:-1]
        received = f"y_pred.shape={tuple(y_pred.shape)}"
        if not 1 <= len(space) <= 3:
            checks.fail(self, "`y_pred` must have 1 to 3 axes of space, (batch, *space, C)", received)
        for name, value in (("measure", self.measure), ("periodic", self.periodic)):
            if len(_for_each_axis(value, space)) != len(space):
                what = f"`{name}` must have one entry for each axis of space"
                checks.fail(self, what, f"{name}={value}, {received}")
        for length, periodic in zip(space, _for_each_axis(self.periodic, space), strict=True):
            if length is None or (length < 4 and not periodic):
                what = "axes of space must have known lengths, of at least 4 where they are not periodic"
                checks.fail(self, what, f"periodic={self.periodic}, {received}")
        return y_true, y_pred

    def norm(self, u: Tensor) -> Tensor:
        """The root of S; its gradient is 0 where it is 0."""
        axes = self.entry_axes(u)
        largest = largest_magnitude(u, axes)  # squares must neither over- nor underflow
        u = u * reciprocal(largest)
        total = ops.sum(ops.square(u), axis=axes)
        sides, wrapped = _for_each_axis(self.measure, axes), _for_each_axis(self.periodic, axes)
        for axis, side, periodic in zip(axes, sides, wrapped, strict=True):
            for slope in _slopes(u, axis, float(side) / u.shape[axis], periodic):
                total = total + ops.sum(ops.square(slope), axis=axes)
        return ops.squeeze(largest, axes) * safe_sqrt(total)


def _for_each_axis(value: Any, axes: Any) -> list:
    """One value for each axis of space."""
    return list(value) if isinstance(value, Iterable) else [value] * len(axes)


def _slopes(u: Tensor, axis: int, h: float, periodic: bool) -> list[Tensor]:
    """The slopes of u along an axis, at points h apart, in one or several parts."""
    if periodic:
        return [(ops.roll(u, -1, axis) - ops.roll(u, 1, axis)) / (2 * h)]

    def at(start: int, stop: int | None) -> Tensor:
        return cut(u, axis, start, stop)

    first = -11 * at(0, 1) + 18 * at(1, 2) - 9 * at(2, 3) + 2 * at(3, 4)
    last = 11 * at(-1, None) - 18 * at(-2, -1) + 9 * at(-3, -2) - 2 * at(-4, -3)
    return [(at(2, None) - at(0, -2)) / (2 * h), first / (6 * h), last / (6 * h)]
