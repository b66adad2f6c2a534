"""Hidden states and the weights of a linear head, in place of logits."""

from typing import Any, ClassVar, NamedTuple

import keras
from keras import ops

from kerasloss.core import checks
from kerasloss.core.heads import is_differentiated, logits, of_head
from kerasloss.core.kinds.classes import ClassLoss
from kerasloss.core.labels import integers
from kerasloss.core.loss import Evaluation, Tensor, and_masks, combined_weights, keras_mask

CHUNK = 2**22
"""How many logits a chunk holds, about: 16 MB."""


def rows_of_chunk(width: int, count: int) -> int:
    """Rows of a chunk for kernels `(width, count)`: the logits of 16 MB, but at least 128 to 512.

    Each chunk reads the kernel and adds to its gradient, which takes the longer, compared with the products,
    the fewer rows it has; with half as many rows as hidden units its logits are half as large as the kernel.
    """
    return max(CHUNK // count, min(512, max(128, width // 2)))


class HiddenAndHead(NamedTuple):
    """What `y_pred` holds of a model: its hidden states, and its head."""

    hidden: Tensor
    head: list[Tensor]
    """The kernel and, if there is one, the bias."""


class HiddenLoss(ClassLoss):
    """A loss of token ids and of the logits of a linear head, which exist for a chunk of rows at a time.

    Override `value(x, ids)`, from the logits `(rows, V)` and the ids `(rows,)` of a chunk to `(rows,)`, and
    `slope(x, ids)`, the gradient of each value by its logits.
    """

    kind = "hidden"
    activation = "any"
    growth = "head"

    chunk_size = None

    expected: ClassVar[str] = "(hidden, kernel) or (hidden, kernel, bias)"
    """What `y_pred` must be, for messages."""

    hint: ClassVar[str] = ""
    """What else might be meant, at their end."""

    model_count: ClassVar[int] = 1
    """How many models `y_pred` holds, one after the other. The first one gets gradients; the logits of the
    others are further arguments of `value` and `slope`."""

    def value(self, x: Tensor, ids: Tensor) -> Tensor:
        """The values of a chunk."""
        raise NotImplementedError

    def slope(self, x: Tensor, ids: Tensor) -> Tensor:
        """The gradient of each value by its logits; NaN for an id that is no class."""
        raise NotImplementedError

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None, training: bool = True) -> Tensor:
        """The loss; with `training=False`, where nobody asks for its gradient, without the work for that."""
        mask = keras_mask(y_pred[0]) if isinstance(y_pred, (list, tuple)) and len(y_pred) else None
        with keras.name_scope(self.name):
            return self.compute(y_true, y_pred, sample_weight, mask, training)

    def compute(
        self,
        y_true: Any,
        y_pred: Any,
        sample_weight: Any = None,
        mask: Tensor | None = None,
        training: bool = True,
    ) -> Tensor:
        student, *others = self.models_in(y_pred)
        others = [
            HiddenAndHead(ops.stop_gradient(hidden), [ops.stop_gradient(x) for x in head])
            for hidden, head in others
        ]
        # A mean or a sum tells what the gradient by each value will be, but for a factor.
        is_known = self.reduction not in (None, "none") and not callable(self.reduction)
        is_known = is_known and training and is_differentiated(student.hidden, *student.head)
        return super().compute(
            y_true, student.hidden, sample_weight, mask, models=(student, *others), is_known=is_known
        )

    def models_in(self, y_pred: Any) -> list[HiddenAndHead]:
        """The models that `y_pred` holds, with checked shapes."""
        if not isinstance(y_pred, (list, tuple)):
            checks.fail(self, f"`y_pred` must be {self.expected}{self.hint}", type(y_pred).__name__)
        rest = [checks.tensor(self, "y_pred", x) for x in y_pred if x is not None]
        shapes, found = [tuple(x.shape) for x in rest], []
        while rest:
            end = 3 if len(rest) > 2 and len(rest[2].shape) == 1 else 2
            # Not the variables themselves, of which TensorFlow would want the gradient in a way of its own.
            found.append(HiddenAndHead(rest[0], [ops.reshape(x, tuple(x.shape)) for x in rest[1:end]]))
            rest = rest[end:]
        classes = {tuple(x.shape)[-1:] for model in found for x in model.head}
        positions = [tuple(model.hidden.shape)[:-1] for model in found]
        same = all(checks.lengths_match(one, positions[0]) for one in positions)
        if len(found) != self.model_count or len(classes) != 1 or not same or not all(map(_fits, found)):
            checks.fail(
                self,
                f"`y_pred` must be {self.expected}, of shapes (batch, ..., D), (D, V) and (V,){self.hint}",
                f"shapes {', '.join(map(str, shapes))}",
            )
        return found

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, positions = integers(y_true), tuple(y_pred.shape)[:-1]
        if checks.lengths_match(tuple(y_true.shape), positions + (1,)):
            y_true = ops.squeeze(y_true, -1)
        elif not checks.lengths_match(tuple(y_true.shape), positions):
            checks.fail(
                self,
                f"`y_true` must hold token ids of shape {positions}",
                f"y_true.shape={tuple(y_true.shape)}, hidden.shape={tuple(y_pred.shape)}",
            )
        return y_true, y_pred

    def evaluate(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
        mask: Tensor | None = None,
        *,
        models: tuple[HiddenAndHead, ...],
        is_known: bool = False,
    ) -> Evaluation:
        weight = None
        if is_known or len(models) > 1:
            weight = combined_weights(
                sample_weight, and_masks(mask, self.counts(y_true, y_pred)), y_pred.dtype
            )
            ones = ops.ones(ops.shape(y_true), dtype=y_pred.dtype)
            weight = ones if weight is None else ones * self.broadcast_from_left(weight, ones)
            # The inputs of the first model are taken out by the base, those of the others here.
            models = models[:1] + tuple(
                model._replace(hidden=self._select_from_left(weight != 0, model.hidden))
                for model in models[1:]
            )
        weight = weight if is_known else None
        return super().evaluate(y_true, y_pred, sample_weight, mask, models=models, weight=weight)

    def call(
        self, y_true: Tensor, y_pred: Tensor, models: tuple[HiddenAndHead, ...], weight: Tensor | None
    ) -> Tensor:
        (hidden, head), *others = models
        # The other models' logits are computed for a chunk, too.
        heads = [len(head) for _, head in others]
        product = _product_dtype(hidden, self.compute_dtype)

        def with_logits(function):
            def of_chunk(x, ids, *rest):
                states, weights = rest[: len(heads)], rest[len(heads) :]
                further = []
                for state, count in zip(states, heads, strict=True):
                    further.append(logits(state, weights[:count], product))
                    weights = weights[count:]
                return function(x, ids, *further)

            return of_chunk

        rows = [ops.cast(_rows(x), y_pred.dtype) for x, _ in others]
        values = of_head(
            with_logits(self.value),
            with_logits(self.slope),
            _rows(y_pred),
            head,
            [ops.reshape(y_true, (-1,)), *rows],
            [x for _, head in others for x in head],
            product=product,
            chunk=self.chunk_size or rows_of_chunk(*head[0].shape) // self.model_count,
            weight=None if weight is None else ops.reshape(weight, (-1,)),
        )
        return ops.reshape(values, ops.shape(y_true))


def _fits(model: HiddenAndHead) -> bool:
    """Whether the shapes are (batch, ..., D), (D, V) and (V,)."""
    hidden, *head = (tuple(x.shape) for x in (model.hidden, *model.head))
    return len(hidden) > 1 and len(head) > 0 and len(head[0]) == 2 and hidden[-1] == head[0][0]


def _rows(hidden: Tensor) -> Tensor:
    return ops.reshape(hidden, (-1, hidden.shape[-1]))


def _product_dtype(hidden: Tensor, compute_dtype: str) -> str:
    """Half types are multiplied as such, as a `Dense` layer does it: other units of the hardware do that."""
    dtype = keras.backend.standardize_dtype(hidden.dtype)
    return dtype if dtype in ("float16", "bfloat16") else compute_dtype
