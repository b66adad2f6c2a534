"""Feature-based distillation: a student follows the features of a teacher, not only its outputs.

No gradient reaches the teacher.
"""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import NonNegative, Positive
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.kinds.label_embedding import AnchorLoss
from kerasloss.core.loss import Loss, Tensor, widened
from kerasloss.core.numerics import (
    absolute,
    cosine,
    huber,
    mean,
    power,
    reciprocal,
    safe_divide,
    safe_sqrt,
    scale_to_one,
    unit,
    weighted_mean,
)
from kerasloss.core.pairwise import distances, products
from kerasloss.core.registry import checked_loss, register


@register
class FeatureDistillation(ElementLoss):
    """The student's features follow the teacher's.

    Formula: over `axis`, `"mse"`: `mean((y_pred - y_true) ** 2)`; `"mae"`: `mean(|y_pred - y_true|)`;
    `"cosine"`: `1 - cos(y_true, y_pred)`.

    Args:
        loss: `"mse"`, `"mae"`, `"cosine"`, or a loss that `kerasloss.get` finds, whose `call` gets the pair.
        normalize: Whether both are first divided by their Euclidean norm over `axis`.
        axis: The axis of the features; a `loss` that is not one of the three has its own.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: features of the same shape (use a projection layer in the student if needed).
        Returns it without `axis`. If that is the batch, sample weights and masks go into the mean and the
        norm, and a sample of weight 0 is absent.

    Raises:
        ValueError: If the shapes differ, `axis` names no axis, or there is no such loss; for weights, if
            `normalize` is over the batch and `loss` has a value per sample.

    Use it beside `LogitsDistillation`, on features before the head; for features of different widths use
    `AttentionTransfer` or `RelationalDistillation`. Zero vectors stay zeros.

    Example:

    >>> import kerasloss, numpy as np
    >>> teacher, student = np.array([[1.0, 2.0]]), np.array([[2.0, 0.0]])
    >>> float(kerasloss.FeatureDistillation()(teacher, student))
    2.5

    Equivalents: FitNets' hint loss: default; Keras's FeatureDistillation with "cosine_similarity": this
    minus 1. torchdistill `FTLoss` of flattened features: `loss="mae", normalize=True`.

    Reference: Romero et al., 2015, FitNets: Hints for Thin Deep Nets, ICLR (arXiv 1412.6550); Sun, Cheng,
    Gan & Liu, 2019, Patient Knowledge Distillation, EMNLP (normalised).
    """

    kind = "teacher"
    activation = "any"

    elementwise = False

    loss: Any = "mse"
    normalize: bool = False
    axis: int = -1

    def __post_init__(self) -> None:
        known = isinstance(self.loss, str) and self.loss in ("mse", "mae", "cosine")
        self.loss = self.loss if known else checked_loss(self, "loss", self.loss)

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return self.loss.entry_axes(y_pred) if isinstance(self.loss, Loss) else super().entry_axes(y_pred)

    def weighs_inside(self, y_pred: Tensor) -> bool:
        if isinstance(self.loss, str):
            return super().weighs_inside(y_pred)
        over_batch = checks.axis(self, self.axis, y_pred) == 0
        return self._inner_weighs(y_pred) or (self.normalize and over_batch)

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        axis = checks.axis(self, self.axis, y_pred)
        w = None if sample_weight is None else self.broadcast_from_left(sample_weight, y_pred)
        y_true = ops.stop_gradient(y_true)
        if self.normalize:
            y_true, y_pred = _unit(y_true, w, axis), _unit(y_pred, w, axis)
        if self.loss == "mse":
            return weighted_mean(ops.square(y_pred - y_true), w, axis)
        if self.loss == "mae":
            return weighted_mean(absolute(y_pred - y_true), w, axis)
        if self.loss == "cosine":
            return _cosine_distance(y_true, y_pred, w, axis)
        loss = widened(self.loss, self.compute_dtype)
        if w is None:
            return loss.call(y_true, y_pred)
        if not self._inner_weighs(y_pred):
            checks.fail(
                self,
                "where features are normalized over the batch a `loss` with a value per sample can have no "
                "`sample_weight` or mask",
                f"loss={loss!r}, axis={self.axis}",
            )
        return loss.call(y_true, y_pred, sample_weight=sample_weight)

    def _inner_weighs(self, y_pred: Tensor) -> bool:
        """Whether a loss given as `loss` applies sample weights itself."""
        loss = self.loss
        return isinstance(loss, Loss) and "sample_weight" in loss.call_takes and loss.weighs_inside(y_pred)


