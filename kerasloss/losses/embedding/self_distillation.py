"""Self-distillation: a network predicts what a slower copy of it, or itself, sees in another view.

No gradient reaches what is predicted.
"""

from typing import Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Count, Positive
from kerasloss.core.kinds.views import BatchViewLoss, ViewLoss, batch_mean
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import cosine, mean, unit
from kerasloss.core.pairwise import masked_logsumexp, products
from kerasloss.core.registry import register


class _PredictionLoss(ViewLoss):
    """A loss of predictions and their targets: `p, z`, or `p1, p2, z1, z2` where p1 predicts z2."""

    views = (2, 4)

    def pairs(self, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """The predictions and the target of each, `(N, V / 2, D)`; no gradient to the targets."""
        half = y_pred.shape[1] // 2
        return y_pred[:, :half], ops.flip(ops.stop_gradient(y_pred[:, half:]), axis=1)


@register
class BYOL(_PredictionLoss):
    """The prediction of the online network must point where the target network's projection points.

    Formula: `||p / ||p|| - z / ||z|||| ** 2`, which is `2 - 2 * cos(p, z)`, without gradient to z; of two
    views the sum of both directions.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: prediction and target `(N, 2, D)`, or of two views p1, p2, z1, z2 `(N, 4,
        D)`, where p1 predicts z2 and p2 predicts z1. Returns `(N,)`, in [0, 4] or [0, 8].

    Raises:
        ValueError: If the shape is wrong.

    Use it for self-supervised training without negatives, with a target network that is a moving average of
    the online one and a predictor on the online side; not without these two, since all embeddings would
    become equal. The cosine of a zero vector is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.BYOL(reduction=None)(None, y_pred)).round(4))
    [0.8    0.5858]

    Equivalents: the authors' code, byol-pytorch `BYOL`: default. lightly trains it with
    NegativeCosineSimilarity, half of this minus 1.

    Reference: Grill et al., 2020, Bootstrap Your Own Latent: A New Approach to Self-Supervised Learning,
    NeurIPS (arXiv 2006.07733).
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        p, z = (unit(x, -1) for x in self.pairs(y_pred))
        # The square of a difference, since 2 - 2 cos loses its digits near 0. A zero vector lacks a 1.
        zeros = sum(ops.cast(ops.all(ops.equal(x, 0), axis=-1), x.dtype) for x in (p, z))
        return ops.sum(ops.sum(ops.square(p - z), axis=-1) + zeros, axis=1)


@register
class NegativeCosineSimilarity(_PredictionLoss):
    """The prediction of one view must point where the projection of the other points: SimSiam.

    Formula: `-cos(p, z)`, without gradient to z; of two views the mean of both directions.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: prediction and target `(N, 2, D)`, or of two views p1, p2, z1, z2 `(N, 4,
        D)`, where p1 predicts z2 and p2 predicts z1. Returns `(N,)`, in [-1, 1].

    Raises:
        ValueError: If the shape is wrong.

    Use it for self-supervised training with a predictor and a single network; for a gradient to both sides
    take `CosineSimilarity`. The cosine of a zero vector is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.NegativeCosineSimilarity(reduction=None)(None, y_pred)).round(4))
    [-0.6    -0.7071]

    Equivalents: lightly NegativeCosineSimilarity: default, for targets that are detached. TensorFlow
    Similarity SimSiamLoss: half of this, plus 0.001.

    Reference: Chen & He, 2021, Exploring Simple Siamese Representation Learning, CVPR (arXiv 2011.10566).
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return -mean(cosine(*self.pairs(y_pred), -1), axis=1)


def _between_views(p: Tensor, log_p: Tensor) -> Tensor:
    """The mean cross-entropy of each view in `p` with each other view in `log_p`, `(N, views, classes)`."""
    total = 0.0
    for k in range(p.shape[1]):
        others = ops.concatenate([log_p[:, :k], log_p[:, k + 1 :]], axis=1)
        total = total - ops.sum(p[:, k] * ops.sum(others, axis=1), axis=-1)
    return total / (p.shape[1] * log_p.shape[1] - min(p.shape[1], log_p.shape[1]))


