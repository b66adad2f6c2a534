"""Diffusion and flow models: what a network predicts of a noisy sample, weighed by the level of the noise.

The losses draw no noise: the training step does, and hands over the target. A weighting needs the noise level
too, one more channel of `y_true` that holds it at every position.
"""

import math
from typing import Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import Positive
from kerasloss.core.kinds.element import ElementLoss
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import clip, maximum, mean, minimum, nan_unless
from kerasloss.core.registry import register


class _NoiseLoss(ElementLoss):
    """A mean of squares over each sample, times a weight of its noise level."""

    elementwise = False
    whole_samples = True

    weighting = None

    def weight(self, level: Tensor) -> Tensor:
        """The weight of each sample, from its level `(batch,)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement `weight`.")

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true = ops.cast(y_true, self.compute_dtype)
        true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
        channels = pred_shape[-1] if len(pred_shape) > 1 else None
        width = true_shape[-1] if true_shape else None
        received = f"y_true.shape={true_shape}, y_pred.shape={pred_shape}"
        if (
            channels is None
            or not checks.lengths_match(true_shape[:-1], pred_shape[:-1])
            or width not in (channels, channels + 1)
        ):
            what = "`y_true` must have the shape of `y_pred`, (batch, ..., C), or one channel more"
            checks.fail(self, what, received)
        if self.weighting is None:
            return y_true[..., :channels], y_pred
        if width == channels:
            what = (
                f"`weighting={self.weighting!r}` needs the noise level in `y_true`, as one more channel, "
                "(batch, ..., C + 1)"
            )
            checks.fail(self, what, received)
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        axes = self.entry_axes(y_pred)
        if self.weighting is None:
            return mean(ops.square(y_pred - y_true), axis=axes)
        level = ops.stop_gradient(y_true[(slice(None), *(0,) * (len(axes) - 1), -1)])
        return self.weight(level) * mean(ops.square(y_pred - y_true[..., :-1]), axis=axes)


@register
class Diffusion(_NoiseLoss):
    """What a diffusion model predicts, weighed by the ratio of signal and noise.

    Formula: `w * mean((y_pred - y_true) ** 2)` over all axes but the first, with `w = v / c` for the ratio
    `s = exp(level)`, and `w = 1` without weighting. `c = s` for `"epsilon"`, `c = 1` for `"sample"`,
    `c = s + 1` for `"velocity"`: so the weight is that of an error of the sample.

    Args:
        prediction: What is predicted: `"epsilon"`, the noise; `"sample"`, the clean sample; `"velocity"`,
            `alpha * noise - sigma * sample`.
        weighting: The weight v: `"snr"` is s, `"min_snr"` `min(s, gamma)`, `"soft_min_snr"`
            `s * gamma / (s + gamma)`, `"truncated_snr"` `max(s, 1)`, `"edm"` `s + 1 / sigma_data ** 2`.
        gamma: The limit of `"min_snr"` and `"soft_min_snr"`, > 0.
        sigma_data: The standard deviation of the data, > 0, for `"edm"`.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`, real numbers. `y_true`: the target of the same shape; with a weighting
        `(batch, ..., C + 1)`, whose last channel holds the noise level of the sample, the logarithm of
        `alpha ** 2 / sigma ** 2`. Returns `(batch,)`.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, or the noise level is missing. A
            level that is NaN gives NaN.

    Use it in a training step that draws noise and levels, and joins them to the target:
    `ops.concatenate([target, ops.broadcast_to(level, (..., 1))], -1)`. Not for flows: `FlowMatching`. A level
    is taken to be within -80 and 80, where most weights have reached their limits, also where there is no
    signal at all.

    Example:

    >>> import kerasloss, numpy as np
    >>> target, level = np.array([[1.0, 0.0], [1.0, 0.0]]), np.log(np.array([[10.0], [0.5]]))
    >>> y_pred = np.array([[0.5, 0.5], [0.0, 0.0]])
    >>> print(float(kerasloss.Diffusion()(target, y_pred)))
    0.375
    >>> y_true = np.concatenate([target, level], axis=-1)
    >>> print(round(float(kerasloss.Diffusion(weighting="min_snr")(y_true, y_pred)), 4))
    0.3125

    Equivalents: diffusers' training scripts: default; with `snr_gamma=5.0` `weighting="min_snr"`, on the
    logarithm of what its `compute_snr` gives.

    Reference: Ho, Jain & Abbeel, 2020, Denoising Diffusion Probabilistic Models, NeurIPS (arXiv 2006.11239);
    Salimans & Ho, 2022, ICLR (arXiv 2202.00512); Hang et al., 2023, Efficient Diffusion Training via Min-SNR
    Weighting Strategy, ICCV (arXiv 2303.09556); Karras et al., 2022, NeurIPS (arXiv 2206.00364); Crowson et
    al., 2024, ICML (arXiv 2401.11605).
    """

    prediction: Literal["epsilon", "sample", "velocity"] = "epsilon"
    weighting: Literal["snr", "min_snr", "soft_min_snr", "truncated_snr", "edm"] | None = None
    gamma: Positive = 5.0
    sigma_data: Positive = 0.5

    def weight(self, level: Tensor) -> Tensor:
        x = clip(level, -80.0, 80.0)
        one = ops.ones_like(x)
        signal, rest = {  # s / c and 1 / c
            "epsilon": lambda: (one, ops.exp(-x)),
            "sample": lambda: (ops.exp(x), one),
            "velocity": lambda: (ops.sigmoid(x), ops.sigmoid(-x)),
        }[self.prediction]()
        return ops.where(ops.isnan(level), level, self._weight(signal, rest))

    def _weight(self, signal: Tensor, rest: Tensor) -> Tensor:
        if self.weighting == "snr":
            return signal
        if self.weighting == "min_snr":
            return minimum(signal, self.gamma * rest)
        if self.weighting == "soft_min_snr":
            return signal / (signal / (self.gamma * rest) + 1)
        if self.weighting == "truncated_snr":
            return maximum(signal, rest)
        return signal + rest / self.sigma_data**2


@register
class FlowMatching(_NoiseLoss):
    """The velocity of a straight path between a sample and noise: rectified flows.

    Formula: `w * mean((y_pred - y_true) ** 2)` over all axes but the first, at the time t. The weight w is
    `1 / t ** 2`, `2 / (pi (1 - 2 t + 2 t ** 2))`, the density of `sigmoid(logit_mean + logit_std * x)` at t
    for a standard normal x, or 1.

    Args:
        weighting: `"sigma_sqrt"`, `"cosmap"` or `"logit_normal"`, in the order of the formula; None: 1.
        logit_mean: The mean of the logit of t, a finite number, for `"logit_normal"`.
        logit_std: Its standard deviation, > 0.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_pred`: `(batch, ..., C)`, real numbers. `y_true`: the target of the same shape, `noise - sample`
        for a path `(1 - t) * sample + t * noise`; with a weighting `(batch, ..., C + 1)`, whose last channel
        holds the time t in [0, 1] of the sample. Returns `(batch,)`.

    Raises:
        ValueError: If an argument is out of range, the shapes don't match, or the time is missing. A time
            outside [0, 1] gives NaN.

    Use it in a training step that draws noise and times uniformly, and joins them to the target:
    `ops.concatenate([target, ops.broadcast_to(t, (..., 1))], -1)`. Not where the times are drawn from the
    density itself: then the weight is 1. A time is taken to be at least 1e-5 from 0 and 1. Where 0 means
    noise, pass `1 - t`.

    Example:

    >>> import kerasloss, numpy as np
    >>> target, t = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[0.25], [0.5]])
    >>> y_pred = np.array([[0.5, 0.5], [0.0, 0.0]])
    >>> print(float(kerasloss.FlowMatching()(target, y_pred)))
    0.375
    >>> y_true = np.concatenate([target, t], axis=-1)
    >>> print(float(kerasloss.FlowMatching(weighting="sigma_sqrt")(y_true, y_pred)))
    3.0

    Equivalents: diffusers `compute_loss_weighting_for_sd3`: the same names; its `"logit_normal"` and
    `"mode"` draw times and weigh by 1. torchcfm: default.

    Reference: Lipman et al., 2023, Flow Matching for Generative Modeling, ICLR (arXiv 2210.02747); Liu, Gong
    & Liu, 2023, Flow Straight and Fast, ICLR (arXiv 2209.03003); Esser et al., 2024, Scaling Rectified Flow
    Transformers for High-Resolution Image Synthesis, ICML (arXiv 2403.03206).
    """

    weighting: Literal["sigma_sqrt", "cosmap", "logit_normal"] | None = None
    logit_mean: float = 0.0
    logit_std: Positive = 1.0

    def weight(self, level: Tensor) -> Tensor:
        t = clip(level, 1e-5, 1 - 1e-5)
        inside = ops.logical_and(level >= 0, level <= 1)
        return nan_unless(inside, self._weight(t))

    def _weight(self, t: Tensor) -> Tensor:
        if self.weighting == "sigma_sqrt":
            return 1 / ops.square(t)
        if self.weighting == "cosmap":
            return 2 / (math.pi * (ops.square(t) + ops.square(1 - t)))
        z = (ops.log(t) - ops.log1p(-t) - self.logit_mean) / self.logit_std
        scale = self.logit_std * math.sqrt(2 * math.pi)
        return ops.exp(-0.5 * ops.square(z)) / (scale * t * (1 - t))
