"""Learns from digits without their labels, by four losses of two views, and then judges by a few labels.

Each image gives two views: shifted, its brightness changed, with noise. An encoder learns that they belong
together; no label is seen. Then a logistic regression, scikit-learn's, learns from 100 labelled images what
digit an encoding is, beside one that learns from the pixels and from an encoder that is not trained.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import ops
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import kerasloss

LOSSES = {
    "NTXent": kerasloss.NTXent(temperature=0.2),
    "VICReg": kerasloss.VICReg(),
    "BarlowTwins": kerasloss.BarlowTwins(),
    "DINO": kerasloss.DINO(),
}


EPOCHS, WIDTH = 60, 64


def views(x, rng):
    """Two views of each image `(N, 2, 8, 8, 1)`."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    made = []
    for _ in range(2):
        places = rng.integers(0, 3, (len(x), 2))
        moved = [image[i : i + 8, j : j + 8] for image, (i, j) in zip(padded, places, strict=True)]
        brightness = rng.uniform(0.6, 1.4, (len(x), 1, 1, 1))
        made.append(np.stack(moved) * brightness + rng.normal(0, 0.1, x.shape))
    return np.stack(made, axis=1).astype("float32")


def network(head=()):
    """The encoder, of one image, and the encoder and projection of two views `(N, 2, 8, 8, 1)`."""
    encoder = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(32, 3, activation="relu", padding="same"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 3, activation="relu", padding="same"),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
        ]
    )
    project = keras.Sequential([keras.layers.Dense(256, activation="relu"), keras.layers.Dense(WIDTH), *head])
    inputs = keras.Input((2, 8, 8, 1))
    projections = project(encoder(ops.reshape(inputs, (-1, 8, 8, 1))))
    outputs = ops.reshape(projections, (-1, 2, projections.shape[-1]))
    return encoder, keras.Model(inputs, outputs)


def train(loss, x):
    """An encoder that has seen no label."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    prototypes = [kerasloss.layers.CosineDense(4 * WIDTH)] if isinstance(loss, kerasloss.DINO) else []
    encoder, student = network(prototypes)
    model, teacher = student, None
    if prototypes:
        _, teacher = network([kerasloss.layers.CosineDense(4 * WIDTH)])
        teacher.set_weights(student.get_weights())
        teacher.trainable = False
        inputs = keras.Input((2, 8, 8, 1))
        model = keras.Model(inputs, ops.concatenate([teacher(inputs), student(inputs)], axis=1))
    model.compile(keras.optimizers.Adam(0.002), loss)
    for _ in range(EPOCHS):
        model.fit(views(x, rng), np.zeros(len(x)), batch_size=128, verbose=0)
        if teacher is not None:  # a moving average of the student
            weights = zip(teacher.get_weights(), student.get_weights(), strict=True)
            teacher.set_weights([0.8 * old + 0.2 * new for old, new in weights])
    return encoder


def encoding(encoder):
    """A function from images to what the encoder makes of them."""
    return lambda images: encoder.predict(images, batch_size=512, verbose=0)


def draw(path, y, encodings):
    """The images of the test in the plane of their first two principal components, a colour a class."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(9, 6), layout="constrained")
    for ax, (name, points) in zip(axes.flat, encodings.items(), strict=True):
        points = PCA(2).fit_transform(StandardScaler().fit_transform(points))
        ax.scatter(*points.T, c=y, s=4, cmap="tab10")
        ax.set(title=name, xticks=[], yticks=[])
    figure.savefig(path, dpi=64)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the losses did, by matplotlib")
    figure = parser.parse_args().figure
    keras.utils.set_random_seed(0)
    x, y = load_digits(return_X_y=True)
    x = x.reshape(-1, 8, 8, 1).astype("float32") / 16
    x, x_test, y, y_test = train_test_split(x, y, test_size=500, random_state=0, stratify=y)
    few = train_test_split(np.arange(len(y)), train_size=100, random_state=0, stratify=y)[0]
    encodings, accuracy = {}, {}

    def judge(name, encode):
        probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
        probe.fit(encode(x[few]), y[few])
        encodings[name] = encode(x_test)
        accuracy[name] = probe.score(encodings[name], y_test)
        print(f"{name:24}{accuracy[name]:10.3f}", flush=True)

    print(f"{'100 labels':24}{'accuracy':>10}")
    judge("pixels", lambda images: images.reshape(-1, 64))
    judge("an untrained network", encoding(network()[0]))
    for name, loss in LOSSES.items():
        judge(name, encoding(train(loss, x)))
    assert max(accuracy, key=accuracy.get) in LOSSES
    if figure:
        draw(figure, y_test, encodings)


if __name__ == "__main__":
    main()
