"""Generative adversarial networks: losses of a critic's scores, for the critic and for the generator.

The contract of all of them: `y_pred` holds the critic's raw scores, and `y_true` is 1 where the network in
training wants the score to say "real", else 0. So the critic gets real samples labelled 1 and generated ones
labelled 0, and the generator gets its samples labelled 1.
"""

from typing import Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Fraction, NonNegative, Positive
from kerasloss.core.kinds.critic import CriticLoss
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.labels import no_labels
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import crossentropy_of_logit, mean, norm
from kerasloss.core.registry import register


@register
class MinimaxGAN(CriticLoss):
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
class NonSaturatingGAN(CriticLoss):
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


@register
class LeastSquaresGAN(CriticLoss):
    """Scores as numbers that are 1 for real samples: gradients that grow with the distance from the label.

    Formula: the mean over the last axis of `(y_pred - c) ** 2 / 2`, with `c = real_label` where `y_true` is 1
    and `c = generated_label` where it is 0.

    Args:
        real_label: The score that a real sample should have, a finite number.
        generated_label: The score that a generated sample should have, a finite number.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: the critic's scores `(batch, ...)`, such as `(batch, 1)` or patches `(batch, h, w, 1)`.
        `y_true`: labels 0 or 1 (split at 1/2) of that shape, or one for each sample, `(batch,)` or
        `(batch, 1)`. Returns the shape of `y_pred` without the last axis.

    Raises:
        ValueError: If an argument is not finite or the shapes don't match. A label outside [0, 1] gives NaN.

    Use it for both networks where `NonSaturatingGAN` is unstable, as in image translation with patches; not
    for a critic that ends in a sigmoid.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.LeastSquaresGAN()
    >>> print(float(loss(np.array([[1], [0]]), np.array([[2.0], [-1.0]]))))
    0.5

    Equivalents: MONAI PatchAdversarialLoss and CycleGAN's code have no 1/2. The paper's coding -1, 1, 0:
    `LeastSquaresGAN(1.0, -1.0)` for the critic, `LeastSquaresGAN(0.0)` for the generator.

    Reference: Mao et al., 2017, Least Squares Generative Adversarial Networks, ICCV (arXiv 1611.04076).
    """

    real_label: float = 1.0
    generated_label: float = 0.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        wanted = self.generated_label + (self.real_label - self.generated_label) * self.is_real(y_true)
        return 0.5 * mean(ops.square(y_pred - wanted), axis=-1)


