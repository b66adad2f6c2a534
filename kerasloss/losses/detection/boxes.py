"""Boxes: the intersection over union of each pair, and what corrects a box that has none."""

import math
from typing import Literal

from keras import ops

from kerasloss.core.configuration import NonNegative, Positive
from kerasloss.core.kinds.box import Boxes, BoxLoss, Sides
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import absolute, clip_below, maximum, power, safe_divide
from kerasloss.core.registry import register


def distance(boxes: Boxes) -> Tensor:
    """The squared distance of the centers, divided by the squared diagonal of the box around both."""
    x, y = boxes.x, boxes.y
    offset = ops.square(x.offset) + ops.square(y.offset)
    return safe_divide(offset, ops.square(x.around) + ops.square(y.around))


@register
class IoU(BoxLoss):
    """The intersection over union of boxes, also known as their Jaccard index.

    Formula: `1 - IoU`, with `mode="quadratic"` `1 - IoU ** 2`, with `mode="log"` `-log(max(IoU, 1e-7))`,
    where IoU is the area of the intersection divided by that of the union, of each box.

    Args:
        bounding_box_format: What a box holds, a word of Keras: `"xyxy"`, `"yxyx"`, `"xywh"` (a corner and the
            sides), `"center_xywh"`, `"center_yxhw"`, or one of these with `"rel_"` in front.
        mode: `"linear"`, `"quadratic"` or `"log"`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: boxes `(batch, ..., 4)`, each compared with the same one. Returns `(batch, ...)`;
        leave out padding by weights of 0. For the mean over those boxes of a grid that hold an object, give
        weights of 1 and 0 and `reduction="mean_with_sample_weight"`. A box whose corners are in the wrong
        order is empty.

    Raises:
        ValueError: If an argument is not allowed or the shapes don't match.

    Use it for boxes that are nearly right, and as the score of a detector; not for boxes that don't touch,
    whose gradient is 0 (`GIoU`, `CIoU`).

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 1, 3, 4]])
    >>> round(float(kerasloss.IoU()(y_true, y_pred)), 4)
    0.8889

    Equivalents: TFA GIoULoss(mode="iou"): `bounding_box_format="yxyx"`. keras-cv IoULoss: `"log"` is its
    default mode, and it takes the mean IoU of an image before.

    Reference: Yu, Jiang, Wang, Cao & Huang, 2016, UnitBox: An Advanced Object Detection Network, ACM
    Multimedia (arXiv 1608.01471).
    """

    mode: Literal["linear", "quadratic", "log"] = "linear"

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        iou = self.boxes(y_true, y_pred).iou
        if self.mode == "log":
            return -ops.log(clip_below(iou, 1e-7))
        return 1 - (iou if self.mode == "linear" else ops.square(iou))


