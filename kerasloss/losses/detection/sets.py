"""Sets without order: points, and the objects of a picture."""

from typing import Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.assignment import assign
from kerasloss.core.configuration import NonNegative
from kerasloss.core.kinds.box import BoxFormat, compared
from kerasloss.core.labels import integers
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import (
    absolute,
    argmin,
    clip_below,
    constant,
    finite_log_softmax,
    mean,
    nan_unless,
    norm,
    safe_divide,
)
from kerasloss.core.registry import register
from kerasloss.losses.detection.boxes import generalized


@register
class Chamfer(Loss):
    """Two sets of points: how far each point is from the nearest one of the other set.

    Formula: `mean_i(min_j(d(y_true[i], y_pred[j]))) + mean_j(min_i(d(y_true[i], y_pred[j])))` with the
    squared Euclidean distance d, or the distance.

    Args:
        squared: Whether distances are squared.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: points `(batch, M, D)`, `y_pred`: points `(batch, N, D)`, in any order. Returns `(batch,)`.

    Raises:
        ValueError: If the shapes don't match, or a set is empty.

    Use it for clouds of points, where it is cheap; not where the density matters: many points may have the
    same nearest one (`SinkhornDivergence`, `SlicedWasserstein`).

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[[0.0, 0], [1, 0]]]), np.array([[[0.0, 1], [3, 0], [1, 1]]])
    >>> float(kerasloss.Chamfer()(y_true, y_pred))
    3.0

    Equivalents: PyTorch3D `chamfer_distance`: default. Fan et al. have sums in place of the means.

    Reference: Fan, Su & Guibas, 2017, A Point Set Generation Network for 3D Object Reconstruction from a
    Single Image, CVPR (arXiv 1612.00603).
    """

    kind = "point-set"
    whole_samples = True
    activation = "linear"
    growth = "set-pairs"

    squared: bool = True

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        ends = (true_shape[:1] + true_shape[2:], pred_shape[:1] + pred_shape[2:])
        if len(pred_shape) != 3 or len(true_shape) != 3 or not checks.lengths_match(*ends):
            what = "`y_true` must be points (batch, M, D), and `y_pred` points (batch, N, D)"
            checks.fail(self, what, f"y_true.shape={true_shape}, y_pred.shape={pred_shape}")
        checks.filled(self, y_true, y_pred)
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        squares = 0.0
        for k in range(y_pred.shape[-1]):  # without an array (batch, M, N, D)
            one, other = (ops.stop_gradient(x[..., k]) for x in (y_true, y_pred))
            squares = squares + ops.square(ops.expand_dims(one, 2) - ops.expand_dims(other, 1))
        nearest = argmin(squares, 2), argmin(squares, 1)
        return self.mean_distance(y_true, y_pred, nearest[0]) + self.mean_distance(y_pred, y_true, nearest[1])

    def mean_distance(self, x: Tensor, y: Tensor, nearest: Tensor) -> Tensor:
        """The mean over the points of x of their distances to the points of y with these numbers."""
        apart = x - ops.take_along_axis(y, ops.expand_dims(nearest, -1), axis=1)
        return mean(ops.sum(ops.square(apart), axis=-1) if self.squared else norm(apart, -1), 1)


