"""Losses of the pairs of a list: the more relevant item should have the larger score.

`lambda_weight` says what a pair weighs. With weights from the ranks that the scores give, such as
`"lambdarank"`, the pairs that matter for a metric of the top of the list weigh most; no gradient flows
through a weight.
"""

from keras import ops

from kerasloss.core.configuration import Count, NonNegative, Positive
from kerasloss.core.kinds.ranked_list import LambdaWeight, Normalization, PairLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import softplus
from kerasloss.core.registry import register


@register
class PairwiseLogistic(PairLoss):
    """Ranks the items of a list by the log-odds that the more relevant of two has the larger score.

    Formula: `sum_i sum_j w[i, j] log(1 + exp(-d[i, j])) / n` over the n items of a list, for `y[i] > y[j]`,
    with `d[i, j] = (s[i] - s[j]) / temperature`. With `lambda_weight` the pair weighs `w[i, j]`, else 1:
    `"label_diff"`: `|y[i] - y[j]|`; `"lambdarank"`: `|G[i] - G[j]| |D(r[i]) - D(r[j])|`; `"ndcg_loss2"`:
    `|G[i] - G[j]| (D(k) - D(k + 1))` with `k = |r[i] - r[j]|`. Here `G[i] = (2 ** y[i] - 1) / Z`, `D(r) = 1 /
    log2(1 + r)`, r is the rank by score and Z the DCG of the best order.

    Args:
        temperature: What scores are divided by, > 0.
        lambda_weight: What a pair weighs. None: 1. `"label_diff"`: how far the relevances are apart.
            `"lambdarank"`: how much the NDCG changes if the two are swapped. `"ndcg_loss2"`: by the distance
            of their ranks, a bound of the NDCG. `"ndcg_loss2++"`: 10 times that and `"lambdarank"`.
            `"precision"`: 1 if a swap changes the precision of the first `topn`, relevant being 1 or more.
        topn: The ranks that count for weights by ranks, an integer >= 1; None: all.
        normalization: What the sum is divided by: `"items"`, the items of the list; `"pairs"`, the sum of the
            weights; None: nothing.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: relevances >= 0, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`: scores
        `(batch, L)`. Returns `(batch,)`; a list without two items of different relevance has value 0, and
        counts.

    Raises:
        ValueError: If an argument is not allowed, `topn` doesn't go with `lambda_weight`, or the shapes don't
            match.

    Use it to rank documents, products or answers within a query or a group: RankNet, and with
    `"lambdarank"` LambdaRank, where the top of the list counts. Not for scores that should mean something by
    themselves. Lists of some 400 items and more are compared in blocks.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[2, 0, 1, -1]]), np.array([[0.5, 1.0, -0.25, 9.0]])
    >>> round(float(kerasloss.PairwiseLogistic()(y_true, y_pred)), 4)
    0.9543
    >>> round(float(kerasloss.PairwiseLogistic(lambda_weight="lambdarank")(y_true, y_pred)), 4)
    0.1773

    Equivalents: keras-rs PairwiseLogisticLoss: default. TF-Ranking `pairwise_logistic_loss`:
    `normalization="pairs"`; its DCGLambdaWeight: `"lambdarank"` (`smooth_fraction=1`) or `"ndcg_loss2"` (0).
    allRank `lambdaLoss`: `normalization=None, reduction="sum"` with `temperature=1/sigma`; its `k` keeps
    other pairs.

    Reference: Burges et al., 2005, Learning to Rank using Gradient Descent, ICML; `"lambdarank"`: Burges,
    Ragno & Le, 2006, Learning to Rank with Nonsmooth Cost Functions, NeurIPS; `"ndcg_loss2"`: Wang, Li,
    Golbandi, Bendersky & Najork, 2018, The LambdaLoss Framework for Ranking Metric Optimization, CIKM.
    """

    temperature: Positive = 1.0
    lambda_weight: LambdaWeight = None
    topn: Count | None = None
    normalization: Normalization = "items"

    def cost(self, lead: Tensor, y: tuple[Tensor, Tensor]) -> Tensor:
        return softplus(-lead)


