"""Segmentation of scikit-image's picture of Roman coins.

The reference is scikit-image's own: a watershed of the gradient, grown from what is surely coin and surely
background. A small convolutional network learns it from the left half of the picture, once under each loss;
it is judged on the right half by scikit-learn's intersection over union, with `Jaccard` of the hard
prediction beside it, which is the same number.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from scipy.ndimage import binary_fill_holes
from skimage import data, filters, segmentation
from sklearn.metrics import jaccard_score

import kerasloss

LOSSES = {
    "cross-entropy": kerasloss.SparseCategoricalCrossentropy(from_logits=True),
    "Dice": kerasloss.Dice(from_logits=True, axis=(1, 2)),
    "DiceCrossentropy": kerasloss.DiceCrossentropy(from_logits=True, axis=(1, 2)),
}


def coins():
    """The picture `(height, width)`, in [0, 1], and the mask of the coins."""
    picture = data.coins()
    markers = np.zeros(picture.shape, "int32")
    markers[picture < 30], markers[picture > 150] = 1, 2
    mask = binary_fill_holes(segmentation.watershed(filters.sobel(picture), markers) == 2)
    return picture.astype("float32") / 255, mask.astype("int32")


def network():
    layers = [keras.Input((None, None, 1))]
    for dilation in (1, 2, 4, 8):
        layers.append(keras.layers.Conv2D(12, 3, padding="same", dilation_rate=dilation, activation="relu"))
    return keras.Sequential([*layers, keras.layers.Conv2D(2, 1)])


def draw(path, picture, truth, guesses):
    """The test half, its mask, and the predictions: white and black are right, red and blue are wrong."""
    import matplotlib.pyplot as plt

    colors = np.array([[[0, 0, 0], [40, 120, 255]], [[230, 40, 30], [255, 255, 255]]], "uint8")
    figure, axes = plt.subplots(2, 3, figsize=(4.8, 5.4), layout="constrained")
    panels = {"picture": picture, "truth": truth}
    panels |= {name: colors[truth, guess] for name, guess in guesses.items()}
    for ax, (name, panel) in zip(axes.flat, panels.items(), strict=True):
        ax.imshow(panel, cmap="gray")
        ax.set_title(name)
        ax.set_axis_off()
    figure.supxlabel("red: a coin is missed    blue: background taken for coin", fontsize="medium")
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    picture, mask = coins()
    half = picture.shape[1] // 2
    x, x_test = (part[None, ..., None] for part in (picture[:, :half], picture[:, -half:]))
    y, y_test = (part[None] for part in (mask[:, :half], mask[:, -half:]))
    threshold = picture[:, -half:] > filters.threshold_otsu(picture)
    print(f"coins are {y_test.mean():.1%} of the test half")
    print(f"{'':20}{'IoU, sklearn':>14}{'1 - Jaccard':>14}")
    print(f"{'threshold of Otsu':20}{jaccard_score(y_test.ravel(), threshold.ravel()):14.4f}")
    guesses = {"threshold of Otsu": threshold.astype("int32")}
    for name, loss in LOSSES.items():
        keras.utils.set_random_seed(0)
        model = network()
        model.compile(keras.optimizers.Adam(0.005), loss)
        model.fit(x, y, epochs=100, verbose=0)
        guess = model.predict(x_test, verbose=0).argmax(-1)
        guesses[name] = guess[0]
        theirs = jaccard_score(y_test.ravel(), guess.ravel())
        hard, truth = ((z == 1)[..., None].astype("float32") for z in (guess, y_test))
        ours = 1 - float(kerasloss.Jaccard()(truth, hard))
        print(f"{name:20}{theirs:14.4f}{ours:14.4f}", flush=True)
        assert abs(ours - theirs) < 1e-5 and theirs > 0.8
    if figure:
        draw(figure, x_test[0, ..., 0], y_test[0], guesses)


if __name__ == "__main__":
    main()
