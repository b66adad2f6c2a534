"""Distances and similarities of all pairs, and masks of them."""

from collections.abc import Callable
from typing import Annotated, TypeAlias

from keras import ops

from kerasloss.core import checks
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import (
    ABSENT,
    absolute,
    cosine,
    is_float64,
    logsumexp,
    norm,
    safe_sqrt,
    unit,
    weighted_mean,
)

DISTANCES = ("euclidean", "squared_euclidean", "cosine", "manhattan")
MATRIX_DISTANCES = DISTANCES[:3]
"""Those that come from matrix products."""


def checked_distance(loss: Loss, name: str, value: str | Callable) -> str | Callable:
    """A name in `DISTANCES` or a function `(N, D), (N, D) -> (N,)`."""
    return value if callable(value) else checks.choice(loss, name, value, DISTANCES)


def checked_matrix_distance(loss: Loss, name: str, value: str | Callable) -> str | Callable:
    """A name in `MATRIX_DISTANCES` or a function `(N, D), (M, D) -> (N, M)`."""
    return value if callable(value) else checks.choice(loss, name, value, MATRIX_DISTANCES)


Distance: TypeAlias = Annotated[str | Callable, checked_distance]
MatrixDistance: TypeAlias = Annotated[str | Callable, checked_matrix_distance]


def distance(name: str | Callable, x: Tensor, y: Tensor) -> Tensor:
    """The distance between the vectors on the last axis; a distance of 0 has gradient 0."""
    if callable(name):
        return name(x, y)
    if name == "cosine":
        return 1 - cosine(x, y, -1)
    if name == "manhattan":
        return ops.sum(absolute(x - y), axis=-1)
    return ops.sum(ops.square(x - y), axis=-1) if name == "squared_euclidean" else norm(x - y, -1)


def points(name: str | Callable, x: Tensor, present: Tensor | None) -> Tensor:
    """Rows prepared for `distance_matrix`: of norm 1 for cosines, else around 0, which keeps the digits."""
    if callable(name):
        return x
    if name == "cosine":
        return unit(x, -1)
    weight = None if present is None else ops.cast(ops.expand_dims(present, -1), x.dtype)
    return x - ops.expand_dims(weighted_mean(x, weight, 0), 0)


def distance_matrix(name: str | Callable, x: Tensor, y: Tensor) -> Tensor:
    """The distances `(N, M)` of all rows of `x` from all rows of `y`, which `points` prepared."""
    if callable(name):
        return name(x, y)
    if name == "cosine":
        return 1 - products(x, y)
    return (squared_distances if name == "squared_euclidean" else distances)(x, y)


def products(x: Tensor, y: Tensor) -> Tensor:
    """The inner products of all rows of `x` with all rows of `y`."""
    return ops.einsum("...id,...jd->...ij", x, y)  # Keras's matmul computes float64 in float32


def squared_distances(x: Tensor, y: Tensor, inner: Tensor | None = None) -> Tensor:
    """The squared Euclidean distances of all rows, from their inner products; never negative.

    Right to about 1e-7 of the squared lengths: rows whose mean is 0 keep the most digits.
    """
    squared = _lengths(x, y) - 2 * (products(x, y) if inner is None else inner)
    return squared + ops.relu(-ops.stop_gradient(squared))


def distances(x: Tensor, y: Tensor, inner: Tensor | None = None) -> Tensor:
    """The Euclidean distances of all rows; 0, with gradient 0, where rounding hides the difference.

    NaN and infinite ones are kept.
    """
    smallest = 1e-14 if is_float64(x) else 1e-6
    squared = squared_distances(x, y, inner)
    return safe_sqrt(ops.where(squared < smallest * _lengths(x, y), 0, squared))


def _lengths(x: Tensor, y: Tensor) -> Tensor:
    """The sums of the squared lengths of all pairs of rows."""
    x, y = (ops.sum(ops.square(z), axis=-1) for z in (x, y))
    return ops.expand_dims(x, -1) + ops.expand_dims(y, -2)


def kept(x: Tensor, mask: Tensor | None, other: float) -> Tensor:
    """`x`, `other` where not `mask`; None: all are kept."""
    return x if mask is None else ops.where(mask, x, other)


def masked_logsumexp(x: Tensor, mask: Tensor | None, axis: int) -> Tensor:
    """`log(sum(exp(x)))` over the entries of `mask` (None: all); about `ABSENT` if it is empty."""
    return logsumexp(x, axis, mask)


def masked_max(x: Tensor, mask: Tensor, axis: int) -> Tensor:
    """The largest entry of `mask`; `ABSENT` if it is empty."""
    return ops.amax(ops.where(mask, x, ABSENT), axis=axis)


def masked_min(x: Tensor, mask: Tensor, axis: int) -> Tensor:
    """The smallest entry of `mask`; `-ABSENT` if it is empty."""
    return ops.amin(ops.where(mask, x, -ABSENT), axis=axis)


def masked_sum(x: Tensor, mask: Tensor | None, axis: int) -> Tensor:
    """The sum over the entries of `mask` (None: all), whatever the others are."""
    return ops.sum(kept(x, mask, 0), axis=axis)


def count(mask: Tensor, like: Tensor) -> Tensor:
    """The number of True entries of each row, in the dtype of `like`."""
    return ops.sum(ops.cast(mask, like.dtype), axis=1)


def identity(x: Tensor) -> Tensor:
    """True on the diagonal of the `(N, N)` matrix of the pairs of samples of `x`."""
    return itself(ops.arange(ops.shape(x)[0], dtype="int32"), x)


def itself(index: Tensor, x: Tensor) -> Tensor:
    """True where a row with this index in `x` meets itself, `(A, N)`."""
    return ops.equal(ops.expand_dims(index, 1), ops.arange(ops.shape(x)[0], dtype="int32"))
