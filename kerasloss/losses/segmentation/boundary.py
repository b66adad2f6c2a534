"""Segmentation by shape: distances to a border, erosion of errors, centre lines, and length of a contour."""

import functools
from collections.abc import Callable
from typing import Annotated, Any

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Axes, ClassIds, ClassWeight, Count, NonNegative, at_least
from kerasloss.core.kinds.region import RegionLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import cut, largest_of_three, maximum, mean, safe_divide, safe_sqrt
from kerasloss.core.overlap import weighted_total, zero_if_empty
from kerasloss.core.registry import register


class _PerSample(RegionLoss):
    """A loss with one value per sample; weights are per sample too."""

    scope = "sample"

    def axes(self, y_pred: Tensor) -> list[int]:
        return list(range(1, len(y_pred.shape)))

    def uses_weight(self, weight: Tensor, y_pred: Tensor) -> bool:
        return False


@register
class Boundary(_PerSample):
    """Distance to the border: the probability of every position times its distance outside.

    Formula: `mean(phi * p)` over positions and classes, phi the signed distance map; with class weights w,
    `sum(w[c] * m[c]) / sum(w)` of the means m[c] of the classes.

    Args:
        from_logits: Whether `y_pred` holds logits or probabilities.
        multilabel: Whether the logits of every channel go through a sigmoid, as those of a single channel
            always do, and not through one softmax.
        class_axis: Where the C classes are; 1 for channels first.
        class_weight: C floats >= 0; 0 leaves a class out.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: the signed distance map of the true border of each class, negative inside, in any unit,
        of the shape of `y_pred`, `(batch, *space, C)`. Returns `(batch,)`.

    Raises:
        ValueError: If the shapes differ (labels are not a distance map), `class_weight` does not have C
            entries, or a weight is not per sample.

    Use it beside a region loss, with a weight that grows during training; not alone: it may be negative, and
    an empty mask, whose map is 0, has no gradient. Since the labels of the two differ, let the model return
    its output twice, `{"mask": p, "border": p}`, with a loss for each: `{"mask": Dice(), "border":
    Boundary()}`. Compute the maps once, for example with scipy's `distance_transform_edt`; unknown positions
    have a 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> phi = np.array([[[-1.0], [0.0], [1.0], [2.0]]])
    >>> round(float(kerasloss.Boundary()(phi, np.array([[[0.9], [0.5], [0.4], [0.1]]]))), 4)
    -0.075

    Equivalents: MONAI `BoundaryLoss` computes phi itself (inside `1 - d`, outside d): pass such a map. The
    authors' code: the same mean, `idc` as class weights of 0 and 1.

    Reference: Kervadec et al., 2019, Boundary Loss for Highly Unbalanced Segmentation, MIDL (arXiv
    1812.07032).
    """

    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        checks.same_shape(self, y_true, y_pred, ": `y_true` is a distance map, not labels")
        self.checked_class_axis(tuple(y_pred.shape))
        return y_true, y_pred

    def check_shape(self, y_pred: Tensor) -> None:
        check_space(self, y_pred, 1)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        cost = y_true * self.probabilities(y_pred)
        if self.class_weight is None:
            return mean(cost, axis=self.axes(cost))
        weight = ops.convert_to_tensor(self.class_weight, dtype=cost.dtype)
        means = mean(cost, axis=self.position_axes(cost))
        return safe_divide(ops.sum(weight * means, axis=-1), ops.sum(weight))


@register
class HausdorffErosion(_PerSample):
    """A soft bound on the Hausdorff distance: errors that survive many erosions cost the most.

    Formula: mean over positions and classes of `sum(e_k * k ** alpha)`, k from 1 to `erosions`. One erosion
    of `x_0 = (y - p) ** 2` is `e = max(s - 1/2, 0)`, s the mean of a position and its 2 d direct neighbours
    (0 outside); each sample and channel of e is then stretched to [0, 1] (unless it is constant): e_k, which
    is eroded next.

    Args:
        alpha: Power of the depth of an error, a finite number.
        erosions: How often to erode, >= 1.
        from_logits, multilabel, class_axis, ignore_class: See `kerasloss.Dice`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, *space, C)`, of 2 or 3 spatial axes. `y_true`: its shape, or ids without the class
        axis. Returns `(batch,)`.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, or a weight is not per sample. A
            class id outside [0, C), or a yes/no label outside [0, 1], that is not ignored gives NaN.

    Use it beside a region loss against distant outliers; not alone: errors that one erosion removes cost
    nothing and have no gradient.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = np.zeros((1, 5, 5, 1))
    >>> y_true[:, 1:4, 1:4] = 1
    >>> round(float(kerasloss.HausdorffErosion(erosions=2)(y_true, np.zeros((1, 5, 5, 1)))), 4)
    0.328

    Equivalents: kornia `HausdorffERLoss(alpha, k)` and `HausdorffERLoss3D`, of two or more classes:
    `erosions=k`.

    Reference: Karimi & Salcudean, 2020, Reducing the Hausdorff Distance in Medical Image Segmentation, IEEE
    Transactions on Medical Imaging (arXiv 1904.10030).
    """

    alpha: float = 2.0
    erosions: Count = 10
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    ignore_class: ClassIds | None = None

    def check_shape(self, y_pred: Tensor) -> None:
        check_space(self, y_pred, 2, 3)

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> Tensor:
        y, p = self.masks(y_true, y_pred, sample_weight)
        eroded = self.zero_excluded(ops.square(y - p), sample_weight)
        cost = ops.zeros_like(eroded)
        for k in range(1, self.erosions + 1):
            eroded = _stretch(_erode_errors(eroded))
            cost = cost + eroded * float(k) ** self.alpha
        if sample_weight is None:
            return mean(cost, axis=self.axes(cost))
        total = weighted_total(self.position_weight(sample_weight, cost), self.axes(cost))
        return safe_divide(total(cost), total(ops.ones_like(cost)))


