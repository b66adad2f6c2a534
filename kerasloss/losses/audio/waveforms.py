"""Waveforms: the power of what was added to a signal, and spectrograms at several resolutions."""

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, Literal

from keras import ops

from kerasloss.core import checks
from kerasloss.core.configuration import NonNegative, Positive
from kerasloss.core.kinds.waveform import WaveformLoss, shrunk
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import DECIBELS, absolute, clip_below, mean, norm
from kerasloss.core.registry import register

WINDOWS = {"hann": (0.5, 0.5, 0.0), "hamming": (0.54, 0.46, 0.0), "blackman": (0.42, 0.5, 0.08)}
"""The windows as sums of cosines: `a - b cos(t) + c cos(2 t)`."""


@register
class ScaleInvariantSDR(WaveformLoss):
    """Minus the ratio of signal to distortion in decibels, whatever the volume of the estimate.

    Formula: `-10 * log10((sum((a * y) ** 2) + epsilon) / (sum((a * y - y_pred) ** 2) + epsilon))` over time,
    with `a = (sum(y_pred * y) + epsilon) / (sum(y ** 2) + epsilon)`, and `a = 1` unless `scale_invariant`; y
    is `y_true`, and both have mean 0 if `zero_mean`.

    Args:
        zero_mean: Whether the mean over time is subtracted from both signals first.
        scale_invariant: Whether the target is scaled to the estimate (SI-SDR), or taken as it is (SNR).
        axis: The axis of the time, not the first.
        epsilon: What keeps the value finite for silence and for a perfect estimate, > 0: a power, summed over
            time.
        reduction, name, dtype: See `kerasloss.Loss`.

    Shapes:
        `y_true`, `y_pred`: waveforms `(batch, ..., time)`, the estimate being `y_pred`. Returns their axes
        without that of the time, `(batch, ...)`, in dB: lower is better.

    Raises:
        ValueError: If an argument is out of range, `axis` is the first axis, or the shapes differ.

    Use it for separation and enhancement, where the volume of the output does not matter; not where it does
    (`scale_invariant=False`), nor for targets that can be silent, beside which any output is distortion. A
    perfect estimate has the value `-10 * log10(sum(y ** 2) / epsilon)`, about, and there louder is still a
    little better. It does not notice a change of sign: -y scores as well as y. Where an output may take any
    of several sources: `PermutationInvariant`.

    Example:

    >>> import kerasloss, numpy as np
    >>> y_true, y_pred = np.array([[1.0, -1.0, 2.0, 0.0]]), np.array([[0.9, -0.8, 1.5, 0.2]])
    >>> round(float(kerasloss.ScaleInvariantSDR()(y_true, y_pred)), 4)
    -18.3735

    Equivalents: minus torchmetrics `scale_invariant_signal_noise_ratio`: `epsilon=2**-23`;
    `scale_invariant_signal_distortion_ratio`: `zero_mean=False` too; `signal_noise_ratio`:
    `scale_invariant=False` too. auraloss `SISDRLoss`, asteroid `SingleSrcNegSDR("sisdr")`: default;
    `SNRLoss`, `SingleSrcNegSDR("snr")`: `scale_invariant=False`; they add their 1e-8 in other places.

    Reference: Le Roux, Wisdom, Erdogan & Hershey, 2019, SDR - Half-Baked or Well Done?, ICASSP.
    """

    zero_mean: bool = True
    scale_invariant: bool = True
    axis: int = -1
    epsilon: Positive = 1e-08

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if self.zero_mean:
            y_true, y_pred = (x - ops.expand_dims(mean(x, self.axis), self.axis) for x in (y_true, y_pred))
        y_true, y_pred, factor = shrunk(y_true, y_pred, self.axis)
        epsilon = shrunk_power(self.epsilon, factor)
        if self.scale_invariant:
            y_true = y_true * (self.total(y_pred * y_true) + epsilon) / (self.total(y_true**2) + epsilon)
        noise, signal = (self.total(ops.square(x)) + epsilon for x in (y_true - y_pred, y_true))
        return DECIBELS * ops.squeeze(ops.log(noise) - ops.log(signal), self.axis)

    def total(self, x: Tensor) -> Tensor:
        """The sum over time, whose axis is kept."""
        return ops.sum(x, axis=self.axis, keepdims=True)


