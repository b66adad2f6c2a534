"""Losses of recommendation and retrieval: chosen items against others, drawn or those of the batch."""

from typing import Annotated, Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Count, NonNegative, Positive, within
from kerasloss.core.kinds.in_batch import InBatchLoss
from kerasloss.core.kinds.ranked_list import ListLoss, PairLoss
from kerasloss.core.labels import integers, one_label_each
from kerasloss.core.loss import Tensor, and_masks
from kerasloss.core.numerics import ABSENT, clip, is_float, log1p_sum_exp, safe_divide, softplus
from kerasloss.core.pairwise import count, masked_sum
from kerasloss.core.registry import register


@register
class BayesianPersonalizedRanking(PairLoss):
    """Ranks what a user has chosen above what not, pair by pair.

    Formula: the mean of `log(1 + exp(-(s[p] - s[q])))` over the pairs of a chosen item p, `y[p] > 0`, and
    another item q, `y[q] = 0`, of a list.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: above 0: chosen, 0: not, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`:
        scores `(batch, L)`. Returns `(batch,)`; a list without such a pair has value 0, and counts.

    Raises:
        ValueError: If the shapes don't match.

    Use it for clicks, plays and purchases, with one chosen item first and some others drawn behind it, with
    an L2 penalty on the embeddings. Not for grades, which all count alike (`PairwiseLogistic`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.BayesianPersonalizedRanking()
    >>> round(float(loss(np.array([[1, 0, 0]]), np.array([[0.5, 1.0, -0.25]]))), 4)
    0.6805

    Equivalents: RecBole BPRLoss, of a chosen item and another: default.

    Reference: Rendle, Freudenthaler, Gantner & Schmidt-Thieme, 2009, BPR: Bayesian Personalized Ranking from
    Implicit Feedback, UAI.
    """

    normalization = "pairs"

    def value(self, y: Tensor, s: Tensor, valid: Tensor) -> Tensor:
        return super().value(ops.cast(y > 0, s.dtype), s, valid)

    def cost(self, lead: Tensor, y: tuple[Tensor, Tensor]) -> Tensor:
        return softplus(-lead)


@register
class CosineContrastive(ListLoss):
    """Pulls a user to chosen items, and pushes away others that are nearer than a margin.

    Formula: `mean_p(1 - s[p]) + negative_weight * mean_q(max(0, s[q] - margin))` over the chosen items p,
    `y[p] > 0`, and the other items q, `y[q] = 0`, of a list; s are cosines.

    Args:
        margin: The cosine up to which another item costs nothing, in [-1, 1).
        negative_weight: The factor of the other items, >= 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: above 0: chosen, 0: not, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`:
        cosines of a user and the items `(batch, L)`. Returns `(batch,)`; chosen or other items that are
        missing add nothing.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it with hundreds of other items for each chosen one, a margin from 0.4 to 0.9 and a weight up to
    1000; not for scores beyond [-1, 1] (`BayesianPersonalizedRanking`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.CosineContrastive(margin=0.3, negative_weight=2.0)
    >>> round(float(loss(np.array([[1, 0, 0]]), np.array([[0.5, 1.0, -0.25]]))), 4)
    1.2

    Equivalents: RecBox CosineContrastiveLoss: default; its `negative_weight=None` is the number of other
    items.

    Reference: Mao, Zhu, Wang, Dai, Dong, Xiao & He, 2021, SimpleX: A Simple and Strong Baseline for
    Collaborative Filtering, CIKM.
    """

    margin: Annotated[float, within(least=-1, below=1)] = 0.0
    negative_weight: NonNegative = 1.0

    def value(self, y: Tensor, s: Tensor, valid: Tensor) -> Tensor:
        near, far = ops.relu(1 - s), ops.relu(s - self.margin)
        chosen, others = y > 0, ops.logical_and(valid, ops.equal(y, 0))
        return _mean_of(near, chosen) + self.negative_weight * _mean_of(far, others)


def _mean_of(x: Tensor, mask: Tensor) -> Tensor:
    """The mean over the entries of the mask, 0 if there is none."""
    return safe_divide(masked_sum(x, mask, 1), count(mask, x))


