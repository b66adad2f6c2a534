"""Critics that compare: is a real sample more real than a generated one?"""

from typing import Any, Literal, TypeAlias

from keras import ops

from kerasloss.core import checks
from kerasloss.core.kinds.critic import CriticLoss
from kerasloss.core.loss import Tensor, append_axes
from kerasloss.core.numerics import mean, softplus, weighted_mean
from kerasloss.core.registry import register

Base: TypeAlias = Literal["crossentropy", "hinge", "least_squares"]


class _RelativisticLoss(CriticLoss):
    """A loss of how far a score leads over those of the other kind."""

    elementwise = False

    base: Base = "crossentropy"

    def of_lead(self, lead: Tensor) -> Tensor:
        """The loss of a lead, which is to be large."""
        if self.base == "crossentropy":
            return softplus(-lead)
        return ops.relu(1 - lead) if self.base == "hinge" else ops.square(lead - 1)


@register
class RelativisticAverageGAN(_RelativisticLoss):
    """Each score against the mean of the other kind: real samples should look more real than generated ones.

    Formula: the mean over the last axis of `f(z)`, with `z = y_pred - g` where `y_true` is 1 and
    `z = r - y_pred` where it is 0, for the means r of the scores labelled 1 and g of those labelled 0. `f(z)`
    is `log(1 + exp(-z))`, `max(0, 1 - z)` or `(z - 1) ** 2`.

    Args:
        base: `"crossentropy"`, `"hinge"` or `"least_squares"`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: the critic's scores `(batch, ...)` of real and generated samples, stacked on the batch axis.
        `y_true`: labels 0 or 1 (split at 1/2) of that shape, or one for each sample, `(batch,)` or
        `(batch, 1)`. Returns the shape of `y_pred` without the last axis.

    Raises:
        ValueError: For another `base`, or shapes that don't match. A label outside [0, 1] gives NaN for the
            whole batch.

    Use it for both networks, on real and generated scores in one call: labels 1 and 0 for the critic, 0 and 1
    for the generator. Not with one kind alone, whose missing mean is then 0. The gradient flows through the
    means. Sample weights enter the means; a sample that is masked or of weight 0 is absent.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, scores = np.array([[1], [1], [0], [0]]), np.array([[2.0], [0.0], [-1.0], [1.0]])
    >>> print(round(float(kerasloss.RelativisticAverageGAN()(y_true, scores)), 4))
    0.41

    Equivalents: TF-GAN and ESRGAN add the means of real and generated scores: twice the mean of a batch of
    equal halves.

    Reference: Jolicoeur-Martineau, 2019, The Relativistic Discriminator: a Key Element Missing from Standard
    GAN, ICLR (arXiv 1807.00734).
    """

    scope = "anchor"
    adds_entry_axis = True

    def call(self, y_true: Tensor, y_pred: Tensor, batch_weight: Tensor | None = None) -> Tensor:
        real = self.is_real(y_true)
        weight = 1 if batch_weight is None else self.broadcast_from_left(batch_weight, y_pred)
        mean_real, mean_generated = (weighted_mean(y_pred, weight * kind, None) for kind in (real, 1 - real))
        other = real * mean_generated + (1 - real) * mean_real
        return mean(self.of_lead((2 * real - 1) * (y_pred - other)), axis=-1)


@register
class RelativisticPairingGAN(_RelativisticLoss):
    """Each real score against one generated score, which keeps a generator from losing modes.

    Formula: `f(r - g)` of the real score r and the generated score g where `y_true` is 1, `f(g - r)` where it
    is 0; the mean over the last axis, if there is one beyond that of the pair. `f(z)` is
    `log(1 + exp(-z))`, `max(0, 1 - z)` or `(z - 1) ** 2`.

    Args:
        base: `"crossentropy"`, `"hinge"` or `"least_squares"`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: the critic's scores `(batch, 2, ...)`, on axis 1 first that of a real, then that of a
        generated sample. `y_true`: 1 for the critic, 0 for the generator, `(batch,)` or `(batch, 1)`. Returns
        `(batch, ...)`, without the last axis if there is one beyond that of the pair.

    Raises:
        ValueError: For another `base`, or shapes that don't match. A label outside [0, 1] gives NaN.

    Use it for both networks, with `GradientPenalty(target=0.0)` at real and at generated samples beside the
    critic's; not without a penalty. Any pairing will do, such as the order of the batch.

    Example:

    >>> import kerasloss, numpy as np
    >>> scores = np.array([[2.0, -1.0], [2.0, -1.0]])
    >>> print(round(float(kerasloss.RelativisticPairingGAN()(np.ones(2), scores)), 4))
    0.0486
    >>> print(round(float(kerasloss.RelativisticPairingGAN()(np.zeros(2), scores)), 4))
    3.0486

    Equivalents: R3GAN: default for both networks; its critic adds gamma / 2 times both penalties.

    Reference: Jolicoeur-Martineau, 2019, The Relativistic Discriminator, ICLR (arXiv 1807.00734); Huang et
    al., 2024, The GAN is dead; long live the GAN! A Modern GAN Baseline, NeurIPS (arXiv 2501.05441).
    """

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        rank = len(y_pred.shape)
        return [1] if rank == 2 else [1, rank - 1]

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        pairs = len(pred_shape) >= 2 and pred_shape[1] == 2
        one_each = len(true_shape) > 0 and true_shape[1:] in ((), (1,))
        if not pairs or not one_each or not checks.lengths_match(true_shape[:1], pred_shape[:1]):
            checks.fail(
                self,
                "`y_pred` must hold pairs of scores (batch, 2, ...), and `y_true` one label for each pair, "
                "(batch,) or (batch, 1)",
                f"y_true.shape={true_shape}, y_pred.shape={pred_shape}",
            )
        labels = append_axes(ops.reshape(y_true, (-1,)), len(pred_shape))
        return ops.broadcast_to(labels, ops.shape(y_pred)), y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        sign = 2 * self.is_real(y_true[:, 0]) - 1
        value = self.of_lead(sign * (y_pred[:, 0] - y_pred[:, 1]))
        return value if len(y_pred.shape) == 2 else mean(value, axis=-1)
