"""Embeds scikit-learn's digits in a plane by `TripletMargin`: digits of a class together, classes apart.

A small network learns from random triplets: two images of a class and one of another. Images of the test get
the class of their five nearest neighbours in training, by scikit-learn; beside the trained network are the
first two principal components and the network before training.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

import kerasloss

TRIPLETS = 30_000


def triplets(x, y):
    """Anchors, positives and negatives `(TRIPLETS, 3, 64)`."""
    rng = np.random.default_rng(0)
    anchors = rng.integers(len(y), size=TRIPLETS)
    same = [np.flatnonzero(y == label) for label in range(10)]
    other = [np.flatnonzero(y != label) for label in range(10)]
    rows = [(anchor, rng.choice(same[y[anchor]]), rng.choice(other[y[anchor]])) for anchor in anchors]
    return x[np.array(rows)]


def draw(path, y, embeddings):
    """The images of the test in the plane, a colour a class."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 1, figsize=(4.8, 7), layout="constrained")
    for ax, (name, points) in zip(axes, embeddings.items(), strict=True):
        ax.scatter(*points.T, c=y, s=5, cmap="tab10")
        for digit in range(10):
            place = np.median(points[y == digit], axis=0)
            ax.text(*place, digit, size="x-large", weight="bold", ha="center", va="center")
        ax.set(title=name, xticks=[], yticks=[])
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    keras.utils.set_random_seed(0)
    x, y = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(
        x.astype("float32") / 16, y, test_size=500, random_state=0, stratify=y
    )
    hidden = [keras.layers.Dense(128, activation="relu") for _ in range(2)]
    model = keras.Sequential([keras.Input((None, 64)), *hidden, keras.layers.Dense(2)])
    embeddings, accuracy = {}, {}

    def judge(name, embed):
        embeddings[name] = embed(x_test)
        neighbours = KNeighborsClassifier(5).fit(embed(x), y)
        accuracy[name] = neighbours.score(embeddings[name], y_test)
        print(f"{name:24}{accuracy[name]:10.3f}", flush=True)

    def network(images):
        return model.predict(images[:, None], verbose=0)[:, 0]

    print(f"{'two numbers an image':24}{'accuracy':>10}")
    judge("principal components", PCA(2).fit(x).transform)
    judge("before training", network)
    model.compile(keras.optimizers.Adam(0.001), kerasloss.TripletMargin())
    model.fit(triplets(x, y), np.zeros(TRIPLETS), batch_size=64, epochs=10, verbose=0)
    judge("after training", network)
    assert accuracy["after training"] > accuracy["principal components"] + 0.2
    if figure:
        draw(figure, y_test, {name: embeddings[name] for name in ("before training", "after training")})


if __name__ == "__main__":
    main()
