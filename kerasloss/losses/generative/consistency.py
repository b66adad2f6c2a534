"""What accompanies adversarial training: images that come back, and features that agree."""

from typing import Literal

from keras import ops

from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import absolute, mean, weighted_mean
from kerasloss.core.registry import register


class _SampleLoss(ElementLoss):
    """A loss of whole samples: a mean over all axes but the first of `|e| ** p`."""

    elementwise = False
    adds_entry_axis = True
    whole_samples = True

    p = 1

    def measure(self, error: Tensor) -> Tensor:
        """`|e| ** p` of each entry."""
        return absolute(error) if self.p == 1 else ops.square(error)


@register
class CycleConsistency(_SampleLoss):
    """An image against its round trip through two generators, there and back.

    Formula: the mean of `|y_pred - y_true| ** p` over all axes but the first.

    Args:
        p: The exponent, 1 or 2.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`: images, or any `(batch, ...)`. `y_pred`: their round trips, of the same shape. Returns
        `(batch,)`.

    Raises:
        ValueError: For another `p`, or different shapes.

    Use it in both directions beside an adversarial loss, times 10 in CycleGAN, to translate between two sets
    of images without pairs; also for its identity loss, on an image and what the generator of its own side
    makes of it. Not where pairs are known.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[0.0, 1.0]]), np.array([[0.5, 0.8]])
    >>> print(round(float(kerasloss.CycleConsistency()(y_true, y_pred)), 4))
    0.35

    Equivalents: TF-GAN takes the mean over both directions, stacked on the batch axis; CycleGAN their sum.

    Reference: Zhu, Park, Isola & Efros, 2017, Unpaired Image-to-Image Translation using Cycle-Consistent
    Adversarial Networks, ICCV (arXiv 1703.10593).
    """

    p: Literal[1, 2] = 1

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean(self.measure(y_pred - y_true), axis=self.entry_axes(y_pred))


@register
class FeatureMatching(_SampleLoss):
    """Generated samples that a critic's hidden layer sees as it sees real ones.

    Formula: `mean(|g - r| ** p)` over the features, with the means over the batch r of `y_true` and g of
    `y_pred`. Without `batch_mean` the mean of `|y_pred - y_true| ** p` for each sample.

    Args:
        p: The exponent, 1 or 2.
        batch_mean: Whether means over the batch are compared, or each sample with its own.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: the features of real and of generated samples, `(batch, ...)`. Returns one number
        for the batch, or `(batch,)` without `batch_mean`.

    Raises:
        ValueError: For another `p`, or different shapes.

    Use it for the generator, one call for each layer of the critic; `FeatureMatching(1, batch_mean=False)`
    where each generated image has a real one (pix2pixHD). Not for the critic: the real features have no
    gradient. Sample weights weigh both means; a sample that is masked or of weight 0 is absent.

    Example:

    >>> import kerasloss, numpy as np
    >>> real, generated = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 2.0], [2.0, 8.0]])
    >>> print(float(kerasloss.FeatureMatching()(real, generated)))
    2.5

    Equivalents: the squared norm of the paper is the value times the number of features.

    Reference: Salimans et al., 2016, Improved Techniques for Training GANs, NIPS (arXiv 1606.03498); Wang et
    al., 2018, High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs, CVPR (arXiv
    1711.11585).
    """

    scope = "batch"

    p: Literal[1, 2] = 2
    batch_mean: bool = True

    def weighs_inside(self, y_pred: Tensor) -> bool:
        return self.batch_mean

    def call(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        y_true = ops.stop_gradient(y_true)
        if not self.batch_mean:
            return mean(self.measure(y_pred - y_true), axis=self.entry_axes(y_pred))
        if sample_weight is None:
            return mean(self.measure(mean(y_pred - y_true, axis=0)))
        weight = self.broadcast_from_left(sample_weight, y_pred) * ops.ones_like(y_pred)
        error = weighted_mean(y_pred - y_true, weight, axis=0)
        there = ops.cast(ops.any(weight > 0, axis=0), error.dtype)  # a place that no sample has is no feature
        return weighted_mean(self.measure(error), there, axis=None)
