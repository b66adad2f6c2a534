"""Cases of `kerasloss/losses/audio/waveforms.py`."""

import functools
import itertools

import mpmath
import numpy as np

import kerasloss as K
from tests import precise as m
from tests.cases.case import Case, Exempt
from tests.cases.common.element import real_extremes

SMALL = {"fft_lengths": [4, 5], "hop_lengths": [2, 3], "window_lengths": [4, 4]}
WAVE = np.array([[1.0, -1.0, 2.0, 0.0]]), np.array([[0.9, -0.8, 1.5, 0.2]])
TONE = tuple(
    x.astype("float32")[None] for x in (np.sin(0.3 * np.arange(64)), 0.5 * np.cos(0.3 * np.arange(64)))
)
SILENCE, CLICK = np.zeros((1, 4)), np.array([[0.0, 3.0, 4.0, 0.0]])
TONES = {"fft_lengths": (16,), "hop_lengths": (4,), "window_lengths": (12,)}


def draw_signals(*shape):
    def draw(rng, n):
        y_true, y_pred = rng.normal(size=(2, n, *shape)).astype("float32")
        return y_true, y_pred

    return draw


def draw_estimates(rng, n):
    """Around -10 dB: float32 has few digits of 0 dB, the logarithm of 1, and of nearly orthogonal signals."""
    y_true, noise = rng.normal(size=(2, n, 8, 10))
    return y_true.astype("float32"), (0.5 * y_true + 0.25 * noise).astype("float32")


def decibels(signal, noise):
    return 10 * mpmath.log10(noise / signal)


def signal_to_distortion(y, p, zero_mean=True, scale_invariant=True, axis=-1, epsilon=1e-8):
    """Signal by signal, with the power of the distortion from the three products of the two signals."""
    epsilon = mpmath.mpf(epsilon)
    y, p = (np.moveaxis(x, axis, -1) for x in (y, p))
    values = np.empty(y.shape[:-1], object)
    for i in np.ndindex(values.shape):
        a, b = y[i], p[i]
        if zero_mean:
            a, b = (x - sum(x) / len(x) for x in (a, b))
        aa, ab, bb = a @ a, a @ b, b @ b
        factor = (ab + epsilon) / (aa + epsilon) if scale_invariant else 1
        noise = factor**2 * aa - 2 * factor * ab + bb
        values[i] = decibels(factor**2 * aa + epsilon, noise + epsilon)
    return values


@functools.cache
def waves(length, window_length, window):
    """The window times the waves of every frequency, which stand around the middle of the frame."""
    a, b, c = {"hann": (0.5, 0.5, 0), "hamming": (0.54, 0.46, 0), "blackman": (0.42, 0.5, 0.08)}[window]
    a, b, c = (mpmath.mpf(str(x)) for x in (a, b, c))
    left = (length - window_length) // 2
    rows = []
    for k in range(length // 2 + 1):
        row = [mpmath.mpf(0)] * length
        for n in range(window_length):
            angle = 2 * mpmath.pi * n / window_length
            weight = a - b * mpmath.cos(angle) + c * mpmath.cos(2 * angle)
            row[left + n] = weight * mpmath.expjpi(-mpmath.mpf(2) * k * (left + n) / length)
        rows.append(row)
    return np.array(rows, object)


def spectrogram(x, length, hop, window_length, window, center, epsilon):
    """Magnitudes, frame by frame, of whole frames of a signal."""
    if center:
        half = length // 2
        x = np.concatenate([x[1 : half + 1][::-1], x, x[::-1][1 : half + 1]])
    frames = [x[i : i + length] for i in range(0, len(x) - length + 1, hop)]
    transformed = waves(length, window_length, window) @ np.array(frames, object).T
    power = np.vectorize(lambda z: mpmath.re(z) ** 2 + mpmath.im(z) ** 2, otypes=[object])(transformed)
    return m.sqrt(np.where(power < epsilon, mpmath.mpf(epsilon), power))


def stft(
    y, p, fft_lengths, hop_lengths, window_lengths, convergence_weight=1.0, log_magnitude_weight=1.0,
    magnitude_weight=0.0, axis=-1, window="hann", center=True, epsilon=1e-8,
):  # fmt: skip
    y, p = (np.moveaxis(x, axis, -1) for x in (y, p))
    values = np.zeros(y.shape[:-1], object)
    for i, lengths in itertools.product(
        np.ndindex(values.shape), zip(fft_lengths, hop_lengths, window_lengths, strict=True)
    ):
        a, b = (spectrogram(x[i], *lengths, window, center, epsilon) for x in (y, p))
        distance = mpmath.sqrt(np.sum((a - b) ** 2)) / mpmath.sqrt(np.sum(a**2))
        in_log, as_is = (np.sum(np.abs(d)) / a.size for d in (m.log(a / b), a - b))
        total = convergence_weight * distance + log_magnitude_weight * in_log + magnitude_weight * as_is
        values[i] += total / len(fft_lengths)
    return values


CASES = [
    Case(
        K.ScaleInvariantSDR,
        draw_estimates,
        signal_to_distortion,
        variants=[{"zero_mean": False}, {"scale_invariant": False}, {"axis": 1}, {"epsilon": 1.0}],
        known=[
            ({}, *WAVE, -18.373477971486),
            ({"scale_invariant": False, "zero_mean": False}, *WAVE, -12.466723212918),
        ],
        bad=[{"zero_mean": 1}, {"scale_invariant": None}, {"axis": 1.5}, {"epsilon": 0.0}],
        extremes=real_extremes,
        kinks=[
            ({}, SILENCE, SILENCE, SILENCE),
            ({"zero_mean": False}, SILENCE, CLICK, 20 / np.log(10) / (25 + 1e-8) * CLICK),
            ({"scale_invariant": False, "zero_mean": False}, CLICK, CLICK, SILENCE),
        ],
    ),
    Case(
        K.MultiResolutionSTFT,
        draw_signals(3, 4),
        stft,
        arguments=SMALL,
        variants=[
            {"fft_lengths": [6, 5]},
            {"hop_lengths": [1, 3]},
            {"window_lengths": [3, 5]},
            {"convergence_weight": 0.0},
            {"log_magnitude_weight": 0.0},
            {"magnitude_weight": 2.0},
            {"window": "hamming"},
            {"window": "blackman"},
            {"center": False, "fft_lengths": [4, 4]},
            {"epsilon": 0.5},
            {"axis": 1},
        ],
        known=[({**TONES, "log_magnitude_weight": 0.0}, *TONE, 0.652290558471)],
        bad=[
            {"fft_lengths": [4]},
            {"fft_lengths": [4, 6.5]},
            {"fft_lengths": 4},
            {"hop_lengths": [0, 1]},
            {"window_lengths": [4, 6]},
            {"window_lengths": [1, 4]},
            {"convergence_weight": -1.0},
            {"magnitude_weight": "1"},
            {"convergence_weight": 0.0, "log_magnitude_weight": 0.0},
            {"axis": None},
            {"window": "kaiser"},
            {"center": 1},
            {"epsilon": 0.0},
        ],
        extremes=real_extremes,
        kinks=[
            ({"magnitude_weight": 1.0}, CLICK, CLICK, SILENCE),
            ({"magnitude_weight": 1.0}, SILENCE, SILENCE, SILENCE),
            ({"magnitude_weight": 1.0}, CLICK, SILENCE, SILENCE),
        ],
        exempt={
            "time_and_memory": Exempt("its defaults need longer signals: tests/audio/test_waveforms.py"),
        },
    ),
]