@register
class SoftClDice(RegionLoss):
    """Overlap of centre lines, which keeps vessels and roads connected.

    Formula: `1 - 2 * tprec * tsens / (tprec + tsens)` with `tprec = (sum(S(p) * y) + smooth) / (sum(S(p)) +
    e)`, `tsens = (sum(S(y) * p) + smooth) / (sum(S(y)) + e)` over `axis`, `e = max(smooth, 1e-7)` and 0 / 0
    a score of 0. S is the soft skeleton: `relu(x - open(x))`, to which every further erosion of x adds its
    own part where nothing covers it yet; `open` is the dilation of the erosion.

    Args:
        iterations: How often to erode, >= 0; at least the largest radius of a structure in positions.
        axis: See `kerasloss.Dice`.
        smooth: Added above and below, >= 0.
        from_logits, multilabel, class_axis, class_weight, ignore_class: See `kerasloss.Dice`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, *space, C)`, of 2 or 3 spatial axes. `y_true`: its shape, or ids without the class
        axis. Returns `y_pred`'s shape without `axis`.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match. A class id outside [0, C), or a
            yes/no label outside [0, 1], that is not ignored gives NaN.

    Use it beside `Dice` for thin, connected structures (`0.5 * Dice() + 0.5 * SoftClDice()`); not for blobs,
    and not alone: it does not see the width.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.zeros((1, 3, 5, 1)), np.zeros((1, 3, 5, 1))
    >>> y_true[:, 1], y_pred[:, 1, :3] = 1, 0.8
    >>> round(float(kerasloss.SoftClDice(iterations=1)(y_true, y_pred)), 4)
    0.2766

    Equivalents: MONAI `SoftclDiceLoss(iter_)`: `axis=(1, 2, 3)` (it adds 1e-4 to tprec + tsens);
    `SoftDiceclDiceLoss(alpha=a)`: `(1 - a) * Dice(smooth=1, axis=(1, 2)) + a * ` this. The authors' code:
    the default, with a class weight of 0 for the background.

    Reference: Shit et al., 2021, clDice: a Novel Topology-Preserving Loss Function for Tubular Structure
    Segmentation, CVPR (arXiv 2003.07311).
    """

    iterations: Annotated[int, at_least(0)] = 3
    axis: Axes | None = None
    smooth: NonNegative = 1.0
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1
    class_weight: ClassWeight | None = None
    ignore_class: ClassIds | None = None

    def check_shape(self, y_pred: Tensor) -> None:
        check_space(self, y_pred, 2, 3)

    def masks(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> tuple[Tensor, Tensor]:
        y, p = super().masks(y_true, y_pred, sample_weight)
        return self.zero_excluded(y, sample_weight), self.zero_excluded(p, sample_weight)

    def value(self, y: Tensor, p: Tensor, total: Callable[[Tensor], Tensor]) -> Tensor:
        precision = self.share(_skeleton(p, self.iterations), y, total)
        sensitivity = self.share(ops.stop_gradient(_skeleton(y, self.iterations)), p, total)
        value = 1 - 2 * safe_divide(precision * sensitivity, precision + sensitivity)
        return zero_if_empty(value, total(y) + total(p), self.smooth)

    def share(self, line: Tensor, mask: Tensor, total: Callable[[Tensor], Tensor]) -> Tensor:
        """The share of a centre line that lies in a mask."""
        return (total(line * mask) + self.smooth) / (total(line) + max(self.smooth, keras.config.epsilon()))


@register
class ActiveContour(_PerSample):
    """The energy of Chan and Vese: length of the contour, plus the errors inside and outside.

    Formula: `length_weight * L + region_weight * R`; L is the mean of `sqrt(sum_i d_i ** 2 + epsilon)`
    with the forward difference d_i of p along the spatial axis i, over channels and all positions except
    the last of every spatial axis; R is the mean of `p * (1 - y) ** 2 + (1 - p) * y ** 2`.

    Args:
        length_weight: Factor >= 0 of L.
        region_weight: Factor >= 0 of R.
        epsilon: Added under the root, >= 0.
        from_logits, multilabel, class_axis: See `kerasloss.Dice`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, *space, C)`. `y_true`: its shape, or ids without the class axis. Returns
        `(batch,)`.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, a spatial axis has length 1, or a
            weight is not per sample. A class id outside [0, C), or a yes/no label outside [0, 1], gives NaN.

    Use it for smooth outlines; not for thin structures, which a short contour leaves out.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = np.array([[1, 1], [0, 0]]).reshape(1, 2, 2, 1)
    >>> y_pred = np.array([[0.9, 0.6], [0.2, 0.1]]).reshape(1, 2, 2, 1)
    >>> round(float(kerasloss.ActiveContour()(y_true, y_pred)), 4)
    0.9616

    Equivalents: the authors' Keras code takes the same means, but combines the differences of neighbouring
    positions.

    Reference: Chan & Vese, 2001, Active Contours Without Edges, IEEE Transactions on Image Processing; Chen
    et al., 2019, Learning Active Contour Models for Medical Image Segmentation, CVPR.
    """

    length_weight: NonNegative = 1.0
    region_weight: NonNegative = 1.0
    epsilon: NonNegative = 1e-08
    from_logits: bool = False
    multilabel: bool = False
    class_axis: int = -1

    def check_shape(self, y_pred: Tensor) -> None:
        check_space(self, y_pred, 1)
        if 1 in y_pred.shape[1:-1]:
            checks.fail(
                self,
                "every spatial axis of `y_pred` must have at least 2 positions",
                f"y_pred.shape={tuple(y_pred.shape)}, classes last",
            )

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y, p = self.masks(y_true, y_pred, None)
        space, squares = _space(p), 0.0
        for axis in space:
            difference = cut(p, axis, 1, None) - cut(p, axis, 0, -1)
            for other in space:
                if other != axis:
                    difference = cut(difference, other, 0, -1)
            squares = squares + ops.square(difference)
        length = mean(safe_sqrt(squares + self.epsilon), axis=self.axes(p))
        region = mean(p * ops.square(1 - y) + (1 - p) * ops.square(y), axis=self.axes(p))
        return self.length_weight * length + self.region_weight * region


def check_space(loss: RegionLoss, y_pred: Tensor, least: int, most: int | None = None) -> None:
    """Fails unless `y_pred` has the right number of spatial axes."""
    count = len(_space(y_pred))
    if count < least or (most is not None and count > most):
        wanted = f"at least {least}" if most is None else f"{least} to {most}"
        checks.fail(
            loss,
            f"`y_pred` must have {wanted} spatial axes between the batch and the classes",
            f"y_pred.shape={tuple(y_pred.shape)}",
        )


def _space(x: Tensor) -> range:
    """The spatial axes, once the classes are on the last axis."""
    return range(1, len(x.shape) - 1)


def _erode_errors(x: Tensor) -> Tensor:
    """The part above 1/2 of the mean of every position and its direct neighbours."""
    space, total = _space(x), x
    padded = ops.pad(x, [(0, 0), *[(1, 1)] * len(space), (0, 0)])
    for axis in space:
        line = padded
        for other in space:
            if other != axis:
                line = cut(line, other, 1, -1)
        total = total + cut(line, axis, 0, -2) + cut(line, axis, 2, None)
    return ops.relu(total / (2 * len(space) + 1) - 0.5)


def _stretch(x: Tensor) -> Tensor:
    """Every sample and channel stretched to [0, 1]; a constant stays as it is."""
    low, high = (f(x, axis=list(_space(x)), keepdims=True) for f in (ops.amin, ops.amax))
    constant = ops.equal(low, high)
    return ops.where(constant, x, (x - low) / ops.where(constant, 1, high - low))


def _erode(x: Tensor) -> Tensor:
    """The minimum of every position and its direct neighbours."""
    return -functools.reduce(maximum, [largest_of_three(-x, [axis]) for axis in _space(x)])


def _dilate(x: Tensor) -> Tensor:
    """The maximum of every position and all its neighbours, diagonal ones too."""
    return largest_of_three(x, _space(x))


def _skeleton(x: Tensor, iterations: int) -> Tensor:
    """The soft skeleton: what openings remove at every depth of erosion."""
    eroded = _erode(x)
    skeleton = ops.relu(x - _dilate(eroded))
    for _ in range(iterations):
        x, eroded = eroded, _erode(eroded)
        ridge = ops.relu(x - _dilate(eroded))
        skeleton = skeleton + ops.relu(ridge - skeleton * ridge)
    return skeleton
