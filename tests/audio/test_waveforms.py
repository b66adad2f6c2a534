"""Waveforms: definitions of other transforms, silence, sizes, short signals, unknown lengths, growth."""

import numpy as np
import pytest
import scipy.signal

import kerasloss as K
from tests.backend import BACKEND, array, assert_close, tensor, value_and_gradient
from tests.cases.audio.waveforms import TONE, TONES

SMALL = {"fft_lengths": (8, 16), "hop_lengths": (3, 4), "window_lengths": (6, 16)}


@pytest.fixture
def signals(rng):
    return rng.normal(size=(2, 3, 40)).astype("float32")


@pytest.mark.parametrize("window", ["hann", "hamming", "blackman"])
def test_magnitudes_are_those_of_scipy(window, signals):
    """A resolution at a time, in float64, with the window that SciPy makes."""
    y_true, y_pred = signals
    for lengths in zip(*SMALL.values(), strict=True):
        fft, hop, length = lengths
        taps = np.zeros(fft)
        left = (fft - length) // 2
        taps[left : left + length] = scipy.signal.get_window(window, length)
        transform = scipy.signal.ShortTimeFFT(taps, hop, fs=1, mfft=fft)
        magnitudes = []
        for x in (y_true, y_pred):
            padded = np.pad(x.astype("float64"), [(0, 0), (fft // 2, fft // 2)], mode="reflect")
            frames = np.lib.stride_tricks.sliding_window_view(padded, fft, axis=-1)[:, ::hop]
            spectra = np.fft.rfft(frames * transform.win)
            magnitudes.append(np.sqrt(np.maximum(np.abs(spectra) ** 2, 1e-8)))
        loss = K.MultiResolutionSTFT(*([x] for x in lengths), 0.0, 0.0, 1.0, window=window, reduction=None)
        expected = np.mean(np.abs(magnitudes[0] - magnitudes[1]), axis=(1, 2))
        assert_close(array(loss(y_true, y_pred)), expected)


def test_a_tone():
    """Most of its magnitudes are small, and float32 has few digits of their logarithms."""
    loss = K.MultiResolutionSTFT(**TONES)
    assert_close(array(loss(*TONE)), 1.762023766195, scale=10)


@pytest.mark.skipif(BACKEND != "torch", reason="compares with torch.stft")
@pytest.mark.parametrize("center", [True, False])
def test_magnitudes_are_those_of_torch(center, signals):
    import torch

    y_true, y_pred = (torch.tensor(x) for x in signals)
    for fft, hop, length in [(8, 3, 6), (16, 4, 16), (9, 2, 5), (16, 50, 7)]:
        window = torch.hann_window(length)
        spectra = [
            torch.stft(x, fft, hop, length, window, center=center, return_complex=True)
            for x in (y_true, y_pred)
        ]
        a, b = (torch.clamp(x.abs() ** 2, min=1e-8).sqrt() for x in spectra)
        loss = K.MultiResolutionSTFT([fft], [hop], [length], center=center, reduction=None)
        axes = (1, 2)
        expected = torch.linalg.norm(a - b, dim=axes) / torch.linalg.norm(a, dim=axes)
        expected = expected + (a.log() - b.log()).abs().mean(axes)
        assert_close(array(loss(y_true, y_pred)), expected.numpy(), scale=5)


def test_the_longest_resolution_bounds_the_time():
    loss = K.MultiResolutionSTFT()
    short = np.zeros((1, 1024))
    with pytest.raises(ValueError, match="at least 1025 samples for `fft_lengths` up to 2048"):
        loss(short, short)
    assert float(loss(np.zeros((1, 1025)), np.zeros((1, 1025)))) == 0
    framed = K.MultiResolutionSTFT((16,), (4,), (16,), center=False)
    with pytest.raises(ValueError, match="at least 16 samples"):
        framed(short[:, :15], short[:, :15])
    assert float(framed(short[:, :16], short[:, :16])) == 0


@pytest.mark.parametrize("loss", [K.ScaleInvariantSDR(), K.MultiResolutionSTFT(**SMALL)])
def test_the_first_axis_is_that_of_the_samples(loss):
    with pytest.raises(ValueError, match="`axis`, that of the time, must not be the first"):
        loss(np.zeros(40), np.zeros(40))


@pytest.mark.parametrize("size", [1e-30, 1e-6, 1e6, 1e15, 1e18, 1e30])
@pytest.mark.parametrize(
    "loss", [K.ScaleInvariantSDR(), K.MultiResolutionSTFT(**SMALL, magnitude_weight=1.0)]
)
def test_any_size_is_finite(loss, size, signals):
    y_true, y_pred = signals
    pairs = [(size, size), (size, 1), (size, 0), (0, size)]
    if size < 1e20:
        pairs.append((1, size))
    for a, b in pairs:
        true, pred = (np.float32(s) * x[:, :20] for s, x in ((a, y_true), (b, y_pred)))
        value, gradient = value_and_gradient(lambda p, y=true: loss(y, p), pred)
        assert np.isfinite(value), (a, b)
        assert np.all(np.isfinite(gradient)), (a, b)
    if size >= 1e6:
        together = [loss(y_true, y_pred), loss(np.float32(size) * y_true, np.float32(size) * y_pred)]
        if isinstance(loss, K.ScaleInvariantSDR):  # whatever the size of both
            assert_close(array(together[1]), array(together[0]), scale=10)


def test_volume_and_sign_do_not_matter(signals):
    y_true, y_pred = signals
    loss = K.ScaleInvariantSDR(epsilon=1e-12, reduction=None)
    expected = array(loss(y_true, y_pred))
    for factor in (-1, 0.01, 100):
        assert_close(array(loss(y_true, np.float32(factor) * y_pred)), expected, scale=10)
    assert_close(array(loss(y_true + 3, y_pred - 2)), expected, scale=100)


def test_silence(signals):
    y_true, y_pred = signals
    silent = 0 * y_true
    loss = K.ScaleInvariantSDR(zero_mean=False, reduction=None)
    power = np.sum(np.square(y_pred, dtype="float64"), axis=-1)
    assert_close(array(loss(silent, y_pred)), 10 * np.log10(power / 1e-8 + 1))
    assert_close(array(loss(y_pred, y_pred)), -10 * np.log10(power / 1e-8 + 1))
    value, gradient = value_and_gradient(lambda p: K.MultiResolutionSTFT(**SMALL)(y_true, p), silent)
    assert np.isfinite(value)
    np.testing.assert_array_equal(gradient, 0)


def test_channels_last_equals_channels_first(signals):
    y_true, y_pred = (x[None] for x in signals)
    for loss in (K.ScaleInvariantSDR, K.MultiResolutionSTFT):
        arguments = {} if loss is K.ScaleInvariantSDR else SMALL
        first = loss(**arguments, reduction=None)(y_true, y_pred)
        last = loss(**arguments, axis=1, reduction=None)(np.swapaxes(y_true, 1, 2), np.swapaxes(y_pred, 1, 2))
        assert_close(array(last), array(first))


def test_weights_per_channel(signals):
    y_true, y_pred = (x[None] for x in signals)
    loss = K.ScaleInvariantSDR(reduction=None)
    values, weight = array(loss(y_true, y_pred)), np.array([[0.0, 1.0, 2.0]], "float32")
    assert_close(array(loss(y_true, y_pred, sample_weight=weight)), values * weight)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="lengths are always known elsewhere")
def test_a_length_that_is_not_known(signals):
    import tensorflow as tf

    loss = K.MultiResolutionSTFT(**SMALL)
    unknown = tf.TensorSpec([None, None], "float32")
    step = tf.function(lambda y, p: loss(y, p), input_signature=[unknown, unknown])
    for time in (25, 40):
        y_true, y_pred = (tensor(x[:, :time]) for x in signals)
        assert_close(array(step(y_true, y_pred)), array(loss(y_true, y_pred)))


@pytest.mark.skipif(BACKEND != "jax", reason="only JAX tells")
def test_time_and_memory_grow_with_the_length():
    import jax

    from tests.laws.test_growth import program

    def stft(samples, time):
        x = jax.ShapeDtypeStruct((samples, time), "float32")
        return program(K.MultiResolutionSTFT(), x, x)

    base = stft(2, 8192)
    for longer in (stft(4, 8192), stft(2, 16384)):
        for a, b in zip(base[:2], longer[:2], strict=True):
            assert 1.8 < b / a < 2.2


def test_a_signal_is_found_by_its_spectrogram(rng):
    """Descent on the loss brings the magnitudes of noise near those of a tone."""
    y_true = np.sin(0.4 * np.arange(64))[None].astype("float32")
    x = rng.normal(size=(1, 64)).astype("float32")
    loss = K.MultiResolutionSTFT(**SMALL)
    first, _ = value_and_gradient(lambda p: loss(y_true, p), x)
    for step in range(60):
        value, gradient = value_and_gradient(lambda p: loss(y_true, p), x)
        x = x - np.float32(0.05 * 0.97**step) * np.sign(gradient)
    assert value < 0.75 * first
