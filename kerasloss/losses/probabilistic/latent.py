"""The divergence of two normal distributions, given by their parameters: regularises a latent space."""

from typing import Any

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import NonNegative
from kerasloss.core.links import LARGEST_LOG
from kerasloss.core.loss import Loss, Tensor
from kerasloss.core.numerics import clip_above, clip_below
from kerasloss.core.registry import register
from kerasloss.core.special import exp_remainder


@register
class GaussianKLDivergence(Loss):
    """Relative entropy of normal distributions: the term that keeps a variational autoencoder near its prior.

    Formula: `sum(max(K, free_bits))` over d of
    `K = (exp(l_q - l_p) - 1 - (l_q - l_p) + (m_q - m_p) ** 2 / exp(l_p)) / 2`,
    which is KL(q || p), with means m and log-variances l, clipped to [-40, 40].

    Args:
        free_bits: Nats per dimension that are free, >= 0; below this the gradient is 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., d, 2)`: mean and log-variance of q. `y_true`: the same for the prior p; zeros
        are the standard normal. Returns `(batch, ...)`.

    Raises:
        ValueError: If `free_bits` is negative, or the shapes differ or don't end in `(d, 2)`.

    Use it beside the reconstruction of an autoencoder, as `beta * GaussianKLDivergence()` of an output of its
    own, whose labels are zeros; not for full covariances.

    Example:

    >>> import kerasloss, numpy as np
    >>> loss = kerasloss.GaussianKLDivergence()
    >>> round(float(loss(np.zeros((1, 2, 2)), np.array([[[1.0, 0.0], [0.0, 1.0]]]))), 4)
    0.8591

    Equivalents: torch `kl_divergence(Normal(mq, exp(lq / 2)), Normal(mp, exp(lp / 2))).sum(-1)`. Kingma's
    free bits apply to the mean of K over the batch; here they apply to each sample.

    Reference: Kingma & Welling, 2014, Auto-Encoding Variational Bayes, ICLR (arXiv 1312.6114); free bits:
    Kingma et al., 2016, Improved Variational Inference with Inverse Autoregressive Flow, NIPS (arXiv
    1606.04934).
    """

    kind = "distribution"
    activation = "linear"

    free_bits: NonNegative = 0.0

    def entry_axes(self, y_pred: Tensor) -> list[int]:
        return [len(y_pred.shape) - 2, len(y_pred.shape) - 1]

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        checks.same_shape(self, y_true, y_pred)
        if len(y_pred.shape) < 3 or y_pred.shape[-1] != 2:
            checks.fail(
                self,
                "`y_pred` must have shape (batch, ..., d, 2), with mean and log-variance on the last axis",
                f"y_pred.shape={tuple(y_pred.shape)}",
            )
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        log_p, log_q = _log_variance(y_true), _log_variance(y_pred)
        shift = y_pred[..., 0] - y_true[..., 0]
        each = 0.5 * (exp_remainder(log_q - log_p) + ops.square(shift) * ops.exp(-log_p))
        return ops.sum(clip_below(each, self.free_bits) if self.free_bits else each, axis=-1)


def _log_variance(x: Tensor) -> Tensor:
    """The clipped log-variance of a normal distribution; gradient 0 beyond the bounds."""
    return clip_above(clip_below(x[..., 1], -LARGEST_LOG), LARGEST_LOG)
