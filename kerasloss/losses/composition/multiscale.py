"""Losses at several resolutions, or lengths; each wraps a loss that compares at one of them.

As in every combination, the wrapped loss keeps its own reduction, weights and mask, and `reduction` acts on
the finished sum.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import DType, Reduction
from kerasloss.core.kinds.tuple_embedding import TupleLoss
from kerasloss.core.kinds.wrapper import Wrapper
from kerasloss.core.loss import Evaluation, Loss, Tensor, and_masks
from kerasloss.core.numerics import unit
from kerasloss.core.registry import checked_loss, nested, register


@register
class DeepSupervision(Wrapper):
    """The outputs of a network at several resolutions against one target.

    Formula: `sum(w[k] * loss(y[k], y_pred[k]))`, where `y[k]` is `y_true` resized to the size of the output
    `y_pred[k]`: every output pixel takes the nearest target pixel, `floor((i + 1/2) * size / size_k)`.

    Args:
        loss: A loss of this library, or what `kerasloss.get` finds one by. It keeps its own reduction.
        weights: `"exp"`: `max(2 ** -k, 1/16)`. `"two"`: 1 for the first output, 1/2 for the others.
            `"same"`: 1. Or a list of numbers, at least as many as there are outputs. They are not
            normalised.
        reduction: Acts on the finished sum; a scalar is left as it is.
        name, dtype: See `kerasloss.Loss`; `dtype=None`: that of the wrapped loss.

    Shapes:
        y_pred: A list of outputs `(batch, *size_k, channels)`, the finest first; or one of them.
        y_true: One target `(batch, *size, channels)`, or class ids `(batch, *size)`.
        sample_weight: Per sample, or per position of `y_true`; the latter are resized with it.
        Returns what the wrapped loss returns.

    Raises:
        ValueError: For other `weights`, fewer weights than outputs, or a size that is not known.

    Use it for U-Nets with side outputs. Keras calls a loss once per output, with a single tensor, which has
    weight 1 and whose target is only resized: so pass
    `compile(loss=[loss] * K, loss_weights=loss.level_weights(K))`. Not for losses of several targets.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true = np.array([0.0, 1.0, 2.0, 3.0]).reshape(1, 4, 1)
    >>> loss = kerasloss.DeepSupervision(kerasloss.MeanSquaredError())
    >>> float(loss(y_true, [np.zeros((1, 4, 1)), np.zeros((1, 2, 1))]))
    6.0

    Equivalents: MONAI DeepSupervisionLoss, whose `weight_mode` is `weights`.

    Reference: Lee et al., 2015, Deeply-Supervised Nets, AISTATS.
    """

    def __init__(
        self,
        loss: Any,
        weights: str | Sequence[float] = "exp",
        reduction: Reduction = None,
        name: str | None = "deep_supervision",
        dtype: DType = None,
    ) -> None:
        loss = _own_loss(self, loss)
        super().__init__(name=name, reduction=reduction, dtype=dtype or loss.dtype)
        self.loss = loss
        if isinstance(weights, str):
            checks.choice(self, "weights", weights, ("exp", "two", "same"))
        else:
            checks.sequence(self, "weights", weights)
        self.weights = weights

    def level_weights(self, levels: int) -> list[float]:
        """The weights of that many outputs, for `compile(loss_weights=...)`."""
        if not isinstance(self.weights, str):
            if len(self.weights) < levels:
                checks.fail(self, f"`weights` must be at least {levels}", f"weights={self.weights!r}")
            return [float(weight) for weight in self.weights[:levels]]
        first, rest = {
            "exp": (1.0, [max(2.0**-k, 1 / 16) for k in range(1, levels)]),
            "two": (1.0, [0.5] * (levels - 1)),
            "same": (1.0, [1.0] * (levels - 1)),
        }[self.weights]
        return [first, *rest]

    def compute(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, mask: Tensor | None = None
    ) -> Tensor:
        y_true = ops.convert_to_tensor(y_true)
        if sample_weight is not None:
            sample_weight = ops.convert_to_tensor(sample_weight)

        inner = self.inner

        def level(output: Any) -> Tensor:
            size = tuple(output.shape)[1:-1]
            resized = [None if x is None else self._resize(x, size) for x in (sample_weight, mask)]
            return inner.compute(self._resize(y_true, size), output, *resized)

        return ops.cast(self.reduce(Evaluation(self._sum(y_pred, level), None, None)), self.dtype)

    def call(self, y_true: Tensor, y_pred: Any) -> Tensor:
        inner = self.inner
        return self._sum(
            y_pred, lambda output: inner.call(self._resize(y_true, tuple(output.shape)[1:-1]), output)
        )

    def _sum(self, y_pred: Any, level: Any) -> Tensor:
        if not isinstance(y_pred, (list, tuple)):
            return level(y_pred)
        weights = self.level_weights(len(y_pred))
        return sum(weight * level(output) for weight, output in zip(weights, y_pred, strict=True))

    def _resize(self, x: Tensor, size: tuple) -> Tensor:
        """`x` at the nearest positions of another size; unchanged if it has no axes for positions."""
        if len(x.shape) <= len(size):
            return x
        for axis, length in enumerate(size, start=1):
            old = x.shape[axis]
            if old is None or length is None:
                checks.fail(self, "the sizes of images must be known", f"{tuple(x.shape)} and {size}")
            if old != length:
                index = np.floor((np.arange(length) + 0.5) * old / length).astype("int32")
                x = ops.take(x, index, axis=axis)
        return x


@register
class MultiScale(Wrapper):
    """A loss of smoothed images, which sees coarse structure before fine.

    Formula: `mean(loss(K_s(y_true), K_s(y_pred)))` over the scales s, where `K_s` is the convolution along
    each spatial axis, with zeros outside, by a kernel of width s; s = 0 leaves the image as it is.

    Args:
        loss: A loss of this library, or what `kerasloss.get` finds one by. It keeps its own reduction.
        scales: The widths, numbers >= 0 in pixels.
        kernel: `"gaussian"`: `exp(-x ** 2 / (2 s ** 2)) / (s sqrt(2 pi))`, not renormalised, for
            `|x| <= floor(max(3 s, 1/2) + 1/2)`. `"cauchy"`: `1 / (1 + (x / s) ** 2)`, divided by its sum, for
            `|x| <= floor(5 s)`.
        reduction: Acts on the finished mean; a scalar is left as it is.
        name, dtype: See `kerasloss.Loss`; `dtype=None`: that of the wrapped loss.

    Shapes:
        y_true, y_pred: Images `(batch, *size, channels)` of one shape, with 1 to 3 spatial axes whose
        lengths are known. Returns what the wrapped loss returns.

    Raises:
        ValueError: For another `kernel`, negative or no scales, images of different shapes (class ids
            can't be smoothed), or a loss with a number for labels that are left out (`ignore_class`,
            `missing_value`), which would be smoothed with them: wrap `MultiScale` in `Masked` instead.

    Use it to register images and to fit heat maps, where a fine loss alone has no gradient between two shapes
    that don't overlap; not for class ids.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.MultiScale(kerasloss.MeanSquaredError(), scales=(0, 1))
    >>> round(float(loss(np.arange(4.0).reshape(1, 4, 1), np.zeros((1, 4, 1)))), 6)
    2.668875

    Equivalents: MONAI MultiScaleLoss, whose `scales=None` is `scales=(0,)`.

    Reference: Fu et al., 2020, DeepReg: a deep learning toolkit for medical image registration, Journal of
    Open Source Software.
    """

    def __init__(
        self,
        loss: Any,
        scales: Sequence[float] = (0, 1, 2),
        kernel: str = "gaussian",
        reduction: Reduction = None,
        name: str | None = "multi_scale",
        dtype: DType = None,
    ) -> None:
        loss = _own_loss(self, loss)
        super().__init__(name=name, reduction=reduction, dtype=dtype or loss.dtype)
        self.loss = loss
        self.scales = checks.sequence(self, "scales", scales, least=0)
        self.kernel = checks.choice(self, "kernel", kernel, ("gaussian", "cauchy"))
        for part in nested(loss) if any(scales) else []:
            for option in ("ignore_class", "missing_value"):
                if getattr(part, option, None) is not None:
                    checks.fail(
                        self,
                        f"`loss` must have no `{option}`, a number that would be smoothed with the labels; "
                        "take `Masked(MultiScale(loss), missing_value)`",
                        f"loss={loss!r}",
                    )

    def compute(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, mask: Tensor | None = None
    ) -> Tensor:
        y_true, y_pred = self._images(y_true, y_pred)
        # What does not count must not leak into its neighbours.
        included = mask
        if sample_weight is not None:
            sample_weight = checks.tensor(self, "sample_weight", sample_weight, self.compute_dtype)
            included = and_masks(included, sample_weight != 0)
        if included is not None:
            included = self.broadcast_from_left(included, y_pred)
            y_true, y_pred = ops.where(included, y_true, 0), ops.where(included, y_pred, 0)
        inner = self.inner
        value = self._mean(lambda *pair: inner.compute(*pair, sample_weight, mask), y_true, y_pred)
        return ops.cast(self.reduce(Evaluation(value, None, None)), self.dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self._mean(self.inner.call, *self._images(y_true, y_pred))

    def _images(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.convert_to_tensor(y_true, dtype=self.compute_dtype)
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.compute_dtype)
        checks.same_shape(self, y_true, y_pred)
        shape = tuple(y_pred.shape)
        if not 3 <= len(shape) <= 5 or None in shape[1:]:
            checks.fail(
                self,
                "`y_pred` must be images (batch, *size, channels) with 1 to 3 spatial axes of known length",
                f"y_pred.shape={shape}",
            )
        return y_true, y_pred

    def _mean(self, loss: Any, y_true: Tensor, y_pred: Tensor) -> Tensor:
        values = [loss(self._smooth(y_true, s), self._smooth(y_pred, s)) for s in self.scales]
        return sum(values) / len(values)

    def _smooth(self, x: Tensor, scale: float) -> Tensor:
        if scale == 0:
            return x
        kernel = ops.reshape(ops.convert_to_tensor(self._taps(scale), dtype=x.dtype), (-1, 1, 1, 1))
        shape = ops.shape(x)
        for axis in range(1, len(x.shape) - 1):
            # One axis at a time, as the height of images as wide as all the axes after it.
            picture = ops.reshape(x, (-1, x.shape[axis], math.prod(x.shape[axis + 1 :]), 1))
            x = ops.reshape(ops.conv(picture, kernel, padding="same", data_format="channels_last"), shape)
        return x

    def _taps(self, scale: float) -> list[float]:
        """The kernel along one axis."""
        if self.kernel == "gaussian":
            reach = math.floor(max(3 * scale, 0.5) + 0.5)
            factor = scale * math.sqrt(2 * math.pi)
            return [math.exp(-(x**2) / (2 * scale**2)) / factor for x in range(-reach, reach + 1)]
        reach = math.floor(5 * scale)
        taps = [1 / (1 + (x / scale) ** 2) for x in range(-reach, reach + 1)]
        total = sum(taps)
        return [tap / total for tap in taps]


@register
class Matryoshka(Wrapper):
    """A loss of the first entries of embeddings, of several lengths, so that they can be cut off later.

    Formula: `sum(w[m] * loss(y_true, n(y_pred, dimensions[m])))`, where `n(x, d)` holds the first d entries
    of x, divided by their Euclidean norm.

    Args:
        loss: A loss of embeddings or of single numbers (kinds label-embedding, tuple-embedding and element),
            or what `kerasloss.get` finds one by. It keeps its own reduction.
        dimensions: The lengths, integers >= 1. The whole embedding counts only if its length is among them.
        weights: As many numbers; None: all 1. They are not normalised.
        normalize: Whether what is left of an embedding is divided by its norm; a zero vector stays 0.
        truncate_target: Whether `y_true` holds embeddings that are cut as well (distillation); they are
            never normalised.
        reduction: Acts on the finished sum; a scalar is left as it is.
        name, dtype: See `kerasloss.Loss`; `dtype=None`: that of the wrapped loss.

    Shapes:
        `y_pred`: embeddings `(N, D)` or `(N, k, D)`, as the wrapped loss takes them. Returns what it returns.

    Raises:
        ValueError: If the loss is of another kind, an argument is out of range, a length is above D, or
            `y_pred` holds similarities in place of embeddings.

    Use it to store and search short embeddings at little cost, with full ones where they matter; not where D
    is small anyway. Each length costs one evaluation of the loss.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> loss = kerasloss.Matryoshka(kerasloss.CoSENT(scale=1.0), dimensions=(2, 1), weights=(1.0, 0.5))
    >>> round(float(loss(np.array([0.2, 1.0]), y_pred)), 4)
    1.2977

    Equivalents: sentence-transformers MatryoshkaLoss: `dimensions` is `matryoshka_dims`, `weights` is
    `matryoshka_weights`; it cuts labels that are embeddings: `truncate_target=True`.

    Reference: Kusupati et al., 2022, Matryoshka Representation Learning, NeurIPS.
    """

    def __init__(
        self,
        loss: Any,
        dimensions: Sequence[int],
        weights: Sequence[float] | None = None,
        normalize: bool = True,
        truncate_target: bool = False,
        reduction: Reduction = None,
        name: str | None = "matryoshka",
        dtype: DType = None,
    ) -> None:
        loss = _own_loss(self, loss)
        kinds = (None, "label-embedding", "tuple-embedding", "element")
        if loss.kind not in kinds:
            what = "`loss` must be of embeddings or numbers (label-embedding, tuple-embedding, element)"
            checks.fail(self, what, f"loss={loss!r}, kind {loss.kind!r}")
        super().__init__(name=name, reduction=reduction, dtype=dtype or loss.dtype)
        self.loss = loss
        checks.sequence(self, "dimensions", dimensions, least=1)
        self.dimensions = checks.integers(self, "dimensions", dimensions)
        if weights is not None and len(checks.sequence(self, "weights", weights)) != len(dimensions):
            checks.fail(self, f"`weights` must be as many as `dimensions`, {len(dimensions)}", f"{weights!r}")
        self.weights = weights
        self.normalize = checks.boolean(self, "normalize", normalize)
        self.truncate_target = checks.boolean(self, "truncate_target", truncate_target)

    def compute(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, mask: Tensor | None = None
    ) -> Tensor:
        value = self._sum(lambda inner, *pair: inner.compute(*pair, sample_weight, mask), y_true, y_pred)
        return ops.cast(self.reduce(Evaluation(value, None, None)), self.dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self._sum(lambda inner, *pair: inner.call(*inner.prepare(*pair)), y_true, y_pred)

    def _sum(self, value: Callable, y_true: Any, y_pred: Any) -> Tensor:
        """The weighted sum of `value(loss, y_true, y_pred)` of all lengths."""
        inner = self.inner
        y_pred = checks.tensor(self, "y_pred", y_pred, inner.compute_dtype)
        if self.truncate_target:
            y_true = checks.tensor(self, "y_true", y_true)
        self._check(y_true, y_pred)
        total = 0.0
        for length, weight in zip(self.dimensions, self._weights(), strict=True):
            embeddings = y_pred[..., :length]
            if self.normalize:
                embeddings = unit(embeddings, -1)
            target = y_true[..., :length] if self.truncate_target else y_true
            total = total + weight * value(inner, target, embeddings)
        return total

    def _weights(self) -> Sequence[float]:
        return [1.0] * len(self.dimensions) if self.weights is None else self.weights

    def _check(self, y_true: Any, y_pred: Tensor) -> None:
        shape = tuple(y_pred.shape)
        if len(shape) < (3 if isinstance(self.loss, TupleLoss) else 2):
            what = "`y_pred` must hold embeddings, on whose last axis the lengths are taken"
            checks.fail(self, what, f"y_pred.shape={shape}")
        if max(self.dimensions) > shape[-1]:
            what = f"`dimensions` must be at most {shape[-1]}, the length of the embeddings"
            checks.fail(self, what, f"dimensions={self.dimensions!r}, y_pred.shape={shape}")
        if self.truncate_target and not checks.lengths_match(tuple(y_true.shape)[-1:], shape[-1:]):
            what = "`y_true` must hold embeddings of the length of `y_pred`, with `truncate_target`"
            checks.fail(self, what, f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={shape}")


def _own_loss(owner: Loss, loss: Any) -> Loss:
    """A loss of this library, which can be called with a mask."""
    found = checked_loss(owner, "loss", loss)
    if not all(isinstance(part, Loss) for part in nested(found)):
        checks.fail(
            owner, "`loss` must be a loss of kerasloss, and so must all losses in it", f"loss={loss!r}"
        )
    return found
