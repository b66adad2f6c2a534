"""Two sounds from their mixture, by masks and `PermutationInvariant(ScaleInvariantSDR())`.

The sounds are made here: chirps with harmonics, one that rises and one that falls, each with random bursts.
Which output gets which sound is left to the network, so the loss takes the better of both assignments.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import ops

import kerasloss

TIME, RATE, FRAME, HOP = 2048, 4000, 256, 64


def sound(rng, rises):
    """A chirp with three harmonics and an envelope of random bursts, of mean square 1."""
    t = np.arange(TIME) / RATE
    start, slope = rng.uniform(150, 300), rng.uniform(250, 450)
    frequency = start + slope * (t if rises else t[-1] - t)
    phase = 2 * np.pi * np.cumsum(frequency) / RATE
    tone = sum(np.sin(k * phase + rng.uniform(0, 6)) / k for k in (1, 2, 3))
    envelope = np.interp(t, np.linspace(0, t[-1], 9), rng.uniform(0.1, 1, size=9))
    x = tone * envelope
    return x / np.sqrt(np.mean(x**2))


def mixtures(rng, count):
    """Mixtures `(count, time)` and their two sources `(count, 2, time)`, in a random order."""
    orders = [rng.permutation([True, False]) for _ in range(count)]
    sources = np.array([[sound(rng, rises) for rises in order] for order in orders])
    return sources.sum(axis=1).astype("float32"), sources.astype("float32")


class Separator(keras.Model):
    """Masks of the spectrogram for two sources, and the waveforms of what they leave."""

    def __init__(self):
        super().__init__()
        self.masks = keras.Sequential(
            [
                keras.layers.Conv1D(96, 5, padding="same", activation="relu"),
                keras.layers.Bidirectional(keras.layers.GRU(48, return_sequences=True)),
                keras.layers.Dense(2 * (FRAME // 2 + 1), activation="sigmoid"),
            ]
        )

    def call(self, mixture):
        real, imaginary = ops.stft(mixture, FRAME, HOP, FRAME)
        magnitude = ops.sqrt(real**2 + imaginary**2 + 1e-6)
        masks = ops.split(self.masks(ops.log(magnitude)), 2, axis=-1)
        waves = [ops.istft((m * real, m * imaginary), FRAME, HOP, FRAME, length=TIME) for m in masks]
        return ops.stack(waves, axis=1)


def spectrogram(x):
    """Decibels by frequency and time."""
    real, imaginary = ops.stft(x[None], FRAME, HOP, FRAME)
    power = ops.convert_to_numpy(real**2 + imaginary**2)[0].T
    return 10 * np.log10(power + 1e-3)


def draw(path, mixture, sources, estimates):
    """Spectrograms of one mixture, its two sources, and what the network made of it."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 3, layout="constrained", sharex=True, sharey=True)
    rows = [[mixture, *sources], [None, *estimates]]
    titles = [["mixture", "source 1", "source 2"], ["", "estimate 1", "estimate 2"]]
    for ax, x, title in zip(axes.flat, sum(rows, []), sum(titles, []), strict=True):
        if x is None:
            ax.axis("off")
            continue
        extent = (0, TIME / RATE, 0, RATE / 2)
        ax.imshow(spectrogram(x), origin="lower", aspect="auto", extent=extent, vmin=-10, vmax=40)
        ax.set(title=title, xlabel="seconds", ylabel="Hz")
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x, y = mixtures(rng, 512)
    x_new, y_new = mixtures(rng, 64)

    model = Separator()
    loss = kerasloss.PermutationInvariant(kerasloss.ScaleInvariantSDR())
    rate = keras.optimizers.schedules.CosineDecay(3e-3, 12 * 32)
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(x, y, batch_size=16, epochs=12, verbose=0)

    estimates = model.predict(x_new, verbose=0)
    before = -float(loss(y_new, np.repeat(x_new[:, None], 2, axis=1)))
    after = -float(loss(y_new, estimates))
    order = ops.convert_to_numpy(loss.assignment(y_new, estimates))
    swapped = np.mean(order[:, 0])
    print(
        f"SI-SDR of the mixture {before:.1f} dB, of the estimates {after:.1f} dB: {after - before:.1f} more"
    )
    print(f"sources that come out in the other order: {swapped:.0%}")
    assert after > before + 6
    if figure:
        draw(figure, x_new[0], y_new[0], estimates[0][order[0]])


if __name__ == "__main__":
    main()
