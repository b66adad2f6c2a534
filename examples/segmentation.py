"""Segmentation of scikit-image's picture of Roman coins.

The reference is scikit-image's own: a watershed of the gradient, grown from what is surely coin and surely
background. A small convolutional network learns it from the left half of the picture, once under each loss;
it is judged on the right half by scikit-learn's intersection over union, with `Jaccard` of the hard
prediction beside it, which is the same number.
"""

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


def main():
    picture, mask = coins()
    half = picture.shape[1] // 2
    x, x_test = (part[None, ..., None] for part in (picture[:, :half], picture[:, -half:]))
    y, y_test = (part[None] for part in (mask[:, :half], mask[:, -half:]))
    threshold = picture[:, -half:] > filters.threshold_otsu(picture)
    print(f"coins are {y_test.mean():.1%} of the test half")
    print(f"{'':20}{'IoU, sklearn':>14}{'1 - Jaccard':>14}")
    print(f"{'threshold of Otsu':20}{jaccard_score(y_test.ravel(), threshold.ravel()):14.4f}")
    for name, loss in LOSSES.items():
        keras.utils.set_random_seed(0)
        model = network()
        model.compile(keras.optimizers.Adam(0.005), loss)
        model.fit(x, y, epochs=100, verbose=0)
        guess = model.predict(x_test, verbose=0).argmax(-1)
        theirs = jaccard_score(y_test.ravel(), guess.ravel())
        hard, truth = ((z == 1)[..., None].astype("float32") for z in (guess, y_test))
        ours = 1 - float(kerasloss.Jaccard()(truth, hard))
        print(f"{name:20}{theirs:14.4f}{ours:14.4f}", flush=True)
        assert abs(ours - theirs) < 1e-5 and theirs > 0.8


if __name__ == "__main__":
    main()
