"""Losses of the logits of a linear head, which exist for one chunk of rows at a time."""

from collections.abc import Callable, Sequence

from keras import ops

from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import custom_gradient, safe_divide, scale_to_one
from kerasloss.core.rows import scan_rows, shards


def logits(hidden: Tensor, head: Sequence[Tensor], product: str) -> Tensor:
    """`hidden @ kernel + bias`, with the product in the dtype `product` and the rest in that of `hidden`."""
    kernel, *bias = head
    x = ops.cast(hidden, product) @ ops.cast(kernel, product)  # Keras's matmul computes float64 in float32
    x = ops.cast(x, hidden.dtype)
    return x + ops.cast(bias[0], hidden.dtype) if bias else x


def of_head(
    value: Callable,
    slope: Callable,
    hidden: Tensor,
    head: Sequence[Tensor],
    rows: Sequence[Tensor],
    constants: Sequence[Tensor],
    product: str,
    chunk: int,
    weight: Tensor | None = None,
) -> Tensor:
    """`value(x, *rows, *constants)`, `(N,)`, of the logits x, with the gradients of hidden states and head.

    `slope(x, *rows, *constants)`, `(N, V)`, is the gradient of each value by its logits. `rows` are tensors
    of N rows, which come in chunks, and `constants` tensors that come whole. They get no gradient.

    The backward pass computes the logits again, so that there are four products in all. With a `weight`
    `(N,)` there are three: it says what the gradient by the values will be, but for a common factor, and the
    other gradients are computed with the values.
    """
    weight = [] if weight is None else [scale_to_one(weight, 0)]  # its square must be finite, and not 0
    shared = shards(hidden.shape[0])
    groups = ([hidden], head, rows, constants, weight)

    @custom_gradient
    def values(*inputs: Tensor) -> tuple[Tensor, Callable]:
        rest = iter(inputs)
        (hidden,), head, rows, constants, weight = ([next(rest) for _ in group] for group in groups)
        dtype = hidden.dtype

        def grouped(x: Tensor) -> Tensor:
            return x if shared == 1 else ops.reshape(x, (shared, -1, x.shape[-1]))

        def backward(total: list[Tensor], x: Tensor, hidden: Tensor, weight: Tensor, rows: list) -> Tensor:
            """Adds the gradients of the head to `total`, and returns that of the hidden states."""
            slopes = slope(x, *rows, *constants)
            if len(head) == 2:
                total[1] += ops.sum(grouped(weight * slopes), axis=-2)
            slopes = ops.cast(slopes, product)
            weighted = ops.swapaxes(grouped(ops.cast(weight * hidden, product)), -1, -2)
            total[0] += ops.cast(weighted @ grouped(slopes), dtype)  # in place on PyTorch
            return weight * ops.cast(slopes @ ops.transpose(ops.cast(head[0], product)), dtype)

        # Steps of `scan_rows`, from a chunk of hidden states and their weights: values alone, gradients and
        # values, and gradients alone.
        def evaluated(total, outputs, *rows):
            x = logits(outputs[0], head, product)
            return total, [ops.expand_dims(value(x, *rows, *constants), -1)]

        def differentiated(total, outputs, *rows):
            x = logits(outputs[0], head, product)
            of_hidden = backward(total, x, *outputs, rows)
            return total, [of_hidden, ops.expand_dims(value(x, *rows, *constants), -1)]

        def recomputed(total, outputs, *rows):
            x = logits(outputs[0], head, product)
            return total, [backward(total, x, *outputs, rows), outputs[1]]

        def zeros():
            axis = () if shared == 1 else (shared,)  # added at the end, once
            return [ops.zeros((*axis, *x.shape), dtype=dtype) for x in head]

        if not weight:
            _, (result,) = scan_rows(evaluated, [], [hidden], rows, chunk, shared)
        else:
            outputs = [hidden, ops.expand_dims(weight[0], -1)]
            known, (of_hidden, result) = scan_rows(differentiated, zeros(), outputs, rows, chunk, shared)

        def gradient(upstream: Tensor) -> tuple:
            if not weight or is_differentiated(hidden, *head, default=False):
                # Also for a second derivative on PyTorch, which needs the operations that lead here.
                outputs = [hidden, ops.expand_dims(upstream, -1)]
                total, (of_rows, _) = scan_rows(recomputed, zeros(), outputs, rows, chunk, shared)
            else:
                factor = safe_divide(ops.sum(upstream * weight[0]), ops.sum(ops.square(weight[0])))
                total, of_rows = [factor * x for x in known], factor * of_hidden
            if shared > 1:
                total = [ops.sum(x, axis=0) for x in total]
            total = [ops.cast(x, y.dtype) for x, y in zip(total, head, strict=True)]
            return of_rows, *total, *[None] * (len(inputs) - 1 - len(head))

        return result[:, 0], gradient

    return values(*(x for group in groups for x in group))


def is_differentiated(*tensors: Tensor, default: bool = True) -> bool:
    """Whether gradients of what is computed from these tensors can be asked for: PyTorch can tell."""
    return any(getattr(ops.sum(x[:1]), "requires_grad", default) for x in tensors)
