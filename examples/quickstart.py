"""Trains a small model on scikit-learn's digits with Keras's loss and with kerasloss, side by side."""

import argparse
import os
import tempfile
from statistics import fmean

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
from keras import ops
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import kerasloss

LOSSES = {
    "keras.losses": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    "kerasloss, the same arguments": kerasloss.SparseCategoricalCrossentropy(from_logits=True),
    # Label smoothing of class ids: keras.losses has it for one-hot labels alone.
    "kerasloss, label_smoothing=0.1": kerasloss.SparseCategoricalCrossentropy(
        from_logits=True, label_smoothing=0.1
    ),
}
SEEDS = 0, 1, 2


def load_data():
    x, y = load_digits(return_X_y=True)
    return train_test_split(x.astype("float32") / 16, y, test_size=500, random_state=0, stratify=y)


def train(loss, x, y, seed):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((x.shape[1],)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
    model.fit(x, y, batch_size=64, epochs=40, verbose=0)
    return model


def draw(path, y, probabilities):
    """How sure the models are of the classes they choose, where they are right and where they are wrong."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(probabilities), sharex=True, sharey=True, layout="constrained")
    for ax, (name, p) in zip(axes, probabilities.items(), strict=True):
        right, top = p.argmax(-1) == y, p.max(-1)
        ax.hist(top[right], bins=35, range=(0.3, 1), log=True, color="C0", alpha=0.6, label="right")
        ax.hist(top[~right], bins=35, range=(0.3, 1), log=True, color="C3", alpha=0.8, label="wrong")
        ax.set_title(name)
    axes[0].legend(loc="upper left")
    axes[-1].set_xlabel("probability of the chosen class")
    figure.supylabel("test images", fontsize="medium")
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    x_train, x_test, y_train, y_test = load_data()
    backend = keras.backend.backend()
    print(f"Keras {keras.__version__} on {backend}: 500 test images, mean of {len(SEEDS)} runs")
    print(f"{'SparseCategoricalCrossentropy of':36}{'loss':>8}{'accuracy':>10}")
    probabilities = {}
    for name, loss in LOSSES.items():
        models = [train(loss, x_train, y_train, seed) for seed in SEEDS]
        results = [model.evaluate(x_test, y_test, verbose=0) for model in models]
        print(f"{name:36}{fmean(r[0] for r in results):8.4f}{fmean(r[1] for r in results):10.4f}", flush=True)

        probabilities[name] = ops.convert_to_numpy(ops.softmax(models[-1].predict(x_test, verbose=0)))

    model, (value, accuracy) = models[-1], results[-1]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "digits.keras")
        model.save(path)
        loaded = keras.saving.load_model(path)
    loaded_value, loaded_accuracy = loaded.evaluate(x_test, y_test, verbose=0)
    assert (loaded_value, loaded_accuracy) == (value, accuracy), "the loaded model evaluates differently"
    assert loaded.loss.get_config() == model.loss.get_config(), "the loaded loss differs"
    print(f"{'the last model':36}{value:8.4f}{accuracy:10.4f}")
    print(f"{'saved as .keras and loaded again':36}{loaded_value:8.4f}{loaded_accuracy:10.4f}")
    print(f"its loss: {loaded.loss!r}")
    if figure:
        del probabilities["keras.losses"]  # the same model as kerasloss's
        draw(figure, y_test, probabilities)


if __name__ == "__main__":
    main()