@register
class WassersteinGAN(CriticLoss):
    """The earth mover's distance of real and generated samples, as far as the critic is Lipschitz.

    Formula: the mean over the last axis of `-y_pred` where `y_true` is 1, of `y_pred` where it is 0.

    Args:
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: the critic's scores `(batch, ...)`, such as `(batch, 1)` or patches `(batch, h, w, 1)`.
        `y_true`: labels 0 or 1 (split at 1/2) of that shape, or one for each sample, `(batch,)` or
        `(batch, 1)`. Returns the shape of `y_pred` without the last axis.

    Raises:
        ValueError: If the shapes don't match. A label outside [0, 1] gives NaN.

    Use it for both networks, with a critic whose slopes are bounded: `GradientPenalty`, spectral
    normalisation, or clipped weights; not without one of them, since the scores then grow without end.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.WassersteinGAN()
    >>> print(float(loss(np.array([[1], [0]]), np.array([[2.0], [-1.0]]))))
    -1.5

    Equivalents: TF-GAN adds the means of real and generated scores: twice the mean of a batch of equal
    halves.

    Reference: Arjovsky, Chintala & Bottou, 2017, Wasserstein Generative Adversarial Networks, ICML (arXiv
    1701.07875).
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean((1 - 2 * self.is_real(y_true)) * y_pred, axis=-1)


@register
class HingeGAN(CriticLoss):
    """A critic that leaves alone what it is sure of: the usual loss of large image generators.

    Formula: for the critic the mean over the last axis of `max(0, margin - y_pred)` where `y_true` is 1 and
    `max(0, margin + y_pred)` where it is 0. For the generator `-y_pred` and `y_pred`.

    Args:
        role: Who is trained: `"discriminator"` (the critic) or `"generator"`.
        margin: The score beyond which the critic is sure enough, > 0; of no effect on the generator.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: the critic's scores `(batch, ...)`, such as `(batch, 1)` or patches `(batch, h, w, 1)`.
        `y_true`: labels 0 or 1 (split at 1/2) of that shape, or one for each sample, `(batch,)` or
        `(batch, 1)`. Returns the shape of `y_pred` without the last axis.

    Raises:
        ValueError: For another `role`, a `margin` that is out of range, or shapes that don't match. A label
            outside [0, 1] gives NaN.

    Use it with a critic that has spectral normalisation; not with the default `role` in the generator's
    step, where it would stop learning at the margin. The gradient at the corner is 0.

    Example:

    >>> import kerasloss, numpy as np
    >>> critic, generator = kerasloss.HingeGAN(), kerasloss.HingeGAN("generator")
    >>> print(float(critic(np.array([[1], [0], [0]]), np.array([[2.0], [-1.0], [0.5]]))))
    0.5
    >>> print(float(generator(np.array([[1]]), np.array([[0.5]]))))
    -0.5

    Equivalents: TF-GAN adds the means of real and generated scores: twice the mean of a batch of equal
    halves; its `real_hinge` and `generated_hinge` are `margin`.

    Reference: Lim & Ye, 2017, Geometric GAN (arXiv 1705.02894); Miyato et al., 2018, Spectral Normalization
    for Generative Adversarial Networks, ICLR (arXiv 1802.05957).
    """

    role: Literal["discriminator", "generator"] = "discriminator"
    margin: Positive = 1.0

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        wrong = (1 - 2 * self.is_real(y_true)) * y_pred
        return mean(wrong if self.role == "generator" else ops.relu(self.margin + wrong), axis=-1)


@register
class GradientPenalty(ElementLoss):
    """Keeps a critic smooth: a penalty on the gradients of its scores with respect to its inputs.

    Formula: `(n / target - 1) ** 2` with `n = ||y_pred||` over all axes but the first; if `one_sided`,
    `max(0, n / target - 1) ** 2`; with `target=0`, `n ** 2`.

    Args:
        target: The norm that the gradients should have, >= 0.
        one_sided: Whether smaller norms are free.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: gradients of the scores by the inputs, `(batch, ...)`. `y_true` is ignored. Returns
        `(batch,)`.

    Raises:
        ValueError: If `target` is negative, or 0 with `one_sided`.

    Use it beside the loss of a critic: times 10 on gradients at points between real and generated samples
    (WGAN-GP); with `target=0`, times gamma / 2, at real samples (R1) and generated ones (R2). Not for the
    generator. The gradients are taken by the training step: docs/guides/training_loops.md has one for each
    backend. Where they are 0 the penalty has no gradient.

    Example:

    >>> import kerasloss, numpy as np
    >>> gradients = np.array([[3.0, 4.0], [0.3, 0.4]])
    >>> print(float(kerasloss.GradientPenalty()(None, gradients)))
    8.125
    >>> print(float(kerasloss.GradientPenalty(target=0.0)(None, gradients)))
    12.625

    Equivalents: TF-GAN `wasserstein_gradient_penalty(target, one_sided)` adds 1e-10 under the root.

    Reference: Gulrajani et al., 2017, Improved Training of Wasserstein GANs, NeurIPS (arXiv 1704.00028);
    Mescheder, Geiger & Nowozin, 2018, Which Training Methods for GANs do actually Converge?, ICML (arXiv
    1801.04406); one-sided: Petzka, Fischer & Lukovnikov, 2018, ICLR (arXiv 1709.08894).
    """

    needs_y_true = False
    elementwise = False
    whole_samples = True

    target: NonNegative = 1.0
    one_sided: bool = False

    def __post_init__(self) -> None:
        if self.one_sided and self.target == 0:
            checks.fail(self, "`one_sided` needs a `target` > 0", f"one_sided=True, target={self.target!r}")

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        if len(y_pred.shape) < 2:
            what = "`y_pred` must be gradients (batch, ...) of at least two axes"
            checks.fail(self, what, f"y_pred.shape={tuple(y_pred.shape)}")
        return no_labels(y_pred), y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        axes = self.entry_axes(y_pred)
        if self.target == 0:
            return ops.sum(ops.square(y_pred), axis=axes)
        excess = norm(y_pred, axes) / self.target - 1
        return ops.square(ops.relu(excess) if self.one_sided else excess)