@register
class DINO(BatchViewLoss):
    """The student's probabilities in one view must be those of the teacher in another view.

    Formula: `-sum(softmax((t[k] - c) / teacher_temperature) * log_softmax(s[j] / student_temperature))`, its
    mean over all views k of the teacher t and the other views j of the student s, with the center c; without
    gradient to the teacher.

    Args:
        student_temperature: The temperature of the student, a number > 0.
        teacher_temperature: The temperature of the teacher, a number > 0; a lower one makes it surer.
        teacher_views: T, how many views the teacher sees, an integer >= 1.
        center: `"batch"`: c is the mean of the teacher's outputs over batch and views; None: 0, for outputs
            of `layers.Centering`, which holds the moving average of the paper.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: logits `(N, T + S, D)`, the T of the teacher, then the S of the student,
        whose first ones see the same views as the teacher's. Returns `(N,)`. Sample weights weigh values; a
        masked sample is absent from the center.

    Raises:
        ValueError: If an argument is out of range, or no student's view differs from a teacher's.

    Use it for self-supervised training of vision transformers, with a teacher that is a moving average of the
    student; schedules of the teacher's temperature are up to you. The term of masked patches in iBOT is
    `CategoricalCrossentropy(from_logits=True)`.

    Example:

    >>> import kerasloss, numpy as np
    >>> views = [[1.0, 0.0], [0.6, 0.8]]
    >>> y_pred = np.array([views + views, [[0.0, 2.0], [1.0, 1.0]] * 2])
    >>> print(np.array(kerasloss.DINO(reduction=None)(None, y_pred)).round(4))
    [ 1.4428 10.341 ]

    Equivalents: lightly DINOLoss: `center=None` in its first step, later that of outputs of
    `layers.Centering`.

    Reference: Caron et al., 2021, Emerging Properties in Self-Supervised Vision Transformers, ICCV (arXiv
    2104.14294).
    """

    activation = "linear"

    views = None

    student_temperature: Positive = 0.1
    teacher_temperature: Positive = 0.04
    teacher_views: Count = 2
    center: Literal["batch"] | None = "batch"

    @property
    def least_views(self) -> int:
        """One more than the teacher's, and one that no teacher sees."""
        return max(self.teacher_views + 1, 3)

    def values(self, y_pred: Tensor, there: Tensor) -> Tensor:
        teacher, student = y_pred[:, : self.teacher_views], y_pred[:, self.teacher_views :]
        teacher = ops.stop_gradient(teacher)
        if self.center == "batch":
            teacher = teacher - mean(batch_mean(teacher, there), axis=0)
        return _between_views(
            ops.softmax(teacher / self.teacher_temperature, axis=-1),
            ops.log_softmax(student / self.student_temperature, axis=-1),
        )