def _unit(x: Tensor, weight: Tensor | None, axis: int) -> Tensor:
    """`unit(x, axis)`, whose norm counts every entry as often as its weight says."""
    if weight is None:
        return unit(x, axis)
    root = safe_sqrt(weight)
    return unit(root * x, axis) * reciprocal(root)


def _cosine_distance(x: Tensor, y: Tensor, weight: Tensor | None, axis: int) -> Tensor:
    """`1 - cos(x, y)`, with weights as factors of the products; 0 if all weights are."""
    if weight is None:
        return 1 - cosine(x, y, axis)
    root = safe_sqrt(weight)
    distance = 1 - cosine(root * x, root * y, axis)
    return ops.where(ops.any(weight * ops.ones_like(x) != 0, axis=axis), distance, 0)


@register
class AttentionTransfer(Loss):
    """The student looks where the teacher looks.

    Formula: `mean((a(y_pred) - a(y_true)) ** 2)` over the positions, with the map `sum(|features| ** p)` over
    the channels of each position, divided by its Euclidean norm.

    Args:
        p: The exponent, > 0; larger ones emphasise the strongest channels. The paper uses 1, 2 and 4.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: `(batch, *positions, channels)`; `y_pred`: the same positions; the number of channels may
        differ. Returns `(batch,)`.

    Raises:
        ValueError: If `p` is not > 0 or the positions differ.

    Use it for feature maps of the same size and different widths; it doesn't see which channel is active. A
    map of zeros stays 0, with gradient 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> teacher, student = np.array([[[1.0, 0.0], [2.0, 2.0]]]), np.array([[[3.0], [1.0]]])
    >>> round(float(kerasloss.AttentionTransfer()(teacher, student)), 4)
    0.7671

    Equivalents: the authors' code, mdistiller and torchdistill `ATLoss`: default. The paper's norm is the
    root of this times the number of positions.

    Reference: Zagoruyko & Komodakis, 2017, Paying More Attention to Attention, ICLR (arXiv 1612.03928).
    """

    kind = "teacher"
    whole_samples = True

    p: Positive = 2

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        same_positions = checks.lengths_match(true_shape[:-1], pred_shape[:-1])
        if len(pred_shape) < 3 or not same_positions or true_shape[-1] == 0:
            checks.fail(
                self,
                "`y_true` and `y_pred` must be features (batch, *positions, channels) of the same positions, "
                "with at least one channel",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        difference = self._attention(y_pred) - self._attention(ops.stop_gradient(y_true))
        return mean(ops.square(difference), axis=self.entry_axes(difference))

    def _attention(self, features: Tensor) -> Tensor:
        axes = self.entry_axes(features)
        size = absolute(scale_to_one(features, axes))  # the map does not depend on their scale
        if self.p == 2:
            size = ops.square(size)
        elif self.p != 1:
            size = power(size, self.p)
        return unit(ops.sum(size, axis=-1), axes[:-1])


@register
class RelationalDistillation(AnchorLoss):
    """The student's embeddings keep the distances and angles between the teacher's.

    Formula: for each anchor i `distance_weight * mean_j(h(d'[i, j] - d[i, j])) + angle_weight *
    mean_jk(h(cos'[i, j, k] - cos[i, j, k]))`, where d are the distances divided by their mean, `cos[i, j, k]`
    the cosine of the angle at i between j and k, and h the Huber loss; the student's are primed.

    Args:
        distance_weight: Weight of the distances, >= 0.
        angle_weight: Weight of the angles, >= 0; 0 saves memory of size N**3.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: the teacher's embeddings `(N, D)`; `y_pred`: the student's; D may differ. Returns `(N,)`.
        Sample weights weigh anchors; a masked sample is absent.

    Raises:
        ValueError: If a weight is negative or there is not one embedding for each sample.

    Use it for embeddings of any width; rotation, translation and scale don't matter, so a head on top must be
    trained anew. Coinciding points have distance and cosine 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> teacher, student = np.array([[0, 0], [1, 0], [0, 2.0]]), np.array([[1, 1], [2, 0], [0, 3.0]])
    >>> print(np.array(kerasloss.RelationalDistillation(reduction=None)(teacher, student)).round(4))
    [5.2048 1.7641 0.4404]

    Equivalents: the authors' code and mdistiller `rkd_loss`: default. torchdistill `RKDLoss(dist_factor,
    angle_factor)`: the weights.

    Reference: Park, Kim, Lu & Cho, 2019, Relational Knowledge Distillation, CVPR (arXiv 1904.05068).
    """

    growth = "triples"
    kind = "teacher"

    distance_weight: NonNegative = 25.0
    angle_weight: NonNegative = 50.0

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        same_samples = checks.lengths_match(true_shape, (*pred_shape[:1], *true_shape[-1:]))
        if len(pred_shape) != 2 or not same_samples or true_shape[-1] == 0:
            checks.fail(
                self,
                "`y_true` and `y_pred` must be embeddings (N, D) of the same samples, with D > 0",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        return y_true, y_pred

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        there = ops.ones_like(y_pred[:, 0]) if present is None else ops.cast(present, y_pred.dtype)
        pair = ops.expand_dims(there, 1) * ops.expand_dims(there, 0)
        count = ops.sum(there)
        value = ops.zeros_like(there)
        (true, true_distance), (pred, pred_distance) = (
            _geometry(x, there, pair) for x in (ops.stop_gradient(y_true), y_pred)
        )
        if self.distance_weight:
            errors = huber(_relative(pred_distance) - _relative(true_distance))
            value = value + self.distance_weight * ops.sum(errors, axis=1) / count
        if self.angle_weight:
            errors = huber(_cosines(pred, pred_distance) - _cosines(true, true_distance))
            value = value + self.angle_weight * ops.sum(errors, axis=(1, 2)) / ops.square(count)
        return value, None


def _geometry(x: Tensor, there: Tensor, pair: Tensor) -> tuple[Tensor, Tensor]:
    """The inner products and the distances of all pairs; 0 for a pair with an absent sample."""
    x = scale_to_one(x, (0, 1))
    center = ops.sum(x, axis=0, keepdims=True) / ops.sum(there)  # absent samples are zeros
    x = ops.expand_dims(there, -1) * (x - center)
    inner = products(x, x)
    return inner, pair * distances(x, x, inner)


def _relative(distance: Tensor) -> Tensor:
    """Distances divided by the mean of those that are not 0."""
    count = ops.sum(ops.cast(distance > 0, distance.dtype))
    return safe_divide(distance * count, ops.sum(distance))


def _cosines(inner: Tensor, distance: Tensor) -> Tensor:
    """The cosine of the angle at i between the directions to j and k; 0 where a direction is undefined."""
    at_j, at_k = ops.expand_dims(inner, 2), ops.expand_dims(inner, 1)
    product = ops.expand_dims(inner, 0) - at_j - at_k + ops.reshape(ops.diagonal(inner), (-1, 1, 1))
    return safe_divide(product, ops.expand_dims(distance, 2) * ops.expand_dims(distance, 1))
