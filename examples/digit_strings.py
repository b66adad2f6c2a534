"""Reads strings of handwritten digits, learned from strings whose digits stand nobody knows where.

A picture is 3 to 6 of scikit-learn's digits, side by side at random distances, which may be none. A small
convolutional network gives every second column scores of ten digits and the blank; `CTC` sums over all places
that the digits can have. Strings of digits that were not trained on are read by the likeliest class of each
column and by beam search, and compared with the truth by their edit distance.
"""

import argparse
import math
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

import kerasloss

DIGITS, WIDTH, BLANK, TEST = 6, 72, 10, 400
EPOCHS, BATCH = 10, 32


def strings(pictures, labels, count, rng):
    """Pictures `(count, WIDTH, 8)` by columns, the digits `(count, DIGITS)`, -1 behind the end."""
    x, y = np.zeros((count, WIDTH, 8), "float32"), np.full((count, DIGITS), -1, "int32")
    for columns, digits in zip(x, y, strict=True):
        chosen = rng.integers(len(pictures), size=rng.integers(3, DIGITS + 1))
        digits[: len(chosen)] = labels[chosen]
        end = 0
        for picture in pictures[chosen]:
            start = end + rng.integers(5)
            end = start + 8
            columns[start:end] = picture.T
    return x, y


def network():
    """From columns to scores of a class for every second one."""
    return keras.Sequential(
        [
            keras.Input((WIDTH, 8)),
            layers.Conv1D(64, 5, padding="same", activation="relu"),
            layers.Conv1D(64, 5, strides=2, padding="same", activation="relu"),
            layers.Dropout(0.2),
            layers.Conv1D(64, 5, padding="same", activation="relu"),
            layers.Dense(BLANK + 1),
        ]
    )


def read(logits, **options):
    """The digits of each string."""
    lengths = np.full(len(logits), logits.shape[1], "int32")
    decoded, _ = ops.ctc_decode(logits, lengths, mask_index=BLANK, **options)
    return [row[row >= 0].tolist() for row in ops.convert_to_numpy(decoded)[0]]


def edit_distance(a, b):
    """How many digits must be put in, taken away or replaced to make b of a."""
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        above, row = row, [i]
        for j, other in enumerate(b, 1):
            row.append(min(row[-1] + 1, above[j] + 1, above[j - 1] + (one != other)))
    return row[-1]


def draw(path, picture, logits, truth, reading):
    """A string, the probabilities of the classes over its columns, and what is read there."""
    import matplotlib.pyplot as plt

    p = np.exp(logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True))
    figure, axes = plt.subplots(
        2, sharex=True, layout="constrained", figsize=(4.8, 3.4), height_ratios=[1, 2.2]
    )
    axes[0].imshow(picture.T, cmap="gray_r", aspect="auto")
    texts = ("".join(map(str, digits)) for digits in (truth, reading))
    axes[0].set(yticks=[], title="digits {}, read as {}".format(*texts))
    columns, best = 2 * np.arange(len(p)) + 0.5, p.argmax(-1)
    axes[1].plot(columns, p[:, BLANK], "0.6")
    axes[1].text(WIDTH - 1, 1.04, "blank", color="0.4", ha="right")
    for digit in range(BLANK):
        axes[1].plot(columns, p[:, digit], f"C{digit}")
    for frame in np.flatnonzero((np.diff(best, prepend=BLANK) != 0) & (best != BLANK)):
        axes[1].text(columns[frame], 1.04, best[frame], color=f"C{best[frame]}", ha="center")
    axes[1].set(xlabel="column", ylabel="probability", ylim=(0, 1.18), yticks=[0, 0.5, 1])
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    pictures, labels = load_digits(return_X_y=True)
    pictures, rng = pictures.reshape(-1, 8, 8) / 16, np.random.default_rng(1)
    test, train = np.split(rng.permutation(len(pictures)), [TEST])
    x, y = strings(pictures[train], labels[train], 3000, rng)
    x_test, y_test = strings(pictures[test], labels[test], 1000, rng)

    keras.utils.set_random_seed(0)
    model = network()
    rate = keras.optimizers.schedules.CosineDecay(0.01, EPOCHS * math.ceil(len(x) / BATCH))
    model.compile(keras.optimizers.Adam(rate), kerasloss.CTC(blank_index=BLANK))
    values = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0).history["loss"]
    print(f"CTC in the first epoch {values[0]:.3f}, in the last one {values[-1]:.3f}")
    value = model.evaluate(x_test, y_test, verbose=0)
    print(f"CTC of {len(x_test):,} strings of other digits {value:.3f}\n")

    logits = model.predict(x_test, verbose=0)
    truth = [row[row >= 0].tolist() for row in y_test]
    beam = {"strategy": "beam_search", "beam_width": 10, "top_paths": 1}
    readings = {"greedy": read(logits, strategy="greedy"), "beam search": read(logits, **beam)}
    print(f"{'':14}{'strings right':>16}{'edits per digit':>18}")
    for name, reading in readings.items():
        edits = sum(map(edit_distance, reading, truth)) / sum(map(len, truth))
        right = np.mean([one == other for one, other in zip(reading, truth, strict=True)])
        print(f"{name:14}{right:16.3f}{edits:18.4f}")
        assert right > 0.8 and edits < 0.05
    if figure:
        shown = next(i for i, digits in enumerate(truth) if len(digits) == DIGITS)
        draw(figure, x_test[shown], logits[shown], truth[shown], readings["greedy"][shown])


if __name__ == "__main__":
    main()