@register
class InBatchSoftmax(InBatchLoss):
    """Finds the candidate of each query among all candidates of the batch, corrected for popular ones.

    Formula: `logsumexp_j(z[i, j]) - z[i, i]` with `z[i, j] = q[i] @ c[j] / temperature - log(p[j])`, over the
    candidates j that are left; p is 1 where it isn't given.

    Args:
        temperature: What inner products are divided by, > 0.
        remove_accidental_hits: Whether a candidate with the id of the query's own is left out.
        num_hard_negatives: How many other candidates are left for each query, those of the largest z, an
            integer >= 1; None: all.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ids of the candidates `(N,)`, or [id, sampling probability] `(N, 2)`; `y_pred`: query and
        candidate `(N, 2, D)`, or the matrix of all inner products `(N, N)`, which are not divided by
        `temperature`. Returns `(N,)`. Sample weights weigh rows; a row of weight 0 is still a candidate for
        the others, a masked one is not.

    Raises:
        ValueError: If an argument is out of range or the shapes don't match.

    Use it for two towers, of users and items or queries and documents, in large batches: above 2,000 rows
    the matrix is never held as a whole. Popular items are candidates too often, which their sampling
    probabilities, clipped to [1e-6, 1], correct. Not for two views of the same thing (`NTXent`, `CLIP`).
    N = 1 gives 0. Ids beside probabilities are floats, exact up to 2 ** 24.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.5, 1.0]], [[0.0, 1.0], [1.0, 1.0]]])
    >>> loss = kerasloss.InBatchSoftmax(reduction=None)
    >>> print(np.array(loss(np.array([4, 5]), y_pred)).round(4))
    [0.9741 0.6931]
    >>> print(np.array(loss(np.array([[4, 0.5], [5, 0.1]]), y_pred)).round(4))
    [2.2239 0.1823]

    Equivalents: TensorFlow Recommenders tasks.Retrieval: `remove_accidental_hits=False, reduction="sum"`, its
    defaults. keras-rs: its layers SamplingProbabilityCorrection and HardNegativeMining, then a
    cross-entropy.

    Reference: Yi et al., 2019, Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
    Recommendations, RecSys.
    """

    roles = "query, candidate"
    needs_y_true = True

    temperature: Positive = 1.0
    remove_accidental_hits: bool = True
    num_hard_negatives: Count | None = None

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        _, y_pred = super().prepare(None, y_pred)
        if is_float(y_true):
            y_true = ops.stop_gradient(ops.cast(y_true, self.compute_dtype))
        shapes = tuple(y_true.shape), tuple(y_pred.shape)
        if checks.lengths_match(shapes[0], (*shapes[1][:1], 2)):
            return ops.cast(y_true, self.compute_dtype), y_pred
        return one_label_each(self, y_true if is_float(y_true) else integers(y_true), y_pred), y_pred

    def logits(self, queries: Tensor, keys: Tensor) -> Tensor:
        return super().logits(queries / self.temperature, keys)

    def anchors(self, y_true: Tensor, y_pred: Tensor, present: Tensor | None) -> tuple[Tensor, Tensor | None]:
        x = self.embedded(y_pred)
        each = y_true, self.own(x)
        if len(y_true.shape) == 2:
            log_p = ops.log(clip(y_true[:, 1], LEAST_PROBABILITY, 1.0))
            each = y_true[:, 0], each[1] - log_p, log_p

        def block(z: Tensor, itself: Tensor, there: Tensor | None, *each: Tensor) -> tuple[Tensor]:
            own_id, ids, own, _, *log_p = each
            if log_p:
                z = z - log_p[1]
            others = and_masks(there, ops.logical_not(itself))
            if self.remove_accidental_hits:
                others = ops.logical_and(others, ops.not_equal(ops.expand_dims(own_id, 1), ids))
            lead = z - ops.expand_dims(own, 1)
            if self.num_hard_negatives is not None:
                lead = largest(ops.where(others, lead, ABSENT), self.num_hard_negatives)
                others = lead > ABSENT
            return (log1p_sum_exp(lead, ops.cast(others, lead.dtype), 1),)

        return self.by_query(block, x, present, *each)[0], None


LEAST_PROBABILITY = 1e-6
"""The least probability of a candidate that is used as it is."""


def largest(x: Tensor, count: int) -> Tensor:
    """The largest entries of each row, the first of equal ones; `ABSENT` where there are not so many."""
    x = ops.concatenate([x, ops.full_like(x[:, :1], ABSENT) * ops.ones((1, count), dtype=x.dtype)], axis=1)
    # Not `ops.top_k`, whose choice among equal ones differs between backends.
    order = ops.argsort(-ops.stop_gradient(x), axis=1)
    return ops.take_along_axis(x, order[:, :count], axis=1)
