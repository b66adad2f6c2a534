"""Generative adversarial networks: losses of a critic's scores, for the critic and for the generator.

The contract of all of them: `y_pred` holds the critic's raw scores, and `y_true` is 1 where the network in
training wants the score to say "real", else 0. So the critic gets real samples labelled 1 and generated ones
labelled 0, and the generator gets its samples labelled 1.
"""

from typing import Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Fraction
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor, append_axes
from kerasloss.core.numerics import crossentropy_of_logit, mean
from kerasloss.core.registry import register


class _CriticLoss(ElementLoss):
    """A loss of a critic's scores of any shape; one label per sample may apply to all of its scores."""

    kind = "binary"
    activation = "linear"

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        one_each = len(true_shape) > 0 and true_shape[1:] in ((), (1,))
        if one_each and len(pred_shape) > 1 and checks.lengths_match(true_shape[:1], pred_shape[:1]):
            labels = append_axes(ops.reshape(y_true, (-1,)), len(pred_shape))
            y_true = ops.broadcast_to(labels, ops.shape(y_pred))
        return super().prepare(y_true, y_pred)

    def is_real(self, y_true: Tensor) -> Tensor:
        """1 for a label above 1/2, else 0; NaN for one outside [0, 1]."""
        inside = ops.logical_and(y_true >= 0, y_true <= 1)
        return ops.where(inside, ops.cast(y_true > 0.5, y_true.dtype), float("nan"))


@register
class MinimaxGAN(_CriticLoss):
    """The original adversarial game: the generator's loss is minus the critic's.

    Formula: for the critic the mean over the last axis of `-log(p)` where `y_true` is 1 and `-log(1 - p)`
    where it is 0, `p = sigmoid(y_pred)`. For the generator `log(1 - p)` and `log(p)`.

    Args:
        role: Who is trained: `"discriminator"` (the critic) or `"generator"`.
        label_smoothing: Share of the label 1/2 in the label 1, in [0, 1]; for the critic only.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: the critic's scores `(batch, ...)`, such as `(batch, 1)` or patches `(batch, h, w, 1)`.
        `y_true`: labels 0 or 1 (split at 1/2) of that shape, or one for each sample, `(batch,)` or
        `(batch, 1)`. Returns the shape of `y_pred` without the last axis.

    Raises:
        ValueError: For another `role`, a `label_smoothing` that is out of range or given to the generator, or
            shapes that don't match. A label outside [0, 1] gives NaN.

    Use it for the critic; not for a generator, which learns nothing while the critic is confident
    (`NonSaturatingGAN`).

    Example:

    >>> import kerasloss, numpy as np
    >>> critic, generator = kerasloss.MinimaxGAN(), kerasloss.MinimaxGAN(role="generator")
    >>> print(round(float(critic(np.array([[1], [0]]), np.array([[2.0], [-1.0]]))), 4))
    0.2201
    >>> print(round(float(generator(np.array([[1]]), np.array([[-1.0]]))), 4))
    -0.3133

    Equivalents: TF-GAN adds the means of real and generated scores: twice the mean of a batch of equal
    halves; its `minimax_discriminator_loss` has `label_smoothing=0.25`, its `minimax_generator_loss` is
    0.3133 less, the constant `softplus(-1)`.

    Reference: Goodfellow et al., 2014, Generative Adversarial Nets, NIPS (arXiv 1406.2661); one-sided
    smoothing: Salimans et al., 2016, Improved Techniques for Training GANs, NIPS (arXiv 1606.03498).
    """

    role: Literal["discriminator", "generator"] = "discriminator"
    label_smoothing: Fraction = 0.0

    def __post_init__(self) -> None:
        if self.role == "generator" and self.label_smoothing:
            checks.fail(
                self,
                "`label_smoothing` is for the discriminator",
                f"label_smoothing={self.label_smoothing!r}, role={self.role!r}",
            )

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        real = self.is_real(y_true)
        if self.role == "generator":
            return -mean(crossentropy_of_logit(1 - real, y_pred), axis=-1)
        return mean(crossentropy_of_logit((1 - self.label_smoothing / 2) * real, y_pred), axis=-1)


@register
class NonSaturatingGAN(_CriticLoss):
    """The usual adversarial loss: binary cross-entropy of the scores, for both critic and generator.

    Formula: the mean over the last axis of `-log(p)` where `y_true` is 1 and `-log(1 - p)` where it is 0,
    `p = sigmoid(y_pred)`. With `a = label_smoothing`, `-(1 - a / 2) log(p) - a / 2 * log(1 - p)` where it
    is 1.

    Args:
        label_smoothing: Share of the label 1/2 in the label 1, in [0, 1]. Use 0 for the generator.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: the critic's scores `(batch, ...)`, such as `(batch, 1)` or patches `(batch, h, w, 1)`.
        `y_true`: labels 0 or 1 (split at 1/2) of that shape, or one for each sample, `(batch,)` or
        `(batch, 1)`. Returns the shape of `y_pred` without the last axis.

    Raises:
        ValueError: If `label_smoothing` is out of range or the shapes don't match. A label outside [0, 1]
            gives NaN.

    Use it for both networks; label the generator's samples 1 in its own step. Not for a critic that ends in a
    sigmoid.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.NonSaturatingGAN()
    >>> print(round(float(loss(np.array([[1], [0]]), np.array([[2.0], [-1.0]]))), 4))
    0.2201

    Equivalents: TF-GAN adds the means of real and generated scores: twice the mean of a batch of equal
    halves; its `modified_discriminator_loss` has `label_smoothing=0.25`.

    Reference: Goodfellow et al., 2014, Generative Adversarial Nets, NIPS (arXiv 1406.2661).
    """

    label_smoothing: Fraction = 0.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        real = self.is_real(y_true)
        return mean(crossentropy_of_logit((1 - self.label_smoothing / 2) * real, y_pred), axis=-1)
