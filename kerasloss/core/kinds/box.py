"""Boxes against boxes."""

from typing import Annotated, Any, NamedTuple, TypeAlias

from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import TINY, absolute, maximum, minimum, reciprocal, safe_divide

FORMATS = {
    "xyxy": ("corners", (0, 2), (1, 3)),
    "yxyx": ("corners", (1, 3), (0, 2)),
    "xywh": ("corner", (0, 2), (1, 3)),
    "center_xywh": ("center", (0, 2), (1, 3)),
    "center_yxhw": ("center", (1, 3), (0, 2)),
}
"""What a box holds for each axis, and at which of its four places for x and for y: both corners, or a corner
and a length, or the center and a length. The same names with `"rel_"` in front are of relative boxes."""


def _checked_format(loss: Any, name: str, value: Any) -> Any:
    """One of Keras's names, in small letters or capitals."""
    known = [*FORMATS, *("rel_" + word for word in FORMATS)]
    if not isinstance(value, str) or value.lower() not in known:
        checks.fail(loss, f"`{name}` must be one of {known}", f"{name}={value!r}")
    return value


BoxFormat: TypeAlias = Annotated[str, _checked_format]


class Sides(NamedTuple):
    """Two boxes along one axis."""

    true: Tensor
    """The side of the true box: 0 if its corners are in the wrong order."""
    pred: Tensor
    """The side of the predicted box."""
    offset: Tensor
    """How far the center of the predicted box is from that of the true one."""
    common: Tensor
    """The side of the intersection."""
    around: Tensor
    """The side of the smallest box around both."""


class Boxes(NamedTuple):
    """Two boxes in a unit of length that makes the longer side of the box around both 1."""

    x: Sides
    y: Sides
    iou: Tensor
    union: Tensor
    """The area that one of them covers, or both."""


class BoxLoss(Loss):
    """A loss of boxes: `call` takes two of `(..., 4)`, the same box in both, to `(...)`."""

    kind = "box"
    activation = "linear"

    bounding_box_format: BoxFormat = "xyxy"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        checks.same_shape(self, y_true, y_pred)
        if len(y_pred.shape) < 2 or y_pred.shape[-1] != 4:
            what = "`y_true` and `y_pred` must be boxes (batch, ..., 4); for masks use `Jaccard`"
            checks.fail(self, what, f"y_pred.shape={tuple(y_pred.shape)}")
        return y_true, y_pred

    def boxes(self, y_true: Tensor, y_pred: Tensor) -> Boxes:
        """What the formulas are made of, none of which depends on the unit of length."""
        return compared(y_true, y_pred, self.bounding_box_format)


def compared(y_true: Tensor, y_pred: Tensor, bounding_box_format: str) -> Boxes:
    """Boxes `(..., 4)` of any shapes that broadcast."""
    holds, *places = FORMATS[bounding_box_format.lower().removeprefix("rel_")]
    axes = [_sides(holds, *([box[..., i] for i in place] for box in (y_true, y_pred))) for place in places]
    longest = ops.stop_gradient(maximum(*(sides.around for sides in axes)))
    unit = reciprocal(ops.where(longest < TINY, 0, longest))
    x, y = (_visible(Sides(*(unit * length for length in sides))) for sides in axes)
    common = x.common * y.common
    union = x.true * y.true + x.pred * y.pred - common
    return Boxes(x, y, safe_divide(common, union), union)


def _visible(sides: Sides) -> Sides:
    """0 for what is negative, or so small beside the longest that its square has no digits."""
    offset = ops.where(ops.abs(sides.offset) < 1e-15, 0, sides.offset)
    lengths = (sides.true, sides.pred, sides.common, sides.around)
    true, pred, common, around = (ops.where(length < 1e-15, 0, length) for length in lengths)
    return Sides(true, pred, offset, common, around)


def _sides(holds: str, true: list[Tensor], pred: list[Tensor]) -> Sides:
    """Everything comes from lengths and differences, so that boxes far from the origin keep their digits."""
    shift, other = (p - t for t, p in zip(true, pred, strict=True))  # the second: of corners, or of lengths
    if holds == "corners":
        lengths, offset = [x[1] - x[0] for x in (true, pred)], 0.5 * (shift + other)
    else:
        lengths, offset = [true[1], pred[1]], shift if holds == "center" else shift + 0.5 * other
    shorter, apart = minimum(*lengths), absolute(offset)
    difference = absolute(lengths[1] - lengths[0])
    beyond = ops.relu(apart - 0.5 * difference)  # how far the shorter one sticks out
    return Sides(*lengths, offset, shorter - beyond, shorter + difference + beyond)
