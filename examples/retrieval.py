"""Finds digits of classes that no training has seen: four losses of embeddings beside a softmax classifier.

A small convolutional network learns the digits 0 to 6, each image shifted by a pixel or two. Then each image
of 7, 8 and 9, shifted as well, is a query among all the others of them: is the nearest of the same digit
(recall@1), and how high do those of the same digit stand in the list (mean average precision)? Means over
three trainings.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

import kerasloss

KNOWN = 7
LOSSES = {
    "softmax classifier": kerasloss.CategoricalCrossentropy(from_logits=True),
    "ArcFace": kerasloss.ArcFace(margin=0.3, scale=16.0),
    "SemiHardTriplet": kerasloss.SemiHardTriplet(margin=0.2, normalize=True),
    "MultiSimilarity": kerasloss.MultiSimilarity(),
    "SupervisedContrastive": kerasloss.SupervisedContrastive(),
}


def shifted(x, rng):
    """Each image moved by up to two pixels, right or left, up or down."""
    padded = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)))
    places = rng.integers(0, 5, (len(x), 2))
    return np.stack([image[i : i + 8, j : j + 8] for image, (i, j) in zip(padded, places, strict=True)])


def network():
    """Images to embeddings, 64 numbers."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(32, 3, activation="relu", padding="same"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 3, activation="relu", padding="same"),
            keras.layers.Flatten(),
            keras.layers.Dense(64),
        ]
    )


def head(loss):
    """What stands between the embeddings and a loss that classifies, in training alone."""
    if isinstance(loss, kerasloss.CategoricalCrossentropy):
        return [keras.layers.Dense(KNOWN)]
    return [kerasloss.layers.CosineDense(KNOWN)] if isinstance(loss, kerasloss.ArcFace) else []


def search(x, y):
    """Recall@1 and mean average precision of each point among all the others, by the cosine."""
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    similarity = x @ x.T
    np.fill_diagonal(similarity, -np.inf)
    found = np.argsort(-similarity, axis=1)[:, :-1]
    hits = y[found] == y[:, None]
    precision = np.cumsum(hits, axis=1) / np.arange(1, len(x))
    return np.mean(hits[:, 0]), np.mean(np.sum(precision * hits, axis=1) / np.sum(hits, axis=1))


def draw(path, y, embeddings):
    """The unseen classes in the plane of their first two principal components, a colour a class."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(9, 6), layout="constrained")
    for ax, (name, points) in zip(axes.flat, embeddings.items(), strict=True):
        points = PCA(2).fit_transform(points / np.linalg.norm(points, axis=1, keepdims=True))
        ax.scatter(*points.T, c=y, s=4, cmap="tab10", vmin=0, vmax=9)
        for digit in range(KNOWN, 10):
            ax.text(*np.median(points[y == digit], axis=0), digit, size="x-large", weight="bold")
        ax.set(title=name, xticks=[], yticks=[])
    figure.savefig(path, dpi=64)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the losses did, by matplotlib")
    figure = parser.parse_args().figure
    x, y = load_digits(return_X_y=True)
    x = x.reshape(-1, 8, 8, 1).astype("float32") / 16
    known, rng = y < KNOWN, np.random.default_rng(0)
    unseen, queries = y[~known], shifted(x[~known], rng)
    x = np.concatenate([shifted(x[known], rng) for _ in range(10)])
    y = np.tile(y[known], 10)

    embeddings = {"pixels": queries.reshape(-1, 64)}
    results = {"pixels": search(embeddings["pixels"], unseen)}
    print(f"{'digits never seen':24}{'recall@1':>10}{'precision':>11}")
    print("{:24}{:10.3f}{:11.3f}".format("pixels", *results["pixels"]))
    for name, loss in LOSSES.items():
        runs = []
        for seed in range(3):
            keras.utils.set_random_seed(seed)
            embed = network()
            model = keras.Sequential([embed, *head(loss)])
            model.compile(keras.optimizers.Adam(0.002), loss)
            model.fit(x, y, batch_size=128, epochs=2, verbose=0)
            embeddings[name] = embed.predict(queries, batch_size=1024, verbose=0)
            runs.append(search(embeddings[name], unseen))
        results[name] = np.mean(runs, axis=0)
        print(f"{name:24}{results[name][0]:10.3f}{results[name][1]:11.3f}", flush=True)
    best = max(results, key=lambda name: results[name][1])
    assert results[best][1] > results["softmax classifier"][1]
    if figure:
        draw(figure, unseen, embeddings)


if __name__ == "__main__":
    main()
