"""Takes noise out of photographs, with four losses, judged by PSNR and by SSIM.

The pictures are those that scikit-image ships, in grey: a small convolutional network learns from patches of
ten of them what the noise in a patch is, once for each loss, and is tried on three others. PSNR and SSIM are
those of `kerasloss.PSNR` and `kerasloss.SSIM`, which are what scikit-image measures.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers
from skimage import color, data

import kerasloss

NOISE, PATCH, PATCHES, EPOCHS = 0.1, 32, 1200, 12
"""The noise's standard deviation (pixels are in [0, 1]), the side of a patch, patches for the training."""
TRAIN = (
    "astronaut",
    "brick",
    "cell",
    "chelsea",
    "coins",
    "grass",
    "gravel",
    "hubble_deep_field",
    "moon",
    "rocket",
)
TEST = ("camera", "coffee", "text")
LOSSES = {
    "MeanSquaredError": kerasloss.MeanSquaredError(),
    "MeanAbsoluteError": kerasloss.MeanAbsoluteError(),
    "MixedSSIML1": kerasloss.MixedSSIML1(sigmas=(0.5, 1.0, 2.0)),
    "FocalFrequency": kerasloss.FocalFrequency(),
}


def grey(name):
    """A picture, (height, width, 1), with values in [0, 1]."""
    picture = getattr(data, name)()
    picture = color.rgb2gray(picture) if picture.ndim == 3 else picture / 255
    return picture[..., None].astype("float32")


def noisy(pictures, rng):
    return pictures + NOISE * rng.standard_normal(pictures.shape, dtype="float32")


def patches(pictures, rng):
    """Patches at random places, as many of each picture, some of them mirrored."""
    found = []
    for picture in pictures:
        for _ in range(PATCHES // len(pictures)):
            i, j = (rng.integers(side - PATCH + 1) for side in picture.shape[:2])
            found.append(picture[i : i + PATCH, j : j + PATCH][:, :: rng.choice([-1, 1])])
    return np.stack(found)


def network():
    """The picture less what is found to be noise, for pictures of all sizes."""
    inputs = keras.Input((None, None, 1))
    x = inputs
    for _ in range(4):
        x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    noise = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(inputs, inputs - noise)


def trained(loss, clean, rng):
    keras.utils.set_random_seed(0)
    model = network()
    rate = keras.optimizers.schedules.CosineDecay(0.004, EPOCHS * len(clean) // 32)
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(noisy(clean, rng), clean, batch_size=32, epochs=EPOCHS, verbose=0)
    return model


def draw(path, crops):
    """The same part of a picture, noisy, restored by each, and as it was."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 3, layout="constrained", figsize=(4.2, 3.0))
    for ax, (name, crop) in zip(axes.ravel(), crops.items(), strict=True):
        ax.imshow(crop[..., 0], cmap="gray", vmin=0, vmax=1)
        ax.set_title(name, fontsize="small")
        ax.axis("off")
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    rng = np.random.default_rng(0)
    clean = patches([grey(name) for name in TRAIN], rng)
    pictures = [grey(name)[None] for name in TEST]
    given = [noisy(picture, rng) for picture in pictures]
    results = {"noisy": given}
    for name, loss in LOSSES.items():
        model = trained(loss, clean, np.random.default_rng(1))
        results[name] = [np.clip(model.predict(x, verbose=0), 0, 1) for x in given]

    psnr, ssim = kerasloss.PSNR(), kerasloss.SSIM()
    print(f"{len(clean):,} patches of {len(TRAIN)} pictures\n")
    print(f"{'PSNR, SSIM':20}" + "".join(f"{name:>18}" for name in TEST))
    mean = {}
    for name, restored in results.items():
        scores = [
            (-float(psnr(*pair)), 1 - float(ssim(*pair))) for pair in zip(pictures, restored, strict=True)
        ]
        mean[name] = np.mean(scores, axis=0)
        print(f"{name:20}" + "".join(f"{f'{a:.2f}, {b:.3f}':>18}" for a, b in scores))
    assert all(mean[name][0] > mean["noisy"][0] + 6 for name in LOSSES)
    assert mean["MixedSSIML1"][1] > mean["MeanSquaredError"][1] + 0.01
    if figure:
        part = (0, slice(80, 210), slice(170, 300))
        draw(figure, {name: x[0][part] for name, x in results.items()} | {"original": pictures[0][part]})


if __name__ == "__main__":
    main()