@register
class GIoU(BoxLoss):
    """The generalized intersection over union of boxes, which draws boxes together that don't touch.

    Formula: `1 - IoU + (C - U) / C`, where U is the area of the union and C that of the smallest box around
    both.

    Args:
        bounding_box_format: What a box holds, see `IoU`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: boxes `(batch, ..., 4)`, each compared with the same one. Returns `(batch, ...)`,
        from 0 to 2; leave out padding by weights of 0.

    Raises:
        ValueError: If the format is not known or the shapes don't match.

    Use it to train a detector from the start; not where it must be quick: it first enlarges a box until it
    meets the other (`DIoU` moves it).

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 1, 3, 4]])
    >>> round(float(kerasloss.GIoU()(y_true, y_pred)), 4)
    1.1389

    Equivalents: torchvision `generalized_box_iou_loss`, MONAI BoxGIoULoss: default. TFA GIoULoss:
    `bounding_box_format="yxyx"`.

    Reference: Rezatofighi et al., 2019, Generalized Intersection over Union: A Metric and a Loss for Bounding
    Box Regression, CVPR (arXiv 1902.09630).
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return generalized(self.boxes(y_true, y_pred))


def generalized(boxes: Boxes) -> Tensor:
    """The GIoU loss."""
    around = boxes.x.around * boxes.y.around
    return 1 - boxes.iou + safe_divide(around - boxes.union, around)


@register
class DIoU(BoxLoss):
    """The intersection over union of boxes, and the distance of their centers.

    Formula: `1 - IoU + (dx ** 2 + dy ** 2) / (cw ** 2 + ch ** 2)`, where dx and dy are the differences of the
    centers, and cw and ch the sides of the smallest box around both.

    Args:
        bounding_box_format: What a box holds, see `IoU`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: boxes `(batch, ..., 4)`, each compared with the same one. Returns `(batch, ...)`,
        from 0 to 2; leave out padding by weights of 0.

    Raises:
        ValueError: If the format is not known or the shapes don't match.

    Use it to train a detector, whose boxes it moves where they belong; not for the shape of boxes with the
    same center and the same IoU, which it doesn't see (`CIoU`, `EIoU`).

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 1, 3, 4]])
    >>> round(float(kerasloss.DIoU()(y_true, y_pred)), 4)
    1.0189

    Equivalents: torchvision `distance_box_iou_loss`: default.

    Reference: Zheng, Wang, Liu, Li, Ye & Ren, 2020, Distance-IoU Loss: Faster and Better Learning for
    Bounding Box Regression, AAAI (arXiv 1911.08287).
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        boxes = self.boxes(y_true, y_pred)
        return 1 - boxes.iou + distance(boxes)


