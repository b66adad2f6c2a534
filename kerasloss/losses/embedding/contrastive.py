"""Losses that find the partner of each embedding among all those of the batch."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.blocks import by_rows
from kerasloss.core.configuration import NonNegative, Positive
from kerasloss.core.kinds.in_batch import InBatchLoss
from kerasloss.core.kinds.label_embedding import (
    Average,
    EmbeddingLoss,
    Pairs,
    PairTermLoss,
    counted_anchors,
)
from kerasloss.core.kinds.views import BatchViewLoss
from kerasloss.core.labels import no_labels
from kerasloss.core.loss import Tensor, and_masks
from kerasloss.core.numerics import is_float, logsumexp, mean, repeat_rows, safe_divide, softplus, unit
from kerasloss.core.pairwise import count, itself, kept, masked_logsumexp, masked_sum, products
from kerasloss.core.registry import register


class _Cosines(InBatchLoss):
    """Logits that are cosines divided by `temperature`."""

    temperature = 1.0

    def embed(self, x: Tensor) -> Tensor:
        return unit(x, -1)

    def logits(self, queries: Tensor, keys: Tensor) -> Tensor:
        return products(queries / self.temperature, keys)


@register
class CLIP(_Cosines):
    """Matches each image with its text among all texts of the batch, and each text with its image.

    Formula: `(logsumexp_j(z[i, j]) + logsumexp_j(z[j, i])) / 2 - z[i, i]` with
    `z[i, j] = cos(a[i], b[j]) / temperature`.

    Args:
        temperature: What cosines are divided by, > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: embeddings of images and texts `(N, 2, D)`, or their logits z `(N, N)`,
        which are used as they are. Returns `(N,)`. Sample weights weigh rows; a row of weight 0 is still a
        candidate for the others, a masked one is not.

    Raises:
        ValueError: If `temperature` is not > 0 or the shape is wrong.

    Use it for pairs of two kinds (image and text, question and answer), in large batches: above some 1,400
    rows the matrix of logits is never held as a whole. Not where a batch holds several partners of a row.
    N = 1 gives 0. For a learned temperature, hand it the logits of `layers.PairwiseLogits`.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.CLIP(temperature=0.5, reduction=None)(np.zeros(2), y_pred)).round(4))
    [0.8595 0.7417]

    Equivalents: open_clip ClipLoss, of unit vectors: `temperature=1/logit_scale`. sentence-transformers
    MultipleNegativesSymmetricRankingLoss: `temperature=0.05`, 1 / `scale`. One direction, or hard negatives:
    `MultipleNegativesRanking`.

    Reference: Radford et al., 2021, Learning Transferable Visual Models From Natural Language Supervision,
    ICML.
    """

    roles = "image, text"

    temperature: Positive = 0.07

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        return self.crossentropy(y_pred, present, symmetric=True), None


@register
class SigLIP(_Cosines):
    """Tells for each image and each text of the batch whether they belong together.

    Formula: `sum_j(softplus(-s[i, j] * z[i, j]))` with `z[i, j] = cos(a[i], b[j]) / temperature + bias`;
    s is 1 for partners, i = j, and -1 for all others.

    Args:
        temperature: What cosines are divided by, > 0.
        bias: The number added to all logits; negative, since most pairs don't belong together.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: embeddings of images and texts `(N, 2, D)`, or their logits z `(N, N)`,
        which are used as they are. Returns `(N,)`. Sample weights weigh rows; a row of weight 0 is still a
        candidate for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it in place of `CLIP`: pairs are judged one by one, which works in small batches too. Not where a
    batch holds several partners of a row. For a learned temperature and bias, hand it the logits of
    `layers.PairwiseLogits`.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> loss = kerasloss.SigLIP(temperature=0.5, bias=-1.0, reduction=None)
    >>> print(np.array(loss(np.zeros(2), y_pred)).round(4))
    [1.5197 1.5448]

    Equivalents: open_clip SigLipLoss, of unit vectors: `temperature=1/logit_scale`, `bias=logit_bias`.
    keras-hub SigLIPLoss: the logits; it needs labels, 1 for partners and -1 elsewhere.

    Reference: Zhai, Mustafa, Kolesnikov & Beyer, 2023, Sigmoid Loss for Language Image Pre-Training, ICCV.
    """

    roles = "image, text"

    temperature: Positive = 0.1
    bias: float = -10.0

    def logits(self, queries: Tensor, keys: Tensor) -> Tensor:
        return super().logits(queries, keys) + self.bias

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        def block(z: Tensor, itself: Tensor, there: Tensor | None) -> tuple[Tensor]:
            z = kept(z, there, 0)
            return (masked_sum(softplus(ops.where(itself, -z, z)), there, axis=1),)

        return self.by_query(block, self.embedded(y_pred), present)[0], None


def _log_totals(
    x: Tensor, there: Tensor | None, temperature: float, own_views: bool
) -> tuple[Tensor, Tensor]:
    """For each sample: the mean over its two views of `logsumexp(cos / temperature)` over those of others.

    With `own_views` over the other view of its own sample too. And the cosine of its two views, divided by
    the temperature. Both are `(N,)`; `there` says which samples are, None: all.
    """
    x = unit(x, -1)
    views = ops.reshape(x, (-1, x.shape[-1]))

    def block(index: Tensor, x: Tensor, y: Tensor, *there: Tensor) -> tuple[Tensor]:
        own = itself(index, y)
        if not own_views:
            own = ops.logical_or(own, itself(index + 1 - 2 * (index % 2), y))  # views stand side by side
        mask = ops.logical_not(own)
        if there:
            mask = ops.logical_and(mask, there[0])
        return (masked_logsumexp(products(x / temperature, y), mask, axis=1),)

    there = [] if there is None else [repeat_rows(there, 2)]
    (totals,) = by_rows(block, [views], [views, *there])
    similarity = ops.sum(x[:, 0] * x[:, 1], axis=-1) / temperature
    return mean(ops.reshape(totals, (-1, 2)), axis=1), similarity


@register
class NTXent(PairTermLoss):
    """Finds the other view of each sample among all views of the batch (SimCLR), or its classmates.

    Formula: `logsumexp_j(s(a, j)) - s(a, p)`, with `s = cos / temperature`, over all other views j; the mean
    of both views a, of which p is the other one. With labels
    `log(exp(s(a, p)) + sum(exp(s(a, n)))) - s(a, p)`, over the negatives n; the mean over the pairs (a, p).

    Args:
        temperature: What cosines are divided by, > 0.
        average: With labels, the mean: `"valid"`, over all pairs; `"active"`, over those above 0;
            `"anchor"`, over those of each anchor, and then over all anchors.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: With labels, an id, or several, of samples that are absent (padding).

    Shapes:
        `y_pred`: two views `(N, 2, D)`, `y_true` is ignored; or embeddings `(N, D)` with class ids `y_true`,
        `(N,)` or `(N, 1)`. Returns `(N,)`. Sample weights weigh rows; a row of weight 0 is still there for
        the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it for learning without labels, in large batches: above 2,000 views the matrix of similarities is
    never held as a whole. Not where a batch holds a sample twice. N = 1 gives 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.NTXent(reduction=None)(np.zeros(2), y_pred)).round(4))
    [1.237  1.1098]

    Equivalents: lightly NTXentLoss without a memory bank: default. pytorch-metric-learning NTXentLoss, of
    labels: `temperature=0.07`.

    Reference: Sohn, 2016, Improved Deep Metric Learning with Multi-class N-pair Loss Objective, NeurIPS;
    Chen, Kornblith, Norouzi & Hinton, 2020, A Simple Framework for Contrastive Learning of Visual
    Representations, ICML.
    """

    kind = "tuple-embedding"
    needs_y_true = False
    distance = "similarity"
    normalize = True

    temperature: Positive = 0.5
    average: Average = "valid"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        shape = tuple(y_pred.shape)
        if len(shape) == 2 and y_true is not None:
            return super().prepare(y_true, y_pred)
        if len(shape) != 3 or shape[1] != 2:
            checks.fail(
                self,
                "`y_pred` must be two views stacked on axis 1, (N, 2, D), or, with class ids `y_true`, "
                "embeddings (N, D)",
                f"y_pred.shape={shape}",
            )
        return no_labels(y_pred), y_pred

    def present(self, y_true: Tensor) -> Tensor | None:
        return None if is_float(y_true) else super().present(y_true)  # views have no labels

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        if len(y_pred.shape) == 2:
            return super().anchors(y_true, y_pred, present)
        total, similarity = _log_totals(y_pred, present, self.temperature, own_views=True)
        return total - similarity, None

    def terms(self, similarity: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        s = similarity / self.temperature
        apart = ops.expand_dims(masked_logsumexp(s, pairs.negative, axis=1), 1)
        terms = softplus(apart - s)
        return masked_sum(terms, pairs.positive, axis=1), count(self.counted(terms, pairs.positive), s)


@register
class DecoupledContrastive(BatchViewLoss):
    """`NTXent` without the positive in the denominator, so that small batches learn as well.

    Formula: mean over the two views of `logsumexp_j(s(a, j)) - w * s(a, p)`, with `s = cos / temperature`,
    over the views j of other samples; w is 1, or with `sigma` `2 - N * softmax_i(cos(a, p) / sigma)`.

    Args:
        temperature: What cosines are divided by, > 0.
        sigma: The scale of the weights w, > 0: pairs that are far apart weigh more, without gradient; None:
            all weigh 1.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: two views `(N, 2, D)`. Returns `(N,)`. Sample weights weigh rows; a
        row of weight 0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shape is wrong.

    Use it in place of `NTXent` in batches of a few hundred. Values may be negative. N = 1 gives 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.DecoupledContrastive(reduction=None)(np.zeros(2), y_pred)).round(4))
    [2.5554 1.9076]

    Equivalents: lightly DCLLoss: default; DCLWLoss: `sigma=0.5`.

    Reference: Yeh et al., 2022, Decoupled Contrastive Learning, ECCV.
    """

    growth = "pair-blocks"

    temperature: Positive = 0.1
    sigma: Positive | None = None

    def values(self, y_pred: Tensor, there: Tensor) -> Tensor:
        number, there = ops.sum(there), there > 0
        total, similarity = _log_totals(y_pred, there, self.temperature, own_views=False)
        weight = 1.0
        if self.sigma is not None:
            scaled = ops.stop_gradient(similarity) * (self.temperature / self.sigma)
            weight = 2 - number * ops.exp(scaled - masked_logsumexp(scaled, there, axis=0))
        return ops.where(number > 1, total - weight * similarity, 0)


@register
class InfoNCE(_Cosines):
    """Finds the key of each query among the keys of the batch, its own negatives, or those of a queue.

    Formula: `logsumexp_j(s(q, j)) - s(q, k)`, with `s = cos / temperature`; k is the key of the query q.

    Args:
        temperature: What cosines are divided by, > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: query and key `(N, 2, D)`, in which the keys of the batch are the
        negatives; query, key and K negatives of its own `(N, 2 + K, D)`; or cosines `(N, 1 + M)`, column 0
        with the key, for negatives that are shared, as those of a queue. Returns `(N,)`. Sample weights weigh
        rows; a row of weight 0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If `temperature` is not > 0 or the shape is wrong.

    Use it where queries and keys differ in kind, or come from two networks (MoCo). Both directions: `CLIP`.
    N = 1 without negatives gives 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.InfoNCE(reduction=None)(np.zeros(2), y_pred)).round(4))
    [1.3657 1.2618]

    Equivalents: info-nce-pytorch `InfoNCE`: default; its `negative_mode="paired"` takes the negatives of each
    query.

    Reference: van den Oord, Li & Vinyals, 2018, Representation Learning with Contrastive Predictive Coding
    (arXiv 1807.03748); He, Fan, Wu, Xie & Girshick, 2020, Momentum Contrast for Unsupervised Visual
    Representation Learning, CVPR.
    """

    temperature: Positive = 0.1

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        shape = tuple(y_pred.shape)
        if len(shape) not in (2, 3) or shape[1] < 2:
            checks.fail(
                self,
                "`y_pred` must be query and key, with negatives behind if there are any, (N, 2 + K, D), or "
                "cosines with the key first, (N, 1 + M)",
                f"y_pred.shape={shape}",
            )
        return no_labels(y_pred), y_pred

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        if len(y_pred.shape) == 3 and y_pred.shape[1] == 2:
            return self.crossentropy(y_pred, present), None
        z = y_pred / self.temperature
        if len(y_pred.shape) == 3:
            x = self.embed(y_pred)
            z = ops.einsum("nd,nkd->nk", x[:, 0], x[:, 1:]) / self.temperature
        return logsumexp(z, 1) - z[:, 0], None


@register
class SupervisedContrastive(EmbeddingLoss):
    """Finds the classmates of each sample, and its other views, among all embeddings of the batch.

    Formula: `mean_p(logsumexp_j(s(a, j)) - s(a, p))`, with `s = cos / temperature`, over all others j, and
    over the positives p; times `temperature / base_temperature` if that is given.

    Args:
        temperature: What cosines are divided by, > 0.
        base_temperature: The temperature at which the value has its own scale, > 0; None: that one.
        average: The mean: `"valid"`, over the samples with a positive; `"active"`, over those above 0;
            `"anchor"`, over all.
        reduction, name, dtype: See `kerasloss.Loss`.
        ignore_class: An id, or several, of samples that are absent (padding).

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`; `y_pred`: embeddings `(N, D)`, or views `(N, V, D)`, which are
        positives of each other. Returns `(N,)`. A row of weight 0 is still there for the others, a masked one
        is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it before a classifier is trained on the embeddings, in large batches with several samples of each
    class; above 2,000 embeddings the matrix of similarities is never held as a whole. A batch of one
    class is not 0: its samples are pushed apart evenly.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]])
    >>> round(float(kerasloss.SupervisedContrastive()(np.array([0, 0, 1, 1]), y_pred)), 4)
    0.0638

    Equivalents: pytorch-metric-learning SupConLoss: default; it gives 0 for a batch of one class.

    Reference: Khosla et al., 2020, Supervised Contrastive Learning, NeurIPS.
    """

    distance = "similarity"
    normalize = True

    temperature: Positive = 0.1
    base_temperature: Positive | None = None
    average: Average = "valid"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if len(y_pred.shape) != 3:
            return super().prepare(y_true, y_pred)
        return super().prepare(y_true, ops.sum(y_pred[:, :1], axis=1))[0], y_pred

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        views = y_pred.shape[1] if len(y_pred.shape) == 3 else 1
        x = ops.reshape(y_pred, (-1, y_pred.shape[-1]))
        if views > 1:
            y_true = repeat_rows(y_true, views)
            present = None if present is None else repeat_rows(present, views)
        values, exists = (ops.reshape(z, (-1, views)) for z in self.by_anchor(self.value, y_true, x, present))
        scale = 1.0 if self.base_temperature is None else self.temperature / self.base_temperature
        return counted_anchors(self.average, scale * mean(values, axis=1), ops.any(exists > 0, axis=1))

    def value(self, similarity: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """The value of each view, and 1 where it has a positive."""
        s = similarity / self.temperature
        total = masked_logsumexp(s, ops.logical_or(pairs.positive, pairs.negative), axis=1)
        number = count(pairs.positive, s)
        value = ops.where(number > 0, total - safe_divide(masked_sum(s, pairs.positive, axis=1), number), 0)
        return value, ops.minimum(number, ops.ones_like(number))


@register
class SpectralContrastive(InBatchLoss):
    """Inner products large for the two views of a sample, and 0 for those of different samples.

    Formula: `-2 * dot(a[i], b[i]) + sum_j(dot(a[i], b[j]) ** 2) / (N - 1)`, over the other samples j.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: two views `(N, 2, D)`, or the inner products `(N, N)` of all pairs.
        Returns `(N,)`. Sample weights weigh rows; a row of weight 0 is still there for the others, a masked
        one is not.

    Raises:
        ValueError: If the shape is wrong.

    Use it for embeddings that are the eigenvectors of the graph of augmentations; they are not normalized.
    Values may be negative. N = 1 has the first term alone.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.SpectralContrastive(reduction=None)(np.zeros(2), y_pred)).round(4))
    [-0.2  -1.44]

    Equivalents: none.

    Reference: HaoChen, Wei, Gaidon & Ma, 2021, Provable Guarantees for Self-Supervised Deep Learning with
    Spectral Contrastive Loss, NeurIPS.
    """

    roles = "one view, another view"

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        def block(z: Tensor, itself: Tensor, there: Tensor | None) -> tuple[Tensor]:
            others = and_masks(there, ops.logical_not(itself))
            squares = ops.square(ops.where(others, z, 0))
            return (safe_divide(ops.sum(squares, axis=1), count(others, z)),)

        x = self.embedded(y_pred)
        return self.by_query(block, x, present)[0] - 2 * self.own(x), None


@register
class NPairs(InBatchLoss):
    """Finds the partners of each anchor, by class ids or shared labels, among the positives of the batch.

    Formula: `-sum_j(t[i, j] * log_softmax_j(z[i, j]))` with `z[i, j] = dot(a[i], p[j])`, plus
    `l2_reg * (norm(a[i]) ** 2 + norm(p[i]) ** 2) / 2`; t is 1 for equal ids, or the number of shared labels,
    divided by the sum of its row.

    Args:
        l2_reg: The weight of the squared norms, >= 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: class ids `(N,)` or `(N, 1)`, or several labels each as 0/1 `(N, C)`, C > 1; `y_pred`:
        anchor and positive `(N, 2, D)`, or the matrix z `(N, N)`. Returns `(N,)`. Sample weights weigh
        rows; a row of weight 0 is still there for the others, a masked one is not.

    Raises:
        ValueError: If `l2_reg` is negative or the shapes don't match.

    Use it with one pair of each class in a batch; the norms, which are not divided out, need `l2_reg`. A row
    without labels gives 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.NPairs(reduction=None)(np.array([0, 1]), y_pred)).round(4))
    [0.913 0.513]

    Equivalents: none.

    Reference: Sohn, 2016, Improved Deep Metric Learning with Multi-class N-pair Loss Objective, NeurIPS.
    """

    roles = "anchor, positive"
    needs_y_true = True

    l2_reg: NonNegative = 0.0

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        _, y_pred = super().prepare(None, y_pred)
        shape, samples = tuple(y_true.shape), tuple(y_pred.shape)[:1]
        if len(shape) not in (1, 2) or not checks.lengths_match(shape[:1], samples):
            checks.fail(
                self,
                "`y_true` must hold class ids (N,) or (N, 1), or several labels as 0/1, (N, C)",
                f"y_true.shape={shape}, y_pred.shape={tuple(y_pred.shape)}",
            )
        checks.filled(self, y_true, y_pred)
        if len(shape) == 2 and shape[1] == 1:
            return ops.squeeze(y_true, -1), y_pred
        return (y_true if len(shape) == 1 else ops.cast(y_true, self.compute_dtype)), y_pred

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        def block(z: Tensor, _: Tensor, there: Tensor | None, label: Tensor, labels: Tensor) -> tuple[Tensor]:
            if len(label.shape) == 1:
                shared = ops.cast(ops.equal(ops.expand_dims(label, 1), labels), z.dtype)
            else:
                shared = products(label, labels)
            shared, z = (kept(x, there, 0) for x in (shared, z))
            number = ops.sum(shared, axis=1)
            share = safe_divide(ops.sum(shared * z, axis=1), number)
            return (ops.where(number > 0, masked_logsumexp(z, there, axis=1) - share, 0),)

        (value,) = self.by_query(block, self.embedded(y_pred), present, y_true)
        if self.l2_reg and len(y_pred.shape) == 3:
            value = value + self.l2_reg / 2 * ops.sum(ops.square(y_pred), axis=(1, 2))
        return value, None