@register
class SwAV(BatchViewLoss):
    """Each view must predict to which prototypes the other views of its sample are assigned.

    Formula: `-sum(q[i] * log_softmax(z[j] / temperature))`, its mean over the views i with codes and the
    other views j of the sample. The codes q[i] share the samples of the batch among the prototypes: they are
    `exp(z[i] / sinkhorn_epsilon)`, whose columns and rows are divided by their sums in turn, without
    gradient.

    Args:
        temperature: The temperature of the predictions, a number > 0.
        sinkhorn_iterations: How many times columns and rows are divided by their sums, >= 1.
        sinkhorn_epsilon: How soft the codes are, a number > 0; not a guard.
        code_views: From how many views, the first ones, codes are made, >= 1.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: ignored; `y_pred`: scores of each view against K prototypes, such as cosines, `(N, V, K)`.
        Returns `(N,)`. Sample weights weigh values; a masked sample is absent from the codes.

    Raises:
        ValueError: If an argument is out of range, V is 1 or below `code_views`.

    Use it with several crops, large ones first, of which small ones get no codes; not if the batch
    has far fewer samples than there are prototypes.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_pred = np.array([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 2.0], [1.0, 1.0]]])
    >>> print(np.array(kerasloss.SwAV(reduction=None)(None, y_pred)).round(4))
    [5.6916 8.4902]

    Equivalents: lightly SwaVLoss without a queue: default.

    Reference: Caron et al., 2020, Unsupervised Learning of Visual Features by Contrasting Cluster
    Assignments, NeurIPS (arXiv 2006.09882).
    """

    views = None

    temperature: Positive = 0.1
    sinkhorn_iterations: Count = 3
    sinkhorn_epsilon: Positive = 0.05
    code_views: Count = 2

    @property
    def least_views(self) -> int:
        """Those with codes, and two at least."""
        return max(self.code_views, 2)

    def values(self, y_pred: Tensor, there: Tensor) -> Tensor:
        log_q = ops.stop_gradient(y_pred[:, : self.code_views]) / self.sinkhorn_epsilon
        present = ops.reshape(there > 0, (-1, 1, 1))
        for _ in range(self.sinkhorn_iterations):
            log_q = log_q - masked_logsumexp(log_q, present, axis=0)
            log_q = ops.log_softmax(log_q, axis=-1)
        return _between_views(ops.exp(log_q), ops.log_softmax(y_pred / self.temperature, axis=-1))


@register
class GramAnchoring(Loss):
    """The patches of an image must be as similar to each other as an earlier teacher saw them.

    Formula: `mean((cos(s[i], s[j]) - cos(t[i], t[j])) ** 2)` over all pairs of patches i, j of a sample, with
    the features s of the student and t of the teacher; without gradient to the teacher.

    Args:
        normalize: Whether features are divided by their norm; otherwise their inner products replace the
            cosines.
        remove_negative: `"both"`: negative similarities are 0 on both sides; `"teacher"`: the teacher's are,
            the student's only where the teacher's is negative too; None: they are kept.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: the teacher's features of each patch `(N, P, E)`; `y_pred`: the student's `(N, P, D)`, of
        any width. Returns `(N,)`.

    Raises:
        ValueError: If an argument is not allowed or the patches don't match.

    Use it late in a long self-supervised training, to keep the features of patches sharp; not as the only
    loss. For similarities across the images of a batch reshape it to one sample. A zero vector has
    cosine 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> teacher, student = np.array([[[1.0, 0.0], [0.0, 1.0]]]), np.array([[[1.0, 0.0], [0.6, 0.8]]])
    >>> round(float(kerasloss.GramAnchoring()(teacher, student)), 4)
    0.18

    Equivalents: DINOv3 GramLoss: `apply_norm` is `normalize`, `remove_neg` is `"both"`,
    `remove_only_teacher_neg` is `"teacher"`.

    Reference: Siméoni et al., 2025, DINOv3 (arXiv 2508.10104).
    """

    growth = "patches"
    kind = "teacher"
    whole_samples = True

    normalize: bool = True
    remove_negative: Literal["both", "teacher"] | None = "both"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        same_patches = checks.lengths_match(true_shape, (*pred_shape[:2], *true_shape[-1:]))
        if len(pred_shape) != 3 or not same_patches or true_shape[-1] == 0:
            checks.fail(
                self,
                "`y_true` and `y_pred` must be features (N, P, E) and (N, P, D) of the same patches",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        return ops.cast(y_true, self.compute_dtype), y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        teacher, student = self.similarities(ops.stop_gradient(y_true)), self.similarities(y_pred)
        if self.remove_negative == "both":
            student = ops.relu(student)
        elif self.remove_negative == "teacher":
            student = ops.where(teacher < 0, ops.relu(student), student)
        if self.remove_negative is not None:
            teacher = ops.relu(teacher)
        return mean(ops.square(student - teacher), axis=(1, 2))

    def similarities(self, x: Tensor) -> Tensor:
        """Those of all patches of each sample, `(N, P, P)`."""
        x = unit(x, -1) if self.normalize else x
        return products(x, x)
