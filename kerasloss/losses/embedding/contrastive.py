"""Losses that find the partner of each embedding among all those of the batch."""

from keras import ops

from kerasloss.core.configuration import Positive
from kerasloss.core.kinds.in_batch import InBatchLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import softplus, unit
from kerasloss.core.pairwise import masked_logsumexp, masked_sum, products
from kerasloss.core.registry import register


class _Cosines(InBatchLoss):
    """Logits that are cosines divided by `temperature`."""

    temperature = 1.0

    def embed(self, x: Tensor) -> Tensor:
        return unit(x, -1)

    def logits(self, queries: Tensor, keys: Tensor) -> Tensor:
        return products(queries, keys) / self.temperature


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

    Use it for pairs of two kinds (image and text, question and answer), in large batches: above some 700 rows
    the matrix of logits is never held as a whole. Not where a batch holds several partners of a row. N = 1
    gives 0. For a learned temperature, hand it the logits of a layer.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.CLIP(temperature=0.5, reduction=None)(np.zeros(2), y_pred)).round(4))
    [0.8595 0.7417]

    Equivalents: open_clip ClipLoss, of unit vectors: `temperature=1/logit_scale`. sentence-transformers
    MultipleNegativesSymmetricRankingLoss: `temperature=0.05`, 1 / `scale`.

    Reference: Radford et al., 2021, Learning Transferable Visual Models From Natural Language Supervision,
    ICML.
    """

    roles = "image, text"

    temperature: Positive = 0.07

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        def block(z: Tensor, itself: Tensor, there: Tensor) -> tuple[Tensor, ...]:
            over = [masked_logsumexp(z, there, axis=axis) for axis in (1, 0)]
            return masked_sum(z, itself, axis=1), *over

        own, over_texts, over_images = self.by_query(block, y_pred, present, per_block=1)
        return (over_texts + ops.logsumexp(over_images, axis=0)) / 2 - own, None


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
    batch holds several partners of a row. For a learned temperature and bias, hand it the logits of a layer.

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
        def block(z: Tensor, itself: Tensor, there: Tensor) -> tuple[Tensor]:
            z = ops.where(there, z, 0)
            return (masked_sum(softplus(ops.where(itself, -z, z)), there, axis=1),)

        return self.by_query(block, y_pred, present)[0], None
