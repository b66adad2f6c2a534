"""Losses of tagged sequences: a class for each token, one by one or as a chain."""

from typing import Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.alignment import check_lengths, to_front
from kerasloss.core.chain import joined, log_partition, score
from kerasloss.core.configuration import ClassIds, ClassWeight, Fraction
from kerasloss.core.kinds.crossentropy import SoftmaxCrossentropy
from kerasloss.core.labels import counts_of_classes, integers, not_ignored, safe_ids
from kerasloss.core.loss import Evaluation, Loss, Tensor, and_masks, append_axes
from kerasloss.core.numerics import nan_unless, safe_divide
from kerasloss.core.registry import register


@register
class TokenCrossentropy(SoftmaxCrossentropy):
    """Softmax cross-entropy of sequences: one value per token, or per sequence.

    Formula: `w[y] * (1 - a) * -log(p[y]) + a / C * sum(w[c] * -log(p[c]))` for each token, with
    `a = label_smoothing` and class weights w; over the tokens t of a sequence, `sum(value[t])`, or
    `sum(value[t]) / sum(w[y[t]])`.

    Args:
        from_logits: Whether `y_pred` holds logits (p is their softmax, never clipped) or probabilities,
            which are divided by their sum and clipped to [1e-7, 1 - 1e-7] as in Keras.
        ignore_class: An id, or several, whose tokens don't count; any integer (-100, 255).
        axis: The class axis of `y_pred`, of length C >= 2.
        class_weight: C floats >= 0, one for each class. `average="tokens"` leaves the division by their sum
            to `reduction="mean_with_sample_weight"`.
        label_smoothing: Share of the uniform distribution in the labels, in [0, 1].
        average: `"tokens"`: a value per token, so that each counts the same in the mean of the batch.
            `"sequences"`: the mean of each sequence over its own tokens. `"sum"`: the sum of each sequence.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids `(batch, T)`, `(batch, T, 1)`, or one-hot / soft `(batch, T, C)`; `y_pred`:
        `(batch, T, C)`; T may be several axes. Returns `(batch, T)`, or `(batch,)` unless
        `average="tokens"`; weights have the same shape. A sequence without a token doesn't count.

    Raises:
        ValueError: If an argument is out of range, `class_weight` does not have C entries, the shapes don't
            match, or there is a single output. An id outside [0, C) that is not ignored gives NaN.

    Use it for a tag or the next token at each position; not where neighbouring tags depend on each other
    (`LinearChainCRF`). Long sequences rule the mean of tokens, not that of sequences.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.TokenCrossentropy(from_logits=True, ignore_class=-1, average="sequences")
    >>> logits = np.array([[[1.0, 2.0, 0.0], [0.0, 0.0, 3.0], [1.0, 1.0, 1.0]]])
    >>> round(float(loss(np.array([[1, 2, -1]]), logits)), 4)
    0.2513

    Equivalents: TFA `sequence_loss` (a mean by its weights): `from_logits=True`, the weights as
    `sample_weight` with `reduction="mean_with_sample_weight"`; its mean over time alone, with weights 0 and
    1: `average="sequences", reduction=None`. Its means over the batch for each time step are not offered.

    Reference: Sutskever, Vinyals & Le, 2014, Sequence to Sequence Learning with Neural Networks, NeurIPS.
    """

    only_ids = True

    from_logits: bool = False
    ignore_class: ClassIds | None = None
    axis: int = -1
    class_weight: ClassWeight | None = None
    label_smoothing: Fraction = 0.0
    average: Literal["tokens", "sequences", "sum"] = "tokens"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if self.average != "tokens" and len(y_pred.shape) < 3:
            what = f'`y_pred` must have 3 axes or more (batch, T, C) with `average="{self.average}"`'
            checks.fail(self, what, f"y_pred.shape={tuple(y_pred.shape)}")
        return super().prepare(y_true, y_pred)

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return super().entry_axes(y_pred) if self.average == "tokens" else list(range(1, len(y_pred.shape)))

    def counts(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor | None:
        tokens = self._tokens(y_true, y_pred, mask)
        if tokens is None or self.average == "tokens":
            return tokens
        return ops.any(ops.reshape(tokens, (ops.shape(tokens)[0], -1)), axis=1)

    def evaluate(self, *args: Any, **kwargs: Any) -> Evaluation:
        evaluation = super().evaluate(*args, **kwargs)
        # The weights are those of tokens; the value of a sequence is not divided by them again.
        return evaluation if self.average == "tokens" else evaluation._replace(own_weight=None)

    def call(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor:
        if self.average == "tokens":
            return super().call(y_true, y_pred)
        tokens = self._tokens(y_true, y_pred, mask)
        if tokens is not None:
            y_true, y_pred = self._select_tokens(tokens, y_true), self._select_tokens(tokens, y_pred)
        values = super().call(y_true, y_pred)
        weight = self.own_weight(y_true, y_pred)
        weight = ops.ones_like(values) if weight is None else weight
        if tokens is not None:
            values, weight = ops.where(tokens, values, 0), ops.where(tokens, weight, 0)
        axes = tuple(range(1, len(values.shape)))
        total = ops.sum(values, axis=axes)
        return total if self.average == "sum" else safe_divide(total, ops.sum(weight, axis=axes))

    def _tokens(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None) -> Tensor | None:
        """Which tokens count, with the axes of the tokens; None: all."""
        if mask is not None:
            mask = append_axes(mask, len(y_pred.shape) - 1)
        return and_masks(mask, counts_of_classes(y_true, y_pred, self.axis, self.ignore_class))

    def _select_tokens(self, tokens: Tensor, x: Tensor) -> Tensor:
        """`x` with ones, which are safe as a class, a probability or a logit, where no token counts."""
        axis = self.axis % len(x.shape) if len(x.shape) > len(tokens.shape) else None
        included = tokens if axis is None else ops.expand_dims(tokens, axis)
        return ops.where(included, x, ops.ones((), dtype=x.dtype))


@register
class LinearChainCRF(Loss):
    """Tags that depend on their neighbours: the negative log-likelihood of a conditional random field.

    Formula: `log(sum(exp(score(z)))) - score(y)` over all chains of tags z, with
    `score(y) = start[y[1]] + sum(E[t, y[t]]) + sum(A[y[t - 1], y[t]]) + end[y[T]]`.

    Args:
        ignore_class: A tag, or several, whose positions are skipped: the chain joins their neighbours. Any
            integer.
        normalize_by_length: Divide each value by the number of its tags.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: tags `(N, T)`; `y_pred`: `(N, C + 2 + T, C)`, as `kerasloss.layers.CRFTransitions` packs it:
        on axis 1 the C rows of the transitions A (from, to), the scores of the first and of the last tag, and
        the T rows of E. A mask has C + 2 + T entries too; masked positions are skipped. Returns `(N,)`. A
        sequence without a tag doesn't count.

    Raises:
        ValueError: If an argument is not allowed, the shapes don't match, or T is not known. A tag outside
            [0, C) that is not ignored gives NaN.

    Use it for entities, parts of speech and segments, behind `CRFTransitions`, which trains the scores of
    transitions and finds the best tags; not where tags are independent of each other (`TokenCrossentropy`).
    Time grows with T C^2.

    Example:

    >>> import keras, kerasloss, numpy as np
    >>> packed = np.array([[[0.5, -0.5], [0, 1], [0.2, 0], [0, 0.3], [1, 0], [0, 2]]])
    >>> round(float(kerasloss.LinearChainCRF()(np.array([[0, 1]]), packed)), 4)
    0.9829

    The tags of a trained model are found by its last layer. What `predict` returns has no mask, so `decode`
    is told which positions there are; the others get -1. Of a model that was loaded the layer is
    `model.layers[-1]`.

    >>> chain = kerasloss.layers.CRFTransitions(transitions_initializer="zeros")
    >>> model = keras.Sequential([keras.Input((3, 2)), chain])
    >>> model.compile("adam", loss=kerasloss.LinearChainCRF())
    >>> x, mask = np.array([[[1.0, 0], [0, 2], [3, 0]]]), np.array([[True, True, False]])
    >>> print(keras.ops.convert_to_numpy(chain.decode(model.predict(x, verbose=0), mask)))
    [[ 0  1 -1]]

    Equivalents: pytorch-crf `CRF`, times -1: the default; its `reduction="token_mean"`:
    `normalize_by_length=True, reduction="mean_with_sample_weight"` with the lengths as `sample_weight`. TFA
    `crf_log_likelihood`, times -1: without `use_boundaries` in the layer.

    Reference: Lafferty, McCallum & Pereira, 2001, Conditional Random Fields, ICML.
    """

    growth = "matrix"
    kind = "sequence"
    whole_samples = True
    activation = "linear"

    ignore_class: ClassIds | None = -1
    normalize_by_length: bool = False

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = integers(y_true)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        fits = len(true_shape) == 2 and len(pred_shape) == 3
        if fits and None not in (true_shape[1], pred_shape[1]):
            fits = pred_shape[1] == pred_shape[2] + 2 + true_shape[1]
        if not fits or not checks.lengths_match(true_shape[:1], pred_shape[:1]):
            checks.fail(
                self,
                "`y_true` must have shape (N, T) and `y_pred` (N, C + 2 + T, C): on axis 1 C rows of "
                "transitions, the first and the last scores, and T rows of emissions, as "
                "`kerasloss.layers.CRFTransitions` packs them",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        check_lengths(self, y_true, y_pred)
        checks.filled(self, y_true, y_pred)
        return y_true, y_pred

    def counts(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor | None:
        tags = self._tags(y_true, y_pred, mask)
        return None if tags is None else ops.any(tags, axis=1)

    def call(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None = None) -> Tensor:
        tags = self._tags(y_true, y_pred, mask)
        every = ops.ones_like(y_true, dtype="bool")
        if tags is not None:
            tags = ops.logical_and(tags, every)
            y_true = to_front(y_true, tags)
            y_pred, every = joined(y_pred, tags)
        count = ops.sum(ops.cast(every, "int32"), axis=1)
        ids, is_class = safe_ids(y_true, y_pred.shape[2])
        values = log_partition(y_pred, every) - score(ids, y_pred, count)
        if self.normalize_by_length:
            values = values / ops.cast(ops.maximum(count, ops.ones_like(count)), values.dtype)
        return nan_unless(ops.all(is_class, axis=1), values)

    def _tags(self, y_true: Tensor, y_pred: Tensor, mask: Tensor | None) -> Tensor | None:
        """Which positions are in the chain; None: all."""
        if mask is not None:
            packed = len(mask.shape) == 2 and mask.shape[1] != 1
            mask = mask[:, y_pred.shape[2] + 2 :] if packed else ops.reshape(mask, (-1, 1))
        return and_masks(mask, not_ignored(y_true, self.ignore_class))