@register
class PairwiseHinge(PairLoss):
    """Ranks the items of a list by a margin: the more relevant of two should lead by at least that much.

    Formula: `sum_i sum_j w[i, j] max(0, margin - (s[i] - s[j]) / temperature) / n` over the n items of a
    list, for `y[i] > y[j]`; the weights are those of `PairwiseLogistic`.

    Args:
        margin: The lead from which a pair costs nothing, >= 0.
        temperature: What scores are divided by, > 0.
        lambda_weight, topn, normalization: See `PairwiseLogistic`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: relevances >= 0, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`: scores
        `(batch, L)`. Returns `(batch,)`; a list without two items of different relevance has value 0, and
        counts.

    Raises:
        ValueError: If an argument is not allowed, `topn` doesn't go with `lambda_weight`, or the shapes don't
            match.

    Use it where pairs that are well in order should have no gradient; not where the labels are noisy
    (`PairwiseSoftZeroOne`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.PairwiseHinge()
    >>> round(float(loss(np.array([[2, 0, 1]]), np.array([[0.5, 1.0, -0.25]]))), 4)
    1.3333

    Equivalents: keras-rs PairwiseHingeLoss: default. TF-Ranking `pairwise_hinge_loss`:
    `normalization="pairs"`.

    Reference: Joachims, 2002, Optimizing Search Engines using Clickthrough Data, KDD.
    """

    margin: NonNegative = 1.0
    temperature: Positive = 1.0
    lambda_weight: LambdaWeight = None
    topn: Count | None = None
    normalization: Normalization = "items"

    def cost(self, lead: Tensor, y: tuple[Tensor, Tensor]) -> Tensor:
        return ops.relu(self.margin - lead)


@register
class PairwiseSoftZeroOne(PairLoss):
    """Ranks the items of a list by a smooth count of the pairs that are in the wrong order.

    Formula: `sum_i sum_j w[i, j] sigmoid(-(s[i] - s[j]) / temperature) / n` over the n items of a list, for
    `y[i] > y[j]`; the weights are those of `PairwiseLogistic`.

    Args:
        temperature: What scores are divided by, > 0; near 0 the count is sharp.
        lambda_weight, topn, normalization: See `PairwiseLogistic`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: relevances >= 0, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`: scores
        `(batch, L)`. Returns `(batch,)`; a list without two items of different relevance has value 0, and
        counts.

    Raises:
        ValueError: If an argument is not allowed, `topn` doesn't go with `lambda_weight`, or the shapes don't
            match.

    Use it where some labels are wrong: a pair costs 1 at most. Not from random scores far apart, where it
    has hardly a gradient (`PairwiseLogistic`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.PairwiseSoftZeroOne()
    >>> round(float(loss(np.array([[2, 0, 1]]), np.array([[0.5, 1.0, -0.25]]))), 4)
    0.5735

    Equivalents: keras-rs PairwiseSoftZeroOneLoss: default. TF-Ranking `pairwise_soft_zero_one_loss`:
    `normalization="pairs"`.

    Reference: Pasumarthi et al., 2019, TF-Ranking: Scalable TensorFlow Library for Learning-to-Rank, KDD.
    """

    temperature: Positive = 1.0
    lambda_weight: LambdaWeight = None
    topn: Count | None = None
    normalization: Normalization = "items"

    def cost(self, lead: Tensor, y: tuple[Tensor, Tensor]) -> Tensor:
        return ops.sigmoid(-lead)


@register
class PairwiseMeanSquaredError(PairLoss):
    """Fits the differences of the scores of a list to the differences of its relevances.

    Formula: `sum_i sum_j w[i, j] ((s[i] - s[j]) / temperature - (y[i] - y[j])) ** 2 / n` over all pairs of
    the n items of a list, i and j in both orders; the weights are those of `PairwiseLogistic`.

    Args:
        temperature: What scores are divided by, > 0.
        lambda_weight, topn, normalization: See `PairwiseLogistic`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: relevances >= 0, below 0: padding, anywhere in the list `(batch, L)`; `y_pred`: scores
        `(batch, L)`. Returns `(batch,)`; a list of fewer than two items has value 0, and counts.

    Raises:
        ValueError: If an argument is not allowed, `topn` doesn't go with `lambda_weight`, or the shapes don't
            match.

    Use it where it matters how far two relevances are apart, but not where they start: a constant that is
    added to all scores changes nothing. Not for the order alone (`PairwiseLogistic`).

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.PairwiseMeanSquaredError()
    >>> round(float(loss(np.array([[2, 0, 1]]), np.array([[0.5, 1.0, -0.25]]))), 4)
    7.5833

    Equivalents: keras-rs PairwiseMeanSquaredError: default; it doesn't use its own temperature. TF-Ranking
    `pairwise_mse_loss`: `normalization="pairs"`.

    Reference: Pasumarthi et al., 2019, TF-Ranking: Scalable TensorFlow Library for Learning-to-Rank, KDD.
    """

    equal_pairs = True

    temperature: Positive = 1.0
    lambda_weight: LambdaWeight = None
    topn: Count | None = None
    normalization: Normalization = "items"

    def cost(self, lead: Tensor, y: tuple[Tensor, Tensor]) -> Tensor:
        return ops.square(lead - (y[0] - y[1]))