@register
class CIoU(BoxLoss):
    """The intersection over union of boxes, the distance of their centers, and their shapes.

    Formula: `1 - IoU + (dx ** 2 + dy ** 2) / (cw ** 2 + ch ** 2) + a * v`, that is `DIoU` and
    `v = 4 / pi ** 2 * (atan(W / H) - atan(w / h)) ** 2` of the sides W and H of the true box, w and h of the
    predicted one; `a = stop_gradient(v / (1 - IoU + v))`.

    Args:
        bounding_box_format: What a box holds, see `IoU`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: boxes `(batch, ..., 4)`, each compared with the same one. Returns `(batch, ...)`;
        leave out padding by weights of 0.

    Raises:
        ValueError: If the format is not known or the shapes don't match.

    Use it to train a detector, the usual choice; not where the sides matter one by one: boxes of the same
    shape and different size have `v = 0` (`EIoU`).

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 1, 3, 4]])
    >>> round(float(kerasloss.CIoU()(y_true, y_pred)), 4)
    1.0192

    Equivalents: torchvision `complete_box_iou_loss`: default. 1 - `keras.utils.bounding_boxes.compute_ciou`:
    default, whose gradient goes through a. keras-cv CIoULoss squares `4 / pi ** 2` too: no equivalent.

    Reference: Zheng, Wang, Ren, Liu, Ye, Hu & Zuo, 2021, Enhancing Geometric Factors in Model Learning and
    Inference for Object Detection and Instance Segmentation, IEEE Transactions on Cybernetics (arXiv
    2005.03572).
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        boxes = self.boxes(y_true, y_pred)
        turned = angle(boxes.x.true, boxes.y.true) - angle(boxes.x.pred, boxes.y.pred)
        shape = (2 / math.pi) ** 2 * ops.square(turned)
        weight = ops.stop_gradient(safe_divide(shape, 1 - boxes.iou + shape))
        return 1 - boxes.iou + distance(boxes) + weight * shape


def angle(width: Tensor, height: Tensor) -> Tensor:
    """`atan(width / height) - pi / 4`, of a box without sides `-pi / 4`.

    Keras's `arctan2` rounds float64 on PyTorch.
    """
    total = width + height
    empty = ops.equal(total, 0)
    return ops.arctan(ops.where(empty, -1, (width - height) / ops.where(empty, 1, total)))


@register
class EIoU(BoxLoss):
    """The intersection over union of boxes, the distance of their centers, and the errors of both sides.

    Formula: `stop_gradient(IoU ** gamma) * (d + (w - W) ** 2 / cw ** 2 + (h - H) ** 2 / ch ** 2)`, where d is
    `DIoU`, W and H are the sides of the true box, w and h those of the predicted one, and cw and ch those of
    the smallest box around both.

    Args:
        bounding_box_format: What a box holds, see `IoU`.
        gamma: How much boxes that are nearly right weigh more, >= 0: 0.5 is Focal-EIoU, 0 switches it off.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: boxes `(batch, ..., 4)`, each compared with the same one. Returns `(batch, ...)`;
        leave out padding by weights of 0.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it where width and height must be right one by one; not with `gamma` from random boxes: what doesn't
    touch has weight 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 1, 3, 4]])
    >>> round(float(kerasloss.EIoU()(y_true, y_pred)), 4)
    1.0814

    Equivalents: mmdetection EIoULoss: default.

    Reference: Zhang, Ren, Zhang, Jia, Wang & Tan, 2022, Focal and Efficient IOU Loss for Accurate Bounding
    Box Regression, Neurocomputing (arXiv 2101.08158).
    """

    gamma: NonNegative = 0.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        boxes = self.boxes(y_true, y_pred)
        sides = sum(
            safe_divide(ops.square(x.pred - x.true), ops.square(x.around)) for x in (boxes.x, boxes.y)
        )
        value = 1 - boxes.iou + distance(boxes) + sides
        return ops.stop_gradient(boxes.iou) ** self.gamma * value if self.gamma else value


@register
class SIoU(BoxLoss):
    """The intersection over union of boxes, and the way of their centers, which is shorter along an axis.

    Formula: `1 - IoU + (D + S) / 2` with `D = 2 - exp(-(2 - A) * (dx / cw) ** 2) - exp(-(2 - A) * (dy / ch)
    ** 2)`, `A = 2 * |dx * dy| / (dx ** 2 + dy ** 2)` and `S = (1 - exp(-|w - W| / max(w, W))) ** theta + (1 -
    exp(-|h - H| / max(h, H))) ** theta`. dx and dy are the differences of the centers, cw and ch the sides of
    the smallest box around both, W and H those of the true box, w and h of the predicted one.

    Args:
        bounding_box_format: What a box holds, see `IoU`.
        theta: How little small errors of the sides weigh, > 0; 2 to 6 in the paper.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: boxes `(batch, ..., 4)`, each compared with the same one. Returns `(batch, ...)`;
        leave out padding by weights of 0.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it in detectors of the YOLO family; not where its value must grow with the distance: at an angle of
    45 degrees the same distance costs less.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 1, 3, 4]])
    >>> round(float(kerasloss.SIoU()(y_true, y_pred)), 4)
    1.0188

    Equivalents: mmyolo and YOLOv6 `siou`: default.

    Reference: Gevorgyan, 2022, SIoU Loss: More Powerful Learning for Bounding Box Regression (arXiv
    2205.12740).
    """

    theta: Positive = 4.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        boxes = self.boxes(y_true, y_pred)
        x, y = boxes.x, boxes.y
        length = ops.square(x.offset) + ops.square(y.offset)
        diagonal = safe_divide(2 * absolute(x.offset * y.offset), length)
        way = sum(-ops.expm1((diagonal - 2) * ops.square(safe_divide(z.offset, z.around))) for z in (x, y))
        return 1 - boxes.iou + 0.5 * (way + self.shape(x) + self.shape(y))

    def shape(self, sides: Sides) -> Tensor:
        """The error of a side."""
        error = safe_divide(absolute(sides.pred - sides.true), maximum(sides.pred, sides.true))
        return power(-ops.expm1(-error), self.theta)