@register
class SetPrediction(Loss):
    """The objects of a picture as a set: each is assigned one of the predictions, the others predict nothing.

    Formula: `sum(w * ce) / sum(w) + sum(box_weight * l1 + giou_weight * giou) / max(1, objects)`: over all
    predictions the cross-entropy ce of the class of their object, with `w = 1`, or of "no object", with
    `w = no_object_weight`; over the pairs of an object and its prediction the absolute errors l1 of the box,
    and `GIoU`.

    The pairs are those with the least sum of `-class_cost * p + box_cost * l1 + giou_cost * giou`, with the
    probability p of the class of the object; no gradient flows through the choice.

    Args:
        bounding_box_format: What a box holds, see `IoU`.
        class_cost, box_cost, giou_cost: What counts for the assignment, >= 0.
        box_weight, giou_weight: The weights of the errors of the boxes, >= 0.
        no_object_weight: The weight of predictions without an object, >= 0.
        ignore_class: The class of rows of `y_true` that are padding.
        normalize: `"batch"`: both sums, and what they are divided by, are those of the whole batch, and the
            mean over samples is their quotient. `"sample"`: those of each sample.
        assignment: `"optimal"`, or `"given"`: row q of `y_true` is the object of prediction q, and there are
            as many of both.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, M, 5)`, the class of each object, 0 to C - 1, and its box; `y_pred`:
        `(batch, Q, C + 5)`, the logits of the classes and of "no object", and the box; M <= Q. Returns
        `(batch,)`. Samples of weight 0, or masked, add nothing to the sums of the batch. As in Keras,
        `"sum_over_batch_size"` counts those of weight 0; with `"mean_with_sample_weight"` the mean is the
        quotient of the others.

    Raises:
        ValueError: If an argument is not allowed, the shapes don't match, or M > Q. A class out of range,
            or that is no integer, gives NaN.

    Use it for detectors without anchors and without non-maximum suppression; each layer of a decoder has a
    call of its own. Not for hundreds of objects on PyTorch, whose loop takes seconds: there assign outside
    the step, by SciPy's `linear_sum_assignment`, and take `"given"`.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = np.array([[[0, 0.25, 0.5, 0.5, 1], [1, 0.75, 0.5, 0.5, 1]]])
    >>> y_pred = np.array([[[2, 0, 0, 0.75, 0.5, 0.5, 0.8], [0, 1, 0, 0.25, 0.5, 0.5, 1]]])
    >>> round(float(kerasloss.SetPrediction()(y_true, y_pred)), 4)
    2.5955

    Equivalents: SetCriterion with HungarianMatcher of DETR, ForObjectDetectionLoss of transformers: their
    `loss_ce + 5 * loss_bbox + 2 * loss_giou`, default. The focal class cost of Deformable DETR is another
    loss.

    Reference: Carion, Massa, Synnaeve, Usunier, Kirillov & Zagoruyko, 2020, End-to-End Object Detection with
    Transformers, ECCV (arXiv 2005.12872); the assignment: Crouse, 2016, On Implementing 2D Rectangular
    Assignment Algorithms, IEEE Transactions on Aerospace and Electronic Systems.
    """

    kind = "box"
    whole_samples = True
    growth = "set-pairs"
    scope = "anchor"

    bounding_box_format: BoxFormat = "center_xywh"
    class_cost: NonNegative = 1.0
    box_cost: NonNegative = 5.0
    giou_cost: NonNegative = 2.0
    box_weight: NonNegative = 5.0
    giou_weight: NonNegative = 2.0
    no_object_weight: NonNegative = 0.1
    ignore_class: int = -1
    normalize: Literal["batch", "sample"] = "batch"
    assignment: Literal["optimal", "given"] = "optimal"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        matching = len(true_shape) == len(pred_shape) == 3 and checks.lengths_match(
            true_shape[:1], pred_shape[:1]
        )
        if not matching or true_shape[2] != 5 or pred_shape[2] < 6 or None in true_shape[1:] + pred_shape[1:]:
            checks.fail(
                self,
                "`y_true` must be a class and a box for each object, (batch, M, 5), and `y_pred` logits and "
                "a box for each prediction, (batch, Q, C + 5), with M and Q known",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        given = self.assignment == "given"
        if true_shape[1] > pred_shape[1] or (given and true_shape[1] != pred_shape[1]):
            what = "there must be as many predictions as objects" + ("" if given else ", or more")
            checks.fail(self, what, f"y_true.shape={true_shape}, y_pred.shape={pred_shape}")
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor, batch_weight: Tensor | None = None) -> Tensor:
        log_p, boxes = finite_log_softmax(y_pred[..., :-4], -1), y_pred[..., -4:]
        there = y_true[..., 0] != self.ignore_class
        ids = integers(ops.where(there, y_true[..., 0], 0))
        targets = ops.where(ops.expand_dims(there, -1), y_true[..., 1:], 0)
        right = ops.logical_and(ids >= 0, ids < log_p.shape[-1] - 1)
        ids = ops.where(right, ids, 0)

        columns = self.columns(ids, targets, there, log_p, boxes)
        crossentropy, weights = self.of_classes(ids, columns, log_p)
        distance, objects = self.of_boxes(targets, there, columns, boxes)
        if self.normalize == "batch":
            present = 1 if batch_weight is None else ops.reshape(batch_weight, (-1,)) > 0
            present = ops.cast(present, weights.dtype) * ops.ones_like(weights)
            share = ops.sum(present)  # the mean over the samples undoes it
            crossentropy, distance = share * crossentropy, share * distance
            weights, objects = ops.sum(present * weights), ops.sum(present * objects)
        value = safe_divide(crossentropy, weights) + distance / clip_below(objects, 1)
        return nan_unless(ops.all(ops.logical_or(right, ops.logical_not(there)), axis=1), value)

    def of_classes(self, ids: Tensor, columns: Tensor, log_p: Tensor) -> tuple[Tensor, Tensor]:
        """The weighted sum of the predictions' cross-entropies, and the sum of the weights, `(batch,)`."""
        queries, nothing = log_p.shape[1], log_p.shape[2] - 1
        mine = ops.equal(ops.expand_dims(columns, 2), ops.arange(queries, dtype="int32"))  # (batch, M, Q)
        found = ops.any(mine, axis=1)
        wanted = ops.where(found, ops.sum(ops.where(mine, ops.expand_dims(ids, 2), 0), axis=1), nothing)
        crossentropy = -ops.take_along_axis(log_p, ops.expand_dims(wanted, -1), axis=-1)[..., 0]
        weight = ops.where(found, 1, constant(self.no_object_weight, log_p))
        return ops.sum(weight * crossentropy, axis=1), ops.sum(weight, axis=1)

    def of_boxes(
        self, targets: Tensor, there: Tensor, columns: Tensor, boxes: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The sum over the objects of what their boxes differ, and the number of objects, `(batch,)`."""
        chosen = ops.take_along_axis(boxes, ops.expand_dims(ops.maximum(columns, 0), 2), axis=1)
        l1 = ops.sum(absolute(chosen - targets), axis=-1)
        giou = generalized(compared(targets, chosen, self.bounding_box_format))
        of_each = ops.where(there, self.box_weight * l1 + self.giou_weight * giou, 0)
        return ops.sum(of_each, axis=1), ops.sum(ops.cast(there, l1.dtype), axis=1)

    def columns(self, ids: Tensor, targets: Tensor, there: Tensor, log_p: Tensor, boxes: Tensor) -> Tensor:
        """The number of the prediction of each object, `(batch, M)`; -1 for padding."""
        if targets.shape[1] == 0:  # no object, in any sample
            return ids
        if self.assignment == "given":
            return ops.where(there, ops.arange(boxes.shape[1], dtype="int32"), -1)
        return assign(ops.stop_gradient(self.costs(ids, targets, log_p, boxes)), there)

    def costs(self, ids: Tensor, targets: Tensor, log_p: Tensor, boxes: Tensor) -> Tensor:
        """What each object and each prediction cost as a pair, `(batch, M, Q)`."""
        p = ops.transpose(ops.exp(log_p), (0, 2, 1))
        cost = -self.class_cost * ops.take_along_axis(p, ops.expand_dims(ids, 2), axis=1)
        targets, boxes = ops.expand_dims(targets, 2), ops.expand_dims(boxes, 1)
        for k in range(4):
            cost = cost + self.box_cost * ops.abs(targets[..., k] - boxes[..., k])
        return cost + self.giou_cost * generalized(compared(targets, boxes, self.bounding_box_format))