def shrunk_power(power: float, factor: Tensor) -> Tensor:
    """A power of signals that were multiplied by `factor`, not so small that it is 0."""
    return clip_below(power * factor * factor, 2.0**-120)


def each_integer(least: int) -> Any:
    """A check of a sequence of integers."""

    def check(loss: Any, name: str, value: Any) -> Any:
        for i, entry in enumerate(checks.sequence(loss, name, value)):
            checks.integer(loss, f"{name}[{i}]", entry, least=least)
        return value

    return check


@register
class MultiResolutionSTFT(WaveformLoss):
    """Differences of magnitudes between two spectrograms, at several resolutions of time and frequency.

    Formula: the mean over the resolutions of `convergence_weight * norm(S - S_pred) / norm(S) +
    log_magnitude_weight * mean(|log(S) - log(S_pred)|) + magnitude_weight * mean(|S - S_pred|)`, with the
    magnitudes `S = sqrt(max(|STFT(y_true)| ** 2, epsilon))`; norms and means are over the frames and
    frequencies of one signal.

    A frame of the transform is `sum(window[n] * y[n] * exp(-2 pi i k n / fft_length))` for the frequencies
    0 <= k <= fft_length / 2: that of torch.stft, one-sided and not normalised.

    Args:
        fft_lengths: For each resolution the length of the transform, integers >= 2.
        hop_lengths: For each resolution the samples from one frame to the next, integers >= 1.
        window_lengths: For each resolution the length of the window, integers from 2 to `fft_length`; it
            stands in the middle of its frame, and the rest is 0.
        convergence_weight, log_magnitude_weight, magnitude_weight: Factors of the three terms, >= 0, not
            all 0.
        reduction, name, dtype: See `kerasloss.Loss`.
        axis: The axis of the time, not the first.
        window: `"hann"`, `"hamming"` or `"blackman"`, in their periodic form.
        center: Whether a frame is around its time, with the signal reflected at both ends by
            `fft_length // 2`, or begins there.
        epsilon: The least power, > 0.

    Shapes:
        `y_true`, `y_pred`: waveforms `(batch, ..., time)`. Returns their axes without that of the time,
        `(batch, ...)`.

    Raises:
        ValueError: If an argument is out of range, the three lists differ in length, all factors are 0,
            `axis` is the first axis, the shapes differ, or the time is shorter than a frame:
            `fft_length // 2 + 1` samples, `fft_length` with `center=False`.

    Use it for vocoders and other synthesis, where phases are free; with a loss of waveforms where they are
    not. Lengths are in samples: the defaults are for speech at 24 kHz. The gradient of equal signals is 0, as
    it is at frequencies below `epsilon`.

    Example:

    >>> import kerasloss, numpy as np
    >>> t = 0.3 * np.arange(64)
    >>> loss = kerasloss.MultiResolutionSTFT((16, 32), (4, 8), (12, 24))
    >>> round(float(loss(np.sin(t)[None], 0.5 * np.cos(t)[None])), 2)
    2.07

    Equivalents: auraloss `MultiResolutionSTFTLoss`: default, on one signal: the norms of its convergence term
    run over the batch. Its `w_sc`, `w_log_mag`, `w_lin_mag`, `eps` are the factors and `epsilon`. Parallel
    WaveGAN, ESPnet: `epsilon=1e-7`; they return the first two terms apart.

    Reference: Yamamoto, Song & Kim, 2020, Parallel WaveGAN: A fast waveform generation model based on
    generative adversarial networks with multi-resolution spectrogram, ICASSP; Arik, Jun & Diamos, 2019, Fast
    Spectrogram Inversion using Multi-head Convolutional Neural Networks, IEEE Signal Processing Letters.
    """

    fft_lengths: Annotated[Sequence[int], each_integer(2)] = (1024, 2048, 512)
    hop_lengths: Annotated[Sequence[int], each_integer(1)] = (120, 240, 50)
    window_lengths: Annotated[Sequence[int], each_integer(2)] = (600, 1200, 240)
    convergence_weight: NonNegative = 1.0
    log_magnitude_weight: NonNegative = 1.0
    magnitude_weight: NonNegative = 0.0
    _: KW_ONLY
    axis: int = -1
    window: Literal["hann", "hamming", "blackman"] = "hann"
    center: bool = True
    epsilon: Positive = 1e-08

    def __post_init__(self) -> None:
        lengths = (self.fft_lengths, self.hop_lengths, self.window_lengths)
        named = dict(zip(("fft_lengths", "hop_lengths", "window_lengths"), lengths, strict=True))
        received = ", ".join(f"{name}={value!r}" for name, value in named.items())
        if len(set(map(len, lengths))) > 1:
            checks.fail(
                self, "`fft_lengths`, `hop_lengths`, `window_lengths` must have the same length", received
            )
        if any(window > fft for fft, _, window in self.resolutions):
            checks.fail(self, "`window_lengths` must be at most `fft_lengths`", received)
        if not (self.convergence_weight or self.log_magnitude_weight or self.magnitude_weight):
            checks.fail(
                self,
                "`convergence_weight`, `log_magnitude_weight` or `magnitude_weight` must be > 0",
                "all are 0",
            )

    @property
    def resolutions(self) -> list[tuple[int, int, int]]:
        """The length of the transform, the hop and the length of the window of each resolution."""
        return list(zip(self.fft_lengths, self.hop_lengths, self.window_lengths, strict=True))

    def prepare(self, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
        y_true, y_pred = super().prepare(y_true, y_pred)
        time, longest = y_pred.shape[self.axis], max(self.fft_lengths)
        least = longest // 2 + 1 if self.center else longest
        if time is not None and time < least:
            checks.fail(
                self,
                f"signals must have at least {least} samples for `fft_lengths` up to {longest}",
                f"axis={self.axis}, y_pred.shape={tuple(y_pred.shape)}",
            )
        return y_true, y_pred

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true, y_pred = (ops.moveaxis(x, self.axis, -1) for x in (y_true, y_pred))
        y_true, y_pred, factor = shrunk(y_true, y_pred, -1)
        factor = ops.expand_dims(factor, -1)
        floor = shrunk_power(self.epsilon, factor)
        total = 0.0
        for resolution in self.resolutions:
            powers = (self.power(x, *resolution) for x in (y_true, y_pred))
            total = total + self.distance(*(ops.where(x < floor, floor, x) for x in powers), factor)
        return total / len(self.fft_lengths)

    def distance(self, true: Tensor, pred: Tensor, factor: Tensor) -> Tensor:
        """The sum of the terms, of powers `(..., frames, frequencies)` of shrunk signals."""
        axes, value = [len(pred.shape) - 2, len(pred.shape) - 1], 0.0
        if self.log_magnitude_weight:
            difference = absolute(ops.log(true) - ops.log(pred))
            value = 0.5 * self.log_magnitude_weight * mean(difference, axes)
        if self.convergence_weight or self.magnitude_weight:
            true, pred = ops.sqrt(true), ops.sqrt(pred)
        if self.convergence_weight:
            value = value + self.convergence_weight * norm(true - pred, axes) / norm(true, axes)
        if self.magnitude_weight:
            value = value + self.magnitude_weight * mean(absolute(true - pred) / factor, axes)
        return value

    def power(self, x: Tensor, fft_length: int, hop: int, length: int) -> Tensor:
        """The squared magnitudes of the transform over the last axis, `(..., frames, frequencies)`.

        Frames are as long as their windows: where zeros stand around a window changes phases alone.
        """
        time = ops.shape(x)[-1]
        border = fft_length // 2 if self.center else 0
        count = 1 + (time + 2 * border - fft_length) // hop
        start = (fft_length - length) // 2 - border
        index = ops.expand_dims(hop * ops.arange(count, dtype="int32") + start, 1)
        index = ops.abs(index + ops.arange(length, dtype="int32"))  # reflected at the first sample
        index = (time - 1) - ops.abs((time - 1) - index)  # and at the last
        frames = ops.take(x, index, axis=-1) * self.weights(length, x)
        real, imaginary = ops.rfft(frames, fft_length=fft_length)
        return ops.square(real) + ops.square(imaginary)

    def weights(self, length: int, like: Tensor) -> Tensor:
        """The window of that length, which repeats itself after it."""
        a, b, c = WINDOWS[self.window]
        angle = (2 * math.pi / length) * ops.arange(length, dtype=like.dtype)
        window = a - b * ops.cos(angle)
        return window + c * ops.cos(2 * angle) if c else window
